"""Events that arrive together at one receiver."""

from __future__ import annotations

import dataclasses

import numpy as np

from jxneuron.compare.ties import Ties, count_ties
from jxneuron.model.model import Connections

THREE = Connections(
    source=np.array([0, 1, 1, 0]),
    mechanism=np.array([0, 0, 0, 1]),
    instance=np.array([0, 0, 1, 0]),
    delay=np.array([2.0, 1.0, 1.0, 1.0]),
    active=np.ones(4, bool),
    targets=("IntFire1", "ExpSyn"),
    weights={},
)
SPIKES = {0: np.array([1.0, 5.0, 20.0]), 1: np.array([2.0, 6.0, 30.0])}  # 3 and 7 ms, twice, at IntFire1[0]


def test_events_of_two_sources_that_arrive_together_are_counted_by_receiver() -> None:
    assert count_ties(THREE, {"IntFire1"}, SPIKES) == Ties(2, "IntFire1", 0)
    assert count_ties(THREE, {"ExpSyn"}, SPIKES).count == 0
    assert count_ties(THREE, {"IntFire1"}, {0: SPIKES[0]}).count == 0


def test_a_connection_that_is_not_active_delivers_nothing() -> None:
    silent = dataclasses.replace(THREE, active=np.array([True, False, True, True]))
    assert count_ties(silent, {"IntFire1"}, SPIKES).count == 0
