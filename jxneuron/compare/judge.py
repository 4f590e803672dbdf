"""Ours beside what NEURON showed of single-segment sections: which quantities differ, and at which inputs.

In: the model and the moments that `verify_worker` saved. Out: one `Quantity` per variable and phase.

**When two values are equal.** A sample differs where ``|ours - NEURON| > 1e-9 max(|NEURON|, 1e-6 L) + 100 K``: L is
the quantity's largest value over the samples of its setting, K is how much ours answers when every input (voltage,
states, parameters, concentrations) is multiplied by ``1 + k 2**-52`` with random whole k from -4 to 4, the largest
answer of six such kicks: what a few last digits of the inputs change cannot be distinguished from rounding. Where
``100 K`` exceeds ``1e-7 max(|NEURON|, 1e-6 L)`` it counts only if ours and its answers are three values or more,
further than 1e-5 K from each other; two values are the two sides of a jump. Where a mechanism solves a system of
equations, 1e-6 is 1e-3, its states may differ by the last digits of the largest state of the sample (an elimination
rounds relative to that, not to each), and where it does so by derivimplicit, 1e-9 is 1e-7 (NEURON's Newton iteration
ends at a change of 1e-6). Slopes, which NEURON reads off a diagonal that holds the capacitance too and takes as a
quotient over 0.001 mV, may differ by the last digits of that diagonal and of the current over 0.001 mV; v after a
step by what that makes of it.

**What nearly cancels** is judged by its largest term. Where a quantity of a setting would differ, the mechanism's code
runs once more with a little noise on every intermediate result (`rounding`), the inputs kicked as before. K is then
also what that noise answers, brought down to last digits: with terms of size 1 the rest of 1e-17 may differ by 2e-14.

**What is on the other side of a jump** (``IF (m < minf)`` where the two are equal but for the last digit of an ``exp``)
is no difference where two things hold: ours with other last digits, as above, is on NEURON's side too; and ours with
the last digits of C, each operation rounded by itself and ``exp`` that of the C library (`c_library`), is there without
any kick. A wrong ``<=`` for ``<`` stays a difference.

No number in both engines, or the same infinity, is equal; no number in one of them differs, unless one of ours with
other last digits, in inputs or on the way, is like NEURON's.

**Left out, and counted**: samples where either of that is so; slopes, and v after the step, where neither engine's
current is a number; steps that take v beyond 1000 mV (negative conductances, made by states out of their range); and
samples where a solved state answers to kicks by more than 1e-6 of the sample's largest state: NEURON eliminates KINETIC
blocks without pivoting, and there it has lost its digits.
"""

from __future__ import annotations

import ast
import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any, NamedTuple

import jax
import numpy as np
from numpy.typing import NDArray

from jxneuron.compare.c_library import with_c_functions
from jxneuron.compare.lockstep import lock_step
from jxneuron.compare.rounding import NOISE, inexact
from jxneuron.ions import ion_variables
from jxneuron.lower.build import build_program
from jxneuron.lower.program import Params, Program, State, Wiring
from jxneuron.lower.wiring import build_wiring
from jxneuron.mech.generated import load_named
from jxneuron.mech.mechanism import Mechanism
from jxneuron.model.model import Model
from jxneuron.run.before_after import run_blocks
from jxneuron.run.currents import membrane_currents
from jxneuron.run.initialise import initialise
from jxneuron.run.prepare import derive
from jxneuron.run.voltage import matrix, right_hand_side
from jxneuron.units import CAPACITY_RATE, PER_AREA, SLOPE_INTERVAL

