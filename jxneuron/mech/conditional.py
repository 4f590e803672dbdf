"""IF of NMODL for arrays: both branches run, then values and derivatives are selected per instance.

In: a condition and two functions of the same operands, elementwise over instances. Out: for each instance what its
branch returns. The derivative of a plain ``where`` would multiply that of the branch not taken by 0, which is nan where
it is infinite (``x/(exp(x) - 1)`` at 0). Here the partial derivatives of both branches are computed and then selected.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

Branch = Callable[..., Any]


def where(condition: Any, then: Any, otherwise: Any) -> Any:
    """Select one of two values, which are finite in both cases; a Python bool selects while tracing."""
    if isinstance(condition, bool):
        return then if condition else otherwise
    return jnp.where(condition, then, otherwise)


def choose(condition: Any, then: Branch, otherwise: Branch, *operands: Any) -> Any:
    """Return ``then(*operands)`` where ``condition`` holds, ``otherwise(*operands)`` elsewhere.

    Args:
        condition: boolean, ``(instance,)`` or ``()``; a Python bool runs one branch only.
        then: an elementwise function of the operands.
        otherwise: another one, whose results have the same structure.
        operands: arrays ``(instance,)`` or ``()``, lists of such, or numbers.
    """
    if isinstance(condition, bool):
        return then(*operands) if condition else otherwise(*operands)
    leaves, tree = jax.tree.flatten(operands)
    traced = [k for k, leaf in enumerate(leaves) if isinstance(leaf, jax.Array)]
    structure: list[Any] = []

    def flat(branch: Branch) -> Branch:
        def call(*arrays: Any) -> Sequence[Any]:
            full = list(leaves)
            for k, array in zip(traced, arrays, strict=True):
                full[k] = array
            values, shape = jax.tree.flatten(branch(*jax.tree.unflatten(tree, full)))
            structure[:] = [shape]
            return values

        return call

    selected = _select(condition, flat(then), flat(otherwise), [leaves[k] for k in traced])
    return jax.tree.unflatten(structure[0], selected)


def _select(condition: Any, then: Branch, otherwise: Branch, arrays: list[Any]) -> list[Any]:
    @jax.custom_jvp
    def run(condition: Any, *arrays: Any) -> tuple[Any, ...]:
        pairs = zip(then(*arrays), otherwise(*arrays), strict=True)
        return tuple(jnp.where(condition, a, b) for a, b in pairs)

    def differentiate(primals: Any, tangents: Any) -> Any:
        condition, *arrays = primals
        out = run(condition, *arrays)
        dots = [jnp.zeros_like(value) for value in out]
        for k, dot in enumerate(tangents[1:]):
            if isinstance(dot, jax.custom_derivatives.SymbolicZero):
                continue
            partials = _select(condition, _partial(then, k), _partial(otherwise, k), arrays)
            dots = [total + partial * dot for total, partial in zip(dots, partials, strict=True)]
        return out, tuple(dots)

    run.defjvp(differentiate, symbolic_zeros=True)
    return list(run(condition, *arrays))


def _partial(branch: Branch, k: int) -> Branch:
    """Return the function that computes the derivative of each result of ``branch`` by its ``k``-th argument."""

    def derivative(*arrays: Any) -> list[Any]:
        def branch_of_one(x: Any) -> list[Any]:
            return [jnp.asarray(value, dtype=x.dtype) for value in branch(*arrays[:k], x, *arrays[k + 1 :])]

        return jax.jvp(branch_of_one, (arrays[k],), (jnp.ones_like(arrays[k]),))[1]

    return derivative
