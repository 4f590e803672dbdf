"""Names of parameters and states -> where a Model and its Params keep them.

In: a Model, its mechanisms and a key as users write it (``radius``, ``Ra``, ``gnabar_hh``, ``ena``, ``celsius``,
``IClamp[0].amp``). Out: a Column, which reads and writes the Model. No JAX.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.ions import ADVANCE_REVERSAL, INITIALISE_REVERSAL, ion_variables
from jxneuron.mech import builtin
from jxneuron.mech.ion_names import ION_STATES
from jxneuron.mech.mechanism import Field, Mechanism
from jxneuron.model.find import ion_of, placement_of
from jxneuron.model.model import Floats, Ints, Model, Placement, Play
from jxneuron.modules import wires
from jxneuron.modules.build import voltages
from jxneuron.wording import did_you_mean

Kind = Literal["geometry", "node", "v", "range", "ion", "global", "setting", "table", "point", "edge", "connection"]

# NEURON's switch of a mechanism's TABLEs is this and its suffix
USETABLE = "usetable_"
# Other names for one thing: NEURON's and ours
OTHER_NAMES = {"axial_resistivity": "Ra", "capacitance": "cm"}
GEOMETRY = ("radius", "diam", "length", "L")
SETTINGS = ("celsius",)
# NEURON's settings of a run, and where they are said here
RUN_SETTINGS = {
    "v_init": 'set("v", ...) says where the voltage begins',
    "dt": "integrate(..., delta_t=...) says it",
    "tstop": "integrate(..., t_max=...) says it",
    "secondorder": "integrate(..., solver=...) says it",
}


@dataclass(frozen=True)
class Column:
    """Where one parameter or state lives.

    Attributes:
        key: as the user wrote it.
        kind: ``geometry``, ``node`` (Ra, cm), ``v``, ``range`` (a density mechanism's), ``ion``, ``global``,
            ``setting`` (celsius), ``table`` (whether a mechanism's TABLEs are used), ``point`` (one point process's),
            ``edge`` (a synapse's), ``connection`` (weight, delay or threshold of connections of events).
        owner: the mechanism or ion, "" else.
        name: the variable in its owner, or the column of Nodes.
        nodes: nodes that have it, ascending; the numbers of its instances for ``edge``, of connections for
            ``connection``; empty for ``global``, ``setting`` and ``point``.
        index: the instance of a point process.
        state: True where the value is a state, which INITIAL computes unless it is set.
    """

    key: str
    kind: Kind
    owner: str
    name: str
    nodes: Ints
    index: int = -1
    state: bool = False

    @property
    def whole(self) -> bool:
        """True where there is one value for the whole module, or for one point process."""
        return self.kind in ("global", "setting", "table", "point")

    @property
    def holders(self) -> str:
        """What has a value each, in the plural."""
        return {"edge": "synapses", "connection": "connections"}.get(self.kind, "compartments")

    @property
    def of_synapses(self) -> bool:
        """True for what belongs to synapses, and not to compartments or the whole module."""
        return self.kind in ("edge", "connection")


def same_place(one: Column, other: Column) -> bool:
    """Whether two names mean one thing: ``radius`` and ``diam``, ``Ra`` and ``axial_resistivity``."""
    return all(getattr(one, part) == getattr(other, part) for part in ("kind", "owner", "name", "index"))


def first_overlap(entries: Sequence[tuple[Column, Ints]], column: Column, nodes: Ints) -> tuple[int, str] | None:
    """The first entry (a column and its nodes) that means this column at some of these nodes, and where.

    Returns:
        The entry's number and the place in words, or None.
    """
    for number, (other, places) in enumerate(entries):
        both = np.intersect1d(places, nodes)
        if same_place(other, column) and (len(both) or column.whole):
            return number, "the whole module" if column.whole else f"{len(both)} of {len(nodes)} {column.holders}"
    return None


def find(model: Model, mechanisms: Mapping[str, Mechanism], key: str) -> Column:
    """The column of that name.

    Raises:
        KeyError: there is none; names near matches.
    """
    if isinstance(key, str):
        for column in _candidates(model, mechanisms, key):
            return column
        for column in _candidates(model, mechanisms, ION_STATES.get(key, ("", ""))[1]):
            return dataclasses.replace(column, key=key)  # eNa: what hand-written channels call an ion's variable
    raise KeyError(f"{key!r} is no parameter or state of this module{_hint(model, mechanisms, key)}")


def _hint(model: Model, mechanisms: Mapping[str, Mechanism], key: Any) -> str:
    if not isinstance(key, str):
        return ": a key is a name"
    owner = key.removeprefix(USETABLE)
    if key.startswith(USETABLE) and owner in mechanisms:
        return f": {owner} has no TABLE"
    if key in RUN_SETTINGS:
        return f": {RUN_SETTINGS[key]}"
    if key == "area":
        return ": it follows from length and radius"
    if any(each.mechanism == key for each in model.placements):
        return ": it is a mechanism, which is inserted and deleted"
    absent = absent_mechanism(mechanisms, key)
    return f'; insert("{absent}") first' if absent else did_you_mean(key, names(model, mechanisms))


def absent_mechanism(mechanisms: Mapping[str, Mechanism], key: str) -> str:
    """The packaged mechanism that is not in the module and to which a key seems to belong, or nothing."""
    absent = [name for name in builtin.NAMES if name not in mechanisms and key.endswith(f"_{name}")]
    return absent[0] if absent else ""


def names(model: Model, mechanisms: Mapping[str, Mechanism]) -> list[str]:
    """Every key that ``set`` takes, aliases included."""
    found = ["radius", "length", "axial_resistivity", "capacitance", "v", "diam", "L", "Ra", "cm", *SETTINGS]
    for placement in model.placements:
        mechanism = mechanisms[placement.mechanism]
        for each in mechanism.fields:
            if each.storage != "none" and each.scope in ("range", "global"):
                found += _spellings(model, placement, each)
    for ion in model.ions:
        found += [name for name, ours in ion_variables(ion.name).items() if ours != "current"]
    return [*found, *usetable_names(model, mechanisms), *wires.value_names(model, mechanisms)]


def usetable_names(model: Model, mechanisms: Mapping[str, Mechanism]) -> list[str]:
    """``usetable_hh`` and so on, of the mechanisms here that have a TABLE."""
    here = dict.fromkeys(each.mechanism for each in model.placements)
    return [f"{USETABLE}{name}" for name in here if mechanisms[name].tables is not None]


def uses_tables(model: Model, mechanism: str) -> bool:
    """Whether a mechanism's rates come from its TABLEs."""
    return bool(model.settings.tables.get(mechanism, True))


def column_name(placement: Placement, field: Field) -> str:
    """A field's name in tables: NEURON's ``gnabar_hh``; a hand-written one carries its prefix already."""
    alone = placement.kind == "point" and placement.edges is None
    return field.name if alone else field.full_name(placement.mechanism)


def connects(model: Model, placement: Placement) -> bool:
    """Whether the instances of a mechanism are synapses: graded ones, or such that receive events."""
    return placement.edges is not None or wires.is_target(model, placement.mechanism)


def elements(placement: Placement, field: Field, name: str | None = None) -> Iterator[tuple[str, Floats]]:
    """A field's columns of tables with their values, (instance,) each: one, or one for each element of an array."""
    name, values = name or column_name(placement, field), placement.values[field.name]
    if not field.size:
        yield name, values
    else:
        yield from ((f"{name}[{k}]", row) for k, row in enumerate(values))


def edge_fields(model: Model, mechanisms: Mapping[str, Mechanism]) -> dict[str, tuple[Placement, Field]]:
    """Parameters, states and currents of synapses by their names in ``edges``."""
    return {
        each.full_name(placement.mechanism): (placement, each)
        for placement in model.placements
        if connects(model, placement)
        for each in mechanisms[placement.mechanism].fields
        if each.storage != "none" and each.scope == "range"
    }


def _spellings(model: Model, placement: Placement, field: Field) -> list[str]:
    if placement.kind == "density" or connects(model, placement) or field.scope == "global":
        return [field.full_name(placement.mechanism)]
    return [f"{label}.{field.name}" for label in placement.labels]


def _candidates(model: Model, mechanisms: Mapping[str, Mechanism], key: str) -> Iterator[Column]:
    centres = np.flatnonzero(~model.nodes.is_end)
    name = OTHER_NAMES.get(key, key)
    if key in GEOMETRY:
        yield Column(key, "geometry", "", {"radius": "diam", "L": "length"}.get(key, key), centres)
    elif name in ("Ra", "cm"):
        yield Column(key, "node", "", name, centres)
    elif key == "v":
        yield Column(key, "v", "", "v", centres, state=True)
    elif key in SETTINGS:
        yield Column(key, "setting", "", key, _NONE)
    elif key in usetable_names(model, mechanisms):
        owner = key.removeprefix(USETABLE)
        yield Column(key, "table", owner, owner, _NONE)
    elif key in wires.value_names(model, mechanisms):
        yield Column(key, "connection", "", key, wires.rows_with(model, mechanisms, key))
    yield from _of_mechanisms(model, mechanisms, key)
    for ion in model.ions:
        ours = ion_variables(ion.name).get(key)
        if ours and ours != "current":
            yield Column(key, "ion", ion.name, ours, ion.node, state=ours != "e")


_NONE = np.zeros(0, np.int64)


def _of_mechanisms(model: Model, mechanisms: Mapping[str, Mechanism], key: str) -> Iterator[Column]:
    label, _, variable = key.rpartition(".")
    for placement in model.placements:
        fields = mechanisms[placement.mechanism].fields
        usable = [each for each in fields if each.storage != "none" and each.scope in ("range", "global")]
        for each in usable:
            state = (
                each.storage == "s" and each.role != "parameter"
            )  # code that changes a PARAMETER starts from its value
            if each.scope == "global" and key == f"{each.name}_{placement.mechanism}":
                yield Column(key, "global", placement.mechanism, each.name, _NONE, state=state)
            elif placement.kind == "density" and key == column_name(placement, each) and each.scope == "range":
                yield Column(key, "range", placement.mechanism, each.name, placement.node, state=state)
            elif connects(model, placement) and each.scope == "range" and key == each.full_name(placement.mechanism):
                instances = np.arange(len(placement.node))
                yield Column(key, "edge", placement.mechanism, each.name, instances, state=state)
            elif label and variable == each.name and label in placement.labels:
                index = placement.labels.index(label)
                yield Column(key, "point", placement.mechanism, each.name, _NONE, index, state=state)


def read(model: Model, column: Column) -> Floats:
    """Present values: (node,) in the order of ``column.nodes``; () where there is one for the whole."""
    nodes = column.nodes
    if column.kind == "geometry":
        return geometry_of(model, column.key, nodes)
    if column.kind == "node":
        return getattr(model.nodes, column.name)[nodes]
    if column.kind == "v":
        return voltages(model)[nodes]
    if column.kind == "setting":
        return np.asarray(getattr(model.settings, column.name))
    if column.kind == "table":
        return np.asarray(float(uses_tables(model, column.name)))
    if column.kind == "ion":
        return getattr(ion_of(model, column.owner), column.name)
    if column.kind == "connection":
        return wires.read(model, column.name, nodes)
    placement = placement_of(model, column.owner)
    if column.kind == "global":
        return np.asarray(placement.globals[column.name])
    values = placement.values[column.name]
    return values[..., column.index] if column.kind == "point" else values


def geometry_of(model: Model, key: str, nodes: Ints) -> Floats:
    """Values of a column of kind ``geometry``, (k,); ``L`` is that of the section."""
    values = model.nodes
    if key == "radius":
        return values.diam[nodes] / 2.0
    if key == "L":
        return np.array([section.L for section in model.sections])[values.section[nodes]]
    return getattr(values, key)[nodes]


def require_number(column: Column) -> None:
    """A switch, a delay or a threshold is settled before a run: it can be set, and neither trained nor given to one.

    Raises:
        ModelError: it is one.
    """
    if column.kind == "table":
        raise ModelError(f"{column.key} is a switch, 0 or 1: call set({column.key!r}, ...) before the run")
    if column.kind == "connection" and column.name in ("delay", "threshold"):
        raise ModelError(
            f"{column.key} says when events happen, which is a constant of every derivative: call "
            f"set({column.key!r}, ...) before the run"
        )


def require_free(model: Model, column: Column, nodes: Ints) -> None:
    """What follows something else throughout the run has no value of its own to set or to train.

    Raises:
        ModelError: a reversal potential that follows from concentrations in some of these nodes, or a variable that
            follows the lines between the points of a Vector.play.
    """
    lines = (each for each in model.plays if each.kind == "continuous")
    played = [each.target.name for each in lines if _plays(model, each, column, nodes)]
    if played:
        raise ModelError(
            f"{column.key} follows the lines of a Vector.play, so that a value would not stay: "
            f"delete_plays({played[0]!r}) first"
        )
    if column.kind != "ion" or column.name != "e":
        return
    ion = ion_of(model, column.owner)
    follows = (ion.style[np.isin(ion.node, nodes)] & (INITIALISE_REVERSAL | ADVANCE_REVERSAL)) != 0
    if follows.any():
        name = ion.name
        raise ModelError(
            f"{column.key} follows from {name}i and {name}o by Nernst's equation in {follows.sum()} of {len(follows)} "
            f"compartments, so that a value would not stay: set {name}i and {name}o there"
        )


def _plays(model: Model, play: Play, column: Column, nodes: Ints) -> bool:
    """Whether a Vector is played into a mechanism's variable at one of these nodes."""
    target = play.target
    if column.kind == "range":
        return target.variable == f"{column.name}_{column.owner}" and target.node in nodes
    if column.kind != "point" or target.variable != column.name:
        return False
    return target.label == placement_of(model, column.owner).labels[column.index]


def write(model: Model, column: Column, nodes: Ints, values: Floats) -> Model:
    """The Model with new values at some nodes.

    Args:
        model: what to change; stays as it is.
        column: from ``find``.
        nodes: where, (k,); ignored where there is one value for the whole.
        values: (k,), or () where there is one for the whole.

    Raises:
        ModelError: a value that no run could take, or that would not stay.
    """
    check(column, values)
    require_free(model, column, nodes)
    if column.kind == "geometry":
        return _reshape(model, column.key, nodes, values)
    if column.kind == "node":
        return _with_nodes(model, **{column.name: _put(getattr(model.nodes, column.name), nodes, values)})
    if column.kind == "v":
        return dataclasses.replace(model, v_init=_put(voltages(model), nodes, values))
    if column.kind == "setting":
        return dataclasses.replace(model, settings=dataclasses.replace(model.settings, **{column.name: float(values)}))
    if column.kind == "table":
        tables = {**model.settings.tables, column.name: bool(values)}
        return dataclasses.replace(model, settings=dataclasses.replace(model.settings, tables=tables))
    if column.kind == "ion":
        ion = ion_of(model, column.owner)
        at = np.searchsorted(ion.node, nodes)
        changed = dataclasses.replace(ion, **{column.name: _put(getattr(ion, column.name), at, values)})
        if column.state:
            given = ion.initial_override.get(column.name, np.full(len(ion.node), np.nan))
            changed = dataclasses.replace(
                changed, initial_override={**ion.initial_override, column.name: _put(given, at, values)}
            )
        return dataclasses.replace(model, ions=tuple(changed if each is ion else each for each in model.ions))
    if column.kind == "connection":
        return wires.write(model, column.name, nodes, values)
    return _write_field(model, column, nodes, values)


def _write_field(model: Model, column: Column, nodes: Ints, values: Floats) -> Model:
    placement = placement_of(model, column.owner)
    if column.kind == "global":
        old = np.asarray(placement.globals[column.name])
        new = float(values) if old.ndim == 0 else np.broadcast_to(values, old.shape).copy()
        changed = dataclasses.replace(placement, globals={**placement.globals, column.name: new})
    else:
        at = instances_of(placement, column, nodes)
        new = _put(placement.values[column.name], at, values)
        changed = dataclasses.replace(placement, values={**placement.values, column.name: new})
        if column.state:
            given = placement.initial_override.get(column.name, np.full(new.shape, np.nan))
            changed = dataclasses.replace(
                changed, initial_override={**changed.initial_override, column.name: _put(given, at, values)}
            )
    return replace_placement(model, placement, changed)


def instances_of(placement: Placement, column: Column, nodes: Ints) -> Ints:
    """Return the positions of the nodes' values in the arrays of a placement, (k,); of a point process its own."""
    if column.kind == "range":
        return np.searchsorted(placement.node, nodes)
    return nodes if column.kind == "edge" else np.array([column.index])


def replace_placement(model: Model, old: Placement, new: Placement) -> Model:
    """The Model with one placement changed."""
    return dataclasses.replace(model, placements=tuple(new if each is old else each for each in model.placements))


def check(column: Column, values: Floats) -> None:
    """Refuse values that no run could take.

    Raises:
        ModelError: not a number, or a length, radius or Ra that is not positive, or a negative capacitance.
    """
    if not np.isfinite(values).all():
        raise ModelError(f"{column.key} = {_first_bad(values, ~np.isfinite(values))} is not a number")
    if column.kind == "table" and not np.isin(values, (0.0, 1.0)).all():
        raise ModelError(f"{column.key} = {values}: it is 1 (look rates up in tables) or 0 (compute them)")
    positive = column.kind == "geometry" or column.name == "Ra"
    if positive and (values <= 0).any():
        raise ModelError(f"{column.key} = {_first_bad(values, values <= 0)}: it must be positive")
    is_never_negative = (column.kind, column.name) in (("node", "cm"), ("connection", "delay"))
    if is_never_negative and (values < 0).any():
        raise ModelError(f"{column.key} = {_first_bad(values, values < 0)}: it must not be negative")


def _first_bad(values: Floats, bad: np.ndarray) -> float:
    return float(np.atleast_1d(values)[np.atleast_1d(bad)][0])


def _put(old: Floats, at: Ints, values: Floats) -> Floats:
    new = np.array(old, np.float64)
    new[..., at] = values
    return new


def _with_nodes(model: Model, **columns: Floats) -> Model:
    return dataclasses.replace(model, nodes=dataclasses.replace(model.nodes, **columns))


def _reshape(model: Model, key: str, nodes: Ints, values: Floats) -> Model:
    """New radius or length: area scales with both, the axial halves with length over radius squared.

    For a compartment with 3-d points that keeps its taper: its area and halves are scaled from what they were.
    """
    old = model.nodes
    wider = np.ones(len(nodes))
    longer = np.ones(len(nodes))
    if key in ("radius", "diam"):
        diam = np.broadcast_to(values, nodes.shape) * (2.0 if key == "radius" else 1.0)
        wider = diam / old.diam[nodes]
        model = _with_nodes(model, diam=_put(old.diam, nodes, diam))
    else:
        length = np.broadcast_to(values, nodes.shape)
        if key == "L":
            length = old.length[nodes] * length / geometry_of(model, "L", nodes)
        longer = length / old.length[nodes]
        model = _with_lengths(model, nodes, length)
    return _with_nodes(
        model,
        area=_put(old.area, nodes, old.area[nodes] * wider * longer),
        half_in=_put(old.half_in, nodes, old.half_in[nodes] * longer / wider**2),
        half_out=_put(old.half_out, nodes, old.half_out[nodes] * longer / wider**2),
    )


def _with_lengths(model: Model, nodes: Ints, length: Floats) -> Model:
    new = _put(model.nodes.length, nodes, length)
    x = np.array(model.nodes.x)
    sections = list(model.sections)
    for index in np.unique(model.nodes.section[nodes]):
        at = np.asarray(sections[index].centres)
        total = float(new[at].sum())
        x[at] = (np.cumsum(new[at]) - new[at] / 2) / total
        sections[index] = dataclasses.replace(sections[index], L=total)
    return dataclasses.replace(_with_nodes(model, length=new, x=x), sections=tuple(sections))
