"""finitialize: from Params to the State at the start of a run (nrn_finitialize in fadvance.cpp)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jxneuron.lower.program import Params, Program, Slot, State
from jxneuron.mech.table import FirstCallTables
from jxneuron.run.before_after import run_blocks
from jxneuron.run.currents import membrane_currents
from jxneuron.run.derived import Derived
from jxneuron.run.environment import environment, parameters, store, voltage
from jxneuron.run.in_order import run_function
from jxneuron.run.ions import initialise_ions, override_concentrations, reversal


def initialise(program: Program, params: Params, derived: Derived, t: Array) -> State:
    """Set v, initialise the ions, run every INITIAL in the order of mechanisms, then the currents once.

    Args:
        program: the static part of the model.
        params: its parameters; ``v_init`` is the voltage of each node.
        derived: what was derived from them; of the TABLEs, those that are built before INITIAL.
        t: () ms.
    """
    return initialise_with_tables(program, params, derived, t)[0]


def initialise_with_tables(program: Program, params: Params, derived: Derived, t: Array) -> tuple[State, Derived]:
    """``initialise``, and what was derived with the TABLEs as their first calls leave them."""
    derived = derived._replace(
        tables={slot.name: _tables(program, slot, derived) for slot in program.slots if slot.use_tables}
    )
    mech = {slot.name: _start(slot, params, derived) for slot in program.slots}
    state = State(t=t, v=params.v_init, mech=mech, ion=initialise_ions(program, params))
    state = run_blocks(program, params, derived, state, "before_initial")
    state = run_initial_blocks(program, params, derived, state)
    state = run_blocks(program, params, derived, state, "after_initial")
    return evaluate_currents(program, params, derived, state), derived


def _tables(program: Program, slot: Slot, derived: Derived) -> Mapping[str, Any] | FirstCallTables:
    tables = derived.start_tables[slot.name]
    if not slot.mechanism.first_call:
        return tables
    return FirstCallTables(dict(tables), jnp.arange(len(program.node_sets[slot.nodes])) == 0)


def _start(slot: Slot, params: Params, derived: Derived) -> dict[str, Any]:
    """What the fields hold before INITIAL: the model's values, and what building the TABLEs has left."""
    fields = {**params.start[slot.name], **_varying(slot, params)}
    shared = {field.name for field in slot.mechanism.fields if not field.per_instance}
    for name in slot.mechanism.leaves if slot.use_tables else ():
        left = derived.start_tables[slot.name][name]
        left = jnp.stack(left) if isinstance(left, list) else jnp.asarray(left)
        old = jnp.asarray(fields[name])
        fields[name] = jnp.broadcast_to(left, old.shape) if name in shared else old.at[..., 0].set(left)
    return fields


def _varying(slot: Slot, params: Params) -> dict[str, Array]:
    return {name: params.mech[slot.name][name] for name in slot.varying}


def run_initial_blocks(program: Program, params: Params, derived: Derived, state: State) -> State:
    """INITIAL of each mechanism; one that writes a concentration changes the reversal at once."""
    for slot in program.slots:
        if slot.mechanism.initial is not None:
            with jax.named_scope(f"initial:{slot.name}"):
                state = _run_initial(program, slot, params, derived, state)
            if slot.mechanism.writes_concentration:
                state = reversal(program, params, state, initial=True)
    return override_initial(program, params, state)


def override_initial(program: Program, params: Params, state: State) -> State:
    """States and concentrations that were given a value start with it, whatever INITIAL computed."""
    mech = dict(state.mech)
    for name, given in params.initial_override.items():
        mech[name] = {
            **mech[name],
            **{key: jnp.where(jnp.isnan(value), mech[name][key], value) for key, value in given.items()},
        }
    return override_concentrations(program, params, state._replace(mech=mech))


def _run_initial(program: Program, slot: Slot, params: Params, derived: Derived, state: State) -> State:
    env = environment(program, slot, params, derived, state)
    given = parameters(slot, params, state), state.mech[slot.name], voltage(program, slot, state)
    return store(slot, state, run_function(slot.mechanism, "initial", *given, env))


def evaluate_currents(program: Program, params: Params, derived: Derived, state: State) -> State:
    """Currents and slopes without a solve, as finitialize ends: leaves BREAKPOINT's values and ion currents behind."""
    state = run_blocks(program, params, derived, state, "before_breakpoint")
    _, state = membrane_currents(program, params, derived, state)
    return run_blocks(program, params, derived, state, "before_step")
