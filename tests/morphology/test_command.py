"""``python -m jxneuron.morphology``: numbers that NEURON has, warnings, errors beside what could be read, pictures."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib import image
from typer.testing import CliRunner

from jxneuron import morphology as shapes
from jxneuron.morphology.__main__ import app
from jxneuron.morphology.picture import COLOURS, draw
from tests.morphology.conftest import FILES

PYRAMID = FILES / "swc" / "small_pyramid.swc"
SUM = """
load(given)
for stem in ("soma", "axon", "dend", "apic"):
    sections = [section for section in h.allsec() if section.name().startswith(stem)]
    found[stem] = [
        len(sections),
        sum(section.n3d() for section in sections),
        sum(not section.children() for section in sections),
        sum(section.L for section in sections),
        sum(segment.area() for section in sections for segment in section),
    ]
found["all"] = [sum(values) for values in zip(*found.values())]
"""


def test_the_table_holds_neurons_numbers(neuron_tells: Callable[[str, Any], dict[str, Any]], tmp_path: Path) -> None:
    expected = neuron_tells(SUM, str(PYRAMID))
    done = subprocess.run(
        [sys.executable, "-m", "jxneuron.morphology", str(PYRAMID)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    for group, (sections, points, tips, length, area) in expected.items():
        cells = next(line.split("│")[1:-1] for line in done.stdout.splitlines() if f"│ {group}" in line)
        found = [cell.strip() for cell in cells]
        assert found[:4] == [group, str(sections), str(points), str(tips)]
        assert found[4:6] == [f"{length:.1f}", f"{area:.1f}"]
    table = shapes.summary(shapes.read(PYRAMID))
    np.testing.assert_allclose(table.loc["all", ["length", "area"]].astype(float), expected["all"][3:], rtol=1e-14)
    assert table.loc["axon", ["least diam", "greatest diam"]].tolist() == [
        float(np.float32(0.4)),
        float(np.float32(1.4)),
    ]


def test_what_was_assumed_and_what_failed_is_said_and_the_rest_is_read(tmp_path: Path) -> None:
    bad = tmp_path / "bad[1].swc"
    bad.write_text("1 1 0 0 0 5 -1\n2 3 9 0 0 nan 1\n")
    files = [bad, FILES / "refused" / "forward.swc", FILES / "asc" / "spines.asc", tmp_path / "missing.asc"]
    done = CliRunner().invoke(app, [str(file) for file in files])
    assert done.exit_code == 1
    assert f"{bad}:2: the radius is nan, not a finite number" in done.stderr
    assert "missing.asc: cannot be read" in done.stderr
    assert "forward.swc:2  point 1 has a smaller number than its parent 3: read with every parent" in done.stdout
    assert "3 spines: not read" in done.stdout


def test_many_notes_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "noise.swc"
    file.write_text(PYRAMID.read_text() + "noise\n" * 30)
    done = CliRunner().invoke(app, [str(file)])
    assert done.exit_code == 0
    assert done.stdout.count("'noise' is no point") == 8
    assert "and 13 more notes" in done.stdout


def test_pictures_of_files_of_one_name_stand_side_by_side(tmp_path: Path) -> None:
    names = [tmp_path / "a" / "cell.swc", tmp_path / "b" / "cell.swc", tmp_path / "c" / "cell.swc"]
    for name in names:
        name.parent.mkdir()
        name.write_text(PYRAMID.read_text())
    folder = tmp_path / "pictures" / "new"
    done = CliRunner().invoke(app, [*map(str, names), "--plot", "--to", str(folder)])
    assert done.exit_code == 0
    assert sorted(file.name for file in folder.iterdir()) == ["cell.png", "cell.swc-2.png", "cell.swc.png"]
    done = CliRunner().invoke(app, [str(names[0]), "--plot", "--to", str(names[1])])
    assert (done.exit_code, "File exists" in done.stderr) == (1, True)


def _pixels(file: Path, type: int) -> int:
    """How many pixels of a picture have a type's colour."""
    colour = np.array([int(COLOURS[type][i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return int((np.abs(image.imread(file)[:, :, :3] - colour).max(axis=2) < 0.02).sum())


def test_a_picture_shows_each_type_in_its_colour(tmp_path: Path) -> None:
    whole = shapes.read(PYRAMID)
    draw(whole, tmp_path / "whole.png")
    draw(shapes.delete_subtree(whole, "apic"), tmp_path / "less.png")
    before, after = ([_pixels(tmp_path / name, type) for type in COLOURS] for name in ("whole.png", "less.png"))
    assert min(before) > 100
    assert after[3] == 0 < min(after[:3])


def test_a_picture_is_to_scale(tmp_path: Path) -> None:
    """A soma, 10 um long and wide, alone: seen from the front a square, from the side a circle."""
    file = tmp_path / "ball.swc"
    file.write_text("1 1 0 0 0 5 -1\n")
    draw(shapes.read(file), tmp_path / "ball.png")
    colour = int(COLOURS[1][1:3], 16) / 255
    dark = np.abs(image.imread(tmp_path / "ball.png")[:, :, 0] - colour) < 0.02
    rows = np.flatnonzero(dark.sum(axis=1) > 100)
    widths = dark[rows].sum(axis=1)
    height = len(rows)
    assert widths.max() == pytest.approx(2 * height, rel=0.03)
    assert dark[rows].sum() == pytest.approx((1 + np.pi / 4) * height**2, rel=0.03)
