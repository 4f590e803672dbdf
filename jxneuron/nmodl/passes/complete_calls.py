"""Write out what nocmodl adds to a call.

In: a block. Out: the same with ``at_time(x)`` as a condition on t and dt, and with the temperature as the last
argument of ``nrn_ghk``.
"""

from __future__ import annotations

from dataclasses import replace

from jxneuron.nmodl.frontend.symbols import Symbols
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.visit import map_expressions, map_parts


def complete_calls(block: sx.Block, symbols: Symbols) -> sx.Block:
    """Complete the calls of a block."""
    del symbols
    return replace(block, body=map_expressions(block.body, lambda e: at_celsius(at_time(e))))


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
