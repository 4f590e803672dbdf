"""The text of an SWC file -> its points.

In: a path. Out: ``SwcPoints``, checked point by point, in the order of the file. Lines are taken as NEURON's
Import3d takes them (``rdfile`` and ``parse`` in read_swc.hoc): seven numbers, whatever follows them, else a comment, a
blank line or a line that is left out. The file is streamed, so memory follows the points and not the text.
"""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.model.model import Floats, Ints, Note
from jxneuron.morphology.tree import ASSUMED

# More points than the largest reconstructions have; beyond them a file is refused while it is read
MAX_POINTS = 2_000_000
# Characters of one line; longer ones are no text
MAX_LINE = 65_536
# Characters that are read at once
BLOCK = 65_536
# The greatest number that is a place or a size, um: float32 holds its square
GREATEST = 1e18
# So many lines that cannot be read are remembered
SHOWN = 20
# The bits of a float64 that a float32 has no room for, and their value half way between two float32
TIE_BITS, TIE = (1 << 29) - 1, 1 << 28
UTF_16 = "it is UTF-16: save it as UTF-8 or ASCII"
# How files of other kinds begin
MARKS = {"\u001f\u008b": "it is compressed (gzip)", "\u00ff\u00fe": UTF_16, "\u00fe\u00ff": UTF_16}
COLUMNS = ("number", "type", "x", "y", "z", "radius", "parent")
NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:nan|inf))", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class SwcPoints:
    """The points of an SWC file, n of them.

    Attributes:
        number: (n,) what each point is called.
        type: (n,) 1 soma, 2 axon, 3 dendrite, 4 apical dendrite, any other number.
        xyzd: (n, 4) um: x, y, z, diameter.
        parent: (n,) the number of the point that it continues, negative at a root.
        line: (n,) where it stands in the file, from 1.
    """

    number: Ints
    type: Ints
    xyzd: Floats
    parent: Ints
    line: Ints

    def rows(self, order: Ints) -> SwcPoints:
        """Some of the points, in another order."""
        return SwcPoints(*(getattr(self, name)[order] for name in ("number", "type", "xyzd", "parent", "line")))


def read_points(path: Path, *, single: bool = True) -> tuple[SwcPoints, list[Note]]:
    """Read the points of an SWC file, and what was left out.

    Args:
        path: the file.
        single: numbers are rounded to float32 where they are read, as Import3d's ``%f`` does.

    Raises:
        ModelError: with file and line: no such file, not text, no points, a number that is none, two points of one
            number, a line that is no point although another point continues it.
    """
    flat, lines, bad, more = _scan(path)
    table = np.frombuffer(flat, np.float64).reshape(-1, 7)
    line = np.frombuffer(lines, np.int64)
    if not len(table):
        found = f"; line {bad[0][0]} is {bad[0][1]!r}" if bad else ""
        raise ModelError(
            f"{path}: there are no points: an SWC file has lines of seven numbers, blanks between them{found}"
        )
    _check_numbers(path, table, line)
    if single:
        table = _off_the_ties(path, table, line)
    points = SwcPoints(
        number=table[:, 0].astype(np.int64),
        type=table[:, 1].astype(np.int64),
        xyzd=_rounded(table[:, 2:6], single) * [1.0, 1.0, 1.0, 2.0],
        parent=table[:, 6].astype(np.int64),
        line=line,
    )
    _check_unique(path, points)
    return points, [*_left_out(path, points, bad, more), *odd_radii(points.xyzd[:, 3], points.line, path.name)]


def text_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a text file with their numbers, from 1; any line ends, which are left out.

    Raises:
        ModelError: the file cannot be opened, or is no text.
    """
    for first, lines in _blocks(path):
        yield from enumerate(lines, first)


def _blocks(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Lines in blocks, each with the number of its first one; no more of the file is held."""
    first, rest = 1, ""
    try:
        with open(path, encoding="latin-1") as stream:
            while chunk := stream.read(BLOCK):
                if first == 1 and not rest:
                    chunk = chunk.removeprefix("\u00ef\u00bb\u00bf")
                lines = (rest + chunk).split("\n")
                if "\0" in chunk or max(map(len, lines)) > MAX_LINE:
                    raise _no_text(path, first, lines)
                rest = lines.pop()
                yield first, lines
                first += len(lines)
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror or error}") from None
    if rest:
        yield first, [rest]


def _no_text(path: Path, first: int, lines: list[str]) -> ModelError:
    number, line = next((n, line) for n, line in enumerate(lines, first) if "\0" in line or len(line) > MAX_LINE)
    what = "it holds zero bytes" if "\0" in line else f"more than {MAX_LINE} characters in one line"
    if number == 1:
        what = next((said for mark, said in MARKS.items() if line.startswith(mark)), what)
    return ModelError(f"{path}:{number}: this is no text file: {what}")


