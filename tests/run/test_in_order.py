"""What one instance leaves for the next, in NEURON's order: several cells, density mechanisms and point processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxneuron.mech import generated
from jxneuron.mech.mechanism import Mechanism
from jxneuron.model import file
from jxneuron.modules.simulate import run_model
from jxneuron.nmodl import translate
from jxneuron.run.currents import _quotient
from jxneuron.run.in_order import run_instances

MOD = Path(__file__).parents[2] / "mod" / "order"
STEPS = 160
NSEG = {"soma": 1, "dend": 3, "twig": 2, "body": 2, "back": 3}
SEEN = {
    "relay": ("m", "seen"),
    "keeps": ("taken", "early", "stepped", "i"),
    "ladder": ("rung", "below", "mean", "a"),
    "flags": ("x", "turns", "chosen", "asked", "n"),
    "once": ("half", "start", "kept", "n"),
    "parted": ("seen",),
    "hinted": ("count", "seen"),
}
TICKETS = ("number", "drawn", "i")
# Two cells, made in another order than they are joined; three point processes on one node, one at a root
MODEL = """
twig, dend, soma, back, body = (h.Section(name=n) for n in ("twig", "dend", "soma", "back", "body"))
for s in (soma, dend, twig, body, back):
    s.nseg = given["nseg"][s.name()]
    s.L, s.diam, s.Ra, s.cm = 40*s.nseg, 2, 120, 0.9
    s.insert("hh")
dend.connect(soma(1))
twig.connect(soma(0.5))
back.connect(body(1), 1)
for s in (back, soma, dend, twig, body):
    for name in given["seen"]:
        s.insert(name)
    for k, seg in enumerate(s):
        seg.relay.g = 1e-4*(1 + 0.1*k)
        seg.keeps.limit = -66 + k + 0.5*seg.x
at = (soma(0.5), body(0.2), soma(0.5), twig(0.9), dend(0), soma(1), soma(0.5), back(0))
tickets = [h.Ticket(place) for place in at]
clamps = [h.IClamp(soma(0.5)), h.IClamp(back(0.5))]
clamps[0].delay, clamps[0].dur, clamps[0].amp = 0.5, 1, 0.5
clamps[1].delay, clamps[1].dur, clamps[1].amp = 1.5, 1, 0.3
h.celsius = 12
"""
# Read before NEURON initialises, so that both begin with what a fresh process holds
RUN = """
from jxneuron.importer import read_session
from jxneuron.model import file

exec(given["model"])
places = {s.name(): s for s in h.allsec()}
columns, records = [], []
for name, n in given["nseg"].items():
    for seg in places[name]:
        for variable in ["v", *(f"{x}_{m}" for m, every in given["seen"].items() for x in every)]:
            columns.append(getattr(seg, "_ref_" + variable))
            records.append(f"{name}({seg.x:.12g}).{variable}")
for k, ticket in enumerate(tickets):
    for variable in given["tickets"]:
        columns.append(getattr(ticket, "_ref_" + variable))
        records.append(f"Ticket[{k}].{variable}")
file.save(read_session(h, init="ours", strict=True, record=records), given["path"])
h.finitialize(-65)
rows = [[x[0] for x in columns]]
for _ in range(given["steps"]):
    h.fadvance()
    rows.append([x[0] for x in columns])
give([records, rows])
"""


@pytest.fixture
def both(neuron_child, mod_library, tmp_path) -> tuple[Any, dict[str, np.ndarray]]:
    """The model as it was read, and what NEURON records of it."""
    told = {"nseg": NSEG, "seen": SEEN, "tickets": TICKETS, "steps": STEPS, "path": str(tmp_path / "model")}
    records, rows = neuron_child(RUN, libraries=[mod_library(MOD)], model=MODEL, **told)
    return file.open(tmp_path / "model"), dict(zip(records, np.array(rows).T, strict=True))


def far(ours: Mapping[str, Any], theirs: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Records that differ, with the largest difference relative to the largest value."""
    found = {}
    for name, values in theirs.items():
        assert np.isfinite(values).all() and np.isfinite(ours[name]).all(), name
        found[name] = float(np.max(np.abs(ours[name] - values)) / max(np.max(np.abs(values)), 1e-300))
    return {name: value for name, value in found.items() if not value <= 1e-9}


