"""What finitialize does with events: empty queues, NET_RECEIVE's INITIAL, the events of the start itself.

In: a State after the INITIALs of the mechanisms. Out: the State with its events.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import Array

from jxneuron.lower.program import EventState, Log, Lost, Params, Program, Queue, Receiver, Route, State, Wiring
from jxneuron.run.derived import Derived
from jxneuron.run.environment import arguments
from jxneuron.run.events.deliver import begin_run, deliver, end_run
from jxneuron.run.events.flight import empty_flight
from jxneuron.run.events.spikes import number_of_sources
from jxneuron.run.in_order import own_names


def start_events(program: Program, params: Params, derived: Derived, wiring: Wiring | None, state: State) -> State:
    """Empty all queues, then run NET_RECEIVE's INITIAL for every connection."""
    if wiring is None:
        return state
    state = state._replace(events=_no_events(program, wiring))
    for receiver in program.receivers:
        if receiver.additive and receiver.slot.mechanism.receive_initial is not None:
            state = _initial_weights(program, params, derived, receiver, wiring, state)
    return state


def deliver_at_start(program: Program, params: Params, derived: Derived, wiring: Wiring | None, state: State) -> State:
    """Deliver what happens up to the start of a run."""
    wired, state = begin_run(program, params, derived, wiring, state)
    return end_run(deliver(program, params, derived, wired, state, state.t))


def _no_events(program: Program, wiring: Wiring) -> EventState:
    capacity, zero, none = program.capacity, jnp.zeros((), jnp.int32), jnp.full((), -1, jnp.int32)
    return EventState(
        additive={name: empty_flight(capacity.spikes) for name in wiring.additive},
        passing={},
        ordered=None if wiring.ordered is None else empty_flight(capacity.spikes),
        queue=None if wiring.ordered is None else _empty_queue(capacity.queue),
        above=jnp.zeros(number_of_sources(wiring), bool),
        watch={},
        moving={},
        weights={},
        known=zero,
        sent=zero,
        log=_empty_log(capacity.log) if capacity.log else None,
        lost=Lost(zero, zero, zero, none, jnp.asarray(jnp.inf), zero, zero, none, none),
    )


def _empty_queue(places: int) -> Queue:
    whole = jnp.zeros(places, jnp.int32)
    return Queue(jnp.full(places, jnp.inf), whole, whole, whole, jnp.zeros(places), whole)


def _empty_log(places: int) -> Log:
    return Log(jnp.zeros(places), jnp.zeros(places, jnp.int32), jnp.zeros((), jnp.int32))


def _initial_weights(
    program: Program, params: Params, derived: Derived, receiver: Receiver, wiring: Wiring, state: State
) -> State:
    """Run NET_RECEIVE's INITIAL of a receiver whose events only add, for all connections at once.

    Such an INITIAL sets weights alone, so that the order of connections makes no difference.
    """
    slot, mechanism = receiver.slot, receiver.slot.mechanism
    route = wiring.additive.get(slot.name)
    if route is None or state.events is None or mechanism.receive_initial is None:
        return state
    p, s, v, env = arguments(program, slot, params, derived, state)
    own = own_names(mechanism)
    p, s, env = (
        {name: x[..., route.instance] if name in own else x for name, x in values.items()} for values in (p, s, env)
    )
    weights = jnp.asarray(params.weights[slot.name])
    by_name = {name: weights[route.weight_row, k] for k, name in enumerate(mechanism.weights)}
    received = mechanism.receive_initial(p, s, v[route.instance], env, by_name, 0.0)
    weights = _store_weights(mechanism.weights, route, weights, received.weights)
    return state._replace(events=state.events._replace(weights={**state.events.weights, slot.name: weights}))


def _store_weights(names: tuple[str, ...], route: Route, weights: Array, new: Any) -> Array:
    for name, values in new.items():
        weights = weights.at[route.weight_row, names.index(name)].set(values)
    return weights
