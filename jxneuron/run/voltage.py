"""How far the voltage moves in one step: a function for each method that ``Program.method`` may name.

In: what the membrane adds to right-hand side and diagonal, with the old v. Out: dv, (node,) mV. ``implicit`` is
NEURON's method (solve.cpp).
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
    """Return the matrix of one step, (mA/cm2)/mV: axial coupling, capacitance and slopes of the membrane."""
    return HinesMatrix(a=derived.a, b=derived.b, d=derived.diagonal + membrane.slope)


def right_hand_side(program: Program, derived: Derived, membrane: Membrane, state: State) -> Array:
    """Return the membrane and axial current into each node with the old v, (node,) mA/cm2.

    A root has no parent: its axial term is set to 0, so that a cell whose voltage is not a number does not reach
    other cells.
    """
    parent = np.maximum(program.parent, 0)
    dv = jnp.where(program.parent < 0, 0.0, state.v[parent] - state.v)
    return (membrane.rhs - derived.b * dv).at[parent].add(derived.a * dv)


def implicit(program: Program, derived: Derived, membrane: Membrane, state: State) -> Array:
    """Solve for the linearised balance of every node at the new voltages (backward Euler): stable for every dt."""
    return solve(program.parent, matrix(derived, membrane), right_hand_side(program, derived, membrane, state))


def explicit(program: Program, derived: Derived, membrane: Membrane, state: State) -> Array:
    """Take ``dv = dt i/c`` in compartments, with the old voltages; nodes without area balance the new voltages.

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
    """Integrate membrane and axial currents one after the other, each exactly over dt (Lie splitting).

    First the membrane of each compartment, its current linear in v: the explicit step times ``(1 - exp(-x))/x`` with
    ``x = slope dt/c``. Then the cable without membrane, by ``derived.cables``. Currents at nodes without area flow
    into the compartments around them.
    """
    v = state.v
    for cells, cable in zip(program.cables, derived.cables, strict=True):
        capacity, inward = derived.capacity[cells.centres], membrane.rhs[cells.ends]
        current = membrane.rhs[cells.centres] + _times(cable.spread, inward)
        after_membrane = state.v[cells.centres] + current / capacity * _share(membrane.slope[cells.centres] / capacity)
        new = _times(cable.propagator, after_membrane)
        ends = _times(cable.ends, new) + _times(cable.resistance, inward)
        v = v.at[cells.centres].set(new).at[cells.ends].set(ends)
    return v - state.v


def _times(matrix: Array, x: Array) -> Array:
    """Multiply each cell's matrix, (cell, m, n), by its vector, (cell, n)."""
    return jnp.einsum("cmn,cn->cm", matrix, x)


def _share(x: Array) -> Array:
    """Return ``(1 - exp(-x))/x``, which is 1 at 0."""
    small = jnp.abs(x) < 1e-8
    safe = jnp.where(small, 1.0, x)
    return jnp.where(small, 1.0 - x / 2.0, -jnp.expm1(-safe) / safe)


METHODS: Mapping[VoltageMethod, Step] = {"implicit": implicit, "explicit": explicit, "exponential": exponential}
