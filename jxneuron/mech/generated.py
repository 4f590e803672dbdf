"""Load generated Python.

In: the text of a generated module. Out: its ``MECHANISM``. The text is written into the cache folder under the hash of
its content, so that tracebacks and profiles show its lines.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from jxneuron.errors import ModelError
from jxneuron.files import cache_folder, write_atomically
from jxneuron.mech.mechanism import Mechanism

if TYPE_CHECKING:
    from jxneuron.model.model import Source


def load(python: str, name: str | None = None) -> Mechanism:
    """Execute generated text and return its ``MECHANISM``; the same text and name give the same object.

    Args:
        python: the text.
        name: of the mechanism; None keeps the name in the text.

    Raises:
        ModelError: the text does not define a Mechanism.
    """
    mechanism = _execute(python)
    return mechanism if name in (None, mechanism.name) else _rename(python, name)


def load_all(sources: Iterable[Source]) -> dict[str, Mechanism]:
    """Return the mechanisms of a Model, by the names that they have in it."""
    return load_named({source.mechanism: source.python for source in sources})


def load_named(texts: Mapping[str, str]) -> dict[str, Mechanism]:
    """Return the mechanisms of generated texts, by the names of the texts, which become theirs."""
    return {name: load(python, name) for name, python in texts.items()}


@functools.cache
def _execute(python: str) -> Mechanism:
    path = _write(python)
    module: dict[str, object] = {"__name__": f"jxneuron_generated_{path.stem}", "__file__": str(path)}
    exec(compile(python, str(path), "exec"), module)
    mechanism = module.get("MECHANISM")
    if not isinstance(mechanism, Mechanism):
        raise ModelError(f"{path}: the text defines no MECHANISM")
    return dataclasses.replace(mechanism, text=python, made_by=(load, (python,)))


@functools.cache
def _rename(python: str, name: str) -> Mechanism:
    return dataclasses.replace(_execute(python), name=name, made_by=(load, (python, name)))


def _write(python: str) -> Path:
    """Write the text into the cache; where that fails, tracebacks lack its lines and nothing else."""
    name = hashlib.sha256(python.encode()).hexdigest()[:20] + ".py"
    folder = cache_folder() / "python"
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            write_atomically(path, python)
    except OSError:
        pass
    return path
