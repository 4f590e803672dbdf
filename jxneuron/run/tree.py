"""The tree solver: the only linear solve of the voltage, and its derivative rule.

The matrix of a branched cable has, for each node i with parent p, the diagonal ``d[i]`` and two off-diagonals:
``a[i]`` in row p, column i, and ``b[i]`` in row i, column p. With parents before children it is eliminated
without fill-in in one sweep towards the root and one back (Hines 1984; NEURON's solve.cpp).
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from numpy.typing import NDArray

Index = NDArray[np.int64]


class HinesMatrix(NamedTuple):
    """Off-diagonals and diagonal of a tree's matrix, each of shape (node,); ``a`` and ``b`` are 0 at roots."""

    a: Array  # entry (parent, node)
    b: Array  # entry (node, parent)
    d: Array  # entry (node, node)


def transpose(m: HinesMatrix) -> HinesMatrix:
    """The same tree with rows and columns exchanged: ``dense(transpose(m)) == dense(m).T``."""
    return HinesMatrix(a=m.b, b=m.a, d=m.d)


def matvec(parent: Index, m: HinesMatrix, x: Array) -> Array:
    """``dense(parent, m) @ x``."""
    up = np.maximum(parent, 0)
    return (m.d * x + m.b * x[up]).at[up].add(m.a * x)


def dense(parent: Index, m: HinesMatrix) -> NDArray[np.float64]:
    """The full matrix (node, node); the slow honest twin, for tests."""
    full = np.diag(np.asarray(m.d))
    for i, p in enumerate(parent):
        if p >= 0:
            full[p, i] += m.a[i]
            full[i, p] += m.b[i]
    return full


def solve(parent: Index, m: HinesMatrix, rhs: Array) -> Array:
    """Solve ``dense(parent, m) @ x == rhs``.

    Differentiable in ``m`` and ``rhs``; the derivative is one more solve, with the transposed matrix in reverse
    mode, never a derivative of the elimination.
    """
    return lax.custom_linear_solve(
        lambda x: matvec(parent, m, x),
        rhs,
        solve=lambda _, y: eliminate(parent, m, y),
        transpose_solve=lambda _, y: eliminate(parent, transpose(m), y),
    )


def eliminate(parent: Index, m: HinesMatrix, rhs: Array) -> Array:
    """Triangularise towards the roots, then substitute back, in NEURON's order of operations."""
    n = len(parent)
    up = jnp.asarray(np.maximum(parent, 0), jnp.int32)
    roots = np.flatnonzero(parent < 0)
    first = len(roots) if np.array_equal(roots, np.arange(len(roots))) else 0
    is_root = jnp.asarray(parent < 0)

    def towards_root(k: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        d, y = carry
        i = n - 1 - k
        p = up[i]
        factor = m.a[i] / d[i]
        return d.at[p].add(-factor * m.b[i]), y.at[p].add(-factor * y[i])

    def back(i: Array, carry: Array) -> Array:
        coupling = jnp.where(is_root[i], 0.0, m.b[i])
        return carry.at[i].set((carry[i] - coupling * carry[up[i]]) / d[i])

    d, y = jax.lax.fori_loop(0, n - first, towards_root, (m.d, rhs))
    y = y.at[:first].set(y[:first] / d[:first])
    return jax.lax.fori_loop(first, n, back, y)
