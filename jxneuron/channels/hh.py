"""The squid axon's channels of Hodgkin and Huxley (1952) in one."""

from __future__ import annotations

import math
from typing import Any

from jxneuron.channels.channel import Channel
from jxneuron.channels.rates import vtrap
from jxneuron.mech.functions import exp
from jxneuron.solver_gate import solve_gate_exponential


class HH(Channel):
    """Sodium, potassium and leak current of the squid axon at 6.3 degC, without NEURON's tables and q10.

    ``i = gNa m^3 h (v - eNa) + gK n^4 (v - eK) + gLeak (v - eLeak)``, mA/cm2, the rates those of NEURON's ``hh``
    (hh.mod, after Hodgkin and Huxley 1952 with the resting potential at -65 mV). Conductances in S/cm2, reversal
    potentials of its own in mV.
    """

    def __init__(self, name: str | None = None) -> None:
        self.current_is_in_mA_per_cm2 = True
        super().__init__(name)
        defaults = {"gNa": 0.12, "gK": 0.036, "gLeak": 0.0003, "eNa": 50.0, "eK": -77.0, "eLeak": -54.3}
        self.channel_params = {f"{self.name}_{key}": value for key, value in defaults.items()}
        self.channel_states = {f"{self.name}_{gate}": 0.2 for gate in ("m", "h", "n")}
        self.current_name = f"i_{self.name}"

    def update_states(self, states: Any, dt: Any, v: Any, params: Any) -> dict[str, Any]:
        """Gates after ``dt`` at the voltage ``v``."""
        del params
        return {
            f"{self.name}_{gate}": solve_gate_exponential(states[f"{self.name}_{gate}"], dt, alpha, beta)
            for gate, (alpha, beta) in self.gates(v).items()
        }

    def compute_current(self, states: Any, v: Any, params: Any) -> Any:
        """Outward current, mA/cm2."""
        m, h, n = (states[f"{self.name}_{gate}"] for gate in ("m", "h", "n"))
        gNa, gK, gLeak, eNa, eK, eLeak = (
            params[f"{self.name}_{key}"] for key in ("gNa", "gK", "gLeak", "eNa", "eK", "eLeak")
        )
        return gNa * m * m * m * h * (v - eNa) + gK * n * n * n * n * (v - eK) + gLeak * (v - eLeak)

    def init_state(self, states: Any, v: Any, params: Any, dt: Any) -> dict[str, Any]:
        """Gates at rest."""
        del states, params, dt
        return {f"{self.name}_{gate}": alpha / (alpha + beta) for gate, (alpha, beta) in self.gates(v).items()}

    @staticmethod
    def gates(v: Any) -> dict[str, tuple[Any, Any]]:
        """Opening and closing rates of m, h and n, 1/ms.

        Most of a step's time goes into exponentials: those with slopes of 80, 20 and 10 mV are powers of one.
        """
        e80 = exp(-(v + 65.0) / 80.0)
        e20 = e80 * e80 * e80 * e80
        e10 = e20 * e20
        return {
            "m": (0.1 * vtrap(-(v + 40.0), 10.0, e10 * math.exp(2.5)), 4.0 * exp(-(v + 65.0) / 18.0)),
            "h": (0.07 * e20, 1.0 / (e10 * math.exp(3.0) + 1.0)),
            "n": (0.01 * vtrap(-(v + 55.0), 10.0, e10 * math.exp(1.0)), 0.125 * e80),
        }

    @staticmethod
    def m_gate(v: Any) -> tuple[Any, Any]:
        """Opening and closing rate of m, 1/ms."""
        return HH.gates(v)["m"]

    @staticmethod
    def h_gate(v: Any) -> tuple[Any, Any]:
        """Opening and closing rate of h, 1/ms."""
        return HH.gates(v)["h"]

    @staticmethod
    def n_gate(v: Any) -> tuple[Any, Any]:
        """Opening and closing rate of n, 1/ms."""
        return HH.gates(v)["n"]
