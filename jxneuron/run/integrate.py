"""The loop over steps.

In: Program, Params, the State at the start, the times of all steps and the samples of the inputs. Out: the last State
and the records.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from jxneuron.errors import Float64Error, ModelError
from jxneuron.lower.program import Params, Program, Slot, State, Wiring
from jxneuron.run.derived import derive_for_initial
from jxneuron.run.events.deliver import begin_run, end_run
from jxneuron.run.initialise import initialise
from jxneuron.run.prepare import derive
from jxneuron.run.records import read
from jxneuron.run.step import Clock, step

Body = Callable[[Any, Any], tuple[Any, Any]]  # of a scan: (state, input) -> (state, output)

_float32 = {"allowed": False}  # the one switch: whether this process may run in float32


def allow_float32(allowed: bool = True) -> None:
    """Let this process run models where JAX computes in float32.

    No trace then equals NEURON's, gradients of spiking cells can be wrong by tens of percent, and currents are
    linearised by their derivative: NEURON's quotient over 0.001 mV is noise in float32.

    Args:
        allowed: False forbids it again.
    """
    _float32["allowed"] = bool(allowed)


def in_float32() -> bool:
    """Return True where JAX computes in float32."""
    return jax.dtypes.result_type(float) != np.float64


def require_float64() -> None:
    """Refuse to run in float32 unless the user asked for it (``allow_float32``).

    Raises:
        Float64Error: ``jax_enable_x64`` is off.
    """
    if in_float32() and not _float32["allowed"]:
        raise Float64Error(
            "JAX is set to float32, in which no trace equals NEURON's. Before anything else runs, do "
            'jax.config.update("jax_enable_x64", True), or set the environment variable JAX_ENABLE_X64=1. '
            "Where approximate traces will do, jx.allow_float32() lets runs go ahead."
        )


def clock(t_start: float, dt: float, t_stop: float) -> Clock:
    """Return the times of all steps, ms, (steps,) each, by two additions of ``0.5*dt`` per step as in NEURON.

    Steps are made while ``t < t_stop - dt/2`` (stdrun's continuerun).

    Args:
        t_start: ms.
        dt: ms.
        t_stop: ms.

    Raises:
        ModelError: dt is not positive, or the run would not end.
    """
    if not (np.isfinite([t_start, dt, t_stop]).all() and dt > 0.0):
        raise ModelError(f"cannot run from t = {t_start} to {t_stop} ms with dt = {dt} ms")
    most = max(int(np.ceil((t_stop - t_start) / dt)) + 2, 1)
    halves = np.concatenate([[t_start], np.full(2 * most, 0.5 * dt)]).cumsum()
    count = int(np.sum(halves[0:-1:2] < t_stop - 0.5 * dt))
    return Clock(start=halves[0 : 2 * count : 2], half=halves[1 : 2 * count : 2], full=halves[2 : 2 * count + 1 : 2])


@partial(jax.jit, static_argnums=0)
def start(program: Program, params: Params, dt: Array, t: Array, wiring: Wiring | None = None) -> State:
    """Compute the State after finitialize, with our own INITIALs.

    Callers pass dt and t as numpy's float64: a Python number has another type, for which ``jit`` compiles anew.

    Args:
        program: the static part of the model.
        params: its parameters.
        dt: () ms.
        t: () ms.
        wiring: the connections of the model; None where it has no events.
    """
    return initialise(program, params, derive_for_initial(program, params, dt), t, wiring)


@partial(jax.jit, static_argnums=(0, 6))
def run(
    program: Program,
    params: Params,
    state: State,
    dt: Array,
    times: Clock,
    samples: tuple[Array, ...] = (),
    lengths: tuple[int, ...] = (),
    wiring: Wiring | None = None,
) -> tuple[State, Array]:
    """Make one step for each of ``times``.

    Args:
        program: the static part of the model.
        params: its parameters.
        state: where to start.
        dt: () ms.
        times: (steps,) each, from ``clock``.
        samples: for each of ``program.input_targets`` (steps, k).
        lengths: of nested loops whose product is at least the number of steps: a gradient stores the State between
            the turns of each and computes the rest anew. Empty: it stores every step.
        wiring: the connections of the model; None where it has no events.

    Returns:
        The last State and the records at the start and after each step, (record, steps + 1).
    """
    derived = derive(program, params, dt)
    first = read(program.recorders, params, state)
    wired, state = begin_run(program, params, derived, wiring, state)

    def body(state: State, now: tuple[Clock, tuple[Array, ...]]) -> tuple[State, Array]:
        return step(program, params, derived, state, *now, wired)

    last, records = checkpointed_scan(body, state, (times, samples), lengths)
    return end_run(last), jnp.concatenate([first[None], records]).T


def checkpointed_scan(body: Body, state: Any, inputs: Any, lengths: tuple[int, ...]) -> tuple[Any, Any]:
    """Do as ``lax.scan``, in nested pieces which a gradient computes anew (recursive checkpointing, Griewank 1992).

    Steps that fill no whole piece follow after the pieces, one by one.

    Args:
        body: ``(state, input) -> (state, output)``.
        state: where to start.
        inputs: a pytree of arrays, (steps, ...) each.
        lengths: see ``run``.

    Returns:
        The last state, and the outputs, (steps, ...) each.
    """
    if len(lengths) < 2:
        return lax.scan(jax.checkpoint(body) if lengths else body, state, inputs)
    steps, piece = len(jax.tree.leaves(inputs)[0]), math.prod(lengths[1:])
    whole = steps // piece

    def cut(x: Array) -> Array:
        return x[: whole * piece].reshape(whole, piece, *x.shape[1:])

    def rest(x: Array) -> Array:
        return x[whole * piece :]

    def join(pieces: Array) -> Array:
        return pieces.reshape(whole * piece, *pieces.shape[2:])

    def scan_piece(state: Any, piece: Any) -> tuple[Any, Any]:
        return checkpointed_scan(body, state, piece, lengths[1:])

    state, outputs = lax.scan(jax.checkpoint(scan_piece), state, jax.tree.map(cut, inputs))
    outputs = jax.tree.map(join, outputs)
    if whole * piece == steps:
        return state, outputs
    state, last = lax.scan(jax.checkpoint(body), state, jax.tree.map(rest, inputs))
    return state, jax.tree.map(_joined, outputs, last)


def _joined(first: Array, last: Array) -> Array:
    return jnp.concatenate([first, last])


def steps_until_not_finite(
    program: Program,
    params: Params,
    state: State,
    dt: Array,
    times: Clock,
    samples: tuple[Array, ...],
    wiring: Wiring | None = None,
) -> tuple[int, State]:
    """Repeat a failed run one step at a time; return the steps before the first bad one, and the State after it.

    A State is bad where v, a current, a STATE or a value of an ion is not a number. Arguments as for ``run``.
    """

    @jax.jit
    def one_step(state: State, now: Clock, inputs: tuple[Array, ...]) -> State:
        derived = derive(program, params, dt)
        wired, state = begin_run(program, params, derived, wiring, state)
        return end_run(step(program, params, derived, state, now, inputs, wired)[0])

    for k in range(len(times.half)):
        state = one_step(state, Clock(*(values[k] for values in times)), tuple(values[k] for values in samples))
        parts = (state.v, state.ion, [values for _, _, values in flowing(program, state)])
        if not all(bool(jnp.isfinite(leaf).all()) for leaf in jax.tree.leaves(parts)):
            return k, state
    return len(times.half), state


def flowing(program: Program, state: State) -> Iterator[tuple[Slot, str, Any]]:
    """What flows into v or a later step: the currents of every mechanism, then the STATEs, in the order of a step.

    Slot, name and values, (instance,) or (size, instance).
    """
    for slot in program.slots:
        kept = state.mech[slot.name]
        yield from ((slot, use.name, kept[use.name]) for use in slot.mechanism.currents if use.name in kept)
    for slot in program.slots:
        fields = slot.mechanism.by_name
        for name, values in state.mech[slot.name].items():
            if name in fields and fields[name].role == "state":
                yield slot, name, values
