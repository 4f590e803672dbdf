"""The table of synapses, views of them, and every verb on them; numbers by arithmetic."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest

import jxneuron as jx
from jxneuron.errors import ModelError
from jxneuron.synapses import IonotropicSynapse, TanhRateSynapse, TestSynapse

MOD = Path(__file__).parents[2] / "mod" / "synapses"
SIZES = [[3, 2], [4], [1, 2]]  # compartments of each branch of each cell
# Both ends of each synapse as (cell, branch, comp), and its type
ENDS = [
    ((0, 0, 1), (1, 0, 3), IonotropicSynapse),
    ((1, 0, 0), (2, 1, 1), TestSynapse),
    ((0, 0, 2), (0, 1, 0), IonotropicSynapse),
    ((2, 0, 0), (0, 0, 0), IonotropicSynapse),
    ((1, 0, 1), (1, 0, 1), TestSynapse),
]
ROW = {  # the row of ``nodes`` of each compartment
    place: row
    for row, place in enumerate(
        (c, b, k) for c, sizes in enumerate(SIZES) for b, n in enumerate(sizes) for k in range(n)
    )
}
BRANCH = {(0, 0): 0, (0, 1): 1, (1, 0): 2, (2, 0): 3, (2, 1): 4}
GS, S, CURRENT = "IonotropicSynapse_gS", "IonotropicSynapse_s", "i_IonotropicSynapse"
STEPS, DT = 40, 0.025


def cells() -> list[jx.Cell]:
    return [jx.Cell([jx.Branch(nseg=n) for n in sizes], [-1, 0][: len(sizes)]) for sizes in SIZES]


def connected() -> jx.Network:
    net = jx.Network(cells())
    for pre, post, kind in ENDS:
        jx.connect(net[pre], net[post], kind())
    return net


@pytest.fixture
def net() -> jx.Network:
    return connected()


def test_a_row_says_where_a_synapse_begins_and_ends(net: jx.Network) -> None:
    table = net.edges
    for side, index in (("pre", 0), ("post", 1)):
        places = [each[index] for each in ENDS]
        expected = {
            f"{side}_index": [ROW[place] for place in places],
            f"global_{side}_comp_index": [ROW[place] for place in places],
            f"{side}_cell_index": [c for c, _, _ in places],
            f"{side}_branch_index": [b for _, b, _ in places],
            f"global_{side}_branch_index": [BRANCH[c, b] for c, b, _ in places],
            f"{side}_locs": [(k + 0.5) / SIZES[c][b] for c, b, k in places],
        }
        for name, values in expected.items():
            np.testing.assert_allclose(table[name], values, rtol=1e-15, err_msg=name)
    assert table.index.tolist() == table["global_edge_index"].tolist() == [0, 1, 2, 3, 4]
    assert table["type"].tolist() == [kind.__name__ for _, _, kind in ENDS]
    assert table["type_ind"].tolist() == [0, 1, 0, 0, 1]
    assert table["index_within_type"].tolist() == [0, 0, 1, 2, 1]


def test_parameters_and_states_are_columns_with_gaps_for_other_types(net: jx.Network) -> None:
    table = net.edges
    first = [kind is IonotropicSynapse for _, _, kind in ENDS]
    synapse = IonotropicSynapse()
    for name, value in {**synapse.synapse_params, **synapse.synapse_states}.items():
        np.testing.assert_array_equal(table[name], np.where(first, value, np.nan))
    np.testing.assert_array_equal(table["TestSynapse_gC"], np.where(first, np.nan, 1e-4))
    with pytest.raises(ModelError, match=rf"edges is a copy, in which \['{GS}'\] = \.\.\. would change nothing"):
        table[GS] = 7.0
    assert set(net.get(GS)) == {1e-4}


def test_names_of_what_there_is(net: jx.Network) -> None:
    assert [each.name for each in net.synapses] == net.synapse_names == ["IonotropicSynapse", "TestSynapse"]
    assert net.synapse_param_names == [*IonotropicSynapse().synapse_params, "TestSynapse_gC"]
    assert net.synapse_state_names == [S, "TestSynapse_c"]
    assert net.synapse_current_names == [CURRENT, "i_TestSynapse"]
    assert net.cell(1).synapse_names == ["TestSynapse"]
    assert net.cell(2).synapse_names == []


@pytest.mark.parametrize(
    ("choose", "numbers"),
    [
        (lambda net: net, [0, 1, 2, 3, 4]),
        (lambda net: net.cell([0, 1]), [0, 2, 4]),
        (lambda net: net.cell(0), [2]),
        (lambda net: net.cell(2), []),
        (lambda net: net.IonotropicSynapse, [0, 2, 3]),
        (lambda net: net.cell([0, 2]).IonotropicSynapse, [2, 3]),
        (lambda net: net.TestSynapse.edge(-1), [4]),
        (lambda net: net.IonotropicSynapse.edge([0, 2]), [0, 3]),
        (lambda net: net.IonotropicSynapse[1:], [2, 3]),
        (lambda net: net.IonotropicSynapse.edge([True, False, True]), [0, 3]),
        (lambda net: net.IonotropicSynapse.edge("all"), [0, 2, 3]),
        (lambda net: net.edge([1, 3]), [1, 3]),
        (lambda net: net.select(edges=[0, 4]), [0, 4]),
        (lambda net: net.edge([1, 3]).edge(1), [3]),
        (lambda net: net.cell([0, 1]).edge(2), [4]),
        (lambda net: net.edge([0, 1, 3]).IonotropicSynapse, [0, 3]),
    ],
)
def test_what_a_view_holds(choose: Any, numbers: list[int], net: jx.Network) -> None:
    """Synapses whose both ends are in it; but for who shares a parameter, its rows are those of the whole table."""
    sharing, view = "controlled_by_param", choose(net)
    assert view.edges.index.tolist() == numbers
    rows, expected = (edges.drop(columns=sharing) for edges in (view.edges, net.edges.loc[numbers]))
    pd.testing.assert_frame_equal(rows, expected, check_dtype=bool(numbers))


def test_views_of_synapses_count_them_and_hold_their_compartments(net: jx.Network) -> None:
    view = net.IonotropicSynapse
    assert (len(view), view.shape) == (3, (3,))
    assert [each.edges.index.tolist() for each in view] == [[0], [2], [3]]
    ends = {ROW[place] for pre, post, kind in ENDS for place in (pre, post) if kind is IonotropicSynapse}
    assert set(view.nodes["comp_index"]) == ends
    with pytest.raises(AttributeError, match="did you mean IonotropicSynapse"):
        _ = net.IonotropicSynaps
    with pytest.raises(AttributeError, match=rf"{GS} is a parameter or state: read it with .get"):
        _ = getattr(net, GS)


def test_show_chooses_columns(net: jx.Network) -> None:
    view = net.IonotropicSynapse
    indices = net.edges.columns[:16].tolist()
    assert view.show([GS, S], indices=False).columns.tolist() == [GS, S]
    assert view.show(GS).columns.tolist() == [*indices, GS]
    assert view.show(indices=False, params=False).columns.tolist() == [S, CURRENT]
    assert net.edge("all").show(channel_names="TestSynapse", indices=False, states=False).columns.tolist() == [
        "TestSynapse_gC"
    ]
    assert "TestSynapse_gC" not in view.show()
    with pytest.raises(KeyError, match=r"did you mean .*IonotropicSynapse_gS"):
        view.show("IonotropicSynapse_gs")


def test_set_gives_one_value_or_one_for_each(net: jx.Network) -> None:
    before = net.nodes
    net.set(GS, 1e-3)
    net.IonotropicSynapse.edge([0, 2]).set(GS, [2e-3, 3e-3])
    net.cell(0).set("IonotropicSynapse_e_syn", -80.0)
    assert net.get(GS).tolist() == [2e-3, 1e-3, 3e-3]
    assert net.IonotropicSynapse.edge(2).get(GS).tolist() == [3e-3]
    assert net.get("IonotropicSynapse_e_syn").tolist() == [0.0, -80.0, 0.0]
    assert net.nodes.equals(before)
    net.IonotropicSynapse.edge(1).pre.set("radius", 3.0)
    net.IonotropicSynapse.edge(1).post.set("radius", 3.0)
    assert np.flatnonzero(net.nodes["radius"] == 3.0).tolist() == [ROW[0, 0, 2], ROW[0, 1, 0]]


def run(module: Any, **given: Any) -> np.ndarray:
    return np.asarray(jx.integrate(module, t_max=STEPS * DT, delta_t=DT, **given))


def follow(s: Any, v: Any, v_th: float = -35.0, delta: float = 10.0, k_minus: float = 0.025) -> Any:
    """One step of the open fraction at a voltage."""
    steady = 1 / (1 + np.exp((v_th - v) / delta))
    return steady + (s - steady) * np.exp(-DT * k_minus / (1 - steady))


def test_records_of_synapses_obey_their_equations(net: jx.Network) -> None:
    """States follow the new voltage before them; a record of a current shows that of the step that ended."""
    net.set("v", np.linspace(-70.0, -20.0, 12))
    net.set(GS, [0.01, 0.02, 0.03])
    net.set("IonotropicSynapse_e_syn", [0.0, -80.0, 20.0])
    net.record(verbose=False)
    for state in (S, CURRENT, GS):
        net.IonotropicSynapse.record(state, verbose=False)
    net.TestSynapse.edge(1).record("TestSynapse_c", verbose=False)
    found = net.recordings
    assert found["rec_index"].tolist() == [*range(12), *[0, 2, 3] * 3, 4]
    assert found["state"].tolist()[12:] == [*[S] * 3, *[CURRENT] * 3, *[GS] * 3, "TestSynapse_c"]
    traces = run(net)
    v, s, i, g, c = np.split(traces, [12, 15, 18, 21])
    pre, post = ([ROW[each[side]] for each in ENDS if each[2] is IonotropicSynapse] for side in (0, 1))
    np.testing.assert_array_equal(g, np.repeat([[0.01], [0.02], [0.03]], STEPS + 1, axis=1))
    assert s[:, 0].tolist() == [0.2] * 3
    np.testing.assert_allclose(s[:, 1:], follow(s[:, :-1], v[pre, 1:]), rtol=1e-12)
    np.testing.assert_allclose(c[0, 1:], follow(c[0, :-1], v[ROW[1, 0, 1], 1:]), rtol=1e-12)
    e = np.array([[0.0], [-80.0], [20.0]])
    np.testing.assert_allclose(i[:, 1:], (g * s * (v[post] - e))[:, :-1], rtol=1e-9)
    assert np.ptp(s, axis=1).min() > 1e-4
    np.testing.assert_array_equal(run(net.IonotropicSynapse.edge(0)), traces)


def test_records_and_clamps_of_synapses_are_deleted_by_view(net: jx.Network) -> None:
    net.record(verbose=False)
    for view in (net, net.cell(0)):
        view.record(S, verbose=False)
    net.record("TestSynapse_c", verbose=False)
    assert net.recordings["rec_index"].tolist()[12:] == [0, 2, 3, 1, 4], "none is recorded twice"
    net.IonotropicSynapse.edge(0).delete_recordings()
    assert net.recordings["rec_index"].tolist()[12:] == [2, 3, 1, 4]
    net.cell([0, 1]).delete_recordings()
    assert net.recordings["rec_index"].tolist() == [9, 10, 11, 3, 1]
    net.set("v", -50.0)
    net.IonotropicSynapse.clamp(S, np.ones(STEPS), verbose=False)
    net.cell(2).clamp("v", np.ones(STEPS), verbose=False)
    net.IonotropicSynapse.edge(2).delete_clamps()
    assert {key: len(each) for key, each in net.externals.items()} == {S: 2, "v": 3}
    net.IonotropicSynapse.pre.delete_clamps("v")
    net.cell(0).delete_clamps()
    assert {key: len(each) for key, each in net.externals.items()} == {S: 1, "v": 2}
    net.IonotropicSynapse.delete_clamps()
    assert list(net.externals) == ["v"]


def test_a_clamped_state_is_held_on_its_synapses_alone(net: jx.Network) -> None:
    net.record(S, verbose=False)
    free = run(net)
    samples = np.array([np.linspace(0, 1, STEPS), np.linspace(1, 0, STEPS)])
    view = net.IonotropicSynapse.edge([0, 2])
    held = run(net, data_clamps=view.data_clamp(S, samples))
    np.testing.assert_array_equal(held[[0, 2], 1:], samples)
    np.testing.assert_allclose(held[1], free[1], rtol=1e-3)
    view.clamp(S, samples, verbose=False)
    np.testing.assert_array_equal(run(net), held)


def test_where_states_start(net: jx.Network) -> None:
    """At their defaults, where they are set, or at rest at the voltage before; each view says it of its synapses."""
    steady = lambda place: 1 / (1 + np.exp((-35.0 - V[ROW[place]]) / 10.0))  # noqa: E731
    V = np.linspace(-70.0, -20.0, 12)
    net.insert("hh")
    net.set("v", V)
    net.set("m_hh", 0.3)
    net.IonotropicSynapse.edge([0, 1]).set(S, [0.4, 0.6])
    net.record(S, verbose=False)
    net.record("m_hh", verbose=False)
    start = lambda: run(net)[:4, 0]  # noqa: E731
    assert start().tolist() == [0.4, 0.6, 0.2, 0.3]
    net.IonotropicSynapse.edge(1).init_states()
    np.testing.assert_allclose(start(), [0.4, steady((0, 0, 2)), 0.2, 0.3], rtol=1e-14)
    np.testing.assert_allclose(net.get(S), [0.4, steady((0, 0, 2)), 0.2], rtol=1e-14)
    net.init_states()
    np.testing.assert_allclose(start()[:3], [steady(each) for each in ((0, 0, 1), (0, 0, 2), (2, 0, 0))], rtol=1e-14)
    assert start()[3] < 0.2


def test_trainables_are_shared_by_a_view_or_one_for_each_edge(net: jx.Network, capsys: Any) -> None:
    net.set(GS, 2e-3)
    net.set("IonotropicSynapse_delta", [1.0, 2.0, 6.0])
    net.IonotropicSynapse.make_trainable("IonotropicSynapse_delta")
    net.IonotropicSynapse.edge([0, 2]).make_trainable(GS, [1e-3, 6e-3])
    net.cell([0, 1]).make_trainable("TestSynapse_gC", 5e-4)
    net.IonotropicSynapse.edge("all").make_trainable(S, [0.1, 0.2, 0.3])
    printed = capsys.readouterr().out.splitlines()
    assert [line.split()[6] for line in printed] == ["1.", "2.", "1.", "3."]
    values = [each.tolist() for entry in net.get_parameters() for each in entry.values()]
    assert values[0] == [3.0]
    assert values[1:] == [[1e-3, 6e-3], [5e-4], [0.1, 0.2, 0.3]]
    rows = [each.tolist() for each in net.indices_set_by_trainables]
    assert rows == [[[0, 2, 3]], [[0], [3]], [[4]], [[0], [2], [3]]]
    pstate = jx.params_to_pstate(net.get_parameters(), net.indices_set_by_trainables)
    np.testing.assert_allclose(net.get_all_parameters(pstate)[GS], [1e-3, 2e-3, 6e-3], rtol=1e-15)
    states = net.get_all_states(pstate)
    np.testing.assert_array_equal(states[S], [0.1, 0.2, 0.3])
    net.write_trainables(net.get_parameters())
    np.testing.assert_allclose(net.get(GS), [1e-3, 2e-3, 6e-3], rtol=1e-15)
    assert net.get("IonotropicSynapse_delta").tolist() == [3.0, 3.0, 3.0]
    assert net.edges["TestSynapse_gC"].tolist()[4] == 5e-4
    assert net.edges["TestSynapse_gC"].tolist()[1] == 1e-4


def test_data_set_is_set_for_one_run(net: jx.Network) -> None:
    net.record(verbose=False)
    plain = run(net)
    pstate = net.IonotropicSynapse.edge(2).data_set(GS, 0.05, None)
    pstate = net.IonotropicSynapse.edge([0, 1]).data_set("IonotropicSynapse_e_syn", jnp.array([-90.0, 10.0]), pstate)
    given = run(net, param_state=pstate)
    np.testing.assert_array_equal(run(net), plain)
    net.IonotropicSynapse.edge(2).set(GS, 0.05)
    net.IonotropicSynapse.edge([0, 1]).set("IonotropicSynapse_e_syn", [-90.0, 10.0])
    np.testing.assert_array_equal(given, run(net))
    assert np.abs(given - plain).max() > 0.1


def test_deleted_synapses_leave_a_network_that_never_had_them(net: jx.Network) -> None:
    net.set("v", np.linspace(-70.0, -20.0, 12))
    net.set(GS, [0.01, 0.02, 0.03])
    net.record(verbose=False)
    net.record(S, verbose=False)
    net.clamp(S, np.linspace(0, 1, 3 * STEPS).reshape(3, STEPS), verbose=False)
    net.IonotropicSynapse.edge(2).make_trainable(GS, verbose=False)
    view = net.TestSynapse
    net.edge([1, 2]).delete()
    assert pairs_of(net) == [(ROW[ENDS[k][0]], ROW[ENDS[k][1]]) for k in (0, 3, 4)]
    assert net.edges.index.tolist() == [0, 1, 2]
    assert net.edges["index_within_type"].tolist() == [0, 1, 0]
    assert net.get(GS).tolist() == [0.01, 0.03]
    assert net.recordings["rec_index"].tolist()[12:] == [0, 1]
    assert net.recordings["name"].tolist()[12:] == [f"IonotropicSynapse[{k}].{S}" for k in (0, 2)]
    assert net.indices_set_by_trainables[0].tolist() == [[1]]
    np.testing.assert_array_equal(net.externals[S], np.linspace(0, 1, 3 * STEPS).reshape(3, STEPS)[[0, 2]])
    with pytest.raises(ValueError, match="this view was taken before synapses were deleted"):
        view.set("TestSynapse_gC", 1.0)
    twin = jx.Network(cells())
    for k in (0, 3, 4):
        jx.connect(twin[ENDS[k][0]], twin[ENDS[k][1]], ENDS[k][2]())
    twin.set("v", np.linspace(-70.0, -20.0, 12))
    twin.set(GS, [0.01, 0.03])
    twin.record(verbose=False)
    twin.record(S, verbose=False)
    twin.clamp(S, net.externals[S], verbose=False)
    np.testing.assert_array_equal(run(net), run(twin))
    jx.connect(net[1, 0, 0], net[0, 0, 0], "IonotropicSynapse")
    assert net.model.placements[0].labels[-1] == "IonotropicSynapse[3]", "as in NEURON, no name is given twice"


def pairs_of(net: Any) -> list[tuple[int, int]]:
    return list(zip(net.edges["pre_index"], net.edges["post_index"], strict=True))


def test_delete_takes_a_type_as_channels_are_taken(net: jx.Network) -> None:
    net.cell([0, 1]).delete(TestSynapse())
    assert net.edges["type"].tolist() == ["IonotropicSynapse", "TestSynapse", "IonotropicSynapse", "IonotropicSynapse"]
    net.delete("IonotropicSynapse")
    assert net.synapse_names == ["TestSynapse"]
    with pytest.raises(AttributeError, match="no attribute 'IonotropicSynapse'"):
        _ = net.IonotropicSynapse
    net.TestSynapse.delete()
    assert len(net.edges) == 0
    jx.connect(net[0, 0, 0], net[1, 0, 0], IonotropicSynapse())
    assert pairs_of(net) == [(ROW[0, 0, 0], ROW[1, 0, 0])]


def test_one_class_makes_several_types_by_name() -> None:
    net = jx.Network(cells())
    jx.connect(net[0, 0, 0], net[1, 0, 0], IonotropicSynapse().change_name("Exc"))
    jx.connect(net[0, 0, 0], net[1, 0, 0], IonotropicSynapse("Inh"))
    net.Inh.set("Inh_e_syn", -80.0)
    assert net.synapse_names == ["Exc", "Inh"]
    assert (net.get("Exc_e_syn"), net.get("Inh_e_syn")) == (0.0, -80.0)
    assert net.synapse_current_names == ["i_Exc", "i_Inh"]
    assert len(net.Exc) == 1


def translated() -> jx.Network:
    net = jx.Network(cells())
    jx.connect(net.cell(0).branch(0), net.cell(1).branch(0).comp([0, 1, 2]), jx.mechanism(MOD / "graded.mod"))
    net.Graded.set("gmax_Graded", [0.01, 0.02, 0.03])
    net.Graded.edge(1).record("s_Graded", verbose=False)
    net[1, 0, 3].record(verbose=False)
    return net


def by_hand() -> jx.Network:
    net = connected()
    net.set(GS, [0.01, 0.02, 0.03])
    net.IonotropicSynapse.edge(1).record(S, verbose=False)
    net[1, 0, 3].record(verbose=False)
    net.IonotropicSynapse.edge(1).clamp(S, np.linspace(0.0, 1.0, STEPS), verbose=False)
    net.IonotropicSynapse.edge(2).make_trainable(GS, verbose=False)
    return net


@pytest.mark.parametrize("again", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net)), lambda net: net.copy()])
def test_copies_run_alike_and_share_nothing(again: Any) -> None:
    first = by_hand()
    second = again(first)
    assert second.edges.equals(first.edges)
    np.testing.assert_array_equal(run(second), run(first))
    second.IonotropicSynapse.edge(0).set(GS, 1.0)
    second.TestSynapse.delete()
    assert first.get(GS).tolist() == [0.01, 0.02, 0.03]
    assert len(first.edges) == 5


def test_a_saved_network_of_translated_synapses_opens_as_it_was(tmp_path: Path) -> None:
    net = translated()
    net.save(tmp_path / "net.jxn")
    opened = jx.open(tmp_path / "net.jxn")
    assert opened.edges.equals(net.edges)
    assert len(opened.Graded) == 3
    np.testing.assert_array_equal(run(opened), run(net))
    opened.Graded.edge(0).delete()
    assert opened.get("gmax_Graded").tolist() == [0.02, 0.03]


def test_synapses_of_cells_are_synapses_of_their_network() -> None:
    cell = cells()[0]
    jx.connect(cell[0, 0], cell[1, 1], IonotropicSynapse())
    jx.connect(cell[0, 1], cell[0, 2], TestSynapse())
    cell.set(GS, 0.02)
    net = jx.Network([cell, cells()[1], cell])
    assert pairs_of(net) == [(0, 4), (1, 2), (9, 13), (10, 11)]
    assert net.edges["type_ind"].tolist() == [0, 1, 0, 1]
    assert net.get(GS).tolist() == [0.02, 0.02]
    jx.connect(net[0, 0, 0], net[1, 0, 0], TanhRateSynapse())
    assert net.edges["global_edge_index"].tolist() == [0, 1, 2, 3, 4]


def test_what_modules_say_of_synapses(net: jx.Network) -> None:
    """A view counts its own; numbers of synapses are no numbers of compartments."""
    net.record(S, verbose=False)
    net.IonotropicSynapse.edge([0, 2]).make_trainable(GS, verbose=False)
    net.IonotropicSynapse.edge(2).clamp(S, np.ones(3), verbose=False)
    sizes = "3 cells, 5 branches, 12 compartments; IonotropicSynapse (3), TestSynapse (2)"
    assert repr(net) == f"Network({sizes}; 3 recordings, 1 clamp, 2 trainable parameters)"
    assert repr(net.cell([0, 1])) == (
        "View of Network(2 cells, 3 branches, 9 compartments; IonotropicSynapse (2), TestSynapse (1); 2 recordings, "
        "1 trainable parameter)"
    )
    assert repr(net.IonotropicSynapse.edge(2)) == (
        "View of Network(1 synapse, 2 cells, 2 branches, 2 compartments; IonotropicSynapse (1); 1 recording, 1 clamp, "
        "1 trainable parameter)"
    )
    assert repr(net.cell(2)) == "View of Network(1 cell, 2 branches, 3 compartments; no mechanisms)"
    assert "IonotropicSynapse (1)" in net.IonotropicSynapse.edge(0)._repr_html_()


def test_params_and_states_pass_through_jit_and_vmap(net: jx.Network) -> None:
    net.record(verbose=False)
    net.IonotropicSynapse.edge("all").make_trainable(GS, verbose=False)
    values = np.array([[0.01, 0.02, 0.03], [0.02, 0.01, 0.0]])
    many = jax.jit(jax.vmap(lambda g: jx.integrate(net, [{GS: g}], t_max=STEPS * DT)))(values)
    for k in range(2):
        twin = connected()
        twin.set(GS, values[k])
        twin.record(verbose=False)
        np.testing.assert_allclose(many[k], run(twin), rtol=0, atol=1e-10)
    assert np.abs(many[0] - many[1]).max() > 0.1


COMPARTMENT_VERBS: dict[str, Any] = {
    "insert": lambda view: view.insert("pas"),
    "delete": lambda view: view.delete("hh"),
    "set": lambda view: view.set("radius", 2.0),
    "set of a GLOBAL": lambda view: view.set("celsius", 20.0),
    "get": lambda view: view.get("gnabar_hh"),
    "record": lambda view: view.record("v"),
    "record by name": lambda view: view.record("cell[0].branch[0](0.5).v"),
    "stimulate": lambda view: view.stimulate(np.zeros(3)),
    "data_stimulate": lambda view: view.data_stimulate(np.zeros(3)),
    "delete_stimuli": lambda view: view.delete_stimuli(),
    "clamp": lambda view: view.clamp("v", np.zeros(3)),
    "data_clamp": lambda view: view.data_clamp("m_hh", np.zeros(3)),
    "delete_clamps": lambda view: view.delete_clamps("v"),
    "make_trainable": lambda view: view.make_trainable("radius"),
    "data_set": lambda view: view.data_set("gnabar_hh", 0.1, None),
    "add_to_group": lambda view: view.add_to_group("some"),
    "set_ncomp": lambda view: view.set_ncomp(2),
    "cell": lambda view: view.cell(0),
    "branch": lambda view: view.branch(0),
    "comp": lambda view: view.comp(0),
    "loc": lambda view: view.loc(0.5),
    "section": lambda view: view.section("cell[0].branch[0]"),
    "select": lambda view: view.select(nodes=0),
    "group": lambda view: view.some_cells,
    "distance": lambda view: view.distance(),
    "move": lambda view: view.move(1.0),
    "compute_xyz": lambda view: view.compute_xyz(),
}


@pytest.mark.parametrize("verb", COMPARTMENT_VERBS)
def test_a_view_of_synapses_refuses_what_is_asked_of_compartments(verb: str) -> None:
    net = connected()
    net.insert("hh")
    net.cell([0, 1]).add_to_group("some_cells")
    net.clamp("v", np.zeros(3), verbose=False)
    every: Any = net
    for view in (every.IonotropicSynapse, every.IonotropicSynapse.edge(0), net.edge("all"), net.cell(0).edge(0)):
        before = net.model, len(net._core.inputs)
        with pytest.raises(ModelError, match=r"these are synapses; their compartments are \.pre and \.post"):
            COMPARTMENT_VERBS[verb](view)
        assert (net.model, len(net._core.inputs)) == before


def test_the_compartments_of_synapses(net: jx.Network) -> None:
    for side, index in (("pre", 0), ("post", 1)):
        for numbers in ([0, 1, 2, 3, 4], [0, 2], [4]):
            rows = sorted({ROW[ENDS[k][index]] for k in numbers})
            assert getattr(net.edge(numbers), side).nodes.index.tolist() == list(range(len(rows)))
            assert getattr(net.edge(numbers), side).nodes["global_comp_index"].tolist() == rows
    net.IonotropicSynapse.post.insert("pas")
    assert np.flatnonzero(net.nodes["pas"]).tolist() == sorted(ROW[ENDS[k][1]] for k in (0, 2, 3))
