"""The methods that move the voltage, against full matrices: what each promises, and what it refuses."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import jxneuron as jx
from jxneuron.lower.program import State
from jxneuron.modules import running
from jxneuron.run.currents import Membrane
from jxneuron.run.prepare import derive
from jxneuron.run.tree import HinesMatrix, dense
from jxneuron.run.voltage import METHODS

STEPS = 100


def tree(*, leak: bool) -> jx.Cell:
    """Three branches of unequal nseg, different voltages at the start."""
    cell = jx.Cell([jx.Branch(nseg=2), jx.Branch(nseg=3), jx.Branch(nseg=1)], [-1, 0, 0], parent_x=[1.0, 1.0, 0.4])
    cell.set("Ra", 500.0)
    cell.set("v", np.linspace(-80.0, -40.0, 6))
    cell.branch(1).set("radius", 0.5)
    if leak:
        cell.insert("pas")
        cell.set("g_pas", np.linspace(1e-4, 1e-3, 6))
    cell.record("v", verbose=False)
    return cell


def cable(cell: jx.Cell, dt: float) -> tuple[np.ndarray, np.ndarray, Any, Any]:
    """Couplings of the rows, 1/ms, nodes without area eliminated; the rows' capacities and nodes; what is derived."""
    prepared = running.prepare(cell._core)
    derived = derive(prepared.program, prepared.params, jnp.asarray(dt))
    axial = dense(prepared.program.parent, HinesMatrix(derived.a, derived.b, derived.diagonal - derived.capacity))
    c, e = cell._core.rows.node, np.flatnonzero(cell.model.nodes.is_end)  # nodes are in NEURON's order, rows are not
    coupled = axial[np.ix_(c, c)] - axial[np.ix_(c, e)] @ np.linalg.inv(axial[np.ix_(e, e)]) @ axial[np.ix_(e, c)]
    capacity = np.asarray(derived.capacity)[c] * dt
    return coupled / capacity[:, None], capacity, c, derived


def exactly(matrix: np.ndarray, t: float) -> np.ndarray:
    """``exp(matrix t)`` by its eigenvectors."""
    values, vectors = np.linalg.eig(matrix)
    return ((vectors * np.exp(values * t)) @ np.linalg.inv(vectors)).real


def leak_of(cell: jx.Cell) -> tuple[np.ndarray, np.ndarray]:
    return cell.get("g_pas"), cell.get("e_pas")


def test_the_exponential_step_is_exact_for_a_cable_without_membrane():
    cell = tree(leak=False)
    matrix, _, nodes, _ = cable(cell, 0.025)
    start = np.asarray(cell.model.v_init)[nodes]
    found = np.asarray(jx.integrate(cell, solver="exp_euler", delta_t=0.025, t_max=2.5))
    expected = np.stack([exactly(-matrix, k * 0.025) @ start for k in range(STEPS + 1)], axis=1)
    assert np.abs(expected[:, -1] - start).max() > 1.0
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


def test_the_exponential_step_is_exact_for_a_leaky_compartment():
    cell = jx.Compartment()
    cell.insert("pas")
    cell.record("v", verbose=False)
    cell.set("g_pas", 0.002)
    found = np.asarray(jx.integrate(cell, solver="exp_euler", delta_t=0.5, t_max=5.0))[0]
    e = float(cell.get("e_pas")[0])
    cell.set("v", -40.0)
    moved = np.asarray(jx.integrate(cell, solver="exp_euler", delta_t=0.5, t_max=5.0))[0]
    times = np.arange(11) * 0.5
    np.testing.assert_allclose(found, e + (-70.0 - e) * np.exp(-2.0 * times), rtol=0, atol=1e-10)
    np.testing.assert_allclose(moved, e + (-40.0 - e) * np.exp(-2.0 * times), rtol=0, atol=1e-10)


