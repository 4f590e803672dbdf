"""What the reader takes besides the tree, that it changes nothing, and what it refuses."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = str(Path(__file__).parent)
# Python text that a child starts with: the hand-made mechanisms and builders of sessions.py
START = f"""
import sys
sys.path.insert(0, {HERE!r})
from sessions import *
from jxneuron.errors import *
import numpy as np
"""


def test_reading_leaves_no_trace(neuron_child):
    found = neuron_child(
        START
        + """
made = tapering()
kept = with_mechanisms(made)
vector = h.Vector([1, 2, 3])
def run(look):
    h.finitialize(-65)
    trace = []
    for i in range(200):
        if look and i in (0, 100):
            name_sections(h), session.used_sources(h), find_unsupported(h), session.read_model(h, MECHANISMS)
        h.fadvance()
        trace.append([h.t, *(segment.v for one in made for segment in one.allseg())])
    return trace
made[1].push()
plain = run(False)
counts = lambda: [h.CVode().structure_change_count(), h.CVode().diam_change_count()]
before = counts()
looked = run(True)
give({"same": plain == looked, "counts": [before, counts()], "accessed": h.cas().name(), "moved": plain[0] != plain[-1],
      "vectors": int(h.List("Vector").count()), "clamps": int(h.List("IClamp").count())})
"""
    )
    assert found["same"] and found["moved"]
    assert found["counts"][0] == found["counts"][1]
    assert (found["accessed"], found["vectors"], found["clamps"]) == ("jump", 1, 6)


def test_names_do_not_hold_addresses_and_groups_are_found(neuron_child):
    found = neuron_child(
        START
        + """
class Cell:
    def __init__(self):
        self.soma = section("soma", cell=self)
        self.apical = [section(f"dend[{i}]", cell=self) for i in range(2)]
        self.chosen = h.SectionList(self.apical[:1])
class Named(Cell):
    def __init__(self, k):
        self.k = k
        super().__init__()
    def __str__(self): return f"pyr_{self.k}"
class Alike(Cell):
    def __str__(self): return "alike"
cells = [Cell(), Named(7), Cell(), Alike(), Alike()]
twice = [section("twin"), section("twin"), h.Section()]
h('''
objref listed
listed = new SectionList()
begintemplate T
public soma, tuft
create soma[2]
objref tuft
proc init() { tuft = new SectionList() soma[1] tuft.append() }
endtemplate T
objref cell
cell = new T()
create axon[2]
axon[1] listed.append()
''')
for one in h.allsec(): one.insert("pas")
h.finitialize(-65)
model = session.read_model(h, MECHANISMS)
names = [one.name for one in model.sections]
groups = {name: [names[i] for i in members] for name, members in model.groups.items()}
give({"names": name_sections(h), "read": names, "groups": groups})
"""
    )
    cells = ["Cell[0]", "pyr_7", "Cell[1]", "Alike[0]", "Alike[1]"]
    expected = [f"{cell}.{part}" for cell in cells for part in ("soma", "dend[0]", "dend[1]")]
    expected += ["twin", "twin#1", "section", "T[0].soma[0]", "T[0].soma[1]", "axon[0]", "axon[1]"]
    assert found["names"] == found["read"] == expected
    groups = found["groups"]
    assert groups["dend"] == groups["apical"] == [name for name in expected if ".dend[" in name]
    assert groups["chosen"] == [f"{cell}.dend[0]" for cell in cells]
    assert groups["listed"] == ["axon[1]"]
    assert groups["tuft"] == ["T[0].soma[1]"]
    assert groups["axon"] == ["axon[0]", "axon[1]"]


def test_sections_without_a_name_are_called_as_their_cell_calls_them(neuron_child):
    """NEURON calls them by an address, another one in each process."""
    found = neuron_child(
        START
        + """
from jxneuron.child import unset_pointers
class Bare:
    def __init__(self):
        self.soma = h.Section(cell=self)
        self.dend = [h.Section(cell=self) for _ in range(2)]
cells = [Bare(), Bare()]
beside = [h.Section(cell=cells[0]), h.Section(), h.Section()]
for one in h.allsec(): one.insert("pas")
h.finitialize(-65)
give({"names": name_sections(h), "places": [place for place, _ in unset_pointers._segments(h)],
      "theirs": [one.name() for one in h.allsec()]})
