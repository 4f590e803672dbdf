"""From a Model to a Result: where tables, lowering and the runtime meet.

In: a Model. Out: the time axis, what was recorded, how long it took, and notes on the initial state.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from jxneuron.errors import EventsLost, ModelError, NonFinite
from jxneuron.lower import plays
from jxneuron.lower.build import build_program
from jxneuron.lower.program import Params, Program, State, Wiring
from jxneuron.lower.wiring import build_wiring
from jxneuron.mech.generated import load_all
from jxneuron.mech.mechanism import Mechanism
from jxneuron.model.find import ion_of, node_name, placement_of
from jxneuron.model.model import Initial, InitMode, Model, Note, Slope
from jxneuron.modules.room import describe_room, require_no_loss, room_for_rerun, with_room
from jxneuron.modules.values import is_traced
from jxneuron.run import integrate
from jxneuron.wording import listed

# Two initial values are the same when they differ by less than this share of the variable's largest value: far
# above what two libraries' exp and pow differ by, far below what any other initialisation gives.
SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Result:
    """A finished run.

    Attributes:
        t: (steps + 1,) ms, the first entry is the start.
        records: by the probe's name, (steps + 1,) each.
        state: the State at the end.
        seconds: ``compile`` (tracing, compiling and the initial state) and ``run``.
        notes: what was taken from NEURON at the start, and what the run needed more room for.
        spikes: by the name of the record (``Events.recorded``), (spikes of the run,) ms.
    """

    t: NDArray[np.float64]
    records: Mapping[str, NDArray[np.float64]]
    state: State
    seconds: Mapping[str, float]
    notes: tuple[Note, ...] = field(default=())
    spikes: Mapping[str, NDArray[np.float64]] = field(default_factory=dict[str, NDArray[np.float64]])


@dataclass(frozen=True, eq=False)
class Simulation:
    """A Model made ready to run: its Program, its Params, its mechanisms, and its connections where it has events."""

    model: Model
    program: Program
    params: Params
    mechanisms: Mapping[str, Mechanism]
    wiring: Wiring | None = None


class Taken(NamedTuple):
    """What a run starts with because NEURON had it so after the model's own initialisation."""

    model: Model  # as imported
    values: Mapping[tuple[str, str, str], NDArray[np.float64]]  # by group (mech, ion, node), owner and variable
    notes: tuple[Note, ...]


def prepare(model: Model, *, slope: Slope | None = None) -> Simulation:
    """Load the mechanisms of a Model and lower it.

    Raises:
        Float64Error: JAX runs in float32.
    """
    integrate.require_float64()
    mechanisms = load_all(model.sources)
    program, params = build_program(model, mechanisms, slope=slope_here(model, slope))
    return Simulation(model, program, params, mechanisms, build_wiring(model, mechanisms))


def slope_here(model: Model, slope: Slope | None) -> Slope:
    """How currents are linearised; in float32, where a quotient over 0.001 mV is noise, ``auto`` is ``exact``."""
    wanted = slope or model.settings.slope
    return "exact" if wanted == "auto" and integrate.in_float32() else wanted


def start(
    simulation: Simulation,
    dt: float,
    init: InitMode | None = None,
    params: Params | None = None,
    taken: Taken | None = None,
) -> tuple[State, tuple[Note, ...]]:
    """Return the State at the start of a run, and notes on what of it was taken from NEURON.

    Args:
        simulation: from ``prepare``.
        dt: ms.
        init: ``ours``: INITIAL in our code from ``v_init``; ``neuron``: every value that the imported session shows;
            ``auto``: ours, and the session's where the two differ. None takes the model's own.
        params: other parameters than the model's own, traced or not.

        taken: from ``taken_from`` of the model as it was imported, where it has been edited since; None settles it
            with this model.

    Raises:
        ModelError: ``neuron`` asked of a model that holds no NEURON state.
    """
    initial = simulation.model.initial
    mode = init or (initial.mode if initial else "ours")
    if initial is None and mode == "neuron":
        raise ModelError("init = 'neuron': this model holds no state from NEURON; use 'ours'")
    t = np.float64(initial.t if initial else 0.0)
    given = simulation.params if params is None else params
    if initial is None or mode == "ours":
        return integrate.start(simulation.program, given, np.float64(dt), t, simulation.wiring), ()
    if taken is None:
        taken = taken_from(simulation, dt, mode)
    if simulation.model.v_init is None:
        given = given._replace(v_init=initial.v)
    ours = integrate.start(simulation.program, given, np.float64(dt), t, simulation.wiring)
    return _overlaid(ours, taken, simulation.model), (*_voltage_note(simulation, initial), *taken.notes)


