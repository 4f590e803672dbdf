"""What a run is differentiated, mapped and compiled with: parameters, states, stimuli and clamps of one small cell.

Derivatives are compared with Richardson differences of runs whose values were ``set``, which no derivative touches. The
rates of hh stand in tables with a kink at each mV: differences are taken over steps that cross none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pytest

import jxneuron as jx

DT, STEPS = 0.025, 80
CURRENT = 0.2 * np.sin(0.1 * np.arange(STEPS)) ** 2 + 0.1
# What is trained, where, and by which step differences are taken
TRAINED: list[tuple[str, Callable[[Any], Any], float]] = [
    ("gnabar_hh", lambda cell: cell, 1e-6),
    ("radius", lambda cell: cell.branch("all"), 1e-5),
    ("axial_resistivity", lambda cell: cell, 1e-2),
    ("capacitance", lambda cell: cell.branch(1).comp("all"), 1e-5),
    ("length", lambda cell: cell.branch(0), 1e-4),
    ("ena", lambda cell: cell, 1e-3),
    ("v", lambda cell: cell, 1e-4),
    ("celsius", lambda cell: cell, 1e-4),
]
NAMES = [name for name, _, _ in TRAINED]


def make() -> jx.Cell:
    cell = jx.Cell([jx.Branch(nseg=1), jx.Branch(nseg=2)], [-1, 0])
    cell.set("length", 30.0)
    cell.branch(0).set("radius", 5.0)
    cell.set("axial_resistivity", 150.0)
    cell.set("v", -64.3)
    cell.insert("hh")
    cell.branch(0).loc(0.5).record(verbose=False)
    cell.branch(1).loc(0.9).record("m_hh", verbose=False)
    cell.branch(0).loc(0.5).stimulate(CURRENT, verbose=False)
    return cell


@pytest.fixture(scope="module")
def cell() -> jx.Cell:
    made = make()
    for name, where, _ in TRAINED:
        where(made).make_trainable(name, verbose=False)
    return made


def loss_of(traces: Any) -> Any:
    """One number that every recorded sample moves."""
    weights = np.cos(0.3 * np.arange(traces.shape[1]))
    return (traces[0] * weights).mean() / 50.0 + (traces[1] * weights).mean()


def run(cell: Any, params: Any = (), **given: Any) -> Any:
    return jx.integrate(cell, params, t_max=STEPS * DT, delta_t=DT, **given)


@pytest.fixture(scope="module")
def batch(cell: jx.Cell) -> Any:
    """Values, traces and gradients for three sets of parameters at once; the first is the cell's own."""
    factors = np.array([[1.0], [0.9], [1.1]])
    many = [{key: value[None] * factors for key, value in each.items()} for each in cell.get_parameters()]

    def loss(params: Any) -> Any:
        traces = run(cell, params)
        return loss_of(traces), traces

    (values, traces), slopes = jax.jit(jax.vmap(jax.value_and_grad(loss, has_aux=True)))(many)
    return many, values, traces, slopes


def richardson(value: Callable[[float], float], step: float) -> float:
    """Derivative at 0 by central differences of two steps."""
    wide, narrow = ((value(h) - value(-h)) / (2 * h) for h in (step, step / 2))
    return (4 * narrow - wide) / 3


def written(cell: jx.Cell, params: Any) -> Any:
    changed = cell.copy()
    changed.write_trainables(params)
    return np.asarray(run(changed))


def test_one_value_for_each_group(cell: jx.Cell) -> None:
    shapes = {name: each[name].shape for name, each in zip(NAMES, cell.get_parameters(), strict=True)}
    assert shapes == {**dict.fromkeys(NAMES, (1,)), "radius": (2,), "capacitance": (2,)}
    assert cell.num_trainable_params == 10
    assert cell.get_parameters()[1]["radius"].tolist() == [5.0, 1.0]


@pytest.mark.parametrize("index", range(len(TRAINED)), ids=NAMES)
def test_a_gradient_is_what_differences_of_set_values_say(cell: jx.Cell, batch: Any, index: int) -> None:
    name, _, step = TRAINED[index]
    found = batch[3][index][name][0]
    for k in range(len(found)):

        def value(h: float, k: int = k) -> float:
            moved = [dict(each) for each in cell.get_parameters()]
            moved[index][name] = moved[index][name].at[k].add(h)
            return float(loss_of(written(cell, moved)))

        expected = richardson(value, step)
        assert abs(expected) > 1e-6
        assert float(found[k]) == pytest.approx(expected, rel=1e-6)


