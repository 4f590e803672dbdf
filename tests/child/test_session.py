"""What a case does to the model in NEURON, seen in NEURON."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jxneuron import case

MODEL = """
create soma, dend[3], axon
connect dend[0](0), soma(1)
connect dend[1](0), dend[0](1)
connect dend[2](1), dend[0](1)
connect axon(0), soma(0)
forall { nseg = 3 L = 100 diam = 2 insert pas }
axon { L = 150 insert hh }
dend[2] { L = 400 }
objref clamp, syn, nc, stim, holder
soma clamp = new IClamp(0.5)
axon holder = new VClamp(0.5)
holder.dur[1] = 7
dend[1] syn = new ExpSyn(0.5)
stim = new NetStim()
nc = new NetCon(stim, syn, 0, 1, 0.01)
begintemplate Cell
public soma, list
objref list
create soma
proc init() { soma { insert pas } }
endtemplate Cell
objref cells[2]
for i=0,1 cells[i] = new Cell()
v_init = -71
proc init() { finitialize(v_init) soma.v(0.5) = -50 }
"""

GAP = """
NEURON { POINT_PROCESS Gap POINTER vother RANGE r, i NONSPECIFIC_CURRENT i }
PARAMETER { r = 1e3 }
ASSIGNED { v i vother }
BREAKPOINT { i = (v - vother)/r }
"""
STEPPED = """
: looks at nothing else, so no POINTER
NEURON { POINT_PROCESS Stepped RANGE i NONSPECIFIC_CURRENT i }
ASSIGNED { v i }
BREAKPOINT { i = 0 }
"""

SETUP = """
from jxneuron import case, errors
from jxneuron.child import session
def attempt(work):
    try:
        return work()
    except errors.JxneuronError as error:
        return f"{type(error).__name__}: {error}"
case = case.from_dict(given["case"])
"""


@pytest.fixture
def in_neuron(tmp_path: Path, neuron_child: Callable[..., Any]) -> Callable[..., Any]:
    (tmp_path / "model.hoc").write_text(MODEL)

    def run(code: str, **keys: Any) -> Any:
        chosen = case.read(tmp_path / "model.hoc", **keys)
        return neuron_child(SETUP + code, case=chosen.to_dict())

    return run


def test_default_records_are_soma_and_farthest_tip(in_neuron: Callable[..., Any]) -> None:
    code = "session.prepare(case); give([r.name for r in session.find_records(h, case)])"
    assert in_neuron(code) == ["soma(0.5).v", "dend[2](0).v"]


def test_names_find_what_hoc_would_find(in_neuron: Callable[..., Any]) -> None:
    names = [
        "soma[0](0.5).v",
        "cells[1].soma(0.5).v",
        "Cell[1].soma(0.5).v",
        "axon(0.2).m_hh",
        "IClamp[0].amp",
        "clamp.i",
        "holder.dur[1]",
    ]
    code = (
        "session.prepare(case); session.initialise(h, case)\n"
        "give([[r.name, r.section, r.label, r.pointer[0]] for r in session.find_records(h, case)])"
    )
    found = in_neuron(code, record=names)
    assert [each[0] for each in found] == names
    assert [each[1] for each in found] == ["soma", "Cell[1].soma", "Cell[1].soma", "axon", "", "", ""]
    assert [each[2] for each in found[-3:]] == ["IClamp[0]", "IClamp[0]", "VClamp[0]"]
    assert found[-1][3] == 7
    assert [each[3] for each in found[:2]] == [-50, -71]
    assert 0 < found[3][3] < 0.1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("sona(0.5).v", "there is no section 'sona'; did you mean soma"),
        ("dend[7](0.5).v", "there is no section 'dend[7]'"),
        ("axon(0.5).gna_h", "no 'gna_h' there; did you mean gna_hh"),
        ("IClamp[4].i", "there is no point process 'IClamp[4]'"),
        ("IClamp[0].j", "IClamp[0] has no 'j'"),
        ("VClamp[0].dur", "dur is an array; record one element: dur[0]"),
        ("VClamp[0].gain[1]", "gain is not an array"),
        ("axon(0.2).m_hh[0]", "m_hh is not an array"),
    ],
)
def test_wrong_names_are_told_with_near_ones(in_neuron: Callable[..., Any], name: str, message: str) -> None:
    found = in_neuron("session.prepare(case); give(attempt(lambda: session.find_records(h, case)))", record=[name])
    assert found.startswith("ModelError") and message in found


def test_settings_reach_neuron_and_the_rest_is_the_models_own(in_neuron: Callable[..., Any]) -> None:
    code = (
        "session.prepare(case); session.initialise(h, case)\n"
        "give([h.dt, h.steps_per_ms, h.celsius, h.tstop, h.axon(0.5).v])"
    )
    assert in_neuron(code) == [0.025, 40, 6.3, 5, -71]
    assert in_neuron(code, dt=0.05, celsius=34.0, tstop=12.0, v_init=-60.0) == [0.05, 20, 34, 12, -60]


def test_an_init_statement_replaces_the_models_own(in_neuron: Callable[..., Any]) -> None:
    code = "session.prepare(case); session.initialise(h, case); give([h.soma(0.5).v, h.axon(0.5).v])"
    assert in_neuron(code) == [-50, -71]
    assert in_neuron(code, init="finitialize(-80)") == [-80, -80]


def test_a_failing_statement_is_quoted(in_neuron: Callable[..., Any]) -> None:
    found = in_neuron("give(attempt(lambda: session.prepare(case)))", after=["soma insert nothing_like_it"])
    assert found == "ChildFailed: the hoc statement fails in NEURON: soma insert nothing_like_it"


def test_stimuli_are_added(in_neuron: Callable[..., Any]) -> None:
    code = "session.prepare(case); clamp = h.IClamp[1]\n"
    code += "give([str(clamp.get_segment()), clamp.delay, clamp.dur, clamp.amp])"
    stim = [{"at": "dend[2](0.9)", "delay": 1, "dur": 2, "amp": -0.5}]
    segment, *numbers = in_neuron(code, stim=stim)
    assert segment.startswith("dend[2](0.8") and numbers == [1, 2, -0.5]


WITHOUT = """
session.prepare(case)
give({"syn": str(h.syn.get_segment()), "active": h.nc.active(), "hh": h.axon.has_membrane("hh"),
      "clamp": str(h.clamp.get_segment()), "sections": list(session.find_sections(h))})