def test_every_instance_finds_what_the_one_before_left(both):
    model, theirs = both
    in_order = {s.mechanism for s in model.sources if "sequential=" in s.python}
    assert in_order == {"relay", "keeps", "ladder", "flags", "Ticket"}
    linear = {s.mechanism: "linear_in_v=True" in s.python for s in model.sources}
    assert linear["once"] and linear["hinted"] and not linear["parted"]
    assert far(run_model(model, t_stop=STEPS * model.settings.dt).records, theirs) == {}
    assert sorted(theirs[f"Ticket[{k}].number"][0] for k in range(8)) == [1, 2, 3, 4, 5, 6, 7, 8]


COUPLED = """
NEURON { SUFFIX coupled NONSPECIFIC_CURRENT i RANGE g, seen GLOBAL before }
PARAMETER { g = 1 }
ASSIGNED { v i before seen r[2] }
STATE { n }
INITIAL { seen = before  n = 0.1*before  before = v + 1.5*before  r[0] = n  r[1] = v }
BREAKPOINT {
    SOLVE states METHOD cnexp
    seen = before
    before = 0.5*before + n + v*v/100 + r[1]/10
    i = g*n*(v + 60)*(1 + before/100)
}
DERIVATIVE states { n' = (before/10 - n)/3  before = 0.9*before + n }
"""
V = jnp.array([-70.0, 20.0, -40.0, 5.0])
GIVEN = {"g": jnp.array([1.0, 2.0, 0.5, 1.5])}
ENV = {"t": jnp.zeros(()), "dt": jnp.asarray(0.025), "celsius": jnp.asarray(6.3), "secondorder": 0, "tables": None}


@pytest.fixture(scope="module")
def coupled() -> Mechanism:
    return generated.load(translate(COUPLED, file="coupled.mod").python)


def everything(one: Callable[..., Any]) -> Any:
    """A function's values, batched values and derivatives both ways, by what one instance may hand to the next."""
    arguments = GIVEN["g"], V, jnp.asarray(0.7)
    batch = jax.tree.map(lambda x: jnp.stack([x, 0.9 * x]), arguments)
    backwards = jax.jacrev(one, (0, 1, 2))
    return jax.jit(
        lambda: (one(*arguments), backwards(*arguments), jax.jvp(one, arguments, arguments), jax.vmap(one)(*batch))
    )()


def test_order_equals_a_loop_in_values_batches_and_derivatives(coupled):
    assert coupled.sequential == ("initial", "current", "advance")
    run = partial(_quotient, coupled)
    s = {"n": 0.1 * V, "seen": jnp.zeros(4), "i": jnp.zeros(4), "r": jnp.stack([V, V + 1])}

    def in_order(g, v, before):
        return run_instances(coupled, "current", run, {"g": g}, {**s, "before": before}, v, ENV)

    def looped(g, v, before):
        rows = []
        for k in range(4):
            own = {name: x[..., k : k + 1] for name, x in s.items()}
            rows.append(run({"g": g[k : k + 1]}, {**own, "before": before}, v[k : k + 1], ENV))
            before = rows[-1][2]["before"]
        found = jax.tree.map(lambda *x: jnp.concatenate([jnp.atleast_1d(each) for each in x], -1), *rows)
        return found[0], found[1], {**found[2], "before": before}

    ours, twin = everything(in_order), everything(looped)
    assert jax.tree.structure(ours) == jax.tree.structure(twin)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12), ours, twin)
    reached = ours[1][2]["before"]
    assert np.all(reached[1] != 0) and reached[2] != 0, "every v, and what was there, reach what the last one leaves"
