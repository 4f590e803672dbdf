"""The states of a solved block as one flat list of scalars, and back.

In: a sequence of states, arrays as lists. Out: the same values in the other form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from jxneuron.mech.table import FirstCallTables

States = Sequence[Any]  # (instance,) or () each; an array state as a list of such


def flat(states: States) -> list[Any]:
    """Return every scalar state and every element of the array states."""
    return [element for value in states for element in (value if isinstance(value, list | tuple) else [value])]


def nested(values: Sequence[Any], states: States) -> list[Any]:
    """Return the flat ``values`` in the form of ``states``: the inverse of ``flat``."""
    out: list[Any] = []
    rest = iter(values)
    for value in states:
        array = isinstance(value, list | tuple)
        out.append([next(rest) for _ in value] if array else next(rest))
    return out


def arrays(values: Sequence[Any], like: Sequence[Any]) -> list[Any]:
    """Broadcast ``values`` to the shape that they and ``like`` have together, so that a loop can carry them.

    TABLEs among ``like`` do not count.
    """
    others = [value for value in like if not isinstance(value, Mapping | FirstCallTables)]
    together = [jnp.asarray(value) for value in [*values, *jax.tree.leaves(others)]]
    shape = jnp.broadcast_shapes(*[value.shape for value in together])
    return [jnp.broadcast_to(value, shape) for value in together[: len(values)]]


def advanced(x: Sequence[Any], slopes: Sequence[Any], dt: Any) -> list[Any]:
    """``x + dt*slopes``, state by state."""
    return [a + dt * f for a, f in zip(x, slopes, strict=True)]


def constant(values: Any) -> Any:
    """Return a pytree of values whose derivatives are 0."""
    return jax.tree.map(lambda x: jax.lax.stop_gradient(x) if isinstance(x, jax.Array) else x, values)
