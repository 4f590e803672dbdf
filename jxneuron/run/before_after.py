"""BEFORE and AFTER blocks (nrn_ba in fadvance.cpp).

In: State at one of the moments that NMODL has such blocks for. Out: State with what the blocks wrote.
"""

from __future__ import annotations

from typing import Literal

import jax
import jax.numpy as jnp

from jxneuron.lower.program import Params, Program, Slot, State
from jxneuron.run.currents import add_ion_currents, per_area
from jxneuron.run.derived import Derived
from jxneuron.run.environment import arguments, store
from jxneuron.run.in_order import run_function

Block = Literal["before_initial", "after_initial", "before_breakpoint", "after_solve", "before_step"]


def run_blocks(program: Program, params: Params, derived: Derived, state: State, block: Block) -> State:
    """Run the blocks of one kind, in the run order of their mechanisms."""
    for slot in program.slots:
        if getattr(slot.mechanism, block) is not None:
            with jax.named_scope(f"{block}:{slot.name}"):
                updates = run_function(slot.mechanism, block, *arguments(program, slot, params, derived, state))
                state = store(slot, state, updates)
                state = _add_currents_again(slot, derived, state)
    return state


def _add_currents_again(slot: Slot, derived: Derived, state: State) -> State:
    """Add the mechanism's own currents to the totals of its ions once more, as the code that nocmodl writes does."""
    own = {current.name: state.mech[slot.name][current.name] for current in slot.mechanism.currents if current.ion}
    if not own:
        return state
    no_slopes = jax.tree.map(jnp.zeros_like, own)
    return add_ion_currents(slot, state, own, no_slopes, per_area(slot, derived))
