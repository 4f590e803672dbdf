"""What can be read off a module without changing it: its parts, their numbers, its mechanisms, distances.

In: a Core and rows. Out: plain numpy and lists. No JAX.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.ions import ion_names
from jxneuron.mech.mechanism import Mechanism
from jxneuron.model.model import Floats, Ints, Section
from jxneuron.modules import columns
from jxneuron.modules.connections import Connections
from jxneuron.modules.select import locations
from jxneuron.modules.selection import Selection


class Facts(Connections):
    """Numbers of the parts of a module or view, under the names that scripts of this style use."""

    @property
    def nbranches_per_cell(self) -> list[int]:
        """How many branches each cell has, in the order of cells."""
        table, branches = self._core.rows, self._sections()
        cell_of = table.cell[np.unique(table.section, return_index=True)[1]]
        return np.unique(cell_of[branches], return_counts=True)[1].tolist()

    @property
    def total_nbranches(self) -> int:
        """How many branches there are in all cells."""
        return len(self._sections())

    @property
    def cumsum_nbranches(self) -> Ints:
        """(cells + 1,) where each cell's branches begin; the last entry is ``total_nbranches``."""
        return np.cumsum([0, *self.nbranches_per_cell])

    @property
    def ncomp_per_branch(self) -> Ints:
        """(branches,) how many compartments of each branch are in this module."""
        section = self._core.rows.section[self._visible()]
        counts = np.bincount(section, minlength=len(self.model.sections))
        return counts[self._sections()]

    @property
    def cumsum_ncomp(self) -> Ints:
        """(branches + 1,) where each branch's compartments begin among the rows of ``nodes``."""
        return np.cumsum([0, *self.ncomp_per_branch])

    @property
    def ncomp(self) -> int:
        """The largest number of compartments in a branch."""
        return int(self.ncomp_per_branch.max(initial=0))

    nseg = ncomp

    @property
    def comb_parents(self) -> Ints:
        """(branches,) each branch's parent among the branches of this module, -1 where it is not in it or is none."""
        sections = self._sections()
        place = np.full(len(self.model.sections) + 1, -1)
        place[sections] = np.arange(len(sections))
        return place[[self.model.sections[index].parent for index in sections]]

    def _sections(self) -> Ints:
        """Indices of the sections of this module, in the order of its rows."""
        section = self._core.rows.section[self._visible()]
        first = np.sort(np.unique(section, return_index=True)[1])
        return section[first]

    def _nodes_with(self, column: columns.Column) -> Ints:
        """The nodes of this view that have the column, in the order of its rows; the instances of a synapse's."""
        if column.of_synapses:
            return self._instances_with(column)
        rows = self._visible()
        if column.whole:
            if len(rows) != len(self._core.rows.node):
                raise ModelError(f"{column.key} is one value for the whole module: say so on the module, not on a view")
            return column.nodes
        nodes = self._core.rows.node[rows]
        held = nodes[np.isin(nodes, column.nodes)]
        if not len(held):
            raise ModelError(f"{column.key}: none of these compartments has it; insert {column.owner} there first")
        return held

    @property
    def channels(self) -> list[Mechanism]:
        """The membrane mechanisms on some compartment of this module, in the order in which they run."""
        nodes = self._core.rows.node[self._visible()]
        held = [each for each in self.model.placements if each.kind == "density" and np.isin(each.node, nodes).any()]
        return [self._core.mechanisms[each.mechanism] for each in held]

    @property
    def membrane_current_names(self) -> list[str]:
        """What can be recorded of the membrane's currents here, mA/cm2: ``ina``, ``ik``, ``i_pas``, ``i_HH``."""
        found: dict[str, None] = {}
        for mechanism in self.channels:
            for current in mechanism.currents:
                if current.ion:
                    found[ion_names(current.ion).current] = None
                elif current.name in mechanism.by_name:
                    found[mechanism.by_name[current.name].full_name(mechanism.name)] = None
        return list(found)

    @property
    def group_names(self) -> list[str]:
        """Names of the groups."""
        return list(self._core.groups)

    def distance(self, endpoint: Any = None, kind: Literal["pathwise", "direct"] = "pathwise") -> Floats:
        """How far each compartment's centre is from a place, um, (rows,); NaN in other cells.

        Args:
            endpoint: a view of one compartment or section end, or its name (``soma(0.5)``); None takes the beginning
                of the first branch, as NEURON's ``distance()`` does.
            kind: ``pathwise`` along the branches (NEURON's ``h.distance``), ``direct`` through space between traced
                points.

        Raises:
            ModelError: the endpoint is more than one place, or ``direct`` without traced points.
        """
        from jxneuron.morphology import way

        self._require_compartments("distance")
        if kind not in ("pathwise", "direct"):
            raise ModelError(f"kind = {kind!r}: pathwise or direct")
        nodes = self._core.rows.node[self._visible()]
        return (way.along if kind == "pathwise" else way.straight)(self.model, nodes, *self._endpoint(endpoint))

    def _endpoint(self, endpoint: Any) -> tuple[str, float]:
        if endpoint is None:
            return self.model.sections[0].name, 0.0
        view = self.base.at(endpoint) if isinstance(endpoint, str) else endpoint
        rows = view._visible() if isinstance(view, Selection) and view._core is self._core else ()
        if len(rows) != 1:
            raise ModelError("distance: the endpoint is one compartment of the same module, or its name")
        node = int(self._core.rows.node[rows[0]] if view._ends is None else view._ends[0])
        section = self.model.sections[self._core.rows.section[rows[0]]]
        return section.name, _x_of(section, node, float(self.model.nodes.x[node]))


def _x_of(section: Section, node: int, x: float) -> float:
    """Where on a section a node of it is; an end node may count as its parent's."""
    if node in (section.node_at_0, section.node_at_1):
        return 0.0 if node == section.node_at_0 else 1.0
    return x


def loc_of_index(global_comp_index: Any, global_branch_index: Any, ncomp_per_branch: Any) -> Floats:
    """The location, 0..1, of the centre of a compartment on its branch: ``(k + 1/2)/ncomp``.

    Args:
        global_comp_index: (k,) or a number: compartments counted over the whole module.
        global_branch_index: the same: the branch of each.
        ncomp_per_branch: (branches,) compartments of each branch.
    """
    counts = np.asarray(ncomp_per_branch)
    starts = np.cumsum([0, *counts])
    branch = np.asarray(global_branch_index)
    return (np.asarray(global_comp_index) - starts[branch] + 0.5) / counts[branch]


def index_of_loc(branch_ind: int, loc: Any, ncomp_per_branch: Any) -> Ints:
    """The compartment, counted over the whole module, that holds a location of a branch: ``int(loc*ncomp)`` in it.

    Args:
        branch_ind: the branch.
        loc: 0..1, one or several.
        ncomp_per_branch: (branches,) compartments of each branch.

    Raises:
        ModelError: a location outside 0..1.
    """
    counts = np.asarray(ncomp_per_branch)
    found = int(np.sum(counts[:branch_ind])) + locations(loc, int(counts[branch_ind]))
    return found if np.ndim(loc) else found[0]
