"""No block calls a DERIVATIVE that is solved."""

import pytest

from tests.nmodl.passes.equations import after

STATES = "DERIVATIVE states {\n    a = m\n    m' = -m / p\n}\n"
ASSIGNMENTS = "PROCEDURE states_assignments() {\n    LOCAL slope\n    a = m\n    slope = (-m) / p\n}\n"


def breakpoint(method: str, call: str = "states()") -> str:
    return f"BREAKPOINT {{\n    SOLVE states METHOD {method}\n    IF (a > 1) {{\n        {call}\n    }}\n}}\n"


def test_a_call_is_one_more_step_of_cnexp():
    states = STATES.replace("-m / p", "(-m) / p")
    assert after("called_derivatives", breakpoint("cnexp") + STATES) == (
        breakpoint("cnexp", "SOLVE states METHOD cnexp") + "\n" + states
    )


@pytest.mark.parametrize("method", ["derivimplicit", "euler", "runge"])
def test_a_call_for_other_methods_only_assigns(method):
    states = STATES.replace("-m / p", "(-m) / p")
    assert after("called_derivatives", breakpoint(method) + STATES) == (
        breakpoint(method, "states_assignments()") + "\n" + states + "\n" + ASSIGNMENTS
    )


def test_cnexp_without_terms_only_assigns():
    text = after("called_derivatives", breakpoint("cnexp") + STATES.replace("-m / p", "-exp(m)"))
    assert "states_assignments()\n" in text and "slope = -exp(m)" in text
