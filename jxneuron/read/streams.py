"""Streams of random numbers: the ids of each instance's stream, and where it was before the model was initialised.

In: a session whose mechanisms are read. Out: for each RANDOM the values of its two fields. NEURON shows a stream's ids
and its present sequence; a copy of the session that is initialised again shows how many numbers INITIAL draws.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from jxneuron.errors import Finding
from jxneuron.mech.mechanism import Stream
from jxneuron.mech.random123 import random123_uniform
from jxneuron.model.model import Floats, Placement
from jxneuron.read import placements
from jxneuron.read.fork import in_fork
from jxneuron.read.variables import Session
from jxneuron.wording import listed

STALE = "its ids were set, and NEURON draws up to four numbers of the old ids first"
SET_AGAIN = "set its sequence after its ids: {stream}.set_ids(...).set_seq(0)"
MOST_DRAWN = 200  # how far back the beginning of a stream is looked for
UNKNOWN = "INITIAL draws from it, and where it began is not to be found out"
SET_BEFORE = "set it in INITIAL, by random_setseq({stream}, 0)"


@dataclass(frozen=True, eq=False)
class Streams:
    """What streams a session has.

    Attributes:
        values: by mechanism and field: ids (4, instance), and the present sequences (instance,).
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
    """The streams of one RANDOM, one for each instance."""

    placement: Placement
    stream: Stream
    variables: Sequence[Any]  # NEURON's NMODLRandom objects
    ids: Floats  # (4, instance)
    present: Floats  # (instance,)


def read_streams(session: Session, *, present: bool = False) -> Streams:
    """Read every stream.

    Args:
        session: with its placements.
        present: leave out what only an experiment in a fork shows, the starts and findings: streams begin as they are.
    """
    rows = [*_rows(session)]
    values: dict[str, dict[str, Floats]] = {}
    for row in rows:
        own = values.setdefault(row.placement.mechanism, {})
        own |= {row.stream.ids: row.ids, row.stream.name: row.present}
    if not rows or present:
        return Streams(values)
    shown, starts = in_fork(lambda: _experiment(session, rows))
    findings: list[Finding] = []
    began: dict[str, dict[str, Floats]] = {}
    for row, numbers, start in zip(rows, shown, starts, strict=True):
        begin = np.array([np.nan if value is None else value for value in start])
        stale = np.not_equal(_next(row), numbers)
        findings += _finding(row, stale, STALE, SET_AGAIN)
        findings += _finding(row, np.isnan(begin) & ~stale, UNKNOWN, SET_BEFORE)
        began.setdefault(row.placement.mechanism, {})[row.stream.name] = begin
    return Streams(values, began, findings)


def _rows(session: Session) -> Iterator[_Row]:
    index = None
    for placement in session.placements:
        for stream in session.mechanisms[placement.mechanism].streams:
            index = float(session.h.Random().Random123_globalindex()) if index is None else index
            instances = placements.find_instances(session.h, session.tree, placement)
            variables = [getattr(instance, stream.name) for instance in instances]
            ids = np.array([[*variable.get_ids(), index] for variable in variables], np.float64)
            present = np.array([variable.get_seq() for variable in variables], np.float64)
            yield _Row(placement, stream, variables, ids.reshape(-1, 4).T, present)


def _experiment(session: Session, rows: Sequence[_Row]) -> tuple[list[list[float]], list[list[float | None]]]:
    """Run in the fork: the next number of each stream, and the sequence with which its INITIAL began."""
    shown = [[variable.uniform() for variable in row.variables] for row in rows]
    ended = _initialised(session.h, rows, [row.present for row in rows])
    counts = [after - row.present for row, after in zip(rows, ended, strict=True)]
    starts = [np.where(count == 0, row.present, np.nan) for row, count in zip(rows, counts, strict=True)]
    for back in (counts, *([np.float64(k)] * len(rows) for k in range(1, MOST_DRAWN))):
        if not any(np.isnan(start).any() for start in starts):
            break
        _go_back(session, rows, starts, back)
    return shown, [[None if np.isnan(value) else value for value in start.tolist()] for start in starts]


def _go_back(session: Session, rows: Sequence[_Row], starts: Sequence[Floats], back: Sequence[Any]) -> None:
    """Begin so many numbers before the present ones, and note in ``starts`` where INITIAL leaves what there is now."""
    begin = [
        np.where(np.isnan(start), np.maximum(row.present - count, 0.0), start)
        for row, start, count in zip(rows, starts, back, strict=True)
    ]
    for row, start, first, last in zip(rows, starts, begin, _initialised(session.h, rows, begin), strict=True):
        fits = np.isnan(start) & (last == row.present)
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


def _initialised(h: Any, rows: Sequence[_Row], begin: Sequence[Floats]) -> list[Floats]:
    """Initialise with these sequences, and return those that are left."""
    for row, values in zip(rows, begin, strict=True):
        for variable, value in zip(row.variables, values.tolist(), strict=True):
            variable.set_seq(value)
    h.finitialize()
    return [np.array([variable.get_seq() for variable in row.variables]) for row in rows]


def _next(row: _Row) -> Floats:
    """Return the next number of each stream by its ids and its sequence."""
    streams = zip(row.present.tolist(), *row.ids.tolist(), strict=True)
    return np.array([random123_uniform(*stream) for stream in streams])


def _finding(row: _Row, wrong: Any, what: str, way_out: str) -> Iterator[Finding]:
    if wrong.any():
        names = row.placement.labels or [f"instance {k}" for k in range(len(row.present))]
        place = listed([f"{names[k]}.{row.stream.name}" for k in np.flatnonzero(wrong)])
        yield Finding(place, f"RANDOM {row.stream.name}: {what}", way_out.format(stream=row.stream.name))
