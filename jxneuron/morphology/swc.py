"""The points of an SWC file -> sections, as NEURON's Import3d cuts them.

In: ``SwcPoints``. Out: a Morphology. Laws: ``check_pid``, ``mark_branch``, ``neuromorph_3point_soma``, ``sectionify``
and ``mksection`` in read_swc.hoc. What Import3d refuses is put right where only one meaning is left, and noted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.model.model import Ints, Note
from jxneuron.morphology.pieces import EPSILON, Piece, settle
from jxneuron.morphology.swc_text import SwcPoints, read_points
from jxneuron.morphology.tree import ASSUMED, Morphology, Precision, bounded

SOMA = 1
# A child that does not follow its parent at once, and one of another type, end the parent's section
APART = 0.01
# By how much the length of a three-point soma may differ from its diameter
SPHERE = 0.01


def swc(path: str | Path, *, precision: Precision = "neuron") -> Morphology:
    """Read an SWC file.

    Args:
        path: the file.
        precision: how points are kept: as NEURON has them, or as the file says (``float64``).

    Raises:
        ModelError: with file and line, where the file means nothing.
    """
    file = Path(path)
    points, notes = read_points(file, single=precision != "float64")
    ordered, above, more = in_order(file, points)
    pieces: list[Piece] = []
    for members in _trees(file, ordered, above, more):
        pieces += _Tree(ordered.rows(members), _local(above, members)).pieces()
    if SOMA not in points.type:
        more.append(Note(ASSUMED, file.name, "no point of the soma (type 1)", "read without a soma, as NEURON does"))
    return settle(pieces, file, [*notes, *bounded(more, file.name)], precision)


def in_order(file: Path, points: SwcPoints) -> tuple[SwcPoints, Ints, list[Note]]:
    """Points with every parent before its children, and for each the index of its parent, -1 without.

    Raises:
        ModelError: a loop, or a parent that no line has.
    """
    notes = []
    order = np.argsort(points.number, kind="stable")
    if (np.diff(order) < 0).any():
        points = points.rows(order)
    above = _above(file, points)
    late = np.flatnonzero(above >= np.arange(len(above)))
    if len(late):
        order = _depth_first(file, points, above)
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        above = np.where(above[order] < 0, -1, place[above[order]])
        found = f"point {points.number[late[0]]} has a smaller number than its parent {points.parent[late[0]]}"
        points, where = points.rows(order), points.line[late[0]]
    elif len(unsorted := np.flatnonzero(np.diff(points.line) < 0)):
        where, found = points.line[unsorted[0]], f"point {points.number[unsorted[0]]} stands behind a later one"
    else:
        return points, above, notes
    done = "read with every parent before its children; NEURON refuses such a file"
    return points, above, [Note(ASSUMED, f"{file.name}:{where}", found, done)]


def _above(file: Path, points: SwcPoints) -> Ints:
    at = np.searchsorted(points.number, points.parent)
    known = points.number[np.minimum(at, len(at) - 1)] == points.parent
    missing = np.flatnonzero(~known & (points.parent > points.number[-1]))
    if len(missing):
        row = missing[0]
        raise ModelError(
            f"{file}:{points.line[row]}: the parent {points.parent[row]} of point {points.number[row]} does not exist"
        )
    own = np.flatnonzero(points.parent == points.number)
    if len(own):
        raise ModelError(f"{file}:{points.line[own[0]]}: point {points.number[own[0]]} is its own parent")
    return np.where(known & (points.parent >= 0), at, -1)


def _depth_first(file: Path, points: SwcPoints, above: Ints) -> Ints:
    """An order in which a point follows its parent at once where it can, children in the order of the file.

    Raises:
        ModelError: points that lead to no root.
    """
    children: list[list[int]] = [[] for _ in above]
    for index in np.argsort(points.line)[::-1].tolist():
        if above[index] >= 0:
            children[above[index]].append(index)
    waiting = sorted(np.flatnonzero(above < 0).tolist(), key=lambda index: -points.line[index])
    order: list[int] = []
    while waiting:
        index = waiting.pop()
        order.append(index)
        waiting.extend(children[index])
    if len(order) < len(above):
        lost = np.setdiff1d(np.arange(len(above)), order)
        first = lost[np.argmin(points.line[lost])]
        raise ModelError(f"{file}:{points.line[first]}: point {points.number[first]} and its parents form a loop")
    return np.array(order, np.int64)


def _trees(file: Path, points: SwcPoints, above: Ints, notes: list[Note]) -> list[Ints]:
    """The points of each tree. Trees that NEURON attaches to the soma stay with the first one; adds to the notes."""
    roots = np.flatnonzero(above < 0)
    if len(roots) == 1:
        return [np.arange(len(above))]
    tree = np.empty(len(above), np.int64)
    for index, parent in enumerate(above.tolist()):
        tree[index] = index if parent < 0 else tree[parent]
    apart = [int(roots[0])]
    for root in roots[1:].tolist():
        attached = points.type[roots[0]] == SOMA and points.type[root] != SOMA
        notes.append(_second_root(file, points, root, attached))
        if attached:
            tree[tree == root] = roots[0]
        else:
            apart.append(root)
    return [np.flatnonzero(tree == root) for root in apart]


def _second_root(file: Path, points: SwcPoints, root: int, attached: bool) -> Note:
    parent = points.parent[root]
    found = f"point {points.number[root]} " + (
        "starts another tree" if parent < 0 else f"continues point {parent}, which does not exist"
    )
    done = "attached to the middle of the soma, as NEURON does" if attached else "read as a tree of its own"
    return Note(ASSUMED, f"{file.name}:{points.line[root]}", found, done)


def _local(above: Ints, members: Ints) -> list[int]:
    place = np.full(len(above) + 1, -1, np.int64)
    place[members] = np.arange(len(members))
    return place[above[members]].tolist()


@dataclass(frozen=True, eq=False)
class _Marks:
    """What decides where sections end, one entry per point.

    Attributes:
        children: how many points continue it, with small additions for those that end its section.
        soma_children: how many soma points continue a soma point.
        proximal: it hangs on the near end of its parent's section.
        sphere: the soma is one point, drawn by two more.
    """

    children: list[float]
    soma_children: list[int]
    proximal: list[bool]
    sphere: bool


class _Tree:
    """The sections of one tree; used once."""

    def __init__(self, points: SwcPoints, above: list[int]) -> None:
        self.points, self.above = points, above
        self.type: list[int] = points.type.tolist()
        self.marks = _marked(self.type, above, points)

    def pieces(self) -> list[Piece]:
        """Import3d's sections in its order."""
        ends = np.flatnonzero(np.array(self.marks.children) != 1)
        owner = np.searchsorted(ends, np.arange(len(self.type))).tolist()
        stops = (ends + 1).tolist()
        starts = [0, *stops[:-1]]
        pieces: list[Piece] = []
        for first, stop in zip(starts, stops, strict=True):
            pieces.append(self._piece(first, stop, pieces, starts, owner))
        return pieces

    def _piece(self, first: int, stop: int, pieces: Sequence[Piece], starts: Sequence[int], owner: list[int]) -> Piece:
        line = int(self.points.line[first])
        if not pieces:
            return Piece(self.type[0], self.points.xyzd[: 1 if self.marks.sphere else stop].copy(), line)
        at = self.above[first]
        number = owner[at] if at >= 0 else 0
        above = pieces[number]
        rows = np.concatenate([self.points.xyzd[max(at, 0)][None], self.points.xyzd[first:stop]])
        parent_x, wire = self._connection(first, stop - first, at, above, starts[number])
        if above.type == SOMA and self.type[first] != SOMA:
            rows[0, 3] = rows[1, 3]
        if self.marks.proximal[first]:
            parent_x = 0.0
        return Piece(self.type[first], rows, line, above, parent_x, wire)

    def _connection(self, first: int, count: int, at: int, above: Piece, start: int) -> tuple[float, bool]:
        """Where on its parent a section hangs, and whether by a wire."""
        if at < 0:
            return 0.5, count > 1
        leaves_soma = above.type == SOMA and self.type[first] != SOMA
        shared = self.marks.soma_children[at] > 1
        if start == 0 and leaves_soma and len(above.points) == 1:
            return 0.5, count > 1
        if start == 0 and at == 0:
            return 0.0, self.type[first] != SOMA and shared
        if above.type != SOMA:
            return 1.0, False
        last = start + len(above.points) + (-1 if start == 0 else -2)
        if at < last:
            return 0.5, leaves_soma and count > 1
        return 1.0, count > 1 and shared and self.type[first] != SOMA


