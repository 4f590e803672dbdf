"""Rewrites of block bodies into the few statements that are analysed and emitted.

In: syntax. Out: syntax without VERBATIM, BREAK and calls that have no effect here, with COMPARTMENTs in
front, and with every loop bound a number. What cannot be rewritten becomes ``Refused``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from jxneuron.nmodl import syntax as sx
from jxneuron.nmodl.parse import MANUAL, verbatim_message
from jxneuron.nmodl.symbols import SILENT
from jxneuron.nmodl.tokens import c_tokens

RUNNING = "running"


def simplify(block: sx.Block) -> sx.Block:
    """Apply every rewrite of this module to one block."""
    body = without_silent(without_verbatim(block.body, last=True))
    body, used = without_break(body)
    if block.kind == "KINETIC":
        body = compartments_first(body)
    names = (*block.locals, *((RUNNING,) if used else ()))
    return replace(block, body=body, locals=names)


def children(statement: sx.Statement, change: Callable[[tuple[sx.Statement, ...]], tuple]) -> sx.Statement:
    """Rewrite the bodies inside a statement."""
    if isinstance(statement, sx.If):
        return replace(statement, then=change(statement.then), otherwise=change(statement.otherwise))
    if isinstance(statement, sx.For):
        return replace(statement, body=change(statement.body))
    return statement


def without_verbatim(body: tuple[sx.Statement, ...], last: bool = False) -> tuple[sx.Statement, ...]:
    """Drop the forms of VERBATIM that mean nothing here, turn ``break;`` into Break, refuse the rest."""
    out: list[sx.Statement] = []
    for k, statement in enumerate(body):
        if not isinstance(statement, sx.Verbatim):
            out.append(children(statement, without_verbatim))
            continue
        words = c_tokens(statement.text)
        if words == ("break", ";"):
            out.append(sx.Break(statement.line))
        elif words == ("return", "0", ";") and last and k == len(body) - 1:
            continue
        elif words and not _only_for_cvode(words):
            out.append(sx.Refused(verbatim_message(statement.text), MANUAL, statement.line))
    return tuple(out)


def _only_for_cvode(words: tuple[str, ...]) -> bool:
    """``if (cvode_active_) { hoc_execerror("...", "..."); }``."""
    head = ("if", "(", "cvode_active_", ")", "{", "hoc_execerror", "(")
    if words[: len(head)] != head or words[-3:] != (")", ";", "}"):
        return False
    inside = words[len(head) : -3]
    return all(word == "," or word.startswith('"') or word == "0" for word in inside)


def without_silent(body: tuple[sx.Statement, ...]) -> tuple[sx.Statement, ...]:
    """Drop calls that change nothing with the fixed step (``at_time``, ``printf``)."""
    out = [s for s in body if not (isinstance(s, sx.Do) and s.call.name in SILENT)]
    return tuple(children(s, without_silent) for s in out)


def without_break(body: tuple[sx.Statement, ...]) -> tuple[tuple[sx.Statement, ...], bool]:
    """Turn a loop with BREAK into one whose later turns stand under ``IF (running)``."""
    out: list[sx.Statement] = []
    used = False
    for statement in body:
        if isinstance(statement, sx.For):
            inner, deeper = without_break(statement.body)
            inner, breaks = _guarded(inner)
            used = used or deeper or breaks
            if breaks:
                out.append(sx.Assign(sx.Var(RUNNING), sx.Num(1.0), statement.line))
                inner = (sx.If(sx.Var(RUNNING), inner, (), statement.line),)
            out.append(replace(statement, body=inner))
        elif isinstance(statement, sx.If):
            then, first = without_break(statement.then)
            otherwise, second = without_break(statement.otherwise)
            used = used or first or second
            out.append(replace(statement, then=then, otherwise=otherwise))
        else:
            out.append(statement)
    return tuple(out), used


def _guarded(body: tuple[sx.Statement, ...]) -> tuple[tuple[sx.Statement, ...], bool]:
    out: list[sx.Statement] = []
    for k, statement in enumerate(body):
        if isinstance(statement, sx.Break):
            return (*out, sx.Assign(sx.Var(RUNNING), sx.Num(0.0), statement.line)), True
        if isinstance(statement, sx.If):
            then, first = _guarded(statement.then)
            otherwise, second = _guarded(statement.otherwise)
            if first or second:
                out.append(replace(statement, then=then, otherwise=otherwise))
                rest, _ = _guarded(body[k + 1 :])
                if rest:
                    out.append(sx.If(sx.Var(RUNNING), rest, (), statement.line))
                return tuple(out), True
        out.append(statement)
    return tuple(out), False


def compartments_first(body: tuple[sx.Statement, ...]) -> tuple[sx.Statement, ...]:
    """Nocmodl evaluates every COMPARTMENT before the block's other statements."""
    first = tuple(s for s in body if isinstance(s, sx.Compartment))
    return first + tuple(s for s in body if not isinstance(s, sx.Compartment))


