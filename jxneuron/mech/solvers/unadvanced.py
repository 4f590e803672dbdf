"""SOLVE of a DERIVATIVE block without METHOD: nocmodl writes no step for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jxneuron.mech.solvers.euler import Derivatives
from jxneuron.mech.states import States, advanced, arrays, flat, nested


def unadvanced(
    derivatives: Derivatives, states: States, inputs: Sequence[Any], dt: Any, secondorder: int
) -> tuple[list[Any], Sequence[Any]]:
    """Run ``SOLVE block`` without METHOD: its statements run, its states change only where ``secondorder`` is not 0."""
    old = arrays(flat(states), inputs)
    slopes, written = derivatives(*nested(old, states), *inputs)
    return nested(advanced(old, flat(slopes), dt) if secondorder else old, states), written
