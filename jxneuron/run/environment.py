"""What a mechanism sees of the rest of the model, and how what it writes goes back.

In: State. Out: the ``env`` of a mechanism's functions; a new State with its updates in place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
from jax import Array

from jxneuron.ions import ion_variables
from jxneuron.lower.program import Params, Program, Slot, State
from jxneuron.run.access import read_pointer, write_pointer
from jxneuron.run.derived import Derived


def voltage(program: Program, slot: Slot, state: State) -> Array:
    """MV at each instance's node, (instance,)."""
    return state.v[program.node_sets[slot.nodes]]


def parameters(slot: Slot, params: Params, state: State) -> dict[str, Any]:
    """``p`` as ``mech.mechanism`` describes it; what moves stands in the State."""
    held = params.mech[slot.name]
    return {**held, **{name: state.mech[slot.name][name] for name in slot.varying}} if slot.varying else held


def environment(program: Program, slot: Slot, params: Params, derived: Derived, state: State) -> dict[str, Any]:
    """``env`` as ``mech.mechanism`` describes it: time, temperature, geometry, tables and the ions' variables."""
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
    """Put a mechanism's updates in place: its own fields, and what it writes of its ions and through its POINTERs."""
    ion = state.ion
    for use in slot.mechanism.ions:
        for name in set(use.writes) & set(updates):
            ion = _write_ion(slot, ion, use.name, name, updates[name])
    kept = state.mech[slot.name]
    fields = {name: updates.get(name, value) for name, value in kept.items()}
    state = state._replace(mech={**state.mech, slot.name: fields}, ion=ion)
    for target in slot.pointers:
        if target.name in updates:
            state = write_pointer(state, target, updates[target.name])
    return state


def _write_ion(slot: Slot, ions: dict[str, Any], ion: str, name: str, value: Array) -> dict[str, Any]:
    ours, index = ion_variables(ion)[name], slot.ion_index[ion]
    old = ions[ion][ours]
    new = jnp.broadcast_to(value, old.shape) if index is None else old.at[index].set(value)
    return {**ions, ion: {**ions[ion], ours: new}}
