"""How v and the potentials outside move in one step where sections have extracellular (extcelln.cpp).

In: what the membrane adds to the balance of each node, with the old v. Out: State with new v, vext and i_membrane.
Unknown are, for each node, the changes of the potential inside (v + vext of the first layer) and of each layer
outside. The membrane's current leaves the inside and enters the first layer; an ELECTRODE_CURRENT enters the inside
alone.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array

from jxneuron.lower.program import Params, Program, State
from jxneuron.node_variables import OUTSIDE_CURRENT, OUTSIDE_SOURCE, OUTSIDE_VOLTAGE
from jxneuron.run.block_tree import BlockMatrix, solve
from jxneuron.run.currents import Membrane
from jxneuron.run.derived import Derived
from jxneuron.run.events.deliver import spoil
from jxneuron.run.ions import correct_currents
from jxneuron.run.membrane_current import keep_membrane_current, membrane_conductance, outward_current
from jxneuron.run.outside import Outside
from jxneuron.run.voltage import right_hand_side


def initial_outside(program: Program, params: Params) -> dict[str, Any]:
    """Return what ``State.node`` holds of it after INITIAL: vext and i_membrane are 0 (extcell_init)."""
    if program.outside is None:
        return {}
    return {
        OUTSIDE_VOLTAGE: jnp.zeros_like(params.outside["xg"]),
        OUTSIDE_CURRENT: jnp.zeros_like(params.area),
        OUTSIDE_SOURCE: params.outside["e"],
    }


def move_voltages(program: Program, params: Params, derived: Derived, membrane: Membrane, state: State) -> State:
    """Solve the balance inside and outside at once; move v, vext and i_membrane (nrn_update_voltage, nrn_update_2d).

    With the second-order methods NEURON moves the inside by twice its solution, and the outside by the solution.
    """
    assert program.outside is not None
    inside, outside = _solve(program, derived, membrane, state)
    inside = spoil(state, inside)
    dv = inside - outside[0]
    state = keep_membrane_current(program, params, derived, membrane, state, dv)
    state = correct_currents(program, state, inside)
    current = membrane_conductance(derived, membrane) * dv + outward_current(membrane)
    v = state.v + (2.0 * inside if program.secondorder else inside) - outside[0]
    moved = {
        OUTSIDE_VOLTAGE: state.node[OUTSIDE_VOLTAGE] + outside,
        OUTSIDE_CURRENT: jnp.where(program.outside, current, 0.0),
    }
    return state._replace(v=v, node={**state.node, **moved})


def _solve(program: Program, derived: Derived, membrane: Membrane, state: State) -> tuple[Array, Array]:
    """Return the changes of the potential inside, (n,) mV, and of each layer, (l, n) mV."""
    outside = derived.outside
    assert outside is not None and program.outside is not None
    inner = balance_inside(program, derived, membrane, state)
    outer = _balance_outside(program, outside, membrane, state)
    matrix = BlockMatrix(
        a=jnp.concatenate([derived.a[None], outside.a]).T,
        b=jnp.concatenate([derived.b[None], outside.b]).T,
        d=_diagonal(program.outside, derived, outside, membrane),
    )
    change = solve(program.parent, matrix, jnp.concatenate([inner[None], outer]).T)
    return change[:, 0], change[:, 1:].T


def _diagonal(has: np.ndarray, derived: Derived, outside: Outside, membrane: Membrane) -> Array:
    """Return the blocks of the diagonal, (n, 1 + l, 1 + l); a node without extracellular has no change outside."""
    layers = len(outside.a)
    through = jnp.where(has, membrane_conductance(derived, membrane), 0.0)
    below = [through, *outside.series[:-1]]  # from each layer to the one inside it
    d = jnp.zeros((len(has), 1 + layers, 1 + layers)).at[:, 0, 0].set(derived.diagonal + membrane.slope)
    for k in range(layers):
        own = below[k] + outside.series[k] + outside.axial[k]
        d = d.at[:, k + 1, k + 1].set(jnp.where(has, own, 1.0))
        d = d.at[:, k, k + 1].set(-below[k]).at[:, k + 1, k].set(-below[k])
    return d


def balance_inside(program: Program, derived: Derived, membrane: Membrane, state: State) -> Array:
    """Return the current into the inside of each node with the old potentials, (n,) mA/cm2.

    Along the cable flows what v drives, and what vext of the first layer adds; vext is 0 where there is none.
    """
    parent = np.maximum(program.parent, 0)
    first = state.node[OUTSIDE_VOLTAGE][0]
    dv = jnp.where(program.parent < 0, 0.0, first[parent] - first)
    return (right_hand_side(program, derived, membrane, state) - derived.b * dv).at[parent].add(derived.a * dv)


def _balance_outside(program: Program, outside: Outside, membrane: Membrane, state: State) -> Array:
    """Return the current into each layer of each node with the old potentials, (l, n) mA/cm2 (nrn_rhs_ext)."""
    assert program.outside is not None
    parent = np.maximum(program.parent, 0)
    v = state.node[OUTSIDE_VOLTAGE]
    dv = jnp.where((program.parent < 0)[None], 0.0, v[:, parent] - v)
    along = (-outside.b * dv).at[:, parent].add(outside.a * dv)
    next_layer = jnp.concatenate([v[1:], state.node[OUTSIDE_SOURCE][None]])
    outward = outside.xg * (v - next_layer)
    from_inside = jnp.concatenate([jnp.where(program.outside, outward_current(membrane), 0.0)[None], outward[:-1]])
    return from_inside + along - outward
