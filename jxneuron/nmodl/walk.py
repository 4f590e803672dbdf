"""Walking over statements and expressions.

In: bodies and expressions. Out: their parts, in the order of the source.
"""

from __future__ import annotations

from collections.abc import Iterable

from jxneuron.nmodl import syntax as sx
from jxneuron.nmodl.algebra import names


def walk(body: tuple[sx.Statement, ...]) -> Iterable[sx.Statement]:
    """Every statement, those inside IF and FROM too."""
    for s in body:
        yield s
        if isinstance(s, sx.If):
            yield from walk(s.then)
            yield from walk(s.otherwise)
        elif isinstance(s, sx.For | sx.While):
            yield from walk(s.body)


def walk_loops(
    body: tuple[sx.Statement, ...], loops: frozenset[str] = frozenset()
) -> Iterable[tuple[sx.Statement, set[str]]]:
    """Every statement with the indices of the loops around it."""
    for s in body:
        yield s, set(loops)
        if isinstance(s, sx.If):
            yield from walk_loops(s.then, loops)
            yield from walk_loops(s.otherwise, loops)
        elif isinstance(s, sx.For):
            yield from walk_loops(s.body, loops | {s.index})
        elif isinstance(s, sx.While):
            yield from walk_loops(s.body, loops)


def expressions(s: sx.Statement) -> list[sx.Expr]:
    """The expressions of one statement, without those of the bodies inside it."""
    if isinstance(s, sx.Assign):
        return [s.target, s.value]
    if isinstance(s, sx.Prime):
        return [s.state, s.value]
    if isinstance(s, sx.Do):
        return [s.call]
    if isinstance(s, sx.If | sx.While):
        return [s.condition]
    if isinstance(s, sx.For):
        return [s.first, s.last]
    if isinstance(s, sx.Reaction):
        return [*(var for _, var in (*s.left, *s.right)), *s.rates]
    if isinstance(s, sx.Compartment):
        return [s.volume]
    if isinstance(s, sx.LonDiffuse):
        return [s.rate]
    if isinstance(s, sx.Conserve):
        return [*(var for _, var in s.terms), s.value]
    if isinstance(s, sx.Conductance):
        return [sx.Var(s.name)]
    return [s.left, s.right] if isinstance(s, sx.Equation) else []


def parts(e: sx.Expr) -> Iterable[sx.Expr]:
    """An expression and everything inside it."""
    yield e
    if isinstance(e, sx.Var) and e.index is not None:
        yield from parts(e.index)
    elif isinstance(e, sx.Call):
        for arg in e.args:
            yield from parts(arg)
    elif isinstance(e, sx.Unary):
        yield from parts(e.arg)
    elif isinstance(e, sx.Binary):
        yield from parts(e.left)
        yield from parts(e.right)


def own_names(s: sx.Statement) -> set[str]:
    """Names in the expressions of one statement."""
    found = set().union(*(names(e) for e in expressions(s)))
    if isinstance(s, sx.Compartment | sx.LonDiffuse):
        found -= {s.index}
    return found


def read_names(block: sx.Block) -> set[str]:
    """Names from outside that a block reads."""
    own = {*block.args, *block.locals}
    found: set[str] = set()
    for s in walk(block.body):
        if isinstance(s, sx.Assign):
            found |= names(s.value) | (names(s.target.index) if s.target.index is not None else set())
        else:
            found |= own_names(s)
    return found - own


def mentioned(body: tuple[sx.Statement, ...]) -> list[str]:
    """Names in a body and the blocks that it solves, in order."""
    found: dict[str, None] = {}
    for s in walk(body):
        if isinstance(s, sx.Solve):
            found[s.block] = None
        found.update(dict.fromkeys(sorted(own_names(s))))
    return list(found)
