"""Functions of NEURON's library that NMODL calls by name: the GHK flux, and the curves of SCoP.

In: numbers or arrays. Out: the same, by the formulas of ``eion.cpp`` and ``scopmath``.
"""

from __future__ import annotations

import math
from typing import Any

from jxneuron.mech.conditional import where
from jxneuron.mech.functions import divide, exp, power, sin
from jxneuron.units import FARADAY, GAS_CONSTANT, ZERO_CELSIUS

SMALL = 1e-4  # below, NEURON takes the first two terms of the series of x / (exp(x) - 1)
TWO_PI = 6.2831853  # harmonic.cpp and gauss.cpp have no more digits


def nrn_ghk(v: Any, inside: Any, outside: Any, z: Any, celsius: Any) -> Any:
    """Return the flux of Goldman, Hodgkin and Katz, 1e-3 C/cm3.

    Args:
        v: mV.
        inside: mM.
        outside: mM.
        z: the ion's charge.
        celsius: degC.
    """
    thermal = 1000.0 * GAS_CONSTANT * (celsius + ZERO_CELSIUS) / FARADAY
    x = z * v / thermal
    return 0.001 * z * FARADAY * (inside * _quotient(-x) - outside * _quotient(x))


def _quotient(x: Any) -> Any:
    """Return ``x / (exp(x) - 1)``; both cases are finite for every x, so the derivative is too."""
    small = abs(x) < SMALL
    safe = where(small, 1.0, x)
    return where(small, 1.0 - x / 2.0, safe / (exp(safe) - 1.0))


def hyperbol(x: Any, maximum: Any, half: Any) -> Any:
    """Return ``maximum x / (x + half)``."""
    return divide(maximum * x, x + half)


def revhyperbol(x: Any, maximum: Any, half: Any) -> Any:
    """Return ``maximum half / (x + half)``."""
    return divide(maximum * half, x + half)


def sigmoid(x: Any, maximum: Any, half: Any, n: Any) -> Any:
    """Return ``maximum x^n / (x^n + half^n)``."""
    above = power(x, n)
    return divide(maximum * above, above + power(half, n))


def revsigmoid(x: Any, maximum: Any, half: Any, n: Any) -> Any:
    """Return ``maximum half^n / (half^n + x^n)``."""
    above = power(half, n)
    return divide(maximum * above, above + power(x, n))


def harmonic(t: Any, period: Any, amplitude: Any, offset: Any) -> Any:
    """Return ``amplitude sin(2 pi (t + offset) / period)``."""
    return amplitude * sin(divide(TWO_PI, period) * (t + offset))


def gauss(x: Any, mean: Any, deviation: Any) -> Any:
    """Return the density of the normal distribution at x."""
    density = exp(-0.5 * power(divide(x - mean, deviation), 2.0))
    return divide(density, math.sqrt(TWO_PI) * deviation)
