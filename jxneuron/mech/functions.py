"""The functions of NMODL's expressions, with the results that they have in NEURON.

In: numbers or arrays, (instance,) or (). Out: the same. What is a number while JAX traces stays a Python number, so
that constants are folded in double precision; everything else becomes a JAX operation.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

EXP_LIMIT = 700.0
STATIC_POWER = 64


def all_known(*values: Any) -> bool:
    """Whether all values are Python numbers, which JAX does not trace."""
    return all(isinstance(value, int | float) for value in values)


def exp(x: Any) -> Any:
    """Return ``exp(x)``, clamped as in NEURON's ``hoc_Exp``: 0 below -700, ``exp(700)`` above 700."""
    if all_known(x):
        return 0.0 if x < -EXP_LIMIT else math.exp(min(x, EXP_LIMIT))
    return jnp.where(x < -EXP_LIMIT, 0.0, jnp.exp(jnp.minimum(x, EXP_LIMIT)))


def power(x: Any, y: Any) -> Any:
    """Return ``pow(x, y)``; with a whole number as exponent the derivative is finite at ``x = 0``."""
    if all_known(x, y):
        return _as_in_c(math.pow, np.power, x, y)
    if all_known(y) and float(y).is_integer() and abs(y) <= STATIC_POWER:
        return jax.lax.integer_pow(x, int(y))
    return jnp.power(x, y)


def divide(x: Any, y: Any) -> Any:
    """Return ``x/y``: inf or nan where y is 0, also where both are Python numbers."""
    return _as_in_c(operator.truediv, np.divide, x, y) if all_known(x, y) else x / y


def _as_in_c(known: Callable[..., float], numpy: Callable[..., Any], *args: float) -> float:
    """Return the value of Python's function; where that raises an error, numpy's, which is inf or nan as in C."""
    try:
        return float(known(*args))
    except (ValueError, ArithmeticError):
        with np.errstate(all="ignore"):
            return float(numpy(*map(float, args)))


def _either(
    known: Callable[..., float], traced: Callable[..., Any], numpy: Callable[..., Any], doc: str
) -> Callable[..., Any]:
    def function(*args: Any) -> Any:
        return _as_in_c(known, numpy, *args) if all_known(*args) else traced(*args)

    function.__doc__ = doc
    return function


fabs = _either(math.fabs, jnp.abs, np.abs, "Absolute value.")
log = _either(math.log, jnp.log, np.log, "Natural logarithm.")
log10 = _either(math.log10, jnp.log10, np.log10, "Logarithm to base 10.")
sqrt = _either(math.sqrt, jnp.sqrt, np.sqrt, "Square root.")
sin = _either(math.sin, jnp.sin, np.sin, "Sine, radians.")
cos = _either(math.cos, jnp.cos, np.cos, "Cosine, radians.")
tan = _either(math.tan, jnp.tan, np.tan, "Tangent, radians.")
asin = _either(math.asin, jnp.arcsin, np.arcsin, "Arc sine, radians.")
acos = _either(math.acos, jnp.arccos, np.arccos, "Arc cosine, radians.")
atan = _either(math.atan, jnp.arctan, np.arctan, "Arc tangent, radians.")
atan2 = _either(math.atan2, jnp.arctan2, np.arctan2, "Arc tangent of y/x, radians.")
sinh = _either(math.sinh, jnp.sinh, np.sinh, "Hyperbolic sine.")
cosh = _either(math.cosh, jnp.cosh, np.cosh, "Hyperbolic cosine.")
tanh = _either(math.tanh, jnp.tanh, np.tanh, "Hyperbolic tangent.")
floor = _either(np.floor, jnp.floor, np.floor, "Largest whole number not above x.")
ceil = _either(np.ceil, jnp.ceil, np.ceil, "Smallest whole number not below x.")
fmod = _either(math.fmod, jnp.fmod, np.fmod, "C's remainder, with the sign of x.")
erf = _either(math.erf, jax.scipy.special.erf, math.erf, "Error function.")
fmin = _either(np.fmin, jnp.fmin, np.fmin, "The smaller of two; the other one where one is not a number.")
fmax = _either(np.fmax, jnp.fmax, np.fmax, "The larger of two; the other one where one is not a number.")


def number(condition: Any) -> Any:
    """Return 1.0 where ``condition`` holds, else 0.0: the value in C of a comparison used in arithmetic."""
    return float(condition) if isinstance(condition, bool) else jnp.where(condition, 1.0, 0.0)


def negate(condition: Any) -> Any:
    """Return ``!condition``."""
    return not condition if isinstance(condition, bool) else jnp.logical_not(condition)


def cnexp(y: Any, a: Any, b: Any, dt: Any) -> Any:
    """Advance ``y' = a + b*y`` by ``dt`` with nocmodl's formula, which is not a number at ``b = 0``."""
    return y + (1.0 - exp(dt * b)) * (divide(-a, b) - y)
