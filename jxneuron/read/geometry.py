"""The tree: sections, connections and lengths of a live session -> Nodes and Sections.

In: a live session. Out: ``Tree``. Nodes are in NEURON's own order (``reorder_secorder`` in multicore.cpp): the
roots of all trees, then each tree's sections breadth first, each with its centres from the attached end and its
end node. Connections follow ``nrn_parent_info`` in cabcode.cpp.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jxneuron.errors import Finding, ModelError
from jxneuron.model import discretise
from jxneuron.model.find import node_at, node_name
from jxneuron.model.model import Floats, Ints, Nodes, Section
from jxneuron.read.names import is_removed, name_sections
from jxneuron.units import END_AREA

# The largest relative difference of area and ri from ours: rounding of another processor's arithmetic
TOLERANCE = 1e-13


@dataclass(frozen=True, eq=False)
class Tree:
    """A session's sections as nodes.

    Attributes:
        nodes: one row per node.
        sections: the model's sections in the order of ``members``.
        members: NEURON's Section objects.
        segments: NEURON's segment at each node, ``sec(0)`` or ``sec(1)`` at an end.
        centres: indices of the nodes that are centres, ascending.
        findings: segments for which NEURON has another area or ri than ours.
        index: the position of each of NEURON's Section objects in ``sections``.
    """

    nodes: Nodes
    sections: tuple[Section, ...]
    members: tuple[Any, ...]
    segments: tuple[Any, ...]
    centres: Ints
    findings: tuple[Finding, ...]
    index: Mapping[Any, int]

    def node_of(self, segment: Any) -> int:
        """Return the node to which NEURON moves what is placed at a segment."""
        return node_at(self.sections[self.index[segment.sec]], segment.x)

    def place(self, node: int) -> str:
        """Return a node as users write it: ``dend[2](0.5)``."""
        return node_name(self, node)


def read_tree(h: Any) -> Tree:
    """Read every section of a session.

    Raises:
        ModelError: there is no section.
    """
    names = zip(h.allsec(), name_sections(h), strict=True)
    kept = {section: name for section, name in names if not is_removed(section)}
    if not kept:
        raise ModelError("the NEURON session holds no sections: build the model first")
    return _Builder(tuple(kept), tuple(kept.values()), float(h.getSpineArea())).build()


class _Builder:
    """Collects node rows tree by tree; used once."""

    def __init__(self, members: Sequence[Any], names: Sequence[str], spine_area: float) -> None:
        self.members, self.names, self.spine_area = members, names, spine_area
        self.index = {member: i for i, member in enumerate(members)}
        self.rows: list[tuple[int, int, float, bool]] = []  # parent, section, x, is_end
        self.sections: dict[int, Section] = {}
        self.blocks: list[dict[str, Floats]] = []
        self.segments: list[Any] = []
        self.findings: list[Finding] = []

    def build(self) -> Tree:
        roots = [member for member in self.members if member.parentseg() is None]
        root_nodes = {}
        for root in roots:
            x = 1.0 if root.orientation() else 0.0
            root_nodes[root] = self._add(-1, self.index[root], x, end=True, segment=root(x))
            self.blocks.append(_make_end_rows(root.Ra))
        for root in roots:
            for section in _breadth_first(root):
                self._add_section(section, root_nodes.get(section))
        nodes = self._join_nodes()
        centres = np.flatnonzero(~nodes.is_end)
        ordered = tuple(self.sections[i] for i in range(len(self.members)))
        return Tree(
            nodes,
            ordered,
            tuple(self.members),
            tuple(self.segments),
            centres,
            tuple(self.findings),
            self.index,
        )

    def _add(self, parent: int, section: int, x: float, *, end: bool, segment: Any) -> int:
        self.rows.append((parent, section, x, end))
        self.segments.append(segment)
        return len(self.rows) - 1

    def _add_section(self, section: Any, root_node: int | None) -> None:
        index, nseg = self.index[section], int(section.nseg)
        reverse = bool(section.orientation())
        segments = list(section)
        if reverse:
            segments.reverse()
        attached = parent = self._find_parent(section) if root_node is None else root_node
        first = len(self.rows)
        for segment in segments:
            parent = self._add(parent, index, segment.x, end=False, segment=segment)
        far = self._add(parent, index, 0.0 if reverse else 1.0, end=True, segment=section(0.0 if reverse else 1.0))
        centres = range(first, first + nseg)
        points = _read_points(section)
        self.blocks += [self._measure(section, segments, points), _make_end_rows(section.Ra)]
        above = section.parentseg()
        self.sections[index] = Section(
            name=self.names[index],
            nseg=nseg,
            L=float(section.L),
            centres=tuple(reversed(centres) if reverse else centres),
            node_at_0=far if reverse else attached,
            node_at_1=attached if reverse else far,
            parent=-1 if above is None else self.index[above.sec],
            parent_x=0.0 if above is None else float(above.x),
            orientation=int(reverse),
            points=points,
        )

    def _find_parent(self, section: Any) -> int:
        above = section.parentseg()
        return node_at(self.sections[self.index[above.sec]], above.x)

    def _measure(self, section: Any, segments: Sequence[Any], points: Floats) -> dict[str, Floats]:
        """Return the rows of a section's centres; reading NEURON's areas first brings its diameters up to date."""
        area = np.array([segment.area() for segment in segments])
        diam = np.array([segment.diam for segment in segments])
        ours = self._discretise(section, diam, points)
        self._compare(section, segments, ours, area)
        first = np.ones(len(diam))
        first[0] = section.rallbranch
        return {
            "length": np.full(len(diam), section.L / len(diam)),
            "diam": diam,
            "area": ours.area,
            "half_in": ours.half_in,
            "half_out": ours.half_out,
            "Ra": np.full(len(diam), float(section.Ra)),
            "cm": np.array([segment.cm for segment in segments]),
            "rallbranch": first,
        }

    def _discretise(self, section: Any, diam: Floats, points: Floats) -> discretise.Segments:
        if len(points) < 2:
            return discretise.stylised(section.L, diam)
        arc = [section.arc3d(i) for i in range(len(points))]
        return discretise.from_points(arc, points[:, 3], len(diam), spine_area=self.spine_area)

    def _compare(self, section: Any, segments: Sequence[Any], ours: discretise.Segments, area: Floats) -> None:
        """Compare NEURON's areas and resistances with ours, segment by segment."""
        end = section(0.0 if section.orientation() else 1.0)
        ri = np.array([segment.ri() for segment in [*segments, end]])
        halves = section.Ra * (np.append(ours.half_in, 0.0) + np.append(0.0, ours.half_out))
        name = self.names[self.index[section]]
        for i in np.flatnonzero(~_close(ours.area, area)).tolist():
            self.findings.append(_differs(f"{name}({segments[i].x:g})", "area", "um2", area[i], ours.area[i]))
        for i in np.flatnonzero(~_close(halves, ri)).tolist():
            x = end.x if i == len(segments) else segments[i].x
            self.findings.append(_differs(f"{name}({x:g})", "ri", "MOhm", ri[i], halves[i]))

    def _join_nodes(self) -> Nodes:
        parent, section, x, is_end = (np.array(column) for column in zip(*self.rows, strict=True))
        joined = {key: np.concatenate([block[key] for block in self.blocks]) for key in self.blocks[0]}
        return Nodes(
            parent=parent.astype(np.int64),
            section=section.astype(np.int64),
            x=x.astype(np.float64),
            is_end=is_end.astype(np.bool_),
            **joined,
        )