TOLERANCE = 1e-9  # of a value
FLOOR = 1e-6  # of the quantity's largest value, below which a value counts as that
SOLVED_FLOOR = 1e-3  # the same where a mechanism solves a system
ITERATED = 1e-7  # of a value, where NEURON iterates
FARTHEST = 1000.0  # mV
JUMP = 1e-7  # of a value: what answers to last digits by more than this may be a jump
APART = 1e-5  # of the answer: how far values are apart that are no two sides of a jump
LOST = 1e-6  # of the largest state: where this much is made of rounding, nothing is left to compare
KICKS = (1, 2, 3, 4, 5, 6)
LAST_DIGIT = 2.0**-52
PHASES = ("initial", "current", "step")
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Quantity:
    """One variable in one phase, at its worst sample.

    Attributes:
        phase: ``initial`` (after INITIAL), ``current`` (currents and slopes), ``step`` (states, ions, v after a step).
        variable: ``m``, ``ca_ion.cai``, ``current`` and ``slope`` of all currents together, ``v``.
        ratio: the difference over what is allowed; more than 1 differs.
        relative: the difference over the larger of the value and 1e-6 of the quantity's largest value.
        ours: our value.
        neuron: NEURON's value.
        samples: how many were compared.
        finite: how many of them are finite in NEURON; in the others neither engine has a number.
        left_out: samples where rounding alone makes the result or decides which one it is, or nothing can be judged.
        inputs: ``v``, ``celsius``, ``dt``, states and parameters of that sample.
    """

    phase: str
    variable: str
    ratio: float
    relative: float
    ours: float
    neuron: float
    samples: int
    finite: int
    left_out: int
    inputs: Mapping[str, float]

    @property
    def differs(self) -> bool:
        """More than rounding."""
        return not self.ratio <= 1.0

    @property
    def badness(self) -> float:
        """The ratio, to sort by: what is no number is worse than any."""
        return math.inf if math.isnan(self.ratio) else self.ratio


class Measure(NamedTuple):
    """How exactly a mechanism can be compared, see above."""

    tolerance: float
    floor: float


def exactness(python: str) -> Measure:
    """What the solvers that generated code imports leave."""
    imports = [node for node in ast.parse(python).body if isinstance(node, ast.ImportFrom)]
    used = {alias.name for node in imports for alias in node.names}
    iterates = used & {"derivimplicit", "nonlinear"}
    solves = used & {"sparse", "linear", "steadystate"} | iterates
    return Measure(ITERATED if iterates else TOLERANCE, SOLVED_FLOOR if solves else FLOOR)


class Moments(NamedTuple):
    """NEURON's values: after INITIAL, before a step, in the current phase there, and after the step."""

    initial: State
    before: State
    current: State
    after: State


class Seen(NamedTuple):
    """What ours makes of them: after INITIAL, in the current phase (with rhs and diagonal per node), after a step."""

    initial: State
    current: State
    rhs: Any
    diagonal: Any
    step: State


class Programs(NamedTuple):
    """A mechanism lowered: as it is, and with noise on its intermediate results (None until something asks for it)."""

    plain: Program
    inexact: Program | None = None


class Others(NamedTuple):
    """What ours makes of inputs with other last digits: with the code as it is, and with noise in it.

    ``as_c``: of the inputs as they are, rounded as C rounds (one, or none where nothing asked for it).
    """

    kicked: Sequence[Any]
    inexact: Sequence[Any] = ()
    as_c: Sequence[Any] = ()

    def each(self, pick: Callable[[Any], Any]) -> Others:
        """One variable of them."""
        return Others(*([pick(one) for one in ones] for ones in self))


def measure(
    model: Model, arrays: Mapping[str, Floats], python: Mapping[str, str], programs: Programs | None = None
) -> tuple[Programs, list[Quantity]]:
    """Compare one setting.

    Args:
        model: the session before the step.
        arrays: what NEURON showed, ``moment|key``.
        python: generated modules that replace the model's own, by mechanism.
        programs: those of another setting of the same mechanism (one compilation for all); None lowers anew.

    Returns:
        The Programs and the quantities.
    """
    texts = {each.mechanism: python.get(each.mechanism, each.python) for each in model.sources}
    mechanisms = load_named(texts)
    program, params = build_program(model, mechanisms)
    programs = programs or Programs(program)
    moments = Moments(*(_state(arrays, moment) for moment in ("initial", "before", "current", "after")))
    params = params._replace(v_init=moments.initial.v)
    dt = np.asarray(model.settings.dt)
    wiring = build_wiring(model, mechanisms)
    ours = jax.device_get(see(programs.plain, params, dt, moments, wiring))
    others = Others(_kicked(programs.plain, params, dt, moments, wiring))
    compare = _Compare(model, arrays, moments, max(map(exactness, texts.values())))
    found = list(compare.all(ours, others, mechanisms))
    if any(each.differs for each in found):
        noisy = (
            programs.inexact
            or build_program(model, load_named({name: inexact(text) for name, text in texts.items()}))[0]
        )
        programs = programs._replace(inexact=noisy)
        others = others._replace(inexact=_kicked(noisy, params, dt, moments, wiring))
        found = list(compare.all(ours, others, mechanisms))
        if compare.hangs_on_last_digits(found, ours, others, mechanisms):
            others = others._replace(as_c=[_as_c(model, texts, params, dt, moments, wiring)])
            found = list(compare.all(ours, others, mechanisms))
    return programs, found


