"""Texts that the translator does not take, each with the way out that its finding names, and the same text after it.

In: nothing. Out: ``TAKEN``, which ``test_ways_out`` goes through.
"""

from __future__ import annotations

from typing import NamedTuple

HEAD = "NEURON { SUFFIX x RANGE a NONSPECIFIC_CURRENT i }\nASSIGNED { v (mV)  i (mA/cm2)  a }\n"
FLOW = "BREAKPOINT { i = 1e-5*(v + 65)*(1 + a) }\n"
GATE = "STATE { m }\nBREAKPOINT { SOLVE s METHOD cnexp  i = 1e-5*m*(v + 65) }\nDERIVATIVE s { m' = (1 - m)/3 }\n"
PAIR = "STATE { p q }\nBREAKPOINT { SOLVE k METHOD sparse  i = 1e-5*p*(v + 65) }\n"
STILL = "STATE { p q }\nBREAKPOINT { SOLVE k  i = 1e-5*p*(v + 65) }\n"
CELL = "NEURON { ARTIFICIAL_CELL x RANGE a }\nASSIGNED { a }\n"
POINT = HEAD.replace("SUFFIX", "POINT_PROCESS")
CALLER = "PROCEDURE rates(x) { TABLE a FROM 0 TO 1 WITH 10  a = f(x) }"
CALLED = "FUNCTION f(x) { TABLE FROM 0 TO 1 WITH 10  f = x*x }"


class Way(NamedTuple):
    """A way out, the text that its finding is about, and what of the text is replaced by what."""

    way_out: str
    text: str
    replaced: str
    by: str

    @property
    def after(self) -> str:
        """The text once the way out is taken."""
        assert self.text.count(self.replaced) == 1, (self.way_out, self.text)
        return self.text.replace(self.replaced, self.by)


def _rates(body: str, call: str = "rates()", before: str = "") -> str:
    return f"{HEAD}{before}INITIAL {{ {call} }}\n{FLOW}PROCEDURE rates() {{ {body} }}\n"


def _initial(body: str, before: str = "") -> str:
    return f"{HEAD}{before}INITIAL {{ {body} }}\n{FLOW}"


def _kinetic(body: str, declared: str = "") -> str:
    return f"{HEAD}{declared}{PAIR}KINETIC k {{ {body} }}\n"


def _linear(body: str, kind: str = "LINEAR", declared: str = STILL) -> str:
    return f"{HEAD}{declared}{kind} k {{ {body} }}\n"


def _derivative(body: str, method: str, before: str = "") -> str:
    return f"{HEAD}{before}STATE {{ m }}\nBREAKPOINT {{ SOLVE s METHOD {method}  i = m }}\nDERIVATIVE s {{ {body} }}\n"


def _receive(body: str, args: str = "w", before: str = "", head: str = POINT) -> str:
    return f"{head}{before}{FLOW if head != CELL else ''}NET_RECEIVE({args}) {{ {body} }}\n"


def _tabled(names: str, sets: str) -> str:
    code = f"PROCEDURE rates(x) {{ TABLE {names} FROM 0 TO 1 WITH 10  {sets} = v }}\n"
    return f"{HEAD}INITIAL {{ rates(v) }}\n{FLOW}{code}"


