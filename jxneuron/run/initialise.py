"""finitialize: from Params to the State at the start of a run (nrn_finitialize in fadvance.cpp)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jxneuron.lower.program import Params, Program, Slot, State, Wiring
from jxneuron.mech.mechanism import Action, Values
from jxneuron.mech.table import FirstCallTables
from jxneuron.run.access import transfer
from jxneuron.run.before_after import run_blocks
from jxneuron.run.currents import membrane_currents
from jxneuron.run.derived import Derived
from jxneuron.run.environment import Arguments, arguments, store
from jxneuron.run.events.start import deliver_at_start, empty_queues, send_initial, start_connections
from jxneuron.run.extracellular import balance_inside, initial_outside
from jxneuron.run.in_order import run_function, run_instances
from jxneuron.run.ions import initialise_ions, override_concentrations, reversal
from jxneuron.run.membrane_current import keep_initial_membrane_current, no_membrane_current
from jxneuron.run.table_leaves import left_by_tables
from jxneuron.run.voltage import right_hand_side


def initialise(program: Program, params: Params, derived: Derived, t: Array, wiring: Wiring | None = None) -> State:
    """Set v and the ions, transfer v, run every INITIAL in run order, deliver events, then evaluate the currents once.

    Args:
        program: the static part of the model.
        params: its parameters; ``v_init`` is the voltage of each node.
        derived: what was derived from them; of the TABLEs, those that are built before INITIAL.
        t: () ms.
        wiring: the connections of the model; None leaves events out.
    """
    return initialise_with_tables(program, params, derived, t, wiring)[0]


def initialise_with_tables(
    program: Program, params: Params, derived: Derived, t: Array, wiring: Wiring | None = None
) -> tuple[State, Derived]:
    """Do as ``initialise``; return also ``derived`` with the TABLEs that the first calls of their functions built."""
    derived = derived._replace(
        tables={slot.name: _tables(program, slot, derived) for slot in program.slots if slot.use_tables}
    )
    mech = {slot.name: _start(slot, params, derived) for slot in program.slots}
    state = State(
        t=t,
        v=params.v_init,
        mech=mech,
        ion=initialise_ions(program, params),
        node={**no_membrane_current(program, params), **initial_outside(program, params)},
    )
    state = transfer([one for one in program.transfers if one.source.kind in ("v", "inside")], state)
    state = empty_queues(program, params, derived, wiring, state)
    state = run_blocks(program, params, derived, state, "before_initial")
    state = run_initial_blocks(program, params, derived, state)
    state = start_connections(program, params, derived, wiring, state)
    state = run_blocks(program, params, derived, state, "after_initial")
    state = deliver_at_start(program, params, derived, wiring, state)
    return evaluate_currents(program, params, derived, state), derived


def _tables(program: Program, slot: Slot, derived: Derived) -> Mapping[str, Any] | FirstCallTables:
    """Return what INITIAL finds as tables: those built before it, and room for those that its calls build."""
    tables = derived.start_tables[slot.name]
    if not slot.mechanism.first_call:
        return tables
    return FirstCallTables(dict(tables), jnp.arange(len(program.node_sets[slot.nodes])) == 0)


def _start(slot: Slot, params: Params, derived: Derived) -> dict[str, Any]:
    """Return the fields before INITIAL: the model's values, and what building the TABLEs has left in some of them."""
    fields = {**params.start[slot.name], **{name: params.mech[slot.name][name] for name in slot.varying}}
    return {**fields, **left_by_tables(slot, derived, fields, slot.mechanism.leaves)} if slot.use_tables else fields


def run_initial_blocks(program: Program, params: Params, derived: Derived, state: State) -> State:
    """Run INITIAL of each mechanism; where it writes a concentration, the reversal potential follows at once."""
    for slot in program.slots:
        if slot.mechanism.initial is not None:
            with jax.named_scope(f"initial:{slot.name}"):
                state = _run_initial(slot, program, state, arguments(program, slot, params, derived, state))
            if slot.mechanism.writes_concentration:
                state = reversal(program, params, state, initial=True)
    return override_initial(program, params, state)


def _run_initial(slot: Slot, program: Program, state: State, taken: Arguments) -> State:
    """Run INITIAL of one mechanism, and put into the queue what it sends."""
    mechanism = slot.mechanism
    if mechanism.initial_sends is None:
        return store(slot, state, run_function(mechanism, "initial", *taken))

    def both(p: Values, s: Values, v: Array, env: Values) -> tuple[Values, Values]:
        assert mechanism.initial is not None and mechanism.initial_sends is not None
        sends = mechanism.initial_sends(p, s, v, env)
        named = {f"{k} {part}": x for k, action in enumerate(sends) for part, x in action._asdict().items()}
        return named, mechanism.initial(p, s, v, env)

    named, updates = run_instances(mechanism, "initial", both, *taken)
    actions = [
        Action(*(named[f"{k} {part}"] for part in Action._fields)) for k in range(len(mechanism.initial_actions))
    ]
    return send_initial(program, slot, store(slot, state, updates), actions)


def override_initial(program: Program, params: Params, state: State) -> State:
    """Let states and concentrations with an initial override start from it, whatever INITIAL computed."""
    mech = dict(state.mech)
    for owner, overrides in params.initial_override.items():
        fields = mech[owner]
        start = {name: jnp.where(jnp.isnan(value), fields[name], value) for name, value in overrides.items()}
        mech[owner] = {**fields, **start}
    return override_concentrations(program, params, state._replace(mech=mech))


def evaluate_currents(program: Program, params: Params, derived: Derived, state: State) -> State:
    """Run a current phase without a solve, as finitialize ends: BREAKPOINT's values and ion currents remain."""
    state = run_blocks(program, params, derived, state, "before_breakpoint")
    membrane, state = membrane_currents(program, params, derived, state)
    if program.keeps_membrane_current:
        balance = (right_hand_side if program.outside is None else balance_inside)(program, derived, membrane, state)
        state = keep_initial_membrane_current(params, membrane, balance, state)
    return run_blocks(program, params, derived, state, "before_step")
