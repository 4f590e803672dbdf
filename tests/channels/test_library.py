"""Hand-written channels against NEURON, against numpy twins, and against finite differences."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxneuron as jx
from jxneuron import channels
from jxneuron.solver_gate import exponential_euler, save_exp, solve_gate_exponential, solve_gate_implicit
from jxneuron.units import CAPACITY_RATE, PER_AREA

MOD = Path(__file__).parents[2] / "mod" / "channels"
STEPS, DT = 800, 0.025
CURRENT = np.zeros(STEPS + 1)
CURRENT[40:600] = 0.3

THEIRS = """
h.load_file("stdrun.hoc")
soma = h.Section(name="soma")
soma.nseg, soma.L, soma.diam, soma.Ra = 3, 30.0, 20.0, 100.0
for name in given["mechanisms"]:
    soma.insert(name)
for name, value in given["values"].items():
    setattr(h, name, value)
for name, value in given["ranged"].items():
    for segment in soma:
        setattr(segment, name, value)
clamp = h.IClamp(soma(0.5))
clamp.delay, clamp.dur, clamp.amp = 1.0, 14.0, 0.3
h.dt, h.celsius = 0.025, 6.3
h.finitialize(-65)
for segment in soma:
    for name in given["states"]:
        setattr(segment, name, 0.2)
h.fcurrent()
watched = [getattr(soma(x), "_ref_" + name) for x, name in given["watched"]]
rows = [[each[0] for each in watched]]
for _ in range(800):
    h.fadvance()
    rows.append([each[0] for each in watched])
