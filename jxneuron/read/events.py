"""NetCons, what they come from and what they reach: a live session -> Events.

In: a session whose mechanisms are read. Out: ``Events`` and findings. NEURON's own lists are asked for all NetCons at
once: a network has a hundred thousand of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np

from jxneuron.errors import Finding
from jxneuron.ions import ion_names
from jxneuron.mech.mechanism import Mechanism
from jxneuron.model.find import source_name
from jxneuron.model.model import (
    Connections,
    Events,
    KnownSpikes,
    SourceKind,
    Sources,
)
from jxneuron.read.fork import find_marks, in_fork, make_marks
from jxneuron.read.names import distinct, is_removed
from jxneuron.read.placements import find_instances
from jxneuron.read.queue import Ends, read_pending
from jxneuron.read.variables import Session, Variable

WAY_OUT = "let a voltage or a variable of a mechanism be the source, or make the NetCon inactive: nc.active(0)"
NOWHERE = -1


class ReadEvents(NamedTuple):
    """The events of a session, None where there are none, and what cannot be taken over."""

    events: Events | None
    findings: list[Finding]


@dataclass(frozen=True)
class _Origin:
    """One source, as a row of ``Sources``."""

    kind: SourceKind = "none"
    node: int = NOWHERE
    mechanism: str = ""
    variable: str = ""
    instance: int = NOWHERE


def read_events(session: Session) -> ReadEvents:
    """Read every NetCon of an initialised session, with its source and its target.

    A NetCon whose target does not belong to the model delivers nothing and is left out; its source stays, since it may
    be recorded.
    """
    connections = list(session.h.List("NetCon"))
    groups = group_by_source(session.h, connections)
    instances = _instances(session)
    firsts = [connections[group[0]] for group in groups]
    origins, findings = _find_origins(session, firsts, instances)
    sources = _read_sources(firsts, origins)
    read, rows = _read_connections(connections, groups, instances)
    recorded = _find_records(session, sources, firsts)
    pending = read_pending(session.h, Ends(connections, rows, list(instances), list(instances.values())))
    acts = any(mechanism.actions or mechanism.initial_actions or mechanism.watches for mechanism in _used(session))
    if not (acts or recorded or read.active.any() or len(pending.time)):
        return ReadEvents(None, findings)
    return ReadEvents(Events(sources, read, _no_spikes(), pending, recorded), findings)


def _used(session: Session) -> list[Mechanism]:
    return [session.mechanisms[placement.mechanism] for placement in session.placements]


def _no_spikes() -> KnownSpikes:
    return KnownSpikes(np.zeros(0, np.int64), np.zeros(0))


def find_connected(h: Any) -> set[Any]:
    """Return the point processes and artificial cells between which events pass, or whose spikes are recorded."""
    connected: set[Any] = set()
    elsewhere: set[Any] = {None}
    for connection in h.List("NetCon"):
        target = connection.syn()
        if target not in connected and target not in elsewhere and not _is_in_model(target):
            elsewhere.add(target)
        if target not in elsewhere and connection.active():
            connected |= {target, connection.pre()}
        elif connection.get_recordvec() is not None:
            connected.add(connection.pre())
    return connected - {None}


def _is_in_model(target: Any) -> bool:
    """Return whether a NetCon's target belongs to the model; an artificial cell has no location and does."""
    return not target.has_loc() or not is_removed(target.get_segment().sec)


def group_by_source(h: Any, connections: Sequence[Any]) -> list[list[int]]:
    """Return the numbers of the NetCons of each source, in the order in which NEURON looks at sources in a step.

    ``netconlist`` goes through the sources in that order, and through the NetCons of each. It leaves out those that
    come from no section and no object.
    """
    number = {connection: k for k, connection in enumerate(connections)}
    sourced = list(h.CVode().netconlist("", "", ""))
    groups: list[list[int]] = []
    at = 0
    while at < len(sourced):
        groups.append([number[connection] for connection in sourced[at].prelist()])
        at += len(groups[-1])
    left = set(number.values()).difference(*groups)
    for group in _group_rest(connections, sorted(left), number):
        groups.insert(_place_of(groups, group), group)
    return groups


