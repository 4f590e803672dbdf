"""The one place that knows what each kind of syntax holds, and an unknown kind that no function lets pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

import pytest

from jxneuron.nmodl import syntax as sx
from jxneuron.nmodl import visit

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
