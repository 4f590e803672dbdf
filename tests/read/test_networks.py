"""Networks that Python builds in NEURON, imported and run: spikes to the last bit, voltages to 1e-9 mV."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from jxneuron.model import file
from jxneuron.model.find import source_name
from jxneuron.modules.simulate import run_model

MOD = Path(__file__).parents[2] / "mod" / "events"
OWN = ("played",)  # networks with a mechanism of mod/events
START = """
import random
from jxneuron.importer import read_session
from jxneuron.model import file
h.load_file("stdrun.hoc")
kept = []
class Cell:
    def __init__(self, amp=0.0):
        self.soma, self.dend = h.Section(name="soma", cell=self), h.Section(name="dend", cell=self)
        self.dend.connect(self.soma(1))
        self.soma.L = self.soma.diam = 12.6
        self.dend.L, self.dend.diam, self.dend.nseg = 200, 1, 3
        self.soma.insert("hh")
        self.dend.insert("pas")
        self.stim = h.IClamp(self.soma(0.5))
        self.stim.delay, self.stim.dur, self.stim.amp = 1, 1e9, amp
    def synapse(self, kind, x, **values):
        made = kind(self.dend(x))
        for name, value in values.items(): setattr(made, name, value)
        kept.append(made)
        return made
def connect(cell, target, delay, weight, threshold=0.0):
    made = h.NetCon(cell.soma(0.5)._ref_v, target, sec=cell.soma)
    made.delay, made.weight[0], made.threshold = delay, weight, threshold
    kept.append(made)
    return made
def record(source, section=None):
    times = h.Vector()
    made = h.NetCon(source, None, sec=section) if section else h.NetCon(source, None)
    made.record(times)
    kept.extend((times, made))
    return times
def finish(tstop, cells, spikes, more=()):
    names = [f"Cell[{k}].soma(0.5).v" for k in range(len(cells))] + [name for name, _ in more]
    traces = [h.Vector().record(cell.soma(0.5)._ref_v) for cell in cells] + [h.Vector().record(at) for _, at in more]
    h.tstop = tstop
    h.stdinit()
    model = read_session(h, init="auto", strict=True, record=names)
    file.save(model, given["path"])
    h.continuerun(tstop)
    give({"v": [list(trace) for trace in traces], "spikes": {name: list(times) for name, times in spikes.items()}})
"""
RING = """
cells = [Cell() for _ in range(5)]
for k, cell in enumerate(cells):
    connect(cell, cells[(k + 1) % 5].synapse(h.ExpSyn, 0.5, tau=2), 5, 0.02)
first = h.NetCon(None, kept[-2])
first.weight[0] = 0.05
handler = h.FInitializeHandler(lambda: [first.event(t) for t in (0.5, 9.0123)])
finish(60, cells, {f"Cell[{k}].soma(0.5)": record(cell.soma(0.5)._ref_v, cell.soma) for k, cell in enumerate(cells)})
"""
RANDOM = """
draw = random.Random(3)
cells = [Cell(amp=draw.choice([0, 0.1, 0.3])) for _ in range(10)]
for _ in range(60):
    kind, values = draw.choice([(h.ExpSyn, {"tau": 1.5}), (h.Exp2Syn, {"tau1": 0.3, "tau2": 3.7, "e": -70})])
    target = draw.choice(cells).synapse(kind, draw.random(), **values)
    connect(draw.choice(cells), target, draw.choice([draw.uniform(0, 6), 1, 0.0125]), draw.uniform(0, 0.01), -10)
kept[1].delay = 0
del kept[3]  # a source may come later than its other NetCons
finish(50, cells, {f"Cell[{k}].soma(0.5)": record(cell.soma(0.5)._ref_v, cell.soma) for k, cell in enumerate(cells)})
"""
GIDS = """
context, draw = h.ParallelContext(), random.Random(4)
cells = [Cell(amp=0.3 * (k % 3 == 0)) for k in range(6)]
for gid, cell in enumerate(cells):
    context.set_gid2node(10 + gid, context.id())
    detector = h.NetCon(cell.soma(0.5)._ref_v, None, sec=cell.soma)
    detector.threshold = -20 + gid
    context.cell(10 + gid, detector)
    del detector
for k in range(20):
    made = context.gid_connect(10 + draw.randrange(5), draw.choice(cells).synapse(h.ExpSyn, 0.3))
    made.weight[0], made.delay = 0.01, draw.uniform(1, 3)
    kept.append(made)
times, numbers = h.Vector(), h.Vector()
context.spike_record(-1, times, numbers)
context.set_maxstep(10)
class Spikes:
    def __init__(self, gid): self.gid = gid
    def __iter__(self): return iter([t for t, gid in zip(times, numbers) if gid == self.gid])
finish(40, cells, {f"Cell[{k}].soma(0.5)": Spikes(10 + k) for k in range(6)})
"""
VARIABLES = """
cells = [Cell(amp=0.3), Cell()]
synapse, other = cells[1].synapse(h.ExpSyn, 0.5, tau=3), cells[0].synapse(h.ExpSyn, 0.1)
soma, dend = cells[0].soma, cells[1].dend
spikes = {}
for name, source, section, threshold, target in (
    ("Cell[0].soma(0.5).m_hh", soma(0.5).hh._ref_m, soma, 0.5, synapse),
    ("Cell[0].soma(0.5).ina", soma(0.5)._ref_ina, soma, -0.1, other),
    ("ExpSyn[0].g", synapse._ref_g, dend, 0.004, other),
):
    made = h.NetCon(source, target, sec=section)
    made.threshold, made.delay, made.weight[0] = threshold, 0.7, 0.01
    spikes[name] = h.Vector()
    made.record(spikes[name])
    kept.append(made)
