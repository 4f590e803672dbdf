"""Graded synapses, by hand and translated, against NEURON's POINT_PROCESSes whose POINTER shows a voltage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

import jxneuron as jx
from jxneuron.channels import HH
from jxneuron.synapses import IonotropicSynapse, TanhRateSynapse

MOD = Path(__file__).parents[2] / "mod" / "synapses"
# nseg of the branches of each cell; a cell's second branch is a child of its first
CELLS = [[3], [2, 5], [1]]
# pre and post as cell, branch, compartment, and what is set; two end in one compartment, one begins where it ends
GRADED = [
    ((0, 0, 1), (1, 1, 3), {"gS": 0.02, "e_syn": 0.0}),
    ((2, 0, 0), (0, 0, 0), {"gS": 0.01, "e_syn": -80.0, "k_minus": 0.4, "v_th": -45.0}),
    ((0, 0, 2), (1, 1, 3), {"gS": 0.015, "e_syn": -10.0, "delta": 5.0}),
    ((1, 1, 4), (1, 1, 4), {"gS": 0.004, "e_syn": -90.0}),
]
SATURATED = [
    ((1, 0, 0), (2, 0, 0), {"gS": 0.3, "x_offset": -55.0, "slope": 0.05}),
    ((1, 0, 1), (0, 0, 2), {"gS": 0.05, "x_offset": -50.0, "slope": 0.1}),
]
THEIR_NAMES = {"gS": "gmax", "e_syn": "e", "k_minus": "kminus", "v_th": "vth", "delta": "delta"}
THEIR_RATES = {"gS": "imax", "x_offset": "offset", "slope": "slope"}
STEPS = 800
THEIRS = """
cells = []
for c, branches in enumerate(given["cells"]):
    sections = [h.Section(name=f"c{c}b{b}") for b in range(len(branches))]
    for section, nseg in zip(sections, branches):
        section.nseg, section.L, section.Ra, section.cm = nseg, 40.0*nseg, 120.0, 1.0
        section.insert("hh")
        for segment in section:
            segment.diam = 3.0
    for child in sections[1:]:
        child.connect(sections[0](1), 0)
    cells.append(sections)
at = lambda place: list(cells[place[0]][place[1]])[place[2]]
synapses = []
for kind, key in ((h.Graded, "graded"), (h.Saturated, "saturated")):
    for pre, post, values in given[key]:
        synapse = kind(at(post))
        h.setpointer(at(pre)._ref_v, "vpre", synapse)
        for name, value in values.items():
            setattr(synapse, name, value)
        synapses.append(synapse)
clamp = h.IClamp(at((0, 0, 0)))
clamp.delay, clamp.dur, clamp.amp = 1.0, 2.0, 2.0
h.celsius, h.dt = 6.3, 0.025
h.finitialize(-65)
v = [s._ref_v for sections in cells for section in sections for s in section]
look = lambda: [x[0] for x in v] + [x.s for x in synapses[:len(given["graded"])]] + [x.i for x in synapses]
rows = [look()]
for _ in range(given["steps"]):
    h.fadvance()
    rows.append(look())
