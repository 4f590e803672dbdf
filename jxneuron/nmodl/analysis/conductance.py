"""Check CONDUCTANCE, by which NEURON takes the sum of the named variables for the slope of the currents.

In: BREAKPOINT and the names of its currents. Out: whether the named variables are the slopes of the currents.

Source: nocmodl's ``conductance_hint`` (nocpout.cpp).
"""

from __future__ import annotations

from collections.abc import Iterable

from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.algebra import NotLinear, linear_parts
from jxneuron.nmodl.syntax.visit import find_statements

NOT_THE_SLOPE = "NEURON takes the sum of what is named for the slope of the currents, which it is not"
WAY_OUT = "Remove the CONDUCTANCE statement."


def find_hints(block: sx.Block | None) -> tuple[sx.Conductance, ...]:
    """Return the CONDUCTANCE statements of BREAKPOINT."""
    return tuple(s for s in block.body if isinstance(s, sx.Conductance)) if block is not None else ()


def are_slopes(block: sx.Block, currents: Iterable[str]) -> bool:
    """True where each current is ``a + name*v`` with one of the named variables, whatever these depend on."""
    return sorted(s.slope.name for s in find_hints(block)) == sorted(_slope(block, name) for name in currents)


def _slope(block: sx.Block, current: str) -> str:
    """Return the variable that multiplies v in a current that is set once, or "" where there is none."""
    assignments = [s for s in find_statements(sx.Assign, block.body) if s.target.name == current]
    if len(assignments) != 1 or assignments[0] not in block.body:
        return ""
    try:
        slope = linear_parts(assignments[0].value, sx.Var("v"))[1]
    except NotLinear:
        return ""
    return slope.name if isinstance(slope, sx.Var) and slope.index is None else ""
