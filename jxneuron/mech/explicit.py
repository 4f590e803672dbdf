"""Explicit solvers of DERIVATIVE blocks: METHOD euler, METHOD runge, and SOLVE without METHOD.

In: a function that returns derivatives. Out: the states at the end of the step. The formulas are those of NEURON's
``src/scopmath`` (``euler_thread.hpp``, ``runge.hpp``) and of the code that nocmodl writes around them: where
``secondorder`` is not 0, ``dt`` is half a step, and ``dt`` times the last derivatives is added once more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from jxneuron.mech.states import States, arrays, flat, nested

Derivatives = Callable[..., tuple[Sequence[Any], Sequence[Any]]]


def euler(
    derivatives: Derivatives, states: States, inputs: Sequence[Any], dt: Any, secondorder: int
) -> tuple[list[Any], Sequence[Any]]:
    """Advance ``SOLVE block METHOD euler``: ``y + dt*y'``. Arguments as for ``derivimplicit``."""
    old = arrays(flat(states), inputs)
    slopes, written = derivatives(*nested(old, states), *inputs)
    x = _advanced(old, flat(slopes), dt)
    return nested(_advanced(x, flat(slopes), dt) if secondorder else x, states), written


def unadvanced(
    derivatives: Derivatives, states: States, inputs: Sequence[Any], dt: Any, secondorder: int
) -> tuple[list[Any], Sequence[Any]]:
    """Run ``SOLVE block`` without METHOD: its statements run, its states change only where ``secondorder`` is not 0."""
    old = arrays(flat(states), inputs)
    slopes, written = derivatives(*nested(old, states), *inputs)
    return nested(_advanced(old, flat(slopes), dt) if secondorder else old, states), written


def runge(
    derivatives: Derivatives, states: States, inputs: Sequence[Any], dt: Any, secondorder: int
) -> tuple[list[Any], Sequence[Any]]:
    """Advance ``SOLVE block METHOD runge``: the classical Runge-Kutta method. Arguments as for ``derivimplicit``.

    The statements of the block run once more with the new states; the values that they set then are returned.
    """
    old = arrays(flat(states), inputs)

    def slopes(x: list[Any]) -> list[Any]:
        return flat(derivatives(*nested(x, states), *inputs)[0])

    first = slopes(old)
    second = slopes(_advanced(old, first, dt / 2.0))
    third = slopes(_advanced(old, second, dt / 2.0))
    fourth = slopes(_advanced(old, third, dt))
    weighted = [(a + d) / 6.0 + (b + c) / 3.0 for a, b, c, d in zip(first, second, third, fourth, strict=True)]
    x = _advanced(old, weighted, dt)
    x = _advanced(x, fourth, dt) if secondorder else x
    return nested(x, states), derivatives(*nested(x, states), *inputs)[1]


def _advanced(x: Sequence[Any], slopes: Sequence[Any], dt: Any) -> list[Any]:
    return [a + dt * f for a, f in zip(x, slopes, strict=True)]
