"""What NEURON's own translator makes of a text, and what ours does: units, comments, what both refuse."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
from pathlib import Path

import pytest

from jxneuron import nmodl
from jxneuron.errors import Findings, NmodlError
from jxneuron.nmodl.frontend import units

MECHANISM = """NEURON { SUFFIX x NONSPECIFIC_CURRENT i RANGE a }
ASSIGNED { v i a }
STATE { m n }
INITIAL { m = 1 n = 0.5 }
BREAKPOINT { a = 1 @BREAKPOINT@
 i = 1e-5*m*a*v }
@REST@
"""


def nocmodl(text: str | bytes, folder: Path) -> str | None:
    """The C++ that NEURON's translator emits, None where it refuses the text."""
    spec = importlib.util.find_spec("neuron")
    assert spec is not None and spec.origin is not None
    home = Path(spec.origin).parent / ".data"
    library = {"MODLUNIT": str(home / "share/nrn/lib/nrnunits.lib"), "LD_LIBRARY_PATH": str(home / "lib")}
    (folder / "x.mod").write_bytes(text.encode() if isinstance(text, str) else text)
    (folder / "x.cpp").unlink(missing_ok=True)
    # where it meets a character that it does not know it prints without end
    command = ["timeout", "10", "sh", "-c", f"ulimit -v 2000000; exec {home / 'bin/nocmodl'} x.mod > /dev/null 2>&1"]
    ran = subprocess.run(command, cwd=folder, env={**os.environ, **library}, check=False)
    return (folder / "x.cpp").read_text() if ran.returncode == 0 else None


def mechanism(breakpoint_: str = "", rest: str = "") -> str:
    return MECHANISM.replace("@BREAKPOINT@", breakpoint_).replace("@REST@", rest)


SPELLINGS = [
    ("faraday", "10000 coulomb"), ("faraday", "kilocoulombs"), ("k-mole", "joule/degC"), ("k mole", "mV-coulomb/K"),
    ("1|3 sec", "millisec"), ("2.5-3 m", "micron"), ("2.5e-3 m", "micron"), ("1-10 m2/s", "centimeter2/sec"),
    ("12-sec-sec", "sec2"), ("4 pi", "1"), ("milli", "1"), ("kilokilograms", "gram"), ("1/liter", "micron-3"),
    ("/liter", "1"), ("e-mole", "coulombs"), ("1 /cm2 sec", "1/m2/sec"), ("decinanometers", "angstroms"), ("um", "1"),
    ("avogadro", "1"), ("mole", "1"), ("epsilon0", "1"), ("mS/cm2", "siemens/m2"), ("coulombs/moles", "faraday"),
]  # fmt: skip


def test_every_unit_has_the_factor_that_nocmodl_writes(tmp_path):
    """Each unit of NEURON's table, bit for bit, in one text; those that one of the two refuses, one by one."""
    pairs = [(name, "1") for name in units.read_library() if name.isidentifier()] + SPELLINGS
    own = {"mS": "millisiemens", "mV": "millivolt"}
    known = {name: units.evaluate(text, {}) for name, text in own.items()}

    def ours(pair: tuple[str, str]) -> float | None:
        try:
            above, below = (units.evaluate(each, known) for each in pair)
        except units.UnitError:
            return None
        return above.factor / below.factor

    def text(pairs: list[tuple[str, str]]) -> str:
        lines = [f" X{k} = ({above}) ({below})" for k, (above, below) in enumerate(pairs)]
        head = "\n".join(f" ({name}) = ({text})" for name, text in own.items())
        uses = "\n".join(f"a = X{k}" for k in range(len(pairs)))
        return mechanism(rest=f"UNITS {{\n{head}\n" + "\n".join(lines) + f"\n}}\nPROCEDURE p() {{ {uses} }}\n")

    taken = [pair for pair in pairs if ours(pair) is not None]
    emitted = nocmodl(text(taken), tmp_path)
    assert emitted is not None
    values = {k: float.fromhex(value) for k, value in re.findall(r"static double X(\d+) = (\S+);", emitted)}
    assert len(values) == len(taken) > 400
    assert {pair: values[str(k)] for k, pair in enumerate(taken) if values[str(k)] != ours(pair)} == {}
    refused = [pair for pair in pairs if ours(pair) is None]
    assert len(refused) >= 3 and all(nocmodl(text([pair]), tmp_path) is None for pair in refused)


