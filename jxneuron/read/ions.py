"""Ions: a live session -> Ion records in order of registration (eion.cpp)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from operator import attrgetter
from typing import Any

import numpy as np

from jxneuron.errors import Finding
from jxneuron.ions import ION_SUFFIX, ion_names, promote
from jxneuron.mech.mechanism import IonUse, Mechanism
from jxneuron.model.model import Ion, Placement
from jxneuron.read.geometry import Tree
from jxneuron.read.mechanism_types import MechanismType


def read_ion(h: Any, tree: Tree, type_: MechanismType, holders: Sequence[Any]) -> Ion:
    """Read one ion in the sections that have it, with the style of each section's first segment."""
    name = type_.name.removesuffix(ION_SUFFIX)
    names = ion_names(name)
    styles = np.zeros(len(tree.sections), np.int64)
    has_ion = np.zeros(len(tree.sections), np.bool_)
    for section in holders:
        has_ion[tree.index[section]] = True
        styles[tree.index[section]] = int(h.ion_style(type_.name, sec=section))
    owner = tree.nodes.section[tree.centres]
    nodes = tree.centres[has_ion[owner]]
    return Ion(
        name=name,
        charge=float(h.ion_charge(type_.name)),
        node=nodes,
        style=styles[tree.nodes.section[nodes]],
        e=read_column(tree, nodes, names.e),
        inside=read_column(tree, nodes, names.inside),
        outside=read_column(tree, nodes, names.outside),
        inside0=float(getattr(h, f"{names.inside}0_{type_.name}")),
        outside0=float(getattr(h, f"{names.outside}0_{type_.name}")),
    )


def read_currents(tree: Tree, ion: Ion) -> np.ndarray:
    """Read the ion's total current as NEURON shows it, mA/cm2, (ion instance,)."""
    return read_column(tree, ion.node, ion_names(ion.name).current)


def read_column(tree: Tree, nodes: np.ndarray, variable: str) -> np.ndarray:
    """Read one variable of the ion on some nodes, (node,)."""
    segments = [tree.segments[node] for node in nodes]
    return np.fromiter(map(attrgetter(variable), segments), np.float64, len(segments))


def derive_styles(
    tree: Tree, ion: Ion, placements: Sequence[Placement], mechanisms: Mapping[str, Mechanism]
) -> tuple[Ion, list[Finding]]:
    """Derive the ion's style where point processes use it: NEURON shows that of a section's first segment only.

    Returns:
        the ion with its styles, and findings where the style of other segments cannot be derived.
    """
    points = _uses_by_node(ion.name, placements, mechanisms, "point")
    densities = _uses_by_node(ion.name, placements, mechanisms, "density")
    row = {int(node): i for i, node in enumerate(ion.node)}
    style, findings = ion.style.copy(), []
    for node, uses in points.items():
        segments = tree.sections[int(tree.nodes.section[node])].centres
        without_points = reduce(promote, densities.get(node, ()), 0)
        if node != min(segments):
            first = int(ion.style[row[min(segments)]])
            style[row[node]] = reduce(promote, uses, first)
            # A style set by hand: before the point process was placed, which raised it, or after, which undid that?
            if min(segments) not in points and first not in (without_points, style[row[node]]):
                findings.append(_set_by_hand(tree, node, ion.name))
            continue
        # This is the segment whose style NEURON shows
        if len(segments) > 1 and reduce(promote, uses, without_points) != style[row[node]]:
            findings.append(_hidden(tree, node, ion.name))
        for other in set(segments) - {node}:
            style[row[other]] = reduce(promote, points.get(other, ()), without_points)
    return replace(ion, style=style), findings


def _uses_by_node(
    ion: str, placements: Iterable[Placement], mechanisms: Mapping[str, Mechanism], kind: str
) -> dict[int, list[IonUse]]:
    """Return how mechanisms of one kind use the ion on each node."""
    by_node: dict[int, list[IonUse]] = {}
    for placement in placements:
        uses = [use for use in mechanisms[placement.mechanism].ions if use.name == ion]
        if placement.kind == kind and uses:
            for node in placement.node.tolist():
                by_node.setdefault(node, []).extend(uses)
    return by_node


def _set_by_hand(tree: Tree, node: int, ion: str) -> Finding:
    return Finding(
        tree.place(node),
        f"a point process uses {ion} here, in a section whose ion_style of {ion} was set by hand: "
        "NEURON does not show the style of this segment",
        "leave that ion_style to NEURON in this section, or choose one to which the point process adds nothing",
    )


def _hidden(tree: Tree, node: int, ion: str) -> Finding:
    return Finding(
        tree.place(node),
        f"a point process on this first segment hides the ion_style of {ion} on the others",
        "place it on another segment",
    )
