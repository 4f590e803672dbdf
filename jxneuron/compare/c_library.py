"""Generated Python that calls the C library's functions, as NEURON does.

In: the text of a generated module. Out: a text that computes the same with the ``exp``, ``pow``, ``log``, ... of C.
XLA's own differ from these by last digits; XLA multiplies by the reciprocal of a number where it is to divide many by
it, and joins a product and a sum into one operation that rounds once. Run operation by operation (``jax.disable_jit``),
the text rounds as NEURON's compiled code does.
"""

from __future__ import annotations

import ast
import ctypes
import ctypes.util
import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jxneuron.mech.functions import EXP_LIMIT

# What NMODL calls, by C's name of it: the derivative is JAX's
_DERIVED: dict[str, Callable[..., Any]] = {
    "exp": jnp.exp,
    "pow": jnp.power,
    "log": jnp.log,
    "log10": jnp.log10,
    "sin": jnp.sin,
    "cos": jnp.cos,
    "tan": jnp.tan,
    "asin": jnp.arcsin,
    "acos": jnp.arccos,
    "atan": jnp.arctan,
    "atan2": jnp.arctan2,
    "sinh": jnp.sinh,
    "cosh": jnp.cosh,
    "tanh": jnp.tanh,
    "erf": jax.scipy.special.erf,
}


def with_c_functions(python: str) -> str:
    """The module with C's functions in place of XLA's."""
    tree = _Divide().visit(ast.parse(python))
    imports = [k for k, node in enumerate(tree.body) if isinstance(node, ast.ImportFrom)]
    called = {alias.name for k in imports for alias in tree.body[k].names}  # pyright: ignore[reportAttributeAccessIssue]
    lines = [f"from {__name__} import C, divide", *(f"{name} = C['{name}']" for name in sorted(called & C.keys()))]
    tree.body[imports[-1] + 1 : imports[-1] + 1] = ast.parse("\n".join(lines)).body
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


class _Divide(ast.NodeTransformer):
    """Puts ``divide(a, b)`` for ``a / b``."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        divides = isinstance(node.op, ast.Div)
        return ast.Call(ast.Name("divide", ast.Load()), [node.left, node.right], []) if divides else node


def divide(a: Any, b: Any) -> Any:
    """``a / b``, each quotient by itself."""
    if isinstance(a, int | float) and isinstance(b, int | float):
        return a / b
    return jax.lax.div(*jnp.broadcast_arrays(*(jnp.asarray(each, jnp.float64) for each in (a, b))))


@functools.cache
def _function(name: str) -> Any:
    """C's function, elementwise over arrays."""
    function = getattr(ctypes.CDLL(ctypes.util.find_library("m")), name)
    count = 2 if name in ("pow", "atan2") else 1
    function.restype, function.argtypes = ctypes.c_double, [ctypes.c_double] * count
    return np.frompyfunc(function, count, 1)


@functools.partial(jax.custom_jvp, nondiff_argnums=(0,))
def _call(name: str, *values: Any) -> Any:
    def run(*numbers: Any) -> Any:
        return np.asarray(_function(name)(*map(np.asarray, numbers)), np.float64)

    shape = jax.ShapeDtypeStruct(np.broadcast_shapes(*map(np.shape, values)), jnp.float64)
    return jax.pure_callback(run, shape, *values, vmap_method="broadcast_all")


@_call.defjvp
def _call_jvp(name: str, values: Any, tangents: Any) -> tuple[Any, Any]:
    return _call(name, *values), jax.jvp(_DERIVED[name], values, tangents)[1]


def _named(name: str) -> Callable[..., Any]:
    def function(*values: Any) -> Any:
        return _call(name, *(jnp.asarray(value, jnp.float64) for value in values))

    function.__doc__ = f"C's ``{name}``."
    return function


def exp(x: Any) -> Any:
    """C's ``exp`` within the limits of NEURON's ``hoc_Exp``."""
    return jnp.where(x < -EXP_LIMIT, 0.0, _named("exp")(jnp.minimum(x, EXP_LIMIT)))


def cnexp(y: Any, a: Any, b: Any, dt: Any) -> Any:
    """Step ``y' = a + b*y`` by ``dt`` as `functions.cnexp` does."""
    return y + (1.0 - exp(dt * b)) * (divide(-a, b) - y)


# By the name that generated code imports
C = {name: _named(name) for name in _DERIVED if name not in ("exp", "pow")}
C |= {"exp": exp, "power": _named("pow"), "cnexp": cnexp}
