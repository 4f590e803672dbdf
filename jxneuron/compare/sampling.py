"""Random single-segment sections around one mechanism: what `verify` asks of NEURON.

In: NEURON's ``h``, a Mechanism, a seed. Out: sections that hold the mechanism at one voltage each, with random
parameters, ions and, after initialisation, random states. Everything that touches NEURON takes ``h``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jxneuron.ions import ION_SUFFIX
from jxneuron.mech.mechanism import Field, Mechanism

LOWEST, HIGHEST = -120.0, 60.0  # mV
GRID = 41  # voltages from LOWEST to HIGHEST, besides the constants of the file
MOST_CONSTANTS = 40
AXIAL = 1e9  # ohm cm: nothing flows to the section's ends
DRIVER = "jxndrive"  # + the ion's name: a mechanism that makes the ion's current
AXES = ((LOWEST, HIGHEST), (0.0, 1.0), (0.0, 0.001), (-10.0, 100.0))  # what an argument of a FUNCTION_TABLE may span
POINTS = 6  # of each argument: one size for all, lest ours is compiled for each
TARGET = "jxntarget"  # + the POINTER's name: a mechanism whose parameter of that name the POINTER shows


@dataclass(frozen=True)
class Setting:
    """Under what one group of sections is run.

    Attributes:
        celsius: degC.
        dt: ms.
        tables: ``usetable``, for mechanisms that have one.
        seed: of everything random.
        shipped: parameters as the file has them.
        ions: random concentrations and reversals.
        states: how far states are moved after initialisation: 3 also outside of their range, 2 inside, 1 around
            what INITIAL gave, 0 not at all.
    """

    celsius: float
    dt: float
    tables: bool
    seed: int
    shipped: bool = False
    ions: bool = True
    states: int = 3


def milder(setting: Setting) -> list[Setting]:
    """The setting, and what to ask where NEURON's own solvers fail from its values: the wildest first."""
    tamer = [dataclasses.replace(setting, states=states) for states in range(setting.states, -1, -1)]
    shipped = dataclasses.replace(setting, shipped=True, states=1)
    return [*tamer, shipped, dataclasses.replace(shipped, ions=False)]


@dataclass(frozen=True, eq=False)
class Sections:
    """The sections of one setting; ``owners`` are what shows the mechanism's variables: segments or points.

    ``data`` are the Vectors that FUNCTION_TABLEs look up.
    """

    sections: tuple[Any, ...]
    owners: tuple[Any, ...]
    suffix: str
    data: tuple[Any, ...]


def voltages(constants: Sequence[float]) -> NDArray[np.float64]:
    """A grid, and every constant of the file (with both signs) that may be a singular point; mV, (sample,)."""
    both = {sign * value for value in constants for sign in (1.0, -1.0)}
    inside = sorted((each for each in both if LOWEST <= each <= HIGHEST), key=lambda each: (each > 0, abs(each)))
    return np.array([*np.linspace(LOWEST, HIGHEST, GRID), *dict.fromkeys(inside[-MOST_CONSTANTS:])])


def build(h: Any, mechanism: Mechanism, v: NDArray[np.float64], setting: Setting) -> Sections:
    """Sections with the mechanism, its parameters and its ions, not initialised yet."""
    rng = np.random.default_rng([setting.seed, 0])
    suffix = f"_{mechanism.name}" if mechanism.kind == "density" else ""
    read = [use.name for use in mechanism.ions if use.names.current in use.loads]
    sections = tuple(_section(h, k, rng, read) for k in range(len(v)))
    owners = tuple(_owner(h, mechanism, section) for section in sections)
    if not setting.shipped:
        for field in mechanism.fields:
            if field.role == "parameter" and field.scope == "range" and field.storage != "none":
                _put(owners, field, field.name + suffix, _around(rng, field, len(v)))
    _set_ions(h, mechanism, sections, rng, setting.ions)
    for pointer in mechanism.pointers:
        _point(h, mechanism, pointer.name, owners, sections, rng)
    for section, value in zip(sections, v, strict=True):
        for x in (0.0, 0.5, 1.0):
            section(x).v = value
    return Sections(sections, owners, suffix, tuple(_fill_tables(h, mechanism, owners[0], setting)))


