"""``integrate`` for modules: freeze, lower, place parameters, run.

In: a module and the values of this run. Out: what it records. Everything here passes through ``jit``, ``grad``,
``jvp`` and ``vmap``; what depends on the module alone is numpy and settled while tracing.
"""

from __future__ import annotations

import dataclasses
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from jxneuron.errors import ModelError, NonFinite
from jxneuron.lower.build import build_program
from jxneuron.lower.program import Address, Capacity, InputTarget, Params, State, VoltageMethod
from jxneuron.lower.wiring import build_wiring
from jxneuron.model.check import check
from jxneuron.model.model import InitMode, Slope
from jxneuron.modules import columns, edit, room, sampled, simulate, trainable, waveforms
from jxneuron.modules.build import voltages
from jxneuron.modules.core import Core, Input
from jxneuron.modules.spikes import Spikes
from jxneuron.modules.states import Parameters, States
from jxneuron.modules.values import is_traced
from jxneuron.run import integrate as loop
from jxneuron.run.derived import coupling
from jxneuron.run.events.deliver import begin_run, end_run
from jxneuron.run.prepare import derive
from jxneuron.run.step import Clock
from jxneuron.run.step import step as one_step
from jxneuron.wording import did_you_mean

# By name: NEURON's secondorder, and how the voltage moves
SOLVERS: dict[str, tuple[int, VoltageMethod]] = {
    "bwd_euler": (0, "implicit"),
    "crank_nicolson": (2, "implicit"),
    "secondorder=1": (1, "implicit"),
    "fwd_euler": (0, "explicit"),
    "exp_euler": (0, "exponential"),
}
# What scripts name their solver of the voltage equation by; all mean the one that there is
VOLTAGE_SOLVERS = (
    "auto",
    *(f"jaxley.{name}" for name in ("thomas", "stone", "dhs", "dhs.cpu", "dhs.gpu")),
    *(f"tridiax.{name}" for name in ("thomas", "stone")),
    "jax.sparse",
)
# For a gradient, a run this long stores the States between groups of steps only, by default
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
    return_spikes: bool = False,
    init: InitMode | None = None,
    slope: Slope | None = None,
) -> Any:
    """Run a module and return what it records.

    Args:
        module: a Compartment, Branch, Cell, Network or a view.
        params: from ``get_parameters``, or other values of that form.
        param_state: from ``data_set``; it may not set what ``params`` sets.
        data_stimuli: from ``data_stimulate``.
        data_clamps: from ``data_clamp``.
        t_max: ms; None: as many steps as the longest stimulus has samples minus one, or an imported model's tstop.
        delta_t: ms; None takes an imported model's own, else 0.025.
        solver: how the voltage moves in a step; None takes the model's own. ``bwd_euler``: NEURON's default, first
            order, stable for every dt. ``crank_nicolson``, ``secondorder=1``: NEURON's ``secondorder`` 2 and 1, for
            smooth inputs and small steps. ``fwd_euler``: no solve; unstable where dt is above ``2 c/g`` of some
            compartment (about 0.001 ms in thin cables). ``exp_euler``: membrane, then cable, each exactly over dt,
            stable for every dt, with one full matrix for each cell: for some hundred compartments on accelerators.
        voltage_solver: one of VOLTAGE_SOLVERS, which all name the same exact solver.
        checkpoint_lengths: how a gradient divides the run into pieces that it computes anew; None chooses.
        all_states: where to start, from ``return_states``; None initialises.
        return_states: whether to return the last States too.
        return_spikes: whether to return the spikes too that ``record_spikes`` asked for, as ``Spikes``.
        init: ``auto``, ``ours`` or ``neuron``: where an imported model starts.
        slope: how currents are linearised in v: ``auto`` (NEURON's quotient over 0.001 mV, the derivative where a
            current is linear), ``neuron`` (the quotient everywhere) or ``exact`` (the derivative everywhere).

    Returns:
        (num_recordings, num_steps + 1), rows as in ``module.recordings``; with ``return_states`` the States too, and
        with ``return_spikes`` then the Spikes.

    Raises:
        ModelError: nothing is recorded, no duration is known, ``params`` and ``param_state`` both set a place, or an
            input does not fit: its shape, its length, or the ``delta_t`` that it was made with.
        Float64Error: JAX runs in float32.
        NonFinite: a value stopped being a number; names the first step, mechanism and compartment.
        EventsLost: more events than there can be room for. A run with too little room is repeated with twice as much,
            and warns; where the run is traced it cannot be, and nothing is a number after the first loss.
    """
    core = _core_of(module)
    _require_options(core, voltage_solver, init, slope, return_spikes)
    dt = core.model.settings.dt if delta_t is None else _step(delta_t)
    inputs = _inputs(core, data_stimuli, data_clamps, dt, own=delta_t is None)
    steps = _steps(core, inputs, t_max, dt)
    prepared = prepare(core, inputs, solver, slope, init)
    placed = trainable.place(core, prepared.params, trainable.pstate(core, params, param_state))
    state = _start(core, prepared, placed, dt, init, all_states, _is_traced(placed))
    lengths = _lengths(steps, checkpoint_lengths)
    last, records = _run(core, prepared, placed, state, _start_time(core, all_states), dt, steps, inputs, lengths)
    states = [States(_frozen(core), last)] if return_states else []
    fired = [Spikes.of(_frozen(core), last)] if return_spikes else []
    return (records, *states, *fired) if states or fired else records


