"""Derivatives through deliveries, in both modes, under vmap and checkpoints."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxneuron.errors import ModelError
from tests.run.events.networks import NETWORKS, run, simulation_of, with_events

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def losses(references):
    """A function of weights and a scaled parameter of the synapses; and where to take its derivatives."""
    return losses_of("subthreshold", references)


def losses_of(of, references):
    network = dataclasses.replace(NETWORKS[of], tstop=8.0)
    simulation = simulation_of(with_events(references[of]), slope="exact")
    name = network.synapse
    scaled = next(value for value in network.values if value in simulation.params.mech[name])  # tau1 is in the State

    def loss(weights, scale, e, lengths=(20, 16)):
        mech = dict(simulation.params.mech)
        mech[name] = {**mech[name], scaled: mech[name][scaled] * scale, "e": mech[name]["e"] + e}
        params = simulation.params._replace(mech=mech, weights={name: weights})
        _, v = run(dataclasses.replace(simulation, params=params), network, lengths)
        return jnp.sum(v[-1, ::7] * jnp.cos(jnp.arange(len(v[-1, ::7]), dtype=float)))

    return jax.jit(loss, static_argnums=3), (
        jnp.asarray(simulation.params.weights[name]),
        jnp.asarray(1.0),
        jnp.asarray(0.0),
    )


@pytest.mark.parametrize("of", ["subthreshold", "exp2"])
def test_both_modes_agree_with_differences(of, references):
    loss, at = losses_of(of, references)
    gradient = jax.grad(loss, (0, 1, 2))(*at)
    keys = iter(jax.random.split(jax.random.key(0), 3))
    along = tuple(jax.random.normal(next(keys), x.shape) * jnp.maximum(jnp.abs(x), 1e-3) for x in at)
    _, forward = jax.jvp(loss, at, along)
    backward = sum(jnp.vdot(g, d) for g, d in zip(gradient, along, strict=True))
    step = 1e-5
    ends = [loss(*(x + sign * step * d for x, d in zip(at, along, strict=True))) for sign in (1.0, -1.0)]
    np.testing.assert_allclose(forward, backward, rtol=1e-9)
    np.testing.assert_allclose(forward, (ends[0] - ends[1]) / (2 * step), rtol=1e-6)
    assert all(np.any(np.asarray(g) != 0.0) for g in gradient)


def test_each_weight_has_its_own_derivative(losses):
    loss, at = losses
    gradient = np.asarray(jax.grad(loss)(*at))
    step = 1e-8

    def moved(row, by):
        return loss(at[0].at[row, 0].add(by), *at[1:])

    rows = range(0, len(gradient), 3)
    differences = [(moved(row, step) - moved(row, -step)) / (2 * step) for row in rows]
    np.testing.assert_allclose(gradient[list(rows), 0], differences, rtol=1e-6, atol=1e-3)


def test_checkpoints_change_nothing(losses):
    loss, at = losses
    plain = jax.grad(loss)(*at)
    pieces = jax.grad(lambda *x: loss(*x, ()))(*at)
    np.testing.assert_allclose(pieces, plain, rtol=1e-10)


def test_a_batch_equals_its_members(losses):
    loss, at = losses
    scales = jnp.array([1.0, 0.5, 2.0])
    batch = jax.vmap(jax.grad(loss), (0, None, None))(jnp.stack([at[0] * scale for scale in scales]), *at[1:])
    for k, scale in enumerate(scales):
        np.testing.assert_allclose(batch[k], jax.grad(loss)(at[0] * scale, *at[1:]), rtol=1e-8, atol=1e-9)


def test_second_derivatives(losses):
    loss, at = losses
    one, step = jnp.asarray(1.0), 1e-4

    def along(x):
        return loss(at[0] * x, at[1], at[2])

    def slope(x):
        return jax.jvp(along, (x,), (one,))[1]

    second = jax.jit(jax.grad(slope))(one)
    np.testing.assert_allclose(second, (slope(one + step) - slope(one - step)) / (2 * step), rtol=1e-5)
    with pytest.raises(ModelError, match="a derivative of a gradient through events"):
        jax.grad(jax.grad(along))(one)
