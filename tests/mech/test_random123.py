"""Random123 streams against NEURON's: every draw, on the host and in JAX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxneuron.errors import ModelError
from jxneuron.mech import log
from jxneuron.mech.random123 import (
    random123_ipick,
    random123_normal,
    random123_pair,
    random123_second_normal,
    random123_sequence,
    random123_uniform,
)

DRAWS = 10_000
# Ids and global index; and the sequence at which draws begin, of which one passes 32 bits of the counter
STREAMS = [
    ((1, 2, 3, 0), 0),
    ((7, 0, 0, 5), 3),
    ((4294967295, 12, 5, 4294967295), 1_000_001),
    ((5, 6, 7, 0), 2**34 - 9),
]

NEURON = """
def draw(stream, start, set_up):
    *ids, index = stream
    r = h.Random()
    r.Random123_globalindex(index)
    r.Random123(*ids)
    set_up(r)
    r.seq(start)
    return [r.repick() for _ in range(given["draws"])]
kinds = [lambda r: r.uniform(0, 1), lambda r: r.negexp(1), lambda r: r.discunif(0, 2**32 - 1)]
give([[draw(stream, start, kind) for kind in kinds] for stream, start in given["streams"]])
"""
NORMAL = """
r = h.Random()
r.Random123(1, 2, 3)
first = r.normal(0, 1)
give([first] + [r.repick() for _ in range(given["draws"] - 1)])
"""


@pytest.mark.parametrize("where", ["jax", "host"])
def test_draws_are_neurons_bit_for_bit(where: str, neuron_child: Callable[..., Any]) -> None:
    for (ids, start), (uniform, negexp, words) in zip(
        STREAMS, neuron_child(NEURON, draws=DRAWS, streams=STREAMS), strict=True
    ):
        ours = _draw(where, lambda n, ids=ids: random123_uniform(n, *map(float, ids)), start)
        np.testing.assert_array_equal(ours, uniform)
        ours = _draw(where, lambda n, ids=ids: -log(random123_uniform(n, *map(float, ids))), start)
        np.testing.assert_array_equal(ours, negexp)
        ours = _draw(where, lambda n, ids=ids: random123_ipick(n, *map(float, ids)), start)
        np.testing.assert_array_equal(np.floor(2.0**32 * ((ours + 1.0) * (1 / 4294967297))), words)


def _draw(where: str, function: Callable[[Any], Any], start: int) -> Any:
    numbers = [float(start + k) for k in range(DRAWS)]
    return jax.jit(function)(jnp.array(numbers)) if where == "jax" else np.array([function(one) for one in numbers])


def test_normal_draws_come_in_pairs(neuron_child: Callable[..., Any]) -> None:
    theirs, ids = neuron_child(NORMAL, draws=DRAWS), (1.0, 2.0, 3.0, 0.0)
    sequence, host, pairs = 0.0, [], []
    for _ in range(DRAWS // 2):
        pairs.append(random123_pair(sequence, *ids))
        host += [random123_normal(pairs[-1], *ids), random123_second_normal(pairs[-1], *ids)]
        sequence = pairs[-1] + 2.0
    np.testing.assert_array_equal(host, theirs)
    starts = jnp.array([0.0, *(pair + 2.0 for pair in pairs[:-1])])
    traced = jax.jit(random123_pair)(starts, *ids)
    np.testing.assert_array_equal(traced, pairs)
    np.testing.assert_allclose(jax.jit(random123_normal)(traced, *ids), theirs[::2], rtol=1e-13, atol=1e-13)


def test_a_sequence_is_set_as_in_neuron() -> None:
    wanted = [-1.0, 0.0, 5.7, 2.0**34 - 1, 2.0**34 + 6, float(0xFFFFFFFFFF), 2.0**40, float("nan")]
    expected = [0.0, 0.0, 5.0, 2.0**34 - 1, 6.0, 2.0**34 - 1, 0.0, 0.0]
    assert [random123_sequence(one) for one in wanted] == expected
    np.testing.assert_array_equal(random123_sequence(jnp.array(wanted)), expected)


def test_derivatives_pass_around_what_is_drawn() -> None:
    ids = (1.0, 2.0, 3.0, 0.0)

    def noisy(gain: Any) -> Any:
        def turn(sequence: Any, _: None) -> tuple[Any, Any]:
            pair = random123_pair(sequence, *ids)
            return pair + 2.0 + 0.0 * gain, gain * random123_normal(pair, *ids)

        return jax.lax.scan(turn, jnp.zeros(3), None, length=4)[1].sum()

    slope = noisy(1.0)
    np.testing.assert_allclose(jax.grad(noisy)(2.0), slope, rtol=1e-13)
    np.testing.assert_allclose(jax.jvp(noisy, (2.0,), (1.0,))[1], slope, rtol=1e-13)
    np.testing.assert_allclose(jax.vmap(jax.grad(noisy))(jnp.array([1.0, 2.0])), [slope, slope], rtol=1e-13)


def test_float32_is_refused() -> None:
    with jax.enable_x64(False), pytest.raises(ModelError, match="need float64"):
        random123_uniform(jnp.zeros(2), 1.0, 2.0, 3.0, 0.0)
