"""Run a mechanism's function for one instance after another, where the order of instances makes a difference.

In: a function of a mechanism and its arguments for all instances. Out: what it returns for all instances.

Most functions take all instances at once. A function that ``Mechanism.sequential`` names reads variables that all
instances share, as the instance before left them: NEURON runs it for one instance after another, in the order of the
slot's nodes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax

from jxneuron.mech.mechanism import Mechanism, Values
from jxneuron.mech.table import FirstCallTables

GEOMETRY = ("area", "diam", "length", "Ra", "cm")
Results = tuple[Values, ...]  # the last of them are updates


def run_function(mechanism: Mechanism, name: str, p: Values, s: Values, v: Array, env: Values) -> Values:
    """Run a function that returns updates only: ``advance``, ``initial``, a BEFORE or AFTER block.

    Arguments as for ``run_instances``.
    """
    function = getattr(mechanism, name)
    return run_instances(mechanism, name, lambda *arguments: (function(*arguments),), p, s, v, env)[0]


def run_instances(
    mechanism: Mechanism, name: str, function: Callable[..., Results], p: Values, s: Values, v: Array, env: Values
) -> Results:
    """Run ``function(p, s, v, env)`` for all instances: at once, or one after another where ``name`` is sequential.

    Args:
        mechanism: whose code it is.
        name: of the mechanism's function that ``function`` calls.
        function: elementwise; returns dictionaries by name, the last of them updates.
        p: parameters, as ``mech.mechanism`` describes them; ``s`` and ``env`` likewise.
        s: what the code writes and keeps.
        v: (instance,) mV.
        env: what the code sees of the rest of the model.

    Returns:
        What ``function`` returns, with values of all instances; shared variables as the last instance leaves them.
    """
    if name not in mechanism.sequential or len(v) < 2:
        return function(p, s, v, env)
    return _in_order(mechanism, function, p, s, v, env)


def _in_order(
    mechanism: Mechanism, function: Callable[..., Results], p: Values, s: Values, v: Array, env: Values
) -> Results:
    """Run the first instance alone and the others in a scan, which carries the variables that instances share."""
    shared = {field.name for field in mechanism.fields_in("s") if not field.per_instance}
    names = _own_names(mechanism)
    own = [{name: value for name, value in values.items() if name in names} for values in (p, s, env)]
    common = [{name: value for name, value in values.items() if name not in names} for values in (p, s, env)]
    if isinstance(env["tables"], FirstCallTables):
        common[2]["tables"] = env["tables"].of_one_instance()

    def run_one(left: Values, instance: tuple[list[Values], Array]) -> tuple[Values, Results]:
        (p_one, s_one, env_one), v_one = jax.tree.map(_with_axis, instance)
        results = function({**common[0], **p_one}, {**common[1], **s_one, **left}, v_one, {**common[2], **env_one})
        left = {name: results[-1].get(name, value) for name, value in left.items()}
        values = tuple({name: x[..., 0] for name, x in result.items() if name not in shared} for result in results)
        return left, values

    instances = jax.tree.map(_instances_first, (own, v))
    left = {name: s[name] for name in shared}
    left, first = run_one(left, jax.tree.map(_first, instances))
    left, others = lax.scan(run_one, left, jax.tree.map(_others, instances))
    results = jax.tree.map(_join, first, others)
    return (*results[:-1], {**results[-1], **left})


def _own_names(mechanism: Mechanism) -> set[str]:
    """Return the names in ``p``, ``s`` and ``env`` under which each instance has a value of its own."""
    fields = {field.name for field in mechanism.fields if field.per_instance}
    ions = {name for use in mechanism.ions for name in use.loads}
    return {*GEOMETRY, *fields, *ions, *(pointer.name for pointer in mechanism.pointers)}


def take_instances(mechanism: Mechanism, values: Values, instance: Array) -> dict[str, Any]:
    """Return values with those of some instances, (k,), in the place of those of all; shared ones stay."""
    own = _own_names(mechanism)
    return {name: value[..., instance] if name in own else value for name, value in values.items()}


def _with_axis(x: Array) -> Array:
    return x[..., None]


def _instances_first(x: Array) -> Array:
    return jnp.moveaxis(x, -1, 0)


def _first(x: Array) -> Array:
    return x[0]


def _others(x: Array) -> Array:
    return x[1:]


def _join(first: Array, others: Array) -> Array:
    """Join the first instance's value and those of the others: (instance,) or (size, instance)."""
    return jnp.concatenate([first[..., None], jnp.moveaxis(others, 0, -1)], axis=-1)
