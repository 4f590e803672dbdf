"""Receivers to which the order of events matters, imported from NEURON and run beside it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxneuron.model import file
from jxneuron.model.model import Probe
from jxneuron.modules import simulate
from jxneuron.run import integrate
from tests.run.events.networks import run_script

ROOT = Path(__file__).resolve().parents[3]
TSTOP, DT = 60.0, 0.025
SEEN = (
    ("soma", "v"), ("dend", "v"), ("other", "v"), ("Depressing", "g"), ("Depressing", "released"), ("Pulse", "Ron"),
    ("Watching", "seen"), ("Watching", "last"), ("Resetting", "u"), ("Firing", "fired"), ("Firing", "m"),
)  # fmt: skip

# Runs in a NEURON child. Sources: a spiking soma, artificial cells that move their own event, a cell that WATCH resets.
RUN = """
import json, sys
import numpy as np
from neuron import h
from jxneuron.importer import read_session
from jxneuron.model import file

folder, library, dt, tstop = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
h.nrn_load_dll(library)
h.load_file("stdrun.hoc")
h.usetable_hh, h.dt, h.tstop = 0, dt, tstop
r = np.random.default_rng(1)

def section(name, mechanism):
    made = h.Section(name=name)
    made.L = made.diam = 20
    made.insert(mechanism)
    return made

def save_small():
    soma, dend = section("soma", "hh"), section("dend", "pas")
    clamp, synapses = h.IClamp(soma(0.5)), [h.Depressing(dend(0.5)) for _ in range(2)]
    clamp.dur, clamp.amp = 1e9, 0.2
    made = [h.NetCon(soma(0.5)._ref_v, one, 0, k, 0.02, sec=soma) for k, one in enumerate([*synapses, *synapses])]
    h.finitialize(-65)
    file.save(read_session(h, init="ours", strict=False), folder + "/small")
    del made

save_small()
soma, dend, other = section("soma", "hh"), section("dend", "pas"), section("other", "pas")
for passive in (dend, other):
    passive.e_pas = -65
clamp = h.IClamp(soma(0.5))
clamp.delay, clamp.dur, clamp.amp = 1, 1e9, 0.3
depressing = [h.Depressing(dend(0.5)) for _ in range(2)]
pulse, watching, resetting = h.Pulse(dend(0.5)), h.Watching(dend(0.5)), h.Resetting(other(0.5))
cells = [h.Firing() for _ in range(4)]
for k, cell in enumerate(cells):
    cell.tau = 6 + k
nets = []

def connect(source, target, delay, *weights, sec=None):
    one = h.NetCon(source, target, sec=sec) if sec else h.NetCon(source, target)
    one.threshold, one.delay = 0, delay
    for k, weight in enumerate(weights):
        one.weight[k] = weight
    nets.append(one)

for k, delay in enumerate((0.0, 0.7, 1.3, 3.1)):
    connect(soma(0.5)._ref_v, depressing[k % 2], delay, 0.01 * (k + 1), sec=soma)
    connect(cells[k], depressing[0], 1 + delay, 0.002)
for source in cells:
    for target in cells:
        connect(source, target, round(4 * r.random(), 9), round(0.8 * r.random() - 0.2, 2))
    connect(source, pulse, round(2 * r.random(), 9), 0.01)
    connect(source, watching, 0.3, 0.25)
    connect(source, resetting, round(r.random(), 9), 110)
connect(resetting, cells[0], 0.0, 0.1)
connect(resetting, depressing[1], 0.01, 0.003)
connect(soma(0.5)._ref_v, pulse, 0.4, 0.02, sec=soma)

tv, iv = h.Vector(), h.Vector()
heard = [h.NetCon(one, None) for one in (*cells, resetting)] + [h.NetCon(soma(0.5)._ref_v, None, sec=soma)]
for k, one in enumerate(heard):
    one.threshold = 0
    one.record(tv, iv, k)
