"""What a run derives from Params once, TABLEs among it.

In: Program, Params, dt. Out: Derived. A TABLE that is built by its first call, or once more after INITIAL, takes values
that INITIAL has set: those come from an initialisation of which only the tables are kept.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import Array

from jxneuron.lower.program import Params, Program, Slot, State
from jxneuron.mech.table import FirstCallTables
from jxneuron.run.derived import Derived, derive_for_initial, table_environment
from jxneuron.run.environment import environment, parameters, voltage
from jxneuron.run.initialise import initialise_with_tables


def derive(program: Program, params: Params, dt: Array) -> Derived:
    """Everything that a step reads and no step changes."""
    derived = derive_for_initial(program, params, dt)
    late = [slot for slot in program.slots if slot.use_tables and _is_late(slot)]
    if not late:
        return derived
    state, built = initialise_with_tables(program, params, derived, jnp.zeros(()))
    tables = {slot.name: _late_tables(program, slot, params, built, state) for slot in late}
    return derived._replace(tables={**derived.tables, **tables})


def _is_late(slot: Slot) -> bool:
    return slot.mechanism.first_call or slot.mechanism.tables_again is not None


def _late_tables(program: Program, slot: Slot, params: Params, derived: Derived, state: State) -> dict[str, Any]:
    if slot.mechanism.first_call and slot.mechanism.advance is not None:  # where INITIAL and BREAKPOINT call none
        env = environment(program, slot, params, derived, state)
        slot.mechanism.advance(
            parameters(slot, params, state), state.mech[slot.name], voltage(program, slot, state), env
        )
    tables = derived.tables[slot.name]
    tables = dict(tables.built if isinstance(tables, FirstCallTables) else tables)
    if slot.mechanism.tables_again is not None:
        values = {**state.mech[slot.name], **params.mech[slot.name]}
        env = table_environment(program, slot, params, derived.dt)
        tables.update(slot.mechanism.tables_again(values, env))
    return tables
