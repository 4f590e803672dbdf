"""Events that reach one receiver at the same time, where their order may decide what follows.

NEURON delivers events of equal times in the order in which they entered its queue, but for one that had to make room
for an earlier one; ours in the order in which they were sent (run.events).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jxneuron.mech.generated import load_all
from jxneuron.model.find import placement_of
from jxneuron.model.model import Connections, Model


class Ties(NamedTuple):
    """How many events arrive together with the one before at the same instance, and the first such instance."""

    count: int
    mechanism: str = ""
    instance: int = -1


def find_ties(model: Model, spikes: Mapping[int, NDArray[np.float64]]) -> tuple[int, str]:
    """Return how many events arrive together at instances to which their order matters, and where the first do.

    Args:
        model: the model that was run.
        spikes: by the number of the source, (spikes,) ms.
    """
    if model.events is None:
        return 0, ""
    mechanisms = load_all(model.sources)
    ordered = {name for name in model.events.connections.targets if mechanisms[name].jump is None}
    ties = count_ties(model.events.connections, ordered, spikes)
    return ties.count, placement_of(model, ties.mechanism).labels[ties.instance] if ties.count else ""


def count_ties(connections: Connections, receivers: set[str], spikes: Mapping[int, NDArray[np.float64]]) -> Ties:
    """Count the events that arrive at an instance of some mechanisms at the same time as the one before."""
    wanted = [k for k, name in enumerate(connections.targets) if name in receivers]
    live = np.flatnonzero(connections.active & np.isin(connections.mechanism, wanted))
    time, mechanism, instance = _arrivals(connections, live, spikes)
    order = np.lexsort((time, instance, mechanism))
    same = np.all([x[order][1:] == x[order][:-1] for x in (time, instance, mechanism)], axis=0)
    if not same.any():
        return Ties(0)
    first = min(order[1:][same], key=lambda k: time[k])
    return Ties(int(same.sum()), connections.targets[mechanism[first]], int(instance[first]))


def _arrivals(
    connections: Connections, live: NDArray[np.int64], spikes: Mapping[int, NDArray[np.float64]]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the time, ms, the mechanism and the instance of each arrival."""
    none = np.zeros(0)
    sent = [spikes.get(int(connections.source[k]), none) for k in live]
    counts = [len(times) for times in sent]
    time = np.concatenate([none, *sent]) + np.repeat(connections.delay[live], counts)
    return time, np.repeat(connections.mechanism[live], counts), np.repeat(connections.instance[live], counts)
