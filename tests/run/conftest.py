"""NEURON's own state before and after one step, for tests of single phases."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jxneuron.model import file
from jxneuron.model.model import Model

# Runs in a NEURON child: `given` holds the model's statements, before which steps to look, and where to save.
SNAPSHOT = """
import numpy as np
from jxneuron.importer import read_session
from jxneuron.model import file

h.load_file("stdrun.hoc")
keep = {"h": h}
exec(given["model"], keep)
h.finitialize(h.v_init)

def save(name):
    model = read_session(h, init="neuron", strict=True)
    file.save(model, given["folder"] + "/" + name)
    return model

def matrix(model):
    rows = []
    for section in model.sections:
        sec = next(each for each in h.allsec() if each.name() == section.name)
        places = [(node, model.nodes.x[node]) for node in section.centres]
        places += [(section.node_at_0, 0.0), (section.node_at_1, 1.0)]
        for node, x in places:
            rows.append([int(node)] + [h.fmatrix(x, which, sec=sec) for which in (1, 2, 3, 4)])
    return rows

rows, made = {}, 0
for k in given["steps"]:
    while made < k:
        h.fadvance()
        made += 1
    model = save(f"before{k}")
    h.fcurrent()
    rows[k] = matrix(model)
    h.fadvance()
    made += 1
    save(f"after{k}")
give(rows)
"""


@dataclass(frozen=True)
class Snapshots:
    """One step of NEURON: the model before and after it, and NEURON's matrix before it."""

    before: Model
    after: Model
    matrix: dict[str, np.ndarray]  # a, d, b, rhs per node, of fcurrent() at the time before the step


def demo_library() -> Path:
    """The compiled mechanisms that NEURON's wheel ships."""
    spec = importlib.util.find_spec("neuron")
    assert spec is not None and spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / ".data/share/nrn/demo/release/x86_64/libnrnmech.so"


@pytest.fixture
def snapshots(neuron_child: Callable[..., Any], tmp_path: Path) -> Callable[..., list[Snapshots]]:
    """``snapshots(model, steps)``: the model's Python statements, run in a child, before and after these steps."""

    def take(model: str, steps: Sequence[int], libraries: tuple[Path, ...] = ()) -> list[Snapshots]:
        rows = neuron_child(SNAPSHOT, libraries=libraries, model=model, steps=steps, folder=str(tmp_path))
        return [_snapshots(tmp_path, k, rows[str(k)]) for k in steps]

    return take


def _snapshots(folder: Path, step: int, rows: list[list[float]]) -> Snapshots:
    before, after = (file.open(folder / f"{name}{step}") for name in ("before", "after"))
    matrix = {name: np.full(len(before.nodes.parent), np.nan) for name in ("a", "d", "b", "rhs")}
    for node, *values in rows:
        for name, value in zip(matrix, values, strict=True):
            matrix[name][int(node)] = value
    return Snapshots(before, after, matrix)
