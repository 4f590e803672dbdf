"""A mechanism's functions for one instance after another, where the order of instances shows.

In: a function of a mechanism and its arguments for all instances. Out: what it returns for all instances.

Most functions take all instances at once. One that ``Mechanism.sequential`` names reads what the instance before left
in the variables that all share: NEURON runs it for one instance after another, in the order of the slot's nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax

from jxneuron.mech.mechanism import Mechanism
from jxneuron.mech.table import FirstCallTables

GEOMETRY = ("area", "diam", "length", "Ra", "cm")
Values = Mapping[str, Any]
Results = tuple[Values, ...]  # the last one are updates


def run_function(mechanism: Mechanism, name: str, p: Values, s: Values, v: Array, env: Values) -> Values:
    """Updates by a function that returns nothing else: ``advance``, ``initial``, a BEFORE or AFTER block."""
    function = getattr(mechanism, name)
    return run_instances(mechanism, name, lambda *given: (function(*given),), p, s, v, env)[0]


def run_instances(
    mechanism: Mechanism, name: str, function: Callable[..., Results], p: Values, s: Values, v: Array, env: Values
) -> Results:
    """What ``function(p, s, v, env)`` returns for all instances: at once, or in order.

    Args:
        mechanism: whose code it is.
        name: the function of the mechanism that it calls.
        function: elementwise; returns dictionaries by name, the last of them updates.
        p: parameters, as ``mech.mechanism`` describes them; ``s`` and ``env`` likewise.
        s: what the code keeps.
        v: (instance,) mV.
        env: what the code sees of the rest of the model.
    """
    if name not in mechanism.sequential or len(v) < 2:
        return function(p, s, v, env)
    return _in_order(mechanism, function, p, s, v, env)


def _in_order(
    mechanism: Mechanism, function: Callable[..., Results], p: Values, s: Values, v: Array, env: Values
) -> Results:
    """The first instance by itself, the others in a scan that hands on what instances share."""
    shared = {field.name for field in mechanism.fields_in("s") if not field.per_instance}
    own = _own_names(mechanism)
    split = [{name: value for name, value in held.items() if name in own} for held in (p, s, env)]
    rest = [{name: value for name, value in held.items() if name not in own} for held in (p, s, env)]
    if isinstance(env["tables"], FirstCallTables):
        rest[2]["tables"] = env["tables"].of_one_instance()

    def one(left: Values, instance: tuple[Any, Any, Any, Array]) -> tuple[Values, Results]:
        (p_one, s_one, env_one), v_one = jax.tree.map(lambda x: x[..., None], instance)
        results = function({**rest[0], **p_one}, {**rest[1], **s_one, **left}, v_one, {**rest[2], **env_one})
        left = {name: results[-1].get(name, value) for name, value in left.items()}
        values = tuple({k: x[..., 0] for k, x in each.items() if k not in shared} for each in results)
        return left, values

    instances = jax.tree.map(lambda x: jnp.moveaxis(x, -1, 0), (split, v))
    left = {name: s[name] for name in shared}
    left, first = one(left, jax.tree.map(lambda x: x[0], instances))
    left, others = lax.scan(one, left, jax.tree.map(lambda x: x[1:], instances))
    results = jax.tree.map(_joined, first, others)
    return (*results[:-1], {**results[-1], **left})


def _own_names(mechanism: Mechanism) -> set[str]:
    """Names in ``p``, ``s`` and ``env`` under which each instance has a value of its own."""
    fields = {field.name for field in mechanism.fields if field.per_instance}
    ions = {name for use in mechanism.ions for name in use.loads}
    return {*GEOMETRY, *fields, *ions, *(pointer.name for pointer in mechanism.pointers)}


def _joined(first: Array, others: Array) -> Array:
    """One value of the first instance and those of the others, (size, instance) or (instance,)."""
    return jnp.concatenate([first[..., None], jnp.moveaxis(others, 0, -1)], axis=-1)
