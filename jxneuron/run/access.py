"""Values in their places: what drives put there, and what POINTERs show.

In: State. Out: values, or a State with other values in place.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import Array

from jxneuron.lower.program import Address, Phase, PointerTarget, Program, State


def read_address(state: State, address: Address) -> Array:
    """The values in a place, (k,)."""
    if address.kind == "v":
        return state.v[address.index]
    held = state.ion if address.kind == "ion" else state.mech
    values = held[address.owner][address.variable]
    values = values if address.element < 0 else values[address.element]
    return jnp.broadcast_to(values, address.index.shape) if address.shared else values[address.index]


def write_address(state: State, address: Address, values: Array) -> State:
    """The State with other values, (k,), in a place."""
    if address.kind == "v":
        return state._replace(v=state.v.at[address.index].set(values))
    name = "ion" if address.kind == "ion" else "mech"
    held = getattr(state, name)
    old = held[address.owner][address.variable]
    where: Any = address.index
    if address.shared:
        where, values = (), values[-1]
    if address.element >= 0:
        where = (address.element, *(() if address.shared else (address.index,)))
    owner = {**held[address.owner], address.variable: jnp.asarray(old).at[where].set(values)}
    return state._replace(**{name: {**held, address.owner: owner}})


def apply_inputs(program: Program, state: State, samples: tuple[Array, ...], phase: Phase) -> State:
    """Put the samples of one moment in place; one that is NaN leaves what is there."""
    for target, values in zip(program.input_targets, samples, strict=True):
        if target.phase == phase:
            values = (
                jnp.where(jnp.isnan(values), read_address(state, target.address), values) if target.plays else values
            )
            state = write_address(state, target.address, values)
    return state


def read_pointer(state: State, target: PointerTarget) -> Array:
    """What a POINTER shows each instance, (instance,)."""
    if len(target.parts) == 1:
        return read_address(state, target.parts[0][1])
    values = jnp.zeros(sum(len(numbers) for numbers, _ in target.parts))
    for numbers, address in target.parts:
        values = values.at[numbers].set(read_address(state, address))
    return values


def write_pointer(state: State, target: PointerTarget, values: Array) -> State:
    """Put what each instance wrote through a POINTER where it points, (instance,)."""
    for numbers, address in target.parts:
        state = write_address(state, address, values[numbers])
    return state
