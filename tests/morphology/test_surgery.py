"""Sections deleted, attached, replaced, cut and joined: NEURON does the same to what it read, or arithmetic says."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import jxneuron as jx
from jxneuron import morphology as shapes
from jxneuron.morphology.lay import to_model
from jxneuron.morphology.tree import Floats, Morphology
from tests.morphology.conftest import FILES
from tests.morphology.shapes import compare_sections

CELL = FILES / "swc" / "small_pyramid.swc"
# float32 holds a point that lies between two others to 6e-8 of its coordinates
SINGLE = 1e-6
NO_RULE: Any = "tapering"
STEP = float(np.spacing(np.float32(160)))
# As NEURON users write it; the stubs are those of BluePyOpt (``replace_axon``) and of the Allen Institute's models
OPERATIONS = """
def at(name):
    return next(section for section in h.allsec() if section.name() == name)

def axon():
    return [section for section in h.allsec() if section.name().startswith("axon")]

def stub(diams, x):
    for section in axon():
        h.delete_section(sec=section)
    h("create axon[2]")
    for section, diam in zip(h.axon, diams):
        section.nseg, section.L, section.diam = 1, 30, diam
    h.axon[0].connect(at("soma[0]")(x), 0)
    h.axon[1].connect(h.axon[0](1), 0)

def bluepyopt():
    wide = [h.axon[0].diam] * 2
    h.distance(0, at("soma[0]")(0.5))
    for section in axon():
        if h.distance(1, section(0.5)) > 60:
            wide[1] = section.diam
            break
    stub(wide, 1.0)

def taper(length, frequency, gone=()):
    for name in gone:
        h.delete_section(sec=at(name))
    total = 2 + 4 * int(length / 2.0 / frequency)
    diams = []
    for section in axon():
        section.nseg = 1 + int(section.L / (length / total) / 2.0) * 2
        for segment in section:
            if len(diams) < total:
                diams.append(segment.diam)
    diams += [diams[-2:][0]] * (total - len(diams))
    for section in axon():
        h.delete_section(sec=section)
    h("create axon[2]")
    given_diams = iter(diams)
    for section in h.axon:
        section.nseg, section.L = total // 2, length / 2
        for segment in section:
            segment.diam = next(given_diams)
    h.axon[0].connect(at("soma[0]")(1.0), 0)
    h.axon[1].connect(h.axon[0](1), 0)
    segments = [segment for section in h.axon for segment in section]
    return {
        "nseg": total // 2,
        "L": [section.L for section in h.axon],
        "diam": [segment.diam for segment in segments],
        "area": [segment.area() for segment in segments],
    }

def delete():
    for name in ("axon[1]", "apic[2]"):
        h.delete_section(sec=at(name))

def attach():
    moved = at("dend[1]")
    h.disconnect(sec=moved)
    moved.connect(at("axon[0]")(0.3), 0)

operations = {
    "delete": delete,
    "bluepyopt": bluepyopt,
    "allen": lambda: stub([1.0, 1.0], 0.5),
    "attach": attach,
}
for name, operation in operations.items():
    load(given)
    operation()
    found[name] = describe()
    forget()
for name, arguments in (("long", (60, 15)), ("short", (200, 15, ["axon[1]", "axon[2]"])), ("one", (28, 15))):
    load(given)
    found["taper " + name] = taper(*arguments)
    forget()
load(given)
for nseg in (1, 6):
    for section in h.allsec():
        section.nseg, section.Ra = nseg, 1
    h.distance(0, h.soma[0](0.5))
    found[str(nseg)] = {
        section.name(): {
            "L": section.L,
            "area": [segment.area() for segment in section],
            "distance": [h.distance(segment) for segment in section],
            "ends": h.distance(section(1)) - h.distance(section(0)),
        }
        for section in h.allsec()
    }
