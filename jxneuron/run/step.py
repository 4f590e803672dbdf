"""One fixed step, phase by phase (fadvance.cpp, treeset.cpp).

Every phase is public and takes and returns plain records, so that a test can start from NEURON's state, run one
phase and compare it field by field.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import numpy as np
from jax import Array

from jxneuron.lower.program import Params, Program, State
from jxneuron.run.currents import Membrane, membrane_currents
from jxneuron.run.environment import environment, store, voltage
from jxneuron.run.fixed import Fixed
from jxneuron.run.ions import correct_currents
from jxneuron.run.tree import HinesMatrix, solve
from jxneuron.units import PER_AREA


class Clock(NamedTuple):
    """The two times of a step, ms: NEURON reaches them by two additions of ``0.5*dt``."""

    half: Any  # () in a step, (steps,) for a run
    full: Any


def step(
    program: Program, params: Params, fixed: Fixed, state: State, clock: Clock, samples: tuple[Array, ...] = ()
) -> State:
    """One step of NEURON's nrn_fixed_step_thread: currents at t + dt/2, solve for dv, states with the new v.

    ``samples`` belong to ``program.drives``: injected currents count in the current phase, clamps hold what was solved.
    """
    state = state._replace(t=clock.half)
    membrane, state = membrane_currents(program, params, fixed, state)
    membrane = inject(program, params, membrane, samples)
    dv = solve(program.parent, matrix(fixed, membrane), right_hand_side(program, fixed, membrane, state))
    state = correct_currents(program, state, dv)
    state = hold_voltage(program, update_voltage(program, state, dv), samples)
    state = state._replace(t=clock.full)
    return hold_states(program, advance_mechanisms(program, params, fixed, state), samples)


def matrix(fixed: Fixed, membrane: Membrane) -> HinesMatrix:
    """Membrane slopes, capacitance and axial coupling, (mA/cm2)/mV."""
    return HinesMatrix(a=fixed.a, b=fixed.b, d=fixed.diagonal + membrane.slope)


def right_hand_side(program: Program, fixed: Fixed, membrane: Membrane, state: State) -> Array:
    """Inward membrane and axial current of each node with the old v, mA/cm2, (node,)."""
    parent = np.maximum(program.parent, 0)
    dv = state.v[parent] - state.v
    return (membrane.rhs - fixed.b * dv).at[parent].add(fixed.a * dv)


def update_voltage(program: Program, state: State, dv: Array) -> State:
    """``v += dv``; twice that with the second-order methods, whose dv is that of half a step."""
    return state._replace(v=state.v + (2.0 * dv if program.secondorder else dv))


def advance_mechanisms(program: Program, params: Params, fixed: Fixed, state: State) -> State:
    """Every SOLVE over dt with the new v, mechanisms in NEURON's order (nonvint)."""
    for slot in program.slots:
        if slot.mechanism.advance is not None:
            with jax.named_scope(f"advance:{slot.name}"):
                env = environment(program, slot, params, fixed, state)
                updates = slot.mechanism.advance(
                    params.mech[slot.name], state.mech[slot.name], voltage(program, slot, state), env
                )
                state = store(slot, state, updates)
    return state


def inject(program: Program, params: Params, membrane: Membrane, samples: tuple[Array, ...]) -> Membrane:
    """Add injected currents, nA, to the nodes' balance."""
    rhs = membrane.rhs
    for drive, values in zip(program.drives, samples, strict=True):
        if drive.kind == "current":
            rhs = rhs.at[drive.index].add(PER_AREA * values / params.area[drive.index])
    return membrane._replace(rhs=rhs)


def hold_voltage(program: Program, state: State, samples: tuple[Array, ...]) -> State:
    """Put clamped voltages in place of the solved ones."""
    v = state.v
    for drive, values in zip(program.drives, samples, strict=True):
        if drive.kind == "v":
            v = v.at[drive.index].set(values)
    return state._replace(v=v)


def hold_states(program: Program, state: State, samples: tuple[Array, ...]) -> State:
    """Put clamped states in place of the advanced ones."""
    mech = dict(state.mech)
    for drive, values in zip(program.drives, samples, strict=True):
        if drive.kind == "mech":
            held = mech[drive.owner]
            mech[drive.owner] = {**held, drive.variable: held[drive.variable].at[drive.index].set(values)}
    return state._replace(mech=mech)
