"""Broadcast what a mechanism's function returns to the shapes that the State has.

In: values by name, numbers among them. Out: arrays of the shapes of the fields in ``s``; ion variables and currents of
the shape of ``v``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp


def shaped(v: Any, s: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``values`` as arrays with shape and dtype of ``s[name]``, or of ``v`` where ``s`` has no such field.

    A list becomes one array, (size, ...). A field that all instances share takes the last instance's value.

    Args:
        v: (instance,) mV.
        s: the mechanism's fields of storage ``s``.
        values: by name: numbers, arrays (instance,) or (), or lists of them.
    """
    return {name: _like(s.get(name, v), value) for name, value in values.items()}


def _like(field: Any, value: Any) -> Any:
    if isinstance(value, list | tuple):
        return jnp.stack([_like(field[k], element) for k, element in enumerate(value)])
    array = jnp.asarray(value, dtype=field.dtype)
    return array[..., -1] if array.ndim > field.ndim else jnp.broadcast_to(array, field.shape)
