"""What events travel along, as arrays of a Model: sources, and connections to point processes (NEURON's NetCons).

In: a Model and numbers of nodes, instances and connections. Out: a new Model, or plain arrays. numpy only.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.mech.mechanism import Mechanism
from jxneuron.model.find import node_name, placement_of
from jxneuron.model.model import (
    Connections,
    Events,
    Floats,
    Ints,
    KnownSpikes,
    Model,
    PendingEvents,
    SourceKind,
    Sources,
)

# What NEURON's NetCon has where nothing is said
DELAY, THRESHOLD, WEIGHT = 1.0, 10.0, 0.0  # ms, mV, the mechanism's unit

_NO_NUMBERS, _NO_VALUES = np.zeros(0, np.int64), np.zeros(0)
NONE = Events(
    sources=Sources((), _NO_NUMBERS, (), (), _NO_NUMBERS, _NO_VALUES, _NO_NUMBERS),
    connections=Connections(_NO_NUMBERS, _NO_NUMBERS, _NO_NUMBERS, _NO_VALUES, np.zeros(0, bool), (), {}),
    known=KnownSpikes(_NO_NUMBERS, _NO_VALUES),
    pending=PendingEvents(
        _NO_VALUES, _NO_NUMBERS, _NO_NUMBERS, _NO_NUMBERS, _NO_VALUES, (), np.zeros(0, bool)
    ),
)  # fmt: skip


def events_of(model: Model) -> Events:
    """Return the events of a Model; ``NONE`` where it has none."""
    return NONE if model.events is None else model.events


def count(model: Model) -> int:
    """Return how many connections there are."""
    return len(events_of(model).connections.source)


def targets(model: Model) -> tuple[str, ...]:
    """Return the mechanisms to which connections lead."""
    return events_of(model).connections.targets


def is_target(model: Model, mechanism: str) -> bool:
    """Return whether connections lead to a mechanism."""
    return mechanism in targets(model)


def rows_of(model: Model, mechanism: str) -> Ints:
    """Return the connections onto a mechanism, ascending."""
    wires = events_of(model).connections
    return np.flatnonzero(wires.mechanism == wires.targets.index(mechanism))


def source_nodes(model: Model) -> Ints:
    """Return the node in which each source is, (source,); -1 for artificial cells and known spikes."""
    sources = events_of(model).sources
    nodes = np.array(sources.node)
    for k, (mechanism, instance) in enumerate(zip(sources.mechanism, sources.instance, strict=True)):
        if mechanism and instance >= 0:
            nodes[k] = next((p.node[instance] for p in model.placements if p.mechanism == mechanism), -1)
    return nodes


def target_nodes(model: Model) -> Ints:
    """Return the node of the instance to which each connection leads, (c,); -1 for artificial cells."""
    wires = events_of(model).connections
    result = np.full(len(wires.source), -1, np.int64)
    for name in wires.targets:
        own = rows_of(model, name)
        result[own] = placement_of(model, name).node[wires.instance[own]]
    return result


def target_labels(model: Model) -> Any:
    """Return NEURON's name of the instance to which each connection leads, (c,)."""
    wires = events_of(model).connections
    result = np.full(len(wires.source), "", object)
    for name in wires.targets:
        own = rows_of(model, name)
        result[own] = np.array(placement_of(model, name).labels, object)[wires.instance[own]]
    return result


# Sources


def voltage_sources(events: Events, model: Model, nodes: Ints, threshold: Any) -> tuple[Events, Ints]:
    """Return the sources of the voltages of some nodes, (k,), and the events that have them all.

    Args:
        events: what there is.
        model: for names.
        nodes: (k,); a node has one source, however many connections begin there (NEURON's PreSyn).
        threshold: (k,) mV; None takes that of a source there is, and 10 for new ones.

    Raises:
        ModelError: one node would have two thresholds.
    """
    sources = events.sources
    known = {int(node): k for k, node in enumerate(sources.node) if sources.kind[k] == "voltage"}
    unique, first, inverse = np.unique(nodes, return_index=True, return_inverse=True)
    order = np.argsort(first)  # new sources in the order in which they are first named
    fresh = [int(k) for k in order if int(unique[k]) not in known]
    wanted = np.full(len(nodes), THRESHOLD) if threshold is None else np.asarray(threshold, np.float64)
    added = add_sources(events, "voltage", node=unique[fresh], threshold=wanted[first[fresh]])
    known |= {int(unique[k]): len(sources.kind) + place for place, k in enumerate(fresh)}
    numbers = np.array([known[int(node)] for node in unique], np.int64)[inverse]
    if threshold is not None:
        _require_one_threshold(model, nodes, wanted, added.sources.threshold[numbers])
    return added, numbers


