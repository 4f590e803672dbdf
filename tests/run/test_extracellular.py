"""Sections with extracellular against NEURON: v, vext and i_membrane, what is played into it, and gradients."""

from __future__ import annotations

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxneuron.errors import ModelError
from jxneuron.lower.build import build_program
from jxneuron.lower.plays import sample_plays
from jxneuron.model import file
from jxneuron.modules.simulate import prepare, start
from jxneuron.run import integrate
from jxneuron.run.block_tree import BlockMatrix, dense, solve

MOD = Path(__file__).parents[1] / "read" / "mod"
START = """
from jxneuron.importer import read_session
from jxneuron.model import file
h.load_file("stdrun.hoc")
sections = {name: h.Section(name=name) for name in ("soma", "near", "middle", "far", "side", "back")}
soma, near, middle, far, side, back = sections.values()
for sec, L, diam, nseg in ((soma, 20, 18, 1), (near, 100, 2, 3), (middle, 150, 1.5, 4), (far, 80, 1, 3),
                           (side, 60, 1, 3), (back, 70, 1.2, 2)):
    sec.L, sec.diam, sec.nseg, sec.Ra = L, diam, nseg, 90
near.connect(soma(1)), middle.connect(near(1)), far.connect(middle(1)), side.connect(near(0.5))
back.connect(middle(1), 1)
for sec in (soma, near, side): sec.insert("hh")
for sec in (middle, far, back): sec.insert("pas")
clamp = h.IClamp(soma(0.5))
clamp.delay, clamp.dur, clamp.amp = 0.1, 2, 1.0
"""
MYELIN = """
for sec in sections.values():
    sec.insert("extracellular")
    for segment in sec:
        segment.xraxial[0], segment.xraxial[1] = 300, 2000
        segment.xg[0], segment.xc[0] = 0.0005, 0.2
        segment.xg[1], segment.xc[1] = 0.01, 0.05
for k, segment in enumerate(middle): segment.xraxial[0], segment.xg[1] = 100 + 50 * k, 0.02 * (k + 1)
side.rallbranch = 2
"""
MIXED = """
for sec in (near, middle, back):
    sec.insert("extracellular")
    for segment in sec:
        segment.xraxial[0], segment.xg[0], segment.xc[0], segment.e_extracellular = 50, 0.002, 0.1, -3
middle.xg[1] = 0.5
holding = h.SEClamp(near(0.9))
holding.dur1, holding.amp1, holding.rs = 1.5, -50, 20
drive = h.IClamp(back(0))
drive.delay, drive.dur, drive.amp = 0.5, 1, 0.1
leak = h.AlphaSynapse(middle(1))
leak.onset, leak.tau, leak.gmax = 0.2, 0.5, 0.01
"""
PLAYED = """
clamp.amp = 0
kept = []
for sec in sections.values():
    sec.insert("extracellular")
    for k, segment in enumerate(sec):
        if sec is soma: continue
        kept.append((h.Vector([0, 0.5, 0.6, 1.1, 1.2, 9]), h.Vector([0, 0, 40 + 4 * k, 40, 0, 0])))
        kept[-1][1].play(segment._ref_e_extracellular, kept[-1][0], True)
"""
COUPLED = """
clamp.amp = 0.3
for sec in (near, middle, side):
    sec.insert("extracellular")
    sec.insert("field")
    for k, segment in enumerate(sec):
        segment.xg[0], segment.rx_field = 0.01, 1 + 0.2 * k
        h.setpointer(segment._ref_i_membrane, "im", segment.field)
        h.setpointer(segment._ref_e_extracellular, "ex", segment.field)
pc, gaps = h.ParallelContext(), [h.bridge(near(0.5)), h.bridge(far(0.5))]
for k, place in enumerate((near(0.5), far(0.5))):
    pc.source_var(place._ref_v, k, sec=place.sec)
    pc.target_var(gaps[1 - k], gaps[1 - k]._ref_vfar, k)
    gaps[k].g = 0.01
pc.setup_transfer()
"""
RUN = """
h.secondorder = given["secondorder"]
h.CVode().use_fast_imem(1)
names, records = [], []
h("objref kept")
for name, sec in sections.items():
    for segment in list(sec.allseg()):
        shown = ["v"] if segment.x in (0, 1) else ["v", "i_membrane_"]
        if sec.has_membrane("field") and 0 < segment.x < 1:
            shown += ["er_field", "e_extracellular"]
        if sec.has_membrane("extracellular") and not (sec is near and segment.x == 0 and given["mixed"]):
            shown += ["vext[0]", "vext[1]"] + (["i_membrane"] if 0 < segment.x < 1 else [])
        for variable in shown:
            h.kept = h.Vector()
            sec.push()
            h(f"kept.record(&{variable}({segment.x!r}))")
            h.pop_section()
            records.append(h.kept)
            names.append(f"{name}({segment.x}).{variable}")
h.finitialize(-65)
file.save(read_session(h, init="ours", strict=True, record=names), given["path"])
h.continuerun(1)
file.save(read_session(h, init="neuron", strict=True, record=["near(0.5).i_membrane_"]), given["path"] + ".later")
h.continuerun(3)
give([names, [list(record) for record in records]])
"""
CASES = {"myelin": (MYELIN, 0), "mixed": (MIXED, 0), "mixed, secondorder": (MIXED, 2), "played": (PLAYED, 0)}
CASES["coupled"] = (COUPLED, 0)


