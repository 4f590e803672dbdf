"""Vector.play: which vector is played into which variable, and when.

In: a live session. Out: Plays. NEURON lists them nowhere; its event queue names kind and vector of each that has
something left to play (vrecord.cpp). The rest is found out in a copy of the session: times by the vector whose first
element moves the event, the variable by a mark that is played into it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from jxneuron.errors import Finding
from jxneuron.model.model import Floats, Ints, Note, Play, Probe
from jxneuron.read.probing import Spot, in_copy, marked, marks
from jxneuron.read.refuse import printed

_QUEUED = re.compile(r"(VecPlayStep|VecPlayContinuous)\s+(\S+)\.x\[")
_KINDS: Mapping[str, Literal["step", "continuous"]] = {"VecPlayStep": "step", "VecPlayContinuous": "continuous"}
WAY_OUT = "play into a variable of a mechanism, a voltage or a concentration, or remove it (play_remove)"
NOT_PLAYED = ("celsius", "Ra", "cm", "diam")
FAR = 1e9  # ms, beyond every step of the experiment


@dataclass
class Event:
    """One play as the event queue shows it: by numbers of Vectors."""

    kind: Literal["step", "continuous"]
    y: int
    time: float
    t: int = -1  # -1: every ``time`` ms
    breaks: int = -1
    spots: tuple[Spot, ...] = ()
    inert: bool = False  # whatever is played, no value of the model changes


def read_plays(
    h: Any,
    values: Callable[[], Iterable[tuple[Spot, float]]],
    name: Callable[[Spot], str],
    findings: list[Finding],
    notes: list[Note],
) -> tuple[Play, ...]:
    """Every Vector.play of the session; what cannot be placed becomes a finding.

    Args:
        h: the session, initialised.
        values: gives every value of the model and where it stands.
        name: what users call a variable.
        findings: grows.
        notes: grows by the plays that act on nothing.
    """
    if not int(h.List("Vector").count()):
        return ()
    vectors = list(h.List("Vector"))
    events = [Event(**each) for each in in_copy(lambda: [vars(event) for event in _found_out(h, vectors, values)])]
    return tuple(play for event in events for play in _play(event, vectors, name, findings, notes))


def _play(
    event: Event, vectors: Sequence[Any], name: Callable[[Spot], str], findings: list[Finding], notes: list[Note]
) -> list[Play]:
    y = np.array(vectors[event.y].to_python(), float)
    place = vectors[event.y].hname()
    if event.inert:
        notes.append(Note("play", place, "Vector.play acts on no value of the model", "left out"))
        return []
    if len(event.spots) != 1:
        what = "more than one variable follows it" if event.spots else "no variable of the model follows it"
        findings.append(Finding(place, f"Vector.play: {what}", WAY_OUT))
        return []
    variable, node, label = event.spots[0]
    if variable in NOT_PLAYED:
        findings.append(
            Finding(place, f"Vector.play into {name((variable, node, label))} is not taken over yet", WAY_OUT)
        )
        return []
    target = Probe(name((variable, node, label)), variable, node, label)
    t = np.array(vectors[event.t].to_python(), float) if event.t >= 0 else _every(event.time, len(y))
    breaks = np.array(vectors[event.breaks].to_python(), float).astype(np.int64) if event.breaks >= 0 else None
    wrong = _wrong(event.kind, t, y, breaks)
    if wrong:
        findings.append(Finding(place, f"Vector.play into {target.name}: {wrong}", "give as many times as values"))
        return []
    return [Play(target, event.kind, t, y, breaks)]


def _every(dt: float, count: int) -> Floats:
    """0, dt, dt + dt, ... as NEURON adds them up."""
    return np.concatenate([[0.0], np.full(max(count - 1, 0), dt)]).cumsum()


def _wrong(kind: str, t: Floats, y: Floats, breaks: Ints | None) -> str:
    if not np.isfinite(y).all() or not np.isfinite(t).all():
        return "a value or a time is not a number"
    if kind == "continuous" and (len(t) != len(y) or (np.diff(t) < 0).any()):
        return f"{len(y)} values for {len(t)} times, or times that go back"
    if breaks is not None and not ((breaks >= 0) & (breaks < len(t))).all():
        return "a number of a point that does not exist"
    return ""


# What follows runs in the copy


def _found_out(h: Any, vectors: Sequence[Any], values: Callable[[], Iterable[tuple[Spot, float]]]) -> list[Event]:
    events = _with_times(h, vectors)
    _find_breaks(h, vectors, events)
    _find_targets(h, vectors, events, values)
    return events


def _queued(h: Any, vectors: Sequence[Any]) -> list[Event]:
    """The plays that have something left after an initialisation."""
    h.finitialize()
    cvode, times = h.CVode(), h.Vector()
    lines = [line for line in printed(cvode.print_event_queue).splitlines() if line.strip()]
    cvode.print_event_queue(times)
    number = {vector.hname(): k for k, vector in enumerate(vectors)}
    found = []
    for line, time in zip(lines, times.to_python(), strict=True):
        match = _QUEUED.search(line)
        if match and match[2] in number:
            found.append(Event(_KINDS[match[1]], number[match[2]], time))
    return found


def _fill(vector: Any, values: Any) -> None:
    size = int(vector.size())
    if size:
        vector.from_python(np.resize(np.asarray(values, float), size))


def _with_times(h: Any, vectors: Sequence[Any]) -> list[Event]:
    """Each play with the vector of its times: the one whose first element moves its event."""
    codes = 0.25 + np.arange(len(vectors)) * 2.0**-20
    for vector, code in zip(vectors, codes, strict=True):
        _fill(vector, code)
    events = _queued(h, vectors)
    for event in events:
        at = np.flatnonzero(codes == event.time)
        event.t = int(at[0]) if len(at) else -1
        if event.t >= 0 and vectors[event.y].size() < vectors[event.t].size():
            vectors[event.y].resize(vectors[event.t].size())  # too few values are a finding later, no failure here
    return events


def _find_breaks(h: Any, vectors: Sequence[Any], events: Sequence[Event]) -> None:
    """Continuous plays whose first event is not at their first point were given the numbers of some points."""
    lines = [event for event in events if event.kind == "continuous" and int(vectors[event.t].size()) > 1]
    timed = {event.t for event in lines}
    for k in timed:
        _fill(vectors[k], 1.0 + np.arange(int(vectors[k].size())))
    others = [k for k in range(len(vectors)) if k not in timed]

    def behind_first(chosen: int) -> set[tuple[str, int]]:
        """The plays whose first event is not at their first point when all Vectors hold 1 but one that holds 0."""
        for k in others:
            _fill(vectors[k], float(k != chosen))
        return {(event.kind, event.y) for event in _queued(h, vectors) if event.time == 2.0}

    if not lines:
        return
    late = behind_first(-1)
    for k in others if late else ():
        again = behind_first(k)
        for event in lines:
            if (event.kind, event.y) in late - again:
                event.breaks = k


def _find_targets(
    h: Any,
    vectors: Sequence[Any],
    events: Sequence[Event],
    values: Callable[[], Iterable[tuple[Spot, float]]],
) -> None:
    """Play a mark from each vector at the end of the first step, when nothing comes after it, and look for it.

    Its first value is another one: a current that follows the variable must not show the mark.
    """
    mark = marks(len(vectors))
    own_dt = h.dt
    for dt in sorted({event.time for event in events if event.t < 0}) or [own_dt]:
        found = _stepped(h, vectors, events, values, mark, dt)
        where = marked(found, mark)
        now = [event for event in events if event.t >= 0 or event.time == dt]
        for event in now:
            event.spots = tuple(where[mark[event.y]])
        lost = [event for event in now if not event.spots]
        if lost:
            other = mark.copy()
            other[[event.y for event in lost]] += 1.0
            again = _stepped(h, vectors, events, values, other, dt)
            same = np.array_equal([v for _, v in found], [v for _, v in again], equal_nan=True)
            for event in lost:
                event.inert = same


def _stepped(
    h: Any,
    vectors: Sequence[Any],
    events: Sequence[Event],
    values: Callable[[], Iterable[tuple[Spot, float]]],
    mark: Floats,
    dt: float,
) -> list[tuple[Spot, float]]:
    """Every value after one step at whose end the marks were played."""
    h.dt = dt
    for vector, one in zip(vectors, mark, strict=True):
        size = int(vector.size())
        _fill(vector, [one - 0.5, *np.full(size, one)][size == 1 :])
    for event in events:
        if event.t >= 0:
            size = int(vectors[event.t].size())
            _fill(vectors[event.t], [0.1 * dt, 0.75 * dt, *(FAR + np.arange(size))][size == 1 :])
        if event.breaks >= 0:
            _fill(vectors[event.breaks], 0.0)
    h.finitialize(-65.0)  # each time the same, since two runs are compared
    h.dt = dt
    h.fadvance()
    return list(values())
