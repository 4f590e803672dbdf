"""Artificial cells whose code is not translated fire when NEURON's own do, where nothing reaches them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jxneuron.model import file
from jxneuron.modules.simulate import run_model

MODS = Path(__file__).parent / "mod"
SESSION = """
from jxneuron.errors import Findings
from jxneuron.importer import read_session
from jxneuron.model import file

soma = h.Section(name="soma")
soma.insert("pas")
synapse = h.ExpSyn(soma(0.5))

def connect(source, delay=1.0):
    return h.NetCon(source, synapse, 0, delay, 0.002)

def refused():
    try:
        read_session(h, init="auto", strict=True)
    except Findings as error:
        return [[finding.place, finding.found] for finding in error.findings]
"""
RUN = """
listed, bursts = h.Listed(), [h.Burst(), h.Burst()]
times = h.Vector(given["times"])
listed.play(times)
made = [connect(listed, 0.33), connect(bursts[0]), connect(bursts[1], 0)]
v = h.Vector().record(soma(0.5)._ref_v)
own = [h.Vector() for _ in made]
for connection, vector in zip(made, own):
    connection.record(vector)
h.finitialize(-65)
file.save(read_session(h, init="auto", strict=True, record=["soma(0.5).v"]), given["path"])
fired = [h.Vector() for _ in made]
for connection, vector in zip(made, fired):
    connection.record(vector)
while h.t < 60 - 1e-9:
    h.fadvance()
give([v.to_python(), [vector.to_python() for vector in fired]])
"""
UNSORTED = """
listed, times = h.Listed(), h.Vector([1, 5, 3])
listed.play(times)
made = connect(listed)
h.finitialize(-65)
give(refused())
"""
ENDLESS = """
burst = h.Burst()
burst.number = 1e9
burst.interval = 1000
made = connect(burst)
h.finitialize(-65)
give(refused())
"""
REACHED = """
listed = h.Listed()
made = connect(listed), h.NetCon(soma(0.5)._ref_v, listed, sec=soma)
h.finitialize(-65)
give(refused())
"""


@pytest.fixture(scope="module")
def library(mod_library: Callable[..., Path]) -> Path:
    return mod_library(MODS)


def test_spikes_are_neurons(neuron_child: Callable[..., Any], library: Path, tmp_path: Path) -> None:
    """A spike at the start is on its way already; two cells draw from one sequence in turn."""
    path, times = str(tmp_path / "model.jxn"), [0, 0.3, 1.1, 1.1, 7.77, 12.3]
    v, fired = neuron_child(SESSION + RUN, libraries=[library], path=path, times=times)
    model = file.open(path)
    assert model.events is not None and [len(each) for each in fired] == [5, 15, 15]
    known = model.events.known
    for source, expected in enumerate(fired):
        np.testing.assert_array_equal(known.time[known.source == source], expected)
    result = run_model(model, t_stop=60.0)
    np.testing.assert_allclose(result.records["soma(0.5).v"], v, rtol=0, atol=1e-9)
    assert list(model.events.recorded) == ["Listed[0]", "Burst[0]", "Burst[1]"]
    assert result.state.events is not None and result.state.events.log is not None
    log = result.state.events.log
    time, source = np.asarray(log.time)[: int(log.count)], np.asarray(log.source)[: int(log.count)]
    for number, expected in zip(model.events.recorded.values(), fired, strict=True):
        np.testing.assert_array_equal(time[source == number[0]], expected)
    assert [note.place for note in model.notes if "fires when" in note.found] == ["Listed[0]"]


@pytest.mark.parametrize(
    ("code", "what"),
    [
        (UNSORTED, "it sends no event into the past"),
        (ENDLESS, "sends itself events without end"),
        (REACHED, "VERBATIM C code"),
    ],
    ids=["unsorted", "endless", "reached"],
)
def test_what_cannot_be_foretold_is_refused(
    code: str, what: str, neuron_child: Callable[..., Any], library: Path
) -> None:
    findings = neuron_child(SESSION + code, libraries=[library])
    assert any(what in found for _, found in findings), findings
