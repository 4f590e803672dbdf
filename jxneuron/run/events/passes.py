"""Serve the events of ordered receivers that are due, one at a time in NEURON's order.

In: the full arrays, the queues, and a time. Out: both after every event up to and including that time.

Events are served in passes. A pass sorts what is due (``run.events.queue``), takes out the rows that its events need
(``run.events.rows``), serves one event after another (``run.events.serve``), and puts rows and orders back. It ends
early where an event that was just sent comes before the next of the agenda.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from jxneuron.lower.program import EventState, Program, Queue, Route, Wiring
from jxneuron.run.events.flight import Spikes
from jxneuron.run.events.layout import Layouts
from jxneuron.run.events.queue import Agenda, due_events, earliest, put_in, take_out
from jxneuron.run.events.rows import (
    Changed,
    Places,
    Read,
    Rows,
    places_of,
    put_rows,
    take_read,
    take_rows,
)
from jxneuron.run.events.serve import ORDER, SEND, SPIKE_NOW, STOP, Aside, Event, serve
from jxneuron.run.events.spikes import once, send_spikes
from jxneuron.run.events.watch import COLUMNS

# Events of one delivery, besides some of each connection: more are taken for a loop without end
MOST_EVENTS = 100_000
MOST_OF_CONNECTION = 8


class EventLog(NamedTuple):
    """Events in the order in which they were served, and the rows that each of them found. L places."""

    count: Any  # () int32, also of those that found no place
    time: Any  # (L,) ms
    flag: Any  # (L,)
    layout: Any  # (L,) int32
    instance: Any  # (L,) int32
    weight_row: Any  # (L,) int32, -1 for none
    rows: Rows  # (L, ...) each


class Passes(NamedTuple):
    """What the passes of one delivery change."""

    changed: Changed
    events: EventState
    served: Any  # () int32, events so far
    log: EventLog | None


class Turn(NamedTuple):
    """What the events of one pass change."""

    k: Any  # () int32, the next place of the agenda
    own: Any  # (A, f + 4 + 4 * statements): Rows.own, then the rows of EventState.moving and EventState.watch
    node: Any  # (A, g)
    weights: Any  # (A, w)
    shared: Any  # (h,)
    sent: Any  # () int32
    earliest: Any  # () ms, see Aside
    orders: Any  # (A, orders * 5)
    log: EventLog | None


def serve_due(
    program: Program,
    layouts: Layouts,
    wiring: Wiring,
    changed: Changed,
    read: Read,
    events: EventState,
    edge: Array,
    log: EventLog | None = None,
) -> tuple[Changed, EventState, EventLog | None]:
    """Serve everything up to and including ``edge``.

    Args:
        program: its capacity says how many events a pass serves.
        layouts: of the ordered receivers.
        wiring: the connections.
        changed: what events change.
        read: what they read.
        events: the queues.
        edge: () ms.
        log: room for the events and what they found, which derivatives need; None without.

    Returns:
        ``changed``, ``events`` and ``log`` afterwards.
    """
    assert wiring.ordered is not None
    most = MOST_EVENTS + MOST_OF_CONNECTION * len(wiring.ordered.instance)

    def more(passes: Passes) -> Array:
        is_due, lost = earliest(layouts, passes.events) <= edge, passes.events.lost
        return is_due & (lost.stopped + lost.endless == 0)

    def one(passes: Passes) -> Passes:
        return _one_pass(program, layouts, wiring, read, passes, edge, most)

    end = lax.while_loop(more, one, Passes(changed, events, jnp.zeros((), jnp.int32), log))
    return end.changed, end.events, end.log


def _one_pass(
    program: Program, layouts: Layouts, wiring: Wiring, read: Read, passes: Passes, edge: Array, most: int
) -> Passes:
    route, events = wiring.ordered, passes.events
    assert route is not None
    agenda = due_events(layouts, route, events, edge, program.capacity.agenda)
    weight_row = jnp.where(agenda.connection >= 0, _at(route.weight_row, agenda.connection), -1)
    places = places_of(layouts, agenda.layout, agenda.instance, weight_row)
    turn, widths = _serve_all(program, layouts, route, agenda, places, read, passes)
    is_served = jnp.arange(len(agenda.time), dtype=jnp.int32) < turn.k
    mine, moving, watch = jnp.split(turn.own, widths, axis=1)
    changed = put_rows(layouts, places, is_served, passes.changed, Rows(mine, turn.node, turn.weights, turn.shared))
    events = _put_aside(layouts, places, take_out(route, events, agenda, is_served), moving, watch)
    events = events._replace(sent=turn.sent)
    if layouts.orders:
        fill = partial(_fill_orders, layouts, wiring, agenda, turn.orders)
        events = once((turn.orders != 0.0).any(), fill, events)
    served = passes.served + turn.k
    events = _count_endless(layouts, events, served > most, agenda, turn.k - 1)
    return Passes(changed, events, served, turn.log)


def _count_endless(layouts: Layouts, events: EventState, endless: Array, agenda: Agenda, last: Array) -> EventState:
    """Note that events do not end, and which instance is served last."""
    lost = events.lost
    receiver = jnp.asarray([layout.number for layout in layouts.layouts], jnp.int32)[agenda.layout[last]]
    lost = lost._replace(
        endless=lost.endless + endless.astype(jnp.int32),
        receiver=jnp.where(endless, receiver, lost.receiver),
        instance=jnp.where(endless, agenda.instance[last], lost.instance),
        time=jnp.where(endless, jnp.minimum(lost.time, agenda.time[last]), lost.time),
    )
    return events._replace(lost=lost)


def _at(values: Any, index: Array) -> Array:
    """Return ``values[index]``; of an empty array zeros."""
    return values.at[index].get(mode="clip") if len(values) else jnp.zeros(index.shape, values.dtype)


def _serve_all(
    program: Program, layouts: Layouts, route: Route, agenda: Agenda, places: Places, read: Read, passes: Passes
) -> tuple[Turn, list[int]]:
    """Serve the events of an agenda, until one that was just sent comes first."""
    size = len(agenda.time)
    read_rows, weights = take_read(layouts, places, read, jnp.nan)
    start, widths = _start(layouts, places, passes, weights)
    to_first = _to_first(layouts, route, places)

    def more(turn: Turn) -> Array:
        return (turn.k < agenda.count) & (_get(agenda.time, jnp.minimum(turn.k, size - 1)) <= turn.earliest)

    def one(turn: Turn) -> Turn:
        k = turn.k
        own, node, connection = (_get(x, k) for x in (places.own, places.node, places.weights))
        described = (agenda.time, agenda.sent, agenda.flag, agenda.layout, agenda.connection, agenda.origin, to_first)
        mine, moving, watch = jnp.split(_get(turn.own, own), widths)
        row = Rows(mine, _get(turn.node, node), _get(turn.weights, connection), turn.shared)
        aside = Aside(moving, watch, turn.sent, turn.earliest)
        event = Event(*(_get(x, k) for x in described))
        found = row
        row, aside, orders, served = serve(layouts, event, row, aside, _get(read_rows, k), read.constants)
        return Turn(
            k=k + 1,
            own=_set(turn.own, own, jnp.concatenate([row.own, aside.moving, aside.watch])),
            node=_set(turn.node, node, row.node) if layouts.node else turn.node,
            weights=_set(turn.weights, connection, row.weights) if layouts.writes_weights else turn.weights,
            shared=row.shared,
            sent=aside.sent,
            earliest=aside.earliest,
            orders=_set(turn.orders, k, orders),
            log=turn.log and _log(turn.log, served, event, places, k, found),
        )

    return lax.while_loop(more, one, start), widths


def _log(log: EventLog, served: Array, event: Event, places: Places, k: Array, rows: Rows) -> EventLog:
    """Add an event to the log, if it was served."""
    at = jnp.where(served, log.count, len(log.time))
    described = (event.time, event.flag, event.layout, _get(places.instance, k), _get(places.weight_row, k))
    old = (log.time, log.flag, log.layout, log.instance, log.weight_row)
    new = (values.at[at].set(value, mode="drop") for values, value in zip(old, described, strict=True))
    found = Rows(*(values.at[at].set(value, mode="drop") for values, value in zip(log.rows, rows, strict=True)))
    return EventLog(log.count + served.astype(jnp.int32), *new, rows=found)


def _get(rows: Array, k: Array) -> Array:
    """Return row k, which exists: XLA need not check it."""
    return lax.dynamic_index_in_dim(rows, k, keepdims=False)


def _set(rows: Array, k: Array, row: Array) -> Array:
    return lax.dynamic_update_index_in_dim(rows, row, k, 0)


def _start(layouts: Layouts, places: Places, passes: Passes, weights: Array) -> tuple[Turn, list[int]]:
    """Return the rows of a pass before its first event, and where the parts of ``Turn.own`` end."""
    events, size = passes.events, len(places.own)
    rows = take_rows(layouts, places, passes.changed, jnp.nan)
    moving = _aside_rows(layouts, places, events.moving, 4)
    watch = _aside_rows(layouts, places, events.watch, COLUMNS * layouts.watches)
    turn = Turn(
        k=jnp.zeros((), jnp.int32),
        own=jnp.concatenate([rows.own, moving, watch], axis=1),
        node=rows.node,
        weights=rows.weights + weights,
        shared=rows.shared,
        sent=events.sent,
        earliest=jnp.asarray(jnp.inf),
        orders=jnp.zeros((size, layouts.orders * ORDER)),
        log=passes.log,
    )
    return turn, [rows.own.shape[1], rows.own.shape[1] + moving.shape[1]]


def _to_first(layouts: Layouts, route: Route, places: Places) -> Array:
    """Return the delay of the first connection of each event's instance, (A,) ms; inf where it has none."""
    source = _sources(layouts, places.layout, places.instance)
    start = _at(route.row, jnp.maximum(source, 0))
    has = (source >= 0) & (start < _at(route.row, jnp.maximum(source, 0) + 1))
    return jnp.where(has, route.delay[start], jnp.inf)


