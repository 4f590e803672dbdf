"""Two BEFORE or AFTER blocks of one moment: NEURON runs both."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import jxneuron as jx

FOLDER = Path(__file__).parents[2] / "mod" / "phases"
IN_NEURON = """
sec = h.Section(name="s")
sec.L, sec.diam = 20, 20
sec.insert("moments_twice")
records = [h.Vector().record(getattr(sec(0.5), name)) for name in given["names"]]
h.finitialize(-70)
while h.t < 0.99:
    h.fadvance()
give([list(record) for record in records])
"""


def test_both_blocks_run_in_the_order_of_the_file(neuron_child, mod_library):
    names = ["_ref_v", "_ref_first_moments_twice", "_ref_second_moments_twice"]
    theirs = neuron_child(IN_NEURON, libraries=[mod_library(FOLDER)], names=names)
    comp = jx.Compartment()
    comp.set("L", 20.0)
    comp.set("diam", 20.0)
    comp.insert(jx.mechanism(FOLDER / "moments_twice.mod"))
    for name in names:
        comp.record(name.removeprefix("_ref_"), verbose=False)
    np.testing.assert_allclose(np.asarray(jx.integrate(comp, t_max=1.0)), theirs, rtol=0, atol=1e-9)
