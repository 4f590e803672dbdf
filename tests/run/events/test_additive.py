"""Networks of synapses to which events only add, against NEURON: spikes to the last bit, voltages to 1e-9 mV."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from jxneuron.lower.build import build_program
from jxneuron.lower.wiring import build_wiring
from jxneuron.mech.generated import load_all
from jxneuron.model.check import check
from jxneuron.model.model import Probe
from jxneuron.modules import simulate
from jxneuron.run import integrate
from tests.run.events.networks import MECHANISMS, Network, run_in_neuron, with_events

RING = Network(
    amp=(0.4, 0.0, 0.0, 0.0),
    places=(0, 1, 2, 3),
    connections=((0, 1, 1.3, 0.05), (1, 2, 0.7, 0.05), (2, 3, 2.0, 0.05), (3, 0, 1.0, 0.05)),
    tstop=40.0,
)
# every delay that is special: none, below dt/2, dt/2, dt, above it, multiples of dt, longer than the run
DELAYS = (0.0, 0.004, 0.0125, 0.02, 0.025, 0.03, 0.5, 1.0, 1.2345678, 3.0, 1000.0)
FAN_OUT = Network(
    amp=(0.5, 0.5, 0.3),
    places=(0, 0, 1, 2, 2, 1, 0, 1, 2, 0, 1),
    connections=(
        *((0, k, delay, 0.001 * (k + 1)) for k, delay in enumerate(DELAYS)),
        *((2, 10 - k, delay, 0.0007 * (k + 1)) for k, delay in enumerate(DELAYS)),
        *((1, k, delay, 0.0005) for k, delay in enumerate(reversed(DELAYS))),
        *((1, k, 1.0, 0.0001) for k in range(5)),
    ),
    tstop=30.0,
)
EXP2 = Network(
    amp=(0.4, 0.1),
    places=(0, 1, 1),
    connections=((0, 1, 1.0, 0.01), (0, 2, 0.3, 0.02), (1, 0, 2.5, 0.004)),
    synapse="Exp2Syn",
    values={"tau1": 0.5, "tau2": 4.0, "e": -10.0},
)
ABOVE_AT_START = Network(  # v starts above the threshold
    amp=(0.4, 0.0), places=(0, 1), connections=((0, 1, 0.1, 0.05),), threshold=-70.0, delay=0.0
)
NETWORKS = {"ring": RING, "fan_out": FAN_OUT, "exp2": EXP2, "above": ABOVE_AT_START}


@pytest.fixture(scope="module")
def references(tmp_path_factory):
    return run_in_neuron(NETWORKS, tmp_path_factory.mktemp("networks"))


def simulation_of(model, network, slope="neuron"):
    somata = [section for section in model.sections if section.name.startswith("soma")]
    probes = tuple(Probe(f"{soma.name}(0.5).v", "v", soma.centres[0]) for soma in somata)
    model = dataclasses.replace(model, probes=probes)
    check(model)
    mechanisms = {**load_all(model.sources), **MECHANISMS}
    program, params = build_program(model, mechanisms, slope=slope)
    return simulate.Simulation(model, program, params, mechanisms, build_wiring(model, mechanisms))


def run(simulation, network, steps=None):
    dt = np.float64(network.dt)
    times = integrate.clock(0.0, network.dt, network.tstop)
    state = integrate.start(simulation.program, simulation.params, dt, np.float64(0.0), simulation.wiring)
    return integrate.run(simulation.program, simulation.params, state, dt, times, wiring=simulation.wiring)


def spikes_of(state, network):
    log = state.events.log
    count = int(log.count)
    pairs = list(zip(np.asarray(log.source)[:count], np.asarray(log.time)[:count], strict=True))
    return {cell: [t for source, t in pairs if source == k] for k, cell in enumerate(network.order)}


@pytest.mark.parametrize("name", NETWORKS)
def test_spikes_and_voltages_equal_those_of_neuron(references, name):
    reference, network = references[name], NETWORKS[name]
    last, v = run(simulation_of(with_events(reference), network), network)
    assert reference.spikes == spikes_of(last, network)
    assert sum(len(times) for times in reference.spikes.values()) > 2
    np.testing.assert_allclose(v, reference.v, rtol=0, atol=1e-9)
    assert int(last.events.lost.spikes) == 0
