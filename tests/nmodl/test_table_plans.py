"""TABLEs that NEURON builds in ways that are not taken over: each is named, and its way out is taken."""

from __future__ import annotations

import pytest

from jxneuron.errors import Unsupported
from jxneuron.nmodl import translate

TEXT = """NEURON {{ SUFFIX x NONSPECIFIC_CURRENT i RANGE g, own GLOBAL shared{neuron} }}
PARAMETER {{ g = 1e-3 w = 2 own = 3 }}
ASSIGNED {{ v i a q shared }}
STATE {{ m }}
INITIAL {{
{initial}
  m = a
}}
BREAKPOINT {{ SOLVE s METHOD {method} i = g*m*v }}
DERIVATIVE s {{ {call} {step} m' = a - m }}
PROCEDURE f(u) {{
  {table} FROM -100 TO {last} WITH 20
  {body}
}}
"""
PLAIN = {
    "neuron": "", "initial": "f(v)", "method": "cnexp", "call": "f(v)", "step": "", "table": "TABLE a", "last": "100",
    "body": "a = 1/(1 + exp(-u/w))",
}  # fmt: skip
UNSAFE = "shared = 1\n"
# What makes it so, what is said, and what the way out changes
REFUSED = {
    "a state behind DEPEND": (
        {"table": "TABLE a DEPEND m", "body": "a = m*u/w"},
        "TABLE of f depends on m, which changes while the model runs",
        {"table": ":", "last": "100 :"},
    ),
    "the first call in an IF": (
        {"initial": f"{UNSAFE} q = w\n if (v > 0) {{ f(v) }} else {{ a = 1 }}", "body": "a = q*u"},
        "TABLE of f is built from q at its first call, in an IF, a WHILE or a solver",
        {"initial": f"{UNSAFE} q = w\n f(v)"},
    ),
    "the first call in a solver": (
        {"initial": f"{UNSAFE} q = w\n a = 1", "body": "a = q*u", "method": "derivimplicit"},
        "TABLE of f is built from q at its first call, in an IF, a WHILE or a solver",
        {"initial": f"{UNSAFE} q = w\n f(v)"},
    ),
    "the first call in a step, from what the step changes": (
        {"initial": f"{UNSAFE} a = 1", "body": "a = t*v*u"},
        "TABLE of f is built from t, v at its first call, in the first step",
        {"initial": f"{UNSAFE} f(v)"},
    ),
    "the first call in AFTER SOLVE": (
        {
            "neuron": ", a, q",
            "initial": f"{UNSAFE} q = w\n a = 1",
            "body": "a = q*u\n } AFTER SOLVE { f(v)",
            "call": "",
        },
        "TABLE of f is built from q at its first call, in the first step",
        {"initial": f"{UNSAFE} q = w\n f(v)"},
    ),
    "what building in a step sets": (
        {"initial": f"{UNSAFE} q = w\n a = 1", "body": "a = q*u\n own = 5", "step": "m = own"},
        "building the TABLE of f in the first step sets own",
        {"table": "TABLE a, own"},
    ),
    "a value of each instance beside one behind DEPEND": (
        {"initial": f"{UNSAFE} q = own\n f(v)", "body": "a = q*own*u", "table": "TABLE a DEPEND own"},
        "TABLE of f depends on q, and anew on own",
        {"table": "TABLE a DEPEND own, q"},
    ),
    "limits that move": (
        {"initial": f"{UNSAFE} q = 90\n f(v)", "last": "q"},
        "the limits of the TABLE of f depend on q",
        {"last": "100"},
    ),
    "a limit that nothing sets": (
        {"last": "q"},
        "the limits of the TABLE of f depend on q, which nothing sets",
        {"last": "w"},
    ),
    "what each building sets": (
        {"initial": f"{UNSAFE} f(v)", "body": "a = own*u\n shared = 2*own", "table": "TABLE a DEPEND own"},
        "each building of the TABLE of f sets shared",
        {"table": "TABLE a, shared DEPEND own"},
    ),
}


def text(**changes: str) -> str:
    return TEXT.format(**{**PLAIN, **changes})


@pytest.mark.parametrize("name", REFUSED)
def test_a_table_that_is_not_taken_over_is_named_and_its_way_out_works(name: str) -> None:
    changes, said, way_out = REFUSED[name]
    with pytest.raises(Unsupported) as caught:
        translate(text(**changes), file="x.mod")
    assert [finding.found for finding in caught.value.findings] == [said]
    translate(text(**{**changes, **way_out}), file="x.mod")
