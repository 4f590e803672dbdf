"""Set in a mechanism's fields what building a TABLE leaves in them (table_massage in parsact.cpp).

In: a mechanism's fields, and what its ``tables`` returned. Out: new values of the fields that ``Mechanism.leaves`` or
``Mechanism.leaves_in_step`` names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import jax.numpy as jnp
from jax import Array

from jxneuron.lower.program import Program, Slot, State
from jxneuron.run.derived import Derived


def left_by_tables(slot: Slot, derived: Derived, fields: Mapping[str, Any], names: Iterable[str]) -> dict[str, Array]:
    """Return new values of the fields ``names``: of those that each instance has, the first instance's change."""
    shared = {field.name for field in slot.mechanism.fields if not field.per_instance}
    out: dict[str, Array] = {}
    for name in names:
        left = jnp.asarray(derived.start_tables[slot.name][name])
        old = jnp.asarray(fields[name])
        out[name] = jnp.broadcast_to(left, old.shape) if name in shared else old.at[..., 0].set(left)
    return out


def leave_in_step(program: Program, derived: Derived, state: State) -> State:
    """Set what the first step's building of TABLEs leaves; nothing else sets these fields, so every step may."""
    mech = dict(state.mech)
    for slot in program.slots:
        if slot.use_tables and slot.mechanism.leaves_in_step:
            fields = mech[slot.name]
            mech[slot.name] = {**fields, **left_by_tables(slot, derived, fields, slot.mechanism.leaves_in_step)}
    return state._replace(mech=mech)
