"""Unroll constant loops and resolve constant IFs around reactions and equations.

In: simplified blocks. Out: LINEAR and NONLINEAR blocks whose equations are at the top, one for each turn of the loop
around them; KINETIC blocks without IF around reactions, where its condition is known in each turn of a loop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from jxneuron.nmodl.frontend.symbols import Symbols
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.algebra import fold
from jxneuron.nmodl.syntax.visit import Body, map_bodies, map_expressions, map_parts, walk


def unroll(block: sx.Block, symbols: Symbols) -> sx.Block:
    """Rewrite a KINETIC, LINEAR or NONLINEAR block; other blocks stay."""
    del symbols
    if block.kind in ("LINEAR", "NONLINEAR"):
        return replace(block, body=_unrolled(block.body, _holds_equation))
    if block.kind != "KINETIC":
        return block
    return replace(block, body=_unrolled(block.body, _holds_conditional))


def _holds_equation(s: sx.Statement) -> bool:
    return any(isinstance(inner, sx.Equation) for inner in walk((s,)))


def _holds_reaction(s: sx.Statement) -> bool:
    return any(isinstance(inner, sx.Reaction) for inner in walk((s,)))


def _holds_conditional(s: sx.Statement) -> bool:
    return any(isinstance(inner, sx.If) and _holds_reaction(inner) for inner in walk((s,)))


def _unrolled(body: Body, wanted: Callable[[sx.Statement], bool]) -> Body:
    """Write out each loop that holds what is wanted, and of an IF whose condition is known the side that is taken."""
    out: list[sx.Statement] = []
    for s in body:
        if not wanted(s):
            out.append(s)
            continue
        first, last = (fold(s.first, {}), fold(s.last, {})) if isinstance(s, sx.For) else (None, None)
        taken = fold(s.condition, {}) if isinstance(s, sx.If) else None
        if isinstance(s, sx.For) and first is not None and last is not None:
            for turn in range(int(first), int(last) + 1, s.step):
                out += _unrolled(_at(s.body, s.index, float(turn)), wanted)
        elif isinstance(s, sx.If) and taken is not None:
            out += _unrolled(s.then if taken else s.otherwise, wanted)
        else:
            out.append(map_bodies(s, lambda body: _unrolled(body, wanted)))
    return tuple(out)


def _at(body: Body, index: str, turn: float) -> Body:
    """One turn of a loop: its index and the elements that it names as numbers."""

    def one(e: sx.Expr) -> sx.Expr:
        e = map_parts(e, one)
        if isinstance(e, sx.Var) and e.name == index and e.index is None:
            return sx.Num(turn)
        number = fold(e.index, {}) if isinstance(e, sx.Var) and e.index is not None else None
        return replace(e, index=sx.Num(float(int(number)))) if number is not None else e

    return map_expressions(body, one)
