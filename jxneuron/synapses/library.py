"""The graded synapses that networks in this style are built of.

Parameters carry the synapse's name in front (``IonotropicSynapse_gS``). Currents are nA, outward positive.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from jxneuron.solver_gate import exponential_euler
from jxneuron.synapses.synapse import Synapse

# Beyond this the square of an exponential, which derivatives hold, overflows; such a receptor follows its input at once
LARGE = 300.0


def _follow_release(s: Any, dt: Any, pre_v: Any, v_th: Any, delta: Any, k_minus: Any) -> Any:
    """Step ``s' = (s_inf - s)/tau`` exactly, ``s_inf = 1/(1 + exp((v_th - v)/delta))``, ``tau = (1 - s_inf)/k_minus``.

    Abbott and Marder, Modeling small networks, in Methods in Neuronal Modeling (MIT Press, 1998), where
    ``1/(1 - s_inf) = 1 + exp((v - v_th)/delta)``.
    """
    release = jnp.exp(jnp.minimum((pre_v - v_th) / delta, LARGE))
    return exponential_euler(s, dt, release / (1.0 + release), 1.0 / (k_minus * (1.0 + release)))


class IonotropicSynapse(Synapse):
    """A receptor that opens with the presynaptic voltage (Abbott and Marder 1998): ``i = gS s (v_post - e_syn)``.

    ``s' = (s_inf - s)/tau``, ``s_inf = 1/(1 + exp((v_th - v_pre)/delta))``, ``tau = (1 - s_inf)/k_minus``.

    Parameters: ``gS`` 1e-4 uS, ``e_syn`` 0 mV, ``k_minus`` 0.025 /ms, ``v_th`` -35 mV, ``delta`` 10 mV.
    State: ``s``, open fraction, 0.2.
    """

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name)
        defaults = {"gS": 1e-4, "e_syn": 0.0, "k_minus": 0.025, "v_th": -35.0, "delta": 10.0}
        self.synapse_params = {f"{self.name}_{key}": value for key, value in defaults.items()}
        self.synapse_states = {f"{self.name}_s": 0.2}

    def update_states(self, states: Any, dt: Any, pre_v: Any, post_v: Any, params: Any) -> dict[str, Any]:
        """The open fraction after one step."""
        del post_v
        v_th, delta, k_minus = (params[f"{self.name}_{key}"] for key in ("v_th", "delta", "k_minus"))
        s = f"{self.name}_s"
        return {s: _follow_release(states[s], dt, pre_v, v_th, delta, k_minus)}

    def compute_current(self, states: Any, pre_v: Any, post_v: Any, params: Any) -> Any:
        """``gS s (v_post - e_syn)``, nA."""
        del pre_v
        return params[f"{self.name}_gS"] * states[f"{self.name}_s"] * (post_v - params[f"{self.name}_e_syn"])

    def init_state(self, states: Any, pre_v: Any, post_v: Any, params: Any, dt: Any) -> dict[str, Any]:
        """``s_inf`` at the presynaptic voltage."""
        del states, post_v, dt
        release = jnp.minimum((pre_v - params[f"{self.name}_v_th"]) / params[f"{self.name}_delta"], LARGE)
        return {f"{self.name}_s": 1.0 / (1.0 + jnp.exp(-release))}


class TestSynapse(Synapse):
    """As IonotropicSynapse with constants for all but the conductance: ``i = gC c v_post``.

    ``c`` follows the presynaptic voltage with ``v_th`` -35 mV, ``delta`` 10 mV, ``k_minus`` 1/40 /ms.

    Parameter: ``gC`` 1e-4 uS. State: ``c``, open fraction, 0.2.
    """

    __test__ = False  # it is no test, whatever pytest makes of its name

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name)
        self.synapse_params = {f"{self.name}_gC": 1e-4}
        self.synapse_states = {f"{self.name}_c": 0.2}

    def update_states(self, states: Any, dt: Any, pre_v: Any, post_v: Any, params: Any) -> dict[str, Any]:
        """The open fraction after one step."""
        del post_v, params
        c = f"{self.name}_c"
        return {c: _follow_release(states[c], dt, pre_v, -35.0, 10.0, 1.0 / 40.0)}

    def compute_current(self, states: Any, pre_v: Any, post_v: Any, params: Any) -> Any:
        """``gC c v_post``, nA."""
        del pre_v
        return params[f"{self.name}_gC"] * states[f"{self.name}_c"] * post_v


class TanhRateSynapse(Synapse):
    """A current that saturates with the presynaptic voltage: ``i = -gS tanh(slope (v_pre - x_offset))``; no state.

    Parameters: ``gS`` 1e-4 nA, ``x_offset`` -70 mV, ``slope`` 1 /mV.
    """

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name)
        defaults = {"gS": 1e-4, "x_offset": -70.0, "slope": 1.0}
        self.synapse_params = {f"{self.name}_{key}": value for key, value in defaults.items()}
        self.synapse_states = {}

    def update_states(self, states: Any, dt: Any, pre_v: Any, post_v: Any, params: Any) -> dict[str, Any]:
        """There is none."""
        del states, dt, pre_v, post_v, params
        return {}

    def compute_current(self, states: Any, pre_v: Any, post_v: Any, params: Any) -> Any:
        """``-gS tanh(slope (v_pre - x_offset))``, nA."""
        del states, post_v
        return -params[f"{self.name}_gS"] * _saturated(self.name, pre_v, params)


class TanhConductanceSynapse(Synapse):
    """A conductance that saturates with the presynaptic voltage; no state.

    ``i = gS tanh(slope (v_pre - x_offset)) (v_post - e_syn)``

    Parameters: ``gS`` 1e-4 uS, ``e_syn`` 0 mV, ``x_offset`` -70 mV, ``slope`` 1 /mV.
    """

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name)
        defaults = {"gS": 1e-4, "e_syn": 0.0, "x_offset": -70.0, "slope": 1.0}
        self.synapse_params = {f"{self.name}_{key}": value for key, value in defaults.items()}
        self.synapse_states = {}

    def update_states(self, states: Any, dt: Any, pre_v: Any, post_v: Any, params: Any) -> dict[str, Any]:
        """There is none."""
        del states, dt, pre_v, post_v, params
        return {}

    def compute_current(self, states: Any, pre_v: Any, post_v: Any, params: Any) -> Any:
        """``gS tanh(slope (v_pre - x_offset)) (v_post - e_syn)``, nA."""
        del states
        driving = post_v - params[f"{self.name}_e_syn"]
        return params[f"{self.name}_gS"] * _saturated(self.name, pre_v, params) * driving


def _saturated(name: str, pre_v: Any, params: Any) -> Any:
    return jnp.tanh(params[f"{name}_slope"] * (pre_v - params[f"{name}_x_offset"]))
