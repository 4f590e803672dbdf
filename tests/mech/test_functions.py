"""The functions that generated code calls, against plain arithmetic, numpy and finite differences."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxneuron.errors import ModelError
from jxneuron.mech import (
    builtin,
    choose,
    cnexp,
    derivimplicit,
    exp,
    generated,
    linear,
    lookup,
    nrn_ghk,
    power,
    shaped,
    sparse,
    steadystate,
    tabulate,
)
from jxneuron.mech.solvers.backward_euler import eliminate
from jxneuron.units import FARADAY, GAS_CONSTANT, ZERO_CELSIUS


def test_exp_is_clamped_as_in_neuron():
    x = jnp.array([-800.0, -700.0, 0.5, 700.0, 800.0])
    expected = [0.0, math.exp(-700.0), math.exp(0.5), math.exp(700.0), math.exp(700.0)]
    np.testing.assert_allclose(exp(x), expected, rtol=1e-14)
    assert [exp(float(one)) for one in x] == expected


def test_power_has_a_finite_slope_at_zero():
    assert jax.grad(lambda x: power(x, 2.0))(0.0) == 0.0
    assert power(2.0, 0.5) == 2.0**0.5


def test_cnexp_solves_the_linear_equation():
    y, a, b, dt = 0.3, 2.0, -0.7, 0.1
    exact = -a / b + (y + a / b) * math.exp(b * dt)
    assert math.isclose(cnexp(y, a, b, dt), exact, rel_tol=1e-14)


def trap(x, y):
    return choose(
        jnp.abs(x / y) < 1e-6, lambda x, y: y * (1.0 - x / y / 2.0), lambda x, y: x / (exp(x / y) - 1.0), x, y
    )


@pytest.mark.parametrize("x", [0.0, 1e-9, 0.4, -3.0, 60.0])
def test_choose_differentiates_the_branch_that_is_taken(x):
    y = 10.0
    for mode in (jax.jacfwd, jax.jacrev):
        slope = mode(trap)(jnp.array(x), jnp.array(y))
        step = 1e-3
        difference = (trap(jnp.array(x + step), y) - trap(jnp.array(x - step), y)) / (2 * step)
        np.testing.assert_allclose(slope, difference, rtol=1e-5)
    assert jnp.isfinite(jax.grad(jax.grad(trap))(jnp.array(x), jnp.array(y)))


def test_choose_sums_the_slope_of_a_shared_operand():
    x = jnp.linspace(-3.0, 3.0, 7)
    slope = jax.grad(lambda y: trap(x, y).sum())(jnp.array(2.0))
    step = 1e-6
    difference = (trap(x, jnp.array(2.0 + step)).sum() - trap(x, jnp.array(2.0 - step)).sum()) / (2 * step)
    np.testing.assert_allclose(slope, difference, rtol=1e-6)


def test_choose_hands_on_lists_and_known_conditions():
    a = [jnp.zeros(3), jnp.ones(3)]
    out = choose(jnp.array([True, False, True]), lambda a: [a[1], a[0]], lambda a: a, a)
    np.testing.assert_array_equal(out[0], [1.0, 0.0, 1.0])
    assert choose(False, lambda x: 1 / 0, lambda x: x, 2.0) == 2.0


def test_lookup_is_linear_between_and_clamped_outside():
    table = tabulate(lambda x: (jnp.sin(x), x * x), -1.0, 2.0, 30)
    points = np.add.accumulate([-1.0] + [3.0 / 30] * 30)
    x = np.array([-5.0, -1.0, -0.33, 0.0, 1.999, 2.0, 7.0])
    sine, square = lookup(table, jnp.asarray(x), -1.0, 2.0, 30)
    np.testing.assert_allclose(sine, np.interp(x, points, np.sin(points)), atol=1e-14)
    np.testing.assert_allclose(square, np.interp(x, points, points**2), atol=1e-14)
    assert np.isnan(lookup(table, jnp.array([np.nan]), -1.0, 2.0, 30)[0]).all()


def test_lookup_hands_on_arrays_beside_values():
    table = tabulate(lambda x: ([x, 2.0 * x], -x, [3.0]), -1.0, 2.0, 30)
    x = jnp.array([-0.5, 1.25])
    pair, single, one = lookup(table, x, -1.0, 2.0, 30, (2, 0, 1))
    expected = np.stack([x, 2.0 * x, -x, [3.0, 3.0]])
    np.testing.assert_allclose(np.stack([*pair, single, *one]), expected, atol=1e-14)


def test_elimination_equals_the_dense_solution():
    rng = np.random.default_rng(3)
    dense = np.where(rng.random((6, 6)) < 0.4, rng.normal(size=(6, 6)), 0.0) + 6 * np.eye(6)
    rhs = rng.normal(size=6)
    entries = {(i, j): jnp.full(2, dense[i, j]) for i in range(6) for j in range(6) if dense[i, j]}
    found = np.array(eliminate(entries, [jnp.full(2, one) for one in rhs]))
    np.testing.assert_allclose(found[:, 1], np.linalg.solve(dense, rhs), rtol=1e-12)


def decay_chain(k, a, b, rate):
    f_flux, b_flux = k.reaction({"a": 1}, {"b": 1}, rate, 0.5)
    return (f_flux - b_flux,)


def test_sparse_is_backward_euler():
    start, dt = np.array([1.0, 0.2]), 0.1
    (a, b), (net,) = sparse(
        decay_chain, ("a", "b"), (jnp.array([1.0]), jnp.array([0.2])), (jnp.array([2.0]),), dt, 0, linear=True
    )
    expected = np.linalg.solve(np.eye(2) - dt * np.array([[-2.0, 0.5], [2.0, -0.5]]), start)
    np.testing.assert_allclose([a[0], b[0]], expected, rtol=1e-14)
    np.testing.assert_allclose(net, 2.0 * a - 0.5 * b, rtol=1e-14)


def dimer(k, a, b, rate):
    k.reaction({"a": 2}, {"b": 1}, rate, 0.3)
    return ()


def test_nonlinear_sparse_meets_its_equation_and_its_derivative():
    def step(rate):
        (a, b), _ = sparse(dimer, ("a", "b"), (jnp.array([1.0]), jnp.array([0.1])), (rate,), 0.1, 0, linear=False)
        return jnp.stack([a, b])[:, 0]

    rate = jnp.array([4.0])
    a, b = step(rate)
    flux = 4.0 * a * a - 0.3 * b
    np.testing.assert_allclose([a, b], [1.0 - 0.1 * 2 * flux, 0.1 + 0.1 * flux], rtol=1e-12)
    slope = jax.jacrev(step)(rate)[:, 0]
    difference = (step(rate + 1e-5) - step(rate - 1e-5)) / 2e-5
    np.testing.assert_allclose(slope, difference, rtol=1e-7)


def conserved(k, a, b, total):
    k.reaction({"a": 1}, {"b": 1}, 3.0, 1.0)
    k.conserve({"a": 1, "b": 1}, total)
    return ()


def test_steadystate_keeps_the_conserved_sum():
    zero = jnp.zeros(2)
    (a, b), _ = steadystate(conserved, ("a", "b"), (zero, zero), (jnp.array([1.0, 2.0]),), 0.025, 0, linear=True)
    np.testing.assert_allclose(a, [0.25, 0.5], rtol=1e-8)
    np.testing.assert_allclose(a + b, [1.0, 2.0], rtol=1e-12)


def test_derivimplicit_meets_its_equation_and_its_derivative():
    def step(rate):
        (y,), _ = derivimplicit(lambda y, rate: ((-rate * y * y,), ()), (jnp.array([2.0]),), (rate,), 0.5, 0)
        return y

    rate = jnp.array([1.5])
    y = step(rate)
    np.testing.assert_allclose(y + 0.5 * 1.5 * y * y, 2.0, rtol=1e-12)
    slope = jax.jacrev(step)(rate)[0, 0]
    np.testing.assert_allclose(slope, ((step(rate + 1e-5) - step(rate - 1e-5)) / 2e-5)[0], rtol=1e-7)


def test_linear_equals_numpy():
    def equations(k, c):
        k.equation({"y": c}, 3.0)
        k.equation({"x": 2.0, "y": -1.0}, 1.0)
        return ()

    (x, y), _ = linear(equations, ("x", "y"), (jnp.array([1.0, 4.0]),))
    np.testing.assert_allclose(y, [3.0, 0.75])
    np.testing.assert_allclose(x, [2.0, 0.875])


def test_shaped_takes_the_shape_of_what_is_held():
    s = {"g": jnp.zeros(3), "one": jnp.zeros(()), "list": jnp.zeros((2, 3))}
    out = shaped(jnp.zeros(3), s, {"g": 1.0, "one": jnp.array(2.0), "list": [0.5, jnp.ones(3)], "cai": 4.0})
    assert {name: value.shape for name, value in out.items()} == {"g": (3,), "one": (), "list": (2, 3), "cai": (3,)}


def test_packaged_mechanisms_are_found_by_name():
    assert builtin.get("IClamp").kind == "point"
    with pytest.raises(ModelError, match="NetStim"):
        builtin.get("NetStim")


def test_text_without_a_mechanism_is_refused():
    with pytest.raises(ModelError, match="MECHANISM"):
        generated.load("x = 1\n")


@pytest.mark.parametrize("v", [0.0, 1e-12, -1e-7, 1e-4, -1.3e-3, 1.4e-3, 0.1, -3.0, 90.0, -120.0])
def test_the_derivative_of_ghk_is_right_through_zero(v):
    """Against the series of x / (exp(x) - 1); below 1e-4 NEURON has two terms of it, whose slope is 1/2."""
    thermal = 1000 * GAS_CONSTANT * (22 + ZERO_CELSIUS) / FARADAY
    x = 2 * v / thermal

    def slope(x):
        if abs(x) < 0.1:
            return -1 / 2 + x / 6 - x**3 / 180 + x**5 / 5040
        return (math.expm1(x) - x * math.exp(x)) / math.expm1(x) ** 2

    exact = 0.001 * 2 * FARADAY * 2 / thermal * (-5e-5 * slope(-x) - 2.0 * slope(x))
    found = jax.grad(lambda v: nrn_ghk(v, 5e-5, 2.0, 2.0, 22.0))(v)
    assert found == pytest.approx(exact, rel=4e-5 if abs(x) < 1e-4 else 1e-7)
