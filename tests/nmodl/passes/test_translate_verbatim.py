"""C code is NMODL, or refused."""

import pytest

from jxneuron.nmodl.frontend.verbatim import quote_c
from tests.nmodl.passes.equations import after, block, check


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
        ("a += 1; b /= 2; c -= d; ++a; b--;", "a = a + 1\nb = b / 2\nc = c - d\na = a + 1\nb = b - 1"),
        ("a = pow(b, 2) + fabs(-c) + exp(d/2.);", "a = pow(b, 2) + fabs(-c) + exp(d / 2)"),
        ("a = !b + (double) 3/2 + 1.5e3;", "a = (!b) + 3 / 2 + 1500"),
        ("a = b == c < d;", "a = b == (c < d)"),
        ("if (a) { b = 1; return 0; } c = 2;", "IF (a) {\n    b = 1\n    RETURN\n}\nc = 2"),
        ('if (cvode_active_ && !a) { hoc_execerror("no", 0); } else { b = 1; }', "b = 1"),
        ("{extern int cvode_active_; if (cvode_active_) { f(1); }}", ""),
        ('{ printf("%g %g\\n", a, b*2); fprintf(stderr, "(a;"); a = 1;; }', "a = 1"),
        ("a = a; /* c = 1; */ b = 1; // c = 2;", "b = 1"),
        ("#ifndef CORENEURON_BUILD\na = 1;\n#else\na = 2;\n#endif", "a = 1"),
        ("a = b > 1 ? 2 : c;", "IF (b > 1) {\n    a = 2\n} ELSE {\n    a = c\n}"),
        (
            "int k; for (k = 0; k < 3; k++) { a += k; if (a > 2) break; }",
            "LOCAL k_in_c\nk_in_c = 0\nWHILE (k_in_c < 3) {\n    a = a + k_in_c\n"
            "    IF (a > 2) {\n        BREAK\n    }\n    k_in_c = k_in_c + 1\n}",
        ),
        ("do { a = a/2.; } while (a > 1);", "a = a / 2\nWHILE (a > 1) {\n    a = a / 2\n}"),
        ("if (_nt != nrn_threads) { f(1); }", ""),
    ],
)
def test_c_code_that_says_something_simple(code, meaning):
    check("translate_verbatim", c(code), meaning)


@pytest.mark.parametrize(
    "code",
    [
        "a = 1/2;", "a = f(b);", "*p = 1;", "_lw = 1;", "a = 1", "a = (1 + 2)/2;", "a = (b < c)/2;", "a = 1/(2*3);",
        "a = 010;", "a = 1 + (b ? c : d);", "a = b % c;", "int k; k = a;", "double* k = &a;", "a = b = 1;",
        "a = abs(b);", "a = x[b];", "a = pow(b);", 'hoc_execerror("no", 0);', "return 1;", "a = _args[0];",
        'if (a) { hoc_execerror("no", 0); }', 'printf("%g", f(a));', "if (cvode_active_) if (a) b = 1; else c = 1;",
        "extern double q; a = q;", "a = fabs(b) + c(d);", "a->b = 1;", "&a;", "static double z;",
        "int k = 3; a = k/2;", "do { break; } while (a);", "while (a) { continue; }",
    ],
)  # fmt: skip
def test_c_code_that_says_more_is_refused(code):
    check("translate_verbatim", c(code), f": refused: VERBATIM C code: {code}")


def test_a_break_and_a_value():
    check("translate_verbatim", f"WHILE (a < 3) {{\n{c('break;')}\n}}", "WHILE (a < 3) {\n    BREAK\n}")
    check("translate_verbatim", c("return a;"), "f = a\nRETURN", "FUNCTION f()")
    check("translate_verbatim", c("return -_lu;"), "f = -u\nRETURN", "FUNCTION f(u)")


def test_a_variable_of_the_c_code_is_a_local():
    code = "double z, a = b; z = a + 1; { double z = 2; c = z; } d = z + a;"
    assert after("translate_verbatim", f"PROCEDURE p() {{ LOCAL z_in_c\n{c(code)}\n}}") == block(
        "PROCEDURE p()",
        "LOCAL z_in_c, z_in_c_index1, a_in_c, z_in_c_index2\na_in_c = b\nz_in_c_index1 = a_in_c + 1\n"
        "z_in_c_index2 = 2\nc = z_in_c_index2\nd = z_in_c_index1 + a_in_c",
    )


