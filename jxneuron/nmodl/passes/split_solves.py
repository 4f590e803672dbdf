"""Separate the SOLVEs of BREAKPOINT, which advance states, from what computes currents.

In: the body of BREAKPOINT. Out: both parts.

Source: nocmodl's ``solvequeue`` (solve.cpp).
"""

from __future__ import annotations

from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.visit import Body, find_statements, map_bodies


def split_solves(body: Body) -> tuple[tuple[sx.Solve, ...], Body]:
    """Return the SOLVEs and the rest: nocmodl takes SOLVE out of an IF, whatever its condition."""
    solves = tuple(find_statements(sx.Solve, body))

    def others(body: Body) -> Body:
        return tuple(map_bodies(s, others) for s in body if not isinstance(s, sx.Solve | sx.Conductance))

    return solves, others(body)
