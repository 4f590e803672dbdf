"""The space outside the sections that have extracellular: what a run computes once from its Params (extcelln.cpp).

In: Program, Params, dt. Out: ``Outside``, which ``run.extracellular`` solves with.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from jxneuron.lower.program import Params, Program
from jxneuron.units import CAPACITY_RATE, PER_AREA

MEGOHM_OF_PIECE = 1e-4  # cm per um: xraxial is in MOhm/cm, lengths are in um


class Outside(NamedTuple):
    """Layers of extracellular space. l layers, n nodes; 0 at nodes without it."""

    a: Array  # (l, n) coupling along a layer in the parent's row, (mA/cm2)/mV
    b: Array  # (l, n) the same in the node's own row
    axial: Array  # (l, n) the couplings' part of the diagonal, (mA/cm2)/mV
    xg: Array  # (l, n) conductance to the next layer, S/cm2; of the last one to ground
    series: Array  # (l, n) the same with capacitance over dt, (mA/cm2)/mV


def derive_outside(program: Program, params: Params, dt: Array) -> Outside | None:
    """Return the constant part of the equations outside, None where nothing has extracellular; dt is () ms."""
    if program.outside is None:
        return None
    a, b = _coupling(program, program.outside, params)
    parent = np.maximum(program.parent, 0)
    rate = CAPACITY_RATE * (2.0 if program.secondorder else 1.0) / dt
    inner = (program.outside & ~program.is_end)[None]
    xg, xc = (jnp.where(inner, params.outside[name], 0.0) for name in ("xg", "xc"))
    return Outside(a, b, (-b).at[:, parent].add(-a), xg, xg + xc * rate)


def _coupling(program: Program, has: np.ndarray, params: Params) -> tuple[Array, Array]:
    """Return the couplings along the layers, as ``derived.coupling`` (ext_con_coef).

    Where only one of two neighbours has extracellular, the space of that one ends sealed.
    """
    parent = np.maximum(program.parent, 0)
    coupled = (has & has[parent] & (program.parent >= 0))[None]
    half = MEGOHM_OF_PIECE * params.outside["xraxial"] * (params.length / 2.0)[None]
    resistance = jnp.where(coupled, half + jnp.where(program.continues[None], half[:, parent], 0.0), 1.0)
    a = -PER_AREA * program.rallbranch[None] / (resistance * params.area[parent][None])
    b = -PER_AREA / (resistance * params.area[None])
    return jnp.where(coupled, a, 0.0), jnp.where(coupled, b, 0.0)
