"""Rewrites of block bodies into the few statements that are analysed and emitted.

In: syntax. Out: syntax without VERBATIM, BREAK, RETURN and calls that have no effect here, with COMPARTMENTs in
front, and with every loop bound a number. What cannot be rewritten becomes ``Refused``.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial

from jxneuron.nmodl.analysis.symbols import SILENT
from jxneuron.nmodl.frontend import verbatim
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.algebra import fold, names
from jxneuron.nmodl.syntax.visit import Body, bodies, expressions, leaf, map_bodies, map_parts, unknown, walk
from jxneuron.nmodl.syntax.walk import plain_names

RUNNING = "running"
NO_IONS: Mapping[str, float] = {}


def simplify(block: sx.Block, ions: Mapping[str, float] = NO_IONS, constants: Collection[str] = ()) -> sx.Block:
    """Apply every rewrite of this module to one block; ``ions`` as ``verbatim.ion_copies`` gives them."""
    body = without_verbatim(block.body, lambda s: verbatim.statements(s, block, ions))
    body = map_expressions(without_return(without_silent(body)), lambda e: at_celsius(at_time(e)))
    body, indices = loops_counted(body, {*constants, *block.args, *_numbers(block)})
    body, used = without_break(body, _flags(block, body))
    if block.kind == "KINETIC":
        body = compartments_first(body)
    names = (*block.locals, *indices, *used)
    return replace(block, body=body, locals=names)


def indices_apart(block: sx.Block, variables: Collection[str]) -> sx.Block:
    """Rename an index that hides another name: it lives in its loop only, and what it hides keeps its value."""
    taken = frozenset({*variables, *block.args, *plain_names(block.locals)})
    return replace(block, body=_indices_apart(block.body, taken))


def _indices_apart(body: tuple[sx.Statement, ...], taken: frozenset[str]) -> tuple[sx.Statement, ...]:
    out: list[sx.Statement] = []
    for s in body:
        if isinstance(s, sx.For):
            index = _free(s.index, taken)
            inner = rename(s.body, {s.index: index}) if index != s.index else s.body
            out.append(replace(s, index=index, body=_indices_apart(inner, taken | {index})))
        elif isinstance(s, sx.Compartment) and s.index:
            index = _free(s.index, taken)
            out += [replace(each, index=index) for each in rename((s,), {s.index: index})]
        else:
            out.append(map_bodies(s, lambda inner: _indices_apart(inner, taken)))
    return tuple(out)


def _free(name: str, taken: Collection[str]) -> str:
    if name not in taken:
        return name
    return next(each for k in itertools.count(1) if (each := f"{name}_index{k}") not in taken)


def diffusions_apart(file: sx.File) -> sx.File:
    """Take LONGITUDINAL_DIFFUSION out of KINETIC blocks: each of its states gets a block of its own.

    The block sets ``coefficient`` and ``volume``; its argument is the element of an array state.
    """
    blocks: list[sx.Block] = []
    for block in file.blocks:
        found = [s for s in block.body if isinstance(s, sx.LonDiffuse)] if block.kind == "KINETIC" else []
        blocks.append(replace(block, body=tuple(s for s in block.body if s not in found)))
        blocks += [_diffusion(s, state, block) for s in found for state in s.species]
    return replace(file, blocks=tuple(blocks))


def _diffusion(s: sx.LonDiffuse, state: str, block: sx.Block) -> sx.Block:
    element = s.index or "k"
    body = (sx.Assign(sx.Var("coefficient"), s.rate, s.line), sx.Assign(sx.Var("volume"), sx.Num(1.0), s.line))
    for other in block.body:
        if isinstance(other, sx.Compartment) and state in other.species:
            volume = (sx.Assign(sx.Var("volume"), other.volume, s.line),)
            body = (body[0], *rename(volume, {other.index: element} if other.index else {}))
    return sx.Block(sx.DIFFUSION, f"{sx.DIFFUSION} {state}", (element,), body, ("coefficient", "volume"), line=s.line)


def equations_as_slopes(block: sx.Block, states: Sequence[sx.Var]) -> sx.Block:
    """Each equation of a NONLINEAR block as what is left of it, under the name of one of the states."""
    rest = iter(states)
    body = tuple(
        sx.Prime(next(rest), sx.Binary("-", s.right, s.left), s.line) if isinstance(s, sx.Equation) else s
        for s in block.body
    )
    return replace(block, body=body)


def _numbers(block: sx.Block) -> set[str]:
    """Locals that are only ever set to numbers."""
    assigned = [s for s in walk(block.body) if isinstance(s, sx.Assign)]
    others = {s.target.name for s in assigned if fold(s.value, {}) is None}
    return {s.target.name for s in assigned if s.target.name in block.locals} - others


def loops_counted(body: tuple[sx.Statement, ...], known: Collection[str]) -> tuple[tuple[sx.Statement, ...], list[str]]:
    """Turn FROM loops whose bounds are not known before the run into WHILE loops with a counter and a last turn.

    C converts both bounds to whole numbers, towards zero, before the first turn.

    Returns:
        The body and the new locals.
    """
    out: list[sx.Statement] = []
    new: list[str] = []
    for s in body:
        if isinstance(s, sx.For) and not (names(s.first) | names(s.last)) <= {*known}:
            inner, deeper = loops_counted(s.body, known)
            index, last = f"{s.index}_turn{s.line}", f"{s.index}_last{s.line}"
            step = sx.Assign(sx.Var(index), sx.Binary("+", sx.Var(index), sx.Num(float(s.step))), s.line)
            out += [
                sx.Assign(sx.Var(index), as_whole(s.first), s.line),
                sx.Assign(sx.Var(last), as_whole(s.last), s.line),
                sx.While(
                    sx.Binary("<=", sx.Var(index), sx.Var(last)), (*rename(inner, {s.index: index}), step), s.line
                ),
            ]
            new += [index, last, *deeper]
            continue
        inside = {*known, s.index} if isinstance(s, sx.For) else known

        out.append(map_bodies(s, partial(_counted, inside, new)))
    return tuple(out), new


def _counted(known: Collection[str], new: list[str], part: tuple[sx.Statement, ...]) -> tuple[sx.Statement, ...]:
    found, deeper = loops_counted(part, known)
    new.extend(deeper)
    return found


def as_whole(e: sx.Expr, known: Collection[str] = ()) -> sx.Expr:
    """An expression of whole numbers, as C computes it: variables and quotients cut towards zero.

    Those in ``known`` are whole already.
    """
    if isinstance(e, sx.Unary):
        return replace(e, arg=as_whole(e.arg, known))
    if isinstance(e, sx.Binary) and e.op != sx.QUOTIENT:
        return replace(e, left=as_whole(e.left, known), right=as_whole(e.right, known))
    if isinstance(e, sx.Binary):
        e = sx.Binary("/", as_whole(e.left, known), as_whole(e.right, known))
    if isinstance(e, sx.Num) or (isinstance(e, sx.Var) and e.name in known):
        return e
    if isinstance(e, sx.Var | sx.Call | sx.Binary):
        return sx.Binary("-", e, sx.Call("fmod", (e, sx.Num(1.0))))
    unknown(e)


def without_verbatim(
    body: tuple[sx.Statement, ...], meaning: Callable[[sx.Verbatim], list[sx.Statement] | None]
) -> tuple[sx.Statement, ...]:
    """Put what C code means in its place; refuse the rest."""
    out: list[sx.Statement] = []
    for s in body:
        if isinstance(s, sx.Verbatim):
            found = meaning(s)
            out += [verbatim.refusal(s)] if found is None else found
        else:
            out.append(map_bodies(s, lambda inner: without_verbatim(inner, meaning)))
    return tuple(out)


def without_return(body: tuple[sx.Statement, ...], rest: tuple[sx.Statement, ...] = ()) -> tuple[sx.Statement, ...]:
    """``body`` and then ``rest``, up to the first Return: what follows an IF that may return moves into it."""
    whole = (*body, *rest)
    for k, s in enumerate(whole):
        if isinstance(s, sx.Return):
            return whole[:k]
        if not any(isinstance(inner, sx.Return) for inner in walk((s,))):
            continue
        if not isinstance(s, sx.If):
            lost = tuple(each.target.name for each in walk(whole[k:]) if isinstance(each, sx.Assign))
            return (*whole[:k], sx.Refused("return inside a loop", verbatim.WAY_OUT, s.line, (*lost, "return")))
        after = whole[k + 1 :]
        sides = [without_return(side, after) for side in (s.then, s.otherwise)]
        return (*whole[:k], replace(s, then=sides[0], otherwise=sides[1]))
    return whole


def without_silent(body: tuple[sx.Statement, ...]) -> tuple[sx.Statement, ...]:
    """Drop calls that change nothing with the fixed step (``at_time``, ``printf``)."""
    out = [s for s in body if not (isinstance(s, sx.Do) and s.call.name in SILENT)]
    return tuple(map_bodies(s, without_silent) for s in out)


def at_time(e: sx.Expr) -> sx.Expr:
    """``at_time(x)`` as a value: true in the step that passes x (cvodestb.cpp)."""
    if isinstance(e, sx.Call) and e.name == "at_time" and len(e.args) == 1:
        passed = sx.Binary("-", at_time(e.args[0]), sx.Num(1e-11))
        since = sx.Binary("-", sx.Var("t"), sx.Var("dt"))
        return sx.Binary("&&", sx.Binary("<=", passed, sx.Var("t")), sx.Binary(">", passed, since))
    return map_parts(e, at_time)


def at_celsius(e: sx.Expr) -> sx.Expr:
    """``nrn_ghk`` with the temperature, which it takes from NEURON."""
    if isinstance(e, sx.Call) and e.name == "nrn_ghk" and len(e.args) == 4:
        return sx.Call(e.name, (*(at_celsius(arg) for arg in e.args), sx.Var("celsius")))
    return map_parts(e, at_celsius)


def without_break(body: Body, flags: Sequence[str]) -> tuple[Body, tuple[str, ...]]:
    """Turn a loop with BREAK into one whose later turns stand under ``IF (running)``.

    Returns:
        The body and the flags it uses, of loops inside each other one each.
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


