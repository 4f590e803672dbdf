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
