"""Rewrites and expressions against the interpreter, on random programs: what was meant is what is left."""

from __future__ import annotations

import random
from typing import Any

import pytest

from jxneuron.nmodl import passes
from jxneuron.nmodl import syntax as sx
from jxneuron.nmodl.visit import walk
from tests.nmodl.interpreter import Interpreter

NAMES = ("a", "b", "c")
# n and m are never set: bounds of loops
VALUES: dict[str, Any] = {"a": 1.5, "b": -2.0, "c": 3.0, "n": 2.7, "m": -1.6, "x": [0.5, 1.0, -1.0, 2.0]}
SEEDS = range(400)


class Programs:
    """Random syntax; ``loops`` are the indices, each 0 to 3, of the loops around the present place."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.loops: tuple[str, ...] = ()
        self.inside = False
        self.count = 0

    def number(self) -> sx.Expr:
        return sx.Num(self.random.choice([0.5, 1.0, 2.0, 3.0, -1.0]))

    def index(self) -> sx.Expr:
        """One of the four elements."""
        if self.loops and self.random.random() < 0.6:
            return sx.Var(self.random.choice(self.loops))
        return sx.Num(float(self.random.randrange(4)))

    def expression(self, depth: int = 3, operations: str = "+-*") -> sx.Expr:
        if depth == 0 or self.random.random() < 0.2:
            return self.random.choice([self.number(), sx.Var(self.random.choice(NAMES)), sx.Var("x", self.index())])
        if self.random.random() < 0.15:
            return sx.Unary("-", self.expression(depth - 1, operations))
        left, right = self.expression(depth - 1, operations), self.expression(depth - 1, operations)
        return sx.Binary(self.random.choice(operations), left, right)

    def condition(self) -> sx.Expr:
        compared = sx.Binary(self.random.choice(["<", ">", "<=", ">="]), self.expression(1), self.expression(1))
        if self.random.random() < 0.2:
            return sx.Unary("!", compared)
        operation = self.random.choice(["&&", "||"])
        return compared if self.random.random() < 0.7 else sx.Binary(operation, compared, self.condition())

    def body(self, depth: int = 3) -> tuple[sx.Statement, ...]:
        return tuple(s for _ in range(self.random.randrange(1, 5)) for s in self.statements(depth))

    def statements(self, depth: int) -> list[sx.Statement]:
        chosen = self.random.random() if depth else 0.0
        if chosen < 0.4:
            return [self.leaf()]
        if chosen < 0.7:
            return [sx.If(self.condition(), self.side(depth), self.random.choice([(), self.side(depth)]))]
        self.count += 1
        outer, self.inside = (self.loops, self.inside), True
        made = self.counted(depth) if self.random.random() < 0.7 else self.repeated(depth)
        self.loops, self.inside = outer
        return made

    def leaf(self) -> sx.Statement:
        target = self.random.choice([*map(sx.Var, NAMES), sx.Var("x", self.index())])
        return sx.Assign(target, sx.Call("fmod", (self.expression(), sx.Num(4.0))))

    def side(self, depth: int) -> tuple[sx.Statement, ...]:
        """A side of an IF, which may leave the loop or, outside loops, the block."""
        leaves = (sx.Break() if self.inside else sx.Return(),) if self.random.random() < 0.5 else ()
        return (*self.body(depth - 1), *leaves)

    def counted(self, depth: int) -> list[sx.Statement]:
        name, line = f"i{self.count}", self.count
        self.loops = (*self.loops, name)
        first, last = self.bounds()
        return [sx.For(name, first, last, self.body(depth - 1), line, self.random.choice([1, 1, 2]))]

    def bounds(self) -> tuple[sx.Expr, sx.Expr]:
        first = self.random.choice([sx.Num(0.0), sx.Num(1.0), sx.Unary("-", sx.Var("m"))])
        halves = sx.Binary("//", sx.Binary("+", sx.Var("n"), sx.Num(3.0)), sx.Num(2.0))
        return first, self.random.choice([sx.Num(3.0), sx.Num(2.0), sx.Var("n"), halves])

    def repeated(self, depth: int) -> list[sx.Statement]:
        """A WHILE of at most three turns."""
        count = sx.Var(f"count{self.count}")
        more = sx.Assign(count, sx.Binary("+", count, sx.Num(1.0)))
        condition = sx.Binary("<", count, sx.Num(3.0))
        return [sx.Assign(count, sx.Num(0.0)), sx.While(condition, (more, *self.body(depth - 1)))]


def left_by(body: tuple[sx.Statement, ...]) -> dict[str, Any]:
    """What a body leaves in the variables of the file."""
    found = Interpreter(VALUES).run(body).values
    return {name: found[name] for name in VALUES}


@pytest.mark.parametrize("start", range(0, len(SEEDS), 100))
def test_simplified_programs_do_the_same(start):
    for seed in SEEDS[start : start + 100]:
        body = Programs(seed).body()
        made = passes.simplify(sx.Block("PROCEDURE", "p", (), body))
        assert not [s for s in walk(made.body) if isinstance(s, sx.Break | sx.Return | sx.Refused)], seed
        assert left_by(made.body) == left_by(body), seed