def _flags(block: sx.Block, body: Body) -> list[str]:
    """A name for each loop of a block, none of them one of its own."""
    inside = [*walk(body)]
    own = {name for s in inside for e in expressions(s) for name in names(e)}
    taken = {*own, *block.args, *plain_names(block.locals)}
    loops = sum(isinstance(s, sx.For | sx.While) for s in inside)
    return [_free(f"{RUNNING}{k or ''}", taken) for k in range(loops)]


def _breaks(body: Body) -> bool:
    """True where a BREAK of a body leaves the loop around it."""
    inner = (side for s in body if not isinstance(s, sx.For | sx.While) for side in bodies(s))
    return any(isinstance(s, sx.Break) for s in body) or any(_breaks(side) for side in inner)


def _guarded(body: Body, running: sx.Var) -> tuple[Body, bool]:
    out: list[sx.Statement] = []
    for k, statement in enumerate(body):
        if isinstance(statement, sx.Break):
            return (*out, sx.Assign(running, sx.Num(0.0), statement.line)), True
        if isinstance(statement, sx.If):
            then, first = _guarded(statement.then, running)
            otherwise, second = _guarded(statement.otherwise, running)
            if first or second:
                out.append(replace(statement, then=then, otherwise=otherwise))
                rest, _ = _guarded(body[k + 1 :], running)
                if rest:
                    out.append(sx.If(running, rest, (), statement.line))
                return tuple(out), True
        out.append(statement if isinstance(statement, sx.If | sx.For | sx.While) else leaf(statement))
    return tuple(out), False


