"""Minimal channels of cortical and thalamic neurons (Pospischil et al. 2008, Biological Cybernetics 99:427).

Conductances in S/cm2, voltages in mV. ``vt``, ``eNa``, ``eK`` and ``eCa`` are shared by all channels of a compartment.
"""

from __future__ import annotations

from typing import Any

from jxneuron.channels.channel import Channel
from jxneuron.channels.rates import vtrap
from jxneuron.mech.functions import exp
from jxneuron.solver_gate import solve_gate_exponential, solve_inf_gate_exponential


class Leak(Channel):
    """Passive current ``gLeak (v - eLeak)``, mA/cm2."""

    def __init__(self, name: str | None = None) -> None:
        self.current_is_in_mA_per_cm2 = True
        super().__init__(name)
        self.channel_params = {f"{self.name}_gLeak": 1e-4, f"{self.name}_eLeak": -70.0}
        self.channel_states = {}
        self.current_name = f"i_{self.name}"

    def update_states(self, states: Any, dt: Any, v: Any, params: Any) -> dict[str, Any]:
        """There are none."""
        del states, dt, v, params
        return {}

    def compute_current(self, states: Any, v: Any, params: Any) -> Any:
        """Outward current, mA/cm2."""
        del states
        return params[f"{self.name}_gLeak"] * (v - params[f"{self.name}_eLeak"])


class Na(Channel):
    """Sodium current ``gNa m^3 h (v - eNa)``, mA/cm2, part of the ion na (equations 4 and 5 of the paper)."""

    def __init__(self, name: str | None = None) -> None:
        self.current_is_in_mA_per_cm2 = True
        super().__init__(name)
        self.channel_params = {f"{self.name}_gNa": 0.05, "eNa": 50.0, "vt": -60.0}
        self.channel_states = {f"{self.name}_m": 0.2, f"{self.name}_h": 0.2}
        self.current_name = "i_Na"

    def update_states(self, states: Any, dt: Any, v: Any, params: Any) -> dict[str, Any]:
        """Gates after ``dt`` at the voltage ``v``."""
        m, h = f"{self.name}_m", f"{self.name}_h"
        return {
            m: solve_gate_exponential(states[m], dt, *self.m_gate(v, params["vt"])),
            h: solve_gate_exponential(states[h], dt, *self.h_gate(v, params["vt"])),
        }

    def compute_current(self, states: Any, v: Any, params: Any) -> Any:
        """Outward current, mA/cm2."""
        m, h = states[f"{self.name}_m"], states[f"{self.name}_h"]
        return params[f"{self.name}_gNa"] * m * m * m * h * (v - params["eNa"])

    def init_state(self, states: Any, v: Any, params: Any, dt: Any) -> dict[str, Any]:
        """Gates at rest."""
        del states, dt
        (am, bm), (ah, bh) = self.m_gate(v, params["vt"]), self.h_gate(v, params["vt"])
        return {f"{self.name}_m": am / (am + bm), f"{self.name}_h": ah / (ah + bh)}

    @staticmethod
    def m_gate(v: Any, vt: Any) -> tuple[Any, Any]:
        """Opening and closing rate of m, 1/ms."""
        return 0.32 * vtrap(-(v - vt - 13.0), 4.0), 0.28 * vtrap(v - vt - 40.0, 5.0)

    @staticmethod
    def h_gate(v: Any, vt: Any) -> tuple[Any, Any]:
        """Opening and closing rate of h, 1/ms."""
        return 0.128 * exp(-(v - vt - 17.0) / 18.0), 4.0 / (exp(-(v - vt - 40.0) / 5.0) + 1.0)


class K(Channel):
    """Delayed rectifier ``gK n^4 (v - eK)``, mA/cm2, part of the ion k (equation 6 of the paper)."""

    def __init__(self, name: str | None = None) -> None:
        self.current_is_in_mA_per_cm2 = True
        super().__init__(name)
        self.channel_params = {f"{self.name}_gK": 0.005, "eK": -90.0, "vt": -60.0}
        self.channel_states = {f"{self.name}_n": 0.2}
        self.current_name = "i_K"

    def update_states(self, states: Any, dt: Any, v: Any, params: Any) -> dict[str, Any]:
        """The gate after ``dt`` at the voltage ``v``."""
        n = f"{self.name}_n"
        return {n: solve_gate_exponential(states[n], dt, *self.n_gate(v, params["vt"]))}

    def compute_current(self, states: Any, v: Any, params: Any) -> Any:
        """Outward current, mA/cm2."""
        n = states[f"{self.name}_n"]
        return params[f"{self.name}_gK"] * n * n * n * n * (v - params["eK"])

    def init_state(self, states: Any, v: Any, params: Any, dt: Any) -> dict[str, Any]:
        """The gate at rest."""
        del states, dt
        alpha, beta = self.n_gate(v, params["vt"])
        return {f"{self.name}_n": alpha / (alpha + beta)}

    @staticmethod
    def n_gate(v: Any, vt: Any) -> tuple[Any, Any]:
        """Opening and closing rate of n, 1/ms."""
        return 0.032 * vtrap(-(v - vt - 15.0), 5.0), 0.5 * exp(-(v - vt - 10.0) / 40.0)


