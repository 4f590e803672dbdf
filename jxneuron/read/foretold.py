"""Spikes of artificial cells that nothing reaches, foretold by NEURON itself.

In: a session that is initialised, and the artificial cells whose code is not translated. Out: when each of them fires.
Such a cell depends on itself alone: a copy of the session without its sections runs it to its end.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jxneuron.errors import Finding, ModelError
from jxneuron.model.model import KnownSpikes
from jxneuron.read.fork import in_fork
from jxneuron.read.mechanism_types import nmodl_source, registered_types
from jxneuron.read.netcons import NetCons
from jxneuron.read.queue import list_self_events
from jxneuron.wording import listed

LONGEST = 100_000.0  # ms, up to which the last event of a cell is looked for
STEP = 1.0  # ms
PIECE = 100.0  # ms between two looks at the queue
ENDLESS = "sends itself events without end, so that its spikes cannot be foretold"
STOPS = "NEURON stops as it runs them: it sends no event into the past"
SORTED = "sort the times that they fire at"
LEAVE_OUT = "let it end, or leave its mechanism out (--without)"


@dataclass(frozen=True, eq=False)
class Foretold:
    """The spikes of such cells.

    Attributes:
        cells: NEURON's objects.
        times: of each when it fires, ms.
        findings: what cannot be foretold.
    """

    cells: tuple[Any, ...] = ()
    times: tuple[tuple[float, ...], ...] = ()
    findings: list[Finding] = field(default_factory=list)

    @property
    def mechanisms(self) -> set[str]:
        """The mechanisms of these cells."""
        return {_name_of(cell) for cell in self.cells}

    def spikes_of(self, netcons: NetCons) -> KnownSpikes:
        """Return them as the spikes of the sources of a session, by time."""
        number = {source.instance: k for k, source in enumerate(netcons.sources) if source.instance is not None}
        fired = [(number[cell], own) for cell, own in zip(self.cells, self.times, strict=True) if cell in number]
        source = np.array([k for k, own in fired for _ in own], np.int64)
        return KnownSpikes.sort(source, np.array([time for _, own in fired for time in own], np.float64))


def find_unreached(h: Any, names: Collection[str], netcons: NetCons) -> list[tuple[str, str]]:
    """Return which of these mechanisms are artificial cells that no event reaches, with their NMODL text."""
    reached = {target for target, active in zip(netcons.targets, netcons.active, strict=True) if active}
    return [
        (type_.name, nmodl_source(h, type_)[1])
        for type_ in registered_types(h)
        if type_.name in names and type_.kind == "artificial" and reached.isdisjoint(h.List(type_.name))
    ]


def foretell(h: Any, names: Sequence[str], netcons: NetCons) -> Foretold:
    """Let NEURON run the cells of these mechanisms that are sources of events."""
    cells = [source.instance for source in netcons.sources if _name_of(source.instance) in names]
    if not cells:
        return Foretold()
    try:
        times, stopped = in_fork(lambda: _run(h, cells))
    except ModelError:  # an error of NEURON in a step ends the copy
        names = listed([cell.hname() for cell in cells])
        return Foretold(tuple(cells), ((),) * len(cells), [Finding(names, STOPS, SORTED)])
    findings = [Finding(cells[k].hname(), ENDLESS, LEAVE_OUT) for k in stopped]
    return Foretold(tuple(cells), tuple(tuple(own) for own in times), findings)


def _name_of(instance: Any) -> str:
    return "" if instance is None else str(instance.hname()).partition("[")[0]


# What follows runs in the fork


def _run(h: Any, cells: Sequence[Any]) -> tuple[list[list[float]], list[int]]:
    """Return when each cell fires, and which of them do not end."""
    h.CVode().active(False)
    number = {cell: k for k, cell in enumerate(cells)}
    sink = h.NetStim()  # which a weight of 0 leaves alone
    sink.number = 0
    for connection in h.List("NetCon"):
        connection.setpost(sink)
        connection.weight[0] = 0.0
    kept = h.Section(name="kept")  # NEURON makes no step without any
    if all(instance in number for instance in _waiting(h)):  # an event of a point process needs its section
        for section in list(h.allsec()):
            if section != kept:
                h.delete_section(sec=section)
        h.dt = STEP  # events have times of their own
    recorders = [(h.NetCon(cell, None), h.Vector()) for cell in cells]
    for connection, vector in recorders:
        connection.record(vector)
    waiting = {number[instance] for instance in _waiting(h) if instance in number}
    while waiting and h.t < LONGEST:
        end = h.t + PIECE
        while h.t < end:
            h.fadvance()
        waiting = {number[instance] for instance in _waiting(h) if instance in number}
    return [vector.to_python() for _, vector in recorders], sorted(waiting)


def _waiting(h: Any) -> list[Any]:
    """Return which instances have sent themselves an event that is in the queue."""
    return [instance for _, _, instance in list_self_events(h)]
