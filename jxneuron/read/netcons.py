"""The NetCons of a session and the sources of their events, as NEURON's own objects.

In: a live session. Out: ``NetCons``. NEURON keeps a source without NetCon while its spikes are recorded or while it has
a gid, and lists it nowhere: a fork, which may make NetCons from everywhere, finds those, and the order of all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jxneuron.read.fork import in_fork
from jxneuron.read.mechanism_types import nmodl_source, registered_types
from jxneuron.read.names import is_removed, model_sections

WITHOUT_SECTION = -1.0  # what NetCon.preloc() returns where no variable of a section is the source


@dataclass(frozen=True, eq=False)
class EventSource:
    """One source of events (NEURON's PreSyn).

    Attributes:
        members: numbers of its NetCons, in order of creation.
        instance: the point process or artificial cell that it is, None for any other.
        segment: where its voltage is, None for any other.
        variable: whether another variable of a section is the source, which NEURON does not name.
        threshold: mV, or the variable's unit.
        gid: -1 where it has none.
        vector: the Vector in which its spikes are recorded, None without one.
        deleted: whether its section or point process is gone.
    """

    members: tuple[int, ...]
    instance: Any = None
    segment: Any = None
    variable: bool = False
    threshold: float = 0.0
    gid: int = -1
    vector: Any = None
    deleted: bool = False

    @property
    def has_origin(self) -> bool:
        """Whether its events come from a variable, a point process or an artificial cell, deleted ones included."""
        return self.deleted or self.variable or self.instance is not None or self.segment is not None

    @property
    def is_unknown_gid(self) -> bool:
        """Whether it stands for a gid that no cell of this process has."""
        return self.gid >= 0 and not self.has_origin


@dataclass(frozen=True, eq=False)
class NetCons:
    """Every NetCon in order of creation, and every source in the order in which NEURON looks at them in a step.

    Attributes:
        connections: NEURON's objects.
        targets: of each the point process or artificial cell that it reaches, None without one.
        active: of each whether it delivers events.
        sources: the sources.
    """

    connections: tuple[Any, ...]
    targets: tuple[Any, ...]
    active: tuple[bool, ...]
    sources: tuple[EventSource, ...]

    @cached_property
    def connected(self) -> set[Any]:
        """Return the point processes and artificial cells between which events pass, or whose spikes are recorded."""
        reached = {target for target in set(self.targets) - {None} if is_in_model(target)}
        live = [active and target in reached for active, target in zip(self.active, self.targets, strict=True)]
        connected = {target for target, is_live in zip(self.targets, live, strict=True) if is_live}
        for source in self.sources:
            if source.vector is not None or any(live[k] for k in source.members):
                connected.add(source.instance)
        return connected - {None}


def is_in_model(target: Any) -> bool:
    """Return whether a NetCon's target belongs to the model; an artificial cell has no location and does."""
    return not target.has_loc() or not is_removed(target.get_segment().sec)


def read_netcons(h: Any) -> NetCons:
    """Read every NetCon and every source of a session."""
    connections = tuple(h.List("NetCon"))
    groups = _group(h, connections)
    sources = [_read_source(h, connections, group) for group in groups]
    vectors = list(h.List("Vector"))
    unsure = any(source.instance is None and source.segment is None for source in sources)
    if vectors or unsure:
        places = [*(_segments(h) if _may_be_recorded(h, vectors, sources) else ()), *_instances(h)]
        firsts = [connections[source.members[0]] for source in sources if not source.deleted]
        made: list[Any] = []  # belongs to a frame that never ends in the fork: NEURON takes long to delete many sources
        order, hidden = in_fork(lambda: _look_around(h, firsts, places, vectors, made))
        sources += [_read_hidden(places, vectors, *row) for row in hidden]
        ours = [k for k, source in enumerate(sources) if not source.deleted]
        gone = [k for k, source in enumerate(sources) if source.deleted]
        sources = [sources[k] for k in (*(ours[k] for k in order), *gone)]
    targets = tuple(connection.syn() for connection in connections)
    return NetCons(connections, targets, tuple(bool(connection.active()) for connection in connections), tuple(sources))


def record_spikes(h: Any) -> list[Any]:
    """Let a Vector record the spikes of each source that has a NetCon and no Vector yet; return the new Vectors."""
    connections = tuple(h.List("NetCon"))
    vectors = []
    for group in _group(h, connections):
        source, first = _read_source(h, connections, group), connections[group[0]]
        if source.has_origin and not source.deleted and source.vector is None:
            vectors.append(h.Vector())
            first.record(vectors[-1])
    return vectors


def sources_by_vector(sources: Sequence[EventSource]) -> dict[Any, list[int]]:
    """Return the numbers of the sources whose spikes each Vector records."""
    vectors: dict[Any, list[int]] = {}
    for k, source in enumerate(sources):
        if source.vector is not None:
            vectors.setdefault(source.vector, []).append(k)
    return vectors


def _group(h: Any, connections: Sequence[Any]) -> list[tuple[int, ...]]:
    """Return the numbers of the NetCons of each source.

    ``netconlist`` goes through the sources in NEURON's order and through the NetCons of each, but leaves out those that
    come from no section and no object: they are last here.
    """
    number = {connection: k for k, connection in enumerate(connections)}
    sourced = list(h.CVode().netconlist("", "", ""))
    groups: list[tuple[int, ...]] = []
    at = 0
    while at < len(sourced):
        groups.append(tuple(number[connection] for connection in sourced[at].prelist()))
        at += len(groups[-1])
    done = set().union(*groups)
    for k in range(len(connections)):
        if k not in done:  # a source that was deleted lists none
            groups.append(tuple(number[connection] for connection in connections[k].prelist()) or (k,))
            done.update(groups[-1])
    return groups


def _read_source(h: Any, connections: Sequence[Any], group: tuple[int, ...]) -> EventSource:
    first = connections[group[0]]
    if not first.prelist().count():
        return EventSource(group, deleted=True)
    instance, segment = first.pre(), first.preseg()
    return EventSource(
        group,
        instance,
        segment,
        instance is None and segment is None and _has_section(h, first),
        first.threshold,
        int(first.srcgid()),
        first.get_recordvec(),
    )


def _has_section(h: Any, connection: Any) -> bool:
    """Return whether a variable of a section is the source; NEURON enters that section, and it is left again."""
    if connection.preloc() == WITHOUT_SECTION:
        return False
    h.pop_section()
    return True


def _may_be_recorded(h: Any, vectors: Sequence[Any], sources: Sequence[EventSource]) -> bool:
    """Return whether a Vector may hold the spikes of a voltage that has no NetCon.

    Such a Vector is empty after an initialisation. NEURON takes long to look at each segment of a long section.
    """
    known = {source.vector for source in sources}
    return any(vector not in known and (h.t > 0 or not vector.size()) for vector in vectors)


def _segments(h: Any) -> Iterator[Any]:
    return (segment for section in model_sections(h) for segment in section.allseg())


def _instances(h: Any) -> Iterator[Any]:
    """Give every artificial cell, and every point process whose code sends events."""
    for type_ in registered_types(h):
        if type_.receives and (type_.kind == "artificial" or "net_event" in nmodl_source(h, type_)[1]):
            yield from h.List(type_.name)


def _read_hidden(
    places: Sequence[Any], vectors: Sequence[Any], at: int, threshold: float, gid: int, vector: int
) -> EventSource:
    """Make the record of a source without NetCons from what the fork says of it."""
    place = places[at]
    located = {"segment": place} if hasattr(place, "x") and hasattr(place, "sec") else {"instance": place}
    return EventSource((), **located, threshold=threshold, gid=gid, vector=vectors[vector] if vector >= 0 else None)


# What follows runs in the fork


def _look_around(
    h: Any, firsts: Sequence[Any], places: Sequence[Any], vectors: Sequence[Any], made: list[Any]
) -> tuple[list[int], list[tuple[int, float, int, int]]]:
    """Find sources without NetCons, and the order of all.

    A NetCon that is made at a place joins the source there. One that is the only one of its source, and yet has a gid
    or a record, shows a source that was there before. One target for all of them lists them in order.

    Returns:
        The numbers of the sources in NEURON's order: those of ``firsts``, then the others. For each of these its place,
        threshold, gid and the number of its Vector, -1 without one.
    """
    target = h.NetStim()
    made += [_connect(h, place, target) for place in places]
    number = {vector: k for k, vector in enumerate(vectors)}
    hidden, numbers = [], {}
    for at, connection in enumerate(made):
        vector = connection.get_recordvec()
        if (vector is not None or connection.srcgid() >= 0) and len(connection.prelist()) == 1:
            numbers[connection] = len(firsts) + len(hidden)
            hidden.append((at, connection.threshold, int(connection.srcgid()), number.get(vector, -1)))
    for k, first in enumerate(firsts):
        first.setpost(target)
        numbers[first] = k
    any_of_them = [*firsts[:1], *made[:1]]
    in_order = any_of_them[0].synlist() if any_of_them else ()
    return [numbers[connection] for connection in in_order if connection in numbers], hidden


def _connect(h: Any, place: Any, target: Any) -> Any:
    section = getattr(place, "sec", None)
    return h.NetCon(place, target) if section is None else h.NetCon(place._ref_v, target, sec=section)
