"""Where sections lie in space, for pictures only: reading, moving, and cutting into compartments.

In: a Model and numbers of sections. Out: points in um, or a Model with other points. Lengths, areas and every trace
stay what they are.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.model.model import Floats, Ints, Model, Section
from jxneuron.wording import listed

PLANES = {"xy": (0, 1), "xz": (0, 2), "yz": (1, 2)}
# Of a section's length: places nearer than this are one place
SAME = 1e-9


def require(model: Model, sections: Iterable[int]) -> None:
    """Raise where a section lies nowhere.

    Raises:
        ModelError: names the first such section and what to do.
    """
    missing = [model.sections[index].name for index in sections if len(model.sections[index].place) < 2]
    if missing:
        verb = "sections have" if len(missing) > 1 else "has"
        raise ModelError(
            f"{listed(missing)} {verb} no coordinates: call compute_xyz() for a layout, or build the Cell with xyzr="
        )


def with_places(model: Model, places: Mapping[int, Floats]) -> Model:
    """The Model with some sections drawn at other points, (m, 4) x, y, z, diam each."""
    sections = list(model.sections)
    for index, points in places.items():
        sections[index] = dataclasses.replace(sections[index], drawn=points)
    return dataclasses.replace(model, sections=tuple(sections))


def mapped(model: Model, sections: Iterable[int], change: Callable[[Floats], Floats]) -> Model:
    """The Model with ``change`` applied to x, y, z, (m, 3), of these sections.

    Raises:
        ModelError: one of them has no coordinates.
    """
    chosen = list(sections)
    require(model, chosen)
    places = {index: model.sections[index].place for index in chosen}
    return with_places(model, {i: np.column_stack([change(each[:, :3]), each[:, 3]]) for i, each in places.items()})


def turned(xyz: Floats, degrees: float, plane: str) -> Floats:
    """Points turned clockwise about the origin, as seen with the plane's first axis to the right, the second up.

    Args:
        xyz: (m, 3) um.
        degrees: how far.
        plane: ``xy``, ``xz`` or ``yz``.

    Raises:
        ModelError: another plane, or an angle that is no number.
    """
    if plane not in PLANES:
        raise ModelError(f"rotation_axis = {plane!r}: one of {', '.join(PLANES)}")
    if not np.isfinite(degrees):
        raise ModelError(f"degrees = {degrees}: a number is needed")
    cosine, sine = _exact(np.cos, degrees), _exact(np.sin, degrees)
    first, second = PLANES[plane]
    found = np.array(xyz, np.float64)
    found[:, first] = cosine * xyz[:, first] + sine * xyz[:, second]
    found[:, second] = cosine * xyz[:, second] - sine * xyz[:, first]
    return found


def _exact(function: Callable[[float], float], degrees: float) -> float:
    """Right angles give 0, 1 and -1, so that turning by them adds no rounding."""
    value = float(function(np.deg2rad(degrees % 360.0)))
    return float(round(value)) if degrees % 90.0 == 0.0 else value


def pieces(model: Model, index: int) -> list[Floats]:
    """The stretch of each compartment of a section, in NEURON's order of x: (k, 4) x, y, z, diam each, k >= 2.

    Compartments share the drawn length in the proportions of their own lengths.
    """
    section = model.sections[index]
    length = model.nodes.length[np.asarray(section.centres)]
    borders = np.concatenate([[0.0], np.cumsum(length) / length.sum()])
    return cut(section.place, borders)


def cut(points: Floats, borders: Floats) -> list[Floats]:
    """A line of points cut at shares of its length.

    Args:
        points: (m, 4), m >= 2; two points at one place are a step of the diameter.
        borders: (n + 1,) ascending shares, 0 to 1.
    """
    steps = np.sqrt((np.diff(points[:, :3], axis=0) ** 2).sum(axis=1))
    arc = np.concatenate([[0.0], np.cumsum(steps)])
    at = borders * arc[-1]
    near = np.abs(arc[None] - at[:, None]) <= SAME * arc[-1]
    at = np.where(near.any(axis=1), arc[near.argmax(axis=1)], at)
    behind = np.clip(np.searchsorted(arc, at, side="right") - 1, 0, len(arc) - 2)
    before = np.clip(np.searchsorted(arc, at, side="left") - 1, 0, len(arc) - 2)
    starts, stops = _between(points, arc, behind, at), _between(points, arc, before, at)
    return [
        np.concatenate([starts[k : k + 1], points[(arc > at[k]) & (arc < at[k + 1])], stops[k + 1 : k + 2]])
        for k in range(len(at) - 1)
    ]


def _between(points: Floats, arc: Floats, step: Ints, at: Floats) -> Floats:
    """Points at arc lengths ``at`` that lie in the steps of those numbers."""
    length = arc[step + 1] - arc[step]
    share = np.where(length > 0, (at - arc[step]) / np.where(length > 0, length, 1.0), 0.0)[:, None]
    return points[step] * (1.0 - share) + points[step + 1] * share


def start(section: Section) -> Floats:
    """x, y, z of the end that is attached to the parent, or of end 0 of a root, (3,)."""
    return section.place[-1 if section.orientation else 0, :3]


def centres(model: Model, nodes: Ints) -> Floats:
    """x, y, z, diam in the middle of compartments, (k, 4); NaN where a section has no coordinates."""
    found = np.full((len(nodes), 4), np.nan)
    sections = model.nodes.section[nodes]
    for index in np.unique(sections):
        section = model.sections[index]
        if len(section.place) >= 2:
            members = np.flatnonzero(sections == index)
            found[members] = at_shares(section.place, model.nodes.x[nodes[members]])
    return found


def at_shares(points: Floats, shares: Floats) -> Floats:
    """Points at shares 0..1 of a line's length, (k, 4)."""
    steps = np.sqrt((np.diff(points[:, :3], axis=0) ** 2).sum(axis=1))
    arc = np.concatenate([[0.0], np.cumsum(steps)])
    at = np.asarray(shares) * arc[-1]
    return _between(points, arc, np.clip(np.searchsorted(arc, at, side="right") - 1, 0, len(arc) - 2), at)
