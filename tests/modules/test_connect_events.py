"""Networks whose cells send events to each other, built by hand here and in NEURON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import jxneuron as jx

CELLS, T_MAX = 4, 60.0
# Of the ring, then of the connections of the regular, the noisy and the listed train
DELAYS, WEIGHTS = [1.0, 2.5, 0.0, 3.3125], [0.03, 0.05, 0.02, 0.04]
REGULAR = {"interval": 7.3, "number": 4, "start": 0.3}
NOISY = {"interval": 9.0, "number": 5, "start": 3.0, "noise": 0.6}
LISTED = [2.1, 2.1, 17.3, 30.123456789]

NEURON = """
h.load_file("stdrun.hoc")
h.usetable_hh, h.celsius, h.dt, h.tstop = 0, 6.3, 0.025, given["t_max"]
cells = [h.Section(name=f"cell{k}") for k in range(given["cells"])]
for sec in cells:
    sec.L = sec.diam = 20
    sec.nseg = 1
    sec.insert("hh")
syns = [h.ExpSyn(sec(0.5)) for sec in cells] + [h.Exp2Syn(cells[0](0.5)) for _ in range(3)]
for one in syns[:given["cells"]]:
    one.tau = 2
for one in syns[given["cells"]:]:
    one.tau1, one.tau2, one.e = 0.5, 4, -10
nets = []
for k, sec in enumerate(cells):
    delay, weight, syn = given["delays"][k], given["weights"][k], syns[(k + 1) % len(cells)]
    nets.append(h.NetCon(sec(0.5)._ref_v, syn, -20, delay, weight, sec=sec))
regular, noisy, listed = h.NetStim(), h.NetStim(), h.NetStim()
for one, values in ((regular, given["regular"]), (noisy, given["noisy"])):
    for key, value in values.items():
        setattr(one, key, value)
noisy.noiseFromRandom123(1, 2, 3)
nets.append(h.NetCon(regular, syns[len(cells)], 10, 0.7, 0.08))
nets.append(h.NetCon(noisy, syns[len(cells) + 1], 10, 1, 0.02))
quiet = h.NetCon(None, syns[len(cells) + 2])
quiet.weight[0] = 0.01
v = [h.Vector().record(sec(0.5)._ref_v) for sec in cells]
g = h.Vector().record(syns[1]._ref_g)
t, which = h.Vector(), h.Vector()
for k, net in enumerate(nets):
    net.record(t, which, k)
h.finitialize(-65)
for time in given["listed"]:
    quiet.event(time)
h.continuerun(h.tstop)
give([[list(one) for one in v], list(g), list(t), list(which)])
"""


def network() -> jx.Network:
    """A ring of cells, driven by three artificial cells."""
    cell = jx.Cell([jx.Branch(nseg=1)], [-1])
    cell.set("radius", 10.0)
    cell.set("length", 20.0)
    cell.set("v", -65.0)
    cell.insert("hh")
    cell.set("usetable_hh", 0)
    net = jx.Network([cell] * CELLS)
    pre, post = list(net.cells), [net.cell((k + 1) % CELLS) for k in range(CELLS)]
    jx.connect_events(pre, post, "ExpSyn", weight=WEIGHTS, delay=DELAYS, threshold=-20.0)
    net.ExpSyn.set("tau_ExpSyn", 2.0)
    regular, noisy, listed = jx.NetStim(**REGULAR), jx.NetStim(**NOISY, seed=(1, 2, 3)), jx.VecStim(LISTED)
    jx.connect_events(
        [regular, noisy, listed], net.cell(0), "Exp2Syn", weight=[0.08, 0.02, 0.01], delay=[0.7, 1.0, 0.0]
    )
    for key, value in {"tau1": 0.5, "tau2": 4.0, "e": -10.0}.items():
        net.Exp2Syn.set(f"{key}_Exp2Syn", value)
    net.record("v", verbose=False)
    net.ExpSyn.edge(0).record("g_ExpSyn", verbose=False)
    net.init_states()
    return net


@pytest.fixture(scope="module")
def net() -> jx.Network:
    return network()


@pytest.fixture(scope="module")
def records(net: jx.Network) -> Any:
    return np.asarray(jx.integrate(net, t_max=T_MAX))


def test_a_network_built_by_hand_runs_as_in_neuron(records: Any, module_child: Callable[..., Any]) -> None:
    given = {"cells": CELLS, "t_max": T_MAX, "delays": DELAYS, "weights": WEIGHTS, "regular": REGULAR, "noisy": NOISY}
    v, g, times, _ = module_child(NEURON, **given, listed=LISTED)
    assert len(times) == 20
    np.testing.assert_allclose(records[:CELLS], v, rtol=0, atol=1e-9)
    np.testing.assert_allclose(records[CELLS], g, rtol=0, atol=1e-12)