"""


@pytest.fixture(scope="module")
def neuron(neuron_tells: Callable[[str, Any], dict[str, Any]]) -> dict[str, Any]:
    return neuron_tells(OPERATIONS, str(CELL))


@pytest.fixture
def whole() -> Morphology:
    return shapes.read(CELL)


def area(morphology: Morphology, nseg: int = 1) -> dict[str, Floats]:
    """Areas of the segments of each section, um2."""
    model = to_model(morphology, nseg, Ra=1.0, cm=1.0, v=-65.0)
    return {section.name: model.nodes.area[list(section.centres)] for section in model.sections}


def far(morphology: Morphology, nseg: int = 1) -> dict[str, Floats]:
    """How far the segments of each section are from the middle of the soma, um."""
    model = shapes.to_cell(morphology, nseg=nseg).model
    nodes = shapes.distances(shapes.to_cell(morphology, nseg=nseg)).tolist()
    rows = np.cumsum([0, *(section.nseg for section in model.sections)]).tolist()
    return {section.name: np.array(nodes[a:b]) for section, a, b in zip(model.sections, rows, rows[1:], strict=False)}


def test_sections_and_what_hangs_on_them_are_deleted(neuron: dict[str, Any], whole: Morphology) -> None:
    compare_sections(shapes.delete_subtree(whole, "axon[1]", "apic[2]"), neuron["delete"], "delete")
    assert shapes.delete_subtree(whole, "apic[0]", "dend").names == ("soma[0]", "axon[0]", "axon[1]", "axon[2]")
    assert shapes.delete_subtree(whole, "basal", "apical", "axonal").names == ("soma[0]",)
    assert len(whole.traces) == 10


def test_the_axon_becomes_a_stub_as_bluepyopt_makes_it(neuron: dict[str, Any], whole: Morphology) -> None:
    stub = shapes.replace_axon(whole)
    compare_sections(stub, neuron["bluepyopt"], "bluepyopt")
    diams = [trace.cylinder[1] for trace in stub.traces if trace.cylinder]
    assert diams[0] != diams[1]
    again = shapes.replace_axon(shapes.delete_subtree(whole, "axon[1]", "axon[2]"))
    one, two = (trace.cylinder for trace in again.traces if trace.cylinder)
    assert one == two == (30.0, diams[0])


@pytest.mark.parametrize("kept", ["long", "short", "one"])
def test_the_axon_becomes_a_tapering_stub_as_emodelrunner_makes_it(
    neuron: dict[str, Any], whole: Morphology, kept: str
) -> None:
    """Ten parts; the thalamus models' rule where the axon is too short, as the file of another axon is."""
    expected = neuron[f"taper {kept}"]
    axons = {"long": whole, "short": shapes.delete_subtree(whole, "axon[1]", "axon[2]"), "one": whole}
    half = {"long": 30.0, "short": 100.0, "one": 14.0}[kept]
    stub = shapes.replace_axon(axons[kept], diams="taper", lengths=(half, half))
    cell = shapes.to_cell(stub, nseg={"axon": expected["nseg"]}, Ra=1.0)
    for column, values in (("area", expected["area"]), ("diam", expected["diam"])):
        rows = cell.model.nodes
        centres = [node for section in cell.model.sections[-2:] for node in section.centres]
        np.testing.assert_array_equal(getattr(rows, column)[centres], values, err_msg=column)
    assert [section.L for section in cell.model.sections[-2:]] == expected["L"]
    assert len(set(expected["diam"])) > 1 or kept == "one"
    names = [cell.model.sections[section.parent].name for section in cell.model.sections[-2:]]
    assert (names, [section.parent_x for section in cell.model.sections[-2:]]) == (["soma[0]", "axon[0]"], [1.0, 1.0])


def test_a_tapering_stub_is_cut_between_its_parts(whole: Morphology) -> None:
    stub = shapes.replace_axon(whole, lengths=(30.0,), diams=((3.0, 2.0, 1.0),))
    halves = shapes.split(stub, "axon[0]", 1 / 3)
    cylinders = [trace.cylinder for trace in halves.traces if trace.cylinder]
    assert cylinders == [(pytest.approx(10.0), (3.0,)), (pytest.approx(20.0), (2.0, 1.0))]
    with pytest.raises(jx.ModelError, match="a tapering stub of 3 parts is cut between them"):
        shapes.split(stub, "axon[0]", 0.5)
    table = shapes.summary(stub)
    assert table.loc["axon", "area"] == pytest.approx(math.pi * 30 * 2)


