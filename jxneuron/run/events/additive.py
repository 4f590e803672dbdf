"""Deliver events that only add to the fields of their instance: their order makes no difference.

In: what is due along the Route of one mechanism. Out: its fields after all of it.

What an event adds (``Mechanism.jump``) is computed once for each connection, at the start of a run. A delivery is then
linear in the fields and in the jumps, which gives it derivatives in both modes although it is a loop of unknown length.
The values of the jumps are constants of the loop over steps. Only their derivative is carried from step to step
(``EventState.passing``, zeros that XLA hardly touches): its cotangent is then one array, to which each step adds, and
a gradient remembers nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax

from jxneuron.lower.program import Params, Program, Receiver, Route, State, Wiring
from jxneuron.mech.mechanism import Values
from jxneuron.run.derived import Derived
from jxneuron.run.environment import arguments
from jxneuron.run.events.first_order import first_order
from jxneuron.run.events.flight import Due
from jxneuron.run.events.tangents import fill_zeros, is_zero
from jxneuron.run.in_order import take_instances

AT_ONCE = 64  # connections that one turn of the loop delivers

Arrays = tuple[Any, ...]
Jumps = dict[str, dict[str, Array]]  # by mechanism and field: what each connection adds, (connection,)


def compute_jumps(program: Program, params: Params, derived: Derived, wiring: Wiring, state: State) -> Jumps:
    """Return what an event adds, for every connection of each Route onto a receiver whose events only add."""
    receivers = {receiver.slot.name: receiver for receiver in program.receivers}
    return {
        name: _jumps(program, params, derived, receivers[name], route, state) for name, route in wiring.additive.items()
    }


def _jumps(
    program: Program, params: Params, derived: Derived, receiver: Receiver, route: Route, state: State
) -> dict[str, Array]:
    mechanism = receiver.slot.mechanism
    assert mechanism.jump is not None
    p, s, _, env = arguments(program, receiver.slot, params, derived, state)
    p, s, env = (take_instances(mechanism, values, route.instance) for values in (p, s, env))
    weights = jnp.asarray(weights_of(params, state, mechanism.name))[route.weight_row]
    by_name = {name: weights[:, k] for k, name in enumerate(mechanism.weights)}
    jumps = mechanism.jump(p, s, env, by_name)
    return {name: jnp.broadcast_to(jump, route.instance.shape) for name, jump in jumps.items()}


def weights_of(params: Params, state: State, mechanism: str) -> Any:
    """Return the weights of the connections onto a mechanism, (connection, weight), as they are now."""
    changed = {} if state.events is None else state.events.weights
    return changed[mechanism] if mechanism in changed else params.weights[mechanism]


def add_jumps(
    route: Route, due: Due, fields: Values, passing: Values, jumps: Values
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Add the jumps of all connections that are due.

    Args:
        route: onto the mechanism.
        due: from ``take_due``.
        fields: of the mechanism, (instance,) each.
        passing: zeros whose derivatives are those of the jumps, (connection,) each.
        jumps: (connection,) each; their own derivatives do not count.

    Returns:
        The fields, and ``passing`` as it was.
    """
    names = tuple(jumps)
    constants = tuple(lax.stop_gradient(jumps[name]) for name in names)
    new, passed = _add(
        tuple(fields[name] for name in names), tuple(passing[name] for name in names), constants, due, route.instance
    )
    return {**fields, **dict(zip(names, new, strict=True))}, dict(zip(names, passed, strict=True))


@jax.custom_jvp
def _add(fields: Arrays, passing: Arrays, jumps: Arrays, due: Due, instance: Array) -> tuple[Arrays, Arrays]:
    fields, passing = (tuple(first_order(x) for x in values) for values in (fields, passing))
    return _push(fields, jumps, due, instance), passing


@partial(_add.defjvp, symbolic_zeros=True)
def _add_jvp(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
    """Differentiate: tangents of fields and jumps go through the same linear map, whose transpose is ``_pull``."""
    _, _, _, due, instance = primals
    moved = tangents[0], tangents[1]
    if all(is_zero(tangent) for tangent in tangents[1]):
        return _add(*primals), moved
    moved = lax.custom_linear_solve(
        lambda x: x,
        _entangle(fill_zeros(moved)),
        solve=lambda _, x: (_push(x[0], x[1], due, instance), x[1]),
        transpose_solve=lambda _, x: (x[0], _pull(x[0], x[1], due, instance)),
    )
    return _add(*primals), moved


def _entangle(tangents: Any) -> Any:
    """Let every array depend on all others by 0 times one element of each, which costs next to nothing.

    A derivative of second order then never has some that are symbolic zeros, at which custom_linear_solve fails.
    """
    total = sum((leaf[0] for leaf in jax.tree.leaves(tangents)), jnp.zeros(()))
    return jax.tree.map(lambda leaf: leaf.at[0].add(0.0 * total), tangents)


def _push(fields: Arrays, jumps: Arrays, due: Due, instance: Array) -> Arrays:
    """Add the jump of each connection that is due to the fields of its instance."""

    def add(fields: Arrays, connection: Array) -> Arrays:
        return _added(fields, _instance_of(instance, connection, fields), jumps, connection)

    return _for_all_due(add, fields, due, len(instance))


def _pull(fields: Arrays, jumps: Arrays, due: Due, instance: Array) -> Arrays:
    """Do the transpose of ``_push``: add the cotangent of its instance's field to that of each connection's jump."""

    def add(jumps: Arrays, connection: Array) -> Arrays:
        return _added(jumps, connection, fields, _instance_of(instance, connection, fields))

    return _for_all_due(add, jumps, due, len(instance))


def _instance_of(instance: Array, connection: Array, fields: Arrays) -> Array:
    """Return the instance of each connection; one beyond all of them for no connection."""
    return instance.at[connection].get(mode="fill", fill_value=len(fields[0]))


def _added(arrays: Arrays, to: Array, others: Arrays, whence: Array) -> Arrays:
    """Add to each array, at ``to``, what the other one holds at ``whence``; places beyond an array do not count."""
    return tuple(
        array.at[to].add(other.at[whence].get(mode="fill", fill_value=0.0), mode="drop")
        for array, other in zip(arrays, others, strict=True)
    )


def _for_all_due(body: Callable[[Arrays, Array], Arrays], start: Arrays, due: Due, beyond: int) -> Arrays:
    """Call ``body`` with the connections that are due, AT_ONCE in each turn, the last ones filled with ``beyond``."""
    total, last = due.end[-1], len(due.end) - 1

    def turn(carry: tuple[Array, Arrays]) -> tuple[Array, Arrays]:
        first, values = carry
        place = first + jnp.arange(AT_ONCE, dtype=jnp.int32)
        spike = jnp.minimum(jnp.searchsorted(due.end, place, side="right"), last)
        connection = jnp.where(place < total, place + due.base[spike], beyond)
        return first + AT_ONCE, body(values, connection)

    return lax.while_loop(lambda carry: carry[0] < total, turn, (jnp.zeros((), jnp.int32), start))[1]
