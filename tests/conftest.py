"""What every test runs under: strict JAX, caches of its own, NEURON only in child processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Before jax and jxneuron are imported; children inherit the same caches.
os.environ.setdefault("JXNEURON_CACHE", str(ROOT / ".cache" / "jxneuron"))
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(ROOT / ".cache" / "jax"))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.1")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("MPLBACKEND", "Agg")

import jax  # noqa: E402

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_numpy_dtype_promotion", "strict")
jax.config.update("jax_numpy_rank_promotion", "raise")

# These files take longest and begin, so that no worker is left with one of them at the end
FIRST = (
    "mech/test_against_neuron.py",
    "mech/test_tables_against_neuron.py",
    "validation/test_cases.py",
    "test_docs.py",
    "modules/test_transformations.py",
    "compare/test_verify.py",
    "run/test_phases.py",
    "run/test_facts.py",
    "contract/test_edited_import.py",
    "channels/test_library.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first; the order is else kept."""
    place = {str(ROOT / "tests" / name): rank for rank, name in enumerate(FIRST)}
    items.sort(key=lambda item: place.get(str(item.path), len(FIRST)))


# Runs before the snippet of a child. JSON keeps every double, and NaN and infinities, as they are.
PREAMBLE = """\
import json, sys
_out, _given = sys.argv[1:3]
given = json.loads(_given)
def give(value):
    with open(_out, "w") as stream:
        json.dump(value, stream, default=lambda array: array.tolist())
from neuron import h
for _library in given.pop("libraries"):
    h.nrn_load_dll(_library)
"""


@pytest.fixture
def neuron_child(tmp_path: Path) -> Callable[..., Any]:
    """Runs a snippet in a fresh NEURON process with an empty working folder.

    ``neuron_child(code, libraries=(), timeout=120, **given)``: the snippet finds ``h``, its arguments in
    ``given`` (a dict) and hands back any JSON value or numpy array with ``give(value)``.
    """
    return _child(tmp_path)


@pytest.fixture(scope="module")
def module_child(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Like ``neuron_child``, for what the tests of a module share."""
    return _child(tmp_path_factory.mktemp("neuron"))


def _child(tmp_path: Path) -> Callable[..., Any]:
    def run(code: str, *, libraries: Sequence[Path | str] = (), timeout: float = 120, **given: Any) -> Any:
        folder = tmp_path / f"neuron_{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        out = folder.with_suffix(".json")
        arguments = json.dumps({**given, "libraries": [str(library) for library in libraries]})
        done = subprocess.run(
            [sys.executable, "-c", PREAMBLE + code, str(out), arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if not out.exists():
            pytest.fail(f"the NEURON child gave no result\n{done.stdout}\n{done.stderr}", pytrace=False)
        return json.loads(out.read_text())

    return run


@pytest.fixture(scope="session")
def mod_library() -> Callable[..., Path]:
    """``mod_library(folder, ...)``: the compiled library of these folders, built once for all workers."""
    from jxneuron.child.compile_mod import compile_folders

    return lambda *folders: compile_folders([Path(folder) for folder in folders])
