"""Inputs and records: what acts on a module during a run, and what a run returns.

In: a Core and rows. Out: Inputs and Probes of the Core, and of one run. No JAX until values are traced.
"""

from __future__ import annotations

import dataclasses
import warnings
from typing import Any

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.model.model import Ints, Probe
from jxneuron.modules import columns, edit, points, sampled
from jxneuron.modules.core import Input
from jxneuron.modules.training import Training


class Inputs(Training):
    """The verbs for stimuli, clamps and recordings."""

    def record(self, state: str = "v", verbose: bool = True) -> None:
        """Record a state, a current or a concentration on each of these compartments.

        Args:
            state: ``v``, ``m_hh``, ``ina``, ``cai``, a mechanism's current; a state or current of the synapses of this
                view; or NEURON's whole name on the whole module: ``soma(0.5).v``, ``IClamp[0].i``.
            verbose: print how many were added.

        Raises:
            KeyError: there is no such state; names near matches.
            ModelError: none of these compartments has it.
        """
        probes = self._synaptic_probes(state) or self._probes(state)
        known = {(each.variable, each.node, each.label) for each in self.model.probes}
        new = [each for each in probes if (each.variable, each.node, each.label) not in known]
        self._core.model = dataclasses.replace(self.model, probes=(*self.model.probes, *new))
        if verbose:
            print(f"Added {len(new)} recordings. See `.recordings` for details.")

    def _probes(self, state: str) -> list[Probe]:
        found = edit.probes(self._core, state, self._visible(), self._ends)
        self._require_compartments(f"record({state!r})")
        return found

    def delete_recordings(self) -> None:
        """Record nothing of these compartments, and of the synapses between them."""
        keep = [] if self.base is self else [each for each in self.model.probes if not self._recorded_here(each)]
        self._core.model = dataclasses.replace(self.model, probes=tuple(keep))

    def stimulate(self, current: Any, verbose: bool = True) -> None:
        """Inject current into each of these compartments.

        Args:
            current: nA, (time,) or (rows, time); sample k acts in the step from t_k to t_(k+1). A waveform of
                ``step_current`` knows its ``delta_t``, and a run of other steps refuses it; a plain array does not.
            verbose: print how many were added.

        Raises:
            ModelError: a wrong shape, or not a number.
        """
        self._add_input("i", current, verbose)

    def clamp(self, state_name: str, state_array: Any, verbose: bool = True) -> None:
        """Hold a state at given values: after step k it is sample k.

        Args:
            state_name: ``v`` or a mechanism's state.
            state_array: (time,) or (rows, time), in the state's unit.
            verbose: print how many were added.

        Raises:
            KeyError: there is no such state.
            ModelError: a wrong shape, or not a number.
        """
        self._add_input(state_name, state_array, verbose)

    def data_stimulate(self, current: Any, data_stimuli: Any = None) -> list[Input]:
        """As ``stimulate`` for one run: returns ``data_stimuli`` for ``integrate``, touches nothing; may be traced.

        Raises:
            ModelError: a wrong shape, or not a number; ``data_stimuli`` that no ``data_stimulate`` returned.
        """
        return [*_earlier(data_stimuli, "data_stimulate"), self._data_input("i", current)]

    def data_clamp(self, state_name: str, state_array: Any, data_clamps: Any = None) -> list[Input]:
        """As ``clamp`` for one run: returns ``data_clamps`` for ``integrate``, touches nothing; may be traced.

        Raises:
            KeyError: there is no such state.
            ModelError: a wrong shape, or not a number; ``data_clamps`` that no ``data_clamp`` returned.
        """
        return [*_earlier(data_clamps, "data_clamp"), self._data_input(state_name, state_array)]

    def _data_input(self, key: str, values: Any) -> Input:
        nodes, step = self._input_nodes(key), sampled.delta_t_of(values)
        return Input(key, nodes, edit.traced_samples(key, sampled.plain(values), len(nodes)), step)

    def _add_input(self, key: str, values: Any, verbose: bool) -> None:
        nodes, step = self._input_nodes(key), sampled.delta_t_of(values)
        self._core.inputs.append(Input(key, nodes, edit.samples(key, values, len(nodes)), step))
        if verbose:
            print(f"Added {len(nodes)} external_states. See `.externals` for details.")

    def _input_nodes(self, key: str) -> Ints:
        if key == "i":
            self._require_compartments("stimulate")
            return self._core.rows.node[self._visible()]
        column = columns.find(self.model, self._core.mechanisms, key)
        if not column.state:
            raise ModelError(f"{key} is a parameter: set it, or clamp a state")
        return self._nodes_with(column)

    def delete_stimuli(self) -> None:
        """Remove the injected currents of these compartments: those of ``stimulate``, and an import's IClamps.

        What is played into those IClamps goes with them. Other point processes of an import that inject a current stay;
        a warning names them.
        """
        self._require_compartments("delete_stimuli")
        points.remove(self._core, points.labels_among(self, points.STIMULI))
        self._delete_inputs(lambda key: key == "i")
        others = points.others_that_inject(self)
        if others:
            name = others[0].partition("[")[0]
            warnings.warn(
                f"{', '.join(others[:3])} still inject a current: delete({name!r}) removes them", stacklevel=2
            )

    def delete_clamps(self, state_name: str | None = None) -> None:
        """Remove the clamps of these compartments, of one state or of all.

        Those of ``v`` are an import's SEClamps and VClamps too.

        Raises:
            KeyError: there is no such state.
        """
        if state_name is not None:
            columns.find(self.model, self._core.mechanisms, state_name)
        if state_name in (None, "v"):
            points.remove(self._core, points.labels_among(self, points.CLAMPS))
        self._delete_inputs(lambda key: key != "i" and state_name in (None, key))

    def _delete_inputs(self, matches: Any) -> None:
        self._core.inputs[:] = [
            kept
            for each in self._core.inputs
            for kept in ([edit.outside(each, self._acted_on(each.key))] if matches(each.key) else [each])
            if len(kept.nodes)
        ]

    def _acted_on(self, key: str) -> Ints:
        """What of this view an input of that key may act on: nodes, or instances of a synapse."""
        column = None if key == "i" else columns.find(self.model, self._core.mechanisms, key)
        return self._held_by(column)

    def _acts_here(self, each: Input) -> np.ndarray:
        """Where of an input it acts on this module, (k,) booleans."""
        return np.isin(each.nodes, self._acted_on(each.key))


def _earlier(data: Any, verb: str) -> list[Input]:
    """What an earlier call of a verb returned.

    Raises:
        ModelError: it returns nothing of the kind.
    """
    if data is None:
        return []
    if not isinstance(data, (list, tuple)) or not all(isinstance(each, Input) for each in data):
        raise ModelError(f"{verb}: its last argument is what an earlier {verb} returned, not a {type(data).__name__}")
    return list(data)
