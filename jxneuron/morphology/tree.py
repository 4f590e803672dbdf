"""What a morphology file is once it is read: sections of traced points that form trees.

Frozen records of numpy. No JAX, no pandas, no NEURON.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from jxneuron.errors import ModelError
from jxneuron.model.model import Floats, Ints, Note
from jxneuron.wording import did_you_mean

# How points are kept: as NEURON's hoc has them after Import3d (eight digits, then float32), as NEURON's Python objects
# have them (float32), or as the file says
Precision = Literal["neuron", "python", "float64"]
PRECISIONS = ("neuron", "python", "float64")
# Import3d's names of types; every other number n is dend_n, or minus_n where it is negative
NAMES = {1: "soma", 2: "axon", 3: "dend", 4: "apic"}
# Its SectionLists (``mksubset`` in import3d_gui.hoc); others are dendritic_n, or minus_nset
LISTS = {1: "somatic", 2: "axonal", 3: "basal", 4: "apical"}
# A number that float32 keeps as 0, whatever its digits
BELOW_FLOAT32 = float(np.finfo(np.float32).smallest_subnormal) / 4
# Kinds of notes: what the file leaves open or NEURON refuses; what changes nothing; what an editor did
ASSUMED, CLEANED, EDITED = "assumed", "cleaned", "edited"
# Notes of one kind that are kept one by one
MOST_NOTES = 100


@dataclass(frozen=True, eq=False)
class Trace:
    """One section and the points along it.

    Attributes:
        name: NEURON's: "dend[3]".
        type: 1 soma, 2 axon, 3 dendrite, 4 apical dendrite, any other number.
        points: (m, 4) um: x, y, z, diameter, from its own end 0, m >= 2.
        parent: index of the section that end 0 is attached to, -1 at a root.
        parent_x: where on the parent, 0..1.
        wire: um, where a connection without extent starts (``pt3dstyle``); None where the points start at the parent.
        cylinder: um, length of a section that is no more than that, and the diameters of its equal parts; its points
            only draw it.
        rank: its place in the file among all sections; NEURON has siblings at one place in the opposite order.
    """

    name: str
    type: int
    points: Floats
    parent: int = -1
    parent_x: float = 1.0
    wire: tuple[float, float, float] | None = None
    cylinder: tuple[float, tuple[float, ...]] | None = None
    rank: int = 0

    @property
    def stem(self) -> str:
        """The name without cell and number: "dend"."""
        return self.name.rpartition(".")[2].partition("[")[0]


@dataclass(frozen=True, eq=False)
class Morphology:
    """Sections in NEURON's order (``h.allsec()``): by type, within a type as the file goes. A parent may stand later.

    Attributes:
        traces: the sections.
        notes: what was assumed, left out and cleaned.
        title: where it comes from.
        precision: how the points are kept.
    """

    traces: tuple[Trace, ...]
    notes: tuple[Note, ...] = ()
    title: str = ""
    precision: Precision = "neuron"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all sections."""
        return tuple(trace.name for trace in self.traces)

    @property
    def groups(self) -> Mapping[str, tuple[int, ...]]:
        """Sections by the stem of their names: soma, axon, dend, apic, ..."""
        found: dict[str, list[int]] = {}
        for index, trace in enumerate(self.traces):
            found.setdefault(trace.stem, []).append(index)
        return {stem: tuple(members) for stem, members in found.items()}

    @property
    def section_lists(self) -> Mapping[str, tuple[int, ...]]:
        """Sections by the names of Import3d's SectionLists: somatic, axonal, basal, apical, ..."""
        found: dict[str, list[int]] = {}
        for index, trace in enumerate(self.traces):
            found.setdefault(list_of(trace.type), []).append(index)
        return {name: tuple(members) for name, members in found.items()}

    def members(self, name: str) -> tuple[int, ...]:
        """Sections by a name, a stem of names or the name of a SectionList.

        Raises:
            ModelError: nothing is called so.
        """
        return self.groups.get(name) or self.section_lists.get(name) or (self.index(name),)

    def index(self, name: str) -> int:
        """Which section has this name; ``soma`` stands for ``soma[0]``.

        Raises:
            ModelError: none has.
        """
        names = self.names
        for wanted in (name, f"{name}[0]"):
            if wanted in names:
                return names.index(wanted)
        raise ModelError(f"there is no section {name!r} here{did_you_mean(name, names)}")

    def children(self) -> list[list[int]]:
        """For each section its children in NEURON's order: towards the far end, at one place the latest first."""
        found: list[list[int]] = [[] for _ in self.traces]
        for index, trace in enumerate(self.traces):
            if trace.parent >= 0:
                found[trace.parent].append(index)
        for below in found:
            below.sort(key=lambda child: (self.traces[child].parent_x, -self.traces[child].rank))
        return found

    @property
    def next_rank(self) -> int:
        """A rank behind all others."""
        return 1 + max(trace.rank for trace in self.traces)


def breadth_first(children: list[list[int]], root: int) -> list[int]:
    """A section and everything that hangs on it, nearest first."""
    order = [root]
    for index in order:
        order.extend(children[index])
    return order


def stem_of(type: int) -> str:
    """Import3d's name of a type."""
    return NAMES.get(type) or (f"dend_{type}" if type >= 0 else f"minus_{-type}")


def list_of(type: int) -> str:
    """Import3d's SectionList of a type."""
    return LISTS.get(type) or (f"dendritic_{type}" if type >= 0 else f"minus_{-type}set")


def bounded(notes: Sequence[Note], place: str) -> list[Note]:
    """The first notes, and how many there are more: a damaged file of millions of lines has few notes all the same."""
    kept = list(notes[:MOST_NOTES])
    if len(notes) > MOST_NOTES:
        kept.append(Note(ASSUMED, place, f"{len(notes) - MOST_NOTES} places more of such kinds", "as above"))
    return kept


def kept_numbers(values: Floats, precision: Precision) -> Floats:
    """Numbers as NEURON keeps them, in float64.

    Args:
        values: any shape.
        precision: see ``Precision``.
    """
    if precision == "float64":
        return values
    single = values.astype(np.float32)
    if precision == "neuron":
        moved = _moved_by_text(values, single)
        single[moved] = [float(f"{value:.8g}") for value in values[moved].tolist()]
    return single.astype(np.float64)


def _moved_by_text(values: Floats, single: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where ``printf("%.8g")`` may lead to another float32: Import3d hands numbers to hoc as text of eight digits.

    That is where a number has more digits, and half a step of the eighth reaches the border between two float32.
    """
    size = np.maximum(np.abs(values), BELOW_FLOAT32)
    step = 10.0 ** (np.floor(np.log10(size)) - 7.0)
    room = np.spacing(np.nextafter(np.abs(single), np.float32(0))).astype(np.float64) / 2 - np.abs(values - single)
    scaled = values / step
    return (room <= step * (0.5 + 1e-6)) & (np.abs(scaled - np.rint(scaled)) > 1e-7)


def row_starts(counts: list[int]) -> Ints:
    """Where each of several parts begins once they stand one after another; the last entry is the end of all."""
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
