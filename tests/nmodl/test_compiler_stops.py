"""Texts that nocmodl takes and whose C++ the compiler does not are wrong, with their line; their neighbours are not."""

from __future__ import annotations

import pytest

from jxneuron import nmodl
from jxneuron.errors import Findings, NmodlError, Unsupported
from jxneuron.mech.generated import load
from jxneuron.nmodl import Translation
from tests.nmodl.test_against_nocmodl import nocmodl
from validation import oracle

HEAD = "NEURON { SUFFIX x RANGE a }\nASSIGNED { a }\n"
EQUATION = "STATE { m }\nBREAKPOINT { SOLVE %s METHOD cnexp }\nDERIVATIVE %s { m' = -m }\n"
SOLVED = "DERIVATIVE d { m' = -m }\nPROCEDURE p() { a = 1 }\n"
# The text behind HEAD, and the line and beginning of what is said
STOPS = {
    "a constant that is a word of C++": ("CONSTANT { int = 1 }\n", "3  constant int is a word of C++"),
    "a function that is a word of C++": ("FUNCTION auto(x) { auto = x }\n", "3  FUNCTION auto is a word of C++"),
    "a word of C++": ("PARAMETER { for = 1 }\n", "3  for is a word of C++"),
    "an infinite value": ("PARAMETER { g = 1e309 }\n", "3  the value of g is too large"),
    "an infinite integer": ("PARAMETER { g = -1" + "0" * 400 + " }\n", "3  the value of g is too large"),
    "an infinite integer, and a name": ("PARAMETER { g = 1" + "0" * 400 + "b }\n", "3  the value of g is too large"),
    "an infinite limit of what an ion sets": (
        "NEURON { USEION k READ ek }\nPARAMETER { ek = 1 <0, 1e309> }\n", "4  a limit of ek is too large",
    ),
    "a large limit": ("PARAMETER { g = 1 <0, 3.5e38> }\n", "3  a limit of g is too large"),
    "a factor of UNITS twice": (
        "UNITS { F = (faraday) (coulomb)\n F = (faraday) (coulomb) }\n", "4  constant F is defined twice",
    ),
    "an infinite START": ("STATE { m START 1e309 }\n", "3  the value of m is too large"),
    "area as a constant": ("CONSTANT { area = 2 }\n", "3  area is NEURON's own, and a constant"),
    "secondorder as a factor": ("UNITS { secondorder = 2 (1) }\n", "3  secondorder is NEURON's own, and a constant"),
    "celsius as a STATE": ("STATE { celsius }\n", "3  celsius is NEURON's own, and a STATE"),
    "diam as a PROCEDURE": ("PROCEDURE diam() { a = 1 }\n", "3  PROCEDURE diam has the name of NEURON's variable"),
    "dt as a DERIVATIVE": (EQUATION % ("dt", "dt"), "5  DERIVATIVE dt has the name of NEURON's variable"),
    "a variable of a TABLE that is not declared": (
        "PROCEDURE f(x) { TABLE a, b FROM 0 TO 1 WITH 9\n a = x }\n", "3  b in the TABLE of f is not defined",
    ),
    "a bound of a TABLE that is not declared": (
        "PROCEDURE f(x) { TABLE a FROM 0 TO nan WITH 9\n a = x }\n", "3  nan in the TABLE of f is not defined",
    ),
    "a procedure in DEPEND": (
        "PROCEDURE f(x) { TABLE a DEPEND f FROM 0 TO 1 WITH 9\n a = x }\n", "3  f in the TABLE of f is a PROCEDURE",
    ),
    "a DERIVATIVE that solves itself": (
        "STATE { m }\nDERIVATIVE d { SOLVE d METHOD cnexp\n m' = -m }\n", "4  d solves itself",
    ),
    "an array in DEPEND": (
        "ASSIGNED { c[4] }\nPROCEDURE f(x) { TABLE a DEPEND c FROM 0 TO 1 WITH 9\n a = x + c[1] }\n",
        "4  c in the TABLE of f is an array in DEPEND",
    ),
    "a file's LOCAL behind its use": (
        "PROCEDURE f(x) {\n a = b }\nLOCAL b\n", "4  b is used before the LOCAL that declares it",
    ),
    "a file's LOCAL behind a TABLE": (
        "PROCEDURE f(x) { TABLE a FROM 0 TO b WITH 9\n a = x }\nLOCAL b\n", "3  b is used before the LOCAL",
    ),
    "v as a FUNCTION": ("FUNCTION v(x) { v = x }\n", "3  FUNCTION v has the name of NEURON's variable"),
    "a function without arguments": ("INITIAL { a = exp }\n", "3  exp is a function and is used as a variable"),
    "a function of C in a thread-safe file": ("INITIAL { a = fmin(2, 3) }\n", "3  fmin, to which"),
    "a flux outside KINETIC": ("INITIAL { a = f_flux }\n", "3  f_flux is not defined"),
    "a name that only an unused block has": ("PROCEDURE p() { a = q }\n", "3  q is not defined"),
    "a return with a value": ("INITIAL {\nVERBATIM\nreturn 0;\nENDVERBATIM\n}\n", "4  return with a value in INITIAL"),
    "a return without a value": (
        "INITIAL { p() }\nPROCEDURE p() {\nVERBATIM\nreturn;\nENDVERBATIM\n}\n",
        "5  return without a value in PROCEDURE",
    ),
    "an ion's variable that is not declared": ("NEURON { USEION k READ ek }\n", "3  ek is not declared"),
    "a current that is not declared": (
        "NEURON { NONSPECIFIC_CURRENT i }\nBREAKPOINT { i = 1 }\n", "3  i is not declared",
    ),
    "a PROCEDURE solved last": (
        "STATE { m }\nBREAKPOINT {\n SOLVE d METHOD cnexp\n SOLVE p }\n" + SOLVED,
        "6  this SOLVE after one that integrates",
    ),
    "a unit divided by 0": ("UNITS { g = (1|0 m) (m) }\n", "3  a unit is divided by 0"),
    "what one of two INITIALs has of its own": (
        "INITIAL { LOCAL q q = 2 }\nINITIAL { a = q }\n", "4  q is not defined",
    ),
}  # fmt: skip
TAKEN = {
    "a function of C where VERBATIM stands": "INITIAL {\nVERBATIM\nENDVERBATIM\n a = fmin(2, 3) }\n",
    "a variable called like C's function": "PARAMETER { abs = 2 }\nINITIAL { a = abs }\n",
    "a PROCEDURE solved first": "STATE { m }\nBREAKPOINT { SOLVE p SOLVE d METHOD cnexp }\n" + SOLVED,
    "an unknown unit beside a number": "UNITS { g = 8.3 (joule/degK) }\nINITIAL { a = g }\n",
    "a factor between units of two kinds": "UNITS { g = (m) (s) }\nINITIAL { a = g }\n",
    "an early return": "INITIAL {\nVERBATIM\nreturn;\nENDVERBATIM\n}\n",
    "two INITIALs": "INITIAL { LOCAL q q = 2 a = q }\nINITIAL { LOCAL q q = a a = 2*q }\n",
    "a macro of no name in NMODL": "VERBATIM\n#define TWICE(x) \\\n 2*x\nENDVERBATIM\n",
    "a large value": "PARAMETER { g = 1e308 <-3.4e38, 3.4e38> }\n",
    "an infinite value that NEURON sets": "PARAMETER { celsius = 1e309 }\n",
    "an infinite constant": "CONSTANT { g = 1e309 }\nINITIAL { a = g }\n",
    "an infinite number in code": "INITIAL { a = 1e309*2 }\n",
    "an infinite integer in code": "INITIAL { a = 1" + "0" * 400 + " * 6.43 }\n",
    "area and diam without a declaration": "INITIAL { a = area*diam }\n",
    "diam as a FUNCTION": "FUNCTION diam(x) { diam = x }\n",
    "dt as an argument": "FUNCTION f(dt) { f = dt }\n",
    "area as a LOCAL": "INITIAL { LOCAL area area = 2 a = area }\n",
    "a unit's number that 32 bits do not hold": (
        "UNITS { (molar) = (-2147483649/liter) (mM) = (millimolar) }\nINITIAL { a = 1 }\n"
    ),
    "units of signs only": "UNITS { (/) = (1) (() = (1) }\n",
    "a TABLE of what is known": (
        "DEFINE N 3\nCONSTANT { c = 2 }\nLOCAL b\nASSIGNED { d }\n"
        "PROCEDURE f(x) { TABLE a, b DEPEND d, celsius FROM -c TO exp(N) WITH 9\n a = x b = d }\n"
    ),
    "a LOCAL of a block, and behind it one of the file": "INITIAL { LOCAL b\n b = 1 a = b }\nLOCAL b\n",
    "a file's LOCAL behind a KINETIC that nothing solves": "STATE { m }\nKINETIC d { ~ m << (b) }\nLOCAL b\n",
    "an apostrophe in a unit": "NEURON { RANGE b }\nASSIGNED { b (m' s) }\n",
    "a replaced character in a COMMENT": "COMMENT\n \ufffd\nENDCOMMENT\n",
}