def _group_rest(connections: Sequence[Any], left: Sequence[int], number: Mapping[Any, int]) -> Iterator[list[int]]:
    """Group NetCons without section or object as source: all without any, those of each gid that nobody has."""
    done: set[int] = set()
    for k in left:
        if k not in done:
            group = [number[connection] for connection in connections[k].prelist()] or [k]  # none: its source is gone
            done.update(group)
            yield group


def _place_of(groups: Sequence[Sequence[int]], group: Sequence[int]) -> int:
    """Return where a group belongs by the creation of its first NetCon."""
    return next((place for place, other in enumerate(groups) if other[0] > group[0]), len(groups))


def _instances(session: Session) -> dict[Any, tuple[str, int]]:
    """Return mechanism and number of each instance of a point process or an artificial cell, by NEURON's object."""
    return {
        instance: (placement.mechanism, k)
        for placement in session.placements
        if placement.labels
        for k, instance in enumerate(find_instances(session.h, session.tree, placement))
    }


def _find_origins(
    session: Session, firsts: Sequence[Any], instances: Mapping[Any, tuple[str, int]]
) -> tuple[list[_Origin], list[Finding]]:
    """Find what each source is, by its first NetCon; a variable is found out in a fork."""
    origins: list[_Origin | None] = [_origin_of(session, connection, instances) for connection in firsts]
    unknown = [k for k, origin in enumerate(origins) if origin is None]
    variables = in_fork(lambda: _find_variables(session, [firsts[k] for k in unknown])) if unknown else []
    findings = []
    for k, variable in zip(unknown, variables, strict=True):
        origins[k] = _locate(session, variable) if variable else None
        if origins[k] is None:
            name = firsts[k].hname()
            findings.append(Finding(name, "its source is a variable that is not part of the model", WAY_OUT))
    return [_Origin() if origin is None else origin for origin in origins], findings


def _origin_of(session: Session, connection: Any, instances: Mapping[Any, tuple[str, int]]) -> _Origin | None:
    """Return the source of a NetCon, None where it is a variable whose name NEURON does not show."""
    instance = connection.pre()
    if instance is not None:
        return _origin_of_instance(session, instance, instances)
    segment = connection.preseg()
    if segment is not None:
        return _Origin() if is_removed(segment.sec) else _Origin("voltage", session.tree.node_of(segment))
    return None if _has_section(session.h, connection) else _Origin()


def _origin_of_instance(session: Session, instance: Any, instances: Mapping[Any, tuple[str, int]]) -> _Origin:
    """Return a point process as a source: it sends events, or its variable ``x`` passes the threshold."""
    if instance not in instances:
        return _Origin()
    name, k = instances[instance]
    mechanism = session.mechanisms[name]
    if mechanism.receive is None and "x" in mechanism.by_name:
        return _Origin("variable", mechanism=name, variable="x", instance=k)
    return _Origin("instance", mechanism=name, instance=k)


def _has_section(h: Any, connection: Any) -> bool:
    """Return whether a variable of a section is the source; NEURON enters that section, and it is left again."""
    if connection.preloc() == -1.0:
        return False
    h.pop_section()
    return True


def _find_variables(session: Session, connections: Sequence[Any]) -> list[Variable | None]:
    """Return the variable at which each source looks, None for one that the model does not have; runs in a fork."""
    marks = make_marks(len(connections)).tolist()
    for connection, mark in zip(connections, marks, strict=True):
        connection.x = mark
    marked = find_marks(session.values(), marks)
    return [marked[mark][0] if len(marked[mark]) == 1 else None for mark in marks]