def taken_from(simulation: Simulation, dt: float, mode: InitMode) -> Taken:
    """What a run of an imported model takes from NEURON's state; settled by numbers, also while a gradient is traced.

    Args:
        simulation: of the model as it was imported.
        dt: ms.
        mode: ``auto``: what differs from our INITIAL; ``neuron``: everything.

    Raises:
        ModelError: a variable that NEURON does not show is not what our INITIAL computes.
    """
    model = simulation.model
    assert model.initial is not None
    params = simulation.params._replace(v_init=model.initial.v)
    given = params, np.float64(dt), np.float64(model.initial.t), simulation.wiring
    # Compiled by itself: called as a function, it would become part of what is traced around it.
    ours = integrate.start.lower(simulation.program, *given).compile()(*given)
    values, notes = _taken_over(ours, model.initial, model, everything=mode == "neuron")
    if model.initial.t == 0.0:  # later, the model's own steps may have changed a PARAMETER too
        _require_known(ours, model.initial, simulation.mechanisms)
    return Taken(model, values, notes)


def start_notes(model: Model) -> tuple[Note, ...]:
    """What a run of this model takes from NEURON's state at its start (see ``start``).

    Raises:
        Float64Error: JAX runs in float32.
    """
    if model.initial is None or model.initial.mode == "ours":
        return ()
    return start(prepare(model), model.settings.dt)[1]


def _voltage_note(simulation: Simulation, initial: Initial) -> tuple[Note, ...]:
    model = simulation.model
    own = model.v_init is not None and not np.array_equal(model.v_init, initial.v)
    if own or np.array_equal(initial.v, np.full_like(initial.v, model.settings.v_init)):
        return ()
    return (_taken("v", "the model's own initialisation leaves other voltages than v_init"),)


def _taken(place: str, why: str) -> Note:
    return Note("initial state", place, why, "taken from NEURON; gradients do not pass through it")


def _taken_over(
    state: State, initial: Initial, model: Model, *, everything: bool
) -> tuple[dict[tuple[str, str, str], NDArray[np.float64]], tuple[Note, ...]]:
    """NEURON's values to put over ours, all of them or where they differ: by group, owner and variable."""
    notes: list[Note] = []
    taken: dict[tuple[str, str, str], NDArray[np.float64]] = {}
    for name, values in initial.states.items():
        for variable in sorted(set(values) & set(state.mech[name])):
            mine, place = state.mech[name][variable], f"{name}.{variable}"
            if _differs(mine, values[variable], place, notes) or everything:
                taken["mech", name, variable] = values[variable]
    for species in model.ions:
        for variable in ("e", "inside", "outside"):
            theirs, place = getattr(species, variable), f"{species.name}_ion.{variable}"
            if _differs(state.ion[species.name][variable], theirs, place, notes) or everything:
                taken["ion", species.name, variable] = theirs
    if taken:  # what a record shows at the start; no step reads them, so they are no reason for a note
        taken |= {("ion", name, "current"): current for name, current in initial.currents.items()}
        taken |= {("node", "", name): values for name, values in initial.node.items() if name in state.node}
    return taken, tuple(notes)


def _require_known(state: State, initial: Initial, mechanisms: Mapping[str, Mechanism]) -> None:
    """Refuse variables that NEURON does not show where an INITIAL changes its own PARAMETER each time it runs.

    Ours then began with what NEURON's left, so that what it computes from the PARAMETER is not NEURON's.

    Raises:
        ModelError: names the mechanisms, the PARAMETERs and the hidden variables.
    """
    complaints: list[str] = []
    for name, values in initial.states.items():
        kept = mechanisms[name].fields_in("s")
        hidden = [field.name for field in kept if field.name not in values]
        again = [
            field.name
            for field in kept
            if field.role == "parameter"
            and field.name in values
            and _differs(state.mech[name][field.name], values[field.name], "", [])
        ]
        if again and hidden:
            complaints.append(
                f"INITIAL of {name} changes its PARAMETER {listed(again)} each time it runs, and NEURON does not show "
                f"{listed(hidden)}: declare {listed(hidden)} RANGE in the .mod file"
            )
    if complaints:
        raise ModelError("\n".join(["the state after NEURON's initialisation is not known whole:", *complaints]))