def _require_one_threshold(model: Model, nodes: Ints, wanted: Floats, present: Floats) -> None:
    other = np.flatnonzero(wanted != present)
    if len(other):
        k = int(other[0])
        raise ModelError(
            f"threshold = {wanted[k]:g}: the connections from {node_name(model, int(nodes[k]))} share one threshold, "
            f"which is {present[k]:g} mV"
        )


def add_sources(
    events: Events,
    kind: SourceKind,
    *,
    node: Ints | None = None,
    mechanism: str = "",
    variables: Sequence[str] = (),
    instance: Ints | None = None,
    threshold: Floats | None = None,
) -> Events:
    """Return events with more sources of one kind; what is not said is as ``Sources`` has it for the kind."""
    size = max(len(each) for each in ((), node, variables, instance) if each is not None)
    old, nowhere = events.sources, np.full(size, -1, np.int64)
    kinds: list[SourceKind] = [kind] * size
    sources = Sources(
        kind=(*old.kind, *kinds),
        node=np.concatenate([old.node, nowhere if node is None else node]),
        mechanism=(*old.mechanism, *[mechanism] * size),
        variable=(*old.variable, *(variables or [""] * size)),
        instance=np.concatenate([old.instance, nowhere if instance is None else instance]),
        threshold=np.concatenate([old.threshold, np.full(size, THRESHOLD) if threshold is None else threshold]),
        gid=np.concatenate([old.gid, nowhere]),
    )
    return dataclasses.replace(events, sources=sources)


def instance_sources(events: Events, mechanism: str, instances: Ints) -> tuple[Events, Ints]:
    """Return the sources that some instances of a mechanism are, (k,), and the events that have them all."""
    sources = events.sources
    known = {
        int(sources.instance[k]): k
        for k, kind in enumerate(sources.kind)
        if kind == "instance" and sources.mechanism[k] == mechanism
    }
    fresh = np.array([number for number in dict.fromkeys(instances.tolist()) if number not in known], np.int64)
    known |= {int(number): len(sources.kind) + place for place, number in enumerate(fresh)}
    added = add_sources(events, "instance", mechanism=mechanism, instance=fresh)
    return added, np.array([known[int(number)] for number in instances], np.int64)


def known_source(events: Events, stem: str, times: Floats) -> tuple[Events, int]:
    """Return events with one more source, which fires at known times, ms, and its number."""
    taken = sum(name.startswith(f"{stem}[") for name in events.sources.variable)
    added = add_sources(events, "known", variables=[f"{stem}[{taken}]"])
    number = len(events.sources.kind)
    time = np.concatenate([events.known.time, times])
    source = np.concatenate([events.known.source, np.full(len(times), number)])
    return dataclasses.replace(added, known=KnownSpikes.sort(source, time)), number


# Connections


def connect(events: Events, source: Ints, mechanism: str, instance: Ints, delay: Floats, weights: Floats) -> Events:
    """Return events with k more connections onto instances of one mechanism.

    Args:
        events: what there is; it has the sources.
        source: (k,) numbers of sources.
        mechanism: what receives.
        instance: (k,) of it.
        delay: (k,) ms.
        weights: (k, weights of one).
    """
    old = events.connections
    names = old.targets if mechanism in old.targets else (*old.targets, mechanism)
    before = old.weights.get(mechanism, np.zeros((0, weights.shape[1])))
    connections = Connections(
        source=np.concatenate([old.source, source]),
        mechanism=np.concatenate([old.mechanism, np.full(len(source), names.index(mechanism))]),
        instance=np.concatenate([old.instance, instance]),
        delay=np.concatenate([old.delay, delay]),
        active=np.concatenate([old.active, np.ones(len(source), bool)]),
        targets=names,
        weights={**old.weights, mechanism: np.concatenate([before, weights])},
    )
    return dataclasses.replace(events, connections=connections)


# Values of connections: weight, weight_1, ..., delay, threshold


def weight_names(mechanism: Mechanism) -> list[str]:
    """Return what the weights of a connection onto a mechanism are called: ``weight``, ``weight_1``, ..."""
    return [weight_name(k) for k in range(len(mechanism.weights))]


def weight_name(k: int) -> str:
    """Return the name of the weight that NEURON calls ``weight[k]``."""
    return "weight" if k == 0 else f"weight_{k}"


def value_names(model: Model, mechanisms: Mapping[str, Mechanism]) -> list[str]:
    """Return what connections have values of, in the order of tables."""
    if not count(model):
        return []
    most = max(len(mechanisms[name].weights) for name in targets(model))
    return [*(weight_name(k) for k in range(most)), "delay", "threshold"]


