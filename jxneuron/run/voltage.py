"""How far the voltage moves in one step: one function for each method, chosen by ``Program.method``.

In: the membrane's part of the balance, with the old v. Out: dv, (node,). ``implicit`` is NEURON's (solve.cpp).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import jax.numpy as jnp
import numpy as np
from jax import Array

from jxneuron.lower.program import Program, State, VoltageMethod
from jxneuron.run.currents import Membrane
from jxneuron.run.derived import Derived
from jxneuron.run.tree import HinesMatrix, solve

Step = Callable[[Program, Derived, Membrane, State], Array]


def matrix(derived: Derived, membrane: Membrane) -> HinesMatrix:
    """Membrane slopes, capacitance and axial coupling, (mA/cm2)/mV."""
    return HinesMatrix(a=derived.a, b=derived.b, d=derived.diagonal + membrane.slope)


def right_hand_side(program: Program, derived: Derived, membrane: Membrane, state: State) -> Array:
    """Inward membrane and axial current of each node with the old v, mA/cm2, (node,).

    A root has no parent and takes no part in another tree: a cell that is not a number leaves the others alone.
    """
    parent = np.maximum(program.parent, 0)
    dv = jnp.where(program.parent < 0, 0.0, state.v[parent] - state.v)
    return (membrane.rhs - derived.b * dv).at[parent].add(derived.a * dv)


def implicit(program: Program, derived: Derived, membrane: Membrane, state: State) -> Array:
    """Every node's balance at the new voltages, linearised: stable for every dt."""
    return solve(program.parent, matrix(derived, membrane), right_hand_side(program, derived, membrane, state))


def explicit(program: Program, derived: Derived, membrane: Membrane, state: State) -> Array:
    """``dv = dt i/c`` of each compartment with the old voltages; nodes without area balance the new ones.

    Stable only while dt is below ``2 c / (slope + axial conductance)`` of every compartment.
    """
    full = matrix(derived, membrane)
    parent = np.maximum(program.parent, 0)
    rows = HinesMatrix(
        a=jnp.where(program.is_end[parent], full.a, 0.0),
        b=jnp.where(program.is_end, full.b, 0.0),
        d=jnp.where(program.is_end, full.d, derived.capacity),
    )
    return solve(program.parent, rows, right_hand_side(program, derived, membrane, state))


def exponential(program: Program, derived: Derived, membrane: Membrane, state: State) -> Array:
    """Membrane and axial currents in turn, each exactly over dt (Lie splitting).

    First the membrane of each compartment with its current linear in v, ``(1 - exp(-x))/x`` of the explicit step with
    ``x = slope dt/c``; then the cable without membrane, by ``fixed.cables``. Currents at nodes without area flow
    into the compartments around them.
    """
    v = state.v
    for cells, cable in zip(program.cables, derived.cables, strict=True):
        capacity, inward = derived.capacity[cells.centres], membrane.rhs[cells.ends]
        current = membrane.rhs[cells.centres] + _times(cable.spread, inward)
        moved = state.v[cells.centres] + current / capacity * _share(membrane.slope[cells.centres] / capacity)
        new = _times(cable.propagator, moved)
        ends = _times(cable.ends, new) + _times(cable.resistance, inward)
        v = v.at[cells.centres].set(new).at[cells.ends].set(ends)
    return v - state.v


def _times(matrix: Array, x: Array) -> Array:
    """Each cell's matrix times its own vector, (cell, m, n) and (cell, n)."""
    return jnp.einsum("cmn,cn->cm", matrix, x)


def _share(x: Array) -> Array:
    """``(1 - exp(-x))/x``, 1 at 0."""
    small = jnp.abs(x) < 1e-8
    safe = jnp.where(small, 1.0, x)
    return jnp.where(small, 1.0 - x / 2.0, -jnp.expm1(-safe) / safe)


METHODS: Mapping[VoltageMethod, Step] = {"implicit": implicit, "explicit": explicit, "exponential": exponential}