give(rows)
"""


def network(membrane: Any) -> jx.Network:
    cells = [jx.Cell([jx.Branch(nseg=nseg) for nseg in branches], [-1, 0][: len(branches)]) for branches in CELLS]
    net = jx.Network(cells)
    for key, value in {"length": 40.0, "radius": 1.5, "Ra": 120.0, "v": -65.0}.items():
        net.set(key, value)
    net.insert(membrane)
    current = np.zeros(STEPS + 1)
    current[40:120] = 2.0
    net[0, 0, 0].stimulate(current, verbose=False)
    return net


def connected(
    graded: Any, saturated: Any, names: tuple[dict[str, str], dict[str, str]], membrane: Any = "hh"
) -> jx.Network:
    """The network with its synapses, and everything recorded in the order of THEIRS."""
    net = network(membrane)
    views = []
    for synapse, places in ((graded, GRADED), (saturated, SATURATED)):
        for pre, post, _ in places:
            jx.connect(net[pre], net[post], synapse)
        views.append(getattr(net, synapse.name))
    for view, places, shown in zip(views, (GRADED, SATURATED), names, strict=True):
        for k, (_, _, values) in enumerate(places):
            for key, value in values.items():
                view.edge(k).set(shown[key], value)
    net.record(verbose=False)
    net.record(names[0]["s"], verbose=False)
    for shown in names:
        net.record(shown["i"], verbose=False)
    return net


def by_hand(membrane: Any = "hh") -> jx.Network:
    keys = [{**dict.fromkeys(places, ""), "s": "", "i": ""} for places in (THEIR_NAMES, THEIR_RATES)]
    kinds = ("IonotropicSynapse", "TanhRateSynapse")
    names = tuple(
        {key: f"i_{kind}" if key == "i" else f"{kind}_{key}" for key in found}
        for found, kind in zip(keys, kinds, strict=True)
    )
    return connected(IonotropicSynapse(), TanhRateSynapse(), (names[0], names[1]), membrane)


def translated() -> jx.Network:
    graded, saturated = jx.mechanism(MOD / "graded.mod"), jx.mechanism(MOD / "saturated.mod")
    names = tuple(
        {key: f"{name}_{kind}" for key, name in {**theirs, "s": "s", "i": "i"}.items()}
        for theirs, kind in ((THEIR_NAMES, "Graded"), (THEIR_RATES, "Saturated"))
    )
    return connected(graded, saturated, (names[0], names[1]))


@pytest.fixture
def reference(neuron_child: Any, mod_library: Any) -> np.ndarray:
    """What NEURON computes: voltages, open fractions and currents, (steps + 1, records)."""
    places = {
        key: [(pre, post, {theirs[name]: value for name, value in values.items()}) for pre, post, values in found]
        for key, found, theirs in (("graded", GRADED, THEIR_NAMES), ("saturated", SATURATED, THEIR_RATES))
    }
    return np.array(neuron_child(THEIRS, libraries=[mod_library(MOD)], cells=CELLS, steps=STEPS, **places))


def test_a_network_runs_as_in_neuron(reference: np.ndarray) -> None:
    """Both forms; every record differs by rounding only, and each synapse matters."""
    nodes = sum(sum(branches) for branches in CELLS)
    assert np.ptp(reference[:, 3:nodes], axis=0).min() > 10.0
    assert np.abs(reference[:, nodes + len(GRADED) :]).max(axis=0).min() > 1e-3
    for net in (by_hand(), translated()):
        ours = np.asarray(jx.integrate(net, t_max=STEPS * 0.025, delta_t=0.025)).T
        assert ours.shape == reference.shape
        np.testing.assert_allclose(ours, reference, rtol=0, atol=1e-9)


@pytest.mark.long
def test_gradients_are_those_of_richardson_differences() -> None:
    """Of a rate constant shared by synapses, and of values that single synapses have.

    The channels are those without tables: between the points of a TABLE a trace has kinks, which differences feel.
    """
    net = by_hand(HH())
    net.delete_recordings()
    net[1, 1, 3].record(verbose=False)
    net.IonotropicSynapse.make_trainable("IonotropicSynapse_k_minus", verbose=False)
    net.IonotropicSynapse.edge([0, 2]).make_trainable("IonotropicSynapse_gS", verbose=False)
    net.TanhRateSynapse.edge(1).make_trainable("TanhRateSynapse_x_offset", verbose=False)
    given = net.get_parameters()
    flat, back = ravel_pytree(given)
    run = jax.jit(jax.vmap(jax.value_and_grad(lambda x: jx.integrate(net, back(x), t_max=6.0)[0, 200])))
    flat = np.asarray(flat)
    steps = 1e-3 * np.diag(np.abs(flat))
    points = np.concatenate([flat[None], *(flat[None] + sign * steps for sign in (2.0, 1.0, -1.0, -2.0))])
    values, gradients = map(np.asarray, run(points))
    found, (far, near, below, beyond) = gradients[0], values[1:].reshape(4, -1)
    size = 1e-3 * np.abs(flat)
    expected = (8.0 * (near - below) - (far - beyond)) / (12.0 * size)
    assert (np.abs(expected) * np.abs(flat) > 1e-6).all(), expected
    np.testing.assert_allclose(found, expected, rtol=1e-6)
