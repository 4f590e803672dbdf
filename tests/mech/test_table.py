"""Look-ups of TABLE beside nocmodl's own formula, in NumPy, at and around every abscissa."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxneuron.mech.table import interpolate, lookup, tabulate

FIRST, LAST, COUNT = -25.0, 25.0, 1000
ULPS = (-4, -3, -2, -1, 0, 1, 2, 3, 4)


def around_abscissae(first: float, last: float, count: int) -> np.ndarray:
    """Every abscissa and its neighbours up to 4 units in the last place, and what is outside."""
    points = np.add.accumulate(np.array([first] + [(last - first) / count] * count))
    spaced = [points + k * np.spacing(points) for k in ULPS]
    return np.concatenate([*spaced, [first - 1.0, last + 1.0, -np.inf, np.inf]])


def by_nocmodl(values: np.ndarray, x: np.ndarray, first: float, last: float, count: int) -> np.ndarray:
    """What the C code of table_massage (parsact.cpp) returns."""
    position = (1.0 / ((last - first) / count)) * (x - first)
    inside = np.clip(position, 0.0, count)
    row = np.minimum(inside.astype(int), count - 1)
    between = values[row] + (inside - row) * (values[row + 1] - values[row])
    return np.where(position <= 0.0, values[0], np.where(position >= count, values[count], between))


def tables() -> tuple[np.ndarray, np.ndarray]:
    points = np.add.accumulate(np.array([FIRST] + [(LAST - FIRST) / COUNT] * COUNT))
    return np.exp(points), np.cos(points)


def expression(x: jax.Array) -> jax.Array:
    """A quotient of look-ups whose arguments are expressions of x, as rates are written."""
    table = tabulate(lambda u: (jnp.exp(u),), FIRST, LAST, COUNT)
    rising, falling = (
        lookup(table, (x + 35.0) / 20.0, FIRST, LAST, COUNT),
        lookup(table, -(x + 35.0) / 20.0, -25.0, 25.0, COUNT),
    )
    return 800.0 / (3.3 * rising[0] + falling[0])


def expected_expression(x: np.ndarray) -> np.ndarray:
    values = np.exp(np.add.accumulate(np.array([FIRST] + [(LAST - FIRST) / COUNT] * COUNT)))
    rising, falling = (by_nocmodl(values, side * (x + 35.0) / 20.0, FIRST, LAST, COUNT) for side in (1.0, -1.0))
    return 800.0 / (3.3 * rising + falling)


RUNS = {"eager": lambda f: f, "jit": jax.jit, "vmap": lambda f: jax.jit(jax.vmap(f))}


@pytest.mark.parametrize("how", ["eager", "jit", "vmap"])
def test_a_lookup_is_nocmodls_at_every_abscissa(how: str) -> None:
    exponential, cosine = tables()
    x = around_abscissae(FIRST, LAST, COUNT)

    def both(x: jax.Array) -> tuple[jax.Array, ...]:
        return lookup(tabulate(lambda u: (jnp.exp(u), jnp.cos(u)), FIRST, LAST, COUNT), x, FIRST, LAST, COUNT)

    for ours, values in zip(RUNS[how](both)(jnp.asarray(x)), (exponential, cosine), strict=True):
        np.testing.assert_allclose(ours, by_nocmodl(values, x, FIRST, LAST, COUNT), rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("how", ["eager", "jit", "vmap"])
def test_lookups_inside_larger_expressions_use_one_row(how: str) -> None:
    x = 20.0 * around_abscissae(FIRST, LAST, COUNT)[:-2] - 35.0
    x = np.concatenate([x, *(np.nextafter(x, side) for side in (-np.inf, np.inf))])
    np.testing.assert_allclose(RUNS[how](expression)(jnp.asarray(x)), expected_expression(x), rtol=1e-12)


def test_derivatives_at_abscissae_are_those_of_a_neighbouring_interval() -> None:
    exponential, _ = tables()
    x = around_abscissae(FIRST, LAST, COUNT)[:-4]
    x = x[(x > FIRST + 1.0) & (x < LAST - 1.0)]
    table = tabulate(lambda u: (jnp.exp(u),), FIRST, LAST, COUNT)
    slopes = jax.jit(jax.vmap(jax.grad(lambda u: lookup(table, u, FIRST, LAST, COUNT)[0])))(jnp.asarray(x))
    position = (x - FIRST) * COUNT / (LAST - FIRST)
    rows = [np.clip(np.floor(position + shift).astype(int), 0, COUNT - 1) for shift in (-1e-6, 1e-6)]
    options = [(exponential[row + 1] - exponential[row]) * COUNT / (LAST - FIRST) for row in rows]
    off = np.min([np.abs(slopes / option - 1.0) for option in options], axis=0)
    assert off.max() < 1e-11


def test_a_table_built_for_each_instance_is_that_of_its_own_values() -> None:
    x = around_abscissae(FIRST, LAST, COUNT)
    shift = np.linspace(0.5, 2.0, len(x))
    points = np.add.accumulate(np.array([FIRST] + [(LAST - FIRST) / COUNT] * COUNT))
    ours = jax.jit(lambda u: interpolate(lambda y: (jnp.exp(y / shift), y * shift), u, FIRST, LAST, COUNT))(x)
    own = [
        (by_nocmodl(np.exp(points / a), u, FIRST, LAST, COUNT), by_nocmodl(points * a, u, FIRST, LAST, COUNT))
        for a, u in zip(shift[::97], x[::97], strict=True)
    ]
    for column, values in enumerate(zip(*own, strict=True)):
        np.testing.assert_allclose(ours[column][::97], values, rtol=1e-12)


def test_not_a_number_stays_so() -> None:
    table = tabulate(lambda u: (u,), 0.0, 1.0, 10)
    assert np.isnan(lookup(table, jnp.array([np.nan]), 0.0, 1.0, 10)[0]).all()
    assert np.isnan(interpolate(lambda u: (u,), jnp.array([np.nan]), 0.0, 1.0, 10)[0]).all()


def test_an_infinite_first_value_is_that_of_all_below() -> None:
    """nocmodl interpolates above the first abscissa only."""

    def function(u: jax.Array) -> tuple[jax.Array]:
        return (1.0 / u,)

    x = jnp.array([-1.0, 0.0, 0.05, 0.1, 2.0])
    table = tabulate(function, 0.0, 1.0, 10)
    for ours in (lookup(table, x, 0.0, 1.0, 10), interpolate(function, x, 0.0, 1.0, 10)):
        assert np.isinf(ours[0][:2]).all()
        assert np.isnan(ours[0][2])
        np.testing.assert_allclose(ours[0][3:], [10.0, 1.0], rtol=1e-14)
