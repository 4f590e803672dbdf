"""Traced values put into Params: what ``columns.write`` does to a Model, inside ``jit`` and ``grad``.

In: a Column, Params and values that may be traced. Out: Params.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from jxneuron.lower.program import Params
from jxneuron.model.find import ion_of, placement_of
from jxneuron.model.model import Ints, Model
from jxneuron.modules import columns, wires
from jxneuron.modules.columns import Column


def place(model: Model, params: Params, column: Column, nodes: Ints, values: Any) -> Params:
    """Params with traced values in place, axial halves and areas following the shape.

    Args:
        model: what the Params were lowered from.
        params: Params, traced or not.
        column: from ``find``.
        nodes: where, (k,).
        values: (k,) or ().
    """
    return _PLACERS[column.kind](model, params, column, nodes, jnp.asarray(values))


def _geometry(model: Model, params: Params, column: Column, nodes: Ints, values: Any) -> Params:
    """As ``columns.write`` of a shape, with what the Params hold now as the shape before."""
    values = jnp.broadcast_to(values, nodes.shape)
    if column.key in ("radius", "diam"):
        diam = values * (2.0 if column.key == "radius" else 1.0)
        ratio = diam / params.diam[nodes]
        return _scaled(params._replace(diam=_at(params.diam, nodes, diam)), nodes, ratio, 1.0 / ratio**2)
    share = model.nodes.length[nodes] / columns.geometry_of(model, "L", nodes) if column.key == "L" else 1.0
    ratio = values * share / params.length[nodes]
    return _scaled(params._replace(length=_at(params.length, nodes, values * share)), nodes, ratio, ratio)


def _scaled(params: Params, nodes: Ints, area: Any, halves: Any) -> Params:
    return params._replace(
        area=_at(params.area, nodes, params.area[nodes] * area),
        half_in=_at(params.half_in, nodes, params.half_in[nodes] * halves),
        half_out=_at(params.half_out, nodes, params.half_out[nodes] * halves),
    )


def _at(old: Any, nodes: Ints, values: Any) -> Any:
    return jnp.asarray(old).at[nodes].set(values)


def _node(model: Model, params: Params, column: Column, nodes: Ints, values: Any) -> Params:
    old = jnp.asarray(getattr(params, column.name))
    return params._replace(**{column.name: old.at[nodes].set(values)})


def _voltage(model: Model, params: Params, column: Column, nodes: Ints, values: Any) -> Params:
    return params._replace(v_init=jnp.asarray(params.v_init).at[nodes].set(values))


def _setting(model: Model, params: Params, column: Column, nodes: Ints, values: Any) -> Params:
    return params._replace(celsius=jnp.reshape(values, ()))


def _ion(model: Model, params: Params, column: Column, nodes: Ints, values: Any) -> Params:
    at = np.searchsorted(ion_of(model, column.owner).node, nodes)
    held = params.ion[column.owner]
    new = {**held, column.name: jnp.asarray(held[column.name]).at[at].set(values)}
    if column.state:
        name = f"initial_override_{column.name}"
        new[name] = jnp.asarray(held[name]).at[at].set(values)
    return params._replace(ion={**params.ion, column.owner: new})


def _field(model: Model, params: Params, column: Column, nodes: Ints, values: Any) -> Params:
    group = "initial_override" if column.state else "start" if column.name in params.start[column.owner] else "mech"
    groups = getattr(params, group)
    held = dict(groups[column.owner])
    old = jnp.asarray(held[column.name])
    if column.kind == "global":
        held[column.name] = jnp.broadcast_to(jnp.reshape(values, ()), old.shape)
    elif column.kind == "point":
        held[column.name] = old.at[..., column.index].set(jnp.reshape(values, ()))
    else:
        at = columns.instances_of(placement_of(model, column.owner), column, nodes)
        held[column.name] = old.at[..., at].set(values)
    return params._replace(**{group: {**groups, column.owner: held}})


def _connection(model: Model, params: Params, column: Column, nodes: Ints, values: Any) -> Params:
    values = jnp.broadcast_to(values, nodes.shape)
    weights = dict(params.weights)
    for owner, rows, where in wires.by_target(model, nodes):
        held = jnp.asarray(weights[owner])
        weights[owner] = held.at[rows, wires.weight_number(column.name)].set(values[where])
    return params._replace(weights=weights)


_PLACERS: dict[str, Callable[[Model, Params, Column, Ints, Any], Params]] = {
    "geometry": _geometry,
    "node": _node,
    "v": _voltage,
    "setting": _setting,
    "ion": _ion,
    "global": _field,
    "range": _field,
    "point": _field,
    "edge": _field,
    "connection": _connection,
}
