"""What users write into tables: columns of their own, and which rows share a parameter. By arithmetic."""

from __future__ import annotations

import copy
import itertools
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import jxneuron as jx
from jxneuron.connect import fully_connect
from jxneuron.synapses import IonotropicSynapse

G = "IonotropicSynapse_gS"


def cell() -> jx.Cell:
    made = jx.Cell([jx.Branch(nseg=3), jx.Branch(nseg=2)], [-1, 0])
    made.set("radius", [1.0, 2.0, 3.0, 1.0, 2.0])
    return made


def net() -> Any:
    made: Any = jx.Network([cell() for _ in range(3)])
    fully_connect(made.cell([0, 1]), made.cell([1, 2]), IonotropicSynapse())
    return made


def placed(module: Any, key: str) -> list[float]:
    """What a run takes for the key when the k-th value of the last trainable is k + 10."""
    params = module.get_parameters()
    params[-1] = {key: 10.0 + jnp.arange(float(len(params[-1][key])))}
    module.write_trainables(params)
    return module.get(key).tolist()


def test_a_column_of_nodes_says_what_shares_a_parameter(capsys):
    module = cell()
    assert module.nodes["controlled_by_param"].tolist() == [0] * 5
    assert module.branch("all").nodes["controlled_by_param"].tolist() == [0, 0, 0, 1, 1]
    assert module.comp(0).nodes["controlled_by_param"].tolist() == [0, 3]
    module.nodes["controlled_by_param"] = module.nodes["radius"]
    assert module.nodes["controlled_by_param"].tolist() == [1.0, 2.0, 3.0, 1.0, 2.0]
    module.make_trainable("length")
    assert "newly added trainable parameters: 3." in capsys.readouterr().out
    assert module.indices_set_by_trainables[0].tolist() == [[0, 3], [1, 4], [2, -1]]
    assert placed(module, "length") == [10.0, 11.0, 12.0, 10.0, 11.0]


def test_a_view_shares_as_its_own_table_says():
    """Words sort too; a value for a part of the rows only is that part's; the module's table knows nothing of it."""
    module = cell()
    view = module.branch([0, 1]).comp([0, 1])
    view.nodes["controlled_by_param"] = ["thick", "thin", "thick", "thin"]
    view.make_trainable("capacitance", verbose=False)
    assert placed(module, "capacitance") == [10.0, 11.0, 1.0, 10.0, 11.0]
    assert module.nodes["controlled_by_param"].tolist() == [0] * 5


def test_synapses_share_by_where_they_come_from():
    module = net()
    module.copy_node_property_to_edges("global_cell_index")
    table = module.edges
    assert table["pre_global_cell_index"].tolist() == [0, 0, 1, 1]
    assert table["post_global_cell_index"].tolist() == [1, 2, 1, 2]
    chosen = module.select(edges=table.query("post_global_cell_index == 2 or pre_global_cell_index == 1").index)
    assert chosen.edges.index.tolist() == [1, 2, 3]
    chosen.edges["controlled_by_param"] = chosen.edges["pre_global_cell_index"]
    chosen.make_trainable(G, verbose=False)
    assert placed(module, G) == [1e-4, 10.0, 11.0, 11.0]


def test_groups_of_cells_share_by_the_pair_that_they_connect():
    module = net()
    module.cell(0).add_to_group("exc")
    module.cell([1, 2]).add_to_group("inh")
    module.nodes["kind"] = module.nodes[["exc", "inh"]].idxmax(axis=1)
    module.copy_node_property_to_edges("kind", "pre")
    module.copy_node_property_to_edges(["kind", "radius"], ["post"])
    table = module.edges
    assert table[["pre_kind", "post_kind"]].to_numpy().tolist() == [["exc", "inh"]] * 2 + [["inh", "inh"]] * 2
    assert table["post_radius"].tolist() == [1.0] * 4 and "pre_radius" not in table
    module.edges["controlled_by_param"] = table.groupby(["pre_kind", "post_kind"]).ngroup()
    module.make_trainable(G, verbose=False)
    assert placed(module, G) == [10.0, 10.0, 11.0, 11.0]


