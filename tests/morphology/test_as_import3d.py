"""What is read is what NEURON reads: sections, points, areas and axial resistances, without any tolerance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import jxneuron as jx
from jxneuron import morphology as shapes
from tests.morphology.conftest import FILES, published
from tests.morphology.shapes import compare, random_asc, random_swc

OWN = [*sorted((FILES / "swc").iterdir()), *sorted((FILES / "asc").iterdir())]
# What is assumed where a file leaves something open is for another test
pytestmark = pytest.mark.filterwarnings("ignore::jxneuron.MorphologyWarning")
Reads = Callable[[Sequence[Path]], dict[str, Any]]


@pytest.fixture(scope="module")
def own(neuron_reads: Reads) -> dict[str, Any]:
    return neuron_reads(OWN)


@pytest.mark.parametrize("file", OWN, ids=lambda file: file.name)
def test_our_own_files(own: dict[str, Any], file: Path) -> None:
    compare(file, own[str(file)])


@pytest.mark.parametrize("package", ["bmtk", "EModelRunner", "dbbs-models", "bluepyopt"])
def test_the_files_of_published_packages(neuron_reads: Reads, package: str) -> None:
    files = published(package)
    found = neuron_reads(files)
    for file in files:
        compare(file, found[str(file)])


@pytest.mark.parametrize(("write", "ending"), [(random_swc, "swc"), (random_asc, "asc")])
def test_random_files(neuron_reads: Reads, tmp_path: Path, write: Callable[[int], str], ending: str) -> None:
    files = []
    for seed in range(200):
        files.append(tmp_path / f"random{seed}.{ending}")
        files[-1].write_text(write(seed))
    found = neuron_reads(files)
    for file in files:
        compare(file, found[str(file)])


PYTHON_OBJECT = """\
h.load_file("stdlib.hoc")
h.load_file("import3d.hoc")

class Whole:
    pass

reader = h.Import3d_SWC_read() if given["file"].endswith("swc") else h.Import3d_Neurolucida3()
reader.input(given["file"])
whole = Whole()
h.Import3d_GUI(reader, 0).instantiate(whole)
give([[(s.x3d(i), s.y3d(i), s.z3d(i), s.diam3d(i)) for i in range(s.n3d())] for s in whole.all])
"""


@pytest.mark.parametrize("name", ["swc/ties.swc", "swc/numbers.swc", "asc/contour.asc", "asc/tilted.asc"])
def test_points_in_a_python_object_are_not_cut_to_eight_digits(neuron_child: Callable[..., Any], name: str) -> None:
    expected = neuron_child(PYTHON_OBJECT, file=str(FILES / name))
    ours = shapes.read(FILES / name, precision="python")
    np.testing.assert_array_equal(
        np.concatenate([trace.points for trace in ours.traces]), np.concatenate([np.array(each) for each in expected])
    )


def test_float64_keeps_the_numbers_of_the_file() -> None:
    points = shapes.read(FILES / "swc" / "numbers.swc", precision="float64").traces[1].points
    assert points[-1].tolist() == [123456.789, 0.1234567, 100.0, 0.6666666666]
    cell = jx.read_swc(FILES / "swc" / "numbers.swc", precision="float64")
    steps = np.diff(points[:, :3], axis=0)
    assert cell.model.sections[1].L == pytest.approx(float(np.sqrt((steps**2).sum(axis=1)).sum()), rel=1e-15)


def test_numbers_next_to_zero_are_kept_without_a_warning() -> None:
    with np.errstate(divide="raise", over="raise", invalid="raise"):
        points = shapes.read(FILES / "asc" / "tiny.asc").traces[1].points
    least = float(np.finfo(np.float32).smallest_subnormal)
    assert points[-2:, 1:3].tolist() == [[0.0, 0.0], [least, least]]


LIVE = """\
import dataclasses
h.load_file("stdrun.hoc")
h.load_file("import3d.hoc")
reader = h.Import3d_SWC_read() if given["file"].endswith("swc") else h.Import3d_Neurolucida3()
reader.input(given["file"])
h.Import3d_GUI(reader, 0).instantiate(None)
sections = list(h.allsec())
for section in sections:
    section.Ra = 100
    section.nseg = int((section.L / (0.1 * h.lambda_f(100, sec=section)) + 0.9) / 2) * 2 + 1
