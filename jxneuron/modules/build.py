"""Compartments, branches, cells and networks put together by hand: numpy in, a Model out.

In: Models and how they hang together. Out: a Model of the same form as an imported one. No JAX. A section's own
end 0 is attached to its parent; ``lay_out`` numbers nodes as NEURON does (treeset.cpp).
"""

from __future__ import annotations

import dataclasses
import itertools
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.model.check import check_movable
from jxneuron.model.discretise import stylised
from jxneuron.model.find import node_at
from jxneuron.model.model import Floats, Ints, Ion, Model, Nodes, Placement, Section, Settings
from jxneuron.modules import wires
from jxneuron.units import PER_AREA

# What a new compartment is, in the units of Nodes; v in mV
NEW = {"length": 10.0, "diam": 2.0, "Ra": 5000.0, "cm": 1.0}
NEW_V = -70.0
# Columns of Nodes that belong to a segment, with their values at zero-area nodes (Ra is the section's)
COLUMNS = {"length": 0.0, "diam": 0.0, "area": PER_AREA, "half_in": 0.0, "half_out": 0.0, "cm": 0.0}
NO_POINTS = np.zeros((0, 4))


@dataclass(frozen=True, eq=False)
class Stretch:
    """One section before it is laid out. ``columns`` in NEURON's order of x, (nseg,) each, with ``Ra`` and ``v``."""

    name: str
    columns: Mapping[str, Floats]
    parent: int = -1  # index of the parent's Stretch, -1 for a root
    parent_x: float = 1.0
    orientation: int = 0
    rallbranch: float = 1.0
    points: Floats = field(default_factory=lambda: NO_POINTS)
    drawn: Floats | None = None


def compartment() -> Model:
    """One cylinder with the default values."""
    shape = stylised(NEW["length"], [NEW["diam"]])._asdict()
    constants = {name: np.array([NEW[name]]) for name in ("length", "Ra", "cm")}
    return lay_out([Stretch("branch[0]", {**shape, **constants, "v": np.array([NEW_V])})])


def lay_out(stretches: Sequence[Stretch], order: Iterable[int] | None = None) -> Model:
    """Number the nodes of some sections: a root per tree, then centres and the far end of each section.

    Args:
        stretches: the sections.
        order: in which their nodes follow, and mechanisms run: parents first; None takes NEURON's (`neuron_order`).
    """
    found: dict[int, Section] = {}
    parent: list[int] = []
    owner: list[int] = []
    roots: list[int] = []
    for index in neuron_order(stretches) if order is None else order:
        each = stretches[index]
        if each.parent < 0:
            roots.append(len(parent))
            parent.append(-1)
            owner.append(index)
        found[index] = section = _section(each, len(parent), found)
        attached = section.node_at_1 if section.orientation else section.node_at_0
        parent += [attached, *range(len(owner), len(owner) + section.nseg)]
        owner += [index] * (section.nseg + 1)
    sections = [found[index] for index in range(len(stretches))]
    columns, v = _columns(stretches, sections, np.array(owner), np.array(roots))
    return Model(
        nodes=Nodes(parent=np.array(parent), section=np.array(owner), **columns),
        sections=tuple(sections),
        placements=(),
        ions=(),
        sources=(),
        settings=Settings(v_init=NEW_V),
        v_init=v,
    )


def neuron_order(stretches: Sequence[Stretch]) -> Iterator[int]:
    """Sections as NEURON orders them when it connects them one after another: tree by tree, breadth first.

    Of the children of a section those attached nearer to its own root come first, of those attached at one place the
    last connected (``nrn_add_sibling_list`` in cabcode.cpp, ``reorder_secorder`` in multicore.cpp).
    """
    children: dict[int, list[int]] = {}
    for index, each in enumerate(stretches):
        children.setdefault(each.parent, []).append(index)
    for root in children.get(-1, []):
        waiting = deque([root])
        while waiting:
            index = waiting.popleft()
            waiting.extend(sorted(reversed(children.get(index, [])), key=lambda child: _attached(stretches, child)))
            yield index