def _inputs(core: Core, data_stimuli: Any, data_clamps: Any, dt: float, own: bool) -> list[Input]:
    inputs = [*core.inputs, *_given(data_stimuli, "data_stimulate"), *_given(data_clamps, "data_clamp")]
    _require_step(inputs, dt, own)
    return inputs


def _require_options(
    core: Core, voltage_solver: str, init: InitMode | None, slope: Slope | None, return_spikes: bool
) -> None:
    _require_voltage_solver(voltage_solver)
    _require_option("init", init, get_args(InitMode))
    _require_option("slope", slope, get_args(Slope))
    spiking = core.model.events is not None and len(core.model.events.recorded)
    if return_spikes and not spiking:
        raise ModelError("no spikes are recorded: say whose with module.record_spikes()")
    if not core.model.probes and not return_spikes:
        raise ModelError('nothing is recorded: say what with module.record("v")')


def _run(
    core: Core,
    prepared: simulate.Simulation,
    params: Params,
    state: State,
    t: float,
    dt: float,
    steps: int,
    inputs: Sequence[Input],
    lengths: tuple[int, ...],
) -> tuple[State, jax.Array]:
    """Run from a State at ``t`` and check the results: the last State, and the records, (record, steps + 1)."""
    times = loop.clock(t, dt, t + steps * dt)
    samples = (*simulate.played(prepared, t, times), *(_padded(each, steps) for each in inputs))
    room.require_no_loss(prepared, state)
    while True:
        given = params, state, np.float64(dt), times, samples, lengths, prepared.wiring
        last, records = loop.run(prepared.program, *given)
        needed = room.room_for_rerun(prepared, last)
        if needed is None:
            break
        warnings.warn(room.describe_room(prepared.model, last, needed), stacklevel=4)
        core.events_capacity.update(dataclasses.asdict(needed))
        prepared, state = room.with_room(prepared, state, needed)
    _require_finite(prepared, params, state, last, dt, times, samples, records)
    return last, records


def prepare(
    core: Core,
    inputs: Sequence[Input] = (),
    solver: str | None = None,
    slope: Slope | None = None,
    init: InitMode | None = None,
) -> simulate.Simulation:
    """A module made ready to run; nothing of it is traced. Made once for each state of the module."""
    loop.require_float64()
    slope = simulate.slope_here(core.model, slope)
    key = solver, slope, init
    if core.prepared.get("model") is not core.model:
        core.prepared = {"model": core.model}
    if key not in core.prepared:
        core.prepared[key] = _prepared(core, solver, slope, init)
    found = core.prepared[key]
    targets = (*found.program.input_targets, *(_input_target(core, each) for each in inputs))
    capacity = found.program.capacity
    capacity = Capacity(
        **{name: max(getattr(capacity, name), places) for name, places in _asked(core, capacity).items()}
    )
    program = dataclasses.replace(found.program, input_targets=targets, capacity=capacity)
    return dataclasses.replace(found, program=program)


