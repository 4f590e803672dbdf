"""What NEURON's ion mechanisms do (eion.cpp): concentrations and reversal potentials by their style bits."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import Array

from jxneuron.lower.program import IonSlot, Params, Program, State
from jxneuron.units import FARADAY, GAS_CONSTANT, ZERO_CELSIUS

NO_INSIDE, NO_OUTSIDE = 1e6, -1e6  # mV, NEURON's reversal where a concentration is not positive


def nernst(inside: Array, outside: Array, charge: float, celsius: Array) -> Array:
    """Reversal potential, mV: ``1000 R T / (z F) log(outside/inside)`` with CODATA 2018 (nrn_nernst).

    A concentration that is not positive gives 1e6 (inside) or -1e6 (outside), a charge of 0 gives 0.
    """
    if charge == 0.0:
        return jnp.zeros_like(inside)
    thermal = 1000.0 * GAS_CONSTANT * (celsius + ZERO_CELSIUS) / FARADAY
    regular = (inside > 0.0) & (outside > 0.0)
    ratio = jnp.where(regular, outside, 1.0) / jnp.where(regular, inside, 1.0)
    irregular = jnp.where(inside <= 0.0, NO_INSIDE, NO_OUTSIDE)
    return jnp.where(regular, thermal / charge * jnp.log(ratio), irregular)


def initialise_ions(program: Program, params: Params) -> dict[str, dict[str, Any]]:
    """Ions before any INITIAL: concentrations from ``cai0_ca_ion`` and reversals by Nernst where the style says so."""
    return {ion.name: _initialise_ion(ion, params) for ion in program.ions}


def _initialise_ion(ion: IonSlot, params: Params) -> dict[str, Any]:
    values = params.ion[ion.name]
    inside = _given(values, "inside", jnp.where(ion.initialises, values["inside0"], values["inside"]))
    outside = _given(values, "outside", jnp.where(ion.initialises, values["outside0"], values["outside"]))
    by_nernst = nernst(inside, outside, ion.charge, params.celsius)
    zero = jnp.zeros_like(inside)
    e = jnp.where(ion.nernst_initial, by_nernst, values["e"])
    return {"e": e, "inside": inside, "outside": outside, "current": zero, "slope": zero}


def _given(values: dict[str, Any], name: str, otherwise: Any) -> Any:
    """What a concentration was told to start with, where it was told."""
    given = values[f"initial_override_{name}"]
    return jnp.where(jnp.isnan(given), otherwise, given)


def override_concentrations(program: Program, params: Params, state: State) -> State:
    """Concentrations that were given a value start with it, whatever INITIAL wrote; reversals follow."""
    ions = {}
    for ion in program.ions:
        values, held = params.ion[ion.name], state.ion[ion.name]
        told = {key: _given(values, key, held[key]) for key in ("inside", "outside")}
        where = ion.nernst_initial & ~jnp.isnan(
            jnp.fmin(values["initial_override_inside"], values["initial_override_outside"])
        )
        by_nernst = nernst(told["inside"], told["outside"], ion.charge, params.celsius)
        ions[ion.name] = {**held, **told, "e": jnp.where(where, by_nernst, held["e"])}
    return state._replace(ion=ions)


def reversal(program: Program, params: Params, state: State, *, initial: bool) -> State:
    """Reversal potentials by Nernst where the style says so.

    ``initial``: as after an INITIAL that wrote a concentration (nrn_wrote_conc); else as in each current phase.
    """
    ions = {}
    for ion in program.ions:
        values = state.ion[ion.name]
        where = ion.nernst_initial if initial else ion.nernst_step
        by_nernst = nernst(values["inside"], values["outside"], ion.charge, params.celsius)
        ions[ion.name] = {**values, "e": jnp.where(where, by_nernst, values["e"])} if where.any() else values
    return state._replace(ion=ions)


def zero_currents(state: State) -> State:
    """Ion currents and their slopes start at 0 in each current phase."""
    ions = {
        name: {**values, "current": jnp.zeros_like(values["e"]), "slope": jnp.zeros_like(values["e"])}
        for name, values in state.ion.items()
    }
    return state._replace(ion=ions)


def correct_currents(program: Program, state: State, dv: Array) -> State:
    """``secondorder == 2``: ion currents move with the voltage, ``i += slope * dv`` (second_order_cur)."""
    if program.secondorder != 2:
        return state
    ions = {ion.name: {**state.ion[ion.name], "current": _corrected(ion, state, dv)} for ion in program.ions}
    return state._replace(ion=ions)


def _corrected(ion: IonSlot, state: State, dv: Array) -> Array:
    values = state.ion[ion.name]
    return values["current"] + values["slope"] * dv[ion.node]
