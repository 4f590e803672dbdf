"""Which compartments ``connect`` and its relatives connect: pairs by arithmetic, draws by their distribution."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import jxneuron as jx
from jxneuron.connect import connect, connectivity_matrix_connect, fully_connect, sparse_connect
from jxneuron.synapses import IonotropicSynapse, TanhRateSynapse, TestSynapse

SIZES = [[3, 2], [4], [1, 2, 2]]  # compartments of each branch of each cell
FIRST = [0, 5, 9]  # the row at which each cell begins


def network(copies: int = 1) -> jx.Network:
    cells = [jx.Cell([jx.Branch(nseg=n) for n in sizes], [-1, *[0] * (len(sizes) - 1)]) for sizes in SIZES]
    return jx.Network(cells * copies)


def pairs(net: Any) -> list[tuple[int, int]]:
    table = net.edges
    return list(zip(table["pre_index"], table["post_index"], strict=True))


@pytest.fixture
def net() -> jx.Network:
    return network()


def test_compartments_are_connected_one_by_one(net: jx.Network) -> None:
    connect(net[0, 0, 1], net[2, 1, 0], IonotropicSynapse())
    connect(net.cell(1).branch(0).comp([0, 3]), net.cell(0).branch("all").comp(0), IonotropicSynapse())
    jx.connect([net[2, 0, 0], net.cell(0).branch(1)], [net.cell(1).branch(0).comp([1, 2]), net[1, 0, 1]], TestSynapse())
    assert pairs(net) == [(1, 10), (5, 0), (8, 3), (9, 6), (3, 7), (4, 6)]
    assert net.edges["type"].tolist() == ["IonotropicSynapse"] * 3 + ["TestSynapse"] * 3


def test_a_name_means_a_synapse_that_the_module_knows(net: jx.Network) -> None:
    connect(net[0, 0, 0], net[1, 0, 0], IonotropicSynapse())
    connect(net[1, 0, 0], net[2, 0, 0], "IonotropicSynapse")
    assert net.edges["type"].tolist() == ["IonotropicSynapse"] * 2


def test_an_end_of_a_section_is_read_there_and_ends_in_the_compartment_beside_it(net: jx.Network) -> None:
    end = net.section("cell[1].branch[0]").loc(1.0)
    connect(end, net[0, 0, 0], IonotropicSynapse())
    connect(net[0, 0, 0], end, IonotropicSynapse())
    assert pairs(net) == [(8, 0), (0, 8)]
    assert net.edges["pre_locs"].tolist() == [1.0, 1 / 6]
    assert net.edges["post_locs"].tolist() == [1 / 6, 7 / 8]


def test_fully_connect_takes_the_first_compartment_of_each_cell_of_the_views(net: jx.Network) -> None:
    fully_connect(net.cell([0, 1]), net.cell([1, 2]), IonotropicSynapse())
    assert pairs(net) == [(FIRST[i], FIRST[j]) for i in (0, 1) for j in (1, 2)]
    jx.fully_connect(net.cell([0, 2]).branch(1).comp(1), [net[1, 0, 2], net[0, 0, 2]], TestSynapse())
    assert pairs(net.TestSynapse) == [(pre, post) for pre in (4, 11) for post in (7, 2)]


def test_a_matrix_says_which_cells_are_connected(net: jx.Network) -> None:
    matrix = np.array([[0, 1, 1], [0, 0, 0], [1, 0, 1]])
    expected = [(FIRST[i], FIRST[j]) for i, j in zip(*np.nonzero(matrix), strict=True)]
    connectivity_matrix_connect(net.cell("all"), net.cell("all"), IonotropicSynapse(), matrix)
    jx.connectivity_matrix_connect(net.cell("all"), net.cell("all"), TestSynapse(), matrix > 0)
    assert pairs(net) == expected * 2
    connectivity_matrix_connect(net.cell([2, 0]), net.cell(1), TanhRateSynapse(), [[True], [False]])
    assert pairs(net.TanhRateSynapse) == [(FIRST[0], FIRST[1])], "views hold their cells in the order of the network"
    connectivity_matrix_connect(net.cell(0), net.cell(1), TanhRateSynapse(), [[False]])
    assert len(net.TanhRateSynapse) == 1


def test_pairs_are_drawn_each_on_its_own_and_never_twice() -> None:
    net, p = network(20), 0.3
    sparse_connect(net.cell("all"), net.cell("all"), IonotropicSynapse(), p, seed=5)
    found = pairs(net)
    assert len(set(found)) == len(found)
    starts = {14 * k + first for k in range(20) for first in FIRST}
    assert {pre for pre, _ in found} | {post for _, post in found} <= starts
    for count, trials in ((len(found), 3600), (sum(pre == post for pre, post in found), 60)):
        assert abs(count - p * trials) < 4 * np.sqrt(trials * p * (1 - p))


def test_a_seed_draws_the_same_again() -> None:
    drawn = []
    for seed in (1, 1, 2):
        net = network(3)
        jx.sparse_connect(net.cell("all"), net.cell("all"), IonotropicSynapse(), 0.5, True, seed=seed)
        drawn.append(pairs(net))
    assert drawn[0] == drawn[1] != drawn[2]


def test_probabilities_at_their_bounds(net: jx.Network) -> None:
    sparse_connect(net.cell("all"), net.cell("all"), IonotropicSynapse(), 0.0, seed=1)
    assert len(net.edges) == 0
    sparse_connect(net.cell("all"), net.cell("all"), IonotropicSynapse(), 1, seed=1)
    assert pairs(net) == [(i, j) for i in FIRST for j in FIRST]


@pytest.mark.parametrize("kind", ["fully", "sparse", "matrix"])
def test_postsynaptic_compartments_are_drawn_evenly_from_the_view(kind: str) -> None:
    net = network(20)
    pre, post = net.cell("all"), net.cell([2, 5]).branch([0, 1])
    if kind == "fully":
        fully_connect(pre, post, IonotropicSynapse(), True, seed=3)
    elif kind == "sparse":
        sparse_connect(pre, post, IonotropicSynapse(), 1.0, True, seed=3)
    else:
        connectivity_matrix_connect(pre, post, IonotropicSynapse(), np.ones((60, 2), bool), True, seed=3)
    table = net.edges
    assert table.groupby("pre_cell_index")["post_cell_index"].agg(list).tolist() == [[2, 5]] * 60
    counts = table["post_index"].value_counts()
    assert set(counts.index) == {9, 10, 11, 23, 24, 25}
    assert counts.between(20 - 4 * np.sqrt(60 * 2 / 9), 20 + 4 * np.sqrt(60 * 2 / 9)).all()


def test_a_hundred_thousand_synapses_are_one_edit() -> None:
    """Numbers by arithmetic; each synapse has its own row, value and name."""
    cell = jx.Cell([jx.Branch(nseg=1)], [-1])
    net = jx.Network([cell] * 320)
    fully_connect(net.cell("all"), net.cell("all"), IonotropicSynapse())
    weights = np.arange(320.0 * 320.0)
    net.IonotropicSynapse.set("IonotropicSynapse_gS", weights)
    table = net.edges
    assert len(table) == 320 * 320
    at = 320 * 7 + 11
    assert table.loc[at, ["pre_index", "post_index", "IonotropicSynapse_gS"]].tolist() == [7, 11, float(at)]
