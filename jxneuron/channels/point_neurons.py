"""Point neurons: what fires by a rule, in a compartment of the usual kind.

Their equations are currents of the membrane, so that stimuli, synapses and neighbouring compartments act on them as on
any other; the reset acts at the end of a step, on the new voltage. A gradient does not pass through the condition of a
reset: it is that of the trace between the resets.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from jxneuron.channels.channel import Channel
from jxneuron.units import CAPACITY_RATE


class Fire(Channel):
    """A reset: where the voltage is above ``vth`` at the end of a step, it becomes ``vreset``, mV.

    With ``Leak`` a leaky integrate-and-fire neuron. ``spikes`` is 1 in the step that fired, else 0. It
    carries no current.
    """

    def __init__(self, name: str | None = None) -> None:
        self.current_is_in_mA_per_cm2 = True
        super().__init__(name)
        self.channel_params = {f"{self.name}_vth": -50.0, f"{self.name}_vreset": -70.0}
        self.channel_states = {f"{self.name}_spikes": 0.0}
        self.current_name = f"{self.name}_fire"

    def update_states(self, states: Any, dt: Any, v: Any, params: Any) -> dict[str, Any]:
        """Voltage and ``spikes`` after the reset."""
        del states, dt
        fired = v > params[f"{self.name}_vth"]
        reset = jnp.where(fired, params[f"{self.name}_vreset"], v)
        return {"v": reset, f"{self.name}_spikes": jnp.where(fired, 1.0, 0.0)}

    def compute_current(self, states: Any, v: Any, params: Any) -> Any:
        """None."""
        del states, params
        return jnp.zeros_like(v)


class LIF(Channel):
    """Leaky integrate-and-fire neuron: a leak, a threshold, a reset, and a refractory time.

    ``i = gLeak (v - eLeak)``, mA/cm2; where v is above ``vth`` at the end of a step, it becomes ``vreset`` and stays
    there for ``tref`` ms. ``spikes`` is 1 in the step that fired; ``left`` is what is left of the refractory time, ms.
    """

    def __init__(self, name: str | None = None) -> None:
        self.current_is_in_mA_per_cm2 = True
        super().__init__(name)
        defaults = {"gLeak": 1e-4, "eLeak": -70.0, "vth": -50.0, "vreset": -70.0, "tref": 0.0}
        self.channel_params = {f"{self.name}_{key}": value for key, value in defaults.items()}
        self.channel_states = {f"{self.name}_spikes": 0.0, f"{self.name}_left": 0.0}
        self.current_name = f"i_{self.name}"

    def update_states(self, states: Any, dt: Any, v: Any, params: Any) -> dict[str, Any]:
        """Voltage, ``spikes`` and ``left`` after the reset."""
        vth, vreset, tref = (params[f"{self.name}_{key}"] for key in ("vth", "vreset", "tref"))
        left = states[f"{self.name}_left"]
        held = left > 0.5 * dt
        fired = ~held & (v > vth)
        return {
            "v": jnp.where(fired | held, vreset, v),
            f"{self.name}_spikes": jnp.where(fired, 1.0, 0.0),
            f"{self.name}_left": jnp.where(fired, tref, jnp.where(held, left - dt, 0.0)),
        }

    def compute_current(self, states: Any, v: Any, params: Any) -> Any:
        """Outward current, mA/cm2."""
        del states
        return params[f"{self.name}_gLeak"] * (v - params[f"{self.name}_eLeak"])


class Izhikevich(Channel):
    """Izhikevich's neuron (2003, IEEE Trans Neural Netw 14:1569) in a compartment of capacitance ``cm``.

    ``v' = 0.04 v^2 + 5 v + 140 - u + I/cm`` in mV/ms, ``u' = a (b v - u)``; where v is at least 30 mV at the end of a
    step, v becomes ``c`` and u grows by ``d``. The first line is the current
    ``-0.001 cm (0.04 v^2 + 5 v + 140 - u)``, mA/cm2, ``cm`` in uF/cm2; u is solved exactly for the new voltage.
    """

    def __init__(self, name: str | None = None) -> None:
        self.current_is_in_mA_per_cm2 = True
        super().__init__(name)
        defaults = {"a": 0.02, "b": 0.2, "c": -65.0, "d": 8.0}
        self.channel_params = {f"{self.name}_{key}": value for key, value in defaults.items()}
        self.channel_states = {f"{self.name}_u": 0.0}
        self.current_name = f"i_{self.name}"

    PEAK = 30.0  # mV

    def update_states(self, states: Any, dt: Any, v: Any, params: Any) -> dict[str, Any]:
        """Voltage and ``u`` after the reset."""
        a, b, c, d = (params[f"{self.name}_{key}"] for key in "abcd")
        steady = b * v
        u = steady + (states[f"{self.name}_u"] - steady) * jnp.exp(-a * dt)
        fired = v >= self.PEAK
        return {"v": jnp.where(fired, c, v), f"{self.name}_u": jnp.where(fired, u + d, u)}

    def compute_current(self, states: Any, v: Any, params: Any) -> Any:
        """Outward current, mA/cm2."""
        rate = 0.04 * v * v + 5.0 * v + 140.0 - states[f"{self.name}_u"]
        return -CAPACITY_RATE * params["capacitance"] * rate

    def init_state(self, states: Any, v: Any, params: Any, dt: Any) -> dict[str, Any]:
        """``u`` at rest."""
        del states, dt
        return {f"{self.name}_u": params[f"{self.name}_b"] * v}


class Rate(Channel):
    """A rate unit: ``v' = -v/tau + I/cm`` in mV/ms, ``tau`` in ms; with ``TanhRateSynapse`` a recurrent network."""

    def __init__(self, name: str | None = None) -> None:
        self.current_is_in_mA_per_cm2 = True
        super().__init__(name)
        self.channel_params = {f"{self.name}_tau": 1.0}
        self.channel_states = {}
        self.current_name = f"{self.name}_rate"

    def update_states(self, states: Any, dt: Any, v: Any, params: Any) -> dict[str, Any]:
        """There are none."""
        del states, dt, v, params
        return {}

    def compute_current(self, states: Any, v: Any, params: Any) -> Any:
        """Outward current, mA/cm2."""
        del states
        return CAPACITY_RATE * params["capacitance"] * v / params[f"{self.name}_tau"]