def test_the_explicit_step_is_forward_euler():
    """Nodes without area start where the model says, and balance from the first step on."""
    dt = 0.001
    cell = tree(leak=True)
    _, capacity, nodes, derived = cable(cell, dt)
    axial = dense(cell.model.nodes.parent, HinesMatrix(derived.a, derived.b, derived.diagonal - derived.capacity))
    ends = np.flatnonzero(cell.model.nodes.is_end)
    (g, e), v = leak_of(cell), np.array(cell.model.v_init)
    expected = [v[nodes]]
    for _ in range(STEPS):
        v[nodes] -= dt * (axial[nodes] @ v + g * (v[nodes] - e)) / capacity
        v[ends] = -np.linalg.solve(axial[np.ix_(ends, ends)], axial[np.ix_(ends, nodes)] @ v[nodes])
        expected.append(v[nodes])
    found = np.asarray(jx.integrate(cell, solver="fwd_euler", delta_t=dt, t_max=STEPS * dt))
    np.testing.assert_allclose(found, np.stack(expected, axis=1), rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("solver", "order"), [("bwd_euler", 1), ("exp_euler", 1), ("fwd_euler", 1), ("crank_nicolson", 2)]
)
def test_errors_shrink_with_the_order_of_the_method(solver, order):
    cell = tree(leak=True)
    cell.set("Ra", 50000.0)
    matrix, capacity, nodes, _ = cable(cell, 0.025)
    g, e = leak_of(cell)
    full = matrix + np.diag(g / capacity)
    rest = np.linalg.solve(full, g * e / capacity)
    exact = rest + exactly(-full, 1.0) @ (np.asarray(cell.model.v_init)[nodes] - rest)

    def error(dt: float) -> float:
        return np.abs(np.asarray(jx.integrate(cell, solver=solver, delta_t=dt, t_max=1.0))[:, -1] - exact).max()

    coarse, fine = error(0.02), error(0.01)
    assert fine > 1e-9
    np.testing.assert_allclose(coarse / fine, 2.0**order, rtol=0.1)


def test_what_a_method_cannot_do_is_refused():
    cell = tree(leak=True)
    with pytest.raises(jx.ModelError, match=r"solver = 'rk4': there are bwd_euler, .*exp_euler"):
        jx.integrate(cell, solver="rk4", t_max=1.0)
    cell.branch(0).set("cm", 0.0)
    for solver, method in (("fwd_euler", "explicit"), ("exp_euler", "exponential")):
        with pytest.raises(jx.ModelError, match=f"the {method} method needs cm > 0"):
            jx.integrate(cell, solver=solver, t_max=1.0)


@pytest.mark.parametrize("solver", ["bwd_euler", "fwd_euler", "exp_euler"])
def test_cells_of_a_network_move_as_each_alone(solver: str) -> None:
    """Two of one size, others between them; one of a single compartment."""
    cells = [tree(leak=True), jx.Cell([jx.Branch()], [-1]), jx.Cell([jx.Branch(nseg=4)], [-1]), tree(leak=True)]
    cells[2].set("v", np.linspace(-80.0, -40.0, 4))
    cells[3].set("Ra", 50.0)
    for cell in cells:
        cell.delete_recordings()
    network = jx.Network(cells)

    def run(module: jx.Module) -> np.ndarray:
        module.record("v", verbose=False)
        return np.asarray(jx.integrate(module, solver=solver, delta_t=0.001, t_max=0.2))

    alone = [run(cell) for cell in cells]
    assert all(np.abs(each[:, -1] - each[:, 0]).max() > 0.1 for each in (alone[0], alone[2], alone[3]))
    assert np.abs(alone[0] - alone[3]).max() > 0.01
    np.testing.assert_allclose(run(network), np.concatenate(alone), rtol=0, atol=1e-11)


def test_full_matrices_beyond_memory_are_refused():
    """One cell of 6000 compartments; two of 2000 together are not too large."""
    cell = jx.Cell([jx.Branch(nseg=2000)] * 3, [-1, 0, 1])
    cell.comp(0).record("v", verbose=False)
    with pytest.raises(jx.ModelError, match="full matrix for each cell, here 288 MB, and at most 128 MB: use bwd_eul"):
        jx.integrate(cell, solver="exp_euler", t_max=1.0)
    network = jx.Network([jx.Cell([jx.Branch(nseg=2000)], [-1])] * 2)
    network.cell(1).comp(0).record("v", verbose=False)
    assert running.prepare(network._core, solver="exp_euler").program.cables[0].centres.shape == (2, 2000)


@pytest.mark.parametrize("fault", [np.nan, np.inf])
@pytest.mark.parametrize("cell", [0, 1, 2])
@pytest.mark.parametrize("solver", ["bwd_euler", "fwd_euler", "exp_euler"])
def test_a_cell_that_is_not_a_number_leaves_the_others_alone(solver: str, cell: int, fault: float) -> None:
    network = jx.Network([jx.Cell([jx.Branch(nseg=2)], [-1]) for _ in range(3)])
    prepared, section = running.prepare(network._core, solver=solver), network.model.nodes.section
    step = METHODS[prepared.program.method]
    derived = derive(prepared.program, prepared.params, jnp.asarray(0.025))
    state = State(jnp.asarray(0.0), jnp.linspace(-80.0, -40.0, len(section)), {}, {})
    membrane = Membrane(jnp.zeros(len(section)), jnp.zeros(len(section)))
    sound = step(prepared.program, derived, membrane, state)
    ill = step(prepared.program, derived, membrane, state._replace(v=jnp.where(section == cell, fault, state.v)))
    assert np.abs(sound).max() > 0.1 and not np.isfinite(ill[section == cell]).any()
    np.testing.assert_array_equal(ill[section != cell], sound[section != cell])
