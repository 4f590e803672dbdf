"""Connections: the synapses of a module or view, and views of some of them.

In: a Core and rows. Out: numbers of synapses, their table and names. No JAX.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.mech.mechanism import Mechanism
from jxneuron.model.find import placement_of
from jxneuron.model.model import Ints, Placement, Probe
from jxneuron.modules import columns, edges, wires
from jxneuron.modules.build import edge_count
from jxneuron.modules.select import chosen
from jxneuron.modules.sharing import Sharing
from jxneuron.wording import did_you_mean

if TYPE_CHECKING:
    from typing import Any

    import pandas as pd

    from jxneuron.modules.module import EdgeView


class Connections(Sharing):
    """What a module knows of its synapses."""

    def _edge_view(self, numbers: Ints, by: str) -> EdgeView:
        raise NotImplementedError

    def _edge_numbers(self) -> Ints:
        """Numbers of the synapses whose both ends this module sees, ascending; those of artificial cells too."""
        rows = self._visible()
        if len(rows) == len(self._core.rows.node):
            return np.arange(edge_count(self.model) + wires.count(self.model))
        every, seen = edges.edges_of(self.model), np.isin(self._core.rows.of_node, rows)
        # An artificial cell, node -1, is nowhere: events from it are seen where they arrive
        return np.flatnonzero(np.append(seen, True)[every.pre] & np.append(seen, False)[every.post])

    def edge(self, index: Any) -> EdgeView:
        """The synapses of that number among those of this module; each gets trainable parameters of its own.

        Args:
            index: a number, a list, a slice, a boolean mask or ``"all"``.
        """
        numbers = self._edge_numbers()
        return self._edge_view(numbers[chosen(index, len(numbers), "edge")], "edge")

    def _synapses_named(self, name: str) -> EdgeView:
        numbers = self._edge_numbers()
        return self._edge_view(numbers[np.isin(numbers, self._numbers_of_type(name))], "module")

    def _instances(self, owner: str) -> Ints:
        """Which instances of a synapse type this module sees, in the order of ``edges``, then those without synapse."""
        placement = placement_of(self.model, owner)
        seen = np.flatnonzero(self._among(placement))
        ordered = edges.instances_of(self.model, placement, self._edge_numbers())
        return np.concatenate([ordered[np.isin(ordered, seen)], seen[~np.isin(seen, ordered)]])

    def _connections(self) -> Ints:
        """Which connections of events this module sees."""
        numbers = self._edge_numbers() - edge_count(self.model)
        return numbers[numbers >= 0]

    def _numbers_of_type(self, owner: str) -> Ints:
        return edges.numbers_of_type(self.model, owner)

    def _among(self, placement: Placement) -> np.ndarray:
        """Which instances of a mechanism belong to this module, (instance,) booleans."""
        if placement.edges is not None:
            return np.isin(edges.numbers_of(placement), self._edge_numbers())
        if placement.kind == "artificial":
            return np.full(len(placement.node), self._is_whole())
        return np.isin(self._core.rows.of_node[placement.node], self._visible())

    def _held_by(self, column: columns.Column | None) -> Ints:
        """What of this module may have a value of a column: nodes, or instances of a synapse."""
        if column is not None and column.kind == "edge":
            return self._instances(column.owner)
        if column is not None and column.kind == "connection":
            return self._connections()
        return self._core.rows.node[self._visible()]

    def _is_whole(self) -> bool:
        """True where this module sees every compartment."""
        return len(self._visible()) == len(self._core.rows.node)

    def _recorded_here(self, probe: Probe) -> bool:
        """Whether a record belongs to these compartments, and to the synapses and point processes in them."""
        if probe.node >= 0:
            return bool(np.isin(self._core.rows.of_node[probe.node], self._visible()))
        held = (each for each in self.model.placements if probe.label in each.labels)
        return any(bool(self._among(each)[each.labels.index(probe.label)]) for each in held)

    def _instances_with(self, column: columns.Column) -> Ints:
        if column.kind == "connection":
            found = column.nodes[np.isin(column.nodes, self._connections())]
        else:
            found = self._instances(column.owner)
        if not len(found):
            raise ModelError(f"{column.key}: none of these synapses has it")
        return found

    def _synaptic_probes(self, state: str) -> list[Probe]:
        return edges.probes(self._core, state, self._edge_numbers())

    @property
    def edges(self) -> pd.DataFrame:
        """One row per synapse with both ends in this module, in the order in which they were connected.

        Columns: where it begins (``pre_locs``, 0..1, ``pre_branch_index`` within the cell, ``pre_cell_index``,
        ``global_pre_comp_index``, the row of ``nodes``, ``global_pre_branch_index``) and ends (``post_``), ``type``,
        ``type_ind``, parameters and states by name. Connections of events (NetCons) have a ``source`` and a ``target``,
        ``weight`` (and ``weight_1`` ...), ``delay`` in ms and ``threshold`` in mV; several may share a target and its
        parameters. Artificial cells have no compartment: -1.

        A copy: change values with ``set``. A new column is remembered; ``controlled_by_param`` says which rows share a
        trainable parameter, and may be changed.
        """
        numbers = self._edge_numbers()
        table = edges.table(self._core, numbers)
        for side, name in self._core.of_ends if len(table) else ():
            table[f"{side}_{name}"] = self.base.nodes[name].to_numpy()[table[f"global_{side}_comp_index"]]
        return self._framed("edges", table, numbers)

    def copy_node_property_to_edges(
        self, properties_to_import: str | Sequence[str], pre_or_post: str | Sequence[str] = ("pre", "post")
    ) -> None:
        """Let ``edges`` show columns of ``nodes`` at both ends of each synapse, as ``pre_radius`` and ``post_radius``.

        Args:
            properties_to_import: columns of ``nodes``; they are looked up whenever ``edges`` is.
            pre_or_post: ``pre``, ``post`` or both.

        Raises:
            KeyError: no such column; names near matches.
            ModelError: another side.
        """
        names = [properties_to_import] if isinstance(properties_to_import, str) else list(properties_to_import)
        sides = [pre_or_post] if isinstance(pre_or_post, str) else list(pre_or_post)
        known = list(self.base.nodes)
        for name in names:
            if name not in known:
                raise KeyError(f"{name!r} is no column of nodes{did_you_mean(name, known)}")
        if not {*sides} <= {"pre", "post"}:
            raise ModelError(f"pre_or_post = {pre_or_post!r}: pre, post, or both")
        wanted = [(side, name) for name in names for side in sides]
        self._core.of_ends = list(dict.fromkeys([*self._core.of_ends, *wanted]))

    @property
    def synapses(self) -> list[Mechanism]:
        """The types of synapses of this module, in the order in which they were first connected."""
        numbers = self._edge_numbers()
        held = [name for name in edges.types(self.model) if np.isin(numbers, self._numbers_of_type(name)).any()]
        return [self._core.mechanisms[name] for name in held]

    @property
    def synapse_names(self) -> list[str]:
        """Names of ``synapses``."""
        return [each.name for each in self.synapses]

    @property
    def synapse_param_names(self) -> list[str]:
        """Parameters of all ``synapses``."""
        return self._synaptic("p")

    @property
    def synapse_state_names(self) -> list[str]:
        """States of all ``synapses``, without their currents."""
        currents = set(self.synapse_current_names)
        return [name for name in self._synaptic("s") if name not in currents]

    @property
    def synapse_current_names(self) -> list[str]:
        """What can be recorded of the currents of ``synapses``, nA: ``i_IonotropicSynapse``."""
        return [
            each.by_name[current.name].full_name(each.name)
            for each in self.synapses
            for current in each.currents
            if current.name in each.by_name
        ]

    def _synaptic(self, held: str) -> list[str]:
        return [
            field.full_name(each.name)
            for each in self.synapses
            for field in each.fields
            if field.storage == held and field.scope == "range"
        ]
