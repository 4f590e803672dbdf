"""i_membrane_, the current through the membrane of each segment, ions and capacitance together (use_fast_imem).

In: what the membrane has added to the balance of each node, and how far v moves. Out: State with i_membrane_. Only
programs that use it compute it.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from jxneuron.lower.program import Params, Program, State
from jxneuron.node_variables import MEMBRANE_CURRENT
from jxneuron.run.currents import Membrane
from jxneuron.run.derived import Derived
from jxneuron.units import PER_AREA


def no_membrane_current(program: Program, params: Params) -> dict[str, Array]:
    """Return what ``State.node`` holds of it before the currents were evaluated."""
    return {MEMBRANE_CURRENT: jnp.zeros_like(params.area)} if program.keeps_membrane_current else {}


def keep_membrane_current(
    program: Program, params: Params, derived: Derived, membrane: Membrane, state: State, dv: Array
) -> State:
    """Keep the outward current, nA, that belongs to the solved balance (nrn_calc_fast_imem in fadvance.cpp).

    It is that of capacitance and of every mechanism but ELECTRODE_CURRENTs, linearised in v: with secondorder in the
    middle of the step.

    Args:
        program: says whether the model uses it.
        params: areas.
        derived: capacitances.
        membrane: currents and slopes, electrodes told from the rest.
        state: to keep it in.
        dv: (node,) mV, as it was solved for.
    """
    if not program.keeps_membrane_current:
        return state
    return _keep(params, state, membrane_conductance(derived, membrane) * dv + outward_current(membrane))


def membrane_conductance(derived: Derived, membrane: Membrane) -> Array:
    """Return the slope of every current but ELECTRODE_CURRENTs, with the capacitance over dt, (n,) (mA/cm2)/mV."""
    assert membrane.electrodes is not None
    return derived.capacity + membrane.slope - membrane.electrodes.slope


def outward_current(membrane: Membrane) -> Array:
    """Return the current of every mechanism but ELECTRODE_CURRENTs with the old v, (n,) mA/cm2, outward positive."""
    assert membrane.electrodes is not None
    return membrane.electrodes.rhs - membrane.rhs


def keep_initial_membrane_current(params: Params, membrane: Membrane, balance: Array, state: State) -> State:
    """Keep what flows in along the cable and from electrodes at the start (nrn_calc_fast_imem_fixedstep_init).

    ``balance`` is the current into each node, (node,) mA/cm2.
    """
    return _keep(params, state, balance + outward_current(membrane))


def _keep(params: Params, state: State, density: Array) -> State:
    return state._replace(node={**state.node, MEMBRANE_CURRENT: density * params.area / PER_AREA})