def _as_c(
    model: Model, texts: Mapping[str, str], params: Params, dt: Any, moments: Moments, wiring: Wiring | None
) -> Seen:
    """What ours makes of the inputs, one operation after the other with C's functions."""
    program, _ = build_program(model, load_named({name: with_c_functions(text) for name, text in texts.items()}))
    with jax.disable_jit():
        return jax.device_get(see(program, params, dt, moments, wiring))


def _kicked(program: Program, params: Params, dt: Any, moments: Moments, wiring: Wiring | None) -> list[Seen]:
    """What ours makes of inputs with other last digits."""
    return [jax.device_get(see(program, *_kick(seed, params, moments, dt), wiring)) for seed in KICKS]


@partial(jax.jit, static_argnums=0)
def see(program: Program, params: Params, dt: Any, moments: Moments, wiring: Wiring | None = None) -> Seen:
    """INITIAL; the current phase from NEURON's state; a step in which each phase starts from NEURON's values."""
    derived = derive(program, params, dt)
    initial = initialise(program, params, derived, moments.initial.t, wiring)
    start = run_blocks(program, params, derived, _over(initial, moments.before), "before_breakpoint")
    membrane, current = membrane_currents(program, params, derived, start)
    rhs = right_hand_side(program, derived, membrane, start)
    step = lock_step(program, params, dt, _over(current, moments.current), _over(current, moments.after), True)
    return Seen(initial, current, rhs, matrix(derived, membrane).d, step)


def _over(hidden: State, shown: State) -> State:
    """What NEURON shows, over what it does not."""
    mech = {name: {**values, **shown.mech.get(name, {})} for name, values in hidden.mech.items()}
    ion = {name: {**values, **shown.ion[name]} for name, values in hidden.ion.items()}
    return State(t=shown.t, v=shown.v, mech=mech, ion=ion)


def _state(arrays: Mapping[str, Floats], moment: str) -> State:
    mech: dict[str, dict[str, Any]] = {}
    ion: dict[str, dict[str, Any]] = {}
    for key, value in arrays.items():
        kind, *names = key.removeprefix(f"{moment}|").split("|") if key.startswith(f"{moment}|") else ("",)
        if kind in ("mech", "ion"):
            (mech if kind == "mech" else ion).setdefault(names[0], {})[names[1]] = value
    return State(arrays[f"{moment}|t"], arrays[f"{moment}|v"], mech, ion)


def _kick(seed: int, params: Params, moments: Moments, dt: Any) -> tuple[Params, Any, Moments]:
    """The same inputs with other last digits; geometry, time and dt stay."""
    rng = np.random.default_rng(seed)

    def kick(value: Any) -> Any:
        return value * (1.0 + LAST_DIGIT * rng.integers(-4, 5, np.shape(value)))

    inputs = {name: jax.tree.map(kick, getattr(params, name)) for name in ("v_init", "mech", "ion")}
    inputs["celsius"] = params.celsius * (1.0 + LAST_DIGIT * (seed - 3))  # another one each time: see `rounding`
    states = [
        state._replace(v=kick(state.v), mech=jax.tree.map(kick, state.mech), ion=jax.tree.map(kick, state.ion))
        for state in moments
    ]
    return params._replace(**inputs), dt, Moments(*states)


