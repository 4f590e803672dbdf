"""Store translations on disk.

In: a text, the name of its file and the code of the compiler. Out: the translation stored under these, or None. Files
are replaced at once and hold JSON; a damaged one counts as absent.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jxneuron.files import cache_folder, write_atomically


@dataclass(frozen=True)
class Translation:
    """One file, translated.

    Attributes:
        name: SUFFIX or name of the POINT_PROCESS.
        kind: ``density`` or ``point``.
        python: the generated module, see ``mech.generated.load``.
        emitter: version of the emitter that wrote it.
        notes: what a user may want to know.
    """

    name: str
    kind: str
    python: str
    emitter: int
    notes: tuple[str, ...] = ()


def key(text: str, file: str) -> str:
    """Return the name under which the translation of a text is stored."""
    return hashlib.sha256("\0".join((_version(), file, text)).encode()).hexdigest()[:32]


@cache
def _version() -> str:
    """Return a hash of the compiler's code, so that a stored translation never outlives it."""
    folder = Path(__file__).parent
    texts = [path.read_bytes() for path in sorted(folder.rglob("*.py"))]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()


def get(name: str) -> Translation | None:
    """Return the stored translation, None where there is none or it is damaged."""
    try:
        text = (cache_folder() / "nmodl" / f"{name}.json").read_text(encoding="utf-8")
        record: dict[str, Any] = json.loads(text)
        record["notes"] = tuple(record["notes"])
        return Translation(**record)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def put(name: str, translation: Translation) -> None:
    """Store a translation; a folder that cannot be written only costs time later."""
    folder = cache_folder() / "nmodl"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / f"{name}.json", json.dumps(asdict(translation)))
    except OSError:
        return
