"""Artificial cells whose spikes are known before a run: NEURON's NetStim, and its VecStim.

In: what a user says of one. Out: the times of its spikes, NEURON's bit for bit. JAX runs nothing here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.model.model import Floats
from jxneuron.modules.values import numbers

MOST_SPIKES = 1_000_000
_GREATEST_ID = 2**32 - 1


@dataclass(frozen=True, eq=False)
class NetStim:
    """A train of spikes, regular or noisy (NEURON's netstim.mod).

    Args:
        interval: ms, mean time between spikes.
        number: of spikes.
        start: ms, when the first spike of a regular train comes, and about when that of a noisy one does; negative:
            there are no spikes.
        noise: 0 (regular) .. 1 (Poisson): which part of each interval is drawn from an exponential distribution.
        seed: of a noisy train: the ids of its Random123 stream, one to three whole numbers, as NEURON's
            ``noiseFromRandom123(id1, id2, id3)`` takes them. NetStims with the same ids draw the same numbers.

    Raises:
        ModelError: an interval that is not positive, a negative or too large number, a noise outside 0..1, noise
            without seed, or what is no number.
    """

    interval: float = 10.0
    number: float = 10.0
    start: float = 50.0
    noise: float = 0.0
    seed: int | tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        for name in ("interval", "number", "start", "noise"):
            _require_number(f"NetStim: {name}", getattr(self, name))
        if not self.interval > 0.0:
            raise ModelError(f"NetStim: interval = {self.interval:g} ms: it must be positive")
        if not 0.0 <= self.number <= MOST_SPIKES:
            raise ModelError(
                f"NetStim: number = {self.number:g}: 0 to {MOST_SPIKES} spikes, as many as a run can reach"
            )
        if not 0.0 <= self.noise <= 1.0:
            raise ModelError(f"NetStim: noise = {self.noise:g}: it lies in 0..1")
        if self.noise > 0.0 and self.seed is None:
            raise ModelError("NetStim: noise needs a seed, the ids of its random stream, so that it can be repeated")
        if self.seed is not None:
            _ids(self.seed)

    def spike_times(self) -> Floats:
        """Return when it fires, ms, (spikes,)."""
        if self.start < 0.0 or self.number <= 0.0:
            return np.zeros(0)
        return np.array(list(islice(self._train(), math.ceil(self.number))), np.float64)

    def _train(self) -> Iterator[float]:
        """Yield the times of spikes as INITIAL and NET_RECEIVE of netstim.mod compute them."""
        drawn = self._intervals()
        first = self.start + next(drawn) - self.interval * (1.0 - self.noise)
        time = max(first, 0.0)
        while True:
            yield time
            time = time + next(drawn)

    def _intervals(self) -> Iterator[float]:
        from jxneuron.mech.random123 import random123_uniform  # loads JAX, which building a cell does without

        if self.noise == 0.0:
            while True:
                yield self.interval
        ids = _ids(self.seed)
        for sequence in count():
            drawn = -math.log(random123_uniform(float(sequence), *ids, 0.0))
            yield (1.0 - self.noise) * self.interval + self.noise * self.interval * drawn


@dataclass(frozen=True, eq=False)
class VecStim:
    """Spikes at given times (NEURON's vecevent.mod).

    Args:
        times: ms, (spikes,), ascending and not negative.

    Raises:
        ModelError: times that are no numbers, not sorted, or negative.
    """

    times: Any

    def __post_init__(self) -> None:
        times = np.atleast_1d(numbers("VecStim: times", self.times))
        if times.ndim != 1:
            raise ModelError(f"VecStim: times are (spikes,), not {times.shape}")
        if not np.isfinite(times).all():
            raise ModelError(f"VecStim: time {int(np.argmin(np.isfinite(times)))} is not a number")
        if (times < 0.0).any():
            raise ModelError(f"VecStim: a time is negative: {times.min():g} ms")
        if (np.diff(times) < 0.0).any():
            late = int(np.argmax(np.diff(times) < 0.0))
            raise ModelError(f"VecStim: times are not sorted: {times[late]:g} ms comes before {times[late + 1]:g} ms")
        object.__setattr__(self, "times", times)

    def spike_times(self) -> Floats:
        """Return when it fires, ms, (spikes,); each time is rounded as NEURON's ``t + (time - t)``."""
        t, result = 0.0, []
        for time in self.times.tolist():
            t = (t + time) - t
            result.append(t)
        return np.array(result, np.float64)


def _ids(seed: Any) -> tuple[float, float, float]:
    """Return the three ids of a stream.

    Raises:
        ModelError: they are no one to three whole numbers of 32 bits.
    """
    ids = tuple(seed) if isinstance(seed, (tuple, list)) else (seed,)
    whole = all(isinstance(each, (int, np.integer)) and not isinstance(each, bool) for each in ids)
    if not whole or not 1 <= len(ids) <= 3 or not all(0 <= each <= _GREATEST_ID for each in ids):
        raise ModelError(f"NetStim: seed = {seed!r}: one to three whole numbers of 0 to {_GREATEST_ID}")
    first, second, third = (*map(float, ids), 0.0, 0.0)[:3]
    return first, second, third


def _require_number(what: str, value: Any) -> None:
    if not (np.ndim(numbers(what, value)) == 0 and np.isfinite(value)):
        raise ModelError(f"{what} = {value!r} is no number")
