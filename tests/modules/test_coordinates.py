"""Coordinates are arithmetic, and no run knows of them."""

from __future__ import annotations

import itertools
import pickle

import numpy as np
import pytest

import jxneuron as jx
from jxneuron.errors import ModelError
from jxneuron.modules import coordinates

POINTS = [[[0, 0, 0, 2], [10, 0, 0, 1]], [[10, 0, 0, 1], [10, 20, 0, 0.5], [10, 20, 30, 0.5]]]


def pair(nseg: int = 3) -> jx.Cell:
    """Two branches with traced points."""
    return jx.Cell([jx.Branch(nseg=nseg), jx.Branch(nseg=2)], parents=[-1, 0], xyzr=POINTS)


def lengths(module: jx.Module) -> np.ndarray:
    return np.array([np.linalg.norm(np.diff(each[:, :3], axis=0), axis=1).sum() for each in module.xyzr])


def test_given_points_come_back_with_the_radius():
    for given, found in zip(POINTS, pair().xyzr, strict=True):
        np.testing.assert_array_equal(found, given)


def test_points_do_not_change_areas_when_a_branch_is_cut_anew():
    """They are drawn; what they measure is not what the branch is."""
    cell = pair()
    cell.branch(0).set_ncomp(5)
    np.testing.assert_allclose(cell.branch(0).nodes["area"], 2 * np.pi * 30 / 5)
    np.testing.assert_array_equal(cell.xyzr[0], POINTS[0])


def test_moving_adds_and_two_right_angles_are_a_point_reflection():
    cell = pair()
    before = np.concatenate(cell.xyzr)
    cell.move(1, -2, 3)
    np.testing.assert_array_equal(np.concatenate(cell.xyzr), before + np.array([1, -2, 3, 0]))
    cell.move_to(0, 0, 0)
    np.testing.assert_array_equal(np.concatenate(cell.xyzr), before)
    cell.rotate(90)
    np.testing.assert_array_equal(cell.xyzr[0][1], [0, -10, 0, 1])
    cell.rotate(90)
    np.testing.assert_array_equal(np.concatenate(cell.xyzr), before * [-1, -1, 1, 1])


@pytest.mark.parametrize(("plane", "point"), [("xy", [0, -10, 0]), ("xz", [0, 0, -10]), ("yz", [10, 0, 0])])
def test_each_plane_turns_two_coordinates(plane, point):
    cell = pair()
    cell.rotate(90, plane)
    np.testing.assert_array_equal(cell.xyzr[0][1, :3], point)


def test_turning_keeps_lengths():
    cell = pair()
    before = lengths(cell)
    for plane, degrees in (("xy", 17.3), ("yz", -101.0), ("xz", 333.3)):
        cell.rotate(degrees, plane)
    np.testing.assert_allclose(lengths(cell), before, rtol=1e-14)


def test_a_view_moves_its_own_branches():
    net = jx.Network([pair(), pair()])
    net.cell(1).move(100, 0, 0)
    np.testing.assert_array_equal(net.cell(0).xyzr[1], POINTS[1])
    np.testing.assert_array_equal(net.cell(1).xyzr[1], np.array(POINTS[1]) + np.array([100, 0, 0, 0]))
    net.move_to([0, 5], [0, 6], 7)
    np.testing.assert_array_equal([cell.xyzr[0][0, :3] for cell in net.cells], [[0, 0, 7], [5, 6, 7]])


def test_no_trace_knows_of_coordinates():
    cell = pair()
    cell.insert("pas")
    cell.branch(1).comp(0).record(verbose=False)
    cell.branch(0).loc(0.0).stimulate(np.full(100, 0.1), verbose=False)
    before = jx.integrate(cell)
    assert np.ptp(before) > 0.01
    cell.rotate(30)
    cell.move(1, 2, 3)
    np.testing.assert_array_equal(jx.integrate(cell), before)
    cell.compute_xyz()
    np.testing.assert_array_equal(jx.integrate(cell), before)


def test_coordinates_are_saved_and_copied(tmp_path):
    net = jx.Network([pair(), pair()])
    net.arrange_in_layers([1, 1])
    net.save(tmp_path / "net.jxn")
    for other in (jx.open(tmp_path / "net.jxn"), pickle.loads(pickle.dumps(net)), net.copy()):
        np.testing.assert_array_equal(np.concatenate(other.xyzr), np.concatenate(net.xyzr))


def random_cell(seed: int, branches: int = 40) -> jx.Cell:
    """A tree of any shape, children also inside their parents and at their starts."""
    draw = np.random.default_rng(seed)
    parents = [-1, *(int(draw.integers(max(0, k - 8), k)) for k in range(1, branches))]
    at = draw.choice([0.0, 0.25, 0.6, 1.0, 1.0], branches)
    cell = jx.Cell([jx.Branch(nseg=int(n)) for n in draw.integers(1, 4, branches)], parents, parent_x=at.tolist())
    cell.set("length", draw.uniform(5, 80, cell.shape[1]))
    cell.set("radius", draw.uniform(0.1, 0.4, cell.shape[1]))
    return cell


