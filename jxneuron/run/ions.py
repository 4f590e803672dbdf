"""The work of NEURON's ion mechanisms (eion.cpp): concentrations and reversal potentials, as each ion's style says."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import Array

from jxneuron.lower.program import IonSlot, Params, Program, State
from jxneuron.units import FARADAY, GAS_CONSTANT, ZERO_CELSIUS

NO_INSIDE, NO_OUTSIDE = 1e6, -1e6  # mV, NEURON's reversal potential where a concentration is not positive


def nernst(inside: Array, outside: Array, charge: float, celsius: Array) -> Array:
    """Return the reversal potential, mV: ``1000 R T / (z F) log(outside/inside)``, CODATA 2018 (nrn_nernst).

    A concentration that is not positive gives 1e6 (inside) or -1e6 (outside); a charge of 0 gives 0.

    Args:
        inside: (ion instance,) mM.
        outside: (ion instance,) mM.
        charge: of the ion, in elementary charges.
        celsius: () degC.
    """
    if charge == 0.0:
        return jnp.zeros_like(inside)
    thermal = 1000.0 * GAS_CONSTANT * (celsius + ZERO_CELSIUS) / FARADAY
    regular = (inside > 0.0) & (outside > 0.0)
    ratio = jnp.where(regular, outside, 1.0) / jnp.where(regular, inside, 1.0)
    irregular = jnp.where(inside <= 0.0, NO_INSIDE, NO_OUTSIDE)
    return jnp.where(regular, thermal / charge * jnp.log(ratio), irregular)


def initialise_ions(program: Program, params: Params) -> dict[str, dict[str, Any]]:
    """Return the ions before any INITIAL: where the style says so, ``cai0_ca_ion`` and Nernst potentials."""
    return {ion.name: _initialise_ion(ion, params) for ion in program.ions}


def _initialise_ion(ion: IonSlot, params: Params) -> dict[str, Any]:
    values = params.ion[ion.name]
    inside = jnp.where(ion.initialises, values["inside0"], values["inside"])
    outside = jnp.where(ion.initialises, values["outside0"], values["outside"])
    inside, outside = (_overridden(values, *pair) for pair in (("inside", inside), ("outside", outside)))
    by_nernst = nernst(inside, outside, ion.charge, params.celsius)
    zero = jnp.zeros_like(inside)
    e = jnp.where(ion.nernst_initial, by_nernst, values["e"])
    return {"e": e, "inside": inside, "outside": outside, "current": zero, "slope": zero}


def _overridden(values: dict[str, Any], name: str, computed: Any) -> Any:
    """Return a concentration's initial override where there is one, elsewhere what was computed."""
    override = values[f"initial_override_{name}"]
    return jnp.where(jnp.isnan(override), computed, override)


def override_concentrations(program: Program, params: Params, state: State) -> State:
    """Let concentrations with an initial override start from it, whatever INITIAL wrote; reversals follow by Nernst."""
    ions = {}
    for ion in program.ions:
        values, computed = params.ion[ion.name], state.ion[ion.name]
        start = {name: _overridden(values, name, computed[name]) for name in ("inside", "outside")}
        either = jnp.fmin(values["initial_override_inside"], values["initial_override_outside"])
        follows = ion.nernst_initial & ~jnp.isnan(either)
        by_nernst = nernst(start["inside"], start["outside"], ion.charge, params.celsius)
        ions[ion.name] = {**computed, **start, "e": jnp.where(follows, by_nernst, computed["e"])}
    return state._replace(ion=ions)


def reversal(program: Program, params: Params, state: State, *, initial: bool) -> State:
    """Set reversal potentials by Nernst where the style says so.

    Args:
        program: its ``ions`` hold the style.
        params: celsius.
        state: with the concentrations.
        initial: True after an INITIAL that wrote a concentration (nrn_wrote_conc); False in a current phase.
    """
    ions = {}
    for ion in program.ions:
        values = state.ion[ion.name]
        where = ion.nernst_initial if initial else ion.nernst_step
        by_nernst = nernst(values["inside"], values["outside"], ion.charge, params.celsius)
        ions[ion.name] = {**values, "e": jnp.where(where, by_nernst, values["e"])} if where.any() else values
    return state._replace(ion=ions)


def zero_currents(state: State) -> State:
    """Set ion currents and their slopes to 0, as at the start of each current phase."""
    ions = {
        name: {**values, "current": jnp.zeros_like(values["e"]), "slope": jnp.zeros_like(values["e"])}
        for name, values in state.ion.items()
    }
    return state._replace(ion=ions)


def correct_currents(program: Program, state: State, dv: Array) -> State:
    """Move ion currents with the voltage where ``secondorder`` is 2: ``i += slope*dv`` (second_order_cur).

    ``dv`` is (node,) mV.
    """
    if program.secondorder != 2:
        return state
    ions = {ion.name: {**state.ion[ion.name], "current": _corrected(ion, state, dv)} for ion in program.ions}
    return state._replace(ion=ions)


def _corrected(ion: IonSlot, state: State, dv: Array) -> Array:
    values = state.ion[ion.name]
    return values["current"] + values["slope"] * dv[ion.node]
