"""Networks of synapses to which events only add, against NEURON: spikes to the last bit, voltages to 1e-9 mV."""

from __future__ import annotations

import numpy as np
import pytest

from tests.run.events.networks import NETWORKS, run, simulation_of, spikes_of, with_events


@pytest.mark.parametrize("name", NETWORKS)
def test_spikes_and_voltages_equal_those_of_neuron(references, name):
    reference, network = references[name], NETWORKS[name]
    last, v = run(simulation_of(with_events(reference)), network)
    assert reference.spikes == spikes_of(last, network)
    assert sum(len(times) for times in reference.spikes.values()) > 2
    np.testing.assert_allclose(v, reference.v, rtol=0, atol=1e-9)
    assert last.events is not None and int(last.events.lost.spikes) == 0
