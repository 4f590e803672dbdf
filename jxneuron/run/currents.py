"""The current phase: currents and slopes of every mechanism, summed per node (nrn_rhs, nrn_lhs).

In: State with the old v. Out: the membrane's part of the right-hand side and of the diagonal; the State with the ion
currents, and with what BREAKPOINT wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jxneuron.lower.program import Params, Program, Slot, State
from jxneuron.mech.mechanism import Mechanism, Values
from jxneuron.run.derived import Derived
from jxneuron.run.environment import arguments, store
from jxneuron.run.in_order import run_instances
from jxneuron.run.ions import reversal, zero_currents
from jxneuron.units import PER_AREA, SLOPE_INTERVAL


class Membrane(NamedTuple):
    """What mechanisms add to the right-hand side and the diagonal of each node. n nodes."""

    rhs: Array  # (n,) mA/cm2, inward positive
    slope: Array  # (n,) (mA/cm2)/mV, for the diagonal
    electrodes: Membrane | None = None  # what of it is ELECTRODE_CURRENTs, in programs that tell them from the rest


def membrane_currents(program: Program, params: Params, derived: Derived, state: State) -> tuple[Membrane, State]:
    """Sum the currents at ``state.v`` with the states of the step before, mechanisms in run order.

    Each ion first recomputes its reversal potential where its style says so. It therefore lags one step behind the
    concentration, which advances later in the step.
    """
    state = zero_currents(reversal(program, params, state, initial=False))
    sums: dict[int, tuple[Array, Array]] = {}
    of_electrodes: dict[int, tuple[Array, Array]] = {}
    for slot in program.slots:
        if slot.mechanism.current is not None:
            with jax.named_scope(f"current:{slot.name}"):
                inward, slope, state = mechanism_current(program, slot, params, derived, state)
            _add_to(sums, slot, inward, slope)
            if slot.electrode:
                _add_to(of_electrodes, slot, inward, slope)
    membrane = _scatter(program, state, sums)
    if program.tells_electrodes:
        membrane = membrane._replace(electrodes=_scatter(program, state, of_electrodes))
    return membrane, state


def _add_to(sums: dict[int, tuple[Array, Array]], slot: Slot, inward: Array, slope: Array) -> None:
    inward_before, slope_before = sums.get(slot.nodes, (0.0, 0.0))
    sums[slot.nodes] = inward_before + inward, slope_before + slope


def mechanism_current(
    program: Program, slot: Slot, params: Params, derived: Derived, state: State
) -> tuple[Array, Array, State]:
    """Evaluate BREAKPOINT of one mechanism.

    Returns:
        The inward current, (instance,) mA/cm2 of the node; its slope, (instance,) (mA/cm2)/mV; the State with its
        updates. A point process's nA become mA/cm2 by ``100/area``; an ELECTRODE_CURRENT counts inward.
    """
    inputs = arguments(program, slot, params, derived, state)
    linearise = partial(_derivative if slot.exact_slope else _quotient, slot.mechanism)
    currents, slopes, updates = run_instances(slot.mechanism, "current", linearise, *inputs)
    factor = per_area(slot, derived)
    state = store(slot, state, {**currents, **updates})
    state = add_ion_currents(slot, state, currents, slopes, factor)
    sign = 1.0 if slot.electrode else -1.0
    total = _total(slot, currents, inputs.v) * factor
    slope = _total(slot, slopes, inputs.v) * factor
    return sign * total, -sign * slope, state


def per_area(slot: Slot, derived: Derived) -> Array | float:
    """Return the factor from a mechanism's current to mA/cm2 of its node: 1 for density mechanisms."""
    return PER_AREA / derived.area[slot.nodes] if slot.mechanism.kind == "point" else 1.0


def _quotient(mechanism: Mechanism, p: Values, s: Values, v: Array, env: Values) -> tuple[Values, Values, Values]:
    """Run BREAKPOINT at v + 0.001 and then at v, as NEURON does: what the first run writes, the second one reads."""
    run = mechanism.current
    assert run is not None
    above, left = run(p, s, v + SLOPE_INTERVAL, env)
    s, env = ({name: left.get(name, value) for name, value in values.items()} for values in (s, env))
    currents, updates = run(p, s, v, env)
    slopes = {name: (above[name] - current) / SLOPE_INTERVAL for name, current in currents.items()}
    return currents, slopes, updates


def _derivative(mechanism: Mechanism, p: Values, s: Values, v: Array, env: Values) -> tuple[Values, Values, Values]:
    """Run BREAKPOINT once, and take the exact derivative of the currents with respect to v."""
    run = mechanism.current
    assert run is not None

    def at(v: Array) -> tuple[Values, Values]:
        return run(p, s, v, env)

    (currents, updates), (slopes, _) = jax.jvp(at, (v,), (jnp.ones_like(v),))
    return currents, slopes, updates


def _total(slot: Slot, values: Mapping[str, Array], v: Array) -> Array:
    total = jnp.zeros_like(v)
    for current in slot.mechanism.currents:
        total = total + values[current.name]
    return total


def add_ion_currents(
    slot: Slot, state: State, currents: Mapping[str, Array], slopes: Mapping[str, Array], factor: Array | float
) -> State:
    """Add a mechanism's currents and slopes, both times ``factor``, to the totals of its ions."""
    ions = dict(state.ion)
    for current in slot.mechanism.currents:
        if current.ion is None:
            continue
        values, index = ions[current.ion], slot.ion_index[current.ion]
        ions[current.ion] = {
            **values,
            "current": _add(values["current"], index, currents[current.name] * factor),
            "slope": _add(values["slope"], index, slopes[current.name] * factor),
        }
    return state._replace(ion=ions)


def _add(total: Array, index: Any, part: Array) -> Array:
    return total + part if index is None else total.at[index].add(part)


def _scatter(program: Program, state: State, sums: dict[int, tuple[Array, Array]]) -> Membrane:
    rhs, slope = jnp.zeros_like(state.v), jnp.zeros_like(state.v)
    for number, (inward, conductance) in sums.items():
        nodes = program.node_sets[number]
        rhs, slope = rhs.at[nodes].add(inward), slope.at[nodes].add(conductance)
    return Membrane(rhs, slope)
