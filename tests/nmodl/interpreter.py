"""The honest twin of the compiler: runs NMODL statements one after the other, as C would.

In: statements as they were read, and the value of each variable. Out: the values that they leave, and what
reactions and equations were met on the way, in their order.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from jxneuron.nmodl.syntax import nodes as sx

OPERATIONS: dict[str, Any] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "^": lambda a, b: a**b,
    "//": lambda a, b: float(math.trunc(math.trunc(a) / math.trunc(b))),
    "<": lambda a, b: float(a < b),
    ">": lambda a, b: float(a > b),
    "<=": lambda a, b: float(a <= b),
    ">=": lambda a, b: float(a >= b),
    "==": lambda a, b: float(a == b),
    "!=": lambda a, b: float(a != b),
    "&&": lambda a, b: float(bool(a) and bool(b)),
    "||": lambda a, b: float(bool(a) or bool(b)),
}
FUNCTIONS = {"fmod": math.fmod, "exp": math.exp, "fabs": abs}
Values = dict[str, Any]


class Leave(Exception):
    """BREAK, or with ``block`` RETURN."""

    def __init__(self, block: bool) -> None:
        super().__init__()
        self.block = block


def value(e: sx.Expr, values: Values) -> float:
    """The number that an expression means; arrays are lists."""
    if isinstance(e, sx.Num):
        return e.value
    if isinstance(e, sx.Var):
        found = values[e.name]
        return found if e.index is None else found[whole(e.index, values)]
    if isinstance(e, sx.Unary):
        inner = value(e.arg, values)
        return -inner if e.op == "-" else float(not inner)
    if isinstance(e, sx.Call):
        return FUNCTIONS[e.name](*(value(arg, values) for arg in e.args))
    if isinstance(e, sx.Cast):
        return float(math.trunc(value(e.arg, values)))
    assert isinstance(e, sx.Binary)
    return OPERATIONS[e.op](value(e.left, values), value(e.right, values))


def whole(e: sx.Expr, values: Values) -> int:
    """The whole number that C makes of an index or a loop's bound, each variable cut towards zero."""
    if isinstance(e, sx.Unary):
        return -whole(e.arg, values)
    if isinstance(e, sx.Binary):
        return int(OPERATIONS[e.op](whole(e.left, values), whole(e.right, values)))
    return int(value(e, values))


class Interpreter:
    """Runs bodies; ``values`` and ``seen`` are what they leave."""

    def __init__(self, values: Values) -> None:
        self.values = {name: list(one) if isinstance(one, list) else one for name, one in values.items()}
        self.seen: list[Any] = []

    def run(self, body: tuple[sx.Statement, ...]) -> Interpreter:
        """Run a whole block."""
        try:
            self.body(body)
        except Leave:
            pass
        return self

    def body(self, body: tuple[sx.Statement, ...]) -> None:
        for s in body:
            self.statement(s)

    def statement(self, s: Any) -> None:
        if isinstance(s, sx.Assign):
            self.assign(s.target, value(s.value, self.values))
        elif isinstance(s, sx.If):
            self.body(s.then if value(s.condition, self.values) else s.otherwise)
        elif isinstance(s, sx.For | sx.While):
            self.loop(s)
        elif isinstance(s, sx.Break | sx.Return):
            raise Leave(block=isinstance(s, sx.Return))
        elif isinstance(s, sx.Equation):
            self.seen.append((value(s.left, self.values), value(s.right, self.values)))
        elif isinstance(s, sx.Reaction):
            sides = [(n, var.name, self.place(var)) for n, var in (*s.left, *s.right)]
            self.seen.append((s.op, sides, [value(rate, self.values) for rate in s.rates]))
        else:
            raise TypeError(s)

    def place(self, var: sx.Var) -> int | None:
        return None if var.index is None else whole(var.index, self.values)

    def assign(self, target: sx.Var, new: float) -> None:
        place = self.place(target)
        if place is None:
            self.values[target.name] = new
        else:
            self.values[target.name][place] = new

    def loop(self, s: sx.For | sx.While) -> None:
        hidden = dict(self.values)
        try:
            for _ in self.turns(s):
                self.body(s.body)
        except Leave as left:
            if left.block:
                raise
        finally:
            if isinstance(s, sx.For):  # an index lives in its loop only
                self.values[s.index] = hidden.get(s.index)

    def turns(self, s: sx.For | sx.While) -> Iterator[None]:
        if isinstance(s, sx.While):
            while value(s.condition, self.values):
                yield
            return
        for turn in range(whole(s.first, self.values), whole(s.last, self.values) + 1, s.step):
            self.values[s.index] = float(turn)
            yield
