"""Functions that BEFORE, AFTER and diffusion call: without thread safety NEURON crashes on an instance's values."""

from __future__ import annotations

import signal

import pytest

from jxneuron.errors import Unsupported
from jxneuron.nmodl import translate, translate_all

TEXT = """NEURON {{ SUFFIX {name} NONSPECIFIC_CURRENT i USEION k READ ek RANGE g, r, w{shared} }}
PARAMETER {{ g = 1e-3 w = 2 pg = 3 celsius }}
ASSIGNED {{ v i r q gl ek diam area arr[2] }}
STATE {{ m }}
LOCAL fl
INITIAL {{ gl = 1 m = 0 fl = 2 }}
BREAKPOINT {{ SOLVE s METHOD cnexp i = g*m*v }}
DERIVATIVE s {{ m' = 1 - m }}
PROCEDURE p() {{ through() }}
PROCEDURE through() {{ {body} }}
{moment} {{ p() }}
"""
DIFFUSING = """NEURON { SUFFIX diffusing RANGE dcoef GLOBAL gl }
PARAMETER { dcoef = 0.6 }
ASSIGNED { gl diam }
STATE { c d }
INITIAL { gl = 1  c = 1  d = 0 }
BREAKPOINT { SOLVE st METHOD sparse }
FUNCTION dd() { dd = dcoef }
KINETIC st { COMPARTMENT diam { c d }  LONGITUDINAL_DIFFUSION dd() { c }  ~ c <-> d (1, 1) }
"""
CRASHES = {
    "sets": ("BEFORE STEP", "r = 5"),
    "reads": ("BEFORE STEP", "gl = w"),
    "reads_ion": ("BEFORE STEP", "gl = ek"),
    "reads_diam": ("BEFORE STEP", "gl = diam"),
    "reads_state": ("AFTER SOLVE", "gl = m"),
    "sets_array": ("AFTER INITIAL", "arr[1] = 3"),
    "reads_early": ("BEFORE INITIAL", "gl = q"),
    "reads_current": ("BEFORE BREAKPOINT", "gl = i"),
}
RUNS = ("BEFORE STEP", "gl = pg + celsius + v + t + fl")


def text(name: str, case: tuple[str, str], shared: str = " GLOBAL gl") -> str:
    return TEXT.format(name=name, moment=case[0], body=case[1], shared=shared)


def test_what_crashes_neuron_is_refused():
    found = translate_all([*((text(name, case), "x.mod") for name, case in CRASHES.items()), (DIFFUSING, "x.mod")])
    assert all(isinstance(each, Unsupported) and "NEURON crashes" in str(each) for each in found), found


@pytest.mark.parametrize(("case", "shared"), [(RUNS, " GLOBAL gl"), (CRASHES["sets"], "")], ids=["shared", "safe"])
def test_what_neuron_runs_is_translated(case: tuple[str, str], shared: str):
    assert translate(text("x", case, shared), file="x.mod").name == "x"


@pytest.mark.slow
def test_neuron_crashes_where_we_refuse(neuron_child, mod_library, tmp_path):
    folder = tmp_path / "mod"
    folder.mkdir()
    texts = {**{name: text(name, case) for name, case in CRASHES.items()}, "diffusing": DIFFUSING}
    for name, written in {**texts, "runs": text("runs", RUNS)}.items():
        (folder / f"{name}.mod").write_text(written)
    code = """
import os
def ends(name):
    child = os.fork()
    if not child:
        sec = h.Section(name="s")
        sec.nseg = 2
        sec.insert(name)
        h.finitialize(-60)
        h.fadvance()
        os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])
give({name: ends(name) for name in given["names"]})
"""
    ends = neuron_child(code, libraries=[mod_library(folder)], names=[*texts, "runs"])
    assert ends == {**dict.fromkeys(texts, signal.SIGSEGV), "runs": 0}
