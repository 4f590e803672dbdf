"""One step of fixed dt, phase by phase (fadvance.cpp, treeset.cpp).

In: the State at the end of a step. Out: the State at the end of the next, and its records. Every phase is public and
takes and returns plain records: a test can start from NEURON's state, run one phase and compare each field.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
from jax import Array

from jxneuron.lower.program import Index, Params, Program, State
from jxneuron.run import extracellular
from jxneuron.run.access import apply_inputs, transfer
from jxneuron.run.before_after import run_blocks
from jxneuron.run.currents import Membrane, membrane_currents
from jxneuron.run.derived import Derived
from jxneuron.run.diffusion import diffuse
from jxneuron.run.environment import arguments, store
from jxneuron.run.events.deliver import Wired, deliver, spoil, start_step
from jxneuron.run.in_order import run_function
from jxneuron.run.ions import correct_currents
from jxneuron.run.membrane_current import keep_membrane_current
from jxneuron.run.records import read
from jxneuron.run.table_leaves import leave_in_step
from jxneuron.run.voltage import METHODS
from jxneuron.units import PER_AREA


class Clock(NamedTuple):
    """The times of a step, which NEURON reaches by two additions of ``0.5*dt``."""

    start: Any  # ms, the end of the step before; () in a step, (steps,) for a run
    half: Any  # ms, the middle of the step; likewise
    full: Any  # ms, its end; likewise


def step(
    program: Program,
    params: Params,
    derived: Derived,
    state: State,
    clock: Clock,
    samples: tuple[Array, ...] = (),
    wired: Wired | None = None,
) -> tuple[State, Array]:
    """Make one step, as NEURON's nrn_fixed_step_thread: currents at t + dt/2, then v, then the states with the new v.

    Events up to the middle of the step are delivered before its currents, the others at its end.

    Args:
        program: the static part of the model.
        params: its parameters.
        derived: what follows from the parameters and dt.
        state: at the end of the step before.
        clock: () each, ms, the times of this step.
        samples: for each of ``program.input_targets``, (k,).
        wired: of ``begin_run``, where the model has events.

    Returns:
        The State after the step, and the records of the step, (record,). NEURON records (fixed_record_continuous)
        before it delivers the events of the step's second half, so a value that is played there is recorded one step
        later.
    """
    state = start_step(program, params, derived, wired, state, clock.start, clock.half)
    state = apply_inputs(program, state._replace(t=clock.half), samples, "half")
    state = leave_in_step(program, derived, state)
    state = run_blocks(program, params, derived, state, "before_breakpoint")
    membrane, state = membrane_currents(program, params, derived, state)
    membrane = inject(program, params, membrane, samples)
    state = move_voltages(program, params, derived, membrane, state)
    state = apply_inputs(program, state, samples, "solved")
    state = apply_inputs(program, state._replace(t=clock.full), samples, "full")
    state = transfer(program.transfers, state)
    state = diffuse(program, params, derived, advance_mechanisms(program, params, derived, state))
    state = run_blocks(program, params, derived, state, "after_solve")
    state = run_blocks(program, params, derived, state, "before_step")
    state = apply_inputs(program, state, samples, "clamped")
    records = read(program.recorders, params, state)
    state = apply_inputs(program, state, samples, "end")
    return deliver(program, params, derived, wired, state, clock.full), records


def move_voltages(program: Program, params: Params, derived: Derived, membrane: Membrane, state: State) -> State:
    """Solve for the voltages, and move them and what depends on their change."""
    if program.outside is not None:
        return extracellular.move_voltages(program, params, derived, membrane, state)
    dv = spoil(state, METHODS[program.method](program, derived, membrane, state))
    state = keep_membrane_current(program, params, derived, membrane, state, dv)
    return update_voltage(program, correct_currents(program, state, dv), dv)


def update_voltage(program: Program, state: State, dv: Array) -> State:
    """Add dv, (node,) mV, to v; with the second-order methods twice, since their dv is that of half a step."""
    return state._replace(v=state.v + (2.0 * dv if program.secondorder else dv))


def advance_mechanisms(program: Program, params: Params, derived: Derived, state: State) -> State:
    """Run every SOLVE over dt with the new v, in the run order of mechanisms (nonvint)."""
    for slot in program.slots:
        if slot.mechanism.advance is not None:
            with jax.named_scope(f"advance:{slot.name}"):
                updates = run_function(slot.mechanism, "advance", *arguments(program, slot, params, derived, state))
                state = store(slot, state, updates)
    return state


def inject(program: Program, params: Params, membrane: Membrane, samples: tuple[Array, ...]) -> Membrane:
    """Add the samples of injected currents, nA, to the right-hand side of their nodes."""
    for target, values in zip(program.input_targets, samples, strict=True):
        if target.phase == "current":
            nodes = target.address.index
            membrane = _add_current(membrane, nodes, PER_AREA * values / params.area[nodes])
    return membrane


def _add_current(membrane: Membrane, nodes: Index, inward: Array) -> Membrane:
    electrodes = None if membrane.electrodes is None else _add_current(membrane.electrodes, nodes, inward)
    return membrane._replace(rhs=membrane.rhs.at[nodes].add(inward), electrodes=electrodes)
