"""What the verbs of a module do to its Model.

In: a Core or a Model, and what was asked for. Out: a new Model, or the records that the verb keeps. numpy only.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.ions import ion_variables, promote
from jxneuron.mech import builtin
from jxneuron.mech.ion_names import ION_STATES
from jxneuron.mech.mechanism import Field, IonUse, Mechanism
from jxneuron.mech.run_order import run_order
from jxneuron.model import discretise, find
from jxneuron.model.check import check_movable
from jxneuron.model.discretise import MOST_SEGMENTS
from jxneuron.model.find import node_name
from jxneuron.model.model import Floats, Ints, Ion, Model, Placement, Probe, Source
from jxneuron.modules import build, columns, names
from jxneuron.modules.core import Core, Input, rows_of
from jxneuron.modules.sampled import Waveform
from jxneuron.modules.values import is_traced, numbers, read_only
from jxneuron.node_variables import MEMBRANE_CURRENT
from jxneuron.wording import did_you_mean

# Charge, e mV, inside and outside mM of the ions that NEURON knows; every other starts with 1 mM and 0 mV (eion.cpp)
KNOWN_IONS = {"na": (1.0, 50.0, 10.0, 140.0), "k": (1.0, -77.0, 54.4, 2.5), "ca": (2.0, 132.4579341637009, 5e-5, 2.0)}
OTHER_ION = (0.0, 1.0, 1.0)


def mechanism(core: Core, given: Any) -> Mechanism:
    """What a user handed to ``insert``, as a density Mechanism.

    Raises:
        ModelError: no such mechanism, or none that can be inserted.
    """
    found = known_mechanism(core, given)
    if found.kind != "density":
        raise ModelError(f"{found.name} is a point process: it is not inserted; jx.connect takes graded synapses")
    known = the_one_of_that_name(core, found)
    names.refuse_clashes(core, found)
    return known


def the_one_of_that_name(core: Core, found: Mechanism) -> Mechanism:
    """The mechanism itself, or the equal one that the module has already.

    Raises:
        ModelError: the module has another one of that name.
    """
    known = core.mechanisms.get(found.name)
    if known is not None and known is not found and known.made_by != found.made_by:
        raise ModelError(f"another mechanism of the name {found.name} is in this module: rename one of them")
    return known or found


def known_mechanism(core: Core, given: Any) -> Mechanism:
    """The Mechanism that a user gave, by itself, by name or as a class of their own.

    Raises:
        ModelError: no such mechanism.
    """
    if isinstance(given, Mechanism):
        return given
    if isinstance(given, type):
        raise ModelError(f"insert takes a mechanism, not a class: write {given.__name__}()")
    if hasattr(given, "mechanism"):
        return given.mechanism()
    if not isinstance(given, str):
        raise ModelError(
            f"a name, a translated mechanism, a Channel or a Synapse is needed, not {type(given).__name__}"
        )
    if given in core.mechanisms:
        return core.mechanisms[given]
    if given in builtin.NAMES:
        return builtin.get(given)
    hint = did_you_mean(given, [*core.mechanisms, *builtin.NAMES])
    raise ModelError(f"no mechanism {given!r} is known here{hint}; jx.mechanism translates a .mod file")


def name_of(given: Any) -> str:
    """The name of a mechanism, however it was given."""
    return given if isinstance(given, str) else getattr(given, "name", str(given))


def insert(model: Model, mechanism: Mechanism, nodes: Ints) -> Model:
    """The Model with a mechanism on some more nodes, with the mechanism's defaults and the ions that it uses."""
    placed = next((each for each in model.placements if each.mechanism == mechanism.name), None)
    fresh = np.setdiff1d(nodes, placed.node if placed else [])
    if not len(fresh):
        return model
    new = placed_on(mechanism, fresh)
    others = [each for each in model.placements if each is not placed]
    joined = new if placed is None else _widened(placed, new)
    order = [each.mechanism for each in model.placements] + ([] if placed else [mechanism.name])
    by_name = {each.mechanism: each for each in (*others, joined)}
    model = dataclasses.replace(model, placements=tuple(by_name[name] for name in order))
    return with_needs(model, mechanism, fresh)


def with_needs(model: Model, mechanism: Mechanism, nodes: Ints) -> Model:
    """The Model with the ions that a mechanism uses on some nodes, and with its source."""
    ions = {ion.name: ion for ion in model.ions}
    for use in mechanism.ions:
        ions[use.name] = _with_ion(ions.get(use.name), use, mechanism, nodes)
    return dataclasses.replace(model, ions=tuple(ions.values()), sources=_with_source(model.sources, mechanism))


