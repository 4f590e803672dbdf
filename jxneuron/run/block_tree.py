"""The tree solver for several unknowns per node: as ``run.tree``, with a small matrix in place of each number.

The diagonal has a full (m, m) block for each node. The blocks that couple a node with its parent are diagonal: each
unknown is coupled with the same unknown of the parent.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from numpy.typing import NDArray

from jxneuron.run.tree import Index, by_depth


class BlockMatrix(NamedTuple):
    """The entries of a tree's matrix. n nodes, m unknowns each."""

    a: Array  # (n, m) entries (parent, node); 0 at roots
    b: Array  # (n, m) entries (node, parent); 0 at roots
    d: Array  # (n, m, m) entries (node, node)


def transpose(matrix: BlockMatrix) -> BlockMatrix:
    """Exchange rows and columns of the matrix."""
    return BlockMatrix(a=matrix.b, b=matrix.a, d=jnp.swapaxes(matrix.d, 1, 2))


def matvec(parent: Index, matrix: BlockMatrix, x: Array) -> Array:
    """Return the matrix times x, (n, m)."""
    up = np.maximum(parent, 0)
    return (jnp.einsum("nij,nj->ni", matrix.d, x) + matrix.b * x[up]).at[up].add(matrix.a * x)


def dense(parent: Index, matrix: BlockMatrix) -> NDArray[np.float64]:
    """Return the full matrix, (n m, n m): the slow twin, for tests."""
    n, m = matrix.a.shape
    full = np.zeros((n, m, n, m))
    for i, p in enumerate(parent):
        full[i, :, i, :] += np.asarray(matrix.d[i])
        if p >= 0:
            full[p, :, i, :] += np.diag(np.asarray(matrix.a[i]))
            full[i, :, p, :] += np.diag(np.asarray(matrix.b[i]))
    return full.reshape(n * m, n * m)


def solve(parent: Index, matrix: BlockMatrix, rhs: Array) -> Array:
    """Solve matrix x = rhs, (n, m); differentiable in both, by one more solve.

    Args:
        parent: (n,) parent of each node, negative at roots; parents come before their children.
        matrix: its diagonal blocks must need no exchange of rows, as those of a network of conductances.
        rhs: (n, m).
    """
    return lax.custom_linear_solve(
        lambda x: matvec(parent, matrix, x),
        rhs,
        solve=lambda _, y: eliminate(parent, matrix, y),
        transpose_solve=lambda _, y: eliminate(parent, transpose(matrix), y),
    )


def eliminate(parent: Index, matrix: BlockMatrix, rhs: Array) -> Array:
    """Eliminate towards the roots, then substitute back; nodes level by level, as ``tree.eliminate``."""
    order = by_depth(parent)
    node, up = jnp.asarray(order, jnp.int32), jnp.asarray(np.maximum(parent, 0)[order], jnp.int32)
    first, last = int((parent < 0).sum()), len(order) - 1

    def towards_root(k: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        d, y = carry
        i, p = node[last - k], up[last - k]
        solved = _solve_block(d[i], jnp.concatenate([jnp.diag(matrix.b[i]), y[i][:, None]], axis=1))
        part = matrix.a[i][:, None] * solved
        return d.at[p].add(-part[:, :-1]), y.at[p].add(-part[:, -1])

    def back(k: Array, x: Array) -> Array:
        i, p = node[k], up[k]
        above = jnp.where(k < first, 0.0, matrix.b[i] * x[p])
        return x.at[i].set(_solve_block(d[i], (x[i] - above)[:, None])[:, 0])

    d, y = jax.lax.fori_loop(0, len(order) - first, towards_root, (matrix.d, rhs))
    return jax.lax.fori_loop(0, len(order), back, y)


def _solve_block(matrix: Array, columns: Array) -> Array:
    """Solve matrix x = columns, (m, k), by elimination without exchange of rows."""
    rows, right = list(matrix), list(columns)
    for i in range(len(rows)):
        for j in range(i + 1, len(rows)):
            factor = rows[j][i] / rows[i][i]
            rows[j], right[j] = rows[j] - factor * rows[i], right[j] - factor * right[i]
    for i in reversed(range(len(rows))):
        for j in range(i + 1, len(rows)):
            right[i] = right[i] - rows[i][j] * right[j]
        right[i] = right[i] / rows[i][i]
    return jnp.stack(right)
