"""What events do: NET_RECEIVE of each file in mod/events, event by event, here and in NEURON."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxneuron.mech import generated
from jxneuron.mech.mechanism import Mechanism
from jxneuron.nmodl import Translation, translate_all
from tests.mech.received import Case, Instance

FOLDER = Path(__file__).parents[2] / "mod" / "events"
DT, STEPS = 0.025, 200
# The weights of each connection: the first, and those that no INITIAL sets
WEIGHTS = {
    "Several": [[0.01, 0.7, 0.0], [0.02, 2.5, 0.0]],
    "Depressing": [[0.01, 0.0, 0.0, 0.0], [0.03, 0.0, 0.0, 0.0]],
    "Pulse": [[0.02, 0.0, 0.0, 0.0, 0.0], [0.05, 0.0, 0.0, 0.0, 0.0]],
    "Resetting": [[30.0], [75.0]],
    "Firing": [[0.15], [0.9], [-0.3]],
    "Watching": [[0.5], [0.9]],
    "Paired": [[0.01, 0.0, 0.0], [-1.0, 0.0, 0.0]],
    "Counting": [[0.5], [-2.0]],
}
RUN = """
cases = {}
for name, case in given["cases"].items():
    sec = h.Section(name=name)
    sec.L = sec.diam = 10
    at = [sec(0.5)] if case["point"] else []
    pp = getattr(h, name)(*at)
    cons = []
    for weights in case["weights"]:
        cons.append(h.NetCon(None, pp))
        for k, weight in enumerate(weights):
            cons[-1].weight[k] = weight
    spikes = h.Vector()
    out = h.NetCon(pp, None) if case["emits"] else None
    if out is not None:
        out.record(spikes)
    cases[name] = sec, pp, cons, spikes, out
h.dt = given["dt"]
h.finitialize(-65)
for name, case in given["cases"].items():
    for k, time in case["events"]:
        cases[name][2][k].event(time)

def value(name, pp, field, size, shared):
    one = getattr(h, f"{field}_{name}") if shared else getattr(pp, field)
    return [one[k] for k in range(size)] if size else [one]

rows = {name: [] for name in cases}
for step in range(given["steps"]):
    h.fadvance()
    for name, (sec, pp, cons, spikes, out) in cases.items():
        fields = {field: value(name, pp, field, *how) for field, how in given["cases"][name]["fields"].items()}
        weights = [[con.weight[k] for k in range(int(con.wcnt()))] for con in cons]
        rows[name].append({"v": sec(0.5).v, "fields": fields, "weights": weights})
give({name: {"rows": rows[name], "spikes": list(one[3])} for name, one in cases.items()})
"""


def events(name: str) -> list[tuple[int, float]]:
    """Thirty arrivals, none of which is on the edge of a step or at the time of another one."""
    rng = np.random.default_rng(len(name))
    return [(int(rng.integers(len(WEIGHTS[name]))), float(time)) for time in np.sort(rng.uniform(0.1, 4.9, 30))]


def fields(m: Mechanism) -> dict[str, tuple[int, bool]]:
    """The size of each field that NEURON shows, and whether all instances share it."""
    return {f.name: (f.size, f.scope == "global") for f in m.fields if f.scope in ("range", "global")}


@pytest.fixture(scope="module")
def mechanisms() -> dict[str, Mechanism]:
    sources = [(path.read_text(), path.name) for path in sorted(FOLDER.glob("*.mod"))]
    found = translate_all(sources)
    assert [str(one) for one in found if not isinstance(one, Translation)] == []
    return {m.name: m for m in (generated.load(one.python) for one in found if isinstance(one, Translation))}


@pytest.fixture(scope="module")
def theirs(mechanisms: dict[str, Mechanism], mod_library: Any, module_child: Any) -> Iterator[dict[str, Any]]:
    cases = {
        name: {
            "point": m.kind == "point",
            "emits": "event" in m.actions,
            "weights": WEIGHTS[name],
            "events": events(name),
            "fields": fields(m),
        }
        for name, m in mechanisms.items()
    }
    yield module_child(RUN, libraries=[mod_library(FOLDER)], cases=cases, dt=DT, steps=STEPS)


def test_every_file_has_connections(mechanisms: dict[str, Mechanism]) -> None:
    assert set(mechanisms) == set(WEIGHTS)


@pytest.mark.parametrize("name", WEIGHTS)
def test_every_field_is_neurons_after_every_step(name: str, mechanisms: Any, theirs: Any) -> None:
    own = Instance(Case(mechanisms[name], WEIGHTS[name], events(name)), DT)
    changed = 0
    for row in theirs[name]["rows"]:
        before = {field: own.read(field) for field in row["fields"]}
        own.step(row["v"])
        np.testing.assert_allclose(own.v, row["v"], rtol=1e-10)
        for field, values in row["fields"].items():
            np.testing.assert_allclose(own.read(field), values, rtol=1e-9, atol=1e-14, err_msg=f"{field} at {own.t}")
        held = [[weights[weight] for weight in own.mechanism.weights] for weights in own.weights]
        np.testing.assert_allclose(held, row["weights"], rtol=1e-9, atol=1e-14)
        changed += before != {field: own.read(field) for field in row["fields"]}
    assert changed >= 5
    assert len(own.spikes) == len(theirs[name]["spikes"])
    np.testing.assert_allclose(own.spikes, theirs[name]["spikes"], rtol=1e-12)


def test_events_that_only_add_are_known(mechanisms: dict[str, Mechanism]) -> None:
    assert [name for name, m in mechanisms.items() if m.jump is not None] == ["Several"]


def test_what_is_added_is_what_an_event_leaves(mechanisms: dict[str, Mechanism]) -> None:
    """In the order of events, and all at once."""
    m = mechanisms["Several"]
    assert m.receive is not None and m.jump is not None
    own = Instance(Case(m, WEIGHTS["Several"], []), DT)
    w = {name: jnp.asarray([one[name] for one in own.weights]) for name in m.weights}
    env = own.arguments(0.0)[3]
    jump = jax.jit(m.jump)(own.p, own.s, env, w)
    assert set(jump) == {"A", "B"}
    for k in range(2):
        left = own.called("receive", 0.0, k, 0.0).updates
        for name in jump:
            np.testing.assert_allclose(own.s[name] + jump[name][k], left[name], rtol=1e-14)
