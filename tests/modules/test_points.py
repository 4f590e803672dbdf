"""Point processes that an import brings along can be seen, changed and removed; NEURON says what is left."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any

import numpy as np
import pytest

import jxneuron as jx
from jxneuron.errors import ModelError

SOURCE = """
create soma, dend
access soma
soma { L = 20 diam = 20 insert pas }
dend { L = 200 diam = 2 nseg = 3 insert pas }
connect dend(0), soma(1)
objref clamp[3], hold, times, values
for i = 0, 2 { soma clamp[i] = new IClamp(0.5) }
dend clamp[2].loc(0.9)
for i = 0, 2 { clamp[i].del = 0.5 + i  clamp[i].dur = 2  clamp[i].amp = 0.1*(i + 1) }
times = new Vector()
values = new Vector()
times.append(0, 1, 2)
values.append(0.1, 0.3, 0)
values.play(&clamp[0].amp, times)
dend hold = new SEClamp(0.1)
hold.dur1 = 3
hold.amp1 = -60
tstop = 4
"""
# In NEURON: the model, then each edit by itself, in one process for each (a fork of the one that has the model)
THEIRS = """
import json, os
from neuron import h
h.load_file("stdrun.hoc")
h.load_file({path!r})
found = {{}}
for name, edit in {edits!r}.items():
    reading, writing = os.pipe()
    if not os.fork():
        space = {{"h": h, "clamp": h.clamp, "hold": h.hold, "values": h.values}}
        exec(edit, space)
        h.stdinit()
        rows = [[h.soma(0.5).v, h.dend(0.9).v]]
        while h.t < h.tstop - h.dt / 2:
            h.fadvance()
            rows.append([h.soma(0.5).v, h.dend(0.9).v])
        os.write(writing, json.dumps(rows).encode())
        os._exit(0)
    os.close(writing)
    found[name] = json.loads(open(reading).read())
    os.wait()
open({out!r}, "w").write(json.dumps(found))
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("points") / "model.hoc"
    path.write_text(SOURCE)
    return path, jx.load(path)


@pytest.fixture
def net(loaded: Any) -> Any:
    return loaded[1].copy()


LABELS = ["IClamp[0]", "IClamp[1]", "IClamp[2]", "SEClamp[0]"]


def test_the_table_lists_every_point_process(net):
    table = net.points
    assert table["label"].tolist() == LABELS
    assert table["mechanism"].tolist() == ["IClamp", "IClamp", "IClamp", "SEClamp"]
    assert table["section"].tolist() == ["soma", "soma", "dend", "dend"]
    np.testing.assert_allclose(table["x"], [0.5, 0.5, 5 / 6, 1 / 6])
    np.testing.assert_array_equal(table["del"], [0.5, 1.5, 2.5, np.nan])
    np.testing.assert_array_equal(table["amp1"], [np.nan, np.nan, np.nan, -60.0])
    assert net.section("soma").points["label"].tolist() == LABELS[:2]
    assert net.section("dend").loc(0.5).points.empty
    assert net.plays[["target", "kind", "points", "begins", "ends"]].to_numpy().tolist() == [
        ["IClamp[0].amp", "step", 3, 0.0, 2.0]
    ]
    assert net.section("dend").plays.empty
    with pytest.raises(ModelError, match=r"points is a copy.*set\("):
        table.loc[0, "amp"] = 1.0
    assert jx.Compartment().points.columns.tolist() == ["label", "mechanism", "section", "x"]


