"""Cut sections into segments as NEURON does, which gives areas and axial halves.

In: a section's length, nseg, and either one diameter per segment or 3-d points. Out: numpy arrays with one entry per
segment, **from the end that is attached to the parent**. The 3-d points of a reversed section are walked in their
stored order all the same, as in NEURON. Laws: ``nrn_area_ri``, ``diam_from_list`` and ``nrn_pt3dmodified`` in
treeset.cpp. The operations have NEURON's order, so areas are equal bit for bit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from jxneuron.model.model import Floats

# um; two points that are nearer have no line between them to interpolate a diameter on (diam_from_list)
NO_STRETCH = 1e-10
# The smallest length, um, and the smallest conductance between two points by which NEURON divides (diam_from_list)
TINY = 1e-15
# um / um2 to MOhm per (ohm cm)
MEGOHM = 1e-2
# The shortest section, um (section_length in cabcode.cpp), and the diameter of a new one, um
SHORTEST = 1e-9
NEW_DIAM = 500.0
# The most segments of a section (cabcode.cpp)
MOST_SEGMENTS = 32767


class Segments(NamedTuple):
    """The segments of one section or of several. n segments; of each section from the attached end.

    Attributes:
        diam: um, (n,); the mean over the segment where the section has 3-d points.
        area: um2, (n,).
        half_in: MOhm per (ohm cm), (n,): from the border towards the parent to the centre.
        half_out: MOhm per (ohm cm), (n,): from the centre to the far border.
    """

    diam: Floats
    area: Floats
    half_in: Floats
    half_out: Floats


def stylised(L: float, diam: ArrayLike) -> Segments:
    """Return the segments of a section without 3-d points: cylinders.

    Args:
        L: um, of the section.
        diam: um, (n,), from the attached end.
    """
    diameters = np.asarray(diam, np.float64)
    dx = float(L) / len(diameters)
    half = MEGOHM * (dx / 2) / (math.pi * diameters * diameters / 4.0)
    return Segments(diameters, math.pi * diameters * dx, half, half)


def arcs(points: ArrayLike, *, single: bool = True) -> Floats:
    """Return the arc length at each 3-d point, (m,) um.

    NEURON keeps points in float32 and takes their differences in float32 before it sums in double
    (``nrn_pt3dmodified``); float64 throughout would be off by about 2e-8.

    Args:
        points: um, (m, 3) or (m, 4).
        single: True as in NEURON; False for float64 throughout.
    """
    return np.concatenate([[0.0], np.cumsum(_steps(points, single=single))])


def _steps(points: ArrayLike, *, single: bool) -> Floats:
    xyz = np.asarray(points, np.float32 if single else np.float64)[:, :3]
    steps = np.diff(xyz, axis=0).astype(np.float64)
    return np.sqrt(steps[:, 0] * steps[:, 0] + steps[:, 1] * steps[:, 1] + steps[:, 2] * steps[:, 2])


def from_points(arc: ArrayLike, diam: ArrayLike, nseg: int, *, spine_area: float = 0.0) -> Segments:
    """Return the segments of a section with 3-d points: truncated cones, cut into ``nseg`` segments.

    Args:
        arc: um, (m,), arc length at each point, m >= 2, not decreasing.
        diam: um, (m,); a negative diameter marks a spine, and its size counts.
        nseg: number of segments.
        spine_area: um2, added to a segment's area for each spine in it (``setSpineArea``).
    """
    signed = np.asarray(diam, np.float32).astype(np.float64).tolist()
    return _segments(_cut(np.asarray(arc, np.float64).tolist(), signed, nseg), spine_area)


def segments_of_points(
    points: Floats, starts: Sequence[int], nseg: Sequence[int], *, single: bool
) -> tuple[Segments, Floats]:
    """Return the segments of many sections, as from ``arcs`` and ``from_points``, and their lengths, (sections,) um.

    Args:
        points: um, (m, 4) x, y, z, diam of all sections, one after another.
        starts: (sections + 1,) where each section's points begin; at least two each.
        nseg: (sections,) number of segments.
        single: True for distances and diameters in float32, as NEURON keeps them; False for float64.
    """
    steps = _steps(points, single=single).tolist()
    signed = (points[:, 3].astype(np.float32).astype(np.float64) if single else points[:, 3]).tolist()
    rows: list[Row] = []
    lengths: list[float] = []
    for start, stop, count in zip(starts, starts[1:], nseg, strict=False):
        arc = list(accumulate(steps[start : stop - 1], initial=0.0))
        rows += _cut(arc, signed[start:stop], count)
        lengths.append(max(arc[-1], SHORTEST))
    return _segments(rows, 0.0), np.array(lengths)


# Of one segment: mean diameter um, area um2, sums of 1/(d d / length) 1/um of both halves, number of spines
Row = tuple[float, float, float, float, int]


def _cut(arc: list[float], signed: list[float], nseg: int) -> list[Row]:
    cones = _Cones(arc, signed)
    ds = arc[-1] / float(nseg)
    return [cones.segment(index * ds, ds, last=index == nseg - 1) for index in range(nseg)]


def _segments(rows: list[Row], spine_area: float) -> Segments:
    mean, area, half_in, half_out, spines = np.array(rows, np.float64).T
    scale = 4.0 * MEGOHM
    return Segments(mean, area + spines * spine_area, half_in / math.pi * scale, half_out / math.pi * scale)


class _Cones:
    """A walk along a section's 3-d points; ``segment`` is called once for each segment in order."""

    def __init__(self, arc: list[float], signed: list[float]) -> None:
        self.arc, self.signed = arc, signed
        self.diam = [abs(d) for d in signed]
        self.at = 0  # the last point that the walk has passed
        self.x, self.y = arc[0], self.diam[0]  # where the walk is: arc length and diameter, um

    def segment(self, start: float, ds: float, *, last: bool) -> Row:
        """Return the next segment; one without length keeps the diameter of a new section."""
        middle = start + ds / 2.0
        sums = [0.0, 0.0]  # of the diameter, of the area
        near, spines = self._half(start, middle, sums)
        far, more = self._half(middle, middle + ds / 2.0, sums)
        spines += more + (1 if last and self.signed[-1] < 0 else 0)
        mean = sums[0] * (0.5 / ds) if ds > 0 else NEW_DIAM
        return mean, sums[1] * 0.5 * math.pi, near, far, spines

    def _half(self, start: float, stop: float, sums: list[float]) -> tuple[float, int]:
        arc, diam, signed, last = self.arc, self.diam, self.signed, len(self.arc) - 1
        x, y, at = self.x, self.y, self.at
        width, area = sums
        resistance, spines = 0.0, 0
        inside = True
        while inside:
            if signed[at] < 0 and start <= arc[at] < stop:
                spines += 1
            inside = not (arc[at + 1] > stop or at + 1 == last)
            there, wide = (arc[at + 1], diam[at + 1]) if inside else (stop, self._wide(at, stop))
            stretch = there - x
            both = wide + y
            width += both * stretch
            stretch = stretch if stretch >= TINY else TINY
            resistance += 1 / (wide * y / stretch or TINY)
            taper = 0.5 * (wide - y)
            area += both * math.sqrt(stretch * stretch + taper * taper)
            x, y = there, wide
            at += inside
        self.x, self.y, self.at = x, y, at
        sums[:] = width, area
        return resistance, spines

    def _wide(self, at: int, stop: float) -> float:
        """Return the diameter at ``stop``, which comes after point ``at``, um."""
        gap = self.arc[at + 1] - self.arc[at]
        share = 1.0 if abs(gap) < NO_STRETCH else (stop - self.arc[at]) / gap
        return (1.0 - share) * self.diam[at] + share * self.diam[at + 1]
