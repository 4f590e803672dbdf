"""Rewrites and expressions against the interpreter, on random programs: what was meant is what is left."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from jxneuron.nmodl.codegen.expression import Printer
from jxneuron.nmodl.frontend.symbols import Symbols, resolve
from jxneuron.nmodl.passes import run_passes
from jxneuron.nmodl.passes.called_derivatives import without_called
from jxneuron.nmodl.passes.complete_calls import at_time
from jxneuron.nmodl.passes.extract_diffusion import extract_diffusion
from jxneuron.nmodl.passes.nonlinear_residuals import equations_as_slopes
from jxneuron.nmodl.passes.scope_indices import scope_indices
from jxneuron.nmodl.passes.split_solves import split_solves
from jxneuron.nmodl.passes.unroll import unroll
from jxneuron.nmodl.report import Report
from jxneuron.nmodl.syntax import algebra, visit
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.visit import parts, walk
from tests.nmodl.interpreter import Interpreter, value, whole

NAMES = ("a", "b", "c")
# n and m are never set: bounds of loops
VALUES: dict[str, Any] = {"a": 1.5, "b": -2.0, "c": 3.0, "n": 2.7, "m": -1.6, "x": [0.5, 1.0, -1.0, 2.0]}
SEEDS = range(200)
DECLARED = tuple(sx.Declared(name, "ASSIGNED", size=4 * (name == "x")) for name in VALUES)


def symbols_of(*blocks: sx.Block) -> Symbols:
    """What a file of these blocks and of the variables of ``VALUES`` declares."""
    file = sx.File(sx.SourceLines("x.mod"), declared=DECLARED, blocks=blocks)
    return resolve(file, Report(file))


def rewritten(block: sx.Block) -> sx.Block:
    """A block after all passes."""
    return run_passes(symbols_of(block)).blocks[block.name]


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


@pytest.mark.parametrize("start", (0, 100))
def test_simplified_programs_do_the_same(start):
    for seed in SEEDS[start : start + 100]:
        body = Programs(seed).body()
        made = rewritten(sx.Block("PROCEDURE", "p", (), body))
        assert not [s for s in walk(made.body) if isinstance(s, sx.Break | sx.Return | sx.Refused)], seed
        assert left_by(made.body) == left_by(body), seed


class Hiding(Programs):
    """Programs whose loops have indices that are called like variables; no loop sets its own."""

    def counted(self, depth: int) -> list[sx.Statement]:
        name = self.random.choice(NAMES)
        self.loops = (*self.loops, name)
        return [sx.For(name, sx.Num(0.0), sx.Num(2.0), self.body(depth - 1))]

    def leaf(self) -> sx.Statement:
        free = [name for name in NAMES if name not in self.loops]
        target = sx.Var(free[0]) if free else sx.Var("x", self.index())
        return sx.Assign(target, sx.Call("fmod", (self.expression(), sx.Num(4.0))))


def test_an_index_that_hides_a_variable_keeps_its_value():
    for seed in SEEDS:
        body = Hiding(seed).body(2)
        made = scope_indices(sx.Block("PROCEDURE", "p", (), body), symbols_of())
        assert not {s.index for s in walk(made.body) if isinstance(s, sx.For)} & {*VALUES}
        assert left_by(made.body) == left_by(body), seed


class Systems(Programs):
    """Equations or reactions inside loops, and IF on their indices."""

    reactions = False

    def leaf(self) -> sx.Statement:
        if not self.reactions:
            return sx.Equation(self.expression(), self.expression())
        sides = [((1, sx.Var("x", self.shifted())),) for _ in range(2)]
        return sx.Reaction(sides[0], "<->", sides[1], (self.expression(), self.expression()))

    def shifted(self) -> sx.Expr:
        return sx.Binary("-", sx.Num(3.0), self.index())

    def condition(self) -> sx.Expr:
        operation = self.random.choice(["<", ">", "<=", ">=", "==", "!="])
        return sx.Binary(operation, self.index(), sx.Num(float(self.random.randrange(4))))

    def side(self, depth: int) -> tuple[sx.Statement, ...]:
        return self.body(depth - 1)

    def bounds(self) -> tuple[sx.Expr, sx.Expr]:
        return sx.Num(float(self.random.randrange(2))), sx.Num(float(self.random.randrange(1, 4)))

    def repeated(self, depth: int) -> list[sx.Statement]:
        return self.counted(depth)


class Reactions(Systems):
    reactions = True


@pytest.mark.parametrize(("kind", "made"), [("LINEAR", Systems), ("KINETIC", Reactions)])
def test_loops_that_are_written_out_hold_the_same_equations_and_reactions(kind, made):
    for seed in SEEDS:
        body = made(seed).body(2)
        after = unroll(sx.Block(kind, "p", (), body), symbols_of()).body
        assert Interpreter(VALUES).run(after).seen == Interpreter(VALUES).run(body).seen, seed
        assert not [s for s in walk(after) if isinstance(s, sx.If)], seed
        assert kind == "KINETIC" or all(isinstance(s, sx.Equation) for s in after), seed
        named = [
            e.index
            for s in after
            if isinstance(s, sx.Equation)
            for side in visit.expressions(s)
            for e in parts(side)
            if isinstance(e, sx.Var) and e.index is not None
        ]
        assert all(isinstance(index, sx.Num) for index in named), seed


Y, STATES = sx.Var("a"), ("a", "x")


class Expressions(Programs):
    def linear(self, depth: int = 3) -> sx.Expr:
        """An expression that is linear in the states ``a`` and ``x[...]``."""
        chosen = self.random.random() if depth else 0.0
        if chosen < 0.2:
            return self.random.choice([Y, sx.Var("x", sx.Num(float(self.random.randrange(4)))), self.without()])
        if chosen < 0.6:
            return sx.Binary(self.random.choice("+-"), self.linear(depth - 1), self.linear(depth - 1))
        if chosen < 0.8:
            sides = self.random.sample([self.linear(depth - 1), self.without()], 2)
            return sx.Binary("*", sides[0], sides[1])
        inner = self.linear(depth - 1)
        return sx.Unary("-", inner) if chosen < 0.9 else sx.Binary("/", inner, DIVISOR)

    def without(self) -> sx.Expr:
        """An expression of no state."""
        return self.random.choice([self.number(), sx.Var("b"), sx.Binary("-", sx.Var("c"), self.number())])

    def every(self, depth: int = 4) -> sx.Expr:
        """Any operation of two that is defined for all numbers."""
        if depth == 0:
            return self.random.choice([self.number(), sx.Var(self.random.choice(NAMES)), sx.Var("x", self.index())])
        if self.random.random() < 0.15:
            return sx.Unary(self.random.choice("-!"), self.every(depth - 1))
        operation = self.random.choice("+ - * / ^ < > <= >= == != && ||".split())
        right = {"/": DIVISOR, "^": sx.Num(2.0)}.get(operation) or self.every(depth - 1)
        return sx.Binary(operation, self.every(depth - 1), right)


DIVISOR = sx.Binary("+", sx.Var("c"), sx.Num(1.5))


def test_the_parts_of_a_linear_expression_add_up_to_it():
    for seed in SEEDS:
        e = Expressions(seed).linear()
        split = algebra.linear_parts(e, Y)
        for a in (0.0, 1.5, -7.0):
            values = {**VALUES, "a": a}
            found = [0.0 if part is None else value(part, values) for part in split]
            assert found[0] + found[1] * a == pytest.approx(value(e, values), abs=1e-9), seed


def test_the_coefficients_of_an_equation_add_up_to_it():
    for seed in SEEDS:
        made = Expressions(seed)
        left, right = made.linear(), made.linear()
        coefficients, rest = algebra.equation_parts(left, right, STATES)
        total = sum(value(factor, VALUES) * value(state, VALUES) for state, factor in coefficients.items())
        residue = value(left, VALUES) - value(right, VALUES)
        assert total - value(rest, VALUES) == pytest.approx(residue, abs=1e-9), seed
        slope = equations_as_slopes(sx.Block("NONLINEAR", "p", (), (sx.Equation(left, right),)), [Y]).body[0]
        assert isinstance(slope, sx.Prime) and slope.state == Y
        assert value(slope.value, VALUES) == pytest.approx(-residue, abs=1e-9), seed


def test_a_product_of_states_is_not_linear():
    with pytest.raises(algebra.NotLinear):
        algebra.equation_parts(sx.Binary("*", Y, sx.Var("x", sx.Num(0.0))), sx.Num(1.0), STATES)


@pytest.mark.parametrize("e", [sx.Binary("*", Y, Y), sx.Binary("^", Y, sx.Num(2.0)), sx.Binary("/", sx.Num(1.0), Y)])
def test_what_is_not_linear_is_told_from_a_polynomial(e: sx.Binary):
    with pytest.raises(algebra.NotLinear) as error:
        algebra.linear_parts(e, Y)
    assert error.value.polynomial == (e.op != "/")


PYTHON = {"power": pow, "number": float, "negate": lambda x: not x}


def test_printed_expressions_mean_the_same():
    printer = Printer({}, lambda call, args: "")
    for seed in SEEDS:
        e = Expressions(seed).every()
        assert eval(printer.text(e), {**PYTHON, **VALUES}) == value(e, VALUES), printer.text(e)
        assert bool(eval(printer.condition(e), {**PYTHON, **VALUES})) == bool(value(e, VALUES)), printer.condition(e)


class Indices(Programs):
    def whole(self, depth: int = 3) -> sx.Expr:
        if depth == 0:
            return self.random.choice([sx.Num(float(self.random.randrange(1, 9))), sx.Var("i"), sx.Var("j")])
        operation = self.random.choice("+-*/")
        right = sx.Num(float(self.random.randrange(2, 5))) if operation == "/" else self.whole(depth - 1)
        return sx.Binary(sx.QUOTIENT if operation == "/" else operation, self.whole(depth - 1), right)


def test_indices_stay_whole():
    printer, values = Printer({}, lambda call, args: ""), {"i": 3, "j": -7}
    for seed in SEEDS:
        e = Indices(seed).whole()
        printed = eval(printer.index(e), dict(values))
        assert (printed, type(printed)) == (whole(e, values), int), printer.index(e)
        assert algebra.fold(e, values) == whole(e, values), seed


def test_expressions_of_numbers_are_folded():
    known = {name: VALUES[name] for name in NAMES}
    for seed in SEEDS:
        e = Expressions(seed).every()
        folded = algebra.fold(e, known)
        if {"^", "x"} & {getattr(part, "op", getattr(part, "name", "")) for part in parts(e)}:
            assert folded is None, seed
        else:
            assert folded == value(e, VALUES), seed


def test_at_time_is_true_in_one_step():
    passed = at_time(sx.Call("at_time", (sx.Num(1.0),)))
    steps = [value(passed, {"t": 0.25 * k, "dt": 0.25}) for k in range(12)]
    assert steps == [float(k == 4) for k in range(12)]
    edge = 0.75 + 1e-11
    assert edge - 1e-11 == 0.75
    assert value(at_time(sx.Call("at_time", (sx.Num(edge),))), {"t": 1.0, "dt": 0.25}) == 0.0


FLOW = sx.Reaction(((1, sx.Var("a")),), "<->", ((1, sx.Var("b")),), (sx.Num(1.0), sx.Num(2.0)), 2)
WALL = sx.Compartment("k", sx.Var("x", sx.Var("k")), ("a", "b"), 3)
SPREAD = sx.LonDiffuse("m", sx.Binary("*", sx.Num(2.0), sx.Var("x", sx.Var("m"))), ("a",), 4)


def test_compartments_act_before_reactions():
    made = rewritten(sx.Block("KINETIC", "p", (), (FLOW, WALL)))
    assert made.body == (WALL, FLOW)


def test_a_diffusion_takes_the_volume_of_its_compartment():
    block = sx.Block("KINETIC", "p", (), (FLOW, WALL, SPREAD))
    kinetic, diffusion = extract_diffusion(symbols_of(block)).blocks.values()
    assert kinetic.body == (FLOW, WALL)
    assert (diffusion.kind, diffusion.name, diffusion.args) == (sx.DIFFUSION, f"{sx.DIFFUSION} a", ("m",))
    left = Interpreter({**VALUES, "m": 1.0}).run(diffusion.body).values
    assert (left["coefficient"], left["volume"]) == (2.0 * VALUES["x"][1], VALUES["x"][1])
    later = replace(WALL, volume=sx.Num(7.0))
    _, first = extract_diffusion(symbols_of(replace(block, body=(FLOW, WALL, later, SPREAD)))).blocks.values()
    assert first == diffusion
    _, bare = extract_diffusion(symbols_of(replace(block, body=(FLOW, SPREAD)))).blocks.values()
    assert Interpreter({**VALUES, "m": 1.0}).run(bare.body).values["volume"] == 1.0


def test_solves_leave_their_branch_and_calls_of_a_solved_block_are_steps_of_it():
    solve, call = sx.Solve("states", "cnexp", line=4), sx.Do(sx.Call("states"), 5)
    inside = sx.If(sx.Var("a"), (solve, sx.Assign(Y, Y)), (sx.Conductance(Y),))
    assert split_solves((inside,)) == ((solve,), (sx.If(sx.Var("a"), (sx.Assign(Y, Y),), ()),))
    blocks = {"BREAKPOINT": sx.Block("BREAKPOINT", "BREAKPOINT", (), (solve, sx.If(Y, (call,))))}
    blocks["states"] = sx.Block("DERIVATIVE", "states", (), (sx.Prime(Y, sx.Unary("-", Y), 6),))
    assert without_called(blocks)["BREAKPOINT"].body == (solve, sx.If(Y, (replace(solve, line=5),)))


@pytest.mark.parametrize(("method", "value"), [("euler", Y), ("cnexp", sx.Binary("*", Y, Y))])
def test_a_called_block_that_cnexp_does_not_solve_only_assigns(method, value):
    solve, call = sx.Solve("states", method, line=4), sx.Do(sx.Call("states"), 5)
    set_a = sx.Assign(sx.Var("a"), Y, 6)
    states = sx.Block("DERIVATIVE", "states", (), (set_a, sx.If(Y, (sx.Prime(Y, value, 7),))))
    found = without_called({"BREAKPOINT": sx.Block("BREAKPOINT", "BREAKPOINT", (), (solve, call)), "states": states})
    assert found["BREAKPOINT"].body == (solve, sx.Do(sx.Call("states_assignments"), 5))
    assert found["states_assignments"].body == (set_a, sx.If(Y, (sx.Assign(sx.Var("slope"), value, 7),)))
    assert found["states"] == states
