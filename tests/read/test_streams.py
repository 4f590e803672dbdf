"""Streams of random numbers: a run draws what NEURON draws, and what cannot be known is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jxneuron.model import file
from jxneuron.modules.simulate import run_model

ROOT = Path(__file__).parents[2]
VARIABLES = ("uniform", "between", "exponential", "scaled", "gauss2", "word", "count", "longest", "kept")

SESSION = """
from jxneuron.errors import Findings
from jxneuron.importer import read_session
from jxneuron.model import file

def section(mechanism):
    made = h.Section(name="soma")
    made.nseg, made.L, made.diam = 3, 20, 20
    made.insert("pas")
    made.insert(mechanism)
    return made

def refused():
    try:
        read_session(h, init="auto", strict=True)
    except Findings as error:
        return [[finding.place, finding.found, finding.way_out] for finding in error.findings]
"""
NOISY = """
soma = section("noisy")
h.Random().Random123_globalindex(7)
for k, segment in enumerate(soma):
    segment.noisy.one.set_ids(k, 2, 3).set_seq(0)
    segment.noisy.other.set_ids(1, k, 2**32 - 1).set_seq(2*k)
h.finitialize(-65)
names = ["v", *(f"{name}_noisy" for name in given["variables"])]
record = [f"soma({segment.x}).{name}" for name in names for segment in soma]
file.save(read_session(h, init="auto", strict=True, record=record), given["path"])
present = [[segment.noisy.one.get_seq(), segment.noisy.other.get_seq()] for segment in soma]
traces = [h.Vector().record(getattr(segment, f"_ref_{name}")) for name in names for segment in soma]
for k, segment in enumerate(soma):
    segment.noisy.other.set_seq(2*k)
h.finitialize(-65)
while h.t < 5 - 1e-9:
    h.fadvance()
give([[list(trace) for trace in traces], present])
"""


@pytest.fixture(scope="module")
def library(mod_library: Callable[..., Path]) -> Path:
    return mod_library(ROOT / "mod" / "random")


def test_a_run_draws_what_neuron_draws(neuron_child: Callable[..., Any], library: Path, tmp_path: Path) -> None:
    """Draws before and in each step, and hidden variables that INITIAL drew, from the sequences before it."""
    path = str(tmp_path / "noisy.jxn")
    traces, present = neuron_child(SESSION + NOISY, libraries=[library], path=path, variables=VARIABLES)
    model = file.open(path)
    placement = next(each for each in model.placements if each.mechanism == "noisy")
    np.testing.assert_array_equal(placement.values["one_ids"], [[0, 1, 2], [2] * 3, [3] * 3, [7] * 3])
    assert model.initial is not None
    np.testing.assert_array_equal(model.initial.states["noisy"]["other"], [row[1] for row in present])
    result = run_model(model, t_stop=5.0)
    assert not [note for note in result.notes if note.kind == "initial state"]
    np.testing.assert_allclose(np.array([*result.records.values()]), traces, rtol=1e-11, atol=1e-11)


STALE = """
soma = section("noisy")
for segment in soma:
    segment.noisy.one.set_ids(1, 2, 3)
h.finitialize(-65)
soma(0.5).noisy.other.set_ids(1, 2, 3)
give(refused())
"""
LOST = """
soma = section("noisy")
h.finitialize(-65)
soma(0.5).noisy.other.set_seq(1e6)
give(refused())
"""


@pytest.mark.parametrize(
    ("code", "what", "way_out"),
    [
        (STALE, "draws up to four numbers of the old ids first", "set_ids(...).set_seq(0)"),
        (LOST, "INITIAL draws from it, and where it began is not to be found out", "random_setseq(other, 0)"),
    ],
    ids=["ids without sequence", "sequence set after initialising"],
)
def test_a_stream_that_cannot_be_known_is_refused(
    code: str, what: str, way_out: str, neuron_child: Callable[..., Any], library: Path
) -> None:
    (place, found, way), *more = neuron_child(SESSION + code, libraries=[library])
    assert place == "instance 1.other" and what in found and way_out in way and not more
