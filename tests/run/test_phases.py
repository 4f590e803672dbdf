"""Each phase from NEURON's own state, field by field, then one whole step."""

from __future__ import annotations

from functools import partial

import jax
import numpy as np
import pytest

from jxneuron.modules.simulate import prepare, start
from jxneuron.run.currents import membrane_currents
from jxneuron.run.prepare import derive
from jxneuron.run.step import Clock, step
from jxneuron.run.voltage import matrix, right_hand_side
from tests.run.conftest import demo_library

BRANCHED = """
import itertools
soma, dend, twig, back = (h.Section(name=n) for n in ("soma", "dend", "twig", "back"))
soma.L = soma.diam = 20
soma.nseg = 3
dend.nseg, dend.L, dend.diam = 5, 300, 2
twig.nseg, twig.L, twig.diam = 2, 150, 1
back.nseg, back.L, back.diam = 3, 120, 1.5
dend.connect(soma(1))
twig.connect(dend(0.3))
back.connect(dend(1), 1)
for s in (soma, dend, twig, back):
    s.Ra, s.cm = 120, 0.9
    s.insert("pas")
    for k, seg in enumerate(s):
        seg.pas.g = 1e-4 * (1 + 0.1 * k)
for s in (soma, dend, back):
    s.insert("hh")
h.celsius, h.v_init = 9.5, -64
clamp = h.IClamp(soma(0.5))
clamp.delay, clamp.dur, clamp.amp = 0.0, 2.0, 0.7
late = h.IClamp(twig(1))
late.delay, late.dur, late.amp = 0.5, 1.0, 0.05
"""

CALCIUM = """
soma, dend = h.Section(name="soma"), h.Section(name="dend")
soma.L, soma.diam, soma.nseg = 15, 12, 1
dend.L, dend.diam, dend.nseg = 100, 2, 3
dend.connect(soma(1))
for s in (soma, dend):
    s.insert("hh")
    s.insert("cachan")
    s.insert("nacax")
soma.insert("cadifpmp")
dend.insert("capmpr")
for seg in soma: seg.cachan.pcabar = 2e-6
for seg in dend: seg.cachan.pcabar = 1e-6
clamp = h.IClamp(soma(0.5))
clamp.delay, clamp.dur, clamp.amp = 0.0, 5.0, 0.5
"""

CLAMPED = """
soma, dend = h.Section(name="soma"), h.Section(name="dend")
soma.L = soma.diam = 20
dend.L, dend.diam, dend.nseg = 200, 2, 5
dend.connect(soma(1))
for s in (soma, dend): s.insert("hh")
one = h.SEClamp(soma(0.5))
one.dur1, one.amp1, one.dur2, one.amp2, one.rs = 0.5, -70, 20, -10, 0.5
two = h.VClamp(dend(0.9))
two.dur[0], two.amp[0], two.dur[1], two.amp[1] = 0.3, -60, 10, 0
"""

MODELS = {
    "branched": (BRANCHED, ()),
    "branched exact rates": (BRANCHED + "h.usetable_hh = 0\n", ()),
    "branched secondorder 1": (BRANCHED + "h.secondorder = 1\n", ()),
    "branched secondorder 2": (BRANCHED + "h.secondorder = 2\n", ()),
    "rallbranch": (BRANCHED + "twig.rallbranch = 3\n", ()),
    "calcium": (CALCIUM, ("demo",)),
    "clamped": (CLAMPED, ()),
}


def close(name: str, ours, theirs, rtol: float = 1e-9) -> None:
    """Relative to the largest value of the field, which must be a number everywhere."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert np.isfinite(ours).all() and np.isfinite(theirs).all(), f"{name} is not a number"
    scale = np.max(np.abs(theirs), initial=0.0)
    worst = np.max(np.abs(ours - theirs), initial=0.0)
    assert worst <= rtol * scale, f"{name}: differs by {worst:.3g}, largest value {scale:.3g}"


@pytest.mark.parametrize("name", MODELS)
def test_phases_and_one_step_from_neurons_state(name, snapshots):
    model, libraries = MODELS[name]
    for taken in snapshots(model, (0, 60), tuple(demo_library() for _ in libraries)):
        dt = taken.before.settings.dt
        simulation = prepare(taken.before)
        state, _ = start(simulation, dt, "neuron")
        (linear, rhs), after = phases_and_step(simulation.program, simulation.params, state, np.float64(dt))
        check_matrix(taken, linear, rhs, state.v)
        check_step(taken.after, after)


@partial(jax.jit, static_argnums=0)
def phases_and_step(program, params, state, dt):
    """The matrix and right-hand side at the state's own time, as NEURON's fcurrent() leaves them; and one step."""
    derived = derive(program, params, dt)
    membrane, _ = membrane_currents(program, params, derived, state)
    linear = matrix(derived, membrane), right_hand_side(program, derived, membrane, state)
    half = state.t + 0.5 * dt
    return linear, step(program, params, derived, state, Clock(state.t, half, half + 0.5 * dt))[0]


def check_matrix(taken, ours, rhs, v) -> None:
    theirs, parent = taken.matrix, taken.before.nodes.parent
    assert all(np.isfinite(values).all() for values in theirs.values())
    child = parent >= 0
    close("a", ours.a[child], theirs["a"][child], 1e-13)
    close("b", ours.b[child], theirs["b"][child], 1e-13)
    close("diagonal", ours.d, theirs["d"], 1e-12)
    # A sum of axial terms that nearly cancel: relative to the largest of them.
    axial = np.abs(np.asarray(ours.b * (v[np.maximum(parent, 0)] - v)))
    error = np.max(np.abs(np.asarray(rhs) - theirs["rhs"]))
    assert error <= 1e-12 * max(np.max(axial), np.max(np.abs(theirs["rhs"]))), f"rhs differs by {error:.3g}"


def check_step(theirs, ours) -> None:
    close("t", ours.t, theirs.initial.t, 0.0)
    close("v", ours.v, theirs.initial.v)
    for mechanism, values in theirs.initial.states.items():
        for variable in values:
            close(f"{mechanism}.{variable}", ours.mech[mechanism][variable], values[variable])
    for ion in theirs.ions:
        for variable in ("e", "inside", "outside"):
            close(f"{ion.name}.{variable}", ours.ion[ion.name][variable], getattr(ion, variable))
