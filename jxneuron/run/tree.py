"""The tree solver: the linear solve of voltages and of diffusion, and its derivative.

The matrix of a branched cable has, for each node i with parent p, the diagonal ``d[i]`` and two off-diagonals:
``a[i]`` in row p, column i, and ``b[i]`` in row i, column p. With parents before children it is eliminated
without fill-in in one sweep towards the root and one back (Hines 1984; NEURON's solve.cpp).
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from numpy.typing import NDArray

Index = NDArray[np.int64]


class HinesMatrix(NamedTuple):
    """The entries of a tree's matrix. n nodes."""

    a: Array  # (n,) entry (parent, node); 0 at roots
    b: Array  # (n,) entry (node, parent); 0 at roots
    d: Array  # (n,) entry (node, node)


def transpose(m: HinesMatrix) -> HinesMatrix:
    """Exchange rows and columns of the matrix."""
    return HinesMatrix(a=m.b, b=m.a, d=m.d)


def matvec(parent: Index, m: HinesMatrix, x: Array) -> Array:
    """Return ``dense(parent, m) @ x``, (n,)."""
    up = np.maximum(parent, 0)
    return (m.d * x + m.b * x[up]).at[up].add(m.a * x)


def dense(parent: Index, m: HinesMatrix) -> NDArray[np.float64]:
    """Return the full matrix, (n, n): the slow twin, for tests."""
    full = np.diag(np.asarray(m.d))
    for i, p in enumerate(parent):
        if p >= 0:
            full[p, i] += m.a[i]
            full[i, p] += m.b[i]
    return full


def solve(parent: Index, m: HinesMatrix, rhs: Array) -> Array:
    """Solve ``dense(parent, m) @ x == rhs``; differentiable in ``m`` and ``rhs``.

    The derivative is one more solve (in reverse mode with the transposed matrix), not that of the elimination.

    Args:
        parent: (n,) parent of each node, negative at roots; parents come before their children.
        m: the matrix.
        rhs: (n,).
    """

    def multiply(x: Array) -> Array:
        return matvec(parent, m, x)

    def solve_for(_: object, y: Array) -> Array:
        return eliminate(parent, m, y)

    def solve_transposed(_: object, y: Array) -> Array:
        return eliminate(parent, transpose(m), y)

    return lax.custom_linear_solve(multiply, rhs, solve=solve_for, transpose_solve=solve_transposed)


def eliminate(parent: Index, m: HinesMatrix, rhs: Array) -> Array:
    """Eliminate towards the roots, then substitute back, with NEURON's order of operations at each node (solve.cpp).

    Nodes are taken level by level: neighbours in this order rarely need each other's results, so that a processor can
    overlap them.
    """
    order, roots = by_depth(parent), np.flatnonzero(parent < 0)
    last, first = len(order) - 1, len(roots)
    node, up = jnp.asarray(order, jnp.int32), jnp.asarray(np.maximum(parent, 0)[order], jnp.int32)

    def towards_root(k: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        d, y = carry
        i, p = _at(node, last - k), _at(up, last - k)
        factor = _at(m.a, i) / _at(d, i)
        return _add_at(d, p, -factor * _at(m.b, i)), _add_at(y, p, -factor * _at(y, i))

    def back(k: Array, y: Array) -> Array:
        i, p = _at(node, k), _at(up, k)
        new = (_at(y, i) - _at(m.b, i) * _at(y, p)) / _at(d, i)
        return y.at[i].set(new, mode="promise_in_bounds", wrap_negative_indices=False)

    eliminated: tuple[Array, Array] = lax.fori_loop(0, len(order) - first, towards_root, (m.d, rhs))
    d, y = eliminated
    solved: Array = lax.fori_loop(first, len(order), back, y.at[roots].set(y[roots] / d[roots]))
    return solved


def by_depth(parent: Index) -> Index:
    """Return the nodes level by level from the roots, (n,); within a level in their own order."""
    depth = np.zeros(len(parent), np.int64)
    for i, p in enumerate(parent):
        depth[i] = depth[p] + 1 if p >= 0 else 0
    return np.argsort(depth, kind="stable")


def _at(x: Array, i: Array) -> Array:
    return x.at[i].get(mode="promise_in_bounds", wrap_negative_indices=False)


def _add_at(x: Array, i: Array, value: Array) -> Array:
    return x.at[i].add(value, mode="promise_in_bounds", wrap_negative_indices=False)
