"""Rows: what the events of ordered receivers read and change, packed into small matrices.

A loop over events that reads and writes large arrays copies them at each turn. So what the events of one pass need is
taken out once, a row for each event, and put back once. ``run.events.layout`` says where in a row a value is.

In: the full arrays (Changed, Read). Out: rows of them, and full arrays that hold changed rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax.numpy as jnp
from jax import Array

from jxneuron.lower.program import Params, State
from jxneuron.mech.mechanism import Values
from jxneuron.run.environment import Arguments
from jxneuron.run.events.additive import weights_of
from jxneuron.run.events.layout import Layout, Layouts, Variable


class Changed(NamedTuple):
    """What events of ordered receivers change, and derivatives go through."""

    fields: dict[str, dict[str, Any]]  # by receiver: the fields of s that it writes, as in the State
    weights: dict[str, Any]  # by receiver that writes weights: (connections onto it, weights of one)
    node: tuple[Any, ...]  # for each of Layouts.node: (n,) mV, or (ion instance,) mM


class Read(NamedTuple):
    """What they only read, and derivatives go through."""

    rows: dict[str, dict[Variable, Any]]  # by receiver: (instance,) or (size, instance)
    weights: dict[str, Any]  # by receiver that writes none: (connections onto it, weights of one)
    constants: dict[str, dict[Variable, Any]]  # by receiver: what all its instances share


class Rows(NamedTuple):
    """One row of each kind for one event, or matrices of such rows; ``shared`` is one row for all events."""

    own: Any  # fields that the instance's mechanism writes
    node: Any  # what is written at its node
    weights: Any  # of its connection; NaN for none
    shared: Any  # fields that are written and that all instances of a mechanism share


class Places(NamedTuple):
    """Whose events those of a pass are, and where the rows of each of them are. (event,) int32."""

    layout: Any  # which of Layouts.layouts
    instance: Any
    weight_row: Any  # of that mechanism's weights, -1 for none
    own: Any  # the row that the events of one instance share
    node: Any  # likewise of one node
    weights: Any  # likewise of one connection


def changed_of(layouts: Layouts, state: State) -> Changed:
    """Return the full arrays that events change."""
    assert state.events is not None
    fields = {
        layout.name: {column.name: state.mech[layout.name][column.name] for column in (*layout.own, *layout.shared)}
        for layout in layouts.layouts
    }
    weights = {
        layout.name: jnp.asarray(state.events.weights[layout.name])
        for layout in layouts.layouts
        if layout.writes_weights
    }
    node = tuple(state.ion[ion][variable] if ion else state.v for ion, variable in layouts.node)
    return Changed(fields, weights, node)


def store_changed(layouts: Layouts, state: State, changed: Changed) -> State:
    """Return the State with the arrays that events have changed."""
    assert state.events is not None
    ion, v = {name: dict(values) for name, values in state.ion.items()}, state.v
    for (owner, variable), value in zip(layouts.node, changed.node, strict=True):
        if owner:
            ion[owner][variable] = value
        else:
            v = value
    mech = {**state.mech, **{name: {**state.mech[name], **fields} for name, fields in changed.fields.items()}}
    events = state.events._replace(weights={**state.events.weights, **changed.weights})
    return state._replace(v=v, mech=mech, ion=ion, events=events)


def read_of(layouts: Layouts, params: Params, state: State, arguments: Mapping[str, Arguments]) -> Read:
    """Return the full arrays that events only read."""
    rows: dict[str, dict[Variable, Any]] = {}
    constants: dict[str, dict[Variable, Any]] = {}
    for layout in layouts.layouts:
        p, s, v, env = arguments[layout.name]
        groups = {"p": p, "s": s, "v": {"v": v}, "env": env}
        rows[layout.name] = {(column.group, column.name): groups[column.group][column.name] for column in layout.read}
        constants[layout.name] = {variable: groups[variable[0]][variable[1]] for variable in layout.constants}
    weights = {
        layout.name: jnp.asarray(weights_of(params, state, layout.name))
        for layout in layouts.layouts
        if not layout.writes_weights and layout.name in params.weights
    }
    return Read(rows, weights, constants)


def places_of(layouts: Layouts, layout: Array, instance: Array, weight_row: Array) -> Places:
    """Find the rows that events share: those of the first event of one instance, of one node, of one connection."""
    count = len(layouts.layouts)
    alone = jnp.arange(len(instance), dtype=jnp.int32)
    own, node, weights = first_equal(instance * count + layout), alone, alone
    if layouts.node:
        at = node_of(layouts, layout, instance)
        node = first_equal(jnp.where(at < 0, -1 - alone, at))
    if layouts.writes_weights:
        weights = first_equal(jnp.where(weight_row < 0, -1 - alone, weight_row * count + layout))
    return Places(layout, instance, weight_row, own, node, weights)


def first_equal(numbers: Array) -> Array:
    """Return for each of (k,) integers the first place that holds an equal one, (k,) int32."""
    places = jnp.arange(len(numbers), dtype=jnp.int32)
    return jnp.min(jnp.where(numbers[:, None] == numbers[None, :], places[None, :], len(numbers)), axis=1)


def node_of(layouts: Layouts, layout: Array, instance: Array) -> Array:
    """Return the node of each event's instance, (event,) int32, -1 for none."""
    nodes = jnp.full(len(instance), -1, jnp.int32)
    for k, one in enumerate(layouts.layouts):
        table = jnp.asarray(one.nodes, jnp.int32)
        nodes = jnp.where(layout == k, table.at[instance].get(mode="clip"), nodes)
    return nodes