def _overlaid(state: State, taken: Taken, model: Model) -> State:
    """Replace our values in a State by NEURON's, except where the model has been changed since the import."""
    groups = {"mech": dict(state.mech), "ion": dict(state.ion)}
    node = {name: values for (group, _, name), values in taken.values.items() if group == "node"}
    if all(values.shape == state.node[name].shape for name, values in node.items()):
        state = state._replace(node={**state.node, **{name: jax.device_put(values) for name, values in node.items()}})
    for (group, owner, variable), values in taken.values.items():
        if group == "node" or owner not in groups[group]:
            continue
        ours = groups[group][owner][variable]
        find = _kept_places if group == "mech" else _kept_ion_places
        now, then = find(taken.model, model, owner, variable)
        new = values if now is None else _replaced(ours, now, values[..., then])
        groups[group][owner] = {**groups[group][owner], variable: jax.device_put(new)}
    return state._replace(**groups)


def _replaced(old: Any, at: Any, values: NDArray[np.float64]) -> Any:
    """Some of the values changed; those that are not traced at once, without anything to compile."""
    if is_traced(old):
        return old.at[..., at].set(values)
    new = np.array(old)
    new[..., at] = values
    return new


def _kept_places(then: Model, now: Model, owner: str, variable: str) -> tuple[Any, Any]:
    """Find the instances that both models have and that got no initial override: where they are now, and were then.

    None where the variable has one value for all.
    """
    old, new = placement_of(then, owner), placement_of(now, owner)
    if variable not in new.values:
        return None, None
    here = list(new.labels) or new.node.tolist()
    there = {key: k for k, key in enumerate(old.labels or old.node.tolist())}
    override = new.initial_override.get(variable, np.full(len(here), np.nan))
    overridden = np.flatnonzero(~np.isnan(np.atleast_2d(override)).all(axis=0))
    before, after = np.atleast_2d(old.values[variable]), np.atleast_2d(new.values[variable])
    at = [
        k
        for k, key in enumerate(here)
        if key in there and k not in overridden and np.array_equal(before[:, there[key]], after[:, k])
    ]
    return np.array(at, np.int64), np.array([there[here[k]] for k in at], np.int64)


def _kept_ion_places(then: Model, now: Model, owner: str, variable: str) -> tuple[Any, Any]:
    """As ``_kept_places``, for an ion; a value that is no longer the imported one was given."""
    old, new = ion_of(then, owner), ion_of(now, owner)
    there = {key: k for k, key in enumerate(old.node.tolist())}
    before, after = getattr(old, variable, None), getattr(new, variable, None)
    at = [
        k
        for k, key in enumerate(new.node.tolist())
        if key in there and (after is None or before is None or after[k] == before[there[key]])
    ]
    return np.array(at, np.int64), np.array([there[int(new.node[k])] for k in at], np.int64)


def _differs(ours: Any, theirs: NDArray[np.float64], place: str, notes: list[Note]) -> bool:
    mine = np.asarray(ours)
    differs = ~(np.abs(mine - theirs) <= SAME * np.max(np.abs(theirs), initial=0.0))
    if not differs.any():
        return False
    worst = np.max(np.abs(mine - theirs)[differs])
    notes.append(_taken(place, f"differs from our INITIAL in {differs.sum()} of {differs.size} values, by {worst:.3g}"))
    return True


def run_model(
    model: Model,
    *,
    t_stop: float | None = None,
    dt: float | None = None,
    init: InitMode | None = None,
    slope: Slope | None = None,
) -> Result:
    """Run a Model and record its probes.

    Args:
        model: what to run.
        t_stop: ms; None takes the model's own ``tstop``.
        dt: ms; None takes the model's own.
        init: see ``start``.
        slope: see ``lower.build.build_program``.

    Raises:
        Float64Error: JAX runs in float32.
        NonFinite: a value stopped being a number; names the first step, mechanism and compartment.
        EventsLost: more events than there can be room for.
    """
    began = time.perf_counter()
    simulation = prepare(model, slope=slope)
    dt = model.settings.dt if dt is None else dt
    state, notes = start(simulation, dt, init)
    times = integrate.clock(float(state.t), dt, model.settings.tstop if t_stop is None else t_stop)
    samples = played(simulation, float(state.t), times)
    require_no_loss(simulation, state)
    while True:
        given = simulation.params, state, np.float64(dt), times, samples
        compiled = integrate.run.lower(simulation.program, *given, wiring=simulation.wiring).compile()
        ready = time.perf_counter()
        last, records = jax.block_until_ready(compiled(*given, wiring=simulation.wiring))
        done = time.perf_counter()
        needed = room_for_rerun(simulation, last)
        if needed is None:
            break
        notes = (*notes, Note("events", "room", describe_room(model, last, needed), "repeated with more room"))
        simulation, state = with_room(simulation, state, needed)
    require_finite(simulation, state, last, dt, times, samples)
    names = [recorder.name for recorder in simulation.program.recorders]
    return Result(
        t=np.concatenate([[float(state.t)], times.full]),
        records=dict(zip(names, np.asarray(records), strict=True)),
        state=last,
        seconds={"compile": ready - began, "run": done - ready},
        notes=notes,
        spikes=read_spikes(model, last),
    )