first = {"Depressing": depressing[0], "Pulse": pulse, "Watching": watching, "Resetting": resetting, "Firing": cells[0]}
first |= {one.name(): one(0.5) for one in (soma, dend, other)}
vectors = [h.Vector().record(getattr(first[who], "_ref_" + what)) for who, what in json.loads(sys.argv[5])]
h.finitialize(-65)
file.save(read_session(h, init="ours", strict=False), folder + "/model")
h.finitialize(-65)
h.continuerun(tstop)
weights = [[one.weight[k] for k in range(int(one.wcnt()))] for one in nets if "Depressing" in one.syn().hname()]
results = {"time": list(tv), "who": list(iv), "records": [list(x) for x in vectors]}
json.dump({**results, "weights": weights}, open(folder + "/results.json", "w"))
"""


@pytest.fixture(scope="module")
def neuron(tmp_path_factory, mod_library):
    folder = tmp_path_factory.mktemp("zoo")
    library = str(mod_library(ROOT / "mod" / "events"))
    return folder, run_script(RUN, folder, library, str(DT), str(TSTOP), json.dumps(SEEN))


@pytest.fixture(scope="module")
def simulation(neuron):
    return with_probes(file.open(neuron[0] / "model"), SEEN)


def with_probes(model, seen):
    centre = {section.name: section.centres[0] for section in model.sections}
    probes = tuple(
        Probe(f"{who}.{what}", what, centre.get(who, -1), "" if who in centre else f"{who}[0]") for who, what in seen
    )
    return simulate.prepare(dataclasses.replace(model, probes=probes))


@pytest.fixture(scope="module")
def ours(simulation):
    return run(simulation, simulation.params, TSTOP)


def run(simulation, params, tstop):
    dt = np.float64(DT)
    state = integrate.start(simulation.program, params, dt, np.float64(0.0), simulation.wiring)
    times = integrate.clock(0.0, DT, tstop)
    return integrate.run(simulation.program, params, state, dt, times, wiring=simulation.wiring)


def test_every_spike_comes_in_neurons_order(neuron, ours):
    theirs, log = neuron[1], ours[0].events.log
    count = int(log.count)
    numbers = {source: k for k, source in enumerate(sorted(set(np.asarray(log.source)[:count].tolist())))}
    assert count == len(theirs["time"]) > 40
    np.testing.assert_allclose(np.asarray(log.time)[:count], theirs["time"], rtol=1e-13, atol=0)
    pairs = {(int(who), numbers[int(k)]) for who, k in zip(theirs["who"], np.asarray(log.source)[:count], strict=True)}
    assert len(pairs) == len(numbers) == 6  # each of theirs is always the same one of ours


def test_variables_equal_neurons(neuron, simulation, ours):
    for name, mine, reference in zip(SEEN, np.asarray(ours[1]), neuron[1]["records"], strict=True):
        np.testing.assert_allclose(mine, reference, rtol=1e-10, atol=1e-9, err_msg=str(name))
        assert np.ptp(reference) > 0, name
    assert all(int(x) == 0 for x in ours[0].events.lost[:3])


def test_written_weights_equal_neurons(neuron, ours):
    weights = np.asarray(ours[0].events.weights["Depressing"])
    np.testing.assert_allclose(weights, neuron[1]["weights"], rtol=1e-10)


def loss_of(simulation):
    """A function of what weights, a parameter that only events read, and one that also the steps read are times."""
    params = simulation.params

    def loss(factors):
        own = dict(params.mech["Depressing"])
        for name, factor in zip(("tau_rec", "tau"), factors[1:], strict=True):
            own[name] = own[name] * factor
        mech = {**params.mech, "Depressing": own}
        weights = {name: values * factors[0] for name, values in params.weights.items()}
        return jnp.mean(run(simulation, params._replace(mech=mech, weights=weights), 30.0)[1])

    return loss


@pytest.mark.slow
def test_derivatives_in_both_modes_equal_differences(neuron):
    simulation = with_probes(file.open(neuron[0] / "small"), (("dend", "v"),))
    function, at, step = loss_of(simulation), jnp.ones(3), 1e-5
    loss = jax.jit(function)
    differences = [float(loss(at + step * one) - loss(at - step * one)) / (2 * step) for one in jnp.eye(3)]
    backward = jax.jit(jax.grad(function))(at)
    forward = jax.jit(jax.vmap(lambda direction: jax.jvp(function, (at,), (direction,))[1]))(jnp.eye(3))
    assert np.abs(differences).min() > 1e-4
    np.testing.assert_allclose(backward, differences, rtol=1e-6)
    np.testing.assert_allclose(forward, backward, rtol=1e-9)
