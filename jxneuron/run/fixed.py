"""What is derived from Params once per run: axial coupling, the constant diagonal, tables.

In: Program, Params, dt. Out: Fixed. Equations: treeset.cpp (coupling), capac.cpp (capacitance).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.scipy.linalg import expm

from jxneuron.lower.program import Params, Program, Slot
from jxneuron.units import CAPACITY_RATE, PER_AREA


class Cable(NamedTuple):
    """The cable without its membrane, as full matrices; c compartments, e nodes without area."""

    propagator: Array  # (c, c) the compartments' voltages after dt from those before
    spread: Array  # (c, e) which share of each end's current, by area, reaches each compartment
    ends: Array  # (e, c) the ends' voltages from the compartments'
    resistance: Array  # (e, e) mV per (mA/cm2): how far an end's own current moves it


class Fixed(NamedTuple):
    """Constant while a run lasts. n nodes."""

    dt: Array  # () ms
    a: Array  # (n,) coupling in the parent's row, (mA/cm2)/mV
    b: Array  # (n,) coupling in the node's own row, (mA/cm2)/mV
    diagonal: Array  # (n,) axial and capacitive part of the diagonal, (mA/cm2)/mV
    capacity: Array  # (n,) capacitive part of the diagonal alone, (mA/cm2)/mV
    tables: dict[str, Any]  # by mechanism: what its ``tables`` returned
    area: tuple[Array, ...]  # per node set, um2
    diam: tuple[Array, ...]  # per node set, um
    length: tuple[Array, ...]  # per node set, um
    Ra: tuple[Array, ...]  # per node set, ohm cm
    cm: tuple[Array, ...]  # per node set, uF/cm2
    cable: Cable | None  # for Program.method "exponential"


def fix(program: Program, params: Params, dt: Array) -> Fixed:
    """Everything that a step reads and no step changes."""
    a, b = coupling(program, params)
    axial, capacitive = axial_diagonal(program, a, b), capacity(program, params, dt)
    sets = program.node_sets
    return Fixed(
        dt=dt,
        a=a,
        b=b,
        diagonal=axial + capacitive,
        capacity=capacitive,
        tables={slot.name: _tables(slot, params, dt) for slot in program.slots if slot.use_tables},
        **{
            name: tuple(getattr(params, name)[nodes] for nodes in sets)
            for name in ("area", "diam", "length", "Ra", "cm")
        },
        cable=_cable(program, a, b, axial, capacitive) if program.method == "exponential" else None,
    )


def _cable(program: Program, a: Array, b: Array, axial: Array, capacitive: Array) -> Cable:
    """Nodes without area eliminated (Schur complement), then ``exp`` of what is left."""
    child = np.flatnonzero(program.parent >= 0)
    above = program.parent[child]
    full = jnp.diag(axial).at[above, child].add(a[child]).at[child, above].add(b[child])
    c, e = np.flatnonzero(~program.is_end), np.flatnonzero(program.is_end)
    resistance = jnp.linalg.inv(full[np.ix_(e, e)])
    ends = -resistance @ full[np.ix_(e, c)]
    coupled = full[np.ix_(c, c)] + full[np.ix_(c, e)] @ ends
    propagator = expm(-coupled / capacitive[c][:, None], max_squarings=64)
    return Cable(propagator, -full[np.ix_(c, e)] @ resistance, ends, resistance)


def coupling(program: Program, params: Params) -> tuple[Array, Array]:
    """Off-diagonals ``a`` (in the parent's row) and ``b`` (in the node's row), (mA/cm2)/mV, 0 at roots.

    ``a = -100 rallbranch / (r area_parent)``, ``b = -100 / (r area)`` with r in MOhm: half of the previous segment
    of the same section and the near half of this one.
    """
    parent = np.maximum(program.parent, 0)
    is_root = program.parent < 0
    before = jnp.where(program.continues, (params.Ra * params.half_out)[parent], 0.0)
    resistance = jnp.where(is_root, 1.0, before + params.Ra * params.half_in)
    conductance = 1.0 / resistance
    a = -PER_AREA * program.rallbranch * conductance / params.area[parent]
    b = -PER_AREA * conductance / params.area
    return jnp.where(is_root, 0.0, a), jnp.where(is_root, 0.0, b)


def axial_diagonal(program: Program, a: Array, b: Array) -> Array:
    """The axial part of the diagonal: ``-b`` of the node itself and ``-a`` of each of its children."""
    return (-b).at[np.maximum(program.parent, 0)].add(-a)


def capacity(program: Program, params: Params, dt: Array) -> Array:
    """``0.001 cm/dt``, twice that for the second-order methods (NEURON's ``cj``)."""
    per_step = (2.0 if program.secondorder else 1.0) / dt
    return CAPACITY_RATE * per_step * params.cm


def _tables(slot: Slot, params: Params, dt: Array) -> Any:
    assert slot.mechanism.tables is not None
    p = {**params.start[slot.name], **params.mech[slot.name]}
    env = {"celsius": params.celsius, "dt": dt, "function_tables": params.function_tables[slot.name]}
    return slot.mechanism.tables(p, env)
