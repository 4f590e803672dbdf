"""Let every loop run to its last turn: the turns after a BREAK do nothing.

In: a block with BREAK. Out: the same with a LOCAL for each loop that may be left: what follows the BREAK, and every
later turn, is under ``IF (running)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from jxneuron.nmodl.frontend.symbols import Symbols
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.algebra import find_names
from jxneuron.nmodl.syntax.visit import Body, bodies, expressions, leaf, map_bodies, walk
from jxneuron.nmodl.syntax.walk import free_name

RUNNING = "running"


def break_to_if(block: sx.Block, symbols: Symbols) -> sx.Block:
    """Take BREAK out of the loops of a block."""
    del symbols
    body, used = without_break(block.body, _flags(block))
    return replace(block, body=body, locals=(*block.locals, *map(sx.Local, used)))


def without_break(body: Body, flags: Sequence[str]) -> tuple[Body, tuple[str, ...]]:
    """Turn a loop with BREAK into one whose later turns are under ``IF (running)``.

    Returns:
        The body and the flags that it uses: one for each level of loops inside each other.
    """
    used: dict[str, None] = {}

    def change(inner: Body, flags: Sequence[str]) -> Body:
        made, deeper = without_break(inner, flags)
        used.update(dict.fromkeys(deeper))
        return made

    def one(s: sx.Statement) -> list[sx.Statement]:
        if not isinstance(s, sx.For | sx.While) or not _breaks(s.body):
            return [map_bodies(s, lambda inner: change(inner, flags))]
        used[flags[0]] = None
        running = sx.Var(flags[0])
        inner, _ = _guarded(change(s.body, flags[1:]), running)
        if isinstance(s, sx.While):
            loop = replace(s, condition=sx.Binary("&&", running, s.condition), body=inner)
        else:
            loop = replace(s, body=(sx.If(running, inner, (), s.line),))
        return [sx.Assign(running, sx.Num(1.0), s.line), loop]

    return tuple(new for s in body for new in one(s)), tuple(used)


def _flags(block: sx.Block) -> list[str]:
    """Return a name for each loop of a block, none of which the block uses already."""
    inside = [*walk(block.body)]
    own = {name for s in inside for e in expressions(s) for name in find_names(e)}
    taken = {*own, *block.args, *block.local_names}
    loops = sum(isinstance(s, sx.For | sx.While) for s in inside)
    return [free_name(f"{RUNNING}{k or ''}", taken) for k in range(loops)]


def _breaks(body: Body) -> bool:
    """True where a BREAK of a body leaves the loop around it."""
    inner = (side for s in body if not isinstance(s, sx.For | sx.While) for side in bodies(s))
    return any(isinstance(s, sx.Break) for s in body) or any(_breaks(side) for side in inner)


def _guarded(body: Body, running: sx.Var) -> tuple[Body, bool]:
    out: list[sx.Statement] = []
    for k, statement in enumerate(body):
        match statement:
            case sx.Break():
                return (*out, sx.Assign(running, sx.Num(0.0), statement.line)), True
            case sx.If():
                then, first = _guarded(statement.then, running)
                otherwise, second = _guarded(statement.otherwise, running)
                if first or second:
                    rest, _ = _guarded(body[k + 1 :], running)
                    after = (sx.If(running, rest, (), statement.line),) if rest else ()
                    return (*out, replace(statement, then=then, otherwise=otherwise), *after), True
                out.append(statement)
            case sx.For() | sx.While():
                out.append(statement)
            case _:
                out.append(leaf(statement))
    return tuple(out), False
