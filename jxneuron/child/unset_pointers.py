"""POINTERs without a target, found before INITIAL reads one: there NEURON crashes without a message.

In: NEURON's ``h`` with a model in it. Out: a line for each POINTER without a target.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jxneuron.ions import ION_SUFFIX
from jxneuron.read.names import name_sections
from jxneuron.wording import listed

EVERY, PARTS = 0, (1, 2, 3)  # MechanismStandard: everything, and PARAMETER, ASSIGNED, STATE


def find_unset_pointers(h: Any) -> list[str]:
    """Return ``POINTER p of ptr has no target at soma(0.5)``, one line for each POINTER of each mechanism."""
    unset = {**_unset_in_density(h), **_unset_in_points(h)}
    return [
        f"POINTER {pointer} of {name} has no target at {listed(places)}" for (pointer, name), places in unset.items()
    ]


def _unset_in_density(h: Any) -> dict[tuple[str, str], list[str]]:
    """Return the places of unset POINTERs of density mechanisms, by POINTER and mechanism."""
    names = [name for name in _type_names(h, 0) if not name.endswith(ION_SUFFIX)]
    pointers = {name: fields for name in names if (fields := _pointers_of(h, name))}
    unset: dict[tuple[str, str], list[str]] = {}
    for place, segment in _segments(h) if pointers else ():
        for mechanism in segment:
            for pointer in pointers.get(mechanism.name(), ()):
                if _leads_nowhere(mechanism, pointer):
                    unset.setdefault((pointer, mechanism.name()), []).append(place)
    return unset


def _unset_in_points(h: Any) -> dict[tuple[str, str], list[str]]:
    """Return the point processes with unset POINTERs, likewise."""
    unset = {
        (pointer, name): [str(point) for point in h.List(name) if _leads_nowhere(point, pointer)]
        for name in _type_names(h, 1)
        for pointer in _pointers_of(h, name)
    }
    return {key: points for key, points in unset.items() if points}


def _segments(h: Any) -> Iterator[tuple[str, Any]]:
    """Give every segment with its place, in names that are the same in every run."""
    for name, section in zip(name_sections(h), list(h.allsec()), strict=True):
        yield from ((f"{name}({segment.x:g})", segment) for segment in section)


def _type_names(h: Any, kind: int) -> Iterator[str]:
    """Give the names of the density mechanisms (0) or point processes (1) that NEURON knows."""
    types = h.MechanismType(kind)
    name = h.ref("")
    for k in range(int(types.count())):
        types.select(k)
        types.selected(name)
        yield name[0]


def _pointers_of(h: Any, name: str) -> list[str]:
    """Return the fields that are neither PARAMETER nor ASSIGNED nor STATE: POINTERs."""
    others = {field for part in PARTS for field in _fields(h, name, part)}
    return [field.removesuffix(f"_{name}") for field in _fields(h, name, EVERY) if field not in others]


def _fields(h: Any, mechanism: str, part: int) -> Iterator[str]:
    standard = h.MechanismStandard(mechanism, part)
    name = h.ref("")
    for k in range(int(standard.count())):
        standard.name(name, k)
        yield name[0]


def _leads_nowhere(owner: Any, pointer: str) -> bool:
    """Return whether a POINTER has no target: NEURON then raises errors of several kinds."""
    try:
        getattr(owner, pointer)
    except Exception:
        return True
    return False
