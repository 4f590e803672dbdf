"""A module that was saved and opened is the one that it was: class, tables, groups, columns of the user's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import jxneuron as jx
from jxneuron.errors import ModelError

# cell and import: written by the second version of the format; network: by the third, before mechanisms, programs and
# runs got the names that they have now. network.npy: what it then recorded, at every fourth step
SAVED = Path(__file__).parent / "saved"
GRADED = """NEURON {
  POINT_PROCESS Graded
  NONSPECIFIC_CURRENT i
  POINTER vpre
  RANGE g
}
PARAMETER { g = 0.001 (uS) }
ASSIGNED { v (mV) vpre (mV) i (nA) }
BREAKPOINT { i = g*(v - vpre) }
"""


def cell(kind: Callable[..., Any] = jx.Cell) -> Any:
    made = kind([jx.Branch(nseg=3), jx.Branch(nseg=2)], [-1, 0])
    made.insert("pas")
    made.branch(1).insert("hh")
    made.branch(1).add_to_group("far")
    made.comp(0).add_to_group("first")
    made.nodes["dist"] = made.distance()
    made.nodes["label"] = ["a", "b", "c", "dd", "é"]
    made.nodes["chosen"] = made.nodes["radius"] > 2.0
    made.branch(1).nodes["only_far"] = [3, 4]
    made.branch(0).nodes["text"] = "near"
    made.comp(0).nodes["flag"] = True
    made.nodes["controlled_by_param"] = [2, 1, 2, 1, 1]
    made.far.record("v", verbose=False)
    return made


def network() -> Any:
    made = jx.Network([cell_without_extras() for _ in range(3)])
    for pre, post in ((0, 1), (1, 2), (2, 0)):
        jx.connect(made.cell(pre).branch(0).comp(0), made.cell(post).branch(0).comp(0), jx.mechanism(GRADED))
    made.cell([0, 2]).add_to_group("outer")
    made.edges["weight"] = [0.5, 1.0, 2.0]
    made.edges["controlled_by_param"] = ["b", "a", "b"]
    made.copy_node_property_to_edges("radius", "pre")
    return made


def cell_without_extras() -> jx.Cell:
    return jx.Cell([jx.Branch(nseg=2)], [-1])


class Own(jx.Cell):
    """A class of a user's own is saved as the class of ours that it is."""


def compartment() -> jx.Compartment:
    made = jx.Compartment()
    made.nodes["own"] = 1.5
    return made


def branch() -> jx.Branch:
    made = jx.Branch(nseg=4)
    made.comp([0, 1]).add_to_group("half")
    return made


def imported() -> Any:
    made: Any = jx.open(SAVED / "import.jxn")
    made.section("dend").loc([0.1, 0.3]).add_to_group("near")
    made.list.comp(0).add_to_group("list")
    made.soma.nodes["own"] = 3
    made.section("soma").set("gnabar_hh", 0.2)
    return made


MADE = {
    "Compartment": compartment,
    "Branch": branch,
    "Cell": cell,
    "Cell of the user": lambda: cell(Own),
    "Network": network,
    "Network of a Cell": lambda: jx.Network([cell_without_extras()]),
    "Network imported": imported,
}


def same_tables(one: Any, other: Any) -> None:
    for table in ("nodes", "edges", "recordings"):
        pd.testing.assert_frame_equal(getattr(other, table).copy(), getattr(one, table).copy(), obj=table)
    assert list(one.group_nodes) == list(other.group_nodes)


@pytest.mark.parametrize("name", MADE)
def test_a_module_comes_back_as_it_was(name, tmp_path):
    module = MADE[name]()
    module.save(tmp_path / "one.jxn")
    again = jx.open(tmp_path / "one.jxn")
    assert type(again).__name__ == name.split()[0]
    assert again.shape == module.shape
    same_tables(module, again)
    again.save(tmp_path / "two.jxn")
    assert (tmp_path / "one.jxn").read_bytes() == (tmp_path / "two.jxn").read_bytes()