def test_vmap_over_params_is_a_run_for_each(cell: jx.Cell, batch: Any) -> None:
    many, values, traces, _ = batch
    assert traces.shape == (3, 2, STEPS + 1)
    for k in range(3):
        expected = written(cell, jax.tree.map(lambda x, k=k: x[k], many))
        np.testing.assert_allclose(traces[k], expected, rtol=0, atol=1e-9)
        assert float(values[k]) == pytest.approx(float(loss_of(expected)), rel=1e-9)
    assert np.ptp(traces[:, 0, -1]) > 0.1


def test_a_jvp_is_the_gradient_along_a_direction(cell: jx.Cell, batch: Any) -> None:
    _, values, _, slopes = batch
    params = cell.get_parameters()
    direction = jax.tree.map(lambda x: 0.01 * x + 0.1, params)
    value, slope = jax.jvp(jax.jit(lambda given: loss_of(run(cell, given))), (params,), (direction,))
    pairs = zip(jax.tree.leaves(slopes), jax.tree.leaves(direction), strict=True)
    assert float(value) == pytest.approx(float(values[0]), rel=1e-12)
    assert float(slope) == pytest.approx(sum(float(np.vdot(a[0], b)) for a, b in pairs), rel=1e-10)


# What one run is given instead of the module: as data, as lasting edit, its value, the steps of differences
GIVEN: dict[str, tuple[Callable[[Any, Any], dict[str, Any]], Callable[[Any, Any], None], Any, float]] = {
    "param_state": (
        lambda cell, g: {"param_state": cell.branch(1).data_set("gkbar_hh", g, None)},
        lambda cell, g: cell.branch(1).set("gkbar_hh", g),
        np.array([0.02, 0.05]),
        1e-6,
    ),
    "data_stimuli": (
        lambda cell, samples: {"data_stimuli": cell.branch(1).comp(1).data_stimulate(samples)},
        lambda cell, samples: cell.branch(1).comp(1).stimulate(samples, verbose=False),
        np.full(STEPS, 0.05),
        1e-5,
    ),
    "data_clamps": (
        lambda cell, samples: {"data_clamps": cell.branch(1).comp(0).data_clamp("v", samples)},
        lambda cell, samples: cell.branch(1).comp(0).clamp("v", samples, verbose=False),
        np.linspace(-64.9, -20.3, STEPS),
        1e-3,
    ),
}


@pytest.mark.parametrize("name", GIVEN)
def test_jit_vmap_and_grad_over_what_one_run_is_given(cell: jx.Cell, name: str) -> None:
    """Each of its numbers has a slope of its own."""
    data, lasting, base, step = GIVEN[name]

    def loss(given: Any) -> Any:
        traces = run(cell, **data(cell, given))
        return loss_of(traces), traces

    def changed_run(given: Any) -> Any:
        changed = cell.copy()
        lasting(changed, given)
        return np.asarray(run(changed))

    many = np.stack([base, 1.2 * base])
    (_, traces), slopes = jax.jit(jax.vmap(jax.value_and_grad(loss, has_aux=True)))(many)
    assert slopes.shape == many.shape
    for k in range(2):
        np.testing.assert_allclose(traces[k], changed_run(many[k]), rtol=0, atol=1e-9)
    for k in {0, 1, len(base) - 2}:
        value = lambda h, k=k: float(loss_of(changed_run(base + h * (np.arange(len(base)) == k))))  # noqa: E731
        expected = richardson(value, step)
        assert abs(expected) > 1e-6
        assert float(slopes[0, k]) == pytest.approx(expected, rel=1e-6)


class Counted(jx.channels.Channel):
    """A leak that counts how often JAX walks through it: only while a run is traced."""

    current_is_in_mA_per_cm2 = True
    calls = 0

    def __init__(self) -> None:
        super().__init__()
        self.channel_params = {"Counted_g": 1e-4}
        self.channel_states = {}
        self.current_name = "i_counted"

    def update_states(self, states: Any, dt: Any, v: Any, params: Any) -> Any:
        return {}

    def compute_current(self, states: Any, v: Any, params: Any) -> Any:
        type(self).calls += 1
        return params["Counted_g"] * (v + 60.0)

    def init_state(self, v: Any, params: Any) -> Any:
        return {}


