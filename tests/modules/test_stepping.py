"""Verbs around a single step: INITIAL against NEURON, steps against whole runs, and how often a run is traced."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxneuron as jx
from jxneuron.channels import HH
from jxneuron.run import integrate as loop

TRACED: Any = loop.run
VOLTAGES = [-70.0, -60.0, -50.0, -65.0]
GATES = ["m_hh", "h_hh", "n_hh"]

THEIRS = """
section = h.Section(name="a")
section.nseg = len(given["v"])
section.insert("hh")
h.celsius, h.usetable_hh = 6.3, 0
for segment, v in zip(section, given["v"]):
    segment.v = v
h.finitialize()
give([[getattr(segment, name) for segment in section] for name in given["gates"]])
"""


def cell() -> jx.Cell:
    made = jx.Cell([jx.Branch(nseg=2), jx.Branch(nseg=2)], [-1, 0])
    made.insert("hh")
    made.set("axial_resistivity", 200.0)
    made.set("v", np.array(VOLTAGES))
    return made


def test_init_states_is_neurons_initial(neuron_child):
    module = cell()
    for key in GATES:
        module.set(key, 0.9)
    module.branch(1).init_states()
    theirs = np.array(neuron_child(THEIRS, v=VOLTAGES, gates=GATES))
    np.testing.assert_array_equal(module.nodes[GATES].to_numpy().T[:, :2], np.full((3, 2), 0.9))
    np.testing.assert_allclose(module.nodes[GATES].to_numpy().T[:, 2:], theirs[:, 2:], rtol=1e-12)
    module.init_states()
    np.testing.assert_allclose(module.nodes[GATES].to_numpy().T, theirs, rtol=1e-12)
    started = module.get_all_states([], module.get_all_parameters([]), 0.025)
    np.testing.assert_allclose([started[key] for key in GATES], theirs, rtol=1e-12)


def resting_m(v):
    alpha, beta = 0.1 * (v + 40) / (1 - np.exp(-(v + 40) / 10)), 4.0 * np.exp(-(v + 65) / 18)
    return alpha / (alpha + beta)


def test_gradients_pass_through_the_steady_state_of_a_hand_written_channel():
    """Before ``init_states`` its states start with its defaults, which depend on nothing."""
    compartment = jx.Compartment()
    compartment.insert(HH())
    compartment.set("v", -58.0)
    compartment.make_trainable("v", verbose=False)

    def started(module):
        return lambda v: module.get_all_states(jx.params_to_pstate([{"v": v}], module.indices_set_by_trainables))[
            "HH_m"
        ][0]

    v = jnp.array([-58.0])
    assert jax.grad(started(compartment))(v)[0] == 0.0
    compartment.init_states()
    assert compartment.get("HH_m")[0] == pytest.approx(resting_m(-58.0), rel=1e-9)
    slope = (resting_m(-58.0 + 1e-4) - resting_m(-58.0 - 1e-4)) / 2e-4
    assert jax.grad(started(compartment))(v)[0] == pytest.approx(slope, rel=1e-6)


def test_steps_are_those_of_a_run_and_change_nothing():
    """A current on rows named in the call, scanned under jit."""
    module = cell()
    module.record("v", verbose=False)
    current = 0.3 * np.sin(np.arange(40.0))
    expected = jx.integrate(module, data_stimuli=module.branch(1).comp(0).data_stimulate(current), t_max=1.0)
    params = module.get_all_parameters([])
    start = module.get_all_states([], params, 0.025)
    before = jax.tree.map(np.array, start.state)

    @jax.jit
    def run(start, params, current):
        def body(u, i):
            u = module.step(u, 0.025, {"i": np.array([2])}, {"i": i[None]}, params)
            return u, u["v"]

        return jax.lax.scan(body, start, current)[1]

    found = run(start, params, jnp.asarray(current))
    np.testing.assert_allclose(found.T, expected[:, 1:], rtol=0, atol=1e-10)
    jax.tree.map(np.testing.assert_array_equal, start.state, before)
    assert module.externals == {}


def test_step_takes_the_modules_own_inputs_and_says_what_does_not_fit():
    module = cell()
    module.branch(0).stimulate(np.full(3, 0.1), verbose=False)
    np.testing.assert_array_equal(module.external_inds["i"], [0, 1])
    params = module.get_all_parameters([])
    u = module.get_all_states([], params, 0.025)
    module.record("v", verbose=False)
    stepped = jax.jit(lambda u, i: module.step(u, 0.025, None, {"i": i}, params))(u, jnp.full(2, 0.1))
    np.testing.assert_allclose(stepped["v"], jx.integrate(module)[:, 1], rtol=0, atol=1e-11)
    with pytest.raises(jx.ModelError, match=r"externals\['i'\] has shape \(1,\), expected \(2,\)"):
        module.step(u, 0.025, None, {"i": jnp.full(1, 0.1)}, params)
    with pytest.raises(jx.ModelError, match=r"externals hold \[\], external_inds \['i'\]"):
        module.step(u, 0.025, None, {}, params)
    with pytest.raises(jx.ModelError, match="States from get_all_states"):
        wrong: Any = {"v": jnp.zeros(4)}
        module.step(wrong, 0.025, {}, {}, params)


def test_axial_couplings_are_those_of_two_cylinders():
    """``b = -1/(r A)``: ohm cm and um of two halves of 10 um, against arithmetic."""
    branch = jx.Branch(nseg=2)
    branch.set("axial_resistivity", 150.0)
    found = branch.init_conds(branch.get_all_parameters([]))
    at = branch._core.rows.node
    resistance = 150.0 * 1e-2 * 10.0 / np.pi  # MOhm between the two centres: Ra l/(pi r^2)
    assert found["b"][at[1]] == pytest.approx(-100.0 / resistance / (2 * np.pi * 10.0), rel=1e-12)


def test_initialize_makes_ready_and_an_edit_unmakes_it():
    module = cell()
    assert not module.initialized
    assert module.initialize() is module and module.initialized
    module.branch(0).set("radius", 2.0)
    assert not module.initialized
    module.to_jax()
    assert module.initialized


def test_other_spellings_of_an_ions_variables():
    module = cell()
    module.branch(0).comp(0).record("i_Na", verbose=False)
    module.branch(0).comp(0).record("ina", verbose=False)
    assert module.recordings["state"].tolist() == ["ina"]
    module.branch(0).set("eNa", 40.0)
    assert module.get("ena").tolist() == [40.0, 40.0, 50.0, 50.0]
    with pytest.raises(KeyError, match="i_Nax"):
        module.record("i_Nax")


def test_how_often_a_run_is_traced():
    module = cell()
    module.branch(1).comp(1).record(verbose=False)
    run = lambda: np.asarray(jx.integrate(module, t_max=0.5))  # noqa: E731
    before = TRACED._cache_size()
    first = run()
    np.testing.assert_array_equal(run(), first)
    assert TRACED._cache_size() == before + 1, "two runs"
    for key, value in [
        ("gnabar_hh", 0.3),
        ("radius", 2.0),
        ("v", -60.0),
        ("m_hh", 0.3),
        ("axial_resistivity", 50.0),
        ("celsius", 9.0),
    ]:
        module.set(key, value)
        after = run()
        assert not np.array_equal(after, first), f"the run must see {key}"
        first = after
    assert TRACED._cache_size() == before + 1, "values only"
    module.branch(0).insert("pas")
    assert not np.array_equal(run(), first)
    assert TRACED._cache_size() == before + 2, "another mechanism"


FLOAT32 = """
import numpy as np, jxneuron as jx
cell = jx.Cell([jx.Branch(nseg=2), jx.Branch(nseg=2)], [-1, 0])
cell.insert("hh")
cell.set("axial_resistivity", 200.0)
cell.set("v", -65.0)
cell.branch(0).comp(0).record(verbose=False)
cell.branch(1).comp(0).stimulate(np.full(201, 0.02), verbose=False)
try:
    jx.integrate(cell)
except jx.Float64Error as error:
    assert "jx.allow_float32()" in str(error), error
else:
    raise SystemExit("float32 was not refused")
jx.allow_float32()
v = jx.integrate(cell)
assert str(v.dtype) == "float32", v.dtype
print(*np.asarray(v, float)[0, ::40])
jx.allow_float32(False)
try:
    jx.integrate(cell)
except jx.Float64Error:
    raise SystemExit(0)
raise SystemExit("allowing could not be taken back")
"""


def test_float32_runs_only_where_it_is_allowed():
    environment = {**os.environ, "JAX_ENABLE_X64": "0"}
    done = subprocess.run([sys.executable, "-c", FLOAT32], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    module = cell()
    module.set("v", -65.0)
    module.branch(0).comp(0).record(verbose=False)
    module.branch(1).comp(0).stimulate(np.full(201, 0.02), verbose=False)
    exact = np.asarray(jx.integrate(module))[0, ::40]
    assert np.ptp(exact) > 3.0
    found = np.array([float(each) for each in done.stdout.split()])
    np.testing.assert_allclose(found, exact, rtol=0, atol=0.1)