"""
    )
    own = [f"Bare[{k}].{name}" for k in range(2) for name in ("soma", "dend[0]", "dend[1]")]
    assert all("0x" in name for name in found["theirs"])
    assert found["names"] == [*own, "Bare[0].section", "section", "section#1"]
    assert found["places"] == [f"{name}(0.5)" for name in found["names"]]


def test_ions_carry_values_styles_and_global_concentrations(neuron_child):
    found = neuron_child(
        START
        + """
made = stylised()
for one in made: one.insert("hh")
made[1].insert("na_ion")
h.ion_style("na_ion", 3, 2, 1, 1, 1, sec=made[1])
h.nai0_na_ion = 11.5
made[0].ek = -80.5
h.finitialize(-65)
made[1](0.3).ena = 47.25
made[1](0.3).nao = 139
model = session.read_model(h, MECHANISMS)
give([{**{k: getattr(ion, k) for k in ("name", "charge", "inside0", "outside0")}, "e": ion.e, "in": ion.inside,
       "out": ion.outside, "style": ion.style, "node": ion.node} for ion in model.ions]
     + [[h.ion_style("na_ion", sec=one) for one in made], made[1](0.9).ena])
"""
    )
    sodium, potassium, styles, reversal = found
    assert (sodium["name"], sodium["charge"], sodium["inside0"], sodium["outside0"]) == ("na", 1, 11.5, 140)
    assert (potassium["name"], potassium["inside0"], potassium["outside0"]) == ("k", 54.4, 2.5)
    assert sodium["node"] == [1, 3, 4, 5, 6, 7]
    assert sodium["style"] == [styles[0], *[styles[1]] * 5] and styles == [8, 3 + 8 * 2 + 4 + 32 + 64]
    assert sodium["e"] == [50, reversal, 47.25, reversal, reversal, reversal]
    assert sodium["out"] == [140, 140, 139, 140, 140, 140]
    assert sodium["in"] == [10, *[11.5] * 5]
    assert potassium["e"] == [-80.5, *[-77] * 5]


def test_settings_are_the_sessions(neuron_child):
    found = neuron_child(
        START
        + """
made = stylised()
made[0].insert("hh")
h.load_file("stdrun.hoc")
h.dt, h.celsius, h.secondorder, h.v_init, h.tstop, h.usetable_hh = 0.0125, 34, 2, -71, 42, 0
h.finitialize(-71)
model = session.read_model(h, MECHANISMS)
s = model.settings
give([s.dt, s.celsius, s.v_init, s.tstop, s.secondorder, dict(s.tables), model.initial.t,
      [p.mechanism for p in model.placements]])
"""
    )
    assert found == [0.0125, 34, -71, 42, 2, {"hh": False}, 0, ["hh"]]


def test_mechanisms_stand_in_neurons_order_with_arrays_and_globals(neuron_child):
    """NEURON's demo: two writers of cai, array states, GLOBALs of both shapes."""
    found = neuron_child(
        START
        + """
import neuron
demo = Path(neuron.__file__).parent / ".data" / "share" / "nrn" / "demo" / "release"
neuron.load_mechanisms(str(demo), warn_if_already_loaded=False)
made = stylised()
for one in made:
    for name in ("hh", "pas", "cadifpmp", "capump"): one.insert(name)
clamp = h.IClamp(made[0](0.5))
h.pump0_cadifpmp = 4e-14
h.finitialize(-65)
for i, segment in enumerate(made[1]):
    for k in range(10): segment.cadifpmp.ca[k] = 10 * i + k
diffusion = Mechanism("cadifpmp", "density",
    (Field("ica_pmp", "assigned", "range", "s"), Field("ca", "state", "range", "s", size=10),
     Field("pump0", "parameter", "global", "p"), Field("vol", "assigned", "global", "s", size=10)),
    ions=(IonUse("ca", ("cao",), ("cai",)),))
pump = Mechanism("capump", "density", (), ions=(IonUse("ca", (), ("cai",)),))
model = session.read_model(h, {**MECHANISMS, "cadifpmp": diffusion, "capump": pump})
found = next(p for p in model.placements if p.mechanism == "cadifpmp")
numbers = {}
for family in (0, 1):
    types = h.MechanismType(family)
    for name in ("pas", "hh", "cadifpmp", "capump", "IClamp"):
        types.select(name); shown = h.ref(""); types.selected(shown)
        if shown[0] == name: numbers[name] = types.internal_type()
give([[p.mechanism for p in model.placements], numbers, found.values["ca"], found.globals["pump0"],
      found.globals["vol"], [h.vol_cadifpmp[i] for i in range(10)], sorted(model.initial.states["cadifpmp"]),
      [s[0] for s in session.used_sources(h)]])
"""
    )
    order, numbers, ca, pump0, ours, neurons, states, sources = found
    writers = sorted(("cadifpmp", "capump"), key=lambda name: -numbers[name])
    assert order == ["pas", *writers, *sorted(("hh", "IClamp"), key=numbers.__getitem__)]
    assert [row[1:] for row in ca] == [[10 * i + k for i in range(5)] for k in range(10)]
    assert pump0 == 4e-14 and ours == neurons and len(set(ours)) > 2
    assert states == ["ca", "ica_pmp", "vol"]
    assert sorted(sources) == sorted(order)


