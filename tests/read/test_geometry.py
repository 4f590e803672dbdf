"""Nodes, areas, resistances and values of small models, each number against NEURON's own."""

from __future__ import annotations

import json

import numpy as np
import pytest

from jxneuron.model import file

NAMES = ("stylised tapering spines reversed interior child_at_zero rall roots shaped resized grown_1 grown_2").split()


@pytest.fixture(params=NAMES)
def pair(request, sessions):
    """A model as read, and NEURON's rows by node."""
    rows = json.loads((sessions / f"{request.param}.json").read_text())
    return file.open(sessions / f"{request.param}.jxn"), rows


def column(rows, name, default=np.nan):
    return np.array([row.get(name, default) for row in rows], np.float64)


def test_nodes_stand_in_neurons_order_with_neurons_parents(pair):
    model, rows = pair
    nodes = model.nodes
    assert [model.sections[i].name for i in nodes.section] == [row["section"] for row in rows]
    np.testing.assert_array_equal(nodes.x, column(rows, "x"))
    np.testing.assert_array_equal(nodes.parent, column(rows, "parent"))
    np.testing.assert_array_equal(nodes.is_end, column(rows, "end"))


def test_area_diam_and_cm_equal_neurons_bit_for_bit(pair):
    model, rows = pair
    centre = ~model.nodes.is_end
    for name in ("area", "diam", "cm"):
        np.testing.assert_array_equal(getattr(model.nodes, name)[centre], column(rows, name)[centre], err_msg=name)
    assert (model.nodes.area[~centre] == 100).all()
    assert (model.nodes.cm[~centre] == 0).all()


def resistance(nodes):
    """ri of every node from the halves, MOhm: a section's first half stands alone."""
    inside = nodes.section == nodes.section[nodes.parent]
    return nodes.Ra * (np.where(inside, nodes.half_out[nodes.parent], 0.0) + nodes.half_in)


def test_halves_give_neurons_ri(pair):
    model, rows = pair
    held = model.nodes.parent >= 0
    np.testing.assert_allclose(resistance(model.nodes)[held], column(rows, "ri")[held], rtol=1e-13)


def test_coupling_coefficients_equal_neurons_matrix(pair):
    model, rows = pair
    nodes = model.nodes
    centre = ~nodes.is_end
    ri = resistance(nodes)
    a = -100 * nodes.rallbranch[centre] / (ri[centre] * nodes.area[nodes.parent[centre]])
    b = -100 / (ri[centre] * nodes.area[centre])
    np.testing.assert_allclose(a, column(rows, "a")[centre], rtol=1e-13)
    np.testing.assert_allclose(b, column(rows, "b")[centre], rtol=1e-13)


def test_voltages_include_ends_and_roots(pair):
    model, rows = pair
    np.testing.assert_array_equal(model.initial.v, column(rows, "v"))


def test_range_values_stand_at_their_nodes(pair):
    model, rows = pair
    hh, pas = (next(p for p in model.placements if p.mechanism == name) for name in ("hh", "pas"))
    np.testing.assert_array_equal(hh.node, np.flatnonzero(~model.nodes.is_end))
    for name in ("gnabar", "el", "m"):
        np.testing.assert_array_equal(hh.values[name], column(rows, name)[hh.node], err_msg=name)
    with_pas = [i for i, row in enumerate(rows) if row.get("g_pas") is not None]
    np.testing.assert_array_equal(pas.node, with_pas)
    np.testing.assert_array_equal(pas.values["g"], [rows[i]["g_pas"] for i in with_pas])
    np.testing.assert_array_equal(model.initial.states["hh"]["m"], hh.values["m"])
    sodium = next(ion for ion in model.ions if ion.name == "na")
    np.testing.assert_array_equal(sodium.e, column(rows, "ena")[sodium.node])


def test_point_processes_stand_by_node_the_last_created_first(pair):
    model, rows = pair
    clamps = next(p for p in model.placements if p.mechanism == "IClamp")
    last = model.sections[-1]
    at = {0: last.node_at_0, 1: last.node_at_1, 0.5: last.centres[last.nseg // 2]}
    made = [(at[x], k) for k, x in enumerate([0, 0.5, 1, 0.5, 0.5, 1])]
    expected = sorted(made, key=lambda each: (each[0], -each[1]))
    assert clamps.node.tolist() == [node for node, _ in expected]
    np.testing.assert_array_equal(clamps.values["del"], [k for _, k in expected])
    np.testing.assert_array_equal(clamps.values["amp"], [0.01 * k for _, k in expected])
    for node in set(clamps.node.tolist()) - {0}:
        if "points" in rows[node]:
            ours = [label for label, where in zip(clamps.labels, clamps.node, strict=True) if where == node]
            assert ours == [name for name, *_ in rows[node]["points"]]


def test_sections_know_their_ends_and_parents(sessions):
    model = file.open(sessions / "reversed.jxn")
    by_name = {each.name: each for each in model.sections}
    b, c, d = by_name["b"], by_name["c"], by_name["d"]
    assert (b.orientation, b.parent_x, model.sections[b.parent].name) == (1, 1.0, "a")
    assert b.node_at_1 == by_name["a"].node_at_1
    assert list(b.centres) == sorted(b.centres, reverse=True)
    assert c.node_at_1 == b.node_at_0
    assert d.node_at_0 == by_name["a"].node_at_1
    assert c.points.shape == (3, 4)
    assert by_name["a"].points.shape == (0, 4)
    assert by_name["a"].parent == -1