def test_the_axon_becomes_a_stub_as_the_allen_institute_makes_it(neuron: dict[str, Any], whole: Morphology) -> None:
    compare_sections(shapes.replace_axon(whole, diams=(1.0, 1.0), x=0.5), neuron["allen"], "allen")


def test_a_cell_without_an_axon_gets_a_stub_of_1_um(whole: Morphology) -> None:
    stub = shapes.replace_axon(shapes.delete_subtree(whole, "axon"))
    assert [trace.cylinder for trace in stub.traces if trace.type == 2] == [(30.0, (1.0,)), (30.0, (1.0,))]
    taper = shapes.replace_axon(shapes.delete_subtree(whole, "axon"), diams="taper")
    assert [trace.cylinder for trace in taper.traces if trace.type == 2] == [(30.0, (1.0,) * 5)] * 2


def test_a_stub_runs_as_a_cell(whole: Morphology) -> None:
    cell = shapes.to_cell(shapes.replace_axon(whole, diams=(1.5, 1.0)), nseg={"axon": 3})
    np.testing.assert_allclose(cell.axon.nodes["area"], math.pi * 10 * np.repeat([1.5, 1.0], 3), rtol=1e-15)


def test_a_subtree_is_moved_to_another_place(neuron: dict[str, Any], whole: Morphology) -> None:
    """NEURON moves a section and keeps its place in the list; ours stands at the end."""
    branch = shapes.subtree(whole, "dend[1]")
    moved = shapes.attach(shapes.delete_subtree(whole, "dend[1]"), branch, "axon[0]", 0.3, move=False)
    assert moved.names[-1] == "dend[1]"
    order = [moved.names.index(name) for name in neuron["attach"]["names"]]
    back = [order.index(index) for index in range(len(order))]
    traces = [moved.traces[index] for index in order]
    place = {"parent": [-1 if trace.parent < 0 else back[trace.parent] for trace in traces]}
    assert place["parent"] == neuron["attach"]["parent"]
    assert [trace.parent_x for trace in traces] == neuron["attach"]["parent_x"]
    cut = neuron["attach"]["cuts"][1]
    for name, expected in zip(neuron["attach"]["names"], cut["area"], strict=True):
        np.testing.assert_array_equal(area(moved, 3)[name], expected, err_msg=name)


def test_an_attached_tree_starts_where_it_hangs(whole: Morphology) -> None:
    """With free names; lengths stay to float32, for every point is shifted alike."""
    branch = shapes.subtree(whole, "apic[0]")
    grown = shapes.attach(whole, branch, "dend[2]", 1.0)
    assert grown.names[len(whole.traces) :] == ("apic[3]", "apic[4]", "apic[5]")
    top = grown.traces[grown.index("apic[3]")]
    assert (grown.traces[top.parent].name, top.parent_x) == ("dend[2]", 1.0)
    np.testing.assert_array_equal(top.points[0, :3], whole.traces[whole.index("dend[2]")].points[-1, :3])
    np.testing.assert_allclose(shapes.lengths(grown)[-3:], shapes.lengths(branch), rtol=SINGLE)
    half = shapes.attach(whole, branch, "soma[0]", 0.25).traces[-3].points[0, :3]
    ends = whole.traces[0].points[[0, -1], :3]
    np.testing.assert_allclose(half, 0.75 * ends[0] + 0.25 * ends[1], rtol=SINGLE)