def test_two_runs_and_set_share_a_trace_and_insert_makes_one_more() -> None:
    cell = make()
    cell.insert(Counted())
    Counted.calls = 0
    counts = []

    def after(edit: Callable[[], Any]) -> Any:
        edit()
        traces = np.asarray(run(cell))
        counts.append(Counted.calls)
        return traces

    first = after(lambda: None)
    again = after(lambda: None)
    stronger = after(lambda: cell.set("Counted_g", 1e-3))
    larger = after(lambda: cell.branch(0).set("radius", 6.0))
    after(lambda: cell.insert("pas"))
    assert counts[0] > 0
    assert counts[:4] == [counts[0]] * 4
    assert counts[4] == 2 * counts[0]
    np.testing.assert_array_equal(first, again)
    assert np.abs(stronger - first).max() > 0.1 and np.abs(larger - stronger).max() > 0.1


def trained() -> Any:
    made: Any = jx.Cell([jx.Branch(nseg=3), jx.Branch(nseg=2)], [-1, 0])
    made.insert("hh")
    made.branch(1).add_to_group("far")
    made.branch(0).make_trainable("radius", verbose=False)
    made.make_trainable("celsius", verbose=False)
    made.comp("all").make_trainable("gnabar_hh", verbose=False)
    made.branch(1).make_trainable("L", verbose=False)
    made.make_trainable("v", verbose=False)
    return made


@pytest.mark.parametrize(
    ("again", "message"),
    [
        (lambda c: c.make_trainable("radius"), "entry 0 .*, radius, already trains it in 3 of 5 compartments"),
        (lambda c: c.make_trainable("diam"), r"make_trainable\('diam'\): entry 0 .*, radius,"),
        (lambda c: c.branch(0).comp(1).make_trainable("radius"), "entry 0 .* in 1 of 1 compartments"),
        (lambda c: c.loc(0.0).make_trainable("radius"), "entry 0 .* in 1 of 2 compartments"),
        (lambda c: c.make_trainable("celsius"), "entry 1 .*, celsius, already trains it in the whole module"),
        (lambda c: c.far.make_trainable("gnabar_hh"), "entry 2 .*, gnabar_hh,"),
        (lambda c: c.far.comp(0).make_trainable("length"), "entry 3 .*, L, already trains it in 1 of 1"),
        (lambda c: c.comp(0).make_trainable("v"), "entry 4 .*, v,"),
    ],
)
def test_what_is_trained_already_is_not_trained_again(again, message):
    module = trained()
    before = module.get_parameters()
    with pytest.raises(jx.ModelError, match=message):
        again(module)
    assert len(module.get_parameters()) == len(before)


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (lambda c: c.data_set("radius", 2.0, None), r"data_set\('radius'\): entry 0 of params, radius, .* in 3 of 5"),
        (lambda c: c.data_set("diam", 2.0, None), "entry 0 of params, radius"),
        (lambda c: c.data_set("celsius", 10.0, None), "entry 1 of params, celsius, sets it too, in the whole module"),
        (lambda c: c.data_set("gkbar_hh", 0.1, c.far.data_set("L", 9.0, None)), "entry 3 of params, L, .* in 2 of 2"),
    ],
)
def test_a_trained_value_is_not_set_for_one_run_too(state: Callable[[Any], Any], message: str):
    """Its gradient would be 0; without params, and elsewhere, data_set sets it."""
    module = trained()
    module.record("v", verbose=False)
    with pytest.raises(jx.ModelError, match=message):
        jx.integrate(module, module.get_parameters(), param_state=state(module), t_max=0.05)
    init, _ = jx.build_init_and_step_fn(module)
    with pytest.raises(jx.ModelError, match=message):
        init(module.get_parameters(), param_state=state(module))
    init((), param_state=state(module))
    init(module.get_parameters(), param_state=module.branch(1).data_set("radius", 2.0, None))


def test_other_compartments_and_other_keys_may_be_trained():
    module = trained()
    module.branch(1).make_trainable("radius", verbose=False)
    module.branch(0).make_trainable("length", verbose=False)
    module.make_trainable("gkbar_hh", verbose=False)
    module.delete_trainables()
    module.make_trainable("diam", verbose=False)
    assert module.num_trainable_params == 1
