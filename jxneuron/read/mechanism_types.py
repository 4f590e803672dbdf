"""The mechanism types of a session, and where the model uses them.

In: a live session. Out: `MechanismType` records in order of registration, with their sections or point processes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from jxneuron.read import channel_builder

# Parts of every section that are no mechanisms of the model
GEOMETRY = ("morphology", "capacitance")
EXTRACELLULAR = "extracellular"
# Its parameters where it ties the outside of every compartment to ground and does nothing else (limits of extcelln.cpp)
GROUNDED = {"xg": 1e15, "xc": 0.0, "xraxial": 1e9}

# NEURON's own point processes that mark a place, compute nothing and never act on the model
OBSERVERS = ("PointProcessMark",)
LAST_BUILT_IN = "PatternStim"  # the type that NEURON registers last before those of the user


@dataclass(frozen=True)
class MechanismType:
    """One mechanism type of the session.

    Attributes:
        name: its suffix, or the name of the point process.
        kind: ``density``, ``point`` or ``artificial``.
        number: NEURON's number, ascending in order of registration.
        is_ion: True for ``na_ion``.
        receives: it can be the target of a NetCon (it has a NET_RECEIVE).
        observes: it only marks a place.
    """

    name: str
    kind: Literal["density", "point", "artificial"]
    number: int
    is_ion: bool = False
    receives: bool = False
    observes: bool = False


def registered_types(h: Any) -> list[MechanismType]:
    """Return every mechanism type of the session in order of registration, without those of geometry."""
    types = []
    for family in (0, 1):
        listed = h.MechanismType(family)
        for i in range(int(listed.count())):
            types.append(_read_type(h, listed, family, i))
    last = last_built_in(types)
    types = [replace(type_, observes=type_.name in OBSERVERS and type_.number <= last) for type_ in types]
    return sorted((type_ for type_ in types if type_.name not in GEOMETRY), key=lambda type_: type_.number)


def last_built_in(types: Iterable[MechanismType]) -> int:
    """Return the number of the last type that NEURON itself registers."""
    return max(type_.number for type_ in types if type_.name == LAST_BUILT_IN)


def _read_type(h: Any, listed: Any, family: int, i: int) -> MechanismType:
    name = h.ref("")
    listed.select(i)
    listed.selected(name)
    number = int(listed.internal_type())
    if family == 0:
        return MechanismType(name[0], "density", number, is_ion=bool(listed.is_ion()))
    kind = "artificial" if listed.is_artificial(i) else "point"
    return MechanismType(name[0], kind, number, receives=bool(listed.is_netcon_target(i)))


def is_grounded(section: Any) -> bool:
    """Return whether a section's extracellular only ties the outside to ground, and so does nothing."""
    return all(
        segment.e_extracellular == 0.0
        and all(value == grounded for name, grounded in GROUNDED.items() for value in getattr(segment, name))
        for segment in section
    )


def find_density(types: Iterable[MechanismType], members: Sequence[Any]) -> dict[MechanismType, list[Any]]:
    """Return the density mechanisms (ions too) that some section has, with these sections."""
    holders = {
        type_: [section for section in members if section.has_membrane(type_.name)]
        for type_ in types
        if type_.kind == "density"
    }
    return {type_: sections for type_, sections in holders.items() if sections}


def find_point_processes(
    h: Any, types: Iterable[MechanismType], members: Mapping[Any, int]
) -> dict[MechanismType, list[Any]]:
    """Return the point processes that act on the model's sections, by type, in order of creation."""
    return _find_located(h, (type_ for type_ in types if not type_.observes), members)


def find_artificial(h: Any, types: Iterable[MechanismType], chosen: Collection[Any]) -> dict[MechanismType, list[Any]]:
    """Return the artificial cells among those that were chosen, by type, in order of creation."""
    cells = {
        type_: [cell for cell in h.List(type_.name) if cell in chosen] for type_ in types if type_.kind == "artificial"
    }
    return {type_: own for type_, own in cells.items() if own}


def find_observers(
    h: Any, types: Iterable[MechanismType], members: Mapping[Any, int]
) -> dict[MechanismType, list[Any]]:
    """Return the point processes that only mark a place, likewise."""
    return _find_located(h, (type_ for type_ in types if type_.observes), members)


def _find_located(h: Any, types: Iterable[MechanismType], members: Mapping[Any, int]) -> dict[MechanismType, list[Any]]:
    located = {
        type_: [point for point in h.List(type_.name) if point.has_loc() and point.get_segment().sec in members]
        for type_ in types
        if type_.kind == "point"
    }
    return {type_: points for type_, points in located.items() if points}


def used_types(h: Any, members: Mapping[Any, int], connected: Collection[Any] = ()) -> list[MechanismType]:
    """Return the types that the model's sections and connected artificial cells use, without ions, as registered."""
    registered = registered_types(h)
    located = {**find_density(registered, list(members)), **find_point_processes(h, registered, members)}
    used = {**located, **find_artificial(h, registered, connected)}
    return [type_ for type_ in registered if type_ in used and not type_.is_ion]


def nmodl_source(h: Any, type_: MechanismType) -> tuple[str, str]:
    """Return the file and the NMODL text that the session has of a mechanism; both empty if it has none.

    A channel of the ChannelBuilder has the text that computes the same.
    """
    listed = h.MechanismType(0 if type_.kind == "density" else 1)
    listed.select(type_.name)
    own = str(listed.file() or ""), str(listed.code() or "")
    return own if own[1] else channel_builder.find_text(h, type_.name)
