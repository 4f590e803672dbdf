"""Rates of gates that are 0/0 at one voltage."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

NEAR = 1e-6  # below this |x/y| the series is exact to rounding
LARGE = 700.0  # beyond this exp overflows


def vtrap(x: Any, y: float) -> Any:
    """``x/(exp(x/y) - 1)``, which is ``y`` at ``x = 0``; value and derivatives are finite everywhere.

    Near 0 by its series ``y (1 - z/2 + z^2/12)``, ``z = x/y`` (Bernoulli numbers).
    """
    z = x / y
    near = jnp.abs(z) < NEAR
    apart = jnp.where(near, 1.0, z)
    return y * jnp.where(near, 1.0 - z / 2.0 + z * z / 12.0, apart / jnp.expm1(jnp.minimum(apart, LARGE)))
