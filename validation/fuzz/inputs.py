"""Edited files: one to three random edits of a file of this repository or of an installed package.

In: a kind of file, a seed, a number. Out: an `Input`, the same one each time.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jxneuron.case import installed

KINDS = ("mod", "swc", "asc", "toml")
ROOT = Path(__file__).resolve().parents[2]
OURS = ("mod", "tests", "validation", "jxneuron/compare/cases")
# Packages of models.txt, and the folder in them
PACKAGES = (
    ("neuron", ".data/share/modfile"),
    ("bmtk", "utils/scripts/bionet"),
    ("emodelrunner", "../examples"),
    ("dbbs_catalogue", "mods/neuron"),
    ("dbbs_models", "morphologies"),
    ("bluepyopt", "tests/test_ephys/testdata"),
)
MOST_EDITS = 3
LONGEST = 40  # bytes of one edit
NUMBER = re.compile(rb"(?<![\w.])-?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?")
TOKEN = re.compile(rb"[\w.]+|[^\w\s]")
QUOTED = re.compile(rb'"[^"\n]*"')
TEXTS = (
    *("", " ", "x" * 300, "../" * 20, "\\u0000", "\\", "~no_one_has_this_name/x", "{package:__main__}", "{neuron}"),
    *("soma(0.5).v", "soma(2).v", "soma(nan).v", "IClamp[-1].i", "soma(0.5)", "auto", "synapses", "models", "\u00e9"),
)
EXTREMES = (
    *(b"0", b"-0.0", b"-1", b"1e308", b"-1e308", b"1e-320", b"1e999", b"nan", b"inf", b"-inf"),
    *(b"2147483648", b"-2147483649", b"9223372036854775808", b"1" + b"0" * 400, b"3.4e38", b"1e-46"),
    *(b"0x10", b"1_000", b"1.2.3", b"1e", b"1d3", b".", b"-", b"1e5", b"100000000"),
)
STRANGE = (
    *(b"\0", b"\r", b"\n", b"\r\n", b"\t", b"\x0b", b"\x0c", b"\x1a", b"\x7f", b"\\", b"\x85"),
    *("\u00e9".encode(), "\u00b0C".encode("latin-1"), "\u2028".encode(), "\ufeff".encode(), "\u0661".encode()),
    *("\U0001f600".encode(), "\u00a0".encode(), "\ufffd".encode(), b"\xff\xfe", b"\xed\xa0\x80"),
)
BRACKETS = (b"{", b"}", b"(", b")", b"[", b"]", b'"', b"'", b",", b"=", b"#", b":", b"?", b";", b"<", b">", b"|")
WORDS = {
    "mod": """
