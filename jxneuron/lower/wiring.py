"""Lower the events of a Model: its connections to Routes, its sources to Detectors.

In: a Model and its mechanisms. Out: the Wiring, which a run takes as an argument; Detectors, Receivers and Capacity,
which belong to the Program; weights and thresholds, which belong to the Params.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.ions import ion_variables
from jxneuron.lower.addresses import address_of, split_element
from jxneuron.lower.program import Address, Capacity, Detector, Queue, Receiver, Route, Slot, Wiring
from jxneuron.mech.mechanism import Mechanism
from jxneuron.model.find import placement_of
from jxneuron.model.model import Events, Floats, Ints, KnownSpikes, Model, PendingEvents

NONE = -1
ROUND = 64  # places of a Flight come in such portions
FEWEST_RECORDED = 1024  # places for recorded spikes, at least
RECORDED_OF_ONE = 64  # places for the spikes of one recorded source


class Onto(NamedTuple):
    """The connections that deliver: those that are active, then one for each pending event. c of them."""

    source: Ints
    mechanism: Ints  # index into Connections.targets
    instance: Ints
    delay: Floats  # ms
    weight_row: Ints  # among the connections onto the same mechanism, in the order of NetCons


def detectors(model: Model, mechanisms: Mapping[str, Mechanism]) -> tuple[Detector, ...]:
    """Return where the sources of voltages and variables look."""
    if model.events is None:
        return ()
    sources = model.events.sources
    groups: dict[tuple[str, str], list[int]] = {}
    for k, kind in enumerate(sources.kind):
        if kind in ("voltage", "variable"):
            groups.setdefault((sources.mechanism[k], sources.variable[k]), []).append(k)
    result: list[Detector] = []
    for (owner, variable), members in groups.items():
        numbers = np.array(members, np.int64)
        at = sources.instance[numbers] if owner else sources.node[numbers]
        result.append(Detector(numbers, _address(owner, variable, at, mechanisms)))
    return tuple(result)


def _address(owner: str, variable: str, at: Ints, mechanisms: Mapping[str, Mechanism]) -> Address:
    if not owner:
        return Address("v", at)
    if owner not in mechanisms:  # the variables of an ion belong to a mechanism "ca_ion"
        ion = owner.removesuffix("_ion")
        return Address("ion", at, ion, ion_variables(ion)[variable])
    return address_of(("mech", owner, *split_element(variable)), at, mechanisms)


def _additive(model: Model, mechanisms: Mapping[str, Mechanism]) -> set[str]:
    """Return the mechanisms to which events only add, and always the same: nothing else acts on their variables.

    What an event adds is computed once, at the start of a run.
    """
    written = [
        targets
        for placement in model.placements
        for pointer in (mechanisms[placement.mechanism].pointers if placement.mechanism in mechanisms else ())
        if pointer.writes and not isinstance(targets := placement.pointers.get(pointer.name, ()), np.ndarray)
    ]
    probes = [play.target for play in model.plays] + [transfer.target for transfer in model.transfers]
    probes += [probe for targets in written for probe in targets]
    labels = {probe.label for probe in probes if probe.label}
    ends = tuple(f"_{name}" for name in mechanisms)
    shared = {probe.variable for probe in probes if probe.variable.endswith(ends)}  # GLOBALs
    acted_on = {placement.mechanism for placement in model.placements if not labels.isdisjoint(placement.labels)}
    acted_on |= {name for name in mechanisms if any(variable.endswith(f"_{name}") for variable in shared)}
    return {name for name, mechanism in mechanisms.items() if mechanism.jump is not None and name not in acted_on}


def receivers(model: Model, slots: Sequence[Slot]) -> tuple[Receiver, ...]:
    """Return the mechanisms that receive events."""
    if model.events is None:
        return ()
    additive = _additive(model, {slot.name: slot.mechanism for slot in slots})
    return tuple(
        Receiver(slot, slot.name in additive, _own_sources(model, model.events, slot.name))
        for slot in slots
        if slot.mechanism.receives
    )


def _own_sources(model: Model, events: Events, mechanism: str) -> Ints:
    """Return the source that each instance of a mechanism is, (instance,)."""
    result = np.full(len(placement_of(model, mechanism).node), NONE, np.int64)
    sources = events.sources
    own = [k for k, kind in enumerate(sources.kind) if kind == "instance" and sources.mechanism[k] == mechanism]
    result[sources.instance[own]] = own
    return result


def capacity(model: Model, mechanisms: Mapping[str, Mechanism]) -> Capacity:
    """Return how many events a run has room for at first.

    That is enough for its initialisation, which cannot be repeated with more room.
    """
    if model.events is None:
        return Capacity()
    sources = len(model.events.sources.kind) + len(model.events.pending.time)
    senders = sum(
        len(placement.node)
        for placement in model.placements
        if mechanisms[placement.mechanism].actions or mechanisms[placement.mechanism].initial_actions
    )
    recorded = len(np.unique(np.concatenate([np.zeros(0, np.int64), *model.events.recorded.values()])))
    start = model.initial.t if model.initial else 0.0
    at_start = int((model.events.known.time <= start).sum())
    return Capacity(
        spikes=max(1, -(-(2 * sources + at_start) // ROUND)) * ROUND,
        queue=64 + 2 * senders + len(model.events.pending.time),
        log=max(FEWEST_RECORDED, RECORDED_OF_ONE * recorded) if recorded else 0,
    )


def weights(model: Model, mechanisms: Mapping[str, Mechanism]) -> dict[str, Floats]:
    """Return the weights with which a run starts: all but the first are 0, unless NET_RECEIVE has an INITIAL.

    A mechanism to which no connection leads, as to most NetStims, has weights of shape (0, weights of one).

    Raises:
        ModelError: NET_RECEIVE has another number of arguments than the connections have weights.
    """
    imported: Mapping[str, Floats] = {} if model.events is None else model.events.connections.weights
    unconnected = [] if model.events is None else [one for one in mechanisms.values() if one.receive is not None]
    result: dict[str, Floats] = {one.name: np.zeros((0, len(one.weights))) for one in unconnected}
    for name, values in imported.items():
        mechanism = mechanisms[name]
        if values.shape[1] != len(mechanism.weights):
            raise ModelError(
                f"connections onto {name} have {values.shape[1]} weights, and its NET_RECEIVE takes "
                f"{len(mechanism.weights)}"
            )
        result[name] = np.array(values, np.float64)
        if mechanism.receive_initial is None:
            result[name][:, 1:] = 0.0
    return result


def thresholds(model: Model) -> Floats | tuple[()]:
    """Return the threshold of each source, (source,), in the unit of what it looks at; () without events."""
    if model.events is None:
        return ()
    return np.append(model.events.sources.threshold, np.zeros(len(_spikes_pending(model.events.pending))))


def build_wiring(model: Model, mechanisms: Mapping[str, Mechanism]) -> Wiring | None:
    """Sort the connections of a Model by source and delay; None where it has no events.

    An event that a connection has still to deliver becomes the spike of a source of its own, whose one connection has
    no delay.

    Raises:
        ModelError: a connection leads to a mechanism that receives nothing.
    """
    events = model.events
    if events is None:
        return None
    _require_receivers(events, mechanisms)
    numbers = {name: k for k, name in enumerate(_receiver_names(model, mechanisms))}
    onto, pending = _onto(events), _spikes_pending(events.pending)
    count = len(events.sources.kind) + len(pending)
    targets = events.connections.targets
    added = _additive(model, mechanisms)
    additive = {
        name: _route(onto, [k], targets, numbers, count)
        for k, name in enumerate(targets)
        if name in added and (onto.mechanism == k).any()
    }
    others = [k for k, name in enumerate(targets) if name not in added]
    has_ordered = any(name not in added for name in numbers)
    known = _known(events, pending)
    return Wiring(
        additive=additive,
        ordered=_route(onto, others, targets, numbers, count) if has_ordered else None,
        known_time=np.append(known.time, np.inf),
        known_source=known.source.astype(np.int32),
        recorded=_recorded(events, count),
        queue=_queue(events.pending, numbers),
    )


def _receiver_names(model: Model, mechanisms: Mapping[str, Mechanism]) -> list[str]:
    """Return the receivers in the order of ``receivers``."""
    names = [placement.mechanism for placement in model.placements]
    return [name for name in names if mechanisms[name].receives]


def _spikes_pending(pending: PendingEvents) -> Ints:
    """Return the pending events that connections have still to deliver, (k,) rows."""
    return np.flatnonzero((pending.connection >= 0) & ~pending.resent)


def _onto(events: Events) -> Onto:
    wires, rows = events.connections, _spikes_pending(events.pending)
    kept = np.concatenate([np.flatnonzero(wires.active), events.pending.connection[rows]])
    alive = len(kept) - len(rows)
    source, delay = wires.source[kept], wires.delay[kept]
    source[alive:] = len(events.sources.kind) + np.arange(len(rows))
    delay[alive:] = 0.0
    return Onto(source, wires.mechanism[kept], wires.instance[kept], delay, wires.weight_row[kept])


def _route(onto: Onto, members: Sequence[int], targets: Sequence[str], numbers: Mapping[str, int], count: int) -> Route:
    """Sort the connections onto some mechanisms by source and delay; equal delays stay in the order of NetCons."""
    own = np.flatnonzero(np.isin(onto.mechanism, members))
    own = own[np.lexsort((onto.delay[own], onto.source[own]))]
    receiver_of = np.array([numbers[name] for name in targets], np.int32)
    return Route(
        row=np.searchsorted(onto.source[own], np.arange(count + 1)).astype(np.int32),
        delay=np.append(onto.delay[own], np.inf),
        receiver=receiver_of[onto.mechanism[own]],
        instance=onto.instance[own].astype(np.int32),
        weight_row=onto.weight_row[own].astype(np.int32),
    )


def _known(events: Events, pending: Ints) -> KnownSpikes:
    """Return all spikes that are known, those of pending events included."""
    return KnownSpikes.sort(
        np.concatenate([events.known.source, len(events.sources.kind) + np.arange(len(pending))]),
        np.concatenate([events.known.time, events.pending.time[pending]]),
    )


def _recorded(events: Events, count: int) -> Any:
    result = np.zeros(count, np.bool_)
    for sources in events.recorded.values():
        result[sources] = True
    return result


def _queue(pending: PendingEvents, numbers: Mapping[str, int]) -> Queue | None:
    """Return the self events that are pending, None where there are none."""
    rows = np.flatnonzero((pending.connection < 0) & ~pending.resent)
    if not len(rows):
        return None
    receiver = np.array([numbers[name] for name in pending.mechanisms], np.int32)
    return Queue(
        time=pending.time[rows],
        receiver=receiver[pending.target[rows]],
        instance=pending.instance[rows].astype(np.int32),
        connection=np.full(len(rows), NONE, np.int32),
        flag=pending.flag[rows],
        sent=np.arange(len(rows), dtype=np.int32),
    )


def _require_receivers(events: Events, mechanisms: Mapping[str, Mechanism]) -> None:
    """Refuse connections onto what receives nothing.

    Raises:
        ModelError: names the mechanism.
    """
    for name in events.connections.targets:
        if not mechanisms[name].receives:
            raise ModelError(f"a connection leads to {name}, which receives no events: it has no NET_RECEIVE")
