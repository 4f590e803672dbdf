"""BEFORE and AFTER blocks (nrn_ba in fadvance.cpp).

In: State at one of the moments that NMODL knows. Out: State with what the blocks wrote.
"""

from __future__ import annotations

from typing import Literal

import jax
import jax.numpy as jnp

from jxneuron.lower.program import Params, Program, Slot, State
from jxneuron.run.currents import add_ion_currents, per_area
from jxneuron.run.derived import Derived
from jxneuron.run.environment import environment, parameters, store, voltage
from jxneuron.run.in_order import run_function

Block = Literal["before_initial", "after_initial", "before_breakpoint", "after_solve", "before_step"]


def run_blocks(program: Program, params: Params, derived: Derived, state: State, block: Block) -> State:
    """The blocks of one moment, mechanisms in the order of the step."""
    for slot in program.slots:
        if getattr(slot.mechanism, block) is not None:
            with jax.named_scope(f"{block}:{slot.name}"):
                env = environment(program, slot, params, derived, state)
                given = parameters(slot, params, state), state.mech[slot.name], voltage(program, slot, state)
                state = store(slot, state, run_function(slot.mechanism, block, *given, env))
                state = _currents_again(program, slot, derived, state)
    return state


def _currents_again(program: Program, slot: Slot, derived: Derived, state: State) -> State:
    """Each ion's current with the mechanism's own added once more: the code that nocmodl writes does that."""
    own = {each.name: state.mech[slot.name][each.name] for each in slot.mechanism.currents if each.ion}
    if not own:
        return state
    none = jax.tree.map(jnp.zeros_like, own)
    return add_ion_currents(slot, state, own, none, per_area(slot, derived))
