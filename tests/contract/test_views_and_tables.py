"""Indices, shapes, names, groups and tables: what they select and show, by arithmetic."""

from __future__ import annotations

import copy
import itertools
import pickle
from typing import Any

import numpy as np
import pytest

import jxneuron as jx
from jxneuron.channels import HH, Leak

SIZES = [[3, 2, 1], [4], [1, 2, 3, 2]]  # compartments of each branch of each cell
PARENTS = [[-1, 0, 0], [-1], [-1, 0, 1, 1]]


def cells() -> list[jx.Cell]:
    return [jx.Cell([jx.Branch(nseg=n) for n in sizes], up) for sizes, up in zip(SIZES, PARENTS, strict=True)]


@pytest.fixture(scope="module")
def net() -> jx.Network:
    return jx.Network(cells())


# Each compartment as (cell, branch, comp) counted within its parent, in the order of rows
PLACES = [(c, b, k) for c, sizes in enumerate(SIZES) for b, n in enumerate(sizes) for k in range(n)]


def rows(view: Any) -> list[int]:
    return view.nodes["comp_index"].tolist()


def expected(cell: Any = None, branch: Any = None, comp: Any = None) -> list[int]:
    wanted = (cell, branch, comp)
    return [
        i
        for i, place in enumerate(PLACES)
        if all(given is None or here in np.atleast_1d(given) for given, here in zip(wanted, place, strict=True))
    ]


@pytest.mark.parametrize(
    ("choose", "places"),
    [
        (lambda net: net.cell(1), expected(1)),
        (lambda net: net.cell(-1), expected(2)),
        (lambda net: net.cell([0, 2]).branch(1), expected([0, 2], 1)),
        (lambda net: net.cell([0, 2]).branch(0).comp(0), expected([0, 2], 0, 0)),
        (lambda net: net.cell("all").branch("all").comp(1), expected(None, None, 1)),
        (lambda net: net.cell(slice(0, 2)).branch(0).comp([0, 2]), expected([0, 1], 0, [0, 2])),
        (lambda net: net.cell(np.array([True, False, True])).branch([1, 2]), expected([0, 2], [1, 2])),
        (lambda net: net.cell(range(2)), expected([0, 1])),
        (lambda net: net[2, 3, 1], expected(2, 3, 1)),
        (lambda net: net[0], expected(0)),
        (lambda net: net[0, 1:], expected(0, [1, 2])),
        (lambda net: net["all", 0, 0], expected(None, 0, 0)),
        (lambda net: net.cell(2).branch(2)[1], expected(2, 2, 1)),
        (lambda net: net.cell(0)[2, 0], expected(0, 2, 0)),
        (lambda net: net.cell(0).branch(0).loc(0.5), expected(0, 0, 1)),
        (lambda net: net.cell(0).branch(0).loc([0.0, 1.0]), expected(0, 0, [0, 2])),
        (lambda net: net.cell(1).branch(0).loc(0.25), expected(1, 0, 1)),
        (lambda net: net.branch(1).comp(0), expected(None, 1, 0)),
        (lambda net: net.select([0, 5]), [0, 5]),
        (lambda net: net.at("cell[2].branch[2](0.5)"), expected(2, 2, 1)),
        (lambda net: net.section("cell[2].branch[1]").loc(0.9), expected(2, 1, 1)),
    ],
)
def test_what_an_index_selects(choose, places, net):
    assert rows(choose(net)) == places
    assert places


def test_a_location_is_in_the_compartment_that_holds_it(net):
    """Every branch by its own count: ``int(nseg x)``."""
    for x in (0.0, 0.2, 0.34, 0.5, 0.77, 1.0):
        wanted = [i for i, (c, b, k) in enumerate(PLACES) if k == min(int(SIZES[c][b] * x), SIZES[c][b] - 1)]
        assert rows(net.loc(x)) == wanted


def test_indices_count_within_a_view(net):
    """The second branch of a view is not the second branch of the cell."""
    view = net.cell(2).branch([1, 3])
    assert rows(view.branch(1)) == expected(2, 3)
    assert rows(view.branch(1).comp(1)) == expected(2, 3, 1)
    assert rows(net.cell([1, 2]).cell(1)) == expected(2)