finish(30, cells, spikes)
"""
COUNTERS = """
cells = [Cell()]
driver = h.NetCon(None, cells[0].synapse(h.ExpSyn, 0.1, tau=1))
driver.weight[0] = 0.05
handler = h.FInitializeHandler(lambda: [driver.event(1 + 13 * k) for k in range(5)])
counters = [h.APCount(cells[0].soma(0.5)), h.APCount(cells[0].dend(1))]
counters[1].thresh = -66  # above it from the start
more = [(f"{each.hname()}.{name}", getattr(each, f"_ref_{name}")) for each in counters for name in ("n", "time")]
finish(70, cells, {"Cell[0].soma(0.5)": record(cells[0].soma(0.5)._ref_v, cells[0].soma)}, more)
"""
PLAYED = """
cells = [Cell(), Cell(amp=0.1)]
driver = h.NetCon(None, cells[0].synapse(h.ExpSyn, 0.1, tau=1))
driver.weight[0] = 0.05
handler = h.FInitializeHandler(lambda: [driver.event(1 + 13 * k) for k in range(5)])
synapse = cells[1].synapse(h.Several, 0.5)
made = connect(cells[0], synapse, 1, 0.002)
made.weight[1] = 0.7
gain, times = h.Vector([0.5, 4.0]), h.Vector([0, 25])
gain.play(synapse._ref_gain, times)
kept.extend((gain, times))
more = [("Several[0].g", synapse._ref_g)]
finish(70, cells, {"Cell[0].soma(0.5)": record(cells[0].soma(0.5)._ref_v, cells[0].soma)}, more)
"""
STIMS = """
cells = [Cell() for _ in range(3)]
stims = [h.NetStim() for _ in range(5)]
for k, stim in enumerate(stims):
    stim.start, stim.interval, stim.number, stim.noise = (0, 0.3, 5, 2.5, 1e9)[k], 3 + k, 8, (0, 0, 0.5, 1, 0)[k]
    stim.noiseFromRandom123(1, k, 7)
for k in range(12):
    made = h.NetCon(stims[k % 4], cells[k % 3].synapse(h.ExpSyn, 0.3, tau=1))
    made.weight[0], made.delay = 0.01, 0.3 * k
    kept.append(made)
starter = h.NetCon(cells[0].soma(0.5)._ref_v, stims[4], sec=cells[0].soma)
starter.weight[0] = 1
spikes = {stim.hname(): record(stim) for stim in stims}
finish(40, cells, spikes)
"""
CELLS = """
draw, cells, stim = random.Random(7), [Cell()], h.NetStim()
stim.start, stim.number, stim.interval = 0, 50, 1.3
fires = [h.IntFire1() for _ in range(12)]
for fire in fires: fire.refrac = draw.uniform(1, 4)
def wire(source, target, weight, delay):
    made = h.NetCon(source, target)
    made.weight[0], made.delay = weight, delay
    kept.append(made)
for fire in fires: wire(stim, fire, draw.uniform(0.4, 1.2), draw.choice([1, 1, 0.3, 2.7]))
for _ in range(60):
    wire(draw.choice(fires), draw.choice(fires), draw.uniform(-0.3, 0.5), draw.choice([0.5, 1, draw.uniform(0, 3)]))
for fire in fires[::4]: wire(fire, cells[0].synapse(h.Exp2Syn, 0.7), 0.002, 1)
finish(40, cells, {fire.hname(): record(fire) for fire in fires})
"""
NETWORKS = {
    "ring": RING,
    "random": RANDOM,
    "gids": GIDS,
    "variables": VARIABLES,
    "counters": COUNTERS,
    "played": PLAYED,
    "stims": STIMS,
    "cells": CELLS,
}
SLOW = ("stims", "cells")  # their queue takes long to compile


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in NETWORKS])
def test_a_network_has_neurons_spikes_and_voltages(neuron_child, mod_library, tmp_path: Path, name: str):
    path = tmp_path / "network.jxn"
    libraries = [mod_library(MOD)] if name in OWN else []
    theirs = neuron_child(START + NETWORKS[name], libraries=libraries, path=str(path))
    model = file.open(path)
    ours = run_model(model)
    assert ours.state.events is not None and model.events is not None
    log = ours.state.events.log
    assert log is not None
    assert int(log.count) == sum(map(len, theirs["spikes"].values())) > 4
    sources, times = np.asarray(log.source)[: int(log.count)], np.asarray(log.time)[: int(log.count)]
    found = {
        source_name(model, model.placements, model.ions, model.events.sources, k): times[sources == k].tolist()
        for k in np.unique(np.concatenate(list(model.events.recorded.values())))
    }
    assert found == theirs["spikes"]
    assert np.abs(np.array(list(ours.records.values())) - np.array(theirs["v"])).max() < 1e-9
