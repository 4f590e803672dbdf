"""SOLVE block METHOD sparse: a KINETIC block, by backward Euler."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jxneuron.mech.solvers.backward_euler import MAX_STEPS, backward_euler, small_sum
from jxneuron.mech.solvers.reactions import Kinetic, Reactions, kinetic_change
from jxneuron.mech.states import States, arrays, flat, nested


def sparse(
    reactions: Reactions,
    names: Sequence[str],
    states: States,
    inputs: Sequence[Any],
    dt: Any,
    secondorder: int,
    *,
    linear: bool,
) -> tuple[list[Any], Sequence[Any]]:
    """``SOLVE block METHOD sparse``: advance ``states`` by ``dt``.

    Args:
        reactions: ``(k, *states, *inputs) -> values that the block's statements set``.
        names: names of ``states``.
        states: ``(instance,)`` each, array states as lists.
        inputs: what the block reads besides its states.
        dt: ms; half a step where ``secondorder`` is not 0.
        secondorder: where it is not 0, the states are extrapolated by ``dt*y'``.
        linear: True where each rate multiplies one state, so that one solve is exact. Otherwise Newton's
            iteration sets negative states to 0 at each iterate, as NEURON does.

    Returns:
        The states, and what ``reactions`` returned at the solution.
    """
    old = arrays(flat(states), inputs)
    change = kinetic_change(reactions, names, states)
    x = backward_euler(change, old, inputs, dt, linear=linear, clip=True, done=small_sum, limit=MAX_STEPS)
    written = reactions(Kinetic(names, nested(x, states), nested(old, states), dt), *nested(x, states), *inputs)
    if secondorder:
        x = [a + (a - b) for a, b in zip(x, old, strict=True)]
    return nested(x, states), written
