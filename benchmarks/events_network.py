"""How fast do networks with spikes run, and do they give NEURON's spikes?

Builds cells (a soma with hh, a passive dendrite with an ExpSyn) and connections with random delays in this process's
NEURON, imports them, and runs them here, in NEURON and in CoreNEURON, on one core, in float64.

    python benchmarks/events_network.py [--cells 1000] [--compartments 50] [--fan 100] [--active 1.0] [--tstop 100]
    python benchmarks/events_network.py --ring 100
    python benchmarks/events_network.py --growth
    python benchmarks/events_network.py --cells 10000 --compartments 10 --fan 100 --tstop 20 --memory

``--active``: the share of the cells that have a current, which sets the rate. ``--growth``: compile time and size of
the program for 10, 100 and 1000 cells. ``--memory``: no CoreNEURON; the peak of resident memory after each part.

Prints seconds of processor time and microseconds per step; whether spikes are equal to the last bit; and the load of
the machine, without which no time means anything.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import jax  # noqa: E402
import numpy as np  # noqa: E402

jax.config.update("jax_enable_x64", True)

from jxneuron.importer import read_session  # noqa: E402
from jxneuron.model.model import Model  # noqa: E402
from jxneuron.modules import simulate  # noqa: E402
from jxneuron.run import integrate  # noqa: E402

DT = 0.025


def build(h: Any, options: argparse.Namespace) -> list[Any]:
    """Build the network; return what keeps it alive, the Vectors of spike times and gids last."""
    draw = np.random.default_rng(3)
    count = options.ring or options.cells
    pc = h.ParallelContext()
    kept: list[Any] = []
    for gid in range(count):
        soma, dend = h.Section(name=f"soma[{gid}]"), h.Section(name=f"dend[{gid}]")
        soma.L = soma.diam = 20
        soma.insert("hh")
        dend.L, dend.diam, dend.nseg = 300, 2, max(options.compartments - 1, 1)
        dend.insert("pas")
        dend.g_pas, dend.e_pas = 1e-4, -65
        dend.connect(soma(1))
        synapse = h.ExpSyn(dend(0.1 if options.ring else 0.5))
        synapse.tau = 3
        source = h.NetCon(soma(0.5)._ref_v, None, sec=soma)
        source.threshold = -10
        pc.set_gid2node(gid, pc.id())
        pc.cell(gid, source)
        kept.append((soma, dend, synapse, source))
    driven = [0] if options.ring else range(round(options.active * count))
    for gid in driven:
        clamp = h.IClamp(kept[gid][0](0.5))
        clamp.delay, clamp.dur = 1, 1 if options.ring else 1e9
        clamp.amp = 2.0 if options.ring else 0.1 + 0.15 * draw.random()
        kept.append(clamp)
    for gid in range(count):
        targets = [(gid + 1) % count] if options.ring else draw.integers(0, count, options.fan)
        for target in targets:
            connection = pc.gid_connect(gid, kept[int(target)][2])
            connection.delay = 1.0 + 4.0 * draw.random()
            connection.weight[0] = 0.05 if options.ring else 2e-5 * draw.random()
            kept.append(connection)
    times, gids = h.Vector(), h.Vector()
    pc.spike_record(-1, times, gids)
    h.usetable_hh, h.celsius, h.dt = 0, 6.3, DT
    pc.set_maxstep(10)
    h.finitialize(-65)
    return [*kept, times, gids]


def timed(function: Callable[[], Any]) -> tuple[Any, float]:
    """Return what a function returns, and its processor time in seconds."""
    began = time.process_time()
    result = function()
    return result, time.process_time() - began


def run_in_neuron(h: Any, kept: list[Any], tstop: float, core: bool) -> tuple[list[tuple[float, int]], float]:
    """Run in NEURON or CoreNEURON; return the sorted spikes (ms, gid), and seconds."""
    if core:
        from neuron import coreneuron

        coreneuron.enable, coreneuron.verbose = True, 0
        h.CVode().cache_efficient(1)
    pc = h.ParallelContext()
    h.finitialize(-65)
    _, seconds = timed(lambda: pc.psolve(tstop))
    times, gids = kept[-2:]
    return sorted(zip(times.to_python(), (int(gid) for gid in gids), strict=True)), seconds


def run_here(model: Model, tstop: float, repeats: int = 2) -> tuple[list[tuple[float, int]], float, float, int]:
    """Run it here; return sorted spikes (ms, gid), seconds of running and compiling, and the program's operations."""
    simulation = simulate.prepare(model)
    state, _ = simulate.start(simulation, DT, "ours")
    times = integrate.clock(0.0, DT, tstop)
    given = simulation.params, state, np.float64(DT), times
    began = time.process_time()
    lowered = integrate.run.lower(simulation.program, *given, wiring=simulation.wiring)
    compiled = lowered.compile()
    compiling = time.process_time() - began
    runs = [timed(lambda: jax.block_until_ready(compiled(*given, wiring=simulation.wiring))) for _ in range(repeats)]
    last = runs[-1][0][0]
    assert simulate.room_for_rerun(simulation, last) is None, "an event was lost"
    events = last.events
    spikes = []
    if events is not None:
        count, gid = int(events.log.count), np.asarray(model.events.sources.gid)
        pairs = zip(np.asarray(events.log.time)[:count], gid[np.asarray(events.log.source)[:count]], strict=True)
        spikes = sorted((float(t), int(k)) for t, k in pairs)
    return spikes, min(seconds for _, seconds in runs), compiling, lowered.as_text().count(" = ")


