"""Time as NEURON counts it, and the refusal of float32."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from jxneuron.errors import ModelError
from jxneuron.run.integrate import clock

TIMES = """
h.load_file("stdrun.hoc")
s = h.Section(name="s")
h.dt = given["dt"]
h.finitialize(-65)
times = []
while h.t < given["tstop"] - h.dt / 2:
    h.fadvance()
    times.append(h.t)
give(times)
"""


@pytest.mark.parametrize(("dt", "tstop"), [(0.025, 100.0), (0.1, 7.04), (1 / 3, 10.0), (0.025, 0.01)])
def test_times_are_neurons(neuron_child, dt, tstop):
    theirs = neuron_child(TIMES, dt=dt, tstop=tstop)
    ours = clock(0.0, dt, tstop)
    assert len(ours.half) == len(ours.full) == len(theirs)
    np.testing.assert_array_equal(ours.full, theirs)


def test_the_sum_of_half_steps_is_not_the_product():
    assert clock(0.0, 0.025, 100.0).full[-1] != 100.0


@pytest.mark.parametrize(("start", "dt", "stop"), [(0.0, 0.0, 1.0), (0.0, -0.1, 1.0), (0.0, float("nan"), 1.0)])
def test_absurd_times_are_refused(start, dt, stop):
    with pytest.raises(ModelError, match="cannot run"):
        clock(start, dt, stop)


def test_float32_is_refused():
    code = "from jxneuron.run.integrate import require_float64; require_float64()"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={"JAX_PLATFORMS": "cpu"}, check=False
    )
    assert done.returncode != 0
    assert "jax_enable_x64" in done.stderr.splitlines()[-1]
