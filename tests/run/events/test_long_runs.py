"""Ten seconds: the sums of times in which NEURON counts have drifted by then, and every arrival is in its window."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from jxneuron.lower.program import Capacity
from tests.run.events.networks import Network, run, run_in_neuron, simulation_of, spikes_of, with_events

LONG = Network(  # no cell hears itself: rounding grows by itself in a network that does
    amp=(0.35, 0.4, 0.0),
    places=(2, 2),
    connections=(  # multiples of dt, and of dt/2
        (0, 0, 1.0, 0.0010),
        (0, 1, 0.025, 0.0008),
        (1, 0, 2.5, 0.0012),
        (1, 1, 0.0125, 0.0007),
        (0, 0, 5.0, 0.0005),
        (1, 1, 0.0375, 0.0005),
    ),
    tstop=10_000.0,
)


@pytest.mark.slow
def test_spikes_of_ten_seconds_equal_those_of_neuron(tmp_path):
    reference = run_in_neuron({"long": LONG}, tmp_path)["long"]
    simulation = simulation_of(with_events(reference))
    roomy = dataclasses.replace(simulation.program, capacity=Capacity(log=8192))
    last, v = run(dataclasses.replace(simulation, program=roomy), LONG)
    spikes = spikes_of(last, LONG)
    counts = [len(times) for times in spikes.values()]
    assert min(counts) > 100, counts
    assert spikes == reference.spikes
    np.testing.assert_allclose(v, reference.v, rtol=0, atol=1e-8)  # an arrival in another window makes 1e-3 mV
