"""What leaves a mechanism has the shape in which the model holds it.

In: values by name, numbers among them. Out: arrays shaped like the fields of ``s``, ion variables and
currents like ``v``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp


def shaped(v: Any, s: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``values`` as arrays: ``s[name]``'s shape and dtype, or that of ``v``; lists are stacked.

    Of a value that all instances share, what the last instance set is left.
    """
    return {name: _like(s.get(name, v), value) for name, value in values.items()}


def _like(held: Any, value: Any) -> Any:
    if isinstance(value, list | tuple):
        return jnp.stack([_like(held[k], one) for k, one in enumerate(value)])
    found = jnp.asarray(value, dtype=held.dtype)
    return found[..., -1] if found.ndim > held.ndim else jnp.broadcast_to(found, held.shape)
