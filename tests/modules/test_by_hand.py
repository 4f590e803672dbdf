"""Cells built by hand against the same cells built in NEURON."""

from pathlib import Path

import numpy as np
import pytest

import jxneuron as jx

ORDER = Path(__file__).parents[2] / "mod" / "order"
THEIRS = """
h.load_file("stdrun.hoc")
branches = [h.Section(name=f"branch{i}") for i in range(5)]
for i, (parent, x, nseg) in enumerate(given["tree"]):
    branches[i].nseg = nseg
    branches[i].L, branches[i].Ra, branches[i].cm = 40.0 + 10.0 * i, 80.0, 1.0 + 0.1 * i
    for segment in branches[i]:
        segment.diam = 2.0 + i
    if parent >= 0:
        branches[i].connect(branches[parent](x), 0)
for i in given["active"]:
    branches[i].insert("hh")
    for segment in branches[i]:
        segment.hh.gnabar = 0.1 + 0.01 * i
for i in given["leaky"]:
    branches[i].insert("pas")
    for segment in branches[i]:
        segment.pas.g, segment.pas.e = 2e-4, -64.0
clamp = h.IClamp(branches[0](0.3))
clamp.delay, clamp.dur, clamp.amp = 1.0, 2.0, 1.5
h.celsius, h.dt, h.secondorder = 6.3, 0.025, given["secondorder"]
h.finitialize(-65)
rows = [[b(0.5).v for b in branches]]
for _ in range(800):
    h.fadvance()
    rows.append([b(0.5).v for b in branches])
give(rows)
"""

TREE = [(-1, 1.0, 3), (0, 1.0, 4), (0, 1.0, 1), (1, 0.5, 5), (0, 0.0, 2)]
ACTIVE, LEAKY = [0, 1, 3], [2, 3, 4]


def by_hand() -> jx.Cell:
    branches = [jx.Branch(jx.Compartment(), nseg) for _, _, nseg in TREE]
    cell = jx.Cell(branches, [parent for parent, _, _ in TREE], parent_x=[x for _, x, _ in TREE])
    cell.set("Ra", 80.0)
    cell.set("v", -65.0)
    for i, (_, _, nseg) in enumerate(TREE):
        cell.branch(i).set("length", (40.0 + 10.0 * i) / nseg)
        cell.branch(i).set("diam", 2.0 + i)
        cell.branch(i).set("cm", 1.0 + 0.1 * i)
    cell.branch(ACTIVE).insert("hh")
    for i in ACTIVE:
        cell.branch(i).set("gnabar_hh", 0.1 + 0.01 * i)
    cell.branch(LEAKY).insert("pas")
    cell.branch(LEAKY).set("g_pas", 2e-4)
    cell.branch(LEAKY).set("e_pas", -64.0)
    for i in range(5):
        cell.branch(i).loc(0.5).record(verbose=False)
    current = np.zeros(801)
    current[40:120] = 1.5
    cell.branch(0).loc(0.3).stimulate(current, verbose=False)
    return cell


@pytest.mark.parametrize(("solver", "secondorder"), [("bwd_euler", 0), ("crank_nicolson", 2), ("secondorder=1", 1)])
def test_a_cell_built_by_hand_runs_as_in_neuron(neuron_child, solver, secondorder):
    theirs = np.array(neuron_child(THEIRS, tree=TREE, active=ACTIVE, leaky=LEAKY, secondorder=secondorder)).T
    ours = jx.integrate(by_hand(), solver=solver)
    assert theirs.max() > 20.0
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9)


# Two cells: siblings at one place and at several, grandchildren, a child at its parent's root; with each its nseg
ORDERED = [
    [
        (-1, 1.0, 2),
        (0, 1.0, 1),
        (0, 0.3, 2),
        (0, 1.0, 1),
        (1, 1.0, 1),
        (3, 0.5, 3),
        (1, 1.0, 1),
        (0, 0.0, 1),
        (3, 1.0, 1),
    ],
    [(-1, 1.0, 1), (0, 1.0, 1), (0, 1.0, 2)],
]
RELAYED = """
cells = []
for c, tree in enumerate(given["trees"]):
    branches = [h.Section(name=f"cell{c}branch{i}") for i in range(len(tree))]
    for i, (parent, x, nseg) in enumerate(tree):
        b = branches[i]
        b.nseg, b.L, b.diam, b.Ra, b.cm = nseg, 30.0*nseg, 2.0, 80.0, 1.0
        if parent >= 0:
            b.connect(branches[parent](x), 0)
        b.insert("relay")
    cells.append(branches)
every = [segment for branches in cells for b in branches for segment in b]
for k, segment in enumerate(every):
    segment.v, segment.relay.g = -80.0 + 7.0*k % 50, 1e-4*(1 + k)
h.celsius, h.dt = 6.3, 0.025
h.finitialize()
rows = [[value for s in every for value in (s.v, s.seen_relay, s.m_relay)]]
for _ in range(40):
    h.fadvance()
    rows.append([value for s in every for value in (s.v, s.seen_relay, s.m_relay)])
give(rows)
"""


def relayed() -> jx.Network:
    cells = []
    for tree in ORDERED:
        branches = [jx.Branch(jx.Compartment(), nseg) for _, _, nseg in tree]
        cells.append(jx.Cell(branches, [parent for parent, _, _ in tree], parent_x=[x for _, x, _ in tree]))
    net = jx.Network(cells)
    net.insert(jx.mechanism(ORDER / "relay.mod"))
    for key, value in {"diam": 2.0, "Ra": 80.0, "cm": 1.0, "celsius": 6.3}.items():
        net.set(key, value)
    return net


@pytest.mark.parametrize("cut", [False, True])
def test_what_an_instance_leaves_reaches_the_one_that_neuron_runs_next(neuron_child, mod_library, cut):
    """Later-connected siblings run first, nearer attached ones before them; cutting a branch keeps the order."""
    trees = [list(tree) for tree in ORDERED]
    for branch in (3, 5) if cut else ():
        trees[0][branch] = (*trees[0][branch][:2], 2)
    theirs = np.array(neuron_child(RELAYED, libraries=[mod_library(ORDER)], trees=trees)).T
    net = relayed()
    for branch in (3, 5) if cut else ():
        net.cell(0).branch(branch).set_ncomp(2)
    count = np.arange(len(net.nodes))
    net.set("length", 30.0)
    net.set("v", -80.0 + 7.0 * count % 50)
    net.set("g_relay", 1e-4 * (1 + count))
    for state in ("v", "seen_relay", "m_relay"):
        net.record(state, verbose=False)
    found = np.asarray(jx.integrate(net, t_max=1.0)).reshape(3, len(net.nodes), 41)
    theirs = theirs.reshape(len(net.nodes), 3, 41).swapaxes(0, 1)
    assert len(np.unique(theirs[1, :, 0])) > 0.9 * len(net.nodes)
    np.testing.assert_allclose(found, theirs, rtol=1e-9, atol=1e-9)
