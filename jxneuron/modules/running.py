"""``integrate`` for modules: freeze, lower, place parameters, run.

In: a module and the values of this run. Out: what it records. Everything here passes through ``jit``, ``grad``,
``jvp`` and ``vmap``; what depends on the module alone is numpy and settled while tracing.
"""

from __future__ import annotations

import dataclasses
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from jxneuron.errors import ModelError, NonFinite
from jxneuron.lower.lower import lower
from jxneuron.lower.program import Drive, Params, Place, Program, State
from jxneuron.model.check import check
from jxneuron.modules import columns, edit, simulate, trainable
from jxneuron.modules.core import Core, Input
from jxneuron.modules.states import Parameters, States
from jxneuron.run import integrate as loop
from jxneuron.run.fixed import coupling

SECOND_ORDER = {"bwd_euler": 0, "crank_nicolson": 2, "secondorder=1": 1}
# A run this long remembers groups of steps only, unless told otherwise
LONG = 512


def integrate(
    module: Any,
    params: Sequence[Mapping[str, Any]] = (),
    *,
    param_state: Sequence[Mapping[str, Any]] | None = None,
    data_stimuli: Any = None,
    data_clamps: Any = None,
    t_max: float | None = None,
    delta_t: float | None = None,
    solver: str | None = None,
    voltage_solver: str = "auto",
    checkpoint_lengths: Sequence[int] | None = None,
    all_states: Any = None,
    return_states: bool = False,
    init: str | None = None,
) -> Any:
    """Run a module and return what it records.

    Args:
        module: a Compartment, Branch, Cell, Network or a view.
        params: from ``get_parameters``, or changed values of that form.
        param_state: from ``data_set``.
        data_stimuli: from ``data_stimulate``.
        data_clamps: from ``data_clamp``.
        t_max: ms; None: as many steps as the longest stimulus has samples minus one, or an imported model's tstop.
        delta_t: ms; None takes an imported model's own, else 0.025.
        solver: ``bwd_euler`` (NEURON's default), ``crank_nicolson`` (secondorder 2) or ``secondorder=1``; None takes
            the model's own.
        voltage_solver: names of other solvers are accepted; there is one, exact, for every tree.
        checkpoint_lengths: how a gradient divides the run into pieces that it computes anew; None chooses.
        all_states: where to start, from ``return_states``; None initialises.
        return_states: return the last states too.
        init: ``auto``, ``ours`` or ``neuron``: where an imported model starts.

    Returns:
        (num_recordings, num_steps + 1), rows as in ``module.recordings``, entry 0 is the initial value; with
        ``return_states`` also the States at the end.

    Raises:
        ModelError: nothing is recorded, no duration is known, or an input does not fit.
        Float64Error: JAX runs in float32.
        NonFinite: a value stopped being a number; names the first step, mechanism and compartment.
    """
    core = module._core
    if not core.model.probes:
        raise ModelError('nothing is recorded: say what with module.record("v")')
    dt = core.model.settings.dt if delta_t is None else _step(delta_t)
    inputs = [*core.inputs, *_given(data_stimuli), *_given(data_clamps)]
    steps = _steps(core, inputs, t_max, dt)
    prepared = prepare(core, inputs, solver)
    pstate = [*trainable.params_to_pstate(params, core.trainables), *(param_state or [])]
    placed = trainable.place(core, prepared.params, pstate)
    state = _start(core, prepared, placed, dt, init, all_states, _is_traced(placed))
    times = loop.clock(_start_time(core, all_states), dt, _start_time(core, all_states) + steps * dt)
    lengths = _lengths(steps, checkpoint_lengths)
    played = simulate.played(prepared, _start_time(core, all_states), times)
    samples = (*played, *(_padded(each, steps) for each in inputs))
    last, traces = loop.run(prepared.program, placed, state, jnp.asarray(dt), times, samples, lengths)
    first = loop.read(prepared.program.recorders, placed, state)
    records = jnp.concatenate([first[None], traces]).T
    _require_finite(prepared, placed, state, last, dt, times, samples, records)
    return (records, States(_frozen(core), last)) if return_states else records