def _locate(session: Session, variable: Variable) -> _Origin | None:
    """Return a variable as a source: of which mechanism or ion, of which instance."""
    name, node, label = variable
    for placement in session.placements:
        here = [k for k, own in enumerate(placement.labels) if own == label] if label else _at(placement.node, node)
        if here and bool(label) == bool(placement.labels):
            for field in session.mechanisms[placement.mechanism].fields:
                if name == (field.name if label else field.full_name(placement.mechanism)):
                    return _Origin("variable", NOWHERE, placement.mechanism, field.name, here[0])
    for ion in session.ions:
        if name in ion_names(ion.name) and not label:
            return _Origin("variable", NOWHERE, f"{ion.name}_ion", name, _at(ion.node, node)[0])
    return None


def _at(nodes: Any, node: int) -> list[int]:
    return np.flatnonzero(nodes == node).tolist()


def _read_sources(firsts: Sequence[Any], origins: Sequence[_Origin]) -> Sources:
    return Sources(
        kind=tuple(origin.kind for origin in origins),
        node=np.array([origin.node for origin in origins], np.int64),
        mechanism=tuple(origin.mechanism for origin in origins),
        variable=tuple(origin.variable for origin in origins),
        instance=np.array([origin.instance for origin in origins], np.int64),
        threshold=np.array([c.threshold if _has_source(c) else 0.0 for c in firsts], np.float64),
        gid=np.array([c.srcgid() for c in firsts], np.int64),
    )


def _has_source(connection: Any) -> bool:
    """Return whether NEURON lets a NetCon's threshold and delay be read: not where its source was deleted."""
    return bool(connection.prelist().count())


def _read_connections(
    connections: Sequence[Any], groups: Sequence[Sequence[int]], instances: Mapping[Any, tuple[str, int]]
) -> tuple[Connections, list[int]]:
    """Read the NetCons whose target is in the model, and return of each NetCon its row among them, else -1."""
    source = np.zeros(len(connections), np.int64)
    for k, group in enumerate(groups):
        source[group] = k
    reached = [instances.get(connection.syn()) for connection in connections]
    kept = [k for k, target in enumerate(reached) if target is not None]
    ends = [target for target in reached if target is not None]
    taken = [connections[k] for k in kept]
    targets = tuple(dict.fromkeys(name for name, _ in ends))
    index = {name: k for k, name in enumerate(targets)}
    read = Connections(
        source=source[kept],
        mechanism=np.array([index[name] for name, _ in ends], np.int64),
        instance=np.array([k for _, k in ends], np.int64),
        delay=_read_delays(taken),
        active=np.array([bool(connection.active()) for connection in taken], np.bool_),
        targets=targets,
        weights={
            name: _read_weights([c for c, end in zip(taken, ends, strict=True) if end[0] == name]) for name in targets
        },
    )
    rows = np.full(len(connections), NOWHERE, np.int64)
    rows[kept] = np.arange(len(kept))
    return read, rows.tolist()


def _read_delays(connections: Sequence[Any]) -> np.ndarray:
    """Return the delays, ms; 0 for NetCons whose source was deleted, which carry only events that are sent already."""
    try:
        return np.fromiter(map(attrgetter("delay"), connections), np.float64, len(connections))
    except RuntimeError:
        return np.array([c.delay if _has_source(c) else 0.0 for c in connections], np.float64)


def _read_weights(connections: Sequence[Any]) -> np.ndarray:
    """Return the weight vectors, (connection, weight), of NetCons onto one mechanism."""
    count = int(connections[0].wcnt())
    return np.array([[c.weight[k] for k in range(count)] for c in connections], np.float64)


def _find_records(session: Session, sources: Sources, firsts: Sequence[Any]) -> dict[str, np.ndarray]:
    """Return the sources whose spikes a Vector records, by the name of the record.

    It is that of the source; several sources that share a Vector are recorded as ``spikes``.
    """
    vectors: dict[Any, list[int]] = {}
    for k, connection in enumerate(firsts):
        vector = connection.get_recordvec()
        if vector is not None and sources.kind[k] != "none":
            vectors.setdefault(vector, []).append(k)
    names = [
        source_name(session.tree, session.placements, sources, own[0]) if len(own) == 1 else "spikes"
        for own in vectors.values()
    ]
    return {name: np.array(own, np.int64) for name, own in zip(distinct(names), vectors.values(), strict=True)}