def apply(h: Any, mechanism: Mechanism, setting: Setting, defaults: dict[str, Any]) -> None:
    """Temperature, dt, tables, GLOBALs; ``defaults`` keeps what the file gave, from setting to setting."""
    h.celsius, h.dt = setting.celsius, setting.dt
    if mechanism.tables is not None:
        setattr(h, f"usetable_{mechanism.name}", int(setting.tables))
    rng = np.random.default_rng([setting.seed, 1])
    for field in mechanism.fields:
        if field.role != "parameter" or field.scope != "global" or field.storage == "none":
            continue
        name = f"{field.name}_{mechanism.name}"
        values = _around(rng, field, 1)[..., 0]
        if field.size:
            shown = defaults.setdefault(name, [getattr(h, name)[i] for i in range(field.size)])
            for i in range(field.size):
                getattr(h, name)[i] = shown[i] if setting.shipped else float(values[i])
        else:
            shown = defaults.setdefault(name, getattr(h, name))
            setattr(h, name, shown if setting.shipped else float(values))


def disturb(mechanism: Mechanism, held: Sections, setting: Setting) -> None:
    """Move the states, and written concentrations, away from what INITIAL gave."""
    rng = np.random.default_rng([setting.seed, 2])
    for field in mechanism.fields:
        if field.role == "state" and field.scope == "range":
            name = field.name + held.suffix
            _put(held.owners, field, name, _moved(rng, _get(held.owners, field, name), setting.states))
    if setting.states:
        for use in mechanism.ions:
            for name in set(use.writes) & {*use.names.concentrations}:
                for section in held.sections:
                    value = getattr(section(0.5), name)
                    setattr(section(0.5), name, value * 10.0 ** rng.uniform(-1.0, 1.0))


def clear(h: Any, held: Sections) -> None:
    """Take the sections out of NEURON."""
    for section in held.sections:
        h.delete_section(sec=section)


def _section(h: Any, number: int, rng: np.random.Generator, driven: Sequence[str]) -> Any:
    section = h.Section(name=f"s{number}")
    section.nseg, section.L, section.diam = 1, rng.uniform(5.0, 50.0), rng.uniform(0.5, 20.0)
    section.Ra, section.cm = AXIAL, rng.uniform(0.5, 2.0)
    for ion in driven:
        section.insert(f"{DRIVER}{ion}")
        amplitude = rng.choice([-1.0, -1.0, 1.0]) * 10.0 ** rng.uniform(-5.0, -1.5)
        setattr(section(0.5), f"amplitude_{DRIVER}{ion}", amplitude)
    return section


def _owner(h: Any, mechanism: Mechanism, section: Any) -> Any:
    if mechanism.kind != "density":
        return getattr(h, mechanism.name)(*([section(0.5)] if mechanism.kind == "point" else []))
    section.insert(mechanism.name)
    return section(0.5)


def _point(
    h: Any, mechanism: Mechanism, name: str, owners: Sequence[Any], sections: Sequence[Any], rng: np.random.Generator
) -> None:
    """Give a POINTER something to show: voltages in every other section, fractions and concentrations between them."""
    for k, (owner, section) in enumerate(zip(owners, sections, strict=True)):
        section.insert(TARGET + name)
        target = getattr(section(0.5), TARGET + name)
        setattr(target, name, rng.uniform(LOWEST, HIGHEST) if k % 2 else 10.0 ** rng.uniform(-5.0, 0.0))
        holder = getattr(owner, mechanism.name) if mechanism.kind == "density" else owner
        h.setpointer(getattr(target, f"_ref_{name}"), name, holder)


def _fill_tables(h: Any, mechanism: Mechanism, owner: Any, setting: Setting) -> Iterator[Any]:
    """Give each FUNCTION_TABLE data: with the file's own parameters a constant, else values over some range.

    Yields:
        Vectors, which NEURON reads for as long as the table lives.
    """
    rng = np.random.default_rng([setting.seed, 3])
    for table in mechanism.function_tables:
        dense = mechanism.kind == "density"
        fill = getattr(h, f"table_{table.name}_{mechanism.name}") if dense else getattr(owner, f"table_{table.name}")
        ranges = [AXES[rng.integers(len(AXES))] for _ in range(table.arguments)]
        y = h.Vector(rng.uniform(0.1, 1.0, POINTS**table.arguments))
        if setting.shipped:
            fill(y[0])
        elif table.arguments == 1 and setting.seed % 2:
            x = h.Vector(np.sort(rng.uniform(*ranges[0], POINTS)))
            fill(y, x)
            yield from (x, y)
        else:
            fill(y._ref_x[0], *(number for one in ranges for number in (POINTS, *one)))
            yield y