def prepare(core: Core, inputs: Sequence[Input] = (), solver: str | None = None) -> simulate.Simulation:
    """A module made ready to run; nothing of it is traced."""
    loop.require_float64()
    model = edit.in_run_order(core.model, core.mechanisms)
    if solver is not None:
        if solver not in SECOND_ORDER:
            raise ModelError(f"solver = {solver!r}: there are {', '.join(SECOND_ORDER)}")
        model = dataclasses.replace(
            model, settings=dataclasses.replace(model.settings, secondorder=SECOND_ORDER[solver])
        )
    check(model)
    program, params = lower(model, core.mechanisms)
    program = dataclasses.replace(program, drives=(*program.drives, *(_drive(core, each) for each in inputs)))
    return simulate.Simulation(model, program, params, core.mechanisms)


def _drive(core: Core, each: Input) -> Drive:
    if each.key == "i":
        return Drive("current", Place("v", each.nodes))
    column = columns.find(core.model, core.mechanisms, each.key)
    if column.kind == "v":
        return Drive("solved", Place("v", each.nodes))
    if column.kind != "range":
        raise ModelError(f"{each.key} cannot be clamped: v and the states of mechanisms can")
    return Drive("end", Place("mech", np.searchsorted(column.nodes, each.nodes), column.owner, column.name))


def _given(data: Any) -> list[Input]:
    return list(data or [])


def _step(delta_t: float) -> float:
    if not (np.isfinite(delta_t) and delta_t > 0):
        raise ModelError(f"delta_t = {delta_t} ms: it must be positive")
    return float(delta_t)


def _steps(core: Core, inputs: Sequence[Input], t_max: float | None, dt: float) -> int:
    stimuli = [each.values.shape[-1] for each in inputs]
    if t_max is None and stimuli:
        steps = max(stimuli) - 1
    elif t_max is None and core.model.initial is not None:
        steps = len(loop.clock(core.model.initial.t, dt, core.model.settings.tstop).half)
    elif t_max is None:
        raise ModelError("how long to run is unknown: give t_max, or a stimulus")
    else:
        steps = round(t_max / dt)
        if not np.isfinite(t_max) or t_max <= 0 or abs(t_max / dt - steps) > 1e-3:
            raise ModelError(f"t_max = {t_max} ms is no multiple of delta_t = {dt} ms")
    short = [each.key for each in inputs if each.key != "i" and each.values.shape[-1] < steps]
    if short:
        raise ModelError(f"the clamp of {short[0]} is shorter than the run: it needs {steps} samples")
    return steps


def _padded(each: Input, steps: int) -> Any:
    """(steps, k): what lies beyond the run is cut, a short stimulus goes on with 0."""
    values = jnp.asarray(each.values).T[:steps]
    return jnp.pad(values, ((0, steps - len(values)), (0, 0)))


def _lengths(steps: int, given: Sequence[int] | None) -> tuple[int, ...]:
    if given is not None:
        lengths = tuple(int(each) for each in given)
        if not lengths or min(lengths) < 1 or math.prod(lengths) < steps:
            raise ModelError(f"checkpoint_lengths = {list(given)}: their product must be at least {steps} steps")
        return lengths
    if steps < LONG:
        return ()
    piece = math.isqrt(steps)
    return (math.ceil(steps / piece), piece)


def _start_time(core: Core, all_states: Any) -> float:
    if all_states is not None:
        return float(all_states.state.t)
    return core.model.initial.t if core.model.initial else 0.0


def _is_traced(params: Params) -> bool:
    return any(isinstance(leaf, Tracer) for leaf in jax.tree.leaves(params))


def _start(core: Core, prepared: Any, params: Params, dt: float, init: Any, all_states: Any, traced: bool) -> State:
    if all_states is not None:
        return all_states.state
    state, notes = simulate.start(prepared, dt, init, params)
    if notes and traced:
        taken = ", ".join(note.place for note in notes)
        warnings.warn(f"gradients do not pass through what the start takes from NEURON: {taken}", stacklevel=3)
    return state


