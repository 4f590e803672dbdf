"""However a module came to be, it runs as the same model in NEURON: cut anew, several trees, cells that differ."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import jxneuron as jx

# Sections: parent, where on it, nseg when built, nseg in the run, L um, diam um; mechanisms and values by section
ONE = {
    "sections": [(-1, 1.0, 1, 3, 40.0, 12.0), (0, 1.0, 1, 5, 150.0, 2.0), (0, 0.5, 2, 2, 60.0, 1.5)],
    "insert": {"hh": [0, 1], "pas": [1, 2]},
    "set": [(0, "gnabar_hh", 0.15), (2, "g_pas", 4e-4), (1, "e_pas", -60.0), (0, "ena", 55.0)],
}
OTHER = {
    "sections": [
        (-1, 1.0, 3, 3, 20.0, 15.0),
        (0, 0.0, 4, 1, 80.0, 1.0),
        (1, 0.3, 1, 4, 90.0, 0.8),
        (-1, 1.0, 2, 2, 30.0, 5.0),
        (3, 1.0, 1, 2, 50.0, 1.2),
    ],
    "insert": {"hh": [0, 3], "pas": [1, 2, 4]},
    "set": [(3, "gkbar_hh", 0.03), (4, "g_pas", 2e-4)],
}
# What a group shares, and what each cell has of its own
GROUP, OWN = 0.17, (2e-4, 5e-4)
SHARED = [
    {**ONE, "set": [(0, "gnabar_hh", GROUP), (1, "gnabar_hh", GROUP), (1, "g_pas", OWN[0]), (2, "g_pas", OWN[0])]},
    {**OTHER, "set": [(0, "gnabar_hh", GROUP), (3, "gnabar_hh", 0.12), *((i, "g_pas", OWN[1]) for i in (1, 2, 4))]},
]
MODELS = {
    "one cell, cut anew": [ONE],
    "two trees in a cell": [OTHER],
    "cells that differ": [ONE, OTHER, ONE],
    "values that are shared": SHARED,
}
STEPS, DT = 320, 0.025

THEIRS = """
h.load_file("stdrun.hoc")
found = {}
for name, cells in given["models"].items():
    for section in list(h.allsec()):
        h.delete_section(sec=section)
    every, clamps = [], []
    for c, cell in enumerate(cells):
        sections = [h.Section(name=f"s{c}_{i}") for i in range(len(cell["sections"]))]
        for section, (parent, x, nseg, final, L, diam) in zip(sections, cell["sections"]):
            section.nseg, section.L, section.Ra, section.cm = nseg, L, 90 + c, 1.2
            section.diam = diam
            if parent >= 0:
                section.connect(sections[parent](x), 0)
        for mechanism, where in cell["insert"].items():
            for i in where:
                sections[i].insert(mechanism)
        for i, key, value in cell["set"]:
            for segment in sections[i]:
                setattr(segment, key, value)
        for section, values in zip(sections, cell["sections"]):
            section.nseg = values[3]
        clamp = h.IClamp(sections[0](0.5))
        clamp.delay, clamp.dur, clamp.amp = 0.5, 5, 0.6 + 0.1 * c
        clamps.append(clamp)
        every += sections
    h.celsius, h.dt = 6.3, 0.025
    h.finitialize(-65)
    segments = [segment for section in every for segment in section]
    rows = [[segment.v for segment in segments]]
    for _ in range(given["steps"]):
        h.fadvance()
        rows.append([segment.v for segment in segments])
    found[name] = rows
    del every, segments, clamps, clamp, sections, section, segment
