"""How the events of a Model are lowered: Routes, sources of pending events, weights, and models without events."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from jxneuron.errors import ModelError
from jxneuron.lower.build import build_program
from jxneuron.lower.wiring import build_wiring
from jxneuron.mech import builtin
from jxneuron.mech.mechanism import Mechanism
from jxneuron.model.model import Connections, Events, Model, Nodes, PendingEvents, Placement, Probe, Settings, Sources
from jxneuron.run import integrate
from tests.run.events.networks import known_spikes, nothing_pending

MECHANISMS: dict[str, Mechanism] = {"ExpSyn": builtin.get("ExpSyn"), "pas": builtin.get("pas")}


def point_model(events: Events | None) -> Model:
    """One compartment with three ExpSyns."""
    one, floats = np.zeros(1, np.int64), np.ones(1)
    nodes = Nodes(
        parent=one - 1,
        section=one,
        x=0.5 * floats,
        length=20 * floats,
        diam=20 * floats,
        area=1256.0 * floats,
        half_in=floats,
        half_out=floats,
        Ra=100 * floats,
        cm=floats,
        is_end=np.zeros(1, bool),
        rallbranch=floats,
    )
    values = {"tau": np.full(3, 2.0), "e": np.zeros(3)}
    synapses = Placement("ExpSyn", "point", np.zeros(3, np.int64), values, {}, tuple(f"ExpSyn[{k}]" for k in range(3)))
    leak = Placement("pas", "density", one, {"g": 1e-4 * floats, "e": -65 * floats}, {})
    return Model(nodes, (), (leak, synapses), (), (), Settings(), events=events)


def events_of(**changes: object) -> Events:
    """Two sources and five connections, of which one is not active."""
    none = np.full(2, -1, np.int64)
    parts = {
        "sources": Sources(
            ("voltage", "none"), np.array([0, -1]), ("", ""), ("", ""), none, np.array([200.0, 10.0]), none
        ),
        "connections": Connections(
            source=np.array([1, 0, 0, 0, 1]),
            mechanism=np.zeros(5, np.int64),
            instance=np.array([2, 0, 1, 2, 0]),
            delay=np.array([3.0, 2.0, 1.0, 2.0, 0.5]),
            active=np.array([True, True, True, True, False]),
            targets=("ExpSyn",),
            weights={"ExpSyn": np.arange(1.0, 6.0)[:, None]},
        ),
        "known": known_spikes([(1, 2.0)]),
        "pending": nothing_pending(),
        **changes,
    }
    return Events(**parts)


def test_connections_are_sorted_by_source_and_delay_and_ties_stay_in_order():
    wiring = build_wiring(point_model(events_of()), MECHANISMS)
    assert wiring is not None
    route = wiring.additive["ExpSyn"]
    assert wiring.ordered is None
    assert route.row.tolist() == [0, 3, 4]
    assert route.delay.tolist() == [1.0, 2.0, 2.0, 3.0, np.inf]
    assert route.weight_row.tolist() == [2, 1, 3, 0]
    assert route.instance.tolist() == [1, 0, 2, 2]


def test_a_pending_event_is_the_spike_of_a_source_of_its_own():
    pending = PendingEvents(
        time=np.array([0.25, 1.0, 4.0]),
        connection=np.array([4, 0, 3]),
        target=np.full(3, -1),
        instance=np.full(3, -1),
        flag=np.zeros(3),
        mechanisms=(),
        resent=np.array([False, True, False]),
    )
    wiring = build_wiring(point_model(events_of(pending=pending)), MECHANISMS)
    assert wiring is not None
    route = wiring.additive["ExpSyn"]
    assert route.row.tolist() == [0, 3, 4, 5, 6]
    assert route.delay.tolist()[-3:] == [0.0, 0.0, np.inf]
    assert route.weight_row.tolist()[-2:] == [4, 3]
    assert wiring.known_time.tolist() == [0.25, 2.0, 4.0, np.inf]
    assert wiring.known_source.tolist() == [2, 1, 3]


def test_known_and_pending_events_arrive_when_they_should():
    pending = PendingEvents(
        np.array([0.25]),
        np.array([4]),
        np.array([-1]),
        np.array([-1]),
        np.zeros(1),
        (),
        np.array([False]),
    )
    probes = tuple(Probe(f"ExpSyn[{k}].g", "g", -1, f"ExpSyn[{k}]") for k in range(3))
    model = point_model(events_of(pending=pending, known=known_spikes([(1, 0.0)] * 100)))
    model = dataclasses.replace(model, probes=probes)
    program, params = build_program(model, MECHANISMS)
    wiring, dt = build_wiring(model, MECHANISMS), np.float64(0.025)
    state = integrate.start(program, params, dt, np.float64(0.0), wiring)
    last, g = integrate.run(program, params, state, dt, integrate.clock(0.0, 0.025, 4.0), wiring=wiring)
    assert int(last.events.known) == 101
    assert np.flatnonzero(np.diff(g[0]) > 0).tolist() == [10]  # at 0.25 ms, after the record of its step
    assert np.flatnonzero(np.diff(g[2]) > 0).tolist() == [120]
    np.testing.assert_allclose(g[:, [11, 121]].max(axis=1), [5.0 * np.exp(-0.0125), 0.0, 100.0 * np.exp(-0.0125)])


def test_weights_without_an_initial_start_at_0_but_the_first():
    synapse = dataclasses.replace(MECHANISMS["ExpSyn"], weights=("w", "x", "y"))
    model = point_model(events_of())
    assert model.events is not None
    wires = dataclasses.replace(model.events.connections, weights={"ExpSyn": np.ones((5, 3))})
    several = dataclasses.replace(model, events=dataclasses.replace(model.events, connections=wires))
    _, params = build_program(several, {**MECHANISMS, "ExpSyn": synapse})
    np.testing.assert_array_equal(params.weights["ExpSyn"], [[1.0, 0.0, 0.0]] * 5)
    with pytest.raises(ModelError, match="connections onto ExpSyn have 3 weights, and its NET_RECEIVE takes 1"):
        build_program(several, MECHANISMS)


def test_a_target_that_receives_nothing_is_refused():
    wires = dataclasses.replace(events_of().connections, targets=("pas",), instance=np.zeros(5, np.int64))
    with pytest.raises(ModelError, match="pas, which receives no events"):
        build_wiring(point_model(events_of(connections=wires)), MECHANISMS)


def test_a_model_without_events_carries_nothing_of_them():
    model = point_model(None)
    program, params = build_program(model, MECHANISMS)
    assert build_wiring(model, MECHANISMS) is None
    state = integrate.start(program, params, np.float64(0.025), np.float64(0.0), None)
    assert state.events is None
    assert params.threshold == ()
