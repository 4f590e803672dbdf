"""Collect names in statements, and the blocks that they lead to.

In: bodies and blocks. Out: names, in the order of the source.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator

from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.algebra import find_names
from jxneuron.nmodl.syntax.visit import bodies, expressions, walk


def walk_loops(
    body: tuple[sx.Statement, ...], loops: frozenset[str] = frozenset()
) -> Iterator[tuple[sx.Statement, set[str]]]:
    """Yield every statement with the indices of the loops around it."""
    for s in body:
        yield s, set(loops)
        for inner in bodies(s):
            yield from walk_loops(inner, loops | {s.index} if isinstance(s, sx.For) else loops)


def find_own_names(s: sx.Statement) -> set[str]:
    """Return the names in the expressions of one statement."""
    inside = {name for e in expressions(s) for name in find_names(e)}
    return inside - {s.index} if isinstance(s, sx.Compartment | sx.LonDiffuse) else inside


def find_read_names(block: sx.Block) -> set[str]:
    """Return the names from outside that a block reads."""
    own = {*block.args, *block.local_names}
    read: set[str] = set()
    for s in walk(block.body):
        if isinstance(s, sx.Assign):
            read |= find_names(s.value) | (find_names(s.target.index) if s.target.index is not None else set())
        else:
            read |= find_own_names(s)
    return read - own


def find_mentioned(body: tuple[sx.Statement, ...]) -> list[str]:
    """Return the names in a body and the blocks that it solves, in order."""
    out: dict[str, None] = {}
    for s in walk(body):
        if isinstance(s, sx.Solve):
            out[s.block] = None
        out.update(dict.fromkeys(sorted(find_own_names(s))))
    return list(out)


def free_name(name: str, taken: Collection[str]) -> str:
    """Return the name, or where it is taken the first of ``name_index1``, ``name_index2``, ... that is not."""
    if name not in taken:
        return name
    return next(new for k in itertools.count(1) if (new := f"{name}_index{k}") not in taken)
