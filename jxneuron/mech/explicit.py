"""DERIVATIVE blocks that are stepped explicitly: euler, runge, and no METHOD at all.

In: a function that returns derivatives. Out: the states at the end of the step. As in NEURON's
``src/scopmath`` (``euler_thread.hpp``, ``runge.hpp``) and in the code around it that nocmodl writes: where
``secondorder`` is not 0, ``dt`` is half a step and the last derivatives are added once more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from jxneuron.mech.states import States, arrays, flat, nested

Derivatives = Callable[..., tuple[Sequence[Any], Sequence[Any]]]


def euler(
    derivatives: Derivatives, states: States, inputs: Sequence[Any], dt: Any, secondorder: int
) -> tuple[list[Any], Sequence[Any]]:
    """``SOLVE block METHOD euler``: ``y + dt*y'``; arguments as for ``derivimplicit``."""
    old = arrays(flat(states), inputs)
    slopes, written = derivatives(*nested(old, states), *inputs)
    x = _moved(old, flat(slopes), dt)
    return nested(_moved(x, flat(slopes), dt) if secondorder else x, states), written


def unadvanced(
    derivatives: Derivatives, states: States, inputs: Sequence[Any], dt: Any, secondorder: int
) -> tuple[list[Any], Sequence[Any]]:
    """``SOLVE block`` of a DERIVATIVE without METHOD: its statements run, its states move by ``secondorder`` only."""
    old = arrays(flat(states), inputs)
    slopes, written = derivatives(*nested(old, states), *inputs)
    return nested(_moved(old, flat(slopes), dt) if secondorder else old, states), written


def runge(
    derivatives: Derivatives, states: States, inputs: Sequence[Any], dt: Any, secondorder: int
) -> tuple[list[Any], Sequence[Any]]:
    """``SOLVE block METHOD runge``: the classical method of fourth order; arguments as for ``derivimplicit``.

    The statements of the block run once more at the end, which is what they leave behind.
    """
    old = arrays(flat(states), inputs)

    def slopes(x: list[Any]) -> list[Any]:
        return flat(derivatives(*nested(x, states), *inputs)[0])

    first = slopes(old)
    second = slopes(_moved(old, first, dt / 2.0))
    third = slopes(_moved(old, second, dt / 2.0))
    fourth = slopes(_moved(old, third, dt))
    weighted = [(a + d) / 6.0 + (b + c) / 3.0 for a, b, c, d in zip(first, second, third, fourth, strict=True)]
    x = _moved(old, weighted, dt)
    x = _moved(x, fourth, dt) if secondorder else x
    return nested(x, states), derivatives(*nested(x, states), *inputs)[1]


def _moved(x: Sequence[Any], slopes: Sequence[Any], dt: Any) -> list[Any]:
    return [a + dt * f for a, f in zip(x, slopes, strict=True)]
