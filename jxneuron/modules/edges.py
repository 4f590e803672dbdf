"""Synapses as edges between compartments: new ones, the table of all, and what to record of them.

In: a Core, nodes, and a synapse. Out: a new Model, or plain tables. numpy and pandas only.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.mech.mechanism import Mechanism, Pointer
from jxneuron.model.find import placement_of, source_name
from jxneuron.model.model import Ints, Model, Placement, Probe
from jxneuron.modules import columns, edit, names, points, wires
from jxneuron.modules.build import edge_count
from jxneuron.modules.core import Core, Input, Trainable

if TYPE_CHECKING:
    import pandas as pd

# The first columns of the table; parameters and states follow
INDICES = (
    *("global_edge_index", "index_within_type", "type", "type_ind", "pre_index", "post_index"),
    *("pre_locs", "pre_branch_index", "pre_cell_index", "post_locs", "post_branch_index", "post_cell_index"),
    *("global_pre_comp_index", "global_post_comp_index", "global_pre_branch_index", "global_post_branch_index"),
)

# Further ones where there are events: names of where they come from, and of the instance that receives them
ENDS = ("source", "target")


@dataclasses.dataclass(frozen=True, eq=False)
class Edges:
    """All synapses, (edge,) each: graded ones in the order in which they were connected, then connections of events."""

    kind: Ints  # index into ``types``
    instance: Ints  # number within its type
    pre: Ints  # node whose voltage it reads, or its events come from; -1 for an artificial cell
    post: Ints  # node into which its current flows; -1 for an artificial cell


def placements(model: Model) -> list[Placement]:
    """The placements of graded synapses, in the order in which their types were first connected."""
    held = [each for each in model.placements if each.edges is not None]
    return sorted(held, key=lambda each: int(numbers_of(each).min(initial=0)))


def types(model: Model) -> list[str]:
    """Types of synapses: graded ones, then what receives events."""
    return [*(each.mechanism for each in placements(model)), *wires.targets(model)]


def numbers_of_type(model: Model, name: str) -> Ints:
    """The numbers of the synapses of a type."""
    if wires.is_target(model, name):
        return edge_count(model) + wires.rows_of(model, name)
    return numbers_of(placement_of(model, name))


def numbers_of_instances(model: Model, name: str) -> Ints:
    """For each instance of a type the number of the first synapse there, -1 for none, (instance,)."""
    placement = placement_of(model, name)
    if not wires.is_target(model, name):
        return numbers_of(placement)
    rows, found = wires.rows_of(model, name), np.full(len(placement.node), -1, np.int64)
    found[wires.events_of(model).connections.instance[rows][::-1]] = edge_count(model) + rows[::-1]
    return found


def numbers_of(placement: Placement) -> Ints:
    """The numbers of its instances among all synapses."""
    assert placement.edges is not None
    return placement.edges


def edges_of(model: Model) -> Edges:
    """Every synapse of a Model."""
    held = placements(model)
    none = np.zeros(0, np.int64)
    order = np.argsort(np.concatenate([none, *(numbers_of(each) for each in held)]))
    parts = {
        "kind": [np.full(len(each.node), k) for k, each in enumerate(held)],
        "instance": [np.arange(len(each.node)) for each in held],
        "pre": [_sources(each) for each in held],
        "post": [each.node for each in held],
    }
    graded = {name: np.concatenate([none, *found])[order] for name, found in parts.items()}
    if not wires.count(model):
        return Edges(**graded)
    connections = wires.events_of(model).connections
    sent = {
        "kind": len(held) + connections.mechanism,
        "instance": connections.weight_row,
        "pre": wires.source_nodes(model)[connections.source],
        "post": wires.target_nodes(model),
    }
    return Edges(**{name: np.concatenate([graded[name], sent[name]]) for name in graded})


def _sources(placement: Placement) -> Ints:
    (pointer,) = placement.pointers.values()
    assert isinstance(pointer, np.ndarray)
    return pointer


def recognised(model: Model, mechanisms: Mapping[str, Mechanism]) -> Model:
    """An imported Model with its graded synapses as edges: point processes whose one POINTER shows a voltage."""
    count = sum(len(each.node) for each in placements(model))
    found = []
    for each in model.placements:
        pre = _presynaptic(each, mechanisms[each.mechanism])
        if pre is not None and not wires.is_target(model, each.mechanism):
            each = dataclasses.replace(each, **pre, edges=count + np.arange(len(each.node)))
            count += len(each.node)
        found.append(each)
    return dataclasses.replace(model, placements=tuple(found))


def _presynaptic(placement: Placement, mechanism: Mechanism) -> dict[str, Any] | None:
    """Its POINTER as the nodes whose voltages it shows, where these are all that it shows."""
    pointers = _connecting(mechanism)
    if placement.edges is not None or placement.kind != "point" or len(pointers) != 1:
        return None
    probes = placement.pointers.get(pointers[0].name, ())
    if isinstance(probes, np.ndarray) or len(probes) != len(placement.node):
        return None
    if any(each.label or each.variable != "v" for each in probes):
        return None
    return {"pointers": {pointers[0].name: np.array([each.node for each in probes], np.int64)}}


def _connecting(mechanism: Mechanism) -> list[Pointer]:
    """The POINTERs that ``connect`` could let show a voltage: read, not written."""
    given = [each for each in mechanism.pointers if each.to == "model"]
    return [] if any(each.writes for each in given) else given


def synapse(core: Core, given: Any) -> Mechanism:
    """What a user handed to ``connect``, as a point Mechanism with one POINTER.

    Raises:
        ModelError: no such mechanism, or none that connects.
    """
    if isinstance(given, type):
        raise ModelError(f"connect takes a synapse, not the class {given.__name__}: write {given.__name__}()")
    found = edit.known_mechanism(core, given)
    if found.kind != "point":
        raise ModelError(f"{found.name} is a membrane mechanism: insert it; connect takes a synapse")
    if len(_connecting(found)) != 1:
        given_pointers = [each for each in found.pointers if each.to == "model"]
        what = "no POINTER" if not given_pointers else _described(given_pointers)
        raise ModelError(
            f"{found.name} has {what}: connect takes a Synapse, or a POINT_PROCESS with one POINTER, which shows the "
            "presynaptic voltage and is only read"
        )
    placed = next((each for each in core.model.placements if each.mechanism == found.name), None)
    if placed is not None and placed.edges is None:
        raise ModelError(f"{found.name} is in this model with POINTERs to other things than voltages")
    return edit.the_one_of_that_name(core, found)


def _described(pointers: list[Pointer]) -> str:
    shown = ", ".join(each.name for each in pointers)
    return f"a POINTER that it writes ({shown})" if len(pointers) == 1 else f"several POINTERs ({shown})"


def add(core: Core, mechanism: Mechanism, pre: Ints, post: Ints) -> None:
    """Connect nodes one by one: ``pre[k]`` to ``post[k]``, with the mechanism's defaults.

    Raises:
        ModelError: a name of the synapse is taken. The module is unchanged.
    """
    names.refuse_clashes(core, mechanism)
    new, (pointer,) = edit.placed_on(mechanism, post), _connecting(mechanism)
    numbers = edge_count(core.model) + np.arange(len(post))
    new = dataclasses.replace(new, pointers={pointer.name: np.asarray(pre)}, edges=numbers)
    core.model = _with_more(core, mechanism, new)
    core.mechanisms = {**core.mechanisms, mechanism.name: mechanism}
    if wires.count(core.model):
        _number_connections_anew(core, len(post))


def _number_connections_anew(core: Core, more: int) -> None:
    """Let views and users' columns of ``edges`` follow: connections of events come after all graded synapses."""
    core.deletions += 1
    first, columns = edge_count(core.model) - more, core.columns["edges"]
    moved = {name: each.set_axis(each.index + np.where(each.index < first, 0, more)) for name, each in columns.items()}
    core.columns = {**core.columns, "edges": moved}