def _around(rng: np.random.Generator, field: Field, count: int) -> NDArray[np.float64]:
    """Values from half to twice the default, small ones where it is 0, inside the limits; (count,), (size, count)."""
    shape = (field.size, count) if field.size else (count,)
    values = field.default * 2.0 ** rng.uniform(-1.0, 1.0, shape) if field.default else rng.uniform(0.0, 0.01, shape)
    lower = -np.inf if field.lower is None else field.lower
    return np.clip(values, lower, np.inf if field.upper is None else field.upper)


def _set_ions(h: Any, mechanism: Mechanism, sections: Sequence[Any], rng: np.random.Generator, at_random: bool) -> None:
    """Concentrations over decades, reversals over 40 mV; what NEURON initialises by itself, through its globals."""
    over = 1.0 if at_random else 0.0
    for use in mechanism.ions:
        for name in use.names.concentrations:
            start = f"{name}0_{use.name}{ION_SUFFIX}"
            decades = over * (2.0 if name == use.names.inside else 1.0)
            if name in use.writes:
                setattr(h, start, _initial(h, start) * 10.0 ** rng.uniform(-decades, decades))
            elif name in use.loads:
                for section in sections:
                    setattr(section(0.5), name, _initial(h, start) * 10.0 ** rng.uniform(-decades, decades))
        if use.names.e in use.loads:
            for section in sections:
                segment = section(0.5)
                setattr(segment, use.names.e, getattr(segment, use.names.e) + over * rng.uniform(-20.0, 20.0))


_FRESH: dict[str, float] = {}


def _initial(h: Any, name: str) -> float:
    """A concentration as a fresh process has it, or 1 where that is 0."""
    return _FRESH.setdefault(name, getattr(h, name) or 1.0)


def _moved(rng: np.random.Generator, values: NDArray[np.float64], how: int) -> NDArray[np.float64]:
    """Four kinds of samples: untouched, around what they are, anywhere in the range, outside of it."""
    count = values.shape[-1]
    scale = max(float(np.max(np.abs(values), initial=0.0, where=np.isfinite(values))), 1e-9)
    kinds = [
        values,
        values * rng.uniform(0.5, 2.0, values.shape),
        rng.uniform(0.0, 1.0, values.shape) * max(scale, 1.0 if scale > 1e-2 else scale),
        rng.uniform(-0.05, 1.5, values.shape) * max(scale, 1.0 if scale > 1e-2 else scale),
    ]
    pick = rng.integers(0, how + 1, count)
    return np.select([pick == k for k in range(4)], kinds)


def _get(owners: Sequence[Any], field: Field, name: str) -> NDArray[np.float64]:
    """(instance,) or (size, instance)."""
    if not field.size:
        return np.array([getattr(owner, name) for owner in owners], float)
    return np.array([[getattr(owner, name)[i] for i in range(field.size)] for owner in owners], float).T


def _put(owners: Sequence[Any], field: Field, name: str, values: NDArray[np.float64]) -> None:
    for k, owner in enumerate(owners):
        if field.size:
            array = getattr(owner, name)
            for i in range(field.size):
                array[i] = float(values[i, k])
        else:
            setattr(owner, name, float(values[k]))


def drivers(mechanisms: Mapping[str, Mechanism]) -> dict[str, str]:
    """NMODL files, by name, of what the mechanisms read but do not make: ion currents, and what POINTERs show."""
    ions = {use.name for each in mechanisms.values() for use in each.ions if use.names.current in use.loads}
    pointers = {pointer.name for each in mechanisms.values() for pointer in each.pointers}
    return {f"{DRIVER}{ion}.mod": _driver(ion) for ion in sorted(ions)} | {
        f"{TARGET}{name}.mod": _target(name) for name in sorted(pointers)
    }


def _driver(ion: str) -> str:
    return (
        f"NEURON {{ SUFFIX {DRIVER}{ion}  USEION {ion} WRITE i{ion}  RANGE amplitude }}\n"
        f"PARAMETER {{ amplitude = 0 (mA/cm2) }}\nASSIGNED {{ i{ion} (mA/cm2) }}\nBREAKPOINT {{ i{ion} = amplitude }}\n"
    )


def _target(name: str) -> str:
    return f"NEURON {{ SUFFIX {TARGET}{name}  RANGE {name} }}\nPARAMETER {{ {name} = 0 }}\n"