def _asked(core: Core, capacity: Capacity) -> dict[str, int]:
    """Return how much room for events there has to be at least."""
    return dataclasses.asdict(capacity) | core.events_capacity


def _prepared(core: Core, solver: str | None, slope: Slope | None, init: InitMode | None) -> simulate.Simulation:
    model = edit.in_run_order(core.model, core.mechanisms)
    if model.initial is not None and (init or model.initial.mode) != "ours":
        model = dataclasses.replace(model, v_init=voltages(model))
    method: VoltageMethod = "implicit"
    if solver is not None:
        if solver not in SOLVERS:
            raise ModelError(f"solver = {solver!r}: there are {', '.join(SOLVERS)}")
        order, method = SOLVERS[solver]
        model = dataclasses.replace(model, settings=dataclasses.replace(model.settings, secondorder=order))
    check(model)
    program, params = build_program(model, core.mechanisms, slope=slope, method=method)
    return simulate.Simulation(model, program, params, core.mechanisms, build_wiring(model, core.mechanisms))


def _input_target(core: Core, each: Input) -> InputTarget:
    if each.key == "i":
        return InputTarget("current", Address("v", each.nodes))
    column = columns.find(core.model, core.mechanisms, each.key)
    if column.kind == "v":
        return InputTarget("solved", Address("v", each.nodes))
    if column.kind not in ("range", "ion", "edge") or not column.state:
        raise ModelError(f"{each.key} cannot be clamped: v, concentrations and the states of mechanisms can")
    at = np.searchsorted(column.nodes, each.nodes)
    return InputTarget("clamped", Address("ion" if column.kind == "ion" else "mech", at, column.owner, column.name))


def _require_voltage_solver(name: str) -> None:
    if name not in VOLTAGE_SOLVERS:
        raise ModelError(
            f"voltage_solver = {name!r}: there are {', '.join(VOLTAGE_SOLVERS)}{did_you_mean(name, VOLTAGE_SOLVERS)}"
        )


def _core_of(module: Any) -> Core:
    if not isinstance(getattr(module, "_core", None), Core):
        raise ModelError(f"a module is run, not a {type(module).__name__}")
    module._visible()  # a view of a module that was cut since says so
    return module._core


def _given(data: Any, verb: str) -> list[Input]:
    found = [] if data is None else list(data)
    if not all(isinstance(each, Input) for each in found):
        raise ModelError(f"{verb}s is what module.{verb} returns, not a {type(data).__name__} of something else")
    return found


def _step(delta_t: float) -> float:
    waveforms.num_steps(delta_t, delta_t)
    return float(delta_t)


def _require_option(name: str, value: Any, known: Sequence[str]) -> None:
    if value is not None and value not in known:
        raise ModelError(f"{name} = {value!r}: there are {', '.join(known)}")


def _require_step(inputs: Sequence[Input], dt: float, own: bool) -> None:
    """Waveforms were made for steps of their own.

    Raises:
        ModelError: the run takes others, which would stretch them.
    """
    for each in inputs:
        if each.delta_t is not None and not sampled.same_step(each.delta_t, dt):
            what = "a stimulus" if each.key == "i" else f"a clamp of {each.key}"
            whose = "the model's own" if own else "as delta_t says"
            raise ModelError(
                f"{what} has samples every {each.delta_t:g} ms, and this run takes steps of {dt:g} ms ({whose}): "
                f"make it with delta_t={dt:g}, or call integrate(..., delta_t={each.delta_t:g})"
            )


