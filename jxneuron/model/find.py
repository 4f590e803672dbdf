"""Find the sections, nodes and variables of a Model by name; an unknown name is answered with the nearest ones.

In: a Model and a name as NEURON users write it. Out: an index, a node or a Probe. Also: the root of each node's tree.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.ions import ion_names
from jxneuron.model.model import Extracellular, Ints, Ion, Model, Nodes, Placement, Probe, Section, Sources
from jxneuron.node_variables import MEMBRANE_CURRENT, OUTSIDE_CURRENT, OUTSIDE_SOURCE, OUTSIDE_VOLTAGE
from jxneuron.wording import did_you_mean

# section(x).variable, section(x).mechanism.variable, either with the index of an array's element
_SEGMENT = re.compile(
    r"^(?P<section>.+)\((?P<x>[^()]*)\)\.(?:(?P<mechanism>\w+)\.)?(?P<field>[A-Za-z_]\w*)(?P<element>\[\d+\])?$"
)
_ELEMENT = re.compile(r"\[(\d+)\]$")


class HasNodes(Protocol):
    """A Model, or anything else with its nodes and sections."""

    @property
    def nodes(self) -> Nodes:
        """One row per node."""
        ...

    @property
    def sections(self) -> Sequence[Section]:
        """The sections that ``nodes.section`` numbers."""
        ...


def placement_of(model: Model, mechanism: str) -> Placement:
    """Return the Placement of the mechanism of this name, which the Model must have."""
    return next(placement for placement in model.placements if placement.mechanism == mechanism)


def ion_of(model: Model, name: str) -> Ion:
    """Return the Ion of this name, which the Model must have."""
    return next(ion for ion in model.ions if ion.name == name)


def node_name(model: HasNodes, node: int) -> str:
    """Return a node as users write it: ``dend[2](0.5)``."""
    section = model.sections[int(model.nodes.section[node])]
    return f"{section.name}({model.nodes.x[node]:.6g})"


def source_name(tree: HasNodes, placements: Sequence[Placement], ions: Sequence[Ion], sources: Sources, k: int) -> str:
    """Return source k as users write it: ``soma(0.5)``, ``dend[2](0.5).cai``, ``NetStim[0]``; "" for one without any.

    Args:
        tree: the nodes.
        placements: the mechanisms that ``sources`` names.
        ions: the ions that it names.
        sources: the sources of events.
        k: the number of one.
    """
    if sources.kind[k] == "voltage":
        return node_name(tree, int(sources.node[k]))
    mechanism, instance, variable = sources.mechanism[k], int(sources.instance[k]), sources.variable[k]
    if sources.kind[k] == "known":
        return variable
    if not mechanism:
        return ""
    for ion in ions:
        if mechanism == f"{ion.name}_ion":
            return f"{node_name(tree, int(ion.node[instance]))}.{variable}"
    placement = next(placement for placement in placements if placement.mechanism == mechanism)
    if placement.labels:
        return f"{placement.labels[instance]}.{variable}" if variable else placement.labels[instance]
    return f"{node_name(tree, int(placement.node[instance]))}.{variable}_{placement.mechanism}"


def roots(parent: Ints) -> Ints:
    """Return the root of the tree to which each node, or section, belongs, (n,).

    Args:
        parent: (n,) numbers of nodes or of sections, negative at roots; in any order.
    """
    ancestor = np.where(np.asarray(parent) < 0, np.arange(len(parent)), parent)
    for _ in range(len(parent).bit_length()):  # each turn doubles the distance to the ancestor
        ancestor = ancestor[ancestor]
    return ancestor


def section(model: Model, name: str) -> int:
    """Return the index of the section of this name.

    Args:
        model: where to look.
        name: NEURON's full name; ``soma`` also finds ``soma[0]``, and either finds ``Cell[0].soma[0]`` where only one
            cell has such a section.

    Raises:
        ModelError: there is none, or there are several; it names the nearest.
    """
    names = [section.name for section in model.sections]
    for spelling in (name, f"{name}[0]", name.removesuffix("[0]")):
        if spelling in names:
            return names.index(spelling)
    within = [i for i, full_name in enumerate(names) if full_name.endswith((f".{name}", f".{name}[0]"))]
    if len(within) == 1:
        return within[0]
    if within:
        raise ModelError(f"{name}: several cells have such a section: {', '.join(names[i] for i in within[:3])}, ...")
    raise ModelError(f"{name}: the model has no such section{did_you_mean(name, names)}")


def node(model: Model, name: str, x: float) -> int:
    """Return the node at x of a section: an end node at 0 and 1, elsewhere the centre of the segment.

    Args:
        model: where to look.
        name: the section's name.
        x: 0..1 in the section's own direction; on a border between segments, that of the upper one counts.

    Raises:
        ModelError: there is no such section, or x lies outside 0..1.
    """
    return node_at(model.sections[section(model, name)], x)


def node_at(section: Section, x: float) -> int:
    """Return the node at x of a section (``node_exact`` in cabcode.cpp).

    Raises:
        ModelError: x lies outside 0..1.
    """
    if x in (0.0, 1.0):
        return section.node_at_0 if x == 0.0 else section.node_at_1
    return centre_at(section, x)


def centre_at(section: Section, x: float) -> int:
    """Return the centre of the segment around x (``node_index`` in cabcode.cpp).

    NEURON keeps range variables there, for x = 0 and x = 1 too.

    Raises:
        ModelError: x lies outside 0..1.
    """
    if not 0.0 <= x <= 1.0:
        raise ModelError(f"{section.name}({x:g}): a segment's x lies in 0..1")
    return section.centres[min(int(section.nseg * x), section.nseg - 1)]


def probe(model: Model, name: str) -> Probe:
    """Return the Probe of a variable, which the Model must have.

    Args:
        model: where to look.
        name: ``soma(0.5).v``, ``dend[2](0.3).cai``, ``soma(0.5).m_hh`` or ``soma(0.5).hh.m``, ``IClamp[0].i``;
            without a location, x is 0.5.

    Raises:
        ModelError: there is no such section, point process or variable there; names the nearest.
    """
    points = {label: placement for placement in model.placements for label in placement.labels}
    label, _, variable = name.rpartition(".")
    if label in points:
        return _point_probe(points[label], name, label, variable)
    match = _SEGMENT.match(_with_location(model, name))
    if match is None:
        known = [*points, *(section.name for section in model.sections)]
        hint = did_you_mean(label, known) if label else ""
        raise ModelError(f"{name}: a record reads section(x).variable or PointProcess[i].variable{hint}")
    return _segment_probe(model, name, match)


def _with_location(model: Model, name: str) -> str:
    """Complete ``soma.v`` to ``soma(0.5).v``: the longest part that names a section gets the location."""
    if "(" in name:
        return name
    parts = name.split(".")
    for count in range(len(parts) - 1, 0, -1):
        owner = ".".join(parts[:count])
        if _names_a_section(model, owner):
            return f"{owner}(0.5).{'.'.join(parts[count:])}"
    return name


def _names_a_section(model: Model, name: str) -> bool:
    try:
        section(model, name)
    except ModelError:
        return False
    return True


def _segment_probe(model: Model, name: str, match: re.Match[str]) -> Probe:
    at_section = model.sections[section(model, match["section"])]
    x = _number(name, match["x"])
    field = f"{match['field']}_{match['mechanism']}" if match["mechanism"] else match["field"]
    variable = field + (match["element"] or "")
    if variable in ("v", MEMBRANE_CURRENT):
        return Probe(name, variable, node_at(at_section, x))
    if match["field"] == OUTSIDE_VOLTAGE and model.extracellular is not None:
        return _outside_probe(model.extracellular, name, variable, node_at(at_section, x))
    at = centre_at(at_section, x)
    _check_variable(name, variable, _variables(model, at))
    return Probe(name, variable, at)


def _outside_probe(extracellular: Extracellular, name: str, variable: str, at: int) -> Probe:
    known = {OUTSIDE_VOLTAGE: len(extracellular.xg)} if at in extracellular.node else {}
    _check_variable(name, variable, known)
    return Probe(name, variable, at)


def _number(name: str, x: str) -> float:
    try:
        return float(x)
    except ValueError:
        raise ModelError(f"{name}: {x!r} is no location; x lies in 0..1") from None


def _variables(model: Model, at: int) -> dict[str, int]:
    """Return the variables that can be recorded at a centre, with the size of arrays (0 for scalars)."""
    known = {"v": 0, MEMBRANE_CURRENT: 0}
    if model.extracellular is not None and at in model.extracellular.node:
        known |= {OUTSIDE_CURRENT: 0, OUTSIDE_SOURCE: 0}
    for placement in model.placements:
        if placement.kind == "density" and at in placement.node:
            known |= {f"{field}_{placement.mechanism}": size for field, size in _fields(placement).items()}
    for ion in model.ions:
        if at in ion.node:
            known |= dict.fromkeys(ion_names(ion.name), 0)
    return known


def _fields(placement: Placement) -> dict[str, int]:
    return {field: len(value) if value.ndim == 2 else 0 for field, value in placement.values.items()}


def _point_probe(placement: Placement, name: str, label: str, variable: str) -> Probe:
    _check_variable(name, variable, _fields(placement))
    return Probe(name, variable, -1, label)


def _check_variable(name: str, variable: str, known: dict[str, int]) -> None:
    element = _ELEMENT.search(variable)
    field = variable[: element.start()] if element else variable
    if field not in known:
        raise ModelError(f"{name}: there is no variable {field!r} there" + did_you_mean(field, known))
    size = known[field]
    if bool(size) != bool(element):
        form = f"{field}[0] to {field}[{size - 1}]" if size else field
        raise ModelError(f"{name}: record {form}")
    if element and int(element[1]) >= size:
        raise ModelError(f"{name}: {field} has {size} elements, counted from 0")
