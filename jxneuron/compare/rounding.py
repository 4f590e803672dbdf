"""Generated Python whose every result of arithmetic is a little off: how far rounding can carry its values.

In: the text of a generated module. Out: a text that computes the same, with each sum, product, quotient and function
value multiplied by ``1 + NOISE n``, n between -1 and 1. What two terms of nearly the same size leave moves by as much
as the last digits of these terms allow, however small it is itself.

n is made of the value's digits, of the place in the text and of the temperature's digits: it differs from sample to
sample, and a temperature with other last digits gives another n everywhere.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

NOISE = 2.0**-40  # many last digits, lest the answers fall on few values
SIGNS = (ast.Add, ast.Sub, ast.Mult, ast.Div)
FUNCTIONS = frozenset(
    "acos asin atan atan2 cos cosh erf exp function_table log log10 power sin sinh sqrt tan tanh".split()
)
_ODD = 0x9E3779B97F4A7C15  # a multiplier that mixes the digits of a whole number
_ONE = 0x3FF0000000000000  # sign and exponent of the numbers from 1 to 2
_TEMPERATURE: list[Any] = []  # of the phase that is being traced: its blocks have no temperature among their arguments


def inexact(python: str) -> str:
    """The module with last digits of every intermediate result changed."""
    tree = ast.parse(python)
    wrap = _Wrap()
    for k, node in enumerate(tree.body):
        tree.body[k] = wrap.visit(node) if isinstance(node, ast.FunctionDef) else node
    text = ast.unparse(ast.fix_missing_locations(tree))
    return f"from {__name__} import begin, collected, noisy\n{text}\n"


class _Wrap(ast.NodeTransformer):
    """Puts ``noisy(..., place)`` around what rounds."""

    def __init__(self) -> None:
        self.place = 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        if any(argument.arg == "env" for argument in node.args.args):
            node.body.insert(0, ast.parse("begin(env)").body[0])
        if node.args.args and node.args.args[0].arg == "k":  # a block that collects reactions or equations
            node.body.insert(-1, ast.parse("collected(k)").body[0])
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        a_list = isinstance(node.left, ast.List)  # [...] * 3: the elements of an array, not set yet
        return self.noisy(node) if isinstance(node.op, SIGNS) and not a_list else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        return self.noisy(node) if isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS else node

    def noisy(self, node: ast.expr) -> ast.expr:
        self.place += 1
        return ast.Call(ast.Name("noisy", ast.Load()), [node, ast.Constant(self.place)], [])


def begin(env: Mapping[str, Any]) -> None:
    """Take the temperature's digits for all values of a phase."""
    _TEMPERATURE[:] = [_digits(jnp.asarray(env["celsius"])) * jnp.uint64(_ODD)]


def collected(k: Any) -> None:
    """Change last digits of a KINETIC block's matrix and of the terms of its fluxes.

    What reactions add to the matrix balances: rounding, in their sums and in the elimination, does not.
    """
    for place, ((i, j), entry) in enumerate(getattr(k, "matrix", {}).items()):
        term = jnp.asarray(entry * k.values[j])
        k.rhs[i] = k.rhs[i] + (noisy(term, -2 * place - 1) - term)
        k.matrix[i, j] = noisy(jnp.asarray(entry), -2 * place - 2)


def _digits(value: Any) -> Any:
    return jax.lax.bitcast_convert_type(value, jnp.uint64)


def noisy(value: Any, place: int) -> Any:
    """A value computed while running, a little off; what is known while tracing stays, as do counters.

    Args:
        value: of any shape.
        place: a number that no other place in the text has.
    """
    if isinstance(value, int | float) or not jnp.issubdtype(value.dtype, jnp.floating):
        return value
    digits = (_digits(value) ^ _TEMPERATURE[0] + jnp.uint64(place * _ODD % 2**64)) * jnp.uint64(_ODD)
    share = jax.lax.bitcast_convert_type(digits >> jnp.uint64(12) | jnp.uint64(_ONE), jnp.float64) - 1.5
    return value * (1.0 + 2.0 * NOISE * share)