def crosses(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two lines in the plane meet anywhere but in an end of one of them."""

    def side(p: np.ndarray, q: np.ndarray, r: np.ndarray) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    apart = [side(a[0], a[1], b[0]) * side(a[0], a[1], b[1]), side(b[0], b[1], a[0]) * side(b[0], b[1], a[1])]
    return max(apart) < -1e-6


def test_planted_lines_cross():
    assert crosses(np.array([[0.0, 0], [10, 10]]), np.array([[0.0, 10], [10, 0]]))
    assert not crosses(np.array([[0.0, 0], [10, 10]]), np.array([[10.0, 10], [10, 0]]))


@pytest.mark.parametrize("seed", range(6))
def test_a_computed_layout_has_true_lengths_and_widths_and_crosses_nowhere(seed):
    cell = random_cell(seed)
    cell.compute_xyz()
    expected = [section.L for section in cell.model.sections]
    np.testing.assert_allclose(lengths(cell), expected, rtol=1e-12)
    lines = [each[[0, -1], :2] for each in cell.xyzr]
    assert [pair for pair in itertools.combinations(range(len(lines)), 2) if crosses(*(lines[k] for k in pair))] == []
    for index, section in enumerate(cell.model.sections):
        if section.parent >= 0:
            above = coordinates.at_shares(cell.xyzr[section.parent], np.array([section.parent_x]))[0, :3]
            np.testing.assert_allclose(cell.xyzr[index][0, :3], above, atol=1e-9)
    for index in range(len(lines)):
        for piece, radius in zip(
            coordinates.pieces(cell.model, index), cell.branch(index).nodes["radius"], strict=True
        ):
            np.testing.assert_array_equal(piece[:, 3], np.full(len(piece), 2 * radius))


def test_a_network_stands_apart_on_a_grid():
    net = jx.Network([random_cell(seed, 12) for seed in range(5)])
    net.compute_xyz()
    boxes = []
    for cell in net.cells:
        points = np.concatenate(cell.xyzr)
        boxes.append(((points[:, :2] - points[:, 3:]).min(axis=0), (points[:, :2] + points[:, 3:]).max(axis=0)))
    for (low, high), (other_low, other_high) in itertools.combinations(boxes, 2):
        assert (high < other_low).any() or (other_high < low).any()


@pytest.mark.parametrize("vertical", [False, True])
def test_layers(vertical):
    net = jx.Network([pair(), pair(), pair()])
    net.arrange_in_layers([1, 2], 40.0, 300.0, vertical_layers=vertical)
    expected = [[0, 300, 0], [-20, 0, 0], [20, 0, 0]] if vertical else [[0, 0, 0], [300, -20, 0], [300, 20, 0]]
    np.testing.assert_array_equal([cell.xyzr[0][0, :3] for cell in net.cells], expected)


def test_pieces_join_and_share_the_length():
    """Unequal compartments share the drawn line in proportion; inner points belong to one piece."""
    cell = pair()
    cell.branch(0).set("length", [5, 10, 5])
    ends = [(piece[0, 0], piece[-1, 0]) for piece in coordinates.pieces(cell.model, 0)]
    np.testing.assert_allclose(ends, [(0, 2.5), (2.5, 7.5), (7.5, 10)])
    first, second = coordinates.pieces(cell.model, 1)
    np.testing.assert_array_equal(first[:, 1:3], [[0, 0], [20, 0], [20, 5]])
    np.testing.assert_array_equal(second[:, 1:3], [[20, 5], [20, 30]])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda net: net.move(np.nan), "is no place"),
        (lambda net: net.rotate(10, "zx"), "xy, xz, yz"),
        (lambda net: net.cell(0).branch(0).comp(0).move(1), "whole branches"),
        (lambda net: net.cell(0).branch(0).compute_xyz(), "whole cells"),
        (lambda net: net.arrange_in_layers([1, 2]), "hold 3 cells, the module has 2"),
        (lambda net: net.arrange_in_layers(2), "a list is needed"),
        (lambda net: net.move_to([1, 2, 3]), "3, 3. places for 2 cells"),
        (lambda net: jx.Cell(jx.Branch(), [-1, 0]).move(1), r"branch\[0\] and 1 more .* compute_xyz"),
    ],
)
def test_what_cannot_be_placed_is_said_and_changes_nothing(wrong, message):
    net = jx.Network([pair(), pair()])
    before = net.model
    with pytest.raises(ModelError, match=message):
        wrong(net)
    assert net.model is before
