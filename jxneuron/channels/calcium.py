"""A pump that keeps the calcium below the membrane."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from jxneuron.channels.channel import Channel
from jxneuron.solver_gate import exponential_euler
from jxneuron.units import FARADAY

CA_VALENCE = 2.0
FLUX = 1e4  # (mM um/ms) per (mA/cm2) (mol/C): 1e-3 A / 1e8 um2 and 1e15 um3/l


class CaPump(Channel):
    """Calcium in a shell below the membrane: what flows in, less what is pumped out. It carries no current.

    ``cai' = -1e4 gamma ica/(2 F depth) - (cai - minCaCon_i)/decay``, mM/ms, with ``ica`` in mA/cm2, ``depth`` in um,
    ``decay`` in ms, ``gamma`` the share that is not bound (Destexhe et al. 1994, J Neurophysiol 72:803). Solved exactly
    for the calcium current of the step. It writes ``cai`` of the ion ca, whose reversal potential follows by Nernst.
    """

    def __init__(self, name: str | None = None) -> None:
        self.current_is_in_mA_per_cm2 = True
        super().__init__(name)
        defaults = {"gamma": 0.05, "decay": 80.0, "depth": 0.1, "minCaCon_i": 1e-4}
        self.channel_params = {f"{self.name}_{key}": value for key, value in defaults.items()}
        self.channel_states = {"cai": 5e-5}
        self.current_name = f"i_{self.name}"

    def update_states(self, states: Any, dt: Any, v: Any, params: Any) -> dict[str, Any]:
        """The concentration after ``dt``."""
        del v
        gamma, decay, depth, least = (params[f"{self.name}_{key}"] for key in ("gamma", "decay", "depth", "minCaCon_i"))
        drive = -FLUX * gamma * states["ica"] / (CA_VALENCE * FARADAY * depth)
        return {"cai": exponential_euler(states["cai"], dt, least + decay * drive, decay)}

    def compute_current(self, states: Any, v: Any, params: Any) -> Any:
        """None."""
        del states, params
        return jnp.zeros_like(v)
