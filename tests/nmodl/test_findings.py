"""All that is wrong with a file comes at once, by line, and nothing comes that only follows from the rest."""

from __future__ import annotations

import random

import pytest

from jxneuron import nmodl
from jxneuron.errors import Findings, NmodlError, Unsupported

TEXT = """NEURON {
    SUFFIX x
    USEION k READ ek WRITE ik
    RANGE g, w
}
UNITS { (pS) = (picosiemens)  F = (faraday) (coulomb) }
PARAMETER { g = 0.1 }
ASSIGNED { v ek ik w a[3] }
STATE { n m }
INITIAL { LOCAL q, b[3]
    q = 1
    b[0] = q  b[1] = q  b[2] = q
    n = inf(v)
}
BREAKPOINT {
    SOLVE states METHOD cnexp
    ik = g*n*(v - ek)
}
DERIVATIVE states {
    n' = (inf(v) - n)/5
    m' = -m
}
FUNCTION inf(x) {
    inf = 1/(1 + exp(-x/10))
}
"""
HEADER = '#include "f.h"\nstatic int k;'
C = "VERBATIM\n{}\nENDVERBATIM\n"
MORE = "FUNCTION inf"
FUNCTION = C.format("int f(double x) { return x; }") + MORE
DISCRETE = "DISCRETE more { w = n }\nFUNCTION inf"

# Texts and what stands instead of them; the places and the words of what is found
SEVERAL = {
    "an index, and what a solver repeats": (
        {"q = 1": "q = a[3]", "METHOD cnexp": "METHOD derivimplicit", "m' = -m": "w = w + 1  m' = -m"},
        [(11, "a[3]: the elements are 0 to 2"), (21, "w depends on how often derivimplicit evaluates states")],
    ),
    "a declaration, a name and a construct": (
        {"picosiemens": "picosiemenz", "q = 1": "q = z", "m' = -m": "m' = -m + scop_random()"},
        [(6, "unknown unit siemenz"), (11, "z is not defined"), (21, "random numbers")],
    ),
    "six stages": (
        {
            "RANGE g, w": "RANGE g, w EXTERNAL r",
            "picosiemens": "picosiemenz",
            "q = 1": "q = z",
            "b[0] = q": "b[3] = q",
            "METHOD cnexp": "METHOD sparse",
            "inf = 1/": "TABLE FROM 3 TO 1 WITH 5\n inf = 1/",
        },
        [
            (4, "EXTERNAL r"),
            (6, "unknown unit siemenz"),
            (11, "z is not defined"),
            (12, "b[3]: the elements are 0 to 2"),
            (16, "SOLVE states METHOD sparse"),
            (24, "TABLE of inf has no width"),
        ],
    ),
    "two that the checks find and two that a run finds": (
        {
            "RANGE g, w": "RANGE g, w THREADSAFE",
            "q = 1": "F = 3  q = a[3]",
            "ik = g*n": "CONDUCTANCE w\n ik = g*n",
            "inf = 1/": "inf = scop_random()/",
        },
        [
            (11, "F is a constant and is assigned"),
            (11, "a[3]: the elements are 0 to 2"),
            (17, "CONDUCTANCE w"),
            (25, "random numbers"),
        ],
    ),
}
# What follows from one finding is not said
ALONE = {
    "a local that C code sets": ({"q = 1": C.format("q = foo(1);")}, (11, "VERBATIM C code: q = foo(1);")),
    "a local whose address C code has": ({"q = 1": C.format("foo(&_lq);")}, (11, "VERBATIM C code: foo(&_lq);")),
    "an array that C code sets": (
        {"b[0] = q  b[1] = q  b[2] = q": C.format("_lb[1] += foo();") + "n = b[2]"},
        (12, "VERBATIM C code: _lb[1] += foo();"),
    ),
    "a FUNCTION that C code returns from": (
        {"inf = 1/(1 + exp(-x/10))": C.format("return foo(_lx);")},
        (24, "VERBATIM C code: return foo(_lx);"),
    ),
    "a function of C": (
        {MORE: FUNCTION, "q = 1": "q = f(v)"},
        (23, "VERBATIM"),
    ),
    "a function of a header": (
        {MORE: C.format(HEADER) + MORE, "q = 1": "q = f(v)"},
        (23, "VERBATIM"),
    ),
    "a variable of another file": ({"RANGE g, w": "RANGE g, w EXTERNAL r", "q = 1": "q = r"}, (4, "EXTERNAL r")),
    "a block that is not taken over": (
        {MORE: DISCRETE, "ik = g*n": "SOLVE more\n ik = g*n"},
        (24, "DISCRETE"),
    ),
    "a name that a block with a TABLE sets": (
        {"inf = 1/": "TABLE FROM -100 TO 100 WITH 200\n z = 1\n inf = 1/"},
        (25, "z is not defined"),
    ),
    "an array that is not defined": ({"q = 1": "q = z[3]"}, (11, "z is not defined")),
    "a function that is not defined": ({"q = 1": "q = f(1)"}, (11, "f is not defined")),
    "an argument too few": ({"q = 1": "q = inf()"}, (11, "inf takes 1 argument(s), not 0")),
    "an argument too many": ({"q = 1": "q = inf(1, 2)"}, (11, "inf takes 1 argument(s), not 2")),
    "an element that there is not": ({"b[0] = q": "n = b[7]  b[0] = q"}, (12, "b[7]: the elements are 0 to 2")),
    "an array without elements": ({"w a[3]": "w a[0]", "q = 1": "q = a[1]"}, (8, "a is an array of no elements")),
    "a block that is not there": ({"SOLVE states": "SOLVE stated"}, (16, "SOLVE stated: there is no such block")),
    "a polynomial": ({"m' = -m": "w = w + 1  m' = m*m"}, (21, "cnexp with a polynomial in m")),
    "a step that is no number": (
        {"b[0] = q  b[1] = q  b[2] = q": "FROM k = 0 TO 2 BY 0 { b[k] = q }  n = b[1]"},
        (12, "FROM with a BY"),
    ),
}
CASES = {**{name: case for name, case in SEVERAL.items()}, **{name: (old, [one]) for name, (old, one) in ALONE.items()}}
# Faults of one place each, so that any of different places can stand in one text. A function that is not defined may
# be one of C where there is C code.
GROUPS = [
    [n for n, (changes, _) in ALONE.items() if list(changes) == [place] and n != "a function that is not defined"]
    for place in ("q = 1", "b[0] = q  b[1] = q  b[2] = q", "m' = -m", "inf = 1/(1 + exp(-x/10))")
]


