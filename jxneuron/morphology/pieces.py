"""What a reader found, before NEURON's last touches -> a Morphology.

In: ``Piece``s in the order in which Import3d lists its sections. Out: named sections with the points that NEURON keeps.
Laws: ``chk_valid``, ``set_nameindex``, ``sphere_rep`` and ``instantiate`` in import3d_gui.hoc.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from jxneuron.model.model import Floats, Note
from jxneuron.morphology.contour import contour_axis, stack_axis
from jxneuron.morphology.tree import (
    CLEANED,
    Morphology,
    Precision,
    Trace,
    bounded,
    kept_numbers,
    row_starts,
    stem_of,
)

# hoc calls numbers equal that are no farther apart (float_epsilon)
EPSILON = 1e-11


@dataclass(eq=False)
class Piece:
    """One section as the file has it.

    Attributes:
        type: 1 soma, 2 axon, 3 dendrite, 4 apical dendrite, any other number.
        points: (m, 4) um: x, y, z, diameter; with ``wire`` the first one is where the connection starts.
        line: of the file, where its own points start.
        parent: the section that it continues.
        parent_x: where, 0..1.
        wire: the way from the first to the second point is a connection without extent.
        outline: the points are the outline of a soma.
        stack: further outlines of the same soma.
    """

    type: int
    points: Floats
    line: int
    parent: Piece | None = None
    parent_x: float = 1.0
    wire: bool = False
    outline: bool = False
    stack: list[Piece] = field(default_factory=list)

    @property
    def own(self) -> Floats:
        """The points without that of the connection."""
        return self.points[1:] if self.wire else self.points


def settle(pieces: Sequence[Piece], file: Path, notes: Sequence[Note], precision: Precision) -> Morphology:
    """Sections as NEURON has them after Import3d.

    Args:
        pieces: in the order of Import3d's list, parents before their children.
        file: where they come from.
        notes: what is known already.
        precision: how numbers are kept.

    Raises:
        ModelError: the outline of a soma has no extent.
    """
    kept, removed = without_empty(list(pieces), file.name)
    names, order = _names(kept)
    place = {id(kept[old]): new for new, old in enumerate(order)}
    bodies = [_body(kept[old], file) for old in order]
    wires = [kept[old].points[0] if kept[old].wire else None for old in order]
    starts = row_starts([len(body) for body in bodies]).tolist()
    rows = kept_numbers(np.concatenate(bodies), precision)
    rows.setflags(write=False)
    traces = []
    for new, old in enumerate(order):
        piece, wire = kept[old], wires[new]
        traces.append(
            Trace(
                name=names[old],
                type=piece.type,
                points=rows[starts[new] : starts[new + 1]],
                parent=-1 if piece.parent is None else place[id(piece.parent)],
                parent_x=piece.parent_x if piece.parent is not None else 0.0,
                wire=None if wire is None else (float(wire[0]), float(wire[1]), float(wire[2])),
                rank=old,
            )
        )
    return Morphology(tuple(traces), (*notes, *removed), file.name, precision)


def without_empty(pieces: list[Piece], file: str) -> tuple[list[Piece], list[Note]]:
    """Sections of one point, or of two at one place, go; their children move up (``chk_valid``)."""
    children: dict[int, list[Piece]] = {id(piece): [] for piece in pieces}
    for piece in pieces:
        if piece.parent is not None:
            children[id(piece.parent)].append(piece)
    gone: set[int] = set()
    notes = []
    for piece in reversed(pieces):
        if piece.parent is None or (why := _emptiness(piece)) is None:
            continue
        gone.add(id(piece))
        moved = children[id(piece)]
        for child in moved:
            child.parent, child.parent_x = piece.parent, piece.parent_x
        children[id(piece.parent)].remove(piece)
        children[id(piece.parent)].extend(moved)
        done = "removed, as NEURON does" + (f"; children that move up: {len(moved)}" if moved else "")
        notes.append(Note(CLEANED, f"{file}:{piece.line}", why, done))
    return [piece for piece in pieces if id(piece) not in gone], bounded(notes[::-1], file)


def _emptiness(piece: Piece) -> str | None:
    own = piece.own
    if len(own) <= 1:
        return "a section of one point"
    if len(own) == 2 and (np.abs(own[0, :3] - own[1, :3]) <= EPSILON).all():
        return "a section of two points at one place"
    return None


def _names(pieces: Sequence[Piece]) -> tuple[list[str], list[int]]:
    """NEURON's names, and NEURON's order: by type, within a type as listed."""
    counts: dict[int, int] = {}
    names = []
    for piece in pieces:
        number = counts.get(piece.type, 0)
        counts[piece.type] = number + 1
        names.append(f"{stem_of(piece.type)}[{number}]")
    return names, sorted(range(len(pieces)), key=lambda index: pieces[index].type)


def _body(piece: Piece, file: Path) -> Floats:
    """The points that NEURON gets: an outline becomes its axis, a single point a cylinder as long as it is wide."""
    own = piece.own
    if piece.outline:
        where = f"{file}:{piece.line}"
        own = stack_axis([own, *(each.own for each in piece.stack)]) if piece.stack else contour_axis(own, where)
    if len(own) == 1:
        reach = own[0, 3] / 2
        own = np.repeat(own, 3, axis=0)
        own[:, 0] += [-reach, 0.0, reach]
    return own