def in_run_order(model: Model, mechanisms: Mapping[str, Mechanism]) -> Model:
    """The Model with its placements as NEURON runs them, had it registered the mechanisms in the order of insertion."""
    placed = {placement.mechanism: placement for placement in model.placements}
    return dataclasses.replace(model, placements=tuple(placed[name] for name in run_order(placed, mechanisms)))


def insert_with_shared(core: Core, mechanism: Mechanism, nodes: Ints) -> None:
    """Insert a mechanism, and before it those that hold what it shares with others.

    Raises:
        ModelError: it starts what it shares with another value than the module has now. The module is unchanged.
    """
    names.refuse_other_start(core, mechanism, nodes)
    model = core.model
    for each in (*mechanism.shared, mechanism):
        model = insert(model, each, nodes)
    core.model = model
    core.mechanisms = {**core.mechanisms, **{each.name: each for each in (*mechanism.shared, mechanism)}}


def placed_on(mechanism: Mechanism, nodes: Ints) -> Placement:
    """A new placement, with the mechanism's defaults."""
    kept = [field for field in mechanism.fields if field.storage != "none"]
    values = {each.name: _filled(each, len(nodes)) for each in kept if each.per_instance}
    given = {
        name: np.broadcast_to(value, values[name].shape).copy() for name, value in mechanism.initial_override.items()
    }
    return Placement(
        mechanism=mechanism.name,
        kind=mechanism.kind,
        node=np.asarray(nodes, np.int64),
        values=values,
        globals={each.name: _one(each) for each in kept if each.scope == "global"},
        initial_override=given,
    )


def _filled(field: Field, count: int) -> Floats:
    return np.full((field.size, count) if field.size else count, float(field.default))


def _one(field: Field) -> Any:
    return np.full(field.size, float(field.default)) if field.size else float(field.default)


def _widened(old: Placement, new: Placement) -> Placement:
    node = np.concatenate([old.node, new.node])
    order = np.argsort(node, kind="stable")

    def joined(a: Mapping[str, Floats], b: Mapping[str, Floats]) -> dict[str, Floats]:
        return {
            key: np.concatenate([_or_nan(a, key, old), _or_nan(b, key, new)], axis=-1)[..., order] for key in {**a, **b}
        }

    return dataclasses.replace(
        old,
        node=node[order],
        values=joined(old.values, new.values),
        initial_override=joined(old.initial_override, new.initial_override),
    )


def _or_nan(values: Mapping[str, Floats], key: str, placement: Placement) -> Floats:
    return values[key] if key in values else np.full_like(placement.values[key], np.nan)


def _with_ion(ion: Ion | None, use: IonUse, mechanism: Mechanism, nodes: Ints) -> Ion:
    """The ion on those nodes too, its style raised to what the mechanism asks for (``nrn_promote`` in eion.cpp)."""
    if ion is None:
        charge, e, inside, outside = KNOWN_IONS.get(use.name, (use.valence or 1.0, *OTHER_ION))
        start = dict(use.start)
        inside, outside = start.get(use.names.inside, inside), start.get(use.names.outside, outside)
        none = np.zeros(0)
        ion = Ion(use.name, charge, none.astype(np.int64), none.astype(np.int64), none, none, none, inside, outside)
    _, e, _, _ = KNOWN_IONS.get(use.name, (0.0, *OTHER_ION))
    fresh = np.setdiff1d(nodes, ion.node)
    node = np.concatenate([ion.node, fresh])
    order = np.argsort(node, kind="stable")
    added = {"style": np.zeros(len(fresh), np.int64), "e": e, "inside": ion.inside0, "outside": ion.outside0}
    grown = {
        key: np.concatenate([getattr(ion, key), np.broadcast_to(value, fresh.shape)])[order]
        for key, value in added.items()
    }
    given = {key: np.append(values, np.full(len(fresh), np.nan))[order] for key, values in ion.initial_override.items()}
    here = np.isin(node[order], nodes)
    grown["style"] = np.where(here, _promoted(grown["style"], use), grown["style"])
    return dataclasses.replace(ion, node=node[order], **grown, initial_override=given)


def _promoted(styles: Ints, use: IonUse) -> Ints:
    """The style of each instance once one more mechanism uses the ion; see ``ions.promote``."""
    known, number = np.unique(styles, return_inverse=True)
    return np.array([promote(int(style), use) for style in known], np.int64)[number]


def _with_source(sources: tuple[Source, ...], mechanism: Mechanism) -> tuple[Source, ...]:
    text = mechanism.text
    if not text or any(each.mechanism == mechanism.name for each in sources):
        return sources
    return (*sources, Source(mechanism.name, f"{mechanism.name}.mod", "", text, 0))


