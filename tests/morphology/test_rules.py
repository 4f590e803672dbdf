"""Numbers of segments, groups and distances: NEURON's own hoc says the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import jxneuron as jx
from jxneuron import morphology as shapes
from tests.morphology.conftest import FILES

PYRAMID = FILES / "swc" / "small_pyramid.swc"
# Rules as they stand in the hoc of published models; SectionLists as a hoc template gets them; places by arc3d and x3d
ASK = '''
import bisect
h("""
proc by_length() { forall { nseg = 1 + 2*int(L/40) } }
proc by_lambda() { forall { Ra = $1 cm = $2 nseg = int((L/($3*lambda_f($4)) + .9)/2)*2 + 1 } }
begintemplate Cell
public soma, axon, dend, apic, all, somatic, axonal, basal, apical
objref all, somatic, axonal, basal, apical
create soma[1], axon[1], dend[1], apic[1]
proc init() {
    all = new SectionList() somatic = new SectionList() axonal = new SectionList()
    basal = new SectionList() apical = new SectionList()
    forall delete_section()
}
endtemplate Cell
""")

def nseg():
    return [section.nseg for section in h.allsec()]

def place(section, x):
    at, n = x * section.arc3d(section.n3d() - 1), section.n3d()
    i = min(max(bisect.bisect_right([section.arc3d(k) for k in range(n)], at), 1), n - 1)
    share = (at - section.arc3d(i - 1)) / (section.arc3d(i) - section.arc3d(i - 1))
    ends = [(s.x3d(k), s.y3d(k), s.z3d(k)) for s in [section] for k in (i - 1, i)]
    return [(1 - share) * a + share * b for a, b in zip(*ends)]

load(given["long"])
h.by_length()
found["forty"] = nseg()
found["lambda"] = []
for rule in given["rules"]:
    h.by_lambda(*rule)
    found["lambda"].append(nseg())
h("create stub")
h.stub.L, h.stub.diam = 300, 0.7
h.by_lambda(*given["rules"][0])
found["stub"] = nseg()[-1]
forget()
load(given["swc"])
for section in h.allsec():
    section.nseg = 3
found["along"], found["straight"] = {}, {}
for name, x in given["origins"]:
    origin = next(section for section in h.allsec() if section.name() == name)
    h.distance(0, origin(x))
    found["along"][name] = [h.distance(segment) for section in h.allsec() for segment in section]
    here = place(origin, x)
    away = [place(section, segment.x) for section in h.allsec() for segment in section]
    found["straight"][name] = [sum((a - b) ** 2 for a, b in zip(here, there)) ** 0.5 for there in away]
forget()
reader = h.Import3d_SWC_read()
reader.quiet = 1
reader.input(given["swc"])
cell = h.Cell()
h.Import3d_GUI(reader, 0).instantiate(cell)
lists = ("somatic", "axonal", "basal", "apical")
found["lists"] = {name: [s.name().partition(".")[2] for s in getattr(cell, name)] for name in lists}
'''
RULES = [(35.4, 1.0, 0.1, 100.0), (150.0, 0.75, 0.05, 100.0), (100.0, 1.0, 0.1, 1000.0), (35.4, 1.0, 1e-3, 100.0)]
ORIGINS = [("soma[0]", 0.5), ("dend[1]", 0.5), ("apic[2]", 1.0), ("axon[0]", 0.0)]


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree with sections of 40, 80, 120 and of nearly so many um, and one of very different diameters."""
    rows, number = ["1 1 0 0 0 8 -1"], 1
    for length in (40.0, 80.0, 120.0, 39.99, 40.01, 1500.5, 7.0, 640.0):
        rows.append(f"{number + 1} 3 8 0 0 {0.2 + length / 300:.4f} 1")
        rows.append(f"{number + 2} 3 {8 + length / 4} 0 0 0.4 {number + 1}")
        rows.append(f"{number + 3} 3 {8 + length} 0 0 2.1 {number + 2}")
        number += 3
    path = tmp_path_factory.mktemp("long") / "long.swc"
    path.write_text("\n".join(rows))
    return path


@pytest.fixture(scope="module")
def neuron(neuron_tells: Callable[[str, Any], dict[str, Any]], long: Path) -> dict[str, Any]:
    return neuron_tells(ASK, {"long": str(long), "swc": str(PYRAMID), "rules": RULES, "origins": ORIGINS})


