"""Training: what of a module is a parameter of the optimiser, and values given to one run only.

In: a Core and rows. Out: Trainables of the Core; parameters and pstates for ``integrate``. No JAX before values are
used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.model.model import Ints
from jxneuron.modules import columns, edges
from jxneuron.modules.build import edge_count
from jxneuron.modules.core import Trainable
from jxneuron.modules.facts import Facts
from jxneuron.modules.values import numbers


class Training(Facts):
    """The verbs that say what is trained, and that hand parameters and states out."""

    def make_trainable(self, key: str, init_val: Any = None, verbose: bool = True) -> None:
        """Let ``get_parameters`` return this parameter or state.

        There is one value for the whole view; for each cell of ``.cell(...)``, each branch of ``.branch(...)``, each
        compartment of ``.comp(...)`` and ``.loc(...)``. Of what belongs to synapses there is one for the whole view,
        or for each synapse of ``.edge(...)``. Any other sharing is written into the view's table first: rows with equal
        values have one parameter, in the order of those values::

            cell.nodes["controlled_by_param"] = cell.nodes["radius"] > 1.0
            cell.make_trainable("gnabar_hh")  # one for thin compartments, one for thick ones

        Args:
            key: as for ``set``; also states (``v``, ``m_hh``): what the run starts from.
            init_val: one number, or one for each new parameter; None takes the mean of present values.
            verbose: print how many parameters were added.

        Raises:
            KeyError: there is no such key.
            ModelError: a wrong number of values, or some of these compartments or synapses have a trained value of it.
        """
        core = self._core
        column = columns.find(core.model, core.mechanisms, key)
        nodes = self._nodes_with(column)
        columns.require_number(column)
        columns.require_free(core.model, column, nodes)
        _require_untrained(core.trainables, column, nodes)
        group = self._group_of(column, nodes) if not column.whole else np.zeros(0, np.int64)
        count = int(group.max(initial=0)) + 1
        core.trainables.append(
            Trainable(column, nodes, group, self._start_values(key, column, nodes, group, count, init_val))
        )
        if verbose:
            total = sum(len(each.values) for each in core.trainables)
            print(f"Number of newly added trainable parameters: {count}. Total number of trainable parameters: {total}")

    def _trained_here(self, trainable: Trainable) -> np.ndarray:
        """Where of a trainable it belongs to this module, (k,) booleans."""
        return np.isin(trainable.nodes, self._held_by(trainable.column))

    def _group_of(self, column: columns.Column, nodes: Ints) -> Ints:
        import pandas as pd

        if column.kind == "edge":
            keys = edges.numbers_of_instances(self.model, column.owner)[nodes]
        elif column.kind == "connection":
            keys = edge_count(self.model) + nodes
        else:
            rows = self._visible()
            keys = rows[np.isin(self._core.rows.node[rows], nodes)]
        shared = self._controlled_by("edges" if column.of_synapses else "nodes", keys)
        return pd.factorize(shared, sort=True, use_na_sentinel=False)[0]

    def _start_values(self, key: str, column: Any, nodes: Ints, group: Ints, count: int, init_val: Any) -> Any:
        if init_val is None:
            values = np.atleast_1d(self._present(column, nodes) if column.state else self.get(key))
            if column.whole:
                return values[:1].astype(float)
            return np.bincount(group, values, count) / np.bincount(group, minlength=count)
        given = numbers(f"make_trainable({key!r})", init_val)
        columns.check(column, given)
        if given.ndim > 1 or (given.ndim == 1 and len(given) != count):
            raise ModelError(
                f"make_trainable({key!r}): {count} parameters are created, init_val has {given.size} values"
            )
        return np.broadcast_to(given, (count,)).copy()

    def _present(self, column: Any, nodes: Ints) -> Any:
        """What a state starts with: INITIAL's value where none was set."""
        from jxneuron.modules import running

        return running.initial_values(self._core, column, nodes)

    def get_parameters(self) -> list[dict[str, Any]]:
        """What is trained, ``{key: (groups,) array}`` each: what ``integrate`` takes as ``params``."""
        from jxneuron.modules import trainable

        return trainable.get_parameters(self._core)

    @property
    def trainable_params(self) -> list[dict[str, Any]]:
        """As ``get_parameters``."""
        return self.get_parameters()

    @property
    def indices_set_by_trainables(self) -> list[Any]:
        """For each entry of ``get_parameters`` the rows of ``nodes`` that each of its values sets, (groups, k).

        Groups of different sizes are padded with -1; what is one for the whole module sets no row, (1, 0).
        """
        from jxneuron.modules import trainable

        return trainable.indices(self._core)

    def write_trainables(self, params: Any) -> None:
        """Make trained values the module's own.

        Raises:
            ModelError: not of the form of ``get_parameters``, or a value that no run could take.
        """
        from jxneuron.modules import trainable

        trainable.write(self._core, params)

    def data_set(self, key: str, value: Any, param_state: Any) -> list[dict[str, Any]]:
        """As ``set`` inside ``jit`` and ``grad``: returns a ``param_state`` for ``integrate``, touches nothing.

        Args:
            key: as for ``set``.
            value: one number or one for each compartment that has the key; may be traced.
            param_state: what an earlier ``data_set`` returned, or None. Of two values for a place the later one
                counts; one for a place that ``params`` trains is refused when both are given to a run.
        """
        from jxneuron.modules import trainable

        column = columns.find(self.model, self._core.mechanisms, key)
        nodes = self._nodes_with(column)
        columns.require_number(column)
        columns.require_free(self.model, column, nodes)
        return trainable.data_set(self._core, nodes, column, value, param_state)

    def get_all_parameters(self, pstate: Any = ()) -> Any:
        """Every parameter, values of a pstate in place, and the axial couplings derived from them."""
        from jxneuron.modules import running

        return running.get_all_parameters(self._core, pstate)

    def get_all_states(self, pstate: Any = (), all_params: Any = None, delta_t: float = 0.025) -> Any:
        """The full initial state, currents included, under the names of ``nodes``."""
        from jxneuron.modules import running

        return running.get_all_states(self._core, all_params or self.get_all_parameters(pstate), delta_t)

    def delete_trainables(self) -> None:
        """Train nothing."""
        self._core.trainables.clear()

    @property
    def num_trainable_params(self) -> int:
        """How many numbers ``get_parameters`` holds."""
        return sum(len(each.values) for each in self._core.trainables)


def _require_untrained(trainables: Sequence[Trainable], column: columns.Column, nodes: Ints) -> None:
    """One place has one trained value: of two the later would count, and the gradient of the earlier would be 0.

    Raises:
        ModelError: names the earlier entry.
    """
    overlap = columns.first_overlap([(each.column, each.nodes) for each in trainables], column, nodes)
    if overlap is not None:
        number, where = overlap
        raise ModelError(
            f"make_trainable({column.key!r}): entry {number} of get_parameters(), {trainables[number].column.key}, "
            f"already trains it in {where}; the gradient of one of them would be 0: take others, or call "
            "delete_trainables()"
        )
