"""DERIVATIVE blocks that other blocks call by name.

In: blocks. Out: the same without such calls: nocmodl makes one function of a DERIVATIVE, and what that does when it is
called depends on the METHOD. For cnexp it advances the states by dt. For the other methods it leaves the states alone
and sets what the block assigns besides; so it does where cnexp cannot form the terms, which then is derivimplicit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from jxneuron.nmodl.frontend.symbols import Symbols
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.algebra import NotLinear, linear_parts
from jxneuron.nmodl.syntax.visit import Body, map_bodies, walk

SLOPE = "slope"  # a local for the value of an equation, whose calls may set something


def called_derivatives(symbols: Symbols) -> Symbols:
    """Replace such calls in every block."""
    return replace(symbols, blocks=without_called(symbols.blocks))


def without_called(blocks: Mapping[str, sx.Block]) -> dict[str, sx.Block]:
    """Replace calls of DERIVATIVE blocks that are solved: by a SOLVE, or by a PROCEDURE of their assignments."""
    solves = [s for block in blocks.values() for s in walk(block.body) if isinstance(s, sx.Solve)]
    methods = {s.block: s.method for s in solves if s.block in blocks and blocks[s.block].kind == "DERIVATIVE"}
    steps = {name for name, method in methods.items() if method == "cnexp" and _has_terms(blocks[name])}
    names = {name: f"{name}_assignments" for name in methods if name not in steps}
    found: dict[str, sx.Block] = {}

    def one(s: sx.Statement) -> sx.Statement:
        if not isinstance(s, sx.Do) or s.call.args or s.call.name not in methods:
            return map_bodies(s, change)
        name = s.call.name
        if name in steps:
            return sx.Solve(name, "cnexp", line=s.line)
        found[names[name]] = _assignments(blocks[name], names[name])
        return replace(s, call=sx.Call(names[name]))

    def change(body: Body) -> Body:
        return tuple(one(s) for s in body)

    changed = {name: replace(block, body=change(block.body)) for name, block in blocks.items()}
    return {**changed, **found}


def _has_terms(block: sx.Block) -> bool:
    """True where cnexp can form the terms of every equation."""
    for s in walk(block.body):
        try:
            if isinstance(s, sx.Prime):
                linear_parts(s.value, s.state)
        except NotLinear:
            return False
    return True


def _assignments(block: sx.Block, name: str) -> sx.Block:
    """The block without its equations."""

    def one(s: sx.Statement) -> sx.Statement:
        if isinstance(s, sx.Prime):
            return sx.Assign(sx.Var(SLOPE), s.value, s.line)
        return map_bodies(s, lambda body: tuple(one(inner) for inner in body))

    body = tuple(one(s) for s in block.body)
    return replace(block, kind="PROCEDURE", name=name, body=body, locals=(*block.locals, sx.Local(SLOPE)))
