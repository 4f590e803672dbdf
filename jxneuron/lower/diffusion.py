"""Which instances of a mechanism a state diffuses between.

In: a Model. Out: Diffusers. Neighbours as longdifusalloc in NEURON's ldifus.cpp finds them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from jxneuron.ions import ion_variables
from jxneuron.lower.program import Diffuser, Index
from jxneuron.mech.mechanism import Mechanism
from jxneuron.model.model import Model, Placement


def diffusers(model: Model, mechanisms: Mapping[str, Mechanism]) -> tuple[Diffuser, ...]:
    """Every state that diffuses, mechanisms in the order in which NEURON registered them."""
    found = []
    for slot, placement in enumerate(model.placements):
        mechanism = mechanisms[placement.mechanism]
        if mechanism.diffusion:
            parent = neighbours(model, placement)
            found += [Diffuser(slot, each, parent, _ion(mechanism, each.state)) for each in mechanism.diffusion]
    return tuple(found)


def _ion(mechanism: Mechanism, state: str) -> tuple[str, str] | None:
    for use in mechanism.ions:
        if state in use.writes:
            return use.name, ion_variables(use.name)[state]
    return None


def neighbours(model: Model, placement: Placement) -> Index:
    """The instance towards the root of each instance, (instance,), -1 where there is none.

    That is the instance on the parent node; where the mechanism is not there (a node without area), the one on the
    parent's parent; where there is none either, the one on the first segment of the parent section.
    """
    at = np.full(len(model.nodes.parent) + 1, -1)
    at[placement.node] = np.arange(len(placement.node))
    up = model.nodes.parent[placement.node]
    above = np.where(up >= 0, model.nodes.parent[up], -1)
    found = np.where(at[up] >= 0, at[up], np.where(above >= 0, at[above], -1))
    return np.where((found < 0) & (up >= 0), at[_first_of_parent_section(model, placement)], found)


def _first_of_parent_section(model: Model, placement: Placement) -> Index:
    """The first node of the section that each instance's section is attached to, -1 for roots."""
    sections = [model.sections[k] for k in model.nodes.section[placement.node]]
    parents = [model.sections[each.parent] if each.parent >= 0 else None for each in sections]
    return np.array([-1 if each is None else each.centres[-1 if each.orientation else 0] for each in parents], np.int64)