def rows_with(model: Model, mechanisms: Mapping[str, Mechanism], name: str) -> Ints:
    """Return the connections that have a value of that name, ascending."""
    events = events_of(model)
    if name == "delay":
        return np.arange(count(model))
    if name == "threshold":
        looks = np.array([kind in ("voltage", "variable") for kind in events.sources.kind], bool)
        return np.flatnonzero(looks[events.connections.source])
    has = [name in weight_names(mechanisms[each]) for each in targets(model)]
    return np.flatnonzero(np.array(has, bool)[events.connections.mechanism])


def read(model: Model, name: str, rows: Ints) -> Floats:
    """Return the values of some connections, (k,)."""
    events = events_of(model)
    wires = events.connections
    if name == "delay":
        return wires.delay[rows]
    if name == "threshold":
        return events.sources.threshold[wires.source[rows]]
    result, place = np.zeros(len(wires.source)), weight_number(name)
    for owner in wires.targets:
        if wires.weights[owner].shape[1] > place:
            result[rows_of(model, owner)] = wires.weights[owner][:, place]
    return result[rows]


def weight_number(name: str) -> int:
    """Return k of the weight that NEURON calls ``weight[k]``."""
    return int(name.partition("_")[2] or 0)


def write(model: Model, name: str, rows: Ints, values: Floats) -> Model:
    """Return the Model with other values at some connections, (k,).

    Raises:
        ModelError: two connections of one source would have different thresholds.
    """
    events, values = events_of(model), np.broadcast_to(values, rows.shape)
    wires = events.connections
    if name == "delay":
        delay = np.array(wires.delay)
        delay[rows] = values
        return _with(model, events, delay=delay)
    if name == "threshold":
        threshold = np.array(events.sources.threshold)
        threshold[wires.source[rows]] = values
        _require_agreement(wires.source[rows], values, threshold)
        changed = dataclasses.replace(events.sources, threshold=threshold)
        return dataclasses.replace(model, events=dataclasses.replace(events, sources=changed))
    weights = {owner: np.array(held) for owner, held in wires.weights.items()}
    for owner, at, where in by_target(model, rows):
        weights[owner][at, weight_number(name)] = values[where]
    return _with(model, events, weights=weights)


def _require_agreement(source: Ints, values: Floats, threshold: Floats) -> None:
    if (threshold[source] != values).any():
        raise ModelError("connections from one place share its threshold: give them one value")


def by_target(model: Model, rows: Ints) -> list[tuple[str, Ints, Ints]]:
    """Return, by mechanism, rows of its weights, and which of ``rows`` they are."""
    wires = events_of(model).connections
    rank = wires.weight_row
    found = [(name, np.flatnonzero(wires.mechanism[rows] == k)) for k, name in enumerate(wires.targets)]
    return [(name, rank[rows[where]], where) for name, where in found if len(where)]


def _with(model: Model, events: Events, **parts: Any) -> Model:
    changed = dataclasses.replace(events.connections, **parts)
    return dataclasses.replace(model, events=dataclasses.replace(events, connections=changed))


# Without some of them


def without(model: Model, rows: Ints) -> Model:
    """Return the Model without some connections; sources and instances stay."""
    events = events_of(model)
    wires = events.connections
    keep = ~np.isin(np.arange(len(wires.source)), rows)
    weights = {name: held[keep[rows_of(model, name)]] for name, held in wires.weights.items()}
    left = {key: getattr(wires, key)[keep] for key in ("source", "mechanism", "instance", "delay", "active")}
    names = [k for k in range(len(wires.targets)) if (left["mechanism"] == k).any()]
    number = np.full(len(wires.targets), -1, np.int64)
    number[names] = np.arange(len(names))
    left["mechanism"] = number[left["mechanism"]]
    kept = tuple(wires.targets[k] for k in names)
    connections = Connections(**left, targets=kept, weights={name: weights[name] for name in kept})
    pending = _pending_left(events.pending, keep)
    return dataclasses.replace(model, events=dataclasses.replace(events, connections=connections, pending=pending))


def _pending_left(pending: PendingEvents, keep: Any) -> PendingEvents:
    """Return the pending events without those that deleted connections were to deliver."""
    if not len(pending.time):
        return pending
    stays = (pending.connection < 0) | keep[pending.connection]
    number = np.cumsum(keep) - 1
    columns = {
        key: getattr(pending, key)[stays] for key in ("time", "connection", "target", "instance", "flag", "resent")
    }
    columns["connection"] = np.where(columns["connection"] < 0, -1, number[columns["connection"]])
    return dataclasses.replace(pending, **columns)


