"""A mechanism that was given another name keeps it, wherever the module goes."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import jxneuron as jx

KV = """NEURON { SUFFIX kv USEION k READ ek WRITE ik RANGE gbar GLOBAL vhalf }
PARAMETER { gbar = 0.01 (S/cm2) vhalf = -30 (mV) }
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) }
STATE { n }
INITIAL { n = 0.1 }
BREAKPOINT { SOLVE states METHOD cnexp ik = gbar*n*(v - ek) }
DERIVATIVE states { n' = (1/(1 + exp((vhalf - v)/9)) - n)/4 }
"""
GRADED = """NEURON { POINT_PROCESS Graded NONSPECIFIC_CURRENT i POINTER vpre RANGE g }
PARAMETER { g = 0.001 (uS) }
ASSIGNED { v (mV) vpre (mV) i (nA) }
BREAKPOINT { i = g*(v - vpre) }
"""


def cell(*names: str | None) -> Any:
    made = jx.Network([jx.Cell([jx.Branch(nseg=2)], [-1])])
    for name in names:
        made.insert(jx.mechanism(KV, name=name))
    made.record("v", verbose=False)
    return made


def ways(module: Any, folder: Any) -> list[Any]:
    module.save(folder / "cell.jxn")
    return [pickle.loads(pickle.dumps(module)), copy.deepcopy(module), jx.open(folder / "cell.jxn")]


def test_a_renamed_mechanism_runs_after_pickle_copy_and_file(tmp_path):
    plain, module = cell(None), cell("kv9")
    expected = np.asarray(jx.integrate(plain, t_max=2.0))
    assert np.ptp(expected) > 0.1
    for other in (module, *ways(module, tmp_path)):
        assert [each.name for each in other.channels] == ["kv9"]
        assert {"gbar_kv9", "n_kv9", "kv9"} <= set(other.nodes) and "gbar_kv" not in other.nodes
        np.testing.assert_array_equal(jx.integrate(other, t_max=2.0), expected)
        other.set("vhalf_kv9", -30.0)
        other.insert(jx.mechanism(KV, name="kv9"))
        other.insert("kv9")
        with pytest.raises(KeyError, match="vhalf_kv9"):
            other.set("vhalf_kv", -30.0)


def test_one_file_under_several_names_is_several_mechanisms(tmp_path):
    twice, once = cell("kv", "kv9"), cell(None)
    once.set("gbar_kv", 0.02)
    expected = np.asarray(jx.integrate(once, t_max=2.0))
    for other in (twice, *ways(twice, tmp_path)):
        assert [each.name for each in other.channels] == ["kv", "kv9"]
        np.testing.assert_allclose(jx.integrate(other, t_max=2.0), expected, rtol=1e-12)


def test_a_mechanism_by_itself():
    found = jx.mechanism(KV, name="kv9")
    assert pickle.loads(pickle.dumps(found)) is found
    assert copy.deepcopy(found).name == "kv9"
    assert jx.mechanism(KV, name="kv") is jx.mechanism(KV)
    for name in ("kv 9", "9kv", "", 9):
        with pytest.raises(jx.ModelError, match="a mechanism's name is an identifier"):
            jx.mechanism(KV, name=name)  # type: ignore[arg-type]


def test_a_renamed_synapse(tmp_path):
    module = cell(None)
    jx.connect(module.comp(0), module.comp(1), jx.mechanism(GRADED, name="Inhibition"))
    for other in ways(module, tmp_path):
        other.Inhibition.set("g_Inhibition", 0.002)
        assert other.edges["g_Inhibition"].tolist() == [0.002]
        assert np.isfinite(jx.integrate(other, t_max=0.1)).all()
