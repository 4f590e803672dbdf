"""A run that stops being numbers says so in the same words as a comparison, whatever it records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import jxneuron as jx
from jxneuron.modules.simulate import run_model

SAVED = Path(__file__).parent / "saved"


def imported() -> Any:
    net: Any = jx.open(SAVED / "import.jxn")
    net.delete_recordings()
    net.record("dend(0.9).v", verbose=False)
    return net


BROKEN: dict[str, tuple[str, float]] = {
    "a clamp": ("IClamp[0].amp", 1e308),
    "a gate": ("m_hh", 1e308),
}


@pytest.mark.parametrize("name", BROKEN)
def test_integrate_says_what_a_comparison_says(name):
    """``jxneuron.compare`` runs ``run_model`` and repeats its words."""
    net = imported()
    net.set(*BROKEN[name])
    with pytest.raises(jx.NonFinite, match=r"not a number at step \d+ \(t = .* ms\): ") as ours:
        jx.integrate(net)
    with pytest.raises(jx.NonFinite) as theirs:
        run_model(net.model)
    assert str(ours.value) == str(theirs.value)


def test_what_nothing_records_is_looked_at_too():
    net = jx.Network([jx.Cell([jx.Branch()], [-1])] * 2)
    net.cell(0).record("v", verbose=False)
    net.cell(1).stimulate(np.array([0.0, 0.0, 1e308, 1e308, 0.0, 0.0]), verbose=False)
    with pytest.raises(jx.NonFinite, match=r"not a number at step 3 \(t = 0.075 ms\): v in cell\[1\]\.branch\[0\]"):
        jx.integrate(net)
    net.cell(1).delete_stimuli()
    assert np.isfinite(jx.integrate(net, t_max=0.1)).all()


INFINITE = """NEURON {{ SUFFIX odd NONSPECIFIC_CURRENT i RANGE ratio, g }}
PARAMETER {{ g = 1e-4 }}
ASSIGNED {{ v i ratio }}
STATE {{ m }}
INITIAL {{ m = 0 }}
BREAKPOINT {{ SOLVE s METHOD cnexp  i = g*m*(v + 65) }}
DERIVATIVE s {{ LOCAL zero
  zero = 0*v
  ratio = 1/zero
  m' = {slope}
}}
"""


def odd(tmp_path: Path, slope: str) -> jx.Compartment:
    path = tmp_path / "odd.mod"
    path.write_text(INFINITE.format(slope=slope))
    comp = jx.Compartment()
    comp.insert(jx.mechanism(path))
    comp.record("v", verbose=False)
    return comp


def test_infinity_that_flows_into_nothing_is_run_as_neuron_runs_it(tmp_path, neuron_child, mod_library):
    comp = odd(tmp_path, "1 - m")
    code = """
sec = h.Section(name="s")
sec.L, sec.diam = given["size"]
sec.insert("odd")
v = h.Vector().record(sec(0.5)._ref_v)
h.finitialize(-70)
while h.t < 0.99:
    h.fadvance()
give([list(v), sec(0.5).ratio_odd])
"""
    size = [float(comp.nodes[name].iloc[0]) for name in ("length", "radius")]
    theirs, ratio = neuron_child(code, libraries=[mod_library(tmp_path)], size=[size[0], 2.0 * size[1]])
    assert ratio == float("-inf") or ratio == float("inf")
    np.testing.assert_allclose(np.asarray(jx.integrate(comp, t_max=1.0))[0], theirs, rtol=0, atol=1e-9)


def test_infinity_that_flows_into_a_state_is_named(tmp_path):
    with pytest.raises(jx.NonFinite, match=r"not a number at step 1 \(t = 0.025 ms\): m of mechanism odd in branch"):
        jx.integrate(odd(tmp_path, "ratio - m"), t_max=1.0)