def _scan(path: Path) -> tuple[array, array, list[tuple[int, str]], int]:
    """Sevens of numbers, their lines, the first lines that are neither points, comments nor blank, how many more."""
    flat, numbers, bad, more = array("d"), array("q"), [], 0
    for first, lines in _blocks(path):
        plain = _sevens(lines)
        if plain is not None:
            flat.extend(plain)
            numbers.extend(range(first, first + len(lines)))
            lines = []
        for number, line in enumerate(lines, first):
            text = line.strip()
            if not text or text.startswith("#"):
                continue
            if (values := _seven(text)) is not None:
                flat.extend(values)
                numbers.append(number)
            else:
                more += len(bad) == SHOWN
                if len(bad) < SHOWN:
                    bad.append((number, text[:60]))
        if len(numbers) > MAX_POINTS:
            number = numbers[MAX_POINTS]
            raise ModelError(f"{path}:{number}: more than {MAX_POINTS:,} points: this is no morphology of one cell")
    return flat, numbers, bad, more


def _sevens(lines: list[str]) -> array | None:
    """The numbers of lines that hold seven each and nothing else; None where one does not. Most lines are so."""
    words: list[str] = []
    for line in lines:
        found = line.split()
        if len(found) != 7 or "_" in line:
            return None
        words += found
    try:
        return array("d", map(float, words))
    except ValueError:
        return None


def _seven(line: str) -> Iterable[float] | None:
    """The first seven numbers of a line as C's scanf takes them, or None."""
    parts = line.split(None, 7)
    if len(parts) >= 7 and "_" not in line:
        try:
            return list(map(float, parts[:7]))
        except ValueError:
            pass
    found = [float(word) for word in _words(line)]
    return found if len(found) == 7 else None


def _words(line: str) -> list[str]:
    """Up to seven numbers at the start of a line; nothing need stand between them but what ends a number."""
    found: list[str] = []
    at = 0
    while len(found) < 7 and (match := NUMBER.match(line, at)):
        found.append(match[1])
        at = match.end()
    return found


def _rounded(values: Floats, single: bool) -> Floats:
    return values.astype(np.float32).astype(np.float64) if single else values


def _off_the_ties(path: Path, table: Floats, line: Ints) -> Floats:
    """Numbers half way between two float32 are moved to the side on which their text lies.

    Text is rounded once by NEURON, straight to float32; by way of float64 it can end at such a tie.
    """
    ties = (table.view(np.int64) & TIE_BITS) == TIE
    ties[:, [0, 1, 6]] = False
    rows = np.flatnonzero(ties.any(axis=1))
    result = table.copy()
    lines = dict(zip(line[rows].tolist(), rows.tolist(), strict=True))
    for number, text in text_lines(path) if lines else ():
        if (row := lines.get(number)) is not None:
            words = _words(text)
            for column in np.flatnonzero(ties[row]):
                if side := Decimal(words[column]).compare(Decimal(float(table[row, column]))):
                    result[row, column] = np.nextafter(table[row, column], math.copysign(math.inf, side))
    return result


def _check_numbers(path: Path, table: Floats, line: Ints) -> None:
    bad = ~np.isfinite(table)
    bad[:, [0, 1, 6]] |= table[:, [0, 1, 6]] != np.floor(table[:, [0, 1, 6]])
    bad |= np.abs(table) > np.where(np.arange(7) % 6 < 2, 2.0**53, GREATEST)
    bad[:, 0] |= table[:, 0] < 0
    if bad.any():
        row, column = np.argwhere(bad)[0]
        what = "a whole number" if column in (0, 1, 6) else f"a finite number up to {GREATEST:g}"
        what += " that is not negative" if column == 0 else ""
        raise ModelError(f"{path}:{line[row]}: the {COLUMNS[column]} is {table[row, column]:g}, not {what}")


def _check_unique(path: Path, points: SwcPoints) -> None:
    order = np.argsort(points.number, kind="stable")
    same = np.flatnonzero(np.diff(points.number[order]) == 0)
    if len(same):
        first, second = order[same[0]], order[same[0] + 1]
        raise ModelError(
            f"{path}:{points.line[second]}: point {points.number[second]} stands in line {points.line[first]} already"
        )


def _left_out(path: Path, points: SwcPoints, bad: list[tuple[int, str]], more: int) -> list[Note]:
    """Lines that Import3d passes over.

    Raises:
        ModelError: a point continues one that is not there, and such a line may have held it.
    """
    if not bad:
        return []
    orphans = np.flatnonzero((points.parent >= 0) & ~np.isin(points.parent, points.number))
    orphans = orphans[points.line[orphans] > bad[0][0]]
    if len(orphans):
        number, text = bad[0]
        raise ModelError(
            f"{path}:{number}: seven numbers are needed here ({', '.join(COLUMNS)}), not {text!r}; "
            f"line {points.line[orphans[0]]} continues point {points.parent[orphans[0]]}, which is missing"
        )
    found = [(f"{path.name}:{number}", f"{text!r} is no point") for number, text in bad]
    if more:
        found.append((path.name, f"{more} lines more are no points"))
    return [Note(ASSUMED, place, what, "left out, as NEURON does") for place, what in found]


def odd_radii(diam: Floats, line: Ints, name: str) -> list[Note]:
    """What is said of negative and of zero diameters, which stand in these lines of a file."""
    cases = [
        (diam < 0, "negative radius", "its size is taken; NEURON marks spines by negative diameters"),
        (diam == 0, "zero radius", "taken as it is: no current flows along a stretch that ends in it"),
    ]
    notes = []
    for where, found, done in cases:
        if where.any():
            place = f"{name}:{line[np.argmax(where)]}"
            notes.append(Note(ASSUMED, place, f"{found} (points: {where.sum()})", done))
    return notes
