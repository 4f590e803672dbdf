"""Point processes that NEURON does not bring along: gap junctions, and the style of an ion that they use."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
START = f"""
import sys
sys.path.insert(0, {str(HERE)!r})
from sessions import *
from jxneuron.errors import *
USES = IonUse("ca", ("eca", "cai"))
POINT = Mechanism("capoint", "point", fields("parameter", "p", "g") + fields("assigned", "s", "here"), ions=(USES,))
STORE = Mechanism("castore", "density", fields("parameter", "p", "tau"), ions=(IonUse("ca", ("cai",), ("cai",)),))
MECHANISMS = {{**MECHANISMS, "capoint": POINT, "castore": STORE}}
"""


@pytest.fixture(scope="module")
def library(mod_library):
    return mod_library(HERE / "mod")


def test_an_ion_has_its_style_where_a_point_process_uses_it(neuron_child, library):
    """NEURON shows the style of a section's first segment only; where the user has set it, the rest stays hidden."""
    found = neuron_child(
        START
        + """
one, two, three, four = (section(name, 3) for name in ("one", "two", "three", "four"))
kept = [h.capoint(one(0.5)), h.capoint(two(0.1)), h.capoint(two(0.9)), h.capoint(three(0.1)), h.capoint(four(0.1))]
three.insert("castore")
four.insert("castore")
h.ion_style("ca_ion", 1, 1, 0, 0, 0, sec=four)
h.finitialize(-65)
model = session.read_model(h, MECHANISMS, strict=False)
give([[ion.style.reshape(4, 3).tolist() for ion in model.ions if ion.name == "ca"][0],
      [int(h.ion_style("ca_ion", sec=one)) for one in (one, two, three, four)], [note.place for note in model.notes]])
""",
        libraries=[library],
    )
    styles, firsts, notes = found
    assert firsts == [0, 49, 247, 1 + 8 + 128]
    assert styles[:3] == [[0, 49, 0], [49, 0, 49], [247, 247, 247]]
    assert notes == ["four(0.166667)"]


def test_a_style_set_by_hand_around_a_point_process_is_refused(neuron_child, library):
    """Set after the point process it holds everywhere, set before it the point process raises it: both look alike."""
    places = neuron_child(
        START
        + """
before, after, enough = (section(name, 3) for name in ("before", "after", "enough"))
for one in (before, after, enough): one.insert("ca_ion")
kept = [h.capoint(after(0.9)), h.capoint(enough(0.9))]
h.ion_style("ca_ion", 1, 1, 0, 0, 0, sec=before)
h.ion_style("ca_ion", 1, 1, 0, 0, 0, sec=after)
h.ion_style("ca_ion", 1, 2, 1, 0, 0, sec=enough)
kept.append(h.capoint(before(0.9)))
h.finitialize(-65)
give([note.place for note in session.read_model(h, MECHANISMS, strict=False).notes])
""",
        libraries=[library],
    )
    assert places == ["before(0.833333)", "after(0.833333)"]


def test_writers_of_a_concentration_come_before_point_processes(neuron_child, library):
    found = neuron_child(
        START
        + """
one = section("one", 3)
for name in ("pas", "hh", "castore"): one.insert(name)
inside, clamp = h.capoint(one(0.5)), h.IClamp(one(0.5))
h.finitialize(-65)
give([p.mechanism for p in session.read_model(h, MECHANISMS).placements])
""",
        libraries=[library],
    )
    assert found == ["pas", "castore", "IClamp", "hh", "capoint"]


def test_transfers_end_where_their_targets_are_taken_out(neuron_child, library):
    found = neuron_child(
        START
        + """
BRIDGE = Mechanism("bridge", "point", fields("parameter", "p", "g vfar") + fields("assigned", "s", "i"))
a, b = section("a"), section("b")
gaps = [h.bridge(a(0.5)), h.bridge(b(0.5))]
pc = h.ParallelContext()
pc.source_var(a(0.5)._ref_v, 1, sec=a)
pc.target_var(gaps[1]._ref_vfar, 1)
pc.setup_transfer()
def targets():
    h.finitialize(-65)
    return [each.target.name for each in session.read_model(h, {"bridge": BRIDGE}).transfers]
present = targets()
gone = h.Section(name="jxneuron_removed")
gaps[1].loc(gone(0.5))
give([present, targets()])
""",
        libraries=[library],
    )
    assert found == [["bridge[1].vfar"], []]
