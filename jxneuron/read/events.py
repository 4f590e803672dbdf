"""NetCons, what they come from and what they reach: a live session -> Events.

In: a session whose mechanisms are read, and its NetCons. Out: ``Events`` and findings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jxneuron.errors import Finding
from jxneuron.ions import ion_names
from jxneuron.mech.mechanism import Mechanism
from jxneuron.model.find import source_name
from jxneuron.model.model import (
    Connections,
    Events,
    Floats,
    Ints,
    Note,
    PendingEvents,
    SourceKind,
    Sources,
)
from jxneuron.read.foretold import Foretold
from jxneuron.read.fork import find_marks, in_fork, make_marks
from jxneuron.read.names import distinct, is_removed
from jxneuron.read.netcons import EventSource, NetCons, sources_by_vector
from jxneuron.read.placements import find_instances
from jxneuron.read.queue import Ends, read_pending
from jxneuron.read.variables import Session, Variable
from jxneuron.wording import listed

WAY_OUT = "let a voltage or a variable of a mechanism be the source, or make the NetCon inactive: nc.active(0)"
NOWHERE = -1


class ReadEvents(NamedTuple):
    """The events of a session, None where there are none, what cannot be taken over, and what deserves to be known."""

    events: Events | None = None
    findings: tuple[Finding, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class _Origin:
    """One source, as a row of ``Sources``."""

    kind: SourceKind = "none"
    node: int = NOWHERE
    mechanism: str = ""
    variable: str = ""
    instance: int = NOWHERE


def read_events(session: Session, netcons: NetCons, foretold: Foretold) -> ReadEvents:
    """Number the NetCons of an initialised session, their sources and targets; ``foretold`` fire without being there.

    A NetCon whose target does not belong to the model delivers nothing and is left out; its source stays, since it may
    be recorded.
    """
    instances = _instances(session)
    origins, findings = _find_origins(session, netcons, instances, foretold)
    sources = _read_sources(netcons.sources, origins)
    connections, rows = _read_connections(netcons, instances)
    recorded = _find_records(session, sources, netcons.sources)
    ends = Ends(netcons.connections, rows, list(instances), list(instances.values()))
    sends = any(mechanism.initial_actions for mechanism in _used(session))
    pending, is_fresh = read_pending(session.h, ends, sends=sends)
    sent = _sent_by_foretold(pending, connections, netcons, foretold)
    pending = replace(pending, resent=pending.resent & ~sent)
    if not is_fresh:
        what = f"events of the initialisation are gone: the session has advanced to t = {session.h.t:g} ms"
        findings.append(Finding("event queue", what, "initialise it again before the import: h.finitialize()"))
    acts = sends or any(mechanism.actions or mechanism.watches for mechanism in _used(session))
    findings += _find_patterns(session.h, netcons)
    if not (acts or recorded or connections.active.any() or len(pending.time)):
        return ReadEvents(None, tuple(findings))
    events = Events(sources, connections, foretold.spikes_of(netcons), pending, recorded)
    notes = (*_note_silent(netcons), *_note_handled(pending), *_note_unrecorded(sources, connections, pending, sent))
    return ReadEvents(events, tuple(findings), notes)


def _sent_by_foretold(
    pending: PendingEvents, connections: Connections, netcons: NetCons, foretold: Foretold
) -> NDArray[np.bool_]:
    """Return which events foretold cells have sent already, (pending,): they do not send these again."""
    is_foretold = np.array([source.instance in foretold.cells for source in netcons.sources], np.bool_)
    if not is_foretold.any():
        return np.zeros(len(pending.time), np.bool_)
    return (pending.connection >= 0) & is_foretold[connections.source[pending.connection]]


def _find_patterns(h: Any, netcons: NetCons) -> list[Finding]:
    """Find PatternStims: they fire gids that no cell has, and nothing else."""
    patterns = [pattern.hname() for pattern in h.List("PatternStim")]
    if not patterns or not any(source.is_unknown_gid for source in netcons.sources):
        return []
    what = "PatternStim fires gids that no cell has: not taken over yet"
    return [Finding(listed(patterns), what, "make a VecStim for each of these gids instead")]


def _note_silent(netcons: NetCons) -> list[Note]:
    """Note NetCons that never deliver anything, because what they come from is not there."""
    names = [connection.hname() for connection in netcons.connections]
    unknown = [(source.gid, names[k]) for source in netcons.sources if source.is_unknown_gid for k in source.members]
    gone = [names[k] for source in netcons.sources if source.deleted for k in source.members]
    notes = []
    if unknown:
        gids = listed([str(gid) for gid in sorted({gid for gid, _ in unknown})])
        what = f"wait for gid {gids}, which no cell of this process has"
        notes.append(
            Note("connection", listed([name for _, name in unknown]), what, "they deliver nothing, as in NEURON")
        )
    if gone:
        notes.append(Note("connection", listed(gone), "their source was deleted", "they deliver nothing, as in NEURON"))
    return notes


def _note_unrecorded(
    sources: Sources, connections: Connections, pending: PendingEvents, sent: NDArray[np.bool_]
) -> list[Note]:
    """Note foretold cells that have fired already: their events are delivered, and no run records these spikes."""
    names = sorted({sources.variable[k] for k in connections.source[pending.connection[sent]]})
    if not names:
        return []
    what = "fires when the model is initialised"
    return [Note("events", listed(names), what, "its events are delivered; a run records its later spikes only")]


def _note_handled(pending: PendingEvents) -> list[Note]:
    """Note events that something else than an INITIAL sent."""
    count = int((~pending.resent).sum())
    if not count:
        return []
    what = f"{count} event(s) that the model's own initialisation sent"
    return [Note("events", "event queue", what, "delivered at their times")]


def _used(session: Session) -> list[Mechanism]:
    return [session.mechanisms[placement.mechanism] for placement in session.placements]


def _instances(session: Session) -> dict[Any, tuple[str, int]]:
    """Return mechanism and number of each instance of a point process or an artificial cell, by NEURON's object."""
    return {
        instance: (placement.mechanism, k)
        for placement in session.placements
        if placement.labels
        for k, instance in enumerate(find_instances(session.h, session.tree, placement))
    }


