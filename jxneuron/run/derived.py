"""Compute once per run what follows from Params: axial coupling, the constant part of the diagonal, tables.

In: Program, Params, dt. Out: Derived. Equations: treeset.cpp (coupling), capac.cpp (capacitance).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.scipy.linalg import expm

from jxneuron.lower.program import Cells, Params, Program, Slot
from jxneuron.run.outside import Outside, derive_outside
from jxneuron.units import CAPACITY_RATE, PER_AREA


class Cable(NamedTuple):
    """Cells without their membrane, as full matrices; one record for each of ``Program.cables``."""

    propagator: Array  # (cell, c, c) from the compartments' voltages to those after dt
    spread: Array  # (cell, c, e) share of each end node's current that reaches each compartment, per area
    ends: Array  # (cell, e, c) from the compartments' voltages to those of the end nodes
    resistance: Array  # (cell, e, e) mV per (mA/cm2): how far currents at end nodes move their voltages


class Derived(NamedTuple):
    """What every step reads and no step changes. n nodes."""

    dt: Array  # () ms
    a: Array  # (n,) coupling in the parent's row, (mA/cm2)/mV
    b: Array  # (n,) coupling in the node's own row, (mA/cm2)/mV
    diagonal: Array  # (n,) axial and capacitive part of the diagonal, (mA/cm2)/mV
    capacity: Array  # (n,) capacitive part of the diagonal alone, (mA/cm2)/mV
    tables: dict[str, Any]  # by mechanism: its TABLEs as the steps use them
    start_tables: dict[str, Any]  # by mechanism: what ``Mechanism.tables`` returned, before INITIAL
    area: tuple[Array, ...]  # per node set, um2
    diam: tuple[Array, ...]  # per node set, um
    length: tuple[Array, ...]  # per node set, um
    Ra: tuple[Array, ...]  # per node set, ohm cm
    cm: tuple[Array, ...]  # per node set, uF/cm2
    cables: tuple[Cable, ...]  # for Program.method "exponential"
    outside: Outside | None  # for Program.outside


def derive_for_initial(program: Program, params: Params, dt: Array) -> Derived:
    """Compute what a run derives from Params, with only those TABLEs that are built before INITIAL; dt is () ms."""
    a, b = coupling(program, params)
    axial, capacitive = axial_diagonal(program, a, b), capacity(program, params, dt)
    sets = program.node_sets
    tables = {slot.name: early_tables(program, slot, params, dt) for slot in program.slots if slot.use_tables}
    return Derived(
        dt=dt,
        a=a,
        b=b,
        diagonal=axial + capacitive,
        capacity=capacitive,
        tables=tables,
        start_tables=tables,
        **{
            name: tuple(getattr(params, name)[nodes] for nodes in sets)
            for name in ("area", "diam", "length", "Ra", "cm")
        },
        cables=tuple(_cable(program, cells, a, b, axial, capacitive) for cells in program.cables),
        outside=derive_outside(program, params, dt),
    )


def _cable(program: Program, cells: Cells, a: Array, b: Array, axial: Array, capacitive: Array) -> Cable:
    """Eliminate the nodes without area (Schur complement), and take ``exp`` of the matrix that remains."""
    nodes = np.concatenate([cells.centres, cells.ends], axis=1)
    number = np.zeros(len(program.parent), np.int64)  # of a node within its cell
    np.put_along_axis(number, nodes.ravel(), np.tile(np.arange(nodes.shape[1]), len(nodes)), axis=0)
    cell, k = np.nonzero(program.parent[nodes] >= 0)
    child, above = nodes[cell, k], number[program.parent[nodes[cell, k]]]
    full = jnp.zeros((*nodes.shape, nodes.shape[1])).at[:, *np.diag_indices(nodes.shape[1])].set(axial[nodes])
    full = full.at[cell, above, k].add(a[child]).at[cell, k, above].add(b[child])
    c = cells.centres.shape[1]
    resistance: Array = jnp.linalg.inv(full[:, c:, c:])
    ends = -resistance @ full[:, c:, :c]
    coupled = full[:, :c, :c] + full[:, :c, c:] @ ends
    propagator = expm(-coupled / capacitive[cells.centres][..., None], max_squarings=64)
    return Cable(propagator, -full[:, :c, c:] @ resistance, ends, resistance)


def coupling(program: Program, params: Params) -> tuple[Array, Array]:
    """Return the off-diagonals ``a`` (parent's row) and ``b`` (node's row), (n,) (mA/cm2)/mV each, 0 at roots.

    ``a = -100 rallbranch / (r area_parent)`` and ``b = -100 / (r area)``. The resistance r, MOhm, is that of the near
    half of this segment and, within a section, of the far half of the segment before (treeset.cpp).
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
    """Return the axial part of the diagonal, (n,): ``-b`` of the node and ``-a`` of each of its children."""
    return (-b).at[np.maximum(program.parent, 0)].add(-a)


def capacity(program: Program, params: Params, dt: Array) -> Array:
    """Return the capacitive part of the diagonal, (n,): ``0.001 cm/dt``, twice that with second order (``cj``)."""
    per_step = (2.0 if program.secondorder else 1.0) / dt
    return CAPACITY_RATE * per_step * params.cm


def early_tables(program: Program, slot: Slot, params: Params, dt: Array) -> Any:
    """Build the TABLEs that NEURON builds before INITIAL, from the values that the mechanism's fields start with."""
    assert slot.mechanism.tables is not None
    return slot.mechanism.tables(
        {**params.start[slot.name], **params.mech[slot.name]}, table_environment(program, slot, params, dt)
    )


def table_environment(program: Program, slot: Slot, params: Params, dt: Array) -> dict[str, Any]:
    """Return ``env`` of the functions that build TABLEs."""
    nodes = program.node_sets[slot.nodes]
    return {
        "t": jnp.zeros(()),
        "dt": dt,
        "celsius": params.celsius,
        "area": params.area[nodes],
        "diam": params.diam[nodes],
        "function_tables": params.function_tables[slot.name],
    }
