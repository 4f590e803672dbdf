"""A POINTER through which C code draws is a stream, and each shape has a twin that is refused."""

import pytest

from tests.nmodl.passes.equations import after, block

HEAD = "NEURON { BBCOREPOINTER z }\nASSIGNED { z  own }\n"
HAND_OVER = """
own = 0;
if (ifarg(1)) {{
    *pv = nrnran123_newstream3((uint32_t)*getarg(1), 2, 3);
    own = {value};
}}
_p_z = pv;
"""


def c(text: str) -> str:
    return f"VERBATIM\n{text}\nENDVERBATIM\n"


def drawn(code: str, more: str = "") -> str:
    """The body of a FUNCTION of C code."""
    whole = after("draw_numbers", HEAD + f"FUNCTION f(u) {{\n{code}\n}}\n{more}")
    return whole.partition("}\n\n")[0].removeprefix("FUNCTION f(u) {\n").replace("    ", "").strip()


@pytest.mark.parametrize("cast", ["", "RANDCAST ", "(Rand*)", "(void*)"])
def test_a_random_draws_by_its_law(cast: str) -> None:
    assert drawn(c(f"_lf = nrn_random_pick({cast}_p_z);")) == "f = random_pick_z()"


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("nrnran123_dblpick((nrnran123_State*)_p_z)", "random_dpick_z()"),
        ("nrnran123_negexp((nrnran123_State*)_p_z)", "random_negexp_z()"),
        ("nrnran123_negexp((nrnran123_State*)_p_z, 2.0)", "random_negexp_of_z(2)"),
        ("nrnran123_normal((nrnran123_State*)_p_z)", "random_normal_z()"),
        ("nrnran123_ipick((nrnran123_State*)_p_z)", "random_ipick_z()"),
    ],
)
def test_a_stream_of_its_own_draws_as_random(call: str, name: str) -> None:
    assert drawn(c(f"_lf = {call};")) == f"f = {name}"


def test_pieces_of_c_and_nmodl_belong_together() -> None:
    code = (
        c("double value;\nif (_p_z) {\n  value = nrn_random_pick(_p_z);\n  return value;\n}else{")
        + "value = 3\n"
        + c("}")
    )
    assert drawn(code + "f = value").split("\n") == [
        "LOCAL value_in_c",
        "IF (z_law[0] != 0) {",
        "value_in_c = random_pick_z()",
        "f = value_in_c",
        "RETURN",
        "} ELSE {",
        "value_in_c = 3",
        "}",
        "f = value_in_c",
    ]


def test_the_sequence_is_set() -> None:
    code = c("if (_p_z) { nrnran123_setseq((nrnran123_State*)_p_z, 3, 1); }\n_lf = nrn_random_pick(_p_z);")
    assert "z = random123.sequence(13)" in drawn(code)


def test_a_flag_of_the_code_that_hands_over_is_a_question_about_the_law() -> None:
    code = c("if (own) { _lf = nrnran123_dblpick((nrnran123_State*)_p_z); } else { _lf = 0.5; }")
    told = drawn(code, f"PROCEDURE set() {{\n{c(HAND_OVER.format(value='1'))}}}")
    assert told.startswith("IF (z_law[0] == 1) {")
    other = drawn(code, f"PROCEDURE set() {{\n{c(HAND_OVER.format(value='2'))}}}")
    assert other.startswith("IF (own) {")  # it may say something else


@pytest.mark.parametrize(
    "code",
    [
        "_lf = nrn_random_pick(_p_y);",
        "_lf = nrn_random_pick(z);",
        "_lf = nrnran123_dblpick(_p_z, 1);",
        "_lf = nrnran123_iran(_p_z);",
        "_lf = drand48();",
        "nrnran123_setseq((nrnran123_State*)_p_z, (uint32_t)_lu, 0);",
        "nrnran123_setseq((nrnran123_State*)_p_z, 0, 4);",
        "nrnran123_deletestream((nrnran123_State*)_p_z);",
        "_lf = *_p_z;",
        "#ifdef SOMETHING\n_lf = 1.0;\n#endif",
    ],
)
def test_what_means_something_else_is_refused(code: str) -> None:
    assert drawn(c(code)).startswith(": refused: VERBATIM C code")


def test_a_pointer_that_nothing_draws_from_stays_one() -> None:
    assert after("draw_numbers", HEAD + block("PROCEDURE p()", "a = 1")) == block("PROCEDURE p()", "a = 1")