@pytest.fixture(scope="module")
def found() -> dict[str, tuple[oracle.Answer, Translation | Findings]]:
    """What NEURON's tools and ours say of every text."""
    texts = {name: HEAD + text for name, (text, _) in STOPS.items()} | {
        name: HEAD + text for name, text in TAKEN.items()
    }
    theirs = oracle.ask([oracle.Source("x.mod", text.encode()) for text in texts.values()])
    ours = nmodl.translate_all([(text, "x.mod") for text in texts.values()])
    return dict(zip(texts, zip(theirs, ours, strict=True), strict=True))


@pytest.mark.parametrize("name", STOPS)
def test_what_the_compiler_stops_at_is_wrong(name, found):
    theirs, ours = found[name]
    assert theirs.stopped == "compiler"
    assert isinstance(ours, NmodlError)
    assert f"x.mod:{STOPS[name][1]}" in str(ours)
    assert all(finding.way_out for finding in ours.findings)


@pytest.mark.parametrize("name", TAKEN)
def test_its_neighbour_is_taken_by_all(name, found):
    theirs, ours = found[name]
    assert theirs.builds
    assert isinstance(ours, Translation), ours


def test_integers_beyond_32_bits_keep_their_values(tmp_path):
    """The grammar alone would wrap them."""
    numbers = ("2147483647", "2147483648", "99999999999", "00000000000001", "1234567890123")
    values = " ".join(f"g{k} = {number} <0, {number}>" for k, number in enumerate(numbers))
    sums = " ".join(f"a = a + {number}" for number in numbers)
    text = HEAD + f"PARAMETER {{ {values} }}\nINITIAL {{ a = 0 {sums} }}\n"
    emitted, ours = nocmodl(text, tmp_path), nmodl.translate(text, file="x.mod").python
    assert emitted is not None
    fields = load(ours).by_name
    for k, number in enumerate(numbers):
        value = float(number)
        assert f"a = a + {number}.0" in emitted and f"g{k} = {value:g};" in emitted
        assert f"a = a + {value!r}" in ours and fields[f"g{k}"].upper == value
        assert fields[f"g{k}"].default == float(f"{value:g}")


