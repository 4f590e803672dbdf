"""Expressions of NMODL, and the Python that is generated for them."""

import pytest

from jxneuron.nmodl.codegen.expression import Printer
from jxneuron.nmodl.passes import PIPELINE, run_passes
from jxneuron.nmodl.syntax import nodes as sx
from tests.nmodl.passes.equations import block, read

PRINTER = Printer({"lambda": "lambda_"}, lambda call, args: f"{call.name}({', '.join(args)})")


def value(text: str) -> sx.Expr:
    symbols = run_passes(read(block("PROCEDURE p()", f"a = {text}")), PIPELINE)
    s = symbols.blocks["p"].body[0]
    assert isinstance(s, sx.Assign)
    return s.value


@pytest.mark.parametrize(
    ("text", "python"),
    [
        ("b - (c - d)", "b - (c - d)"),
        ("b - c - d", "b - c - d"),
        ("b / (c * d)", "b / (c * d)"),
        ("b / (c / d)", "b / (c / d)"),
        ("-(b + c)", "-(b + c)"),
        ("-b * c", "-b * c"),
        ("2 * b ^ (c + 1)", "2.0 * power(b, c + 1.0)"),
        ("pow(b, 2) + abs(c)", "power(b, 2.0) + fabs(c)"),
        ("1e-11 + 0.1", "1e-11 + 0.1"),
        ("(b < c) * d", "number(b < c) * d"),
        ("!(b < c)", "number(negate(b < c))"),
        ("x[2 * (1 - 1) + 1]", "x[2 * (1 - 1) + 1]"),
        ("x[3 / 2]", "x[int(3 / 2)]"),
        ("x[b]", "element_at(x, b)"),
        ("lambda + 1", "lambda_ + 1.0"),
        ("f(b, c - 1)", "f(b, c - 1.0)"),
    ],
)
def test_a_value(text, python):
    assert PRINTER.text(value(text)) == python


@pytest.mark.parametrize(
    ("text", "python"),
    [
        ("b < c", "b < c"),
        ("b + 1 >= c * 2", "b + 1.0 >= c * 2.0"),
        ("b < c && c != d", "(b < c) & (c != d)"),
        ("b < c || c == d && a", "(b < c) | ((c == d) & (a != 0.0))"),
        ("!(b > c)", "negate(b > c)"),
        ("b - c", "b - c != 0.0"),
        ("(b < c) == d", "number(b < c) == d"),
    ],
)
def test_a_condition(text, python):
    assert PRINTER.condition(value(text)) == python
