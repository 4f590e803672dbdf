"""Deliver what is due, at the two places of a step where NEURON does (deliver_net_events, nrn_deliver_events).

In: a State and a time. Out: the State after every event up to and including that time.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax.numpy as jnp
from jax import Array, lax

from jxneuron.lower.program import EventState, Flight, Params, Program, State, Wiring
from jxneuron.run.derived import Derived
from jxneuron.run.events.additive import Jumps, add_jumps, compute_jumps
from jxneuron.run.events.detect import detect
from jxneuron.run.events.flight import take_due
from jxneuron.run.events.ordered import deliver_ordered
from jxneuron.run.events.spikes import send_known_spikes
from jxneuron.run.events.watch import check_watches


class Wired(NamedTuple):
    """What the steps of a run read of its events, and no step changes."""

    wiring: Wiring
    jumps: Jumps


def begin_run(
    program: Program, params: Params, derived: Derived, wiring: Wiring | None, state: State
) -> tuple[Wired | None, State]:
    """Compute what the events of a run need; return also the State with which its steps start.

    ``end_run`` takes out of the last State what this puts in.
    """
    if wiring is None or state.events is None:
        return None, state
    jumps = compute_jumps(program, params, derived, wiring, state)
    passing = {name: {field: x - lax.stop_gradient(x) for field, x in own.items()} for name, own in jumps.items()}
    return Wired(wiring, jumps), state._replace(events=_without_tangents(state.events)._replace(passing=passing))


def _without_tangents(events: EventState) -> EventState:
    """Times and thresholds are constants of a derivative."""

    def constant(flight: Flight) -> Flight:
        return flight._replace(time=lax.stop_gradient(flight.time), next=lax.stop_gradient(flight.next))

    return events._replace(
        additive={name: constant(flight) for name, flight in events.additive.items()},
        ordered=events.ordered and constant(events.ordered),
        log=events.log and events.log._replace(time=lax.stop_gradient(events.log.time)),
    )


def end_run(state: State) -> State:
    """Return the State as it is between runs."""
    return state if state.events is None else state._replace(events=state.events._replace(passing={}))


def start_step(
    program: Program, params: Params, derived: Derived, wired: Wired | None, state: State, start: Array, half: Array
) -> State:
    """Look at thresholds and WATCH conditions at the start of a step, then deliver up to its middle, () ms each."""
    if wired is None:
        return state
    state = detect(program, params, wired.wiring, state, start)
    state = check_watches(program, params, derived, state._replace(t=start))
    return deliver(program, params, derived, wired, state, half)


def deliver(
    program: Program, params: Params, derived: Derived, wired: Wired | None, state: State, edge: Array
) -> State:
    """Deliver everything up to and including ``edge``, () ms.

    Ordered receivers come first: what they send may arrive at once.
    """
    events = state.events
    if wired is None or events is None:
        return state
    state = state._replace(events=send_known_spikes(wired.wiring, events, edge))
    state = deliver_ordered(program, params, wired.wiring, derived, state, edge)
    return _deliver_additive(wired, state, edge)


def _deliver_additive(wired: Wired, state: State, edge: Array) -> State:
    assert state.events is not None
    mech, flights, passing = dict(state.mech), dict(state.events.additive), dict(state.events.passing)
    for name, route in wired.wiring.additive.items():
        due, flights[name] = take_due(route, flights[name], edge)
        mech[name], passing[name] = add_jumps(route, due, mech[name], passing[name], wired.jumps[name])
    return state._replace(mech=mech, events=state.events._replace(additive=flights, passing=passing))


def is_lost(state: State) -> Any:
    """Return whether an event has found no place, or never ends, () bool: nothing after that is right."""
    if state.events is None:
        return False
    lost = state.events.lost
    return lost.spikes + lost.queue + lost.agenda + lost.stopped + lost.endless > 0


def spoil(state: State, dv: Array) -> Array:
    """Return the change of v, (node,) mV; not a number once an event is lost, so that no result is silently wrong."""
    return dv if state.events is None else jnp.where(is_lost(state), jnp.nan, dv)
