"""The data of FUNCTION_TABLEs are found in a session that does not show them, and nothing else is taken for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from jxneuron.read import function_tables

TABLES = Path(__file__).parents[1] / "compare" / "mod"  # looked_up and looked_up_point

SETUP = """
from jxneuron.mech.generated import load
from jxneuron.read.function_tables import read_function_tables
from jxneuron.nmodl import translate
from pathlib import Path
def read(name, instances=()):
    text = Path(given["folder"], name + ".mod").read_text()
    return read_function_tables(h, load(translate(text, file=name + ".mod").python), instances)
"""


def interpolated(x: np.ndarray, y: np.ndarray) -> Callable[[float], float]:
    return lambda at: float(np.interp(at, x, y))


def test_a_vector_beside_the_table_is_not_taken_for_its_abscissae() -> None:
    """Beyond its own abscissae a table is flat, and so goes through the ends of any Vector that lies there."""
    x, y = np.linspace(0.0, 1.0, 6), np.array([0.1, 0.9, 0.4, 0.6, 0.2, 0.7])
    beside = np.array([7.8, 20.0, 33.0, 50.0, 61.0, 76.6])
    session: Any = SimpleNamespace(List=lambda name: [beside, x])
    axis = function_tables._find_vector_axis(session, interpolated(x, y))
    assert axis is not None and np.array_equal(axis, x)
    alone: Any = SimpleNamespace(List=lambda name: [beside])
    assert function_tables._find_vector_axis(alone, interpolated(x, y)) is None


@pytest.fixture
def library(tmp_path: Path, mod_library: Callable[..., Path]) -> str:
    for name in ("looked_up", "looked_up_point"):
        (tmp_path / f"{name}.mod").write_text((TABLES / f"{name}.mod").read_text())
    return str(mod_library(tmp_path))


def test_the_statement_that_a_finding_names_gives_the_table_its_data(
    neuron_child: Callable[..., Any], library: str
) -> None:
    """Vectors for a function of one argument, equal steps for one of two; by instance for a point process."""
    code = """
soma = h.Section(name="soma")
point = h.looked_up_point(soma(0.5))
values, abscissae = h.Vector([0.1, 0.9, 0.4, 0.2]), h.Vector([-80, -20, 0, 40])
size, lowest, highest = 2, -50, 50
before = [each for found in (read("looked_up"), read("looked_up_point", [point])) for each in found[1]]
for each in before:
    exec(each.way_out.partition(" gives it data")[0])
after = read("looked_up"), read("looked_up_point", [point])
give([[each.found for each in before], [str(each) for _, found in after for each in found],
      {name: [np.array(each).tolist() for each in data] for found, _ in after for name, data in found.items()}])
"""
    named, left, data = neuron_child("import numpy as np\n" + SETUP + code, libraries=[library], folder=str(TABLES))
    assert named == ["FUNCTION_TABLE without data"] * 4 and left == []
    one = [[0.1, 0.9, 0.4, 0.2], [-80, -20, 0, 40]]
    assert data["steady"] == data["tau"] == data["one"] == one
    assert data["both"] == [[[0.1, 0.9], [0.4, 0.2]], [-50, 50], [-50, 50]]