def _attached(stretches: Sequence[Stretch], child: int) -> float:
    """How far from its parent's own root a section is attached, 0..1."""
    x = stretches[child].parent_x
    return 1.0 - x if stretches[stretches[child].parent].orientation else x


def _section(stretch: Stretch, first: int, sections: Mapping[int, Section]) -> Section:
    """The section whose first node, next to its parent, is ``first``."""
    lengths = stretch.columns["length"]
    nseg, reverse = len(lengths), bool(stretch.orientation)
    root = stretch.parent < 0
    attached = first - 1 if root else node_at(sections[stretch.parent], stretch.parent_x)
    nodes = range(first, first + nseg)
    return Section(
        name=stretch.name,
        nseg=nseg,
        L=float(lengths.sum()),
        centres=tuple(reversed(nodes) if reverse else nodes),
        node_at_0=first + nseg if reverse else attached,
        node_at_1=attached if reverse else first + nseg,
        parent=stretch.parent,
        parent_x=0.0 if root else stretch.parent_x,
        orientation=int(reverse),
        points=stretch.points,
        drawn=stretch.drawn,
    )


def _columns(
    stretches: Sequence[Stretch], sections: Sequence[Section], owner: Ints, roots: Ints
) -> tuple[dict[str, Any], Floats]:
    """What Nodes holds beside the tree, and the starting voltages, (node,) each.

    End nodes have Ra and v of the compartment beside them.
    """
    at = np.concatenate([np.asarray(section.centres) for section in sections])
    reverse = np.array([section.orientation for section in sections], bool)
    ends = np.array([section.node_at_0 if section.orientation else section.node_at_1 for section in sections])
    x = np.zeros(len(owner))
    x[at] = np.concatenate([_middles(stretch.columns["length"]) for stretch in stretches])
    x[ends], x[roots] = np.where(reverse, 0.0, 1.0), reverse[owner[roots]]
    is_end = np.ones(len(owner), bool)
    is_end[at] = False
    first = np.array([max(section.centres) - section.nseg + 1 for section in sections])
    rallbranch = np.ones(len(owner))
    rallbranch[first] = [stretch.rallbranch for stretch in stretches]

    def spread(name: str, end: float | None) -> Floats:
        found = np.full(len(owner), 0.0 if end is None else end)
        found[at] = np.concatenate([stretch.columns[name] for stretch in stretches])
        if end is None:
            found[ends], found[roots] = found[ends - 1], found[roots + 1]
        return found

    columns = {name: spread(name, end) for name, end in COLUMNS.items()}
    return {**columns, "x": x, "is_end": is_end, "rallbranch": rallbranch, "Ra": spread("Ra", None)}, spread("v", None)


def _middles(lengths: Floats) -> Floats:
    """Where the centres of compartments lie on their section, 0..1."""
    return (np.cumsum(lengths) - lengths / 2) / float(lengths.sum())


def centres(model: Model) -> Ints:
    """The nodes that are compartments, section by section in NEURON's order of x."""
    return np.concatenate([np.asarray(section.centres, np.int64) for section in model.sections])


def stretch_of(model: Model, index: int) -> Stretch:
    """A section of a Model as it was before it was laid out."""
    section = model.sections[index]
    at = np.asarray(section.centres, np.int64)
    first = at[-1] if section.orientation else at[0]
    columns = {name: getattr(model.nodes, name)[at] for name in (*COLUMNS, "Ra")}
    return Stretch(
        name=section.name,
        columns={**columns, "v": voltages(model)[at]},
        parent=section.parent,
        parent_x=section.parent_x,
        orientation=section.orientation,
        rallbranch=float(model.nodes.rallbranch[first]),
        points=section.points,
        drawn=section.drawn,
    )


def voltages(model: Model) -> Floats:
    """Where each node's voltage starts, mV, (node,)."""
    if model.v_init is not None:
        return model.v_init
    if model.initial is not None and model.initial.mode != "ours":
        return model.initial.v
    return np.full(len(model.nodes.parent), model.settings.v_init)


