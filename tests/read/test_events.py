"""NetCons, their sources and their targets, held against what NEURON says of the same session."""

from __future__ import annotations

from pathlib import Path

HERE = str(Path(__file__).parent)
START = f"""
import sys
sys.path.insert(0, {HERE!r})
from sessions import *
import numpy as np
def connect(source, target, delay=1.0, weight=0.0, threshold=10.0, sec=None):
    made = h.NetCon(source, target, sec=sec) if sec else h.NetCon(source, target)
    made.delay, made.weight[0], made.threshold = delay, weight, threshold
    return made
def read(**options):
    h.finitialize(-65)
    return session.read_model(h, MECHANISMS, **options)
def rows(events):
    both = {{name: vars(getattr(events, name)) for name in ("sources", "connections")}}
    return {{**both, "recorded": events.recorded}}
cells = [section(f"cell[{{k}}]", 3) for k in range(3)]
for one in cells: one.insert("hh")
"""


def test_every_connection_comes_over_in_the_order_of_creation(neuron_child):
    """On one segment NEURON's last point process is its first instance; each source has one threshold."""
    found = neuron_child(
        START
        + """
first, second, other = h.ExpSyn(cells[2](0.5)), h.ExpSyn(cells[2](0.5)), h.ExpSyn(cells[0](0.1))
stim = h.NetStim()
kept = [connect(cells[0](0.5)._ref_v, first, 0.3, 0.01, -20.0, cells[0]),
        connect(stim, second, 0.0, 0.02),
        connect(None, other, 7.0, 0.03),
        connect(cells[0](0.5)._ref_v, second, 1/3, -0.04, -15.0, cells[0]),
        connect(cells[1](1)._ref_v, first, 2.5, 0.05, 3.0, cells[1])]
kept[4].active(False)
model = read()
labels = next(each.labels for each in model.placements if each.mechanism == "ExpSyn")
nodes = [model.sections[0].centres[1], model.sections[1].node_at_1]
give({**rows(model.events), "labels": labels, "nodes": nodes, "names": [p.mechanism for p in model.placements],
      "stim": model.placements[-1].node, "kind": model.placements[-1].kind})
"""
    )
    assert found["labels"] == ["ExpSyn[2]", "ExpSyn[1]", "ExpSyn[0]"]
    assert found["names"] == ["ExpSyn", "hh", "NetStim"]
    assert (found["kind"], found["stim"]) == ("artificial", [-1])
    soma, tip = found["nodes"]
    assert found["sources"] == {
        "kind": ["voltage", "instance", "none", "voltage"],
        "node": [soma, -1, -1, tip],
        "mechanism": ["", "NetStim", "", ""],
        "variable": ["", "", "", ""],
        "instance": [-1, 0, -1, -1],
        "threshold": [-15.0, 10.0, 10.0, 3.0],
        "gid": [-1, -1, -1, -1],
    }
    assert found["connections"] == {
        "source": [0, 1, 2, 0, 3],
        "mechanism": [0] * 5,
        "instance": [2, 1, 0, 1, 2],
        "delay": [0.3, 0.0, 7.0, 1 / 3, 2.5],
        "active": [True, True, True, True, False],
        "targets": ["ExpSyn"],
        "weights": {"ExpSyn": [[0.01], [0.02], [0.03], [-0.04], [0.05]]},
    }


def test_sources_have_the_order_in_which_neuron_looks_at_them(neuron_child):
    """Spikes of one step show it; a source whose NetCon was deleted and made again comes last."""
    found = neuron_child(
        START
        + """
synapse = h.ExpSyn(cells[0](0.5))
kept = {k: connect(cells[k](0.5)._ref_v, synapse, threshold=-90.0, sec=cells[k]) for k in (2, 0, 1)}
def both():
    times, numbers = h.Vector(), h.Vector()
    for k, each in kept.items(): each.record(times, numbers, k)
    model = read()
    h.fadvance()
    sections = [model.nodes.section[node] for node in model.events.sources.node]
    return {"spikes": list(numbers), "sources": sections}
before = both()
del kept[2]
kept[2] = connect(cells[2](0.5)._ref_v, synapse, threshold=-90.0, sec=cells[2])
give([before, both()])
"""
    )
    assert found == [{"spikes": order, "sources": order} for order in ([2.0, 0.0, 1.0], [0.0, 1.0, 2.0])]


