"""The soma by another rule than NEURON's.

In and out: a Morphology.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Literal

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.model import discretise
from jxneuron.model.model import Floats, Note
from jxneuron.morphology.tree import EDITED, Morphology, Trace, kept_numbers, row_starts

# How the soma is taken: as NEURON does, or as one sphere of the same area
SomaRule = Literal["neuron", "sphere"]
SOMA = 1


def with_soma(morphology: Morphology, rule: SomaRule) -> Morphology:
    """The soma as a rule says.

    Args:
        morphology: the sections.
        rule: ``neuron`` changes nothing. ``sphere`` puts one sphere, a cylinder as long as it is wide, in the place of
            all soma sections: of their area, around the middle of their points; everything hangs on its middle.

    Raises:
        ModelError: another rule, or a soma that is not one connected part.
    """
    if rule == "neuron":
        return morphology
    if rule != "sphere":
        raise ModelError(f"soma = {rule!r}: 'neuron' or 'sphere'")
    members = [index for index, trace in enumerate(morphology.traces) if trace.type == SOMA]
    if not members:
        raise ModelError("soma = 'sphere': there is no soma here")
    tops = [index for index in members if morphology.traces[index].parent not in members]
    if len(tops) > 1 or morphology.traces[tops[0]].parent >= 0:
        names = ", ".join(morphology.traces[index].name for index in tops)
        raise ModelError(f"soma = 'sphere': the soma is several parts, or no root: {names}")
    return _replaced(morphology, members, _sphere(morphology, members))


def area_of(traces: list[Trace], *, single: bool) -> Floats:
    """Area of each section, um2."""
    starts = row_starts([len(trace.points) for trace in traces]).tolist()
    points = np.concatenate([trace.points for trace in traces])
    measured, _ = discretise.segments_of_points(points, starts, [1] * len(traces), single=single)
    area = measured.area.copy()
    for index, trace in enumerate(traces):
        if trace.cylinder is not None:
            length, diams = trace.cylinder
            area[index] = math.pi * length * sum(diams) / len(diams)
    return area


def _sphere(morphology: Morphology, members: list[int]) -> Floats:
    somas = [morphology.traces[index] for index in members]
    diam = math.sqrt(float(area_of(somas, single=morphology.precision != "float64").sum()) / math.pi)
    centre = np.concatenate([trace.points[:, :3] for trace in somas]).mean(axis=0)
    points = np.column_stack([np.repeat(centre[None], 3, axis=0), np.full(3, diam)])
    points[:, 0] += [-diam / 2, 0.0, diam / 2]
    return kept_numbers(points, morphology.precision)


def _replaced(morphology: Morphology, members: list[int], points: Floats) -> Morphology:
    keep = members[0]
    gone = set(members[1:])
    place, count = [], 0
    for index in range(len(morphology.traces)):
        place.append(count)
        count += index not in gone
    traces = []
    for index, trace in enumerate(morphology.traces):
        if index in gone:
            continue
        if index == keep:
            traces.append(dataclasses.replace(trace, points=points, parent=-1, parent_x=0.0, wire=None))
        elif trace.parent in members:
            traces.append(dataclasses.replace(trace, parent=place[keep], parent_x=0.5))
        else:
            traces.append(dataclasses.replace(trace, parent=place[trace.parent] if trace.parent >= 0 else -1))
    found = f"a soma of {len(members)} section" + "s" * (len(members) > 1)
    note = Note(EDITED, morphology.title, found, f"replaced by a sphere of {points[0, 3]:.4g} um")
    return dataclasses.replace(morphology, traces=tuple(traces), notes=(*morphology.notes, note))
