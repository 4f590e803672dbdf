"""States of a solved block: single ones and arrays, as one flat list and back.

In: a tuple of states, arrays as lists. Out: the same values in the other form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from jxneuron.mech.table import FirstCallTables

States = Sequence[Any]


def flat(states: States) -> list[Any]:
    """Every element, arrays opened."""
    return [one for value in states for one in (value if isinstance(value, list | tuple) else [value])]


def nested(values: Sequence[Any], states: States) -> list[Any]:
    """Undo ``flat``, in the form of ``states``."""
    out: list[Any] = []
    rest = iter(values)
    for value in states:
        array = isinstance(value, list | tuple)
        out.append([next(rest) for _ in value] if array else next(rest))
    return out


def arrays(values: Sequence[Any], like: Sequence[Any]) -> list[Any]:
    """Bring all values to one shape, that of ``like`` too (tables left out), so that a loop can carry them."""
    beside = [one for one in like if not isinstance(one, Mapping | FirstCallTables)]
    found = [jnp.asarray(value) for value in [*values, *jax.tree.leaves(beside)]]
    shape = jnp.broadcast_shapes(*[value.shape for value in found])
    return [jnp.broadcast_to(value, shape) for value in found[: len(values)]]
