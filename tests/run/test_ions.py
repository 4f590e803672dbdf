"""Reversal potentials against NEURON's own nernst()."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from jxneuron.run.ions import nernst

NERNST = """
rows = []
for celsius in (6.3, 23.0, 37.0):
    h.celsius = celsius
    for charge in (1.0, 2.0, -1.0):
        for inside, outside in given["pairs"]:
            rows.append([celsius, charge, inside, outside, h.nernst(inside, outside, charge)])
give(rows)
"""


def test_nernst_is_neurons(neuron_child):
    pairs = [(5e-5, 2.0), (10.0, 140.0), (54.4, 2.5), (1.0, 1.0), (0.0, 2.0), (1.0, 0.0), (-1.0, 0.0)]
    for celsius, charge, inside, outside, theirs in neuron_child(NERNST, pairs=pairs):
        ours = nernst(jnp.asarray([inside]), jnp.asarray([outside]), charge, jnp.asarray(celsius))[0]
        np.testing.assert_allclose(ours, theirs, rtol=1e-14, err_msg=f"{charge} {inside} {outside}")


def test_no_charge_has_no_reversal():
    assert nernst(jnp.asarray([1.0]), jnp.asarray([2.0]), 0.0, jnp.asarray(37.0))[0] == 0.0