def memory() -> str:
    """Return the peak of resident memory up to now."""
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"


def measure(options: argparse.Namespace) -> None:
    """Build, import and run one network, and print all numbers."""
    import dataclasses

    from neuron import h

    h.load_file("stdrun.hoc")
    kept, building = timed(lambda: build(h, options))
    print(f"built in {building:.1f} s; peak {memory()}", flush=True)
    model, importing = timed(lambda: read_session(h, init="ours", strict=True))
    assert model.events is not None
    nodes, wires = len(model.nodes.parent), len(model.events.connections.source)
    print(f"imported {nodes} nodes, {wires} connections in {importing:.1f} s; peak {memory()}", flush=True)
    steps = options.tstop / DT
    if not options.memory:
        without = run_here(dataclasses.replace(model, events=None), options.tstop)
        print(
            f"here, without events: {without[1] / steps * 1e6:.1f} us/step, compiled in {without[2]:.1f} s", flush=True
        )
    spikes, seconds, compiling, operations = run_here(model, options.tstop, 1 if options.memory else 2)
    rate = len(spikes) / max(options.ring or options.cells, 1) / options.tstop * 1e3
    print(
        f"here: {seconds / steps * 1e6:.1f} us/step, compiled in {compiling:.1f} s, {operations} operations; "
        f"{len(spikes)} spikes, {rate:.1f} Hz; peak {memory()}",
        flush=True,
    )
    for name, core in (("NEURON", False), ("CoreNEURON", True)):
        if not (core and options.memory):
            theirs, seconds = run_in_neuron(h, kept, options.tstop, core)
            equal = "equal" if theirs == spikes else "NOT equal"
            print(f"{name}: {seconds / steps * 1e6:.1f} us/step; {len(theirs)} spikes, {equal}", flush=True)
    print("load average", os.getloadavg())


def measure_growth(options: argparse.Namespace) -> None:
    """Compile networks of 10, 100 and 1000 cells, and print seconds and the operations of their programs."""
    from neuron import h

    h.load_file("stdrun.hoc")
    for cells in (10, 100, 1000):
        kept = build(h, argparse.Namespace(**{**vars(options), "cells": cells, "fan": min(options.fan, cells)}))
        model = read_session(h, init="ours", strict=True)
        assert model.events is not None
        _, _, compiling, operations = run_here(model, 1.0, 1)
        wires = len(model.events.connections.source)
        print(f"{cells} cells, {wires} connections: compiled in {compiling:.1f} s, {operations} operations", flush=True)
        del kept
        h.ParallelContext().gid_clear()
    print("load average", os.getloadavg())


def main() -> None:
    """Measure what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=1000)
    parser.add_argument("--compartments", type=int, default=50)
    parser.add_argument("--fan", type=int, default=100)
    parser.add_argument("--active", type=float, default=1.0)
    parser.add_argument("--tstop", type=float, default=100.0)
    parser.add_argument("--ring", type=int, default=0)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--growth", action="store_true")
    options = parser.parse_args()
    if options.growth:
        measure_growth(options)
    else:
        measure(options)


if __name__ == "__main__":
    main()