"""


@pytest.mark.parametrize(
    ("without", "syn", "active", "hh", "clamp"),
    [
        ([], "dend[1](0.5)", 1, True, "soma(0.5)"),
        (["synapses"], "jxneuron_removed(0.5)", 0, True, "soma(0.5)"),
        (["events"], "dend[1](0.5)", 0, True, "soma(0.5)"),
        (["hh", "IClamp"], "dend[1](0.5)", 1, False, "jxneuron_removed(0.5)"),
    ],
)
def test_without(
    in_neuron: Callable[..., Any], without: list[str], syn: str, active: int, hh: bool, clamp: str
) -> None:
    found = in_neuron(WITHOUT, without=without)
    assert (found["syn"], found["active"], found["hh"], found["clamp"]) == (syn, active, hh, clamp)
    assert "jxneuron_removed" not in found["sections"] and len(found["sections"]) == 7


def test_without_a_mechanism_that_does_not_exist(in_neuron: Callable[..., Any]) -> None:
    found = in_neuron("give(attempt(lambda: session.prepare(case)))", without=["synapsis"])
    assert "without 'synapsis': no such mechanism; did you mean synapses" in found


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("pas_ion", "no such mechanism; did you mean pas"),
        ("na_ion", "NEURON takes no ion out of a section; name the mechanisms that use it"),
        ("capacitance", "capacitance cannot be taken out; every section has one"),
        ("LinearMechanism", "end the object that holds it (hoc: objref NAME, Python: NAME = None)"),
        ("NetCon", "leave out what it does with 'events', or its target"),
        ("gap junctions", "name 'synapses', or their mechanism"),
    ],
)
def test_without_what_no_name_takes_out(in_neuron: Callable[..., Any], name: str, message: str) -> None:
    found = in_neuron("give(attempt(lambda: session.prepare(case)))", without=[name])
    assert found.startswith("ModelError") and message in found


def test_without_artificial_cells_their_events_stop(in_neuron: Callable[..., Any]) -> None:
    found = in_neuron(WITHOUT, without=["NetStim"])
    assert (found["syn"], found["active"]) == ("dend[1](0.5)", 0)


def test_without_extracellular_neuron_runs_as_if_it_were_not_there(in_neuron: Callable[..., Any]) -> None:
    """To 1e-10 mV over spikes, where its default of 1e9 S/cm2 alone already makes 1e-9 mV."""
    code = """
session.prepare(case); session.initialise(h, case)
trace = []
while h.t < 20:
    h.fadvance()
    trace.append([h.axon(0.5).v, h.dend[1](0.5).v])
