"""What a file leaves open is read where one reading is left, and said; NEURON reads a repaired twin of the file."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import jxneuron as jx
from jxneuron import morphology as shapes
from jxneuron.morphology.__main__ import app
from tests.morphology.conftest import FILES
from tests.morphology.shapes import compare


def _label(given: Any) -> str:
    """A test's name, the same in every process: a function's text holds its address."""
    value = given.get("nseg") if isinstance(given, dict) else given
    return "a function" if callable(value) else str(given)


Reads = Callable[[Sequence[Path]], dict[str, Any]]
FIVE = "1 1 0 0 0 5 -1\n2 3 10 0 0 1 1\n3 3 20 0 0 1 2\n4 3 30 0 0 1 3\n"


@pytest.mark.filterwarnings("ignore::jxneuron.MorphologyWarning")
def test_points_in_another_order_are_the_same_points(neuron_reads: Reads, tmp_path: Path) -> None:
    repaired = tmp_path / "sorted.swc"
    lines = (FILES / "refused" / "unsorted.swc").read_text().splitlines()
    repaired.write_text("\n".join(sorted(lines)) + "\n")
    compare(FILES / "refused" / "unsorted.swc", neuron_reads([repaired])[str(repaired)])


@pytest.mark.filterwarnings("ignore::jxneuron.MorphologyWarning")
def test_a_point_that_stands_before_its_parent_is_the_same_point(neuron_reads: Reads, tmp_path: Path) -> None:
    repaired = tmp_path / "renumbered.swc"
    repaired.write_text("1 1 -6 0 0 4 -1\n2 1 0 0 0 5 1\n3 3 10 0 0 1 2\n4 3 20 0 0 1 3\n5 3 30 0 0 1 4\n")
    compare(FILES / "refused" / "forward.swc", neuron_reads([repaired])[str(repaired)])


@pytest.mark.filterwarnings("ignore::jxneuron.MorphologyWarning")
def test_what_neuron_stops_at_changes_nothing(neuron_reads: Reads, tmp_path: Path) -> None:
    """NEURON reads each file without what stops it."""
    surplus = {
        "list_in_outline.asc": ['("hole" (1 0 0 0) (1 1 0 0) (0 1 0 0))', "(Dot (5 4 0 0))"],
        "marker_between.asc": ["(Dot (14 0 0 1))"],
        "empty_branch.asc": ["| Normal", "( (Color Red) (Axon) )"],
        "thumbnail.asc": ["(Thumbnail (Cols 2) (Rows 1))"],
        "setting.asc": ["(Settings 4)", "(RGBcamera 1)"],
    }
    twins = {}
    for name, texts in surplus.items():
        text = (FILES / "refused" / name).read_text()
        for each in texts:
            assert each in text
            text = text.replace(each, "")
        twins[name] = tmp_path / name
        twins[name].write_text(text)
    found = neuron_reads(list(twins.values()))
    for name, twin in twins.items():
        compare(FILES / "refused" / name, found[str(twin)])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("unsorted.swc", "unsorted.swc:3: point 2 stands behind a later one: read with every parent before"),
        ("forward.swc", "forward.swc:2: point 1 has a smaller number than its parent 3: read with every parent"),
        ("apart.swc", "apart.swc:3: point 3 starts another tree: read as a tree of its own"),
        (
            "marker_between.asc",
            "marker_between.asc:2: a marker between the points of a branch: passed over; NEURON stops",
        ),
        ("empty_branch.asc", "empty_branch.asc:2: a branch without points: passed over; NEURON stops at it"),
        ("list_in_outline.asc", "list_in_outline.asc:1: 2 lists that are no points in a soma's outline: passed over"),
    ],
)
def test_what_neuron_refuses_is_read_with_a_warning(name: str, said: str) -> None:
    reader = jx.read_swc if name.endswith(".swc") else jx.read_asc
    with pytest.warns(jx.MorphologyWarning) as found:
        reader(FILES / "refused" / name)
    assert said in str(found[0].message)
    assert found[0].filename == __file__


def test_two_roots_are_two_trees() -> None:
    with pytest.warns(jx.MorphologyWarning, match="another tree"):
        trees = shapes.read(FILES / "refused" / "apart.swc")
    assert [trace.parent for trace in trees.traces] == [-1, -1]
    np.testing.assert_array_equal(shapes.lengths(trees), [10.0, 15.0])


def test_a_file_without_a_soma_says_so(tmp_path: Path) -> None:
    file = tmp_path / "bare.swc"
    file.write_text(FIVE.replace("1 1 0", "1 3 0"))
    with pytest.warns(jx.MorphologyWarning, match=r"bare.swc: no point of the soma"):
        assert jx.read_swc(file).shape == (1, 1)


def test_a_clear_file_gives_no_warning_and_an_empty_report(tmp_path: Path) -> None:
    file = tmp_path / "clear.swc"
    file.write_text(FIVE)
    with warnings.catch_warnings(action="error"):
        cell = jx.read_swc(file)
    assert len(shapes.report(cell)) == 0
    for names in (("soma", "somatic"), ("dend", "basal")):
        assert len({tuple(getattr(cell, name).nodes.index) for name in names}) == 1


@pytest.mark.parametrize(
    ("text", "ending", "said"),
    [
        ("", "swc", "there are no points"),
        ("# only\n# comments\n\n", "swc", "there are no points"),
        (
            "1 1 0 0 0 5\n",
            "swc",
            "there are no points: an SWC file has lines of seven numbers, blanks between them; line 1 is '1 1 0 0 0 5'",
        ),
        ("some words\n", "swc", "line 1 is 'some words'"),
        ("1 1 0 0 0 5 -1\n2 3 x 0 0 1 1\n3 3 9 0 0 1 2\n", "swc", ":2: seven numbers are needed here"),
        ("1 1 0 0 0 5 -1\n2 3 9 0 0 1\n3 3 9 0 0 1 2\n", "swc", ":2: seven numbers are needed here"),
        ("1 1 0 0 0 5 -1\n2 3 9 0 0 nan 1\n", "swc", ":2: the radius is nan, not a finite number"),
        ("1 1 0 0 0 5 -1\n2 3 inf 0 0 1 1\n", "swc", ":2: the x is inf, not a finite number"),
        ("1 1 0 0 0 5 -1\n2 3 1e60 0 0 1 1\n", "swc", ":2: the x is 1e+60, not a finite number up to 1e+18"),
        ("1,1,0,0,0,5,-1\n", "swc", "blanks between them; line 1 is '1,1,0,0,0,5,-1'"),
        ("\xff\xfe1\0 \0", "swc", ":1: this is no text file: it is UTF-16"),
        ("\x1f\x8b\0\0", "swc", ":1: this is no text file: it is compressed (gzip)"),
        ("\xfe\xff\0(\0", "asc", ":1: this is no text file: it is UTF-16"),
        ("\x1f\x8b\0\0", "asc", ":1: this is no text file: it is compressed (gzip)"),
        ("1 1 0 0 0 5 -1\n2.5 3 9 0 0 1 1\n", "swc", ":2: the number is 2.5, not a whole number"),
        ("1 1 0 0 0 5 -1\n2 3 9 0 0 1 2\n", "swc", ":2: point 2 is its own parent"),
        ("1 1 0 0 0 5 -1\n2 3 9 0 0 1 4\n3 3 9 0 0 1 2\n4 3 8 0 0 1 3\n", "swc", ":2: point 2 and its parents form"),
        ("1 1 0 0 0 5 -1\n2 3 9 0 0 1 7\n", "swc", ":2: the parent 7 of point 2 does not exist"),
        ("1 1 0 0 0 5 -1\n1 3 9 0 0 1 1\n", "swc", ":2: point 1 stands in line 1 already"),
        ("1 1 0 0 0 5 -1\n\0\0\n", "swc", ":2: this is no text file"),
        ("", "asc", "there are no objects"),
        ("; only a comment\n", "asc", "there are no objects"),
        ("((Dendrite) (0 0 0 1)\n (1 0 0 1)\n", "asc", ":2: the file ends inside the bracket that opens in line 1"),
        ('("CellBody" (0 0 0 0)\n(1 0 0 0', "asc", ":2: the file ends inside the bracket"),
        ("((Dendrite) (0 0 0 1) (1 0 x 1))\n", "asc", ":1: ')' is needed here, not 'x'"),
        ("((Dendrite) (0 0 0 1)\n(1 0 0 x))", "asc", ":2: ')' is needed here, not 'x'"),
        ("((Dendrite) (0 0 0 1)\n(1 0 0 1 7))", "asc", ":2: ')' is needed here, not 7"),
        ("((Dendrite) (0 0 0 1)\n(1))", "asc", ":2: a point needs x and y, not ')'"),
        ("((Dendrite) (0 0 0 1)\n(1 nan 0 1))", "asc", ":2: a point needs x and y, not 'nan'"),
        ("((Dendrite) (0 0 0 1)\n(1 0 1e60 1))", "asc", ":2: 1e+60 is no place and no diameter, um"),
        ("((Dendrite) (0 0 0 1)\n(1, 0, 1e999, 1))", "asc", ":2: inf is no place and no diameter, um"),
        *(
            (
                f"((Dendrite) (0 0 0 1) {spine}\n(9 0 0 1))",
                "asc",
                f"the spine that opens in line 1 is not closed before {by}",
            )
            for spine, by in (("<(1 0 0 1)\n<(2 0 0 1)>", "'<'"), ("<(1 0 0 1))", "')'"), ("<((1 0 0 1)>", "'>'"))
        ),
        ("((Dendrite) (0 0 0 1))\n(9 9 0 1) (9 8 0 1))", "asc", ":2: '(' is needed here, outside of all objects"),
        ("1 1 0 0 0 5 -1\n", "asc", ":1: '(' is needed here, not 1: a Neurolucida file has lists in brackets"),
        ('("Soma" (0 0 0 0) (1 1 0 0))', "asc", "; bad.asc:1: a soma's outline of 2 points"),
        ('("Soma" (0 0 0 0) (0 0 0 0) (0 0 0 0))', "asc", ":1: the outline of the soma has no width in the xy plane"),
        ('("Soma" (0 0 0 0) (1 1 0 0) (2 2 0 0))', "asc", ":1: the outline of the soma has no width in the xy plane"),
        ("((Dendrite))", "asc", ":1: there is no tree and no soma in this file"),
        ("(Thumbnail (Rows 1))\n", "asc", "there is no tree and no soma"),
        ('(set "a" ' * 500, "asc", "more than 100 sets inside one another"),
        ("words\n", "asc", ":1: '(' is needed here, not 'words'"),
    ],
)
def test_a_file_that_means_nothing_is_one_error_with_its_line(
    tmp_path: Path, text: str, ending: str, said: str
) -> None:
    file = tmp_path / f"bad.{ending}"
    file.write_text(text, encoding="latin-1")
    with warnings.catch_warnings(action="error"), pytest.raises(jx.ModelError) as error:
        shapes.read(file)
    assert said in str(error.value)
    assert str(error.value).startswith(f"{file}:")
    done = CliRunner().invoke(app, [str(file)])
    assert (done.exit_code, done.stdout, done.stderr.strip()) == (1, "", str(error.value))


def test_places_that_hold_no_file(tmp_path: Path) -> None:
    (tmp_path / "nowhere.swc").symlink_to(tmp_path / "gone.swc")
    for name, why in ((".", "Is a directory"), ("missing.swc", "No such file"), ("nowhere.swc", "No such file")):
        for reader in (jx.read_swc, jx.read_asc):
            with pytest.raises(jx.ModelError, match=f"{re.escape(str(tmp_path / name))}: cannot be read: {why}"):
                reader(tmp_path / name)
    with pytest.raises(jx.ModelError, match=r"ending of a morphology file is .swc or .asc, not '.txt'"):
        shapes.read(tmp_path / "cell.txt")


@pytest.mark.parametrize(("radius", "said"), [("-1", "negative radius"), ("0", "zero radius")])
def test_an_odd_radius_is_said(tmp_path: Path, radius: str, said: str) -> None:
    file, tree = tmp_path / "odd.swc", tmp_path / "odd.asc"
    file.write_text(FIVE.replace("20 0 0 1", f"20 0 0 {radius}"))
    with pytest.warns(jx.MorphologyWarning, match=rf"odd.swc:3: {said} \(points: 1\)"):
        jx.read_swc(file)
    tree.write_text(f'("Soma" (0 0) (5 0) (5 5))\n((Axon)\n(1 1 0 1) (9 9 0 {radius}) (9 19 0 {radius}))')
    with pytest.warns(jx.MorphologyWarning, match=rf"odd.asc:3: {said} \(points: 2\)"):
        jx.read_asc(tree)


def test_what_was_cleaned_is_reported(tmp_path: Path) -> None:
    """Without a warning, for nothing is open."""
    file = tmp_path / "cleaned.swc"
    file.write_text(FIVE + "5 3 30 0 0 2 4\n6 3 40 0 0 1 5\n7 5 30 0 0 1 4\n8 2 30 9 0 1 7\n9 4 0 9 0 1 1\n")
    removed = "removed, as NEURON does"
    with warnings.catch_warnings(action="error"):
        said = shapes.report(jx.read_swc(file)).to_dict(orient="split")["data"]
    assert said == [
        ["cleaned", "cleaned.swc:7", "a section of two points at one place", f"{removed}; children that move up: 1"],
    ]
    tree = tmp_path / "cleaned.asc"
    tree.write_text('("Soma" (0 0) (5 0) (5 5))\n((Axon)\n(1 1 0 1) <(1 2 3 1)> (\n(4 4 0 1) (9 9 0 1) | (1 1 0 2)\n))')
    with warnings.catch_warnings(action="error"):
        said = shapes.report(jx.read_asc(tree)).to_dict(orient="split")["data"]
    assert said == [
        ["cleaned", "cleaned.asc", "1 spines", "not read: NEURON records them, and they add no area"],
        ["cleaned", "cleaned.asc:3", "a section of one point", f"{removed}; children that move up: 1"],
        ["cleaned", "cleaned.asc:4", "a section of one point", removed],
    ]


def test_a_file_of_bad_lines_keeps_few_notes(tmp_path: Path) -> None:
    file = tmp_path / "noise.swc"
    file.write_text(FIVE + "noise\n" * 5000)
    with pytest.warns(jx.MorphologyWarning):
        notes = shapes.read(file).notes
    assert len(notes) == 21
    assert notes[-1].found == "4980 lines more are no points"


@pytest.mark.parametrize(
    "wrong",
    [
        {"nseg": 0},
        {"nseg": 2.5},
        {"nseg": True},
        {"nseg": "3"},
        {"nseg": [1, 2, 3]},
        {"nseg": 40000},
        {"nseg": {"dend": 2.5}},
        {"nseg": {"dent": 3}},
        {"nseg": lambda trace, length: length / 40},
        {"d_lambda": "0.1"},
        {"d_lambda": 0.0},
        {"d_lambda": float("nan")},
        {"d_lambda": [0.1]},
        {"d_lambda": 1e-300},
        {"d_lambda": 0.1, "nseg": 3},
        {"max_branch_len": -1.0},
        {"max_branch_len": "10"},
        {"soma": "cube"},
        {"precision": "float16"},
        {"Ra": 0.0},
        {"cm": "1"},
    ],
    ids=_label,
)
def test_a_wrong_argument_is_one_error_that_names_it(tmp_path: Path, wrong: dict[str, Any]) -> None:
    file = tmp_path / "clear.swc"
    file.write_text(FIVE)
    with pytest.raises(jx.ModelError, match=next(iter(wrong))):
        jx.read_swc(file, **wrong)


@pytest.mark.parametrize(
    ("nseg", "expected"),
    [
        (3, [3, 3]),
        ([1, 5], [1, 5]),
        ({"dend": 3}, [1, 3]),
        ({"dend": 3, "dend[0]": 7}, [1, 7]),
        (lambda trace, length: 1 + 2 * int(length / 15), [1, 5]),
    ],
    ids=_label,
)
def test_ways_to_say_nseg(tmp_path: Path, nseg: Any, expected: list[int]) -> None:
    """The soma is 10 um long; the dendrite is wired to its middle and 30 um long."""
    file = tmp_path / "clear.swc"
    file.write_text(FIVE.replace("30 0 0", "40 0 0"))
    cell = jx.read_swc(file, nseg=nseg)
    assert [section.nseg for section in cell.model.sections] == expected
    assert [section.L for section in cell.model.sections] == [10.0, 30.0]
