"""A Morphology -> an SWC file that reads back to it.

In: a Morphology, a Cell or a Network. Out: a file, and notes on what an SWC file cannot say. Points are put where
Import3d's rules (see ``swc``) find the same sections again; then the file is read, and what differs is named.

Between sections stand points that Import3d removes again, for read by themselves they are sections without length:

- One of another type, in front of a section that begins with a diameter of its own or continues the only one before it.
- Two of the soma's type on an end of the soma: now what leaves this end may start anywhere.
- One of the soma's type with two more on it, at an end of another section: what follows it may start anywhere, and
  others may hang on its near end.
- One behind a soma of one point, where something hangs on the near end of the next section: Import3d looks for near
  ends from the third point on.
- One behind all that hangs on the near end of a section, where the type of the last of these would cut that section.
"""

from __future__ import annotations

import heapq
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from jxneuron.model.model import Floats, Note
from jxneuron.modules.module import Module
from jxneuron.morphology.cell import to_morphology
from jxneuron.morphology.soma import area_of
from jxneuron.morphology.swc import SOMA, swc
from jxneuron.morphology.tree import Morphology, Precision, Trace, kept_numbers

# How far x of a sphere's middle is looked for, in float32 steps: its ends are all that is known
NEAR = 2
# Types of the point between two sections
OTHERS = (0, 5, 6)
# So many points of the soma on one point of the soma let other sections leave it by a connection without extent
FORK = 2


