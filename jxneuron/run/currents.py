"""The current phase: every mechanism's currents and slopes, summed per node (nrn_rhs, nrn_lhs).

In: State with the old v. Out: the membrane's part of the right-hand side and of the diagonal, and the State with
ion currents and whatever BREAKPOINT wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jxneuron.lower.program import Params, Program, Slot, State
from jxneuron.mech.mechanism import Mechanism
from jxneuron.run.derived import Derived
from jxneuron.run.environment import environment, parameters, store, voltage
from jxneuron.run.in_order import run_instances
from jxneuron.run.ions import reversal, zero_currents
from jxneuron.units import PER_AREA, SLOPE_INTERVAL


class Membrane(NamedTuple):
    """What the membrane contributes to the balance of each node. n nodes."""

    rhs: Array  # (n,) mA/cm2, inward positive
    slope: Array  # (n,) (mA/cm2)/mV, for the diagonal


def membrane_currents(program: Program, params: Params, derived: Derived, state: State) -> tuple[Membrane, State]:
    """Currents at ``state.v`` with the states of the previous step, mechanisms in NEURON's order.

    Each ion first recomputes its reversal if its style says so, hence a reversal lags its concentration by a step.
    """
    state = zero_currents(reversal(program, params, state, initial=False))
    sums: dict[int, tuple[Array, Array]] = {}
    for slot in program.slots:
        if slot.mechanism.current is not None:
            with jax.named_scope(f"current:{slot.name}"):
                inward, slope, state = mechanism_current(program, slot, params, derived, state)
            before = sums.get(slot.nodes, (0.0, 0.0))
            sums[slot.nodes] = before[0] + inward, before[1] + slope
    return _scatter(program, state, sums), state


def mechanism_current(
    program: Program, slot: Slot, params: Params, derived: Derived, state: State
) -> tuple[Array, Array, State]:
    """One mechanism: its inward current, its slope (both per node area), and the State it leaves.

    Point currents (nA) count ``100/area``; ELECTRODE_CURRENT counts inward.
    """
    v = voltage(program, slot, state)
    env = environment(program, slot, params, derived, state)
    linearise = _derivative if slot.exact_slope else _quotient
    given = parameters(slot, params, state), state.mech[slot.name], v, env
    run = partial(linearise, slot.mechanism)
    currents, slopes, updates = run_instances(slot.mechanism, "current", run, *given)
    factor = per_area(slot, derived)
    state = store(slot, state, {**currents, **updates})
    state = add_ion_currents(slot, state, currents, slopes, factor)
    sign = 1.0 if slot.electrode else -1.0
    total = _total(slot, currents, v) * factor
    slope = _total(slot, slopes, v) * factor
    return sign * total, -sign * slope, state


def per_area(slot: Slot, derived: Derived) -> Array | float:
    """What makes a mechanism's currents densities of its nodes."""
    return PER_AREA / derived.area[slot.nodes] if slot.mechanism.kind == "point" else 1.0


def _quotient(mechanism: Mechanism, p: Any, s: Any, v: Array, env: Any) -> tuple[Mapping, Mapping, Mapping]:
    """NEURON's own way: BREAKPOINT at v + 0.001, then at v; what the first run writes, the second sees."""
    run = mechanism.current
    assert run is not None
    above, left = run(p, s, v + SLOPE_INTERVAL, env)
    s, env = ({name: left.get(name, value) for name, value in held.items()} for held in (s, env))
    currents, updates = run(p, s, v, env)
    slopes = {name: (above[name] - current) / SLOPE_INTERVAL for name, current in currents.items()}
    return currents, slopes, updates


def _derivative(mechanism: Mechanism, p: Any, s: Any, v: Array, env: Any) -> tuple[Mapping, Mapping, Mapping]:
    """The derivative with respect to v; BREAKPOINT runs once."""
    run = mechanism.current
    assert run is not None
    (currents, updates), (slopes, _) = jax.jvp(lambda x: run(p, s, x, env), (v,), (jnp.ones_like(v),))
    return currents, slopes, updates


def _total(slot: Slot, values: Mapping[str, Array], v: Array) -> Array:
    total = jnp.zeros_like(v)
    for current in slot.mechanism.currents:
        total = total + values[current.name]
    return total


def add_ion_currents(
    slot: Slot, state: State, currents: Mapping[str, Array], slopes: Mapping[str, Array], factor: Array | float
) -> State:
    """Add a mechanism's currents and slopes to the totals of its ions."""
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
