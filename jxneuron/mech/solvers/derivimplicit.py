"""SOLVE block METHOD derivimplicit: a DERIVATIVE block, by backward Euler."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from jxneuron.mech.solvers.backward_euler import backward_euler, eliminate
from jxneuron.mech.states import States, arrays, flat, nested

NEWTON_TOLERANCE = 1e-12
NEWTON_STEPS = 50


def derivimplicit(
    derivatives: Callable[..., tuple[Sequence[Any], Sequence[Any]]],
    states: States,
    inputs: Sequence[Any],
    dt: Any,
    secondorder: int,
) -> tuple[list[Any], Sequence[Any]]:
    """``SOLVE block METHOD derivimplicit``: backward Euler, Newton with exact derivatives to 1e-12.

    Args:
        derivatives: ``(*states, *inputs) -> (y' of each state, values that the block's statements set)``.
        states: ``(instance,)`` each, array states as lists.
        inputs: what the block reads besides its states.
        dt: ms; half a step where ``secondorder`` is not 0.
        secondorder: where it is not 0, the states are extrapolated by ``dt*y'``.
    """
    old = arrays(flat(states), inputs)

    def change(x: list[Any], old: list[Any], inputs: Any, dt: Any) -> list[Any]:
        def slopes(*x: Any) -> list[Any]:
            slope_list = flat(derivatives(*nested(x, states), *inputs)[0])
            return [jnp.broadcast_to(jnp.asarray(one, dtype=x[0].dtype), x[0].shape) for one in slope_list]

        rhs = [dt * f - (a - b) for f, a, b in zip(slopes(*x), x, old, strict=True)]
        matrix: dict[tuple[int, int], Any] = {}
        for column, one in enumerate(x):
            ones = [jnp.ones_like(one) if k == column else jnp.zeros_like(a) for k, a in enumerate(x)]
            for row, slope in enumerate(jax.jvp(slopes, tuple(x), tuple(ones))[1]):
                matrix[row, column] = float(row == column) - dt * slope
        return eliminate(matrix, rhs)

    x = backward_euler(change, old, inputs, dt, linear=False, clip=False, done=_small_ratio, limit=NEWTON_STEPS)
    slopes, written = derivatives(*nested(x, states), *inputs)
    if secondorder:
        x = [a + dt * f for a, f in zip(x, flat(slopes), strict=True)]
    return nested(x, states), written


def _small_ratio(x: list[Any], delta: list[Any]) -> Any:
    small = jnp.ones(x[0].shape, dtype=bool)
    for a, d in zip(x, delta, strict=True):
        small = small & (jnp.abs(d) <= NEWTON_TOLERANCE * jnp.abs(a))
    return small
