"""The instances between which a state diffuses.

In: a Model. Out: Diffusers. Neighbours as longdifusalloc in NEURON's ldifus.cpp finds them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from jxneuron.ions import ion_variables
from jxneuron.lower.program import Diffuser, Index
from jxneuron.mech.mechanism import Mechanism
from jxneuron.model.model import Model, Placement


def find_diffusers(model: Model, mechanisms: Mapping[str, Mechanism]) -> tuple[Diffuser, ...]:
    """Return every state that diffuses, in the order in which NEURON registered the mechanisms."""
    diffusers: list[Diffuser] = []
    for slot, placement in enumerate(model.placements):
        mechanism = mechanisms[placement.mechanism]
        if mechanism.diffusion:
            parent = find_neighbours(model, placement)
            diffusers += [
                Diffuser(slot, diffusion, parent, _ion(mechanism, diffusion.state)) for diffusion in mechanism.diffusion
            ]
    return tuple(diffusers)


def _ion(mechanism: Mechanism, state: str) -> tuple[str, str] | None:
    for use in mechanism.ions:
        if state in use.writes:
            return use.name, ion_variables(use.name)[state]
    return None


def find_neighbours(model: Model, placement: Placement) -> Index:
    """Return the neighbour towards the root of each instance, (instance,), -1 where there is none.

    It is the instance on the parent node. Where the mechanism is not on that node (one without area, say), it is the
    instance on the parent's parent; where there is none either, that on the first segment of the parent section.
    """
    at = np.full(len(model.nodes.parent) + 1, -1)
    at[placement.node] = np.arange(len(placement.node))
    up = model.nodes.parent[placement.node]
    above = np.where(up >= 0, model.nodes.parent[up], -1)
    near = np.where(at[up] >= 0, at[up], np.where(above >= 0, at[above], -1))
    return np.where((near < 0) & (up >= 0), at[_first_of_parent_section(model, placement)], near)


def _first_of_parent_section(model: Model, placement: Placement) -> Index:
    """Return the first node of the section to which each instance's section is attached, -1 for roots."""
    sections = [model.sections[int(k)] for k in model.nodes.section[placement.node]]
    return np.array([_first_node(model, section.parent) for section in sections], np.int64)


def _first_node(model: Model, section: int) -> int:
    """Return the segment at the 0 end of a section, -1 for the number -1 of no section."""
    if section < 0:
        return -1
    centres = model.sections[section].centres
    return centres[-1 if model.sections[section].orientation else 0]
