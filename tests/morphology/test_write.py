"""A written SWC file reads back to the same cell, in NEURON too; what it cannot hold is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import jxneuron as jx
from jxneuron import morphology as shapes
from jxneuron.morphology.tree import Morphology, Precision
from tests.morphology.conftest import FILES, published
from tests.morphology.shapes import compare_sections, random_asc, random_swc

OWN = [*sorted((FILES / "swc").iterdir()), *sorted((FILES / "asc").iterdir())]
PYRAMID = FILES / "swc" / "small_pyramid.swc"
pytestmark = pytest.mark.filterwarnings("ignore::jxneuron.MorphologyWarning")
Reads = Callable[[Sequence[Path]], dict[str, Any]]


def same(one: Morphology, two: Morphology) -> bool:
    """Names, connections, points."""
    if one.names != two.names:
        return False
    return all(
        (a.parent, a.parent_x, a.type) == (b.parent, b.parent_x, b.type) and np.array_equal(a.points, b.points)
        for a, b in zip(one.traces, two.traces, strict=True)
    )


def written(files: Sequence[Path], folder: Path) -> dict[Path, Morphology]:
    """Each file's morphology, written without a note, by the new file's path."""
    found = {}
    for number, file in enumerate(files):
        whole, copy = shapes.read(file), folder / f"{number}.swc"
        assert shapes.write_swc(whole, copy) == (), file.name
        found[copy] = whole
    return found


def test_our_own_files_read_back_to_the_same_cell_here_and_in_neuron(neuron_reads: Reads, tmp_path: Path) -> None:
    copies = written(OWN, tmp_path)
    one_tree = {copy: whole for copy, whole in copies.items() if sum(each.parent < 0 for each in whole.traces) == 1}
    neuron = neuron_reads(list(one_tree))
    for copy, whole in copies.items():
        assert same(shapes.read(copy), whole), whole.title
        if copy in one_tree:
            compare_sections(whole, neuron[str(copy)], whole.title)
    several = {whole.title for copy, whole in copies.items() if copy not in one_tree}
    assert several == {"box_edges.asc", "no_soma.asc", "two_somas.asc"}


def test_published_files_read_back_to_the_same_cell(tmp_path: Path) -> None:
    files = [file for package in ("bmtk", "EModelRunner", "dbbs-models", "bluepyopt") for file in published(package)]
    for copy, whole in written(files, tmp_path).items():
        assert same(shapes.read(copy), whole), whole.title


@pytest.mark.parametrize(("write", "ending"), [(random_swc, "swc"), (random_asc, "asc")])
def test_random_trees_read_back_to_the_same_cell_here_and_some_in_neuron(
    neuron_reads: Reads, tmp_path: Path, write: Callable[[int], str], ending: str
) -> None:
    """Among them trunks of one point, connections to near ends, and sections through points that do not follow."""
    files = [tmp_path / f"random{seed}.{ending}" for seed in range(200)]
    for seed, file in enumerate(files):
        file.write_text(write(seed))
    copies = written(files, tmp_path)
    for copy, whole in copies.items():
        assert same(shapes.read(copy), whole), whole.title
    one_tree = [copy for copy, whole in copies.items() if sum(each.parent < 0 for each in whole.traces) == 1][:60]
    neuron = neuron_reads(one_tree)
    for copy in one_tree:
        compare_sections(copies[copy], neuron[str(copy)], copies[copy].title)


@pytest.mark.parametrize("precision", ["neuron", "python", "float64"])
def test_numbers_are_kept_to_the_last_bit(tmp_path: Path, precision: Precision) -> None:
    for name in ("numbers.swc", "ties.swc", "soma_only.swc"):
        whole = shapes.read(FILES / "swc" / name, precision=precision)
        assert shapes.write_swc(whole, tmp_path / name) == ()
        assert same(shapes.read(tmp_path / name, precision=precision), whole)


def test_a_cell_is_written(tmp_path: Path) -> None:
    cell = jx.read_swc(PYRAMID, nseg=3)
    cell.insert("hh")
    assert jx.write_swc(cell, tmp_path / "again.swc") == ()
    again = jx.read_swc(tmp_path / "again.swc", nseg=3)
    for column in ("parent", "section", "x", "length", "area", "diam", "half_in", "half_out"):
        np.testing.assert_array_equal(getattr(again.model.nodes, column), getattr(cell.model.nodes, column))
    assert [section.name for section in again.model.sections] == [section.name for section in cell.model.sections]


def test_an_attached_tree_reads_back(tmp_path: Path) -> None:
    """On the soma, a tip, a fork, near ends, and where it is; the file has it last, as the morphology has."""
    whole = shapes.read(PYRAMID)
    places = [
        ("soma[0]", 0.5),
        ("soma[0]", 1.0),
        ("dend[2]", 1.0),
        ("apic[0]", 1.0),
        ("dend[0]", 0.0),
        ("axon[2]", 0.0),
    ]
    for place, x in places:
        for move in (True, False):
            grown = shapes.attach(whole, shapes.subtree(whole, "apic[0]"), place, x, move=move)
            assert shapes.write_swc(grown, tmp_path / "grown.swc") == (), place
            assert same(shapes.read(tmp_path / "grown.swc"), grown), place


def test_what_a_file_cannot_hold_is_said(tmp_path: Path) -> None:
    whole = shapes.read(PYRAMID)
    inside = shapes.attach(whole, shapes.subtree(whole, "axon[1]"), "dend[0]", 0.5)
    said = shapes.write_swc(inside, tmp_path / "inside.swc")
    assert [note.found for note in said] == ["11 sections, read back as 12"]
    said = shapes.write_swc(shapes.replace_axon(whole, diams=(1.0, 0.5)), tmp_path / "stub.swc")
    assert {(note.place, note.found) for note in said} >= {("axon[1]", "a cylinder without points")}
    said = shapes.write_swc(shapes.split(whole, "dend[0]", 0.5), tmp_path / "split.swc")
    assert {note.done for note in said} == {"SWC files hold no names"}
    assert ("dend[3]", "its name, read back as dend[1]") in {(note.place, note.found) for note in said}


def test_a_cell_without_points_is_refused(tmp_path: Path) -> None:
    cell = jx.Cell([jx.Branch(nseg=2)], parents=[-1])
    with pytest.raises(jx.ModelError, match="no 3-d points"):
        jx.write_swc(cell, tmp_path / "none.swc")
    with pytest.raises(jx.ModelError, match="a view of it has not"):
        jx.write_swc(jx.read_swc(PYRAMID).branch(0), tmp_path / "view.swc")
    assert not list(tmp_path.iterdir())
