"""Building and editing touch no JAX computation: no backend is even started before something runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

BUILD = """
import numpy as np
import jax._src.xla_bridge as bridge
import jxneuron as jx
from jxneuron.channels import HH, CaL, CaPump, Leak

def untouched(what):
    assert not bridge._backends, what

cell = jx.Cell([jx.Branch(nseg=3), jx.Branch(nseg=2), jx.Branch(nseg=2)], [-1, 0, 0])
untouched("a cell")
cell.insert("hh")
cell.insert("pas")
cell.branch([1, 2]).insert(HH())
cell.branch(0).insert(Leak())
cell.branch(0).insert(CaL())
cell.branch(0).insert(CaPump())
untouched("mechanisms")
cell.set("radius", np.linspace(1.0, 2.0, 7))
cell.set("m_hh", 0.1)
cell.branch(1).add_to_group("some")
cell.branch(1).set_ncomp(4)
untouched("values and cuts")
net = jx.Network([cell, cell])
net.cell([0, 1]).branch(0).loc(0.5).record(verbose=False)
net.cell(0).branch(0).comp(0).stimulate(jx.step_current(1, 1, 0.1, 0.025, 5), verbose=False)
net.cell(1).branch(0).comp(0).clamp("v", np.zeros(200), verbose=False)
net.some.make_trainable("gnabar_hh", verbose=False)
net.nodes, net.show("radius"), net.recordings, net.externals, net.group_nodes, repr(net), net.channels, net.distance()
net.compute_xyz()
net.rotate(10)
copied = net.copy()
untouched("networks, views, inputs and tables")
"""
# The same line that must be found untouched, once something has run
PLANTED = BUILD + "net.get_parameters()\nuntouched('planted')\n"


def finished(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)


def test_construction_starts_no_jax_backend():
    done = finished(BUILD)
    assert done.returncode == 0, done.stderr


def test_a_planted_computation_is_found():
    done = finished(PLANTED)
    assert done.returncode == 1
    assert "AssertionError: planted" in done.stderr
