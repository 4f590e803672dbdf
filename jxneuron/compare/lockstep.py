"""One step of ours beside one step of NEURON's, phase by phase.

In: a State that holds NEURON's values before a step, and one that holds its values after it. Out: a State with what
each of our phases makes of NEURON's values. With ``lead`` a phase starts from what NEURON's previous phase left,
so that a fault shows in the phase that has it and nowhere else; without, the phases follow each other as in a run.
"""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jxneuron.ions import ion_variables
from jxneuron.lower.program import Index, Params, Program, Slot, State
from jxneuron.run.access import apply_inputs
from jxneuron.run.before_after import run_blocks
from jxneuron.run.currents import membrane_currents
from jxneuron.run.diffusion import diffuse
from jxneuron.run.ions import reversal
from jxneuron.run.prepare import derive
from jxneuron.run.step import advance_mechanisms, move_voltages

Ions = dict[str, dict[str, Any]]


@partial(jax.jit, static_argnums=0)
def lock_step(
    program: Program,
    params: Params,
    dt: Array,
    state: State,
    theirs: State,
    lead: Array,
    samples: tuple[Array, ...] = (),
) -> State:
    """The phases of ``run.step.step``, each compared on its own.

    Args:
        program: the static part of the model.
        params: its parameters.
        dt: () ms.
        state: NEURON's values before the step.
        theirs: NEURON's values after it; ours where NEURON shows none.
        lead: () bool: go on from NEURON's reversals, currents, voltage and concentrations, not from ours.
        samples: of the program's input targets in this step, (k,) each.

    Returns:
        What our phases computed, before anything of NEURON's was put in its place.
    """
    derived = derive(program, params, dt)
    half = state.t + 0.5 * dt
    state = apply_inputs(program, state._replace(t=half), samples, "half")
    state = run_blocks(program, params, derived, state, "before_breakpoint")
    state = reversal(program, params, state, initial=False)
    found = {name: dict(values) for name, values in state.ion.items()}
    state = state._replace(ion=_follow_nernst(program, state.ion, theirs.ion, lead))
    membrane, state = membrane_currents(_without_nernst(program), params, derived, state)
    found = _with_written_reversals(program, found, state.ion)
    state = move_voltages(program, params, derived, membrane, state)
    v = state.v
    followed = {**state.ion, **_follow(_counted_once(program, state.ion), theirs.ion, "current", lead)}
    for name, values in state.ion.items():
        found[name]["current"] = values["current"]
    state = state._replace(t=half + 0.5 * dt, v=jnp.where(lead, theirs.v, v), ion=followed)
    state = apply_inputs(program, state, samples, "full")
    for slot in program.slots:
        state = advance_mechanisms(dataclasses.replace(program, slots=(slot,)), params, derived, state)
        state, found = _follow_writes(program, slot, state, theirs, found, lead)
    state = diffuse(program, params, derived, state)
    for diffuser in program.diffusers:
        if diffuser.ion:
            name, variable = diffuser.ion
            found = {**found, name: {**found[name], variable: state.ion[name][variable]}}
    for block in ("after_solve", "before_step"):
        state = run_blocks(program, params, derived, state, block)
    for name in state.ion.keys() - _counted_once(program, state.ion).keys():
        found = {**found, name: {**found[name], "current": state.ion[name]["current"]}}
    played = apply_inputs(program, state, samples, "end")
    plays_v = any(target.address.kind == "v" for target in program.input_targets)
    return played._replace(v=jnp.where(state.v == played.v, v, played.v) if plays_v else v, ion=found)


def _counted_once(program: Program, ions: Ions) -> Ions:
    """The ions whose currents no BEFORE or AFTER block adds up again after the current phase."""
    again = {
        current.ion
        for slot in program.slots
        for current in slot.mechanism.currents
        if slot.mechanism.after_solve or slot.mechanism.before_step
    }
    return {name: values for name, values in ions.items() if name not in again}


def _follow(ours: Ions, theirs: Ions, variable: str, lead: Array) -> Ions:
    """Each ion's variable as NEURON has it, when NEURON leads."""
    return {
        name: {**values, variable: jnp.where(lead, theirs[name][variable], values[variable])}
        for name, values in ours.items()
    }


def _follow_nernst(program: Program, ours: Ions, theirs: Ions, lead: Array) -> Ions:
    """Each reversal potential by Nernst as NEURON has it, when NEURON leads.

    One that a mechanism writes is not followed: after the step NEURON shows what the mechanism left last, and the
    current phase may have seen another.
    """
    return {
        ion.name: {
            **ours[ion.name],
            "e": jnp.where(lead & ion.nernst_step, theirs[ion.name]["e"], ours[ion.name]["e"]),
        }
        for ion in program.ions
    }


def _with_written_reversals(program: Program, found: Ions, ours: Ions) -> Ions:
    """What was found, with the reversal potentials that mechanisms wrote along with their currents."""
    return {
        ion.name: {
            **found[ion.name],
            "e": jnp.where(ion.nernst_step, found[ion.name]["e"], ours[ion.name]["e"]),
        }
        for ion in program.ions
    }


def _without_nernst(program: Program) -> Program:
    """The same model with reversals left as they are: they have been computed."""
    ions = tuple(dataclasses.replace(ion, nernst_step=np.zeros_like(ion.nernst_step)) for ion in program.ions)
    return dataclasses.replace(program, ions=ions)


def _follow_writes(
    program: Program, slot: Slot, state: State, theirs: State, found: Ions, lead: Array
) -> tuple[State, Ions]:
    """Keep what a mechanism wrote of its ions; let later mechanisms see NEURON's values, when NEURON leads."""
    ion = dict(state.ion)
    for use in slot.mechanism.ions:
        for name in use.writes:
            variable, at = ion_variables(use.name)[name], written_last(program, slot, use.name, name)
            ours, target = ion[use.name][variable], theirs.ion[use.name][variable]
            found = {**found, use.name: {**found[use.name], variable: found[use.name][variable].at[at].set(ours[at])}}
            new = ours.at[at].set(jnp.where(lead, target[at], ours[at]))
            ion[use.name] = {**ion[use.name], variable: new}
    return state._replace(ion=ion), found


def written_last(program: Program, slot: Slot, ion: str, name: str) -> Index:
    """Positions in the ion's arrays at which no later mechanism writes the variable again."""
    later = program.slots[program.slots.index(slot) + 1 :]
    again = [positions(program, each, ion) for each in later if writes(each, ion, name)]
    return np.setdiff1d(positions(program, slot, ion), np.concatenate([np.zeros(0, np.int64), *again]))


def writes(slot: Slot, ion: str, name: str) -> bool:
    """Does a mechanism write this variable (``cai``) of the ion?"""
    return any(use.name == ion and name in use.writes for use in slot.mechanism.ions)


def positions(program: Program, slot: Slot, ion: str) -> Index:
    """Return the positions of a mechanism's instances in the ion's arrays."""
    index = slot.ion_index[ion]
    return np.arange(len(program.node_sets[slot.nodes])) if index is None else index