def take_rows(layouts: Layouts, places: Places, changed: Changed, absent: float) -> Rows:
    """Take a row of what events change for each event: those that share rows get equal ones.

    Args:
        layouts: of the rows.
        places: whose they are.
        changed: the full arrays.
        absent: what stands for the weights of an event that belongs to no connection.
    """
    own = _pick(layouts, places, [_columns(changed.fields[x.name], x.own, places.instance) for x in layouts.layouts])
    weights = _pick(
        layouts,
        places,
        [_weights(x, changed.weights, places, absent if x.writes_weights else 0.0) for x in layouts.layouts],
    )
    shared = [
        jnp.atleast_1d(changed.fields[layout.name][column.name])
        for layout in layouts.layouts
        for column in layout.shared
    ]
    node = [
        values.at[_at_node(layouts, places, k)].get(mode="fill", fill_value=0.0)
        for k, values in enumerate(changed.node)
    ]
    return Rows(
        own,
        jnp.stack(node, axis=1) if node else jnp.zeros((len(places.own), 0)),
        weights,
        jnp.concatenate(shared) if shared else jnp.zeros(0),
    )


def take_read(layouts: Layouts, places: Places, read: Read, absent: float) -> tuple[Array, Array]:
    """Take what each event only reads: rows of its instance, (event, ...), and of its connection's weights.

    The weights are 0 for mechanisms that write weights: those are in ``Rows``. ``absent`` as for ``take_rows``.
    """
    rows = _pick(layouts, places, [_row_columns(x, read, places) for x in layouts.layouts])
    return rows, _pick(
        layouts,
        places,
        [_weights(x, read.weights, places, 0.0 if x.writes_weights else absent) for x in layouts.layouts],
    )


def put_rows(layouts: Layouts, places: Places, used: Array, changed: Changed, rows: Rows) -> Changed:
    """Put rows back into the full arrays.

    Args:
        layouts: of the rows.
        places: whose they are.
        used: (event,) bool; the rows of others are dropped.
        changed: the full arrays.
        rows: what the events left in them.
    """
    alone = jnp.arange(len(places.own), dtype=jnp.int32)
    fields: dict[str, dict[str, Any]] = {}
    weights: dict[str, Any] = {}
    for k, layout in enumerate(layouts.layouts):
        ours = used & (places.layout == k)
        at = _kept(ours & (places.own == alone), places.instance)
        fields[layout.name] = _put_fields(layout, changed.fields[layout.name], at, rows)
        if layout.name in changed.weights:
            old = changed.weights[layout.name]
            at = _kept(ours & (places.weights == alone) & (places.weight_row >= 0), places.weight_row)
            weights[layout.name] = old.at[at].set(rows.weights[:, : old.shape[1]], mode="drop", unique_indices=True)
    node = list(changed.node)
    for k, values in enumerate(node):
        place = _at_node(layouts, places, k)
        at = _kept(used & (places.node == alone) & (place < len(values)), place)
        node[k] = values.at[at].set(rows.node[:, k], mode="drop", unique_indices=True)
    return Changed(fields, weights, tuple(node))


_NOWHERE = 2**30  # beyond every array: what is written there is dropped


def _kept(when: Array, index: Array) -> Array:
    """Return ``index`` where ``when`` holds, and places beyond every array elsewhere, no two of them equal.

    JAX transposes a scatter of rows only where their places are known to differ.
    """
    return jnp.where(when, index, _NOWHERE + jnp.arange(len(index), dtype=jnp.int32))


