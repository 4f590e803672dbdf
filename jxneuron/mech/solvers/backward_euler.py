"""One step of backward Euler by Newton's iteration, vectorised over instances.

In: a function that gives the change of a Newton step. Out: the states at the end of the step. Which entries of the
matrix exist is known while tracing, so elimination is unrolled over them. The iteration is that of NEURON's
``src/scopmath`` (``sparse_thread.hpp``, ``ssimplic_thread.hpp``). Gradients are those of the implicit solution: the
iteration itself is not differentiated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from jxneuron.mech.states import constant

CONVERGED = 1e-6  # sum of |changes|, in the states' own units (scopmath's CONVERGE)
MAX_STEPS = 22  # the last of them is one too many (sparse_thread.hpp)
Change = Callable[[list[Any], list[Any], Any], list[Any]]


def backward_euler(
    change: Any, old: list[Any], inputs: Any, dt: Any, *, linear: bool, clip: bool, done: Callable[..., Any], limit: int
) -> list[Any]:
    """Advance ``old`` by ``dt``.

    Args:
        change: ``(x, old, inputs, dt) -> change of x`` in one Newton step.
        old: the states before the step, ``(instance,)`` each.
        inputs: what the block reads besides its states.
        dt: ms.
        linear: one step is exact.
        clip: negative states become 0 in each iteration.
        done: ``(x, change) -> bool``, ``(instance,)``.
        limit: steps at most.
    """
    if linear:
        delta = change(old, old, inputs, dt)
        return [a + d for a, d in zip(old, delta, strict=True)]
    start, constants, step = constant(old), constant(inputs), constant(dt)
    x = iterate(lambda x: change(x, start, constants, step), start, clip, done, limit)
    return _implicit(lambda x, i, h: change(x, old, i, h), x, inputs, dt)


def iterate(
    change: Callable[[list[Any]], list[Any]], start: list[Any], clip: bool, done: Callable[..., Any], limit: int
) -> list[Any]:
    """Newton's iteration, each instance for itself until ``done``; values only, no derivative."""

    def step(carry: Any) -> Any:
        x, active, count = carry
        delta = change(x)
        moved = [a + d for a, d in zip(x, delta, strict=True)]
        if clip:
            moved = [jnp.where(a < 0.0, 0.0, a) for a in moved]
        x = [jnp.where(active, b, a) for a, b in zip(x, moved, strict=True)]
        return x, active & ~done(x, delta), count + 1

    def going(carry: Any) -> Any:
        return jnp.any(carry[1]) & (carry[2] < limit)

    active = jnp.ones(start[0].shape, dtype=bool)
    return jax.lax.while_loop(going, step, (start, active, 0))[0]


def _implicit(change: Change, x: list[Any], inputs: Any, dt: Any) -> list[Any]:
    """Give the solution ``x`` the derivative of the implicit equation: that of one more Newton step."""
    delta = change(x, inputs, dt)
    return [a + (d - jax.lax.stop_gradient(d)) for a, d in zip(x, delta, strict=True)]


def small_sum(x: list[Any], delta: list[Any]) -> Any:
    """True where the sum of all changes is small, as ``sparse`` and ``steadystate`` ask."""
    del x
    total = jnp.abs(delta[0])
    for one in delta[1:]:
        total = total + jnp.abs(one)
    return total <= CONVERGED


def eliminate(matrix: Mapping[tuple[int, int], Any], rhs: Sequence[Any], last: Sequence[int] = ()) -> list[Any]:
    """Solve ``matrix @ x = rhs`` by Gauss elimination over the entries that exist, diagonal pivots.

    Args:
        matrix: entries by (row, column), each ``(instance,)`` or ``()``.
        rhs: one value per row.
        last: rows to eliminate last (conservation rows, whose pivots fill up first).
    """
    rows = {k: {j: a for (i, j), a in matrix.items() if i == k} for k in range(len(rhs))}
    values, order, left = list(rhs), [], set(range(len(rhs)))
    while left:
        pivot = min(left, key=lambda k: (k in last, len(rows[k]), k))
        left.remove(pivot)
        order.append(pivot)
        for row in left:
            if pivot in rows[row]:
                factor = rows[row].pop(pivot) / rows[pivot][pivot]
                values[row] = values[row] - factor * values[pivot]
                for column, entry in rows[pivot].items():
                    if column != pivot:
                        rows[row][column] = (
                            rows[row][column] - factor * entry if column in rows[row] else -(factor * entry)
                        )
    solution: dict[int, Any] = {}
    for pivot in reversed(order):
        total = values[pivot]
        for column, entry in rows[pivot].items():
            if column != pivot:
                total = total - entry * solution[column]
        solution[pivot] = total / rows[pivot][pivot]
    return [solution[k] for k in range(len(rhs))]