DECAY = "DERIVATIVE d {{ {} }}"
# Texts that both take, and texts that both refuse
TEXTS = {
    "comment with words behind its end": ("", "COMMENT one\n ENDCOMMENT two { }", True),
    "comment on one line": ("", "COMMENT one ENDCOMMENT", False),
    "comment that holds nothing": ("", "COMMENT ENDCOMMENT", True),
    "end of a comment inside its line": ("", "COMMENT\none ENDCOMMENT\n", False),
    "end of a comment inside a word": ("", "COMMENT\nxENDCOMMENT\nENDCOMMENTx\nENDCOMMENT", True),
    "comment in a comment": ("", "COMMENT\nCOMMENT\nENDCOMMENT", True),
    "comment with quotes and braces": ("", "COMMENT { ' \" }\n: }\n\tENDCOMMENT", True),
    "colon in a string": ('printf("a: %g { \\n", v)', "", True),
    "line comments": (": one ? {\n? two : }\n", "?three", True),
    "letters in a comment": ("", "COMMENT\n\u00e9 \u03c4\nENDCOMMENT", True),
    "power in a slope": ("SOLVE d METHOD derivimplicit\n", DECAY.format("m' = 2^n - m n' = -n"), False),
    "power in a slope of euler": ("SOLVE d METHOD euler\n", DECAY.format("m' = 2^n - m n' = -n"), False),
    "power beside a slope": ("SOLVE d METHOD cnexp\n", DECAY.format("LOCAL q q = 2^v m' = q - m n' = -n"), True),
    "slopes in a loop": (
        "SOLVE d METHOD euler\n", "STATE { w[2] } " + DECAY.format("FROM k=0 TO 1 { w'[k] = k }"), False,
    ),
    "more slopes than states": (
        "SOLVE d METHOD derivimplicit\n", DECAY.format("if (v > 0) { m' = n } else { m' = 1 } n' = -n"), False,
    ),
    "slopes on both sides of an IF": (
        "SOLVE d METHOD cnexp\n", DECAY.format("if (v > 0) { m' = n } else { m' = 1 } n' = -n"), True,
    ),
    "a block solved twice by cnexp": ("SOLVE d METHOD cnexp\n SOLVE d METHOD cnexp\n", DECAY.format("m' = -m"), False),
    "EQUATION": ("", "EQUATION { a = 1 }", False),
    "DERIVATIVE solved by sparse": ("SOLVE d METHOD sparse\n", DECAY.format("m' = -m"), False),
    "KINETIC solved by cnexp": ("SOLVE d METHOD cnexp\n", "KINETIC d { ~ m <-> n (1, 2) }", False),
    "second derivative": ("SOLVE d METHOD euler\n", DECAY.format("m'' = -m"), False),
    "step of a loop": ("FROM k = 0 TO 4 BY 2 { a = a + k }\n", "", True),
    "at_time as a value": ("if (at_time(3)) { a = 2 }\n", "", True),
    "erf": ("a = erf(v/50)\n", "", True),
    "empty CONSTRUCTOR": ("", "CONSTRUCTOR {\nVERBATIM\n{\n}\nENDVERBATIM\n}", True),
}  # fmt: skip


@pytest.mark.parametrize("case", TEXTS)
def test_what_nocmodl_takes_and_refuses(case, tmp_path):
    inside, rest, taken = TEXTS[case]
    text = mechanism(inside, rest)
    assert (nocmodl(text, tmp_path) is not None) == taken
    found = nmodl.translate_all([(text, "x.mod")])[0]
    assert not isinstance(found, Findings) if taken else isinstance(found, NmodlError), found
    if isinstance(found, Findings):
        assert all(finding.place.startswith("x.mod") for finding in found.findings)


