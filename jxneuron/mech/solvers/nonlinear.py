"""NONLINEAR blocks: the roots of a system of equations, as scopmath's ``newton`` finds them.

In: a function that gives what is left of each equation. Out: the states at the root. NEURON's iteration stops at 1e-6
of a state, so that its result depends on the way there: the same slopes (quotients over 4 %), kept while the states
change by less than 5 %. Gradients are those of the implicit solution.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from jxneuron.mech.states import States, arrays, constant, flat, nested

CONVERGED = 1e-6  # largest change of a state, relative to it
ZERO = 1e-8  # largest rest of an equation; states below it count as no change
REBUILD = 0.05  # a larger relative change asks for new slopes
SHARE, LEAST = 0.02, 1e-6  # half of the interval that a slope is taken over: a share of the state, at least
MOST = 50

Equations = Callable[..., tuple[Sequence[Any], Sequence[Any]]]


def nonlinear(equations: Equations, states: States, inputs: Sequence[Any]) -> tuple[list[Any], Sequence[Any]]:
    """``SOLVE`` of a NONLINEAR block.

    Args:
        equations: ``(*states, *inputs) -> (right minus left side of each equation, values that its statements set)``.
        states: ``(instance,)`` each, array states as lists; the iteration starts from them.
        inputs: what the block reads besides its states.
    """
    start = jnp.stack(arrays(flat(states), inputs))

    def rest(x: jax.Array, inputs: Sequence[Any]) -> jax.Array:
        rests = flat(equations(*nested(list(x), states), *inputs)[0])
        return jnp.stack([jnp.broadcast_to(jnp.asarray(one, x.dtype), x[0].shape) for one in rests])

    constants = constant(tuple(inputs))
    root = _root(lambda x: rest(x, constants), jax.lax.stop_gradient(start))
    left = rest(root, inputs)
    delta = _solve(_slopes(lambda x: rest(x, constants), root), -(left - jax.lax.stop_gradient(left)))
    solution = nested(list(root + delta), states)
    return solution, equations(*solution, *inputs)[1]


def _root(rest: Callable[[jax.Array], jax.Array], start: jax.Array) -> jax.Array:
    """(state, instance): each instance for itself until it has converged."""
    lane = (1, *start.shape[1:])

    def turn(carry: Any) -> Any:
        x, matrix, value, change, active, count = carry
        rebuilt, slopes = _quotients(rest, x)
        fresh = active & (change > REBUILD)
        x = jnp.where(fresh, rebuilt, x)
        matrix = jnp.where(fresh[None], slopes, matrix)
        value = jnp.where(fresh, -rest(x), value)
        delta = _solve(matrix, value)
        ratio = jnp.where(jnp.abs(x) > ZERO, jnp.abs(delta / x), 0.0).max(axis=0, keepdims=True)
        x = jnp.where(active, x + delta, x)
        value = jnp.where(active, -rest(x), value)
        done = (ratio <= CONVERGED) & (jnp.abs(value).max(axis=0, keepdims=True) <= ZERO)
        return x, matrix, value, jnp.where(active, ratio, change), active & ~done, count + 1

    def going(carry: Any) -> Any:
        return jnp.any(carry[4]) & (carry[5] < MOST)

    size = len(start)
    matrix = jnp.zeros((size, size, *start.shape[1:]))
    first = start, matrix, jnp.zeros_like(start), jnp.ones(lane), jnp.ones(lane, bool), 0
    x, _, _, _, active, _ = jax.lax.while_loop(going, turn, first)
    return jnp.where(active, jnp.nan, x)


def _quotients(rest: Callable[[jax.Array], jax.Array], x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Central differences, (equation, state, instance), and the states as stepping forth and back leaves them."""
    columns = []
    for k in range(len(x)):
        step = jnp.maximum(jnp.abs(SHARE * x[k]), LEAST)
        above = x.at[k].add(step)
        below = above.at[k].add(-2.0 * step)
        columns.append((rest(above) - rest(below)) / (2.0 * step)[None])
        x = below.at[k].add(step)
    return x, jnp.stack(columns, axis=1)


def _slopes(rest: Callable[[jax.Array], jax.Array], x: jax.Array) -> jax.Array:
    """Exact derivatives, (equation, state, instance)."""
    columns = [jax.jvp(rest, (x,), (jnp.zeros_like(x).at[k].set(1.0),))[1] for k in range(len(x))]
    return jnp.stack(columns, axis=1)


def _solve(matrix: jax.Array, value: jax.Array) -> jax.Array:
    """(state, instance) from (equation, state, instance) and (equation, instance)."""
    solved = jnp.linalg.solve(jnp.moveaxis(matrix, (0, 1), (-2, -1)), jnp.moveaxis(value, 0, -1)[..., None])
    return jnp.moveaxis(solved[..., 0], -1, 0)
