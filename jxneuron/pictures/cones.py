"""Stretches between traced points as solid cones: their outlines in the plane, their mantles in space.

In: ends of the stretches, (n, 2, 4) x, y, z, diam in um. Out: corners. numpy only.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from jxneuron.model.model import Floats

# Points of each of the two arcs of an outline, and of each circle of a mantle
ARC, CIRCLE = 17, 12


def outlines(steps: Floats, dims: Sequence[int]) -> Floats:
    """Corners of each cone as it is seen along the third direction, (n, 2 ARC, 2) um.

    A cone is the convex hull of the discs at its ends, and so is its outline that of two ellipses. Both are flattened
    along the way by the sine s of the way's tilt; stretched by 1/s they are circles, whose common tangents touch at
    the angle ``arccos((r0 - r1) s/d)`` from the way, d the distance of their centres in the plane.

    Args:
        steps: (n, 2, 4) the ends x, y, z, diam.
        dims: which two of x, y, z are across and up.
    """
    across, up = dims
    start, way = steps[:, 0, [across, up]], steps[:, 1, :3] - steps[:, 0, :3]
    radius = np.abs(steps[:, :, 3]) / 2
    length, seen = np.sqrt((way**2).sum(axis=1)), np.hypot(way[:, across], way[:, up])
    share = np.divide(seen, length, out=np.zeros_like(seen), where=length > 0)
    tilt = np.sqrt(np.maximum(1.0 - share**2, 0.0))
    along = np.tile([1.0, 0.0], (len(way), 1))
    np.divide(way[:, [across, up]], seen[:, None], out=along, where=seen[:, None] > 0)
    aside = np.stack([-along[:, 1], along[:, 0]], axis=1)
    narrowing = (radius[:, 0] - radius[:, 1]) * tilt
    touch = np.arccos(np.clip(np.divide(narrowing, seen, out=np.sign(narrowing), where=seen > 0), -1.0, 1.0))
    back = touch[:, None] + (2 * np.pi - 2 * touch)[:, None] * np.linspace(0, 1, ARC)
    front = touch[:, None] * np.linspace(-1, 1, ARC)
    corners = []
    for end, angle in ((0, back), (1, front)):
        forth = end * seen[:, None] + radius[:, end, None] * tilt[:, None] * np.cos(angle)
        sideways = radius[:, end, None] * np.sin(angle)
        corners.append(forth[:, :, None] * along[:, None] + sideways[:, :, None] * aside[:, None])
    return start[:, None] + np.concatenate(corners, axis=1)


def mantles(steps: Floats) -> Floats:
    """Faces between the circles at both ends of each cone, (n, CIRCLE, 4 corners, 3) um; no lids."""
    way = steps[:, 1, :3] - steps[:, 0, :3]
    flattest = np.eye(3)[np.argmin(np.abs(way), axis=1)]
    first = _unit(np.cross(way, flattest))
    second = _unit(np.cross(way, first))
    angle = np.linspace(0, 2 * np.pi, CIRCLE + 1)
    round_ = np.cos(angle)[:, None] * first[:, None] + np.sin(angle)[:, None] * second[:, None]
    rings = [steps[:, end, None, :3] + np.abs(steps[:, end, 3])[:, None, None] / 2 * round_ for end in (0, 1)]
    return np.stack([rings[0][:, :-1], rings[0][:, 1:], rings[1][:, 1:], rings[1][:, :-1]], axis=2)


def _unit(vectors: Floats) -> Floats:
    size = np.sqrt((vectors**2).sum(axis=1, keepdims=True))
    return np.divide(vectors, size, out=np.zeros_like(vectors), where=size > 0)
