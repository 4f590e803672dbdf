"""Steps of gating variables, for hand-written channels.

In: a gate and its rates, arrays or numbers of one shape. Out: the gate after one step. Each is exact for rates that
stay constant during the step, but ``solve_gate_implicit``, which is backward Euler.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp


def save_exp(x: Any, max_value: float = 20.0) -> Any:
    """``exp(min(x, max_value))``: an exponential that cannot overflow, and whose derivative is 0 beyond ``max_value``.

    Args:
        x: dimensionless.
        max_value: where it is cut off. The default leaves 4.9e8; a rate that needs more wants a larger one.
    """
    return jnp.exp(jnp.minimum(x, max_value))


def exponential_euler(x: Any, dt: Any, x_inf: Any, x_tau: Any) -> Any:
    """Step ``x' = (x_inf - x)/x_tau`` exactly: ``x_inf + (x - x_inf) exp(-dt/x_tau)``.

    Args:
        x: the gate.
        dt: ms.
        x_inf: where it goes, in the unit of ``x``.
        x_tau: ms, positive.
    """
    return _towards(x, x_inf, save_exp(-dt / x_tau))


def _towards(x: Any, x_inf: Any, decay: Any) -> Any:
    return x * decay + x_inf * (1.0 - decay)


def solve_gate_exponential(x: Any, dt: Any, alpha: Any, beta: Any) -> Any:
    """Step ``x' = alpha (1 - x) - beta x`` exactly.

    Args:
        x: the gate, 0..1.
        dt: ms.
        alpha: opening rate, 1/ms.
        beta: closing rate, 1/ms.
    """
    total = alpha + beta
    return _towards(x, alpha / total, save_exp(-dt * total))


def solve_gate_implicit(gating_state: Any, dt: Any, alpha: Any, beta: Any) -> Any:
    """Step ``x' = alpha (1 - x) - beta x`` by backward Euler: ``(x + dt alpha)/(1 + dt (alpha + beta))``.

    Args:
        gating_state: the gate, 0..1.
        dt: ms.
        alpha: opening rate, 1/ms.
        beta: closing rate, 1/ms.
    """
    return (gating_state + dt * alpha) / (1.0 + dt * (alpha + beta))


def solve_inf_gate_exponential(x: Any, dt: Any, s_inf: Any, tau_s: Any) -> Any:
    """As ``exponential_euler``, under the names of steady state and time constant.

    Args:
        x: the gate, 0..1.
        dt: ms.
        s_inf: steady state.
        tau_s: time constant, ms, positive.
    """
    return exponential_euler(x, dt, s_inf, tau_s)