def test_the_sources_are_the_text_that_neuron_has(neuron_child):
    found = neuron_child(
        START
        + """
made = stylised()
made[0].insert("hh")
clamp, synapse = h.IClamp(made[0](0.5)), h.ExpSyn(made[0](0.5))
cells = [h.IntFire1(), h.IntFire2()]  # events reach one of them only
connection = h.NetCon(made[0](0.5)._ref_v, cells[0], sec=made[0])
give(session.used_sources(h))
"""
    )
    assert [(name, "SUFFIX hh" in text, "POINT_PROCESS IClamp" in text) for name, _, text in found] == [
        ("IClamp", False, True),
        ("ExpSyn", False, False),
        ("hh", True, False),
        ("IntFire1", False, False),
    ]
    assert [Path(file).name for _, file, _ in found] == ["stim.mod", "expsyn.mod", "hh.mod", "intfire1.mod"]


def test_what_was_removed_is_not_seen(neuron_child):
    found = neuron_child(
        START
        + """
made = stylised()
for one in made: one.insert("pas")
gone = h.Section(name="jxneuron_removed")
gone.insert("hh")
synapse, source, clamp = h.ExpSyn(gone(0.5)), h.NetStim(), h.SEClamp(gone(0.5))
connection = h.NetCon(source, synapse)
off = h.ExpSyn(gone(0.5))
h.finitialize(-65)
model = session.read_model(h, MECHANISMS)
give([[one.name for one in model.sections], [p.mechanism for p in model.placements], len(model.ions),
      list(map(str, find_unsupported(h))), [s[0] for s in session.used_sources(h)], len(model.nodes.x)])
"""
    )
    assert found == [["soma", "dend"], ["pas"], 0, [], ["pas"], 1 + 2 + 6]


# What cannot be taken over: its finding, and a piece of the way out with the statement that takes it
ENDED = ("NAME = None in Python", "a = None")
OFFENDERS = {
    "a = h.KSChan(0); a.name('mine'); a.ion('k'); a.iv_type(2); soma.insert('mine')": (
        ("mine", "Goldman, Hodgkin and Katz"),
        ("--without mine", "take_out(h, ('mine',))"),
    ),
    "from neuron import rxd; r = rxd.Region([soma], nrn_region='i'); a = rxd.Species(r, name='x', charge=2)": (
        ("rxd", "1 species"),
        ENDED,
    ),
    "h('proc spike() { }'); a = h.NetCon(soma(0.5)._ref_v, None, sec=soma); a.record('spike()')": (
        ("NetCon.record", "a statement runs at spikes"),
        ('nc.record("")', "a.record('')"),
    ),
    "def spike(): pass\na = h.NetCon(soma(0.5)._ref_v, None, sec=soma); a.record(spike)": (
        ("NetCon.record", "the Python function spike runs at spikes"),
        ('nc.record("")', "a.record('')"),
    ),
    "h('proc tick() { }'); a = h.NetCon(source, None); a.record('tick()')": (
        ("NetCon.record", "a statement runs at spikes"),
        ('nc.record("")', "a.record('')"),
    ),
    "def look(): pass\nh.CVode().extra_scatter_gather(0, look)": (
        ("cvode.extra_scatter_gather", "the Python function look runs in every step"),
        ("extra_scatter_gather_remove", "h.CVode().extra_scatter_gather_remove(look)"),
    ),
    "h.CVode().queue_mode(1)": (
        ("cvode.queue_mode(1)", "rounded to steps"),
        ("cvode.queue_mode(0)", "h.CVode().queue_mode(0)"),
    ),
    "soma.push(); h('fstim(1)'); h('fstim(0, 0.5, 1, 1, 1)')": (
        ("fstim()", "hoc function fstim"),
        ("fstim(0) ends it", "h('fstim(0)')"),
    ),
    "soma.push(); h('fsyn(1)'); h('fsyn(0, 0.5, 1, 1, 1, 0)')": (
        ("fsyn()", "hoc function fsyn"),
        ("fsyn(0) ends it", "h('fsyn(0)')"),
    ),
    "h.ParallelContext().nthread(2)": (
        ("ParallelContext", "2 threads"),
        ("pc.nthread(1)", "h.ParallelContext().nthread(1)"),
    ),
    "c, g, y, b = h.Matrix(1, 1), h.Matrix(1, 1), h.Vector(1), h.Vector(1); "
    "a = h.LinearMechanism(c, g, y, b, 0.5, sec=soma)": (("LinearMechanism[0]", "LinearMechanism"), ENDED),
    "h('objref lm, c, g, y, b'); h('c = new Matrix(1, 1)'); h('g = new Matrix(1, 1)'); "
    "h('y = new Vector(1)'); h('b = new Vector(1)'); "
    "soma.push(); h('lm = new LinearMechanism(c, g, y, b, 0.5)')": (
        ("LinearMechanism[0]", "LinearMechanism"),
        ("objref NAME in hoc", "h('objref lm')"),
    ),
}