TAKEN = (
    # Text
    Way("Write it in ASCII.", HEAD + FLOW.replace("65", "65·1"), "65·1", "65*1"),
    Way("Call it BREAKPOINT.", HEAD + FLOW.replace("BREAKPOINT", "EQUATION"), "EQUATION", "BREAKPOINT"),
    Way("Break it.", _initial("a = 1" + " " * 600 + " + 1"), " " * 600, "\n"),
    Way("Begin a line with ENDCOMMENT", HEAD + FLOW + "COMMENT\nno end ENDCOMMENT\n", " ENDCOMMENT", "\nENDCOMMENT"),
    Way(
        "Begin a line with ENDVERBATIM.",
        HEAD + FLOW + "VERBATIM\n#include <math.h> ENDVERBATIM\nENDVERBATIM\n",
        " ENDVERBATIM\nENDVERBATIM",
        "\nENDVERBATIM",
    ),
    Way('Write it without "', 'TITLE the "same"\n' + HEAD + FLOW, '"same"', "same"),
    # Declarations
    Way("Declare it once.", HEAD + "PARAMETER { a = 1 }\n" + FLOW, "PARAMETER { a = 1 }\n", ""),
    Way("Declare it in ASSIGNED.", HEAD.replace("RANGE", "POINTER w RANGE") + FLOW, "  a }", "  a  w }"),
    Way("Give it a size, 1 or more.", HEAD.replace("  a }", "  a  b[0] }") + FLOW, "b[0]", "b[1]"),
    Way("Leave it out: t is NEURON's time.", HEAD.replace("  a }", "  a  t }") + FLOW, "  a  t }", "  a }"),
    Way("Rename it.", HEAD.replace("  a }", "  a  exp }") + FLOW, "exp", "ex"),
    Way("Give it another name.", HEAD + FLOW + "FUNCTION a() { a = 1 }\n", "FUNCTION a() { a", "FUNCTION b() { b"),
    Way(
        "READ and WRITE all of its variables in one statement.",
        HEAD.replace("RANGE a", "USEION ca READ cai USEION ca READ cao RANGE a").replace("  a }", "  a cai cao }")
        + FLOW,
        "READ cai USEION ca READ cao",
        "READ cai, cao",
    ),
    Way(
        "There are ",
        HEAD.replace("RANGE a", "USEION ca READ cap RANGE a").replace("  a }", "  a  cai  cap }") + FLOW,
        "READ cap RANGE",
        "READ cai RANGE cap,",
    ),
    Way("Correct it, or define it in UNITS.", HEAD + "UNITS { R = (wibble) (m) }\n" + FLOW, "(wibble)", "(cm)"),
    Way(
        "Read it outside.",
        _rates("TABLE a FROM 0 TO 1 WITH 10  a = x*usetable", "rates(v)").replace("rates() {", "rates(x) {"),
        "*usetable",
        "",
    ),
    Way(
        "Declare it in PARAMETER instead, with the value that it has there",
        _initial("a = g_hh", "NEURON { EXTERNAL g_hh }\n"),
        "NEURON { EXTERNAL g_hh }",
        "PARAMETER { g_hh = 2 }",
    ),
    Way(
        "Define it once.",
        HEAD + "UNITS { (mine) = (millivolt)  (mine) = (milliamp) }\n" + FLOW,
        "  (mine) = (milliamp)",
        "",
    ),
    Way(
        "Leave the line out, or define another name.",
        HEAD + "UNITS { (volt) = (millivolt) }\n" + FLOW,
        "(volt)",
        "(volt1)",
    ),
    Way("DEFINE it once.", HEAD + "DEFINE N 2\nDEFINE N 3\n" + FLOW, "DEFINE N 3\n", ""),
    Way("Make it a PARAMETER.", _initial("c = 2", "CONSTANT { c = 1 }\n"), "CONSTANT", "PARAMETER"),
    Way(
        "Assign a variable of the mechanism.",
        _initial("celsius = 2", "PARAMETER { celsius }\n"),
        "celsius = 2",
        "a = 2",
    ),
    Way("Declare it in STATE.", _derivative("m' = -m  n' = -n", "cnexp"), "STATE { m }", "STATE { m n }"),
    Way("Make it a PARAMETER, or give it", HEAD + "ASSIGNED { m0 }\n" + GATE, "ASSIGNED { m0", "PARAMETER { m0"),
    Way("Write 1e308, or less.", HEAD + "PARAMETER { c = 1e400 }\n" + FLOW, "1e400", "1e308"),
    Way("Write 1e38, or less.", HEAD + "PARAMETER { c = 1 <0, 1e50> }\n" + FLOW, "1e50", "1e38"),
    Way(
        "Give it another name, or make ",
        HEAD + GATE.replace("STATE { m }", "STATE { j }").replace("*m*", "*j*").replace("m' = (1 - m)", "j' = (1 - j)"),
        "STATE {",
        "PARAMETER { j0 = 0 }\nSTATE {",
    ),
    Way("Declare it without a size.", HEAD.replace("i (mA/cm2)", "i[2] (mA/cm2)") + FLOW, "i[2]", "i"),
    Way("Declare a variable for it.", _tabled("x", "x"), "TABLE x", "TABLE a"),
    Way("Name a variable.", _tabled("rates", "a"), "TABLE rates", "TABLE a"),
    Way("Declare it.", _tabled("b", "a"), "  a }", "  a  b }"),
    Way("Name it once.", _tabled("a, a", "a"), "TABLE a, a", "TABLE a"),
    Way(
        "Move the LOCAL to the beginning of the file.",
        f"{HEAD}INITIAL {{ b = 1 }}\nLOCAL b\n{FLOW}",
        "INITIAL { b = 1 }\nLOCAL b\n",
        "LOCAL b\nINITIAL { b = 1 }\n",
    ),
    # Calls and names
    Way("Write its number.", _initial("a = RAND_MAX"), "RAND_MAX", "2147483647"),
    Way("Give one of them another name.", _rates("LOCAL x, x  a = 1"), "x, x", "x, y"),
    Way("Hand over a number.", _rates("a = 1", 'rates("text")').replace("rates()", "rates(x)"), '"text"', "1"),
    Way("Call it, or give the variable another name.", _rates("a = rates"), "a = rates", "a = 1"),
    Way("Call it.", _initial("a = exp"), "a = exp", "a = exp(1)"),
    Way("Write which element is meant.", _initial("b = 1", "ASSIGNED { b[2] }\n"), "b = 1", "b[0] = 1"),
    Way("Leave the index out, or declare its size.", _initial("a[0] = 1"), "a[0]", "a"),
    Way("SOLVE a block of this file.", HEAD + GATE.replace("SOLVE s", "SOLVE r"), "SOLVE r", "SOLVE s"),
    Way("CONSERVE a sum of states.", _kinetic("~ p <-> q (1, 1)  CONSERVE p + q + a = 1"), " + a = 1", " = 1"),
    Way(
        "Name a state among them.",
        _kinetic("~ p[0] <-> p[1] (1, 1)  ~ q <-> p[0] (1, 1)  CONSERVE p[0] + p[1] = 1")
        .replace("p q }", "p[2] q }")
        .replace("*p*", "*q*"),
        "p[0] + p[1] =",
        "p[0] + p[1] + q =",
    ),
    Way("Write it in a KINETIC block.", HEAD + GATE.replace("m' =", "CONSERVE m = 1  m' ="), "CONSERVE m = 1  ", ""),
    Way("Send from INITIAL or NET_RECEIVE.", _rates("a = 1  net_send(1, 1)"), "  net_send(1, 1)", ""),
    Way("Set it first.", _initial("LOCAL x  a = x"), "a = x", "x = 1  a = x"),
    Way("Name an element that there is.", _initial("b[2] = 1", "ASSIGNED { b[2] }\n"), "b[2] = 1", "b[1] = 1"),
    Way(
        "Use a FROM loop or a number as index.",
        _kinetic("~ p[a] <-> p[1] (1, 1)").replace("p q }", "p[2] q }").replace("*p*", "*p[0]*"),
        "p[a]",
        "p[0]",
    ),
    Way(
        "Declare it RANGE.",
        _kinetic("COMPARTMENT 1 { p }  LONGITUDINAL_DIFFUSION wide() { p }  ~ p <-> q (1, 1)", "LOCAL d\n")
        + "FUNCTION wide() { d = d + 1  wide = d }\n",
        "LOCAL d",
        "ASSIGNED { d }",
    ),
    Way("Make it a FUNCTION, or call it by itself.", _rates("a = 1", "a = 2*rates()"), "a = 2*rates()", "rates()"),
    Way("Write its right-hand side instead.", HEAD + GATE.replace("i = 1e-5*m", "i = m'*m"), "m'*m", "(1 - m)/3*m"),
    Way(
        "Call random_setseq right after it.",
        _initial("random_setids(r, 1, 2, 3)  a = random_uniform(r)", "NEURON { RANDOM r }\n"),
        "3)  a",
        "3)  random_setseq(r, 0)  a",
    ),
    Way(
        "Call one of them before, into a LOCAL.",
        _initial("LOCAL b  a = pow(f(), f())") + "FUNCTION f() { a = a + 1  f = a }\n",
        "a = pow(f(), f())",
        "b = f()  a = pow(b, f())",
    ),
    Way("Replace it by a deterministic value.", _initial("a = scop_random()"), "scop_random()", "0.5"),
    Way("Use another variable.", _initial("FROM j = 0 TO 1 { j = 1 }"), "{ j = 1 }", "{ a = 1 }"),
    Way("Write the step as a number.", _initial("FROM j = 0 TO 4 BY a { a = j }"), "BY a", "BY 2"),
    Way("Use at most ", _initial("FROM j = 0 TO 1000000 { a = j }"), "1000000", "10"),
    Way(
        "Write the recursion as a loop.",
        _rates("a = a - 1  if (a > 0) { rates() }"),
        "if (a > 0) { rates() }",
        "while (a > 0) { a = a - 1 }",
    ),
    # TABLE
    Way(
        "Use it in a FUNCTION or PROCEDURE.",
        _initial("TABLE a FROM 0 TO 1 WITH 10  a = 1"),
        "TABLE a FROM 0 TO 1 WITH 10  ",
        "",
    ),
    Way(
        "Give the block one argument, the table's abscissa.",
        HEAD + FLOW + "PROCEDURE r() { TABLE a FROM 0 TO 1 WITH 10  a = v }\nINITIAL { r() }\n",
        "r() { TABLE a FROM 0 TO 1 WITH 10  a = v }\nINITIAL { r() }",
        "r(v) { TABLE a FROM 0 TO 1 WITH 10  a = v }\nINITIAL { r(v) }",
    ),
    Way(
        "Write TABLE without names",
        HEAD + FLOW + "FUNCTION f(x) { TABLE f FROM 0 TO 1 WITH 10  f = x }\n",
        "TABLE f FROM",
        "TABLE FROM",
    ),
    Way(
        "List after TABLE the names",
        HEAD + FLOW + "PROCEDURE f(x) { TABLE FROM 0 TO 1 WITH 10  a = x }\n",
        "TABLE FROM",
        "TABLE a FROM",
    ),
    Way(
        "Write f above rates.",
        f"{HEAD}INITIAL {{ rates(v) }}\n{FLOW}{CALLER}\n{CALLED}\n",
        f"{CALLER}\n{CALLED}",
        f"{CALLED}\n{CALLER}",
    ),
    Way(
        "Remove one of the two TABLE statements.",
        f"{HEAD}ASSIGNED {{ b }}\nINITIAL {{ rates(v) }}\n{FLOW}{CALLED}\n" + CALLER.replace("f(x) }", "f(x)  b = 1 }"),
        "{ TABLE FROM 0 TO 1 WITH 10  f",
        "{ f",
    ),
    Way(
        "Make low a PARAMETER with a value.",
        HEAD
        + "ASSIGNED { low }\nINITIAL { rates(v) }\n"
        + FLOW
        + "PROCEDURE rates(x) { TABLE a FROM low TO 1 WITH 10  a = x }\n",
        "ASSIGNED { low }",
        "PARAMETER { low = 0 }",
    ),
    Way(
        "Give it a range from low to high",
        _rates("TABLE a FROM 1 TO 0 WITH 10  a = x")
        .replace("rates()", "rates(x)")
        .replace("{ rates(x) }", "{ rates(v) }"),
        "FROM 1 TO 0",
        "FROM 0 TO 1",
    ),
    # DERIVATIVE
    Way("Use pow or a product.", _derivative("m' = -m^2", "derivimplicit"), "m^2", "m*m"),
    Way("Use METHOD derivimplicit.", _derivative("m' = 1 - m*m", "cnexp"), "METHOD cnexp", "METHOD derivimplicit"),
    Way(
        "Write it as first-order equations.",
        _derivative("m'' = 1 - m  n' = 1", "derivimplicit").replace("{ m }", "{ m n }"),
        "m''",
        "m'",
    ),
    Way(
        "Name each element as a state of its own",
        _derivative("m'[0] = 1 - m[0]  m'[1] = 1", "derivimplicit")
        .replace("STATE { m }", "STATE { m[2] }")
        .replace("i = m", "i = 1"),
        "m[2] }\nBREAKPOINT { SOLVE s METHOD derivimplicit  i = 1 }\nDERIVATIVE s { m'[0] = 1 - m[0]  m'[1] = 1 }",
        "m n }\nBREAKPOINT { SOLVE s METHOD derivimplicit  i = 1 }\nDERIVATIVE s { m' = 1 - m  n' = 1 }",
    ),
    Way("Make it a PROCEDURE.", HEAD + FLOW + "DERIVATIVE s { a = 1 }\n", "DERIVATIVE s {", "PROCEDURE s() {"),
    Way(
        "SOLVE it once, by one method.",
        HEAD + GATE.replace("i = 1e-5", "SOLVE s METHOD euler  i = 1e-5"),
        "SOLVE s METHOD euler  ",
        "",
    ),
    Way(
        "Call s() there.",
        HEAD + GATE.replace("i = 1e-5", "SOLVE s METHOD cnexp  i = 1e-5"),
        "cnexp  SOLVE s METHOD cnexp",
        "cnexp  s()",
    ),
    Way(
        "Write one equation for each state, and IF in a variable of its own.",
        _derivative("if (v > 0) { m' = 1 - m } else { m' = -m }", "derivimplicit"),
        "if (v > 0) { m' = 1 - m } else { m' = -m }",
        "if (v > 0) { a = 1 } else { a = 0 }  m' = a - m",
    ),
    # KINETIC
    Way(
        "Put the sum into parentheses of its own.", _kinetic("~ p <-> q (1 + v*v, 1)"), "(1 + v*v, 1)", "((1 + v*v), 1)"
    ),
    Way(
        "Leave it out.",
        _kinetic("~ p <-> q (1, 1)  CONSERVE p + q = 1  CONSERVE p + q = 1"),
        "CONSERVE p + q = 1  CONSERVE",
        "CONSERVE",
    ),
    Way(
        "WRITE it once.",
        _initial("LOCAL x  x = 1", "NEURON { USEION k WRITE ik, ik }\nASSIGNED { ik }\n"),
        "ik, ik",
        "ik",
    ),
    Way(
        "Name a STATE.",
        _kinetic("COMPARTMENT 1 { p a }  LONGITUDINAL_DIFFUSION 1 { a }  ~ p <-> q (1, 1)"),
        "1 { a }",
        "1 { p }",
    ),
    Way(
        "Write one for each state.",
        _kinetic(
            "COMPARTMENT 1 { p q }  LONGITUDINAL_DIFFUSION 1 { p }  LONGITUDINAL_DIFFUSION 2 { p }  ~ p <-> q (1, 1)"
        ),
        "2 { p }",
        "2 { q }",
    ),
    Way(
        "Write COMPARTMENT 1 {...}, or its volume, above it.",
        _kinetic("LONGITUDINAL_DIFFUSION 1 { p }  ~ p <-> q (1, 1)"),
        "LONGITUDINAL",
        "COMPARTMENT 1 { p }  LONGITUDINAL",
    ),
    Way(
        "Write it outside, with rates that depend on the condition.",
        _kinetic("if (v > 0) { ~ p <-> q (1, 1) }"),
        "if (v > 0) { ~ p <-> q (1, 1) }",
        "if (v > 0) { a = 1 } else { a = 0 }  ~ p <-> q (a, a)",
    ),
    Way(
        "Write it at the top of the block.",
        _kinetic("~ p <-> q (1, 1)  if (v > 0) { CONSERVE p + q = 1 }"),
        "if (v > 0) { CONSERVE p + q = 1 }",
        "CONSERVE p + q = 1",
    ),
    Way(
        "Read it straight after its reaction.",
        _kinetic("FROM j = 0 TO 1 { ~ p <-> q (1, 1) }  a = f_flux"),
        " }  a = f_flux",
        "  a = f_flux }",
    ),
    Way(
        "Write all reactions in one block.",
        HEAD
        + PAIR.replace("p q }", "p q r }").replace("i =", "SOLVE l METHOD sparse  i =")
        + "KINETIC k { ~ p <-> q (1, 1) }\nKINETIC l { ~ q <-> r (1, 1) }\n",
        "SOLVE l METHOD sparse  i = 1e-5*p*(v + 65) }\nKINETIC k { ~ p <-> q (1, 1) }\nKINETIC l { ~ q",
        "i = 1e-5*p*(v + 65) }\nKINETIC k { ~ p <-> q (1, 1)  ~ q",
    ),
    # LINEAR and NONLINEAR
    Way("Write one equation for each state, array", _linear("~ p + q = 1"), "~ p + q = 1", "~ p + q = 1  ~ p - q = 0"),
    Way("Write the equation so that it is.", _linear("~ p*q = 1  ~ p - q = 0"), "~ p*q = 1", "~ p + q = 1"),
    # Blocks
    Way("Do in INITIAL what it does.", HEAD + FLOW + "CONSTRUCTOR { a = 1 }\n", "CONSTRUCTOR", "INITIAL"),
    Way("Remove the CONDUCTANCE statement.", HEAD + FLOW.replace("{ i", "{ CONDUCTANCE a  i"), "CONDUCTANCE a  ", ""),
    Way(
        "SOLVE a PROCEDURE that holds the same statements.",
        HEAD + "STATE { m }\nBREAKPOINT { SOLVE s  i = m }\nDISCRETE s { m = 1 }\n",
        "DISCRETE s {",
        "PROCEDURE s() {",
    ),
    Way("Use ", HEAD + GATE.replace("METHOD cnexp", "METHOD sparse"), "METHOD sparse", "METHOD cnexp"),
    Way(
        "Use STEADYSTATE sparse with a KINETIC block",
        HEAD + GATE + "INITIAL { SOLVE s STEADYSTATE derivimplicit }\n",
        "SOLVE s STEADYSTATE derivimplicit",
        "m = 1",
    ),
    Way(
        "Write it as DERIVATIVE or KINETIC.",
        HEAD + GATE.replace("DERIVATIVE s { m' = (1 - m)/3 }", "FUNCTION s() { s = 1 }"),
        "FUNCTION s() { s = 1 }",
        "DERIVATIVE s { m' = 1 - m }",
    ),
    Way("Use METHOD derivimplicit.", _derivative("m' = t - m", "runge"), "METHOD runge", "METHOD derivimplicit"),
    Way(
        "NEURON does not run it: leave it out.",
        HEAD + FLOW + "AFTER BREAKPOINT { a = 1 }\n",
        "AFTER BREAKPOINT { a = 1 }\n",
        "",
    ),
    Way(
        "READ the current in another mechanism.",
        HEAD.replace("RANGE a", "USEION k READ ik WRITE ik RANGE a").replace("  a }", "  a  ik }")
        + FLOW.replace("i =", "ik = 1e-5*v  i =")
        + "BEFORE STEP { a = 1 }\n",
        "READ ik WRITE ik",
        "WRITE ik",
    ),
    Way(
        "Use POINTER, or write in NMODL what it leads to.",
        HEAD.replace("RANGE a", "BBCOREPOINTER w RANGE a").replace("  a }", "  a  w }") + FLOW.replace("a)", "w)"),
        "BBCOREPOINTER",
        "POINTER",
    ),
    Way(
        "Define it as a FUNCTION of the file.",
        HEAD + GATE + "INITIAL { a = s() }\n",
        "s() }\n",
        "f() }\nFUNCTION f() { f = 1 }\n",
    ),
    Way("Assign f in it, or call it by itself.", _initial("a = f()") + "FUNCTION f() { }\n", "{ }", "{ f = 1 }"),
    Way(
        "Name the element by a number, a DEFINEd name",
        _linear("~ p[a] = 1  ~ q = 2", declared=STILL.replace("p q", "p[1] q").replace("*p*", "*q*")),
        "p[a]",
        "p[0]",
    ),
    Way(
        "Write all equations in one block",
        HEAD
        + GATE.replace("{ m }", "{ m n }").replace("i =", "SOLVE r METHOD cnexp  i =")
        + "DERIVATIVE r { n' = -n }\n",
        "SOLVE r METHOD cnexp  i = 1e-5*m*(v + 65) }\nDERIVATIVE s { m' = (1 - m)/3 }\nDERIVATIVE r {",
        "i = 1e-5*m*(v + 65) }\nDERIVATIVE s { m' = (1 - m)/3 ",
    ),
    Way(
        "Set it in BREAKPOINT, before or after SOLVE.",
        _derivative("a = a + 1  m' = -m", "derivimplicit"),
        " }\nDERIVATIVE s { a = a + 1  ",
        "  a = a + 1 }\nDERIVATIVE s { ",
    ),
    Way(
        "Write it in front, or with METHOD after_cvode.",
        HEAD + GATE.replace("  i =", "  SOLVE p  i =") + "PROCEDURE p() { a = 1 }\n",
        "SOLVE p ",
        "SOLVE p METHOD after_cvode ",
    ),
    Way("Declare it, or correct its name.", _initial("a = aa"), "aa", "2*a"),
    Way("Write return", _rates("a = 1\nVERBATIM\nreturn;\nENDVERBATIM\n"), "return;", "return 0;"),
    Way(
        "Write one block of each kind.",
        HEAD.replace("RANGE a", "GLOBAL a") + FLOW + "BEFORE STEP { a = 1 }\nBEFORE STEP { a = a + 1 }\n",
        " }\nBEFORE STEP { a = a",
        " a = a",
    ),
    # Events
    Way("Correct the arguments.", _receive("net_send(1)"), "net_send(1)", "net_send(1, 1)"),
    Way("Send from NET_RECEIVE.", _receive("a = w", before="INITIAL { net_event(t) }\n"), "net_event(t)", "a = 0"),
    Way(
        "Write a NET_RECEIVE that takes it.",
        POINT + "INITIAL { net_send(1, 1) }\n" + FLOW,
        FLOW,
        FLOW + "NET_RECEIVE(w) { a = w }\n",
    ),
    Way(
        "Write it in NET_RECEIVE.",
        _receive("INITIAL { WATCH (v > 0) 1 }"),
        "INITIAL { WATCH (v > 0) 1 }",
        "WATCH (v > 0) 1",
    ),
    Way("Write it in NET_RECEIVE.", _receive("a = w", before="INITIAL { WATCH (v > 0) 1 }\n"), "WATCH (v > 0) 1", ""),
    Way("Declare a variable for it.", _receive("a = w  WATCH (v > w) 1"), "v > w", "v > a"),
    Way(
        "Send it from the INITIAL block of the mechanism.",
        _receive("INITIAL { a = w  net_send(1, 1) }  a = a + 1"),
        "INITIAL { a = w  net_send(1, 1) }  a = a + 1 }\n",
        "a = a + 1 }\nINITIAL { net_send(1, 1) }\n",
    ),
    Way(
        "Write the turns one after another.",
        _receive("WHILE (a > 0) { net_send(a, 1)  a = a - 1 }"),
        "WHILE (a > 0) { net_send(a, 1)  a = a - 1 }",
        "IF (a > 0) { net_send(a, 1) }  IF (a > 1) { net_send(a - 1, 1) }",
    ),
    Way(
        "Name v in the text of NET_RECEIVE",
        _receive("set()", before="PROCEDURE set() { a = v }\n"),
        "PROCEDURE set() { a = v }\n",
        "PROCEDURE set() { }\n",
    ),
    Way(
        "Declare cai in STATE.",
        POINT
        + "NEURON { USEION ca READ cai WRITE cai }\nNET_RECEIVE(w) { cai = w }\nSTATE { m }\n"
        + "BREAKPOINT { SOLVE s METHOD cnexp  i = m }\nASSIGNED { cai (mM) }\nDERIVATIVE s { m' = -m }\n",
        "ASSIGNED { cai (mM) }\nDERIVATIVE s { ",
        "STATE { cai (mM) }\nDERIVATIVE s { cai' = -cai  ",
    ),
    Way(
        "Leave it out, or make it a POINT_PROCESS.",
        _receive("a = w", "w", "BEFORE STEP { a = 1 }\n", CELL),
        "BEFORE STEP { a = 1 }\n",
        "",
    ),
    Way("Make it a POINT_PROCESS.", _receive("a = area", head=CELL), "ARTIFICIAL_CELL", "POINT_PROCESS"),
    # C
    Way(
        "Write it on the next line.", _initial("VERBATIM\nENDVERBATIM a = (1\n + 1)"), "ENDVERBATIM a", "ENDVERBATIM\na"
    ),
    Way(
        "Write in NMODL what it computes",
        _initial("VERBATIM\na = 3 & 1;\nENDVERBATIM\n"),
        "VERBATIM\na = 3 & 1;\nENDVERBATIM\n",
        "a = 1",
    ),
    Way(
        "Write what set does in the block itself.",
        HEAD.replace("RANGE a", "RANGE a GLOBAL q").replace("  a }", "  a  q }")
        + FLOW
        + "INITIAL { q = 1 }\nPROCEDURE set() { a = 5 }\nBEFORE STEP { set() }\n",
        "BEFORE STEP { set() }",
        "BEFORE STEP { a = 5 }",
    ),
    Way(
        "Call rates at the top of BREAKPOINT.",
        HEAD.replace("RANGE a", "RANGE a, w")
        + "PARAMETER { w = 1 }\nSTATE { m }\nINITIAL { w = 2 }\n"
        + "BREAKPOINT { SOLVE s METHOD cnexp  i = 1e-5*m*v }\nDERIVATIVE s { if (m > 0.5) { rates(v) }  m' = a - m }\n"
        + "PROCEDURE rates(x) { TABLE a DEPEND w FROM 0 TO 1 WITH 10  a = w*x }\n",
        "i = 1e-5*m*v",
        "rates(v)  i = 1e-5*m*v",
    ),
    Way(
        "Call one of them before, into a LOCAL.",
        _initial(
            "LOCAL x  a = sum(bump(1), bump(2))",
            "FUNCTION bump(u) { a = a + u  bump = a }\nFUNCTION sum(x, y) { sum = x + 2*y }\n",
        ),
        "a = sum(bump(1), ",
        "x = bump(1)  a = sum(x, ",
    ),
)