NEURON SUFFIX POINT_PROCESS ARTIFICIAL_CELL USEION READ WRITE VALENCE RANGE GLOBAL POINTER BBCOREPOINTER THREADSAFE
NONSPECIFIC_CURRENT ELECTRODE_CURRENT EXTERNAL UNITS UNITSON UNITSOFF PARAMETER CONSTANT ASSIGNED STATE INITIAL
BREAKPOINT SOLVE METHOD STEADYSTATE cnexp sparse derivimplicit euler after_cvode DERIVATIVE KINETIC LINEAR NONLINEAR
DISCRETE PROCEDURE FUNCTION FUNCTION_TABLE TABLE DEPEND FROM TO WITH BY IF ELSE WHILE LOCAL NET_RECEIVE BEFORE AFTER
WATCH FOR_NETCONS CONDUCTANCE COMPARTMENT CONSERVE LONGITUDINAL_DIFFUSION LAG PROTECT MUTEXLOCK MUTEXUNLOCK INCLUDE
DEFINE TITLE COMMENT ENDCOMMENT VERBATIM ENDVERBATIM INDEPENDENT START FORALL IFERROR PARTIAL PLOT SENS STEP EQUATION
v t dt celsius diam area exp pow fabs 1 0.5 m' m m[1] << <-> -> ~ ~m + - * / ^ ! == && || +u m'=-m (mV) (mA/cm2) (1)
{} () x() x(v) x=1 IF(v>0){ }ELSE{
""".split(),
    "swc": "1 2 3 4 0 -1 -2 5 # 1.5 NaN e ;".split(),
    "asc": """
( ) )( (( )) | ; " < > Axon Dendrite Apical CellBody Generated Incomplete High Normal Low Color RGB Dot Name Set None
ImageCoords Sections Thumbnail Cross Spine Closed FillDensity Text Font Zoom (CellBody) (Dendrite) (Axon) ("x"
""".split(),
    "toml": """
title source mod cwd before load after init dt tstop celsius v_init record stim without tolerance why true false nan
inf -1 0 1e400 [] {} [[ ]] [stim] [[stim]] auto ours neuron 1979-05-27 07:32:00 file "" \"\"\" ''' "\\u0000" =1
"{package:none}" "{package:numpy.none}" "{neuron}" "soma(2).v" "~nobody/x"
""".split(),
}
LINES = {
    "mod": (
        *("m' = -m", "LOCAL x", "~ m <-> n (1, 2)", "FROM i=0 TO 3 {", "TABLE m FROM -100 TO 100 WITH 200"),
        *("SOLVE states", "INITIAL {", "NET_RECEIVE(w) {", "x = x + 1", "USEION na READ ena WRITE ina"),
    ),
    "swc": ("1 1 0 0 0 5 -1", "2 3 9 0 0 1 1", "", "#", "0 0 0 0 0 0 0", "7 2 1 1 1 1 7", "1e0 1 0 0 0 1 -1"),
    "asc": ("(1 2 3 4)", "( 0 0 0 )", "(", "|", "<(1 2 3 4)>", "(Color Red)", ")", "; c", "(Dot (1 2 3 4))"),
    "toml": (
        *('record = "v"', "dt = 0x10", 'stim = {at="soma(0.5)"}', "a.b.c = 1", 'title.x = "y"', "tolerance = 1"),
        *("[[stim]]", "mod = [[1]]", 'stim = [{at="soma(0.5)", delay=1e400, dur=1, amp=true}]', 'load = {a = "b"}'),
    ),
}
EVERY_KEY = b"""\
title = "every key"
source = "our own"
mod = ["../models/own"]
cwd = "../models/own"
before = ["x = 1"]
load = ["cell.hoc"]
after = ["x = 2"]
init = "auto"
dt = 0.025
tstop = 5
celsius = 6.3
v_init = -65.0
record = ["soma(0.5).v", "dend[2](0.1).v", "IClamp[0].i"]
stim = [{ at = "soma(0.5)", delay = 1, dur = 2.5, amp = 0.1 }]
without = ["synapses", "events"]
tolerance = 1e-9
why = "because"
"""
Edit = Callable[[bytes, random.Random, str], tuple[bytes, str]]


@dataclass(frozen=True)
class Input:
    """One edited file: what it was made from, what was done to it in words, and its bytes."""

    kind: str
    seed: int
    number: int
    original: str
    edits: tuple[str, ...]
    data: bytes


def make(kind: str, seed: int, number: int) -> Input:
    """The input of a kind, a seed and a number; a new original takes few inputs from the others."""
    random_ = random.Random(f"{seed}:{number}")
    name, data = max(originals(kind), key=lambda each: _rank(f"{seed}:{number}:{each[0]}"))
    said = []
    for _ in range(random_.randint(1, MOST_EDITS)):
        data, what = random_.choice(EDITS)(data, random_, kind)
        said.append(what)
    return Input(kind, seed, number, name, tuple(said), data)


@cache
def originals(kind: str) -> tuple[tuple[str, bytes], ...]:
    """Names and bytes of the files that are edited, in one order everywhere, each content once."""
    places = [(name, ROOT / name) for name in OURS]
    places += [(name, (installed(name) / inside).resolve()) for name, inside in PACKAGES]
    found = {"every_key.toml": EVERY_KEY} if kind == "toml" else {}
    for name, place in places:
        files = sorted(path for path in place.rglob(f"*.{kind}") if path.is_file())
        found |= {f"{name}/{path.relative_to(place).as_posix()}": path.read_bytes() for path in files}
    once = {data: name for name, data in reversed(found.items())}
    return tuple(sorted((name, data) for data, name in once.items()))


def _rank(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _span(data: bytes, random_: random.Random) -> tuple[int, int]:
    start = random_.randint(0, len(data))
    return start, min(len(data), start + random_.randint(1, LONGEST))


def _inserted(data: bytes, at: int, new: bytes) -> tuple[bytes, str]:
    return data[:at] + new + data[at:], f"{new!r} inserted at byte {at}"


def delete(data: bytes, random_: random.Random, kind: str) -> tuple[bytes, str]:
    start, stop = _span(data, random_)
    return data[:start] + data[stop:], f"bytes {start} to {stop} deleted"


def copy(data: bytes, random_: random.Random, kind: str) -> tuple[bytes, str]:
    start, stop = _span(data, random_)
    return _inserted(data, random_.randint(0, len(data)), data[start:stop])


def swap(data: bytes, random_: random.Random, kind: str) -> tuple[bytes, str]:
    """Two pieces change places."""
    (a, b), (c, d) = sorted((_span(data, random_), _span(data, random_)))
    b = min(b, c)
    new = data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]
    return new, f"bytes {a} to {b} and {c} to {d} swapped"


def word(data: bytes, random_: random.Random, kind: str) -> tuple[bytes, str]:
    new, pad = random_.choice(WORDS[kind]).encode(), random_.choice((b"", b" ", b"\n"))
    return _inserted(data, random_.randint(0, len(data)), pad + new + pad)


def written(data: bytes, random_: random.Random, kind: str) -> tuple[bytes, str]:
    """A line of the kind's language."""
    return _inserted(data, random_.randint(0, len(data)), f"\n{random_.choice(LINES[kind])}\n".encode())


def bracket(data: bytes, random_: random.Random, kind: str) -> tuple[bytes, str]:
    return _inserted(data, random_.randint(0, len(data)), random_.choice(BRACKETS))


def strange(data: bytes, random_: random.Random, kind: str) -> tuple[bytes, str]:
    """A control character, one that is not ASCII, or half of one."""
    return _inserted(data, random_.randint(0, len(data)), random_.choice(STRANGE))


def cut(data: bytes, random_: random.Random, kind: str) -> tuple[bytes, str]:
    stop = random_.randint(0, len(data))
    return data[:stop], f"cut short at byte {stop}"


def line(data: bytes, random_: random.Random, kind: str) -> tuple[bytes, str]:
    """Two lines change places, or one is written over the other."""
    lines = data.splitlines(keepends=True)
    if not lines:
        return data, "no line to move"
    a, b = random_.randrange(len(lines)), random_.randrange(len(lines))
    both = random_.random() < 0.5
    lines[a], lines[b] = lines[b], lines[a] if both else lines[b]
    return b"".join(lines), f"lines {a + 1} and {b + 1} swapped" if both else f"line {a + 1} replaced by {b + 1}"


def token(data: bytes, random_: random.Random, kind: str) -> tuple[bytes, str]:
    """A word or sign is left out, doubled, or becomes another one of the file."""
    found = list(TOKEN.finditer(data))
    if not found:
        return data, "no word to change"
    match, other = random_.choice(found), random_.choice(found)[0]
    new = random_.choice((b"", match[0] + b" " + match[0], other, other))
    return data[: match.start()] + new + data[match.end() :], f"{match[0]!r} at byte {match.start()} became {new!r}"


def quoted(data: bytes, random_: random.Random, kind: str) -> tuple[bytes, str]:
    """What stands between quotes becomes another text."""
    found = list(QUOTED.finditer(data))
    if not found:
        return data, "no quotes to fill"
    match, new = random_.choice(found), random_.choice(TEXTS)
    said = f"{match[0]!r} at byte {match.start()} became {new!r}"
    return data[: match.start() + 1] + new.encode() + data[match.end() - 1 :], said


def number(data: bytes, random_: random.Random, kind: str) -> tuple[bytes, str]:
    """A number becomes an extreme one."""
    found = list(NUMBER.finditer(data))
    if not found:
        return data, "no number to change"
    match, new = random_.choice(found), random_.choice(EXTREMES)
    said = f"{match[0].decode()} at byte {match.start()} became {new[:20].decode()}"
    return data[: match.start()] + new + data[match.end() :], said


EDITS: tuple[Edit, ...] = (
    delete,
    copy,
    swap,
    word,
    word,
    written,
    bracket,
    strange,
    cut,
    line,
    token,
    token,
    token,
    number,
    number,
)
