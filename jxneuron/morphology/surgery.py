"""Cutting and joining: what modellers do to a reconstruction before they use it.

In and out: a Morphology; nothing is changed in place. Sections that stay keep their names.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.model import discretise
from jxneuron.model.model import Floats, Note
from jxneuron.morphology.rules import lengths as all_lengths
from jxneuron.morphology.rules import require_positive
from jxneuron.morphology.tree import EDITED, Morphology, Trace, breadth_first, kept_numbers

AXON = 2
# A stub's sections without an axon to take them from, um, and how far from the soma the second one looks, um
STUB_DIAM = 1.0
STUB_LENGTHS = (30.0, 30.0)
STUB_REACH = 60.0
# A tapering stub has one part for each section and two more for each full stretch of this length, um
STUB_PART = 15.0


def delete_subtree(morphology: Morphology, *names: str) -> Morphology:
    """Sections and everything that hangs on them go.

    Args:
        morphology: the sections.
        names: sections ("dend[3]"), or stems and SectionLists, of which all go ("axon", "axonal").

    Raises:
        ModelError: there is no such section, or nothing would stay.
    """
    children = morphology.children()
    gone: set[int] = set()
    for name in names:
        for index in morphology.members(name):
            gone.update(breadth_first(children, index))
    if len(gone) == len(morphology.traces):
        raise ModelError(f"{', '.join(names)}: nothing would stay")
    note = Note(EDITED, ", ".join(names), f"{len(gone)} sections", "deleted")
    return _without(morphology, gone, note)


def subtree(morphology: Morphology, name: str) -> Morphology:
    """A section and everything that hangs on it, as a Morphology of its own.

    Raises:
        ModelError: there is no such section.
    """
    root = morphology.index(name)
    keep = set(breadth_first(morphology.children(), root))
    traces = list(morphology.traces)
    traces[root] = dataclasses.replace(traces[root], parent=-1, parent_x=0.0, wire=None)
    whole = dataclasses.replace(morphology, traces=tuple(traces))
    note = Note(EDITED, name, f"{len(keep)} sections", "taken as a tree of their own")
    return _without(whole, set(range(len(traces))) - keep, note)


def attach(morphology: Morphology, tree: Morphology, parent: str, x: float = 1.0, *, move: bool = True) -> Morphology:
    """Hang a tree on a section.

    Args:
        morphology: the sections.
        tree: one tree; its sections get the next free numbers of their stems where their names are taken.
        parent: the section that it is hung on.
        x: where, 0..1.
        move: shift the tree so that it starts there; else it keeps its place.

    Raises:
        ModelError: there is no such section, x lies outside 0..1, or the tree is several.
    """
    _check_x(x)
    at = morphology.index(parent)
    roots = [index for index, trace in enumerate(tree.traces) if trace.parent < 0]
    if len(roots) != 1:
        raise ModelError(f"attach takes one tree, not {len(roots)}")
    shift = np.zeros(4)
    if move:
        shift[:3] = _point_at(morphology.traces[at].points, x)[:3] - tree.traces[roots[0]].points[0, :3]
    names = _free_names(morphology.names, [trace.name for trace in tree.traces])
    offset = len(morphology.traces)
    added = [
        dataclasses.replace(
            trace,
            name=name,
            points=kept_numbers(trace.points + shift, morphology.precision),
            parent=at if trace.parent < 0 else trace.parent + offset,
            parent_x=x if trace.parent < 0 else trace.parent_x,
            rank=trace.rank + morphology.next_rank,
        )
        for trace, name in zip(tree.traces, names, strict=True)
    ]
    note = Note(EDITED, f"{parent}({x:g})", f"a tree of {len(added)} sections", "attached")
    return _with(morphology, [*morphology.traces, *added], note)


def replace_axon(
    morphology: Morphology,
    *,
    lengths: Sequence[float] = STUB_LENGTHS,
    diams: Sequence[float | Sequence[float]] | Literal["taper"] | None = None,
    soma: str = "soma[0]",
    x: float = 1.0,
) -> Morphology:
    """The axon goes, cylinders in a row take its place: ``axon[0]`` on the soma, ``axon[1]`` on it, and so on.

    As published cortical models do (``replace_axon`` of BluePyOpt): two cylinders of 30 um at the soma's far end. The
    first is as wide as ``axon[0]``; the second as the first axon section whose middle is farther than 60 um from the
    soma's middle, or as ``axon[0]``; without an axon both are 1 um wide.

    ``diams="taper"`` makes the stub of the Blue Brain Project's later models (``replace_axon`` of EModelRunner): parts
    with the diameters that the axon has along its first 60 um, section by section in their order, five for 30 um;
    ``to_cell`` needs ``nseg={"axon": 5}`` to show them all. An axon that is too short lends the rest its last but one.

    Args:
        morphology: the sections.
        lengths: um, of each cylinder.
        diams: um, of each, one or those of equal parts; None and ``taper`` take them from the axon.
        soma: the section that the stub is attached to.
        x: where, 0..1.

    Raises:
        ModelError: there is no such section, or a length or diameter that is not positive.
    """
    _check_x(x)
    morphology.index(soma)
    wide = _stub_diams(morphology, soma, lengths, diams)
    axon = [index for index, trace in enumerate(morphology.traces) if trace.type == AXON]
    children = morphology.children()
    gone = {below for index in axon for below in breadth_first(children, index)}
    others = len(gone) - len(axon)
    found = f"an axon of {len(axon)} sections" + (f", with {others} others that hang on it" if others else "")
    note = Note(EDITED, soma, found, f"replaced by {len(lengths)} cylinders")
    rest = _without(morphology, gone, note)
    traces = list(rest.traces)
    at = rest.index(soma)
    start = _point_at(traces[at].points, x)[:3]
    for number, (length, parts) in enumerate(zip(lengths, wide, strict=True)):
        stop = start + np.array([0.0, -float(length), 0.0])
        points = kept_numbers(np.array([[*start, parts[0]], [*stop, parts[-1]]]), rest.precision)
        cylinder = (float(length), parts)
        place = (at, 1.0) if number else (at, x)
        rank = rest.next_rank + number
        traces.append(Trace(f"axon[{number}]", AXON, points, *place, cylinder=cylinder, rank=rank))
        at, start = len(traces) - 1, stop
    return dataclasses.replace(rest, traces=tuple(traces))


def _stub_diams(morphology: Morphology, soma: str, lengths: Sequence[float], diams: Any) -> list[tuple[float, ...]]:
    """Diameters of the parts of each cylinder.

    Raises:
        ModelError: a length or diameter that is not positive, or not one for each.
    """
    good = len(lengths) > 0 and all(np.isfinite(length) and length > 0 for length in lengths)
    if good and diams is None:
        diams = _axon_diams(morphology, soma, len(lengths))
    elif good and isinstance(diams, str) and diams == "taper":
        diams = _axon_taper(morphology, lengths)
    wide = [] if diams is None or isinstance(diams, str) else [tuple(map(float, np.atleast_1d(each))) for each in diams]
    good = good and len(wide) == len(lengths)
    if not good or not all(parts and all(np.isfinite(v) and v > 0 for v in parts) for parts in wide):
        raise ModelError(f"a stub needs a positive diameter for each positive length, not {lengths} and {diams}")
    return wide


def _axon_taper(morphology: Morphology, lengths: Sequence[float]) -> list[list[float]]:
    from jxneuron.morphology.lay import to_model

    counts = [1 + 2 * int(length / STUB_PART) for length in lengths]
    part = sum(lengths) / sum(counts)
    axon = [index for index, trace in enumerate(morphology.traces) if trace.type == AXON]
    nseg = np.ones(len(morphology.traces), np.int64)
    nseg[axon] = 1 + (all_lengths(morphology)[axon] / part / 2).astype(np.int64) * 2
    model = to_model(morphology, nseg, Ra=1.0, cm=1.0, v=0.0)
    found = [float(model.nodes.diam[node]) for index in axon for node in model.sections[index].centres]
    rest = iter([*found, *(found[-2:-1] or found or [STUB_DIAM]) * sum(counts)])
    return [list(itertools.islice(rest, count)) for count in counts]


def _axon_diams(morphology: Morphology, soma: str, count: int) -> list[float]:
    from jxneuron.morphology.lay import to_model
    from jxneuron.morphology.way import along

    axon = [index for index, trace in enumerate(morphology.traces) if trace.type == AXON]
    if not axon:
        return [STUB_DIAM] * count
    model = to_model(morphology, 1, Ra=1.0, cm=1.0, v=0.0)
    centres = np.array([model.sections[index].centres[0] for index in axon])
    diam = model.nodes.diam[centres]
    away = np.flatnonzero(along(model, centres, soma, 0.5) > STUB_REACH)
    later = float(diam[away[0]]) if len(away) else float(diam[0])
    return [float(diam[0]), *[later] * (count - 1)]


def split(morphology: Morphology, name: str, x: float) -> Morphology:
    """Cut a section in two; the part beyond ``x`` gets the next free number, and what hangs there moves with it.

    Raises:
        ModelError: there is no such section, x is not inside 0..1, or not between the parts of a tapering stub.
    """
    if not 0 < x < 1:
        raise ModelError(f"split({name!r}, {x}): a cut lies inside of 0..1")
    index = morphology.index(name)
    old, new = morphology.traces[index], len(morphology.traces)
    if old.cylinder is None:
        first, second = (kept_numbers(part, morphology.precision) for part in _cut(old.points, x))
        solid: list[Any] = [None, None]
    else:
        middle = _point_at(old.points, x)
        first, second = np.stack([old.points[0], middle]), np.stack([middle, old.points[1]])
        solid = _cut_cylinder(name, *old.cylinder, x)
    traces = []
    for trace in morphology.traces:
        if trace.parent == index:
            beyond = trace.parent_x > x
            at = (trace.parent_x - x) / (1 - x) if beyond else trace.parent_x / x
            trace = dataclasses.replace(trace, parent=new if beyond else index, parent_x=at)
        traces.append(trace)
    traces[index] = dataclasses.replace(traces[index], points=first, cylinder=solid[0])
    free = _free_names(morphology.names, [name if "[" in name else f"{name}[0]"])[0]
    made = dataclasses.replace(old, name=free, points=second, parent=index, parent_x=1.0, wire=None, cylinder=solid[1])
    traces.append(dataclasses.replace(made, rank=morphology.next_rank))
    return _with(morphology, traces, Note(EDITED, f"{name}({x:g})", f"{name} and {free}", "split"))


def cut_long(morphology: Morphology, longest: float) -> Morphology:
    """Sections longer than ``longest`` um become several equally long ones, in a row.

    Raises:
        ModelError: ``longest`` is not positive.
    """
    require_positive("max_branch_len", longest)
    for trace in morphology.traces:
        length = trace.cylinder[0] if trace.cylinder else float(discretise.arcs(trace.points)[-1])
        name = trace.name
        for parts in range(math.ceil(length / longest), 1, -1):
            morphology = split(morphology, name, 1 / parts)
            name = morphology.traces[-1].name
    return morphology


def join(morphology: Morphology, first: str, second: str) -> Morphology:
    """Make one section of two; the second must hang on the first's far end, alone.

    Raises:
        ModelError: it does not, or one of them is a cylinder of a stub.
    """
    above, below = morphology.index(first), morphology.index(second)
    a, b = morphology.traces[above], morphology.traces[below]
    if b.parent != above or b.parent_x != 1.0:
        raise ModelError(f"{second} does not hang on the far end of {first}")
    ends = [morphology.traces[child].name for child in morphology.children()[above] if child != below]
    ends = [name for name in ends if morphology.traces[morphology.index(name)].parent_x == 1.0]
    if ends or a.cylinder or b.cylinder:
        why = f"{ends[0]} hangs there too" if ends else "one of them is a cylinder without points"
        raise ModelError(f"{first} and {second} cannot be joined: {why}")
    same = b.wire is None and (a.points[-1] == b.points[0]).all()
    points = np.concatenate([a.points, b.points[1:] if same else b.points])
    share = float(discretise.arcs(a.points)[-1] / discretise.arcs(points)[-1])
    traces = []
    for trace in morphology.traces:
        if trace.parent == above:
            trace = dataclasses.replace(trace, parent_x=trace.parent_x * share)
        elif trace.parent == below:
            trace = dataclasses.replace(trace, parent=above, parent_x=share + trace.parent_x * (1 - share))
        traces.append(trace)
    traces[above] = dataclasses.replace(traces[above], points=points)
    whole = dataclasses.replace(morphology, traces=tuple(traces))
    return _without(whole, {below}, Note(EDITED, first, f"{first} and {second}", "joined"))


def clean(morphology: Morphology, *, least_diam: float = 0.0) -> Morphology:
    """Points that repeat the one before go, and diameters below a least one are raised to it; both are noted.

    Args:
        morphology: the sections.
        least_diam: um.
    """
    traces, notes = [], []
    for trace in morphology.traces:
        rows = trace.points.copy()
        rows[:, 3] = np.maximum(np.abs(rows[:, 3]), least_diam)
        fresh = np.append(True, (np.diff(rows, axis=0) != 0).any(axis=1))
        raised = int((np.abs(trace.points[:, 3]) < least_diam).sum())
        if fresh.sum() >= 2 and not fresh.all():
            notes.append(Note(EDITED, trace.name, f"points that repeat the one before: {(~fresh).sum()}", "removed"))
            rows = rows[fresh]
        if raised:
            notes.append(Note(EDITED, trace.name, f"diameters below {least_diam:g} um: {raised}", "raised to it"))
        traces.append(dataclasses.replace(trace, points=kept_numbers(rows, morphology.precision)))
    return dataclasses.replace(morphology, traces=tuple(traces), notes=(*morphology.notes, *notes))


def _check_x(x: float) -> None:
    if not 0 <= x <= 1:
        raise ModelError(f"x = {x}: a place on a section lies in 0..1")


def _with(morphology: Morphology, traces: list[Trace], note: Note) -> Morphology:
    return dataclasses.replace(morphology, traces=tuple(traces), notes=(*morphology.notes, note))


def _without(morphology: Morphology, gone: set[int], note: Note) -> Morphology:
    kept = [index for index in range(len(morphology.traces)) if index not in gone]
    place = {old: new for new, old in enumerate(kept)}
    traces = [
        dataclasses.replace(trace, parent=place[trace.parent] if trace.parent >= 0 else -1)
        for trace in (morphology.traces[index] for index in kept)
    ]
    return _with(morphology, traces, note)


def _free_names(taken: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """Names as wanted, or with the next number that is free."""
    known = set(taken)
    result = []
    for name in wanted:
        stem = name.partition("[")[0]
        number = 0
        while name in known:
            name, number = f"{stem}[{number}]", number + 1
        known.add(name)
        result.append(name)
    return result


def _point_at(points: Floats, x: float) -> Floats:
    """x, y, z, diam at a share of the length."""
    arc = discretise.arcs(points)
    at = x * arc[-1]
    return np.array([np.interp(at, arc, points[:, column]) for column in range(4)])


def _cut_cylinder(name: str, length: float, diams: tuple[float, ...], x: float) -> list[Any]:
    at = round(x * len(diams))
    if len(diams) == 1:
        parts = [diams, diams]
    elif math.isclose(at, x * len(diams)):
        parts = [diams[:at], diams[at:]]
    else:
        raise ModelError(f"split({name!r}, {x}): a tapering stub of {len(diams)} parts is cut between them")
    return [(length * share, part) for share, part in zip((x, 1 - x), parts, strict=True)]


def _cut(points: Floats, x: float) -> tuple[Floats, Floats]:
    arc = discretise.arcs(points)
    middle = _point_at(points, x)
    before, after = points[arc < x * arc[-1]], points[arc > x * arc[-1]]
    return np.vstack([before, middle]), np.vstack([middle, after])