give(rows)
"""


def soma() -> jx.Branch:
    branch = jx.Branch(jx.Compartment(), 3)
    for key, value in {"L": 30.0, "diam": 20.0, "Ra": 100.0, "v": -65.0}.items():
        branch.set(key, value)
    branch.loc(0.5).stimulate(CURRENT, verbose=False)
    return branch


def run(module: Any, *watched: tuple[float, str]) -> np.ndarray:
    for x, name in watched:
        module.loc(x).record(name, verbose=False)
    return np.asarray(jx.integrate(module, delta_t=DT))


def test_hh_is_neurons(neuron_child):
    theirs = neuron_child(
        THEIRS,
        mechanisms=["hh"],
        values={"usetable_hh": 0},
        ranged={},
        states=["m_hh", "h_hh", "n_hh"],
        watched=[(0.5, "v"), (0.1, "v"), (0.5, "m_hh"), (0.1, "h_hh")],
    )
    branch = soma()
    branch.insert(channels.HH())
    ours = run(branch, (0.5, "v"), (0.1, "v"), (0.5, "HH_m"), (0.1, "HH_h"))
    assert ours[0].max() > 20.0
    np.testing.assert_allclose(ours.T, theirs, rtol=0, atol=1e-9)


@pytest.fixture(scope="module")
def minimal() -> jx.Branch:
    branch = soma()
    for each in (channels.Na, channels.K, channels.Km, channels.CaL, channels.CaT, channels.Leak, channels.CaPump):
        branch.insert(each())
    branch.set("vt", -55.0)
    branch.set("Km_gKm", 1e-3)
    branch.set("CaL_gCaL", 3e-4)
    return branch


def test_channels_of_cortical_and_thalamic_neurons_are_those_of_a_mod_file(neuron_child, mod_library, minimal):
    theirs = neuron_child(
        THEIRS,
        libraries=[mod_library(MOD)],
        mechanisms=["minimal", "shell"],
        values={},
        ranged={"vt_minimal": -55.0, "gKm_minimal": 1e-3, "gCaL_minimal": 3e-4},
        states=[],
        watched=[(0.5, "v"), (0.1, "v"), (0.5, "p_minimal"), (0.5, "u_minimal"), (0.5, "cai"), (0.5, "ica")],
    )
    branch = minimal.copy()
    ours = run(branch, (0.5, "v"), (0.1, "v"), (0.5, "Km_p"), (0.5, "CaT_u"), (0.5, "cai"), (0.5, "ica"))
    assert ours[0].max() > 0.0
    assert np.ptp(ours[4]) > 1e-5
    for row, expected, name in zip(ours, np.array(theirs).T, ("v", "v at 0.1", "p", "u", "cai", "ica"), strict=True):
        np.testing.assert_allclose(row, expected, rtol=0, atol=1e-9 * max(1.0, np.abs(row).max()), err_msg=name)


def test_a_channel_survives_a_pickle(minimal):
    branch = minimal.copy()
    np.testing.assert_array_equal(run(pickle.loads(pickle.dumps(branch)), (0.5, "v")), run(branch, (0.5, "v")))


@pytest.mark.parametrize(
    ("gate", "singular"),
    [
        (lambda v: channels.HH.m_gate(v)[0], -40.0),
        (lambda v: channels.HH.n_gate(v)[0], -55.0),
        (lambda v: channels.Na.m_gate(v, -60.0)[0], -47.0),
        (lambda v: channels.Na.m_gate(v, -60.0)[1], -20.0),
        (lambda v: channels.K.n_gate(v, -60.0)[0], -45.0),
        (lambda v: channels.CaL.q_gate(v)[0], -27.0),
    ],
)
def test_rates_and_their_slopes_are_smooth_where_they_are_0_over_0(gate, singular):
    beside = (gate(singular - 1e-3) + gate(singular + 1e-3)) / 2
    np.testing.assert_allclose(gate(singular), beside, rtol=1e-7)
    slope = (gate(singular + 1e-3) - gate(singular - 1e-3)) / 2e-3
    np.testing.assert_allclose(jax.grad(gate)(singular), slope, rtol=1e-6)


def test_steps_of_gates_against_the_exact_solution():
    alpha, beta, x, dt = 0.3, 0.7, 0.1, 0.05
    exact = alpha / (alpha + beta) + (x - alpha / (alpha + beta)) * np.exp(-(alpha + beta) * dt)
    np.testing.assert_allclose(solve_gate_exponential(x, dt, alpha, beta), exact, rtol=1e-14)
    np.testing.assert_allclose(exponential_euler(x, dt, 0.3, 1.0), exact, rtol=1e-14)
    implicit = solve_gate_implicit(x, dt, alpha, beta)
    np.testing.assert_allclose(implicit - x, dt * (alpha * (1 - implicit) - beta * implicit), rtol=1e-12)
    np.testing.assert_allclose(save_exp(np.array([1.0, 30.0])), np.exp([1.0, 20.0]), rtol=1e-15)


def single(channel: Any, amp: float) -> tuple[jx.Compartment, float]:
    """One compartment with one channel; and the current as a density, mA/cm2."""
    cell = jx.Compartment()
    cell.insert(channel)
    cell.set("v", -65.0)
    cell.stimulate(np.full(STEPS + 1, amp), verbose=False)
    return cell, PER_AREA * amp / float(cell.nodes["area"].iloc[0])


def test_lif_resets_and_waits():
    cell, drive = single(channels.LIF(), 0.03)
    cell.set("LIF_tref", 2.0)
    cell.record("v", verbose=False)
    cell.record("LIF_spikes", verbose=False)
    v, spikes = np.asarray(jx.integrate(cell, delta_t=DT))
    x, left, expected, fired = -65.0, 0, [-65.0], [0.0]
    for _ in range(STEPS):
        c = CAPACITY_RATE / DT
        x = (c * x + 1e-4 * -70.0 + drive) / (c + 1e-4)
        fires = left == 0 and x > -50.0
        x, left = (-70.0, 80) if fires else (-70.0, left - 1) if left else (x, 0)
        expected.append(x)
        fired.append(float(fires))
    assert sum(fired) > 2
    np.testing.assert_array_equal(spikes, fired)
    np.testing.assert_allclose(v, expected, rtol=0, atol=1e-9)


def test_izhikevich_against_its_equations():
    cell, drive = single(channels.Izhikevich(), 0.01)
    cell.set("Izhikevich_u", -13.0)
    cell.record("v", verbose=False)
    cell.record("Izhikevich_u", verbose=False)
    v, u = np.asarray(jx.integrate(cell, delta_t=DT))

    def rate(x: float, y: float) -> float:
        return 0.04 * x * x + 5.0 * x + 140.0 - y

    x, y, expected = -65.0, -13.0, [(-65.0, -13.0)]
    for _ in range(STEPS):
        slope = (rate(x + 1e-3, y) - rate(x, y)) / 1e-3
        x += (rate(x, y) + drive / CAPACITY_RATE) / (1 / DT - slope)
        y = 0.2 * x + (y - 0.2 * x) * np.exp(-0.02 * DT)
        x, y = (-65.0, y + 8.0) if x >= 30.0 else (x, y)
        expected.append((x, y))
    assert np.sum(np.diff(np.array(expected)[:, 1]) > 7.0) > 1
    np.testing.assert_allclose(np.stack([v, u], axis=1), expected, rtol=0, atol=1e-6)


def test_fire_resets_a_leaky_compartment():
    cell, drive = single(channels.Leak(), 0.03)
    cell.insert(channels.Fire())
    for key, value in {"Leak_gLeak": 1e-4, "Leak_eLeak": -70.0, "Fire_vth": -52.0, "Fire_vreset": -68.0}.items():
        cell.set(key, value)
    cell.record("v", verbose=False)
    cell.record("Fire_spikes", verbose=False)
    v, spikes = np.asarray(jx.integrate(cell, delta_t=DT))
    x, expected, fired, c = -65.0, [-65.0], [0.0], CAPACITY_RATE / DT
    for _ in range(STEPS):
        x = (c * x + 1e-4 * -70.0 + drive) / (c + 1e-4)
        fired.append(float(x > -52.0))
        x = -68.0 if x > -52.0 else x
        expected.append(x)
    assert sum(fired) > 2
    np.testing.assert_array_equal(spikes, fired)
    np.testing.assert_allclose(v, expected, rtol=0, atol=1e-9)


def test_a_rate_unit_decays_to_its_input():
    """Implicit in v; at rest ``v = tau I/cm``."""
    cell, drive = single(channels.Rate(), 0.01)
    cell.set("capacitance", 2.0)
    cell.set("Rate_tau", 3.0)
    cell.record("v", verbose=False)
    v = np.asarray(jx.integrate(cell, delta_t=DT))[0]
    x, expected = -65.0, [-65.0]
    for _ in range(STEPS):
        x = (x + DT * drive / (2 * CAPACITY_RATE)) / (1 + DT / 3.0)
        expected.append(x)
    np.testing.assert_allclose(v, expected, rtol=0, atol=1e-9)
    np.testing.assert_allclose(v[-1], 3.0 * drive / (2 * CAPACITY_RATE), rtol=0.1)


def test_a_concentration_that_is_set_is_where_a_run_starts():
    """A pump starts at NEURON's ``cai0_ca_ion`` unless told otherwise; then its law counts, without a current."""
    cell, _ = single(channels.CaL(), 0.0)
    cell.set("CaL_gCaL", 0.0)
    cell.insert(channels.CaPump())
    for state in ("cai", "eca"):
        cell.record(state, verbose=False)
    assert jx.integrate(cell, delta_t=DT, t_max=1.0)[0, 0] == 5e-5
    cell.set("cai", 2e-4)
    cai, eca = np.asarray(jx.integrate(cell, delta_t=DT, t_max=1.0))
    np.testing.assert_allclose(cai, 1e-4 + 1e-4 * np.exp(-DT * np.arange(41) / 80.0), rtol=1e-12)
    np.testing.assert_allclose(eca[0], 1e3 * 8.31446261815324 * 279.45 / (2 * 96485.33212331001) * np.log(2 / 2e-4))
    cell.make_trainable("cai", verbose=False)
    slope = jax.grad(lambda p: jx.integrate(cell, p, delta_t=DT, t_max=1.0)[0, -1])(cell.get_parameters())
    np.testing.assert_allclose(slope[0]["cai"], [np.exp(-1.0 / 80.0)], rtol=1e-9)
    cell.delete_trainables()
    cell.clamp("cai", np.full(40, 3e-4), verbose=False)
    np.testing.assert_array_equal(jx.integrate(cell, delta_t=DT, t_max=1.0)[0], [2e-4, *[3e-4] * 40])


