"""Replace C code that says something simple by NMODL.

In: blocks with VERBATIM. Out: blocks without; C code that is not understood becomes Refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from jxneuron.nmodl.frontend import c_code, verbatim
from jxneuron.nmodl.frontend.c_words import Names
from jxneuron.nmodl.frontend.symbols import Symbols
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.visit import Body, map_bodies, unknown, walk

CALLABLE = ("FUNCTION", "PROCEDURE")


def translate_verbatim(symbols: Symbols) -> Symbols:
    """Translate the C code of every block, or refuse it."""
    callable = {name: block for name, block in symbols.blocks.items() if block.kind in CALLABLE}
    functions = {name: len(block.args) for name, block in callable.items()}
    procedures = frozenset(name for name, block in callable.items() if block.kind == "PROCEDURE")
    pointers = {name for name, _ in (*symbols.file.pointers, *symbols.file.opaque)}
    taken = frozenset({*symbols.variables, *symbols.constants, *symbols.blocks})

    def translated(block: sx.Block) -> sx.Block:
        ions = ion_copies(block, symbols)
        names = Names(block, functions, procedures, symbols.file.vectorized, ions, frozenset(), taken, pointers)

        def meaning(pieces: Sequence[sx.Statement], loops: frozenset[str]) -> list[sx.Statement] | None:
            names.loops = loops
            alone = pieces[0] if len(pieces) == 1 else None
            if isinstance(alone, sx.Verbatim):
                return verbatim.translate(alone, names)
            return c_code.translate(pieces, names)

        body = without_verbatim(block.body, meaning)
        return replace(block, body=body, locals=(*block.locals, *map(sx.Local, names.locals)))

    return replace(symbols, blocks={name: translated(block) for name, block in symbols.blocks.items()})


def without_verbatim(
    body: Body,
    meaning: Callable[[Sequence[sx.Statement], frozenset[str]], list[sx.Statement] | None],
    loops: frozenset[str] = frozenset(),
) -> Body:
    """Replace C code by its meaning in NMODL, given the indices of the loops around it; refuse what has none.

    Pieces that mean nothing alone may do so together.
    """
    whole: list[sx.Statement] = []
    for s in body:
        inside = loops | {s.index} if isinstance(s, sx.For) else loops
        whole.append(map_bodies(s, partial(without_verbatim, meaning=meaning, loops=inside)))
    meanings = [meaning((s,), loops) if isinstance(s, sx.Verbatim) else [s] for s in whole]
    if None in meanings and len(whole) > 1:
        joined = meaning(whole, loops)
        if joined is not None:
            return tuple(joined)
    out: list[sx.Statement] = []
    for s, translated in zip(whole, meanings, strict=True):
        if isinstance(s, sx.Verbatim) and translated is None:
            out.append(verbatim.refuse(s))
        else:
            out += translated or ()
    return tuple(out)


def ion_copies(block: sx.Block, symbols: Symbols) -> dict[str, float]:
    """Return, for each ion variable that the mechanism copies, up to which line its copy equals the ion's own."""
    copied = [name for name, symbol in symbols.variables.items() if symbol.place == "ion" and symbol.loads]
    bodies = {other.name: list(walk(other.body)) for other in symbols.blocks.values()}
    if not copied:
        return {}
    changed = {name for body in bodies.values() for s in body for name in _changes(s, symbols)}
    called = {
        name
        for other in symbols.blocks.values()
        if other.kind in ("FUNCTION", "PROCEDURE")
        for s in bodies[other.name]
        for name in _changes(s, symbols)
    }
    solved = min((s.line for s in bodies[block.name] if isinstance(s, sx.Solve)), default=math.inf)
    last: dict[str, float] = {}
    for name in copied:
        if name not in changed:
            last[name] = math.inf
        elif block.kind == "INITIAL" and name not in called:
            lines = [s.line for s in bodies[block.name] if name in _changes(s, symbols)]
            last[name] = min([solved, *lines])
    return last


def _changes(s: sx.Statement, symbols: Symbols) -> set[str]:
    """Return the ion variables that a statement sets itself; equations set theirs at the SOLVE of their block."""
    match s:
        case sx.Assign():
            return {s.target.name}
        case sx.Solve():
            variables = symbols.variables.items()
            return {name for name, symbol in variables if symbol.place == "ion" and symbol.role == "state"}
        case sx.Verbatim():
            return verbatim.find_ion_sets(s.text)
        case sx.Do() | sx.If() | sx.For() | sx.While() | sx.Break() | sx.Return() | sx.Refused():
            return set()
        case sx.Prime() | sx.Reaction() | sx.Conserve() | sx.Equation():
            return set()
        case sx.Compartment() | sx.LonDiffuse() | sx.Conductance() | sx.Send() | sx.Watch():
            return set()
        case _:
            unknown(s)
