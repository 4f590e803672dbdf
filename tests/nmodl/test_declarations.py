"""Texts that NEURON's translator stops at: each is named here too, with its line."""

from __future__ import annotations

import re

import pytest

from jxneuron import nmodl
from jxneuron.errors import Findings
from jxneuron.nmodl import Translation
from tests.nmodl.test_against_nocmodl import nocmodl

HEAD = """NEURON { SUFFIX x NONSPECIFIC_CURRENT i RANGE a }
ASSIGNED { v i a }
STATE { m n }
INITIAL { m = 1 }
"""
PLAIN = "BREAKPOINT { i = v }\n"
SOLVED = "BREAKPOINT { SOLVE d METHOD cnexp\n i = v }\n"
CALLED = "BREAKPOINT { f(v) i = v }\n"
# What is wrong, the text behind HEAD, and the line and beginning of what is said
STOPS = {
    "a name twice in ASSIGNED": ("ASSIGNED { q q }\n" + PLAIN, "5  q is declared in ASSIGNED (line 5) and in ASSIGNED"),
    "v in PARAMETER too": ("PARAMETER { v }\n" + PLAIN, "5  v is declared in ASSIGNED (line 2) and in PARAMETER"),
    "a STATE in PARAMETER": ("PARAMETER { m = 1 }\n" + PLAIN, "5  m is declared in STATE (line 3) and in PARAMETER"),
    "t": ("ASSIGNED { t (ms) }\n" + PLAIN, "5  t is declared"),
    "a START value in ASSIGNED": ("ASSIGNED { m0 }\n" + PLAIN, "5  m0 is the START value of a STATE"),
    "a CONSTANT in PARAMETER": ("CONSTANT { g = 1 }\nPARAMETER { g = 2 }\n" + PLAIN, "6  g is a constant (line 5)"),
    "a factor of UNITS in PARAMETER": (
        "UNITS { F = (faraday) (coulomb) }\nPARAMETER { F = 3 }\n" + PLAIN, "6  F is a constant (line 5)",
    ),
    "a variable called exp": ("PARAMETER { exp = 2 }\n" + PLAIN, "5  exp is a function of NMODL"),
    "a unit with two meanings": (
        "UNITS { (mV) = (millivolt) (mV) = (volt) }\n" + PLAIN,
        "5  unit (mV) is defined twice, as (millivolt) and as (volt)",
    ),
    "a unit of NEURON's own": ("UNITS { (mole) = (1) }\n" + PLAIN, "5  unit (mole) = (1) is in NEURON's own table"),
    "an ion twice": (
        "NEURON { USEION k READ ek\n USEION k WRITE ik }\nASSIGNED { ek ik }\nBREAKPOINT { i = v ik = v - ek }\n",
        "6  a second USEION k",
    ),
    "no variable of an ion": ("NEURON { USEION k READ foo }\n" + PLAIN, "5  foo is no variable of the ion k"),
    "a POINTER that is not declared": ("NEURON { POINTER q }\nBREAKPOINT { i = v*q }\n", "5  POINTER q is not"),
    "an array of nothing": ("ASSIGNED { b[0] }\n" + PLAIN, "5  b is an array of no elements"),
    "an index of no array": ("BREAKPOINT { a[1] = 2 i = v*a }\n", "5  a[1]: a is no array"),
    "DEFINE twice": ("DEFINE N 2\nDEFINE N 3\n" + PLAIN, "6  N is DEFINEd twice"),
    "a FUNCTION twice": (
        "BREAKPOINT { i = v*f(1) }\nFUNCTION f(x) { f = x }\nFUNCTION f(x) { f = 2*x }\n", "7  a second block f",
    ),
    "a FUNCTION called like a variable": (
        "PARAMETER { f = 1 }\nBREAKPOINT { i = v*f(1) }\nFUNCTION f(x) { f = x }\n", "7  FUNCTION f has the name",
    ),
    "a FUNCTION called like one of NMODL": (
        "BREAKPOINT { i = exp(v) }\nFUNCTION exp(x) { exp = x }\n", "6  FUNCTION exp is a function of NMODL",
    ),
    "a block called like a STATE": (
        "BREAKPOINT { SOLVE m METHOD cnexp\n i = v }\nDERIVATIVE m { m' = 1 }\n", "7  DERIVATIVE m has the name",
    ),
    "two DERIVATIVE blocks": (
        SOLVED + "DERIVATIVE d { m' = -m }\nDERIVATIVE e { n' = -n }\n", "8  a second DERIVATIVE block, e",
    ),
    "a DERIVATIVE without equations": (
        SOLVED + "DERIVATIVE e { a = 1 }\nDERIVATIVE d { m' = -m }\n", "7  DERIVATIVE e without an equation",
    ),
    "a TABLE in BREAKPOINT": ("BREAKPOINT { TABLE a FROM 0 TO 1 WITH 2\n i = v }\n", "5  TABLE in BREAKPOINT"),
    "a TABLE of two arguments": (
        "BREAKPOINT { f(v, 2) i = v }\nPROCEDURE f(x, y) { TABLE a FROM 0 TO 1 WITH 2\n a = x }\n",
        "6  TABLE of f, which has 2 arguments",
    ),
    "a TABLE of no argument": (
        "BREAKPOINT { f() i = v }\nPROCEDURE f() { TABLE a FROM 0 TO 1 WITH 2\n a = 2 }\n", "6  TABLE of f, which",
    ),
    "a TABLE of a FUNCTION with names": (
        "BREAKPOINT { i = f(v) }\nFUNCTION f(x) { TABLE a FROM 0 TO 1 WITH 2\n f = 2 a = 3 }\n",
        "6  TABLE of the FUNCTION f with names",
    ),
    "a TABLE of a PROCEDURE without names": (
        CALLED + "PROCEDURE f(x) { TABLE FROM 0 TO 1 WITH 2\n a = 2 }\n", "6  TABLE of the PROCEDURE f without names",
    ),
    "LONGITUDINAL_DIFFUSION without COMPARTMENT": (
        SOLVED.replace("cnexp", "sparse") + "KINETIC d { LONGITUDINAL_DIFFUSION 1 { m }\n ~ m <-> n (1,1) }\n",
        "7  LONGITUDINAL_DIFFUSION of m, which has no COMPARTMENT",
    ),
    "a long line": ("BREAKPOINT { i = v" + " " * 493 + "}\n", "5  a line of 512 characters"),
    "a long comment": (": " + "x" * 510 + "\n" + PLAIN, "5  a line of 512 characters"),
    "a long line of a COMMENT": ("COMMENT\n" + "x" * 512 + "\nENDCOMMENT\n" + PLAIN, "6  a line of 512 characters"),
}  # fmt: skip
# The same with one thing changed, which both take
TAKEN = {
    "a long line": "BREAKPOINT { i = v" + " " * 492 + "}\n",
    "a long comment": ": " + "x" * 509 + "\n" + PLAIN,
    "a long line of other letters": "COMMENT\n" + "\u00b5" * 512 + "\nENDCOMMENT\n" + PLAIN,
    "a constant twice": "CONSTANT { g = 1 g = 2 }\n" + PLAIN,
    "a LOCAL called like a PARAMETER": "PARAMETER { g = 1 }\nBREAKPOINT { LOCAL g g = 2 i = v*g }\n",
    "KINETIC and DERIVATIVE": SOLVED + "DERIVATIVE d { m' = -m }\nKINETIC e { ~ n << (1) }\n",
    "two LINEAR blocks": "BREAKPOINT { SOLVE d\n SOLVE e\n i = v }\nLINEAR d { ~ m = 2 }\nLINEAR e { ~ n = 2 }\n",
    "a FUNCTION called like the mechanism": "BREAKPOINT { i = x(v) }\nFUNCTION x(y) { x = y }\n",
    "a unit beside one of NEURON's": "UNITS { (mM) = (milli/liter) (um) = (micron) }\n" + PLAIN,
    "RANGE twice": "NEURON { RANGE a, a }\n" + PLAIN,
}


