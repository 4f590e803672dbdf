"""Take from the queues what is due, sort it, and put in what events send.

An event of an ordered receiver waits in one of three places: as part of a spike in a Flight, as a self event in the
Queue, or, where its mechanism calls net_move, as the movable event of its instance (EventState.moving). NEURON delivers
by time and, at equal times, by the order in which it was sent.

One thing of NEURON's queue is not here: an event that is sent for an earlier time than all others puts the one that was
the earliest behind the events of equal time (tqueue.cpp). Where times are equal, and the order of two events onto one
cell makes a difference, spikes can then differ from NEURON's.

In: EventState. Out: an Agenda of what is due; EventState without it, or with what was sent.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from jxneuron.lower.program import EventState, Flight, Lost, Queue, Route
from jxneuron.run.events.layout import Layouts

SPIKE, SELF, MOVING = 0, 1, 2  # where an event waits
MOVING_TIME, MOVING_SENT, MOVING_CONNECTION, MOVABLE = range(4)  # the columns of EventState.moving
_BIGGEST = np.int32(2**31 - 1)
_TRIES = 8  # halvings of the time where more is due than an agenda holds


class Agenda(NamedTuple):
    """Events that are due, in NEURON's order. A places."""

    count: Any  # () int32
    time: Any  # (A,) ms; inf beyond the count
    sent: Any  # (A,) int32
    flag: Any  # (A,)
    layout: Any  # (A,) int32
    instance: Any  # (A,) int32
    connection: Any  # (A,) int32, as in Queue
    origin: Any  # (A,) int32: SPIKE, SELF or MOVING
    place: Any  # (A,) int32, in the Flight or in the Queue


class _Due(NamedTuple):
    """What is due. A places; beyond their number they hold anything."""

    spike: Any  # (A,) int32, places of the Flight
    count: Any  # (A,) int32, connections of each of these spikes; 0 beyond their number
    own: Any  # (A,) int32, places of the Queue
    owns: Any  # () int32
    moving: Any  # (A,) int32, rows of ``_moving``
    movings: Any  # () int32
    total: Any  # () int32, events; more than A where some are left out


def earliest(layouts: Layouts, events: EventState) -> Array:
    """Return when the first event of all is due, () ms; inf where nothing waits."""
    times = [events.ordered.next] if events.ordered is not None else []
    times += [events.queue.time] if events.queue is not None else []
    times += [events.moving[layout.name][:, MOVING_TIME] for layout in layouts.layouts if layout.moves]
    first = jnp.asarray(jnp.inf)
    for part in times:
        first = jnp.minimum(first, part.min(initial=jnp.inf))
    return first


def due_events(layouts: Layouts, route: Route, events: EventState, edge: Array, size: int) -> Agenda:
    """Return what is due, sorted.

    Where more is due than the agenda has places, only the first event of all is taken, with those of its spike that
    arrive at the same time.

    Args:
        layouts: of the receivers.
        route: the connections onto them.
        events: what waits.
        edge: () ms, up to and including which time.
        size: places of the agenda.
    """
    flight, queue, moving = _flight(events), _queue(events), _moving(layouts, events)
    first = earliest(layouts, events)

    def narrow(tried: tuple[Array, _Due]) -> tuple[Array, _Due]:
        """Halve the time, or at last take the first event alone."""
        tries, _ = tried
        nearer = _up_to(route, flight, queue, moving, first + (edge - first) * 0.5**tries, size)
        alone = _first_alone(route, flight, queue, moving, size)
        return tries + 1.0, jax.tree.map(lambda a, b: jnp.where(tries < _TRIES, a, b), nearer, alone)

    everything = _up_to(route, flight, queue, moving, edge, size)
    _, due = lax.while_loop(lambda tried: tried[1].total > size, narrow, (jnp.ones(()), everything))
    return _sort(layouts, route, flight, queue, moving, due, size)


def _flight(events: EventState) -> Flight:
    """Return the Flight, or one that is empty."""
    if events.ordered is not None:
        return events.ordered
    whole = jnp.zeros(1, jnp.int32)
    return Flight(jnp.zeros(1), jnp.full(1, jnp.inf), whole, whole, whole, jnp.zeros((), jnp.int32))


def _queue(events: EventState) -> Queue:
    """Return the Queue, or one that is empty."""
    if events.queue is not None:
        return events.queue
    whole = jnp.zeros(1, jnp.int32)
    return Queue(jnp.full(1, jnp.inf), whole, whole, whole, jnp.zeros(1), whole)


def _moving(layouts: Layouts, events: EventState) -> Array:
    """Return the movable events of all Layouts one below the other, (instance, 4); one row of none without any."""
    rows = [events.moving[layout.name] for layout in layouts.layouts if layout.moves]
    return jnp.concatenate(rows) if rows else none_moving(1)


