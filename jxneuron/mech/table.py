"""TABLE of NMODL: values at even abscissae, linear between them (table_massage in parsact.cpp).

In: a function of one variable. Out: a table, ``(count + 1, 2*columns + 1)``. Each row holds the values, their
increments to the next row, and its own number, so that a lookup is one gather. Beyond both ends the table is constant.

XLA may compute a position twice and round it differently each time. At an abscissa, the row of one result and the
distance from it of the other would then be a whole row off; so the distance is computed from the number in the row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


def abscissae(first: Any, last: Any, count: int) -> Any:
    """Return ``count + 1`` abscissae by repeated addition of ``(last - first)/count``, as nocmodl's code does."""
    step = (last - first) / count
    if isinstance(first, float) and isinstance(step, float):
        return jnp.asarray(np.add.accumulate(np.array([first] + [step] * count)))
    start = jnp.asarray(first + 0.0 * step)
    _, points = jax.lax.scan(lambda x, _: (x + step, x), start, length=count + 1)
    return points


def tabulate(function: Callable[[Any], Sequence[Any]], first: Any, last: Any, count: int) -> Any:
    """Tabulate an elementwise function, which returns values and lists of them, from ``first`` to ``last``."""
    x = abscissae(first, last, count)
    return _with_increments(tuple(function(x)), x)


def build_table(
    function: Callable[..., Any],
    values: Sequence[Any],
    first: Any,
    last: Any,
    count: int,
    columns: int,
    carried: Sequence[tuple[int, int]] = (),
) -> tuple[Any, tuple[Any, ...]]:
    """Tabulate some outputs of ``function``; return the others as the last abscissa leaves them.

    Args:
        function: ``(x, *values) -> outputs``, elementwise; a tuple of values and lists of them, or one output alone.
        values: ``()`` each, or lists of such.
        first: lowest abscissa.
        last: highest abscissa.
        count: intervals between them.
        columns: how many outputs, the first ones, are in the table.
        carried: pairs ``(value, output)``: at the next abscissa this value is that output.

    Returns:
        The table, and the outputs that are not in it, ``()`` each.
    """
    x = abscissae(first, last, count)
    outputs = _one_by_one(function, values, x, carried) if carried else _tuple(function(x, *values))
    table = _with_increments(outputs[:columns], x)
    left = jax.tree.map(lambda value: jnp.broadcast_to(value, x.shape)[-1], outputs[columns:])
    return table, left


def _one_by_one(function: Callable[..., Any], values: Sequence[Any], x: Any, carried: Sequence[tuple[int, int]]) -> Any:
    """Compute the outputs at one abscissa after another, where they depend on those at the abscissa before."""

    def compute(before: list[Any], point: Any) -> tuple[list[Any], Any]:
        own = list(values)
        for (value, _), known in zip(carried, before, strict=True):
            own[value] = known
        outputs = jax.tree.map(lambda value: jnp.asarray(value, x.dtype), _tuple(function(point, *own)))
        return [outputs[output] for _, output in carried], outputs

    start = [jax.tree.map(lambda value: jnp.asarray(value, x.dtype), values[value]) for value, _ in carried]
    return jax.lax.scan(compute, start, x)[1]


def _tuple(outputs: Any) -> tuple[Any, ...]:
    return outputs if isinstance(outputs, tuple) else (outputs,)


def _with_increments(outputs: tuple[Any, ...], x: Any) -> Any:
    columns = jnp.stack([jnp.broadcast_to(value, x.shape) for value in jax.tree.leaves(outputs)], axis=1)
    increments = jnp.concatenate([columns[1:] - columns[:-1], jnp.zeros_like(columns[:1])])
    numbers = jnp.arange(len(x), dtype=columns.dtype)[:, None]
    return jnp.concatenate([columns, increments, numbers], axis=1)


