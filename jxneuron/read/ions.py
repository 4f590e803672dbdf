"""Ions: a live session -> Ion records in order of registration (eion.cpp)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from operator import attrgetter
from typing import Any

import numpy as np

from jxneuron.errors import Finding
from jxneuron.mech.mechanism import IonUse, Mechanism
from jxneuron.model.model import Ion, Placement
from jxneuron.read.geometry import Tree
from jxneuron.read.kinds import Kind

# The bits of an ion's style (eion.cpp): two for concentrations, one more to initialise them, and so on
CONCENTRATIONS = 0o3
INITIALISE_CONCENTRATIONS = 0o4
REVERSAL = 0o30
INITIALISE_REVERSAL = 0o40
ADVANCE_REVERSAL = 0o100
WRITTEN_INSIDE = 0o200
WRITTEN_OUTSIDE = 0o400
WRITTEN = WRITTEN_INSIDE | WRITTEN_OUTSIDE
# How much of an ion a mechanism uses, in both two-bit parts (nrnocCONST, DEP, STATE)
READ, DEPENDS, STATE = 1, 2, 3


def read_ion(h: Any, tree: Tree, kind: Kind, holders: Sequence[Any]) -> Ion:
    """One ion species as it stands in its sections."""
    name = kind.name.removesuffix("_ion")
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
        e=read(f"e{name}"),
        inside=read(f"{name}i"),
        outside=read(f"{name}o"),
        inside0=float(getattr(h, f"{name}i0_{kind.name}")),
        outside0=float(getattr(h, f"{name}o0_{kind.name}")),
    )


def currents(tree: Tree, ion: Ion) -> np.ndarray:
    """The ion's total current as NEURON shows it, mA/cm2, (ion instance,)."""
    return column(tree, ion.node, f"i{ion.name}")


def column(tree: Tree, nodes: np.ndarray, variable: str) -> np.ndarray:
    """One variable of the ion on some nodes."""
    segments = [tree.segments[node] for node in nodes]
    return np.fromiter(map(attrgetter(variable), segments), np.float64, len(segments))


def promote(style: int, use: IonUse) -> int:
    """The style of an ion's instance after one more mechanism has laid hands on it (``nrn_promote``)."""
    inside, outside, reversal = f"{use.name}i", f"{use.name}o", f"e{use.name}"
    writes = {inside, outside} & set(use.writes)
    concentration = STATE if writes else READ if {inside, outside} & set(use.loads) else 0
    erev = STATE if reversal in use.writes else READ if reversal in use.loads else 0
    bits = (WRITTEN_INSIDE if inside in use.writes else 0) | (WRITTEN_OUTSIDE if outside in use.writes else 0)
    if not concentration and not erev:
        return style | bits
    concentration = max(style & CONCENTRATIONS, concentration)
    erev = max((style & REVERSAL) >> 3, erev)
    if concentration and erev < DEPENDS:
        erev = DEPENDS
    promoted = concentration | erev << 3
    if concentration == STATE:
        promoted |= INITIALISE_CONCENTRATIONS | (ADVANCE_REVERSAL if erev == DEPENDS else 0)
    if concentration and erev == DEPENDS:
        promoted |= INITIALISE_REVERSAL
    return promoted | style & WRITTEN | bits


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