def test_columns_of_ones_own_are_remembered():
    """By row, whatever view wrote them; through copies and cuts; and they can be drawn and shown."""
    module = cell()
    module.nodes["dist"] = module.distance()
    module.branch(1).nodes["mark"] = [7.0, 8.0]
    module.comp(0).nodes["mark"] = [1.0, 2.0]
    for each in (module, copy.deepcopy(module)):
        assert each.nodes["dist"].tolist() == [5.0, 15.0, 25.0, 35.0, 45.0]
        np.testing.assert_array_equal(each.nodes["mark"], [1.0, np.nan, np.nan, 2.0, 8.0])
    assert module.branch(1).nodes["dist"].tolist() == [35.0, 45.0]
    assert module.show(["dist"], indices=False).columns.tolist() == ["dist"]
    assert module.vis(color_by="dist").figure.axes[1].get_ylabel() == "dist"
    module.branch(1).set_ncomp(4)
    np.testing.assert_array_equal(module.nodes["mark"], [1.0, np.nan, np.nan, 2.0, 2.0, 8.0, 8.0])
    network = net()
    network.edges["weight"] = [1.0, 2.0, 3.0, 4.0]
    fully_connect(network.cell(2), network.cell(0), IonotropicSynapse())
    np.testing.assert_array_equal(network.edges["weight"], [1.0, 2.0, 3.0, 4.0, np.nan])


@pytest.mark.parametrize(
    ("wrong", "kind", "message"),
    [
        (lambda m: m.nodes.__setitem__("radius", 5.0), ValueError, r"nodes is a copy.*set\('radius', \.\.\.\)"),
        (lambda m: m.edges.__setitem__(G, 5.0), ValueError, rf"edges is a copy.*set\('{G}', \.\.\.\)"),
        (lambda m: m.nodes.__setitem__(["radius", "length"], 5.0), ValueError, "nodes is a copy"),
        (lambda m: m.nodes.__setitem__("mark", [1, 2]), ValueError, "Length of values"),
        (lambda m: m.copy_node_property_to_edges("radus"), KeyError, "did you mean radius"),
        (lambda m: m.copy_node_property_to_edges("radius", "before"), ValueError, "pre, post, or both"),
    ],
)
def test_what_would_be_lost_raises(wrong, kind, message):
    module = net()
    before = [module.nodes, module.edges]
    with pytest.raises(kind, match=message):
        wrong(module)
    for now, then in zip([module.nodes, module.edges], before, strict=True):
        assert now.equals(then)


def test_what_pandas_makes_of_a_table_is_plain():
    table = cell().nodes
    for made in (table.copy(), table.query("radius > 1"), table[["radius", "length"]], table.assign(radius=5.0)):
        made["radius"] = 7.0
        assert set(made["radius"]) == {7.0}
    assert table["radius"].tolist() == [1.0, 2.0, 3.0, 1.0, 2.0]


def test_indices_over_the_whole_module_stand_under_both_names():
    view = net().cell([1, 2]).branch(1)
    table = view.nodes
    for level, expected in {"cell": [1, 1, 2, 2], "branch": [3, 3, 5, 5], "comp": [8, 9, 13, 14]}.items():
        assert table[f"global_{level}_index"].tolist() == table[f"{level}_index"].tolist() == expected


def test_views_can_be_given_a_name_by_with():
    module = net()
    with module.cell(1) as first, first.branch(0) as trunk:
        trunk.set("radius", 9.0)
    assert np.flatnonzero(module.nodes["radius"] == 9.0).tolist() == [5, 6, 7]


@pytest.mark.parametrize("kind", [list, tuple, np.array, jnp.asarray, lambda parents: np.array(parents, np.int32)])
def test_parents_may_be_any_array(kind):
    made = jx.Cell(jx.Branch(), kind([-1, 0, 0, 1]))
    assert made.comb_parents.tolist() == [-1, 0, 0, 1]
    assert all(isinstance(section.parent, int) for section in made.model.sections)


def test_options_of_pictures_need_no_dictionary():
    drawn = cell().vis(type="morph", linewidth=2.0, morph_plot_kwargs={"alpha": 0.5}).collections[0]
    assert (drawn.get_linewidths(), drawn.get_alpha()) == ([2.0], 0.5)


def test_lengths_of_branches_by_their_other_name(tmp_path):
    (tmp_path / "cell.swc").write_text("1 1 0 0 0 5 -1\n2 3 0 8 0 1 1\n3 3 0 80 0 1 2\n")
    counts = itertools.chain.from_iterable(
        jx.read_swc(tmp_path / "cell.swc", **given).ncomp_per_branch.tolist()  # type: ignore[arg-type]
        for given in ({"ncomp": 3}, {"nseg": 3}, {"ncomp": {"dend": 2}})
    )
    assert list(counts) == [3, 3, 3, 3, 1, 2]
    with pytest.raises(ValueError, match="two names of one thing"):
        jx.read_swc(tmp_path / "cell.swc", nseg=2, ncomp=3)
