"""Each phase from NEURON's own state, field by field, then one whole step."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from tests.run.conftest import demo_library

from jxneuron.modules.simulate import Simulation, prepare, start
from jxneuron.run import integrate
from jxneuron.run.currents import membrane_currents
from jxneuron.run.fixed import fix
from jxneuron.run.step import matrix, right_hand_side, step
from jxneuron.units import END_AREA

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


@pytest.fixture(params=[(name, steps) for name in MODELS for steps in (0, 60)], ids=lambda p: f"{p[0]}, step {p[1]}")
def taken(request, snapshots):
    name, steps = request.param
    model, libraries = MODELS[name]
    return snapshots(model, steps, tuple(demo_library() for _ in libraries))


def close(name: str, ours, theirs, rtol: float = 1e-9) -> None:
    """Relative to the largest value of the field, which must be a number everywhere."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert np.isfinite(ours).all() and np.isfinite(theirs).all(), f"{name} is not a number"
    scale = np.max(np.abs(theirs), initial=0.0)
    worst = np.max(np.abs(ours - theirs), initial=0.0)
    assert worst <= rtol * scale, f"{name}: differs by {worst:.3g}, largest value {scale:.3g}"


def simulation_at(model) -> tuple[Simulation, object, object]:
    simulation = prepare(model)
    state, _ = start(simulation, model.settings.dt, "neuron")
    return simulation, state, fix(simulation.program, simulation.params, jnp.asarray(model.settings.dt))


def test_phases_from_neurons_state(taken):
    simulation, state, fixed = simulation_at(taken.before)
    program, params = simulation.program, simulation.params
    membrane, _ = membrane_currents(program, params, fixed, state)
    theirs, child = taken.matrix, program.parent >= 0
    close("a", fixed.a[child], theirs["a"][child], 1e-13)
    close("b", fixed.b[child], theirs["b"][child], 1e-13)
    rows = np.where(np.isfinite(theirs["d"]))[0]
    assert len(rows) == len(program.parent)
    close("diagonal", matrix(fixed, membrane).d, theirs["d"], 1e-12)
    # The sum of large axial terms that cancel: relative to the largest of them.
    axial = np.abs(np.asarray(fixed.b * (state.v[np.maximum(program.parent, 0)] - state.v)))
    rhs = right_hand_side(program, fixed, membrane, state)
    error = np.max(np.abs(np.asarray(rhs) - theirs["rhs"]))
    assert error <= 1e-9 * max(np.max(axial), np.max(np.abs(theirs["rhs"]))), f"rhs differs by {error:.3g}"


def test_one_step_from_neurons_state(taken):
    simulation, state, fixed = simulation_at(taken.before)
    times = integrate.clock(float(state.t), taken.before.settings.dt, float(state.t) + taken.before.settings.dt)
    times = type(times)(jnp.asarray(times.half[0]), jnp.asarray(times.full[0]))
    after = step(simulation.program, simulation.params, fixed, state, times)
    close("t", after.t, taken.after.initial.t, 0.0)
    close("v", after.v, taken.after.initial.v)
    for mechanism, values in taken.after.initial.states.items():
        for variable in values:
            close(f"{mechanism}.{variable}", after.mech[mechanism][variable], values[variable])
    for ion in taken.after.ions:
        for variable in ("e", "inside", "outside"):
            close(f"{ion.name}.{variable}", after.ion[ion.name][variable], getattr(ion, variable))


def test_zero_area_nodes_count_as_area_100(taken):
    nodes = taken.before.nodes
    assert (nodes.area[nodes.is_end] == END_AREA).all()
    assert (nodes.cm[nodes.is_end] == 0.0).all()