def test_calls_of_the_file_are_handed_the_arguments_of_the_thread():
    other = "FUNCTION f(x) {\n    f = x\n}\nPROCEDURE q2() {\n    a = 1\n}\n"
    for code, meaning in {
        "a = 2*f(_threadargscomma_ b + 1);": "a = 2 * f(b + 1)",
        "q2(_threadargs_);": "q2()",
        "a = f(_threadargs_);": ": refused: VERBATIM C code: a = f(_threadargs_);",
        "a = q2(_threadargs_);": ": refused: VERBATIM C code: a = q2(_threadargs_);",
        "a = f(b);": "a = f(b)",
        "a = f(b, c);": ": refused: VERBATIM C code: a = f(b, c);",
    }.items():
        assert after("translate_verbatim", f"PROCEDURE p() {{\n{c(code)}\n}}\n{other}").startswith(
            block("PROCEDURE p()", meaning)
        )


VECTORS = ("*((void**)(&a))", "*((IvocVect**)(&a))", "*reinterpret_cast<IvocVect**>(&a)")


@pytest.mark.parametrize("vector", VECTORS)
def test_there_is_no_vector_that_hoc_may_hand_over(vector):
    """A variable holds its address, which is 0 unless a PROCEDURE that hoc calls has set it."""
    code = f"int size; double* px; {{ IvocVect* vv = {vector}; if (vv) {{ size = 1; px[0] = 2; }} else b = 1; }} c = 2;"
    check("translate_verbatim", c(code), "LOCAL size_in_c\nb = 1\nc = 2")
    check("translate_verbatim", c(f"if (auto* vv = {vector}) {{ a = 1; }}"), "")
    for twin in (
        f"IvocVect* vv = {vector}; a = vv;",
        f"if (vv = {vector}) a = 1;",
        "void* k; a = k;",
        "double* p; p = 0;",
    ):
        check("translate_verbatim", c(twin), f": refused: {quote_c(twin)}")


def test_a_switch_over_the_index_of_a_loop():
    code = "switch (_lj) { case 0: if ((x[_lj] = 1/(a + _lb)) < c) { x[_lj] = c; } break; case 1: x[_lj] = 2; break; }"
    side = "x[j_index1] = 1 / (a + b)\nIF (x[j_index1] < c) {\n    x[j_index1] = c\n}"
    head = "PROCEDURE p(b) {\n    LOCAL j\n    FROM j_index1 = 0 TO 1 {\n        IF (j_index1 == 0) {\n"
    found = after("scope_indices", f"PROCEDURE p(b) {{ LOCAL j\nFROM j = 0 TO 1 {{\n{c(code)}\n}}\n}}")
    assert found.startswith(head + "".join(f"            {line}\n" for line in side.split("\n")))
    other = "IF (j_index1 == 1) {\n                x[j_index1] = 2\n            }"
    assert found.endswith(f"        }} ELSE {{\n            {other}\n        }}\n    }}\n}}\n")


@pytest.mark.parametrize(
    "code",
    [
        "switch (_lj) { case 0: a = 1; case 1: b = 1; break; }", "switch (_lj) { default: a = 1; break; }",
        "switch (a) { case 0: b = 1; break; }", "switch (_lj + 1) { case 0: b = 1; break; }", "a = _lj/2;",
        "if (a && (b = c) < d) { a = 1; }", "a = (b = c);", "x[_lj + 1] = 1;", "a = x[b];",
    ],
)  # fmt: skip
def test_a_switch_or_an_index_that_says_more_is_refused(code):
    found = after("translate_verbatim", f"PROCEDURE p() {{ FROM j = 0 TO 1 {{\n{c(code)}\n}} }}")
    assert ": refused: VERBATIM C code" in found


def test_weights_and_the_flag_of_an_event():
    code = c("if (_lflag == 1) { _args[1] += _args[0]; }")
    assert after("translate_verbatim", f"NET_RECEIVE(w, u) {{\n{code}\n}}") == block(
        "NET_RECEIVE(w, u)", "IF (flag == 1) {\n    u = u + w\n}"
    )
    assert "refused" in after("translate_verbatim", f"NET_RECEIVE(w) {{\n{c('a = _args[1];')}\n}}")


def test_an_ion_variable_equals_the_ions_own_until_the_mechanism_sets_it():
    code = c("a = _ion_ica;")
    before = f"INITIAL {{\n{code}\nica = 1\n{code}\n}}\n"
    assert after("translate_verbatim", before) == (
        "INITIAL {\n    a = ica\n    ica = 1\n    : refused: VERBATIM C code: a = _ion_ica;\n}\n"
    )
    elsewhere = f"INITIAL {{\n{code}\n}}\nPROCEDURE set() {{\n    ica = 1\n}}\n"
    assert "refused" in after("translate_verbatim", elsewhere)
    assert "refused" in after("translate_verbatim", f"INITIAL {{\n{c('ica = 1;')}\n{code}\n}}\n")
    assert "refused" not in after("translate_verbatim", f"INITIAL {{\n{c('ica = _ion_ica;')}\n{code}\n}}\n")