@pytest.fixture(params=[pytest.param(name, marks=[pytest.mark.slow] * ("," in name)) for name in CASES])
def case(request, neuron_child, mod_library, tmp_path):
    """A model in NEURON: its name, our Model, that of 1 ms later, and NEURON's records by name."""
    text, secondorder = CASES[request.param]
    path = str(tmp_path / "outside.jxn")
    mixed = text in (MIXED, COUPLED)  # there the first node of ``near`` belongs to a section without
    libraries = [mod_library(MOD)] * (text is COUPLED)
    names, records = neuron_child(
        START + text + RUN, libraries=libraries, path=path, secondorder=secondorder, mixed=mixed
    )
    return request.param, file.open(path), file.open(path + ".later"), dict(zip(names, records, strict=True))


def run(simulation, params, stop=3.0):
    dt, times = np.float64(0.025), integrate.clock(0.0, 0.025, stop)
    state = integrate.start(simulation.program, params, dt, np.float64(0.0))
    targets = simulation.program.input_targets
    samples = sample_plays(targets, simulation.model.plays, 0.0, times.half, times.full)
    return integrate.run(simulation.program, params, state, dt, times, samples)[1]


def test_potentials_and_currents_are_neurons(case):
    name, model, later, theirs = case
    simulation = prepare(model)
    ours = dict(zip(theirs, np.asarray(run(simulation, simulation.params)), strict=True))
    assert np.ptp(theirs["near(0.5).v"]) > 5.0 and np.ptp(theirs["near(0.5).vext[0]"]) > 0.1
    for record, values in theirs.items():
        tolerance = 1e-9 * (1.0 if "v" in record.rpartition(".")[2] else np.abs(values).max())
        assert np.abs(ours[record] - values).max() <= tolerance, record
    state, _ = start(prepare(later), 0.025, "neuron")
    for variable in ("vext", "i_membrane", "i_membrane_"):
        np.testing.assert_array_equal(state.node[variable], later.initial.node[variable])
    if name == "mixed":
        check_gradient(simulation)
        with pytest.raises(ModelError, match="extracellular belongs to the implicit method"):
            build_program(model, simulation.mechanisms, method="exponential")


def check_gradient(simulation):
    params = simulation.params
    row = [recorder.name for recorder in simulation.program.recorders].index("middle(0.625).vext[0]")

    def loss(scale):
        outside = {name: values * (1 + scale * k) for k, (name, values) in enumerate(params.outside.items(), 1)}
        hh = {**params.mech["hh"], "gnabar": params.mech["hh"]["gnabar"] * (1 + scale)}
        changed = params._replace(outside=outside, mech={**params.mech, "hh": hh})
        return jnp.sum(run(simulation, changed, 1.5)[row, ::10])

    by_difference = (loss(1e-5) - loss(-1e-5)) / 2e-5
    assert abs(by_difference) > 1e-3
    np.testing.assert_allclose(jax.grad(loss)(0.0), by_difference, rtol=1e-6)
    np.testing.assert_allclose(jax.jvp(loss, (0.0,), (1.0,))[1], by_difference, rtol=1e-6)


def test_the_block_solver_solves_and_has_the_dense_derivative():
    random = np.random.default_rng(5)
    parent = np.array([-1, 0, 1, 1, -1, 4, 3, 2])
    n, m = len(parent), 3
    d = random.normal(size=(n, m, m)) + 8.0 * np.eye(m)
    a, b = (np.where(parent[:, None] < 0, 0.0, random.normal(size=(n, m))) for _ in range(2))
    y = random.normal(size=(n, m))
    matrix = BlockMatrix(*map(jnp.asarray, (a, b, d)))
    expected = np.linalg.solve(dense(parent, matrix), y.ravel())
    np.testing.assert_allclose(solve(parent, matrix, jnp.asarray(y)).ravel(), expected, rtol=1e-12)
    slope = jax.grad(lambda x: jnp.sum(solve(parent, matrix._replace(d=x), jnp.asarray(y)) ** 3))(matrix.d)
    back = np.linalg.solve(dense(parent, matrix).T, 3 * expected**2).reshape(n, m)
    np.testing.assert_allclose(slope, -np.einsum("ni,nj->nij", back, expected.reshape(n, m)), rtol=1e-10)
