"""WATCH: conditions that send their instance an event when they become true (WatchCondition in netcvode.cpp).

EventState.watch has for each instance and each WATCH statement four columns: when it was armed (a number that grows, 0
where it is not armed), whether its condition was true when NEURON last looked, the flag that it sends, and the number
``sent`` of its event in the Queue, -1 for none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from jxneuron.lower.program import EventState, Params, Program, Queue, Receiver, State
from jxneuron.mech.mechanism import Armed
from jxneuron.run.derived import Derived
from jxneuron.run.environment import arguments
from jxneuron.run.events.queue import put_in
from jxneuron.run.events.spikes import once

NUMBER, ABOVE, FLAG, PENDING = range(4)
COLUMNS = 4
NOT_ARMED = (0.0, 0.0, 0.0, -1.0)
_EPSILON = 1e-11  # hoc_epsilon


def not_armed(instances: int, statements: int) -> Array:
    """Return the rows of EventState.watch before anything is armed, (instance, 4 * statements)."""
    return jnp.tile(jnp.array(NOT_ARMED), (instances, statements))


def arm(row: Array, armed: Sequence[Armed], conditions: Sequence[Array], sent: Array) -> tuple[Array, Array]:
    """Arm the WATCH statements that one call of NET_RECEIVE comes past; the first of them disarms all others.

    Args:
        row: of the instance.
        armed: what the call asks for, for each statement.
        conditions: their values, () each, which are above 0 where a condition holds.
        sent: () int32, how many events were sent so far.

    Returns:
        The row, and ``sent`` with one more for each statement.
    """
    any_before = jnp.zeros((), bool)
    for k, (request, value) in enumerate(zip(armed, conditions, strict=True)):
        when = jnp.asarray(request.when)
        row = jnp.where(when & ~any_before, jnp.tile(jnp.array(NOT_ARMED, row.dtype), len(armed)), row)
        sent = sent + when.astype(jnp.int32)
        parts = (sent, value >= -_EPSILON, request.flag, -1.0)
        new = jnp.stack([jnp.asarray(part).astype(row.dtype) for part in parts])
        row = jnp.where(when, lax.dynamic_update_slice(row, new, (COLUMNS * k,)), row)
        any_before = any_before | when
    return row, sent


def still_pending(row: Array, statement: Array, sent: Array) -> Array:
    """Return whether the event of a statement, () int32, was not cancelled since it was put into the Queue, ()."""
    pending = row.reshape(-1, COLUMNS)[:, PENDING]
    return pending[statement] == sent.astype(row.dtype)


def check_watches(program: Program, params: Params, derived: Derived, state: State) -> State:
    """Look at all armed conditions on the State at the start of a step; put an event at t for each that became true."""
    watching = {k: receiver for k, receiver in enumerate(program.receivers) if receiver.slot.mechanism.watches}
    events = state.events
    if not watching or events is None:
        return state
    looks = {k: _look(program, params, derived, state, receiver) for k, receiver in watching.items()}
    watch = {watching[k].slot.name: rows for k, (rows, _) in looks.items()}
    events = events._replace(watch={**events.watch, **{name: _flat(rows) for name, rows in watch.items()}})
    any_fired = jnp.stack([fired.any() for _, fired in looks.values()]).any()
    return state._replace(events=once(any_fired, lambda events: _send(watching, state.t, events, looks), events))


def _flat(rows: Array) -> Array:
    return rows.reshape(len(rows), -1)


def _look(program: Program, params: Params, derived: Derived, state: State, receiver: Receiver) -> tuple[Array, Array]:
    """Return the rows of one receiver with what is above now, (instance, statement, 4), and what became true."""
    assert state.events is not None
    mechanism = receiver.slot.mechanism
    taken = arguments(program, receiver.slot, params, derived, state)
    rows = state.events.watch[mechanism.name]
    rows = rows.reshape(len(rows), -1, COLUMNS)
    holds = jnp.stack([jnp.broadcast_to(f(*taken) > 0.0, len(rows)) for f in mechanism.watches], axis=1)
    armed = rows[:, :, NUMBER] > 0.0
    fired = armed & holds & (rows[:, :, ABOVE] == 0.0)
    above = jnp.where(armed, holds.astype(rows.dtype), rows[:, :, ABOVE])
    return rows.at[:, :, ABOVE].set(above), fired


def _send(
    watching: Mapping[int, Receiver], t: Array, events: EventState, looks: Mapping[int, tuple[Array, Array]]
) -> EventState:
    """Put the events of the conditions that became true into the Queue, in the order in which they were armed."""
    assert events.queue is not None
    fired = jnp.concatenate([fired.ravel() for _, fired in looks.values()])
    number = jnp.concatenate([rows[:, :, NUMBER].ravel() for rows, _ in looks.values()])
    order = jnp.argsort(jnp.where(fired, number, jnp.inf))
    rank = jnp.zeros(len(order), jnp.int32).at[order].set(jnp.arange(len(order), dtype=jnp.int32))
    sent = jnp.where(fired, events.sent + rank, -1)
    whose = [_whose(k, rows) for k, (rows, _) in looks.items()]
    receiver, instance, statement = (jnp.concatenate(parts) for parts in zip(*whose, strict=True))
    flag = jnp.concatenate([rows[:, :, FLAG].ravel() for rows, _ in looks.values()])
    new = Queue(jnp.where(fired, t, jnp.inf), receiver, instance, -2 - statement, flag, sent)
    queue, lost = put_in(events.queue, events.lost, Queue(*(part[order] for part in new)))
    watch, start = dict(events.watch), 0
    for k, (rows, became_true) in looks.items():
        ours = sent[start : start + became_true.size].reshape(became_true.shape)
        pending = jnp.where(became_true, ours.astype(rows.dtype), rows[:, :, PENDING])
        watch[watching[k].slot.name] = _flat(rows.at[:, :, PENDING].set(pending))
        start += became_true.size
    return events._replace(queue=queue, lost=lost, watch=watch, sent=events.sent + fired.sum(dtype=np.int32))


def _whose(number: int, rows: Array) -> tuple[Array, Array, Array]:
    """Return receiver, instance and statement of each condition, (instance * statement,) int32 each."""
    instances, statements = rows.shape[:2]
    instance = jnp.repeat(jnp.arange(instances, dtype=jnp.int32), statements)
    statement = jnp.tile(jnp.arange(statements, dtype=jnp.int32), instances)
    return jnp.full(instances * statements, number, jnp.int32), instance, statement
