"""NEURON's own traces of every case, kept for readers and machines without NEURON.

In: the cases. Out: ``references/NAME.npz``: ``t`` ms, one array per record under its name, ``neuron`` (version),
``every``: samples are kept at every so many steps.

    python -m validation.references [NAME ...]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from jxneuron import case as cases
from jxneuron.compare import engines
from jxneuron.files import write_atomically
from validation.listing import HERE
from validation.listing import cases as listed

SAMPLES = 1300  # a file stays below 150 kB
# Relative to a record's largest magnitude. NEURON repeats bit for bit on one machine; another machine's libm and
# compiler change the last bit, which a spiking cell amplifies.
SAME = 1e-7


def path(name: str) -> Path:
    """Where a case's reference stands."""
    return HERE / "references" / f"{name}.npz"


def write(name: str) -> Path:
    """Run NEURON and keep its traces."""
    with tempfile.TemporaryDirectory() as folder:
        traces = engines.run_neuron(cases.read(listed()[name]), Path(folder), timeout=600)
    every = -(-len(traces.t) // SAMPLES)
    kept: dict[str, Any] = {record: values[::every] for record, values in traces.records.items()}
    version = np.array(traces.answer["settings"]["neuron"])
    half = path(name).with_suffix(".half.npz")
    half.parent.mkdir(exist_ok=True)
    np.savez_compressed(half, t=traces.t[::every], neuron=version, every=np.array(every), **kept)
    write_atomically(path(name), half.read_bytes())
    half.unlink()
    return path(name)


def differences(name: str, traces: engines.Traces) -> list[str]:
    """What differs between a run of NEURON and the kept one; one line each, none when they agree."""
    with np.load(path(name)) as kept:
        every = int(kept["every"])
        now = {"t": traces.t, **traces.records}
        if set(kept.files) - {"every", "neuron"} != set(now):
            return [f"records: kept {sorted(kept.files)}, now {sorted(now)}"]
        return [line for key, values in now.items() if (line := _difference(key, kept[key], values[::every]))]


def _difference(key: str, kept: np.ndarray, now: np.ndarray) -> str:
    if kept.shape != now.shape:
        return f"{key}: {kept.shape} samples are kept, {now.shape} come out"
    worst, size = float(np.max(np.abs(kept - now))), float(np.max(np.abs(kept)))
    return "" if worst <= SAME * size else f"{key}: differs by {worst:.3g} (largest value {size:.3g})"


if __name__ == "__main__":
    for each in sys.argv[1:] or listed():
        print(write(each).relative_to(HERE.parent))
