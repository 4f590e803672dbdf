"""Streams of random numbers: the ids of each instance's stream, and where it was before the model was initialised.

In: a session whose mechanisms are read. Out: for each stream the values of its fields. Of RANDOM NEURON shows ids and
sequence; where a POINTER leads only memory shows. A copy of the session that is initialised again shows how many
numbers INITIAL draws.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from jxneuron.errors import Finding
from jxneuron.mech.mechanism import Stream
from jxneuron.mech.random123 import random123_uniform
from jxneuron.model.model import Floats, Placement
from jxneuron.read import memory, placements
from jxneuron.read.fork import in_fork
from jxneuron.read.mechanism_types import registered_types
from jxneuron.read.random_sources import Declared, Present, Source, Unusable, source_at
from jxneuron.read.variables import Session
from jxneuron.wording import listed

STALE = "its ids were set, and NEURON draws up to four numbers of the old ids first"
SET_AGAIN = "set its sequence after its ids: {stream}.set_ids(...).set_seq(0)"
MOST_DRAWN = 200  # how far back the beginning of a stream is looked for
UNKNOWN = "INITIAL draws from it, and where it began is not to be found out"
SET_BEFORE = "set its sequence in INITIAL"
SHARED = "several instances draw from it, each one what the others leave"
OWN_EACH = "give each instance a Random of its own"
HAND_OVER = "hand over a Random of Random123 numbers: Random123(...), and then uniform, negexp or normal"


@dataclass(frozen=True, eq=False)
class Streams:
    """What streams a session has.

    Attributes:
        values: by mechanism and field: ids (4, instance), laws (3, instance), and the present sequences (instance,).
        starts: likewise the sequences with which INITIAL began.
        findings: what is wrong with them.
    """

    values: dict[str, dict[str, Floats]]
    starts: dict[str, dict[str, Floats]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def shown(self, placements: Iterable[Placement]) -> tuple[Placement, ...]:
        """Return placements with the present values of their streams."""
        return _with_values(placements, self.values)

    def begun(self, placements: Iterable[Placement]) -> tuple[Placement, ...]:
        """Return placements with the sequences with which INITIAL began."""
        return _with_values(placements, self.starts)


def _with_values(placements: Iterable[Placement], values: Mapping[str, Mapping[str, Floats]]) -> tuple[Placement, ...]:
    return tuple(
        replace(placement, values={**placement.values, **values.get(placement.mechanism, {})})
        for placement in placements
    )


@dataclass(frozen=True, eq=False)
class _Row:
    """One stream of a mechanism: that of each instance."""

    placement: Placement
    stream: Stream


@dataclass(frozen=True)
class _Seen:
    """What a fork tells of a row: each instance's source, what is wrong, its next number, how it began."""

    present: list[Present | None]
    wrong: list[str]
    shown: list[float | None]
    starts: list[float | None]


def read_streams(session: Session, *, present: bool = False) -> Streams:
    """Read every stream.

    Args:
        session: with its placements.
        present: leave out how streams began, and what is wrong with them: streams begin as they are.
    """
    rows = [
        _Row(placement, stream)
        for placement in session.placements
        for stream in session.mechanisms[placement.mechanism].streams
    ]
    if not rows:
        return Streams({})
    seen = [_seen(*answer) for answer in in_fork(lambda: _look(session, rows, present))]
    values: dict[str, dict[str, Floats]] = {}
    starts: dict[str, dict[str, Floats]] = {}
    for row, own in zip(rows, seen, strict=True):
        values.setdefault(row.placement.mechanism, {}).update(_values(row.stream, own.present))
        if not present:
            began = np.array([np.nan if value is None else value for value in own.starts])
            starts.setdefault(row.placement.mechanism, {})[row.stream.name] = began
    findings = (
        []
        if present
        else [*_shared(rows, seen), *(f for row, own in zip(rows, seen, strict=True) for f in _wrong(row, own))]
    )
    return Streams(values, starts, findings)


def _seen(sources: Sequence[Any], wrong: list[str], shown: list[Any], starts: list[Any]) -> _Seen:
    """Make a record of what the fork answers of a row, in which every tuple is a list."""
    present: list[Present | None] = []
    for source in sources:
        ids, sequence, law, address = source or ((), 0.0, (), 0)
        present.append(None if source is None else Present(tuple(ids), sequence, tuple(law), address))
    return _Seen(present, wrong, shown, starts)


def _values(stream: Stream, sources: Sequence[Present | None]) -> dict[str, Floats]:
    known = [Present((0.0,) * 4, 0.0) if source is None else source for source in sources]
    values = {
        stream.ids: np.array([source.ids for source in known], np.float64).reshape(-1, 4).T,
        stream.name: np.array([source.sequence for source in known], np.float64),
    }
    if stream.law:
        values[stream.law] = np.array([source.law for source in known], np.float64).reshape(-1, 3).T
    return values


# What is wrong


def _wrong(row: _Row, seen: _Seen) -> Iterator[Finding]:
    """Find what cannot be taken over of one stream."""
    for what in dict.fromkeys(what for what in seen.wrong if what):
        yield _finding(row, [own == what for own in seen.wrong], what, HAND_OVER)
    stale = [
        source is not None and number is not None and random123_uniform(source.sequence, *source.ids) != number
        for source, number in zip(seen.present, seen.shown, strict=True)
    ]
    unknown = [start is None for start in seen.starts]
    if any(stale):
        yield _finding(row, stale, STALE, SET_AGAIN)
    lost = [a and not (b or c) for a, b, c in zip(unknown, stale, seen.wrong, strict=True)]
    if any(lost):
        yield _finding(row, lost, UNKNOWN, SET_BEFORE)


