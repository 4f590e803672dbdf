"""C code is NMODL, or refused."""

import pytest

from tests.nmodl.passes.equations import after, check


def c(text: str) -> str:
    return f"VERBATIM\n{text}\nENDVERBATIM"


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("/* nothing */", ""),
        ("a = 2*b - (c - d)/3;", "a = 2 * b - (c - d) / 3"),
        ("x[2] = -a + b*c;", "x[2] = (-a) + b * c"),
        ("if (a < b && c != 0) { a = 1; } else b = 2;", "IF (a < b && c != 0) {\n    a = 1\n} ELSE {\n    b = 2\n}"),
        ("if (a) b = 1; else if (c) b = 2;", "IF (a) {\n    b = 1\n} ELSE {\n    IF (c) {\n        b = 2\n    }\n}"),
        ("a = _ion_cai;", "a = cai"),
        ("return 0;", "RETURN"),
        ('printf("%g", a);', ""),
        ("#if 0\na = 1;\n#endif", ""),
    ],
)
def test_c_code_that_says_something_simple(code, meaning):
    check("translate_verbatim", c(code), meaning)


@pytest.mark.parametrize(
    "code", ["a = 1/2;", "a = f(b);", "*p = 1;", "double z; z = 1;", "a += 1;", "_lw = 1;", "a = 1"]
)
def test_c_code_that_says_more_is_refused(code):
    check("translate_verbatim", c(code), f": refused: VERBATIM C code: {code}")


def test_a_break_and_a_value():
    check("translate_verbatim", f"WHILE (a < 3) {{\n{c('break;')}\n}}", "WHILE (a < 3) {\n    BREAK\n}")
    check("translate_verbatim", c("return a;"), "f = a\nRETURN", "FUNCTION f()")
    check("translate_verbatim", c("return -_lu;"), "f = -u\nRETURN", "FUNCTION f(u)")


def test_an_ion_variable_equals_the_ions_own_until_the_mechanism_sets_it():
    code = c("a = _ion_ica;")
    before = f"INITIAL {{\n{code}\nica = 1\n{code}\n}}\n"
    assert after("translate_verbatim", before) == (
        "INITIAL {\n    a = ica\n    ica = 1\n    : refused: VERBATIM C code: a = _ion_ica;\n}\n"
    )
    elsewhere = f"INITIAL {{\n{code}\n}}\nPROCEDURE set() {{\n    ica = 1\n}}\n"
    assert "refused" in after("translate_verbatim", elsewhere)
