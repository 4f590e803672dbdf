"""Networks of cells with spikes, the same in NEURON and by hand: Models with events, and what NEURON makes of them."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from jxneuron.lower.build import build_program
from jxneuron.lower.program import State
from jxneuron.lower.wiring import build_wiring
from jxneuron.mech import builtin
from jxneuron.mech.generated import load_all
from jxneuron.model import file
from jxneuron.model.check import check
from jxneuron.model.model import (
    Connections,
    Events,
    KnownSpikes,
    Model,
    PendingEvents,
    Placement,
    Probe,
    Source,
    Sources,
)
from jxneuron.modules import simulate
from jxneuron.run import integrate

ROOT = Path(__file__).resolve().parents[3]

# Runs in a NEURON child. Cells are saved without their synapses, for which the tests have mechanisms of their own.
RUN = """
import json, sys
import numpy as np
from neuron import h
from jxneuron.importer import read_session
from jxneuron.model import file

h.load_file("stdrun.hoc")
folder, networks = sys.argv[1], json.loads(sys.argv[2])

def cell(name, one):
    soma = h.Section(name=f"soma{name}")
    soma.L = soma.diam = 20
    soma.insert("hh")
    clamp = h.IClamp(soma(0.5))
    clamp.delay, clamp.dur, clamp.amp = one["delay"], 1e9, one["amp"]
    dend = h.Section(name=f"dend{name}")
    dend.L, dend.diam, dend.nseg = 100, 2, 3
    dend.insert("pas")
    dend.e_pas = -65
    dend.connect(soma(1))
    return soma, dend, clamp

def run(name, network):
    h.usetable_hh, h.celsius, h.dt, h.tstop = 0, 6.3, network["dt"], network["tstop"]
    cells = [cell(k, one) for k, one in enumerate(network["cells"])]
    h.finitialize(network["v_init"])
    file.save(read_session(h, init="ours", strict=True), f"{folder}/{name}")
    synapses = [getattr(h, network["synapse"])(cells[place][1](0.5)) for place in network["places"]]
    for synapse in synapses:
        for key, value in network["values"].items():
            setattr(synapse, key, value)
    connections, spikes = [], {}
    for source, target, delay, weight in network["connections"]:
        soma = cells[source][0]
        one = h.NetCon(soma(0.5)._ref_v, synapses[target], network["threshold"], delay, weight, sec=soma)
        if source not in spikes:
            spikes[source] = h.Vector()
            one.record(spikes[source])
        connections.append(one)
    v = [h.Vector().record(cells[k][0](0.5)._ref_v) for k in range(len(cells))]
    g = [h.Vector().record(getattr(one, network["recorded"])) for one in synapses]
    if network["checks"]:
        h.finitialize(network["v_init"])
    h.finitialize(network["v_init"])
    h.continuerun(h.tstop)
    return {
        "spikes": {k: list(times) for k, times in spikes.items()},
        "v": [list(x) for x in v],
        "g": [list(x) for x in g],
    }