def test_iteration_visits_the_topmost_parts(net):
    assert [rows(each) for each in net] == [expected(c) for c in range(3)]
    assert [rows(each) for each in net.cells] == [expected(c) for c in range(3)]
    assert [rows(each) for each in net.cell(2)] == [expected(2, b) for b in range(4)]
    assert [rows(each) for each in net.cell(0).branches] == [expected(0, b) for b in range(3)]
    assert [rows(each) for each in net.cell(0).branch(0)] == [expected(0, 0, k) for k in range(3)]
    assert [rows(each) for each in net.cell(1).comps] == [[i] for i in expected(1)]


def test_shapes_and_lengths(net):
    assert net.shape == (3, 8, 18)
    assert len(net) == 3
    for c, cell in enumerate(cells()):
        assert cell.shape == net.cell(c).shape == (len(SIZES[c]), sum(SIZES[c]))
        assert len(cell) == len(net.cell(c)) == len(SIZES[c])
    assert jx.Branch(nseg=4).shape == (4,)
    assert len(jx.Branch(nseg=4)) == 4
    assert net.cell(2).branch(2).shape == (3,)
    assert jx.Compartment().shape == (1,)


def test_numbers_of_parts(net):
    flat = list(itertools.chain(*SIZES))
    assert net.nbranches_per_cell == [3, 1, 4]
    assert net.total_nbranches == 8
    assert net.cumsum_nbranches.tolist() == [0, 3, 4, 8]
    assert net.comb_parents.tolist() == [-1, 0, 0, -1, -1, 4, 5, 5]
    assert net.ncomp_per_branch.tolist() == flat
    assert net.cumsum_ncomp.tolist() == np.cumsum([0, *flat]).tolist()
    assert net.ncomp == net.nseg == 4
    view = net.cell(2).branch([1, 3])
    assert (view.nbranches_per_cell, view.total_nbranches, view.comb_parents.tolist()) == ([2], 2, [-1, 0])
    assert [len(each) for each in net.xyzr] == [0] * 8


def test_locations_and_indices_are_inverse(net):
    counts = net.ncomp_per_branch
    index = np.arange(18)
    branch = np.repeat(np.arange(8), counts)
    x = jx.loc_of_index(index, branch, counts)
    np.testing.assert_allclose(x, [(k + 0.5) / SIZES[c][b] for c, b, k in PLACES], rtol=1e-15)
    assert [int(jx.index_of_loc(int(b), at, counts)) for b, at in zip(branch, x, strict=True)] == index.tolist()
    assert jx.index_of_loc(3, [0.0, 0.49, 1.0], counts).tolist() == [6, 7, 9]


def test_the_table_of_nodes(net):
    table = net.nodes
    assert table["cell_index"].tolist() == [c for c, _, _ in PLACES]
    first = np.cumsum([0, *map(len, SIZES)])
    assert table["branch_index"].tolist() == [first[c] + b for c, b, _ in PLACES]
    assert table["comp_index"].tolist() == list(range(18))
    assert list(zip(*(table[f"local_{each}_index"] for each in ("cell", "branch", "comp")), strict=True)) == PLACES
    for key, value in {"length": 10, "radius": 1, "axial_resistivity": 5000, "capacitance": 1, "v": -70}.items():
        assert set(table[key]) == {float(value)}
    np.testing.assert_allclose(table["area"], 2 * np.pi * 10)
    local = net.cell(2).branch([1, 3]).nodes
    assert local["local_branch_index"].tolist() == [0, 0, 1, 1]
    assert local["branch_index"].tolist() == [5, 5, 7, 7]


def test_tables_are_copies(net):
    table = net.nodes.copy()
    table["radius"] = 7.0
    assert set(net.nodes["radius"]) == {1.0}


def test_mechanisms_on_parts_only(net):
    net = net.copy()
    net.cell(0).branch(1).insert(HH())
    net.cell(1).insert(Leak())
    net.cell(2).insert("pas")
    table = net.nodes
    assert np.flatnonzero(table["HH"]).tolist() == expected(0, 1)
    assert np.flatnonzero(table["Leak"]).tolist() == expected(1)
    assert np.flatnonzero(table["HH_gNa"].notna()).tolist() == expected(0, 1)
    assert set(table["HH_gNa"].dropna()) == {0.12}
    assert [each.name for each in net.channels] == ["HH", "Leak", "pas"]
    assert [each.name for each in net.cell(1).channels] == ["Leak"]
    assert net.membrane_current_names == ["i_HH", "i_Leak", "i_pas"]
    for name in net.membrane_current_names:
        net.record(name, verbose=False)
    assert net.recordings["state"].value_counts().to_dict() == {"i_HH": 2, "i_Leak": 4, "i_pas": 8}
    net.delete(HH())
    net.cell(2).branch(0).delete_channel("pas")
    assert "HH" not in net.nodes
    assert np.flatnonzero(net.nodes["pas"]).tolist() == expected(2, [1, 2, 3])


