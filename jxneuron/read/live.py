"""A live NEURON session -> Model. Reads, changes nothing.

In: ``h`` of a session in which the model's own initialisation has run, and the mechanisms that it uses. Out: the
Model. Everything that touches NEURON takes ``h`` as an argument; this module imports no NEURON.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from jxneuron.errors import Finding, Unsupported
from jxneuron.mech.mechanism import Mechanism
from jxneuron.mech.run_order import run_order
from jxneuron.model.file import freeze
from jxneuron.model.find import probe
from jxneuron.model.model import Initial, InitMode, Ion, Model, Note, Placement, Play, Settings, Source
from jxneuron.read import function_tables, ions, kinds, points
from jxneuron.read.geometry import Tree, read_tree
from jxneuron.read.names import groups, section_names
from jxneuron.read.names import sections as model_sections
from jxneuron.read.plays import read_plays
from jxneuron.read.pointers import read_pointers
from jxneuron.read.probing import Spot, spots
from jxneuron.read.refuse import unsupported
from jxneuron.wording import listed

__all__ = ["read", "section_names", "sources", "unsupported"]


def read(
    h: Any,
    mechanisms: Mapping[str, Mechanism],
    *,
    init_mode: InitMode = "auto",
    strict: bool = True,
    record: Sequence[str] = (),
    sources: Mapping[str, Source] | None = None,
    values_only: bool = False,
) -> Model:
    """Take over a session's model as it stands.

    Args:
        h: the session's ``neuron.h``, with the model initialised.
        mechanisms: the mechanisms in use by their NEURON names; ``sources`` says which those are.
        init_mode: where a run starts, see ``Initial``.
        strict: False leaves out what cannot be taken over, and says so in the model's notes.
        record: variables to record: ``soma(0.5).v``, ``IClamp[0].i``.
        sources: texts to keep in the model, by mechanism.
        values_only: leave out what has to be found out by experiment: plays, and what POINTERs show.

    Raises:
        ModelError: there is no section, or a record names nothing of the model.
        Unsupported: with ``strict``, what differs from NEURON or has no mechanism; all findings at once. What
            ``unsupported`` finds is its own question and is not asked again here.
    """
    tree = read_tree(h)
    registered = kinds.registered(h)
    findings = list(tree.findings)
    placements = _placements(h, tree, registered, mechanisms, findings)
    species = _ions(h, tree, registered, placements, mechanisms, findings)
    plays: tuple[Play, ...] = ()
    inert: list[Note] = []
    if not values_only:
        plays, placements = _acts(h, tree, placements, species, mechanisms, findings, inert)
    if findings and strict:
        raise Unsupported(findings)
    texts = sources or {}
    model = Model(
        nodes=tree.nodes,
        sections=tree.sections,
        placements=placements,
        ions=species,
        sources=tuple(texts[each.mechanism] for each in placements if each.mechanism in texts),
        settings=_settings(h, placements),
        initial=_initial(h, tree, placements, species, mechanisms, init_mode),
        groups=groups(h, tree.members, [section.name for section in tree.sections]),
        notes=(
            *(
                Note("differs", each.place, each.found, "the import went on, since strict is False")
                for each in findings
            ),
            *_handlers(h, init_mode),
            *_observers(h, tree, registered),
            *inert,
        ),
        plays=plays,
    )
    return freeze(dataclasses.replace(model, probes=tuple(probe(model, name) for name in record)))


def sources(h: Any) -> list[tuple[str, str, str]]:
    """The mechanisms that the model uses: name, file, NMODL text, in order of registration.

    Ions have no text. What ``unsupported`` reports is left out: point processes with a NET_RECEIVE,
    ``extracellular``, channels that were built without NMODL.
    """
    members = {section: i for i, section in enumerate(model_sections(h))}
    taken = [kind for kind in kinds.used(h, members) if not kind.receives and kind.name != kinds.EXTRACELLULAR]
    texts = [(kind.name, *kinds.text(h, kind)) for kind in taken]
    return [each for each in texts if each[2]]


def _placements(
    h: Any,
    tree: Tree,
    registered: Sequence[kinds.Kind],
    mechanisms: Mapping[str, Mechanism],
    findings: list[Finding],
) -> tuple[Placement, ...]:
    """Every mechanism in NEURON's order; those without a Mechanism become findings."""
    density = {kind: held for kind, held in kinds.used_density(registered, tree.members).items() if not kind.is_ion}
    placed = {kind: found for kind, found in kinds.used_points(h, registered, tree.index).items() if not kind.receives}
    density = {kind: held for kind, held in density.items() if kind.name != kinds.EXTRACELLULAR}
    used = [*density, *placed]
    findings += [_no_mechanism(kind) for kind in used if kind.name not in mechanisms]
    known = {kind.name: kind for kind in sorted(used, key=lambda kind: kind.type) if kind.name in mechanisms}
    ordered = [known[name] for name in run_order(known, mechanisms)]
    placements = [
        points.density(h, tree, kind, density[kind], mechanisms[kind.name])
        if kind in density
        else points.points(h, tree, kind, placed[kind], mechanisms[kind.name])
        for kind in ordered
    ]
    return tuple(
        dataclasses.replace(
            each,
            function_tables=function_tables.read_all(h, mechanisms[kind.name], placed.get(kind, ()), findings),
        )
        for each, kind in zip(placements, ordered, strict=True)
    )


