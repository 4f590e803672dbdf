"""Deliver the events of receivers to which their order matters, with derivatives in both modes.

In: a State, and the time up to which to deliver. Out: the State after every event that was due.

A loop of unknown length has no derivative of its own. The rule here serves the events once more and writes down what
each of them found; the derivative of the whole is then a product of the derivatives of single events, which a loop over
that log applies, or, transposed, a loop backwards. When and in which order events come are constants of a derivative.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jax.flatten_util import ravel_pytree

from jxneuron.lower.program import EventState, Params, Program, State, Wiring
from jxneuron.run.derived import Derived
from jxneuron.run.environment import arguments
from jxneuron.run.events.layout import Layouts, lay_out
from jxneuron.run.events.passes import EventLog, serve_due
from jxneuron.run.events.rows import (
    Changed,
    Places,
    Read,
    Rows,
    changed_of,
    places_of,
    put_rows,
    read_of,
    store_changed,
    take_read,
    take_rows,
)
from jxneuron.run.events.serve import receive_rows
from jxneuron.run.events.tangents import fill_zeros, is_symbolic, is_zero

LOG = 4  # places of the log of a derivative, in agendas

Fixed = tuple[Wiring, EventState, Array]  # what has no derivative: connections, queues, the time


class Tangent(NamedTuple):
    """Derivatives of what the events of a log find, in the rows that they share."""

    rows: Rows
    read: Any  # (L, r)
    constants: list[Any]  # of those leaves of Read.constants that have a derivative


def deliver_ordered(
    program: Program, params: Params, wiring: Wiring, derived: Derived, state: State, edge: Array
) -> State:
    """Deliver all events of ordered receivers up to and including ``edge``, () ms.

    Args:
        program: the static part of the model.
        params: its parameters.
        wiring: its connections.
        derived: what follows from the parameters and dt.
        state: before the delivery.
        edge: () ms.

    Raises:
        ModelError: NET_RECEIVE of a receiver uses a POINTER in a way that is not supported.
    """
    events = state.events
    if wiring.ordered is None or events is None:
        return state
    ordered = [receiver.slot for receiver in program.receivers if not receiver.additive]
    taken = {slot.name: arguments(program, slot, params, derived, state) for slot in ordered}
    layouts = lay_out(program, taken)
    changed, read = changed_of(layouts, state), read_of(layouts, params, state, taken)
    fixed = lax.stop_gradient((wiring, events._replace(passing={}, weights={}), edge))
    changed, after = _differentiable(program, layouts)(changed, read, fixed)
    after = lax.stop_gradient(after)._replace(passing=events.passing, weights=events.weights)
    return store_changed(layouts, state._replace(events=after), changed)


def _differentiable(program: Program, layouts: Layouts) -> Callable[..., tuple[Changed, EventState]]:
    """Return ``serve_due`` with a rule for its derivative."""

    @jax.custom_jvp
    def serve(changed: Changed, read: Read, fixed: Fixed) -> tuple[Changed, EventState]:
        wiring, events, edge = fixed
        return serve_due(program, layouts, wiring, changed, read, events, edge)[:2]

    @partial(serve.defjvp, symbolic_zeros=True)
    def rule(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
        changed, read, (wiring, events, edge) = primals
        log = _empty_log(program.capacity.agenda * LOG, layouts, changed)
        new, events, log = serve_due(program, layouts, wiring, changed, read, events, edge, log)
        assert log is not None
        events = events._replace(lost=_count_lost(events, log))
        moved = _push_through(layouts, changed, read, log, *tangents[:2])
        return (new, events), (moved, jax.tree.map(_no_tangent, events))

    del rule
    return serve


def _no_tangent(value: Array) -> Any:
    """Return a tangent of zeros."""
    is_float = jnp.issubdtype(value.dtype, jnp.floating)
    return jnp.zeros(value.shape, value.dtype) if is_float else np.zeros(value.shape, jax.dtypes.float0)


def _empty_log(places: int, layouts: Layouts, changed: Changed) -> EventLog:
    whole = jnp.zeros(places, jnp.int32)
    places_of_none = places_of(layouts, whole, whole, whole)
    rows = jax.tree.map(jnp.zeros_like, take_rows(layouts, places_of_none, changed, 0.0))
    rows = rows._replace(shared=jnp.zeros((places, len(rows.shared))))
    zeros = jnp.zeros(places)
    return EventLog(jnp.zeros((), jnp.int32), zeros, zeros, whole, whole, whole, rows)


def _count_lost(events: EventState, log: EventLog) -> Any:
    missing = jnp.maximum(log.count - len(log.time), 0)
    lost = events.lost
    time = jnp.where(missing > 0, jnp.minimum(lost.time, log.time[-1]), lost.time)
    return lost._replace(agenda=lost.agenda + missing, time=time)


def _push_through(
    layouts: Layouts, changed: Changed, read: Read, log: EventLog, of_changed: Any, of_read: Any
) -> Changed:
    """Return the tangent of what the events have changed, from those of what they found."""
    if all(is_zero(x) for x in _leaves((of_changed, of_read))):
        return jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype), changed)
    live = [k for k, x in enumerate(_leaves(of_read.constants)) if not is_zero(x)]
    constants = [_leaves(of_read.constants)[k] for k in live]
    of_changed, of_read = fill_zeros(of_changed), fill_zeros(of_read._replace(constants={}))
    places = places_of(layouts, log.layout, log.instance, log.weight_row)
    rows = take_rows(layouts, places, of_changed, 0.0)
    read_rows, weights = take_read(layouts, places, of_read, 0.0)
    tangent = Tangent(rows._replace(weights=rows.weights + weights), read_rows, constants)
    flat, restore = ravel_pytree(tangent)
    one = _one_event(layouts, places, read, log, live)

    def solve(_: Any, flat: Array) -> Array:
        return ravel_pytree(_push(places, log, one, restore(flat)))[0]

    def transpose(_: Any, flat: Array) -> Array:
        return ravel_pytree(_pull(places, log, one, restore(flat)))[0]

    flat = lax.custom_linear_solve(lambda x: x, flat, solve=solve, transpose_solve=transpose)
    used = jnp.arange(len(log.time), dtype=jnp.int32) < log.count
    return put_rows(layouts, places, used, of_changed, restore(flat).rows)


def _leaves(tree: Any) -> list[Any]:
    return jax.tree.leaves(tree, is_leaf=is_symbolic)


def _one_event(
    layouts: Layouts, places: Places, read: Read, log: EventLog, live: list[int]
) -> Callable[[Array], tuple[Callable[..., Rows], tuple[Any, ...]]]:
    """Return what gives for event k of the log its function of rows, read rows and constants, and their values."""
    read_rows, _ = take_read(layouts, places, read, 0.0)
    leaves, tree = jax.tree.flatten(read.constants)
    # An event without connection reads no weights; NaN would spoil what other branches of its code contribute
    weights = jnp.where(jnp.isnan(log.rows.weights), 1.0, log.rows.weights)

    def of(k: Array) -> tuple[Callable[..., Rows], tuple[Any, ...]]:
        def function(rows: Rows, read: Array, constants: list[Any]) -> Rows:
            whole = list(leaves)
            for number, value in zip(live, constants, strict=True):
                whole[number] = value
            every = jax.tree.unflatten(tree, whole)
            return receive_rows(layouts, rows, read, every, log.layout[k], log.time[k], log.flag[k])

        rows = Rows(log.rows.own[k], log.rows.node[k], weights[k], log.rows.shared[k])
        return function, (rows, read_rows[k], [leaves[number] for number in live])

    return of


def _rows_at(places: Places, rows: Rows, k: Array) -> Rows:
    return Rows(rows.own[places.own[k]], rows.node[places.node[k]], rows.weights[places.weights[k]], rows.shared)


def _with_rows_at(places: Places, rows: Rows, k: Array, new: Rows) -> Rows:
    return Rows(
        rows.own.at[places.own[k]].set(new.own),
        rows.node.at[places.node[k]].set(new.node),
        rows.weights.at[places.weights[k]].set(new.weights),
        new.shared,
    )


def _push(places: Places, log: EventLog, one: Any, tangent: Tangent) -> Tangent:
    """Apply the derivative of one event after another."""
    count = jnp.minimum(log.count, len(log.time))

    def body(k: Array, rows: Rows) -> Rows:
        function, values = one(k)
        moved = (_rows_at(places, rows, k), tangent.read[k], tangent.constants)
        return _with_rows_at(places, rows, k, jax.jvp(function, values, moved)[1])

    return tangent._replace(rows=_loop(count, body, tangent.rows))


def _pull(places: Places, log: EventLog, one: Any, cotangent: Tangent) -> Tangent:
    """Do the transpose of ``_push``: apply the transposed derivatives, the last event first."""
    count = jnp.minimum(log.count, len(log.time))

    def body(turn: Array, cotangent: Tangent) -> Tangent:
        k = count - 1 - turn
        function, values = one(k)
        rows, read, constants = jax.vjp(function, *values)[1](_rows_at(places, cotangent.rows, k))
        return Tangent(
            _with_rows_at(places, cotangent.rows, k, rows),
            cotangent.read.at[k].add(read),
            jax.tree.map(jnp.add, cotangent.constants, constants),
        )

    return _loop(count, body, cotangent)


def _loop(count: Array, body: Callable[[Array, Any], Any], start: Any) -> Any:
    def turn(carry: tuple[Array, Any]) -> tuple[Array, Any]:
        return carry[0] + 1, body(*carry)

    return lax.while_loop(lambda carry: carry[0] < count, turn, (jnp.zeros((), jnp.int32), start))[1]
