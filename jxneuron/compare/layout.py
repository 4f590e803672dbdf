"""Where the sections of a model go on paper.

In: a Model. Out: `Layout`, lines in um: a projection of the 3-d points, or a scheme where there are none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jxneuron.model.model import Model, Section

Floats = NDArray[np.float64]
THINNEST, THICKEST = 1.0, 14.0  # points
PAPER = 430.0  # points, about the height of the picture


@dataclass(frozen=True, eq=False)
class Layout:
    """Lines to draw.

    Attributes:
        lines: (section index, (m, 2) points, line width in points).
        connectors: (2, 2) points each, between a section and its parent.
        paths: (m, 2) points by section, from its x = 0 to its x = 1.
        is_scheme: drawn without 3-d points: distance from the root upwards, branches side by side.
    """

    lines: tuple[tuple[int, Floats, float], ...]
    connectors: tuple[Floats, ...]
    paths: tuple[Floats, ...]
    is_scheme: bool

    @property
    def width(self) -> float:
        """How far apart the leftmost and the rightmost point are."""
        return float(np.ptp(np.concatenate(self.paths)[:, 0]))

    def position(self, section: int, x: float) -> tuple[float, float]:
        """The place of a section's x (0..1) on paper."""
        path = self.paths[section]
        arc = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
        at = x * arc[-1]
        return float(np.interp(at, arc, path[:, 0])), float(np.interp(at, arc, path[:, 1]))


def lay_out(model: Model) -> Layout:
    """A projection when most sections have 3-d points (stubs without them are put in), else a scheme."""
    with_points = sum(len(section.points) >= 2 for section in model.sections)
    return _projection(model) if 2 * with_points > len(model.sections) else _scheme(model)


def _projection(model: Model) -> Layout:
    points = _points(model)
    spans = np.ptp(np.concatenate(points)[:, :3], axis=0)
    across, up = sorted(np.argsort(spans)[1:])
    scale = PAPER / max(float(spans[up]), float(spans[across]), 1e-9)
    paths = tuple(p[:, [across, up]] for p in points)
    lines = []
    for i, (path, p) in enumerate(zip(paths, points, strict=True)):
        widths = (p[1:, 3] + p[:-1, 3]) / 2
        lines += [(i, path[k : k + 2], _width(float(widths[k]) * scale)) for k in range(len(widths))]
    return Layout(tuple(lines), (), paths, False)


def _points(model: Model) -> list[Floats]:
    """3-d points (m, 4) by section; a stub without them goes straight from its parent, away from the rest."""
    sections = model.sections
    points = [np.asarray(section.points, float) for section in sections]
    middle = np.concatenate([p for p in points if len(p) >= 2])[:, :3].mean(axis=0)
    roots, children = _family(sections)
    for i in _depth_first(roots, children):
        if len(points[i]) < 2:
            section = sections[i]
            start = middle if section.parent < 0 else _along(points[section.parent], section.parent_x)
            away = start - middle
            unit = away / np.linalg.norm(away) if away.any() else np.array([0.0, -1.0, 0.0])
            ends = np.stack([start, start + section.L * unit])
            path = np.column_stack([ends, np.full(2, _mean_diam(model, i))])
            points[i] = path[::-1] if section.orientation else path
    return points


def _along(points: Floats, x: float) -> Floats:
    """The place (3,) at x = 0..1 of a path of 3-d points."""
    arc = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points[:, :3], axis=0), axis=1))])
    return np.array([np.interp(x * arc[-1], arc, points[:, k]) for k in range(3)])


def _family(sections: Sequence[Section]) -> tuple[list[int], list[list[int]]]:
    """Roots, and each section's children."""
    children: list[list[int]] = [[] for _ in sections]
    for i, section in enumerate(sections):
        if section.parent >= 0:
            children[section.parent].append(i)
    return [i for i, section in enumerate(sections) if section.parent < 0], children


def _scheme(model: Model) -> Layout:
    """Each section a vertical line as long as the section, leaves side by side, children above their parents."""
    sections = model.sections
    roots, children = _family(sections)
    order = _depth_first(roots, children)
    start = np.zeros(len(sections))
    for i in order:
        if sections[i].parent >= 0:
            parent = sections[sections[i].parent]
            start[i] = start[sections[i].parent] + _from_root(sections[i], parent) * parent.L
    column = _columns(sections, order, children)
    height = max(float(np.max(start + [section.L for section in sections])), 1e-9)
    column *= height / max(float(np.max(column)), 1.0) if len(sections) > 1 else 1.0
    paths = tuple(_upright(column[i], start[i], section.L, section.orientation) for i, section in enumerate(sections))
    lines = tuple((i, path, _width(_mean_diam(model, i) * PAPER / height)) for i, path in enumerate(paths))
    connectors = tuple(
        np.array([[column[section.parent], start[i]], [column[i], start[i]]])
        for i, section in enumerate(sections)
        if section.parent >= 0
    )
    return Layout(lines, connectors, paths, True)


def _depth_first(roots: Sequence[int], children: Sequence[Sequence[int]]) -> list[int]:
    order, todo = [], list(reversed(roots))
    while todo:
        i = todo.pop()
        order.append(i)
        todo.extend(reversed(children[i]))
    return order


def _from_root(child: Section, parent: Section) -> float:
    """Where the child sits on its parent, 0..1 from the parent's end nearest the root."""
    return 1 - child.parent_x if parent.orientation else child.parent_x


def _columns(sections: Sequence[Section], order: Sequence[int], children: Sequence[Sequence[int]]) -> Floats:
    """Put a section in the middle of the children at its far end; without any, in a column of its own.

    A root without any is put in the middle of all its children.
    """
    column, free = np.zeros(len(order)), 0
    ends = [[c for c in children[i] if _from_root(sections[c], sections[i]) == 1] for i in range(len(order))]
    for i, section in enumerate(sections):
        if section.parent < 0 and not ends[i]:
            ends[i] = list(children[i])
    for i in order:
        if not ends[i]:
            column[i], free = free, free + 1
    for i in reversed(order):
        if ends[i]:
            column[i] = np.mean([column[child] for child in ends[i]])
    return column


def _upright(column: float, start: float, length: float, orientation: int) -> Floats:
    path = np.array([[column, start], [column, start + length]])
    return path[::-1] if orientation else path


def _mean_diam(model: Model, i: int) -> float:
    return float(np.mean(model.nodes.diam[list(model.sections[i].centres)]))


def _width(points: float) -> float:
    return float(np.clip(points, THINNEST, THICKEST))
