"""Tangents that a rule of ``custom_jvp`` with ``symbolic_zeros`` is called with.

In: tangents, some of them zeros that JAX did not make. Out: arrays.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax.custom_derivatives import SymbolicZero


def is_zero(tangent: Any) -> bool:
    """Return whether a tangent is a symbolic zero, or that of whole numbers."""
    return is_symbolic(tangent) or tangent.dtype == jax.dtypes.float0


def is_symbolic(tangent: Any) -> bool:
    """Return whether a tangent is a zero that JAX did not make."""
    return isinstance(tangent, SymbolicZero)


def fill_zeros(tangents: Any) -> Any:
    """Replace the zeros of a pytree of tangents by arrays of zeros."""
    return jax.tree.map(_fill, tangents, is_leaf=is_symbolic)


def _fill(tangent: Any) -> Any:
    return jnp.zeros(tangent.shape, tangent.dtype) if is_zero(tangent) else tangent