give(found)
"""


def cell_of(cell: dict[str, Any], c: int) -> jx.Cell:
    branches = [jx.Branch(nseg=nseg) for _, _, nseg, *_ in cell["sections"]]
    made = jx.Cell(branches, [each[0] for each in cell["sections"]], parent_x=[each[1] for each in cell["sections"]])
    made.set("Ra", 90.0 + c)
    made.set("cm", 1.2)
    made.set("v", -65.0)
    first = np.cumsum([0, *(each[2] for each in cell["sections"])])
    views = [made.select(list(range(a, b))) for a, b in itertools.pairwise(first)]
    for view, (*_, length, diam) in zip(views, cell["sections"], strict=True):
        view.set("L", length)
        view.set("diam", diam)
    for mechanism, where in cell["insert"].items():
        for i in where:
            views[i].insert(mechanism)
    for i, key, value in cell["set"]:
        views[i].set(key, value)
    return made


def cut(module: Any, cells: list[dict[str, Any]]) -> None:
    """Each branch into as many compartments as in the run, one after another."""
    names = [section.name for section in module.model.sections]
    for name, nseg in zip(names, [each[3] for cell in cells for each in cell["sections"]], strict=True):
        module.section(name).set_nseg(nseg)


def build(cells: list[dict[str, Any]]) -> Any:
    made = [cell_of(cell, c) for c, cell in enumerate(cells)]
    module = jx.Network(made) if len(made) > 1 else made[0]
    cut(module, cells)
    start = 0
    for c, cell in enumerate(cells):
        current = jx.step_current(0.5, 5.0, 0.6 + 0.1 * c, DT, STEPS * DT)
        module.section(module.model.sections[start].name).loc(0.5).stimulate(current, verbose=False)
        start += len(cell["sections"])
    module.record("v", verbose=False)
    return module


@pytest.mark.parametrize("name", MODELS)
def test_a_module_built_by_hand_is_the_model_built_in_neuron(name, theirs):
    expected = np.array(theirs[name]).T
    module = build(MODELS[name])
    order = np.argsort(module.nodes["branch_index"].to_numpy(), kind="stable")
    assert np.ptp(expected[0]) > 50.0
    np.testing.assert_allclose(np.asarray(jx.integrate(module))[order], expected, rtol=0, atol=1e-9)


def test_parameters_that_a_group_or_a_cell_shares(theirs):
    """Given to ``integrate`` as one value for the group and one for each cell; written to the module afterwards."""
    plain = [{**cell, "set": []} for cell in (ONE, OTHER)]
    net = build(plain)
    net.cell(0).branch([0, 1]).add_to_group("active")
    net.section("cell[1].branch[0]").add_to_group("active")
    net.active.make_trainable("gnabar_hh", verbose=False)
    # OTHER holds two trees, which are two cells of the table
    net.cell("all").make_trainable("g_pas", verbose=False)
    params = net.get_parameters()
    assert [each[key].shape for each in params for key in each] == [(1,), (3,)]
    given = [{"gnabar_hh": np.array([GROUP])}, {"g_pas": np.array([OWN[0], OWN[1], OWN[1]])}]
    expected = np.array(theirs["values that are shared"]).T
    order = np.argsort(net.nodes["branch_index"].to_numpy(), kind="stable")
    found = np.asarray(jx.integrate(net, given))[order]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
    net.write_trainables(given)
    net.delete_trainables()
    np.testing.assert_allclose(np.asarray(jx.integrate(net))[order], found, rtol=0, atol=1e-11)


def test_integrate_gives_the_traces_that_compare_validates():
    path = Path(__file__).parents[2] / "validation" / "models" / "hh_cable.hoc"
    record = ["axon(0.5).v", "axon(1).v", "axon(0.1).m_hh"]
    result = jx.compare(path, record=record, tstop=8.0)
    assert result.ok
    net = jx.load(path)
    net.delete_recordings()
    for name in record:
        net.record(name, verbose=False)
    rows = dict(zip(net.recordings["name"], np.asarray(jx.integrate(net, t_max=8.0)), strict=True))
    both = result.both
    assert both is not None
    for name in record:
        assert np.ptp(rows[name]) > 0.1
        np.testing.assert_allclose(rows[name], both.jxneuron.records[name], rtol=0, atol=1e-12)
        np.testing.assert_allclose(rows[name], both.neuron.records[name], rtol=0, atol=1e-9)


@pytest.fixture
def theirs(neuron_child) -> dict[str, Any]:
    """Every model in one NEURON process, once for this file."""
    if not _THEIRS:
        _THEIRS.update(neuron_child(THEIRS, models=MODELS, steps=STEPS))
    return _THEIRS


_THEIRS: dict[str, Any] = {}