def test_a_view_of_one_mechanism(net):
    assert net.IClamp.get("amp").tolist() == [0.1, 0.2, 0.1 * 3]
    net.IClamp.set("amp", [0.5, 0.6, 0.7])
    net.IClamp[1].set("delay", 0.25)
    net.section("dend").IClamp.set("dur", 9.0)
    assert net.get("IClamp[2].amp") == 0.7
    assert net.IClamp[[0, 2]].get("dur").tolist() == [2.0, 9.0]
    assert net.IClamp.table["del"].tolist() == [0.5, 0.25, 2.5]
    assert [each.get("amp").tolist() for each in net.IClamp] == [[0.5], [0.6], [0.7]]
    assert "IClamp[1]" in repr(net.IClamp) and len(net.section("soma").IClamp) == 2
    net.delete_recordings()
    net.section("soma").IClamp.record("i", verbose=False)
    assert net.recordings["name"].tolist() == ["IClamp[0].i", "IClamp[1].i"]
    net.section("soma").delete_recordings()
    assert net.recordings.empty


@pytest.mark.parametrize(
    ("wrong", "kind", "message"),
    [
        (lambda net: setattr(net.IClamp[0], "amp", 1.0), AttributeError, r"write \.set\('amp'"),
        (lambda net: net.IClamp[0].amp, AttributeError, r"read with \.get\('amp'\)"),
        (lambda net: net.IClamp.set("ampl", 1.0), KeyError, "no variable of IClamp; did you mean amp"),
        (lambda net: net.IClamp.set("amp", [1.0, 2.0]), ModelError, r"\(2,\) values for 3 of IClamp"),
        (lambda net: net.IClamp.set("amp", [1.0, 2.0, np.nan]), ModelError, "is not a number"),
        (lambda net: net.IClamp[3], IndexError, r"IClamp\[3\] is not here; there are IClamp\[0\], IClamp\[1\]"),
        (lambda net: net.section("soma").IClamp[2], IndexError, r"IClamp\[2\] is not here"),
        (lambda net: net.section("soma").SEClamp, AttributeError, "SEClamp is in none of these compartments"),
        (lambda net: net.section("soma").delete("SEClamp"), ModelError, r"elsewhere: SEClamp\[0\]"),
        (lambda net: net.delete("IClamp[7]"), ModelError, r"IClamp\[7\] is in none of these"),
        (lambda net: net.IClmp, AttributeError, "did you mean IClamp"),
        (lambda net: net.delete_plays("IClamp[1].amp"), KeyError, r"did you mean IClamp\[0\]\.amp"),
        (lambda net: net.section("soma").set_ncomp(3), ModelError, "delete of a mechanism"),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(net, wrong, kind, message):
    before = net.model
    with pytest.raises(kind, match=message):
        wrong(net)
    assert net.model is before


@pytest.mark.parametrize(
    "edit", [lambda net: net.IClamp.set("amp", 1.0), lambda net: net.make_trainable("IClamp[0].amp", verbose=False)]
)
def test_what_follows_lines_that_are_played_is_not_set_or_trained(net, edit):
    """A step may be set: it counts until the first point."""
    (play,) = net.model.plays
    lines = dataclasses.replace(play, kind="continuous")
    drawn: Any = jx.Network.from_model(dataclasses.replace(net.model, plays=(lines,)))
    with pytest.raises(ModelError, match=r"IClamp\[0\]\.amp follows .*delete_plays\('IClamp\[0\]\.amp'\) first"):
        edit(drawn)
    drawn.IClamp[1].set("amp", 1.0)
    drawn.IClamp[0].set("del", 1.0)
    drawn.delete_plays("IClamp[0].amp")
    edit(drawn)
    edit(net)


SILENT = "clamp[0].amp = clamp[1].amp = clamp[2].amp = 0"
# By name: the edit here, the same in NEURON, and what is left
EDITS: dict[str, tuple[Any, str, list[str]]] = {
    "one": (lambda net: net.delete("IClamp[1]"), "clamp[1].amp = 0", [LABELS[0], *LABELS[2:]]),
    "one by view": (lambda net: net.IClamp[2].delete(), "clamp[2].amp = 0", [*LABELS[:2], LABELS[3]]),
    "all of a mechanism": (lambda net: net.delete("SEClamp"), "hold.dur1 = 0", LABELS[:3]),
    "stimuli": (lambda net: net.delete_stimuli(), f"values.play_remove(); {SILENT}", LABELS[3:]),
    "stimuli of a view": (
        lambda net: net.section("dend").delete_stimuli(),
        "clamp[2].amp = 0",
        [*LABELS[:2], LABELS[3]],
    ),
    "clamps": (lambda net: net.delete_clamps(), "hold.dur1 = 0", LABELS[:3]),
    "clamps of v": (lambda net: net.section("dend").delete_clamps("v"), "hold.dur1 = 0", LABELS[:3]),
    "plays": (lambda net: net.delete_plays(), "values.play_remove()", LABELS),
}


@pytest.fixture(scope="module")
def theirs(loaded: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """NEURON's traces after each edit, in one process."""
    import json
    import subprocess
    import sys

    out = tmp_path_factory.mktemp("theirs") / "rows.json"
    code = THEIRS.format(path=str(loaded[0]), out=str(out), edits={name: edit for name, (_, edit, _) in EDITS.items()})
    subprocess.run([sys.executable, "-c", code], check=True, cwd=out.parent, capture_output=True, timeout=120)
    return json.loads(out.read_text())


@pytest.mark.parametrize("name", EDITS)
def test_what_is_left_is_what_neuron_has_without_them(net, theirs, name):
    edit, _, left = EDITS[name]
    edit(net)
    assert net.points["label"].tolist() == left
    assert net.plays.empty == (name in ("stimuli", "plays"))
    net.delete_recordings()
    for each in ("soma(0.5).v", "dend(0.9).v"):
        net.record(each, verbose=False)
    np.testing.assert_allclose(np.asarray(jx.integrate(net)).T, theirs[name], rtol=1e-9)


def test_what_is_trained_stays_with_its_clamp(net):
    net.make_trainable("IClamp[2].amp", 0.9, verbose=False)
    with pytest.raises(ModelError, match=r"IClamp\[2\]\.amp is trained"):
        net.delete_stimuli()
    net.delete("IClamp[0]")
    net.write_trainables(net.get_parameters())
    assert net.IClamp.get("amp").tolist() == [0.2, 0.9]
    for other in (pickle.loads(pickle.dumps(net)), copy.deepcopy(net)):
        assert other.points["label"].tolist() == LABELS[1:]


def test_a_file_holds_what_is_left(net, tmp_path):
    net.delete("IClamp[0]")
    net.IClamp[1].set("amp", 0.7)
    net.save(tmp_path / "left.jxn")
    again = jx.open(tmp_path / "left.jxn")
    assert again.points.equals(net.points) and again.plays.empty
    assert again.IClamp.get("amp").tolist() == net.IClamp.get("amp").tolist() == [0.7, 0.1 * 3]


def test_other_injected_currents_are_named_when_stimuli_are_deleted(net):
    """As a model's own POINT_PROCESS with an ELECTRODE_CURRENT."""
    model = net.model
    placements = [each for each in model.placements if each.mechanism != "SEClamp"]
    own = [
        dataclasses.replace(each, mechanism="Pulse", labels=tuple(f"Pulse[{k}]" for k in range(len(each.labels))))
        if each.mechanism == "IClamp"
        else each
        for each in placements
    ]
    sources = [
        dataclasses.replace(each, mechanism={"IClamp": "Pulse"}.get(each.mechanism, each.mechanism))
        for each in model.sources
    ]
    made: Any = jx.Network.from_model(
        dataclasses.replace(model, placements=tuple(own), sources=tuple(sources), initial=None, plays=(), probes=())
    )
    with pytest.warns(UserWarning, match=r"Pulse\[1\], Pulse\[2\] still inject a current: delete\('Pulse'\)"):
        made.delete_stimuli()
    made.delete("Pulse")
    made.delete_stimuli()
    assert made.points.empty
