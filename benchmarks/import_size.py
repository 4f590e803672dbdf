"""How long does the import of a large model take, and how much memory?

Builds 1,000 sections with 100,000 segments in this process's NEURON, inserts five mechanisms (NEURON's own ``pas``
and ``hh``; ``cadifpmp``, ``cachan`` and ``nacax`` of its demo, whose library comes compiled with the wheel), about
60 values a segment with the geometry, reads it all with ``jxneuron.read.session.read_model``, then saves and opens
the model.

    python benchmarks/import_size.py [--sections 1000] [--nseg 100] [--json FILE]

Prints seconds of each part, the peak of resident memory before and after the import (what the import adds, MB),
the size of the model's arrays and of its file. The fields of the mechanisms are those that NEURON lists
(MechanismStandard), so that no compiler takes part; their code is not needed to read them.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jxneuron.mech.mechanism import Field, Mechanism
from jxneuron.model import file
from jxneuron.model.model import Model
from jxneuron.read.session import read_model

MECHANISMS = ("pas", "hh", "cadifpmp", "cachan", "nacax")
ROLES = {1: ("parameter", "p"), 2: ("assigned", "s"), 3: ("state", "s")}


def build(h: Any, sections: int, nseg: int) -> list[Any]:
    """A random tree of stylised sections, every mechanism in each."""
    draw = random.Random(1)
    tree: list[Any] = []
    for i in range(sections):
        section = h.Section(name=f"dend[{i}]")
        section.nseg, section.L, section.diam = nseg, draw.uniform(50, 300), draw.uniform(0.5, 3)
        for mechanism in MECHANISMS:
            section.insert(mechanism)
        if tree:
            section.connect(draw.choice(tree)(1))
        tree.append(section)
    h.finitialize(-65)
    return tree


def listed_fields(h: Any, name: str) -> Mechanism:
    """A mechanism of fields only, as NEURON lists them."""
    fields = []
    for kind, (role, held) in ROLES.items():
        standard, variable = h.MechanismStandard(name, kind), h.ref("")
        for i in range(int(standard.count())):
            size = int(standard.name(variable, i))
            plain = variable[0].removesuffix(f"_{name}")
            fields.append(Field(plain, role, "range", held, size=size if size > 1 else 0))  # type: ignore[arg-type]
    return Mechanism(name, "density", tuple(fields))


def values_per_segment(model: Model) -> float:
    """Numbers per segment: geometry, v, mechanisms, ions."""
    segments = int((~model.nodes.is_end).sum())
    held = sum(array.size for placement in model.placements for array in placement.values.values())
    held += sum(4 * ion.node.size for ion in model.ions)
    return held / segments + 10


def peak_memory() -> float:
    """MB of resident memory at most so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def timed(action: Callable[[], Any]) -> tuple[Any, float]:
    """What an action gives, and its seconds."""
    start = time.perf_counter()
    result = action()
    return result, time.perf_counter() - start


def measure(sections: int, nseg: int) -> dict[str, float]:
    """Build, import, save, open; seconds and MB of each."""
    import neuron
    from neuron import h

    demo = Path(neuron.__file__).parent / ".data" / "share" / "nrn" / "demo" / "release"
    neuron.load_mechanisms(str(demo), warn_if_already_loaded=False)
    tree, building = timed(lambda: build(h, sections, nseg))
    before = peak_memory()
    mechanisms = {name: listed_fields(h, name) for name in MECHANISMS}
    model, importing = timed(lambda: read_model(h, mechanisms))
    after = peak_memory()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.jxn"
        _, saving = timed(lambda: file.save(model, path))
        _, opening = timed(lambda: file.open(path))
        size = path.stat().st_size / 2**20
    return {
        "sections": len(tree),
        "segments": int((~model.nodes.is_end).sum()),
        "values_per_segment": round(values_per_segment(model), 1),
        "build_s": round(building, 2),
        "import_s": round(importing, 2),
        "import_adds_MB": round(after - before, 1),
        "NEURON_and_model_MB": round(before, 1),
        "arrays_MB": round(sum(array.nbytes for array in file.arrays(model)) / 2**20, 1),
        "save_s": round(saving, 2),
        "open_s": round(opening, 2),
        "file_MB": round(size, 2),
    }


def main() -> None:
    """Measure once and print."""
    parser = argparse.ArgumentParser(description="Seconds and memory of the import of a large model.")
    parser.add_argument("--sections", type=int, default=1000)
    parser.add_argument("--nseg", type=int, default=100)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    found = measure(given.sections, given.nseg)
    for name, value in found.items():
        print(f"{name:>20}  {value}")
    if given.json:
        given.json.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
