"""The functions that generated code calls against NEURON's, at numbers and arrays, with their gradients.

No result is smaller than the least normal double: JAX takes 0 for what is.
"""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxneuron.mech import functions as own

MOD = Path(__file__).parents[2] / "mod" / "functions"
ONE = (
    own.exp, own.log, own.log10, own.sqrt, own.sin, own.cos, own.tan, own.asin, own.acos, own.atan, own.sinh,
    own.cosh, own.tanh, own.fabs, own.floor, own.ceil, own.erf,
)  # fmt: skip
TWO = (own.atan2, own.fmod, own.power, own.fmin, own.fmax, own.divide)
NUMBERS = (
    0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, 1.5, -2.5, 7.3, -7.3, 1e-8, 1e-200, -1e200, 700.0, -700.0,
    701.0, -701.0, 711.0, -705.0, 1e22, math.inf, -math.inf, math.nan,
)  # fmt: skip
RUN = """
s = h.Section(name="s")
s.insert("curves")
rows = []
for x, y in given["pairs"]:
    s(0.5).curves.x, s(0.5).curves.y = x, y
    h.finitialize(-65)
    rows.append([s(0.5).curves.of[k] for k in range(given["count"])])
give(rows)
"""


def one_of(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, y: function(x)


CURVES = (*map(one_of, ONE), *TWO)


def same(ours: float, theirs: float, curve: Callable[..., Any]) -> bool:
    """Equal, the sign of 0 too; which of 0 and -0 is the smaller is left open by C."""
    if ours == theirs == 0.0 and curve not in (own.fmin, own.fmax):
        return math.copysign(1.0, ours) == math.copysign(1.0, theirs)
    return math.isclose(ours, theirs, rel_tol=1e-13) or (math.isnan(ours) and math.isnan(theirs))


def test_functions_equal_those_of_neuron(neuron_child, mod_library):
    pairs = list(itertools.product(NUMBERS, NUMBERS))
    theirs = np.array(neuron_child(RUN, libraries=[mod_library(MOD)], pairs=pairs, count=len(CURVES)))
    x, y = (jnp.array(column) for column in zip(*pairs, strict=True))
    differ = []
    for curve, expected in zip(CURVES, theirs.T, strict=True):
        array = np.asarray(jax.jit(curve)(x, y))
        for k, pair in enumerate(pairs):
            for value in (array[k], curve(*pair)):
                if not same(float(value), expected[k], curve):
                    differ.append((CURVES.index(curve), pair, float(value), expected[k]))
    assert differ == []


@pytest.mark.parametrize(("curve", "smaller"), [(own.fmin, True), (own.fmax, False)])
def test_the_gradient_is_that_of_the_side_which_counts(curve: Callable[..., Any], smaller: bool):
    slopes = jax.grad(curve, (0, 1))
    first = operator.lt if smaller else operator.gt
    for x, y in ((1.0, 2.0), (2.0, 1.0), (-math.inf, 1.0), (1.0, math.inf)):
        assert slopes(x, y) == ((1.0, 0.0) if first(x, y) else (0.0, 1.0))
    assert slopes(math.nan, 1.0) == (0.0, 1.0) and slopes(1.0, math.nan) == (1.0, 0.0)
