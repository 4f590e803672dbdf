"""SOLVE block METHOD runge: a DERIVATIVE block, by the Runge-Kutta method (NEURON's ``src/scopmath/runge.hpp``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jxneuron.mech.solvers.euler import Derivatives
from jxneuron.mech.states import States, advanced, arrays, flat, nested


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
    second = slopes(advanced(old, first, dt / 2.0))
    third = slopes(advanced(old, second, dt / 2.0))
    fourth = slopes(advanced(old, third, dt))
    weighted = [(a + d) / 6.0 + (b + c) / 3.0 for a, b, c, d in zip(first, second, third, fourth, strict=True)]
    x = advanced(old, weighted, dt)
    x = advanced(x, fourth, dt) if secondorder else x
    return nested(x, states), derivatives(*nested(x, states), *inputs)[1]
