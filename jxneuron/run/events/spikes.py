"""Send spikes along every Route, and write down those that are recorded.

In: EventState, and what fired. Out: EventState with the spikes on their way.
"""

from __future__ import annotations

from collections.abc import Callable

import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from jxneuron.lower.program import EventState, Log, Wiring
from jxneuron.run.events.flight import Spikes, launch

KNOWN_AT_ONCE = 64


def send_spikes(wiring: Wiring, events: EventState, spikes: Spikes) -> EventState:
    """Send spikes along every Route, and write those of recorded sources into the Log."""
    additive, ordered, lost, log = dict(events.additive), events.ordered, events.lost, events.log
    for name, flight in events.additive.items():
        additive[name], lost = launch(wiring.additive[name], flight, lost, spikes)
    if ordered is not None and wiring.ordered is not None:
        ordered, lost = launch(wiring.ordered, ordered, lost, spikes)
    if log is not None:
        log = _write(log, spikes, spikes.when & wiring.recorded[spikes.source])
    return events._replace(additive=additive, ordered=ordered, lost=lost, log=log)


def send_in_order(wiring: Wiring, events: EventState, when: Array, time: Array, source: Array) -> EventState:
    """Send spikes, (k,) each, one after another: what they send in turn comes after them."""
    rank = jnp.cumsum(when, dtype=jnp.int32)
    events = send_spikes(wiring, events, Spikes(when, time, source, events.sent + rank - 1))
    return events._replace(sent=events.sent + rank[-1])


def _write(log: Log, spikes: Spikes, when: Array) -> Log:
    rank = jnp.cumsum(when, dtype=jnp.int32)
    place = jnp.where(when, log.count + rank - 1, len(log.time))
    return Log(
        log.time.at[place].set(spikes.time, mode="drop"),
        log.source.at[place].set(spikes.source, mode="drop"),
        log.count + rank[-1],
    )


def send_known_spikes(wiring: Wiring, events: EventState, edge: Array) -> EventState:
    """Send the spikes that are known to happen up to and including ``edge``, () ms."""
    if not len(wiring.known_source):
        return events

    def is_due(events: EventState) -> Array:
        return wiring.known_time[events.known] <= edge

    def send_some(events: EventState) -> EventState:
        number = events.known + jnp.arange(KNOWN_AT_ONCE, dtype=jnp.int32)
        time = wiring.known_time.at[number].get(mode="fill", fill_value=jnp.inf)
        source = wiring.known_source.at[number].get(mode="fill", fill_value=0)
        when = time <= edge
        known = events.known + when.sum(dtype=np.int32)
        return send_in_order(wiring, events, when, time, source)._replace(known=known)

    return lax.while_loop(is_due, send_some, events)


def once(when: Array, function: Callable[[EventState], EventState], events: EventState) -> EventState:
    """Return ``function(events)`` where ``when``, () bool, else ``events``.

    A loop of at most one turn: unlike the branches of ``lax.cond``, it changes arrays in place.
    """

    def turn(carry: tuple[Array, EventState]) -> tuple[Array, EventState]:
        return jnp.zeros((), bool), function(carry[1])

    return lax.while_loop(lambda carry: carry[0], turn, (when, events))[1]


def number_of_sources(wiring: Wiring) -> int:
    """Return how many sources there are."""
    return int(np.shape(wiring.recorded)[0])