def read_spikes(model: Model, state: State) -> dict[str, NDArray[np.float64]]:
    """Return the times of the spikes of each record of ``Events.recorded``, (spikes,) ms, in the order of time.

    Args:
        model: what was run.
        state: what the run ended with.

    Raises:
        EventsLost: there were more spikes than the State has places for.
    """
    if model.events is None or state.events is None or state.events.log is None:
        return {}
    log = state.events.log
    count = int(log.count)
    if count > len(log.time):
        raise EventsLost(
            f"{count} spikes were recorded, and there is room for {len(log.time)}: ask for more with "
            f"events_capacity = {{'log': {count}}}"
        )
    return by_record(model.events.recorded, np.asarray(log.time)[:count], np.asarray(log.source)[:count])


def by_record(
    recorded: Mapping[str, NDArray[np.int64]], time: NDArray[np.float64], source: NDArray[np.int64]
) -> dict[str, NDArray[np.float64]]:
    """Return the times of the spikes of each record, (spikes,) ms in their order, from those of all, (k,) each."""
    return {name: np.sort(time[np.isin(source, own)]) for name, own in recorded.items()}


def played(simulation: Simulation, start: float, times: integrate.Clock) -> tuple[NDArray[np.float64], ...]:
    """What the model's plays give the first input targets of its Program, (steps, k) each."""
    return plays.sample_plays(simulation.program.input_targets, simulation.model.plays, start, times.half, times.full)


def require_finite(
    simulation: Simulation, state: State, last: State, dt: float, times: Any, samples: tuple[Any, ...] = ()
) -> None:
    """Raise where v, a current, a STATE, or a value of an ion is not a number at the end.

    Any other variable may be inf or nan, as in NEURON, as long as it flows into none of these.

    Args:
        simulation: what was run.
        state: what the run started from.
        last: what it ended with.
        dt: ms.
        times: of the steps taken.
        samples: of the Program's input targets.

    Raises:
        NonFinite: names the first step, mechanism, variable and compartment.
    """
    if _first_not_finite(simulation, last) is None:
        return
    count, bad = integrate.steps_until_not_finite(
        simulation.program, simulation.params, state, jnp.asarray(dt), times, samples, simulation.wiring
    )
    what = _first_not_finite(simulation, bad) or "a value that was a number again at the end"
    raise NonFinite(f"not a number at step {count + 1} (t = {float(bad.t):.6g} ms): {what}")


def _first_not_finite(simulation: Simulation, state: State) -> str | None:
    """Mechanism, variable and compartment of the first value that is not a number."""
    program, model = simulation.program, simulation.model
    for slot, variable, values in integrate.flowing(program, state):
        bad = np.argwhere(~np.isfinite(np.asarray(values)))
        if bad.size:
            nodes = program.node_sets[slot.nodes]
            place = node_name(model, int(nodes[bad[0][-1]])) if slot.mechanism.by_name[variable].per_instance else ""
            return f"{variable} of mechanism {slot.name}" + (f" in {place}" if place else "")
    for ion in program.ions:
        for variable, values in state.ion[ion.name].items():
            bad = np.flatnonzero(~np.isfinite(np.asarray(values)))
            if bad.size:
                return f"{variable} of ion {ion.name} in {node_name(model, int(ion.node[bad[0]]))}"
    bad = np.flatnonzero(~np.isfinite(np.asarray(state.v)))
    return f"v in {node_name(model, int(bad[0]))}" if bad.size else None