def _sources(layouts: Layouts, layout: Array, instance: Array) -> Array:
    """Return the source that each event's instance is through net_event, (event,) int32, -1 for none."""
    source = jnp.full(len(instance), -1, jnp.int32)
    for k, one in enumerate(layouts.layouts):
        source = jnp.where(layout == k, _at(jnp.asarray(one.receiver.source, jnp.int32), instance), source)
    return source


def _aside_rows(layouts: Layouts, places: Places, tables: dict[str, Any], width: int) -> Array:
    """Take the rows of EventState.moving or EventState.watch for each event, (A, width)."""
    rows = jnp.zeros((len(places.instance), width if any(layout.name in tables for layout in layouts.layouts) else 0))
    for k, layout in enumerate(layouts.layouts):
        if layout.name in tables:
            own = tables[layout.name].at[places.instance].get(mode="clip")
            own = jnp.pad(own, ((0, 0), (0, width - own.shape[1])))
            rows = jnp.where((places.layout == k)[:, None], own, rows)
    return rows


def _put_aside(layouts: Layouts, places: Places, events: EventState, moving: Array, watch: Array) -> EventState:
    """Put the rows of EventState.moving and EventState.watch back."""
    tables = {"moving": dict(events.moving), "watch": dict(events.watch)}
    first = places.own == jnp.arange(len(places.own), dtype=jnp.int32)
    for k, layout in enumerate(layouts.layouts):
        at = jnp.where(first & (places.layout == k), places.instance, np.int32(2**31 - 1))
        for kind, rows in (("moving", moving), ("watch", watch)):
            if layout.name in tables[kind]:
                old = tables[kind][layout.name]
                tables[kind][layout.name] = old.at[at].set(rows[:, : old.shape[1]], mode="drop")
    return events._replace(**tables)


