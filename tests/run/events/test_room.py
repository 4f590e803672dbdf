"""Events that find no place: a run is repeated with more of them, or is not a number from there on."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxneuron as jx
from jxneuron.lower.program import Capacity
from jxneuron.modules import simulate
from jxneuron.modules.room import room_for_rerun, with_room
from jxneuron.run import integrate
from tests.run.events.networks import NETWORKS, known_spikes, run, simulation_of, spikes_of, with_events

NETWORK = NETWORKS["fan_out"]
SMALL = Capacity(spikes=2, queue=1, agenda=1, log=3)


@pytest.fixture(scope="module")
def small(references):
    """The network with room for two spikes on their way and three that are recorded; what a run of it leaves."""
    simulation = simulation_of(with_events(references["fan_out"]))
    simulation = dataclasses.replace(simulation, program=dataclasses.replace(simulation.program, capacity=SMALL))
    return simulation, *run(simulation, NETWORK)


def test_nothing_is_a_number_after_the_first_loss(small, references):
    _, last, v = small
    lost, reference = last.events.lost, references["fan_out"]
    assert int(lost.spikes) > 0
    assert NETWORK.order[int(lost.source)] in reference.spikes
    step = round(float(lost.time) / NETWORK.dt) + 1
    assert np.isnan(v[:, step:]).all()
    np.testing.assert_allclose(v[:, :step], reference.v[:, :step], rtol=0, atol=1e-9)


def test_a_run_with_more_room_loses_nothing(small, references):
    simulation, last, _ = small
    state = integrate.start(
        simulation.program, simulation.params, np.float64(NETWORK.dt), np.float64(0.0), simulation.wiring
    )
    times = integrate.clock(0.0, NETWORK.dt, NETWORK.tstop)
    runs = 0
    while (needed := room_for_rerun(simulation, last)) is not None:
        assert needed.spikes == 2 * simulation.program.capacity.spikes or needed.log > simulation.program.capacity.log
        simulation, state = with_room(simulation, state, needed)
        last, v = integrate.run(
            simulation.program,
            simulation.params,
            state,
            np.float64(NETWORK.dt),
            times,
            wiring=simulation.wiring,
        )
        runs += 1
    assert runs > 1
    assert spikes_of(last, NETWORK) == references["fan_out"].spikes
    np.testing.assert_allclose(v, references["fan_out"].v, rtol=0, atol=1e-9)


def test_what_is_on_its_way_keeps_its_place(references):
    simulation = simulation_of(with_events(references["fan_out"]))
    dt, half = np.float64(NETWORK.dt), 12.0
    state = integrate.start(simulation.program, simulation.params, dt, np.float64(0.0), simulation.wiring)
    middle, _ = integrate.run(
        simulation.program, simulation.params, state, dt, integrate.clock(0.0, dt, half), wiring=simulation.wiring
    )
    assert int((middle.events.additive["ExpSyn"].next < np.inf).sum()) > 1
    larger, grown = with_room(simulation, middle, Capacity(spikes=256, log=2048))
    times = integrate.clock(float(middle.t), dt, NETWORK.tstop)
    ends = [
        integrate.run(each.program, each.params, start, dt, times, wiring=each.wiring)
        for each, start in ((simulation, middle), (larger, grown))
    ]
    np.testing.assert_array_equal(ends[0][1], ends[1][1])
    assert spikes_of(ends[0][0], NETWORK) == spikes_of(ends[1][0], NETWORK) == references["fan_out"].spikes


@pytest.fixture(scope="module")
def storm(references):
    """A network into which more spikes come than it has room for by itself."""
    reference = references["fan_out"]
    known = known_spikes([(1, 1.0 + 0.01 * k) for k in range(200)])
    model = with_events(reference, known=known)
    return simulation_of(model).model


def test_integrate_repeats_the_run_and_remembers(storm):
    network = jx.Network.from_model(storm)
    with pytest.warns(UserWarning, match=r"no room for a spike of soma2\(0.5\) at t = .*events_capacity = {'spikes'"):
        v = jx.integrate(network, t_max=4.0, delta_t=0.025)
    assert np.isfinite(v).all()
    assert network.events_capacity["spikes"] == 256
    traced = jax.jit(lambda: jx.integrate(network, t_max=4.0, delta_t=0.025))()
    np.testing.assert_allclose(traced, v, rtol=0, atol=1e-12)
    network.events_capacity = {}
    lossy = jax.jit(lambda: jx.integrate(network, t_max=4.0, delta_t=0.025))()
    assert np.isfinite(lossy[:, :40]).all()
    assert jnp.isnan(lossy[:, -1]).all()


def test_a_report_says_that_a_run_was_repeated(storm):
    result = simulate.run_model(storm, t_stop=4.0)
    assert [note.place for note in result.notes if note.kind == "events"] == ["room", "room"]
    assert (result.spikes["soma2(0.5).v"] < 3.1).sum() >= 200


@pytest.mark.parametrize("wrong", [{"spike": 3}, {"spikes": 0}, {"log": 1.5}, {"queue": True}])
def test_wrong_capacities(storm, wrong):
    network = jx.Network.from_model(storm)
    with pytest.raises(jx.ModelError, match=r"events_capacity\["):
        network.events_capacity = wrong