def test_show_chooses_columns():
    cell = jx.Cell([jx.Branch(nseg=2)], [-1])
    cell.insert("hh")
    cell.insert("pas")
    indices = [name for name in cell.nodes if name.endswith("_index") or name in ("section", "x")]
    assert cell.show().columns.tolist() == cell.nodes.columns.tolist()
    assert cell.show("gnabar_hh").columns.tolist() == [*indices, "gnabar_hh"]
    assert cell.show(["radius", "v"], indices=False).columns.tolist() == ["radius", "v"]
    assert {"v", "m_hh", "h_hh", "n_hh"} <= set(cell.show(indices=False, params=False))
    assert not {"v", "m_hh"} & set(cell.show(indices=False, states=False))
    assert {"g_pas", "e_pas", "pas"} <= set(cell.show(channel_names="pas", indices=False))
    assert "gnabar_hh" not in cell.show(channel_names=["pas"])
    with pytest.raises(KeyError, match="gnabar_hh"):
        cell.show("gnabar_h")


def test_groups_select_set_and_share(net, capsys):
    net = net.copy()
    net.cell([0, 1]).add_to_group("excitatory")
    net.cell(2).branch(0).add_to_group("excitatory")
    members = sorted(expected([0, 1]) + expected(2, 0))
    assert rows(net.excitatory) == members
    assert rows(net.cell(2).excitatory) == expected(2, 0)
    assert list(net.group_nodes) == ["excitatory"]
    assert net.group_nodes["excitatory"]["comp_index"].tolist() == members
    assert np.flatnonzero(net.nodes["excitatory"]).tolist() == members
    net.excitatory.set("radius", 0.1)
    assert np.flatnonzero(net.nodes["radius"] == 0.1).tolist() == members
    net.excitatory.make_trainable("radius")
    assert "newly added trainable parameters: 1. Total number of trainable parameters: 1" in capsys.readouterr().out
    with pytest.raises(ValueError, match="takes a view"):
        net.add_to_group("everything")


def test_trainables_are_shared_as_the_view_says(net, capsys):
    """One for the module, for each cell, branch or compartment; a list of starts; the mean of present values."""
    net = net.copy()
    keys = ["capacitance", "axial_resistivity", "radius", "radius"]
    for key in keys:
        net.set(key, np.arange(18) + 1.0)
    net.make_trainable("capacitance")
    net.cell("all").make_trainable("axial_resistivity")
    net.cell(0).branch("all").make_trainable("radius", [5.0, 6.0, 7.0])
    net.cell(1).branch(0).comp("all").make_trainable("radius", 4.0)
    printed = capsys.readouterr().out.splitlines()
    counts = [1, 3, 3, 4]
    for line, count, total in zip(printed, counts, np.cumsum(counts), strict=True):
        assert line == (
            f"Number of newly added trainable parameters: {count}. Total number of trainable parameters: {total}"
        )
    values = [each[key].tolist() for key, each in zip(keys, net.get_parameters(), strict=True)]
    means = [float(np.mean([i + 1.0 for i in expected(c)])) for c in range(3)]
    assert values == [[9.5], means, [5.0, 6.0, 7.0], [4.0] * 4]
    assert net.num_trainable_params == 11
    indices = net.indices_set_by_trainables
    assert indices[0].tolist() == [list(range(18))]
    assert [[i for i in each if i >= 0] for each in indices[1].tolist()] == [expected(c) for c in range(3)]
    assert [[i for i in each if i >= 0] for each in indices[2].tolist()] == [expected(0, b) for b in range(3)]
    pstate = jx.params_to_pstate(net.get_parameters(), indices)
    assert [each["key"] for each in pstate] == keys
    found = net.get_all_parameters(pstate)
    np.testing.assert_array_equal(found["capacitance"], np.full(18, 9.5))
    np.testing.assert_array_equal(found["axial_resistivity"], [means[c] for c, _, _ in PLACES])
    own = {(0, b): 5.0 + b for b in range(3)} | {(1, 0): 4.0}
    np.testing.assert_array_equal(found["radius"], [own.get((c, b), row + 1.0) for row, (c, b, _) in enumerate(PLACES)])
    net.delete_trainables()
    assert (net.num_trainable_params, net.get_parameters()) == (0, [])