def _marked(type: list[int], above: list[int], points: SwcPoints) -> _Marks:
    children, proximal = _counted(type, above)
    soma_children = [0] * len(type)
    for index, parent in enumerate(above):
        if parent >= 0 and type[index] == SOMA and type[parent] == SOMA:
            soma_children[parent] += 1
    sphere = type.count(SOMA) == 3 and _drawn_sphere(children, above, points)
    follows = [*above]
    if sphere:
        follows[2] = 1
    for index in range(len(type) - 1):
        both_soma = type[index] == SOMA and type[index + 1] == SOMA
        if both_soma and follows[index + 1] == index and not (index != 0 and soma_children[index] > 1):
            children[index] = 1
    return _Marks(children, soma_children, proximal, sphere)


def _counted(type: list[int], above: list[int]) -> tuple[list[float], list[bool]]:
    """``mark_branch``: children of each point, and which points hang on the near end of a section."""
    children, proximal = [0.0] * len(type), [False] * len(type)
    for index, parent in enumerate(above):
        if parent < 0:
            continue
        children[parent] += 1
        if parent != index - 1:
            children[parent] += APART
            first_after_soma = parent > 1 and type[max(above[parent], 0)] == SOMA
            if type[parent] != SOMA and (parent == 0 or first_after_soma):
                proximal[index] = True
                children[parent] = 1
        if type[parent] != type[index]:
            children[parent] += APART
    return children, proximal


def _drawn_sphere(children: list[float], above: list[int], points: SwcPoints) -> bool:
    """Three soma points that stand for a sphere: two ends at one diameter's distance, with nothing on them."""
    if len(above) < 3 or above[1] != 0 or above[2] != 0 or children[1] or children[2]:
        return False
    rows = points.xyzd[:3].tolist()
    diam = rows[0][3]
    if abs(rows[1][3] - diam) > EPSILON or abs(rows[2][3] - diam) > EPSILON or diam == 0:
        return False
    length = sum(math.dist(rows[0][:3], row[:3]) for row in rows[1:])
    return abs(length / diam - 1) < SPHERE - EPSILON
