"""Every verb that changes a run, on every class and on views, against full matrices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxneuron as jx
from tests.contract import dense_twin

DT, STEPS = 0.1, 12
TREE = [(-1, 1.0, 2), (0, 1.0, 3), (0, 0.25, 1), (1, 0.0, 2)]
SIZES = [nseg for _, _, nseg in TREE]
ROWS = sum(SIZES)


def tree() -> jx.Cell:
    branches = [jx.Branch(nseg=nseg) for nseg in SIZES]
    return jx.Cell(branches, [parent for parent, _, _ in TREE], parent_x=[x for _, x, _ in TREE])


def dressed(made: Any, seed: int) -> Any:
    """Values of its own for every compartment, a leak, and a record on each."""
    draw = np.random.default_rng(seed)
    count = len(made.nodes)
    made.insert("pas")
    made.set("axial_resistivity", 100.0)
    for key, low, high in RANGES:
        made.set(key, draw.uniform(low, high, count))
    made.record("v", verbose=False)
    return made


RANGES = [
    ("length", 5, 30),
    ("radius", 0.5, 2),
    ("capacitance", 0.8, 2),
    ("g_pas", 1e-4, 1e-3),
    ("e_pas", -80, -60),
    ("v", -75, -55),
]


def twin_of(table: Any, trees: int = 1) -> dense_twin.Twin:
    """From the table of a module, cell by cell."""
    branches, start = [], 0
    sizes, parents = (SIZES, [each[:2] for each in TREE]) if len(table) >= ROWS else ([len(table)], [(-1, 1.0)])
    for tree in range(trees):
        for size, (parent, x) in zip(sizes, parents, strict=True):
            rows = table.iloc[start : start + size]
            values = {key: rows[name].tolist() for key, name in COLUMNS.items()}
            above = parent + tree * len(sizes) if parent >= 0 else -1
            branches.append(
                dense_twin.Branch(parent=above, parent_x=x, Ra=float(rows["axial_resistivity"].iloc[0]), **values)
            )
            start += size
    return dense_twin.Twin(branches)


COLUMNS = {"length": "length", "radius": "radius", "cm": "capacitance", "g": "g_pas", "e": "e_pas"}

CLASSES: dict[str, Callable[[], Any]] = {
    "Compartment": lambda: dressed(jx.Compartment(), 1),
    "Branch": lambda: dressed(jx.Branch(nseg=3), 2),
    "Cell": lambda: dressed(tree(), 0),
    "Network": lambda: dressed(jx.Network([tree(), tree()]), 3),
}
# A view of each class that is not all of it
VIEWS: dict[str, Callable[[Any], Any]] = {
    "Compartment": lambda whole: whole.select([0]),
    "Branch": lambda whole: whole.comp([0, 2]),
    "Cell": lambda whole: whole.branch([1, 2]),
    "Network": lambda whole: whole.cell(1).branch([0, 3]).comp(1),
}
NAMES = list(CLASSES)


@pytest.fixture(scope="module")
def modules() -> dict[str, Any]:
    return {name: make() for name, make in CLASSES.items()}


def agree(module: Any, v: Any = None, injected: Any = None, held: Any = None, **given: Any) -> None:
    table = module.nodes
    twin = twin_of(table, module.shape[0] if isinstance(module, jx.Network) else 1)
    expected = twin.run(table["v"].to_numpy() if v is None else v, STEPS, DT, injected, held)
    found = jx.integrate(module, t_max=STEPS * DT, delta_t=DT, **given)
    assert np.ptp(expected) > 0.5
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_a_module_runs_as_its_matrices(name, modules):
    agree(modules[name])


@pytest.mark.parametrize("name", NAMES)
def test_set_changes_the_rows_of_a_view_and_no_others(name, modules):
    module = modules[name].copy()
    view = VIEWS[name](module)
    rows = view.nodes["comp_index"].to_numpy()
    before = module.nodes
    view.set("g_pas", 2e-3)
    view.set("radius", 3.0 + np.arange(len(rows)))
    view.set("v", -50.0)
    after = module.nodes
    assert after["g_pas"].iloc[rows].tolist() == [2e-3] * len(rows)
    assert view.get("radius").tolist() == (3.0 + np.arange(len(rows))).tolist()
    others = np.setdiff1d(np.arange(len(after)), rows)
    assert after.iloc[others].equals(before.iloc[others])
    agree(module)


@pytest.mark.parametrize("name", NAMES)
def test_currents_and_clamps_of_a_view_reach_its_rows(name, modules):
    """(time,) is shared, (rows, time) is one for each; short currents go on with 0; sample k acts in step k."""
    module = modules[name].copy()
    view = VIEWS[name](module)
    rows = view.nodes["comp_index"].to_numpy()
    shared, each = np.linspace(0.01, 0.05, 5), np.full((len(rows), 8), 0.02) * (1 + np.arange(len(rows)))[:, None]
    injected = np.zeros((len(module.nodes), STEPS))
    injected[rows, :5] += shared
    injected[rows, :8] += each
    view.stimulate(shared, verbose=False)
    view.stimulate(each, verbose=False)
    assert module.externals["i"].shape == (2 * len(rows), 8)
    agree(module, injected=injected)
    view.delete_stimuli()
    agree(module)
    data = view.data_stimulate(jnp.asarray(each), view.data_stimulate(jnp.asarray(shared)))
    agree(module, injected=injected, data_stimuli=data)
    assert module.externals == {}, "data_stimulate touches nothing"
    level = np.linspace(-60.0, -40.0, STEPS)
    view.clamp("v", level, verbose=False)
    if name == "Compartment":
        found = jx.integrate(module, t_max=STEPS * DT, delta_t=DT)
        np.testing.assert_array_equal(found[0, 1:], level)
        return
    clamped(module, rows, level)
    view.delete_clamps("v")
    clamped(module, rows, level, data_clamps=view.data_clamp("v", jnp.asarray(level)))


def clamped(module: Any, rows: np.ndarray, level: np.ndarray, **given: Any) -> None:
    """Where v is clamped it is sample k after step k, and its neighbours obey their matrices given that."""
    found = np.asarray(jx.integrate(module, t_max=STEPS * DT, delta_t=DT, **given))
    np.testing.assert_array_equal(found[rows, 1:], np.tile(level, (len(rows), 1)))
    table = module.nodes
    twin = twin_of(table, module.shape[0] if isinstance(module, jx.Network) else 1)
    expected = twin.run(table["v"].to_numpy(), STEPS, DT, held=dict.fromkeys(rows.tolist(), level))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_values_given_to_one_run_are_as_if_set(name, modules):
    """``data_set``, ``params`` and ``param_state`` inside ``jit``; the module itself stays."""
    module = modules[name].copy()
    view = VIEWS[name](module)
    count = len(view.nodes)
    view.make_trainable("length", verbose=False)
    module.make_trainable("capacitance", verbose=False)
    before = module.model

    @jax.jit
    def run(params: Any, g: Any) -> Any:
        state = view.data_set("e_pas", -40.0, view.data_set("g_pas", g, None))
        return jx.integrate(module, params, param_state=state, t_max=STEPS * DT, delta_t=DT)

    params = module.get_parameters()
    assert params[1]["capacitance"].tolist() == [pytest.approx(module.get("capacitance").mean(), rel=1e-15)]
    longer = [{key: value * 1.5 for key, value in each.items()} for each in params]
    g = np.linspace(1e-3, 2e-3, count)
    found = run(longer, g)
    assert module.model is before
    module.write_trainables(longer)
    view.set("g_pas", g)
    view.set("e_pas", -40.0)
    assert module.nodes["capacitance"].tolist() == longer[1]["capacitance"].tolist() * len(module.nodes)
    twin = twin_of(module.nodes, module.shape[0] if isinstance(module, jx.Network) else 1)
    np.testing.assert_allclose(found, twin.run(module.get("v"), STEPS, DT), rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_all_parameters_and_states_by_name(name, modules):
    module = modules[name]
    everything = module.get_all_parameters([])
    for key in ("radius", "length", "axial_resistivity", "capacitance", "g_pas", "e_pas"):
        np.testing.assert_array_equal(everything[key], module.get(key))
    states = module.get_all_states([], everything, DT)
    table = module.nodes
    np.testing.assert_array_equal(states["v"], table["v"])
    current = table["g_pas"] * (table["v"] - table["e_pas"])
    np.testing.assert_allclose(
        states["i_pas"], current, rtol=1e-12, err_msg="currents of the start are among the states"
    )


def test_a_view_runs_as_its_module(modules):
    net = modules["Network"]
    np.testing.assert_array_equal(
        jx.integrate(net.cell(1), t_max=STEPS * DT, delta_t=DT), jx.integrate(net, t_max=STEPS * DT, delta_t=DT)
    )


def test_how_long_a_run_is(modules):
    """``round(t_max/delta_t)`` steps; without t_max one step less than the longest stimulus has samples."""
    branch = modules["Branch"].copy()
    assert jx.integrate(branch, t_max=0.3, delta_t=0.1).shape == (3, 4)
    assert jx.integrate(branch, t_max=0.7, delta_t=0.1).shape == (3, 8)
    np.testing.assert_allclose(jx.times(0.7, 0.1), 0.1 * np.arange(8), rtol=1e-14)
    branch.comp(0).stimulate(np.zeros(6), verbose=False)
    branch.comp(1).stimulate(np.zeros(9), verbose=False)
    assert jx.integrate(branch, delta_t=0.1).shape == (3, 9)
    start = jx.integrate(branch, delta_t=0.1)[:, 0]
    np.testing.assert_array_equal(start, branch.get("v"))


def test_a_run_goes_on_from_where_another_ended(modules):
    cell_ = modules["Cell"]
    whole = jx.integrate(cell_, t_max=1.2, delta_t=DT)
    first, states = jx.integrate(cell_, t_max=0.5, delta_t=DT, return_states=True)
    second = jx.integrate(cell_, t_max=0.7, delta_t=DT, all_states=states)
    np.testing.assert_allclose(np.concatenate([first, second[:, 1:]], axis=1), whole, rtol=0, atol=1e-12)


def test_the_functions_behind_integrate(modules):
    cell_ = modules["Cell"].copy()
    cell_.branch(0).comp(0).stimulate(np.full(STEPS, 0.05), verbose=False)
    init_fn, step_fn = jx.build_init_and_step_fn(cell_)
    states, params = init_fn([], delta_t=DT)
    found = [states["v"]]
    for _ in range(STEPS):
        states = step_fn(states, params, {"i": jnp.array([0.05])}, delta_t=DT)
        found.append(states["v"])
    np.testing.assert_allclose(np.array(found).T, jx.integrate(cell_, t_max=STEPS * DT, delta_t=DT), rtol=0, atol=1e-11)