def _put_fields(layout: Layout, fields: Mapping[str, Any], at: Array, rows: Rows) -> dict[str, Any]:
    new: dict[str, Any] = {}
    for column in layout.own:
        values = rows.own[:, column.start : column.stop]
        where = (slice(None), at) if column.size else at
        new[column.name] = (
            fields[column.name]
            .at[where]
            .set(values.T if column.size else values[:, 0], mode="drop", unique_indices=True)
        )
    for column in layout.shared:
        new[column.name] = column.of(rows.shared)
    return new


def _at_node(layouts: Layouts, places: Places, k: int) -> Array:
    """Return where the k-th of ``Layouts.node`` has the value of each event's node; beyond the array for none."""
    nodes = node_of(layouts, places.layout, places.instance)
    index = jnp.asarray(layouts.node_index[k], jnp.int32)
    place = jnp.where(nodes < 0, -1, index.at[nodes].get(mode="clip")) if len(index) else nodes
    return _kept(place >= 0, place)


def _columns(fields: Mapping[str, Any], columns: tuple[Any, ...], instance: Array) -> Array:
    """Take columns of rows out of fields, (event, width)."""
    parts = [jnp.asarray(fields[column.name]).at[..., instance].get(mode="clip") for column in columns]
    return _side_by_side(parts, len(instance))


def _side_by_side(parts: list[Array], events: int) -> Array:
    rows = [part.T if part.ndim == 2 else part[:, None] for part in parts]
    return jnp.concatenate(rows, axis=1) if rows else jnp.zeros((events, 0))


def _row_columns(layout: Layout, read: Read, places: Places) -> Array:
    fields = read.rows[layout.name]
    parts = [
        jnp.asarray(fields[column.group, column.name]).at[..., places.instance].get(mode="clip")
        for column in layout.read
    ]
    return _side_by_side(parts, len(places.instance))


def _weights(layout: Layout, weights: Mapping[str, Any], places: Places, absent: float) -> Array:
    """Take rows of weights, (event, weights of one); ``absent`` where an event belongs to no connection."""
    if layout.name not in weights or weights[layout.name].shape[0] == 0:
        return jnp.full((len(places.instance), len(layout.mechanism.weights)), absent)
    rows = weights[layout.name].at[places.weight_row].get(mode="clip")
    return jnp.where(places.weight_row[:, None] < 0, absent, rows)


def _pick(layouts: Layouts, places: Places, rows: list[Array]) -> Array:
    """Of the rows that each Layout would have, return those of each event's own, filled up with zeros."""
    width = max(part.shape[1] for part in rows)
    full = [jnp.pad(part, ((0, 0), (0, width - part.shape[1]))) for part in rows]
    picked = full[0]
    for k in range(1, len(layouts.layouts)):
        picked = jnp.where((places.layout == k)[:, None], full[k], picked)
    return picked


def values_of(layout: Layout, rows: Rows, read: Array, constants: Mapping[Variable, Any]) -> dict[str, dict[str, Any]]:
    """Return the values in one event's rows by group (p, s, env, v) and name."""
    groups: dict[str, dict[str, Any]] = {"p": {}, "s": {}, "env": {}, "v": {}}
    for row, columns in ((rows.own, layout.own), (rows.shared, layout.shared), (read, layout.read)):
        for column in columns:
            groups[column.group][column.name] = column.of(row)
    for (group, name), value in constants.items():
        groups[group][name] = value
    for name, column in layout.node.items():
        groups["v" if name == "v" else "env"][name] = rows.node[column]
    return groups


def with_updates(layout: Layout, rows: Rows, updates: Values, weights: Mapping[str, Any]) -> Rows:
    """Return one event's rows with what NET_RECEIVE has written."""
    own = _overwrite(rows.own, {column.start: updates[column.name] for column in layout.own})
    shared = _overwrite(rows.shared, {column.start: updates[column.name] for column in layout.shared})
    node = _overwrite(rows.node, {layout.node[name]: updates[name] for name in layout.writes_node})
    names = layout.mechanism.weights
    changed = _overwrite(rows.weights, {names.index(name): value for name, value in weights.items()})
    return Rows(own, node, changed, shared)


def _overwrite(row: Array, values: Mapping[int, Any]) -> Array:
    """Return a row that holds values, () or (size,), from the columns at which they start."""
    parts: list[Array] = []
    at = 0
    for start in sorted(values):
        value = jnp.atleast_1d(jnp.asarray(values[start], row.dtype))
        parts += [row[at:start], value]
        at = start + len(value)
    return jnp.concatenate([*parts, row[at:]]) if parts else row
