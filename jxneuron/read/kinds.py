"""Which mechanisms a session has.

In: a live session. Out: ``Kind`` records in order of registration.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

# Parts of every section that are no mechanisms of the model
GEOMETRY = ("morphology", "capacitance")
EXTRACELLULAR = "extracellular"
# Its parameters where it ties every compartment's outside to ground and does nothing else (limits of extcelln.cpp)
GROUNDED = {"xg": 1e15, "xc": 0.0, "xraxial": 1e9}

# NEURON's own point processes that look at the model and never act on it
OBSERVERS = ("APCount", "PointProcessMark")


@dataclass(frozen=True)
class Kind:
    """One mechanism type of the session.

    Attributes:
        name: its suffix, or the name of the point process.
        kind: ``density``, ``point`` or ``artificial``.
        type: NEURON's number, ascending in order of registration.
        is_ion: True for ``na_ion``.
        receives: it can be the target of a NetCon (it has a NET_RECEIVE).
        observes: it only looks at the model.
    """

    name: str
    kind: Literal["density", "point", "artificial"]
    type: int
    is_ion: bool = False
    receives: bool = False
    observes: bool = False


def registered(h: Any) -> list[Kind]:
    """Every mechanism type of the session in order of registration, geometry left out."""
    kinds = []
    for family in (0, 1):
        types = h.MechanismType(family)
        for i in range(int(types.count())):
            kinds.append(_kind(h, types, family, i))
    last = next(kind.type for kind in kinds if kind.name == "PatternStim")  # of those that are built in
    kinds = [replace(kind, observes=kind.name in OBSERVERS and kind.type <= last) for kind in kinds]
    return sorted((kind for kind in kinds if kind.name not in GEOMETRY), key=lambda kind: kind.type)


def _kind(h: Any, types: Any, family: int, i: int) -> Kind:
    name = h.ref("")
    types.select(i)
    types.selected(name)
    number = int(types.internal_type())
    if family == 0:
        return Kind(name[0], "density", number, is_ion=bool(types.is_ion()))
    kind = "artificial" if types.is_artificial(i) else "point"
    return Kind(name[0], kind, number, receives=bool(types.is_netcon_target(i)))


def grounded(section: Any) -> bool:
    """Whether a section's extracellular does nothing: it only ties the outside to ground."""
    return all(
        segment.e_extracellular == 0.0
        and all(value == wanted for name, wanted in GROUNDED.items() for value in getattr(segment, name))
        for segment in section
    )


def used_density(kinds: Iterable[Kind], members: Sequence[Any]) -> dict[Kind, list[Any]]:
    """The density mechanisms (ions too) that stand in some section, with their sections."""
    found = {}
    for kind in kinds:
        if kind.kind == "density":
            holders = [section for section in members if section.has_membrane(kind.name)]
            if holders:
                found[kind] = holders
    return found


def used_points(h: Any, kinds: Iterable[Kind], members: Mapping[Any, int]) -> dict[Kind, list[Any]]:
    """The point processes that act on the model's sections, by type, in order of creation."""
    return _placed(h, (kind for kind in kinds if not kind.observes), members)


def observers(h: Any, kinds: Iterable[Kind], members: Mapping[Any, int]) -> dict[Kind, list[Any]]:
    """The point processes that only look at the model."""
    return _placed(h, (kind for kind in kinds if kind.observes), members)


def _placed(h: Any, kinds: Iterable[Kind], members: Mapping[Any, int]) -> dict[Kind, list[Any]]:
    found = {}
    for kind in kinds:
        if kind.kind == "point":
            placed = [point for point in h.List(kind.name) if point.has_loc() and point.get_segment().sec in members]
            if placed:
                found[kind] = placed
    return found


def used(h: Any, members: Mapping[Any, int]) -> list[Kind]:
    """The mechanisms that the model's sections hold, without ions, in order of registration."""
    every = registered(h)
    found = {**used_density(every, list(members)), **used_points(h, every, members)}
    return [kind for kind in every if kind in found and not kind.is_ion]


def text(h: Any, kind: Kind) -> tuple[str, str]:
    """The file and the NMODL text that the session carries of a mechanism; empty where it was not made from NMODL."""
    types = h.MechanismType(0 if kind.kind == "density" else 1)
    types.select(kind.name)
    return str(types.file() or ""), str(types.code() or "")
