"""A Morphology and a number of segments per section -> a Model without mechanisms.

In: traced sections. Out: Nodes and Sections, numbered as NEURON numbers them (``reorder_secorder`` in multicore.cpp):
the roots of all trees, then each tree's sections breadth first, each with its centres and its end.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from jxneuron.errors import ModelError
from jxneuron.model import discretise
from jxneuron.model.discretise import MOST_SEGMENTS
from jxneuron.model.find import node_at
from jxneuron.model.model import Floats, Ints, Model, Nodes, Section, Settings
from jxneuron.morphology.tree import Morphology, breadth_first, row_starts
from jxneuron.units import END_AREA

NO_POINTS = np.zeros((0, 4))


def to_model(morphology: Morphology, nseg: ArrayLike, *, Ra: float, cm: float, v: float) -> Model:
    """Cut every section into segments and number the nodes.

    Args:
        morphology: the sections.
        nseg: segments of every section, or of each.
        Ra: ohm cm.
        cm: uF/cm2.
        v: mV, where every compartment starts.

    Raises:
        ModelError: ``nseg`` is not one or more for each section.
    """
    counts = _counts(nseg, len(morphology.traces))
    roots, order = _order(morphology)
    starts = row_starts([len(trace.points) for trace in morphology.traces]).tolist()
    points = np.concatenate([trace.points for trace in morphology.traces])
    single = morphology.precision != "float64"
    measured, lengths = discretise.segments_of_points(points, starts, counts.tolist(), single=single)
    _roll(morphology, counts, measured, lengths)
    sections = _sections(morphology, counts.tolist(), lengths.tolist(), roots, order)
    nodes = _nodes(sections, measured, lengths, roots, Ra, cm)
    return Model(
        nodes=nodes,
        sections=tuple(sections),
        placements=(),
        ions=(),
        sources=(),
        settings=Settings(v_init=v),
        groups={**morphology.groups, **morphology.section_lists},
        notes=morphology.notes,
        title=morphology.title,
        v_init=np.full(len(nodes.parent), v),
    )


def _counts(nseg: ArrayLike, sections: int) -> Ints:
    given = np.asarray(nseg)
    whole = np.issubdtype(given.dtype, np.integer) and given.shape in ((), (sections,))
    if not whole or (given < 1).any() or (given > MOST_SEGMENTS).any():
        allowed = f"a number from 1 to {MOST_SEGMENTS}, or one for each of {sections} sections"
        raise ModelError(f"nseg is {allowed}, not {nseg!r}")
    return np.broadcast_to(given, (sections,)).astype(np.int64)


def _order(morphology: Morphology) -> tuple[list[int], list[int]]:
    """Roots, and all sections tree by tree, breadth first."""
    children = morphology.children()
    roots = [index for index, trace in enumerate(morphology.traces) if trace.parent < 0]
    return roots, [index for root in roots for index in breadth_first(children, root)]


def _roll(morphology: Morphology, counts: Ints, measured: discretise.Segments, lengths: Floats) -> None:
    """Put cylinders in their places of what was measured."""
    first = np.cumsum(counts) - counts
    for index, trace in enumerate(morphology.traces):
        if trace.cylinder is not None:
            length, diams = trace.cylinder
            middles = (2 * np.arange(counts[index]) + 1) * len(diams) // (2 * counts[index])
            lengths[index] = length
            place = slice(first[index], first[index] + counts[index])
            for column, values in zip(measured, discretise.stylised(length, np.array(diams)[middles]), strict=True):
                column[place] = values


def _sections(
    morphology: Morphology, nseg: list[int], lengths: list[float], roots: list[int], order: list[int]
) -> list[Section]:
    """Sections with the numbers of their nodes."""
    made: dict[int, Section] = {}
    root_node = {index: node for node, index in enumerate(roots)}
    first = len(roots)
    for index in order:
        trace = morphology.traces[index]
        far = first + nseg[index]
        made[index] = Section(
            name=trace.name,
            nseg=nseg[index],
            L=lengths[index],
            centres=tuple(range(first, far)),
            node_at_0=root_node[index] if trace.parent < 0 else node_at(made[trace.parent], trace.parent_x),
            node_at_1=far,
            parent=trace.parent,
            parent_x=trace.parent_x,
            orientation=0,
            points=trace.points if trace.cylinder is None else NO_POINTS,
            drawn=None if trace.cylinder is None else trace.points,
        )
        first = far + 1
    return [made[index] for index in range(len(order))]


def _nodes(
    sections: Sequence[Section],
    measured: discretise.Segments,
    lengths: Floats,
    roots: Sequence[int],
    Ra: float,
    cm: float,
) -> Nodes:
    """Rows of the roots, of all centres and of all far ends."""
    nseg = np.array([section.nseg for section in sections])
    near = np.array([section.node_at_0 for section in sections])
    far = np.array([section.node_at_1 for section in sections])
    owner = np.repeat(np.arange(len(sections)), nseg)
    rank = np.arange(len(owner)) - np.repeat(np.cumsum(nseg) - nseg, nseg)
    centre = np.concatenate([np.arange(section.centres[0], section.node_at_1) for section in sections])
    count = len(centre) + len(sections) + len(roots)
    section, parent = np.empty(count, np.int64), np.arange(-1, count - 1)
    section[centre], section[far], section[: len(roots)] = owner, np.arange(len(sections)), roots
    parent[far - nseg], parent[: len(roots)] = near, -1
    x = np.zeros(count)
    x[centre], x[far] = (rank + 0.5) / nseg[owner], 1.0
    is_end = np.ones(count, np.bool_)
    is_end[centre] = False

    def column(values: ArrayLike, end: float = 0.0) -> Floats:
        result = np.full(count, end)
        result[centre] = values
        return result

    return Nodes(
        parent=parent,
        section=section,
        x=x,
        length=column((lengths / nseg)[owner]),
        diam=column(measured.diam),
        area=column(measured.area, END_AREA),
        half_in=column(measured.half_in),
        half_out=column(measured.half_out),
        Ra=np.full(count, float(Ra)),
        cm=column(float(cm)),
        is_end=is_end,
        rallbranch=np.ones(count),
    )
