"""The compiler's stages: positions, rewrites as equations of two texts, refusals, bad input, the command."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from jxneuron import nmodl
from jxneuron.errors import Findings, NmodlError, Unsupported
from jxneuron.nmodl import compiler
from jxneuron.nmodl.check import read_text
from jxneuron.nmodl.frontend import units
from jxneuron.nmodl.frontend.grammar import read_syntax
from jxneuron.nmodl.frontend.symbols import resolve
from jxneuron.nmodl.frontend.tokens import scan
from jxneuron.nmodl.passes import run_passes
from jxneuron.nmodl.report import Report
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.algebra import linear_parts
from jxneuron.nmodl.syntax.visit import walk

GOOD = """TITLE a channel
NEURON {
    SUFFIX chan
    USEION k READ ek WRITE ik
    RANGE g, w
}
UNITS { (mV) = (millivolt)  (S) = (siemens) }
PARAMETER { g = 0.1 (S/cm2) <0, 1e9> }
ASSIGNED { v (mV)  ek (mV)  ik (mA/cm2)  w  a[3] }
STATE { n }
INITIAL {
    n = inf(v)
}
BREAKPOINT {
    SOLVE states METHOD cnexp
    ik = g*n*(v - ek)
}
DERIVATIVE states {
    n' = (inf(v) - n)/5
}
FUNCTION inf(x) {
    inf = 1/(1 + exp(-x/10))
}
"""


def parsed(text: str) -> sx.File:
    return read_syntax(text, "x.mod")


def test_a_good_file_is_translated():
    found = nmodl.translate(GOOD, file="x.mod")
    assert (found.name, found.kind) == ("chan", "density")
    assert "n = cnexp(n, inf(v) / 5.0, -1.0 / 5.0, dt)  # x.mod:19" in found.python


def test_each_statement_knows_its_line():
    text = GOOD.replace("INITIAL {", "COMMENT\nn = 1 {\nENDCOMMENT\nINITIAL { : n = 2\n? n = 3").replace(
        "n = inf(v)\n", "if (v > 3) {\n n = 1 } else {\n n = inf(v)\n }\n"
    )
    lines = text.splitlines()
    checked = 0
    for block in parsed(text).blocks:
        for statement in walk(block.body):
            if isinstance(statement, sx.Assign):
                assert f"{statement.target.name} =" in lines[statement.line - 1]
                checked += 1
    assert checked == 4


def test_tokens_skip_comments_and_c_code():
    text = (
        'a : b\nCOMMENT c\nc ENDCOMMENT\n ENDCOMMENT c\nd ? e\nVERBATIM\nf();\nENDVERBATIM\n1e5 g\' "x : y" i TITLE h\n'
    )
    tokens = scan(text)
    assert [(t.text, t.line) for t in tokens.names] == [("a", 1), ("d", 5), ("g", 9), ("i", 9)]
    assert tokens.verbatim == (6,)


def test_the_colon_of_an_ontology_term_begins_no_comment():
    tokens = scan("USEION na READ ena WRITE ina REPRESENTS CHEBI:29101 : sodium\nx :y\n")
    assert [t.text for t in tokens.names] == ["USEION", "na", "READ", "ena", "WRITE", "ina", "REPRESENTS", "CHEBI", "x"]
    assert nmodl.translate(GOOD.replace("SUFFIX chan", "SUFFIX chan REPRESENTS NCIT:C17145 : a channel"), file="x.mod")


def without_lines(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(without_lines(one) for one in value)
    if hasattr(value, "__dataclass_fields__"):
        fields = {name: without_lines(getattr(value, name)) for name in value.__dataclass_fields__ if name != "line"}
        return type(value)(**fields)
    return value


def initial(body: str) -> sx.Block:
    text = GOOD.replace("    n = inf(v)\n", body + "\n")
    file = parsed(text)
    return without_lines(run_passes(resolve(file, Report(file))).blocks["INITIAL"])


def test_a_break_is_an_if():
    left = initial("FROM i=0 TO 2 { w = w + a[i]  if (w > 5) { w = 1\nVERBATIM\nbreak;\nENDVERBATIM\n} n = w }")
    right = initial(
        "running = 1 FROM i=0 TO 2 { if (running) { w = w + a[i]  if (w > 5) { w = 1 running = 0 } "
        "if (running) { n = w } } }"
    )
    assert left.body == right.body


def test_harmless_c_code_and_silent_calls_are_left_out():
    left = initial(
        'n = 1\nVERBATIM\n/* nothing */\nENDVERBATIM\nat_time(5) printf("x")\nVERBATIM\nreturn 0;\nENDVERBATIM'
    )
    assert left.body == initial("n = 1").body


def test_a_while_may_set_an_element_that_the_run_chooses():
    loop = "w = 0\n    WHILE (w < 2) {\n        a[w] = v\n        w = w + 1\n    }\n    ik = a[1] + g*n*(v - ek)"
    python = nmodl.translate(GOOD.replace("ik = g*n*(v - ek)", loop), file="x.mod").python
    assert "a = with_element(a, w, v)  # x.mod:18" in python


def test_a_solve_inside_if_runs_whatever_the_condition():
    left = nmodl.translate(
        GOOD.replace("SOLVE states METHOD cnexp", "if (v > 0) { SOLVE states METHOD cnexp }"), file="x.mod"
    )
    assert left.python == nmodl.translate(GOOD, file="x.mod").python


def test_code_behind_an_early_return_is_the_other_side():
    left = initial("if (v > 0) {\nw = 1\nVERBATIM\nreturn 0;\nENDVERBATIM\n} if (v < -9) { w = 2 } n = w")
    assert left.body == initial("if (v > 0) { w = 1 } else { if (v < -9) { w = 2 } n = w }").body


# A form that is understood, and the same with one token changed.
C_FORMS = [
    ("FUNCTION", "return w;", "return w();"),
    ("FUNCTION", "return -1.5e-3;", "return -1.5e-3*w[v];"),
    ("FUNCTION", "return _lx;", "return x;"),
    ("INITIAL", "return;", "w = f(); return;"),
    ("INITIAL", "/* w = 1; */", "w = f();"),
    ("INITIAL", "if (v > w) { w = v; }", "if (v > w) { w %= v; }"),
    ("INITIAL", "if (v > 0. && w < 1.5) w = -g*2; else if (v < -9) { w = v/2; }", "if (v > 0) { w = 1/2; }"),
    ("INITIAL", "w = v;", "int w = v;"),
    ("INITIAL", "w = g*(v - 1);", "w = *g;"),
    ("INITIAL", "ek = _ion_ek;", "ek = _ion_eh;"),
    ("INITIAL", "w = _ion_ek; ek = _ion_ek;", "w = _ion_ek; ek += _ion_ek;"),
    ("INITIAL", 'fprintf(stderr, "%g", w);', 'fprintf(stderr, "%g", w++);'),
    ("INITIAL", 'if (cvode_active_) { hoc_execerror("no", 0); }', 'if (!cvode_active_) { hoc_execerror("no", 0); }'),
    ("", "#include <math.h>\nextern double f();", "#include <math.h>\nstatic double f = atof();"),
    ("", "static double f(double v) { return v; }", "static double inf(double v) { return v; }"),
    ("", "struct A { int k; }; static const char id[] = {1, 2};", "static struct { int k; } states;"),
    ("", "typedef struct { int k; } Pair; double far(), *b;", "typedef struct { int k; } Pair; double far(), *g;"),
    ("", "static void bbcore_write(double* x) {\n#if 0\ng = 1;\n#endif\n}", "static void bbcore_write(double* x) {"),
    ("", '#include<math.h>\n# include\t"x.h"', "#include<math.h"),
    ("", "#ifndef X\nextern int a, b;\n#endif", "#define g 3\nextern int a, b;"),
]


@pytest.mark.parametrize(("block", "good", "twin"), C_FORMS)
def test_simple_c_code_is_understood_and_its_twin_refused(block, good, twin):
    def text(code: str) -> str:
        inside = f"VERBATIM\n{code}\nENDVERBATIM\n"
        head = {"FUNCTION": "FUNCTION inf(x) {", "INITIAL": "INITIAL {"}.get(block)
        return GOOD.replace(head, f"{head}\n{inside}") if head else inside + GOOD

    assert nmodl.translate(text(good), file="x.mod").name == "chan"
    with pytest.raises(Unsupported) as error:
        nmodl.translate(text(twin), file="x.mod")
    assert f"VERBATIM C code: {' '.join(twin.split())}"[:60] in str(error.value)
    assert "Write in NMODL what it computes" in str(error.value)


def test_plain_c_statements_mean_what_they_mean_in_nmodl():
    inside = "if (v > 0 || w == 2) { w = 3; n = w*2; } else if (v < -50.5) n = -v/4; else { n = 1; }"
    same = "if (v > 0 || w == 2) { w = 3 n = w*2 } else if (v < -50.5) { n = -v/4 } else { n = 1 }"
    assert initial(f"VERBATIM\n{inside}\nENDVERBATIM").body == initial(same).body


def test_an_ion_that_was_changed_is_not_its_own_value_again():
    changed = GOOD.replace("n = inf(v)\n", "ek = 3\nVERBATIM\nek = _ion_ek;\nENDVERBATIM\n")
    with pytest.raises(Unsupported, match="VERBATIM C code: ek = _ion_ek;"):
        nmodl.translate(changed, file="x.mod")


def test_else_if_is_a_nested_if():
    left = initial("if (v < 1) { n = 1 } else if (v < 2) { n = 2 } else { n = 3 }")
    assert left.body == initial("if (v < 1) { n = 1 } else { if (v < 2) { n = 2 } else { n = 3 } }").body


@pytest.mark.parametrize(
    ("text", "constant", "factor"),
    [
        ("(w - n)/ek", "w/ek", "(-1)/ek"),
        ("w*(1 - n) - v*n", "w", "w*(-1) - v"),
        ("-n", None, "-1"),
        ("w", "w", None),
    ],
)
def test_linear_parts_are_the_source_with_terms_taken_out(text, constant, factor):
    def expression(source):
        statement = initial(f"w = {source}").body[0]
        assert isinstance(statement, sx.Assign)
        return statement.value

    def numbers(e):
        """-1 is written as a number."""
        if isinstance(e, sx.Unary) and isinstance(e.arg, sx.Num):
            return sx.Num(-e.arg.value)
        if isinstance(e, sx.Binary):
            return replace(e, left=numbers(e.left), right=numbers(e.right))
        return e

    found = linear_parts(expression(text), sx.Var("n"))
    wanted = tuple(None if one is None else numbers(expression(one)) for one in (constant, factor))
    assert found == wanted


def test_units_are_codata_2018():
    faraday = units.evaluate("faraday", {}).factor / units.evaluate("coulomb", {}).factor
    assert faraday == 96485.3321233100184
    gas = units.evaluate("k-mole", {}).factor / units.evaluate("joule/degC", {}).factor
    assert abs(gas - 8.314462618) < 1e-9
    assert units.evaluate("1-10 cm2/s", {}).factor == pytest.approx(1e-14)


REFUSALS = [
    ("VERBATIM\nfoo(1);\nENDVERBATIM\n", "x.mod:12  VERBATIM C code: foo(1);"),
    ("n = scop_random()\n", "random numbers"),
    ("net_send(1, 1)\n", "net_send"),
]


@pytest.mark.parametrize(("body", "message"), REFUSALS)
def test_statements_that_are_refused(body, message):
    with pytest.raises(Findings) as error:
        nmodl.translate(GOOD.replace("n = inf(v)\n", body), file="x.mod")
    assert message in str(error.value) and "x.mod:12" in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("RANGE g, w", "RANGE g, w\n BBCOREPOINTER g", "x.mod:6  BBCOREPOINTER g"),
        ("SUFFIX chan", "ARTIFICIAL_CELL chan", "BREAKPOINT without its SOLVE in an ARTIFICIAL_CELL"),
        ("METHOD cnexp", "METHOD sparse", "METHOD sparse"),
        ("SOLVE states METHOD cnexp", "CONDUCTANCE w", "x.mod:15  CONDUCTANCE w"),
        ("ik = g*n*(v - ek)", "CONDUCTANCE g\n ik = g*(v - ek)*(1 + v)", "x.mod:16  CONDUCTANCE g"),
        ("(inf(v) - n)/5", "n*(1 - n)", "polynomial in n"),
        ("FUNCTION inf", "NET_RECEIVE (w1) { n = 1 }\nFUNCTION inf", "NET_RECEIVE"),
        ("FUNCTION inf", "AFTER STEP { n = 1 }\nFUNCTION inf", "AFTER STEP  NEURON does not run it"),
        ("FUNCTION inf", "BEFORE STEP { n = 1 }\nBEFORE STEP { w = 1 }\nFUNCTION inf", "a second BEFORE STEP block"),
        ("SOLVE states METHOD cnexp", "SOLVE states STEADYSTATE cnexp", "STEADYSTATE cnexp"),
        ("SOLVE states METHOD cnexp", "SOLVE states STEADYSTATE derivimplicit", "STEADYSTATE derivimplicit"),
        ("n = inf(v)", "w = a[3]", "a[3]: the elements are 0 to 2"),
        ("(inf(v) - n)/5\n}", "-n\n z'[0] = 1\n}\nSTATE { z[2] }", "z' of an element of an array"),
        ("n = inf(v)", "n = 1 + p() }\nPROCEDURE p() { w = 1", "PROCEDURE p used as a value"),
        ("n = inf(v)", "LOCAL q n = q", "q is read before it is set"),
        ("inf = 1/", "w = 1/", "FUNCTION inf does not set its value"),
    ],
)
def test_files_that_are_refused(old, new, message):
    assert old in GOOD
    with pytest.raises(Findings) as error:
        nmodl.translate(GOOD.replace(old, new), file="x.mod")
    assert message in str(error.value) and "x.mod:" in str(error.value)


@pytest.mark.parametrize(
    ("method", "equation", "message"),
    [
        ("runge", "n' = (inf(v) - n)/t", "x.mod:18  t in states, which runge evaluates at other times"),
        ("runge", "w = w + 1  n' = -n", "x.mod:19  w depends on how often runge evaluates states"),
        ("derivimplicit", "w = w + 1  n' = -n", "x.mod:19  w depends on how often derivimplicit evaluates states"),
    ],
)
def test_solved_blocks_whose_result_depends_on_the_iteration(method, equation, message):
    text = GOOD.replace("METHOD cnexp", f"METHOD {method}").replace("n' = (inf(v) - n)/5", equation)
    with pytest.raises(Unsupported) as error:
        nmodl.translate(text, file="x.mod")
    assert message in str(error.value)


def test_all_findings_come_at_once():
    text = GOOD.replace("RANGE g, w", "RANGE g, w\n EXTERNAL q").replace("METHOD cnexp", "METHOD sparse")
    with pytest.raises(NmodlError) as error:
        nmodl.translate(text, file="x.mod")
    assert len(error.value.findings) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD[:250], "x.mod"),
        (GOOD.replace("(v - ek)", "(v - ek"), "syntax error"),
        ("", "the file is empty"),
        ("\0\1\2" * 50, "not a text file"),
        ("hello world", "x.mod:1"),
        (GOOD.replace("siemens", "siemenz"), "x.mod:7  unknown unit siemenz"),
        (GOOD.replace("g*n*", "gg*n*"), "x.mod:16  gg is not defined"),
        (GOOD.replace("inf(v) - n", "nif(v) - n"), "x.mod:19  nif is not defined"),
        (GOOD.replace("inf(v) - n", "inf(v, 1) - n"), "inf takes 1 argument(s), not 2"),
        (GOOD.replace("SOLVE states", "SOLVE state"), "there is no such block"),
        (
            GOOD.replace("STATE { n }", "STATE { n y }"),
            "x.mod:10  STATE y, whose START value has the name of C's function y0",
        ),
        (GOOD.replace("a[3] }", "a[3] and }"), "x.mod:9  and is a word of C++"),
    ],
)
def test_wrong_texts_are_named(text, message):
    with pytest.raises(NmodlError) as error:
        nmodl.translate(text, file="x.mod")
    assert message in str(error.value)


def test_wrong_and_refused_come_together():
    text = GOOD.replace("METHOD cnexp", "METHOD sparse").replace("siemens", "siemenz")
    with pytest.raises(NmodlError) as error:
        nmodl.translate(text, file="x.mod")
    assert [each.place for each in error.value.findings] == ["x.mod:7", "x.mod:15"]


@pytest.mark.parametrize(
    ("old", "new", "note"),
    [
        ("inf = 1/(1 + exp(-x/10))", "if (x > 3) { inf = 2 }", "x.mod:21: inf is not set on every path"),
        ("n = inf(v)", "LOCAL q if (v > 3) { q = 2 } n = q", "x.mod:12: q is not set on every path"),
        ("n = inf(v)", "w = n n = inf(v)", "x.mod:12: n is read before INITIAL sets it: as its START value, n0"),
    ],
)
def test_what_may_be_meant_otherwise_is_noted(old, new, note):
    assert not nmodl.translate(GOOD, file="x.mod").notes
    assert note in " ".join(nmodl.translate(GOOD.replace(old, new), file="x.mod").notes)


def test_what_one_procedure_sets_and_another_reads_is_handed_on():
    code = "ASSIGNED { q }\nPROCEDURE set() { q = v*2 }\nPROCEDURE use() { w = q }\nFUNCTION inf"
    found = nmodl.translate(GOOD.replace("n = inf(v)", "set() use()").replace("FUNCTION inf", code), file="x.mod")
    assert "    q = set(v)  # x.mod:12\n    w = use(q)  # x.mod:12\n" in found.python


def test_a_default_has_the_six_digits_that_neurons_translator_writes():
    text = GOOD.replace("g = 0.1", "g = 0.123456789").replace("STATE { n }", "STATE { n START 0.3333333333 }")
    found = nmodl.translate(text.replace("n = inf(v)", "w = n"), file="x.mod").python
    assert "default=0.123457" in found and "    n = 0.333333  # x.mod:" in found


def test_comments_may_hold_any_character():
    assert nmodl.translate(GOOD + "COMMENT\nein Kanal für µm\nENDCOMMENT\n", file="x.mod").name == "chan"


def test_one_bad_text_does_not_spoil_the_others():
    found = nmodl.translate_all([(GOOD, "a.mod"), ("nonsense", "b.mod"), (GOOD, "c.mod")])
    assert [type(one).__name__ for one in found] == ["Translation", "NmodlError", "Translation"]


def test_a_stored_translation_is_used_and_a_damaged_one_is_not(tmp_path, monkeypatch):
    monkeypatch.setenv("JXNEURON_CACHE", str(tmp_path))
    first = nmodl.translate(GOOD, file="x.mod")
    stored = next((tmp_path / "nmodl").glob("*.json"))
    monkeypatch.setattr(compiler, "read_syntax", lambda text, file: pytest.fail("parsed again"))
    assert nmodl.translate(GOOD, file="x.mod") == first
    monkeypatch.undo()
    monkeypatch.setenv("JXNEURON_CACHE", str(tmp_path))
    stored.write_text("{ damaged")
    assert nmodl.translate(GOOD, file="x.mod") == first


def test_findings_in_included_text_name_its_own_file_and_line(tmp_path):
    (tmp_path / "rates.inc").write_text("COMMENT\nrates\nENDCOMMENT\nFUNCTION inf(x) {\n inf = wrong(x)\n}\n")
    path = tmp_path / "x.mod"
    head, _, tail = GOOD.partition("FUNCTION inf")
    path.write_text(head + 'INCLUDE "rates.inc"\n' + tail.partition("}\n")[2] + "FUNCTION g2() {\n g2 = 2\n}\n")
    text = read_text(path)
    with pytest.raises(NmodlError) as error:
        nmodl.translate(text, file="x.mod")
    assert "rates.inc:5  wrong is not defined" in str(error.value)
    good = text.replace("wrong", "exp")
    python = nmodl.translate(good, file="x.mod").python
    assert "n = cnexp(" in python and "# rates.inc:5" in python
    with pytest.raises(NmodlError, match=r"x\.mod:23"):
        nmodl.translate(good.replace("g2 = 2", "g2 = = 1"), file="x.mod")


def test_an_included_file_that_is_missing_or_includes_itself_is_named(tmp_path):
    path = tmp_path / "x.mod"
    path.write_text(GOOD + 'INCLUDE "none.inc"\n')
    with pytest.raises(NmodlError, match=r'x\.mod:24  INCLUDE "none\.inc": there is no such file'):
        read_text(path)
    (tmp_path / "none.inc").write_text('INCLUDE "none.inc"\n')
    with pytest.raises(NmodlError, match=r"none\.inc:1 .* includes itself"):
        read_text(path)


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-m", "jxneuron.nmodl", *arguments]
    return subprocess.run(call, capture_output=True, text=True, check=False)


def test_the_command_prints_python_and_tells_errors_without_a_traceback(tmp_path):
    good, bad = tmp_path / "good.mod", tmp_path / "bad.mod"
    good.write_text(GOOD)
    bad.write_text(GOOD.replace("METHOD cnexp", "METHOD sparse"))
    ran = command(str(good))
    assert ran.returncode == 0 and "MECHANISM = Mechanism(" in ran.stdout
    ran = command(str(bad))
    assert ran.returncode == 1 and "bad.mod:15" in ran.stderr and "Traceback" not in ran.stderr
    ran = command(str(tmp_path / "none.mod"))
    assert ran.returncode == 1 and "cannot be read" in ran.stderr and "Traceback" not in ran.stderr


KINETIC = """
NEURON { SUFFIX x  NONSPECIFIC_CURRENT i }
PARAMETER { g = 1 }
ASSIGNED { v i w }
STATE { n m }
BREAKPOINT {
    SOLVE scheme METHOD sparse
    f(v)
    i = g*n
}
KINETIC scheme {
    ~ n <-> m (0.1, 0.2)
    CONSERVE n + m = 1
}
PROCEDURE f(u) {
    TABLE w FROM -100 TO 100 WITH 200
    w = u
}
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("CONSERVE n", "CONSERVE n + m = 2\n CONSERVE n", "x.mod:14  CONSERVE of a sum that is conserved"),
        ("CONSERVE n + m = 1", "CONSERVE w = 1", "x.mod:13  w in CONSERVE is no STATE"),
        ("FROM -100 TO 100", "FROM 3 TO 3", "x.mod:16  TABLE of f has no width"),
        ("WITH 200", "WITH 0", "x.mod:16  TABLE of f has no width, or no interval"),
        ("w = u", "w = u + f(u)", "f calls itself"),
        ("w = u", "w = u\n SOLVE f", "f solves itself"),
        ("KINETIC scheme {", "KINETIC scheme {\n if (v > 0) { ~ n <-> m (1, 1) }\n", "inside IF"),
        ("SOLVE scheme METHOD sparse", "SOLVE scheme METHOD sparse\n n'' = 3", "x.mod"),
    ],
)
def test_systems_that_cannot_be_solved_are_named(old, new, message):
    assert old in KINETIC and nmodl.translate(KINETIC, file="x.mod")
    with pytest.raises((Unsupported, NmodlError)) as error:
        nmodl.translate(KINETIC.replace(old, new), file="x.mod")
    assert message in str(error.value)


def test_a_thousand_findings_stand_by_line_and_are_counted():
    text = GOOD.replace("n = inf(v)\n", "".join(f"n = z{k}\n" for k in range(1000)))
    with pytest.raises(NmodlError) as error:
        nmodl.translate(text, file="x.mod")
    assert len(error.value.findings) == 1000
    lines = [int(each.place.rpartition(":")[2]) for each in error.value.findings]
    assert lines == sorted(lines)
    assert str(error.value).splitlines()[-1] == "and 940 more (.findings holds all of them)"


@pytest.mark.parametrize(("word", "once"), [("THREADSAFE", True), ("", False)])
def test_conductance_counts_in_thread_safe_mechanisms_only(word, once):
    """nocmodl passes over the statement elsewhere (c_out_vectorize in noccout.cpp), so that BREAKPOINT runs twice."""
    text = (
        f"NEURON {{ SUFFIX x NONSPECIFIC_CURRENT i RANGE g GLOBAL count {word} }}\nPARAMETER {{ g = 1e-3 }}\n"
        "ASSIGNED { v i count }\nBREAKPOINT { CONDUCTANCE g\n count = count + 1  i = g*v }\n"
    )
    assert (f"linear_in_v={once}" in nmodl.translate(text, file="x.mod").python) is True