def none_moving(instances: int) -> Array:
    """Return the rows of EventState.moving while nothing can be moved, (instance, 4)."""
    return jnp.tile(jnp.array([jnp.inf, 0.0, -1.0, 0.0]), (instances, 1))


def _up_to(route: Route, flight: Flight, queue: Queue, moving: Array, edge: Array, size: int) -> _Due:
    """Return what is due up to and including a time."""
    spikes = flight.next <= edge
    spike = _listed(spikes, size)
    number = spikes.sum(dtype=np.int32)
    count = jnp.where(jnp.arange(size, dtype=jnp.int32) < number, _count(route, flight, spike, edge, size), 0)
    own, movable = queue.time <= edge, moving[:, MOVING_TIME] <= edge
    owns, movings = own.sum(dtype=np.int32), movable.sum(dtype=np.int32)
    # Each spike has at least one connection that is due
    total = jnp.maximum(count.sum(dtype=np.int32), number) + owns + movings
    return _Due(spike, count, _listed(own, size), owns, _listed(movable, size), movings, total)


def _first_alone(route: Route, flight: Flight, queue: Queue, moving: Array, size: int) -> _Due:
    """Return the first event of all, and those connections of its spike that are due at the same time."""
    sent_moving = moving[:, MOVING_SENT].astype(jnp.int32)
    waiting = ((flight.next, flight.sent), (queue.time, queue.sent), (moving[:, MOVING_TIME], sent_moving))
    time = jnp.min(jnp.stack([times.min() for times, _ in waiting]))
    sent = jnp.min(jnp.stack([jnp.where(times == time, sent, _BIGGEST).min() for times, sent in waiting]))
    spikes, own, movable = ((times == time) & (number == sent) for times, number in waiting)
    spike = _listed(spikes, size)
    count = jnp.minimum(_count(route, flight, spike, time, size), size)
    count = jnp.where(spikes.any() & (jnp.arange(size, dtype=jnp.int32) == 0), count, 0)
    owns, movings = own.sum(dtype=np.int32), movable.sum(dtype=np.int32)
    total = count[0] + owns + movings
    return _Due(spike, count, _listed(own, size), owns, _listed(movable, size), movings, total)


def _listed(which: Array, size: int) -> Array:
    """Return the numbers of the first ``size`` True places, (size,) int32, filled up with 0."""
    numbers = jnp.arange(len(which), dtype=jnp.int32)
    at = jnp.where(which, jnp.cumsum(which, dtype=jnp.int32) - 1, size)
    return jnp.zeros(size, jnp.int32).at[at].set(numbers, mode="drop")


def _count(route: Route, flight: Flight, spike: Array, edge: Array, size: int) -> Array:
    """Return how many connections of each of these spikes are due, (A,) int32, at least 1, at most ``size + 1``."""
    time, cursor, stop = flight.time[spike], flight.cursor[spike], flight.stop[spike]

    def arrived(connection: Array) -> Array:
        return time + route.delay[connection] <= edge

    def halve(bounds: tuple[Array, Array]) -> tuple[Array, Array]:
        low, high = bounds
        middle = (low + high) // 2
        right = arrived(middle)
        return jnp.where((low < high) & right, middle + 1, low), jnp.where((low < high) & ~right, middle, high)

    low = cursor + 1
    more = (low < stop) & arrived(jnp.minimum(low, len(route.delay) - 1))
    high = jnp.where(more, jnp.minimum(stop, cursor + (size + 1)), low)
    return lax.while_loop(lambda bounds: (bounds[0] < bounds[1]).any(), halve, (low, high))[0] - cursor


def _sort(layouts: Layouts, route: Route, flight: Flight, queue: Queue, moving: Array, due: _Due, size: int) -> Agenda:
    """Put what is due into one list, sorted by time and by when it was sent; ties of one spike stay in their order."""
    places = jnp.arange(size, dtype=jnp.int32)
    ends = jnp.cumsum(due.count, dtype=jnp.int32)
    spikes = ends[-1]
    of_due = jnp.minimum((ends[None, :] <= places[:, None]).sum(axis=1, dtype=np.int32), size - 1)
    spike = due.spike[of_due]
    connection = flight.cursor[spike] + places - (ends[of_due] - due.count[of_due])
    own = due.own.at[places - spikes].get(mode="clip")
    movable = due.moving.at[places - spikes - due.owns].get(mode="clip")
    origin = jnp.where(places < spikes, SPIKE, jnp.where(places < spikes + due.owns, SELF, MOVING)).astype(jnp.int32)
    sent_moving = moving[:, MOVING_SENT].astype(jnp.int32)
    time = _by(
        origin, flight.time[spike] + route.delay[_inside(route, connection)], queue.time[own], moving[movable, 0]
    )
    time = jnp.where(places < due.total, time, jnp.inf)
    sent = _by(origin, flight.sent[spike], queue.sent[own], sent_moving[movable])
    time, sent, order = lax.sort((time, sent, places), num_keys=2, is_stable=True)
    where = _Where(origin[order], connection[order], jnp.where(origin == SPIKE, spike, own)[order], movable[order])
    return _describe(layouts, route, queue, moving, where, time, sent, due.total)


