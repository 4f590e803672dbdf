"""Why a trace differs: one step from NEURON's own state, every variable compared.

In: `Snapshots` of a run in NEURON, and the model. Out: `Diagnosis`: one-step defects, the largest first, each with
mechanism, variable, compartment, phase and the generated line that computes it.

Where a variable is a small difference of large terms, or what elimination left of nothing, its last digits decide its
value. So our step is made again from inputs that are changed by rounding, and what differs from NEURON no more than
that is not a defect: the rule that judges whole traces, for one step. States that one linear system gives share its
rounding: the last digit of the largest decides the smallest.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from jxneuron.case import Case
from jxneuron.child import process
from jxneuron.compare import origin, snapshots
from jxneuron.compare.lockstep import lock_step, writes
from jxneuron.compare.snapshots import Snapshots
from jxneuron.ions import ION_SUFFIX, ion_variables
from jxneuron.lower.program import Params, Program, Slot, State
from jxneuron.model.find import node_name, placement_of
from jxneuron.model.model import Initial, Ion, Model
from jxneuron.modules.simulate import Simulation, played, prepare, start
from jxneuron.run import integrate
from jxneuron.run.environment import environment, voltage
from jxneuron.run.prepare import derive

TOLERANCE = 1e-9  # of a variable's largest value
KICK = 1e-15  # relative change of each input of a step: some units of its last digit
KICKS = 3  # steps made with such changes
AMPLIFIED = 10.0  # times what a kick changes is still rounding
TIMEOUT = 600.0  # s
EARLY = ("before breakpoint", "currents")  # the phases that see the old v
INITIAL = -1  # the step number of what INITIAL leaves


@dataclass(frozen=True)
class Defect:
    """How far one step of ours is from NEURON's in one variable, at its worst compartment.

    Attributes:
        mechanism: its name, ``ca_ion`` for ions, "" for v.
        variable: the field, ``ca[3]`` for an element, ``cai`` for ions, ``v``.
        place: ``dend[2](0.5)``, ``IClamp[0]``, "" for GLOBALs.
        phase: ``before breakpoint``, ``currents``, ``solve`` (v), ``states``, ``diffusion``, ``after solve``, ``before
            step``, several where each of them writes the variable; ``initial`` for what INITIAL leaves.
        relative: ``absolute`` over the largest absolute value of the variable before and after the step.
        absolute: in the variable's unit.
        ours: our value.
        neuron: NEURON's value.
        step: steps made before this one, -1 after initialisation.
        t: ms, after the step.
        line: the generated line that computes the variable, with its place in the .mod file.
        rounding: the most that our value moves when the inputs of the step change by 1e-15 of theirs; at least the
            last digit of the largest value that is solved for together with the variable.
    """

    mechanism: str
    variable: str
    place: str
    phase: str
    relative: float
    absolute: float
    ours: float
    neuron: float
    step: int
    t: float
    line: str
    rounding: float = 0.0

    @property
    def beyond(self) -> bool:
        """Is it more than rounding?"""
        return self.relative > TOLERANCE and self.absolute > AMPLIFIED * self.rounding and not self.undefined

    @property
    def amplified(self) -> bool:
        """Is it rounding, and yet above 1e-9 of the largest value?"""
        return self.relative > TOLERANCE and not self.beyond and not self.undefined

    @property
    def undefined(self) -> bool:
        """Does NEURON itself have no number there, where ours is one or another infinity?"""
        return self.relative > TOLERANCE and not np.isfinite(self.neuron)

    @property
    def name(self) -> str:
        """``hh.m``, ``ca_ion.cai``, ``v``."""
        return f"{self.mechanism}.{self.variable}" if self.mechanism else self.variable


@dataclass(frozen=True)
class Diagnosis:
    """What lock-step found.

    Attributes:
        defects: one per variable, at its worst step: first those beyond rounding in a step, then what INITIAL leaves
            otherwise than NEURON, then the rest; the largest first.
        whole: the largest relative defect of a whole step, in which rounding passes from phase to phase: where a
            variable is a small difference of large terms (VClamp's ``e0``), v's rounding is much of it.
        steps: the steps that were looked at.
    """

    defects: tuple[Defect, ...]
    whole: Defect
    steps: tuple[int, ...]

    @property
    def worst(self) -> Defect:
        """The largest relative defect of a step, each phase from NEURON's own values; of those that can be judged."""
        return _worst([defect for defect in self.defects if defect.step != INITIAL])

    @property
    def beyond(self) -> tuple[Defect, ...]:
        """The defects that are more than rounding."""
        return tuple(defect for defect in self.defects if defect.beyond)

    @property
    def amplified(self) -> tuple[Defect, ...]:
        """The defects above 1e-9 that are rounding: a change of the inputs' last digits moves the variable as far."""
        return tuple(defect for defect in self.defects if defect.amplified)

    @property
    def undefined(self) -> tuple[Defect, ...]:
        """Where NEURON itself has no number."""
        return tuple(defect for defect in self.defects if defect.undefined)


Values = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


class Pair(NamedTuple):
    """One variable of both engines; instances are the last axis."""

    mechanism: str
    variable: str
    phase: str
    ours: NDArray[np.float64]
    neuron: NDArray[np.float64]
    before: NDArray[np.float64]
    rounding: NDArray[np.float64]
    places: Any  # of an instance's number


def diagnose(
    case: Case, *, around: Sequence[float] = (), steps: Sequence[int] | None = None, timeout: float = TIMEOUT
) -> Diagnosis:
    """Diagnose a case: NEURON in one child process, ours in another.

    Args:
        case: what to run.
        around: ms, further times to look at (a first divergence).
        steps: the steps to look at and no others, counted from 0; None chooses some.
        timeout: s, for each child.

    Raises:
        JxneuronError: the model fails in NEURON, or cannot be imported.
    """
    with tempfile.TemporaryDirectory(prefix="jxneuron-") as name:
        folder = Path(name)
        taken = snapshots.take(case, folder / "neuron", around=around, steps=steps, timeout=timeout)
        request = {"folder": str(folder / "neuron"), "steps": list(taken.steps)}
        done = process.run_python(
            "jxneuron.compare.diagnose", request, folder=folder / "ours", timeout=timeout, what="the diagnosis"
        )
    defects = tuple(Defect(**each) for each in done.answer["defects"])
    return Diagnosis(defects, Defect(**done.answer["whole"]), taken.steps)


def main() -> None:
    """Entry of our child process."""
    process.serve(_work)


def _work(request: dict[str, Any], folder: Path) -> dict[str, Any]:
    jax.config.update("jax_enable_x64", True)
    found = measure(snapshots.read(Path(request["folder"]), request["steps"]))
    return {
        "defects": [dataclasses.asdict(each) for each in found.defects],
        "whole": dataclasses.asdict(found.whole),
    }


def measure(taken: Snapshots, model: Model | None = None) -> Diagnosis:
    """One step of ours from each snapshot, and INITIAL, compared with NEURON's.

    Args:
        taken: NEURON's sessions.
        model: what ours runs; None takes the imported model. Its parameters and code are used, its states are
            NEURON's.

    Raises:
        Float64Error: JAX runs in float32.
    """
    simulation = prepare(model or taken.model)
    first, _ = start(dataclasses.replace(simulation, model=taken.model), taken.model.settings.dt, "neuron")
    phases = _phases(simulation, first)
    isolated, whole = [], []
    for k in taken.steps:
        before, after = _before(simulation, taken, first, k), _session(first, taken, k + 1)
        for found, lead in ((isolated, True), (whole, False)):
            ours = [_one(simulation, *given, lead, k) for given in _kicked(before, after)]
            found += _defects(simulation, phases, taken, k, ours)
    initial = _initial_defects(simulation, phases, taken)
    return Diagnosis(_ranked([*isolated, *initial]), _worst(whole), taken.steps)


def _one(simulation: Simulation, before: State, after: State, lead: bool, k: int) -> State:
    dt, samples = np.float64(simulation.model.settings.dt), _samples(simulation, k)
    return lock_step(simulation.program, simulation.params, dt, before, after, np.bool_(lead), samples)


def _kicked(before: State, after: State) -> Iterator[tuple[State, State]]:
    """The states as they are, then several times changed by rounding."""
    yield before, after
    random = np.random.default_rng(0)
    for _ in range(KICKS):
        yield _kicked_state(random, before), _kicked_state(random, after)


def _kicked_state(random: np.random.Generator, state: State) -> State:
    """A state changed by rounding; whole numbers of mechanisms and ions stay, for they may be switches."""

    def unless_whole(values: Any) -> Any:
        values = np.asarray(values)
        with np.errstate(invalid="ignore"):
            return np.where(values == np.round(values), values, _kick(random, values))

    mech, ion = jax.tree.map(unless_whole, (state.mech, state.ion))
    return state._replace(v=_kick(random, state.v), mech=mech, ion=ion)


def _kick(random: np.random.Generator, values: Any) -> NDArray[np.float64]:
    values = np.asarray(values)
    return values * (1.0 + KICK * random.choice([-1.0, 1.0], values.shape))


def _samples(simulation: Simulation, k: int) -> tuple[NDArray[np.float64], ...]:
    """What is played in step k."""
    model = simulation.model
    start = model.initial.t if model.initial else 0.0
    times = integrate.clock(start, model.settings.dt, start + (k + 1) * model.settings.dt)
    return tuple(each[k] for each in played(simulation, start, times))


def _before(simulation: Simulation, taken: Snapshots, first: State, k: int) -> State:
    """NEURON's values after k steps; what NEURON does not show is ours after the step before."""
    hidden = first
    if k:
        earlier, now = _session(first, taken, k - 1), _session(first, taken, k)
        hidden = _one(simulation, earlier, now, True, k - 1)
    return _session(hidden, taken, k)


def _session(hidden: State, taken: Snapshots, k: int) -> State:
    """A State with all that NEURON shows after k steps, over what it does not show."""
    model, initial = taken.sessions[k], _values(taken, k)
    shown = {each.mechanism: {**each.values, **each.globals} for each in model.placements}
    mech = {
        name: {**values, **{field: shown[name][field] for field in values if field in shown[name]}}
        for name, values in hidden.mech.items()
    }
    ion = {each.name: {**hidden.ion[each.name], **_ion_values(each, initial)} for each in model.ions}
    return State(t=np.float64(initial.t), v=initial.v, mech=mech, ion=ion)


def _values(taken: Snapshots, k: int) -> Initial:
    """What NEURON shows after k steps."""
    values = taken.sessions[k].initial
    assert values is not None
    return values


def _ion_values(ion: Ion, values: Initial) -> dict[str, NDArray[np.float64]]:
    return {"e": ion.e, "inside": ion.inside, "outside": ion.outside, "current": values.currents[ion.name]}


def _phases(simulation: Simulation, state: State) -> dict[str, dict[str, str]]:
    """By mechanism and variable: the phases that write it with the new v, else ``currents``, else ``initial``."""
    found = {}
    for slot in simulation.program.slots:
        written = jax.eval_shape(
            partial(_written, simulation.program, slot), simulation.params, state, jnp.asarray(0.0)
        )
        found[slot.name] = {name: _phase(name, written) for name in state.mech[slot.name]}
    return found


def _phase(name: str, written: Mapping[str, Mapping[str, Any]]) -> str:
    phases = [phase for phase, updates in written.items() if name in updates]
    late = [phase for phase in phases if phase not in EARLY]
    return ", ".join(late) or (phases[-1] if phases else "initial")


def _written(program: Program, slot: Slot, params: Params, state: State, dt: Any) -> dict[str, Any]:
    """What each phase of a step writes of a mechanism's variables, in the order of the phases."""
    mechanism, derived = slot.mechanism, derive(program, params, dt)
    given = params.mech[slot.name], state.mech[slot.name], voltage(program, slot, state)
    given = (*given, environment(program, slot, params, derived, state))
    found: dict[str, Any] = {}
    for phase, entry in origin.ENTRY.items():
        function = getattr(mechanism, entry)
        if phase != "initial" and function is not None:
            found[phase] = function(*given)[1] if entry == "current" else function(*given)
        if phase == "states":
            found["diffusion"] = {each.state: None for each in mechanism.diffusion}
    return found


def _initial_defects(simulation: Simulation, phases: Any, taken: Snapshots) -> list[Defect]:
    """Our INITIAL at NEURON's voltages against what NEURON's initialisation left."""
    initial = _values(taken, 0)
    dt, t = np.float64(simulation.model.settings.dt), np.float64(initial.t)
    random = np.random.default_rng(0)
    voltages = [initial.v, *(_kick(random, initial.v) for _ in range(KICKS))]
    params, wiring = simulation.params, simulation.wiring
    ours = [integrate.start(simulation.program, params._replace(v_init=v), dt, t, wiring) for v in voltages]
    found = _defects(simulation, phases, taken, INITIAL, ours)
    return [dataclasses.replace(each, phase="initial") for each in found if _left_by_initial(each)]


def _left_by_initial(defect: Defect) -> bool:
    """Not v, which was NEURON's, nor what the current phase computes, which the steps show."""
    return defect.phase not in (*EARLY, "solve") or (
        defect.mechanism.endswith(ION_SUFFIX) and defect.variable[0] == "e"
    )


def _defects(simulation: Simulation, phases: Any, taken: Snapshots, k: int, ours: Sequence[State]) -> list[Defect]:
    """One per variable after step k; of our steps the first is as NEURON's, the others are kicked."""
    sources = {source.mechanism: source.python for source in simulation.model.sources}
    t = _values(taken, k + 1).t
    pairs = list(_pairs(simulation, phases, taken, k, ours))
    scales = {(pair.mechanism, pair.variable): _scale(pair) for pair in pairs}
    return [_defect(pair, scales, sources.get(_writer(simulation.program, pair), ""), k, t) for pair in pairs]


def _scale(pair: Pair) -> float:
    return max(_largest(pair.neuron), _largest(pair.before))


def _last_digit(pair: Pair, scales: Mapping[tuple[str, str], float], python: str, phase: str) -> float:
    """Of the largest value that is solved for together with a variable; 0 where it is computed alone."""
    together = origin.together(python, phase, pair.variable) if python else frozenset({pair.variable})
    if len(together) == 1:
        return 0.0
    return float(np.finfo(np.float64).eps) * max(scales.get((pair.mechanism, name), 0.0) for name in together)


def _defect(pair: Pair, scales: Mapping[tuple[str, str], float], python: str, k: int, t: float) -> Defect:
    """The worst instance of a variable; what is not a number in one engine only is infinitely far off."""
    ours, neuron = np.broadcast_arrays(pair.ours, pair.neuron)
    with np.errstate(invalid="ignore"):
        apart = np.where(np.isnan(ours) & np.isnan(neuron) | (ours == neuron), 0.0, np.abs(ours - neuron))
    apart = np.where(np.isnan(apart), np.inf, apart)
    scale, phase = _scale(pair), "initial" if k == INITIAL else pair.phase
    rounding = np.broadcast_to(np.maximum(pair.rounding, _last_digit(pair, scales, python, phase)), apart.shape)
    judged = np.where((apart > AMPLIFIED * rounding) & np.isfinite(neuron), apart, 0.0)
    if np.max(judged) <= TOLERANCE * scale:
        judged = apart
    at = np.unravel_index(int(np.argmax(judged)), apart.shape)
    absolute = float(apart[at])
    element = f"[{at[0]}]" if len(at) == 2 or (at and pair.places is None) else ""
    return Defect(
        mechanism=pair.mechanism,
        variable=pair.variable + element,
        place=pair.places(int(at[-1])) if pair.places else "",
        phase=pair.phase,
        relative=absolute / scale if scale else float(np.inf if absolute else 0.0),
        absolute=absolute,
        ours=float(ours[at]),
        neuron=float(neuron[at]),
        step=k,
        t=t,
        line=origin.line(python, phase, pair.variable) if python else "",
        rounding=float(rounding[at]),
    )


def _largest(values: NDArray[np.float64]) -> float:
    finite = np.abs(values[np.isfinite(values)])
    return float(np.max(finite, initial=0.0))


def _writer(program: Program, pair: Pair) -> str:
    """The mechanism whose code computes a variable; for a concentration the last that writes it."""
    if not pair.mechanism.endswith(ION_SUFFIX):
        return pair.mechanism
    ion = pair.mechanism.removesuffix(ION_SUFFIX)
    slots = [slot.name for slot in program.slots if writes(slot, ion, pair.variable)]
    return slots[-1] if slots else ""


def _pairs(simulation: Simulation, phases: Any, taken: Snapshots, k: int, ours: Sequence[State]) -> Iterator[Pair]:
    """Every variable that NEURON shows, after step k."""
    program, model = simulation.program, simulation.model
    after, before = _values(taken, k + 1), _values(taken, max(k, 0))
    yield Pair("", "v", "solve", *_ours([each.v for each in ours], after.v, before.v), partial(node_name, model))
    for slot in program.slots:
        for name, theirs in after.states[slot.name].items():
            mine = [each.mech[slot.name][name] for each in ours]
            values = _ours(mine, theirs, before.states[slot.name][name])
            places = partial(_instance, model, slot.name) if slot.mechanism.by_name[name].per_instance else None
            yield Pair(slot.name, name, phases[slot.name][name], *values, places)
    for new, old in zip(taken.sessions[k + 1].ions, taken.sessions[max(k, 0)].ions, strict=True):
        theirs, earlier = _ion_values(new, after), _ion_values(old, before)
        for name, variable in ion_variables(new.name).items():
            phase = "states" if variable in ("inside", "outside") else "currents"
            values = _ours([each.ion[new.name][variable] for each in ours], theirs[variable], earlier[variable])
            yield Pair(new.name + ION_SUFFIX, name, phase, *values, partial(_on_node, model, new.node))


def _ours(ours: Sequence[Any], neuron: Any, before: Any) -> Values:
    """What a `Pair` holds of values: ours, NEURON's, those before the step, and how far a kick moves ours."""
    first, *kicked = (np.asarray(each) for each in ours)
    with np.errstate(invalid="ignore"):
        moved = [np.nan_to_num(np.abs(each - first), nan=0.0) for each in kicked]
    return first, np.asarray(neuron), np.asarray(before), np.max(moved, axis=0)


def _on_node(model: Model, nodes: NDArray[np.int64], instance: int) -> str:
    return node_name(model, int(nodes[instance]))


def _instance(model: Model, mechanism: str, instance: int) -> str:
    placement = placement_of(model, mechanism)
    return placement.labels[instance] if placement.labels else node_name(model, int(placement.node[instance]))


def _ranked(defects: Sequence[Defect]) -> tuple[Defect, ...]:
    """The worst of each variable, as `Diagnosis.defects` says."""
    worst: dict[tuple[str, bool], Defect] = {}
    for each in defects:
        key = (each.name.partition("[")[0], each.phase == "initial" and each.step == INITIAL)
        if key not in worst or (each.beyond, each.relative) > (worst[key].beyond, worst[key].relative):
            worst[key] = each
    return tuple(sorted(worst.values(), key=_rank))


def _worst(defects: Sequence[Defect]) -> Defect:
    """The largest relative one that is neither amplified rounding nor where NEURON has no number."""
    judged = [defect for defect in defects if not (defect.amplified or defect.undefined)]
    return max(judged or defects, key=lambda defect: defect.relative)


def _rank(defect: Defect) -> tuple[int, float]:
    group = 2 if not defect.beyond else 1 if defect.step == INITIAL else 0
    return group, -defect.relative
