"""NMODL -> Python: text in, text out.

Stages: ``parse`` (NEURON's grammar, in the child of ``grammar``) -> ``symbols``, ``passes`` -> ``effects``,
``analyse`` -> ``ir`` -> ``emit``; ``store`` keeps the result. No stage imports jax.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from jxneuron.errors import Finding, Findings, NmodlError, Unsupported, in_order
from jxneuron.nmodl import store
from jxneuron.nmodl.frontend.tokens import as_read
from jxneuron.nmodl.syntax import nodes as sx

OTHERWISE = "Write it in another way."


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


def translate(text: str, *, file: str) -> Translation:
    """Translate the text of one ``.mod`` file.

    Args:
        text: the NMODL text.
        file: its name in messages and in the generated code.

    Raises:
        NmodlError: the text is wrong; all findings at once, each ``file.mod:line``.
        Unsupported: it is right, but uses what is not taken over; all findings at once.
        NoMechanism: it holds functions only, which is an Unsupported too.
        NeuronMissing: NEURON, whose grammar is used, is not installed.
    """
    found = translate_all([(text, file)])[0]
    if isinstance(found, Exception):
        raise found
    return found


def translate_all(sources: Sequence[tuple[str, str]]) -> list[Translation | Findings]:
    """Translate many texts; an exception stands in the place of a failure."""
    keys = [store.key(text, file, _version()) for text, file in sources]
    out: list[Translation | Findings | None] = [_stored(key) for key in keys]
    missing = [k for k, found in enumerate(out) if found is None]
    for k, parsed in zip(missing, parse_all([sources[k] for k in missing]), strict=True):
        out[k] = _translated(parsed, keys[k])
    return [found for found in out if found is not None]


def _translated(parsed: sx.File | Findings, key: str) -> Translation | Findings:
    from jxneuron.nmodl.analysis.analyse import analyse
    from jxneuron.nmodl.codegen.module import EMITTER, emit

    if isinstance(parsed, Findings):
        return parsed
    try:
        ir = analyse(parsed)
    except Unsupported as error:
        return NmodlError(in_order([*parsed.stops, *error.findings])) if parsed.stops else error
    except Findings as error:
        return error
    if parsed.stops:
        return NmodlError(parsed.stops)
    found = Translation(ir.name, ir.kind, emit(ir), EMITTER, ir.notes)
    store.put(key, asdict(found))
    return found


def _stored(key: str) -> Translation | None:
    record = store.get(key)
    if record is None:
        return None
    try:
        return Translation(**{**record, "notes": tuple(record["notes"])})
    except (TypeError, KeyError):
        return None


@cache
def _version() -> str:
    """Changes whenever a stage's code does, so that a stored translation never outlives its emitter."""
    folder = Path(__file__).parent
    texts = [path.read_bytes() for path in sorted(folder.rglob("*.py"))]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()


def parse_all(sources: list[tuple[str, str]]) -> list[sx.File | Findings]:
    """Parse many ``(text, file)``; an exception stands in the place of a failure."""
    sources = [(as_read(text), file) for text, file in sources]
    checked = [_readable(text, file) for text, file in sources]
    good = [source for source, wrong in zip(sources, checked, strict=True) if wrong is None]
    parsed = iter(_parse_here(good) if "neuron" in sys.modules else _parse_in_child(good))
    return [wrong if wrong is not None else next(parsed) for wrong in checked]


def _readable(text: str, file: str) -> NmodlError | None:
    """Texts that would upset the grammar's reader."""
    if "\0" in text:
        return NmodlError([Finding(file, "not a text file: it holds bytes that are no characters")])
    return None


def _parse_here(sources: list[tuple[str, str]]) -> list[sx.File | Findings]:
    from jxneuron.nmodl.frontend.parse import parse

    out: list[sx.File | Findings] = []
    for text, file in sources:
        try:
            out.append(parse(text, file))
        except Findings as error:
            out.append(error)
    return out


def _parse_in_child(sources: list[tuple[str, str]]) -> list[sx.File | Findings]:
    from jxneuron.nmodl.frontend import grammar

    return [grammar.read(text, file) for text, file in sources]
