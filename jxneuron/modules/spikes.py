"""Spikes: which sources of events a run records, and when these fired.

In: a Core and rows; the last State of a run. Out: records of a Model; times and names. JAX only under ``jit``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from jxneuron.errors import ModelError
from jxneuron.lower.program import State
from jxneuron.model.find import source_name
from jxneuron.model.model import Floats, Ints, Model
from jxneuron.modules import sending, wires
from jxneuron.modules.core import Core
from jxneuron.modules.inputs import Inputs
from jxneuron.modules.values import is_traced

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
        every = {name: np.array([source]) for name, source in zip(_names(core.model, sources), sources, strict=True)}
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


def _names(model: Model, sources: Ints) -> list[str]:
    """Return the names of some sources of a Model."""
    held = wires.events_of(model).sources
    return [source_name(model, model.placements, model.ions, held, int(k)) for k in sources]


@jax.tree_util.register_pytree_node_class
class Spikes:
    """The spikes of a run, in the order in which they happened.

    Attributes:
        time: (places,) ms; inf where there was no spike.
        source: (places,) number of the source; -1 where there was no spike.
        count: () how many there were, also of those without a place: only a run within ``jit`` can have such.
    """

    def __init__(self, core: Core, time: Any, source: Any, count: Any) -> None:
        self._core = core
        self.time, self.source, self.count = time, source, count

    @classmethod
    def of(cls, core: Core, state: State) -> Spikes:
        """Return the spikes in the last State of a run; outside ``jit`` without empty places."""
        if state.events is None or state.events.log is None:
            return cls(core, np.zeros(0), np.zeros(0, np.int32), 0)
        log = state.events.log
        if not is_traced(log.count):
            count = int(log.count)
            return cls(core, np.asarray(log.time)[:count], np.asarray(log.source)[:count], count)
        happened = jnp.arange(len(log.time)) < log.count
        return cls(core, jnp.where(happened, log.time, jnp.inf), jnp.where(happened, log.source, -1), log.count)

    def __len__(self) -> int:
        """How many places there are: outside ``jit``, how many spikes."""
        return len(self.time)

    @property
    def by_name(self) -> Mapping[str, Floats]:
        """The times of each record of ``spike_recordings``, (spikes,) ms."""
        recorded = wires.events_of(self._core.model).recorded
        time, source = np.asarray(self.time), np.asarray(self.source)
        return {name: np.sort(time[np.isin(source, own)]) for name, own in recorded.items()}

    @property
    def table(self) -> pd.DataFrame:
        """One row for each spike: ``time`` ms, ``source`` (its name), ``cell_index`` (-1 of an artificial cell)."""
        import pandas as pd

        model, rows = self._core.model, self._core.rows
        happened = np.asarray(self.source) >= 0
        source = np.asarray(self.source)[happened]
        used, number = np.unique(source, return_inverse=True)
        node = wires.source_nodes(model)[used]
        cell = np.where(node < 0, -1, rows.cell[rows.of_node[node]])
        names = np.array(_names(model, used), object)
        return pd.DataFrame({
            "time": np.asarray(self.time)[happened], "source": names[number], "cell_index": cell[number]
        })  # fmt: skip

    def tree_flatten(self) -> tuple[tuple[Any, Any, Any], Core]:
        """For JAX: times and sources are data, the module they belong to is not."""
        return (self.time, self.source, self.count), self._core

    @classmethod
    def tree_unflatten(cls, core: Core, held: tuple[Any, Any, Any]) -> Spikes:
        """For JAX: the reverse of ``tree_flatten``."""
        return cls(core, *held)
