"""LONGITUDINAL_DIFFUSION: one implicit step of each state that diffuses (stagger in NEURON's ldifus.cpp).

In: State after every SOLVE. Out: State with the diffused values.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jxneuron.lower.program import Diffuser, Params, Program, State
from jxneuron.run.derived import Derived
from jxneuron.run.environment import arguments
from jxneuron.run.tree import HinesMatrix, solve


def diffuse(program: Program, params: Params, derived: Derived, state: State) -> State:
    """Advance every state that diffuses by dt, one after another; of an array, each element."""
    for diffuser in program.diffusers:
        for k in range(max(diffuser.diffusion.size, 1)):
            with jax.named_scope(f"diffusion:{program.slots[diffuser.slot].name}.{diffuser.diffusion.state}"):
                state = _diffuse_one(program, diffuser, params, derived, state, k)
    return state


def _diffuse_one(program: Program, diffuser: Diffuser, params: Params, derived: Derived, state: State, k: int) -> State:
    """Advance element ``k`` of one state; of a scalar, ``k`` is 0."""
    slot, diffusion = program.slots[diffuser.slot], diffuser.diffusion
    both = diffusion.coefficient(*arguments(program, slot, params, derived, state), k)
    coefficient, volume = map(partial(_to_instances, diffuser), both)
    matrix = _matrix(program, diffuser, params, coefficient, volume, 1.0 / derived.dt)
    owner, variable = diffuser.ion or (slot.name, diffusion.state)
    group_name = "ion" if diffuser.ion else "mech"
    group = getattr(state, group_name)
    old = group[owner][variable]
    where = _where(slot.ion_index[owner] if diffuser.ion else None, k if diffusion.size else None)
    new = solve(diffuser.parent, matrix, old[where] / derived.dt)
    values = {**group[owner], variable: old.at[where].set(new)}
    return state._replace(**{group_name: {**group, owner: values}})


def _where(index: Array | np.ndarray | None, element: int | None) -> object:
    if element is not None:
        return element
    return slice(None) if index is None else index


def _to_instances(diffuser: Diffuser, value: Array) -> Array:
    return jnp.broadcast_to(value, diffuser.parent.shape)


def _matrix(
    program: Program, diffuser: Diffuser, params: Params, coefficient: Array, volume: Array, per_step: Array
) -> HinesMatrix:
    """Return ``1/dt`` and the exchange with both neighbours per volume, 1/ms; distances are between segment centres.

    Args:
        program: node sets and rallbranch.
        diffuser: what diffuses, and the neighbour towards the root of each instance.
        params: lengths, um.
        coefficient: (instance,) um4/ms, diffusion constant times cross-section.
        volume: (instance,) um2, volume per length.
        per_step: () 1/ms.
    """
    nodes = program.node_sets[program.slots[diffuser.slot].nodes]
    up, is_root = np.maximum(diffuser.parent, 0), diffuser.parent < 0
    length = params.length[nodes]
    between = length + length[up]
    mean = (coefficient + coefficient[up]) / 2.0
    a = -2.0 * program.rallbranch[nodes] / length[up] / between * mean / volume[up]
    b = -2.0 / length / between * mean / volume
    a, b = jnp.where(is_root, 0.0, a), jnp.where(is_root, 0.0, b)
    return HinesMatrix(a=a, b=b, d=(per_step - b).at[up].add(-a))
