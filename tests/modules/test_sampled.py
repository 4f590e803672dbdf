"""A waveform knows how far apart its samples are, keeps it only where it stays true, and no other run takes it."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxneuron as jx
from jxneuron.errors import ModelError

DT, T_MAX = 0.025, 5.0
SAVED = Path(__file__).parent / "saved"


def pulse(delta_t: float = DT) -> Any:
    return jx.step_current(1.0, 1.0, 0.5, delta_t, T_MAX)


def rows() -> Any:
    return jx.datapoint_to_step_currents(1.0, 1.0, [0.1, 0.2, 0.3], DT, T_MAX)


STEPS: dict[str, tuple[Any, float | None]] = {
    "itself": (lambda w, r: w, DT),
    "rows": (lambda w, r: r, DT),
    "scaled": (lambda w, r: 2.0 * w / 3.0 - 1.0, DT),
    "sum": (lambda w, r: w + w, DT),
    "with an array": (lambda w, r: w * np.ones((2, 1)), DT),
    "function": (lambda w, r: np.sin(np.abs(-w)), DT),
    "clipped": (lambda w, r: np.clip(w, 0.0, 0.1), DT),
    "cut": (lambda w, r: w[10:100], DT),
    "cut of rows": (lambda w, r: r[1:, 3:], DT),
    "cut behind dots": (lambda w, r: r[..., 3:], DT),
    "row": (lambda w, r: r[1], DT),
    "some rows": (lambda w, r: r[[0, 2]], DT),
    "new axis": (lambda w, r: w[None], DT),
    "every other": (lambda w, r: w[::2], 2 * DT),
    "every fourth of a row": (lambda w, r: r[0, ::4], 4 * DT),
    "backwards": (lambda w, r: w[::-1], DT),
    "stack": (lambda w, r: np.stack([w, w]), DT),
    "joined": (lambda w, r: np.concatenate([w, np.zeros(7)]), DT),
    "joined rows": (lambda w, r: np.vstack([r, w]), DT),
    "repeated": (lambda w, r: np.tile(w, (3, 1)), DT),
    "reshaped": (lambda w, r: w.reshape(1, -1), DT),
    "copy": (lambda w, r: w.copy(), DT),
    "deepcopy": (lambda w, r: copy.deepcopy(w), DT),
    "pickle": (lambda w, r: pickle.loads(pickle.dumps(r)), DT),
    "one sample": (lambda w, r: w[3], None),
    "a sample of each row": (lambda w, r: r[:, 3], None),
    "chosen samples": (lambda w, r: w[[1, 5, 7]], None),
    "masked samples": (lambda w, r: w[w > 0.1], None),
    "a column": (lambda w, r: w[:, None], None),
    "turned": (lambda w, r: r.T, None),
    "turned by numpy": (lambda w, r: np.transpose(r), None),
    "axes exchanged": (lambda w, r: np.swapaxes(r, 0, 1), None),
    "samples repeated": (lambda w, r: w.repeat(2), None),
    "interpolated": (lambda w, r: np.interp(np.arange(0, 5, 0.1), jx.times(T_MAX, DT), w), None),
    "compared": (lambda w, r: w > 0.2, None),
    "an array of them": (lambda w, r: np.asarray(w), None),
    "of JAX": (lambda w, r: jnp.asarray(w), None),
}


@pytest.mark.parametrize("name", STEPS)
def test_what_a_waveform_knows_after(name):
    make, expected = STEPS[name]
    found = make(pulse(), rows())
    assert getattr(found, "delta_t", None) == expected
    plain = make(np.asarray(pulse()), np.asarray(rows()))
    np.testing.assert_array_equal(np.asarray(found), plain)


def test_waveforms_of_other_steps_are_not_mixed():
    one, other = pulse(), jx.step_current(1.0, 1.0, 0.5, 2 * DT, 2 * T_MAX)
    for mixed in (lambda: one + other, lambda: np.stack([one, other]), lambda: cell().stimulate([one, other])):
        with pytest.raises(ModelError, match=r"samples every 0\.025 ms and every 0\.05 ms"):
            mixed()
    one *= 2.0
    assert one.delta_t == DT and one.max() == 1.0


def cell() -> Any:
    made: Any = jx.Cell([jx.Branch(nseg=2)], [-1])
    made.record("v", verbose=False)
    return made


WAYS: dict[str, Any] = {
    "stimulate": lambda c: c.stimulate(pulse(), verbose=False),
    "rows": lambda c: c.stimulate(rows()[:2], verbose=False),
    "a list": lambda c: c.stimulate([pulse(), 2 * pulse()], verbose=False),
    "a view": lambda c: c.branch(0).comp(1).stimulate(pulse()[:50], verbose=False),
    "clamp": lambda c: c.clamp("v", pulse() - 60.0, verbose=False),
    "externals of another": lambda c: c.stimulate(stimulated().externals["i"], verbose=False),
}
ARGUMENTS: dict[str, Any] = {
    "data_stimulate": lambda c: {"data_stimuli": c.data_stimulate(pulse())},
    "the second of two": lambda c: {"data_stimuli": c.data_stimulate(pulse(), c.data_stimulate(pulse(2 * DT)))},
    "data_clamp": lambda c: {"data_clamps": c.data_clamp("v", pulse() - 60.0)},
}


def stimulated() -> Any:
    made = cell()
    made.stimulate(pulse(), verbose=False)
    return made


REFUSED = r"has samples every 0\.025 ms, and this run takes steps of 0\.05 ms .*delta_t=0\.05.*delta_t=0\.025"


@pytest.mark.parametrize("way", [*WAYS, *ARGUMENTS])
def test_a_run_of_other_steps_refuses_it(way):
    module = cell()
    keys = ARGUMENTS[way](module) if way in ARGUMENTS else {}
    if way in WAYS:
        WAYS[way](module)
    for again in (module, pickle.loads(pickle.dumps(module)), module.copy()):
        with pytest.raises(ModelError, match=REFUSED):
            jx.integrate(again, delta_t=0.05, t_max=1.0, **keys)


def test_an_import_with_a_step_of_its_own_refuses_it_without_a_keyword():
    net: Any = jx.open(SAVED / "import.jxn")
    net.record("soma(0.5).v", verbose=False)
    net.section("soma").loc(0.5).stimulate(pulse(0.0125), verbose=False)
    with pytest.raises(ModelError, match=r"takes steps of 0\.025 ms \(the model's own\)"):
        jx.integrate(net)


def test_values_that_are_traced_keep_it():
    module = cell()

    def run(current: Any) -> Any:
        return jx.integrate(module, delta_t=0.05, t_max=1.0, data_stimuli=module.data_stimulate(current))

    def of_amplitude(amplitude: Any) -> Any:
        return run(jx.step_current(1.0, 1.0, amplitude, DT, T_MAX))

    for wrong in (
        lambda: jax.jit(run)(pulse()),
        lambda: jax.vmap(run)(rows()),
        lambda: jax.jit(jax.vmap(lambda current: run(2.0 * current[:30] + 0.1)))(rows()),
        lambda: jax.jit(of_amplitude)(0.3),
        lambda: jax.vmap(of_amplitude)(jnp.array([0.1, 0.2])),
        lambda: jax.grad(lambda a: of_amplitude(a).sum())(0.3),
    ):
        with pytest.raises(ModelError, match=REFUSED):
            wrong()


def test_traced_waveforms_are_what_jax_takes():
    def look(w: Any) -> Any:
        assert w[::2].delta_t == 2 * DT and w[None].delta_t == (1.0 - w).delta_t == (w + w).delta_t == DT
        assert not hasattr(w[3], "delta_t") and not hasattr(w > 0.1, "delta_t")
        assert (w.shape, len(w), w.ndim) == ((201,), 201, 1)
        joined = jnp.concatenate([w, jnp.zeros(2)])
        return jnp.stack([w, -w]).sum() + jnp.where(w > 0.1, w, 0.0).sum() + joined.max() + w.sum() + w[60]

    value = 40 * 0.5 + 0.5 + 40 * 0.5 + 0.5
    assert float(jax.jit(look)(pulse())) == pytest.approx(value, rel=1e-14)
    assert jax.vmap(look)(rows()).shape == (3,)
    assert jax.grad(lambda a: jx.step_current(1.0, 1.0, a, DT, T_MAX).sum())(0.3) == 40.0
    out = jax.jit(lambda w: 2.0 * w)(pulse())
    assert out.delta_t == DT
    np.testing.assert_array_equal(np.asarray(out), 2.0 * np.asarray(pulse()))


def test_plain_arrays_stay_as_they_are():
    """By arithmetic: the charge that arrives depends on the run's step alone."""
    made = cell()
    made.stimulate(np.asarray(pulse())[:41], verbose=False)
    assert jx.integrate(made, delta_t=0.05).shape == (2, 41)
    assert made.externals["i"].delta_t is None


def test_a_waveform_made_before_jax_is_loaded_is_an_array():
    code = (
        "import jxneuron as jx, sys; w = jx.step_current(1, 1, 0.5, 0.025, 5); assert 'jax' not in sys.modules;"
        "import jax; print(float(jax.jit(lambda x: x.sum())(w)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "20.0", done.stderr
