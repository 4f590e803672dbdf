"""What a live session has that cannot be taken over yet, with its places.

In: a live session. Out: findings. Nothing of the session is changed.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from jxneuron.errors import Finding
from jxneuron.read import kinds
from jxneuron.read.names import is_removed, section_names
from jxneuron.read.names import sections as model_sections
from jxneuron.wording import listed

WITHOUT_EVENTS = "leave them out with --without events"
WITHOUT_SYNAPSES = "leave them out with --without synapses"
WITHOUT_GAPS = "leave them out with --without synapses, or --without and their mechanism's name (not a built-in one's)"
ENDED = "end what holds it once the model is loaded: objref NAME in hoc, NAME = None in Python (--after takes hoc)"
NOT_YET = "not taken over yet"
# A time to stop at has no statement, and acts on nothing
_HOC_EVENT = re.compile(r"HocEvent (.*) [-+.\deE]+$", re.MULTILINE)


def unsupported(h: Any) -> list[Finding]:
    """Everything that cannot be taken over yet, all at once: events, receiving point processes, other solvers.

    What a mechanism's own code holds (POINTER, WATCH, VERBATIM) is for the compiler to refuse.
    """
    return [finding for look in _LOOKS for finding in look(h)]


def _connections(h: Any) -> Iterator[Finding]:
    """NetCons that can deliver something; those without a target only record spikes."""
    routes: dict[str, list[str]] = {}
    for each in h.List("NetCon"):
        if each.active() and _counts(each.syn()):
            routes.setdefault(f"{_source(each)} -> {_family(each.syn())}", []).append(each.hname())
    for route, names in routes.items():
        yield Finding(listed(names), f"NetCon {route}: events are {NOT_YET}", WITHOUT_EVENTS)


def _counts(target: Any) -> bool:
    """Whether a NetCon's target belongs to the model."""
    if target is None:
        return False
    return not target.has_loc() or not is_removed(target.get_segment().sec)


def _source(connection: Any) -> str:
    before = connection.pre()
    if before is not None:
        return _family(before)
    segment = connection.preseg()
    return "no source" if segment is None else "v"


def _family(instance: Any) -> str:
    return str(instance.hname()).split("[")[0]


def _receivers(h: Any) -> Iterator[Finding]:
    index = {section: i for i, section in enumerate(model_sections(h))}
    names = [name for section, name in zip(h.allsec(), section_names(h), strict=True) if section in index]
    for kind, placed in kinds.used_points(h, kinds.registered(h), index).items():
        if kind.receives:
            found = f"point process with NET_RECEIVE, {len(placed)} instance(s): events are {NOT_YET}"
            segment = placed[0].get_segment()
            yield Finding(f"{kind.name} at {names[index[segment.sec]]}({segment.x:g})", found, WITHOUT_SYNAPSES)


def _statements(h: Any) -> Iterator[Finding]:
    """Statements that cvode.event runs at a time."""
    queue = printed(h.CVode().print_event_queue)
    statements = [statement for statement in _HOC_EVENT.findall(queue) if statement]
    if statements:
        found = f"{len(statements)} statement(s) to run at a time, as {statements[0]!r}: {NOT_YET}"
        yield Finding("cvode.event", found, "leave it out of the model's initialisation")


def printed(show: Callable[[], Any]) -> str:
    """What a call of NEURON prints, partly through C and partly through Python, in order."""
    sys.stdout.flush()
    _flush_c()  # what C still holds of earlier prints belongs to the user
    with tempfile.TemporaryFile() as capture:
        kept = os.dup(1)
        try:
            os.dup2(capture.fileno(), 1)
            with contextlib.redirect_stdout(_BehindC(capture.fileno())):
                show()
            _flush_c()
        finally:
            os.dup2(kept, 1)
            os.close(kept)
        capture.seek(0)
        return capture.read().decode(errors="replace")


class _BehindC(io.TextIOBase):
    """Writes to a file behind everything that C has printed before."""

    def __init__(self, file: int) -> None:
        self.file = file

    def write(self, text: str, /) -> int:
        _flush_c()
        os.write(self.file, text.encode())
        return len(text)


def _flush_c() -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).fflush(None)


def _extracellular(h: Any) -> Iterator[Finding]:
    """Extracellular potentials that do something; where they were taken out, NEURON still has them, grounded."""
    inside = [section for section in model_sections(h) if section.has_membrane(kinds.EXTRACELLULAR)]
    holders = [section for section in inside if not kinds.grounded(section)]
    if holders:
        names = dict(zip(h.allsec(), section_names(h), strict=True))
        place = listed([names[section] for section in holders])
        yield Finding(place, f"extracellular is {NOT_YET}", "leave it out with --without extracellular")