def test_a_reversal_potential_that_follows_from_concentrations_is_not_set():
    cell, _ = single(channels.CaPump(), 0.0)
    before = cell.model
    for verb in (
        lambda: cell.set("eca", 120.0),
        lambda: cell.make_trainable("eca", verbose=False),
        lambda: cell.data_set("eca", 120.0, None),
    ):
        with pytest.raises(ValueError, match="eca follows from cai and cao by Nernst's equation in 1 of 1"):
            verb()
    assert cell.model is before
    assert cell.get_parameters() == []


@pytest.mark.long
def test_a_gradient_passes_through_a_channel(minimal):
    branch = minimal.copy()
    branch.loc(0.5).record(verbose=False)
    branch.make_trainable("Na_gNa", verbose=False)
    branch.make_trainable("vt", verbose=False)

    @jax.jit
    @jax.value_and_grad
    def late(params: Any) -> Any:
        return jnp.mean(jx.integrate(branch, params, delta_t=DT, t_max=5.0)[0, -80:])

    params = branch.get_parameters()
    _, found = late(params)
    for k, key in enumerate(("Na_gNa", "vt")):

        def moved(share: float, k: int = k, key: str = key) -> Any:
            shifted = [{**each, key: each[key] * (1 + share)} if i == k else each for i, each in enumerate(params)]
            return late(shifted)[0]

        def quotient(h: float, moved: Any = moved) -> Any:
            return (moved(h) - moved(-h)) / (2 * h)

        richardson = (4 * quotient(5e-4) - quotient(1e-3)) / 3
        assert abs(richardson) > 1e-3
        np.testing.assert_allclose(found[k][key][0] * params[k][key][0], richardson, rtol=1e-5)
