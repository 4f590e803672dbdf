"""jit, grad, jvp and vmap over everything that is given to one run, and what a gradient remembers."""

from __future__ import annotations

import os
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxneuron as jx
from jxneuron.channels import HH

STEPS = 60
# One value for each way in: params, param_state, data_stimuli, data_clamps
VALUES = {"HH_gNa": 0.15, "Ra": 150.0, "current": 0.3, "HH_n": 0.4}


@pytest.fixture(scope="module")
def run():
    """From values to the voltage at three times, (3,)."""
    cell = jx.Cell([jx.Branch(nseg=2), jx.Branch(nseg=1)], [-1, 0])
    cell.insert(HH())  # no TABLE: differences through one must step far less than its spacing
    cell.set("axial_resistivity", 150.0)
    cell.branch(0).make_trainable("HH_gNa", verbose=False)
    cell.branch(0).comp(1).record(verbose=False)
    window = jnp.ones(STEPS + 1).at[:5].set(0.0)

    def voltage(values):
        state = cell.data_set("Ra", values["Ra"], None)
        stimuli = cell.branch(0).comp(0).data_stimulate(values["current"] * window)
        clamps = cell.branch(1).data_clamp("HH_n", values["HH_n"] * jnp.ones(STEPS + 1))
        return jx.integrate(
            cell,
            [{"HH_gNa": jnp.atleast_1d(values["HH_gNa"])}],
            param_state=state,
            data_stimuli=stimuli,
            data_clamps=clamps,
        )[0, jnp.array([15, 40, STEPS])]

    return voltage


@pytest.fixture(scope="module")
def quotients(run):
    """By numbers: the voltages, and Richardson's differences by each value, from one run of a batch."""
    names, step = list(VALUES), 1e-3
    shifted = [dict(VALUES)]
    for name in names:
        shifted += [{**VALUES, name: VALUES[name] * (1 + s * step)} for s in (1, -1, 0.5, -0.5)]
    batch = {name: jnp.array([each[name] for each in shifted]) for name in names}
    v = np.asarray(jax.jit(jax.vmap(run))(batch))
    slopes = {}
    for k, name in enumerate(names):
        up, down, half_up, half_down = v[1 + 4 * k : 5 + 4 * k]
        coarse, fine = (up - down) / (2 * step), (half_up - half_down) / step
        slopes[name] = (4 * fine - coarse) / 3 / VALUES[name]
    return v, slopes, shifted


def close(found, expected):
    for name, value in expected.items():
        assert np.abs(value * VALUES[name]).min() > 1e-2, name
        np.testing.assert_allclose(found[name], value, rtol=1e-6, atol=1e-9 / VALUES[name])


def test_a_batch_is_its_single_runs(run, quotients):
    v, _, shifted = quotients
    single = jax.jit(run)
    for k in (0, 1, 6, 11, 16):
        np.testing.assert_allclose(single(jax.tree.map(jnp.asarray, shifted[k])), v[k], rtol=0, atol=1e-10)


def test_reverse_mode_under_jit(run, quotients):
    close(jax.jit(jax.jacrev(run))(jax.tree.map(jnp.asarray, VALUES)), quotients[1])


def test_forward_mode(run, quotients):
    """One direction at a time (jvp), as a batch of directions."""
    close(jax.jit(jax.jacfwd(run))(jax.tree.map(jnp.asarray, VALUES)), quotients[1])


def test_gradients_of_a_batch(run, quotients):
    _, slopes, _ = quotients
    batch = {name: jnp.array([value, value * 1.01]) for name, value in VALUES.items()}
    found = jax.jit(jax.vmap(jax.grad(lambda values: run(values)[1])))(batch)
    for name, value in slopes.items():
        np.testing.assert_allclose(found[name][0], value[1], rtol=1e-6)
        assert abs(found[name][1] - found[name][0]) > 0