class _Where(NamedTuple):
    """Where the events of an agenda wait, (A,) int32 each."""

    origin: Any
    connection: Any
    place: Any  # in the Flight or in the Queue
    movable: Any  # row of ``_moving``


def _inside(route: Route, connection: Array) -> Array:
    """Return a connection, or the one beyond the last where there is none of that number."""
    return jnp.clip(connection, 0, len(route.delay) - 1)


def _by(origin: Array, of_spike: Array, of_self: Array, of_moving: Array) -> Array:
    """Return the values of each event's origin."""
    return jnp.where(origin == SPIKE, of_spike, jnp.where(origin == SELF, of_self, of_moving))


def _describe(
    layouts: Layouts, route: Route, queue: Queue, moving: Array, where: _Where, time: Array, sent: Array, count: Array
) -> Agenda:
    """Say whose events those of an agenda are."""
    origin, own = where.origin, where.place
    own = jnp.minimum(own, len(queue.time) - 1)
    layout_of = jnp.asarray(layouts.layout_of, jnp.int32)
    number, instance_moving = _of_moving(layouts)
    nothing = jnp.zeros(len(time), jnp.int32)
    receiver = route.receiver.at[where.connection].get(mode="clip") if len(route.receiver) else nothing
    instance = route.instance.at[where.connection].get(mode="clip") if len(route.receiver) else nothing
    connection_moving = moving[:, MOVING_CONNECTION].astype(jnp.int32)
    return Agenda(
        count=count,
        time=time,
        sent=sent,
        flag=_by(origin, jnp.zeros(len(time)), queue.flag[own], jnp.ones(len(time))),
        layout=_by(origin, layout_of[receiver], layout_of[queue.receiver[own]], number[where.movable]),
        instance=_by(origin, instance, queue.instance[own], instance_moving[where.movable]),
        connection=_by(origin, where.connection, queue.connection[own], connection_moving[where.movable]),
        origin=origin,
        place=where.place,
    )


def _of_moving(layouts: Layouts) -> tuple[Array, Array]:
    """Return the Layout and the instance of each row of ``_moving``, (instance,) int32 each."""
    movers = [(k, len(layout.nodes)) for k, layout in enumerate(layouts.layouts) if layout.moves] or [(0, 1)]
    numbers = np.concatenate([np.full(count, k, np.int32) for k, count in movers])
    instances = np.concatenate([np.arange(count, dtype=np.int32) for _, count in movers])
    return jnp.asarray(numbers), jnp.asarray(instances)


def take_out(route: Route, events: EventState, agenda: Agenda, served: Array) -> EventState:
    """Return the events without those of the agenda that were served, (A,) bool; movable ones are not touched."""
    flight, queue = events.ordered, events.queue
    if flight is not None:
        spikes = served & (agenda.origin == SPIKE)
        places = jnp.where(spikes, agenda.place, len(flight.time))
        cursor = flight.cursor.at[places].add(1, mode="drop")
        left = cursor.at[places].get(mode="clip")
        arrival = flight.time.at[places].get(mode="clip") + route.delay[_inside(route, left)]
        arrival = jnp.where(left < flight.stop.at[places].get(mode="clip"), arrival, jnp.inf)
        flight = flight._replace(cursor=cursor, next=flight.next.at[places].set(arrival, mode="drop"))
    if queue is not None:
        places = jnp.where(served & (agenda.origin == SELF), agenda.place, len(queue.time))
        queue = queue._replace(time=queue.time.at[places].set(jnp.inf, mode="drop"))
    return events._replace(ordered=flight, queue=queue)


def put_in(queue: Queue, lost: Lost, sent: Queue) -> tuple[Queue, Lost]:
    """Put events into the free places of the Queue.

    Args:
        queue: it.
        lost: counts those that find no place.
        sent: (k,) events; those whose time is inf are none.
    """
    free = queue.time == jnp.inf
    rank = jnp.cumsum(sent.time < jnp.inf, dtype=jnp.int32)
    room = free.sum(dtype=np.int32)
    place = _listed(free, len(rank)).at[rank - 1].get(mode="clip")
    place = jnp.where((sent.time < jnp.inf) & (rank <= room), place, len(free))
    new = Queue(*(old.at[place].set(value, mode="drop") for old, value in zip(queue, sent, strict=True)))
    too_many = jnp.maximum(rank[-1] - room, 0)
    time = jnp.where(too_many > 0, jnp.minimum(lost.time, sent.time.min()), lost.time)
    return new, lost._replace(queue=lost.queue + too_many, time=time)
