"""NetStims against NEURON's: every spike of every train, bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jxneuron.model import file
from jxneuron.modules.simulate import run_model

TRAINS = [
    {"noise": 0, "start": 0.3, "interval": 0.7, "number": 5},
    {"noise": 0.5, "start": 5, "interval": 0.3, "number": 1e9},
    {"noise": 1, "start": 0, "interval": 0.4, "number": 120},
    {"noise": 1, "start": -1, "interval": 2, "number": 20},
    {"noise": 1, "start": 1, "interval": 0, "number": 5},
    {"noise": 0.2, "start": 2.5, "interval": 0.7, "number": 0},
]
SESSION = """
from jxneuron.importer import read_session
from jxneuron.model import file

soma = h.Section(name="soma")
soma.insert("pas")
synapse = h.ExpSyn(soma(0.5))
stims = [h.NetStim() for _ in given["trains"]]
made = [h.NetCon(stim, synapse, 0, 1, 0.001) for stim in stims]
fired = [h.Vector() for _ in made]
for k, (stim, train, connection, vector) in enumerate(zip(stims, given["trains"], made, fired)):
    for name, value in train.items():
        setattr(stim, name, value)
    if k % 2:
        stim.noiseFromRandom123(k, 2, 3)
    connection.record(vector)
h.Random().Random123_globalindex(11)
h.finitialize(-65)
file.save(read_session(h, init="auto", strict=True, record=["soma(0.5).v"]), given["path"])
trains = []
for _ in range(2):
    h.finitialize(-65)
    while h.t < 60 - 1e-9:
        h.fadvance()
    trains.append([vector.to_python() for vector in fired])
give(trains)
"""


@pytest.mark.long
def test_trains_are_neurons_bit_for_bit(neuron_child: Callable[..., Any], tmp_path: Path) -> None:
    """Regular, noisy and Poisson trains, of which NEURON's second initialisation gives the same again."""
    path = str(tmp_path / "model.jxn")
    first, second = neuron_child(SESSION, path=path, trains=TRAINS)
    assert first == second and [bool(train) for train in first] == [True, True, True, False, True, False]
    spikes = run_model(file.open(path), t_stop=60.0).spikes
    assert [list(spikes[f"NetStim[{k}]"]) for k in range(len(TRAINS))] == first
