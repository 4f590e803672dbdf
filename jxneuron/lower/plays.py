"""The values that Vector.play gives a variable, step by step (vrecord.cpp).

In: Plays and the times of a run. Out: samples for the InputTargets of a Program, made before the run: what is played
depends on time alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from jxneuron.lower.program import InputTarget, Phase
from jxneuron.model.model import Floats, Ints, Play


def sample_plays(
    input_targets: Iterable[InputTarget], plays: Sequence[Play], start: float, half: Floats, full: Floats
) -> tuple[Floats, ...]:
    """Return the samples of each InputTarget of a play, (steps, k), NaN where a step leaves the variable alone.

    Args:
        input_targets: of a Program.
        plays: of its Model.
        start: ms, where the run begins; NEURON has delivered the events up to it.
        half: (steps,) ms, the middle of each step, up to which events are delivered at its beginning.
        full: (steps,) ms, the end of each step, up to which events are delivered there.
    """
    follow = {"step": _steps, "continuous": _lines}
    values = [follow[play.kind](play, start, half, full) for play in plays]
    return tuple(
        np.stack([values[k][target.phase] for k in target.plays], axis=-1) for target in input_targets if target.plays
    )


def _steps(play: Play, start: float, half: Floats, full: Floats) -> dict[Phase, Floats]:
    """Sample a VecPlayStep: the value of the last event delivered since the sample before, NaN where there is none."""
    count = min(len(play.t), len(play.y))
    events = np.maximum.accumulate(play.t[:count])
    at_half, at_end = (np.searchsorted(events, times, side="right") for times in (half, full))
    before = np.concatenate([[np.searchsorted(events, start, side="right")], at_end[:-1]])
    return {
        "half": np.where(at_half > before, play.y[at_half - 1], np.nan),
        "end": np.where(at_end > at_half, play.y[at_end - 1], np.nan),
    }


def _lines(play: Play, start: float, half: Floats, full: Floats) -> dict[Phase, Floats]:
    """Sample a VecPlayContinuous: its line at both times of a step, and again where an event comes at the end."""
    del start
    bounds, times = _bounds(play)
    at_half, at_end = (np.searchsorted(times, up_to, side="right") for up_to in (half, full))
    last = times[np.maximum(at_end - 1, 0)]
    return {
        "half": draw_lines(play, half, bounds[at_half]),
        "full": draw_lines(play, full, bounds[at_half]),
        "end": np.where(at_end > at_half, draw_lines(play, last, bounds[at_end]), np.nan),
    }


def _bounds(play: Play) -> tuple[Ints, Floats]:
    """Return the last point known after 0, 1, ... events, (events + 1,), and the times of the events, (events,) ms."""
    last = len(play.t) - 1
    if play.breaks is None:
        return np.minimum(np.arange(last + 2), last), np.maximum.accumulate(play.t)
    return np.append(play.breaks, last), np.maximum.accumulate(play.t[play.breaks])


def draw_lines(play: Play, at: Floats, bound: Ints) -> Floats:
    """Return a play's piecewise linear values at some times, (k,); after ``bound`` the last line continues.

    Args:
        play: the points.
        at: (k,) ms.
        bound: (k,) the last point known at each time.
    """
    inside = np.searchsorted(play.t, at, side="right")
    number = np.where(at >= play.t[bound], bound, np.minimum(inside, len(play.t) - 1))
    right = np.maximum(number, min(1, len(play.t) - 1))
    left = np.maximum(right - 1, 0)
    x0, x1, t0, t1 = play.y[left], play.y[right], play.t[left], play.t[right]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (at - t0) / (t1 - t0)
    line = np.where(t0 == t1, (x0 + x1) / 2.0, x0 + (x1 - x0) * share)
    before = (at < play.t[bound]) & (at <= play.t[0]) | (number == 0)
    return np.where(before, play.y[0], line)
