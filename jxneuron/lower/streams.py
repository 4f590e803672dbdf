"""Give streams of random numbers their ids, where a Model has none.

In: a Model and its mechanisms. Out: its placements.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

import numpy as np

from jxneuron.mech.mechanism import Mechanism
from jxneuron.model.model import Model, Placement


def with_streams(model: Model, mechanisms: Mapping[str, Mechanism]) -> Iterator[Placement]:
    """Give each stream without ids its own, (1, 0, k), where k counts them from 1 (nrnran123_newstream())."""
    count = 0
    for placement in model.placements:
        size = len(placement.node)
        for stream in mechanisms[placement.mechanism].streams:
            if stream.ids not in placement.values:
                ids = np.stack([np.ones(size), np.zeros(size), count + 1.0 + np.arange(size), np.zeros(size)])
                placement = dataclasses.replace(placement, values={**placement.values, stream.ids: ids})
            count += size
        yield placement
