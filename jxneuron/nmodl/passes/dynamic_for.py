"""Turn FROM loops whose bounds are known only while the model runs into WHILE loops.

In: a block. Out: the same; the bounds of every FROM that is left are numbers, constants, arguments, indices of outer
loops or LOCALs that are only ever set to numbers. Each new loop has two LOCALs: its counter and its last turn.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import partial

from jxneuron.nmodl.frontend.symbols import Symbols
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.algebra import cut_to_whole, find_names, fold
from jxneuron.nmodl.syntax.visit import Body, find_statements, map_bodies, rename
from jxneuron.nmodl.syntax.walk import free_name


def dynamic_for(block: sx.Block, symbols: Symbols) -> sx.Block:
    """Turn the FROM loops of a block whose bounds only the run knows into WHILE loops."""
    taken = {*symbols.variables, *symbols.blocks, *block.args, *block.local_names}
    body, new = loops_counted(block.body, {*symbols.constants, *block.args, *_numbers(block)}, taken)
    return replace(block, body=body, locals=(*block.locals, *map(sx.Local, new)))


def _numbers(block: sx.Block) -> set[str]:
    """Return the LOCALs that are only ever set to numbers."""
    assigned = [*find_statements(sx.Assign, block.body)]
    others = {s.target.name for s in assigned if fold(s.value, {}) is None}
    return {s.target.name for s in assigned if s.target.name in block.local_names} - others


def loops_counted(body: Body, known: Collection[str], taken: Collection[str]) -> tuple[Body, list[str]]:
    """Turn FROM loops whose bounds are not known before the run into WHILE loops with a counter and a last turn.

    C converts both bounds to whole numbers, towards zero, before the first turn. None of the new locals is ``taken``.

    Returns:
        The body and the new locals.
    """
    out: list[sx.Statement] = []
    new: list[str] = []
    for s in body:
        if isinstance(s, sx.For) and not (find_names(s.first) | find_names(s.last)) <= {*known}:
            inner, deeper = loops_counted(s.body, known, taken)
            index, last = (free_name(f"{s.index}_{what}{s.line}", taken) for what in ("turn", "last"))
            step = sx.Assign(sx.Var(index), sx.Binary("+", sx.Var(index), sx.Num(float(s.step))), s.line)
            out += [
                sx.Assign(sx.Var(index), cut_to_whole(s.first), s.line),
                sx.Assign(sx.Var(last), cut_to_whole(s.last), s.line),
                sx.While(
                    sx.Binary("<=", sx.Var(index), sx.Var(last)), (*rename(inner, {s.index: index}), step), s.line
                ),
            ]
            new += [index, last, *deeper]
            continue
        inside = {*known, s.index} if isinstance(s, sx.For) else known

        out.append(map_bodies(s, partial(_counted, inside, taken, new)))
    return tuple(out), new


def _counted(known: Collection[str], taken: Collection[str], new: list[str], part: Body) -> Body:
    body, deeper = loops_counted(part, known, taken)
    new.extend(deeper)
    return body
