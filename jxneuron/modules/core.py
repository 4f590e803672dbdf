"""What a module shares with all its views: one Model, and what the user said about running it.

In: a Model and its mechanisms. Out: the index columns that views select by. No JAX.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jxneuron.mech.mechanism import Mechanism
from jxneuron.model.find import roots
from jxneuron.model.model import Floats, Ints, Model
from jxneuron.modules.columns import Column


@dataclass(frozen=True, eq=False)
class Rows:
    """The compartments of a Model in the order of tables: by cell, then section, then x. (row,) each."""

    node: Ints
    section: Ints
    cell: Ints
    branch: Ints  # index of the section within its cell
    comp: Ints  # index within the section
    nseg: Ints  # (section,) how many compartments each section has
    of_node: Ints  # (node,) row of each node; that of the nearest compartment of its section at zero-area nodes


def rows_of(model: Model) -> Rows:
    """Each tree is a cell; cells in the order of their first section."""
    root = roots(np.array([section.parent for section in model.sections], np.int64))
    _, first, cell = np.unique(root, return_index=True, return_inverse=True)
    cell = np.argsort(np.argsort(first))[cell]
    order = np.argsort(cell, kind="stable")
    branch = np.empty(len(order), np.int64)
    branch[order] = _rank_within(cell[order])
    nseg = np.array([section.nseg for section in model.sections])
    sizes = nseg[order]
    section = np.repeat(order, sizes)
    node = np.concatenate([np.asarray(model.sections[i].centres, np.int64) for i in order])
    comp = np.concatenate([np.arange(size) for size in sizes])
    cells, branches = cell[section], branch[section]
    of_node = _of_node(model, node)
    return Rows(node=node, section=section, cell=cells, branch=branches, comp=comp, nseg=nseg, of_node=of_node)


def _of_node(model: Model, node: Ints) -> Ints:
    """The parent of a section's far end is its last centre; a root belongs to the end of its section."""
    nodes = model.nodes
    found = np.full(len(nodes.parent), -1, np.int64)
    found[node] = np.arange(len(node))
    ends = np.flatnonzero(nodes.is_end & (nodes.parent >= 0))
    found[ends] = found[nodes.parent[ends]]
    for root in np.flatnonzero(nodes.parent < 0):
        section = model.sections[nodes.section[root]]
        found[root] = found[section.centres[-1 if section.orientation else 0]]
    return found


def _rank_within(groups: Ints) -> Ints:
    """0, 1, 2, ... within each run of equal values."""
    starts = np.flatnonzero(np.diff(groups, prepend=groups[:1] - 1))
    return np.arange(len(groups)) - np.repeat(starts, np.diff(np.append(starts, len(groups))))


@dataclass(frozen=True, eq=False)
class Trainable:
    """One entry of ``get_parameters``.

    Attributes:
        column: what is trained.
        nodes: (k,) where; empty where there is one value for the whole module.
        group: (k,) which of the values counts at each of them.
        values: (groups,) to start from.
    """

    column: Column
    nodes: Ints
    group: Ints
    values: Floats


@dataclass(frozen=True, eq=False)
class Input:
    """A stimulus or a clamp.

    Attributes:
        key: ``i`` (nA), or the state that is clamped.
        nodes: (k,) where.
        values: (k, time); sample j acts in the step from t_j to t_(j+1).
        delta_t: ms between samples, None where that is not known.
    """

    key: str
    nodes: Ints
    values: Any
    delta_t: float | None = None


@dataclass(eq=False)
class Core:
    """Everything that changes when the user edits; a module and its views hold the same one."""

    model: Model
    mechanisms: Mapping[str, Mechanism]
    rows: Rows
    groups: dict[str, np.ndarray] = field(default_factory=dict)  # (row,) booleans
    trainables: list[Trainable] = field(default_factory=list)
    inputs: list[Input] = field(default_factory=list)
    prepared: dict[Any, Any] = field(default_factory=dict)  # what runs of the present model share, see ``running``
    imported: Model | None = None  # as it came from NEURON: settles what a run takes of NEURON's state
    cuts: int = 0  # how often branches were cut into other compartments: rows count by the numbers of their time
    deletions: int = 0  # how often synapses got other numbers: views of them count by the numbers of their time
    settled: dict[Any, Any] = field(default_factory=dict)  # what that is, by dt and mode, see ``running``
    columns: dict[str, dict[str, Any]] = field(  # what users added to ``nodes`` and ``edges``: (row,) by name
        default_factory=lambda: {"nodes": {}, "edges": {}}
    )
    events_capacity: dict[str, int] = field(default_factory=dict)  # places that runs have at least, see Capacity
    stimulators: list[tuple[Any, int]] = field(default_factory=list)  # NetStims and VecStims, and which source they are
    of_ends: list[tuple[str, str]] = field(default_factory=list)  # columns of nodes that edges show: side and name

    @classmethod
    def of(cls, model: Model, mechanisms: Mapping[str, Mechanism]) -> Core:
        """Over a Model, with its SectionLists as groups."""
        imported = model.imported or (model if model.initial is not None else None)
        if model.imported is not None or model.additions is not None:
            model = dataclasses.replace(model, imported=None, additions=None)
        rows = rows_of(model)
        groups = {name: np.isin(rows.section, np.asarray(members)) for name, members in model.groups.items()}
        return cls(model, dict(mechanisms), rows, groups, imported=imported)

    def __getstate__(self) -> dict[str, Any]:
        """For pickle and deepcopy: without what can be made again."""
        return {**self.__dict__, "prepared": {}, "settled": {}}