def fold(expr: sx.Expr, known: Mapping[str, float]) -> float | None:
    """The value of an expression of numbers and known names, else None."""
    if isinstance(expr, sx.Num):
        return expr.value
    if isinstance(expr, sx.Var) and expr.index is None:
        return known.get(expr.name)
    if isinstance(expr, sx.Unary) and expr.op == "-":
        value = fold(expr.arg, known)
        return None if value is None else -value
    if isinstance(expr, sx.Binary) and expr.op in "+-*/":
        left, right = fold(expr.left, known), fold(expr.right, known)
        if left is None or right is None:
            return None
        if expr.op == "/":
            return left / right if right else None
        return {"+": left + right, "-": left - right, "*": left * right}[expr.op]
    return None


def rename(body: tuple[sx.Statement, ...], names: Mapping[str, str]) -> tuple[sx.Statement, ...]:
    """Rename variables in a body."""

    def expr(e: sx.Expr) -> sx.Expr:
        if isinstance(e, sx.Var):
            return sx.Var(names.get(e.name, e.name), None if e.index is None else expr(e.index))
        if isinstance(e, sx.Call):
            return replace(e, args=tuple(expr(a) for a in e.args))
        if isinstance(e, sx.Unary):
            return replace(e, arg=expr(e.arg))
        if isinstance(e, sx.Binary):
            return replace(e, left=expr(e.left), right=expr(e.right))
        return e

    return map_expressions(body, expr)


def map_expressions(body: tuple[sx.Statement, ...], change: Callable[[sx.Expr], sx.Expr]) -> tuple:
    """Apply ``change`` to every expression of a body."""

    def terms(side: tuple[tuple[int, sx.Var], ...]) -> tuple:
        return tuple((n, change(var)) for n, var in side)

    def one(s: sx.Statement) -> sx.Statement:
        if isinstance(s, sx.Assign):
            return replace(s, target=change(s.target), value=change(s.value))
        if isinstance(s, sx.Prime):
            return replace(s, state=change(s.state), value=change(s.value))
        if isinstance(s, sx.Do):
            return replace(s, call=change(s.call))
        if isinstance(s, sx.If):
            return replace(children(s, lambda b: map_expressions(b, change)), condition=change(s.condition))
        if isinstance(s, sx.For):
            s = replace(s, first=change(s.first), last=change(s.last))
            index = change(sx.Var(s.index))
            name = index.name if isinstance(index, sx.Var) else s.index
            return replace(s, index=name, body=map_expressions(s.body, change))
        if isinstance(s, sx.Reaction):
            rates = tuple(change(r) for r in s.rates)
            return replace(s, left=terms(s.left), right=terms(s.right), rates=rates)
        if isinstance(s, sx.Compartment):
            return replace(s, volume=change(s.volume))
        if isinstance(s, sx.Conserve):
            return replace(s, terms=terms(s.terms), value=change(s.value))
        if isinstance(s, sx.Equation):
            return replace(s, left=change(s.left), right=change(s.right))
        return s

    return tuple(one(s) for s in body)