def _without_text(h: Any) -> Iterator[Finding]:
    index = {section: i for i, section in enumerate(model_sections(h))}
    for kind in kinds.used(h, index):
        if kind.name != kinds.EXTRACELLULAR and not kinds.text(h, kind)[1]:
            way_out = f"write it as a .mod file, or leave it out with --without {kind.name}"
            yield Finding(kind.name, f"{_origin(h, kind.name)}has no NMODL text: it is {NOT_YET}", way_out)


def _origin(h: Any, name: str) -> str:
    """What NEURON made a mechanism without text of."""
    built = {str(each.name()) for each in h.List("KSChan")}
    return "a channel of the ChannelBuilder (KSChan), " if name in built else ""


def _objects(h: Any) -> Iterator[Finding]:
    for name in ("LinearMechanism", "StateTransitionEvent"):
        objects = list(h.List(name))
        if objects:
            yield Finding(objects[0].hname(), f"{name}, {len(objects)} of them: {NOT_YET}", ENDED)


def _solver(h: Any) -> Iterator[Finding]:
    cvode = h.CVode()
    if cvode.active():
        kind = "CVode with local steps" if cvode.use_local_dt() else "CVode"
        yield Finding("cvode.active(1)", f"{kind} is {NOT_YET}: fixed steps only", "cvode.active(0), then initialise")
    context = h.ParallelContext()
    if context.nhost() > 1:
        yield Finding("ParallelContext", f"{int(context.nhost())} processes: {NOT_YET}", "build the model in one")
    if context.nthread() > 1:
        yield Finding("ParallelContext", f"{int(context.nthread())} threads: {NOT_YET}", "pc.nthread(1)")


def _old_stimuli(h: Any) -> Iterator[Finding]:
    """What the hoc functions fstim, fsyn and fclamp put in: no object shows it, only ``prstim`` tells."""
    listed = printed(h.prstim)
    for name, instead in (("fstim", "IClamp"), ("fsyn", "AlphaSynapse"), ("fclamp", "SEClamp")):
        if f"{name}(" in listed:
            yield Finding(
                f"{name}()",
                f"the hoc function {name} acts on the model: {NOT_YET}",
                f"use {instead} instead; {name}(0) ends it",
            )


def _couplings(h: Any) -> Iterator[Finding]:
    """Gap junctions and split cells leave no object behind, only a hook in NEURON's library."""
    if _is_set("nrnthread_v_transfer_") and not _gaps_removed(h):
        yield Finding("pc.setup_transfer", f"gap junctions are {NOT_YET}", WITHOUT_GAPS)
    if _is_set("nrn_multisplit_setup_"):
        yield Finding("pc.multisplit", f"cells split over processes are {NOT_YET}", "build the model whole")


def _gaps_removed(h: Any) -> bool:
    """Whether the point processes that voltages were transferred to were taken out of the model.

    The hook stays when they are. So it must be that some that could be gap junctions were, and that none is left.
    """
    every = kinds.registered(h)
    built_in = max(kind.type for kind in every if kind.name == "PatternStim")
    gaps = [kind for kind in every if kind.type > built_in and not kind.receives]
    removed = {section: i for i, section in enumerate(h.allsec()) if is_removed(section)}
    kept = {section: i for i, section in enumerate(model_sections(h))}
    return bool(kinds.used_points(h, gaps, removed)) and not kinds.used_points(h, gaps, kept)


def _is_set(symbol: str) -> bool:
    """Whether a function pointer of NEURON's library points anywhere; False where the library does not show it."""
    neuron = sys.modules.get("neuron")
    try:
        library = neuron.nrn_dll() if neuron else ctypes.CDLL(None)
        return bool(ctypes.c_void_p.in_dll(library, symbol).value)
    except (ValueError, OSError, AttributeError):
        return False


def _reaction_diffusion(h: Any) -> Iterator[Finding]:
    species = sys.modules.get("neuron.rxd.species")
    living = [each for each in getattr(species, "_all_species", ()) if each() is not None]
    if living:
        yield Finding("rxd", f"{len(living)} species of rxd: {NOT_YET}", f"write them as a mechanism; {ENDED}")


_LOOKS: Iterable[Callable[[Any], Iterator[Finding]]] = (
    _connections,
    _receivers,
    _statements,
    _extracellular,
    _without_text,
    _objects,
    _solver,
    _old_stimuli,
    _couplings,
    _reaction_diffusion,
)