class _Compare:
    """One setting's comparison: what NEURON showed, and what each sample was given."""

    def __init__(self, model: Model, arrays: Mapping[str, Floats], moments: Moments, measure: Measure) -> None:
        self.model, self.arrays, self.moments, self.measure = model, arrays, moments, measure
        self.centres = np.array([section.centres[0] for section in model.sections])
        none = np.zeros(len(self.centres), bool)
        self.excluded = {"initial": none, "current": none, "step": np.abs(moments.after.v)[self.centres] > FARTHEST}

    def all(self, ours: Seen, others: Others, mechanisms: Mapping[str, Mechanism]) -> Iterator[Quantity]:
        """Every variable that NEURON shows, phase by phase."""
        theirs = dict(zip(PHASES, (self.moments.initial, self.moments.current, self.moments.after), strict=True))
        largest = self.solve_scales(theirs, ours, others.kicked, mechanisms)
        for phase, shown in theirs.items():
            own, beside = getattr(ours, phase), others.each(attrgetter(phase))
            for name, pick in _variables(shown, self.centres):
                v = (phase, name) == ("step", "v")
                digits = self.solved(mechanisms) if v else largest.get((phase, name), 0.0)
                unjudged = self.no_current(ours) if v else np.False_
                yield self.quantity(phase, name, pick(own), pick(shown), beside.each(pick), digits, unjudged)
        yield from self.balance(ours, others, mechanisms)

    def hangs_on_last_digits(
        self, found: Sequence[Quantity], ours: Seen, others: Others, mechanisms: Mapping[str, Mechanism]
    ) -> bool:
        """Would anything be left out if C's digits were any of the others: is it worth computing with them?"""
        open_ = self.all(ours, others._replace(as_c=[*others.kicked, *others.inexact]), mechanisms)
        return any(each.left_out != old.left_out for each, old in zip(open_, found, strict=True))

    def solve_scales(
        self, theirs: Mapping[Any, State], ours: Seen, kicked: Sequence[Seen], mechanisms: Mapping[str, Mechanism]
    ) -> dict[tuple[str, str], Floats]:
        """What an elimination's last digits make of the states that it solves; excludes samples that lose them all."""
        found = {}
        for name, mechanism in mechanisms.items():
            states = [field.name for field in mechanism.fields if field.role == "state" and field.scope == "range"]
            for phase in ("initial", "step") if self.measure.floor == SOLVED_FLOOR and states else ():
                shown = theirs[phase].mech[name]
                largest = np.max([_largest(np.atleast_2d(shown[each])) for each in states], axis=0)
                for each in states:
                    own, *others = (np.atleast_2d(getattr(seen, phase).mech[name][each]) for seen in (ours, *kicked))
                    with np.errstate(invalid="ignore", over="ignore"):
                        answer, jumps = _answer(own, others, largest)
                        lost = np.any((answer > LOST * largest) & ~jumps, axis=0)
                    self.excluded[phase] = self.excluded[phase] | lost
                    found[phase, each] = 16 * LAST_DIGIT * largest
        return found

    def balance(self, ours: Seen, others: Others, mechanisms: Mapping[str, Mechanism]) -> Iterator[Quantity]:
        """All currents of a section together, and their slope, from NEURON's right-hand side and diagonal."""
        rhs, diagonal, at = self.arrays["matrix|rhs"], self.arrays["matrix|diagonal"], self.centres
        capacity = CAPACITY_RATE * self.model.nodes.cm[at] / self.model.settings.dt

        def current(seen: Seen) -> Any:
            return np.asarray(seen.rhs)[at]

        def slope(seen: Seen) -> Any:
            return np.asarray(seen.diagonal)[at] - capacity

        yield self.quantity("current", "current", current(ours), rhs, others.each(current))
        digits = self.slope_digits(mechanisms)
        yield self.quantity(
            "current", "slope", slope(ours), diagonal - capacity, others.each(slope), digits, self.no_current(ours)
        )

    def no_current(self, ours: Seen) -> Any:
        """Where neither engine's current is a number: NEURON's quotient of two such is none, an exact slope may be."""
        return ~(np.isfinite(self.arrays["matrix|rhs"]) | np.isfinite(np.asarray(ours.rhs)[self.centres]))

    def slope_digits(self, mechanisms: Mapping[str, Mechanism]) -> Floats:
        """What the last digits of the diagonal and of the currents over 0.001 mV make of a slope, (mA/cm2)/mV."""
        return 4 * LAST_DIGIT * (np.abs(self.arrays["matrix|diagonal"]) + self.terms(mechanisms) / SLOPE_INTERVAL)

    def solved(self, mechanisms: Mapping[str, Mechanism]) -> Floats:
        """What the slope's last digits make of v in a step, mV."""
        moved = np.abs(self.moments.after.v - self.moments.before.v)[self.centres]
        return moved * self.slope_digits(mechanisms) / np.abs(self.arrays["matrix|diagonal"])

    def terms(self, mechanisms: Mapping[str, Mechanism]) -> Floats:
        """The sizes of all currents that NEURON shows, together: the terms of a sum that may cancel, mA/cm2."""
        total = np.abs(self.arrays["matrix|rhs"])
        for ion in self.model.ions:
            total = total + np.abs(self.arrays[f"current|ion|{ion.name}|current"])
        for placement in self.model.placements:
            area = self.model.nodes.area[placement.node] / PER_AREA if placement.kind == "point" else 1.0
            for current in mechanisms[placement.mechanism].currents:
                shown = self.arrays.get(f"current|mech|{placement.mechanism}|{current.name}")
                if shown is not None and current.ion is None:
                    total = total + np.abs(shown) / area
        return total

    def quantity(
        self,
        phase: str,
        variable: str,
        ours: Any,
        theirs: Any,
        others: Others,
        digits: Any = 0.0,
        unjudged: Any = np.False_,
    ) -> Quantity:
        """Compare (instance,), (size, instance) or () arrays; ``digits``: allowed besides; ``unjudged``: left out."""
        ours, theirs = np.broadcast_arrays(np.atleast_1d(ours), np.atleast_1d(theirs))
        excluded = self.excluded[phase] if theirs.shape[-1] == len(self.centres) else np.False_
        good = ~(_undecided(ours, theirs, others) | excluded | unjudged)
        with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
            number = np.where(np.isfinite(theirs), np.abs(theirs), 0.0)
            size = np.maximum(number, self.measure.floor * np.max(number, initial=0.0, where=good))
            allowed = self.measure.tolerance * size + _rounding(ours, others, size) + digits
            good &= (_apart(ours, theirs) <= allowed) | ~_either_side(theirs, others, allowed)
            apart = np.where(good, _apart(ours, theirs), 0.0)
            ratio, relative = (np.where(apart == 0.0, 0.0, apart / each) for each in (allowed, size))
        at = np.unravel_index(int(np.argmax(np.where(good, ratio, -1.0))), ratio.shape)
        return Quantity(
            phase=phase,
            variable=variable + (f"[{at[0]}]" if len(at) == 2 else ""),
            ratio=float(ratio[at]),
            relative=float(relative[at]),
            ours=float(ours[at]),
            neuron=float(theirs[at]),
            samples=int(good.sum()),
            finite=int((good & np.isfinite(theirs)).sum()),
            left_out=int((~good).sum()),
            inputs=self.inputs(phase, int(at[-1])),
        )

    def inputs(self, phase: str, sample: int) -> dict[str, float]:
        """What a sample was given: voltage, settings, parameters, and the states and ions that the phase found."""
        state = self.moments.initial if phase == "initial" else self.moments.before
        settings = self.model.settings
        found = {"v": float(state.v[self.centres[sample]]), "celsius": settings.celsius, "dt": settings.dt}
        for placement in self.model.placements:
            shown = {} if phase == "initial" else state.mech.get(placement.mechanism, {})
            for name, values in {**placement.globals, **placement.values, **shown}.items():
                for k, row in enumerate(np.atleast_2d(values)):
                    found[f"{name}[{k}]" if np.ndim(values) == 2 else name] = float(row[min(sample, len(row) - 1)])
        for ion, values in state.ion.items():
            for variable, name in _ion_names(ion):
                found[name] = float(values[variable][sample])
        return found


