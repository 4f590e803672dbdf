"""Mechanisms with the values of every instance: a live session -> Placements.

In: a session and its ``Tree``. Out: ``Placement`` records in NEURON's order of mechanisms and instances: density
mechanisms by node, point processes by node and on one node the last created first (``thread_memblist_setup`` walks
a node's list of properties, which grows at its head).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.mech.mechanism import Field, Mechanism
from jxneuron.model.model import Floats, Placement
from jxneuron.read.geometry import Tree
from jxneuron.read.kinds import Kind


def density(h: Any, tree: Tree, kind: Kind, holders: Iterable[Any], mechanism: Mechanism) -> Placement:
    """One density mechanism on every segment of its sections.

    Raises:
        ModelError: NEURON does not show a variable that the mechanism declares.
    """
    nodes = _nodes(tree, holders)
    read = attrgetter(kind.name)
    values = _values(mechanism, [read(tree.segments[node]) for node in nodes])
    return Placement(kind.name, "density", nodes, values, read_globals(h, mechanism))


def points(h: Any, tree: Tree, kind: Kind, placed: Sequence[Any], mechanism: Mechanism) -> Placement:
    """All instances of one point process.

    Raises:
        ModelError: NEURON does not show a variable that the mechanism declares.
    """
    ordered = _instance_order(tree, placed)
    nodes = np.array([tree.node_of(point.get_segment()) for point in ordered], np.int64)
    values = _values(mechanism, ordered)
    labels = tuple(point.hname() for point in ordered)
    return Placement(kind.name, "point", nodes, values, read_globals(h, mechanism), labels)


def _nodes(tree: Tree, holders: Iterable[Any]) -> np.ndarray:
    held = np.zeros(len(tree.sections), np.bool_)
    held[[tree.index[section] for section in holders]] = True
    return tree.centres[held[tree.nodes.section[tree.centres]]]


def _instance_order(tree: Tree, placed: Sequence[Any]) -> list[Any]:
    """By node; on one node in the order of NEURON's own list, which shows the last created first."""
    spots = {tree.node_of(segment): segment for segment in (point.get_segment() for point in placed)}
    rank: dict[str, tuple[int, int]] = {}
    for node, segment in spots.items():
        for k, point in enumerate(segment.point_processes()):
            rank[point.hname()] = (node, k)
    return sorted(placed, key=lambda point: rank[point.hname()])


def instances(h: Any, tree: Tree, placement: Placement) -> list[Any]:
    """NEURON's own objects for the instances of a mechanism."""
    if placement.labels:
        known = {point.hname(): point for point in h.List(placement.mechanism)}
        return [known[label] for label in placement.labels]
    read = attrgetter(placement.mechanism)
    return [read(tree.segments[node]) for node in placement.node]


def shown(h: Any, tree: Tree, placement: Placement, mechanism: Mechanism) -> dict[str, Floats]:
    """What NEURON shows now of the variables of every instance, as ``Placement.values``."""
    return _values(mechanism, instances(h, tree, placement))


def _values(mechanism: Mechanism, found: Sequence[Any]) -> dict[str, Floats]:
    ranges = (field for field in mechanism.fields if field.scope == "range")
    return {field.name: _column(mechanism, field, found) for field in ranges}


def _column(kind: Mechanism, field: Field, instances: Sequence[Any]) -> Floats:
    """One variable of every instance: (instance,) or (size, instance)."""
    read = attrgetter(field.name)
    try:
        if not field.size:
            return np.fromiter(map(read, instances), np.float64, len(instances))
        rows = [[array[i] for i in range(field.size)] for array in map(read, instances)]
    except (AttributeError, IndexError, TypeError) as error:
        raise ModelError(f"{kind.name}: NEURON does not show its variable {field.name!r} ({error})") from error
    return np.ascontiguousarray(np.array(rows, np.float64).reshape(len(instances), field.size).T)


def read_globals(h: Any, mechanism: Mechanism) -> dict[str, Any]:
    """GLOBAL variables: a float, or an array of shape (size,).

    Raises:
        ModelError: NEURON does not show one of them.
    """
    return {field.name: _global(h, mechanism, field) for field in mechanism.fields if field.scope == "global"}


def _global(h: Any, mechanism: Mechanism, field: Field) -> Any:
    name = f"{field.name}_{mechanism.name}"
    try:
        value = getattr(h, name)
        return np.array([value[i] for i in range(field.size)], np.float64) if field.size else float(value)
    except (AttributeError, IndexError, TypeError, LookupError) as error:
        raise ModelError(f"{mechanism.name}: NEURON does not show its GLOBAL {name!r} ({error})") from error


def states(placements: Iterable[Placement], mechanisms: Mapping[str, Mechanism]) -> dict[str, dict[str, Any]]:
    """What NEURON shows of the fields that a mechanism's code writes, by mechanism."""
    found = {}
    for placement in placements:
        written = mechanisms[placement.mechanism].fields_in("s")
        shown = {**placement.values, **placement.globals}
        found[placement.mechanism] = {field.name: shown[field.name] for field in written if field.name in shown}
    return found
