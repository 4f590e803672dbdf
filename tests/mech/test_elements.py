"""Elements of arrays whose index is known only while the model runs."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from jxneuron.mech.elements import element_at, with_element

INDEX = jnp.array([-1.0, -0.9, 0.9, 1.0, 2.5, 3.0, jnp.nan])
INSIDE = [None, 0, 0, 1, 2, None, None]  # C cuts towards zero; None: outside


def test_elements_are_those_of_c_and_not_a_number_outside():
    values = [jnp.arange(7.0) + 10 * k for k in range(3)]
    found, changed = element_at(values, INDEX), np.array(with_element(values, INDEX, -1.0))
    for k, inside in enumerate(INSIDE):
        expected = np.array([float(value[k]) for value in values])
        if inside is None:
            assert np.isnan(found[k]) and np.isnan(changed[:, k]).all()
        else:
            assert found[k] == expected[inside]
            expected[inside] = -1.0
            np.testing.assert_array_equal(changed[:, k], expected)


def test_derivatives_reach_the_element_that_is_meant():
    def total(x, value):
        array = with_element([x, 2 * x, 3 * x], jnp.array([0.0, 1.0, 2.0]), value)
        return jnp.sum(element_at(array, jnp.array([0.0, 2.0, 1.0])) ** 2)

    x = jnp.array([1.0, 2.0, 3.0])
    slope, by_value = jax.grad(total, (0, 1))(x, jnp.asarray(5.0))
    np.testing.assert_allclose(slope, [0.0, 2 * 9 * 2.0, 2 * 4 * 3.0])
    np.testing.assert_allclose(by_value, 10.0)