def test_what_came_back_can_be_edited(tmp_path):
    cell().save(tmp_path / "cell.jxn")
    again: Any = jx.open(tmp_path / "cell.jxn")
    again.branch(0).comp(1).add_to_group("far")
    again.nodes["label"] = "new"
    again.far.set("radius", 3.0)
    assert again.get("radius").tolist() == [1.0, 3.0, 1.0, 3.0, 3.0]
    again.make_trainable("g_pas", [1.0, 2.0], verbose=False)
    assert [each.tolist() for each in again.indices_set_by_trainables] == [[[1, 3, 4], [0, 2, -1]]]


@pytest.mark.parametrize(("name", "kind"), [("cell", "Network"), ("import", "Network")])
def test_files_of_the_second_version_are_opened(name, kind, tmp_path):
    found: Any = jx.open(SAVED / f"{name}.jxn")
    assert type(found).__name__ == kind
    if name == "cell":
        assert found.get("g_pas").tolist() == [0.002, 0.002, 0.002, 0.001, 0.001]
        assert found.nodes["hh"].tolist() == [False, False, False, True, True]
        assert found.recordings["name"].tolist()[0] == "branch[0](0.166667).v"
    else:
        assert found.group_names == ["dend", "list", "soma"]
        assert found.get("IClamp[0].amp") == 0.5
        assert not found.import_report.empty or found.model.initial is not None
    found.save(tmp_path / "again.jxn")
    same_tables(found, jx.open(tmp_path / "again.jxn"))


def test_a_network_saved_before_records_what_it_recorded_then():
    """In use: a TABLE of a first call, IF, WHILE, LINEAR, KINETIC, diffusion, derivimplicit and a POINTER."""
    found: Any = jx.open(SAVED / "network.jxn")
    assert found.group_names == ["dendrite", "first"] and found.nodes["own"].tolist() == list(range(10))
    assert found.get("h_kt").tolist()[-3:] == [0.2] * 3 and found.get("cai").tolist()[-1] == 2e-4
    found.dendrite.make_trainable("gbar_kt", 0.005, verbose=False)
    found.cell(0).branch(0).make_trainable("gnabar_hh", 0.1, verbose=False)
    records = np.asarray(jx.integrate(found, params=found.get_parameters(), t_max=2.0))
    before = np.load(SAVED / "network.npy")
    assert (np.ptp(before, axis=1) > 0).all() and np.isfinite(before).all()
    scale = np.max(np.abs(before), axis=1, keepdims=True)
    np.testing.assert_allclose(records[:, ::4] / scale, before / scale, rtol=0.0, atol=1e-11)


def test_what_a_file_cannot_hold_is_refused(tmp_path):
    module = cell()
    module.nodes["odd"] = [[1], [2], [3], [4], [5]]
    with pytest.raises(ModelError, match="column 'odd' of nodes holds a list: a file holds numbers, truth values and"):
        module.save(tmp_path / "cell.jxn")
    with pytest.raises(ModelError, match=r"save takes a whole module, and this is a view: save its \.base"):
        module.branch(0).save(tmp_path / "cell.jxn")
    assert not list(tmp_path.iterdir())


def test_columns_of_parts_are_columns_of_the_whole():
    one, other = cell_without_extras(), cell_without_extras()
    jx.connect(one.branch(0).comp(0), one.branch(0).comp(1), jx.mechanism(GRADED))
    one.nodes["own"] = [1.0, 2.0]
    one.edges["weight"] = [5.0]
    other.branch(0).comp(1).nodes["own"] = 3.0
    whole = jx.Network([other, one, one])
    np.testing.assert_array_equal(whole.nodes["own"], [np.nan, 3.0, 1.0, 2.0, 1.0, 2.0])
    assert whole.edges["weight"].tolist() == [5.0, 5.0]
    one.nodes["controlled_by_param"] = 1
    with pytest.warns(UserWarning, match="the parts have a written controlled_by_param"):
        jx.Network([one])


def test_columns_of_synapses_stay_with_them_when_others_are_deleted():
    made = network()
    made.edge(0).delete()
    assert made.edges["weight"].tolist() == [1.0, 2.0]
    made.nodes["controlled_by_param"] = [0, 0, 0, 1, 1, 1]
    made.edge(0).delete()
    assert made.edges["weight"].tolist() == [2.0]
    assert made.nodes["controlled_by_param"].tolist() == [0, 0, 0, 1, 1, 1]