results = {name: run(name, network) for name, network in networks.items()}
json.dump(results, open(folder + "/results.json", "w"))
"""


@dataclass(frozen=True)
class Network:
    """Cells with a soma (hh, a current) and a dendrite with synapses, and connections between them."""

    amp: tuple[float, ...]  # nA, of each cell's current
    places: tuple[int, ...]  # the cell of each synapse
    connections: tuple[tuple[int, int, float, float], ...]  # source cell, synapse, delay ms, weight uS
    tstop: float = 20.0
    threshold: float = -10.0
    dt: float = 0.025
    v_init: float = -65.0
    delay: float = 1.0  # ms, when the currents start
    synapse: str = "ExpSyn"
    values: dict[str, float] = field(default_factory=lambda: {"tau": 3.0, "e": 0.0})

    @property
    def order(self) -> tuple[int, ...]:
        """The cells that are sources, in the order of their first connections."""
        return tuple(dict.fromkeys(one[0] for one in self.connections))


@dataclass(frozen=True)
class Reference:
    """A network in NEURON: its cells, and what NEURON has computed."""

    network: Network
    model: Model  # without synapses and events
    spikes: dict[int, list[float]]  # by cell
    v: np.ndarray  # (cell, steps + 1)


def run_script(script: str, folder: Path, *arguments: str) -> Any:
    """Run a script in a NEURON process of its own, and return the ``results.json`` that it leaves in its folder.

    Args:
        script: the text; it finds ``folder`` as its first argument.
        folder: where it runs.
        arguments: its further ones.
    """
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder), *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    assert (folder / "results.json").exists(), done.stderr
    return json.loads((folder / "results.json").read_text())


def run_in_neuron(networks: dict[str, Network], folder: Path) -> dict[str, Reference]:
    """Run networks in one NEURON process."""
    given = {
        name: {
            "cells": [{"amp": amp, "delay": one.delay} for amp in one.amp],
            "places": one.places,
            "connections": one.connections,
            "synapse": one.synapse,
            "values": one.values,
            "recorded": "_ref_g",
            "checks": False,
            **{key: getattr(one, key) for key in ("dt", "tstop", "threshold", "v_init")},
        }
        for name, one in networks.items()
    }
    results = run_script(RUN, folder, json.dumps(given))
    return {
        name: Reference(
            network,
            file.open(folder / name),
            {int(cell): times for cell, times in results[name]["spikes"].items()},
            np.array(results[name]["v"]),
        )
        for name, network in networks.items()
    }


def with_events(reference: Reference, **changes: Any) -> Model:
    """Return the Model of a network with its synapses and connections; ``changes`` replace parts of its Events."""
    network, model = reference.network, reference.model
    dendrites = [section for section in model.sections if section.name.startswith("dend")]
    somata = [section for section in model.sections if section.name.startswith("soma")]
    nodes = np.array([dendrites[cell].centres[1] for cell in network.places], np.int64)
    values = {name: np.full(len(nodes), value) for name, value in network.values.items()}
    labels = tuple(f"{network.synapse}[{k}]" for k in range(len(nodes)))
    synapses = Placement(network.synapse, "point", nodes, values, {}, labels)
    order = network.order
    none = np.full(len(order), -1, np.int64)
    rows = network.connections
    events = {
        "sources": Sources(
            kind=("voltage",) * len(order),
            node=np.array([somata[cell].centres[0] for cell in order], np.int64),
            mechanism=("",) * len(order),
            variable=("",) * len(order),
            instance=none,
            threshold=np.full(len(order), network.threshold),
            gid=none,
        ),
        "connections": Connections(
            source=np.array([order.index(row[0]) for row in rows], np.int64),
            mechanism=np.zeros(len(rows), np.int64),
            instance=np.array([row[1] for row in rows], np.int64),
            delay=np.array([row[2] for row in rows], np.float64),
            active=np.ones(len(rows), np.bool_),
            targets=(network.synapse,),
            weights={network.synapse: np.array([[row[3]] for row in rows], np.float64)},
        ),
        "known": known_spikes(()),
        "pending": nothing_pending(),
        "recorded": {f"soma{cell}(0.5).v": np.array([k]) for k, cell in enumerate(order)},
        **changes,
    }
    text = Source(network.synapse, "", "", builtin.get(network.synapse).text, 0)
    return dataclasses.replace(
        model,
        placements=(*model.placements, synapses),
        sources=(*model.sources, text),
        events=Events(**events),
    )


def known_spikes(spikes: Any) -> KnownSpikes:
    """Return (source, time) pairs as KnownSpikes."""
    pairs = sorted(spikes, key=lambda pair: pair[1])
    return KnownSpikes(np.array([k for k, _ in pairs], np.int64), np.array([t for _, t in pairs], np.float64))


def nothing_pending() -> PendingEvents:
    """Return an empty queue."""
    none = np.zeros(0, np.int64)
    return PendingEvents(np.zeros(0), none, none, none, np.zeros(0), (), np.zeros(0, np.bool_))


def simulation_of(model: Model, slope: Any = "neuron") -> simulate.Simulation:
    """Return a Model of these made ready to run; it records the voltages of all somata."""
    somata = [section for section in model.sections if section.name.startswith("soma")]
    probes = tuple(Probe(f"{soma.name}(0.5).v", "v", soma.centres[0]) for soma in somata)
    model = dataclasses.replace(model, probes=probes)
    check(model)
    mechanisms = load_all(model.sources)
    program, params = build_program(model, mechanisms, slope=slope)
    return simulate.Simulation(model, program, params, mechanisms, build_wiring(model, mechanisms))


def run(simulation: simulate.Simulation, network: Network, lengths: tuple[int, ...] = ()) -> tuple[State, Any]:
    """Run a network from its start: the last State, and the voltages of all somata, (cell, steps + 1)."""
    dt = np.float64(network.dt)
    times = integrate.clock(0.0, network.dt, network.tstop)
    state = integrate.start(simulation.program, simulation.params, dt, np.float64(0.0), simulation.wiring)
    return integrate.run(simulation.program, simulation.params, state, dt, times, (), lengths, simulation.wiring)


def spikes_of(state: State, network: Network) -> dict[int, list[float]]:
    """Return the recorded spikes of each source, by its cell."""
    assert state.events is not None
    log = state.events.log
    assert log is not None
    count = int(log.count)
    assert count <= len(log.time)
    pairs = list(zip(np.asarray(log.source)[:count], np.asarray(log.time)[:count], strict=True))
    return {cell: [t for source, t in pairs if source == k] for k, cell in enumerate(network.order)}


RING = Network(
    amp=(0.4, 0.0, 0.0, 0.0),
    places=(0, 1, 2, 3),
    connections=((0, 1, 1.3, 0.05), (1, 2, 0.7, 0.05), (2, 3, 2.0, 0.05), (3, 0, 1.0, 0.05)),
    tstop=40.0,
)
# every delay that is special: none, below dt/2, dt/2, dt, above it, multiples of dt, longer than the run
DELAYS = (0.0, 0.004, 0.0125, 0.02, 0.025, 0.03, 0.5, 1.0, 1.2345678, 3.0, 1000.0)
FAN_OUT = Network(
    amp=(0.5, 0.5, 0.3),
    places=(0, 0, 1, 2, 2, 1, 0, 1, 2, 0, 1),
    connections=(
        *((0, k, delay, 0.001 * (k + 1)) for k, delay in enumerate(DELAYS)),
        *((2, 10 - k, delay, 0.0007 * (k + 1)) for k, delay in enumerate(DELAYS)),
        *((1, k, delay, 0.0005) for k, delay in enumerate(reversed(DELAYS))),
        *((1, k, 1.0, 0.0001) for k in range(5)),
    ),
    tstop=30.0,
)
EXP2 = Network(
    amp=(0.4, 0.1),
    places=(0, 1, 1),
    connections=((0, 1, 1.0, 0.01), (0, 2, 0.3, 0.02), (1, 0, 2.5, 0.004)),
    synapse="Exp2Syn",
    values={"tau1": 0.5, "tau2": 4.0, "e": -10.0},
)
ABOVE_AT_START = Network(  # v starts above the threshold
    amp=(0.4, 0.0), places=(0, 1), connections=((0, 1, 0.1, 0.05),), threshold=-70.0, delay=0.0
)
SUBTHRESHOLD = Network(  # two cells fire, the third does not
    amp=(0.4, 0.45, 0.0),
    places=(2, 2, 1),
    connections=(
        (0, 0, 0.0, 0.001),
        (1, 1, 0.33, 0.0008),
        (0, 1, 2.0, 0.0005),
        (1, 0, 1.0, 0.001),
        (0, 2, 0.1, 0.0001),
        (1, 0, 3.0, 0.0002),
        (1, 1, 3.0, 0.0003),
    ),
)
NETWORKS = {"subthreshold": SUBTHRESHOLD, "ring": RING, "fan_out": FAN_OUT, "exp2": EXP2, "above": ABOVE_AT_START}
