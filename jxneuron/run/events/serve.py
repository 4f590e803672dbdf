"""Serve one event of an ordered receiver: NET_RECEIVE on rows, and what it asks of the queue.

In: the event and its rows. Out: changed rows, and orders: what goes into the queues once the pass is over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array, lax

from jxneuron.mech.mechanism import Action, Received
from jxneuron.run.events.layout import Layout, Layouts, Variable
from jxneuron.run.events.queue import MOVABLE, MOVING, MOVING_CONNECTION, MOVING_SENT, MOVING_TIME
from jxneuron.run.events.rows import Rows, values_of, with_updates
from jxneuron.run.events.watch import arm, still_pending

Constants = Mapping[str, Mapping[Variable, Any]]  # by mechanism, see rows.Read
SEND, SPIKE_NOW, STOP = 1.0, 2.0, 3.0  # kinds of orders: net_send, net_event, what NEURON stops at; 0 for none
ORDER = 5  # columns of an order: kind, time, flag, sent, connection


class Event(NamedTuple):
    """One event, () each."""

    time: Any  # ms
    sent: Any  # int32
    flag: Any
    layout: Any  # int32
    connection: Any  # int32, as in Queue
    origin: Any  # int32, see run.events.queue
    to_first: Any  # ms from a net_event of the instance to its first arrival at an ordered receiver; inf for none


class Aside(NamedTuple):
    """What events change besides Rows, and no derivative goes through."""

    moving: Any  # (4,) a row of EventState.moving
    watch: Any  # (4 * statements,) a row of EventState.watch
    sent: Any  # () int32, events sent so far
    earliest: Any  # () ms, when the first of those is due that were sent since the agenda was made


def receive_rows(
    layouts: Layouts, rows: Rows, read: Array, constants: Constants, layout: Array, time: Array, flag: Array
) -> Rows:
    """Run NET_RECEIVE of one event, and return its rows alone: the part through which derivatives go."""

    def branch(one: Layout) -> Any:
        def run(rows: Rows, read: Array) -> Rows:
            received, _ = _receive(one, rows, read, constants, time, flag, layouts.secondorder)
            return with_updates(one, rows, received.updates, received.weights)

        return run

    return _switch(layouts, layout, branch, rows, read)


def serve(
    layouts: Layouts, event: Event, rows: Rows, aside: Aside, read: Array, constants: Constants
) -> tuple[Rows, Aside, Array, Array]:
    """Serve one event.

    Args:
        layouts: of the rows.
        event: which.
        rows: what it may change.
        aside: likewise, without derivatives.
        read: what its instance reads.
        constants: what all instances read.

    Returns:
        Rows, Aside, the orders, (orders * 5,), and whether the event was served, () bool: not where it was moved or
        cancelled after the agenda was made.
    """

    def branch(layout: Layout) -> Any:
        def run(rows: Rows, aside: Aside, read: Array) -> tuple[Rows, Aside, Array, Array]:
            return _serve(layouts, layout, event, rows, aside, read, constants)

        return run

    return _switch(layouts, event.layout, branch, rows, aside, read)


def _switch(layouts: Layouts, which: Array, branch: Any, *operands: Any) -> Any:
    if len(layouts.layouts) == 1:
        return branch(layouts.layouts[0])(*operands)
    return lax.switch(which, [branch(layout) for layout in layouts.layouts], *operands)


def _receive(
    layout: Layout, rows: Rows, read: Array, constants: Constants, time: Array, flag: Array, secondorder: int
) -> tuple[Received, tuple[Array, ...]]:
    """Run NET_RECEIVE; return also the values of the WATCH conditions with what it leaves."""
    mechanism = layout.mechanism
    values = values_of(layout, rows, read, constants[layout.name])
    env = {**values["env"], "t": time, "secondorder": secondorder}
    v = values["v"].get("v", jnp.zeros(()))
    weights = {name: rows.weights[k] for k, name in enumerate(mechanism.weights)}
    assert mechanism.receive is not None
    received = mechanism.receive(values["p"], values["s"], v, env, weights, flag)
    left = {**values["s"], **{name: x for name, x in received.updates.items() if name in values["s"]}}
    return received, tuple(condition(values["p"], left, v, env) for condition in mechanism.watches)


def _serve(
    layouts: Layouts, layout: Layout, event: Event, rows: Rows, aside: Aside, read: Array, constants: Constants
) -> tuple[Rows, Aside, Array, Array]:
    stays, before = jnp.ones((), bool), aside
    if layout.moves:
        moving = aside.moving
        same = (moving[MOVING_TIME] == event.time) & (moving[MOVING_SENT] == event.sent.astype(moving.dtype))
        stays = stays & ((event.origin != MOVING) | same)
        aside = aside._replace(moving=_delivered(moving, event))
    if layout.mechanism.watches:
        pending = still_pending(aside.watch, jnp.maximum(-2 - event.connection, 0), event.sent)
        stays = stays & ((event.connection > -2) | pending)
    received, conditions = _receive(layout, rows, read, constants, event.time, event.flag, layouts.secondorder)
    new = with_updates(layout, rows, received.updates, received.weights)
    aside, orders = _act(layout, event, aside, received.actions)
    if layout.mechanism.watches:
        width = 4 * len(layout.mechanism.watches)
        row, sent = arm(aside.watch[:width], received.armed, conditions, aside.sent)
        aside = aside._replace(watch=jnp.concatenate([row, aside.watch[width:]]), sent=sent)
    table = jnp.concatenate([jnp.zeros(0), *orders, jnp.zeros(ORDER * (layouts.orders - len(orders)))])
    if not (layout.moves or layout.mechanism.watches):
        return new, aside, table, stays
    new, aside = _where(stays, (new, aside), (rows, before))
    return new, aside, jnp.where(stays, table, 0.0), stays


def _where(when: Array, new: Any, old: Any) -> Any:
    return jax.tree.map(lambda a, b: jnp.where(when, a, b), new, old)


def _delivered(moving: Array, event: Event) -> Array:
    """Return a row of EventState.moving once an event is delivered: after one with flag 1 nothing can be moved."""
    row = jnp.where(event.origin == MOVING, moving.at[MOVING_TIME].set(jnp.inf), moving)
    return jnp.where(event.flag == 1.0, row.at[MOVABLE].set(0.0), row)


def _act(layout: Layout, event: Event, aside: Aside, actions: Sequence[Action]) -> tuple[Aside, list[Array]]:
    """Do what NET_RECEIVE asks of the queue, in the order of its code."""
    orders: list[Array] = []
    for kind, action in zip(layout.mechanism.actions, actions, strict=True):
        action = Action(*(jnp.asarray(part) for part in action))
        act = {"move": _net_move, "event": _net_event, "send": _net_send}[kind]
        aside, sent = act(layout, event, aside, action)
        orders += sent
    return aside, orders


def _order(when: Array, kind: Any, *rest: Any) -> Array:
    """Return an order: kind, time, flag, sent and connection; zeros where ``when`` is False."""
    row = jnp.stack([jnp.asarray(x).astype(float) for x in (kind, *rest)])
    return jnp.where(when, row, 0.0)


def _or_stop(event: Event, action: Action, kind: float) -> Array:
    """Return the kind of an order, STOP where it is for a time that is past."""
    return jnp.where(action.time >= event.time, kind, STOP)


def _sent(aside: Aside, when: Array, due: Array) -> Aside:
    """Count one event that was sent; ``due`` is when it arrives first, () ms."""
    earliest = jnp.minimum(aside.earliest, jnp.where(when, due, jnp.inf))
    return aside._replace(sent=aside.sent + when.astype(jnp.int32), earliest=earliest)


def _net_event(layout: Layout, event: Event, aside: Aside, action: Action) -> tuple[Aside, list[Array]]:
    kind = _or_stop(event, action, SPIKE_NOW)
    order = _order(action.when, kind, action.time, 0.0, aside.sent, -1.0)
    return _sent(aside, action.when, action.time + event.to_first), [order]


def _net_send(layout: Layout, event: Event, aside: Aside, action: Action) -> tuple[Aside, list[Array]]:
    """Send a self event; where the mechanism moves events, one with flag 1 becomes the movable one."""
    connection, kind = jnp.maximum(event.connection, -1), _or_stop(event, action, SEND)
    row = (kind, action.time, action.flag, aside.sent, connection)
    after = _sent(aside, action.when, action.time)
    if not layout.moves:
        return after, [_order(action.when, *row)]
    old, movable = aside.moving, action.when & (action.flag == 1.0) & (kind == SEND)
    new = jnp.stack([jnp.asarray(x).astype(old.dtype) for x in (action.time, aside.sent, connection, 1.0)])
    pushed_out = movable & (old[MOVING_TIME] < jnp.inf)
    orders = [
        _order(action.when & ~movable, *row),
        _order(pushed_out, SEND, old[MOVING_TIME], 1.0, old[MOVING_SENT], old[MOVING_CONNECTION]),
    ]
    earliest = jnp.minimum(after.earliest, jnp.where(pushed_out, old[MOVING_TIME], jnp.inf))
    return after._replace(moving=jnp.where(movable, new, old), earliest=earliest), orders


def _net_move(layout: Layout, event: Event, aside: Aside, action: Action) -> tuple[Aside, list[Array]]:
    """Move the movable event; NEURON stops where there is none, or where its new time is past."""
    old = aside.moving
    may = (old[MOVABLE] > 0.0) & (old[MOVING_TIME] < jnp.inf) & (action.time >= event.time)
    new = old.at[MOVING_TIME].set(action.time).at[MOVING_SENT].set(aside.sent.astype(old.dtype))
    moved = action.when & may
    stop = _order(action.when & ~may, STOP, action.time, 0.0, 0.0, -1.0)
    return _sent(aside, moved, action.time)._replace(moving=jnp.where(moved, new, old)), [stop]