@pytest.mark.parametrize("behind", ["ENDVERBATIM a = 2", "ENDVERBATIM2 a = 2", "// c\n\tENDVERBATIM, a = 2 : c"])
def test_what_follows_endverbatim_on_its_line_is_dropped_and_said(behind, tmp_path):
    emitted = nocmodl(mechanism(f"VERBATIM\n{behind}\n"), tmp_path)
    assert emitted is not None
    emitted = emitted[: emitted.index("nmodl_file_text")]
    assert "a = 1.0" in emitted and "a = 2" not in emitted
    found = nmodl.translate(mechanism(f"VERBATIM\n{behind}\n"), file="x.mod")
    without = nmodl.translate(mechanism("VERBATIM\n" + behind.partition("VERBATIM")[0] + "VERBATIM\n"), file="x.mod")
    assert re.sub(r" *#.*", "", found.python) == re.sub(r" *#.*", "", without.python)
    assert re.search(r"x.mod:[67]: NEURON's translator drops what follows ENDVERBATIM: .*a = 2", " ".join(found.notes))
    assert not without.notes


def test_a_brace_that_is_lost_behind_endverbatim_is_named(tmp_path):
    text = mechanism(rest="PROCEDURE p() {\nVERBATIM\nENDVERBATIM }\n")
    assert nocmodl(text, tmp_path) is None
    with pytest.raises(Findings, match=r"(?s)syntax error.*x.mod:9  .* drops what follows ENDVERBATIM: }"):
        nmodl.translate(text, file="x.mod")


STOPPED = {
    "a bracket of a unit that is not closed": ("", "PARAMETER { g = 2 (mA }", "x.mod:8  syntax error"),
    "a reaction of what is no state": ("SOLVE d METHOD sparse\n", "KINETIC d { ~ m <-> q (1, 1) }", "x.mod:8  q is"),
    "a word between blocks": ("", "wibble", "x.mod:7  .*wibble"),
    "a derivative of no variable": ("SOLVE d METHOD cnexp\n", "DERIVATIVE d { q' = -m }", "x.mod:8  q' although q is"),
    "a derivative of no state": ("SOLVE d METHOD cnexp\n", "DERIVATIVE d { a' = -m }", "x.mod:8  a' although a is"),
    "a comment inside PARAMETER": ("", "PARAMETER {\nCOMMENT\nENDCOMMENT\n g = 2 }", "x.mod:8 .* name = number"),
    "a constant called like an ion's variable": (
        "", "NEURON { USEION ca READ cao } CONSTANT { cao = 2 }", "x.mod:7  cao is declared in CONSTANT",
    ),
    "a state that is GLOBAL": ("", "NEURON { GLOBAL m }", "m is a STATE variable and hence cannot be declared as GLOB"),
}  # fmt: skip


@pytest.fixture(scope="module")
def stopped() -> dict[str, object]:
    texts = [(mechanism(inside, rest), "x.mod") for inside, rest, _ in STOPPED.values()]
    return dict(zip(STOPPED, nmodl.translate_all(texts), strict=True))


@pytest.mark.parametrize("case", STOPPED)
def test_whatever_stops_nocmodl_is_wrong_and_named(case, stopped, tmp_path):
    inside, rest, said = STOPPED[case]
    assert nocmodl(mechanism(inside, rest), tmp_path) is None
    assert isinstance(stopped[case], NmodlError) and re.search(said, str(stopped[case])), stopped[case]


ENDS = MECHANISM.replace("@BREAKPOINT@", ": a comment\n a = 3\n").replace("@REST@", "COMMENT\none\nENDCOMMENT")


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "mixed"])
def test_lines_end_as_nocmodl_reads_them(whole, tmp_path):
    """Every end of a line, or only those of the comments."""
    ends = ("\r", "\r\n", "\n\r", "\r\r\n", "\n")
    texts = [
        ENDS.replace("\n", end) if whole else ENDS.replace("comment\n", f"comment{end}").replace("one\n", f"one{end}")
        for end in ends
    ]
    emitted = [nocmodl(text, tmp_path) for text in texts]
    assert len({text and text.partition("register_nmodl_text")[0] for text in emitted} - {None}) == 1, emitted
    found = nmodl.translate_all([(text, "x.mod") for text in texts])
    assert len({re.sub(r" *#.*", "", each.python) for each in found if isinstance(each, nmodl.Translation)}) == 1
    assert not [each for each in found if isinstance(each, Findings)]
    torn = [(end.join(["NEURON { SUFFIX x }", *[": line"] * 5, "wibble"]), "x.mod") for end in ends]
    lines = [7, 7, 13, 13, 7]
    assert [str(each).partition("x.mod:")[2].split()[0] for each in nmodl.translate_all(torn)] == [*map(str, lines)]


