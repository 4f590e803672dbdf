"""POINTERs that lead nowhere, told before INITIAL reads one: there NEURON crashes without a word.

In: NEURON's ``h`` with a model in it. Out: a line for each POINTER without a target.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jxneuron.ions import ION_SUFFIX
from jxneuron.read.names import section_names
from jxneuron.wording import listed

EVERY, PARTS = 0, (1, 2, 3)  # MechanismStandard: everything, and PARAMETER, ASSIGNED, STATE


def unset(h: Any) -> list[str]:
    """``POINTER p of ptr at soma(0.5) has no target``, one line for each POINTER of each mechanism."""
    density = {name: fields for name in _types(h, 0) if not name.endswith(ION_SUFFIX) and (fields := _beside(h, name))}
    found: dict[tuple[str, str], list[str]] = {}
    for where, segment in _segments(h) if density else ():
        for mechanism in segment:
            for field in density.get(mechanism.name(), ()):
                if _leads_nowhere(mechanism, field):
                    found.setdefault((field, mechanism.name()), []).append(where)
    for name in _types(h, 1):
        for field in _beside(h, name):
            lost = [str(point) for point in h.List(name) if _leads_nowhere(point, field)]
            if lost:
                found[field, name] = lost
    return [f"POINTER {field} of {name} has no target at {listed(places)}" for (field, name), places in found.items()]


def _segments(h: Any) -> Iterator[tuple[str, Any]]:
    """Every segment with its place, in names that are the same in every run."""
    for name, section in zip(section_names(h), list(h.allsec()), strict=True):
        yield from ((f"{name}({segment.x:g})", segment) for segment in section)


def _types(h: Any, kind: int) -> Iterator[str]:
    """Names of the density mechanisms (0) or point processes (1) that are known."""
    types = h.MechanismType(kind)
    name = h.ref("")
    for k in range(int(types.count())):
        types.select(k)
        types.selected(name)
        yield name[0]


def _beside(h: Any, name: str) -> list[str]:
    """Fields that are neither PARAMETER nor ASSIGNED nor STATE: POINTERs."""
    known = {field for part in PARTS for field in _fields(h, name, part)}
    return [field.removesuffix(f"_{name}") for field in _fields(h, name, EVERY) if field not in known]


def _fields(h: Any, mechanism: str, part: int) -> Iterator[str]:
    standard = h.MechanismStandard(mechanism, part)
    name = h.ref("")
    for k in range(int(standard.count())):
        standard.name(name, k)
        yield name[0]


def _leads_nowhere(owner: Any, field: str) -> bool:
    """NEURON has several words for it, and none of them ends the process."""
    try:
        getattr(owner, field)
    except Exception:
        return True
    return False
