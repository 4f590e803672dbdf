"""Find the mechanisms to which events only add, so that the order of events does not matter.

In: the entries of a mechanism, their traces, and where each variable is kept. Out: the entry ``jump``, or nothing.

NET_RECEIVE is additive where it adds to each variable that it sets something that depends on its weights, on what no
code sets, and on what only INITIAL sets. Then what it adds is what it leaves where these variables start from 0.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from jxneuron.nmodl.analysis.ir import Entry, Storage
from jxneuron.nmodl.analysis.trace import Trace
from jxneuron.nmodl.analysis.values import Name
from jxneuron.nmodl.syntax.algebra import find_names
from jxneuron.nmodl.syntax.visit import expressions, walk

JUMP = "jump"
FIXED = ("celsius", "diam", "area", "secondorder")  # of NEURON's own variables: those that a run does not change
STARTING = ("before_initial", "initial", "after_initial", "initial_sends")


def jumps(entries: Sequence[Entry], traces: Sequence[Trace], storage: Mapping[str, Storage]) -> list[Entry]:
    """Return the entry ``jump`` of an additive mechanism."""
    by_name = {entry.name: (entry, trace) for entry, trace in zip(entries, traces, strict=True)}
    if "receive" not in by_name:
        return []
    entry, trace = by_name["receive"]
    changing = {
        name
        for other, (_, other_trace) in by_name.items()
        if other not in STARTING
        for name in other_trace.written
        if storage.get(name) == "s"
    }
    if entry.sent or entry.set_weights or not _reads_only_fixed(entry, trace, storage):
        return []
    if not all(_is_added_to(name, trace, changing) for name in entry.outputs):
        return []
    doc = "NET_RECEIVE, which only adds: what it adds."
    return [replace(entry, name=JUMP, doc=doc)]


def _reads_only_fixed(entry: Entry, trace: Trace, storage: Mapping[str, Storage]) -> bool:
    """True where it reads, of all that no field holds, nothing that changes while the model runs."""
    flagged = any(entry.flag in find_names(e) for s in walk(entry.body) for e in expressions(s))
    return not flagged and all(name in storage or name in FIXED for name in trace.read)


def _is_added_to(name: str, trace: Trace, changing: Collection[Name]) -> bool:
    """True where the value that a variable has afterwards is the one from before, and what was added to it."""
    value = trace.values.get((name, -1))
    return value is not None and value.base == name and value.added.isdisjoint(changing)