def test_what_cannot_be_taken_over_is_named_and_its_way_out_works(neuron_child):
    """Each offence in a process of its own, forked off one session; then the way out, and no such finding again."""
    found = neuron_child(
        START
        + """
import os, traceback
from jxneuron.child.session import take_out
soma = section("soma")
soma.insert("hh")
source, clamp = h.NetStim(), h.IClamp(soma(0.5))
def findings():
    h.finitialize(-65)
    return [[each.place, each.found, each.way_out] for each in find_unsupported(h)]
def offend(code, remedy):
    before = len(find_unsupported(h))
    exec(code, globals())
    offended = findings()
    exec(remedy, globals())
    return [before, offended, findings()]
for i, (code, remedy) in enumerate(given["codes"]):
    if os.fork() == 0:
        try: Path(f"{i}.json").write_text(json.dumps(offend(code, remedy)))
        except BaseException: traceback.print_exc()
        finally: sys.stderr.flush(); os._exit(0)
    os.wait()
give([json.loads(Path(f"{i}.json").read_text()) for i in range(len(given["codes"]))])
""",
        codes=[(code, taken[1] if taken else "") for code, (_, taken) in OFFENDERS.items()],
    )
    for (code, ((place, what), taken)), (before, findings, after) in zip(OFFENDERS.items(), found, strict=True):
        assert before == 0, code
        matching = [each for each in findings if each[0] == place and what in each[1]]
        assert len(matching) == len(findings) == 1, (code, findings)
        assert matching[0][2], code
        if taken:
            assert taken[0] in matching[0][2]
            assert len(after) == 0, (code, after)


def test_several_threads_are_refused_in_every_case(neuron_child):
    found = neuron_child(
        START
        + """
made = stylised()
for one in made: one.insert("pas")
vector = h.Vector().record(made[0](0.5)._ref_v)
h.ParallelContext().nthread(2)
h.finitialize(-65)
try: session.read_model(h, MECHANISMS, strict=False)
except Unsupported as error: give(str(error))
"""
    )
    assert "2 threads" in found and "pc.nthread(1)" in found


def test_events_at_a_time_are_seen_in_the_queue(neuron_child):
    found = neuron_child(
        START
        + """
soma = section("soma")
handler = h.FInitializeHandler(lambda: h.CVode().event(3, lambda: None))
soma.insert("pas")
h.finitialize(-65)
give([list(map(str, find_unsupported(h))), [[n.kind, n.place] for n in session.read_model(h, MECHANISMS).notes]])
"""
    )
    assert len(found[0]) == 1 and "1 statement(s) to run at a time" in found[0][0]
    assert found[1] == [["initial", "FInitializeHandler"]]


def test_what_does_nothing_is_no_finding(neuron_child):
    found = neuron_child(
        START
        + """
soma = section("soma")
soma.insert("hh")
source = h.NetStim()
spikes = h.Vector()
detector = h.NetCon(soma(0.5)._ref_v, None, sec=soma)
detector.record(spikes)
idle = h.NetCon(source, None)
trace = h.Vector().record(soma(0.5)._ref_v)
unused = h.ExpSyn()
mark = h.PointProcessMark(soma(0.5))
h.finitialize(-65)
kept = session.read_model(h, MECHANISMS)
give([list(map(str, find_unsupported(h))), [p.mechanism for p in kept.placements], [n.place for n in kept.notes]])
"""
    )
    assert found == [[], ["hh"], ["PointProcessMark[0]", "NetStim[0]"]]


