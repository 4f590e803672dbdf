"""Sections into segments, as NEURON does it: lengths and diameters in, areas and axial halves out.

In: a section's length, nseg, and either one diameter per segment or 3-d points. Out: numpy arrays with one entry
per segment, **from the end that is attached to the parent** (a reversed section's 3-d points are walked in their
stored order all the same, as NEURON does). Imports no NEURON. Laws: ``nrn_area_ri``, ``diam_from_list`` and
``nrn_pt3dmodified`` in treeset.cpp. The operations stand in NEURON's order, so areas come out bit for bit.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from jxneuron.model.model import Floats

# Below this a stretch between two points counts as no stretch when its diameter is interpolated (diam_from_list)
NO_STRETCH = 1e-10
# The shortest stretch, and the smallest conductance of a stretch, that NEURON divides by (diam_from_list)
TINY = 1e-15
# um / um2 to MOhm per (ohm cm)
MEGOHM = 1e-2


class Segments(NamedTuple):
    """What one section's segments are. n segments, from the attached end.

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
    """Cylinders: a section given by its length and one diameter per segment.

    Args:
        L: um, of the section.
        diam: um, (n,), from the attached end.
    """
    diameters = np.asarray(diam, np.float64)
    dx = float(L) / len(diameters)
    half = MEGOHM * (dx / 2) / (math.pi * diameters * diameters / 4.0)
    return Segments(diameters, math.pi * diameters * dx, half, half)


def arcs(points: ArrayLike) -> Floats:
    """Arc length at each 3-d point, um, (m,).

    NEURON keeps points in float32 and takes their differences in float32 before it sums in double
    (``nrn_pt3dmodified``); float64 throughout would be off by about 2e-8.

    Args:
        points: um, (m, 3) or (m, 4).
    """
    xyz = np.asarray(points, np.float32)[:, :3]
    steps = np.diff(xyz, axis=0).astype(np.float64)
    lengths = np.sqrt(steps[:, 0] * steps[:, 0] + steps[:, 1] * steps[:, 1] + steps[:, 2] * steps[:, 2])
    return np.concatenate([[0.0], np.cumsum(lengths)])


def from_points(arc: ArrayLike, diam: ArrayLike, nseg: int, *, spine_area: float = 0.0) -> Segments:
    """Truncated cones: a section given by 3-d points, cut into ``nseg`` segments.

    Args:
        arc: um, (m,), arc length at each point, m >= 2, not decreasing.
        diam: um, (m,); a negative diameter marks a spine, and its size counts.
        nseg: number of segments.
        spine_area: um2, added to a segment's area for each spine in it (``setSpineArea``).
    """
    cones = _Cones([float(a) for a in np.asarray(arc)], [float(d) for d in np.asarray(diam, np.float32)])
    ds = cones.arc[-1] / float(nseg)
    rows = [cones.segment(index * ds, ds, last=index == nseg - 1) for index in range(nseg)]
    mean, area, half_in, half_out, spines = np.array(rows, np.float64).T
    scale = 4.0 * MEGOHM / math.pi
    return Segments(mean, area + spines * spine_area, half_in * scale, half_out * scale)


class _Cones:
    """A walk along a section's 3-d points; ``segment`` is called once for each segment in order."""

    def __init__(self, arc: list[float], signed: list[float]) -> None:
        self.arc, self.signed = arc, signed
        self.diam = [abs(d) for d in signed]
        self.at = 0  # the point that the walk has passed
        self.x, self.y = arc[0], self.diam[0]  # where it stands: arc and diameter

    def segment(self, start: float, ds: float, *, last: bool) -> tuple[float, float, float, float, int]:
        """Mean diameter, area, sum of 1/(d d / length) of both halves, spines."""
        middle = start + ds / 2.0
        sums = [0.0, 0.0]  # of the diameter, of the area
        near, spines = self._half(start, middle, sums)
        far, more = self._half(middle, middle + ds / 2.0, sums)
        spines += more + (1 if last and self.signed[-1] < 0 else 0)
        return sums[0] * (0.5 / ds), sums[1] * 0.5 * math.pi, near, far, spines

    def _half(self, start: float, stop: float, sums: list[float]) -> tuple[float, int]:
        resistance, spines = 0.0, 0
        while True:
            if self.signed[self.at] < 0 and start <= self.arc[self.at] < stop:
                spines += 1
            x, y, at = self._next(stop)
            stretch = x - self.x
            sums[0] += (y + self.y) * stretch
            stretch = max(stretch, TINY)
            resistance += 1 / (y * self.y / stretch or TINY)
            taper = 0.5 * (y - self.y)
            sums[1] += (y + self.y) * math.sqrt(stretch * stretch + taper * taper)
            self.x, self.y = x, y
            if at == self.at:
                return resistance, spines
            self.at = at

    def _next(self, stop: float) -> tuple[float, float, int]:
        """The end of the next stretch: the next point, or ``stop`` where that comes first."""
        here, there = self.at, self.at + 1
        if not (self.arc[there] > stop or there == len(self.arc) - 1):
            return self.arc[there], self.diam[there], there
        gap = self.arc[there] - self.arc[here]
        share = 1.0 if abs(gap) < NO_STRETCH else (stop - self.arc[here]) / gap
        return stop, (1.0 - share) * self.diam[here] + share * self.diam[there], here
