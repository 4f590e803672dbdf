"""What an import refuses can be left out from Python: by ``without`` in NEURON, by ``strict=False`` here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import jxneuron as jx

MODEL = """
create soma, dend
access soma
soma { L = 20 diam = 20 insert hh }
dend { L = 200 diam = 2 nseg = 3 insert pas }
connect dend(0), soma(1)
objref pc, cv, fih, syn, nc, ks, c, g, y, b, lm, sl, xl
pc = new ParallelContext()
cv = new CVode()
soma syn = new ExpSyn(0.5)
soma nc = new NetCon(&v(0.5), syn)
fih = new FInitializeHandler("cv.event(0.5, \\"soma.gnabar_hh = 0\\")")
ks = new KSChan(0)
ks.name("kfast")
ks.ion("k")
ks.iv_type(2)
ks.gmax(0.01)
dend insert kfast
sl = new SectionList()
soma sl.append()
c = new Matrix(1, 1)
g = new Matrix(1, 1)
y = new Vector(1)
b = new Vector(1)
xl = new Vector(1, 0.5)
lm = new LinearMechanism(c, g, y, b, sl, xl)
tstop = 0.5
"""
FOUND = {
    "kfast": "a KSChan with the current of Goldman, Hodgkin and Katz: not taken over yet",
    "LinearMechanism": "LinearMechanism, 1 of them: NEURON shows neither its matrices nor the nodes where they act",
    "cvode.event": "1 statement",
}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("refused") / "model.hoc"
    made.write_text(MODEL)
    return made


def test_everything_is_named_at_once(path):
    with pytest.raises(jx.Unsupported) as raised:
        jx.load(path)
    for place, found in FOUND.items():
        (finding,) = [each for each in raised.value.findings if each.place.startswith(place)]
        assert found in finding.found
    assert len(raised.value.findings) == len(FOUND)


def test_without_strict_it_is_left_out_and_reported(path):
    net: Any = jx.load(path, strict=False)
    left_out = net.import_report.query("kind == 'left out'")["place"].tolist()
    assert all(any(place.startswith(start) for place in left_out) for start in FOUND)
    others = net.import_report.query("kind != 'left out'")["place"].tolist()
    assert len(left_out) == len(FOUND) and others == ["FInitializeHandler"]  # each cause is noted once
    assert np.isfinite(jx.integrate(net)).all()


def test_states_that_events_set_are_not_moved_on(tmp_path):
    made = tmp_path / "adjusted.hoc"
    made.write_text(
        "create soma\naccess soma\ninsert pas\nobjref syn, nc\nsyn = new ExpSyn(0.5)\n"
        "nc = new NetCon(&v(0.5), syn)\nnrn_netrec_state_adjust = 1\ntstop = 0.1\n"
    )
    with pytest.raises(jx.Unsupported, match="nrn_netrec_state_adjust"):
        jx.load(made)


VARIABLE = """
create soma
access soma
L = diam = 20
insert hh
objref cvode, stim
cvode = new CVode()
stim = new IClamp(0.5)
stim.dur = 1
stim.amp = 0.5
tstop = 0.5
proc init() { cvode.active(1) finitialize(v_init) cvode.re_init() }
"""


def test_a_model_of_variable_steps_runs_with_fixed_ones_and_says_so(tmp_path, neuron_child):
    made = tmp_path / "variable.hoc"
    made.write_text(VARIABLE)
    net: Any = jx.load(made)
    (note,) = net.import_report.query("kind == 'solver'").to_dict("records")
    assert (note["place"], note["done"]) == ("cvode.active(1)", "fixed steps of 0.025 ms")
    expected = neuron_child(
        "h.load_file('stdrun.hoc')\nh(given['model'])\nh.cvode.active(0)\nh.finitialize(-65)\nv = [h.soma(0.5).v]\n"
        "for _ in range(20):\n    h.fadvance()\n    v.append(h.soma(0.5).v)\ngive(v)",
        model=VARIABLE,
    )
    assert np.abs(jx.integrate(net)[0] - np.array(expected)).max() < 1e-9


def test_a_model_of_several_threads_runs_in_one(tmp_path):
    """A live session is not changed, so that it is refused there; a fork of it would wait for the threads for ever."""
    made = tmp_path / "threads.hoc"
    made.write_text(
        "create a, b\nforall insert pas\nobjref pc, trace\npc = new ParallelContext()\npc.nthread(2)\n"
        "trace = new Vector()\ntrace.record(&a.v(0.5))\ntstop = 0.1\n"
    )
    net: Any = jx.load(made)
    assert np.isfinite(jx.integrate(net)).all()


def test_what_is_taken_out_in_neuron_is_refused_no_more(path):
    with pytest.raises(jx.Unsupported) as raised:
        jx.load(path, without=["events", "synapses", "kfast"])
    assert [each.place for each in raised.value.findings] == ["cvode.event", "LinearMechanism[0]"]
    net = jx.load(path, without=["synapses", "kfast"], after=["objref lm", "objref fih"])
    assert [each.name for each in net.channels] == ["pas", "hh"]
    with pytest.raises(jx.ModelError, match="no such mechanism"):
        jx.load(path, without="synapse")