def _require_finite(
    prepared: Any, params: Params, state: State, last: State, dt: float, times: Any, samples: Any, records: Any
) -> None:
    if any(isinstance(each, Tracer) for each in (records, *jax.tree.leaves(last))):
        return
    if not bool(jnp.isfinite(records).all()):
        simulate.require_finite(dataclasses.replace(prepared, params=params), state, last, dt, times, samples)
        raise NonFinite("a recorded value is not a number")


def _frozen(core: Core) -> Core:
    """The Core as it stands, for what outlives the next edit."""
    return dataclasses.replace(core)


def get_all_parameters(core: Core, pstate: Sequence[Mapping[str, Any]]) -> Parameters:
    """Every parameter with trainables in place, and the axial couplings derived from them."""
    prepared = prepare(core, core.inputs)
    params = trainable.place(core, prepared.params, pstate)
    a, b = coupling(prepared.program, params)
    return Parameters(_frozen(core), params, {"a": a, "b": b})


def get_all_states(core: Core, all_params: Parameters, delta_t: float) -> States:
    """The initial state, currents included."""
    prepared = prepare(core, core.inputs)
    return States(_frozen(core), _start(core, prepared, all_params.params, delta_t, None, None, False))


def initial_values(core: Core, column: columns.Column, nodes: Any) -> Any:
    """What a state starts a run with, (k,); () where there is one for the whole module."""
    if column.kind == "v":
        return columns.read(core.model, column)[np.searchsorted(column.nodes, nodes)]
    prepared = prepare(core)
    state = _start(core, prepared, prepared.params, core.model.settings.dt, None, None, False)
    values = np.asarray(state.mech[column.owner][column.name])
    if column.kind == "range":
        return values[..., np.searchsorted(column.nodes, nodes)]
    return values[..., column.index] if column.kind == "point" else values


def build_init_and_step_fn(
    module: Any, voltage_solver: str = "auto", solver: str | None = None
) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The pure functions behind ``integrate``.

    Returns:
        ``init_fn(params, all_states=None, param_state=None, delta_t=0.025) -> (States, Parameters)`` and
        ``step_fn(all_states, all_params, externals, external_inds=None, delta_t=0.025) -> States``, where ``externals``
        holds for each key of ``module.externals`` the present sample, (inputs,).
    """
    core = _frozen(module._core)
    if core.model.plays:
        raise ModelError("a module into which vectors are played (Vector.play) runs by integrate only")
    prepared = prepare(core, core.inputs, solver)

    def init_fn(
        params: Any = (), all_states: Any = None, param_state: Any = None, delta_t: float = 0.025
    ) -> tuple[States, Parameters]:
        pstate = [*trainable.params_to_pstate(params, core.trainables), *(param_state or [])]
        all_params = get_all_parameters(core, pstate)
        return all_states or get_all_states(core, all_params, delta_t), all_params

    def step_fn(
        all_states: States, all_params: Parameters, externals: Any, external_inds: Any = None, delta_t: float = 0.025
    ) -> States:
        return States(core, one_step(prepared.program, core, all_states.state, all_params.params, externals, delta_t))

    return init_fn, step_fn


def one_step(
    program: Program, core: Core, state: State, params: Params, externals: Mapping[str, Any], dt: Any
) -> State:
    """One step; the present samples of all inputs of a key stand one after another."""
    from jxneuron.run.fixed import fix
    from jxneuron.run.step import Clock, step

    samples, used = [], dict.fromkeys(externals, 0)
    for each in core.inputs:
        start = used[each.key]
        used[each.key] = start + len(each.nodes)
        samples.append(jnp.asarray(externals[each.key])[start : used[each.key]])
    half = state.t + 0.5 * dt
    return step(
        program, params, fix(program, params, jnp.asarray(dt)), state, Clock(half, half + 0.5 * dt), tuple(samples)
    )
