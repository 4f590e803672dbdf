"""A live NEURON session -> Model. Reads, changes nothing.

In: ``h`` of a session in which the model's own initialisation has run, and the mechanisms that it uses. Out: the
Model. Everything that touches NEURON takes ``h`` as an argument; no module of ``read`` imports NEURON.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from jxneuron.errors import Finding, Unsupported
from jxneuron.mech.mechanism import Mechanism
from jxneuron.mech.run_order import run_order
from jxneuron.model.file import freeze
from jxneuron.model.find import probe
from jxneuron.model.model import Initial, InitMode, Ion, Model, Note, Placement, Settings
from jxneuron.read import mechanism_types
from jxneuron.read.events import ReadEvents, read_events
from jxneuron.read.extracellular import read_extracellular
from jxneuron.read.foretold import Foretold
from jxneuron.read.function_tables import read_function_tables
from jxneuron.read.geometry import read_tree
from jxneuron.read.ions import derive_styles, read_currents, read_ion
from jxneuron.read.mechanism_types import EXTRACELLULAR, MechanismType
from jxneuron.read.names import find_groups, model_sections
from jxneuron.read.netcons import NetCons, read_netcons
from jxneuron.read.placements import read_artificial, read_density, read_point_processes, read_states
from jxneuron.read.plays import Plays, read_plays
from jxneuron.read.pointers import PointerTargets, read_pointers
from jxneuron.read.streams import read_streams
from jxneuron.read.transfers import Transfers, read_transfers
from jxneuron.read.unsupported import find_threads
from jxneuron.read.variables import Session, read_node_variables
from jxneuron.wording import listed


def read_model(
    h: Any,
    mechanisms: Mapping[str, Mechanism],
    *,
    init_mode: InitMode = "auto",
    strict: bool = True,
    record: Sequence[str] = (),
    left_out: Collection[str] = (),
    values_only: bool = False,
    netcons: NetCons | None = None,
    foretold: Foretold = Foretold(),  # noqa: B008 - frozen
) -> Model:
    """Read the model of a session as it is now.

    Args:
        h: the session's ``neuron.h``, with the model initialised.
        mechanisms: the mechanisms in use by their NEURON names; `used_sources` says which those are.
        init_mode: where a run starts, see ``Initial``.
        strict: False leaves out what cannot be taken over, and says so in the model's notes.
        record: variables to record: ``soma(0.5).v``, ``IClamp[0].i``.
        left_out: mechanisms without translation that the caller reports; any other one becomes a finding.
        values_only: leave out events, and what only an experiment in a fork shows: plays, transfers and
            the targets of POINTERs.
        netcons: the session's NetCons; None reads them.
        foretold: the spikes of artificial cells that are left out.

    Raises:
        ModelError: there is no section, or a record names nothing of the model.
        Unsupported: with ``strict``, what differs from NEURON or has no translation; all findings at once. What
            ``find_unsupported`` finds is not looked for again here. Also without ``strict`` where NEURON has several
            threads.
    """
    if threads := list(find_threads(h)):
        raise Unsupported(threads)
    tree = read_tree(h)
    types = mechanism_types.registered_types(h)
    session, netcons = Session(h, tree, mechanisms), netcons or read_netcons(h)
    placements, missing = _read_placements(session, types, netcons, left_out)
    session = dataclasses.replace(session, placements=placements)
    ions, hidden = _read_ions(session, types)
    session = dataclasses.replace(session, ions=ions)
    transfers = Transfers() if values_only else read_transfers(session)
    streams = read_streams(session, present=values_only or init_mode == "neuron")
    session = dataclasses.replace(session, placements=streams.shown(placements))
    plays = Plays() if values_only else read_plays(session)
    pointers = PointerTargets({}, []) if values_only else read_pointers(session)
    events = ReadEvents() if values_only else read_events(session, netcons, foretold)
    parts = (transfers, streams, plays, pointers, events)
    findings = [*tree.findings, *missing, *hidden, *(finding for part in parts for finding in part.findings)]
    if findings and strict:
        raise Unsupported(findings)
    model = Model(
        nodes=tree.nodes,
        sections=tree.sections,
        placements=tuple(
            dataclasses.replace(placement, pointers=pointers.targets.get(placement.mechanism, {}))
            for placement in streams.begun(session.placements)
        ),
        ions=ions,
        sources=(),
        settings=_read_settings(h, placements),
        initial=_read_initial(session, init_mode),
        groups=find_groups(h, tree.members, [section.name for section in tree.sections]),
        notes=(
            *map(_note, findings),
            *_note_handlers(h, init_mode),
            *([fixed_step_note(h)] if h.CVode().active() else []),
            *_note_observers(session, types),
            *_note_unconnected(h, types, netcons),
            *plays.notes,
            *events.notes,
        ),
        plays=plays.plays,
        transfers=transfers.transfers,
        extracellular=read_extracellular(tree),
        events=events.events,
    )
    return freeze(dataclasses.replace(model, probes=tuple(probe(model, name) for name in record)))


def used_sources(h: Any, netcons: NetCons | None = None) -> list[tuple[str, str, str]]:
    """Return the mechanisms that the model uses: name, file, NMODL text, in order of registration.

    Ions have no text. What ``find_unsupported`` reports is left out: ``extracellular``, channels that were built
    without NMODL. Of artificial cells those count between which events pass.

    Args:
        h: the session.
        netcons: its NetCons; None reads them.
    """
    members = {section: i for i, section in enumerate(model_sections(h))}
    connected = (netcons or read_netcons(h)).connected
    types = [type_ for type_ in mechanism_types.used_types(h, members, connected) if _is_taken(type_)]
    sources = [(type_.name, *mechanism_types.nmodl_source(h, type_)) for type_ in types]
    return [source for source in sources if source[2]]


def _is_taken(type_: MechanismType) -> bool:
    """Return whether a mechanism belongs into the Model; ``find_unsupported`` reports the others."""
    return not (type_.is_ion or type_.name == EXTRACELLULAR)


def _read_placements(
    session: Session, types: Sequence[MechanismType], netcons: NetCons, left_out: Collection[str]
) -> tuple[tuple[Placement, ...], list[Finding]]:
    """Read every mechanism in the order in which NEURON runs them; those without translation become findings."""
    h, tree, mechanisms = session.h, session.tree, session.mechanisms
    density = mechanism_types.find_density(types, tree.members)
    points = mechanism_types.find_point_processes(h, types, tree.index)
    artificial = mechanism_types.find_artificial(h, types, netcons.connected)
    used = {type_.name: type_ for type_ in types if type_ in {**density, **points, **artificial} if not type_.is_ion}
    findings = [
        _untranslated(type_)
        for name, type_ in used.items()
        if name not in mechanisms
        and name not in left_out
        and _is_taken(type_)
        and mechanism_types.nmodl_source(h, type_)[1]
    ]
    placements = []
    for name in run_order((name for name in used if name in mechanisms), mechanisms):
        type_, mechanism = used[name], mechanisms[name]
        tables = read_function_tables(h, mechanism, points.get(type_, ()))
        findings += tables.findings
        if type_ in density:
            placement = read_density(h, tree, density[type_], mechanism)
        elif type_ in points:
            placement = read_point_processes(h, tree, points[type_], mechanism)
        else:
            placement = read_artificial(h, artificial[type_], mechanism)
        placements.append(dataclasses.replace(placement, function_tables=tables.data))
    return tuple(placements), findings


def _untranslated(type_: MechanismType) -> Finding:
    return Finding(type_.name, "was left out: there is no translation of this mechanism")


def _note(finding: Finding) -> Note:
    return Note("differs", finding.place, finding.found, "the import went on, since strict is False")


def _read_ions(session: Session, types: Sequence[MechanismType]) -> tuple[tuple[Ion, ...], list[Finding]]:
    tree = session.tree
    density = mechanism_types.find_density((type_ for type_ in types if type_.is_ion), tree.members)
    read = [read_ion(session.h, tree, type_, holders) for type_, holders in density.items()]
    derived = [derive_styles(tree, ion, session.placements, session.mechanisms) for ion in read]
    return tuple(ion for ion, _ in derived), [finding for _, findings in derived for finding in findings]


def _note_handlers(h: Any, init_mode: str) -> Iterator[Note]:
    """Note FInitializeHandlers: what they did is in NEURON's state, and not in what INITIAL computes."""
    count = int(h.List("FInitializeHandler").count())
    if count:
        done = "not run" if init_mode == "ours" else "not run; what they did is part of NEURON's initial state"
        yield Note("initial", "FInitializeHandler", f"{count} statement(s) run at initialisation", done)