def _shared(rows: Sequence[_Row], seen: Sequence[_Seen]) -> Iterator[Finding]:
    """Find instances that draw from one stream: the numbers of each depend on when the others draw."""
    count = Counter(source.address for own in seen for source in own.present if source is not None)
    for row, own in zip(rows, seen, strict=True):
        shared = [source is not None and source.address > 0 and count[source.address] > 1 for source in own.present]
        if any(shared):
            yield _finding(row, shared, SHARED, OWN_EACH)


def _finding(row: _Row, wrong: Sequence[bool], what: str, way_out: str) -> Finding:
    names = row.placement.labels or [f"instance {k}" for k in range(len(wrong))]
    name = row.stream.name
    place = listed([f"{label}.{name}" for label, is_wrong in zip(names, wrong, strict=True) if is_wrong])
    kind = "POINTER" if row.stream.law else "RANDOM"
    return Finding(place, f"{kind} {name}: {what}", way_out.format(stream=name))


# What follows runs in the fork


def _look(session: Session, rows: Sequence[_Row], present: bool) -> list[Any]:
    """Return for each row what ``_Seen`` holds."""
    pairs = _find_sources(session, rows)
    sources = [[source for source, _ in row] for row in pairs]
    now = [[None if source is None else source.present() for source in row] for row in sources]
    wrong = [[what for _, what in row] for row in pairs]
    if present:
        nothing = [[None] * len(row) for row in now]
        return [list(answer) for answer in zip(now, wrong, nothing, nothing, strict=True)]
    shown = [[None if source is None else source.draw() for source in row] for row in sources]
    starts = _find_starts(session, rows, sources, [_sequences(row) for row in now])
    return [list(answer) for answer in zip(now, wrong, shown, starts, strict=True)]


def _sequences(sources: Sequence[Present | None]) -> Floats:
    return np.array([0.0 if source is None else source.sequence for source in sources])


def _find_sources(session: Session, rows: Sequence[_Row]) -> list[list[tuple[Source | None, str]]]:
    """Return the source of each instance, or None and what is wrong with it."""
    h = session.h
    index = int(h.Random().Random123_globalindex())
    randoms = (
        {memory.address_of(random): random for random in h.List("Random")} if any(r.stream.law for r in rows) else {}
    )
    numbers = {type_.name: type_.number for type_ in registered_types(h)}
    result: list[list[tuple[Source | None, str]]] = []
    for row in rows:
        instances = placements.find_instances(h, session.tree, row.placement)
        if not row.stream.law:
            result.append([(Declared(getattr(instance, row.stream.name), index), "") for instance in instances])
            continue
        is_density, number = row.placement.kind == "density", numbers[row.placement.mechanism]
        result.append([])
        for instance in instances:
            try:
                address = memory.pointer_of(instance, row.stream.place, number, is_density)
                result[-1].append((source_at(address, randoms, index), ""))
            except (Unusable, LookupError) as error:
                result[-1].append((None, str(error)))
    return result


def _find_starts(
    session: Session, rows: Sequence[_Row], sources: Sequence[Sequence[Source | None]], now: Sequence[Floats]
) -> list[list[float | None]]:
    """Return the sequences with which INITIAL began, None where that is not to be found out."""
    ended = _initialised(session.h, sources, now)
    counts = [after - before for after, before in zip(ended, now, strict=True)]
    starts = [np.where(count == 0, before, np.nan) for before, count in zip(now, counts, strict=True)]
    steps = np.array([0.5 if row.stream.law else 1.0 for row in rows])  # a Random may have half a pair left
    for back in (counts, *(list(k * steps) for k in range(1, 2 * MOST_DRAWN))):
        if not any(np.isnan(start).any() for start in starts):
            break
        _go_back(session, rows, sources, now, starts, back)
    return [[None if np.isnan(value) else value for value in start.tolist()] for start in starts]


def _go_back(
    session: Session,
    rows: Sequence[_Row],
    sources: Sequence[Sequence[Source | None]],
    now: Sequence[Floats],
    starts: Sequence[Floats],
    back: Sequence[Any],
) -> None:
    """Begin so many numbers before the present ones, and note in ``starts`` where INITIAL leaves what there is now."""
    begin = [
        np.where(np.isnan(start), np.maximum(present - count, 0.0), start)
        for present, start, count in zip(now, starts, back, strict=True)
    ]
    ended = _initialised(session.h, sources, begin)
    for row, present, start, first, last in zip(rows, now, starts, begin, ended, strict=True):
        fits = np.isnan(start) & (last == present)
        if fits.any():
            fits &= _same_values(session, row.placement)
        start[fits] = first[fits]


def _same_values(session: Session, placement: Placement) -> Any:
    """Whether each instance has the values that it had when the session was read, (instance,)."""
    mechanism = session.mechanisms[placement.mechanism]
    same = np.ones(len(placement.node), bool)
    for name, values in placements.read_values(session.h, session.tree, placement, mechanism).items():
        same &= np.atleast_2d(np.isclose(values, placement.values[name], rtol=1e-9, atol=0.0, equal_nan=True)).all(0)
    return same


def _initialised(h: Any, sources: Sequence[Sequence[Source | None]], begin: Sequence[Floats]) -> list[Floats]:
    """Initialise with these sequences, and return those that are left."""
    for row, values in zip(sources, begin, strict=True):
        for source, value in zip(row, values.tolist(), strict=True):
            if source is not None:
                source.set(value)
    h.finitialize()
    return [_sequences([None if source is None else source.present() for source in row]) for row in sources]
