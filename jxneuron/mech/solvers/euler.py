"""SOLVE block METHOD euler: a DERIVATIVE block, by forward Euler (NEURON's ``src/scopmath/euler_thread.hpp``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from jxneuron.mech.states import States, advanced, arrays, flat, nested

Derivatives = Callable[..., tuple[Sequence[Any], Sequence[Any]]]


def euler(
    derivatives: Derivatives, states: States, inputs: Sequence[Any], dt: Any, secondorder: int
) -> tuple[list[Any], Sequence[Any]]:
    """Advance ``SOLVE block METHOD euler``: ``y + dt*y'``. Arguments as for ``derivimplicit``."""
    old = arrays(flat(states), inputs)
    slopes, written = derivatives(*nested(old, states), *inputs)
    x = advanced(old, flat(slopes), dt)
    return nested(advanced(x, flat(slopes), dt) if secondorder else x, states), written
