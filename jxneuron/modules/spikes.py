"""The spikes of a run.

In: the last State of a run. Out: when the recorded sources fired, and their names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from jxneuron.lower.program import State
from jxneuron.model.model import Floats
from jxneuron.modules import wires
from jxneuron.modules.core import Core
from jxneuron.modules.simulate import by_record
from jxneuron.modules.spike_records import source_names
from jxneuron.modules.values import is_traced

if TYPE_CHECKING:
    import pandas as pd


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
        return by_record(recorded, np.asarray(self.time), np.asarray(self.source))

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
        names = np.array(source_names(model, used), object)
        return pd.DataFrame({
            "time": np.asarray(self.time)[happened], "source": names[number], "cell_index": cell[number]
        })  # fmt: skip

    def tree_flatten(self) -> tuple[tuple[Any, Any, Any], Core]:
        """For JAX: times and sources are data, the module they belong to is not."""
        return (self.time, self.source, self.count), self._core

    @classmethod
    def tree_unflatten(cls, core: Core, leaves: tuple[Any, Any, Any]) -> Spikes:
        """For JAX: the reverse of ``tree_flatten``."""
        return cls(core, *leaves)