@pytest.fixture(scope="module")
def found() -> dict[str, Translation | Findings]:
    """What ours says of every text, from one worker."""
    texts = {f"stops: {name}": text for name, (text, _) in STOPS.items()}
    texts |= {f"taken: {name}": text for name, text in TAKEN.items()}
    return dict(zip(texts, nmodl.translate_all([(HEAD + text, "x.mod") for text in texts.values()]), strict=True))


@pytest.mark.parametrize("name", STOPS)
def test_what_nocmodl_stops_at_is_named(name, found, tmp_path):
    text, said = STOPS[name]
    assert nocmodl(HEAD + text, tmp_path) is None
    refusal = found[f"stops: {name}"]
    assert isinstance(refusal, Findings)
    assert f"x.mod:{said}" in str(refusal), str(refusal)
    assert all(finding.way_out for finding in refusal.findings)


@pytest.mark.parametrize("name", TAKEN)
def test_its_neighbour_is_taken_by_both(name, found, tmp_path):
    assert nocmodl(HEAD + TAKEN[name], tmp_path) is not None
    assert isinstance(found[f"taken: {name}"], Translation), found[f"taken: {name}"]


def test_a_sum_as_a_rate_is_refused_as_nocmodl_loses_its_parentheses(tmp_path):
    """Its C multiplies the last term alone by the species; with parentheses in the text it is right."""
    text = HEAD + "BREAKPOINT { SOLVE d METHOD sparse\n i = v }\nKINETIC d { ~ m <-> n (a + 2, 1) }\n"
    emitted = nocmodl(text, tmp_path)
    assert emitted is not None and re.search(r"f_flux =\s+a \+ 2\.0 \* m", emitted)
    with pytest.raises(Findings, match=r"x.mod:7  a rate that is a sum"):
        nmodl.translate(text, file="x.mod")
    bracketed = text.replace("(a + 2, 1)", "((a + 2), 1)")
    emitted = nocmodl(bracketed, tmp_path)
    assert emitted is not None and re.search(r"f_flux =\s+\( a \+ 2\.0 \) \* m", emitted)
    assert nmodl.translate(bracketed, file="x.mod").name == "x"