def branch(compartments: Sequence[Model]) -> Model:
    """Compartments joined end to end into one section."""
    parts = [stretch_of(each, 0) for each in compartments]
    columns = {name: np.concatenate([part.columns[name] for part in parts]) for name in parts[0].columns}
    made = lay_out([Stretch("branch[0]", columns)])
    return with_mechanisms(made, compartments, [centres(made)[k : k + 1] for k in range(len(parts))])


def cell(
    branches: Sequence[Model], parents: Sequence[int], parent_x: Sequence[float], drawn: Sequence[Floats] | None = None
) -> Model:
    """Branches joined into trees.

    Args:
        branches: one Model of one section each.
        parents: index of each branch's parent, -1 for a root.
        parent_x: where on the parent, 0..1.
        drawn: um, (m, 4) each: x, y, z, diam where each branch is drawn; None leaves the branches without.

    Raises:
        ModelError: a parent is not a branch, or comes after its child.
    """
    check_parents(parents)
    alone = {id(each): stretch_of(each, 0) for each in {id(each): each for each in branches}.values()}
    stretches = [
        dataclasses.replace(
            alone[id(each)],
            name=f"branch[{i}]",
            parent=int(parents[i]),
            parent_x=float(parent_x[i]),
            drawn=None if drawn is None else drawn[i],
        )
        for i, each in enumerate(branches)
    ]
    made = lay_out(stretches)
    return with_mechanisms(made, branches, [np.asarray(section.centres) for section in made.sections])


def check_parents(parents: Sequence[int]) -> None:
    """Refuse a branch whose parent does not come before it.

    Raises:
        ModelError: naming every branch that does not, and why.
    """
    wrong = []
    for i, parent in enumerate(parents):
        if not isinstance(parent, (int, np.integer)) or isinstance(parent, bool):
            wrong.append(f"parents[{i}] = {parent!r} is no integer")
        elif not -1 <= parent < len(parents):
            wrong.append(f"parents[{i}] = {parent}: there are branches 0 to {len(parents) - 1}, and -1 for a root")
        elif parent >= i:
            why = "its own parent" if parent == i else "a later branch"
            wrong.append(f"parents[{i}] = {parent}: {why}; a parent must come before its children")
    if wrong:
        raise ModelError("the branches form no tree: " + "; ".join(wrong))


def _starts(counts: Iterable[int]) -> Ints:
    """Return where each of several parts begins when they follow one another."""
    return np.cumsum([0, *counts])[:-1]


def network(cells: Sequence[Model]) -> Model:
    """Cells side by side, named ``cell[0]``, ``cell[1]``, ...; a single cell that has names of its own keeps them."""
    starts = _starts(len(each.nodes.parent) for each in cells)
    section_starts = _starts(len(each.sections) for each in cells)
    nodes = Nodes(
        parent=np.concatenate([_moved(each.nodes.parent, start) for each, start in zip(cells, starts, strict=True)]),
        section=np.concatenate([each.nodes.section + start for each, start in zip(cells, section_starts, strict=True)]),
        **{
            column.name: np.concatenate([getattr(each.nodes, column.name) for each in cells])
            for column in dataclasses.fields(Nodes)
            if column.name not in ("parent", "section")
        },
    )
    made = Model(
        nodes=nodes,
        sections=tuple(
            _moved_section(section, f"cell[{k}].", int(starts[k]), int(section_starts[k]))
            for k, each in enumerate(cells)
            for section in each.sections
        ),
        placements=(),
        ions=(),
        sources=(),
        settings=cells[0].settings,
        v_init=np.concatenate([voltages(each) for each in cells]),
    )
    maps = [np.arange(len(each.nodes.parent)) + start for each, start in zip(cells, starts, strict=True)]
    return with_mechanisms(made, cells, maps, whole=True)


def _moved(parent: Ints, start: int) -> Ints:
    return np.where(parent < 0, -1, parent + start)