def _acts(
    h: Any,
    tree: Tree,
    placements: tuple[Placement, ...],
    species: Sequence[Ion],
    mechanisms: Mapping[str, Mechanism],
    findings: list[Finding],
    notes: list[Note],
) -> tuple[tuple[Play, ...], tuple[Placement, ...]]:
    """What is played, and the mechanisms with what their POINTERs show."""
    values, name = partial(spots, tree, placements, species, mechanisms, h), partial(_spot_name, tree)
    plays = read_plays(h, values, name, findings, notes)
    targets = read_pointers(h, tree, placements, mechanisms, values, name, findings)
    return plays, tuple(dataclasses.replace(each, pointers=targets.get(each.mechanism, {})) for each in placements)


def _spot_name(tree: Tree, spot: Spot) -> str:
    """``soma(0.5).v``, ``IClamp[0].amp``."""
    variable, node, label = spot
    if label:
        return f"{label}.{variable}"
    if node < 0:
        return variable
    return f"{tree.sections[tree.nodes.section[node]].name}({tree.nodes.x[node]:.6g}).{variable}"


def _no_mechanism(kind: kinds.Kind) -> Finding:
    return Finding(kind.name, "was left out: there is no translation of this mechanism")


def _ions(
    h: Any,
    tree: Tree,
    registered: Sequence[kinds.Kind],
    placements: Sequence[Placement],
    mechanisms: Mapping[str, Mechanism],
    findings: list[Finding],
) -> tuple[Ion, ...]:
    species = []
    for kind, holders in kinds.used_density(registered, tree.members).items():
        if kind.is_ion:
            ion = ions.read_ion(h, tree, kind, holders)
            ion, found = ions.with_points(tree, ion, placements, mechanisms)
            species.append(ion)
            findings += found
    return tuple(species)


def _handlers(h: Any, init_mode: str) -> Iterator[Note]:
    """FInitializeHandlers: what they did stands in NEURON's state, and not in what INITIAL gives."""
    count = int(h.List("FInitializeHandler").count())
    if count:
        done = "not run" if init_mode == "ours" else "not run; what they did stands in NEURON's initial state"
        yield Note("initial", "FInitializeHandler", f"{count} statement(s) run at initialisation", done)


def _observers(h: Any, tree: Tree, registered: Sequence[kinds.Kind]) -> Iterator[Note]:
    """Point processes that only look at the model: their names, and that nothing is lost without them."""
    for found in kinds.observers(h, registered, tree.index).values():
        place = listed([point.hname() for point in found])
        yield Note("observer", place, "looks at the model and does not act on it", "left out")


def _settings(h: Any, placements: Sequence[Placement]) -> Settings:
    tables = {each.mechanism: getattr(h, f"usetable_{each.mechanism}", None) for each in placements}
    return Settings(
        dt=float(h.dt),
        celsius=float(h.celsius),
        v_init=float(getattr(h, "v_init", -65.0)),
        tstop=float(getattr(h, "tstop", 5.0)),
        secondorder=int(h.secondorder),
        tables={name: bool(used) for name, used in tables.items() if used is not None},
    )


def _initial(
    h: Any,
    tree: Tree,
    placements: Sequence[Placement],
    species: Sequence[Ion],
    mechanisms: Mapping[str, Mechanism],
    mode: InitMode,
) -> Initial:
    v = np.array([segment.v for segment in tree.segments])
    currents = {ion.name: ions.currents(tree, ion) for ion in species}
    return Initial(mode, float(h.t), v, points.states(placements, mechanisms), currents)
