"""A Morphology -> an SWC file that reads back to it.

In: a Morphology, a Cell or a Network. Out: a file, and notes on what an SWC file cannot say. Points are put where
Import3d's rules (see ``swc``) find the same sections again; then the file is read, and what differs is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from jxneuron.model.model import Floats, Note
from jxneuron.modules.module import Module
from jxneuron.morphology.cell import to_morphology
from jxneuron.morphology.soma import area_of
from jxneuron.morphology.swc import swc
from jxneuron.morphology.tree import Morphology, Precision, Trace, kept_numbers

# How far x of a sphere's middle is looked for, in float32 steps: its ends are all that is known
NEAR = 2


def write_swc(morphology: Morphology | Module, path: str | Path) -> tuple[Note, ...]:
    """Write an SWC file.

    Args:
        morphology: sections, or a whole cell with 3-d points.
        path: the file to be written.

    Returns:
        What an SWC file cannot say of this morphology, section by section: empty for one that came from an SWC file.

    Raises:
        ModelError: a section without 3-d points.
        OSError: the file cannot be written.
    """
    whole = morphology if isinstance(morphology, Morphology) else to_morphology(morphology)
    text = _Text(whole)
    Path(path).write_text("\n".join(["# number type x y z radius parent, um", *text.lines()]) + "\n")
    return tuple(_differences(whole, swc(path, precision=whole.precision)))


@dataclass(eq=False)
class _Emitted:
    """Where a section's points went.

    Attributes:
        first: number of its first own point.
        own: (k, 4) its own points, the sphere's one.
    """

    first: int
    own: Floats


@dataclass(eq=False)
class _Text:
    """The lines of one file; ``lines`` is called once."""

    morphology: Morphology
    done: dict[int, _Emitted] = field(default_factory=dict)
    count: int = 0

    def lines(self) -> Iterator[str]:
        """Points of all sections, each behind those of its parent."""
        for index in _order(self.morphology):
            trace = self.morphology.traces[index]
            own, parent = self._own(index, trace)
            self.done[index] = _Emitted(self.count + 1, own)
            for x, y, z, diam in own.tolist():
                self.count += 1
                numbers = " ".join(_shortest(value, self.morphology.precision) for value in (x, y, z, diam / 2))
                yield f"{self.count} {trace.type} {numbers} {parent}"
                parent = self.count

    def _own(self, index: int, trace: Trace) -> tuple[Floats, int]:
        """A section's own points, and the number of the one that they continue."""
        if trace.parent < 0:
            return _sphere(self.morphology, index), -1
        above = self.done[trace.parent]
        if trace.wire is not None:
            return trace.points, above.first + _wired(trace, above.own)
        at = _connection(trace, above.own, root=self.morphology.traces[trace.parent].parent < 0)
        meets = at is not None and (above.own[at, :3] == trace.points[0, :3]).all()
        rows = trace.points[1:] if meets or len(above.own) == 1 else trace.points
        return rows, above.first + (len(above.own) - 1 if at is None else at)


def _wired(trace: Trace, above: Floats) -> int:
    """Which point of the soma a connection without extent starts from."""
    if trace.parent_x in (0.0, 1.0) or len(above) < 3:
        return 0 if trace.parent_x == 0.0 or len(above) < 3 else len(above) - 1
    inner = above[1:-1, :3]
    wire = np.array(trace.wire)
    return 1 + int(np.argmin(((inner - wire) ** 2).sum(axis=1)))


def _connection(trace: Trace, above: Floats, *, root: bool) -> int | None:
    """Which of the parent's own points a section continues; None where no point lies there."""
    if trace.parent_x == 1.0:
        return len(above) - 1
    if trace.parent_x == 0.0 or len(above) == 1:
        return 0
    same = np.flatnonzero((above[:, :3] == trace.points[0, :3]).all(axis=1))
    inner = same[(same > 0 if root else same >= 0) & (same < len(above) - 1)]
    if len(inner):
        return int(inner[0])
    return min(max(round(trace.parent_x * (len(above) - 1)), 1), len(above) - 2) if len(above) > 2 else None


def _sphere(morphology: Morphology, index: int) -> Floats:
    """A root's points; one point where the section is what a single point would become."""
    points = morphology.traces[index].points
    if len(points) != 3 or any(trace.parent == index and trace.parent_x != 0.5 for trace in morphology.traces):
        return points
    for step in range(-NEAR, NEAR + 1):
        middle = points[1].copy()
        spacing = np.spacing(np.float32(middle[0])) if morphology.precision != "float64" else np.spacing(middle[0])
        middle[0] += step * float(spacing)
        ends = np.repeat(middle[None], 3, axis=0)
        ends[:, 0] += [-middle[3] / 2, 0.0, middle[3] / 2]
        if (kept_numbers(ends, morphology.precision) == points).all():
            return middle[None]
    return points


def _order(morphology: Morphology) -> list[int]:
    """As the file went, parents first, and no section right behind the one that it would become a part of."""
    traces, children = morphology.traces, morphology.children()
    waiting = sorted(range(len(traces)), key=lambda index: traces[index].rank)
    order: list[int] = []
    done: set[int] = set()
    while waiting:
        ready = (index for index in waiting if traces[index].parent < 0 or traces[index].parent in done)
        first = next(ready)
        chosen = first
        while order and _merges(chosen, order[-1], traces, children):
            chosen = next(ready, first)
            if chosen == first:
                break
        waiting.remove(chosen)
        order.append(chosen)
        done.add(chosen)
    return order


def _merges(index: int, before: int, traces: tuple[Trace, ...], children: list[list[int]]) -> bool:
    """Whether a section written right behind another would be read as its continuation."""
    same = traces[index].parent == before and traces[index].type == traces[before].type
    return same and len(children[before]) == 1


def _shortest(value: float, precision: Precision) -> str:
    """The shortest text that reads back as this number."""
    return np.format_float_positional(value if precision == "float64" else np.float32(value), trim="-")


def _differences(wanted: Morphology, found: Morphology) -> Iterator[Note]:
    """What reading the file gave otherwise."""
    if len(wanted.traces) != len(found.traces):
        counts = f"{len(wanted.traces)} sections, read back as {len(found.traces)}"
        yield Note("write_swc", wanted.title, counts, "SWC cannot hold these sections one by one")
        return
    renamed = [a.name for a, b in zip(wanted.traces, found.traces, strict=True) if a.name != b.name]
    if renamed:
        yield Note("write_swc", renamed[0], f"{len(renamed)} sections", "named anew: SWC files hold no names")
        return
    for a, b in zip(wanted.traces, found.traces, strict=True):
        if a.parent != b.parent or a.parent_x != b.parent_x:
            where = f"{found.traces[b.parent].name}({b.parent_x:g})" if b.parent >= 0 else "nothing"
            yield Note("write_swc", a.name, "its place on the parent", f"read back on {where}")
        elif a.cylinder is not None:
            yield Note("write_swc", a.name, "a cylinder without points", "read back with the points that draw it")
        elif a.points.shape != b.points.shape or (a.points != b.points).any():
            single = wanted.precision != "float64"
            before, after = area_of([a, b], single=single).tolist()
            share = f"its area changes by {after / before - 1:+.2g}"
            yield Note("write_swc", a.name, "a first point of its own: SWC continues the parent's point", share)
