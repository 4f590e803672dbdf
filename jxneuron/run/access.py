"""Values in their places: what drives put there, and what POINTERs show.

In: State. Out: values, or a State with other values in place.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import Array

from jxneuron.lower.program import Moment, Place, Pointing, Program, State


def get(state: State, place: Place) -> Array:
    """The values in a place, (k,)."""
    if place.kind == "v":
        return state.v[place.index]
    held = state.ion if place.kind == "ion" else state.mech
    values = held[place.owner][place.variable]
    values = values if place.element < 0 else values[place.element]
    return jnp.broadcast_to(values, place.index.shape) if place.shared else values[place.index]


def put(state: State, place: Place, values: Array) -> State:
    """The State with other values, (k,), in a place."""
    if place.kind == "v":
        return state._replace(v=state.v.at[place.index].set(values))
    name = "ion" if place.kind == "ion" else "mech"
    held = getattr(state, name)
    old = held[place.owner][place.variable]
    where: Any = place.index
    if place.shared:
        where, values = (), values[-1]
    if place.element >= 0:
        where = (place.element, *(() if place.shared else (place.index,)))
    owner = {**held[place.owner], place.variable: jnp.asarray(old).at[where].set(values)}
    return state._replace(**{name: {**held, place.owner: owner}})


def hold(program: Program, state: State, samples: tuple[Array, ...], moment: Moment) -> State:
    """Put the samples of one moment in place; one that is NaN leaves what is there."""
    for drive, values in zip(program.drives, samples, strict=True):
        if drive.moment == moment:
            values = jnp.where(jnp.isnan(values), get(state, drive.place), values) if drive.plays else values
            state = put(state, drive.place, values)
    return state


def shown(state: State, pointing: Pointing) -> Array:
    """What a POINTER shows each instance, (instance,)."""
    if len(pointing.parts) == 1:
        return get(state, pointing.parts[0][1])
    values = jnp.zeros(sum(len(numbers) for numbers, _ in pointing.parts))
    for numbers, place in pointing.parts:
        values = values.at[numbers].set(get(state, place))
    return values


def write_through(state: State, pointing: Pointing, values: Array) -> State:
    """Put what each instance wrote through a POINTER where it points, (instance,)."""
    for numbers, place in pointing.parts:
        state = put(state, place, values[numbers])
    return state
