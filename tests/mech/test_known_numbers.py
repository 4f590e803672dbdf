"""Numbers that the code knows before it runs: where C gives inf or nan, Python would raise an error."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxneuron as jx

# With LOCALs zero = 0, three = 3 and huge = 1e300
VALUES = (
    "1/zero", "-1/zero", "zero/zero", "0*three/zero", "1/0", "three/(three - 3)", "1/-zero", "inverse(0)",
    "inverse(zero)", "1/inverse(0)", "huge*huge", "huge/1e-300", "1e999", "1/1e999", "-1e999", "zero^(-1)",
    "(-three)^(1/3)", "huge^2", "huge^(-2)", "pow(zero, -three)", "pow(-2, 0.5)", "zero^zero", "log(zero)",
    "log(-three)", "log(1/zero)", "log10(zero)", "log10(-1)", "sqrt(-three)", "sqrt(1/zero)", "exp(1000)", "exp(-1000)",
    "exp(huge)", "exp(1/zero)", "exp(zero/zero)", "fmod(three, zero)", "fmod(1/zero, 2)", "fmod(three, 1/zero)",
    "sin(1/zero)", "cos(1/zero)", "tan(-1/zero)", "asin(2)", "acos(three)", "atan(1/zero)", "atan2(zero, zero)",
    "sinh(1000)", "cosh(1000)", "sinh(-1000)", "tanh(1/zero)", "floor(1/zero)", "ceil(-1/zero)", "floor(zero/zero)",
    "floor(-2.5)", "fabs(-1/zero)", "1/fabs(zero)", "(1/zero > three)", "(zero/zero == zero/zero)", "!zero/zero",
    "1/(three < 2)", "1/(1 - exp(zero))", "three/log(1)", "hyperbol(zero, three, zero)", "harmonic(three, zero, 1, 1)",
    "gauss(three, three, zero)", "sigmoid(zero, 1, zero, 2)", "nested(zero)", "kept/zero",
)  # fmt: skip
NAMES = [f"r{k}" for k in range(len(VALUES))]
SET = "\n".join(f"  {name} = {value}" for name, value in zip(NAMES, VALUES, strict=True))
TEXT = f"""NEURON {{ SUFFIX known NONSPECIFIC_CURRENT i RANGE turns, sum, {", ".join(NAMES)} }}
ASSIGNED {{ v i kept turns sum {" ".join(NAMES)} }}
STATE {{ m n }}
INITIAL {{ LOCAL zero, three, huge
  zero = 0  three = 3  huge = 1e300  kept = 2
{SET}
  sum = 0
  FROM k = 0 TO 2 {{ sum = sum + 1/(1 + 1/k) }}
  IF (three > 2) {{ turns = 1/zero }} ELSE {{ turns = 1 }}
}}
BREAKPOINT {{ SOLVE s METHOD cnexp  i = 0 }}
DERIVATIVE s {{ LOCAL tau
  tau = 0
  m' = (1 - m)/tau
  n' = 2 - 0*n
}}
FUNCTION inverse(x) {{ inverse = 1/x }}
FUNCTION nested(x) {{ LOCAL y
  y = x*2
  nested = inverse(y) - inverse(x)
}}
"""


@pytest.fixture(scope="module")
def theirs(tmp_path_factory, mod_library):
    folder = tmp_path_factory.mktemp("mod")
    (folder / "known.mod").write_text(TEXT)
    return folder, mod_library(folder)


def test_ieee_values_where_python_would_raise(theirs, neuron_child):
    folder, library = theirs
    code = """
sec = h.Section(name="s")
sec.insert("known")
h.finitialize(-65)
values = [getattr(sec(0.5), f"{name}_known") for name in given["names"]]
h.fadvance()
give(values + [sec(0.5).m_known, sec(0.5).n_known])
"""
    expected = neuron_child(code, libraries=[library], names=[*NAMES, "turns", "sum"])
    mechanism = jx.mechanism(folder / "known.mod")
    assert mechanism.initial is not None and mechanism.advance is not None
    initial, advance, v = mechanism.initial, mechanism.advance, jnp.array([-65.0])
    fields = {field.name: np.full((1,), field.default) for field in mechanism.fields}
    env = {"t": 0.0, "dt": 0.025, "celsius": 6.3, "tables": None, "secondorder": 0, "function_tables": {}}

    @jax.jit
    def both(dt):
        start = initial({}, fields, v, {**env, "dt": dt})
        return start, advance({}, {**fields, **start}, v, {**env, "dt": dt})

    start, step = both(0.025)
    ours = [start[name][0] for name in [*NAMES, "turns", "sum"]] + [step["m"][0], step["n"][0]]
    labels = [*VALUES, "turns", "sum", "m", "n"]
    differing = [
        (label, float(own), their)
        for label, own, their in zip(labels, ours, expected, strict=True)
        if not np.allclose(own, their, rtol=1e-14, atol=0, equal_nan=True)
    ]
    assert differing == []
