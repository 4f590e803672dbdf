"""TABLE of NMODL: values on even abscissae, linear between, clamped at both ends.

In: a function of one variable. Out: ``(count + 1, 2 * columns)``: each row holds the values and their
increments to the next row, so that a lookup is one gather.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


def abscissae(first: Any, last: Any, count: int) -> Any:
    """``count + 1`` abscissae by repeated addition of ``(last - first)/count``, as nocmodl makes them."""
    step = (last - first) / count
    if isinstance(first, float) and isinstance(step, float):
        return jnp.asarray(np.add.accumulate(np.array([first] + [step] * count)))
    start = jnp.asarray(first + 0.0 * step)
    _, points = jax.lax.scan(lambda x, _: (x + step, x), start, length=count + 1)
    return points


def tabulate(function: Callable[[Any], Sequence[Any]], first: Any, last: Any, count: int) -> Any:
    """Tabulate what ``function`` returns (a tuple of values, elementwise) from ``first`` to ``last``."""
    x = abscissae(first, last, count)
    columns = jnp.stack([jnp.broadcast_to(column, x.shape) for column in function(x)], axis=1)
    increments = jnp.concatenate([columns[1:] - columns[:-1], jnp.zeros_like(columns[:1])])
    return jnp.concatenate([columns, increments], axis=1)


def lookup(table: Any, x: Any, first: Any, last: Any, count: int) -> tuple[Any, ...]:
    """Return the columns of ``table`` at ``x``; nan where x is nan."""
    x = jnp.asarray(x, dtype=table.dtype)
    position = jnp.clip((1.0 / ((last - first) / count)) * (x - first), 0.0, float(count))
    row = jnp.where(jnp.isnan(position), 0.0, jnp.floor(position))
    rest = (position - row)[..., None]
    rows = table.at[row.astype(jnp.int32)].get(mode="promise_in_bounds")
    columns = table.shape[1] // 2
    values = rows[..., :columns] + rest * rows[..., columns:]
    return tuple(values[..., k] for k in range(columns))