def test_a_source_is_any_variable(neuron_child):
    found = neuron_child(
        START
        + """
synapse = h.ExpSyn(cells[0](0.5))
clamp = h.SEClamp(cells[1](0.5))
sources = [cells[1](0.1)._ref_m_hh, synapse._ref_g, cells[2](0.9)._ref_ena, clamp._ref_i]
kept = [connect(source, synapse, threshold=0.5, sec=cells[at]) for source, at in zip(sources, (1, 0, 2, 1))]
model = read()
accessed = h.cas().name()
result = vars(model.events.sources)
kept.append(connect(cells[0](0.5)._ref_diam, synapse, sec=cells[0]))
notes = [[note.place, note.found] for note in read(strict=False).notes]
give([result, notes, kept[-1].hname(), accessed, cells[0](0.5).diam])
"""
    )
    sources, notes, last, accessed, diam = found
    assert sources["kind"] == ["variable"] * 4
    assert sources["mechanism"] == ["hh", "ExpSyn", "na_ion", "SEClamp"]
    assert sources["variable"] == ["m", "g", "ena", "i"]
    assert sources["instance"] == [3, 0, 8, 0]
    assert notes == [[last, "its source is a variable that is not part of the model"]]
    assert (accessed, diam) == ("cell[0]", 2.0)


def test_a_saved_model_has_the_same_events(neuron_child):
    same = neuron_child(
        START
        + """
synapse, stim, times = h.ExpSyn(cells[0](0.5)), h.NetStim(), h.Vector()
kept = [connect(cells[1](0.5)._ref_v, synapse, 1/3, 0.1, sec=cells[1]), connect(stim, synapse, 0.7)]
kept[0].record(times)
model = read()
file.save(model, "model.jxn")
again = file.open("model.jxn")
give([file.fingerprint(model) == file.fingerprint(again), again.events.connections.delay, list(again.events.recorded)])
"""
    )
    assert same == [True, [1 / 3, 0.7], ["cell[1](0.5)"]]


def test_what_the_queue_holds_is_taken_over(neuron_child):
    """A NetStim sends itself its start in INITIAL, and its spike at 0 comes of that; handlers send the rest.

    A spike of more than two NetCons of one delay is one event in NEURON's queue.
    """
    found = neuron_child(
        START
        + """
synapse, twin = h.ExpSyn(cells[0](0.5)), h.ExpSyn(cells[0](0.5))
early, late, equal = (h.NetStim() for _ in range(3))
early.start, early.interval, late.start, equal.start, equal.number = 0, 3, 4, 0, 1
plain, stim = connect(None, synapse), connect(early, twin, 0.7)
kept = [connect(late, synapse), connect(None, early), *(connect(early, each, 2) for each in (twin, synapse))]
block = [connect(equal, each, 2) for each in (twin, synapse, twin, twin)]
block[1].active(False)
def queue():
    pending = read().events.pending
    columns = zip(pending.time, pending.connection, pending.target, pending.instance, pending.flag, pending.resent)
    return [list(map(float, row)) for row in columns], pending.mechanisms
empty = queue()
handler = h.FInitializeHandler(lambda: [plain.event(0.5), stim.event(0.7), plain.event(2), stim.event(9)])
give([empty, queue()])
"""
    )
    (without, mechanisms), (with_handler, _) = found
    assert mechanisms == ["NetStim"]
    sent = [[0.7, 1, -1, -1, 0, 1], *([2, k, -1, -1, 0, 1] for k in (4, 5, 6, 8, 9))]
    sent += [[3, -1, 0, 0, 1, 1], [4, -1, 0, 1, 3, 1]]
    assert without == sent
    handed = [[0.5, 0, -1, -1, 0, 0], [0.7, 1, -1, -1, 0, 0], [2, 0, -1, -1, 0, 0], [9, 1, -1, -1, 0, 0]]
    assert sorted(with_handler) == sorted(sent + handed)
    assert [row[0] for row in with_handler] == sorted(row[0] for row in with_handler)


def test_a_session_that_has_advanced_past_its_first_events_is_refused(neuron_child):
    """A run starts with INITIAL, which would send them once more; a time of its own for each makes no difference."""
    found = neuron_child(
        START
        + """
early, late, synapse, random = h.NetStim(), h.NetStim(), h.ExpSyn(cells[0](0.5)), h.Random(5)
early.start, early.noise, late.start = 0.1, 0.5, 40
early.noiseFromRandom(random)
random.negexp(1)
kept = [connect(each, synapse) for each in (early, late)]
def findings():
    model = session.read_model(h, MECHANISMS, strict=False)
    return [note.found for note in model.notes], list(map(bool, model.events.pending.resent))
h.finitialize(-65)
fresh = findings()
for _ in range(1400): h.fadvance()
give([fresh, findings()])
"""
    )
    assert found[0] == [[], [True, True]]
    assert "events of the initialisation are gone: the session has advanced to t = 35 ms" in found[1][0]


