"""Names used as what they are not: called wrong where NEURON's translator or the C++ compiler stops, and only there."""

from __future__ import annotations

import pytest

from jxneuron import nmodl
from jxneuron.errors import Findings, NmodlError
from jxneuron.nmodl import Translation
from validation import oracle
from validation.oracle import Answer

HEAD = """NEURON { SUFFIX x RANGE q }
ASSIGNED { q r[3] w }
STATE { m n s[2] }
FUNCTION f(a) { f = 2*a }
PROCEDURE p(a) { w = a }
"""
SOLVED = "BREAKPOINT { SOLVE k METHOD sparse }\nKINETIC k { ~ m <-> n (1, 2)\n ~ s[0] <-> s[1] (1, 1)\n %s }\n"
UNUSED = "PROCEDURE unused(a) { %s }\n"
TABLED = "PROCEDURE o(a) { LOCAL b\n TABLE %s FROM %s TO 1 WITH 3\n b = a q = b }\n"
C_CODE = "VERBATIM\nextern double c;\nENDVERBATIM\n"
# What is wrong, the text behind HEAD, and the line and beginning of what is said
STOPS = {
    "a PROCEDURE read": ("INITIAL { q = p }\n", "6  p is a PROCEDURE and is used as a variable"),
    "a PROCEDURE assigned": ("INITIAL { p = 1 }\n", "6  p is a PROCEDURE"),
    "a FUNCTION read": ("INITIAL { q = f }\n", "6  f is a FUNCTION"),
    "a FUNCTION assigned elsewhere": ("INITIAL { f = 1 }\n", "6  f is a FUNCTION"),
    "a PROCEDURE inside itself": ("PROCEDURE o() { q = o }\n", "6  o is a PROCEDURE"),
    "a DERIVATIVE read": (
        "BREAKPOINT { SOLVE d METHOD cnexp\n q = d }\nDERIVATIVE d { m' = -m }\n",
        "7  d is a DERIVATIVE",
    ),
    "NMODL's function read": ("INITIAL { q = sin }\n", "6  sin is a function"),
    "NMODL's function assigned": ("INITIAL { sin = 1 }\n", "6  sin is a function"),
    "NEURON's function read": ("INITIAL { q = net_send }\n", "6  net_send is a function"),
    "an array assigned": (UNUSED % "r = 1", "6  r is an array"),
    "an array read": (UNUSED % "q = r", "6  r is an array"),
    "an array handed over": (UNUSED % "q = f(r)", "6  r is an array"),
    "a current written twice": (
        "NEURON { USEION k WRITE ik, ik }\nASSIGNED { ik }\nBREAKPOINT { ik = 1 }\n",
        "6  the current ik is written twice in USEION k",
    ),
    "a diffusing ASSIGNED": (
        SOLVED % "COMPARTMENT 1 { q } LONGITUDINAL_DIFFUSION 1 { q }",
        "8  LONGITUDINAL_DIFFUSION of q, which is no STATE",
    ),
    "a diffusing LOCAL": (
        SOLVED.replace("{ ~ m", "{ LOCAL o\n ~ m") % "COMPARTMENT 1 { o } LONGITUDINAL_DIFFUSION 1 { o }",
        "9  LONGITUDINAL_DIFFUSION of o, which is no STATE",
    ),
    "a diffusing name that nothing declares": (
        SOLVED % "COMPARTMENT 1 { m o } LONGITUDINAL_DIFFUSION 1 { m o }",
        "8  LONGITUDINAL_DIFFUSION of o, which is no STATE",
    ),
    "an array that reacts": (SOLVED % "~ s <-> n (1, 1)", "9  s is an array"),
    "an index of a variable": (UNUSED % "q[2] = 1", "6  q[2]: q is no array"),
    "t assigned": (UNUSED % "t = 1", "6  t belongs to NEURON"),
    "dt assigned": (UNUSED % "dt = 1", "6  dt belongs to NEURON"),
    "celsius assigned": (UNUSED % "celsius = 1", "6  celsius belongs to NEURON"),
    "the slope of a variable": ("DERIVATIVE d { q' = 1 }\n", "6  q' although q is no STATE"),
    "the slope of nothing": (
        "BREAKPOINT { SOLVE d METHOD cnexp }\nDERIVATIVE d { o' = 1 }\n",
        "7  o' although o is no STATE",
    ),
    "the slope of a variable read": (UNUSED % "w = q'", "6  q' although q is no STATE"),
    "a power in an equation": ("DERIVATIVE d { m' = -m^2 }\n", "6  ^ in the equation of m'"),
    "CONSERVE of a variable": (SOLVED % "CONSERVE m + q = 1", "9  q in CONSERVE is no STATE"),
    "CONSERVE of elements": (SOLVED % "CONSERVE s[0] + s[1] = 1", "9  CONSERVE of nothing but elements"),
    "CONSERVE in a PROCEDURE": (UNUSED % "CONSERVE m + n = 1", "6  CONSERVE in PROCEDURE unused"),
    "COMPARTMENT in a PROCEDURE": (UNUSED % "COMPARTMENT 2 {m}", "6  COMPARTMENT in PROCEDURE unused"),
    "net_send in a PROCEDURE": (UNUSED % "net_send(1, 2)", "6  net_send in PROCEDURE unused"),
    "SOLVE of nothing": (UNUSED % "SOLVE o", "6  SOLVE o: there is no such block"),
    "an argument twice": ("PROCEDURE o(a, a) { q = a }\n", "6  a is two things of PROCEDURE o"),
    "an argument that is LOCAL": ("PROCEDURE o(a) { LOCAL a\n q = a }\n", "6  a is two things"),
    "a LOCAL twice": ("PROCEDURE o(a) { LOCAL b, b\n q = a }\n", "6  b is two things"),
    "a FUNCTION's value as argument": ("FUNCTION o(o) { o = 1 }\n", "6  o is two things of FUNCTION o"),
    "a FUNCTION's value as LOCAL": ("FUNCTION o(a) { LOCAL o\n o = a }\n", "6  o is two things"),
    "a text": (UNUSED % 'p("text")', "6  a text handed over to p"),
    "nothing read": (UNUSED % "q = o", "6  o is not defined"),
    "nothing assigned": (UNUSED % "o = q", "6  o is not defined"),
    "nothing called": (UNUSED % "q = o(1)", "6  o is not defined"),
    "nothing in a slope": ("DERIVATIVE d { m' = -o }\n", "6  o is not defined"),
    "a loop's index behind it": (UNUSED % "FROM i = 0 TO 2 { q = i } q = i", "6  i is not defined"),
    "a LOCAL behind its braces": (UNUSED % "IF (a > 1) { LOCAL b b = 2 q = b } q = b", "6  b is not defined"),
    "a flux": (UNUSED % "q = f_flux", "6  f_flux is not defined"),
    "flag": (UNUSED % "q = flag", "6  flag is not defined"),
    "two arguments for one": (UNUSED % "q = f(1, 2)", "6  f takes 1 argument(s), not 2"),
    "no time": (UNUSED % "q = at_time()", "6  at_time takes 1 argument(s), not 0"),
    "an argument in a TABLE": (TABLED % ("a", "0"), "7  a in the TABLE of o is an argument or a LOCAL"),
    "a LOCAL in a TABLE": (TABLED % ("b", "0"), "7  b in the TABLE of o is an argument or a LOCAL"),
    "a TABLE that depends on an argument": (TABLED % ("q DEPEND a", "0"), "7  a in the TABLE of o is an argument"),
    "a TABLE that depends on nothing": (TABLED % ("q DEPEND o1", "0"), "7  o1 in the TABLE of o is not defined"),
    "a TABLE of nothing": (TABLED % ("o1", "0"), "7  o1 in the TABLE of o is not defined"),
    "a TABLE of a PROCEDURE": (TABLED % ("p", "0"), "7  p in the TABLE of o is a PROCEDURE"),
    "a TABLE of one name twice": (TABLED % ("q, q", "0"), "7  q in the TABLE of o is listed twice"),
    "a TABLE from nothing": (TABLED % ("q", "o1"), "7  o1 in the TABLE of o is not defined"),
    "a current that is an array": (
        "NEURON { NONSPECIFIC_CURRENT i }\nASSIGNED { i[2] }\nBREAKPOINT { i[0] = 1 }\n",
        "7  i is declared as an array",
    ),
    "an ion's array": (
        "NEURON { USEION k READ ki }\nASSIGNED { ki[2] }\n",
        "7  ki is declared as an array",
    ),
    "an array called v": ("ASSIGNED { v[2] }\n", "6  v is declared as an array"),
    "C's abs": (UNUSED % "q = abs(a)", "6  abs, to which NEURON's translator hands more arguments"),
    "C's fmax": ("INITIAL { q = fmax(q, 1) }\n", "6  fmax, to which"),
    "a function that there is not": (UNUSED % "q = unirand()", "6  unirand is not defined"),
    "a GLOBAL of nothing": ("NEURON { GLOBAL o }\nINITIAL { o = 1 }\n", "7  o is not defined"),
    "a constant called like C's function": ("CONSTANT { y0 = 1 }\n", "6  constant y0, which is a function of C"),
}
# What NEURON builds and we translate
TAKEN = {
    "a LOCAL called like a PROCEDURE": "INITIAL { LOCAL p p = 3 q = p }\n",
    "an argument called like a PROCEDURE": "PROCEDURE o(p) { q = p }\n",
    "an argument called like a function": "PROCEDURE o(sin) { q = sin }\n",
    "an argument called t": "PROCEDURE o(t) { t = 2 q = t }\n",
    "a LOCAL called like a variable": "PROCEDURE o(a) { LOCAL r\n r = a q = r }\n",
    "a loop over a variable's name": "PROCEDURE o(a) { FROM r = 0 TO 2 { q = r } }\n",
    "a PROCEDURE's name as its argument": "PROCEDURE o(o) { q = o }\n",
    "the slope of a state read": "PROCEDURE o(a) { q = m' }\n",
    "CONSERVE with a state": SOLVED % "CONSERVE m + n = 1",
    "a KINETIC block that nothing solves": "KINETIC k { ~ m <-> n (nothing, 1) }\n",
    "a reaction of variables": SOLVED % "~ m <-> q (1, 1)",
    "C's numbers": "INITIAL { q = M_PI + M_SQRT2 + M_LN2 }\n",
    "C's abs, not thread-safe": "INITIAL { q = abs(-2) w = fmin(q, 1) }\nVERBATIM\nENDVERBATIM\n",
    "a TABLE from a variable": "PARAMETER { low = 0 }\n" + TABLED % ("q DEPEND w", "low"),
    "an own M_PI": "PARAMETER { M_PI = 3 }\nINITIAL { q = M_PI }\n",
    "a GLOBAL of each thread": "NEURON { GLOBAL o THREADSAFE }\nINITIAL { o = 1 q = o }\n",
    "a START value that C knows": "PARAMETER { y0 = 2 }\nSTATE { y }\nINITIAL { y = y0 }\n",
}
# What NEURON builds and we refuse
REFUSED = {
    "C's variable": (C_CODE + "INITIAL { q = c }\n", "9  c, which C code defines"),
    "C's function": (C_CODE.replace(" c", " c(double)") + "INITIAL { q = c(1) }\n", "9  c, which C code defines"),
    "C's macro": ("INITIAL { q = RAND_MAX }\n", "6  RAND_MAX, a macro of C"),
    "LAG": ("PARAMETER { by = 1 }\nBREAKPOINT { LAG q BY by\n w = lag_q_by }\n", "7  LagStatement"),
}
TEXTS = {**{name: text for name, (text, _) in (STOPS | REFUSED).items()}, **TAKEN}


