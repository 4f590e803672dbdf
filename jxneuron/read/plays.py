"""Vector.play: which vector is played into which variable, and when.

In: a session whose mechanisms and ions are read. Out: Plays. NEURON lists them nowhere; its event queue names kind and
vector of each one that has something left to play (vrecord.cpp). The rest is found out in a fork of the session: the
times by the vector whose first element moves the event, the variable by a mark that is played into it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np

from jxneuron.errors import Finding
from jxneuron.model.model import Floats, Ints, Note, Play, Probe
from jxneuron.read.extracellular import LAYERED
from jxneuron.read.fork import find_marks, in_fork, make_marks
from jxneuron.read.unsupported import capture_output
from jxneuron.read.variables import Session, Variable

_QUEUED = re.compile(r"(VecPlayStep|VecPlayContinuous)\s+(\S+)\.x\[")
_KINDS: Mapping[str, Literal["step", "continuous"]] = {"VecPlayStep": "step", "VecPlayContinuous": "continuous"}
WAY_OUT = "play into a variable of a mechanism, a voltage or a concentration, or remove it (play_remove)"
NOT_PLAYED = ("celsius", "Ra", "cm", "diam", *LAYERED)
FAR = 1e9  # ms, beyond every step of the experiment


@dataclass(frozen=True)
class Event:
    """One play as the event queue shows it, with Vectors by their numbers."""

    kind: Literal["step", "continuous"]
    y: int
    time: float
    t: int = -1  # -1: every ``time`` ms
    breaks: int = -1
    variables: tuple[Variable, ...] = ()
    inert: bool = False  # whatever is played, no value of the model changes


class Plays(NamedTuple):
    """The plays of a session, findings about those that cannot be taken over, notes on those that act on nothing."""

    plays: tuple[Play, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[Note, ...] = ()


def read_plays(session: Session) -> Plays:
    """Read every Vector.play of an initialised session; one that cannot be placed becomes a finding."""
    if not int(session.h.List("Vector").count()):
        return Plays()
    vectors = list(session.h.List("Vector"))
    events = [Event(**fields) for fields in in_fork(lambda: [vars(event) for event in _find_events(session, vectors)])]
    taken = [_take_over(session, event, vectors) for event in events]
    return Plays(
        tuple(play for play in taken if isinstance(play, Play)),
        tuple(finding for finding in taken if isinstance(finding, Finding)),
        tuple(note for note in taken if isinstance(note, Note)),
    )


def _take_over(session: Session, event: Event, vectors: Sequence[Any]) -> Play | Finding | Note:
    y = np.array(vectors[event.y].to_python(), float)
    place = vectors[event.y].hname()
    if event.inert:
        return Note("play", place, "Vector.play acts on no value of the model", "left out")
    if len(event.variables) != 1:
        what = "more than one variable follows it" if event.variables else "no variable of the model follows it"
        return Finding(place, f"Vector.play: {what}", WAY_OUT)
    name, node, label = event.variables[0]
    target = Probe(session.name((name, node, label)), name, node, label)
    if name.partition("[")[0] in NOT_PLAYED:
        return Finding(place, f"Vector.play into {target.name} is not taken over yet", WAY_OUT)
    t = np.array(vectors[event.t].to_python(), float) if event.t >= 0 else _even_times(event.time, len(y))
    breaks = np.array(vectors[event.breaks].to_python(), float).astype(np.int64) if event.breaks >= 0 else None
    wrong = _complain(event.kind, t, y, breaks)
    if wrong:
        return Finding(place, f"Vector.play into {target.name}: {wrong}", "give as many times as values")
    return Play(target, event.kind, t, y, breaks)


def _even_times(dt: float, count: int) -> Floats:
    """Return 0, dt, dt + dt, ... as NEURON adds them up."""
    return np.concatenate([[0.0], np.full(max(count - 1, 0), dt)]).cumsum()


def _complain(kind: str, t: Floats, y: Floats, breaks: Ints | None) -> str:
    if not np.isfinite(y).all() or not np.isfinite(t).all():
        return "a value or a time is not a number"
    if kind == "continuous" and (len(t) != len(y) or (np.diff(t) < 0).any()):
        return f"{len(y)} values for {len(t)} times, or times that go back"
    if breaks is not None and not ((breaks >= 0) & (breaks < len(t))).all():
        return "a number of a point that does not exist"
    return ""


# What follows runs in the fork


def _find_events(session: Session, vectors: Sequence[Any]) -> list[Event]:
    session.h.CVode().active(False)  # the experiments count fixed steps
    events = _with_times(session.h, vectors)
    events = _with_breaks(session.h, vectors, events)
    return _with_variables(session, vectors, events)


def _queued_events(h: Any, vectors: Sequence[Any]) -> list[Event]:
    """Return the plays that have something left after an initialisation."""
    h.finitialize()
    cvode, times = h.CVode(), h.Vector()
    lines = [line for line in capture_output(cvode.print_event_queue).splitlines() if line.strip()]
    cvode.print_event_queue(times)
    number = {vector.hname(): k for k, vector in enumerate(vectors)}
    events = []
    for line, time in zip(lines, times.to_python(), strict=True):
        match = _QUEUED.search(line)
        if match and match[2] in number:
            events.append(Event(_KINDS[match[1]], number[match[2]], time))
    return events


def _fill(vector: Any, values: Any) -> None:
    size = int(vector.size())
    if size:
        vector.from_python(np.resize(np.asarray(values, float), size))


def _with_times(h: Any, vectors: Sequence[Any]) -> list[Event]:
    """Find the times of each play: they are in the vector whose first element moves its event."""
    codes = 0.25 + np.arange(len(vectors)) * 2.0**-20
    for vector, code in zip(vectors, codes, strict=True):
        _fill(vector, code)
    number = {float(code): k for k, code in enumerate(codes)}
    events = [replace(event, t=number.get(event.time, -1)) for event in _queued_events(h, vectors)]
    for event in events:
        if event.t >= 0 and vectors[event.y].size() < vectors[event.t].size():
            vectors[event.y].resize(vectors[event.t].size())  # too few values are a finding later, no failure here
    return events


def _with_breaks(h: Any, vectors: Sequence[Any], events: Sequence[Event]) -> list[Event]:
    """Find the vector of breakpoints of each continuous play that has one: its first event is not at its first time."""
    lines = {(event.kind, event.y) for event in events if _is_line(event, vectors)}
    timed = {event.t for event in events if _is_line(event, vectors)}
    for k in timed:
        _fill(vectors[k], 1.0 + np.arange(int(vectors[k].size())))
    others = [k for k in range(len(vectors)) if k not in timed]

    def late_plays(zero: int) -> set[tuple[str, int]]:
        """Return the plays whose first event is at their second time if one Vector holds 0 and the others hold 1."""
        for k in others:
            _fill(vectors[k], float(k != zero))
        return {(event.kind, event.y) for event in _queued_events(h, vectors) if event.time == 2.0}

    late = lines & late_plays(-1) if lines else set()
    breaks = {play: k for k in others for play in late - late_plays(k)} if late else {}
    return [replace(event, breaks=breaks.get((event.kind, event.y), -1)) for event in events]


def _is_line(event: Event, vectors: Sequence[Any]) -> bool:
    return event.kind == "continuous" and int(vectors[event.t].size()) > 1


def _with_variables(session: Session, vectors: Sequence[Any], events: Sequence[Event]) -> list[Event]:
    """Find the variable of each play: the one that shows a mark which its vector plays at the end of the first step.

    The first value of the vector is another one: a current that follows the variable must not show the mark. Plays
    with times of their own are tried with each step; the last one counts.
    """
    marks = make_marks(len(vectors))
    known = list(events)
    for dt in sorted({event.time for event in events if event.t < 0}) or [session.h.dt]:
        values = _step(session, vectors, known, marks, dt)
        marked = find_marks(values, marks)
        due = [event.t >= 0 or event.time == dt for event in known]
        known = [
            replace(event, variables=tuple(marked[marks[event.y]])) if is_due else event
            for event, is_due in zip(known, due, strict=True)
        ]
        lost = [is_due and not event.variables for event, is_due in zip(known, due, strict=True)]
        if any(lost):
            numbers = [event.y for event, is_lost in zip(known, lost, strict=True) if is_lost]
            others = marks + np.isin(np.arange(len(marks)), numbers)
            again = _step(session, vectors, known, others, dt)
            inert = np.array_equal([v for _, v in values], [v for _, v in again], equal_nan=True)
            known = [
                replace(event, inert=inert) if is_lost else event for event, is_lost in zip(known, lost, strict=True)
            ]
    return known


def _step(
    session: Session, vectors: Sequence[Any], events: Sequence[Event], marks: Floats, dt: float
) -> list[tuple[Variable, float]]:
    """Return every value after one step at whose end the marks were played."""
    h = session.h
    h.dt = dt
    for vector, mark in zip(vectors, marks, strict=True):
        size = int(vector.size())
        _fill(vector, [mark - 0.5, *np.full(size, mark)][size == 1 :])
    for event in events:
        if event.t >= 0:
            size = int(vectors[event.t].size())
            _fill(vectors[event.t], [0.1 * dt, 0.75 * dt, *(FAR + np.arange(size))][size == 1 :])
        if event.breaks >= 0:
            _fill(vectors[event.breaks], 0.0)
    h.finitialize(-65.0)  # the same value each time, since two runs are compared
    h.dt = dt
    h.fadvance()
    return list(session.values())