def write_swc(morphology: Morphology | Module, path: str | Path) -> tuple[Note, ...]:
    """Write an SWC file.

    Where one point would not do, more stand at one place, of the soma's type too; NEURON's Import3d and ``read_swc``
    remove them.

    Args:
        morphology: sections, or a whole cell with 3-d points.
        path: the file to be written.

    Returns:
        What an SWC file cannot say of this morphology, section by section: places inside of a section other than the
        soma, cylinders of a stub. Empty for what was read from a file, with very rare exceptions (sections that NEURON
        draws through points of several types).

    Raises:
        ModelError: a section without 3-d points.
        OSError: the file cannot be written.
    """
    whole = morphology if isinstance(morphology, Morphology) else to_morphology(morphology)
    text = _Text(whole.traces, whole.children(), whole.precision)
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

    traces: Sequence[Trace]
    children: list[list[int]]
    precision: Precision
    done: dict[int, _Emitted] = field(default_factory=dict)
    forks: set[int] = field(default_factory=set)
    count: int = 0

    def lines(self) -> Iterator[str]:
        """Points of all sections, each behind those of its parent."""
        order = list(_order(self.traces, self.children))
        at_0 = [index for index in order if self.traces[index].parent >= 0 and self.traces[index].parent_x == 0.0]
        last_at_0 = {self.traces[index].parent: index for index in at_0}
        for index in order:
            trace, before = self.traces[index], self.count
            own, parent = yield from self._joined(index, trace)
            self.done[index] = _Emitted(self.count + 1, own)
            joined = self.count > before
            for row in own:
                yield self._line(trace.type, row, parent)
                parent = self.count
            if last_at_0.get(trace.parent, -1) == index:
                yield from self._closed(trace, joined)

    def _line(self, type: int, row: Floats, parent: int) -> str:
        self.count += 1
        x, y, z, diam = row.tolist()
        numbers = " ".join(_shortest(value, self.precision) for value in (x, y, z, diam / 2))
        return f"{self.count} {type} {numbers} {parent}"

    def _other_type(self, trace: Trace) -> int:
        """One that ends the parent's section and begins this one anew."""
        return next(type for type in OTHERS if type not in (trace.type, self.traces[trace.parent].type))

    def _joined(self, index: int, trace: Trace) -> Generator[str, None, tuple[Floats, int]]:
        """The points between a section and its parent; returns its own points, and the number of the one before."""
        if trace.parent < 0:
            return self._root(index, trace), -1
        above, parent = self.done[trace.parent], self.traces[trace.parent]
        root = parent.parent < 0
        if root and parent.type == SOMA and self.count == above.first and self._has_children_at_0(index):
            yield self._line(self._other_type(trace), above.own[0], above.first)
        if self._leaves_by_wire(trace, above):
            at = _wired(trace, above.own, root=root)
            if at is None:
                return trace.points, -1
            if _at_end(trace, above.own):
                yield from self._fork(trace, above, at)
            return trace.points, above.first + at
        at = _connection(trace, above.own, root=root)
        start, number = above.own[at], above.first + at
        apart = (start[:3] != trace.points[0, :3]).any()
        if SOMA not in (parent.type, trace.type) and (apart or self._has_children_at_0(index)):
            yield self._line(SOMA, start, number)
            number = self.count
            for _ in range(FORK):
                yield self._line(SOMA, start, number)
            return trace.points, number
        if apart:
            return trace.points, number
        if self._begins_anew(trace, above, at):
            yield self._line(self._other_type(trace), trace.points[0], number)
            number = self.count
        return trace.points[1:], number

    def _has_children_at_0(self, index: int) -> bool:
        return any(self.traces[child].parent_x == 0.0 for child in self.children[index])

    def _fork(self, trace: Trace, above: _Emitted, at: int) -> Iterator[str]:
        """Points of the soma on an end of the soma, until there are enough."""
        if above.first + at not in self.forks:
            self.forks.add(above.first + at)
            there = sum(each.type == SOMA for each in self._beside(trace)) + (at == 0)
            for _ in range(FORK - there):
                yield self._line(SOMA, above.own[at], above.first + at)

    def _closed(self, trace: Trace, joined: bool) -> Iterator[str]:
        """A point on the near end of a parent that goes on there, or ends there, although its last child says else."""
        above, parent = self.done[trace.parent], self.traces[trace.parent]
        goes_on = len(above.own) > 1
        if parent.type != SOMA and goes_on != (trace.type == parent.type and not joined):
            yield self._line(parent.type if goes_on else self._other_type(trace), above.own[0], above.first)

    def _beside(self, trace: Trace) -> list[Trace]:
        """The sections at this one's place on its parent, and itself."""
        siblings = (self.traces[child] for child in self.children[trace.parent])
        return [each for each in siblings if each.parent_x == trace.parent_x]

    def _leaves_by_wire(self, trace: Trace, above: _Emitted) -> bool:
        """Whether a connection without extent leads to a section's first point; from an end of the soma to all."""
        if self.traces[trace.parent].type != SOMA or trace.type == SOMA:
            return False
        beside = self._beside(trace) if _at_end(trace, above.own) else [trace]
        return any(_starts_apart(each, above.own) for each in beside if each.type != SOMA)

    def _begins_anew(self, trace: Trace, above: _Emitted, at: int) -> bool:
        """Whether this section's points, put behind their parent's, would be read as something else."""
        parent = self.traces[trace.parent]
        beside = [each for each in self._beside(trace) if each is not trace]
        somas = sum(each.type == SOMA for each in beside)
        if parent.type == SOMA and trace.type != SOMA:
            wired = len(trace.points) > 2 and (trace.parent_x not in (0.0, 1.0) or somas > 1)
            return wired or trace.points[0, 3] != trace.points[1, 3]
        forks = somas if trace.type == SOMA else len(beside)
        follows = above.first + at == self.count and parent.type == trace.type and not forks
        return follows or trace.points[0, 3] != above.own[at, 3]

    def _root(self, index: int, trace: Trace) -> Floats:
        """A root's points; one point where everything hangs as on a single one."""
        for child in self.children[index]:
            leaves_soma = trace.type == SOMA and self.traces[child].type != SOMA
            if self.traces[child].parent_x != (0.5 if leaves_soma else 0.0):
                return trace.points
        sphere = _sphere(trace.points, self.precision)
        return trace.points if sphere is None else sphere


def _at_end(trace: Trace, above: Floats) -> bool:
    """Whether a section hangs on an end of its parent, which is more than one point."""
    return trace.parent_x in (0.0, 1.0) and len(above) > 1


def _starts_apart(trace: Trace, above: Floats) -> bool:
    """Whether no point of the parent, or not the one at the end where it hangs, is where a section starts."""
    if _at_end(trace, above):
        above = above[:1] if trace.parent_x == 0.0 else above[-1:]
    return trace.wire is not None or bool((above[:, :3] != trace.points[0, :3]).any(axis=1).all())