def with_instances(core: Core, mechanism: Mechanism, nodes: Ints) -> tuple[Model, Ints]:
    """Return the Model with more point processes of a mechanism, and the numbers of those, (k,)."""
    before = sum(len(each.node) for each in core.model.placements if each.mechanism == mechanism.name)
    model = _with_more(core, mechanism, edit.placed_on(mechanism, nodes))
    return model, before + np.arange(len(nodes))


def _with_more(core: Core, mechanism: Mechanism, new: Placement) -> Model:
    """Return the Model with more instances of a point process."""
    model = core.model
    old = next((each for each in model.placements if each.mechanism == mechanism.name), None)
    joined = new if old is None else _appended(old, new)
    joined = dataclasses.replace(joined, labels=_labels(core, mechanism.name, old, len(new.node)))
    kept = tuple(joined if each is old else each for each in model.placements)
    model = edit.with_needs(model, mechanism, new.node)
    return dataclasses.replace(model, placements=kept if old is not None else (*kept, joined))


def _labels(core: Core, name: str, old: Placement | None, count: int) -> tuple[str, ...]:
    """Names of all instances when there are ``count`` more: as in NEURON, no number is given twice."""
    kept = old.labels if old is not None else ()
    imported = core.imported.placements if core.imported is not None else ()
    taken = [*kept, *(label for each in imported if each.mechanism == name for label in each.labels)]
    ours = [int(label[len(name) + 1 : -1]) for label in taken if label.startswith(f"{name}[")]
    first = max(ours, default=-1) + 1
    return (*kept, *(f"{name}[{k}]" for k in range(first, first + count)))


