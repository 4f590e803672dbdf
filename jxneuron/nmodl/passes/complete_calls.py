"""Write out what nocmodl adds to a call.

In: a block. Out: the same with ``at_time(x)`` as a condition on t and dt, with the temperature as the last argument of
``nrn_ghk``, and with 0 as the value of a PROCEDURE.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import partial

from jxneuron.nmodl.frontend.symbols import Symbols
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.visit import Body, map_bodies, map_expressions, map_parts


def complete_calls(block: sx.Block, symbols: Symbols) -> sx.Block:
    """Complete the calls of a block."""
    procedures = {name for name, other in symbols.blocks.items() if other.kind == "PROCEDURE"}
    body = map_expressions(block.body, lambda e: at_celsius(at_time(e)))
    return replace(block, body=without_values(body, procedures))


def without_values(body: Body, procedures: Collection[str]) -> Body:
    """Call a PROCEDURE by itself whose value is assigned: nocmodl lets it return 0."""
    out: list[sx.Statement] = []
    for s in body:
        if isinstance(s, sx.Assign) and isinstance(s.value, sx.Call) and s.value.name in procedures:
            out += [sx.Do(s.value, s.line), replace(s, value=sx.Num(0.0))]
        else:
            out.append(map_bodies(s, partial(without_values, procedures=procedures)))
    return tuple(out)


def at_time(e: sx.Expr) -> sx.Expr:
    """Replace ``at_time(x)`` by its value: true in the step that passes x (NEURON's cvodestb.cpp)."""
    match e:
        case sx.Call(name="at_time", args=(moment,)):
            passed = sx.Binary("-", at_time(moment), sx.Num(1e-11))
            since = sx.Binary("-", sx.Var("t"), sx.Var("dt"))
            return sx.Binary("&&", sx.Binary("<=", passed, sx.Var("t")), sx.Binary(">", passed, since))
        case _:
            return map_parts(e, at_time)


def at_celsius(e: sx.Expr) -> sx.Expr:
    """Add to ``nrn_ghk`` the temperature, which NEURON passes on its own."""
    match e:
        case sx.Call(name="nrn_ghk", args=(_, _, _, _) as args):
            return sx.Call(e.name, (*(at_celsius(arg) for arg in args), sx.Var("celsius")))
        case _:
            return map_parts(e, at_celsius)