@dataclass(frozen=True)
class FirstCallTables:
    """The TABLEs of one mechanism during INITIAL: the first call of each builds it and stores it here.

    JAX traces a mechanism's code once for all instances, so the first call in the code is the first call of the first
    instance. This is the only argument of generated code that the code changes.

    Attributes:
        built: the tables by name; calls add to it.
        first: ``(instance,)``, True for the first instance.
    """

    built: dict[str, Any]
    first: Any

    def __contains__(self, name: str) -> bool:
        return name in self.built

    def __getitem__(self, name: str) -> Any:
        return self.built[name]

    def __setitem__(self, name: str, table: Any) -> None:
        self.built[name] = table

    def leave(self, left: Any, value: Any) -> Any:
        """Return ``left``, which building a table has set, for the first instance, and ``value`` for the others."""
        if isinstance(value, list):
            return [self.leave(*pair) for pair in zip(left, value, strict=True)]
        return jnp.where(self.first, left, value)

    def of_one_instance(self) -> FirstCallTables:
        """Return the same tables, for code that runs for one instance after another."""
        return FirstCallTables(self.built, self.first[:1])


# Solvers and IFs have the tables among their operands
jax.tree_util.register_dataclass(FirstCallTables, data_fields=["built", "first"], meta_fields=[])


def first_instance(values: Any) -> Any:
    """Return the values of the first instance, ``()`` each."""
    return jax.tree.map(lambda value: value[..., 0] if jnp.ndim(value) else value, values)


def lookup(table: Any, x: Any, first: Any, last: Any, count: int, sizes: Sequence[int] = ()) -> tuple[Any, ...]:
    """Return the columns of ``table`` at ``x``; nan where x is nan.

    Args:
        table: from ``tabulate``.
        x: ``(instance,)``.
        first: lowest abscissa.
        last: highest abscissa.
        count: intervals between them.
        sizes: of the results: 0 for a value, n for a list of n; () where all are values.

    Returns:
        (instance,) each, or lists of such.
    """
    rows, rest, below = _row(table, x, first, last, count)
    columns = table.shape[1] // 2
    values = jnp.where(below, rows[..., :columns], rows[..., :columns] + rest * rows[..., columns:-1])
    return _grouped([values[..., k] for k in range(columns)], sizes)


def interpolate(
    function: Callable[[Any], Sequence[Any]], x: Any, first: Any, last: Any, count: int, sizes: Sequence[int] = ()
) -> tuple[Any, ...]:
    """Look up in a table that NEURON builds anew for each instance: only the two rows around x are computed.

    Args:
        function: as ``tabulate`` takes it, with each instance's own values inside.
        x: ``(instance,)``.
        first: lowest abscissa.
        last: highest abscissa.
        count: intervals between them.
        sizes: as ``lookup`` takes them.
    """
    points = abscissae(first, last, count)
    table = jnp.stack([points, jnp.append(points[1:], points[-1]), jnp.arange(count + 1, dtype=points.dtype)], axis=1)
    rows, rest, below = _row(table, x, first, last, count)
    lower = jax.tree.leaves(tuple(function(rows[..., 0])))
    upper = jax.tree.leaves(tuple(function(rows[..., 1])))
    pairs = zip(lower, upper, strict=True)
    between = [jnp.where(below[..., 0], low, low + rest[..., 0] * (high - low)) for low, high in pairs]
    return _grouped(between, sizes)


def _row(table: Any, x: Any, first: Any, last: Any, count: int) -> tuple[Any, Any, Any]:
    """Return the row at or below ``x``, how far x is to the next (0..1), and whether x is not above the first abscissa.

    There NEURON takes the first row alone, which matters where the increment is infinite. ``(instance, 1)`` each.
    """
    x = jnp.asarray(x, dtype=table.dtype)
    position = jnp.clip((1.0 / ((last - first) / count)) * (x - first), 0.0, float(count))
    number = jnp.where(jnp.isnan(position), 0.0, jnp.floor(position))
    rows = table.at[number.astype(jnp.int32)].get(mode="promise_in_bounds")
    return rows, position[..., None] - rows[..., -1:], position[..., None] <= 0.0


def _grouped(values: list[Any], sizes: Sequence[int]) -> tuple[Any, ...]:
    rest = iter(values)
    return tuple([next(rest) for _ in range(size)] if size else next(rest) for size in sizes or [0] * len(values))