def test_one_segment_for_each_40_um_and_one_more_of_every_second(neuron: dict[str, Any], long: Path) -> None:
    ours = shapes.every_40_um(shapes.read(long))
    assert ours.tolist() == neuron["forty"]
    assert len(set(neuron["forty"])) > 5
    cell = jx.read_swc(long, nseg=lambda trace, length: 1 + 2 * int(length / 40))
    assert [section.nseg for section in cell.model.sections] == neuron["forty"]


@pytest.mark.parametrize("number", range(len(RULES)))
def test_the_d_lambda_rule(neuron: dict[str, Any], long: Path, number: int) -> None:
    Ra, cm, d_lambda, frequency = RULES[number]
    whole = shapes.read(long)
    ours = shapes.d_lambda_nseg(whole, d_lambda, frequency=frequency, Ra=Ra, cm=cm)
    assert ours.tolist() == neuron["lambda"][number]
    if frequency == 100.0:
        cell = jx.read_swc(long, d_lambda=d_lambda, Ra=Ra, cm=cm)
        assert [section.nseg for section in cell.model.sections] == neuron["lambda"][number]
        assert set(cell.nodes["axial_resistivity"]) == {Ra} and set(cell.nodes["capacitance"]) == {cm}


def test_d_lambda_alone_is_neurons_default(neuron: dict[str, Any], long: Path) -> None:
    cell = jx.read_swc(long, d_lambda=0.1)
    assert [section.nseg for section in cell.model.sections] == neuron["lambda"][0]
    assert set(cell.nodes["axial_resistivity"]) == {35.4}


def test_the_d_lambda_rule_on_a_cylinder(neuron: dict[str, Any], long: Path) -> None:
    stub = shapes.replace_axon(shapes.read(long), lengths=(300.0,), diams=(0.7,))
    assert shapes.d_lambda_nseg(stub).tolist()[-1] == neuron["stub"]


def test_groups_are_neurons_section_lists(neuron: dict[str, Any]) -> None:
    cell = jx.read_swc(PYRAMID)
    for name, stem in (("somatic", "soma"), ("axonal", "axon"), ("basal", "dend"), ("apical", "apic")):
        expected = neuron["lists"][name]
        assert expected and all(each.startswith(stem) for each in expected)
        for group in (name, stem):
            branches = getattr(cell, group).nodes["branch_index"].unique().tolist()
            assert [cell.model.sections[index].name for index in branches] == expected, group


def test_groups_of_other_types() -> None:
    cell = jx.read_swc(FILES / "swc" / "other_types.swc")
    names = [section.name for section in cell.model.sections]
    for group, expected in (("dend_5", "dend_5[0]"), ("dendritic_5", "dend_5[0]"), ("minus_2set", "minus_2[0]")):
        assert {names[index] for index in getattr(cell, group).nodes["branch_index"]} == {expected}


@pytest.mark.parametrize(("name", "x"), ORIGINS)
def test_distances(neuron: dict[str, Any], name: str, x: float) -> None:
    cell = jx.read_swc(PYRAMID, nseg=3)
    along, straight = neuron["along"][name], neuron["straight"][name]
    np.testing.assert_allclose(shapes.distances(cell, name, x), along, rtol=1e-13, atol=1e-12)
    np.testing.assert_allclose(shapes.distances(cell, name, x, straight=True), straight, rtol=1e-7, atol=1e-5)
    np.testing.assert_allclose(cell.distance(f"{name}({x:g})"), along, rtol=1e-13, atol=1e-12)
    apical = cell.nodes["branch_index"].isin(cell.apic.nodes["branch_index"]).to_numpy()
    np.testing.assert_array_equal(shapes.distances(cell.apic, name, x), shapes.distances(cell, name, x)[apical])


def test_distances_to_another_tree_and_from_nowhere() -> None:
    with pytest.warns(jx.MorphologyWarning):
        cell = jx.read_swc(FILES / "refused" / "apart.swc")
    np.testing.assert_array_equal(np.isnan(shapes.distances(cell, "dend[0]")), [False, True])
    np.testing.assert_allclose(shapes.distances(cell, "dend[0]", straight=True), [0.0, 32.5])
    with pytest.raises(jx.ModelError, match="no such section; did you mean dend"):
        shapes.distances(cell, "dend[7]")
