"""Replace calls of DERIVATIVE blocks by name.

In: blocks. Out: the same without such calls. nocmodl compiles a DERIVATIVE to one function, and the METHOD decides what
that does when it is called. With cnexp it advances the states by dt. With any other method, and where nocmodl uses
derivimplicit because it cannot form the terms of cnexp, it leaves the states alone and makes the block's assignments.

Source: nocmodl's deriv.cpp.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from jxneuron.nmodl.frontend.methods import method_of
from jxneuron.nmodl.frontend.symbols import Symbols
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.algebra import NotLinear, linear_parts
from jxneuron.nmodl.syntax.visit import Body, find_statements, map_bodies
from jxneuron.nmodl.syntax.walk import free_name

SLOPE = "slope"  # a local for the value of an equation, whose calls may set something


def called_derivatives(symbols: Symbols) -> Symbols:
    """Replace the calls of solved DERIVATIVE blocks in every block."""
    return replace(symbols, blocks=without_called(symbols.blocks, {*symbols.variables, *symbols.blocks}))


def without_called(blocks: Mapping[str, sx.Block], taken: Collection[str] = ()) -> dict[str, sx.Block]:
    """Replace calls of DERIVATIVE blocks that are solved: by a SOLVE, or by a PROCEDURE of their assignments."""
    solves = [s for block in blocks.values() for s in find_statements(sx.Solve, block.body)]
    solved = {s.block: s for s in solves if s.block in blocks and blocks[s.block].kind == "DERIVATIVE"}
    steps = {name: solve.method for name, solve in solved.items() if _is_step(solve, blocks)}
    names = {name: free_name(f"{name}_assignments", taken) for name in solved if name not in steps}
    procedures: dict[str, sx.Block] = {}

    def replace_call(s: sx.Statement) -> sx.Statement:
        if not isinstance(s, sx.Do) or s.call.args or s.call.name not in solved:
            return map_bodies(s, change)
        name = s.call.name
        if name in steps:
            return sx.Solve(name, steps[name], line=s.line)
        procedures[names[name]] = _assignments(blocks[name], names[name])
        return replace(s, call=sx.Call(names[name]))

    def change(body: Body) -> Body:
        return tuple(replace_call(s) for s in body)

    changed = {name: replace(block, body=change(block.body)) for name, block in blocks.items()}
    return {**changed, **procedures}


def _is_step(solve: sx.Solve, blocks: Mapping[str, sx.Block]) -> bool:
    """True where the function of the block, when it is called, advances the states."""
    method = method_of(solve, blocks)
    return method is not None and method.inlined and _has_terms(blocks[solve.block])


def _has_terms(block: sx.Block) -> bool:
    """True where cnexp can form the terms of every equation."""
    for s in find_statements(sx.Prime, block.body):
        try:
            linear_parts(s.value, s.state)
        except NotLinear:
            return False
    return True


def _assignments(block: sx.Block, name: str) -> sx.Block:
    """Return the block as a PROCEDURE without its equations."""

    def assign(s: sx.Statement) -> sx.Statement:
        if isinstance(s, sx.Prime):
            return sx.Assign(sx.Var(SLOPE), s.value, s.line)
        return map_bodies(s, lambda body: tuple(assign(inner) for inner in body))

    body = tuple(assign(s) for s in block.body)
    return replace(block, kind="PROCEDURE", name=name, body=body, locals=(*block.locals, sx.Local(SLOPE)))
