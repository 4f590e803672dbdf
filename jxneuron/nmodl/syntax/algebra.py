"""Split expressions that are linear in a variable: ``a + b*y``.

In: an expression and a name. Out: ``a`` and ``b`` in the source's own terms, None for one that is absent.
The cnexp formula and LINEAR equations are built from them.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import replace

from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.visit import find_parts, parts, unknown


class NotLinear(ValueError):
    """The expression is not linear; ``polynomial`` is True for a product or power of states, False for other forms."""

    def __init__(self, polynomial: bool) -> None:
        super().__init__("not linear")
        self.polynomial = polynomial


Parts = tuple[sx.Expr | None, sx.Expr | None]


def find_names(expr: sx.Expr) -> set[str]:
    """Return the variables and functions that an expression names."""
    return {part.name for part in parts(expr) if isinstance(part, sx.Var | sx.Call)}


def has(expr: sx.Expr, y: sx.Var) -> bool:
    """True where the expression contains the variable (this element, for an array)."""
    return y in parts(expr)


def linear_parts(expr: sx.Expr, y: sx.Var) -> Parts:
    """Split ``expr`` into ``a`` and ``b`` of ``a + b*y``.

    Raises:
        NotLinear: where it is not linear in ``y``.
    """
    if not has(expr, y):
        return expr, None
    if expr == y:
        return None, sx.Num(1.0)
    match expr:
        case sx.Unary(op="-", arg=arg):
            a, b = linear_parts(arg, y)
            return _negative(a), _negative(b)
        case sx.Binary(op="+" | "-" as op, left=left, right=right):
            (a, b), (c, d) = linear_parts(left, y), linear_parts(right, y)
            return _sum(op, a, c), _sum(op, b, d)
        case sx.Binary(op="*", left=left, right=right) if has(left, y) and has(right, y):
            raise NotLinear(polynomial=True)
        case sx.Binary(op="*", left=left, right=right) if has(left, y):
            a, b = linear_parts(left, y)
            return _times(a, right), _times(b, right)
        case sx.Binary(op="*", left=left, right=right):
            a, b = linear_parts(right, y)
            return _times(left, a), _times(left, b)
        case sx.Binary(op="/", left=left, right=right) if not has(right, y):
            a, b = linear_parts(left, y)
            return _over(a, right), _over(b, right)
        case sx.Binary(op=op):
            raise NotLinear(polynomial=op == "^")
        case sx.Num() | sx.Var() | sx.Call() | sx.LookUp() | sx.Derivative() | sx.Text() | sx.Cast() | sx.Unary():
            raise NotLinear(polynomial=False)
        case _:
            unknown(expr)


def _negative(x: sx.Expr | None) -> sx.Expr | None:
    match x:
        case None:
            return None
        case sx.Num():
            return sx.Num(-x.value)
        case sx.Unary(op="-"):
            return x.arg
        case _:
            return sx.Unary("-", x)


def _sum(op: str, left: sx.Expr | None, right: sx.Expr | None) -> sx.Expr | None:
    if right is None:
        return left
    if left is None:
        return right if op == "+" else _negative(right)
    return sx.Binary(op, left, right)


def _times(left: sx.Expr | None, right: sx.Expr | None) -> sx.Expr | None:
    if left is None or right is None:
        return None
    if left == sx.Num(1.0):
        return right
    return left if right == sx.Num(1.0) else sx.Binary("*", left, right)


def _over(top: sx.Expr | None, bottom: sx.Expr) -> sx.Expr | None:
    return None if top is None else sx.Binary("/", top, bottom)


def equation_parts(left: sx.Expr, right: sx.Expr, states: Collection[str]) -> tuple[dict[sx.Var, sx.Expr], sx.Expr]:
    """Write ``left = right`` as ``sum of coefficient*state = value``; a state is a variable or an element of an array.

    Returns:
        The coefficient of each state, and the value.

    Raises:
        NotLinear: where it is not linear in all the states together.
    """
    rest: sx.Expr | None = sx.Binary("-", left, right)
    coefficients: dict[sx.Var, sx.Expr] = {}
    for state in find_variables(rest, states):
        if rest is None:
            break
        rest, factor = linear_parts(rest, state)
        if factor is None:
            continue
        if find_names(factor) & set(states):
            raise NotLinear(polynomial=True)
        coefficients[state] = factor
    value = sx.Num(0.0) if rest is None else _negative(rest)
    assert value is not None
    return coefficients, value


def find_variables(expr: sx.Expr, wanted: Collection[str]) -> list[sx.Var]:
    """Return the variables and array elements of these names in an expression, each once, in order of the names."""
    inside = dict.fromkeys(e for e in find_parts(sx.Var, expr) if e.name in wanted)
    order = list(wanted)
    return sorted(inside, key=lambda var: order.index(var.name))


def has_power(expr: sx.Expr) -> bool:
    """True where the expression contains ``^``."""
    return any(e.op == "^" for e in find_parts(sx.Binary, expr))


def fold(expr: sx.Expr, known: Mapping[str, float]) -> float | None:
    """Return the value of an expression of numbers and known names, else None."""
    match expr:
        case sx.Num():
            return expr.value
        case sx.Var():
            return known.get(expr.name) if expr.index is None else None
        case sx.Unary():
            value = fold(expr.arg, known)
            return None if value is None else -value if expr.op == "-" else float(not value)
        case sx.Binary():
            left, right = fold(expr.left, known), fold(expr.right, known)
            return None if left is None or right is None else calculate(expr.op, left, right)
        case sx.Call() | sx.LookUp() | sx.Derivative() | sx.Text() | sx.Cast():
            return None
        case _:
            unknown(expr)


def calculate(op: str, a: float, b: float) -> float | None:
    """Return the value of ``a op b``, None where it has none, or is no such operation."""
    table: Mapping[str, float | None] = {
        "+": a + b, "-": a - b, "*": a * b, "/": a / b if b else None,
        "//": int(a / b) if b and math.isfinite(a / b) else None, "<": a < b, ">": a > b, "<=": a <= b,
        ">=": a >= b, "==": a == b, "!=": a != b, "&&": bool(a and b), "||": bool(a or b),
    }  # fmt: skip
    value = table.get(op)
    return None if value is None else float(value)


def cut_to_whole(e: sx.Expr, known: Collection[str] = ()) -> sx.Expr:
    """Return an expression of whole numbers as C computes it: variables and quotients cut towards zero.

    Those in ``known`` are whole already.
    """
    match e:
        case sx.Num() | sx.Cast():
            return e
        case sx.Unary():
            return replace(e, arg=cut_to_whole(e.arg, known))
        case sx.Binary(op=sx.QUOTIENT):
            return _cut(sx.Binary("/", cut_to_whole(e.left, known), cut_to_whole(e.right, known)))
        case sx.Binary():
            return replace(e, left=cut_to_whole(e.left, known), right=cut_to_whole(e.right, known))
        case sx.Var():
            return e if e.name in known else _cut(e)
        case sx.Call() | sx.LookUp() | sx.Derivative() | sx.Text():
            return _cut(e)
        case _:
            unknown(e)


def _cut(e: sx.Expr) -> sx.Expr:
    return sx.Binary("-", e, sx.Call("fmod", (e, sx.Num(1.0))))