def test_sources_with_a_gid_or_a_record_need_no_connection(neuron_child):
    """NEURON keeps them, in the order in which they were made; what the fork looks at is as it was before."""
    found = neuron_child(
        START
        + """
context, cell = h.ParallelContext(), h.NetStim()
cells[2].connect(cells[1](1))
synapse = h.ExpSyn(cells[0](0.5))
def give_gid(gid, source, section=None):
    context.set_gid2node(gid, 0)
    own = connect(source, None, threshold=-float(gid), sec=section)
    context.cell(gid, own)
late = connect(None, synapse)
give_gid(70, cells[2](0.5)._ref_v, cells[2])
give_gid(77, cell)
give_gid(3, cells[1](1)._ref_v, cells[1])
kept = [context.gid_connect(3, synapse), context.gid_connect(99, synapse), connect(None, synapse)]
times, numbers, single = h.Vector(), h.Vector(), h.Vector()
context.spike_record(-1, times, numbers)
alone = connect(cells[0](0)._ref_v, None, threshold=-91.0, sec=cells[0])
alone.record(single)
del alone
cell.start = 0.1
before = int(h.List("NetCon").count()), int(h.List("Vector").count())
model = read()
after = int(h.List("NetCon").count()), int(h.List("Vector").count())
for _ in range(10): h.fadvance()
sources = model.events.sources
nodes = [model.sections[k].centres[1] for k in (2,)] + [model.sections[1].node_at_1, model.sections[0].node_at_0]
give({**rows(model.events), "nodes": nodes, "spikes": [list(numbers), list(single)], "same": before == after,
      "notes": [[note.place, note.found] for note in model.notes]})
"""
    )
    sources = found["sources"]
    assert sources["gid"] == [-1, 70, 77, 3, 99, -1]
    assert sources["kind"] == ["none", "voltage", "instance", "voltage", "none", "voltage"]
    assert [node for node in sources["node"] if node >= 0] == found["nodes"]
    assert sources["threshold"][1:4] == [-70.0, -77.0, -3.0] and sources["threshold"][-1] == -91.0
    assert found["connections"]["source"] == [0, 3, 4, 0]
    assert found["recorded"] == {"spikes": [1, 2, 3], "cell[0](0)": [5]}
    assert found["spikes"] == [[70.0, 77.0], [1e-10]]
    assert found["notes"] == [["NetCon[5]", "wait for gid 99, which no cell of this process has"]]
    assert found["same"]


def test_a_source_that_was_deleted_sends_nothing(neuron_child):
    found = neuron_child(
        START
        + """
synapse, gone = h.ExpSyn(cells[0](0.5)), section("gone")
kept = [connect(gone(0.5)._ref_v, synapse, 2.0, 0.5, sec=gone), connect(None, synapse, 3.0)]
h.delete_section(sec=gone)
handler = h.FInitializeHandler(lambda: kept[0].event(4.0))
model = read()
pattern = h.PatternStim()
heard = [read(strict=False)]  # it fires gids that no cell has, of which there is none yet
kept.append(h.ParallelContext().gid_connect(5, synapse))
heard.append(read(strict=False))
give([rows(model.events), model.events.pending.connection, model.events.pending.time,
      [[[note.place, note.found] for note in each.notes if note.place != "FInitializeHandler"] for each in heard]])
"""
    )
    events, connection, time, (quiet, heard) = found
    deleted = ["NetCon[0]", "their source was deleted"]
    sent = ["event queue", "1 event(s) that the model's own initialisation sent"]
    assert quiet == [deleted, sent]
    assert ["PatternStim[0]", "PatternStim fires gids that no cell has: not taken over yet"] in heard
    assert ["NetCon[2]", "wait for gid 5, which no cell of this process has"] in heard
    assert events["sources"]["kind"] == ["none", "none"]
    assert events["connections"]["source"] == [1, 0]
    assert events["connections"]["delay"] == [0.0, 3.0]
    assert (connection, time) == ([0], [4.0])