def uninsert(model: Model, name: str, nodes: Ints) -> Model:
    """The Model without a mechanism on some nodes; ions stay, as in NEURON.

    Raises:
        ModelError: it is on none of them.
    """
    placed = next((each for each in model.placements if each.mechanism == name and each.kind == "density"), None)
    if placed is None or not np.isin(placed.node, nodes).any():
        hint = "" if placed else did_you_mean(name, [each.mechanism for each in model.placements])
        raise ModelError(f"{name} is in none of these compartments{hint}")
    keep = ~np.isin(placed.node, nodes)
    left = dataclasses.replace(
        placed,
        node=placed.node[keep],
        values={key: each[..., keep] for key, each in placed.values.items()},
        initial_override={key: each[..., keep] for key, each in placed.initial_override.items()},
    )
    kept = tuple(left if each is placed else each for each in model.placements if each is not placed or keep.any())
    return dataclasses.replace(model, placements=kept)


def stems(core: Core) -> list[str]:
    """Each section's own name without cell and number: ``apic`` of ``Cell[0].apic[3]``."""
    return [section.name.rpartition(".")[2].partition("[")[0] for section in core.model.sections]


def stem_rows(core: Core, name: str) -> np.ndarray | None:
    """The rows of sections whose own name is ``name`` or ``name[k]`` (``Cell[0].apic[3]``), or None."""
    members = np.array([stem == name for stem in stems(core)])
    return members[core.rows.section] if members.any() else None


def set_nseg(core: Core, rows: Ints, nseg: Any) -> None:
    """Cut sections into other compartments; values come from the old compartment that holds the new centre.

    As ``nrn_change_nseg`` in cabcode.cpp: a section with 3-d points is measured anew, else keeps its diameters.

    Raises:
        ModelError: ``nseg`` is no positive whole number, or something refers to the old compartments.
    """
    if isinstance(nseg, bool) or not isinstance(nseg, (int, np.integer)) or not 1 <= nseg <= MOST_SEGMENTS:
        raise ModelError(f"a branch has 1 to {MOST_SEGMENTS} compartments, not {nseg!r}")
    _refuse_references(core, rows)
    old = core.model
    wanted = set(np.unique(core.rows.section[rows]).tolist())
    stretches = [
        _recut(build.stretch_of(old, i), int(nseg)) if i in wanted else build.stretch_of(old, i)
        for i in range(len(old.sections))
    ]
    order = sorted(range(len(stretches)), key=lambda index: min(old.sections[index].centres))
    made = build.lay_out(stretches, order)
    source = np.full(len(made.nodes.parent), -1, np.int64)
    for before, after in zip(old.sections, made.sections, strict=True):
        source[list(after.centres)] = np.asarray(before.centres)[_holding(after.nseg, before.nseg)]
    model = build.resampled(made, old, source)
    rows_now = rows_of(model)
    groups = {name: _regrouped(core, members, model, rows_now, source) for name, members in core.groups.items()}
    row_of = np.full(len(old.nodes.parent), -1, np.int64)
    row_of[core.rows.node] = np.arange(len(core.rows.node))
    old_row = row_of[source[rows_now.node]]
    own = {
        name: each.reindex(old_row).set_axis(np.arange(len(old_row))) for name, each in core.columns["nodes"].items()
    }
    core.columns = {**core.columns, "nodes": own}
    core.model, core.rows, core.groups = model, rows_now, groups
    core.cuts += 1


def _regrouped(core: Core, members: np.ndarray, model: Model, rows: Any, source: Ints) -> np.ndarray:
    nodes = core.rows.node[members]
    return np.isin(source[rows.node], nodes)


def _refuse_references(core: Core, rows: Ints) -> None:
    model = core.model
    check_movable(model)
    points = [each.mechanism for each in model.placements if each.kind == "point"]
    if model.probes or core.inputs or core.trainables or points:
        raise ModelError(
            "recordings, stimuli, trainables and point processes are in compartments: cut the branches first, or "
            "delete them (delete_recordings, delete_stimuli, delete_clamps, delete_trainables, delete of a mechanism)"
        )
    if model.events is not None and len(model.events.sources.kind):
        raise ModelError("events come from compartments, and go to some: cut the branches before they are connected")


def _holding(new: int, old: int) -> Ints:
    return np.minimum(((np.arange(new) + 0.5) / new * old).astype(np.int64), old - 1)


def _recut(stretch: build.Stretch, nseg: int) -> build.Stretch:
    old = {name: values[_holding(nseg, len(values))] for name, values in stretch.columns.items()}
    total = float(stretch.columns["length"].sum())
    if len(stretch.points) > 1:
        arc = discretise.arcs(stretch.points)
        shape = discretise.from_points(arc, stretch.points[:, 3], nseg)
    else:
        shape = discretise.stylised(total, old["diam"])
    return dataclasses.replace(stretch, columns={**old, **shape._asdict(), "length": np.full(nseg, total / nseg)})


