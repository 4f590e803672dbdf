"""Elements of arrays whose index is known only while the model runs.

In: an array as a list of its elements, (instance,) or () each, and an index. Out: one element per instance, or the list
with one element per instance changed. C converts an index to a whole number, towards zero. Outside the array it takes
the memory beside it, which means nothing: here the result is not a number then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp


def element_at(values: Sequence[Any], index: Any) -> Any:
    """``values[index]``."""
    k = jnp.trunc(jnp.asarray(index, float))
    found = jnp.full((), jnp.nan)
    for number, value in enumerate(values):
        found = jnp.where(k == number, value, found)
    return found


def with_element(values: Sequence[Any], index: Any, value: Any) -> list[Any]:
    """The list after ``values[index] = value``; an index outside leaves no element a number."""
    k = jnp.trunc(jnp.asarray(index, float))
    inside = (k >= 0) & (k < len(values))
    return [jnp.where(inside, jnp.where(k == number, value, old), jnp.nan) for number, old in enumerate(values)]
