"""Room for events: what was too small for a run, and a State that has more of it.

In: a State after a run, or before one. Out: the Capacity that a run needs; the State with as many places.

Sizes are fixed when a run is compiled. A run that loses an event counts it (``Lost``); whoever called it can run again
with more room.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jax.core import Tracer

from jxneuron.lower.program import Capacity, Flight, Log, Queue, State

MOST_PLACES = 2**22  # of anything: about 100 MB


def room_needed(capacity: Capacity, last: State) -> Capacity | None:
    """Return a Capacity with twice the places of whatever was too small for a run; None where nothing was.

    Args:
        capacity: of the Program that ran.
        last: the State after the run, not traced.
    """
    events = last.events
    if events is None:
        return None
    lost, recorded = events.lost, 0 if events.log is None else int(events.log.count)
    needed = Capacity(
        spikes=capacity.spikes * (2 if int(lost.spikes) else 1),
        queue=capacity.queue * (2 if int(lost.queue) else 1),
        agenda=capacity.agenda * (2 if int(lost.agenda) else 1),
        log=capacity.log if recorded <= capacity.log else max(2 * capacity.log, recorded),
    )
    return None if needed == capacity else needed


def capacity_of(capacity: Capacity, state: State) -> Capacity:
    """Return the Capacity for which the places of a State are made; what it does not show is as in ``capacity``."""
    events = state.events
    if events is None:
        return capacity
    flights = [*events.additive.values(), *([] if events.ordered is None else [events.ordered])]
    return Capacity(
        spikes=len(flights[0].time) if flights else capacity.spikes,
        queue=capacity.queue if events.queue is None else len(events.queue.time),
        agenda=capacity.agenda,
        log=0 if events.log is None else len(events.log.time),
    )


def make_room(state: State, capacity: Capacity) -> State:
    """Return a State in which nothing was lost yet with at least as many places; what is on its way stays so."""
    events = state.events
    if events is None:
        return state
    larger = events._replace(
        additive={name: _grow_flight(flight, capacity.spikes) for name, flight in events.additive.items()},
        ordered=None if events.ordered is None else _grow_flight(events.ordered, capacity.spikes),
        queue=None if events.queue is None else _grow_queue(events.queue, capacity.queue),
        log=None if events.log is None else _grow_log(events.log, capacity.log),
    )
    return state._replace(events=larger)


def _grow_flight(flight: Flight, places: int) -> Flight:
    """Put the new places where the next spikes go."""
    old = len(flight.time)
    if places <= old:
        return flight
    grown = Flight(
        *(_longer(values, places) for values in flight[:5]),
        tail=jnp.asarray(old, jnp.int32),
    )
    return grown._replace(next=grown.next.at[old:].set(jnp.inf))


def _grow_queue(queue: Queue, places: int) -> Queue:
    old = len(queue.time)
    if places <= old:
        return queue
    grown = Queue(*(_longer(values, places) for values in queue))
    return grown._replace(time=grown.time.at[old:].set(jnp.inf))


def _grow_log(log: Log, places: int) -> Log:
    return log._replace(time=_longer(log.time, places), source=_longer(log.source, places))


def _longer(values: Any, places: int) -> Array:
    return jnp.pad(jnp.asarray(values), (0, max(places - len(values), 0)))


def is_traced(state: State) -> bool:
    """Return whether what happened to the events of a State is not known yet, as in ``jit`` or ``grad``."""
    return state.events is not None and any(isinstance(x, Tracer) for x in jax.tree.leaves(state.events))
