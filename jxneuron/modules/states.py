"""States and parameters under the names of tables.

In: a State or Params and the Model that they belong to. Out: mappings from names (``v``, ``m_hh``, ``radius``) to
arrays with one value per compartment, which pass through ``jit``, ``grad`` and ``vmap`` as pytrees.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jxneuron.ions import ion_variables
from jxneuron.lower.program import Params, State
from jxneuron.modules import columns
from jxneuron.modules.core import Core
from jxneuron.wording import did_you_mean


class _Named(Mapping[str, Any]):
    """A pytree seen by name; its values have shape (row,), NaN where a compartment has none.

    Those of synapses have shape (synapses of this type,).
    """

    def __init__(self, core: Core, held: Any) -> None:
        self._core = core
        self._held = held

    def _places(self) -> dict[str, tuple[Any, Any]]:
        """By name: the values, and the nodes that have them (None: all; "edges": synapses have them)."""
        raise NotImplementedError

    def __getitem__(self, name: str) -> Any:
        places = self._places()
        if name not in places:
            raise KeyError(f"{name!r} is none of these{did_you_mean(name, places)}")
        values, nodes = places[name]
        at = self._core.rows.node
        if isinstance(nodes, str):
            return jnp.asarray(values)
        if nodes is None:
            return jnp.asarray(values)[..., at]
        spread = jnp.full((*np.shape(values)[:-1], len(self._core.model.nodes.parent)), jnp.nan)
        return spread.at[..., nodes].set(values)[..., at]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places())

    def __len__(self) -> int:
        return len(self._places())

    def _ions(self, held: Mapping[str, Any], current: bool) -> dict[str, tuple[Any, Any]]:
        return {
            name: (held[ion.name][ours], ion.node)
            for ion in self._core.model.ions
            for name, ours in ion_variables(ion.name).items()
            if current or ours != "current"
        }

    def _fields(self, held: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
        found = {}
        for placement in self._core.model.placements:
            by_name = self._core.mechanisms[placement.mechanism].by_name
            for name, values in held[placement.mechanism].items():
                shown = placement.kind == "density" or columns.connects(self._core.model, placement)
                if by_name[name].scope == "range" and shown:
                    nodes = placement.node if placement.kind == "density" else "edges"
                    found[by_name[name].full_name(placement.mechanism)] = (values, nodes)
        return found


@jax.tree_util.register_pytree_node_class
class States(_Named):
    """What changes during a run, under the names of ``nodes``; ``state`` is the State itself."""

    @property
    def state(self) -> State:
        """The runtime's own record."""
        return self._held

    def at(self, state: State) -> States:
        """These names for another State of the same module, as the same kind of pytree."""
        return States(self._core, state)

    def _places(self) -> dict[str, tuple[Any, Any]]:
        state = self._held
        return {"v": (state.v, None), **self._fields(state.mech), **self._ions(state.ion, current=True)}

    def tree_flatten(self) -> tuple[tuple[Any], Core]:
        """For JAX: the State is data, the module it belongs to is not."""
        return (self._held,), self._core

    @classmethod
    def tree_unflatten(cls, core: Core, held: tuple[Any]) -> States:
        """For JAX: the reverse of ``tree_flatten``."""
        return cls(core, held[0])


@jax.tree_util.register_pytree_node_class
class Parameters(_Named):
    """Every parameter of a run, trainables in place, under the names of ``nodes``; ``params`` is the Params itself.

    ``axial_conductances`` holds the couplings ``a`` (in the parent's row) and ``b`` (in the node's), (node,) each.
    """

    def __init__(self, core: Core, held: Any, couplings: Any = None) -> None:
        super().__init__(core, held)
        self._couplings = couplings

    @property
    def params(self) -> Params:
        """The runtime's own record."""
        return self._held

    def __getitem__(self, name: str) -> Any:
        return self._couplings if name == "axial_conductances" else super().__getitem__(name)

    def _places(self) -> dict[str, tuple[Any, Any]]:
        params = self._held
        shape = {
            "radius": (params.diam / 2.0, None),
            "length": (params.length, None),
            "axial_resistivity": (params.Ra, None),
            "capacitance": (params.cm, None),
            "area": (params.area, None),
        }
        return {**shape, **self._fields(params.mech), **self._ions(params.ion, current=False)}

    def tree_flatten(self) -> tuple[tuple[Any, Any], Core]:
        """For JAX: the Params are data, the module they belong to is not."""
        return (self._held, self._couplings), self._core

    @classmethod
    def tree_unflatten(cls, core: Core, held: tuple[Any, Any]) -> Parameters:
        """For JAX: the reverse of ``tree_flatten``."""
        return cls(core, *held)
