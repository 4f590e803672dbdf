"""New connections of events in a module: who sends, who receives, and with which weights and delays.

In: a Core, and what a user handed to ``connect_events``. Out: more connections in its Model. No JAX.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.mech.mechanism import Mechanism
from jxneuron.model.find import placement_of
from jxneuron.model.model import Events, Floats, Ints
from jxneuron.modules import edges, edit, names, wires
from jxneuron.modules.artificial import NetStim, VecStim
from jxneuron.modules.build import edge_count
from jxneuron.modules.core import Core
from jxneuron.modules.values import numbers

Stimulator = NetStim | VecStim


@dataclass(frozen=True, eq=False)
class Senders:
    """What events come from, k of one kind."""

    kind: Literal["voltage", "known", "instance"]
    place: Ints  # (k,) nodes, numbers of ``cells``, or instances of ``mechanism``
    cells: tuple[Stimulator, ...] = ()
    mechanism: str = ""

    def take(self, index: Any) -> Senders:
        """Return some of them, each as often as it is named."""
        return dataclasses.replace(self, place=self.place[index])


@dataclass(frozen=True, eq=False)
class Receivers:
    """What receives events, k of one mechanism: new instances in nodes, or instances that there are."""

    mechanism: Mechanism
    place: Ints  # (k,) nodes, or instances
    is_new: bool

    def take(self, index: Any) -> Receivers:
        """Return some of them, each as often as it is named."""
        return dataclasses.replace(self, place=self.place[index])


def stimulators(given: Sequence[Any]) -> Senders:
    """Return artificial cells as senders."""
    cells = tuple(dict.fromkeys(given))
    return Senders("known", np.array([cells.index(each) for each in given], np.int64), cells)


def receiver(core: Core, given: Any) -> Mechanism:
    """Return what a user wants to receive events, as a point Mechanism.

    Raises:
        ModelError: no such mechanism, none that receives, or one with POINTERs.
    """
    if isinstance(given, type):
        raise ModelError(f"connect_events takes a mechanism, not the class {given.__name__}")
    found = edit.known_mechanism(core, given)
    if found.kind != "point":
        raise ModelError(f"{found.name} is no point process: connect_events inserts one that receives events")
    _require_receives(found)
    if any(each.to == "model" for each in found.pointers):
        raise ModelError(f"{found.name} has a POINTER: connect_events inserts a point process without any")
    names.refuse_clashes(core, found)
    return edit.the_one_of_that_name(core, found)


def _require_receives(mechanism: Mechanism) -> None:
    if not mechanism.receives:
        raise ModelError(f"{mechanism.name} receives no events: it has no NET_RECEIVE")


def sending_instances(core: Core, mechanism: str, instances: Ints) -> Senders:
    """Return some instances of a mechanism as senders.

    Raises:
        ModelError: it sends nothing.
    """
    actions = core.mechanisms[mechanism].actions
    if "event" not in actions:
        raise ModelError(f"{mechanism} sends no events: its NET_RECEIVE has no net_event")
    return Senders("instance", instances, mechanism=mechanism)


def receiving_instances(core: Core, mechanism: str, instances: Ints) -> Receivers:
    """Return some instances of a mechanism as receivers.

    Raises:
        ModelError: it receives nothing.
    """
    _require_receives(core.mechanisms[mechanism])
    return Receivers(core.mechanisms[mechanism], instances, is_new=False)


def connect(core: Core, pre: Senders, post: Receivers, weight: Any, delay: Any, threshold: Any) -> Ints:
    """Connect senders and receivers one by one, and return the numbers of the new connections in ``edges``.

    Raises:
        ModelError: weights, delays or thresholds that no run could take. The module is unchanged.
    """
    size = len(pre.place)
    weights = _weights(post.mechanism, weight, size)
    delays = one_each("delay", delay, size)
    if (delays < 0.0).any():
        raise ModelError(f"delay = {delays[delays < 0.0][0]:g} ms: it must not be negative")
    thresholds = None if threshold is None else one_each("threshold", threshold, size)
    if thresholds is not None and pre.kind != "voltage":
        raise ModelError("threshold: only events from a voltage have one")
    events, source = _sources(core, pre, thresholds)
    model, instance = core.model, post.place
    if post.is_new:
        model, instance = edges.with_instances(core, post.mechanism, post.place)
    events = wires.connect(events, source, post.mechanism.name, instance, delays, weights)
    first = wires.count(model)
    _remember(core, pre, source)
    core.model = dataclasses.replace(model, events=events)
    core.mechanisms = {**core.mechanisms, post.mechanism.name: post.mechanism}
    return edge_count(core.model) + np.arange(first, first + size)


def _sources(core: Core, pre: Senders, thresholds: Floats | None) -> tuple[Events, Ints]:
    """Return the source of each sender, (k,), and the events that have them all."""
    events = wires.events_of(core.model)
    if pre.kind == "voltage":
        return wires.voltage_sources(events, core.model, pre.place, thresholds)
    if pre.kind == "instance":
        return wires.instance_sources(events, pre.mechanism, pre.place)
    known = {id(cell): number for cell, number in core.stimulators}
    number_of = []
    for cell in pre.cells:
        number = known.get(id(cell))
        if number is None:
            events, number = wires.known_source(events, type(cell).__name__, cell.spike_times())
        number_of.append(number)
    return events, np.array(number_of, np.int64)[pre.place]


def _remember(core: Core, pre: Senders, source: Ints) -> None:
    """Remember which sources artificial cells are: of one cell there is one, however often it is connected."""
    known = {id(cell) for cell, _ in core.stimulators}
    for k, cell in enumerate(pre.cells):
        if id(cell) not in known and (pre.place == k).any():
            core.stimulators.append((cell, int(source[pre.place == k][0])))


def _weights(mechanism: Mechanism, weight: Any, size: int) -> Floats:
    """Return the weights of each connection, (k, weights of one).

    Raises:
        ModelError: a wrong shape, what is no number, or a weight that NEURON starts at 0.
    """
    given, most = numbers("weight", weight), len(mechanism.weights)
    if given.ndim == 2 and given.shape[1] == most and given.shape[0] in (1, size):
        result = np.broadcast_to(given, (size, most)).copy()
    else:
        result = np.zeros((size, most))
        result[:, :1] = one_each("weight", given, size, f", or ({size}, {most})")[:, None]
    if not np.isfinite(result).all():
        raise ModelError("weight: it is not a number")
    if mechanism.receive_initial is None and result[:, 1:].any():
        raise ModelError(
            f"weight: NET_RECEIVE of {mechanism.name} has no INITIAL, so that every run starts its weights after the "
            "first at 0"
        )
    return result


def one_each(what: str, value: Any, size: int, other: str = "") -> Floats:
    """Return one number for each connection, (k,).

    Raises:
        ModelError: a wrong shape, or what is no number.
    """
    given = numbers(what, value)
    if given.shape not in ((), (1,), (size,)):
        raise ModelError(f"{what}: {given.shape} values for {size} connections: give one, or ({size},){other}")
    if not np.isfinite(given).all():
        raise ModelError(f"{what}: it is not a number")
    return np.broadcast_to(given, (size,)).copy()


def nodes_of(core: Core, views: Sequence[Any], *, ends: bool) -> Ints:
    """Return the nodes of views one after another; with ``ends`` a view of a section's end gives its end node."""
    nodes = [view._ends if ends and view._ends is not None else core.rows.node[view._visible()] for view in views]
    return np.concatenate(nodes).astype(np.int64)


def instances_of(core: Core, view: Any) -> tuple[str, Ints]:
    """Return the mechanism whose instances a view of synapses or of point processes shows, and these instances.

    Those of a view of synapses are as many as the synapses.

    Raises:
        ModelError: they are of several mechanisms, or the mechanism connects by a POINTER.
    """
    if hasattr(view, "_labels"):
        labels = placement_of(core.model, view._mechanism).labels
        number = {label: k for k, label in enumerate(labels)}
        return view._mechanism, np.array([number[label] for label in view._labels], np.int64)
    rows = view._edge_numbers() - edge_count(core.model)
    held = wires.events_of(core.model).connections
    kinds = np.unique(held.mechanism[rows[rows >= 0]])
    if len(kinds) != 1 or (rows < 0).any():
        raise ModelError("take a view of synapses of one mechanism that receives events")
    return held.targets[int(kinds[0])], held.instance[rows]
