"""One step at a time: what a module is before it runs, and how it moves on.

In: a Core, States and Parameters. Out: new States; no module changes but by ``init_states``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from jxneuron.modules.spike_records import SpikeRecords

if TYPE_CHECKING:
    from jxneuron.modules.states import Parameters, States


class Stepping(SpikeRecords):
    """The verbs around a single step."""

    def initialize(self) -> Any:
        """Check the module and make it ready to run, as a run does by itself. Returns the module.

        Raises:
            ModelError: something that no run could take, all of it at once.
            Float64Error: JAX runs in float32.
        """
        from jxneuron.modules import running

        running.prepare(self._core, self._core.inputs)
        return self

    @property
    def initialized(self) -> bool:
        """True where nothing was edited since the last ``initialize`` or run."""
        return self._core.prepared.get("model") is self._core.model

    def to_jax(self) -> None:
        """As ``initialize``: parameters become JAX arrays when something runs; nothing else needs to be called."""
        self.initialize()

    def init_conds(self, params: Parameters) -> dict[str, Any]:
        """The axial couplings of all nodes, ends included, that follow from parameters, (mA/cm2)/mV.

        Args:
            params: from ``get_all_parameters``; may be traced.

        Returns:
            ``a``, (node,): minus the conductance to the parent over the parent's area, ``b``: over the node's own
            (coefficients of the matrix in NEURON's treeset.cpp); 0 at roots.
        """
        return params["axial_conductances"]

    def init_states(self, delta_t: float | None = None) -> None:
        """Let every mechanism of these compartments start at its steady state at the compartment's ``v``.

        A view of synapses means them alone.

        That is NEURON's INITIAL (``init_state`` of a hand-written channel), evaluated at the start of each run with its
        parameters and voltages, so that gradients contain it. States that were set are forgotten; ``nodes`` shows the
        values at the present ``v``.

        Args:
            delta_t: ms; accepted, but the run's own counts.

        Raises:
            ModelError: a view of an import whose start is taken from NEURON. The module is unchanged.
        """
        from jxneuron.modules import steady

        del delta_t
        at = {each.mechanism: self._among(each) for each in self._core.model.placements}
        steady.init_states(self._core, at, whole=self._is_whole())

    @property
    def external_inds(self) -> dict[str, Any]:
        """(inputs,) the rows of the whole module's ``nodes`` on which each row of ``externals`` acts, by key."""
        from jxneuron.modules import running

        return running.external_inds(self._core)

    def step(
        self,
        u: States,
        delta_t: Any,
        external_inds: Mapping[str, Any] | None,
        externals: Mapping[str, Any],
        params: Parameters,
        solver: str | None = None,
        voltage_solver: str = "auto",
    ) -> States:
        """The States one step later; pure, for ``jit``, ``grad``, ``vmap`` and ``scan``.

        Args:
            u: from ``get_all_states`` or an earlier step; stays as it is.
            delta_t: ms.
            external_inds: rows of the whole module's ``nodes`` for each key of ``externals``, (inputs,), not traced;
                None takes ``module.external_inds``.
            externals: by key the present sample of each input, (inputs,): ``i`` in nA, clamped states in their units.
            params: from ``get_all_parameters``.
            solver: as for ``integrate``; None takes the module's own.
            voltage_solver: as for ``integrate``.

        Raises:
            ModelError: an input does not fit, or the module plays vectors (Vector.play), which ``integrate`` does.
        """
        from jxneuron.modules import running

        return running.step(self._core, u, delta_t, external_inds, externals, params, solver, voltage_solver)
