"""Read what a run records.

In: the Recorders of a Program, its Params and a State. Out: one number per Recorder.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from jxneuron.lower.program import Params, Recorder, State


def read(recorders: tuple[Recorder, ...], params: Params, state: State) -> Array:
    """Return the recorded values of a State, (record,), in the unit of each variable.

    A recorded parameter comes from ``params``: it is the same in every State.
    """
    return jnp.stack([_read(recorder, params, state) for recorder in recorders]) if recorders else jnp.zeros(0)


def _read(recorder: Recorder, params: Params, state: State) -> Array:
    if recorder.kind == "v":
        return state.v[recorder.index]
    if recorder.kind == "node":
        values = state.node[recorder.variable]
        return (values if recorder.element < 0 else values[recorder.element])[recorder.index]
    if recorder.kind == "ion":
        return state.ion[recorder.owner][recorder.variable][recorder.index]
    owners = params.mech if recorder.kind == "parameter" else state.mech
    values = jnp.asarray(owners[recorder.owner][recorder.variable])
    values = values if recorder.element < 0 else values[recorder.element]
    return values if values.ndim == 0 else values[recorder.index]
