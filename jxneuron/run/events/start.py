"""What finitialize does with events: empty queues, NET_RECEIVE's INITIAL, the events of the start itself.

In: a State after the INITIALs of the mechanisms. Out: the State with its events.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from jxneuron.lower.program import EventState, Log, Lost, Params, Program, Queue, Route, Slot, State, Wiring
from jxneuron.mech.mechanism import Action, Mechanism, Received
from jxneuron.run.derived import Derived
from jxneuron.run.environment import Arguments, arguments, store
from jxneuron.run.events.additive import weights_of
from jxneuron.run.events.deliver import begin_run, deliver, end_run
from jxneuron.run.events.flight import empty_flight
from jxneuron.run.events.layout import lay_out
from jxneuron.run.events.queue import none_moving, put_in
from jxneuron.run.events.spikes import number_of_sources
from jxneuron.run.events.watch import not_armed
from jxneuron.run.in_order import take_instances


def empty_queues(program: Program, params: Params, derived: Derived, wiring: Wiring | None, state: State) -> State:
    """Return the State with no events at all."""
    if wiring is None:
        return state
    state = state._replace(events=_no_events(program, wiring))
    if wiring.ordered is None or state.events is None:
        return state
    ordered = [receiver.slot for receiver in program.receivers if not receiver.additive]
    layouts = lay_out(program, {slot.name: arguments(program, slot, params, derived, state) for slot in ordered})
    return state._replace(
        events=state.events._replace(
            watch={
                layout.name: not_armed(len(layout.nodes), len(layout.mechanism.watches))
                for layout in layouts.layouts
                if layout.mechanism.watches
            },
            moving={layout.name: none_moving(len(layout.nodes)) for layout in layouts.layouts if layout.moves},
            weights={
                layout.name: jnp.asarray(params.weights[layout.name])
                for layout in layouts.layouts
                if layout.name in params.weights
                and (layout.writes_weights or layout.mechanism.receive_initial is not None)
            },
        )
    )


def send_initial(program: Program, slot: Slot, state: State, actions: Sequence[Action]) -> State:
    """Put into the Queue what INITIAL of a mechanism sends: one instance after another, each in the order of its code.

    Args:
        program: its ``receivers`` hold the mechanism.
        slot: of the mechanism.
        state: its events are empty or what other INITIALs have sent.
        actions: of ``Mechanism.initial_sends``, (instance,) each.
    """
    events = state.events
    if events is None or events.queue is None:
        return state
    before = events.queue
    number = next(k for k, receiver in enumerate(program.receivers) if receiver.slot.name == slot.name)
    instances = len(program.node_sets[slot.nodes])
    for_each = [jnp.broadcast_to(part, instances) for action in actions for part in action]
    when, time, flag = (jnp.stack(for_each[k::3], axis=1) for k in range(3))
    sent = events.sent + (jnp.cumsum(when, dtype=jnp.int32) - 1).reshape(when.shape)
    events = events._replace(sent=events.sent + when.sum(dtype=np.int32))
    if slot.name in events.moving:
        moving, when = _movable(events.moving[slot.name], when, time, flag, sent)
        events = events._replace(moving={**events.moving, slot.name: moving})
    whose = jnp.repeat(jnp.arange(instances, dtype=jnp.int32), len(actions))
    new = Queue(
        time=jnp.where(when, time, jnp.inf).ravel(),
        receiver=jnp.full(whose.shape, number, jnp.int32),
        instance=whose,
        connection=jnp.full(whose.shape, -1, jnp.int32),
        flag=flag.ravel(),
        sent=sent.ravel(),
    )
    queue, lost = put_in(before, events.lost, new)
    return state._replace(events=events._replace(queue=queue, lost=lost))


def _movable(moving: Array, when: Array, time: Array, flag: Array, sent: Array) -> tuple[Array, Array]:
    """Return EventState.moving with the last event of flag 1 of each instance, and which events the Queue keeps."""
    candidates = when & (flag == 1.0)
    places = jnp.arange(when.shape[1], dtype=jnp.int32)
    last = jnp.max(jnp.where(candidates, places[None, :], -1), axis=1)
    is_last = candidates & (places[None, :] == last[:, None])
    own = [jnp.where(is_last, part, 0.0).sum(axis=1) for part in (time, sent.astype(time.dtype))]
    new = jnp.stack([*own, jnp.full(len(last), -1.0), jnp.ones(len(last))], axis=1)
    return jnp.where((last >= 0)[:, None], new, moving), when & ~is_last


def start_connections(program: Program, params: Params, derived: Derived, wiring: Wiring | None, state: State) -> State:
    """Run NET_RECEIVE's INITIAL for every connection, then put the events that the model's own handlers sent."""
    if wiring is None:
        return state
    for number, receiver in enumerate(program.receivers):
        mechanism = receiver.slot.mechanism
        route = wiring.additive.get(mechanism.name) if receiver.additive else wiring.ordered
        if route is not None and mechanism.receive_initial is not None:
            state = _initial_weights(program, params, derived, number, route, state)
    return _take_over(wiring.queue, state)


def _take_over(pending: Queue | None, state: State) -> State:
    """Put self events into the Queue that were pending in NEURON and that no INITIAL sends."""
    events = state.events
    if pending is None or events is None or events.queue is None:
        return state
    queue, lost = put_in(events.queue, events.lost, pending._replace(sent=events.sent + pending.sent))
    sent = events.sent + jnp.asarray(len(pending.sent), jnp.int32)
    return state._replace(events=events._replace(queue=queue, lost=lost, sent=sent))


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
    program: Program, params: Params, derived: Derived, number: int, route: Route, state: State
) -> State:
    """Run NET_RECEIVE's INITIAL of one receiver: for all connections at once where it sets weights alone.

    Where it sets fields of its instance too, connections follow one another in the order of NetCons.
    """
    receiver = program.receivers[number]
    slot, mechanism = receiver.slot, receiver.slot.mechanism
    assert state.events is not None and mechanism.receive_initial is not None
    own = jnp.asarray(route.receiver) == number
    taken = arguments(program, slot, params, derived, state)
    weights = jnp.asarray(weights_of(params, state, slot.name))
    received = _for_connections(mechanism, taken, route.instance, weights[route.weight_row])
    if not received.updates:
        weights = _store_weights(mechanism.weights, route, own, weights, received.weights)
        return state._replace(events=state.events._replace(weights={**state.events.weights, slot.name: weights}))
    order = jnp.argsort(jnp.where(own, route.weight_row, _NOWHERE))

    def one(k: Array, carry: tuple[Any, Array]) -> tuple[Any, Array]:
        s, weights = carry
        place = order[k][None]
        at, row = route.instance[place], route.weight_row[place]
        received = _for_connections(mechanism, taken._replace(s=s), at, weights[row])
        s = {**s, **{name: _at_instance(mechanism, name, s[name], at, x) for name, x in received.updates.items()}}
        for name, values in received.weights.items():
            weights = weights.at[row, mechanism.weights.index(name)].set(values)
        return s, weights

    s, weights = lax.fori_loop(0, own.sum(), one, (dict(taken.s), weights))
    events = state.events._replace(weights={**state.events.weights, slot.name: weights})
    return store(slot, state._replace(events=events), s)


_NOWHERE = np.int32(2**31 - 1)  # beyond every array: what is written there is dropped


def _for_connections(mechanism: Mechanism, taken: Arguments, instance: Array, weights: Array) -> Received:
    """Run NET_RECEIVE's INITIAL for some connections: their instances, (k,), and their weights, (k, weights of one)."""
    assert mechanism.receive_initial is not None
    p, s, env = (take_instances(mechanism, values, instance) for values in (taken.p, taken.s, taken.env))
    by_name = {name: weights[:, k] for k, name in enumerate(mechanism.weights)}
    return mechanism.receive_initial(p, s, taken.v[instance], env, by_name, jnp.zeros(len(instance)))


def _at_instance(mechanism: Mechanism, name: str, old: Array, at: Array, values: Array) -> Array:
    """Return a field with the values of one instance, (1,) or (size, 1), or with a shared value."""
    return old.at[..., at].set(values) if mechanism.by_name[name].per_instance else values


def _store_weights(names: tuple[str, ...], route: Route, own: Array, weights: Array, new: Any) -> Array:
    row = jnp.where(own, route.weight_row, _NOWHERE)
    for name, values in new.items():
        weights = weights.at[row, names.index(name)].set(values, mode="drop")
    return weights
