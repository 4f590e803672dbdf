"""Ions: a live session -> Ion records in order of registration (eion.cpp)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
    segments = [tree.segments[node] for node in nodes]

    def column(variable: str) -> np.ndarray:
        return np.fromiter(map(attrgetter(variable), segments), np.float64, len(segments))

    return Ion(
        name=name,
        charge=float(h.ion_charge(kind.name)),
        node=nodes,
        style=styles[tree.nodes.section[nodes]],
        e=column(f"e{name}"),
        inside=column(f"{name}i"),
        outside=column(f"{name}o"),
        inside0=float(getattr(h, f"{name}i0_{kind.name}")),
        outside0=float(getattr(h, f"{name}o0_{kind.name}")),
    )


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
    tree: Tree, ion: Ion, placements: Iterable[Placement], mechanisms: Mapping[str, Mechanism]
) -> tuple[Ion, list[Finding]]:
    """Styles where point processes use the ion: NEURON shows a section's first segment only, the rest is derived.

    Returns:
        the ion with its styles, and findings where no style can be derived.
    """
    style = ion.style.copy()
    findings = []
    row = {int(node): i for i, node in enumerate(ion.node)}
    for placement in placements:
        uses = [use for use in mechanisms[placement.mechanism].ions if use.name == ion.name]
        if placement.kind != "point" or not uses:
            continue
        for node, label in zip(placement.node.tolist(), placement.labels, strict=True):
            if node not in row:
                findings.append(_at_an_end(label, ion.name))
            elif promote(int(style[row[node]]), uses[0]) != style[row[node]]:
                style[row[node]] = promote(int(style[row[node]]), uses[0])
            elif _is_first(tree, node) and len(_siblings(tree, node)) > 1:
                findings.append(_hidden(label, ion.name))
    return Ion(**{**vars(ion), "style": style}), findings


def _siblings(tree: Tree, node: int) -> tuple[int, ...]:
    return tree.sections[int(tree.nodes.section[node])].centres


def _is_first(tree: Tree, node: int) -> bool:
    return node == min(_siblings(tree, node))


def _at_an_end(label: str, ion: str) -> Finding:
    return Finding(label, f"uses the ion {ion} at the end of a section", "move it inside: NEURON hides the ion there")


def _hidden(label: str, ion: str) -> Finding:
    return Finding(
        label,
        f"uses the ion {ion} on the first segment, which hides the other segments' ion_style",
        "move it to another segment",
    )