def changed(changes: dict[str, str]) -> str:
    """The text with some of its parts replaced, each of which it holds once."""
    text = TEXT
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


@pytest.fixture(scope="module")
def found() -> dict[str, Findings]:
    """What is found in each text, by one worker."""
    texts = {name: changed(changes) for name, (changes, _) in CASES.items()}
    results = nmodl.translate_all([(text, "x.mod") for text in texts.values()])
    return {name: one for name, one in zip(texts, results, strict=True) if isinstance(one, Findings)}


@pytest.mark.parametrize("name", CASES)
def test_all_findings_come_at_once_and_no_others(found, name):
    wanted = [(f"x.mod:{line}", what) for line, what in CASES[name][1]]
    shown = [(each.place, each.found) for each in found[name].findings]
    assert [place for place, _ in shown] == [place for place, _ in wanted], shown
    assert all(what in full for (_, what), (_, full) in zip(wanted, shown, strict=True)), shown


def test_the_text_itself_is_translated():
    assert nmodl.translate(TEXT, file="x.mod").name == "x"


def test_the_error_says_whether_the_text_is_wrong(found):
    assert isinstance(found["six stages"], NmodlError)
    assert isinstance(found["two that the checks find and two that a run finds"], Unsupported)


def combination(seed: int) -> list[str]:
    """Some of the faults, of different places."""
    rng = random.Random(seed)
    return [rng.choice(group) for group in rng.sample(GROUPS, rng.randrange(2, len(GROUPS) + 1))]


def test_findings_of_several_faults_are_those_of_each(found):
    combinations = [combination(seed) for seed in range(30)]
    texts = [changed({old: new for name in names for old, new in ALONE[name][0].items()}) for names in combinations]
    results = nmodl.translate_all([(text, "x.mod") for text in texts])
    for names, together in zip(combinations, results, strict=True):
        assert isinstance(together, Findings)
        places = [int(one.place.partition(":")[2]) for one in together.findings]
        assert places == sorted(places)
        wanted = {one.found for name in names for one in found[name].findings}
        assert {one.found for one in together.findings} == wanted, names


@pytest.mark.parametrize("kind", ["NONLINEAR", "LINEAR"])
def test_a_method_that_does_not_solve_such_a_block_is_none_of_its_other_solve(kind: str) -> None:
    text = TEXT.replace("SOLVE states METHOD cnexp", "SOLVE s METHOD derivimplicit  SOLVE s")
    with pytest.raises(NmodlError) as raised:
        nmodl.translate(f"{text}{kind} s {{ ~ n = 1  ~ m = 2 }}\n", file="x.mod")
    stops = "NEURON's translator stops: Method derivimplicit can't be used with Block s"
    assert [one.found for one in raised.value.findings] == [stops, "SOLVE s METHOD derivimplicit"]
