"""Gradients against NEURON itself: what a change of a parameter does to a voltage before, on and after a spike.

In: ``models/gradients.hoc``. NEURON runs it in a child process with each parameter multiplied by ``1 + h`` for six h;
Richardson's extrapolation of the quotients is compared with one reverse-mode derivative of ours.

    python -m validation.gradients

prints, for each parameter p, ``p dv/dp`` in mV by NEURON and how far ours is from it, relative to it. ``radius of 3-d
points`` multiplies the diameters of all points of a section by ``pt3dchange``; ours multiplies ``radius``.
"""

from __future__ import annotations

import itertools
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

import jxneuron as jx
from jxneuron.child.compile_mod import compile_folders
from jxneuron.child.process import run_command
from validation.listing import HERE

MODEL, MOD = HERE / "models" / "gradients.hoc", HERE.parent / "mod" / "channels"
STEPS = (2.0**-8, 2.0**-9, 2.0**-10)
TIMEOUT = 300.0
# Where the derivative is taken, relative to the spike's upward crossing of 0 mV, ms
POINTS = {"before": -1.0, "on": 0.0, "after": 4.0}
Set = Callable[[Any, Any, Any], Any]


@dataclass(frozen=True)
class Gradients:
    """``p dv/dp`` of each parameter (row) at each of POINTS (column), mV."""

    keys: tuple[str, ...]
    neuron: NDArray[np.float64]
    jxneuron: NDArray[np.float64]
    trace: float  # the largest difference of the two traces, mV

    @property
    def relative(self) -> NDArray[np.float64]:
        """Ours against NEURON's."""
        return np.abs(self.jxneuron - self.neuron) / np.abs(self.neuron)


def compare() -> Gradients:
    """Both simulators' derivatives."""
    theirs = in_neuron()
    v, changed = np.array(theirs["v"]), theirs["changed"]
    at = points(v)
    keys = tuple(changed)
    assert set(keys) == set(SET)
    ours, slopes = in_jax(keys, at)
    return Gradients(
        keys=keys,
        neuron=np.array([richardson(np.array(changed[key])[:, at]) for key in keys]),
        jxneuron=slopes,
        trace=float(np.max(np.abs(ours - v))),
    )


def in_neuron() -> dict[str, Any]:
    """The voltages of all runs in NEURON; factors ``1 + h, 1 - h`` for each of STEPS."""
    request = {
        "library": str(compile_folders([MOD])),
        "model": str(MODEL),
        "factors": [1 + s * h for h in STEPS for s in (1, -1)],
    }
    with tempfile.TemporaryDirectory(prefix="jxneuron-") as folder:
        answer = Path(folder) / "answer.json"
        command = [sys.executable, str(HERE / "gradients_worker.py"), json.dumps(request), str(answer)]
        ended = run_command(command, cwd=Path(folder), timeout=TIMEOUT)
        if not answer.exists():
            raise SystemExit(f"NEURON gave no result:\n{ended.output}")
        return json.loads(answer.read_text())


def points(v: NDArray[np.float64]) -> list[int]:
    """The steps of POINTS."""
    spike, dt = int(np.flatnonzero((v[:-1] <= 0) & (v[1:] > 0))[0]) + 1, 0.025
    return [spike + round(offset / dt) for offset in POINTS.values()]


def richardson(v: NDArray[np.float64]) -> NDArray[np.float64]:
    """Central quotients for h, h/2, h/4 (rows 2k and 2k + 1 are +h and -h), the errors in h^2 and h^4 taken out."""
    found = [(v[2 * k] - v[2 * k + 1]) / (2 * h) for k, h in enumerate(STEPS)]
    once = [(4 * fine - coarse) / 3 for coarse, fine in itertools.pairwise(found)]
    return (16 * once[1] - once[0]) / 15


def in_jax(keys: tuple[str, ...], at: list[int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The soma's voltage, and its derivatives by each parameter's factor, (keys, points)."""
    net = jx.load(MODEL, mod=[MOD])
    net.delete_recordings()
    net.record("soma(0.5).v", verbose=False)

    def voltage(factors: Any) -> tuple[Any, Any]:
        state = None
        for key, factor in zip(keys, factors, strict=True):
            state = SET[key](net, factor, state)
        v = jx.integrate(net, param_state=state)[0]
        return v[np.array(at)], v

    slopes, v = jax.jit(jax.jacrev(voltage, has_aux=True))(jnp.ones(len(keys)))
    return np.asarray(v), np.asarray(slopes).T


def everywhere(key: str) -> Set:
    return lambda net, factor, state: net.data_set(key, net.get(key) * factor, state)


def sections(key: str, *names: str) -> Set:
    def change(net: Any, factor: Any, state: Any) -> Any:
        for name in names:
            view = net.section(name)
            state = view.data_set(key, view.get(key) * factor, state)
        return state

    return change


def initial_state(key: str) -> Set:
    """A factor on what INITIAL computes from all the other values, traced ones included."""

    def change(net: Any, factor: Any, state: Any) -> Any:
        start = net.get_all_states(state)[key]
        held = np.flatnonzero(net.nodes[key].notna())
        return net.data_set(key, start[held] * factor, state)

    return change


SET: dict[str, Set] = {
    **{key: everywhere(key) for key in ("gnabar_hh", "g_pas", "gNa_minimal", "vt_minimal", "eK_minimal", "celsius")},
    **{key: everywhere(key) for key in ("ek", "e_pas", "Ra", "cm", "v", "IClamp[0].amp")},
    "diam": sections("diam", "soma", "dend"),
    "radius of 3-d points": sections("radius", "apic"),
    "L": sections("L", "dend"),
    "n_hh": initial_state("n_hh"),
}


def show(found: Gradients, console: Console) -> None:
    table = Table("p", *(f"{name} (NEURON), mV" for name in POINTS), *(f"{name}, relative" for name in POINTS))
    for key, neuron, relative in zip(found.keys, found.neuron, found.relative, strict=True):
        table.add_row(key, *(f"{value:.8g}" for value in neuron), *(f"{value:.1e}" for value in relative))
    console.print(table)
    console.print(f"The traces differ by at most {found.trace:.1e} mV; points at {POINTS} ms from the spike.")


if __name__ == "__main__":
    jax.config.update("jax_enable_x64", True)
    show(compare(), Console(width=140, highlight=False))
    sys.exit(0)
