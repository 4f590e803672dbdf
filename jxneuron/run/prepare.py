"""What a run derives from Params once, TABLEs among it.

In: Program, Params, dt. Out: Fixed. A TABLE that is built by its first call, or once more after INITIAL, takes values
that INITIAL has set: those come from an initialisation of which only the tables are kept.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import Array

from jxneuron.lower.program import Params, Program, Slot, State
from jxneuron.mech.table import FirstCallTables
from jxneuron.run.derived import Fixed, derive, table_environment
from jxneuron.run.environment import environment, parameters, voltage
from jxneuron.run.initialise import initialise_with_tables


def fix(program: Program, params: Params, dt: Array) -> Fixed:
    """Everything that a step reads and no step changes."""
    fixed = derive(program, params, dt)
    late = [slot for slot in program.slots if slot.use_tables and _is_late(slot)]
    if not late:
        return fixed
    state, built = initialise_with_tables(program, params, fixed, jnp.zeros(()))
    tables = {slot.name: _late_tables(program, slot, params, built, state) for slot in late}
    return fixed._replace(tables={**fixed.tables, **tables})


def _is_late(slot: Slot) -> bool:
    return slot.mechanism.first_call or slot.mechanism.tables_again is not None


def _late_tables(program: Program, slot: Slot, params: Params, fixed: Fixed, state: State) -> dict[str, Any]:
    if slot.mechanism.first_call and slot.mechanism.advance is not None:  # where INITIAL and BREAKPOINT call none
        env = environment(program, slot, params, fixed, state)
        slot.mechanism.advance(
            parameters(slot, params, state), state.mech[slot.name], voltage(program, slot, state), env
        )
    tables = fixed.tables[slot.name]
    tables = dict(tables.built if isinstance(tables, FirstCallTables) else tables)
    if slot.mechanism.tables_again is not None:
        values = {**state.mech[slot.name], **params.mech[slot.name]}
        env = table_environment(program, slot, params, fixed.dt)
        tables.update(slot.mechanism.tables_again(values, env))
    return tables
