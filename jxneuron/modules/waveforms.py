"""Times and currents as arrays: what stimuli are made of.

In: durations and amplitudes. Out: arrays with one value per time, which know their ``delta_t`` (see ``sampled``).
Amplitudes may be traced; everything else is numpy.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.model.model import Floats
from jxneuron.modules.sampled import waveform
from jxneuron.modules.values import is_traced, numbers

# A duration may miss a whole number of steps by this share of a step
SLACK = 1e-3


def num_steps(t_max: float, delta_t: float) -> int:
    """How many steps a run of ``t_max`` ms makes: ``round(t_max / delta_t)``.

    Raises:
        ModelError: ``t_max`` is no multiple of ``delta_t``, or one of them is not positive.
    """
    for name, value in (("delta_t", delta_t), ("t_max", t_max)):
        given = numbers(name, value)
        if given.ndim or not (np.isfinite(given) and given > 0):
            raise ModelError(f"{name} = {value} ms: it must be a positive number")
    steps = round(t_max / delta_t)
    if steps < 1 or abs(t_max / delta_t - steps) > SLACK:
        near = max(steps, 1) * delta_t
        raise ModelError(f"t_max = {t_max} ms is no multiple of delta_t = {delta_t} ms; {near:g} ms is the nearest")
    return steps


def times(t_max: float, delta_t: float) -> Floats:
    """The times of a run's samples, ms, (num_steps + 1,).

    Each step adds ``delta_t/2`` twice, as NEURON advances ``t``.

    Raises:
        ModelError: as ``num_steps``.
    """
    halves = np.full(2 * num_steps(t_max, delta_t), 0.5 * delta_t)
    return np.concatenate([[0.0], halves]).cumsum()[::2]


def step_current(i_delay: float, i_dur: float, i_amp: Any, delta_t: float, t_max: float, i_offset: Any = 0.0) -> Any:
    """A current that is ``i_amp`` for a while, nA, (num_steps + 1,); what NEURON's IClamp injects in each step.

    Sample k acts in the step from t_k to t_(k+1) and is on where ``i_delay <= t_k + delta_t/2 < i_delay + i_dur``. The
    array knows its ``delta_t``: a run of other steps refuses it.

    Args:
        i_delay: ms, when it begins.
        i_dur: ms, how long it lasts.
        i_amp: nA; may be traced.
        delta_t: ms.
        t_max: ms.
        i_offset: nA, the current before and after; may be traced.

    Raises:
        ModelError: as ``num_steps``; an amplitude that is no number.
    """
    amplitude, offset = _one("i_amp", i_amp), _one("i_offset", i_offset)
    return waveform(offset + _window(i_delay, i_dur, delta_t, t_max) * (amplitude - offset), float(delta_t))


def datapoint_to_step_currents(
    i_delay: float, i_dur: float, i_amp: Any, delta_t: float, t_max: float, i_offset: Any = 0.0
) -> Any:
    """``step_current`` for each of several amplitudes, nA, (amplitudes, num_steps + 1): what ``data_stimulate`` takes.

    Args:
        i_delay: ms, when they begin.
        i_dur: ms, how long they last.
        i_amp: nA, (amplitudes,); may be traced.
        delta_t: ms.
        t_max: ms.
        i_offset: nA, the current before and after; may be traced.

    Raises:
        ModelError: as ``num_steps``; amplitudes that are no vector of numbers.
    """
    amplitudes, offset = _finite("i_amp", i_amp), _one("i_offset", i_offset)
    if np.ndim(amplitudes) != 1:
        raise ModelError(f"i_amp is a vector of amplitudes, not of shape {np.shape(amplitudes)}")
    window = _window(i_delay, i_dur, delta_t, t_max)
    return waveform(offset + (amplitudes - offset)[:, None] * window[None, :], float(delta_t))


def _one(name: str, value: Any) -> Any:
    """One number, traced or not.

    Raises:
        ModelError: several, or what is no number.
    """
    found = _finite(name, value)
    if np.size(found) != 1:
        raise ModelError(f"{name} is one number, not of shape {np.shape(found)}; see datapoint_to_step_currents")
    return found.reshape(()) if is_traced(value) else found.item()


def _finite(name: str, value: Any) -> Any:
    """Numbers as they are where traced, else as numpy.

    Raises:
        ModelError: not a number.
    """
    if is_traced(value):
        return value
    found = numbers(name, value)
    if not np.isfinite(found).all():
        raise ModelError(f"{name} = {found[~np.isfinite(found)][0]} nA is not a number")
    return found


def _window(i_delay: float, i_dur: float, delta_t: float, t_max: float) -> Floats:
    """1 in the steps whose middle the current covers, else 0."""
    for name, value in (("i_delay", i_delay), ("i_dur", i_dur)):
        given = numbers(name, value)
        if given.ndim or not given >= 0:
            raise ModelError(f"{name} = {value} ms: it must be a number that is not negative")
    start = times(t_max, delta_t)
    middle = start + 0.5 * delta_t
    return ((middle >= i_delay) & (middle < i_delay + i_dur)).astype(np.float64)
