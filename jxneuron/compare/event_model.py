"""Instances of one mechanism that receive random events: the script that both engines load when events are verified.

In: ``events.json`` in the working folder: the mechanism's generated Python, how many instances, a seed. Out: a model.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from jxneuron.compare import sampling
from jxneuron.compare.sampling import Setting
from jxneuron.mech.generated import load as load_mechanism
from jxneuron.mech.mechanism import Mechanism

REQUEST = "events.json"
CELSIUS, DT, TSTOP = 23.0, 0.05, 30.0  # degC, ms, ms
CONNECTIONS, ARRIVALS = 3, 8  # connections onto each instance, events of each connection
FIRST, LAST = 0.1, 25.0  # ms, between which events arrive


def build(h: Any, mechanism: Mechanism, *, count: int, mild: bool, seed: int) -> list[Any]:
    """Make sections with an instance each, connections without source, and what sends their events at the start.

    Every third connection has negative weights: plasticity often tells by the sign what an event means.

    Args:
        h: a session without model.
        mechanism: the mechanism.
        count: how many instances.
        mild: keep the parameters of the file, and all weights positive.
        seed: of everything random.

    Returns:
        What must be kept for the model to live.
    """
    rng = np.random.default_rng([seed, 4])
    setting = Setting(celsius=CELSIUS, dt=DT, tables=True, seed=seed, shipped=mild, states=0)
    sampling.apply(h, mechanism, setting, {})
    sections = sampling.build(h, mechanism, np.linspace(-90.0, 20.0, count), setting)
    connections = [h.NetCon(None, owner) for owner in sections.owners for _ in range(CONNECTIONS)]
    for k, connection in enumerate(connections):
        for i in range(int(connection.wcnt())):
            connection.weight[i] = (-1.0 if k % CONNECTIONS == 2 and not mild else 1.0) * 10.0 ** rng.uniform(-3.0, 0.0)
    outputs = [h.NetCon(owner, None) for owner in sections.owners] if "event" in mechanism.actions else []
    times = rng.uniform(FIRST, LAST, (len(connections), ARRIVALS)).tolist()

    def send() -> None:
        for connection, own in zip(connections, times, strict=True):
            for time in own:
                connection.event(time)

    return [sections, connections, outputs, h.FInitializeHandler(1, send)]


def main() -> list[Any]:
    """Build what the request in the working folder asks for."""
    from neuron import h

    request = json.loads(Path(REQUEST).read_text())
    return build(h, load_mechanism(request.pop("python")), **request)


if __name__ == "__main__":
    kept = main()