def _apart(ours: Any, theirs: Any) -> Floats:
    """How far two results are from each other: 0 for the same infinity or none a number, inf for one a number only."""
    apart = np.where((ours == theirs) | (np.isnan(ours) & np.isnan(theirs)), 0.0, np.abs(ours - theirs))
    return np.where(np.isnan(apart), np.inf, apart)


def _either_side(theirs: Any, others: Others, allowed: Any) -> Any:
    """Where last digits decide on which side of a jump ours is, and with C's digits it is where NEURON is.

    Ours with C's functions must be NEURON's value, and so must one of ours with other last digits.
    """

    def alike(ones: Sequence[Any]) -> Any:
        return np.any([_apart(one, theirs) <= allowed for one in ones] or [False], axis=0)

    return alike(others.as_c) & alike((*others.kicked, *others.inexact))


def _rounding(ours: Any, others: Others, size: Any) -> Floats:
    """How much of a difference rounding may make: 100 times what last digits change of ours, where that is no jump."""
    found = np.zeros(np.shape(ours))
    for seen, digits in ((others.kicked, 1.0), (others.inexact, NOISE / LAST_DIGIT)):
        answer, jumps = _answer(ours, seen, size)
        found = np.maximum(found, np.where(jumps | ~np.isfinite(answer), 0.0, 100.0 * answer / digits))
    return found