@pytest.mark.parametrize("name", ["dend[1]", "apic[0]", "soma[0]"])
def test_a_section_split_in_two_is_the_same_cable(neuron: dict[str, Any], whole: Morphology, name: str) -> None:
    """Three segments in each half are NEURON's six of the whole; nothing else changes, distances neither."""
    halves = shapes.split(whole, name, 0.5)
    other = halves.names[-1]
    assert other not in whole.names and halves.traces[halves.index(other)].parent == halves.index(name)
    split_area, split_far = area(halves, 3), far(halves, 3)
    expected = neuron["6"][name]
    np.testing.assert_allclose(np.concatenate([split_area[name], split_area[other]]), expected["area"], rtol=SINGLE)
    if name != "soma[0]":
        distance = np.concatenate([split_far[name], split_far[other]])
        np.testing.assert_allclose(distance, expected["distance"], rtol=SINGLE)
    before, after = far(whole, 1), far(halves, 1)
    for tip in ("dend[2]", "apic[2]", "axon[2]"):
        if not name.startswith(tip[:4]) and name != "soma[0]":
            np.testing.assert_array_equal(after[tip], before[tip])
        elif name != "soma[0]":
            np.testing.assert_allclose(after[tip], neuron["1"][tip]["distance"], rtol=SINGLE)


def test_children_stay_where_they_hang_when_their_parent_is_split(whole: Morphology) -> None:
    """At the middle of the soma, 0.5, of a soma cut at 0.25: a third of the rest; cut at 0.75: two thirds."""
    for x, parent, at in ((0.25, "soma[1]", 1 / 3), (0.75, "soma[0]", 2 / 3)):
        cut = shapes.split(whole, "soma[0]", x)
        for name in ("dend[0]", "axon[0]", "apic[0]"):
            trace = cut.traces[cut.index(name)]
            assert (cut.traces[trace.parent].name, trace.parent_x) == (parent, pytest.approx(at, rel=1e-15))


def test_a_split_section_joined_again_is_the_section(whole: Morphology) -> None:
    for name in whole.names:
        again = shapes.join(shapes.split(whole, name, 0.375), name, shapes.split(whole, name, 0.375).names[-1])
        assert again.names == whole.names
        assert [trace.parent for trace in again.traces] == [trace.parent for trace in whole.traces]
        for one, two in zip(again.traces, whole.traces, strict=True):
            assert one.parent_x == pytest.approx(two.parent_x, rel=SINGLE)
        np.testing.assert_allclose(shapes.lengths(again), shapes.lengths(whole), rtol=SINGLE)
        for section, expected in area(whole, 4).items():
            np.testing.assert_allclose(area(again, 4)[section], expected, rtol=SINGLE, err_msg=section)


def test_two_joined_sections_are_as_long_and_large_as_both(neuron: dict[str, Any], whole: Morphology) -> None:
    bare = shapes.delete_subtree(whole, "dend[2]")
    joined = shapes.join(bare, "dend[0]", "dend[1]")
    assert "dend[1]" not in joined.names
    both = [neuron["1"][name] for name in ("dend[0]", "dend[1]")]
    at = joined.index("dend[0]")
    assert shapes.lengths(joined)[at] == pytest.approx(sum(each["L"] for each in both), rel=1e-15)
    assert area(joined)["dend[0]"].sum() == pytest.approx(sum(each["area"][0] for each in both), rel=1e-12)


@pytest.mark.parametrize("longest", [10.0, 17.3, 1000.0])
def test_long_sections_become_a_row_of_equal_ones(neuron: dict[str, Any], longest: float) -> None:
    cell = jx.read_swc(CELL, max_branch_len=longest)
    lengths = {section.name: section.L for section in cell.model.sections}
    assert max(lengths.values()) <= longest * (1 + SINGLE)
    counts = {name: math.ceil(each["L"] / longest) for name, each in neuron["1"].items()}
    assert len(lengths) == sum(counts.values())
    for stem in ("soma", "axon", "dend", "apic"):
        expected = [each["L"] / counts[name] for name, each in neuron["1"].items() if name.startswith(stem)]
        repeats = [counts[name] for name in counts if name.startswith(stem)]
        found = sorted(value for name, value in lengths.items() if name.startswith(stem))
        np.testing.assert_allclose(found, sorted(np.repeat(expected, repeats)), atol=2 * STEP)
        whole_area = sum(each["area"][0] for name, each in neuron["1"].items() if name.startswith(stem))
        assert getattr(cell, stem).nodes["area"].sum() == pytest.approx(whole_area, rel=SINGLE)


