"""The tokens of a Neurolucida file -> outlines of somas, and trees as pieces that are not yet attached to them.

In: ``Tokens``. Out: pieces and notes. The grammar is that of NEURON's Import3d (``p_file`` and below in
read_nlcda3.hoc). What it stops at although only one reading is left (a marker between points, a list inside an outline)
is passed over and noted.
"""

from __future__ import annotations

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.model.model import Note
from jxneuron.morphology.asc_text import Tokens
from jxneuron.morphology.pieces import EPSILON, Piece
from jxneuron.morphology.swc_text import GREATEST, MAX_POINTS
from jxneuron.morphology.tree import ASSUMED, CLEANED, MOST_NOTES

TYPES = {"Axon": 2, "Dendrite": 3, "Apical": 4}
SOMAS = {"CellBody", "Cell Body", "Soma"}
# Brackets around a set
DEEPEST = 100
PASSED = "passed over; NEURON stops at it"
Row = tuple[float, float, float, float]


class Objects:
    """A walk through a file; ``read`` is called once.

    Attributes:
        pieces: outlines and branches as the file goes.
        notes: what was passed over.
    """

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.pieces: list[Piece] = []
        self.notes: list[Note] = []
        self.points = 0
        self.spines = 0

    def read(self) -> None:
        """The whole file.

        Raises:
            ModelError: with file and line, where the text means nothing.
        """
        if self.tokens.kind() == "end":
            raise self.tokens.error("there are no objects: a Neurolucida file has lists in brackets")
        self._objects()
        if self.tokens.kind() not in (")", "end"):
            raise self.tokens.error(f"'(' is needed here, outside of all objects, not {self.tokens.peek()}")
        if self.tokens.kind() == ")":
            self._note(self.tokens.peek().line, f"{self.tokens.peek()} closes nothing", "the rest is not read")
        if self.spines:
            done = "not read: NEURON records them, and they add no area"
            self.notes.append(Note(CLEANED, self.tokens.path.name, f"{self.spines} spines", done))

    def _note(self, line: int, found: str, done: str) -> None:
        if len(self.notes) <= MOST_NOTES:
            self.notes.append(Note(ASSUMED, f"{self.tokens.path.name}:{line}", found, done))

    def _objects(self) -> None:
        self._object()
        while True:
            self.tokens.drop(",")
            if self.tokens.kind() != "(":
                return
            self._object()

    def _object(self) -> None:
        tokens = self.tokens
        if tokens.kind() != "(":
            raise tokens.error(f"'(' is needed here, not {tokens.peek()}: a Neurolucida file has lists in brackets")
        after = tokens.kind(1)
        if after == "string":
            self._outline()
        elif after == "label":
            tokens.skip_list()
        elif after in ("(", "point"):
            self._tree()
        elif after == "set":
            self._set()
        else:
            tokens.take()
            raise tokens.error(f"a name, a label or a list is needed behind '(', not {tokens.peek()}")

    def _set(self) -> None:
        if len(self.tokens.open) > DEEPEST:
            raise self.tokens.error(f"more than {DEEPEST} sets inside one another")
        self.tokens.take("(")
        self.tokens.take("set")
        self.tokens.take("string")
        if self.tokens.kind() != ")":
            self._objects()
        self.tokens.take(")")

    def _properties(self) -> str:
        """Properties in front of points; returns the first word of the last one."""
        last = ""
        while self.tokens.kind() == "(" and self.tokens.kind(1) in ("label", "set"):
            if self.tokens.kind(1) == "set":
                self._set()
            else:
                last = str(self.tokens.peek(1).value)
                self.tokens.skip_list()
            self.tokens.drop(",")
        return last

    def _outline(self) -> None:
        opening = self.tokens.take("(")
        name = str(self.tokens.take("string").value)
        self._properties()
        rows: list[Row] = []
        passed = 0
        while self.tokens.kind() != ")":
            self.tokens.drop(",")
            if self._at_point():
                rows.append(self._point())
            elif self.tokens.kind() == "(":
                passed += 1
                self.tokens.skip_list()
            elif self.tokens.kind() != ")":
                raise self.tokens.error(f"a point or ')' is needed in the outline {name!r}, not {self.tokens.peek()}")
        self.tokens.take(")")
        if name not in SOMAS:
            return
        if passed:
            self._note(opening.line, f"{passed} lists that are no points in a soma's outline", PASSED)
        if len(rows) < 3:
            self._note(opening.line, f"a soma's outline of {len(rows)} points", "left out, as NEURON does")
            return
        self.pieces.append(Piece(1, np.array(rows), opening.line, outline=True))

    def _tree(self) -> None:
        """A tree, or a text, which begins like one."""
        tokens = self.tokens
        opening = tokens.take("(")
        type = TYPES.get(self._properties(), 0)
        first = [self._point()] if self._at_point() else []
        if first and tokens.kind() == "string" and tokens.kind(1) == ")":
            tokens.take()
            tokens.take()
            return
        parent: Piece | None = None
        above: list[Piece | None] = []
        while True:
            piece = self._branch(type, parent, first)
            first = []
            if tokens.drop("("):
                above.append(parent)
                parent = piece
                continue
            tokens.drop("label")
            while above and tokens.drop(")"):
                parent = above.pop()
                tokens.drop(",")
            if above and tokens.drop("|"):
                continue
            if above or tokens.kind() != ")":
                what = "a point, '|' or ')'" if above else "a point or ')'"
                raise tokens.error(f"{what} is needed in the tree from line {opening.line}, not {tokens.peek()}")
            tokens.take()
            return

    def _branch(self, type: int, parent: Piece | None, first: list[Row]) -> Piece | None:
        """Points up to a fork or an end, with the markers behind them; an empty one is its parent still."""
        tokens = self.tokens
        line = tokens.peek().line
        rows = [*first, *([] if first else self._leading_marker())]
        while True:
            self._spines()
            tokens.drop(",")
            if self._at_point():
                rows.append(self._point())
            elif rows and tokens.kind() == "(" and tokens.kind(1) == "label":
                marker = tokens.skip_list()
                tokens.drop(",")
                if self._at_point():
                    self._note(marker.line, "a marker between the points of a branch", PASSED)
            else:
                break
        if not rows:
            return self._empty_branch(parent)
        points = np.array(rows)
        if parent is not None and (np.abs(parent.points[-1, :3] - points[0, :3]) > EPSILON).any():
            points = np.concatenate([[[*parent.points[-1, :3], points[0, 3]]], points])
        piece = Piece(type, points, line, parent)
        self.pieces.append(piece)
        return piece

    def _empty_branch(self, parent: Piece | None) -> Piece | None:
        if self.tokens.kind() not in ("label", "|", ")"):
            raise self.tokens.error(f"a branch needs points, not {self.tokens.peek()}")
        self._note(self.tokens.peek().line, "a branch without points", PASSED)
        return parent

    def _leading_marker(self) -> list[Row]:
        """What stands in front of a branch's first point; the points of a marker there count, as they do in NEURON."""
        tokens = self.tokens
        rows: list[Row] = []
        while tokens.kind() == "(" and tokens.kind(1) == "label":
            if tokens.kind(2) not in ("(", "point"):
                tokens.skip_list()
                continue
            opening = tokens.take("(")
            tokens.take("label")
            self._properties()
            while self._at_point():
                rows.append(self._point())
            tokens.take(")")
            self._note(opening.line, "a marker in front of a branch", "its points start the branch, as in NEURON")
        return rows

    def _spines(self) -> None:
        tokens = self.tokens
        while tokens.kind() == "<":
            opening = tokens.take()
            self.spines += 1
            depth = len(tokens.open)
            while tokens.kind() != ">" or len(tokens.open) > depth:
                if tokens.kind() in ("<", ">") or (tokens.kind() == ")" and len(tokens.open) == depth):
                    found = f"the spine that opens in line {opening.line} is not closed before {tokens.peek()}"
                    raise tokens.error(found)
                tokens.take()
            tokens.take()

    def _at_point(self) -> bool:
        return self.tokens.kind() == "point" or (self.tokens.kind() == "(" and self.tokens.kind(1) == "number")

    def _point(self) -> Row:
        """x, y, z, diameter in um; z and diameter are 0 where they are missing."""
        self.points += 1
        if self.points > MAX_POINTS:
            raise self.tokens.error(f"more than {MAX_POINTS:,} points: this is no morphology of one cell")
        line = self.tokens.peek().line
        values = self.tokens.take().value if self.tokens.kind() == "point" else self._spread_point()
        if max(map(abs, values)) > GREATEST:
            raise ModelError(f"{self.tokens.path}:{line}: {max(values, key=abs):g} is no place and no diameter, um")
        return values

    def _spread_point(self) -> Row:
        self.tokens.take("(")
        values = [self.tokens.take("number").value]
        while len(values) < 4:
            self.tokens.drop(",")
            if self.tokens.kind() != "number":
                break
            values.append(self.tokens.take().value)
        if len(values) < 2:
            raise self.tokens.error(f"a point needs x and y, not {self.tokens.peek()}")
        self.tokens.drop(",")
        if len(values) == 4:
            self.tokens.drop("label")
            self.tokens.drop(",")
            if self.tokens.kind() in ("(", "point"):
                self._curve()
        self.tokens.take(")")
        values += [0.0] * (4 - len(values))
        return values[0], values[1], values[2], values[3]

    def _curve(self) -> None:
        """Four numbers that bend a drawn line; they change nothing."""
        if self.tokens.kind() == "point":
            self.tokens.take()
        else:
            self.tokens.skip_list()