def test_recordings_and_inputs_are_listed_and_deleted(net, capsys):
    net = net.copy()
    net.insert("hh")
    net.cell(0).branch(1).record()
    net.cell(1).branch(0).loc(1.0).record("m_hh")
    net.cell(1).branch(0).loc(1.0).record("ina")
    assert capsys.readouterr().out.startswith("Added 2 recordings")
    assert net.recordings["rec_index"].tolist() == [*expected(0, 1), *expected(1, 0, 3), *expected(1, 0, 3)]
    assert net.recordings["state"].tolist() == ["v", "v", "m_hh", "ina"]
    net.cell(0).delete_recordings()
    assert net.recordings["state"].tolist() == ["m_hh", "ina"]
    net.delete_recordings()
    assert len(net.recordings) == 0
    net.cell(0).stimulate(np.ones(3), verbose=False)
    net.cell(1).clamp("m_hh", np.ones(4), verbose=False)
    net.cell(0).branch(0).delete_stimuli()
    assert {key: each.shape for key, each in net.externals.items()} == {"i": (3, 3), "m_hh": (4, 4)}
    net.delete_stimuli()
    net.delete_clamps("n_hh")
    assert list(net.externals) == ["m_hh"]
    net.delete_clamps()
    assert net.externals == {}


def test_an_unknown_attribute_names_what_is_near(net):
    net = net.copy()
    net.cell(0).add_to_group("excitatory")
    net.insert("pas")
    with pytest.raises(AttributeError, match="Network has no attribute 'excitatry'; did you mean excitatory"):
        _ = net.excitatry
    with pytest.raises(AttributeError, match="View has no attribute 'brunch'; did you mean branch"):
        _ = net.cell(0).brunch
    with pytest.raises(AttributeError, match=r"g_pas is a parameter or state: read it with .get\('g_pas'\)"):
        _ = net.g_pas


@pytest.mark.parametrize("again", [copy.deepcopy, lambda module: pickle.loads(pickle.dumps(module))])
def test_copies_share_nothing(again, net):
    """Views too; a copy has all that a run reads."""
    first = net.copy()
    first.insert(HH())
    first.cell(0).add_to_group("some")
    first.cell(0).branch(0).loc(0.5).record(verbose=False)
    first.some.make_trainable("HH_gNa", verbose=False)
    first.cell(1).stimulate(np.ones(9), verbose=False)
    second = again(first)
    assert second.nodes.equals(first.nodes)
    assert second.recordings.equals(first.recordings)
    assert second.num_trainable_params == 1
    np.testing.assert_array_equal(second.externals["i"], first.externals["i"])
    np.testing.assert_array_equal(jx.integrate(second), jx.integrate(first))
    second.some.set("HH_gNa", 0.5)
    second.delete_trainables()
    assert set(first.nodes["HH_gNa"]) == {0.12}
    assert first.num_trainable_params == 1
    view = again(first.cell(1))
    view.set("v", 1.0)
    assert rows(view) == expected(1)
    assert (first.get("v") == -70).all()


def test_groups_of_parts_are_groups_of_the_whole():
    """Also where trees of a cell interleave; records, inputs and trainables of parts stay behind, and that is said."""
    branch = jx.Branch(nseg=3)
    branch.comp([0, 2]).add_to_group("ends")
    made = jx.Cell([branch, jx.Branch(nseg=2), branch], [-1, -1, 0])
    made.section("branch[2]").add_to_group("far")
    table = made.nodes
    assert table["branch_index"].tolist() == [0, 0, 0, 2, 2, 2, 1, 1]
    assert table["ends"].tolist() == [True, False, True] * 2 + [False] * 2
    whole = jx.Network([made, jx.Cell([jx.Branch()], [-1]), made])
    assert whole.nodes["ends"].tolist() == [*table["ends"], False, *table["ends"]]
    assert whole.nodes["far"].tolist() == [*table["far"], False, *table["far"]]
    made.record(verbose=False)
    made.make_trainable("radius", verbose=False)
    with pytest.warns(UserWarning, match="the parts have recordings and trainables: the whole begins without"):
        assert len(jx.Network([made]).recordings) == 0