give(trace)
"""
    stimulated = ["clamp.amp = 0.5", "clamp.dur = 20"]
    inserted = [*stimulated, "forall { insert extracellular e_extracellular = -5 xc = 3 }"]
    plain = np.array(in_neuron(code, after=stimulated))
    taken_out = np.array(in_neuron(code, after=inserted, without=["extracellular"]))
    kept = np.array(in_neuron(code, after=inserted))
    assert plain.max() > 0
    assert np.abs(taken_out - plain).max() < 1e-10 < np.abs(kept - plain).max()


def test_a_python_model_is_a_script_and_stays_alive(tmp_path: Path, neuron_child: Callable[..., Any]) -> None:
    (tmp_path / "helper.py").write_text("LENGTH = 42\n")
    (tmp_path / "model.py").write_text(
        "from neuron import h\nfrom helper import LENGTH\nimport gc\n"
        "class Cell:\n"
        "    def __init__(self):\n"
        "        self.soma = h.Section(name='soma', cell=self)\n"
        "        self.soma.L = LENGTH\n"
        "if __name__ == '__main__':\n    cell = Cell()\n"
    )
    code = (
        "session.prepare(case); import gc; gc.collect()\n"
        "give([list(session.find_sections(h)), [r.segment.sec.L for r in session.find_records(h, case)]])"
    )
    chosen = case.read(tmp_path / "model.py", record=["cell.soma(0.5).v"])
    assert neuron_child(SETUP + code, case=chosen.to_dict()) == [["Cell[0].soma"], [42]]


def test_gap_junctions_count_as_synapses(
    in_neuron: Callable[..., Any], tmp_path: Path, mod_library: Callable[..., Path]
) -> None:
    (tmp_path / "mods").mkdir()
    (tmp_path / "mods" / "gap.mod").write_text(GAP)
    (tmp_path / "mods" / "stepped.mod").write_text(STEPPED)
    after = [
        "objref gap, stepped",
        "soma gap = new Gap(0.5)",
        "soma stepped = new Stepped(0.5)",
        "setpointer gap.vother, axon.v(0.5)",
    ]
    code = "session.prepare(case); give([str(h.gap.get_segment()), str(h.stepped.get_segment())])"
    library = str(mod_library(tmp_path / "mods"))
    found = in_neuron(code, mod=[library], after=after, without=["synapses"])
    assert found == ["jxneuron_removed(0.5)", "soma(0.5)"]


def test_pointers_without_target_are_listed(
    in_neuron: Callable[..., Any], tmp_path: Path, mod_library: Callable[..., Path]
) -> None:
    (tmp_path / "gap.mod").write_text(GAP)
    (tmp_path / "lost.mod").write_text("NEURON { SUFFIX lost POINTER p }\nASSIGNED { p }\nINITIAL { p = 1 }\n")
    library = str(mod_library(tmp_path))
    after = ["objref gaps[2]", "soma for i=0,1 gaps[i] = new Gap(0.5)", "setpointer gaps[1].vother, axon.v(0.5)"]
    code = "from jxneuron.child import unset_pointers; h = session.prepare(case)\n"
    code += "give(unset_pointers.find_unset_pointers(h))"
    found = in_neuron(code, mod=[library], after=[*after, "dend[0] insert lost"])
    assert found == [
        "POINTER p of lost has no target at dend[0](0.166667) and 2 more",
        "POINTER vother of Gap has no target at Gap[0]",
    ]


def test_without_the_target_of_a_pointer_is_refused_with_its_place(
    in_neuron: Callable[..., Any], tmp_path: Path, mod_library: Callable[..., Path]
) -> None:
    """NEURON would crash in INITIAL."""
    (tmp_path / "lost.mod").write_text("NEURON { SUFFIX lost POINTER p }\nASSIGNED { p }\nINITIAL { p = 1 }\n")
    library = str(mod_library(tmp_path))
    after = ["axon { insert lost setpointer p_lost(0.5), m_hh(0.5) }", "axon { setpointer p_lost(0.2), v(0.2) }"]
    after += ["axon { setpointer p_lost(0.8), v(0.8) }"]
    found = in_neuron("give(attempt(lambda: session.prepare(case)))", mod=[library], after=after, without=["hh"])
    assert "without 'hh': POINTER p of lost has no target at axon(0.5)" in found
    assert "leave the mechanisms of these POINTERs out too" in found
    both = in_neuron("session.prepare(case); give(1)", mod=[library], after=after, without=["hh", "lost"])
    assert both == 1


STYLES = """
h = session.prepare(case)
dend = h.dend[0]
for segment in dend:
    segment.eca = 77
h.finitialize(-65)
give([segment.eca for segment in dend])
"""


def test_a_point_process_taken_out_leaves_no_ion_style_behind(
    in_neuron: Callable[..., Any], mod_library: Callable[..., Path]
) -> None:
    """It reads cai, so finitialize would overwrite eca where it stood, unseen by an import."""
    library = str(mod_library(Path(__file__).parents[1] / "read" / "mod"))
    place = ["dend[0] insert ca_ion", "objref spot", "dend[0] spot = new capoint(0.5)"]
    kept = in_neuron(STYLES, mod=[library], after=place)
    taken_out = in_neuron(STYLES, mod=[library], after=place, without=["capoint"])
    assert kept[0] == kept[2] == 77 and kept[1] > 100
    assert taken_out == [77, 77, 77]
