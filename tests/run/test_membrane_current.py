"""i_membrane_ against NEURON's, at compartments and at nodes without area, and its gradient."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxneuron.errors import ModelError
from jxneuron.lower.build import build_program
from jxneuron.model import file
from jxneuron.modules.simulate import prepare, start
from jxneuron.run import integrate

MODEL = """
import json
from jxneuron.importer import read_session
from jxneuron.model import file
h.load_file("stdrun.hoc")
h.CVode().use_fast_imem(1)
soma, dend, twig = (h.Section(name=name) for name in ("soma", "dend", "twig"))
soma.L = soma.diam = 20
dend.L, dend.diam, dend.nseg = 200, 2, 5
twig.L, twig.diam, twig.nseg = 100, 1, 3
dend.connect(soma(1)), twig.connect(dend(0.5))
for sec in (soma, dend): sec.insert("hh")
twig.insert("pas")
clamp = h.IClamp(soma(0.5))
clamp.delay, clamp.dur, clamp.amp = 0, 3, 0.5
holding = h.SEClamp(dend(0.9))
holding.dur1, holding.amp1, holding.rs = 1, -60, 5
synapse = h.AlphaSynapse(twig(1))
synapse.onset, synapse.tau, synapse.gmax = 0.2, 0.5, 0.01
h.secondorder = given["secondorder"]
places = {"soma(0.5)": soma(0.5), "dend(0.3)": dend(0.3), "dend(0.9)": dend(0.9), "twig(0.5)": twig(0.5),
          "twig(1)": twig(1), "soma(0)": soma(0)}
records = [h.Vector().record(place._ref_i_membrane_) for place in places.values()]
h.finitialize(-65)
shown = [place.i_membrane_ for place in places.values()]
file.save(read_session(h, init=given["init"], strict=True, record=[f"{name}.i_membrane_" for name in places]),
          given["path"])
assert shown == [place.i_membrane_ for place in places.values()]
h.continuerun(4)
give([list(record) for record in records])
"""


@pytest.mark.parametrize("secondorder", [0, 2])
def test_it_is_neurons(neuron_child, tmp_path, secondorder):
    path = tmp_path / "imem.jxn"
    theirs = np.array(neuron_child(MODEL, path=str(path), secondorder=secondorder, init="ours"))
    simulation = prepare(file.open(path))
    ours = run(simulation, simulation.params)
    assert (np.ptp(theirs[:5], axis=1) > 0.01).all()
    assert (np.abs(ours - theirs) <= 1e-9 * np.abs(theirs).max()).all()
    state, _ = start(simulation, 0.025, "neuron")
    assert simulation.model.initial is not None
    np.testing.assert_array_equal(state.node["i_membrane_"], simulation.model.initial.node["i_membrane_"])
    with pytest.raises(ModelError, match="i_membrane_ belongs to the implicit method"):
        build_program(simulation.model, simulation.mechanisms, method="explicit")

    def loss(scale):
        hh = {**simulation.params.mech["hh"], "gnabar": simulation.params.mech["hh"]["gnabar"] * scale}
        return jnp.sum(run(simulation, simulation.params._replace(mech={**simulation.params.mech, "hh": hh}))[1, ::10])

    if secondorder == 0:
        by_difference = (loss(1.0 + 1e-5) - loss(1.0 - 1e-5)) / 2e-5
        np.testing.assert_allclose(jax.grad(loss)(1.0), by_difference, rtol=1e-6)


def run(simulation, params):
    dt = np.float64(0.025)
    state = integrate.start(simulation.program, params, dt, np.float64(0.0))
    return integrate.run(simulation.program, params, state, dt, integrate.clock(0.0, 0.025, 4.0))[1]
