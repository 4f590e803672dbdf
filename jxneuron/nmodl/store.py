"""Translations on disk.

In: a key (text, file name, emitter version). Out: the translation stored under it, or None. Files are
replaced at once and hold JSON; a damaged one counts as absent.
"""

from __future__ import annotations

import hashlib
import json

from jxneuron.files import cache_folder, write_atomically


def key(text: str, file: str, version: str) -> str:
    """The name under which a translation is stored."""
    return hashlib.sha256("\0".join((version, file, text)).encode()).hexdigest()[:32]


def get(name: str) -> dict | None:
    """The stored record, or None."""
    try:
        found = json.loads((cache_folder() / "nmodl" / f"{name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def put(name: str, record: dict) -> None:
    """Store a record; a folder that cannot be written only costs time later."""
    folder = cache_folder() / "nmodl"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / f"{name}.json", json.dumps(record))
    except OSError:
        return