def _find_origins(
    session: Session, netcons: NetCons, instances: Mapping[Any, tuple[str, int]], foretold: Foretold
) -> tuple[list[_Origin], list[Finding]]:
    """Find what each source is in the model; of which variable it is one is found out in a fork."""
    origins = [
        _Origin("known", variable=source.instance.hname())
        if source.instance in foretold.cells
        else _origin_of(session, source, instances)
        for source in netcons.sources
    ]
    unknown = [k for k, source in enumerate(netcons.sources) if source.variable]
    firsts = [netcons.connections[netcons.sources[k].members[0]] for k in unknown]
    variables = in_fork(lambda: _find_variables(session, firsts)) if unknown else []
    findings = []
    for k, first, variable in zip(unknown, firsts, variables, strict=True):
        origin = _locate(session, variable) if variable else None
        if origin is None:
            what = "its source is a variable that is not part of the model"
            findings.append(Finding(first.hname(), what, WAY_OUT))
        else:
            origins[k] = origin
    return origins, findings


def _origin_of(session: Session, source: EventSource, instances: Mapping[Any, tuple[str, int]]) -> _Origin:
    """Return a source as far as NEURON names it; none of it is in the model where it was taken out or deleted."""
    if source.segment is not None and not is_removed(source.segment.sec):
        return _Origin("voltage", session.tree.node_of(source.segment))
    if source.instance not in instances:
        return _Origin()
    name, k = instances[source.instance]
    mechanism = session.mechanisms[name]
    if mechanism.receive is None and "x" in mechanism.by_name:  # its x is compared with the threshold
        return _Origin("variable", mechanism=name, variable="x", instance=k)
    return _Origin("instance", mechanism=name, instance=k)


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


def _read_sources(sources: Sequence[EventSource], origins: Sequence[_Origin]) -> Sources:
    return Sources(
        kind=tuple(origin.kind for origin in origins),
        node=np.array([origin.node for origin in origins], np.int64),
        mechanism=tuple(origin.mechanism for origin in origins),
        variable=tuple(origin.variable for origin in origins),
        instance=np.array([origin.instance for origin in origins], np.int64),
        threshold=np.array([source.threshold for source in sources], np.float64),
        gid=np.array([source.gid for source in sources], np.int64),
    )


def _read_connections(netcons: NetCons, instances: Mapping[Any, tuple[str, int]]) -> tuple[Connections, list[int]]:
    """Read the NetCons whose target is in the model, and return of each NetCon its row among them, else -1."""
    count = len(netcons.connections)
    source = np.zeros(count, np.int64)
    for k, own in enumerate(netcons.sources):
        source[list(own.members)] = k
    reached = [instances.get(target) for target in netcons.targets]
    kept = [k for k, end in enumerate(reached) if end is not None]
    ends = [end for end in reached if end is not None]
    targets = tuple(dict.fromkeys(name for name, _ in ends))
    onto: dict[str, list[Any]] = {name: [] for name in targets}
    for k, (name, _) in zip(kept, ends, strict=True):
        onto[name].append(netcons.connections[k])
    index = {name: k for k, name in enumerate(targets)}
    rows = np.full(count, NOWHERE, np.int64)
    rows[kept] = np.arange(len(kept))
    read = Connections(
        source=source[kept],
        mechanism=np.array([index[name] for name, _ in ends], np.int64),
        instance=np.array([k for _, k in ends], np.int64),
        delay=_read_delays(netcons)[kept],
        active=np.array(netcons.active, np.bool_)[kept],
        targets=targets,
        weights={name: _read_weights(connections) for name, connections in onto.items()},
    )
    return read, rows.tolist()


def _read_delays(netcons: NetCons) -> Floats:
    """Return the delays, ms; 0 where the source was deleted: such a NetCon carries only events that are sent already.

    NEURON does not show its delay.
    """
    delays = np.zeros(len(netcons.connections))
    for source in netcons.sources:
        if not source.deleted:
            delays[list(source.members)] = [netcons.connections[k].delay for k in source.members]
    return delays


def _read_weights(connections: Sequence[Any]) -> Floats:
    """Return the weight vectors, (connection, weight), of NetCons onto one mechanism."""
    count = int(connections[0].wcnt())
    return np.array([[connection.weight[k] for k in range(count)] for connection in connections], np.float64)


def _find_records(session: Session, sources: Sources, read: Sequence[EventSource]) -> dict[str, Ints]:
    """Return the sources whose spikes a Vector records, by the name of the record.

    It is that of the source; several sources that share a Vector are recorded as ``spikes``.
    """
    groups = [[k for k in own if sources.kind[k] != "none"] for own in sources_by_vector(read).values()]
    groups = [own for own in groups if own]
    names = [
        source_name(session.tree, session.placements, session.ions, sources, own[0]) if len(own) == 1 else "spikes"
        for own in groups
    ]
    return {name: np.array(own, np.int64) for name, own in zip(distinct(names), groups, strict=True)}
