"""Find what a live session has that cannot be taken over yet.

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
from jxneuron.read import channel_builder, memory
from jxneuron.read.callbacks import find_callbacks
from jxneuron.read.fork import in_fork
from jxneuron.read.library import pointer
from jxneuron.read.mechanism_types import (
    EXTRACELLULAR,
    nmodl_source,
    used_types,
)
from jxneuron.read.names import model_sections
from jxneuron.read.netcons import NetCons, read_netcons
from jxneuron.wording import listed

LEAVE_OUT = "leave {what} out with --without {name}, jx.load(..., without={name!r}) or strict=False"
WITHOUT_SYNAPSES = LEAVE_OUT.format(what="them", name="synapses")
ENDED = "end it once the model is loaded: objref NAME in hoc, NAME = None in Python (--after takes hoc)"
NOT_YET = "not taken over yet"
BINS = 1  # the bit of cvode.queue_mode() for a queue that rounds times to steps
# An event without a statement only makes NEURON stop at a time, and acts on nothing
_HOC_EVENT = re.compile(r"HocEvent (.*) [-+.\deE]+$", re.MULTILINE)


def find_unsupported(h: Any, netcons: NetCons | None = None) -> list[Finding]:
    """Find everything that cannot be taken over yet, all at once: callbacks, gap junctions, other solvers.

    The compiler refuses what it cannot translate of a mechanism's own code.

    Args:
        h: the session.
        netcons: its NetCons; None reads them.
    """
    findings = [finding for find in _SEARCHES for finding in find(h)]
    return findings if any(find_threads(h)) else [*findings, *find_callbacks(h, netcons or read_netcons(h))]


def _statements(h: Any) -> Iterator[Finding]:
    """Find statements that cvode.event runs at a time."""
    queue = capture_output(h.CVode().print_event_queue)
    statements = [statement for statement in _HOC_EVENT.findall(queue) if statement]
    if statements:
        what = f"{len(statements)} statement(s) to run at a time, as {statements[0]!r}: {NOT_YET}"
        yield Finding("cvode.event", what, "leave it out of the model's initialisation")


def capture_output(show: Callable[[], Any]) -> str:
    """Return what a call prints, partly through C and partly through Python, in order."""
    sys.stdout.flush()
    _flush_c()  # the rest of earlier prints in C's buffer belongs to the user
    with tempfile.TemporaryFile() as capture:
        kept = os.dup(1)
        try:
            os.dup2(capture.fileno(), 1)
            with contextlib.redirect_stdout(_AfterC(capture.fileno())):
                show()
            _flush_c()
        finally:
            os.dup2(kept, 1)
            os.close(kept)
        capture.seek(0)
        return capture.read().decode(errors="replace")


class _AfterC(io.TextIOBase):
    """Writes to a file after everything that C has printed before."""

    def __init__(self, file: int) -> None:
        self.file = file

    def write(self, text: str, /) -> int:
        _flush_c()
        os.write(self.file, text.encode())
        return len(text)


def _flush_c() -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).fflush(None)


def _without_text(h: Any) -> Iterator[Finding]:
    index = {section: i for i, section in enumerate(model_sections(h))}
    for type_ in used_types(h, index):
        if type_.name != EXTRACELLULAR and not nmodl_source(h, type_)[1]:
            way_out = f"write it as a .mod file, or {LEAVE_OUT.format(what='it', name=type_.name)}"
            yield Finding(type_.name, f"{_why_no_text(h, type_.name)}: {NOT_YET}", way_out)


def _why_no_text(h: Any, name: str) -> str:
    channel = channel_builder.find_channel(h, name)
    return "it has no NMODL text" if channel is None else channel_builder.why_not(channel)


def _objects(h: Any) -> Iterator[Finding]:
    for name, why in (
        ("LinearMechanism", "NEURON shows neither its matrices nor the nodes where they act"),
        ("StateTransitionEvent", NOT_YET),
    ):
        objects = list(h.List(name))
        if objects:
            yield Finding(objects[0].hname(), f"{name}, {len(objects)} of them: {why}", ENDED)


def _solver(h: Any) -> Iterator[Finding]:
    if int(h.CVode().queue_mode()) & BINS:
        what = "event times rounded to steps are " + NOT_YET
        yield Finding("cvode.queue_mode(1)", what, "cvode.queue_mode(0), then initialise")
    if int(h.nrn_netrec_state_adjust) and list(h.List("NetCon")):
        what = "STATEs that events set are moved on to the middle of the step: " + NOT_YET
        yield Finding("nrn_netrec_state_adjust", what, "set it to 0")
    context = h.ParallelContext()
    if context.nhost() > 1:
        yield Finding("ParallelContext", f"{int(context.nhost())} processes: {NOT_YET}", "build the model in one")
    yield from find_threads(h)


def find_threads(h: Any) -> Iterator[Finding]:
    """Find further threads: they are not in a fork, where NEURON would wait for them."""
    threads = int(h.ParallelContext().nthread())
    if threads > 1:
        yield Finding("ParallelContext", f"{threads} threads: {NOT_YET}", "pc.nthread(1)")


def _old_stimuli(h: Any) -> Iterator[Finding]:
    """Find what the hoc functions fstim, fsyn and fclamp add: no object shows it, only ``prstim`` prints it."""
    output = capture_output(h.prstim)
    for name, instead in (("fstim", "IClamp"), ("fsyn", "AlphaSynapse"), ("fclamp", "SEClamp")):
        if f"{name}(" in output:
            yield Finding(
                f"{name}()",
                f"the hoc function {name} acts on the model: {NOT_YET}",
                f"use {instead} instead; {name}(0) ends it",
            )


def _split_cells(h: Any) -> Iterator[Finding]:
    """Find cells that are split over processes: they are no objects, but set a function pointer of NEURON's library."""
    if pointer("nrn_multisplit_setup_") is not None:
        yield Finding("pc.multisplit", f"cells split over processes are {NOT_YET}", "build the model whole")


def _random_plays(h: Any) -> Iterator[Finding]:
    """Find Randoms that set a variable in each step (Random.play): NEURON lists them nowhere, and lets them draw."""
    randoms = list(h.List("Random"))
    if not randoms:
        return
    played = in_fork(lambda: _drawn_by_play(randoms))
    if played:
        what = f"Random.play: a variable that is drawn anew in each step is {NOT_YET}"
        yield Finding(listed([randoms[k].hname() for k in played]), what, "play a Vector of numbers instead")


def _drawn_by_play(randoms: list[Any]) -> list[int]:
    """Run in the fork: which Randoms draw when NEURON lets those draw that play."""
    neuron = sys.modules.get("neuron")
    library = neuron.nrn_dll() if neuron else ctypes.CDLL(None)
    before = [memory.state_of_random(memory.address_of(random)) for random in randoms]
    for _ in range(2):  # normal has every other number left from the one before
        library.nrn_random_play()
    after = [memory.state_of_random(memory.address_of(random)) for random in randoms]
    return [k for k, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]


def _reaction_diffusion(h: Any) -> Iterator[Finding]:
    species = sys.modules.get("neuron.rxd.species")
    living = [reference for reference in getattr(species, "_all_species", ()) if reference() is not None]
    if living:
        yield Finding("rxd", f"{len(living)} species of rxd: {NOT_YET}", f"write them as a mechanism; {ENDED}")


_SEARCHES: Iterable[Callable[[Any], Iterator[Finding]]] = (
    _statements,
    _without_text,
    _objects,
    _solver,
    _old_stimuli,
    _split_cells,
    _random_plays,
    _reaction_diffusion,
)