def _steps(core: Core, inputs: Sequence[Input], t_max: float | None, dt: float) -> int:
    stimuli = [each.values.shape[-1] for each in inputs]
    if t_max is None and stimuli:
        steps = max(stimuli) - 1
    elif t_max is None and core.model.initial is not None:
        steps = len(loop.clock(core.model.initial.t, dt, core.model.settings.tstop).half)
    elif t_max is None:
        raise ModelError("how long to run is unknown: give t_max, or a stimulus")
    else:
        steps = waveforms.num_steps(t_max, dt)
    short = [each.key for each in inputs if each.key != "i" and each.values.shape[-1] < steps]
    if short:
        raise ModelError(f"the clamp of {short[0]} is shorter than the run: it needs {steps} samples")
    return steps


def _padded(each: Input, steps: int) -> Any:
    """(steps, k): what lies beyond the run is cut, a short stimulus goes on with 0."""
    xp = jnp if is_traced(each.values) else np  # NumPy has nothing to compile
    values = xp.asarray(each.values).T[:steps]
    return xp.pad(values, ((0, steps - len(values)), (0, 0)))


def _lengths(steps: int, given: Sequence[int] | None) -> tuple[int, ...]:
    if given is not None:
        lengths = tuple(int(each) for each in given)
        if not lengths or min(lengths) < 1 or math.prod(lengths) < steps:
            raise ModelError(f"checkpoint_lengths = {list(given)}: their product must be at least {steps} steps")
        return lengths
    if steps < LONG:
        return ()
    piece = _piece(steps)
    return (math.ceil(steps / piece), piece)


def _piece(steps: int) -> int:
    """Return about the square root, where possible a divisor: steps left after the pieces are compiled once more."""
    root = math.isqrt(steps)
    divisors = [piece for piece in range(math.ceil(root / 2), 2 * root) if steps % piece == 0]
    return min(divisors, key=lambda piece: abs(piece - root), default=root)


def _start_time(core: Core, all_states: Any) -> float:
    if all_states is not None:
        return float(all_states.state.t)
    return core.model.initial.t if core.model.initial else 0.0


def _is_traced(params: Params) -> bool:
    return any(isinstance(leaf, Tracer) for leaf in jax.tree.leaves(params))


def _start(core: Core, prepared: Any, params: Params, dt: float, init: Any, all_states: Any, traced: bool) -> State:
    if all_states is not None:
        return all_states.state
    state, notes = simulate.start(prepared, dt, init, params, _taken(core, dt, init))
    if notes and traced:
        taken = ", ".join(note.place for note in notes)
        warnings.warn(f"gradients do not pass through what the start takes from NEURON: {taken}", stacklevel=3)
    return state


def _taken(core: Core, dt: float, init: InitMode | None) -> simulate.Taken | None:
    """What runs take from NEURON's state: settled with the model as it was imported, whatever was edited since."""
    if core.imported is None or core.imported.initial is None or core.model.initial is None:
        return None
    mode = init or core.model.initial.mode
    if mode == "ours":
        return None
    if (dt, mode) not in core.settled:
        core.settled[dt, mode] = simulate.taken_from(simulate.prepare(core.imported), dt, mode)
    return core.settled[dt, mode]


def _require_finite(
    prepared: Any, params: Params, state: State, last: State, dt: float, times: Any, samples: Any, records: Any
) -> None:
    """Raise where a state or a record is not a number, also in what nothing records."""
    if any(isinstance(each, Tracer) for each in (records, *jax.tree.leaves(last))):
        return
    simulate.require_finite(dataclasses.replace(prepared, params=params), state, last, dt, times, samples)
    bad = np.argwhere(~np.isfinite(np.asarray(records)))
    if len(bad):
        row, step = bad[np.argmin(bad[:, 1])]
        t = times.full[step - 1] if step else float(state.t)
        name = prepared.program.recorders[row].name
        raise NonFinite(f"not a number at step {step} (t = {t:.6g} ms): the record {name}")


