"""NEURON's own run of a case, in a child process.

In: a request ``{case, kick}``. Out: ``traces.npz`` (t, records, middles, spikes) and an answer with names, sizes,
seconds, and the numbers of the sources of each train of spikes.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from jxneuron import case as cases
from jxneuron.child import process, session
from jxneuron.compare import picture
from jxneuron.errors import ModelError
from jxneuron.read.netcons import read_netcons, sources_by_vector

KICK = 1e-12  # mV


def main() -> None:
    """Entry of the child process."""
    process.serve(run)


def run(request: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Load, initialise, step with fadvance and sample after initialisation and after each step.

    NEURON's own Vectors hold the records, so that a value played in the second half of a step is seen a step later.

    Args:
        request: ``case`` (Case.to_dict) and ``kick``: raise every node's v by 1e-12 mV after initialisation.
        folder: where ``traces.npz`` goes.
    """
    case = cases.from_dict(request["case"])
    h = session.prepare(case)
    vectors = _record(h, case)
    session.initialise(h, case)
    named, wanted = session.find_sections(h), session.find_records(h, case)
    names = picture.chosen(list(named), picture.steps(h.t, h.tstop, h.dt))
    pointers = [record.pointer for record in wanted] + [named[name](0.5)._ref_v for name in names]
    if request["kick"]:
        kick(named.values())
    settings, began = _settings(h), time.perf_counter()
    t, values = step(h, pointers)
    steps = len(t) - 1
    for row, vector in zip(values, vectors, strict=False):
        if steps and len(vector) > steps:  # else the initialisation deleted what the Vector recorded
            row[1:] = np.array(vector)[-steps:]  # before them is what the initialisation recorded
    seconds = time.perf_counter() - began
    sources = read_netcons(h).sources
    trains = [(own, sources[own[0]].vector.to_python()) for own in sources_by_vector(sources).values()]
    np.savez(
        folder / "traces.npz",
        t=t,
        records=values[: len(wanted)],
        middles=values[len(wanted) :],
        spikes=np.concatenate([np.zeros(0), *(times for _, times in trains)]),
    )
    return {
        "records": [record.name for record in wanted],
        "middles": names,
        "trains": [[own, len(times)] for own, times in trains],
        "seconds": seconds,
        "settings": settings,
        "sizes": {"sections": len(named), "segments": sum(section.nseg for section in named.values())},
    }


def _record(h: Any, case: cases.Case) -> list[Any]:
    """Return a Vector for each record of the case; none where the model makes what it records only when it starts."""
    try:
        return [h.Vector().record(record.pointer) for record in session.find_records(h, case)]
    except ModelError:
        return []


def step(h: Any, pointers: Sequence[Any]) -> tuple[np.ndarray, np.ndarray]:
    """Advance to tstop; the times (k,) ms and the samples (n, k) of the pointed-to values."""
    gather, row = h.PtrVector(len(pointers)), h.Vector(len(pointers))
    for i, pointer in enumerate(pointers):
        gather.pset(i, pointer)
    seen = row.as_numpy()
    t, rows = [], []

    def sample() -> None:
        gather.gather(row)
        t.append(h.t)
        rows.append(seen.copy())

    sample()
    while h.t < h.tstop - h.dt / 2:
        h.fadvance()
        sample()
    return np.array(t), np.array(rows).T


def kick(sections: Any) -> None:
    """Raise v by 1e-12 mV once at every segment, at each section's far end and at the roots."""
    for section in sections:
        orientation = int(section.orientation())
        for segment in section:
            segment.v += KICK
        section(1 - orientation).v += KICK
        if section.parentseg() is None:
            section(orientation).v += KICK


def _settings(h: Any) -> dict[str, Any]:
    return {
        "dt": h.dt,
        "tstop": h.tstop,
        "t": h.t,
        "celsius": h.celsius,
        "v_init": h.v_init,
        "secondorder": int(h.secondorder),
        "neuron": h.nrnversion(5),
    }
