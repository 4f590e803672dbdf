"""Elements of arrays whose index is known only during the run.

In: an array as a list of its elements, (instance,) or () each, and an index. Out: one element per instance, or the list
with one element per instance changed. C truncates an index towards zero. With an index outside the array it accesses
other memory, which has no meaning; the result here is not a number then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp


def element_at(values: Sequence[Any], index: Any) -> Any:
    """Return ``values[index]``, (instance,); not a number where the index is outside."""
    k = jnp.trunc(jnp.asarray(index, float))
    element = jnp.full((), jnp.nan)
    for number, value in enumerate(values):
        element = jnp.where(k == number, value, element)
    return element


def with_element(values: Sequence[Any], index: Any, value: Any) -> list[Any]:
    """Return the list after ``values[index] = value``; where the index is outside, no element is a number."""
    k = jnp.trunc(jnp.asarray(index, float))
    inside = (k >= 0) & (k < len(values))
    return [jnp.where(inside, jnp.where(k == number, value, old), jnp.nan) for number, old in enumerate(values)]
