"""The networks of these tests, in NEURON."""

from __future__ import annotations

import pytest

from tests.run.events.networks import NETWORKS, run_in_neuron


@pytest.fixture(scope="session")
def references(tmp_path_factory):
    """By name, what NEURON makes of each of NETWORKS."""
    return run_in_neuron(NETWORKS, tmp_path_factory.mktemp("networks"))
