"""Equations that are linear in states, and their coefficients."""

import pytest

from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.algebra import NotLinear, equation_parts, linear_parts
from jxneuron.nmodl.syntax.unparse import unparse_body
from tests.nmodl.passes.equations import block, read


def shown(e: sx.Expr | None) -> str:
    return "" if e is None else unparse_body((sx.Assign(sx.Var("e"), e),))[0].removeprefix("e = ")


def equation(text: str) -> sx.Statement:
    return read(block("LINEAR l", f"~ {text}")).blocks["l"].body[0]


@pytest.mark.parametrize(
    ("text", "constant", "slope"),
    [
        ("a - m", "a", "-1"),
        ("a - (b - m)", "a - b", "1"),
        ("a - (m - b)", "a - (-b)", "-1"),
        ("(a - m) / p", "a / p", "(-1) / p"),
        ("a * (b - m) * c", "a * b * c", "a * (-1) * c"),
        ("-(m + a)", "-a", "-1"),
        ("-(a - p * m)", "-a", "p"),
        ("m", "", "1"),
        ("a / b", "a / b", ""),
        ("p * m - q * m", "", "p - q"),
    ],
)
def test_a_plus_b_times_the_state(text, constant, slope):
    s = equation(f"{text} = 0")
    assert isinstance(s, sx.Equation)
    assert [shown(part) for part in linear_parts(s.left, sx.Var("m"))] == [constant, slope]


@pytest.mark.parametrize(
    ("text", "coefficients", "value"),
    [
        ("m + n = 1", {"m": "1", "n": "1"}, "1"),
        ("p * m = a - q * n", {"m": "p", "n": "q"}, "a"),
        ("m - (a - n) = b", {"m": "1", "n": "1"}, "-((-a) - b)"),
        ("0 = s[1] - 2 * s[2]", {"s[1]": "-1", "s[2]": "2"}, "0"),
        ("a = m", {"m": "-1"}, "-a"),
    ],
)
def test_the_coefficients_of_an_equation_and_what_their_sum_is(text, coefficients, value):
    s = equation(text)
    assert isinstance(s, sx.Equation)
    parts, total = equation_parts(s.left, s.right, ("m", "n", "s"))
    assert ({shown(var): shown(e) for var, e in parts.items()}, shown(total)) == (coefficients, value)


@pytest.mark.parametrize("text", ["m * n = 1", "exp(m) = 1", "a / m = 1", "m * (1 - m) = 1"])
def test_what_is_not_linear(text):
    s = equation(text)
    assert isinstance(s, sx.Equation)
    with pytest.raises(NotLinear):
        equation_parts(s.left, s.right, ("m", "n"))