def probes(core: Core, state: str, rows: Ints, ends: Ints | None) -> list[Probe]:
    """What to record of these rows.

    Raises:
        KeyError: there is no such state in the module.
        ModelError: none of these compartments has it.
    """
    model = core.model
    if not isinstance(state, str):
        raise KeyError(f"{state!r} is no state of this module: a state is a name")
    if "." in state or "(" in state:
        return [find.probe(model, state)]
    nodes = core.rows.node[rows]
    if state in ("v", MEMBRANE_CURRENT) and ends is not None:
        return [Probe(f"{node_name(model, int(node))}.{state}", state, int(node)) for node in ends]
    state, having = _state_on(core, state)
    held = nodes[np.isin(nodes, having)]
    if not len(held):
        raise ModelError(f"{state}: none of these compartments has it")
    return [Probe(f"{node_name(model, int(node))}.{state}", state, int(node)) for node in held]


def _state_on(core: Core, state: str) -> tuple[str, Ints]:
    """The state's name here (``i_Na`` is NEURON's ``ina``), and the nodes that have it.

    Raises:
        KeyError: there is no such state; names near matches.
    """
    known = _recordable(core)
    for name in (state, ION_STATES.get(state, ("", ""))[1]):
        if name in known:
            return name, known[name]
    every = [*known, *columns.edge_fields(core.model, core.mechanisms)]
    raise KeyError(f"{state!r} is no state of this module{did_you_mean(state, every)}")


def _recordable(core: Core) -> dict[str, Ints]:
    """The nodes that have each state, by name."""
    model = core.model
    known = dict.fromkeys(("v", MEMBRANE_CURRENT), np.flatnonzero(~model.nodes.is_end))
    known |= {name: ion.node for ion in model.ions for name in ion_variables(ion.name)}
    for placement in model.placements:
        for field in core.mechanisms[placement.mechanism].fields:
            if field.storage != "none" and field.scope == "range" and placement.kind == "density":
                known.setdefault(columns.column_name(placement, field), placement.node)
    return known


def _verb(key: str) -> str:
    return "stimulate" if key == "i" else f"clamp({key!r})"


def samples(key: str, values: Any, count: int) -> Floats:
    """A stimulus or clamp as (rows, time).

    Raises:
        ModelError: a wrong shape, or not a number.
    """
    found = numbers(_verb(key), values)
    if found.ndim == 1:
        found = np.broadcast_to(found, (count, len(found)))
    if found.ndim != 2 or found.shape[0] not in (1, count) or not found.shape[1]:
        raise ModelError(f"{_verb(key)}: an input is (time,) or ({count}, time), not {np.shape(values)}")
    if not np.isfinite(found).all():
        row, sample = np.argwhere(~np.isfinite(found))[0]
        raise ModelError(f"{_verb(key)}: sample {sample} of row {row} is not a number")
    return np.broadcast_to(found, (count, found.shape[1])).copy()


def traced_samples(key: str, values: Any, count: int) -> Any:
    """As ``samples``; of values that are traced only the shape is checked."""
    import jax.numpy as jnp

    if not is_traced(values):
        return jnp.asarray(samples(key, values, count))
    found = jnp.asarray(values)
    if found.ndim == 1:
        found = jnp.broadcast_to(found, (count, len(found)))
    if found.ndim != 2 or found.shape[0] not in (1, count) or not found.shape[1]:
        raise ModelError(f"{_verb(key)}: an input is (time,) or ({count}, time), not {jnp.shape(values)}")
    return jnp.broadcast_to(found, (count, found.shape[1]))


def outside(entry: Input, nodes: Ints) -> Input:
    """What is left of an input without some nodes."""
    keep = ~np.isin(entry.nodes, nodes)
    return dataclasses.replace(entry, nodes=entry.nodes[keep], values=entry.values[keep])


def externals(core: Core) -> dict[str, Floats]:
    """Inputs by key, padded with zeros to one length, (inputs, time)."""
    found: dict[str, Floats] = {}
    for key in dict.fromkeys(each.key for each in core.inputs):
        inputs = [each for each in core.inputs if each.key == key]
        parts = [each.values for each in inputs]
        longest = max(part.shape[1] for part in parts)
        padded = [np.pad(part, ((0, 0), (0, longest - part.shape[1]))) for part in parts]
        steps = {each.delta_t for each in inputs}
        found[key] = read_only(Waveform(np.concatenate(padded), steps.pop() if len(steps) == 1 else None))
    return found
