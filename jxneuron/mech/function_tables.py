"""FUNCTION_TABLE of NMODL: a function that the user gives as data.

In: data and arguments. Out: the value between the data, as ``hoc_func_table`` in functabl.cpp computes it.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp


def function_table(data: tuple[Any, ...], *arguments: Any) -> Any:
    """Look up: linear between two abscissae, the first and last value beyond them.

    Args:
        data: ``(values, axis, ...)``: ``values`` has one dimension for each axis; a constant is ``(values,)``.
        arguments: (instance,) or () each; nan gives nan.

    Returns:
        Like the arguments; differentiable in the arguments and in ``values``.
    """
    values, *axes = data
    if not axes:
        return jnp.asarray(values)
    at = [_position(jnp.asarray(axis), jnp.asarray(x)) for axis, x in zip(axes, arguments, strict=True)]
    return _between(jnp.asarray(values), at)


def _position(axis: Any, x: Any) -> tuple[Any, Any]:
    """The abscissa before x and the share of the way to the next one."""
    last = len(axis) - 1
    if last == 0:
        return jnp.zeros(x.shape, int), jnp.where(jnp.isnan(x), jnp.nan, 0.0)
    k = jnp.clip(jnp.searchsorted(axis, x, side="right") - 1, 0, last - 1)
    share = (x - axis[k]) / (axis[k + 1] - axis[k])
    share = jnp.where(x <= axis[0], 0.0, jnp.where(x >= axis[last], 1.0, share))
    return k, jnp.where(jnp.isnan(x), jnp.nan, share)


def _between(values: Any, at: list[tuple[Any, Any]]) -> Any:
    """The last axis first, as NEURON does."""
    if not at:
        return values
    (k, share), *rest = at
    if len(values) == 1:
        return _between(values[0], rest) + 0.0 * share
    low, high = (_taken(values, k + step, rest) for step in (0, 1))
    # at an abscissa NEURON takes its value as it is, also where the next one is not finite
    return jnp.where(share == 0.0, low, jnp.where(share == 1.0, high, (1.0 - share) * low + share * high))


def _taken(values: Any, k: Any, rest: list[tuple[Any, Any]]) -> Any:
    if not rest:
        return values[k]
    (other, share), *more = rest
    assert not more, "NEURON interpolates in one or two arguments"
    if values.shape[1] == 1:
        return values[k, 0] + 0.0 * share
    low, high = values[k, other], values[k, other + 1]
    return jnp.where(share == 0.0, low, jnp.where(share == 1.0, high, (1.0 - share) * low + share * high))
