"""Trainable parameters: what ``get_parameters`` hands out, and how it comes back into Params.

In: a Core and the values of a training step. Out: Params with those values in place, differentiable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from jxneuron.errors import ModelError
from jxneuron.lower.program import Params
from jxneuron.modules import columns, edges, placing, wires
from jxneuron.modules.build import edge_count
from jxneuron.modules.core import Core, Trainable
from jxneuron.modules.values import is_traced, numbers
from jxneuron.wording import did_you_mean


def get_parameters(core: Core) -> list[dict[str, Any]]:
    """One dictionary for each ``make_trainable``: ``{key: (groups,) array}``."""
    return [{each.column.key: jnp.asarray(each.values)} for each in core.trainables]


class Indices(np.ndarray):
    """(groups, k) rows of ``nodes`` that each value of one trainable sets, padded with -1; no columns for a GLOBAL.

    Rows of ``edges`` where it belongs to synapses.
    """

    trainable: Trainable


def indices(core: Core) -> list[Indices]:
    """Which rows of ``nodes`` each trainable sets: one array for each entry of ``get_parameters``."""
    row_of = np.full(len(core.model.nodes.parent), -1, np.int64)
    row_of[core.rows.node] = np.arange(len(core.rows.node))
    return [_indices(each, _row_of(core, each, row_of)) for each in core.trainables]


def _row_of(core: Core, trainable: Trainable, row_of: np.ndarray) -> np.ndarray:
    """Rows of ``nodes`` by node; rows of ``edges`` by instance."""
    if trainable.column.kind == "edge":
        return edges.numbers_of_instances(core.model, trainable.column.owner)
    if trainable.column.kind == "connection":
        return edge_count(core.model) + np.arange(wires.count(core.model))
    return row_of


def _indices(trainable: Trainable, row_of: np.ndarray) -> Indices:
    members = [row_of[trainable.nodes[trainable.group == k]] for k in range(len(trainable.values))]
    longest = max((len(each) for each in members), default=0)
    padded = [np.pad(each, (0, longest - len(each)), constant_values=-1) for each in members]
    found = np.array(padded, np.int64).reshape(len(members), longest).view(Indices)
    found.trainable = trainable
    return found


def params_to_pstate(
    params: Sequence[Mapping[str, Any]], indices_set_by_trainables: Sequence[Trainable | Indices]
) -> list[dict[str, Any]]:
    """Values and where they go, entry by entry: the ``pstate`` that ``get_all_parameters`` takes.

    Args:
        params: as ``get_parameters`` returns them.
        indices_set_by_trainables: the module's; it says what the values belong to.

    Raises:
        ModelError: ``params`` is not of the form that ``get_parameters`` returned; says where.
    """
    trainables = [each.trainable if isinstance(each, Indices) else each for each in indices_set_by_trainables]
    if len(params) not in (0, len(trainables)):
        raise ModelError(f"params has {len(params)} entries, the module has {len(trainables)} trainables")
    found = []
    for k, (given, trainable) in enumerate(zip(params, trainables, strict=False)):
        key = trainable.column.key
        if list(given) != [key]:
            raise ModelError(
                f"params[{k}] holds {', '.join(given) or 'nothing'}, expected {key}{did_you_mean(key, list(given))}"
            )
        values = jnp.asarray(given[key])
        if values.shape != trainable.values.shape:
            raise ModelError(f"params[{k}][{key!r}] has shape {values.shape}, expected {trainable.values.shape}")
        found.append(
            {"key": key, "val": values, "column": trainable.column, "nodes": trainable.nodes, "group": trainable.group}
        )
    return found


def data_set(core: Core, nodes: Any, column: columns.Column, value: Any, param_state: Any) -> list[dict[str, Any]]:
    """``param_state`` with one more entry; touches nothing."""
    count = 1 if column.whole else len(nodes)
    if not is_traced(value):
        columns.check(column, numbers(f"data_set({column.key!r})", value))
    values = jnp.asarray(value)
    if values.ndim and values.shape not in ((1,), (count,)):
        raise ModelError(f"data_set({column.key!r}): {values.shape} values for {count} {column.holders}")
    entry = {"key": column.key, "val": jnp.atleast_1d(values), "column": column, "nodes": nodes}
    group = np.zeros(count, np.int64) if entry["val"].shape == (1,) else np.arange(count)
    return [*(param_state or []), {**entry, "group": group}]


def pstate(core: Core, params: Sequence[Mapping[str, Any]], param_state: Any) -> list[dict[str, Any]]:
    """The values of one run and where they go: trained ones, then those of ``data_set``.

    Raises:
        ModelError: one of them has another form, or both set a place: the trained value's gradient would be 0 there.
    """
    extra = [] if param_state is None else list(param_state)
    if not all(isinstance(each, Mapping) and "column" in each for each in extra):
        raise ModelError("param_state is what module.data_set returns")
    trained = params_to_pstate(params, core.trainables)
    places = [(each["column"], each["nodes"]) for each in trained]
    for each in extra:
        column = each["column"]
        overlap = columns.first_overlap(places, column, each["nodes"])
        if overlap is not None:
            number, where = overlap
            raise ModelError(
                f"data_set({column.key!r}): entry {number} of params, {trained[number]['key']}, sets it too, in "
                f"{where}; its gradient would be 0 there: data_set other places, or give no params"
            )
    return [*trained, *extra]


def place(core: Core, params: Params, pstate: Sequence[Mapping[str, Any]]) -> Params:
    """Put every value of a pstate into Params, in order; a later one wins."""
    for each in pstate:
        column, values = each["column"], jnp.asarray(each["val"])
        spread = values[0] if column.whole else values[each["group"]]
        params = placing.place(core.model, params, column, each["nodes"], spread)
    return params


def write(core: Core, params: Sequence[Mapping[str, Any]]) -> None:
    """Make trained values the module's own.

    Raises:
        ModelError: not of the form that ``get_parameters`` returned, or a value that no run could take.
    """
    model = core.model
    for each in params_to_pstate(params, core.trainables):
        values = np.asarray(each["val"])
        spread = values[0] if each["column"].whole else values[each["group"]]
        model = columns.write(model, each["column"], each["nodes"], spread)
    core.model = model