def _fill_orders(layouts: Layouts, wiring: Wiring, agenda: Agenda, orders: Array, events: EventState) -> EventState:
    """Put what the events of a pass have sent into the Queue and the Flights, in the order in which it was sent."""
    event = jnp.repeat(jnp.arange(len(orders), dtype=jnp.int32), layouts.orders)
    kind, time, flag, sent, connection = orders.reshape(-1, ORDER).T
    sent = sent.astype(jnp.int32)
    layout, instance = agenda.layout[event], agenda.instance[event]
    receiver = jnp.asarray([layout.number for layout in layouts.layouts], jnp.int32)[layout]
    if events.queue is not None:
        due = jnp.where(kind == SEND, time, jnp.inf)
        new = Queue(due, receiver, instance, connection.astype(jnp.int32), flag, sent)
        queue, lost = put_in(events.queue, events.lost, new)
        events = events._replace(queue=queue, lost=lost)
    if any("event" in layout.mechanism.actions for layout in layouts.layouts):
        spikes = Spikes(kind == SPIKE_NOW, time, _sources(layouts, layout, instance), sent)
        events = send_spikes(wiring, events, spikes)
    return _note_stop(events, kind == STOP, receiver, instance, agenda.time[event])


def _note_stop(events: EventState, stops: Array, receiver: Array, instance: Array, time: Array) -> EventState:
    """Count what NEURON stops at, and note the first instance that did it."""
    lost, place = events.lost, jnp.argmax(stops)
    first = stops.any() & (lost.stopped == 0)
    lost = lost._replace(
        stopped=lost.stopped + stops.sum(dtype=np.int32),
        receiver=jnp.where(first, receiver[place], lost.receiver),
        instance=jnp.where(first, instance[place], lost.instance),
        time=jnp.where(first, jnp.minimum(lost.time, time[place]), lost.time),
    )
    return events._replace(lost=lost)
