"""What NEURON's event queue holds once the model is initialised: a live session -> PendingEvents.

In: a session, its NetCons and their numbers. Out: ``PendingEvents``. Statements that the queue holds show in no list;
``unsupported`` finds them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from jxneuron.model.model import PendingEvents
from jxneuron.read.fork import in_fork
from jxneuron.read.unsupported import capture_output

NETCON, SELF = 2, 3  # event_queue_info's numbers for kinds of events


class Queued(NamedTuple):
    """One event in the queue: of a NetCon, or one that an instance sent to itself."""

    time: float  # ms
    connection: int  # position in the list of NetCons; -1 for a self event
    instance: int  # position in the list of instances; -1 for an event of a NetCon
    flag: float


class Ends(NamedTuple):
    """What events of a session pass through.

    Attributes:
        connections: every NetCon.
        rows: of each NetCon its row in ``Connections``, -1 where its target is not in the model.
        instances: every point process and artificial cell of the model.
        numbers: mechanism and number of each of these.
    """

    connections: Sequence[Any]
    rows: Sequence[int]
    instances: Sequence[Any]
    numbers: Sequence[tuple[str, int]]


class ReadQueue(NamedTuple):
    """The events that are pending, and whether those that INITIAL sent are among them, as after an initialisation."""

    events: PendingEvents
    is_fresh: bool


def read_pending(h: Any, ends: Ends, *, sends: bool) -> ReadQueue:
    """Read the events of the queue that reach the model.

    Args:
        h: the session.
        ends: what events pass through.
        sends: whether the INITIAL of some mechanism sends events.
    """
    kept = [event for event in _read_queue(h, ends) if event.instance >= 0 or ends.rows[event.connection] >= 0]
    resent, is_fresh = (
        _find_resent(h, ends, kept) if sends or _may_be_resent(ends, kept) else ([False] * len(kept), True)
    )
    targets = [("", -1) if event.instance < 0 else ends.numbers[event.instance] for event in kept]
    mechanisms = tuple(dict.fromkeys(name for name, _ in targets if name))
    events = PendingEvents(
        time=np.array([event.time for event in kept], np.float64),
        connection=np.array([ends.rows[e.connection] if e.connection >= 0 else -1 for e in kept], np.int64),
        target=np.array([mechanisms.index(name) if name else -1 for name, _ in targets], np.int64),
        instance=np.array([k for _, k in targets], np.int64),
        flag=np.array([event.flag for event in kept], np.float64),
        mechanisms=mechanisms,
        resent=np.array(resent, np.bool_),
    )
    return ReadQueue(events, is_fresh)


def _read_queue(h: Any, ends: Ends) -> list[Queued]:
    """Return the events of NetCons and the self events, in the order in which NEURON delivers them.

    NEURON may hold a spike as one event for all NetCons of its source (``PreSyn``), which those that are inactive do
    not get, and lists it for each of them, the last one first.
    """
    spikes, own = iter(_list_spikes(h, ends)), iter(_list_self_events(h, ends))
    events: list[Queued] = []
    for line in capture_output(h.CVode().print_event_queue).splitlines():
        word = line.split(maxsplit=1)[0] if line.strip() else ""
        if word == "SelfEvent":
            events.append(next(own))
        elif word.startswith("NetCon["):
            events.append(next(spikes))
        elif word == "PreSyn":
            first = next(spikes)
            rest = int(ends.connections[first.connection].prelist().count()) - 1
            block = [first, *islice(spikes, rest)]
            events += [event for event in reversed(block) if ends.connections[event.connection].active()]
    return [event for event in events if event.connection >= 0 or event.instance >= 0]


def _list_spikes(h: Any, ends: Ends) -> list[Queued]:
    times, connections = h.Vector(), h.List()
    h.CVode().event_queue_info(NETCON, times, connections)
    number = {connection: k for k, connection in enumerate(ends.connections)} if connections.count() else {}
    return [Queued(time, number[one], -1, 0.0) for time, one in zip(times.to_python(), connections, strict=True)]


def _list_self_events(h: Any, ends: Ends) -> list[Queued]:
    events = list_self_events(h)
    number = {instance: k for k, instance in enumerate(ends.instances)} if events else {}
    return [Queued(time, -1, number.get(instance, -1), flag) for time, flag, instance in events]


def list_self_events(h: Any) -> list[tuple[float, float, Any]]:
    """Return time, ms, flag and instance of each self event that waits in NEURON's queue."""
    times, flags, instances = h.Vector(), h.Vector(), h.List()
    h.CVode().event_queue_info(SELF, times, flags, instances)
    return list(zip(times.to_python(), flags.to_python(), instances, strict=True))


def _may_be_resent(ends: Ends, events: Sequence[Queued]) -> bool:
    """Return whether a point process or an artificial cell sent one of the events."""
    return any(event.instance >= 0 or ends.connections[event.connection].pre() is not None for event in events)


def _find_resent(h: Any, ends: Ends, events: Sequence[Queued]) -> tuple[list[bool], bool]:
    """Return of each event whether the mechanisms send it in their INITIAL, or answer with it what they send there.

    An initialisation in a fork shows it; where an FInitializeHandler runs in it, its events reach nobody, since every
    NetCon is inactive. The second result is whether all that INITIAL sends is among the events.
    """
    resent, is_fresh = in_fork(lambda: _initialise_again(h, ends, events))
    return resent, is_fresh


def _initialise_again(h: Any, ends: Ends, events: Sequence[Queued]) -> tuple[list[bool], bool]:
    """Run in the fork, with fixed steps as a run has.

    A self event counts without its time: an INITIAL that draws random numbers may draw others now.
    """
    h.CVode().active(False)
    spikes = [ends.connections[event.connection] for event in events if event.connection >= 0]
    fired = {connection.pre(): h.Vector() for connection in spikes if connection.pre() is not None}
    for connection in spikes:
        if connection.pre() in fired:
            connection.record(fired[connection.pre()])
    if h.List("FInitializeHandler").count():
        for connection in ends.connections:
            connection.active(False)
    h.finitialize()
    own = Counter(_without_time(event) for event in _list_self_events(h, ends) if event.instance >= 0)
    sent = Counter(
        Queued(time + ends.connections[k].delay, k, -1, 0.0)
        for k in {event.connection for event in events if event.connection >= 0}
        for time in fired.get(ends.connections[k].pre(), ())
    )
    resent = [_take(own, _without_time(event)) if event.instance >= 0 else _take(sent, event) for event in events]
    return resent, max(own.values(), default=0) <= 0


def _without_time(event: Queued) -> Queued:
    return event._replace(time=0.0)


def _take(counted: Counter[Queued], event: Queued) -> bool:
    """Return whether an event is among those counted, and take it out of them."""
    counted[event] -= 1
    return counted[event] >= 0
