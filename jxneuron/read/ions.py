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
from jxneuron.read.kinds import Kind


def read_ion(h: Any, tree: Tree, kind: Kind, holders: Sequence[Any]) -> Ion:
    """One ion species as it stands in its sections."""
    name = kind.name.removesuffix(ION_SUFFIX)
    names = ion_names(name)
    styles = np.zeros(len(tree.sections), np.int64)
    held = np.zeros(len(tree.sections), np.bool_)
    for section in holders:
        held[tree.index[section]] = True
        styles[tree.index[section]] = int(h.ion_style(kind.name, sec=section))
    owner = tree.nodes.section[tree.centres]
    nodes = tree.centres[held[owner]]

    def read(variable: str) -> np.ndarray:
        return column(tree, nodes, variable)

    return Ion(
        name=name,
        charge=float(h.ion_charge(kind.name)),
        node=nodes,
        style=styles[tree.nodes.section[nodes]],
        e=read(names.e),
        inside=read(names.inside),
        outside=read(names.outside),
        inside0=float(getattr(h, f"{name}i0_{kind.name}")),
        outside0=float(getattr(h, f"{name}o0_{kind.name}")),
    )


def currents(tree: Tree, ion: Ion) -> np.ndarray:
    """The ion's total current as NEURON shows it, mA/cm2, (ion instance,)."""
    return column(tree, ion.node, ion_names(ion.name).current)


def column(tree: Tree, nodes: np.ndarray, variable: str) -> np.ndarray:
    """One variable of the ion on some nodes."""
    segments = [tree.segments[node] for node in nodes]
    return np.fromiter(map(attrgetter(variable), segments), np.float64, len(segments))


def with_points(
    tree: Tree, ion: Ion, placements: Sequence[Placement], mechanisms: Mapping[str, Mechanism]
) -> tuple[Ion, list[Finding]]:
    """Styles where point processes use the ion: NEURON shows a section's first segment only, the rest is derived.

    Returns:
        the ion with its styles, and findings where the style of other segments cannot be derived.
    """
    uses = _uses(ion.name, placements, mechanisms, "point")
    everywhere = _uses(ion.name, placements, mechanisms, "density")
    row = {int(node): i for i, node in enumerate(ion.node)}
    style, findings = ion.style.copy(), []
    for node, here in uses.items():
        segments = tree.sections[int(tree.nodes.section[node])].centres
        others = reduce(promote, everywhere.get(node, ()), 0)  # what density mechanisms ask for
        if node != min(segments):
            shown = int(ion.style[row[min(segments)]])
            style[row[node]] = reduce(promote, here, shown)
            # A style set by hand: before the point process came, which raised it, or after, which put it back?
            if min(segments) not in uses and shown not in (others, style[row[node]]):
                findings.append(_by_hand(tree, node, ion.name))
            continue
        # NEURON shows this segment, on which the point process stands
        if len(segments) > 1 and reduce(promote, here, others) != style[row[node]]:
            findings.append(_hidden(tree, node, ion.name))
        for other in set(segments) - {node}:
            style[row[other]] = reduce(promote, uses.get(other, ()), others)
    return replace(ion, style=style), findings


def _uses(
    ion: str, placements: Iterable[Placement], mechanisms: Mapping[str, Mechanism], kind: str
) -> dict[int, list[IonUse]]:
    """How the ion is used on each node by mechanisms of one kind."""
    found: dict[int, list[IonUse]] = {}
    for placement in placements:
        used = [use for use in mechanisms[placement.mechanism].ions if use.name == ion]
        if placement.kind == kind and used:
            for node in placement.node.tolist():
                found.setdefault(node, []).extend(used)
    return found


def _by_hand(tree: Tree, node: int, ion: str) -> Finding:
    return Finding(
        _place(tree, node),
        f"a point process uses {ion} here, in a section whose ion_style of {ion} was set by hand: "
        "NEURON does not show the style of this segment",
        "leave that ion_style to NEURON in this section, or choose one to which the point process adds nothing",
    )


def _place(tree: Tree, node: int) -> str:
    return f"{tree.sections[int(tree.nodes.section[node])].name}({tree.nodes.x[node]:g})"


def _hidden(tree: Tree, node: int, ion: str) -> Finding:
    return Finding(
        _place(tree, node),
        f"a point process on this first segment hides the ion_style of {ion} on the others",
        "place it on another segment",
    )
