"""Mechanisms with the values of every instance: a live session -> Placements.

In: a session and its ``Tree``. Out: ``Placement`` records in NEURON's order of instances: density mechanisms by node,
point processes by node and on one node the last created first (``thread_memblist_setup`` walks a node's list of
properties, which grows at its head); artificial cells in order of creation.
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


def read_density(h: Any, tree: Tree, holders: Iterable[Any], mechanism: Mechanism) -> Placement:
    """Read one density mechanism on every segment of its sections.

    Raises:
        ModelError: NEURON does not show a variable that the mechanism declares.
    """
    nodes = _centres_of(tree, holders)
    instance_at = attrgetter(mechanism.name)
    values = _read_ranges(mechanism, [instance_at(tree.segments[node]) for node in nodes])
    values, shared = (_without_leftovers(mechanism, each) for each in (values, read_globals(h, mechanism)))
    return Placement(mechanism.name, "density", nodes, values, shared)


def read_point_processes(h: Any, tree: Tree, points: Sequence[Any], mechanism: Mechanism) -> Placement:
    """Read all instances of one type of point process.

    Raises:
        ModelError: NEURON does not show a variable that the mechanism declares.
    """
    ordered = _sort_instances(tree, points)
    nodes = np.array([tree.node_of(point.get_segment()) for point in ordered], np.int64)
    values = _read_ranges(mechanism, ordered)
    values, shared = (_without_leftovers(mechanism, each) for each in (values, read_globals(h, mechanism)))
    labels = tuple(point.hname() for point in ordered)
    return Placement(mechanism.name, "point", nodes, values, shared, labels)


def read_artificial(h: Any, cells: Sequence[Any], mechanism: Mechanism) -> Placement:
    """Read artificial cells of one type, which have no node, in order of creation.

    Raises:
        ModelError: NEURON does not show a variable that the mechanism declares.
    """
    values = _read_ranges(mechanism, cells)
    values, shared = (_without_leftovers(mechanism, each) for each in (values, read_globals(h, mechanism)))
    labels = tuple(cell.hname() for cell in cells)
    return Placement(mechanism.name, "artificial", np.full(len(cells), -1, np.int64), values, shared, labels)


def _without_leftovers(mechanism: Mechanism, values: dict[str, Any]) -> dict[str, Any]:
    """Put the default for nan and inf into variables that the code sets before it reads them.

    A run before may have left such there, with which NEURON does nothing.
    """
    defaults = {field.name: field.default for field in mechanism.fields if field.storage == "none"}
    return {
        name: np.where(np.isfinite(value), value, defaults[name])[()] if name in defaults else value
        for name, value in values.items()
    }


def _centres_of(tree: Tree, holders: Iterable[Any]) -> np.ndarray:
    chosen = np.zeros(len(tree.sections), np.bool_)
    chosen[[tree.index[section] for section in holders]] = True
    return tree.centres[chosen[tree.nodes.section[tree.centres]]]


def _sort_instances(tree: Tree, points: Sequence[Any]) -> list[Any]:
    """Sort by node, and on one node as NEURON's own list, which has the last created first."""
    segments = {tree.node_of(segment): segment for segment in (point.get_segment() for point in points)}
    rank = {
        point.hname(): (node, k)
        for node, segment in segments.items()
        for k, point in enumerate(segment.point_processes())
    }
    return sorted(points, key=lambda point: rank[point.hname()])


def find_instances(h: Any, tree: Tree, placement: Placement) -> list[Any]:
    """Return NEURON's own objects for the instances of a mechanism."""
    if placement.labels:
        points = {point.hname(): point for point in h.List(placement.mechanism)}
        return [points[label] for label in placement.labels]
    instance_at = attrgetter(placement.mechanism)
    return [instance_at(tree.segments[node]) for node in placement.node]


def read_values(h: Any, tree: Tree, placement: Placement, mechanism: Mechanism) -> dict[str, Floats]:
    """Read the present value of every RANGE variable, as ``Placement.values``."""
    return _read_ranges(mechanism, find_instances(h, tree, placement))


def _read_ranges(mechanism: Mechanism, instances: Sequence[Any]) -> dict[str, Floats]:
    ranges = (field for field in mechanism.fields if field.scope == "range")
    return {field.name: _read_field(mechanism, field, instances) for field in ranges}


def _read_field(mechanism: Mechanism, field: Field, instances: Sequence[Any]) -> Floats:
    """Read one variable of every instance: (instance,) or (size, instance)."""
    read = attrgetter(field.name)
    try:
        if not field.size:
            return np.fromiter(map(read, instances), np.float64, len(instances))
        rows = [[array[i] for i in range(field.size)] for array in map(read, instances)]
    except (AttributeError, IndexError, TypeError) as error:
        raise ModelError(f"{mechanism.name}: NEURON does not show its variable {field.name!r} ({error})") from error
    return np.ascontiguousarray(np.array(rows, np.float64).reshape(len(instances), field.size).T)


def read_globals(h: Any, mechanism: Mechanism) -> dict[str, Any]:
    """Read GLOBAL variables: a float, or an array of shape (size,).

    Raises:
        ModelError: NEURON does not show one of them.
    """
    return {field.name: _read_global(h, mechanism, field) for field in mechanism.fields if field.scope == "global"}


def _read_global(h: Any, mechanism: Mechanism, field: Field) -> Any:
    name = f"{field.name}_{mechanism.name}"
    try:
        value = getattr(h, name)
        return np.array([value[i] for i in range(field.size)], np.float64) if field.size else float(value)
    except (AttributeError, IndexError, TypeError, LookupError) as error:
        raise ModelError(f"{mechanism.name}: NEURON does not show its GLOBAL {name!r} ({error})") from error


def read_states(placements: Iterable[Placement], mechanisms: Mapping[str, Mechanism]) -> dict[str, dict[str, Any]]:
    """Return the values of the fields that a mechanism's code writes, by mechanism, as far as NEURON shows them."""
    states = {}
    for placement in placements:
        visible = {**placement.values, **placement.globals}
        written = mechanisms[placement.mechanism].fields_in("s")
        states[placement.mechanism] = {field.name: visible[field.name] for field in written if field.name in visible}
    return states
