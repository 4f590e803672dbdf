"""Give an index of its own to a loop whose index is called like something else.

In: a block. Out: the same, where no index of FROM or COMPARTMENT hides a variable, argument, LOCAL or outer index.
"""

from __future__ import annotations

from dataclasses import replace

from jxneuron.nmodl.frontend.symbols import Symbols
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.visit import Body, map_bodies, rename
from jxneuron.nmodl.syntax.walk import free_name


def scope_indices(block: sx.Block, symbols: Symbols) -> sx.Block:
    """Rename an index that hides another name: it lives in its loop only, and what it hides keeps its value."""
    taken = frozenset({*symbols.variables, *block.args, *block.local_names})
    return replace(block, body=_scoped(block.body, taken))


def _scoped(body: Body, taken: frozenset[str]) -> Body:
    out: list[sx.Statement] = []
    for s in body:
        match s:
            case sx.For():
                index = free_name(s.index, taken)
                inner = rename(s.body, {s.index: index}) if index != s.index else s.body
                out.append(replace(s, index=index, body=_scoped(inner, taken | {index})))
            case sx.Compartment(index=str(own)):
                index = free_name(own, taken)
                out += [replace(renamed, index=index) for renamed in rename((s,), {own: index})]
            case _:
                out.append(map_bodies(s, lambda inner: _scoped(inner, taken)))
    return tuple(out)