def _wired(trace: Trace, above: Floats, *, root: bool) -> int | None:
    """Which point of the soma a connection without extent starts from; None where it starts a tree of its own."""
    if trace.parent_x in (0.0, 1.0) or len(above) == 1:
        return 0 if trace.parent_x == 0.0 else len(above) - 1
    inner = above[int(root) : -1, :3]
    if not len(inner):
        return None if root else 0
    start = trace.points[0, :3] if trace.wire is None else np.array(trace.wire)
    away = ((inner - start) ** 2).sum(axis=1)
    if root and away.min() > 0 and (trace.points[0, :3] == start).all():
        return None
    return int(root) + int(np.argmin(away))


def _connection(trace: Trace, above: Floats, *, root: bool) -> int:
    """Which of the parent's own points a section continues."""
    last = len(above) - 1
    if trace.parent_x == 1.0 or last == 0:
        return last
    if trace.parent_x == 0.0:
        return 0
    same = np.flatnonzero((above[:, :3] == trace.points[0, :3]).all(axis=1))
    inner = same[(same >= int(root)) & (same < last)]
    return int(inner[0]) if len(inner) else min(max(round(trace.parent_x * last), int(root)), max(last - 1, 0))


def _sphere(points: Floats, precision: Precision) -> Floats | None:
    """The one point that these three are drawn around (``_body`` in pieces); None where they are not."""
    if len(points) != 3:
        return None
    for step in range(-NEAR, NEAR + 1):
        middle = points[1].copy()
        spacing = np.spacing(np.float32(middle[0])) if precision != "float64" else np.spacing(middle[0])
        middle[0] += step * float(spacing)
        ends = np.repeat(middle[None], 3, axis=0)
        ends[:, 0] += [-middle[3] / 2, 0.0, middle[3] / 2]
        if (kept_numbers(ends, precision) == points).all():
            return middle[None]
    return None


def _order(traces: Sequence[Trace], children: list[list[int]]) -> Iterator[int]:
    """Tree by tree, within one as the file went, parents first."""
    roots = [index for index, trace in enumerate(traces) if trace.parent < 0]
    for root in sorted(roots, key=lambda index: traces[index].rank):
        ready = [(traces[root].rank, root)]
        while ready:
            _, index = heapq.heappop(ready)
            yield index
            for child in children[index]:
                heapq.heappush(ready, (traces[child].rank, child))


def _shortest(value: float, precision: Precision) -> str:
    """The shortest text that reads back as this number."""
    return np.format_float_positional(value if precision == "float64" else np.float32(value), trim="-")


def _differences(wanted: Morphology, found: Morphology) -> Iterator[Note]:
    """What reading the file gave otherwise."""
    if len(wanted.traces) != len(found.traces):
        counts = f"{len(wanted.traces)} sections, read back as {len(found.traces)}"
        yield Note("write_swc", wanted.title, counts, "SWC cannot hold these sections one by one")
        return
    written = list(_order(wanted.traces, wanted.children()))
    read = sorted(range(len(found.traces)), key=lambda index: found.traces[index].rank)
    place = {-1: -1, **dict(zip(written, read, strict=True))}
    for index in range(len(written)):
        a, b = wanted.traces[index], found.traces[place[index]]
        if a.name != b.name:
            yield Note("write_swc", a.name, f"its name, read back as {b.name}", "SWC files hold no names")
        if (place[a.parent], a.parent_x) != (b.parent, b.parent_x):
            where = f"{found.traces[b.parent].name}({b.parent_x:g})" if b.parent >= 0 else "nothing"
            yield Note("write_swc", a.name, "its place on the parent", f"read back on {where}")
        if a.cylinder is not None:
            yield Note("write_swc", a.name, "a cylinder without points", "read back with the points that draw it")
        elif a.points.shape != b.points.shape or (a.points != b.points).any():
            before, after = area_of([a, b], single=wanted.precision != "float64").tolist()
            yield Note("write_swc", a.name, "its points", f"read back otherwise: {before:.6g} um2 become {after:.6g}")