def test_repeated_points_go_and_thin_ones_are_raised(whole: Morphology, tmp_path: Path) -> None:
    """A point that repeats the place but not the diameter is a step, and stays."""
    file = tmp_path / "repeated.swc"
    file.write_text("1 1 0 0 0 5 -1\n2 3 9 0 0 1 1\n3 3 19 0 0 1 2\n4 3 19 0 0 1 3\n5 3 19 0 0 2 4\n6 3 29 0 0 2 5\n")
    tidy = shapes.clean(shapes.read(file))
    assert tidy.traces[1].points[:, [0, 3]].tolist() == [[9, 2], [19, 2], [19, 4], [29, 4]]
    said = shapes.report(tidy)
    assert said.loc[0].tolist() == ["edited", "dend[0]", "points that repeat the one before: 1", "removed"]
    thin = shapes.clean(whole, least_diam=0.9)
    assert min(trace.points[:, 3].min() for trace in thin.traces) == float(np.float32(0.9))
    said = shapes.report(thin)
    assert set(said["done"]) == {"raised to it"} and "dend[1]" in set(said["place"])
    assert len(shapes.report(shapes.clean(whole))) == 0


def test_a_soma_becomes_a_sphere_of_its_area(neuron: dict[str, Any]) -> None:
    file = FILES / "swc" / "several_point_soma.swc"
    before = shapes.summary(shapes.read(file)).loc["soma", "area"]
    cell = jx.read_swc(file, soma="sphere")
    soma = cell.model.sections[0]
    diam = math.sqrt(before / math.pi)
    assert soma.L == pytest.approx(diam, rel=SINGLE)
    assert cell.soma.nodes["area"].item() == pytest.approx(before, rel=SINGLE)
    assert {section.parent_x for section in cell.model.sections[1:] if section.parent == 0} == {0.5}
    assert neuron["1"]["soma[0]"]["L"] == pytest.approx(12.4, rel=SINGLE)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda m: shapes.delete_subtree(m, "dent[1]"), r"no section 'dent\[1\]'.*did you mean dend\[1\]"),
        (lambda m: shapes.delete_subtree(m, "soma[0]"), "nothing would stay"),
        (lambda m: shapes.subtree(m, "apic[9]"), r"no section 'apic\[9\]'"),
        (lambda m: shapes.attach(m, shapes.delete_subtree(m, "soma[0]"), "soma[0]"), "nothing would stay"),
        (lambda m: shapes.attach(m, m, "soma[0]", 1.5), "x = 1.5: a place on a section lies in 0..1"),
        (lambda m: shapes.replace_axon(m, diams=(1.0,)), "a positive diameter for each positive length"),
        (lambda m: shapes.replace_axon(m, diams=NO_RULE), "a positive diameter for each positive length"),
        (lambda m: shapes.replace_axon(m, lengths=(), diams="taper"), "a positive diameter for each positive length"),
        (lambda m: shapes.replace_axon(m, diams=(1.0, ())), "a positive diameter for each positive length"),
        (lambda m: shapes.replace_axon(m, lengths=(30.0, -1.0)), "a positive diameter for each positive length"),
        (lambda m: shapes.replace_axon(m, soma="cell"), "no section 'cell'"),
        (lambda m: shapes.split(m, "dend[0]", 1.0), "a cut lies inside of 0..1"),
        (lambda m: shapes.split(m, "dend[0]", float("nan")), "a cut lies inside of 0..1"),
        (lambda m: shapes.join(m, "dend[0]", "dend[1]"), r"cannot be joined: dend\[2\] hangs there too"),
        (lambda m: shapes.join(m, "soma[0]", "dend[0]"), "does not hang on the far end"),
        (lambda m: shapes.join(shapes.replace_axon(m), "axon[0]", "axon[1]"), "a cylinder without points"),
        (lambda m: shapes.cut_long(m, 0.0), "max_branch_len = 0.0"),
    ],
)
def test_what_cannot_be_done_is_one_error(whole: Morphology, wrong: Callable[[Morphology], Any], said: str) -> None:
    with pytest.raises(jx.ModelError, match=said):
        wrong(whole)
