"""A Neurolucida file -> sections, as NEURON's Import3d attaches its trees to somas.

In: a path. Out: a Morphology. Laws: ``connect2soma``, ``soma_contour_stack`` and ``connect2soma_2`` in read_nlcda3.hoc.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jxneuron.model.model import Floats, Note
from jxneuron.morphology.asc_objects import Objects
from jxneuron.morphology.asc_text import Tokens
from jxneuron.morphology.contour import EPSILON, spread, stack_centre
from jxneuron.morphology.pieces import Piece, settle
from jxneuron.morphology.swc_text import odd_radii
from jxneuron.morphology.tree import ASSUMED, Morphology, Precision, bounded

# By how much the box around a soma of one outline is widened, um; a tree that starts inside belongs to the soma
MARGIN = 0.5
# Diameter of the point in the soma from which a connection is drawn, um
CENTRE_DIAM = 0.01


def asc(path: str | Path, *, precision: Precision = "neuron") -> Morphology:
    """Read a Neurolucida file (V3 text).

    Args:
        path: the file.
        precision: how points are kept: as NEURON has them, or as the file says (``float64``).

    Raises:
        ModelError: with file and line, where the file means nothing.
    """
    objects = Objects(Tokens(Path(path)))
    objects.read()
    if not objects.pieces:
        found = "".join(f"; {note.place}: {note.found}" for note in objects.notes[:1])
        raise objects.tokens.error(f"there is no tree and no soma in this file{found}")
    outlines = [piece for piece in objects.pieces if piece.outline]
    branches = [piece for piece in objects.pieces if not piece.outline]
    somas = stacked(outlines)
    name = Path(path).name
    notes = [
        *objects.notes,
        *_odd_diameters(branches, name),
        *_attach(somas, [each for each in branches if each.parent is None], name),
    ]
    return settle([*somas, *branches], objects.tokens.path, bounded(notes, name), precision)


def _odd_diameters(branches: list[Piece], name: str) -> list[Note]:
    rows = np.concatenate([np.zeros((0, 4)), *(piece.points for piece in branches)])
    lines = np.repeat([piece.line for piece in branches], [len(piece.points) for piece in branches])
    return odd_radii(rows[:, 3], lines, name)


def stacked(outlines: list[Piece]) -> list[Piece]:
    """Outlines that overlap the one before are slices of one soma; returns the first of each soma."""
    somas: list[Piece] = []
    last: Floats | None = None
    for piece in outlines:
        box = _box(piece.points)
        if last is not None and (box[0] <= last[1] + EPSILON).all() and (last[0] <= box[1] + EPSILON).all():
            somas[-1].stack.append(piece)
        else:
            somas.append(piece)
        last = box
    return somas


def _box(points: Floats) -> Floats:
    """Least and greatest x and y, (2, 2)."""
    return np.stack([points[:, :2].min(axis=0), points[:, :2].max(axis=0)])


def _attach(somas: list[Piece], roots: list[Piece], name: str) -> list[Note]:
    """Give every tree a soma: the first in whose box it starts, or else the nearest."""
    if not somas:
        return [_note(name, 0, f"no outline of a soma; trees: {len(roots)}", "each stands by itself, as NEURON has it")]
    slices = [f"a soma of {len(soma.stack) + 1} outlines" for soma in somas if soma.stack]
    notes = [_note(name, 0, found, "read as one soma, a circle each") for found in slices]
    centres = [_centre(soma) for soma in somas]
    free = list(roots)
    for soma, centre in zip(somas, centres, strict=True):
        low, high = _reach(soma)
        for root in free:
            start = root.points[0, :2].astype(np.float32)
            if (low <= start).all() and (start <= high).all():
                _wire(root, soma, centre)
        free = [root for root in free if root.parent is None]
    for root in free:
        nearest = _nearest(root.points[0, :3], centres)
        _wire(root, somas[nearest], centres[nearest])
        found = "a tree starts outside of every soma"
        notes.append(_note(name, root.line, found, "attached to the middle of the nearest one, as NEURON does"))
    return notes


def _centre(soma: Piece) -> Floats:
    if soma.stack:
        return stack_centre([soma.points, *(each.points for each in soma.stack)])
    return spread(soma.points)[1]


def _reach(soma: Piece) -> NDArray[np.float32]:
    """The box in which trees belong to a soma, (2, 2): float32, in which NEURON's ``GUIMath.inside`` compares."""
    boxes = np.stack([_box(each.points) for each in (soma, *soma.stack)])
    box = np.stack([boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)])
    return (box if soma.stack else box + np.array([[-MARGIN], [MARGIN]])).astype(np.float32)


def _nearest(point: Floats, centres: list[Floats]) -> int:
    best, least = 0, np.inf
    for index, centre in enumerate(centres):
        distance = float(np.sqrt(((point - centre) ** 2).sum()))
        if distance < least - EPSILON:
            best, least = index, distance
    return best


def _wire(root: Piece, soma: Piece, centre: Floats) -> None:
    root.points = np.concatenate([[[*centre, CENTRE_DIAM]], root.points])
    root.parent, root.parent_x, root.wire = soma, 0.5, True


def _note(name: str, line: int, found: str, done: str) -> Note:
    return Note(ASSUMED, f"{name}:{line}" if line else name, found, done)
