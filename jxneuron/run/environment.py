"""The arguments of a mechanism's functions, gathered from the State; and their updates, stored in it.

In: State. Out: ``p, s, v, env`` as ``mech.mechanism`` describes them; a new State.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax.numpy as jnp
from jax import Array

from jxneuron.ions import ion_variables
from jxneuron.lower.program import Params, Program, Slot, State
from jxneuron.mech.mechanism import Values
from jxneuron.node_variables import OUTSIDE_VOLTAGE
from jxneuron.run.access import read_pointer, write_pointer
from jxneuron.run.derived import Derived


class Arguments(NamedTuple):
    """What every function of a mechanism takes, in this order."""

    p: Values
    s: Values
    v: Array  # (instance,) mV
    env: Values


def arguments(program: Program, slot: Slot, params: Params, derived: Derived, state: State) -> Arguments:
    """Gather the arguments of a mechanism's functions."""
    env = environment(program, slot, params, derived, state)
    return Arguments(parameters(slot, params, state), state.mech[slot.name], voltage(program, slot, state), env)


def voltage(program: Program, slot: Slot, state: State) -> Array:
    """Return v at the node of each instance, (instance,) mV; of an electrode the potential inside (ext_vdef).

    It is 0 for artificial cells, which have no node.
    """
    nodes = program.node_sets[slot.nodes]
    if slot.mechanism.kind == "artificial":
        return jnp.zeros(len(nodes), state.v.dtype)
    if program.outside is not None and slot.electrode:
        return state.v[nodes] + state.node[OUTSIDE_VOLTAGE][0, nodes]
    return state.v[nodes]


def parameters(slot: Slot, params: Params, state: State) -> Values:
    """Return ``p`` of a mechanism: its Params, and from the State those that vary during the run."""
    fields = params.mech[slot.name]
    return {**fields, **{name: state.mech[slot.name][name] for name in slot.varying}} if slot.varying else fields


def environment(program: Program, slot: Slot, params: Params, derived: Derived, state: State) -> dict[str, Any]:
    """Return ``env`` of a mechanism: time, temperature, geometry, tables, POINTERs and variables of its ions."""
    env = {
        "t": state.t,
        "dt": derived.dt,
        "celsius": params.celsius,
        **{name: getattr(derived, name)[slot.nodes] for name in ("area", "diam", "length", "Ra", "cm")},
        "secondorder": program.secondorder,
        "tables": derived.tables.get(slot.name),
        "function_tables": params.function_tables.get(slot.name, {}),
    }
    for target in slot.pointers:
        env[target.name] = read_pointer(state, target)
    for use in slot.mechanism.ions:
        ours, index = ion_variables(use.name), slot.ion_index[use.name]
        for name in use.loads:
            value = state.ion[use.name][ours[name]]
            env[name] = value if index is None else value[index]
    return env


def store(slot: Slot, state: State, updates: Mapping[str, Any]) -> State:
    """Store a mechanism's updates: its own fields, the variables of its ions, and what its POINTERs point to."""
    ions = state.ion
    for use in slot.mechanism.ions:
        for name in set(use.writes) & set(updates):
            ions = _write_ion(slot, ions, use.name, name, updates[name])
    fields = {name: updates.get(name, value) for name, value in state.mech[slot.name].items()}
    state = state._replace(mech={**state.mech, slot.name: fields}, ion=ions)
    for target in slot.pointers:
        if target.name in updates:
            state = write_pointer(state, target, updates[target.name])
    return state


def _write_ion(slot: Slot, ions: dict[str, Any], ion: str, name: str, value: Array) -> dict[str, Any]:
    ours, index = ion_variables(ion)[name], slot.ion_index[ion]
    old = ions[ion][ours]
    new = jnp.broadcast_to(value, old.shape) if index is None else old.at[index].set(value)
    return {**ions, ion: {**ions[ion], ours: new}}
