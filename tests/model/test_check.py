"""Every value that cannot be simulated is named, all at once."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from jxneuron.errors import ModelError
from jxneuron.model.check import check
from jxneuron.model.model import Connections, Events, KnownSpikes, PendingEvents, Placement, Sources


def nodes(model, **changes):
    """The model with single node values changed: ``name=(node, value)``."""
    columns = {}
    for name, (node, value) in changes.items():
        columns[name] = getattr(model.nodes, name).copy()
        columns[name][node] = value
    return dataclasses.replace(model, nodes=dataclasses.replace(model.nodes, **columns))


def test_a_sound_model_passes(model):
    check(model)


def test_no_membrane_capacitance_is_allowed(model):
    check(nodes(model, cm=(3, 0.0)))


@pytest.mark.parametrize(
    ("name", "value"),
    [("diam", 0.0), ("diam", -1.0), ("length", 0.0), ("area", np.nan), ("Ra", 0.0), ("Ra", np.inf), ("cm", -0.5)],
)
def test_geometry(model, name, value):
    with pytest.raises(ModelError, match=rf"{name} .*Cell\[0\]\.dend\[3\]\(0\.75\)"):
        check(nodes(model, **{name: (4, value)}))


def test_cycles(model):
    with pytest.raises(ModelError, match=r"cycle.*Cell\[0\]\.dend\[3\]\(0\.25\)"):
        check(nodes(model, parent=(3, 4)))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_everything_wrong_is_said_at_once(model, value):
    diffusion, clamp, hh = model.placements
    gnabar = hh.values["gnabar"].copy()
    gnabar[1:] = value
    broken = (
        dataclasses.replace(diffusion, globals={**diffusion.globals, "q": value}),
        dataclasses.replace(clamp, values={"amp": np.array([0.1, value])}),
        dataclasses.replace(hh, values={**hh.values, "gnabar": gnabar}),
    )
    ion = dataclasses.replace(model.ions[0], e=np.array([value, 50, 50]))
    settings = dataclasses.replace(model.settings, dt=value, celsius=value)
    wrong = dataclasses.replace(nodes(model, cm=(1, value)), placements=broken, ions=(ion,), settings=settings)
    with pytest.raises(ModelError) as caught:
        check(wrong)
    lines = str(caught.value).splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "the model cannot be simulated",
        "cm (uF/cm2) must be a number that is not negative",
        "q_cadif is not a number",
        "amp_IClamp is not a number",
        "gnabar_hh is not a number",
        "ena is not a number",
        "dt (ms) must be positive",
        "celsius is not a number",
    ]
    assert lines[3].endswith(": IClamp[4]")
    assert lines[4].endswith(": Cell[0].dend[3](0.25), Cell[0].dend[3](0.75)")


def test_what_a_mechanism_computes_may_be_anything(model):
    diffusion, clamp, hh = model.placements
    computed = dataclasses.replace(hh, values={**hh.values, "m": np.full(3, np.nan)})
    check(dataclasses.replace(model, placements=(diffusion, clamp, computed)))


def with_events(model, delay=1.0, weight=0.1, threshold=10.0):
    """The model with a synapse and two connections onto it, the second with values of its own."""
    synapse = Placement("ExpSyn", "point", np.array([3]), {"tau": np.array([0.1])}, {}, ("ExpSyn[2]",))
    none = np.zeros(0, np.int64)
    events = Events(
        Sources(
            kind=("voltage", "none"),
            node=np.array([1, -1]),
            mechanism=("", ""),
            variable=("", ""),
            instance=np.array([-1, -1]),
            threshold=np.array([threshold, 10.0]),
            gid=np.array([-1, -1]),
        ),
        Connections(
            source=np.array([1, 0]),
            mechanism=np.array([0, 0]),
            instance=np.array([0, 0]),
            delay=np.array([0.0, delay]),
            active=np.array([True, True]),
            targets=("ExpSyn",),
            weights={"ExpSyn": np.array([[0.0], [weight]])},
        ),
        KnownSpikes(none, np.zeros(0)),
        PendingEvents(np.zeros(0), none, none, none, np.zeros(0), (), np.zeros(0, np.bool_)),
    )
    return dataclasses.replace(model, placements=(*model.placements, synapse), events=events)


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"delay": -0.1}, "a delay (ms) must be a number that is not negative: Cell[0].soma[0](0.5) -> ExpSyn[2]"),
        ({"delay": np.nan}, "a delay (ms) must be a number that is not negative: Cell[0].soma[0](0.5) -> ExpSyn[2]"),
        ({"weight": np.nan}, "a weight is not a number: Cell[0].soma[0](0.5) -> ExpSyn[2]"),
        ({"threshold": np.nan}, "a threshold is not a number: Cell[0].soma[0](0.5)"),
    ],
)
def test_events(model, wrong, complaint):
    check(with_events(model, delay=1e9))
    with pytest.raises(ModelError) as raised:
        check(with_events(model, **wrong))
    assert str(raised.value).splitlines()[1:] == [complaint]


@pytest.mark.parametrize(
    ("part", "complaint"),
    [
        ({"source": np.array([1, 2])}, "a connection comes from a source that there is not: number 1"),
        ({"instance": np.array([1, 0])}, "a connection leads to an instance that there is not: number 0"),
        ({"mechanism": np.array([0, -1])}, "a connection leads to no mechanism that is named: number 1"),
    ],
)
def test_ends_of_connections(model, part, complaint):
    sound = with_events(model)
    wires = dataclasses.replace(sound.events.connections, **part)
    with pytest.raises(ModelError) as raised:
        check(dataclasses.replace(sound, events=dataclasses.replace(sound.events, connections=wires)))
    assert str(raised.value).splitlines()[1:] == [complaint]


@pytest.mark.parametrize(
    ("source", "time", "complaint"),
    [
        ([0, 0], [2.0, 1.0], "sorted"),
        ([0, 0], [1.0, np.nan], "sorted"),
        ([0, 7], [1.0, 1.0], "comes from a source that there is not"),
    ],
)
def test_known_spikes(model, source, time, complaint):
    sound = with_events(model)
    known = KnownSpikes(np.array(source), np.array(time))
    with pytest.raises(ModelError, match=complaint):
        check(dataclasses.replace(sound, events=dataclasses.replace(sound.events, known=known)))