def test_the_file_ends_where_nocmodl_takes_it_to_end(tmp_path):
    text = mechanism(rest="\x1a wibble")
    assert nocmodl(text, tmp_path) is not None
    assert nmodl.translate(text, file="x.mod").python == nmodl.translate(mechanism(), file="x.mod").python


@pytest.mark.parametrize("title", ['a "quoted" word', "ends with \\"])
def test_a_title_that_does_not_compile_is_refused(title, tmp_path):
    emitted = nocmodl(mechanism(rest=f"TITLE {title}"), tmp_path)
    assert emitted is not None and f'modelname = "{title}";' in emitted
    with pytest.raises(Findings, match=r"x.mod:7  this TITLE does not compile"):
        nmodl.translate(mechanism(rest=f"TITLE {title}"), file="x.mod")


def test_an_endverbatim_that_nocmodl_does_not_see_is_refused(tmp_path):
    text = mechanism("VERBATIM\n// ENDVERBATIM\nENDVERBATIM\n")
    emitted = nocmodl(text, tmp_path)
    assert emitted is not None and "// ENDVERBATIM" in emitted[: emitted.index("nmodl_file_text")]
    with pytest.raises(Findings, match=r"x.mod:6  ENDVERBATIM inside a line of C"):
        nmodl.translate(text, file="x.mod")


FORTH = "~ m <-> n (1, 2)"


@pytest.mark.parametrize(
    ("inside", "rest", "said"),
    [
        ("SOLVE d METHOD sparse\n", f"KINETIC d {{ {FORTH} if (v > 0) {{ {FORTH} }} }}", "reactions of d inside IF"),
        ("SOLVE d METHOD sparse\n", f"KINETIC d {{ {FORTH} while (a > 2) {{ {FORTH} }} }}", "reactions of d inside WH"),
        ("SOLVE d METHOD sparse\n", f"KINETIC d {{ {FORTH} if (v > 0) {{ CONSERVE m + n = 1 }} }}", "CONSERVE of d in"),
        (
            "SOLVE d METHOD sparse\n",
            f"KINETIC d {{ FROM k = 0 TO 1 {{ {FORTH} }}\n a = f_flux }}",
            "f_flux or b_flux read after",
        ),
        ("SOLVE d\n", "STATE { w[2] } LINEAR d { ~ w[0] + w[1] = v }", r"1 equation\(s\) for 2 state\(s\) in LINEAR d"),
        ("SOLVE d\n", "STATE { w[2] } LINEAR d { ~ w[v] + w[1] = v ~ w[1] = 2 }", "w in an equation of d: not one of"),
        ("SOLVE d\n", "DISCRETE d { m = m + n }", "DISCRETE block"),
    ],
)
def test_what_only_nocmodl_takes_is_refused_by_name(inside, rest, said, tmp_path):
    text = mechanism(inside, rest)
    assert nocmodl(text, tmp_path) is not None
    with pytest.raises(Findings, match=rf"x.mod:\d+  {said}"):
        nmodl.translate(text, file="x.mod")


def test_discrete_is_refused_as_nocmodl_moves_the_clock_of_the_run(tmp_path):
    """Its C adds dt to the thread's own t for every instance; with n of them a step takes (1 + n) dt."""
    text = mechanism("SOLVE d\n", "DISCRETE d { m = m + n }")
    emitted = nocmodl(text, tmp_path)
    assert emitted is not None and "t += dt; d();" in emitted and "#define t nrn_threads->_t" in emitted
    with pytest.raises(Findings, match=r"DISCRETE block .NEURON's translator advances the time"):
        nmodl.translate(text, file="x.mod")


@pytest.mark.parametrize(
    "text", ["TITLE caf\u00e9", ": \u03c4", "COMMENT \u00e9\nENDCOMMENT", "PARAMETER { g = 2 (\u00b5m) }"]
)
def test_letters_that_neuron_refuses_are_named(text, tmp_path):
    whole = mechanism(rest=text)
    assert nocmodl(whole, tmp_path) is None
    with pytest.raises(NmodlError, match=r"x.mod:7  \w is not ASCII: NEURON's translator stops there"):
        nmodl.translate(whole, file="x.mod")
