"""What does an event cost whose order matters, here and in NEURON?

Builds a network of IntFire1 cells in this process's NEURON, driven by one NetStim each. Every cell and every NetStim
has ``fan`` connections of random delays. Imports it, runs both, and compares the spikes.

    JAX_ENABLE_X64=1 python benchmarks/events_ordered.py [--cells 1000] [--fan 100] [--tstop 40]

Prints seconds of compiling, then CPU microseconds for each event of both (the shorter of two runs), where an event is
the arrival of one spike along one connection; and how many spikes there were, and whether they are NEURON's.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import jax
import numpy as np

from jxneuron.importer import read_session
from jxneuron.modules import simulate
from jxneuron.run import integrate


def build(h: Any, cells: int, fan: int) -> tuple[list[Any], list[Any], list[Any]]:
    """Return the drivers, the cells and the connections of a random network."""
    draw = np.random.default_rng(1)
    drivers, targets = [h.NetStim() for _ in range(cells)], [h.IntFire1() for _ in range(cells)]
    for driver in drivers:
        driver.number, driver.start = 1e9, 1 + 20 * draw.random()
        driver.interval = 20 * (1 + 0.1 * draw.random())
    connections = []
    for k, source in enumerate([*drivers, *targets]):
        for _ in range(fan):
            connection = h.NetCon(source, targets[draw.integers(cells)])
            connection.delay = 1 + 4 * draw.random()
            sign = 1 if draw.random() < 0.7 else -1
            connection.weight[0] = sign * draw.random() * (6 if k < cells else 3) / fan
            connections.append(connection)
    return drivers, targets, connections


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=1000)
    parser.add_argument("--fan", type=int, default=100)
    parser.add_argument("--tstop", type=float, default=40.0)
    asked = parser.parse_args()
    from neuron import h

    h.load_file("stdrun.hoc")
    h.dt = 0.025
    section = h.Section(name="unused")
    drivers, targets, connections = build(h, asked.cells, asked.fan)
    times = h.Vector()
    heard = [h.NetCon(cell, None) for cell in targets]
    for one in heard:
        one.record(times)
    h.finitialize(-65)
    simulation = simulate.prepare(read_session(h, init="ours", strict=False))
    theirs = min(_neuron(h, asked.tstop) for _ in range(2))
    dt, clock = np.float64(h.dt), integrate.clock(0.0, h.dt, asked.tstop)
    state = integrate.start(simulation.program, simulation.params, dt, np.float64(0.0), simulation.wiring)
    given = (simulation.params, state, dt, clock)
    begun = time.perf_counter()
    run = integrate.run.lower(simulation.program, *given, wiring=simulation.wiring).compile()
    print(f"compiled in {time.perf_counter() - begun:.1f} s")
    ours, last = min((_ours(run, given, simulation.wiring) for _ in range(2)), key=lambda pair: pair[0])
    log = last.events.log
    spikes = np.asarray(log.time)[: int(log.count)]
    driven = sum(max(0, int((asked.tstop - one.start) // one.interval) + 1) for one in drivers)
    events = asked.fan * (driven + len(times))
    print(f"{events} events, {len(times)} spikes, the same as NEURON's: {spikes.tolist() == list(times)}")
    print(f"here {1e6 * ours / events:.2f} us an event, NEURON {1e6 * theirs / events:.2f}")
    del section, connections, heard


def _neuron(h: Any, tstop: float) -> float:
    h.finitialize(-65)
    begun = time.process_time()
    while h.t < tstop - h.dt / 2:
        h.fadvance()
    return time.process_time() - begun


def _ours(run: Any, given: tuple[Any, ...], wiring: Any) -> tuple[float, Any]:
    begun = time.process_time()
    last = jax.block_until_ready(run(*given, wiring=wiring))[0]
    return time.process_time() - begun, last


if __name__ == "__main__":
    main()
