"""Without NEURON installed: a saved model opens and runs with the same numbers; the rest says what is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
MODEL = ROOT / "validation" / "models" / "own"

# An interpreter in which NEURON cannot be found, and no compiler either.
BARE = """\
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "neuron":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
import importlib.util
_find = importlib.util.find_spec
def find(name, package=None):
    return None if name.partition(".")[0] == "neuron" else _find(name, package)
importlib.util.find_spec = find
"""
HEAD = 'import jax, numpy as np\njax.config.update("jax_enable_x64", True)\nimport jxneuron as jx\n'


def bare(code: str, folder: Path, *, neuron: bool = False) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh interpreter, by default one without NEURON."""
    keep = ("HOME", "TMPDIR", "JAX_PLATFORMS", "JAX_COMPILATION_CACHE_DIR", "JXNEURON_CACHE", "LD_LIBRARY_PATH")
    env = {name: os.environ[name] for name in keep if name in os.environ}
    env |= {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"] if neuron else str(folder / "nothing")}
    if not neuron:
        env["JXNEURON_CACHE"] = str(folder / "cache")
    command = [sys.executable, "-c", (HEAD if neuron else BARE + HEAD) + code]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=env, check=False, timeout=300)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory, mod_library: Callable[..., Path]) -> Path:
    """The own cell, imported with NEURON, saved, and its run from NEURON's state beside it."""
    folder = tmp_path_factory.mktemp("saved")
    code = (
        f"net = jx.load({str(MODEL / 'cell.hoc')!r}, mod=[{str(mod_library(MODEL))!r}])\n"
        "net.save('cell.jxn')\n"
        "np.save('traces.npy', jx.integrate(net, t_max=20.0))\n"
    )
    done = bare(code, folder, neuron=True)
    assert done.returncode == 0, done.stderr
    return folder


def test_a_saved_model_opens_and_runs_without_neuron(saved: Path, tmp_path: Path) -> None:
    code = (
        f"net = jx.open({str(saved / 'cell.jxn')!r})\n"
        "np.save('traces.npy', jx.integrate(net, t_max=20.0))\n"
        "import sys; assert not [name for name in sys.modules if name.startswith('neuron')]\n"
    )
    done = bare(code, tmp_path)
    assert done.returncode == 0, done.stderr
    here, there = np.load(tmp_path / "traces.npy"), np.load(saved / "traces.npy")
    assert there.shape[1] == 801 and there[0].max() > 0, "the cell must have fired for this to prove anything"
    np.testing.assert_array_equal(here, there)


@pytest.mark.parametrize(
    "call",
    [
        f"jx.load({str(MODEL / 'cell.hoc')!r})",
        f"jx.mechanism({str(MODEL / 'nakl.mod')!r})",
    ],
)
def test_what_needs_neuron_says_so(call: str, tmp_path: Path) -> None:
    code = f"try:\n    {call}\nexcept jx.NeuronMissing as error:\n    print('said:', error)\n"
    done = bare(code, tmp_path)
    assert done.returncode == 0, done.stderr
    said: Any = done.stdout.partition("said: ")[2]
    assert "needs NEURON" in said and "pip install neuron" in said and len(said.splitlines()) == 1


def test_a_comparison_without_neuron_is_not_comparable_and_says_why(tmp_path: Path) -> None:
    code = (
        f"outcome = jx.compare({str(ROOT / 'validation' / 'models' / 'hh_cable.hoc')!r})\n"
        "assert outcome.status == 'not comparable' and outcome.exit_code == 3\n"
        "print('said:', *outcome.findings)\n"
    )
    done = bare(code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "NEURON" in done.stdout.partition("said: ")[2] and "pip install neuron" in done.stdout