def test_texts_that_end_a_text_of_c_are_refused(tmp_path):
    """Some build and some do not, by what stands between the quotes."""
    for unit in ('m"', 'm""s', "m\\", "m\\q"):
        with pytest.raises(Unsupported, match=r"x.mod:3  the unit of b holds a quote or a backslash"):
            nmodl.translate(HEAD + f"PARAMETER {{ b = 1 ({unit}) }}\n", file="x.mod")


def test_a_unit_with_quotes_is_written_as_python():
    found = nmodl.translate(HEAD + "NEURON { RANGE b }\nASSIGNED { b (m' s) }\n", file="x.mod")
    assert 'unit="m\' s"' in found.python
    compile(found.python, "x.py", "exec")


@pytest.mark.parametrize(
    "lines",
    [
        "#else\n#endif", "#ifdef A\n#else\n#else\n#endif", "#ifdef\n#endif", "#if\n#endif", "#include stdio.h",
        "#include <stdio.h", "#ifndef A\n#elif\n#endif", "#elif A\n#endif", "#ndef A", "#ifdef A",
    ],
)  # fmt: skip
def test_preprocessor_lines_that_are_not_whole_are_not_taken_for_nothing(lines: str):
    for text in (f"VERBATIM\n{lines}\nENDVERBATIM\n", f"INITIAL {{\nVERBATIM\n{lines}\nENDVERBATIM\n}}\n"):
        with pytest.raises(Findings):
            nmodl.translate(HEAD + text, file="x.mod")


@pytest.mark.parametrize("lines", ["#ifdef A\n#elif B\n#else\n#endif", "#if A\n#if B\n#else\n#endif\n#else\n#endif"])
def test_whole_preprocessor_lines_are_nothing(lines: str):
    assert nmodl.translate(f"{HEAD}INITIAL {{\nVERBATIM\n{lines}\nENDVERBATIM\n}}\n", file="x.mod").name == "x"