class Km(Channel):
    """Slow, M-type potassium current ``gKm p (v - eK)``, mA/cm2, part of the ion k (equation 7 of the paper)."""

    def __init__(self, name: str | None = None) -> None:
        self.current_is_in_mA_per_cm2 = True
        super().__init__(name)
        self.channel_params = {f"{self.name}_gKm": 4e-6, f"{self.name}_taumax": 4000.0, "eK": -90.0}
        self.channel_states = {f"{self.name}_p": 0.2}
        self.current_name = "i_K"

    def update_states(self, states: Any, dt: Any, v: Any, params: Any) -> dict[str, Any]:
        """The gate after ``dt`` at the voltage ``v``."""
        p = f"{self.name}_p"
        return {p: solve_inf_gate_exponential(states[p], dt, *self.p_gate(v, params[f"{self.name}_taumax"]))}

    def compute_current(self, states: Any, v: Any, params: Any) -> Any:
        """Outward current, mA/cm2."""
        return params[f"{self.name}_gKm"] * states[f"{self.name}_p"] * (v - params["eK"])

    def init_state(self, states: Any, v: Any, params: Any, dt: Any) -> dict[str, Any]:
        """The gate at rest."""
        del states, dt
        return {f"{self.name}_p": self.p_gate(v, params[f"{self.name}_taumax"])[0]}

    @staticmethod
    def p_gate(v: Any, taumax: Any) -> tuple[Any, Any]:
        """Steady state of p and its time constant, ms."""
        return 1.0 / (1.0 + exp(-(v + 35.0) / 10.0)), taumax / (3.3 * exp((v + 35.0) / 20.0) + exp(-(v + 35.0) / 20.0))


class CaL(Channel):
    """High-threshold calcium current ``gCaL q^2 r (v - eCa)``, mA/cm2, part of the ion ca (equation 8 of the paper)."""

    def __init__(self, name: str | None = None) -> None:
        self.current_is_in_mA_per_cm2 = True
        super().__init__(name)
        self.channel_params = {f"{self.name}_gCaL": 1e-4, "eCa": 120.0}
        self.channel_states = {f"{self.name}_q": 0.2, f"{self.name}_r": 0.2}
        self.current_name = "i_Ca"

    def update_states(self, states: Any, dt: Any, v: Any, params: Any) -> dict[str, Any]:
        """Gates after ``dt`` at the voltage ``v``."""
        del params
        q, r = f"{self.name}_q", f"{self.name}_r"
        return {
            q: solve_gate_exponential(states[q], dt, *self.q_gate(v)),
            r: solve_gate_exponential(states[r], dt, *self.r_gate(v)),
        }

    def compute_current(self, states: Any, v: Any, params: Any) -> Any:
        """Outward current, mA/cm2."""
        q, r = states[f"{self.name}_q"], states[f"{self.name}_r"]
        return params[f"{self.name}_gCaL"] * q * q * r * (v - params["eCa"])

    def init_state(self, states: Any, v: Any, params: Any, dt: Any) -> dict[str, Any]:
        """Gates at rest."""
        del states, params, dt
        (aq, bq), (ar, br) = self.q_gate(v), self.r_gate(v)
        return {f"{self.name}_q": aq / (aq + bq), f"{self.name}_r": ar / (ar + br)}

    @staticmethod
    def q_gate(v: Any) -> tuple[Any, Any]:
        """Opening and closing rate of q, 1/ms."""
        return 0.055 * vtrap(-27.0 - v, 3.8), 0.94 * exp((-75.0 - v) / 17.0)

    @staticmethod
    def r_gate(v: Any) -> tuple[Any, Any]:
        """Opening and closing rate of r, 1/ms."""
        return 0.000457 * exp((-13.0 - v) / 50.0), 0.0065 / (exp((-15.0 - v) / 28.0) + 1.0)


class CaT(Channel):
    """Low-threshold calcium current ``gCaT s^2 u (v - eCa)``, mA/cm2, part of the ion ca (equation 9 of the paper).

    ``s`` follows the voltage at once; ``vx`` shifts both gates, mV.
    """

    def __init__(self, name: str | None = None) -> None:
        self.current_is_in_mA_per_cm2 = True
        super().__init__(name)
        self.channel_params = {f"{self.name}_gCaT": 4e-5, f"{self.name}_vx": 2.0, "eCa": 120.0}
        self.channel_states = {f"{self.name}_u": 0.2}
        self.current_name = "i_Ca"

    def update_states(self, states: Any, dt: Any, v: Any, params: Any) -> dict[str, Any]:
        """The gate after ``dt`` at the voltage ``v``."""
        u = f"{self.name}_u"
        return {u: solve_inf_gate_exponential(states[u], dt, *self.u_gate(v, params[f"{self.name}_vx"]))}

    def compute_current(self, states: Any, v: Any, params: Any) -> Any:
        """Outward current, mA/cm2."""
        s = 1.0 / (1.0 + exp(-(v + params[f"{self.name}_vx"] + 57.0) / 6.2))
        return params[f"{self.name}_gCaT"] * s * s * states[f"{self.name}_u"] * (v - params["eCa"])

    def init_state(self, states: Any, v: Any, params: Any, dt: Any) -> dict[str, Any]:
        """The gate at rest."""
        del states, dt
        return {f"{self.name}_u": self.u_gate(v, params[f"{self.name}_vx"])[0]}

    @staticmethod
    def u_gate(v: Any, vx: Any) -> tuple[Any, Any]:
        """Steady state of u and its time constant, ms."""
        steady = 1.0 / (1.0 + exp((v + vx + 81.0) / 4.0))
        slow = 30.8 + 211.4 + exp((v + vx + 113.2) / 5.0)
        return steady, slow / (3.7 * (1.0 + exp((v + vx + 84.0) / 3.2)))
