"""How far compartments are from a place: along the sections, or straight through space.

In: a Model. Out: um, one number per node asked for. Along: ``topol_distance`` in solve.cpp, as ``h.distance`` shows it.
"""

from __future__ import annotations

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.model import discretise, find
from jxneuron.model.model import Floats, Ints, Model, Section


def along(model: Model, nodes: Ints, origin: str, x: float) -> Floats:
    """Distance along the sections, (k,); NaN in a tree that does not hold the origin.

    Raises:
        ModelError: there is no such section, or x lies outside 0..1.
    """
    parent = model.nodes.parent
    step = _steps(model).tolist()
    distance = np.full(len(parent), np.nan).tolist()
    here, total = find.node(model, origin, x), 0.0
    while here >= 0:
        distance[here] = total
        total += step[here]
        here = int(parent[here])
    for node, above in enumerate(parent.tolist()):
        if distance[node] != distance[node] and above >= 0:
            distance[node] = distance[above] + step[node]
    return np.array(distance)[nodes]


def _steps(model: Model) -> Floats:
    """From each node to its parent, um."""
    length = np.array([section.L for section in model.sections])[model.nodes.section]
    reverse = np.array([section.orientation for section in model.sections])[model.nodes.section]
    at = np.where(reverse, 1.0 - model.nodes.x, model.nodes.x) * length
    above = model.nodes.parent
    inside = (above >= 0) & (model.nodes.section[above] == model.nodes.section) & ~_is_root(model)[above]
    return np.where(above < 0, 0.0, at - np.where(inside, at[above], 0.0))


def _is_root(model: Model) -> np.ndarray:
    return model.nodes.parent < 0


def straight(model: Model, nodes: Ints, origin: str, x: float) -> Floats:
    """Distance through space between 3-d points, (k,).

    Raises:
        ModelError: there is no such section, x lies outside 0..1, or a section has no 3-d points.
    """
    start = model.sections[find.section(model, origin)]
    here = _place(start, np.array([float(x)]))[0]
    section = model.nodes.section[nodes]
    result = np.empty(len(nodes))
    for index in np.unique(section):
        members = section == index
        places = _place(model.sections[index], model.nodes.x[nodes[members]])
        result[members] = np.sqrt(((places - here) ** 2).sum(axis=1))
    return result


def _place(section: Section, x: Floats) -> Floats:
    """x, y, z at shares of a section's length, (k, 3)."""
    if len(section.place) < 2:
        raise ModelError(f"{section.name} has no 3-d points: there is no straight distance to it")
    arc = discretise.arcs(section.place)
    return np.stack([np.interp(x * arc[-1], arc, section.place[:, column]) for column in range(3)], axis=1)
