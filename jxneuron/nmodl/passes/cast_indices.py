"""Cast indices that are known only while the model runs.

In: a simplified block. Out: the same with such indices in a ``Cast``, as C computes them.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from jxneuron.nmodl.frontend.symbols import Symbols
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.algebra import cut_to_whole, find_names
from jxneuron.nmodl.syntax.visit import Body, map_bodies, map_parts

SPECIES = ("left", "right", "state", "terms")  # their elements have to be known before the run


def cast_indices(block: sx.Block, symbols: Symbols) -> sx.Block:
    """Mark each index that names more than the indices of the loops around it: C casts what it names to int."""
    del symbols
    loops = frozenset(block.args if block.kind == sx.DIFFUSION else ())
    return replace(block, body=_cast(block.body, loops))


def _cast(body: Body, loops: frozenset[str]) -> Body:
    return tuple(_statement(s, loops) for s in body)


def _statement(s: sx.Statement, loops: frozenset[str]) -> sx.Statement:
    match s:
        case sx.Equation():
            return s
        case sx.For(index=str(index)) | sx.Compartment(index=str(index)):
            loops |= {index}
        case _:
            pass
    changed = map_bodies(map_parts(s, partial(_expression, loops)), lambda inner: _cast(inner, loops))
    return replace(changed, **{name: getattr(s, name) for name in SPECIES if hasattr(s, name)})


def _expression(loops: frozenset[str], e: sx.Expr) -> sx.Expr:
    e = map_parts(e, partial(_expression, loops))
    if not isinstance(e, sx.Var) or e.index is None or find_names(e.index) <= loops:
        return e
    index = e.index if isinstance(e.index, sx.Var) else cut_to_whole(e.index, loops)
    return replace(e, index=sx.Cast(index))