def fixed_step_note(h: Any) -> Note:
    """Note that NEURON would run a model with CVode's variable steps."""
    return Note("solver", "cvode.active(1)", "NEURON runs the model with variable steps", f"fixed steps of {h.dt:g} ms")


def _note_observers(session: Session, types: Sequence[MechanismType]) -> Iterator[Note]:
    """Note point processes that only mark a place: nothing is lost without them."""
    for observers in mechanism_types.find_observers(session.h, types, session.tree.index).values():
        place = listed([observer.hname() for observer in observers])
        yield Note("observer", place, "marks a place and computes nothing", "left out")


def _note_unconnected(h: Any, types: Sequence[MechanismType], netcons: NetCons) -> Iterator[Note]:
    """Note artificial cells to and from which no event passes: the model is the same without them.

    A PatternStim fires gids, without a NetCon; ``read_events`` looks for those.
    """
    connected = netcons.connected
    names = [
        cell.hname()
        for type_ in types
        if type_.kind == "artificial" and type_.name != "PatternStim"
        for cell in h.List(type_.name)
        if cell not in connected
    ]
    if names:
        yield Note("events", listed(names), "no event passes between the model and it", "left out")


def _read_settings(h: Any, placements: Sequence[Placement]) -> Settings:
    names = [placement.mechanism for placement in placements]
    tables = {name: getattr(h, f"usetable_{name}", None) for name in names}
    return Settings(
        dt=float(h.dt),
        celsius=float(h.celsius),
        v_init=float(getattr(h, "v_init", -65.0)),
        tstop=float(getattr(h, "tstop", 5.0)),
        secondorder=int(h.secondorder),
        tables={name: bool(used) for name, used in tables.items() if used is not None},
    )


def _read_initial(session: Session, mode: InitMode) -> Initial:
    v = np.array([segment.v for segment in session.tree.segments])
    currents = {ion.name: read_currents(session.tree, ion) for ion in session.ions}
    states = read_states(session.placements, session.mechanisms)
    return Initial(mode, float(session.h.t), v, states, currents, read_node_variables(session))