def _moved_section(section: Section, prefix: str, start: int, first: int) -> Section:
    return Section(
        name=prefix + section.name,
        nseg=section.nseg,
        L=section.L,
        centres=tuple([node + start for node in section.centres]),
        node_at_0=section.node_at_0 + start,
        node_at_1=section.node_at_1 + start,
        parent=section.parent + first if section.parent >= 0 else -1,
        parent_x=section.parent_x,
        orientation=section.orientation,
        points=section.points,
        drawn=section.drawn,
    )


def with_mechanisms(made: Model, parts: Sequence[Model], places: Sequence[Any], *, whole: bool = False) -> Model:
    """Put the mechanisms and ions of the parts on the whole.

    Args:
        made: the whole, without mechanisms.
        parts: what it was made of.
        places: for each part, where its compartments went, section by section (with ``whole``: its nodes).
        whole: the places are those of all nodes of a part.
    """
    for part in parts:
        check_movable(part)
    maps = [np.asarray(place) if whole else _node_map(part, place) for part, place in zip(parts, places, strict=True)]
    edges = _starts(edge_count(part) for part in parts)
    order = {each.mechanism: None for part in parts for each in part.placements}
    ions = {each.name: None for part in parts for each in part.ions}
    sources = {each.mechanism: each for part in parts for each in part.sources}
    return dataclasses.replace(
        made,
        placements=tuple(_joined_placement(name, parts, maps, edges) for name in order),
        ions=tuple(_joined_ion(name, parts, maps) for name in ions),
        sources=tuple(sources.values()),
        settings=_joined_settings(parts),
        events=wires.joined_events(parts, maps),
    )


def _node_map(part: Model, place: Ints) -> Ints:
    found = np.full(len(part.nodes.parent), -1, np.int64)
    found[centres(part)] = place
    return found


def resampled(made: Model, old: Model, source: Ints) -> Model:
    """Put an old Model's density mechanisms and ions on new nodes.

    Args:
        made: the new Model, without mechanisms.
        old: where they come from.
        source: (node,) the old node of each new one, -1 at zero-area nodes.
    """
    centre = np.flatnonzero(source >= 0)

    def moved(node: Ints) -> tuple[Ints, Ints]:
        new = centre[np.isin(source[centre], node)]
        return new, np.searchsorted(node, source[new])

    placements = []
    for each in old.placements:
        node, at = moved(each.node)
        values = {key: array[..., at] for key, array in each.values.items()}
        given = {key: array[..., at] for key, array in each.initial_override.items()}
        placements.append(dataclasses.replace(each, node=node, values=values, initial_override=given))
    ions = []
    for ion in old.ions:
        node, at = moved(ion.node)
        parts = {key: getattr(ion, key)[at] for key in ("style", "e", "inside", "outside")}
        given = {key: array[at] for key, array in ion.initial_override.items()}
        ions.append(dataclasses.replace(ion, node=node, **parts, initial_override=given))
    return dataclasses.replace(
        made,
        placements=tuple(placements),
        ions=tuple(ions),
        sources=old.sources,
        settings=old.settings,
        groups=old.groups,
        title=old.title,
    )


def edge_count(part: Model) -> int:
    """How many graded synapses a Model has."""
    return sum(len(each.node) for each in part.placements if each.edges is not None)


def _joined_placement(name: str, parts: Sequence[Model], maps: Sequence[Ints], edges: Ints) -> Placement:
    """One mechanism of all parts; ``edges`` says how many synapses the parts before each have."""
    held = [
        (each, where)
        for part, where in zip(parts, maps, strict=True)
        for each in part.placements
        if each.mechanism == name
    ]
    numbers = [
        each.edges + start
        for part, start in zip(parts, edges, strict=True)
        for each in part.placements
        if each.mechanism == name and each.edges is not None
    ]
    node = np.concatenate([np.where(each.node < 0, -1, where[each.node]) for each, where in held])
    order = np.argsort(node, kind="stable") if held[0][0].kind == "density" else np.arange(len(node))
    variables = held[0][0].values
    return dataclasses.replace(
        held[0][0],
        node=node[order],
        values={key: np.concatenate([each.values[key] for each, _ in held], axis=-1)[..., order] for key in variables},
        globals={key: _agreed(f"{key}_{name}", [each.globals[key] for each, _ in held]) for key in held[0][0].globals},
        initial_override=_joined_given(held, order),
        labels=_joined_labels(name, held),
        pointers=_joined_pointers(held),
        edges=np.concatenate(numbers) if numbers else None,
    )