def test_a_mechanism_without_translation_stops_the_import_or_is_left_out(neuron_child):
    found = neuron_child(
        START
        + """
made = stylised()
for one in made: one.insert("hh"); one.insert("pas")
h.finitialize(-65)
try:
    session.read_model(h, {"pas": PAS}); raised = None
except Unsupported as error:
    raised = str(error)
model = session.read_model(h, {"pas": PAS}, strict=False)
give([raised, [p.mechanism for p in model.placements], [n.place for n in model.notes]])
"""
    )
    assert "hh" in found[0] and "no translation" in found[0]
    assert found[1:] == [["pas"], ["hh"]]


def test_a_mechanism_that_the_compiler_refuses_is_noted_once(neuron_child):
    found = neuron_child(
        START
        + """
import jxneuron.nmodl
from jxneuron.importer import read_session
translate_all = jxneuron.nmodl.translate_all
def refuse_hh(texts):
    refusal = Unsupported([Finding("hh.mod:3", "a planted construct")])
    results = translate_all(texts)
    return [refusal if file == "hh.mod" else result for (_, file), result in zip(texts, results, strict=True)]
jxneuron.nmodl.translate_all = refuse_hh
sections = stylised()
for one in sections: one.insert("hh"); one.insert("pas")
h.finitialize(-65)
model = read_session(h, init="auto", strict=False)
give([[p.mechanism for p in model.placements], [[n.kind, n.place] for n in model.notes]])
"""
    )
    assert found == [["pas"], [["left out", "hh.mod:3"]]]


def test_a_planted_fault_in_the_geometry_is_seen(neuron_child):
    """With points kept in float64, areas are off by some 1e-8: the check names the segments."""
    found = neuron_child(
        START
        + """
from jxneuron.model import discretise
typed = [(0.1, 0.2, 0.3, 1.1), (10.123456789, 3.3, 1.7, 2.2), (21.987654321, 4.4, 2.9, 0.7)]
one = section("one", 2)
draw_points(one, typed)
one.insert("pas")
h.finitialize(-65)
right = discretise.from_points
def wrong(arc, diam, nseg, **options):
    at = np.array(typed)
    steps = np.sqrt((np.diff(at[:, :3], axis=0) ** 2).sum(axis=1))
    return right(np.append(0.0, np.cumsum(steps)), diam, nseg, **options)
assert session.read_model(h, MECHANISMS).notes == ()
discretise.from_points = wrong
try:
    session.read_model(h, MECHANISMS); raised = ()
except Unsupported as error:
    raised = error.findings
model = session.read_model(h, MECHANISMS, strict=False)
give([[each.place for each in raised], [n.place for n in model.notes]])
"""
    )
    assert "one(0.25)" in found[0] and "one(0.75)" in found[0]
    assert found[1] == found[0]


def test_a_session_without_sections_is_refused(neuron_child):
    found = neuron_child(
        START
        + """
try:
    session.read_model(h, {})
except ModelError as error:
    give(str(error))
"""
    )
    assert "no sections" in found


def test_no_reader_imports_neuron():
    """The readers take ``h``; importing them starts no NEURON."""
    import jxneuron.read.session  # noqa: F401

    assert "neuron" not in sys.modules


def test_records_become_probes(neuron_child):
    found = neuron_child(
        START
        + """
made = stylised()
kept = with_mechanisms(made)
h.finitialize(-65)
model = session.read_model(h, MECHANISMS, record=["soma(0.5).v", "dend(1).v", "dend(1).m_hh", "IClamp[2].i"])
nodes = [made[0](0.5).node_index(), made[1](1).node_index()]
give([[p.name, p.variable, p.node, p.label] for p in model.probes] + nodes)
"""
    )
    soma, tip = found[-2:]
    assert found[:-2] == [
        ["soma(0.5).v", "v", soma, ""],
        ["dend(1).v", "v", tip, ""],
        ["dend(1).m_hh", "m_hh", tip - 1, ""],
        ["IClamp[2].i", "i", -1, "IClamp[2]"],
    ]
