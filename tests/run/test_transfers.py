"""Gap junctions of ParallelContext: read from a session, run against NEURON, and differentiated."""

from __future__ import annotations

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxneuron.model import file
from jxneuron.modules.simulate import prepare
from jxneuron.run import integrate

MOD = Path(__file__).parents[1] / "read" / "mod"
MODEL = """
h.load_file("stdrun.hoc")
one, two, three = (h.Section(name=name) for name in ("one", "two", "three"))
for sec in (one, two, three):
    sec.L, sec.diam, sec.nseg = 60, 6, 3
    sec.insert("pas")
    sec.insert("hh")
three.e_pas = -50
clamp = h.IClamp(one(0.1))
clamp.delay, clamp.dur, clamp.amp = 0.2, 3, 0.8
gaps = [h.bridge(place) for place in (one(0.5), two(0.5), two(0.9), three(1))]
for gap, g in zip(gaps, (0.02, 0.03, 0.01, 0.05)): gap.g = g
pc = h.ParallelContext()
pc.source_var(one(0.5)._ref_v, 1, sec=one)
pc.source_var(three(1)._ref_v, 7, sec=three)
pc.source_var(three(0.5).hh._ref_gna, 3, sec=three)
pc.target_var(gaps[1], gaps[1]._ref_vfar, 1)
pc.target_var(gaps[2]._ref_vfar, 7)
pc.target_var(gaps[3], gaps[3]._ref_vfar, 1)
pc.target_var(gaps[0], gaps[0]._ref_vfar, 7)
pc.target_var(two(0.5).pas._ref_g, 3)
pc.setup_transfer()
two(0.5).pas.g = 0.003
places = (one(0.5)._ref_v, two(0.5)._ref_v, three(1)._ref_v, gaps[1]._ref_i, gaps[1]._ref_vfar, two(0.5).pas._ref_g)
records = [h.Vector().record(place) for place in places]
h.finitialize(-65)
"""
READ = """
from jxneuron.importer import read_session
from jxneuron.model import file
"""
RUN = """
before = [seg.v for sec in h.allsec() for seg in sec], gaps[0].vfar
names = ["one(0.5).v", "two(0.5).v", "three(1).v", "bridge[1].i", "bridge[1].vfar", "two(0.5).g_pas"]
model = read_session(h, init="ours", strict=True, record=names)
file.save(model, given["path"])
assert before == ([seg.v for sec in h.allsec() for seg in sec], gaps[0].vfar)
h.continuerun(5)
give([list(record) for record in records])
"""


@pytest.fixture(scope="module")
def library(mod_library):
    return mod_library(MOD)


@pytest.fixture
def runs(neuron_child, library, tmp_path):
    """Our model, and the records of NEURON."""
    path = tmp_path / "gaps.jxn"
    theirs = neuron_child(READ + MODEL + RUN, libraries=[library], path=str(path))
    return file.open(path), np.array(theirs)


def test_transfers_are_read_and_run_as_in_neuron(runs):
    model, theirs = runs
    assert {(one.source.name, one.target.name) for one in model.transfers} == {
        ("one(0.5).v", "bridge[1].vfar"),
        ("three(1).v", "bridge[2].vfar"),
        ("one(0.5).v", "bridge[3].vfar"),
        ("three(1).v", "bridge[0].vfar"),
        ("three(0.5).gna_hh", "two(0.5).g_pas"),
    }
    simulation = prepare(model)
    program, params, dt = simulation.program, simulation.params, np.float64(0.025)
    times = integrate.clock(0.0, 0.025, 5.0)

    def run(g):
        own = {**params.mech, "bridge": {**params.mech["bridge"], "g": g}}
        changed = params._replace(mech=own)
        state = integrate.start(program, changed, dt, np.float64(0.0))
        return integrate.run(program, changed, state, dt, times)[1]

    ours = np.asarray(run(params.mech["bridge"]["g"]))
    assert np.ptp(theirs[1]) > 40.0 and np.ptp(theirs[3]) > 0.1 and np.ptp(theirs[5]) > 1e-3
    assert np.abs(ours - theirs).max() < 1e-9

    def loss(scale):
        return jnp.sum(run(params.mech["bridge"]["g"] * scale)[1, ::20])

    by_difference = (loss(1.0 + 1e-5) - loss(1.0 - 1e-5)) / 2e-5
    assert abs(by_difference) > 0.1
    np.testing.assert_allclose(jax.grad(loss)(1.0), by_difference, rtol=1e-6)
    np.testing.assert_allclose(jax.jvp(loss, (1.0,), (1.0,))[1], by_difference, rtol=1e-6)


FAULTS = {
    "g = h.Section(name='gone'); pc.source_var(g(0.5)._ref_v, 9, sec=g); pc.target_var(gaps[0]._ref_g, 9)\n"
    "pc.setup_transfer(); h.finitialize(-65); h.delete_section(sec=g)": "was deleted",
    "pc.source_var(one(0.5)._ref_diam, 9, sec=one); pc.target_var(gaps[0]._ref_g, 9)\n"
    "pc.setup_transfer(); h.finitialize(-65)": "bridge[0].g",
}


@pytest.mark.parametrize("code", FAULTS)
def test_a_source_that_is_not_in_the_model_is_named(neuron_child, library, code):
    found = neuron_child(
        READ
        + "from jxneuron.errors import ModelError, Unsupported\n"
        + MODEL
        + code
        + """
try:
    read_session(h, init="ours", strict=True)
except Unsupported as error:
    give([[finding.place, finding.found] for finding in error.findings])
except ModelError as error:
    give([[str(error)]])
""",
        libraries=[library],
    )
    assert len(found) == 1
    assert FAULTS[code] in " ".join(found[0])
