"""A layout in the plane for cells that were built without coordinates, and places for the cells of a network.

In: a Model and the sections of trees. Out: points of each section. A branch and everything that hangs on it stays
inside a sector of its own (the equal-angle layout of Felsenstein, Inferring Phylogenies, chapter 34), so that no two
branches cross, however long they are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.model.model import Floats, Model

# Half of the sector around a root with one or two branches at its end, with more, and at most of any other branch
ROOT_FEW, ROOT_MANY, WIDEST = math.pi / 2, 0.9 * math.pi, math.pi / 3
# um between the outlines of neighbouring cells, at least
GAP = 50.0


@dataclass
class _Sector:
    """Where a branch starts, where it heads (radians) and how far to each side its children may spread."""

    origin: Floats
    heading: float
    half: float


@dataclass
class _Tree:
    """Sections of one tree by number: children, where they hang (0 at the parent's near end, 1 at its far end)."""

    order: list[int]
    children: dict[int, list[int]] = field(default_factory=dict)
    along: dict[int, float] = field(default_factory=dict)
    leaves: dict[int, int] = field(default_factory=dict)


def tree_of(model: Model, members: Sequence[int]) -> dict[int, Floats]:
    """Points of every section of one tree, (m, 4) x, y, z, diam in um, from the origin along x.

    Args:
        model: what they belong to.
        members: all sections of the tree.
    """
    tree = _tree(model, members)
    sectors = {tree.order[0]: _Sector(np.zeros(2), 0.0, _root_half(tree))}
    found = {}
    for index in tree.order:
        sector = sectors[index]
        step = model.sections[index].L * np.array([math.cos(sector.heading), math.sin(sector.heading)])
        for child, low, high in _shares(tree, index, sector.half):
            middle, half = sector.heading + (low + high) / 2, min((high - low) / 2, WIDEST)
            sectors[child] = _Sector(sector.origin + tree.along[child] * step, middle, half)
        found[index] = _points(model, index, sector.origin, sector.origin + step)
    return found


def _tree(model: Model, members: Sequence[int]) -> _Tree:
    inside = set(members)
    children: dict[int, list[int]] = {index: [] for index in members}
    roots = []
    for index in members:
        parent = model.sections[index].parent
        (children[parent] if parent in inside else roots).append(index)
    order = list(roots)
    for index in order:
        order.extend(children[index])
    tree = _Tree(order, children)
    for index in order:
        section = model.sections[index]
        if section.parent in inside:
            reverse = model.sections[section.parent].orientation
            tree.along[index] = 1.0 - section.parent_x if reverse else section.parent_x
    for index in reversed(order):
        tree.leaves[index] = sum(tree.leaves[child] for child in children[index]) or 1
    return tree


def _root_half(tree: _Tree) -> float:
    return ROOT_FEW if len(tree.children[tree.order[0]]) < 3 else ROOT_MANY


def _shares(tree: _Tree, index: int, half: float) -> list[tuple[int, float, float]]:
    """Each child with its sector, lowest and highest angle from the parent's heading.

    Children at the far end share the middle; the others leave on both sides, the nearer to the parent's start the
    further out, so that their sectors cannot meet.
    """
    middle = [child for child in tree.children[index] if tree.along[child] == 1.0]
    beside = sorted((child for child in tree.children[index] if tree.along[child] < 1.0), key=tree.along.__getitem__)
    sides: tuple[list[int], list[int]] = ([], [])
    weights = [0, 0]
    for child in beside:
        side = int(weights[1] < weights[0])
        sides[side].append(child)
        weights[side] += tree.leaves[child]
    core = sum(tree.leaves[child] for child in middle) or (1 if beside else 0)
    unit = half / (core / 2 + max(weights)) if core or beside else 0.0
    found = _row(tree, middle, -unit * core / 2, unit)
    for side, sign in zip(sides, (1.0, -1.0), strict=True):
        for child, low, high in _row(tree, side[::-1], unit * core / 2, unit):
            found.append((child, min(sign * low, sign * high), max(sign * low, sign * high)))
    return found


def _row(tree: _Tree, children: Sequence[int], start: float, unit: float) -> list[tuple[int, float, float]]:
    """Sectors one after another, as wide as each child has leaves."""
    found = []
    for child in children:
        stop = start + unit * tree.leaves[child]
        found.append((child, start, stop))
        start = stop
    return found


def _points(model: Model, index: int, start: Floats, stop: Floats) -> Floats:
    """A straight line from the attached end, as wide as each compartment: two points where the diameter steps."""
    section = model.sections[index]
    at = np.asarray(section.centres)
    length, diam = model.nodes.length[at], model.nodes.diam[at]
    near, far = (stop, start) if section.orientation else (start, stop)
    change = np.flatnonzero(np.diff(diam))
    shares = np.concatenate([[0.0], np.repeat(np.cumsum(length)[change] / length.sum(), 2), [1.0]])
    wide = np.concatenate([diam[:1], np.column_stack([diam[change], diam[change + 1]]).ravel(), diam[-1:]])
    plane = near + shares[:, None] * (far - near)
    return np.column_stack([plane, np.zeros(len(plane)), wide])


def side_by_side(cells: Sequence[dict[int, Floats]]) -> dict[int, Floats]:
    """Several cells on a grid, rows from the top, so that their outlines do not touch; the first stays where it is."""
    boxes = [_box(cell) for cell in cells]
    size = np.max([high - low for low, high in boxes], axis=0) + GAP
    columns = math.ceil(math.sqrt(len(cells)))
    found = {}
    for k, (cell, (low, _)) in enumerate(zip(cells, boxes, strict=True)):
        place = boxes[0][0] + size * [k % columns, -(k // columns)]
        shift = np.array([*(place - low), 0.0, 0.0])
        found |= {index: points + shift for index, points in cell.items()}
    return found


def _box(cell: dict[int, Floats]) -> tuple[Floats, Floats]:
    """Lowest and highest x, y of a cell with its thickness."""
    points = np.concatenate(list(cell.values()))
    reach = np.abs(points[:, 3:]) / 2
    return (points[:, :2] - reach).min(axis=0), (points[:, :2] + reach).max(axis=0)


def in_layers(layers: Sequence[int], cells: int, within: float, between: float, vertical: bool) -> Floats:
    """x, y, z of each cell of a network in layers, (cells, 3) um.

    Args:
        layers: how many cells each layer has.
        cells: how many there are.
        within: um between cells of a layer.
        between: um between layers.
        vertical: layers lie one below another, the first on top; else one beside another, the first on the left.

    Raises:
        ModelError: the layers do not hold exactly these cells.
    """
    counts = np.asarray(layers)
    if counts.ndim != 1 or not len(counts) or not np.issubdtype(counts.dtype, np.integer) or (counts < 0).any():
        raise ModelError(f"layers = {layers!r}: a list is needed, for each layer how many cells it has")
    if counts.sum() != cells:
        raise ModelError(f"layers = {list(layers)} hold {counts.sum()} cells, the module has {cells}")
    layer = np.repeat(np.arange(len(counts)), counts)
    place = np.concatenate([np.arange(count) - (count - 1) / 2 for count in counts]) * within
    across, along = (place, (len(counts) - 1 - layer) * between) if vertical else (layer * between, place)
    return np.column_stack([across, along, np.zeros(cells)]).astype(np.float64)
