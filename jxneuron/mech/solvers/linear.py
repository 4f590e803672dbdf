"""SOLVE of a LINEAR block: a system of linear equations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax.numpy as jnp

from jxneuron.mech.solvers.reactions import Reactions, Species
from jxneuron.mech.states import arrays, flat, nested


class Linear:
    """Collects the equations of a LINEAR block."""

    def __init__(self) -> None:
        self.rows: list[tuple[Mapping[Species, Any], Any]] = []

    def equation(self, coefficients: Mapping[Species, Any], value: Any) -> None:
        """``~ sum of coefficient*state = value``."""
        self.rows.append((coefficients, value))


def linear(
    equations: Reactions, names: Sequence[str | tuple[str, int]], inputs: Sequence[Any]
) -> tuple[list[Any], Sequence[Any]]:
    """``SOLVE`` of a LINEAR block: elimination with row pivots, as scopmath's ``simeq``.

    Args:
        equations: ``(k, *inputs) -> values that the block's statements set``.
        names: of the states, an array's with its size.
        inputs: what the block reads.
    """
    k = Linear()
    written = equations(k, *inputs)
    form: list[Any] = [name if isinstance(name, str) else [(name[0], j) for j in range(name[1])] for name in names]
    every = flat(form)
    entries = [row.get(species, 0.0) for row, _ in k.rows for species in every] + [value for _, value in k.rows]
    values = arrays(entries, inputs)
    size = len(k.rows)
    matrix = jnp.stack(values[: size * size], axis=-1).reshape((*values[0].shape, size, size))
    rhs = jnp.stack(values[size * size :], axis=-1)
    solution = jnp.linalg.solve(matrix, rhs[..., None])[..., 0]
    return nested([solution[..., j] for j in range(size)], form), written
