"""Thresholds: which sources fire at the start of a step (PreSyn::deliver and NetCvode::check_thresh in netcvode.cpp).

In: the State at the end of the step before. Out: the State with the spikes of its sources on their way.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array, lax

from jxneuron.lower.program import EventState, Params, Program, State, Wiring
from jxneuron.run.access import read_address
from jxneuron.run.events.spikes import number_of_sources, once, send_in_order

LATER = 1e-10  # ms after the start of the step is when NEURON lets a source fire


def detect(program: Program, params: Params, wiring: Wiring, state: State, start: Array) -> State:
    """Let every source fire whose value is above its threshold and was not when NEURON last looked.

    Args:
        program: its ``detectors`` say what sources look at.
        params: holds their thresholds.
        wiring: the connections of the model.
        state: as it is at ``start``.
        start: () ms, of the step.
    """
    events = state.events
    if events is None or not program.detectors:
        return state
    above = _values(program, wiring, state) - lax.stop_gradient(jnp.asarray(params.threshold)) > 0.0
    fires = above & ~events.above
    time = jnp.full(fires.shape, start + LATER)

    def send(events: EventState) -> EventState:
        return send_in_order(wiring, events, fires, time, jnp.arange(len(fires), dtype=jnp.int32))

    return state._replace(events=once(fires.any(), send, events)._replace(above=above))


def _values(program: Program, wiring: Wiring, state: State) -> Array:
    """Return what each source looks at, (source,); -inf for those that look at nothing."""
    values = jnp.full(number_of_sources(wiring), -jnp.inf)
    for detector in program.detectors:
        values = values.at[detector.source].set(lax.stop_gradient(read_address(state, detector.address)))
    return values