@pytest.fixture(scope="module")
def ours() -> dict[str, Translation | Findings]:
    found = nmodl.translate_all([(HEAD + text, "x.mod") for text in TEXTS.values()])
    return dict(zip(TEXTS, found, strict=True))


@pytest.fixture(scope="module")
def theirs() -> dict[str, Answer]:
    found = oracle.ask([oracle.Source("x.mod", (HEAD + text).encode()) for text in TEXTS.values()])
    return dict(zip(TEXTS, found, strict=True))


@pytest.mark.parametrize("name", STOPS)
def test_what_does_not_build_is_wrong(name: str, ours, theirs) -> None:
    assert not theirs[name].builds
    found = ours[name]
    assert isinstance(found, NmodlError)
    assert f"x.mod:{STOPS[name][1]}" in str(found), str(found)


@pytest.mark.parametrize("name", TAKEN)
def test_its_neighbour_is_translated(name: str, ours, theirs) -> None:
    assert theirs[name] == Answer()
    assert isinstance(ours[name], Translation), ours[name]


@pytest.mark.parametrize("name", REFUSED)
def test_what_c_knows_is_refused(name: str, ours, theirs) -> None:
    assert theirs[name] == Answer()
    found = ours[name]
    assert isinstance(found, Findings) and not isinstance(found, NmodlError), found
    assert f"x.mod:{REFUSED[name][1]}" in str(found), str(found)


def test_numbers_of_c_have_c_s_values() -> None:
    found = nmodl.translate(HEAD + TAKEN["C's numbers"], file="x.mod")
    assert all(number in found.python for number in ("3.141592653589793", "1.4142135623730951", "0.6931471805599453"))


def test_one_cause_is_said_once(ours) -> None:
    assert str(ours["the slope of a variable"]).count("is no STATE") == 1
