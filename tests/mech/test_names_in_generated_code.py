"""Generated Python that a saved model holds imports helpers by name: every one is there, and takes what it is given."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import jxneuron.mech as mech
from jxneuron.mech.mechanism import Field

# Every name that generated code has imported so far, with the smallest and largest number of arguments it passes
HELPERS = {
    "acos": (1, 1),
    "asin": (1, 1),
    "atan": (1, 1),
    "atan2": (2, 2),
    "build_table": (6, 7),
    "ceil": (1, 1),
    "choose": (3, 20),
    "cnexp": (4, 4),
    "cos": (1, 1),
    "cosh": (1, 1),
    "derivimplicit": (5, 5),
    "divide": (2, 2),
    "element_at": (2, 2),
    "erf": (1, 1),
    "euler": (5, 5),
    "exp": (1, 1),
    "fabs": (1, 1),
    "first_instance": (1, 1),
    "floor": (1, 1),
    "fmax": (2, 2),
    "fmin": (2, 2),
    "fmod": (2, 2),
    "function_table": (1, 3),
    "gauss": (3, 3),
    "harmonic": (4, 4),
    "hyperbol": (3, 3),
    "interpolate": (5, 6),
    "linear": (3, 3),
    "log": (1, 1),
    "log10": (1, 1),
    "lookup": (5, 6),
    "negate": (1, 1),
    "nonlinear": (3, 3),
    "nrn_ghk": (5, 5),
    "number": (1, 1),
    "power": (2, 2),
    "random123_ipick": (5, 5),
    "random123_normal": (5, 5),
    "random123_pair": (5, 5),
    "random123_pick": (8, 8),
    "random123_picked": (8, 8),
    "random123_second_normal": (5, 5),
    "random123_sequence": (1, 1),
    "random123_uniform": (5, 5),
    "received": (5, 7),
    "repeat": (4, 4),
    "revhyperbol": (3, 3),
    "revsigmoid": (4, 4),
    "runge": (5, 5),
    "sent_at": (2, 2),
    "shaped": (3, 3),
    "sigmoid": (4, 4),
    "sin": (1, 1),
    "sinh": (1, 1),
    "sparse": (6, 6),
    "sqrt": (1, 1),
    "steadystate": (6, 6),
    "tabulate": (4, 4),
    "tan": (1, 1),
    "tanh": (1, 1),
    "unadvanced": (5, 5),
    "unset": (0, 0),
    "where": (3, 3),
    "with_element": (3, 3),
}
KEYWORDS = {"sparse": {"linear"}, "steadystate": {"linear"}}
FUNCTIONS = "initial current advance tables tables_again before_initial after_initial before_breakpoint after_solve"
# The records that it makes: the arguments by position, and keywords
RECORDS: dict[str, tuple[tuple[Any, ...], str]] = {
    "Action": ((True, 1.0, 2.0), ""),
    "Armed": ((True, 2.0), ""),
    "Current": (("ica",), "ion electrode"),
    "Diffusion": (("ca", None), "size"),
    "Field": (("n", "state", "range", "s"), "unit default size lower upper"),
    "FunctionTable": (("f", 2), ""),
    "IonUse": (("ca",), "loads writes valence"),
    "Mechanism": (
        (),
        f"name kind fields ions currents {FUNCTIONS} before_step diffusion first_call function_tables leaves "
        "leaves_in_step linear_in_v pointers sequential streams weights receive receive_initial jump actions "
        "initial_actions initial_sends watches",
    ),
    "Pointer": (("vpre",), "writes"),
    "Stream": (("ranvar", "ranvar_ids", "", 0), ""),
}


@pytest.mark.parametrize("name", HELPERS)
def test_a_helper_takes_what_generated_code_passes(name: str) -> None:
    signature = inspect.signature(getattr(mech, name))
    for count in range(HELPERS[name][0], HELPERS[name][1] + 1):
        signature.bind(*range(count), **dict.fromkeys(KEYWORDS.get(name, ())))


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_takes_what_generated_code_passes(name: str) -> None:
    values, keywords = RECORDS[name]
    getattr(mech, name)(*values, **dict.fromkeys(keywords.split()))


def test_the_fourth_argument_of_a_field_is_its_storage() -> None:
    assert Field("n", "state", "range", "s").storage == "s"


def test_every_name_that_mech_offers_is_listed() -> None:
    assert set(mech._ON_USE) == set(HELPERS) | set(RECORDS)
