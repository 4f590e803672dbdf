"""FUNCTION_TABLE of NMODL: a function that the user supplies as data.

In: the data and the arguments. Out: the interpolated value, as ``hoc_func_table`` in functabl.cpp computes it.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp


def function_table(data: tuple[Any, ...], *arguments: Any) -> Any:
    """Interpolate linearly between two abscissae; outside the axis, the first or the last value holds.

    Args:
        data: ``(values, axis, ...)``: ``values`` has one dimension for each axis; a constant is ``(values,)``.
        arguments: (instance,) or () each; nan gives nan.

    Returns:
        (instance,) or (), as the arguments; differentiable by the arguments and by ``values``.
    """
    values, *axes = data
    if not axes:
        return jnp.asarray(values)
    at = [_position(jnp.asarray(axis), jnp.asarray(x)) for axis, x in zip(axes, arguments, strict=True)]
    return _between(jnp.asarray(values), at)


def _position(axis: Any, x: Any) -> tuple[Any, Any]:
    """Return the number of the abscissa before x, and how far x is to the next one, 0..1."""
    last = len(axis) - 1
    if last == 0:
        return jnp.zeros(x.shape, int), jnp.where(jnp.isnan(x), jnp.nan, 0.0)
    k = jnp.clip(jnp.searchsorted(axis, x, side="right") - 1, 0, last - 1)
    share = (x - axis[k]) / (axis[k + 1] - axis[k])
    share = jnp.where(x <= axis[0], 0.0, jnp.where(x >= axis[last], 1.0, share))
    return k, jnp.where(jnp.isnan(x), jnp.nan, share)


def _between(values: Any, at: list[tuple[Any, Any]]) -> Any:
    """Interpolate along the last axis first, as NEURON does."""
    if not at:
        return values
    (k, share), *rest = at
    if len(values) == 1:
        return _between(values[0], rest) + 0.0 * share
    low, high = (_at_row(values, k + step, rest) for step in (0, 1))
    # At an abscissa NEURON takes its value alone, also where the next value is not finite
    return jnp.where(share == 0.0, low, jnp.where(share == 1.0, high, (1.0 - share) * low + share * high))


def _at_row(values: Any, k: Any, rest: list[tuple[Any, Any]]) -> Any:
    if not rest:
        return values[k]
    (other, share), *more = rest
    assert not more, "NEURON interpolates in one or two arguments"
    if values.shape[1] == 1:
        return values[k, 0] + 0.0 * share
    low, high = values[k, other], values[k, other + 1]
    return jnp.where(share == 0.0, low, jnp.where(share == 1.0, high, (1.0 - share) * low + share * high))
