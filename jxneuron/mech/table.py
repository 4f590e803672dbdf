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
    """Tabulate what ``function`` returns (values and lists of them, elementwise) from ``first`` to ``last``."""
    x = abscissae(first, last, count)
    values = jax.tree.leaves(tuple(function(x)))
    columns = jnp.stack([jnp.broadcast_to(value, x.shape) for value in values], axis=1)
    increments = jnp.concatenate([columns[1:] - columns[:-1], jnp.zeros_like(columns[:1])])
    return jnp.concatenate([columns, increments], axis=1)


def lookup(table: Any, x: Any, first: Any, last: Any, count: int, sizes: Sequence[int] = ()) -> tuple[Any, ...]:
    """Return the columns of ``table`` at ``x``; nan where x is nan.

    Args:
        table: from ``tabulate``.
        x: ``(instance,)``.
        first: lowest abscissa.
        last: highest abscissa.
        count: intervals between them.
        sizes: of what is returned: 0 for a value, n for a list of n; () where all are values.
    """
    x = jnp.asarray(x, dtype=table.dtype)
    position = jnp.clip((1.0 / ((last - first) / count)) * (x - first), 0.0, float(count))
    row = jnp.where(jnp.isnan(position), 0.0, jnp.floor(position))
    rest = (position - row)[..., None]
    rows = table.at[row.astype(jnp.int32)].get(mode="promise_in_bounds")
    columns = table.shape[1] // 2
    values = rows[..., :columns] + rest * rows[..., columns:]
    found = iter([values[..., k] for k in range(columns)])
    return tuple([next(found) for _ in range(size)] if size else next(found) for size in sizes or [0] * columns)