def leaky():
    branch = jx.Branch(nseg=16)
    branch.insert("pas")
    branch.set("v", np.linspace(-60.0, -50.0, 16))
    branch.comp(3).record(verbose=False)
    branch.make_trainable("g_pas", verbose=False)
    return branch


def loss_of(branch, steps, lengths):
    return lambda params: jx.integrate(branch, params, t_max=steps * 0.025, delta_t=0.025, checkpoint_lengths=lengths)[
        0, -1
    ]


def temporary(branch, steps, lengths):
    """Bytes that the compiled gradient needs beside its inputs and outputs."""
    gradient = jax.jit(jax.grad(loss_of(branch, steps, lengths)))
    analysis = gradient.lower(branch.get_parameters()).compile().memory_analysis()
    assert analysis is not None
    return analysis.temp_size_in_bytes


@pytest.mark.long
def test_memory_of_the_gradient_grows_with_the_root_of_the_steps():
    """Sixteen times as many steps: about four times the memory by default, sixteen times if all is remembered."""
    branch, few, many = leaky(), 1024, 16 * 1024
    short, long = (temporary(branch, steps, None) for steps in (few, many))
    short_whole, long_whole = (temporary(branch, steps, [steps]) for steps in (few, many))
    assert long < 6 * short
    assert long_whole > 12 * short_whole
    assert long < long_whole / 10


@pytest.mark.parametrize("lengths", [[100], [10, 10], [9, 12], [5, 4, 5], [200, 3]])
@pytest.mark.long
def test_pieces_change_no_gradient(lengths):
    branch = leaky()
    params = branch.get_parameters()
    plain = jax.grad(loss_of(branch, 100, None))(params)[0]["g_pas"]
    assert abs(plain[0]) > 1.0
    np.testing.assert_allclose(jax.grad(loss_of(branch, 100, lengths))(params)[0]["g_pas"], plain, rtol=1e-12)


def test_pieces_that_are_too_few_are_refused():
    branch = leaky()
    with pytest.raises(jx.ModelError, match=r"checkpoint_lengths = \[10, 9\]: .* at least 100 steps"):
        loss_of(branch, 100, [10, 9])(branch.get_parameters())


SHARDED = """
import jax, numpy as np
jax.config.update("jax_enable_x64", True)
import jxneuron as jx
from jax.sharding import Mesh, NamedSharding, PartitionSpec
cell = jx.Cell([jx.Branch(nseg=3), jx.Branch(nseg=2)], [-1, 0])
cell.insert("pas")
cell.branch(0).comp(0).record(verbose=False)
cell.branch(1).comp(1).stimulate(np.full(81, 0.3), verbose=False)
cell.make_trainable("g_pas", verbose=False)
cell.make_trainable("radius", verbose=False)
run = jax.value_and_grad(lambda params: jx.integrate(cell, params)[0, 60])
assert jax.device_count() == 2
batch = jax.tree.map(lambda value: value * np.linspace(0.9, 1.2, 4)[:, None], cell.get_parameters())
halves = NamedSharding(Mesh(np.array(jax.devices()), ("cells",)), PartitionSpec("cells"))
by_sharding = jax.jit(jax.vmap(run))(jax.device_put(batch, halves))
assert {len(each.sharding.device_set) for each in jax.tree.leaves(by_sharding)} == {2}
by_pmap = jax.pmap(run)(jax.tree.map(lambda each: each[:2], batch))
alone = jax.jit(run)
for k in range(4):
    expected = jax.tree.leaves(alone(jax.tree.map(lambda each: each[k], batch)))
    for found in (by_sharding, by_pmap)[: 2 if k < 2 else 1]:
        for one, many in zip(expected, jax.tree.leaves(found), strict=True):
            assert abs(one) > 1e-3
            np.testing.assert_allclose(many[k], one, rtol=1e-10)
"""


@pytest.mark.long
def test_a_batch_on_two_devices_is_its_single_runs():
    flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count=2"
    environment = {**os.environ, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}
    done = subprocess.run([sys.executable, "-c", SHARDED], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