from jxneuron.read.geometry import read_tree
tree = read_tree(h)
nodes = {field.name: getattr(tree.nodes, field.name) for field in dataclasses.fields(tree.nodes)}
h.distance(0, h.soma[0](0.5))
far = [h.distance(segment) for section in sections for segment in section]
runs = {}
for mechanism, amp in (("pas", 0.1), ("hh", 2.0)):
    for section in sections:
        section.insert(mechanism)
    clamp = h.IClamp(h.soma[0](0.5))
    clamp.delay, clamp.dur, clamp.amp = 1, 5, amp
    h.finitialize(-65)
    trace = [[section(0.5).v for section in sections]]
    for _ in range(400):
        h.fadvance()
        trace.append([section(0.5).v for section in sections])
    runs[mechanism] = trace
    for section in sections:
        section.uninsert(mechanism)
    del clamp
give({"nodes": nodes, "distance": far, "runs": runs})
"""


@pytest.fixture(scope="module")
def thick(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree of ordinary shape: branches one after another, a soma of one point, 21 sections."""
    draw = np.random.default_rng(3)
    rows, ends, number = ["1 1 0 0 0 8 -1"], [(1, np.zeros(3))], 1
    for branch in range(20):
        at, place = ends[0] if branch < 4 else ends[int(draw.integers(1, len(ends)))]
        kind = (3, 3, 4, 2)[branch] if branch < 4 else int(rows[at - 1].split()[1])
        for _ in range(6):
            place = place + draw.normal(size=3) * 12
            number += 1
            rows.append(
                f"{number} {kind} {place[0]:.3f} {place[1]:.3f} {place[2]:.3f} {draw.uniform(0.3, 1.2):.3f} {at}"
            )
            at = number
        ends.append((at, place))
    path = tmp_path_factory.mktemp("thick") / "thick.swc"
    path.write_text("\n".join(rows))
    return path


@pytest.mark.parametrize("name", ["thick", "contour.asc"])
def test_nodes_distances_and_runs(neuron_child: Callable[..., Any], thick: Path, name: str) -> None:
    file = thick if name == "thick" else FILES / "asc" / name
    expected = neuron_child(LIVE, file=str(file))
    cell = (jx.read_swc if file.suffix == ".swc" else jx.read_asc)(file, d_lambda=0.1, Ra=100.0)
    for column, values in expected["nodes"].items():
        np.testing.assert_array_equal(getattr(cell.model.nodes, column), np.array(values), err_msg=column)
    np.testing.assert_allclose(shapes.distances(cell), expected["distance"], rtol=1e-13, atol=1e-12)
    for mechanism, amp in (("pas", 0.1), ("hh", 2.0)):
        np.testing.assert_allclose(_run(cell, mechanism, amp), expected["runs"][mechanism], rtol=0, atol=1e-9)


def _run(cell: Any, mechanism: str, amp: float) -> np.ndarray:
    """Voltages in the middle of every section, (step, section)."""
    cell = cell.copy()
    cell.insert(mechanism)
    cell.set("v", -65.0)
    cell.set("celsius", 6.3)
    current = np.zeros(401)
    current[40:240] = amp
    cell.section("soma[0]").loc(0.5).stimulate(current, verbose=False)
    for section in cell.model.sections:
        cell.section(section.name).loc(0.5).record(verbose=False)
    return np.asarray(jx.integrate(cell, delta_t=0.025, t_max=10.0)).T
