"""Give a NONLINEAR block the form in which a solver evaluates it.

In: a block whose equations are at its top. Out: the same with ``state' = right - left`` for each equation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from jxneuron.nmodl.frontend.symbols import Symbols, list_elements, states_of
from jxneuron.nmodl.syntax import nodes as sx


def nonlinear_residuals(block: sx.Block, symbols: Symbols) -> sx.Block:
    """Rewrite a NONLINEAR block that has an equation for each of its states; other blocks stay."""
    states = list_elements(states_of(block.body, symbols), symbols)
    count = sum(isinstance(s, sx.Equation) for s in block.body)
    return equations_as_slopes(block, states) if block.kind == "NONLINEAR" and count == len(states) else block


def equations_as_slopes(block: sx.Block, states: Sequence[sx.Var]) -> sx.Block:
    """Replace each equation of a NONLINEAR block by its residual, as the slope of one of the states."""
    rest = iter(states)
    body = tuple(
        sx.Prime(next(rest), sx.Binary("-", s.right, s.left), s.line) if isinstance(s, sx.Equation) else s
        for s in block.body
    )
    return replace(block, body=body)