def remove(core: Core, numbers: Ints) -> None:
    """Delete synapses, with what is recorded and clamped of them.

    With a connection of events goes the point process to which no other one leads.

    Raises:
        ModelError: some of them are trained, or something points at them. The module is unchanged.
    """
    first = edge_count(core.model)
    gone = numbers[numbers >= first] - first
    orphans = _orphans(core, gone)
    points.refuse_references(core, set(orphans))
    _remove_connections(core, gone)
    _remove_graded(core, numbers[numbers < first])
    points.remove(core, orphans)


def _orphans(core: Core, gone: Ints) -> tuple[str, ...]:
    """Return the names of the point processes to which only these connections lead."""
    labels, leads = wires.target_labels(core.model), ~np.isin(np.arange(wires.count(core.model)), gone)
    own = {label for name in wires.targets(core.model) for label in _point_labels(core.model, name)}
    return tuple(sorted((set(labels[gone]) & own) - set(labels[leads])))


def _point_labels(model: Model, name: str) -> tuple[str, ...]:
    placement = placement_of(model, name)
    return placement.labels if placement.kind == "point" else ()


def _remove_connections(core: Core, gone: Ints) -> None:
    """Delete connections of events; what they lead to stays.

    Raises:
        ModelError: a weight of one of them is trained. The module is unchanged.
    """
    if not len(gone):
        return
    for each in core.trainables:
        if each.column.kind == "connection" and np.isin(each.nodes, gone).any():
            raise ModelError(f"{each.column.key} of some of these synapses is trained: call delete_trainables() first")
    keep = ~np.isin(np.arange(wires.count(core.model)), gone)
    first, size = edge_count(core.model), wires.count(core.model)
    order = np.concatenate([np.arange(first), first + _rank(keep)])
    core.columns = {**core.columns, "edges": _columns_left(core, first + gone, order)}
    core.model = wires.without(core.model, gone)
    core.trainables[:] = [
        dataclasses.replace(each, nodes=_rank(keep)[each.nodes]) if each.column.kind == "connection" else each
        for each in core.trainables
    ]
    core.deletions += 1
    assert size - len(gone) == wires.count(core.model)


def _remove_graded(core: Core, numbers: Ints) -> None:
    if not len(numbers):
        return
    held = {each.mechanism: each for each in placements(core.model)}
    keep = {name: ~np.isin(numbers_of(each), numbers) for name, each in held.items()}
    gone = {label for name, each in held.items() for label in np.array(each.labels, object)[~keep[name]]}
    _refuse_references(core, keep, gone)
    order = _rank(~np.isin(np.arange(edge_count(core.model) + wires.count(core.model)), numbers))
    left = {name: _reduced(each, keep[name], order) for name, each in held.items()}
    placed = tuple(left.get(each.mechanism, each) for each in core.model.placements)
    empty = {name for name, each in left.items() if not len(each.node)}
    core.model = dataclasses.replace(
        core.model,
        placements=tuple(each for each in placed if each.mechanism not in empty),
        sources=tuple(each for each in core.model.sources if each.mechanism not in empty),
        probes=tuple(each for each in core.model.probes if each.label not in gone),
    )
    core.inputs[:] = [each for each in (_input_left(core, one, held, keep) for one in core.inputs) if len(each.nodes)]
    core.trainables[:] = [_trainable_left(each, keep) for each in core.trainables]
    core.mechanisms = {name: each for name, each in core.mechanisms.items() if name not in empty}
    core.columns = {**core.columns, "edges": _columns_left(core, numbers, order)}
    core.deletions += 1


