"""Unroll constant loops and resolve constant IFs around reactions, equations, and what sends events.

In: simplified blocks. Out: LINEAR and NONLINEAR blocks whose equations are at the top, one for each turn of the loop
around them; KINETIC blocks without IF around reactions, where its condition is known in each turn of a loop; INITIAL
and NET_RECEIVE with one ``net_send`` or WATCH for each turn of the loop around it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from jxneuron.nmodl.frontend.symbols import Symbols
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.algebra import fold
from jxneuron.nmodl.syntax.visit import Body, find_statements, map_bodies, map_expressions, map_parts, walk


def unroll(block: sx.Block, symbols: Symbols) -> sx.Block:
    """Rewrite a block of equations or reactions, or one that sends; other blocks stay."""
    del symbols
    if block.kind in ("INITIAL", *sx.RECEIVING):
        return replace(block, body=_unrolled(block.body, _holds_sending))
    if block.kind in ("LINEAR", "NONLINEAR"):
        return replace(block, body=_unrolled(block.body, _holds_equation))
    if block.kind != "KINETIC":
        return block
    return replace(block, body=_unrolled(block.body, _holds_conditional))


def _holds_equation(s: sx.Statement) -> bool:
    return any(find_statements(sx.Equation, (s,)))


def _holds_sending(s: sx.Statement) -> bool:
    return any(isinstance(inner, sx.Send | sx.Watch) for inner in walk((s,)))


def _holds_reaction(s: sx.Statement) -> bool:
    return any(find_statements(sx.Reaction, (s,)))


def _holds_conditional(s: sx.Statement) -> bool:
    return any(isinstance(inner, sx.If) and _holds_reaction(inner) for inner in walk((s,)))


def _unrolled(body: Body, wanted: Callable[[sx.Statement], bool]) -> Body:
    """Write out each loop that holds what is wanted, and of an IF whose condition is known the side that is taken."""
    out: list[sx.Statement] = []
    for s in body:
        if not wanted(s):
            out.append(s)
            continue
        match s:
            case sx.For() if (turns := _turns(s)) is not None:
                for turn in turns:
                    out += _unrolled(_at(s.body, s.index, float(turn)), wanted)
            case sx.If() if (taken := fold(s.condition, {})) is not None:
                out += _unrolled(s.then if taken else s.otherwise, wanted)
            case _:
                out.append(map_bodies(s, lambda body: _unrolled(body, wanted)))
    return tuple(out)


def _turns(s: sx.For) -> range | None:
    """Return the values of a loop's index, None where a bound is no number."""
    first, last = fold(s.first, {}), fold(s.last, {})
    return None if first is None or last is None else range(int(first), int(last) + 1, s.step)


def _at(body: Body, index: str, turn: float) -> Body:
    """Return one turn of a loop, in which its index is a number."""

    def one(e: sx.Expr) -> sx.Expr:
        e = map_parts(e, one)
        match e:
            case sx.Var() if e.index is not None:
                number = fold(e.index, {})
                return e if number is None else replace(e, index=sx.Num(float(int(number))))
            case sx.Var() if e.name == index:
                return sx.Num(turn)
            case _:
                return e

    return map_expressions(body, one)
