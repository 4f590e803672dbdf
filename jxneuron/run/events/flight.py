"""Spikes on their way along a Route.

In: a Flight. Out: the Flight with spikes that were sent, or without what is due.

A Flight holds spikes, not events: each is a window into its source's connections, which are sorted by delay, so its
size does not grow with the connections. An arrival is ``time + delay`` and is compared with the times of the step
itself, as NEURON does it: no window drifts, however long the run and whatever the delay.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from jxneuron.lower.program import Flight, Lost, Route


class Spikes(NamedTuple):
    """Spikes that are sent together, in their order. k of them."""

    when: Any  # (k,) bool; the others are none
    time: Any  # (k,) ms
    source: Any  # (k,) int32
    sent: Any  # (k,) int32, see Flight


class Due(NamedTuple):
    """Which connections of a Route are due, spike by spike. S spikes."""

    end: Any  # (S,) int32, how many connections are due of the spikes up to this one
    base: Any  # (S,) int32: the connection at place q of all that are due is ``q + base`` of its spike


def empty_flight(places: int) -> Flight:
    """Return a Flight without spikes."""
    whole = jnp.zeros(places, jnp.int32)
    return Flight(jnp.zeros(places), jnp.full(places, jnp.inf), whole, whole, whole, jnp.zeros((), jnp.int32))


def launch(route: Route, flight: Flight, lost: Lost, spikes: Spikes) -> tuple[Flight, Lost]:
    """Put spikes into a Flight, those that have a connection in its Route.

    A spike that takes the place of an unfinished one counts as lost, as does one that finds no place of its own.
    """
    places = len(flight.time)
    start, stop = route.row[spikes.source], route.row[spikes.source + 1]
    flies = spikes.when & (start < stop)
    rank = jnp.cumsum(flies, dtype=jnp.int32)
    place = jnp.where(flies, (flight.tail + rank - 1) % places, places)
    taken = flies & ((flight.next[jnp.minimum(place, places - 1)] < jnp.inf) | (rank <= rank[-1] - places))
    new = (spikes.time, spikes.time + route.delay[start], start, stop, spikes.sent)
    parts = [old.at[place].set(value, mode="drop") for old, value in zip(flight[:5], new, strict=True)]
    return Flight(*parts, tail=(flight.tail + rank[-1]) % places), _count_lost(lost, taken, spikes)


def _count_lost(lost: Lost, taken: Array, spikes: Spikes) -> Lost:
    first = jnp.argmax(taken)
    is_first = taken.any() & (lost.source < 0)
    return lost._replace(
        spikes=lost.spikes + taken.sum(dtype=np.int32),
        source=jnp.where(is_first, spikes.source[first], lost.source),
        time=jnp.where(is_first, jnp.minimum(lost.time, spikes.time[first]), lost.time),
    )


def take_due(route: Route, flight: Flight, edge: Array) -> tuple[Due, Flight]:
    """Take from every spike the connections at which it arrives up to and including ``edge``, () ms."""
    nothing = jnp.zeros(flight.time.shape, jnp.int32)
    return lax.cond(
        flight.next.min() <= edge,
        lambda flight: _take_due(route, flight, edge),
        lambda flight: (Due(nothing, nothing), flight),
        flight,
    )


def _take_due(route: Route, flight: Flight, edge: Array) -> tuple[Due, Flight]:
    cursor = _bisect(route, flight, edge)
    count = cursor - flight.cursor
    end = jnp.cumsum(count, dtype=jnp.int32)
    arrival = flight.time + route.delay[jnp.where(cursor < flight.stop, cursor, -1)]
    following = jnp.where(flight.next < jnp.inf, arrival, jnp.inf)
    return Due(end, flight.cursor - (end - count)), flight._replace(next=following, cursor=cursor)


def _bisect(route: Route, flight: Flight, edge: Array) -> Array:
    """Return the first connection of each spike at which it arrives after ``edge``, (S,) int32."""

    def halve(bounds: tuple[Array, Array]) -> tuple[Array, Array]:
        low, high = bounds
        middle = (low + high) // 2
        arrived = flight.time + route.delay[middle] <= edge
        return jnp.where((low < high) & arrived, middle + 1, low), jnp.where((low < high) & ~arrived, middle, high)

    bounds = (flight.cursor, jnp.where(flight.next <= edge, flight.stop, flight.cursor))
    return lax.while_loop(lambda bounds: (bounds[0] < bounds[1]).any(), halve, bounds)[0]
