"""Where the compartments of a module are drawn.

In: a Model and nodes. Out: stretches and points in um, each with the row that it belongs to. The Model stays as it is:
what has no coordinates is laid out for the picture only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jxneuron.model.model import Floats, Ints, Model
from jxneuron.modules import coordinates, layout


@dataclass(frozen=True, eq=False)
class Shape:
    """Compartments as lines of points.

    Attributes:
        lines: for each compartment its stretch of the section, (k, 4) x, y, z, diam in um, k >= 2.
        points: (p, 4) traced points, and the centres of compartments that hold none.
        row: (p,) the compartment of each point.
    """

    lines: Sequence[Floats]
    points: Floats
    row: Ints

    def steps(self) -> tuple[Floats, Ints]:
        """Ends of all straight stretches, (n, 2, 4), and the compartment of each; steps of the diameter are none."""
        ends = np.concatenate([np.stack([line[:-1], line[1:]], axis=1) for line in self.lines])
        row = np.repeat(np.arange(len(self.lines)), [len(line) - 1 for line in self.lines])
        long = (ends[:, 0, :3] != ends[:, 1, :3]).any(axis=1)
        return ends[long], row[long]


def placed(model: Model, trees: Sequence[Sequence[int]]) -> Model:
    """The Model with coordinates everywhere: cells that lack some are laid out, beside those that have them.

    Args:
        model: what to draw.
        trees: the sections of each of its cells.
    """
    lacking = [members for members in trees if any(len(model.sections[index].place) < 2 for index in members)]
    if not lacking:
        return model
    laid = layout.side_by_side([layout.tree_of(model, members) for members in lacking])
    missing = {index for members in lacking for index in members}
    held = [section.place for index, section in enumerate(model.sections) if index not in missing]
    if held:
        start = np.concatenate(list(laid.values()))[:, 0].min() - layout.GAP
        shift = np.array([np.concatenate(held)[:, 0].max() - start, 0.0, 0.0, 0.0])
        laid = {index: points + shift for index, points in laid.items()}
    return coordinates.with_places(model, laid)


def shape_of(model: Model, nodes: Ints) -> Shape:
    """The compartments at those nodes, in their order.

    Args:
        model: with coordinates everywhere.
        nodes: (k,) no zero-area nodes.
    """
    lines: list[Floats] = [np.zeros((0, 4))] * len(nodes)
    points, rows = [], []
    row_of = {int(node): row for row, node in enumerate(nodes)}
    for index in np.unique(model.nodes.section[nodes]).tolist():
        section = model.sections[index]
        pieces = coordinates.pieces(model, index)
        held = _holders(section.place, pieces)
        for number, (node, piece) in enumerate(zip(section.centres, pieces, strict=True)):
            row = row_of.get(int(node))
            if row is None:
                continue
            lines[row] = piece
            own = section.place[held == number]
            found = own if len(own) else coordinates.at_shares(piece, np.array([0.5]))
            points.append(found)
            rows.append(np.full(len(found), row))
    return Shape(lines, np.concatenate(points), np.concatenate(rows))


def _holders(points: Floats, pieces: Sequence[Floats]) -> Ints:
    """The piece that holds each traced point; a point on a border belongs to the piece that it begins."""
    arc = _arc(points)
    borders = np.cumsum([_arc(piece)[-1] for piece in pieces])[:-1]
    return np.searchsorted(borders, arc * (1.0 + coordinates.SAME), side="right")


def _arc(points: Floats) -> Floats:
    steps = np.sqrt((np.diff(points[:, :3], axis=0) ** 2).sum(axis=1))
    return np.concatenate([[0.0], np.cumsum(steps)])
