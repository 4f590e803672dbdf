"""The one place that knows what each kind of syntax holds, and an unknown kind that no function lets pass."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, get_args

import pytest

from jxneuron.nmodl.analysis import declarations
from jxneuron.nmodl.analysis.analyse import analyse as analyse_symbols
from jxneuron.nmodl.analysis.dataflow import AbstractInterpreter
from jxneuron.nmodl.analysis.ir import MechanismIR
from jxneuron.nmodl.analysis.semantics import Checks, stale_fluxes
from jxneuron.nmodl.codegen.function import BodyPrinter
from jxneuron.nmodl.codegen.liveness import Scope
from jxneuron.nmodl.codegen.module import emit
from jxneuron.nmodl.frontend.statements import divide_as_c
from jxneuron.nmodl.frontend.symbols import resolve, states_of
from jxneuron.nmodl.passes import PIPELINE, Pass, run_passes
from jxneuron.nmodl.passes.break_to_if import _guarded
from jxneuron.nmodl.passes.complete_calls import at_time
from jxneuron.nmodl.passes.split_solves import split_solves
from jxneuron.nmodl.passes.translate_verbatim import _changes, ion_copies
from jxneuron.nmodl.passes.unroll import unroll
from jxneuron.nmodl.report import Report
from jxneuron.nmodl.syntax import algebra, visit
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.walk import find_mentioned, find_own_names, find_read_names, walk_loops

A, B, C = sx.Var("a"), sx.Var("b", sx.Num(1.0)), sx.Call("f", (sx.Var("c"),))
BODY = (sx.Assign(A, C, 3),)


@dataclass(frozen=True)
class NetSend:
    """A statement that nothing knows."""

    delay: sx.Expr
    flag: sx.Expr
    line: int = 0


@dataclass(frozen=True)
class Pick:
    """An expression that nothing knows."""

    first: sx.Expr
    second: sx.Expr


@pytest.mark.parametrize(
    ("node", "inside"),
    [
        (A, []),
        (B, [sx.Num(1.0)]),
        (C, [sx.Var("c")]),
        (sx.Unary("-", A), [A]),
        (sx.Binary("+", A, B), [A, B]),
        (sx.Assign(A, B), [A, B]),
        (sx.Prime(A, B), [A, B]),
        (sx.Do(C), [C]),
        (sx.If(A, BODY), [A]),
        (sx.For("k", A, B, BODY), [A, B]),
        (sx.While(A, BODY), [A]),
        (sx.Reaction(((1, A),), "<->", ((2, B),), (C,)), [A, B, C]),
        (sx.Compartment("k", A, ("s",)), [A]),
        (sx.Conserve(((1, A), (1, B)), C), [A, B, C]),
        (sx.Equation(A, B), [A, B]),
        (sx.Conductance(A), [A]),
        (sx.Solve("block"), []),
    ],
)
def test_expressions_come_in_the_order_of_the_source_and_can_be_changed(node: Any, inside):
    assert visit.expressions(node) == inside
    assert visit.map_parts(node, lambda e: e) is node
    new = visit.map_parts(node, lambda e: sx.Unary("-", e))
    assert visit.expressions(new) == [sx.Unary("-", e) for e in inside]


def test_bodies_are_walked_and_changed():
    inner = sx.If(A, BODY, (sx.Break(4),))
    loop = sx.For("k", A, B, (inner,))
    assert list(visit.walk((loop,))) == [loop, inner, *BODY, sx.Break(4)]
    assert visit.bodies(inner) == [BODY, (sx.Break(4),)]
    assert visit.map_bodies(loop, lambda body: body) is loop
    assert visit.map_bodies(inner, lambda body: body[:0]) == sx.If(A, ())


def test_every_kind_is_known_with_the_fields_that_its_types_name():
    assert set(visit.FIELDS) == {*get_args(sx.Statement), *get_args(sx.Expr)}
    assert visit.roles(NetSend) == {"delay": visit.ONE, "flag": visit.ONE}


def test_a_field_of_a_type_that_is_not_known_raises():
    @dataclass(frozen=True)
    class Odd:
        values: list

    with pytest.raises(KeyError):
        visit.roles(Odd)


SEND: Any = NetSend(sx.Var("nowhere"), sx.Num(1.0), 3)
PICK: Any = Pick(sx.Var("n"), sx.Var("w"))


def mechanism(*more: Any) -> sx.File:
    """A file whose INITIAL ends with the statements given."""
    step = sx.Block("DERIVATIVE", "states", (), (sx.Prime(sx.Var("n"), sx.Unary("-", sx.Var("n")), 6),), line=6)
    start = sx.Block("INITIAL", "INITIAL", (), (sx.Assign(sx.Var("n"), sx.Num(1.0), 4), *more), line=4)
    solved = sx.Block("BREAKPOINT", "BREAKPOINT", (), (sx.Solve("states", "cnexp", line=5),), line=5)
    declared = (sx.Declared("n", "STATE"), sx.Declared("w", "ASSIGNED"))
    return sx.File(sx.SourceLines("x.mod"), "x", declared=declared, blocks=(start, solved, step))


def analyse(file: sx.File) -> MechanismIR:
    report = Report(file)
    return analyse_symbols(run_passes(resolve(file, report)), report)


REPORT = Report(mechanism())
SYMBOLS = resolve(mechanism(), REPORT)
IR = analyse(mechanism())
FLOW = sx.Reaction((), "->", (), (A,))
BODY_OF = BodyPrinter(Scope(IR, {}), IR.functions[0], None)


def block(s: Any, kind: sx.BlockKind = "PROCEDURE") -> sx.Block:
    return sx.Block(kind, "p", (), (s,))


def rewritten(one: Pass, s: Any) -> None:
    for kind in ("PROCEDURE", "KINETIC", "LINEAR", "INITIAL"):
        one.rewrite(replace(SYMBOLS, blocks={"p": block(s, kind)}))


def interpreter() -> AbstractInterpreter:
    return AbstractInterpreter(SYMBOLS, {})


def inside_if(s: Any) -> None:
    checks = Checks(SYMBOLS, {}, REPORT)
    checks._check_inside(block(s), sx.If(A, (s,)))


# What has a branch for each kind of statement that matters to it
BRANCHES = {
    "AbstractInterpreter.statement": lambda s: interpreter().statement(s),
    "Liveness.written": lambda s: BODY_OF.written((s,)),
    "BodyPrinter.print_statement": lambda s: BODY_OF.print_statement(s, set(), ""),
    "_solved_for": lambda s: states_of((s,), SYMBOLS),
    "Checks._check_inside": inside_if,
    "_changes": lambda s: _changes(s, SYMBOLS),
}
LOOK_FOR_ONE_KIND = ("extract_diffusion", "compartments_first")  # at the top of a block, and move it as it is
# What looks at some kinds of statements and goes on to what is inside the others
WALKERS = {
    "walk": lambda s: list(visit.walk((s,))),
    "find_statements": lambda s: list(visit.find_statements(sx.Solve, (s,))),
    "expressions": visit.expressions,
    "bodies": visit.bodies,
    "map_parts": lambda s: visit.map_parts(s, lambda e: e),
    "walk_loops": lambda s: list(walk_loops((s,))),
    "find_own_names": find_own_names,
    "find_read_names": lambda s: find_read_names(block(s)),
    "find_mentioned": lambda s: find_mentioned((s,)),
    "split_solves": lambda s: split_solves((s,)),
    "map_expressions": lambda s: visit.map_expressions((s,), lambda e: e),
    "rename": lambda s: visit.rename((s,), {}),
    "_guarded": lambda s: _guarded((s,), A),
    **{one.name: partial(rewritten, one) for one in PIPELINE if one.name not in LOOK_FOR_ONE_KIND},
    "stale_fluxes": lambda s: list(stale_fluxes((s,))),
    "Checks.run": lambda s: Checks(SYMBOLS, {"p": block(s)}, REPORT).run(),
    "ion_copies": lambda s: ion_copies(block(s), replace(SYMBOLS, blocks={"p": block(s)})),
    "declarations": lambda s: declarations.check(replace(mechanism(), blocks=(block(s),)), REPORT),
    "AbstractInterpreter.run": lambda s: interpreter().run((s,)),
    "BodyPrinter.print_body": lambda s: BODY_OF.print_body((s,), {"n"}, ""),
    "Liveness.live_one": lambda s: BODY_OF.live_one(s, {"n"}),
    "emit": lambda s: emit(replace(IR, entries=(replace(IR.entries[0], body=(s,)),))),
    "analyse": lambda s: analyse(mechanism(s)),
}
# The same for expressions
EXPRESSION_BRANCHES = {
    "AbstractInterpreter.expression": lambda e: interpreter().expression(e),
    "linear_parts": lambda e: algebra.linear_parts(e, sx.Var("n")),
    "fold": lambda e: algebra.fold(e, {}),
    "Printer._value": lambda e: BODY_OF.printer.text(e),
    "Printer.condition": lambda e: BODY_OF.printer.condition(e),
    "Printer.index": lambda e: BODY_OF.printer.index(e),
    "BodyPrinter.finite": lambda e: BODY_OF.finite(e),
    "cut_to_whole": algebra.cut_to_whole,
    "divide_as_c": divide_as_c,
}
EXPRESSION_WALKERS = {
    "parts": lambda e: list(visit.parts(e)),
    "find_parts": lambda e: list(visit.find_parts(sx.Call, e)),
    "find_names": algebra.find_names,
    "has": lambda e: algebra.has(e, A),
    "find_variables": lambda e: algebra.find_variables(e, ("n",)),
    "has_power": algebra.has_power,
    "equation_parts": lambda e: algebra.equation_parts(e, A, ("n",)),
    "at_time": at_time,
    "rename": lambda e: visit.rename((sx.Assign(A, e),), {}),
    "unroll": lambda e: unroll(
        block(sx.For("k", e, e, (sx.If(A, (sx.Reaction((), "->", (), ()),)),)), "KINETIC"), SYMBOLS
    ),
    "AbstractInterpreter.equation": lambda e: interpreter().equation(sx.Equation(e, A)),
    "states_of": lambda e: states_of((sx.Equation(e, A),), SYMBOLS),
    "Liveness.reads": lambda e: BODY_OF.reads(e),
    "Liveness.call_outputs": lambda e: BODY_OF.call_outputs(e),
    "Scope.every_name": lambda e: BODY_OF.scope.every_name(e),
    "analyse": lambda e: analyse(mechanism(sx.Assign(sx.Var("w"), e, 5))),
}


@pytest.mark.parametrize("function", [*BRANCHES.values(), *WALKERS.values()], ids=[*BRANCHES, *WALKERS])
def test_an_unknown_statement_raises(function):
    with pytest.raises(TypeError, match="does not know NetSend, a kind of syntax"):
        function(SEND)


@pytest.mark.parametrize(
    "function",
    [*EXPRESSION_BRANCHES.values(), *EXPRESSION_WALKERS.values()],
    ids=[*EXPRESSION_BRANCHES, *EXPRESSION_WALKERS],
)
def test_an_unknown_expression_raises(function):
    with pytest.raises(TypeError, match="does not know Pick, a kind of syntax"):
        function(PICK)


@pytest.fixture
def listed(monkeypatch):
    """Both kinds are in the list of kinds, and nothing else was written for them."""
    for kind in (NetSend, Pick):
        monkeypatch.setitem(visit.FIELDS, kind, visit.roles(kind))


@pytest.mark.parametrize("name", BRANCHES)
def test_a_new_statement_raises_where_it_has_no_branch(name, listed):
    with pytest.raises(TypeError, match=f"{name} does not know NetSend"):
        BRANCHES[name](SEND)


@pytest.mark.parametrize("name", EXPRESSION_BRANCHES)
def test_a_new_expression_raises_where_it_has_no_branch(name, listed):
    with pytest.raises(TypeError, match="does not know Pick"):
        EXPRESSION_BRANCHES[name](PICK)


def test_a_new_statement_is_walked_but_not_translated(listed):
    assert find_own_names(SEND) == {"nowhere"}
    with pytest.raises(TypeError, match="does not know NetSend"):
        analyse(mechanism(SEND))