def _frozen(core: Core) -> Core:
    """Return a copy of the Core, for what outlives the next edit."""
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
    held = state.ion if column.kind == "ion" else state.mech
    values = np.asarray(held[column.owner][column.name])
    if column.kind in ("range", "ion", "edge"):
        return values[..., np.searchsorted(column.nodes, nodes)]
    return values[..., column.index] if column.kind == "point" else values


def build_init_and_step_fn(
    module: Any, voltage_solver: str = "auto", solver: str | None = None
) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return the pure functions of which ``integrate`` is made.

    Returns:
        ``init_fn(params, all_states=None, param_state=None, delta_t=0.025) -> (States, Parameters)`` and
        ``step_fn(all_states, all_params, externals, external_inds=None, delta_t=0.025) -> States``, where ``externals``
        holds for each key of ``module.externals`` the present sample, (inputs,).
    """
    core = _frozen(module._core)
    _require_voltage_solver(voltage_solver)
    _refuse_plays(core)
    prepare(core, core.inputs, solver)

    def init_fn(
        params: Any = (), all_states: Any = None, param_state: Any = None, delta_t: float = 0.025
    ) -> tuple[States, Parameters]:
        all_params = get_all_parameters(core, trainable.pstate(core, params, param_state))
        return all_states or get_all_states(core, all_params, delta_t), all_params

    def step_fn(
        all_states: States, all_params: Parameters, externals: Any, external_inds: Any = None, delta_t: float = 0.025
    ) -> States:
        return step(core, all_states, delta_t, external_inds, externals, all_params, solver)

    return init_fn, step_fn


def step(
    core: Core,
    u: States,
    dt: Any,
    external_inds: Mapping[str, Any] | None,
    externals: Mapping[str, Any],
    params: Parameters,
    solver: str | None = None,
    voltage_solver: str = "auto",
) -> States:
    """The States one step later; see ``Module.step``."""
    _require_voltage_solver(voltage_solver)
    _refuse_plays(core)
    if not isinstance(u, States) or not isinstance(params, Parameters):
        raise ModelError("step takes States from get_all_states and Parameters from get_all_parameters")
    inputs = _present(core, external_inds, externals)
    prepared = prepare(core, inputs, solver)
    program = prepared.program
    samples = tuple(jnp.asarray(each.values) for each in inputs)
    half = u.state.t + 0.5 * dt
    derived = derive(program, params.params, jnp.asarray(dt))
    wired, state = begin_run(program, params.params, derived, prepared.wiring, u.state)
    now = Clock(state.t, half, half + 0.5 * dt)
    state, _ = one_step(program, params.params, derived, state, now, samples, wired)
    return u.at(end_run(state))


def external_inds(core: Core) -> dict[str, Any]:
    """Rows of ``nodes`` on which each row of ``externals`` acts, by key."""
    row_of = np.full(len(core.model.nodes.parent), -1, np.int64)
    row_of[core.rows.node] = np.arange(len(core.rows.node))
    keys = dict.fromkeys(each.key for each in core.inputs)
    return {key: np.concatenate([row_of[each.nodes] for each in core.inputs if each.key == key]) for key in keys}


def _present(core: Core, rows: Mapping[str, Any] | None, externals: Mapping[str, Any]) -> list[Input]:
    """One input for each key, holding the present samples.

    Raises:
        ModelError: other keys, or another number of samples than of rows.
    """
    rows = external_inds(core) if rows is None else rows
    if set(rows) != set(externals):
        raise ModelError(f"externals hold {sorted(externals)}, external_inds {sorted(rows)}")
    found = []
    for key, at in rows.items():
        nodes, values = core.rows.node[np.asarray(at, np.int64)], jnp.asarray(externals[key])
        if values.shape != nodes.shape:
            raise ModelError(f"externals[{key!r}] has shape {values.shape}, expected {nodes.shape}")
        found.append(Input(key, nodes, values))
    return found


def _refuse_plays(core: Core) -> None:
    if core.model.plays:
        raise ModelError("a module into which vectors are played (Vector.play) runs by integrate only")