def _columns_left(core: Core, gone: Ints, order: Ints) -> dict[str, Any]:
    """What users added to ``edges``, by the numbers that synapses have then."""
    left = {name: each[~each.index.isin(gone)] for name, each in core.columns["edges"].items()}
    return {name: each.set_axis(order[each.index]) for name, each in left.items()}


def _refuse_references(core: Core, keep: Mapping[str, np.ndarray], gone: set[str]) -> None:
    for each in core.trainables:
        trained = each.column.kind == "edge" and each.column.owner in keep
        if trained and not keep[each.column.owner][each.nodes].all():
            raise ModelError(f"{each.column.key} of some of these synapses is trained: call delete_trainables() first")
    for each in core.model.placements:
        for name, shown in each.pointers.items():
            if not isinstance(shown, np.ndarray) and any(probe.label in gone for probe in shown):
                raise ModelError(f"{name} of {each.mechanism} points at one of these synapses")


def _reduced(placement: Placement, keep: np.ndarray, order: Ints) -> Placement:
    """What is left of a placement; ``order`` says which number each synapse has then."""
    return dataclasses.replace(
        placement,
        node=placement.node[keep],
        values={key: each[..., keep] for key, each in placement.values.items()},
        initial_override={key: each[..., keep] for key, each in placement.initial_override.items()},
        pointers={key: _sources(placement)[keep] for key in placement.pointers},
        edges=order[numbers_of(placement)[keep]],
        labels=tuple(label for label, stays in zip(placement.labels, keep, strict=True) if stays),
    )


def _input_left(core: Core, each: Input, held: Mapping[str, Placement], keep: Mapping[str, np.ndarray]) -> Input:
    owner = next((name for name in held if each.key in _states_of(core, name)), None)
    if owner is None:
        return each
    stays = keep[owner][each.nodes]
    return dataclasses.replace(each, nodes=_rank(keep[owner])[each.nodes[stays]], values=each.values[stays])


def _states_of(core: Core, name: str) -> list[str]:
    return [
        each.full_name(name) for each in core.mechanisms[name].fields if each.storage == "s" and each.scope == "range"
    ]


def _trainable_left(each: Trainable, keep: Mapping[str, np.ndarray]) -> Trainable:
    if each.column.kind != "edge" or each.column.owner not in keep:
        return each
    return dataclasses.replace(each, nodes=_rank(keep[each.column.owner])[each.nodes])


def _rank(keep: np.ndarray) -> Ints:
    return np.cumsum(keep) - 1


def _appended(old: Placement, new: Placement) -> Placement:
    def joined(a: Any, b: Any) -> dict[str, Any]:
        return {key: np.concatenate([_or_nan(a, key, old), _or_nan(b, key, new)], axis=-1) for key in {**a, **b}}

    return dataclasses.replace(
        old,
        node=np.concatenate([old.node, new.node]),
        values=joined(old.values, new.values),
        initial_override=joined(old.initial_override, new.initial_override),
        pointers={key: np.concatenate([_sources(old), _sources(new)]) for key in old.pointers},
        edges=None if old.edges is None else np.concatenate([numbers_of(old), numbers_of(new)]),
    )


def _or_nan(values: Any, key: str, placement: Placement) -> Any:
    return values[key] if key in values else np.full_like(placement.values[key], np.nan)


def table(core: Core, numbers: Ints) -> pd.DataFrame:
    """One row per synapse, indexed by its number.

    Columns: INDICES (``pre_`` and ``post_``: ``locs`` 0..1, ``branch_index`` within the cell, ``cell_index``;
    ``pre_index`` and ``global_pre_comp_index`` the row of ``nodes``; -1 at an artificial cell); where there are events
    ENDS and the values of connections; then parameters and states by name, NaN where the synapse is of another type.
    """
    import pandas as pd

    model = core.model
    every, kinds = edges_of(model), np.array(types(model), object)
    found: dict[str, Any] = {
        "global_edge_index": numbers,
        "index_within_type": every.instance[numbers],
        "type": kinds[every.kind[numbers]] if len(kinds) else kinds,
        "type_ind": every.kind[numbers],
    }
    rows = core.rows.of_node
    for side, nodes in (("pre", every.pre[numbers]), ("post", every.post[numbers])):
        found |= _side(core, side, nodes, np.where(nodes < 0, -1, rows[nodes]))
    frame = pd.DataFrame({name: found[name] for name in INDICES}, index=numbers)
    for name, values in (*_of_connections(core), *_of_instances(core)):
        frame[name] = values[numbers]
    return frame