def _breadth_first(root: Any) -> Iterator[Any]:
    queue = deque([root])
    while queue:
        section = queue.popleft()
        yield section
        queue.extend(section.children())


def _read_points(section: Any) -> Floats:
    """Read x, y, z and diam in um, (m, 4); spines have negative diameters."""
    count = section.n3d()
    rows = [
        (
            section.x3d(i),
            section.y3d(i),
            section.z3d(i),
            section.diam3d(i) * (-1.0 if section.spine3d(i) else 1.0),
        )
        for i in range(count)
    ]
    return np.array(rows, np.float64).reshape(count, 4)


def _make_end_rows(Ra: float) -> dict[str, Floats]:
    zero = np.zeros(1)
    return {
        "length": zero,
        "diam": zero,
        "area": np.full(1, END_AREA),
        "half_in": zero,
        "half_out": zero,
        "Ra": np.full(1, float(Ra)),
        "cm": zero,
        "rallbranch": np.ones(1),
    }


def _close(ours: Floats, neurons: Floats) -> np.ndarray:
    return np.abs(ours - neurons) <= TOLERANCE * np.abs(neurons)


def _differs(place: str, what: str, unit: str, neurons: float, ours: float) -> Finding:
    return Finding(
        place,
        f"NEURON's {what} is {neurons!r} {unit}, but its geometry gives {ours!r}",
        "run finitialize() after the last change of shape; if the difference remains, please report this model",
    )
