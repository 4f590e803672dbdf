"""SOLVE block STEADYSTATE sparse: a KINETIC block, by one long step of backward Euler."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp

from jxneuron.mech.solvers.backward_euler import MAX_STEPS, backward_euler, small_sum
from jxneuron.mech.solvers.reactions import Kinetic, Reactions, kinetic_change
from jxneuron.mech.states import States, arrays, flat, nested

STEADY_DT = 1e9
STEADY_TRIES = 7


def steadystate(
    reactions: Reactions,
    names: Sequence[str],
    states: States,
    inputs: Sequence[Any],
    dt: Any,
    secondorder: int,
    *,
    linear: bool,
) -> tuple[list[Any], Sequence[Any]]:
    """``SOLVE block STEADYSTATE sparse``: one step of 1e9 ms, after a linear one where it is not linear."""
    change = kinetic_change(reactions, names, states)
    x = arrays(flat(states), inputs)
    if not linear:
        x = _linear_tries(change, x, inputs)
    old = x
    x = backward_euler(change, old, inputs, STEADY_DT, linear=False, clip=True, done=small_sum, limit=MAX_STEPS)
    written = reactions(Kinetic(names, nested(x, states), nested(old, states), STEADY_DT), *nested(x, states), *inputs)
    if secondorder:
        x = [a + dt * ((a - b) / STEADY_DT) for a, b in zip(x, old, strict=True)]
    return nested(x, states), written


def _linear_tries(change: Any, x: list[Any], inputs: Any) -> list[Any]:
    """Up to seven linear steps, until no state is below -1e-6; such states restart from 0."""
    active = jnp.ones(x[0].shape, dtype=bool)
    for _ in range(STEADY_TRIES):
        delta = change(x, x, inputs, STEADY_DT)
        moved = [jnp.where(active, a + d, a) for a, d in zip(x, delta, strict=True)]
        low = jnp.zeros(active.shape, dtype=bool)
        for a in moved:
            low = low | (a < -1e-6)
        x = [jnp.where(a < -1e-6, 0.0, a) for a in moved]
        active = active & low
    return x