def _undecided(ours: Any, theirs: Any, others: Others) -> Any:
    """Where only one engine has a finite number, and ours is like NEURON's with other last digits."""
    alone = np.isfinite(ours) != np.isfinite(theirs)
    alike = [np.isfinite(each) == np.isfinite(theirs) for each in (*others.kicked, *others.inexact)]
    return alone & np.any(np.array([np.broadcast_to(each, alone.shape) for each in alike]), axis=0)


def _answer(ours: Any, others: Sequence[Any], size: Any) -> tuple[Floats, Any]:
    """How much ours answers to kicks, and where more than ``JUMP`` of that is a jump."""
    values = np.stack([np.broadcast_to(each, np.shape(ours)) for each in (ours, *others)])
    gone = np.isnan(values) & ~np.isnan(values[0])  # a kick that takes a number away is a jump, and no rounding
    values = np.where(gone, values[0], values)
    answer = np.max(np.where(values == values[0], 0.0, np.abs(values - values[0])), axis=0)
    steps = np.sum(np.diff(np.sort(values, axis=0), axis=0) > APART * answer, axis=0)
    return answer, gone.any(axis=0) | ((100.0 * answer > JUMP * size) & (steps < 2))


def _largest(values: Any) -> Any:
    """Of each instance the largest finite size, (size, instance) -> (instance,)."""
    return np.max(np.abs(values), axis=0, initial=0.0, where=np.isfinite(values))


def _variables(shown: State, centres: Any) -> Iterator[tuple[str, Any]]:
    """Names, and what picks them out of a State."""
    yield "v", lambda state: np.asarray(state.v)[centres]
    for mechanism, values in shown.mech.items():
        for name in values:
            yield name, partial(_pick, "mech", mechanism, name)
    for ion in shown.ion:
        for variable, name in _ion_names(ion):
            yield f"{ion}_ion.{name}", partial(_pick, "ion", ion, variable)


def _ion_names(ion: str) -> list[tuple[str, str]]:
    return [(ours, nmodl) for nmodl, ours in ion_variables(ion).items()]


def _pick(kind: str, owner: str, name: str, state: State) -> Floats:
    return np.asarray(getattr(state, kind)[owner][name])


def worst(quantities: list[Quantity]) -> list[Quantity]:
    """One per phase and variable (elements of an array together): the worst, with the counts of all."""
    found: dict[tuple[str, str], Quantity] = {}
    for each in quantities:
        key = each.phase, each.variable.partition("[")[0]
        old = found.get(key)
        if old is None:
            found[key] = each
            continue
        more = {name: getattr(old, name) + getattr(each, name) for name in ("samples", "finite", "left_out")}
        found[key] = dataclasses.replace(max(old, each, key=lambda one: one.badness), **more)
    return list(found.values())
