"""``usetable_<suffix>`` of a module is NEURON's switch: tables or computed rates, for each mechanism with a TABLE."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import jxneuron as jx
from jxneuron.errors import ModelError

SAVED = Path(__file__).parent / "saved"
# In NEURON: one compartment of hh at a voltage between two points of its table
THEIRS = """
section = h.Section(name="one")
section.L, section.diam, section.nseg = 10, 2, 1
section.insert("hh")
found = []
for used in (1, 0):
    h.usetable_hh = used
    h.celsius = 6.3
    h.finitialize(-61.37)
    found.append([section(0.5).m_hh, section(0.5).h_hh, section(0.5).n_hh])
give(found)
"""


def cell() -> Any:
    made = jx.Cell([jx.Branch(nseg=2), jx.Branch(nseg=1)], [-1, 0])
    made.branch(0).insert("hh")
    made.branch(1).insert("pas")
    return made


def test_rates_are_neurons_with_and_without_tables(neuron_child):
    theirs = neuron_child(THEIRS)
    made: Any = jx.Compartment()
    made.insert("hh")
    made.set("v", -61.37)
    for used, expected in zip((1, 0), theirs, strict=True):
        made.set("usetable_hh", used)
        states = made.get_all_states()
        found = [float(states[name][0]) for name in ("m_hh", "h_hh", "n_hh")]
        np.testing.assert_allclose(found, expected, rtol=1e-14)
    assert np.abs(np.subtract(*theirs)).max() > 1e-7, "the two differ"


def test_the_switch_is_set_and_shown():
    made = cell()
    assert made.get("usetable_hh") == 1.0
    for value in (0, 1, False, True, 0.0, np.bool_(False)):
        made.set("usetable_hh", value)
        assert made.get("usetable_hh") == float(value)
        np.testing.assert_array_equal(made.nodes["usetable_hh"], [float(value), float(value), np.nan])
    assert made.show("usetable_hh", indices=False).columns.tolist() == ["usetable_hh"]
    assert "usetable_hh" in made.show(channel_names="hh") and "usetable_hh" not in made.show(channel_names="pas")
    assert "usetable_pas" not in made.nodes
    with pytest.raises(ModelError, match=r"set\('usetable_hh', \.\.\.\)"):
        made.nodes["usetable_hh"] = 1.0
    with pytest.raises(AttributeError, match=r"write \.set\('usetable_hh', 0\)"):
        made.usetable_hh = 0


@pytest.mark.parametrize(
    ("wrong", "kind", "message"),
    [
        (lambda c: c.set("usetable_pas", 0), KeyError, "pas has no TABLE"),
        (lambda c: c.set("usetable_kdr", 0), KeyError, "did you mean usetable_hh"),
        (lambda c: c.set("usetable_hh", 2), ModelError, r"usetable_hh = 2.0: it is 1 .* or 0"),
        (lambda c: c.set("usetable_hh", [0, 1]), ModelError, r"\(2,\) values"),
        (lambda c: c.branch(0).set("usetable_hh", 0), ModelError, "one value for the whole module"),
        (lambda c: c.make_trainable("usetable_hh"), ModelError, "is a switch, 0 or 1"),
        (lambda c: c.data_set("usetable_hh", 0.0, None), ModelError, "is a switch, 0 or 1"),
    ],
)
def test_what_is_no_switch(wrong, kind, message):
    made = cell()
    before = made.model
    with pytest.raises(kind, match=message):
        wrong(made)
    assert made.model is before


def test_the_switch_goes_with_the_module(tmp_path):
    made = cell()
    made.set("usetable_hh", 0)
    made.save(tmp_path / "cell.jxn")
    net = jx.Network([made, made])
    for other in (pickle.loads(pickle.dumps(made)), copy.deepcopy(made), jx.open(tmp_path / "cell.jxn"), net):
        assert other.get("usetable_hh") == 0.0
    made.set_ncomp(3)
    made.branch(1).insert("hh")
    assert made.get("usetable_hh") == 0.0
    with pytest.raises(ModelError, match="usetable_hh is one value for the whole module, and the parts have 0, 1"):
        jx.Network([made, cell()])
    plain = jx.Cell([jx.Branch(nseg=1)], [-1])
    assert jx.Network([plain, made]).get("usetable_hh") == 0.0


def test_the_switch_of_an_import():
    net: Any = jx.open(SAVED / "import.jxn")
    assert net.get("usetable_hh") == 0.0
    net.set("usetable_hh", 1)
    assert net.nodes["usetable_hh"].tolist()[0] == 1.0
    with pytest.raises(KeyError, match="pas has no TABLE"):
        net.set("usetable_pas", 0)
