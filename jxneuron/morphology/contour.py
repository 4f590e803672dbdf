"""Outlines of a soma -> points along its axis, as NEURON makes them.

In: closed outlines, um. Out: points (m, 4) of x, y, z, diameter. Laws: ``contourcenter``,
``approximate_contour_by_circle`` and ``stk_center`` in import3d_sec.hoc, ``contour2centroid`` in import3d_gui.hoc; the
operations stand in their order.
"""

from __future__ import annotations

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.model.model import Floats
from jxneuron.morphology.axes import symmetric_axes

EPSILON = 1e-11  # hoc's float_epsilon
SPREAD = 101  # points to which an outline is spread out
SLICES = 20  # stretches into which the axis is cut
FLAT = 1e-6  # share of the long axis below which the short one has no extent


def spread(points: Floats) -> tuple[Floats, Floats]:
    """Points spaced evenly along an outline, (101, 3), and their mean, (3,).

    As NEURON does it: the way is measured in x and y only, and ends at the last point, without the closing side.
    """
    xyz = points[:, :3]
    steps = np.diff(xyz[:, :2], axis=0)
    way = np.concatenate([[0.0], np.cumsum(np.sqrt(steps[:, 0] * steps[:, 0] + steps[:, 1] * steps[:, 1]))])
    at = np.arange(SPREAD) * (way[-1] / (SPREAD - 1))
    even = np.stack([interpolated(at, way, xyz[:, column]) for column in range(3)], axis=1)
    return even, _sum(even) / SPREAD


def interpolated(at: Floats, x: Floats, y: Floats) -> Floats:
    """``y`` at some places, on lines between the points; constant beyond the ends, points that step back are passed."""
    result = np.empty(len(at))
    index = 0
    while index < len(at) and at[index] <= x[0]:
        result[index] = y[0]
        index += 1
    for right in range(1, len(x)):
        if x[right] <= x[right - 1]:
            continue
        while index < len(at) and at[index] <= x[right]:
            share = (at[index] - x[right - 1]) / (x[right] - x[right - 1])
            result[index] = (1.0 - share) * y[right - 1] + share * y[right]
            index += 1
    result[index:] = y[-1]
    return result


def contour_axis(points: Floats, where: str) -> Floats:
    """The axis of one outline: 21 points along its longest direction, each as wide as the outline is there.

    Raises:
        ModelError: the outline has no width.
    """
    even, mean = spread(points)
    centred = even - mean
    major, minor = _axes(centred, where)
    along, across = _dot(centred, major), _dot(centred, minor)
    top = int(np.argmax(along))
    along, across = np.roll(along, -top), np.roll(across, -top)
    low = int(np.argmin(along))
    sides = [(along[:low][::-1], across[:low][::-1]), (along[low:], across[low:])]
    rising = [_rising(x, y) for x, y in sides]
    both = np.sort(np.concatenate([x for x, _ in rising]))
    start, stop = both[1], both[-2]
    at = start + np.arange(SLICES + 1) * ((stop - start) / SLICES)
    left, right = (interpolated(at, x, y) for x, y in rising)
    width = np.abs(left - right)
    width[0] = (width[0] + width[1]) / 2
    width[-1] = (width[-1] + width[-2]) / 2
    return np.column_stack([at[:, None] * major + mean, width])


def _axes(centred: Floats, where: str) -> tuple[Floats, Floats]:
    """The longest direction of an outline, and the one across it in the xy plane."""
    values, vectors = symmetric_axes(_sum(centred[:, :, None] * centred[:, None, :]))
    columns = np.array(vectors).T
    largest, smallest = int(np.argmax(values)), int(np.argmin(values))
    major = columns[largest]
    if major[np.argmax(np.abs(major))] < 0:
        major = -major
    minor = columns[(3 - smallest - largest) % 3] * [1.0, 1.0, 0.0]
    width = float(np.sqrt(_dot(minor, minor)))
    if smallest == largest or not width / (float(np.sqrt(_dot(major, major))) + 1e-100) >= FLAT:
        raise ModelError(f"{where}: the outline of the soma has no width in the xy plane")
    return major, minor / width


def _sum(rows: Floats) -> Floats:
    """Sums over the first axis, one after another as NEURON adds."""
    return np.cumsum(rows, axis=0)[-1]


def _dot(rows: Floats, axis: Floats) -> Floats:
    return rows[..., 0] * axis[0] + rows[..., 1] * axis[1] + rows[..., 2] * axis[2]


def _rising(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """One side of an outline without the points that step back along the axis."""
    kept = list(zip(x.tolist(), y.tolist(), strict=True))
    j = len(kept) - 1
    while j > 0:
        if kept[j][0] <= kept[j - 1][0] + EPSILON:
            del kept[j]
            if j != len(kept):
                j += 1
        j -= 1
    result = np.array(kept)
    return result[:, 0], result[:, 1]


def stack_axis(outlines: list[Floats]) -> Floats:
    """The axis of a soma outlined in several planes: one point per outline, a circle each."""
    rows = []
    for outline in outlines:
        even, centre = spread(outline)
        around = float(_sum(_lengths(np.roll(outline[:, :3], -1, axis=0) - outline[:, :3])))
        rows.append([*centre, _sum(_lengths(even - centre)) / SPREAD + around / (2 * np.pi)])
    return np.array(rows)


def stack_centre(outlines: list[Floats]) -> Floats:
    """The point half way along the axis of a stack of outlines, (3,)."""
    centres = np.array([spread(outline)[1] for outline in outlines])
    way = np.concatenate([[0.0], np.cumsum(_lengths(np.diff(centres, axis=0)))])
    half = way[-1] / 2
    if half == 0:
        return centres[0]
    after = int(np.argmax(way > half))
    share = (half - way[after - 1]) / (way[after] - way[after - 1])
    return share * centres[after] + (1 - share) * centres[after - 1]


def _lengths(rows: Floats) -> Floats:
    return np.sqrt((rows * rows).sum(axis=1))
