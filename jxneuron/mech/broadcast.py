"""Broadcast what a mechanism's function returns to the shapes that the State has.

In: values by name, numbers among them. Out: arrays of the shapes of the fields in ``s``; ion variables and currents of
the shape of ``v``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax.numpy as jnp

from jxneuron.mech.mechanism import Action, Armed, Received


def shaped(v: Any, s: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``values`` as arrays with shape and dtype of ``s[name]``, or of ``v`` where ``s`` has no such field.

    A list becomes one array, (size, ...). A field that all instances share takes the last instance's value.

    Args:
        v: (instance,) mV.
        s: the mechanism's fields of storage ``s``.
        values: by name: numbers, arrays (instance,) or (), or lists of them.
    """
    return {name: _like(s.get(name, v), value) for name, value in values.items()}


def received(
    v: Any,
    s: Mapping[str, Any],
    w: Mapping[str, Any],
    updates: Mapping[str, Any],
    weights: Mapping[str, Any],
    actions: Sequence[Action] = (),
    armed: Sequence[Armed] = (),
) -> Received:
    """Return what an event leaves as arrays: fields and weights as ``shaped``, everything else with the shape of ``v``.

    Args:
        v: (event,) or () mV.
        s: the mechanism's fields of storage ``s``, for each event.
        w: the weights of the connection that each event comes from.
        updates: by name, as in ``Received``.
        weights: likewise.
        actions: likewise.
        armed: likewise.
    """
    watched = tuple(Armed(_filled(v, one.when, bool), _filled(v, one.flag, float)) for one in armed)
    return Received(shaped(v, s, updates), shaped(v, w, weights), sent_at(v, actions), watched)


def sent_at(v: Any, actions: Sequence[Action]) -> tuple[Action, ...]:
    """Return actions as arrays with the shape of ``v``."""
    return tuple(
        Action(_filled(v, one.when, bool), _filled(v, one.time, float), _filled(v, one.flag, float)) for one in actions
    )


def _filled(v: Any, value: Any, kind: type[bool] | type[float]) -> Any:
    return jnp.broadcast_to(jnp.asarray(value, dtype=jnp.bool_ if kind is bool else v.dtype), v.shape)


def _like(field: Any, value: Any) -> Any:
    if isinstance(value, list | tuple):
        return jnp.stack([_like(field[k], element) for k, element in enumerate(value)])
    array = jnp.asarray(value, dtype=field.dtype)
    return array[..., -1] if array.ndim > field.ndim else jnp.broadcast_to(array, field.shape)
