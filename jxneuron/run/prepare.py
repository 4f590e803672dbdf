"""Everything that a run computes once from its Params, TABLEs included.

In: Program, Params, dt. Out: Derived. A TABLE that is built by its first call, or once more after INITIAL, depends on
values that INITIAL sets. Those come from an initialisation of which only the tables are kept.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import Array

from jxneuron.lower.program import Params, Program, Slot, State
from jxneuron.mech.table import FirstCallTables
from jxneuron.run.derived import Derived, derive_for_initial, table_environment
from jxneuron.run.environment import arguments
from jxneuron.run.initialise import initialise_with_tables


def derive(program: Program, params: Params, dt: Array) -> Derived:
    """Compute what every step reads and no step changes; dt is () ms."""
    derived = derive_for_initial(program, params, dt)
    late = [slot for slot in program.slots if slot.use_tables and _is_late(slot)]
    if not late:
        return derived
    state, initialised = initialise_with_tables(program, params, derived, jnp.zeros(()))
    tables = {slot.name: _late_tables(program, slot, params, initialised, state) for slot in late}
    return derived._replace(tables={**derived.tables, **tables})


def _is_late(slot: Slot) -> bool:
    return slot.mechanism.first_call or slot.mechanism.tables_again is not None


def _late_tables(program: Program, slot: Slot, params: Params, derived: Derived, state: State) -> dict[str, Any]:
    """Return the TABLEs of a mechanism as its first step has them, from the State after INITIAL."""
    tables = derived.tables[slot.name]
    if isinstance(tables, FirstCallTables):
        _call_advance(program, slot, params, derived, state)
        tables = tables.built
    if slot.mechanism.tables_again is None:
        return dict(tables)
    values = {**state.mech[slot.name], **params.mech[slot.name]}
    return {**tables, **slot.mechanism.tables_again(values, table_environment(program, slot, params, derived.dt))}


def _call_advance(program: Program, slot: Slot, params: Params, derived: Derived, state: State) -> None:
    """Let ``advance`` build the TABLEs whose first call is in a SOLVE, as neither INITIAL nor BREAKPOINT calls them.

    The loop over steps is traced once for all steps, so a table cannot be built in the first of them alone. Only what
    ``FirstCallTables`` collects counts; the updates that ``advance`` returns are dropped, and XLA removes their code.
    """
    if slot.mechanism.advance is not None:
        slot.mechanism.advance(*arguments(program, slot, params, derived, state))