def _joined_labels(name: str, held: Sequence[tuple[Placement, Ints]]) -> tuple[str, ...]:
    """Names of point processes, numbered anew."""
    count = sum(len(each.labels) for each, _ in held)
    return held[0][0].labels if len(held) == 1 else tuple(f"{name}[{k}]" for k in range(count))


def _joined_pointers(held: Sequence[tuple[Placement, Ints]]) -> dict[str, Any]:
    """What POINTERs show, in the nodes of the whole."""

    def moved(pointer: Any, where: Ints) -> Any:
        if isinstance(pointer, np.ndarray):
            return where[pointer]
        return tuple(dataclasses.replace(probe, node=int(where[probe.node])) for probe in pointer)

    parts = {key: [moved(each.pointers[key], where) for each, where in held] for key in held[0][0].pointers}
    return {
        key: np.concatenate(found) if isinstance(found[0], np.ndarray) else tuple(itertools.chain(*found))
        for key, found in parts.items()
    }


def _joined_given(held: Sequence[tuple[Placement, Ints]], order: Ints) -> dict[str, Floats]:
    """Starting values that were set; NaN where a part has none."""
    names = {key: None for each, _ in held for key in each.initial_override}
    return {
        key: np.concatenate(
            [each.initial_override.get(key, np.full_like(each.values[key], np.nan)) for each, _ in held], axis=-1
        )[..., order]
        for key in names
    }


def _joined_ion(name: str, parts: Sequence[Model], maps: Sequence[Ints]) -> Ion:
    held = [(each, where) for part, where in zip(parts, maps, strict=True) for each in part.ions if each.name == name]
    node = np.concatenate([where[each.node] for each, where in held])
    order = np.argsort(node, kind="stable")
    columns = ("style", "e", "inside", "outside")
    names = dict.fromkeys(key for each, _ in held for key in each.initial_override)
    return dataclasses.replace(
        held[0][0],
        node=node[order],
        initial_override={
            key: np.concatenate([each.initial_override.get(key, np.full(len(each.node), np.nan)) for each, _ in held])[
                order
            ]
            for key in names
        },
        **{key: np.concatenate([getattr(each, key) for each, _ in held])[order] for key in columns},
        **{
            key: _agreed(f"{name}_ion.{key}", [getattr(each, key) for each, _ in held])
            for key in ("charge", "inside0", "outside0")
        },
    )


def _joined_settings(parts: Sequence[Model]) -> Settings:
    names = ("dt", "celsius", "secondorder", "slope")
    agreed = {name: _agreed(name, [getattr(each.settings, name) for each in parts]) for name in names}
    owners = dict.fromkeys(placed.mechanism for each in parts for placed in each.placements)
    tables = {key: _agreed(f"usetable_{key}", _switches(key, parts)) for key in owners}
    tables = {key: used for key, used in tables.items() if any(key in each.settings.tables for each in parts)}
    return dataclasses.replace(parts[0].settings, **agreed, tables={key: bool(used) for key, used in tables.items()})


def _switches(mechanism: str, parts: Sequence[Model]) -> list[int]:
    """Of the parts that have a mechanism, whether its TABLEs are used there."""
    held = [each for each in parts if any(placed.mechanism == mechanism for placed in each.placements)]
    return [int(each.settings.tables.get(mechanism, True)) for each in held]


def _agreed(name: str, values: Sequence[Any]) -> Any:
    """One value for all parts.

    Raises:
        ModelError: the parts disagree; a global has one value in the whole module.
    """
    if any(each is not values[0] and not np.array_equal(each, values[0]) for each in values[1:]):
        shown = ", ".join(dict.fromkeys(str(each) for each in values))
        raise ModelError(f"{name} is one value for the whole module, and the parts have {shown}: set it on the whole")
    return values[0]