def _of_connections(core: Core) -> Iterator[tuple[str, Any]]:
    """The columns of connections of events by name, (edge,) each: what they join, then their values."""
    model, first = core.model, edge_count(core.model)
    if not wires.count(model):
        return
    sources = wires.events_of(model).sources
    named = [source_name(model, model.placements, model.ions, sources, k) for k in range(len(sources.kind))]
    source = wires.events_of(model).connections.source
    for name, values in zip(ENDS, (np.array(named, object)[source], wires.target_labels(model)), strict=True):
        yield name, np.concatenate([np.full(first, None, object), values])
    for name in wires.value_names(model, core.mechanisms):
        rows = wires.rows_with(model, core.mechanisms, name)
        full = np.full(first + len(source), np.nan)
        full[first + rows] = wires.read(model, name, rows)
        yield name, full


def _of_instances(core: Core) -> Iterator[tuple[str, Any]]:
    """The parameters and states of synapses by name, (edge,) each."""
    model, size = core.model, edge_count(core.model) + wires.count(core.model)
    for name, (placement, field) in columns.edge_fields(model, core.mechanisms).items():
        at: Any = slice(None)
        if wires.is_target(model, placement.mechanism):
            at = wires.events_of(model).connections.instance[wires.rows_of(model, placement.mechanism)]
        for shown, values in columns.elements(placement, field, name):
            full = np.full(size, np.nan)
            full[numbers_of_type(model, placement.mechanism)] = values[at]
            yield shown, full


def _side(core: Core, side: str, nodes: Ints, row: Ints) -> dict[str, Any]:
    rows = core.rows
    return {
        f"{side}_index": row,
        f"{side}_locs": np.where(nodes < 0, np.nan, core.model.nodes.x[nodes]),
        f"{side}_branch_index": np.where(nodes < 0, -1, rows.branch[row]),
        f"{side}_cell_index": np.where(nodes < 0, -1, rows.cell[row]),
        f"global_{side}_comp_index": row,
        f"global_{side}_branch_index": np.where(nodes < 0, -1, rows.section[row]),
    }


def instances_of(model: Model, placement: Placement, numbers: Ints) -> Ints:
    """Return the instances of a type to which some synapses belong, in the order of the rows of ``edges``."""
    if not wires.is_target(model, placement.mechanism):
        return np.flatnonzero(np.isin(numbers_of(placement), numbers))
    rows = wires.rows_of(model, placement.mechanism)
    rows = rows[np.isin(edge_count(model) + rows, numbers)]
    unique, first = np.unique(wires.events_of(model).connections.instance[rows], return_index=True)
    return unique[np.argsort(first)]


def by_label(model: Model) -> dict[str, int]:
    """The number of each synapse by NEURON's name of it."""
    return {
        label: int(k)
        for name in types(model)
        for label, k in zip(placement_of(model, name).labels, numbers_of_instances(model, name), strict=True)
    }


def shown_by_label(core: Core) -> dict[tuple[str, str], str]:
    """The names in ``edges`` of what is recorded of synapses, by NEURON's names of synapse and variable."""
    owner = {label: name for name in types(core.model) for label in placement_of(core.model, name).labels}
    recorded = [each for each in core.model.probes if each.label in owner]
    return {
        (each.label, each.variable): core.mechanisms[owner[each.label]]
        .by_name[each.variable]
        .full_name(owner[each.label])
        for each in recorded
    }


def probes(core: Core, state: str, numbers: Ints) -> list[Probe]:
    """What to record of some synapses; nothing where none has such a state.

    Raises:
        ModelError: it is a state of synapses, and of none of these.
    """
    known = columns.edge_fields(core.model, core.mechanisms)
    if state not in known:
        return []
    placement, field = known[state]
    at = instances_of(core.model, placement, numbers)
    if not len(at):
        raise ModelError(f"{state}: none of these synapses has it")
    labels = [placement.labels[k] for k in at]
    return [Probe(f"{label}.{field.name}", field.name, -1, label) for label in labels]