def compartments_first(body: tuple[sx.Statement, ...]) -> tuple[sx.Statement, ...]:
    """Nocmodl evaluates every COMPARTMENT before the block's other statements."""
    first = tuple(s for s in body if isinstance(s, sx.Compartment))
    return first + tuple(s for s in body if not isinstance(s, sx.Compartment))


def solves_apart(body: tuple[sx.Statement, ...]) -> tuple[tuple[sx.Solve, ...], tuple[sx.Statement, ...]]:
    """The SOLVEs of BREAKPOINT and what runs besides: nocmodl takes SOLVE out of IF, whatever the condition."""
    solves = tuple(s for s in walk(body) if isinstance(s, sx.Solve))

    def others(body: tuple[sx.Statement, ...]) -> tuple[sx.Statement, ...]:
        return tuple(map_bodies(s, others) for s in body if not isinstance(s, sx.Solve | sx.Conductance))

    return solves, others(body)


def rename(body: tuple[sx.Statement, ...], names: Mapping[str, str]) -> tuple[sx.Statement, ...]:
    """Rename variables in a body."""

    def expr(e: sx.Expr) -> sx.Expr:
        e = map_parts(e, expr)
        return replace(e, name=names.get(e.name, e.name)) if isinstance(e, sx.Var) else e

    return map_expressions(body, expr)


def map_expressions(body: tuple[sx.Statement, ...], change: Callable[[sx.Expr], sx.Expr]) -> tuple[sx.Statement, ...]:
    """Apply ``change`` to every expression of a body, and to the index of each FROM as a variable."""

    def one(s: sx.Statement) -> sx.Statement:
        s = map_bodies(map_parts(s, change), lambda inner: map_expressions(inner, change))
        index = change(sx.Var(s.index)) if isinstance(s, sx.For) else None
        return replace(s, index=index.name) if isinstance(s, sx.For) and isinstance(index, sx.Var) else s

    return tuple(one(s) for s in body)
