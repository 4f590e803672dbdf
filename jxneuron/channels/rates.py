"""Rates of gates that are 0/0 at one voltage."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from jxneuron.mech.functions import exp

NEAR = 0.01  # below this |x/y| the series is exact to rounding, above it exp(x/y) - 1 keeps 13 digits


def vtrap(x: Any, y: float, raised: Any = None) -> Any:
    """``x/(exp(x/y) - 1)``, which is ``y`` at ``x = 0``; value and derivatives are finite everywhere.

    Near 0 by its series ``y (1 - z/2 + z^2/12 - z^4/720)``, ``z = x/y`` (Bernoulli numbers).

    Args:
        x: mV.
        y: mV.
        raised: ``exp(x/y)``, where it is known already.
    """
    z = x / y
    near = jnp.abs(z) < NEAR
    above = jnp.where(near, 1.0, (exp(z) if raised is None else raised) - 1.0)
    return y * jnp.where(near, 1.0 - z / 2.0 + z * z / 12.0 * (1.0 - z * z / 60.0), z / above)
