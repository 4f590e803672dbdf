"""One optimiser for each parameter, against the arithmetic of gradient descent."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import optax
import pytest

import jxneuron as jx

PARAMS = [{"radius": jnp.array([1.0, 2.0])}, {"gnabar_hh": jnp.array([0.12])}, {"radius": jnp.array([5.0])}]
GRADIENT = [{"radius": jnp.array([3.0, -1.0])}, {"gnabar_hh": jnp.array([4.0])}, {"radius": jnp.array([2.0])}]


def test_each_name_moves_at_its_own_rate() -> None:
    optimizer = jx.optimize.TypeOptimizer(optax.sgd, {"radius": 0.1, "gnabar_hh": 0.001, "v": 1.0}, PARAMS)
    updates, _ = optimizer.update(GRADIENT, optimizer.init(PARAMS))
    moved: Any = optax.apply_updates(PARAMS, updates)
    assert moved[0]["radius"].tolist() == pytest.approx([0.7, 2.1], rel=1e-14)
    assert moved[1]["gnabar_hh"].tolist() == pytest.approx([0.116], rel=1e-14)
    assert moved[2]["radius"].tolist() == pytest.approx([4.8], rel=1e-14)


def test_arguments_of_any_kind_and_state_of_each() -> None:
    """Momentum: the second step of a constant gradient is rate (1 + momentum) times it."""
    optimizer = jx.optimize.TypeOptimizer(
        lambda given: optax.sgd(given[0], momentum=given[1]), {"radius": (0.1, 0.5), "gnabar_hh": (0.01, 0.9)}, PARAMS
    )
    _, state = optimizer.update(GRADIENT, optimizer.init(PARAMS))
    updates, _ = optimizer.update(GRADIENT, state)
    assert updates[0]["radius"].tolist() == pytest.approx([-0.45, 0.15], rel=1e-14)
    assert updates[1]["gnabar_hh"].tolist() == pytest.approx([-0.076], rel=1e-14)


def test_an_optimiser_that_looks_at_the_parameters() -> None:
    """Weight decay adds ``decay * parameter`` to the gradient."""
    optimizer = jx.optimize.TypeOptimizer(
        lambda rate: optax.chain(optax.add_decayed_weights(0.5), optax.sgd(rate)),
        {"radius": 0.1, "gnabar_hh": 0},
        PARAMS,
    )
    updates, _ = optimizer.update(GRADIENT, optimizer.init(PARAMS), PARAMS)
    assert updates[0]["radius"].tolist() == pytest.approx([-0.35, 0.0], abs=1e-15)


def test_what_is_wrong_is_said() -> None:
    with pytest.raises(jx.ModelError, match="nothing about gnabar_hh; did you mean gnabar"):
        jx.optimize.TypeOptimizer(optax.sgd, {"radius": 0.1, "gnabar": 0.1}, PARAMS)
    with pytest.raises(jx.ModelError, match=r"opt_params\[0\] holds a, b: each entry holds one"):
        jx.optimize.TypeOptimizer(optax.sgd, {"a": 0.1, "b": 0.1}, [{"a": 1.0, "b": 1.0}])
    optimizer = jx.optimize.TypeOptimizer(optax.sgd, {"radius": 0.1}, PARAMS[:1])
    with pytest.raises(jx.ModelError, match=r"gradient holds radius, gnabar_hh, radius; .* made for radius"):
        optimizer.update(GRADIENT, optimizer.init(PARAMS[:1]))
