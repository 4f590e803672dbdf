"""Which sources of events a run records.

In: a Core and rows. Out: records of a Model.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.model.find import source_name
from jxneuron.model.model import Ints, Model
from jxneuron.modules import sending, wires
from jxneuron.modules.inputs import Inputs

if TYPE_CHECKING:
    import pandas as pd


class SpikeRecords(Inputs):
    """The verbs that say whose spikes a run records."""

    def record_spikes(self, threshold: Any = None, verbose: bool = True) -> None:
        """Record when the voltage rises above a threshold in each of these compartments, as NEURON's NetCon.record.

        Of a view of synapses those from which their events come are recorded, artificial cells too; of a whole module
        all from which events come. ``integrate(..., return_spikes=True)`` returns the spikes, under the name of the
        place (``cell[0].branch[0](0.5)``).

        Args:
            threshold: mV, one or one for each compartment; None takes that of the connections that begin there, else
                10 mV.
            verbose: print how many were added.

        Raises:
            ModelError: connections that begin there have another threshold; of a whole module: nothing sends events.
        """
        core, before = self._core, wires.events_of(self.model)
        events, sources = self._spiking(threshold)
        core.model = dataclasses.replace(self.model, events=events)
        every = {
            name: np.array([source]) for name, source in zip(source_names(core.model, sources), sources, strict=True)
        }
        recorded = {**every, **before.recorded}
        core.model = dataclasses.replace(self.model, events=dataclasses.replace(events, recorded=recorded))
        if verbose:
            print(
                f"Added {len(recorded) - len(before.recorded)} spike recordings. See `.spike_recordings` for details."
            )

    def _spiking(self, threshold: Any) -> tuple[wires.Events, Ints]:
        """Return the sources that this module means, ascending, and the events that have them."""
        events = wires.events_of(self.model)
        if self.base is not self and not self._means_synapses():
            nodes = sending.nodes_of(self._core, [self], ends=True)
            given = None if threshold is None else sending.one_each("threshold", threshold, len(nodes))
            return wires.voltage_sources(events, self.model, nodes, given)
        if threshold is not None:
            raise ModelError(
                'record_spikes: say set("threshold", ...) of the connections, or take a view of compartments'
            )
        sources = np.unique(events.connections.source[self._connections()])
        if not len(sources):
            raise ModelError("nothing sends events here: take a view of the compartments whose spikes to record")
        return events, sources

    def _means_synapses(self) -> bool:
        """Whether this is a view of synapses."""
        return False

    @property
    def spike_recordings(self) -> pd.DataFrame:
        """Whose spikes a run records: ``name``, of an import that of its NetCon.record or pc.spike_record."""
        import pandas as pd

        from jxneuron.modules.frame import reading

        table = pd.DataFrame({"name": list(wires.events_of(self.model).recorded)})
        return reading(table, "spike_recordings", "call record_spikes() and delete_spike_recordings()")

    def delete_spike_recordings(self) -> None:
        """Record the spikes of nothing; of a view, of none of its compartments, or of what its synapses come from."""
        events = wires.events_of(self.model)
        kept: dict[str, Ints] = {}
        if self.base is not self:
            gone = self._recorded_sources()
            left = {name: own[~np.isin(own, gone)] for name, own in events.recorded.items()}
            kept = {name: own for name, own in left.items() if len(own)}
        if self.model.events is not None:
            self._core.model = dataclasses.replace(self.model, events=dataclasses.replace(events, recorded=kept))

    def _recorded_sources(self) -> Ints:
        events = wires.events_of(self.model)
        if self._means_synapses():
            return events.connections.source[self._connections()]
        node = wires.source_nodes(self.model)
        rows = np.append(self._core.rows.of_node, -1)[node]
        return np.flatnonzero(np.isin(rows, self._visible()))


def source_names(model: Model, sources: Ints) -> list[str]:
    """Return the names of some sources of a Model."""
    own = wires.events_of(model).sources
    return [source_name(model, model.placements, model.ions, own, int(k)) for k in sources]
