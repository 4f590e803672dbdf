"""How equal two traces are: differences, spikes, tolerance. Arithmetic only.

In: the two engines' samples of one variable, and NEURON's own answer to a kick. Out: `Verdict`.

Voltages are within when ``max|dV| <= max(1e-9 mV, 100 * kick)``, where ``kick`` is how far NEURON moves from
itself when every segment's v is raised by 1e-12 mV right after initialisation, and spikes fall in the same
steps. Other variables have the same rule with 1e-9 of their own largest absolute value instead of 1e-9 mV.
Spike times of sources of events are within when there are as many and none is further than 1e-9 ms from NEURON's.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FLOOR = 1e-9  # mV, or of a variable's largest absolute value
KICK_FACTOR = 100.0
DERIVIMPLICIT_FACTOR = 1000.0
THRESHOLD = -20.0  # mV; a spike is the step in which v goes above it
MOVED = 1.0  # mV; less proves nothing
SAME_SPIKE = 1e-9  # ms


@dataclass(frozen=True)
class NotANumber:
    """Where a trace stops being numbers."""

    engine: str  # NEURON or jxneuron
    record: str
    t: float  # ms

    def __str__(self) -> str:
        return f"{self.engine}: {self.record} is not a number from {self.t:g} ms on"


@dataclass(frozen=True)
class Verdict:
    """One record's comparison. Differences are in the record's own unit.

    Attributes:
        name: the record.
        voltage: is it a membrane potential?
        max_abs: largest absolute difference; nan when a trace is not a number.
        at: ms, where that is.
        rms: root mean square difference.
        floor: what counts as rounding here: 1e-9 mV, or 1e-9 of the largest absolute value.
        kick: NEURON's own answer to the kick; None when it was not needed.
        tolerance: what max_abs may be.
        spikes_neuron, spikes_jxneuron: ms, the first samples above the threshold; empty unless a voltage.
        same_steps: spikes fall in the same steps.
        first_divergence: ms, the first sample beyond the tolerance; None where there is none.
        broken: where a trace is not a number; empty when both are sound.
    """

    name: str
    voltage: bool
    max_abs: float
    at: float
    rms: float
    floor: float
    kick: float | None
    tolerance: float
    spikes_neuron: tuple[float, ...]
    spikes_jxneuron: tuple[float, ...]
    same_steps: bool
    first_divergence: float | None
    broken: tuple[NotANumber, ...]

    @property
    def within(self) -> bool:
        """Both traces are numbers, no farther apart than the tolerance, with spikes in the same steps."""
        return not self.broken and self.same_steps and self.max_abs <= self.tolerance

    @property
    def needs_kick(self) -> bool:
        """Is the difference more than rounding, so that NEURON's own sensitivity decides?"""
        return not self.broken and self.max_abs > self.floor


@dataclass(frozen=True)
class Train:
    """The spikes of one source of events, or of several that are recorded together; times in ms, in order."""

    name: str
    neuron: tuple[float, ...]
    jxneuron: tuple[float, ...]

    @property
    def equal(self) -> bool:
        """Are all times equal to the last bit?"""
        return self.neuron == self.jxneuron

    @property
    def within(self) -> bool:
        """Are there as many spikes, at the same times but for rounding?"""
        return self.first is None

    @property
    def first(self) -> tuple[float | None, float | None] | None:
        """The first spike that differs, in NEURON and in jxneuron; None where one of them has no more."""
        for theirs, ours in itertools.zip_longest(self.neuron, self.jxneuron):
            if theirs is None or ours is None or not abs(theirs - ours) <= SAME_SPIKE:
                return theirs, ours
        return None


def judge(
    name: str,
    t: Floats,
    neuron: Floats,
    ours: Floats,
    *,
    kicked: Floats | None = None,
    factor: float = KICK_FACTOR,
    tolerance: float | None = None,
) -> Verdict:
    """Compare one record.

    Args:
        name: the record, ``soma(0.5).v``; a voltage when it ends in ``.v``.
        t: (k,) ms, sample times.
        neuron: (k,) NEURON's samples.
        ours: (k,) our samples.
        kicked: (k,) samples of NEURON after the kick, where they were needed.
        factor: how many times NEURON's own answer to the kick is within.
        tolerance: a case's own, mV; voltages only.
    """
    voltage = name.endswith(".v")
    broken = tuple(_broken("NEURON", name, t, neuron) + _broken("jxneuron", name, t, ours))
    with np.errstate(invalid="ignore"):
        difference = np.abs(ours - neuron)
    floor = FLOOR if voltage else FLOOR * _largest(neuron)
    kick = None if kicked is None else float(np.max(np.abs(kicked - neuron), initial=0.0))
    allowed = _allowed(floor, kick, factor, tolerance if voltage else None)
    beyond = np.flatnonzero(~(difference <= allowed))
    theirs, mine = (spike_steps(v) if voltage else np.zeros(0, np.int64) for v in (neuron, ours))
    return Verdict(
        name=name,
        voltage=voltage,
        max_abs=float(np.max(difference, initial=0.0)),
        at=float(t[np.argmax(difference)]),
        rms=float(np.sqrt(np.mean(difference**2))),
        floor=floor,
        kick=kick,
        tolerance=allowed,
        spikes_neuron=tuple(t[theirs].tolist()),
        spikes_jxneuron=tuple(t[mine].tolist()),
        same_steps=np.array_equal(theirs, mine),
        first_divergence=float(t[beyond[0]]) if len(beyond) else None,
        broken=broken,
    )


def spike_steps(v: Floats, threshold: float = THRESHOLD) -> NDArray[np.int64]:
    """Indices of the samples at which v has gone above the threshold (NEURON: v - threshold > 0, strictly)."""
    above = v > threshold
    return np.flatnonzero(above[1:] & ~above[:-1]) + 1


def moved(voltages: Floats) -> float:
    """The largest excursion (max - min over time) of any of the voltages (n, k), mV; nan counts as none."""
    finite = voltages[np.isfinite(voltages).all(axis=1)]
    return float(np.max(np.ptp(finite, axis=1), initial=0.0)) if finite.shape[1] else 0.0


def _allowed(floor: float, kick: float | None, factor: float, own: float | None) -> float:
    if own is not None:
        return own
    return floor if kick is None or not np.isfinite(kick) else max(floor, factor * kick)


def _largest(values: Floats) -> float:
    finite = np.abs(values[np.isfinite(values)])
    return float(np.max(finite, initial=0.0))


def _broken(engine: str, name: str, t: Floats, values: Floats) -> list[NotANumber]:
    bad = np.flatnonzero(~np.isfinite(values))
    return [NotANumber(engine, name, float(t[bad[0]]))] if len(bad) else []