def without_instances(model: Model, keep: Mapping[str, Any]) -> Model:
    """Return the Model with instances numbered anew where some are deleted to which no connection leads.

    Args:
        model: before they are deleted.
        keep: by mechanism, (instance,) which stay.

    Raises:
        ModelError: one of those that are deleted is a source.
    """
    if model.events is None:
        return model
    events = model.events
    wires, instance = events.connections, np.array(events.connections.instance)
    for k, name in enumerate(wires.targets):
        own = wires.mechanism == k
        instance[own] = (np.cumsum(keep[name]) - 1)[instance[own]] if name in keep else instance[own]
    own = np.array(events.sources.instance)
    for k, name in enumerate(events.sources.mechanism):
        if name in keep:
            if not keep[name][own[k]]:
                raise ModelError(f"events come from one of {name}: delete the connections from it first")
            own[k] = int(np.cumsum(keep[name])[own[k]]) - 1
    pending = events.pending
    moved = np.array(pending.instance)
    for k, name in enumerate(pending.mechanisms):
        at = (pending.target == k) & (pending.connection < 0)
        moved[at] = (np.cumsum(keep[name]) - 1)[moved[at]] if name in keep else moved[at]
    return dataclasses.replace(
        model,
        events=dataclasses.replace(
            events,
            connections=dataclasses.replace(wires, instance=instance),
            sources=dataclasses.replace(events.sources, instance=own),
            pending=dataclasses.replace(pending, instance=moved),
        ),
    )


# Parts put together


def joined_events(parts: Sequence[Model], maps: Sequence[Ints]) -> Events | None:
    """Return the events of several parts, in the nodes and instances of the whole; None where there are none.

    Known sources are numbered anew, and recorded spikes are not taken over.

    Args:
        parts: what the whole is made of.
        maps: for each part, (node,), the node of the whole, -1 where it has none.

    Raises:
        ModelError: a part was imported with events, or events come from a node that the whole has not.
    """
    before: dict[str, int] = {}
    found: Events | None = None
    for part, where in zip(parts, maps, strict=True):
        if part.events is not None:
            moved = _moved(part.events, where, before)
            found = moved if found is None else _followed(found, moved)
        for each in part.placements:
            before[each.mechanism] = before.get(each.mechanism, 0) + len(each.node)
    return found


def _moved(events: Events, where: Ints, before: Mapping[str, int]) -> Events:
    """Return the events of a part in the nodes and instances of the whole."""
    sources, wires = events.sources, events.connections
    if "variable" in sources.kind or len(events.pending.time):
        raise ModelError("an imported model with events is no part of another one")
    node = np.where(sources.node < 0, -1, where[sources.node])
    if ((node < 0) & (sources.node >= 0)).any():
        raise ModelError("events come from the end of a branch: connect it in the whole")
    own, onto = (
        np.array([before.get(name, 0) for name in names], np.int64) for names in (sources.mechanism, wires.targets)
    )
    instance = np.where(sources.instance < 0, -1, sources.instance + own)
    return dataclasses.replace(
        events,
        sources=dataclasses.replace(sources, node=node, instance=instance),
        connections=dataclasses.replace(wires, instance=wires.instance + onto[wires.mechanism]),
        recorded={},
    )


def _followed(one: Events, other: Events) -> Events:
    """Return the events of two parts, those of the other after those of the one."""
    first, a, b = len(one.sources.kind), one.connections, other.connections
    names = tuple(dict.fromkeys([*a.targets, *b.targets]))
    number = np.array([names.index(name) for name in b.targets], np.int64)
    connections = Connections(
        source=np.concatenate([a.source, b.source + first]),
        mechanism=np.concatenate([a.mechanism, number[b.mechanism]]),
        targets=names,
        weights={
            name: np.concatenate([held.weights[name] for held in (a, b) if name in held.weights]) for name in names
        },
        **{key: np.concatenate([getattr(a, key), getattr(b, key)]) for key in ("instance", "delay", "active")},
    )
    time = np.concatenate([one.known.time, other.known.time])
    source = np.concatenate([one.known.source, other.known.source + first])
    return dataclasses.replace(
        one,
        sources=_followed_sources(one.sources, other.sources),
        connections=connections,
        known=KnownSpikes.sort(source, time),
    )


def _followed_sources(one: Sources, other: Sources) -> Sources:
    """Return sources one after another; known ones of the other are numbered on."""
    taken = [name.partition("[")[0] for kind, name in zip(one.kind, one.variable, strict=True) if kind == "known"]
    names = list(other.variable)
    for k, kind in enumerate(other.kind):
        if kind == "known":
            stem = names[k].partition("[")[0]
            names[k] = f"{stem}[{taken.count(stem)}]"
            taken.append(stem)
    return Sources(
        kind=one.kind + other.kind,
        mechanism=one.mechanism + other.mechanism,
        variable=(*one.variable, *names),
        **{
            key: np.concatenate([getattr(one, key), getattr(other, key)])
            for key in ("node", "instance", "threshold", "gid")
        },
    )
