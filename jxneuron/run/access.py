"""Read and write the values at an Address of a State; apply inputs and transfers; follow POINTERs.

In: a State. Out: values, or a State that holds other values.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import jax.numpy as jnp
from jax import Array

from jxneuron.lower.program import Address, Phase, PointerTarget, Program, State, Transfer
from jxneuron.node_variables import OUTSIDE_VOLTAGE


def read_address(state: State, address: Address) -> Array:
    """Return the values at an address, (k,)."""
    if address.kind == "v":
        return state.v[address.index]
    if address.kind == "inside":
        return state.v[address.index] + state.node[OUTSIDE_VOLTAGE][0, address.index]
    if address.kind == "node":
        return state.node[address.variable][*_layer(address), address.index]
    group = state.ion if address.kind == "ion" else state.mech
    values = group[address.owner][address.variable]
    values = values if address.element < 0 else values[address.element]
    return jnp.broadcast_to(values, address.index.shape) if address.shared else values[address.index]


def _layer(address: Address) -> tuple[int, ...]:
    return (address.element,) if address.element >= 0 else ()


def write_address(state: State, address: Address, values: Array) -> State:
    """Return the State with ``values``, (k,), at an address; a value that all instances share becomes the last one."""
    if address.kind == "v":
        return state._replace(v=state.v.at[address.index].set(values))
    if address.kind == "node":
        new = state.node[address.variable].at[*_layer(address), address.index].set(values)
        return state._replace(node={**state.node, address.variable: new})
    group_name = "ion" if address.kind == "ion" else "mech"
    group = getattr(state, group_name)
    old = group[address.owner][address.variable]
    where: Any = address.index
    if address.shared:
        where, values = (), values[-1]
    if address.element >= 0:
        where = (address.element, *(() if address.shared else (address.index,)))
    owner = {**group[address.owner], address.variable: jnp.asarray(old).at[where].set(values)}
    return state._replace(**{group_name: {**group, address.owner: owner}})


def apply_inputs(program: Program, state: State, samples: tuple[Array, ...], phase: Phase) -> State:
    """Write the samples of one phase to their addresses; a sample of a play that is NaN leaves the old value.

    Args:
        program: its ``input_targets`` say where and in which phase each of the samples acts.
        state: before the phase.
        samples: of this step, (k,) for each input target.
        phase: any but ``current``, whose samples are currents (see ``step.inject``).
    """
    for target, values in zip(program.input_targets, samples, strict=True):
        if target.phase == phase:
            if target.plays:
                values = jnp.where(jnp.isnan(values), read_address(state, target.address), values)
            state = write_address(state, target.address, values)
    return state


def transfer(transfers: Iterable[Transfer], state: State) -> State:
    """Let the targets of transfers take over the values of their sources (nrnthread_v_transfer in partrans.cpp)."""
    for one in transfers:
        state = write_address(state, one.target, read_address(state, one.source))
    return state


def read_pointer(state: State, target: PointerTarget) -> Array:
    """Return the value that a POINTER has in each instance, (instance,)."""
    if len(target.parts) == 1:
        return read_address(state, target.parts[0][1])
    values = jnp.zeros(sum(len(instances) for instances, _ in target.parts))
    for instances, address in target.parts:
        values = values.at[instances].set(read_address(state, address))
    return values


def write_pointer(state: State, target: PointerTarget, values: Array) -> State:
    """Write what each instance assigned to a POINTER, (instance,), to the variables that it points to."""
    for instances, address in target.parts:
        state = write_address(state, address, values[instances])
    return state
