"""Find which values pass from one instance of a mechanism to the next, and whether their order shows.

In: Symbols and the Trace of each entry. Out: ``Order``.

NEURON runs an entry for one instance after another. In a variable that all instances share (GLOBAL, or LOCAL at file
scope) each of them finds what the instance before left. All instances can be computed at once where nothing that is
seen or read later depends on that; elsewhere the entry has to run in NEURON's order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jxneuron.nmodl.analysis.ir import DIFFUSED, Entry
from jxneuron.nmodl.analysis.trace import Key, Trace
from jxneuron.nmodl.analysis.values import FrameLocal, Name
from jxneuron.nmodl.frontend.symbols import Symbols

EVENTS = ("receive", "receive_initial")  # one event after another, whatever its instance


@dataclass(frozen=True)
class Order:
    """The values that pass from instance to instance.

    Attributes:
        instance_dependent: shared variables that instances set to values of their own.
        needed: variables whose value from before an entry flows into something that is seen or read later; locals that
            are read before they are set are among them.
        live: variables whose value after an entry counts.
        sequential: the entries that have to run for one instance after another.
    """

    instance_dependent: frozenset[str]
    needed: frozenset[Name]
    live: frozenset[Name]
    sequential: tuple[str, ...]


def find_order(entries: Sequence[Entry], traces: Sequence[Trace], symbols: Symbols) -> Order:
    """Find what one instance leaves for the next."""
    both = tuple(zip(entries, traces, strict=True))
    at_once = [trace for entry, trace in both if entry.name not in EVENTS]
    instance_dependent = frozenset(
        name
        for trace in at_once
        for name, k in trace.may
        if isinstance(name, str) and is_shared(name, symbols) and not trace.values[name, k].uniform
    )
    results = frozenset(DIFFUSED).union(*(entry.results for entry in entries))
    results |= {"v"} if any(entry.flag for entry in entries) else set[str]()
    needed, live = _needed(traces, symbols, instance_dependent, results)
    sequential = tuple(
        entry.name
        for entry, trace in both
        if entry.name not in EVENTS and _passes_on(trace, symbols, instance_dependent & needed, live)
    )
    return Order(instance_dependent, needed, live, sequential)


def is_shared(name: Name, symbols: Symbols) -> bool:
    """True for a variable that all instances share."""
    symbol = symbols.variables.get(name) if isinstance(name, str) else None
    return symbol is not None and symbol.place == "field" and symbol.scope in ("global", "file")


def _needed(
    traces: Sequence[Trace], symbols: Symbols, instance_dependent: frozenset[str], results: frozenset[str]
) -> tuple[frozenset[Name], frozenset[Name]]:
    """Return the variables whose value before an entry counts, and those whose value after an entry does."""
    written = {name for trace in traces for name, _ in trace.may}
    live = frozenset(name for name in written if _is_seen(name, symbols, instance_dependent, results))
    while True:
        needed = frozenset(
            origin.name
            for trace in traces
            for key in trace.may
            if key[0] in live
            for origin in trace.values[key].origins
        )
        if needed <= live:
            return needed, live
        live |= needed


def _is_seen(name: Name, symbols: Symbols, instance_dependent: frozenset[str], results: frozenset[str]) -> bool:
    """True for a variable that a user, an ion, a POINTER or the membrane sees, and for a local that is returned."""
    if isinstance(name, FrameLocal):
        return name.name in results
    if name in {use.name for use in symbols.currents}:
        return True
    symbol = symbols.variables.get(name)
    if symbol is None:
        return False
    if symbol.place == "v":
        return name in results
    if symbol.place != "field":
        return symbol.stores
    return symbol.scope == "range" or (symbol.scope == "global" and name not in instance_dependent)


def _passes_on(trace: Trace, symbols: Symbols, kept: frozenset[Name], live: frozenset[Name]) -> bool:
    """True where what an entry leaves depends on the order of the instances.

    Either what one instance left flows into it, or some instances leave a variable alone that others set.
    """
    carried = {name for name, k in trace.exposed if (name, k) in trace.may and is_shared(name, symbols)}
    return any(key[0] in live and (_flows(trace, key, carried) or _keeps(trace, key, kept)) for key in trace.may)


def _flows(trace: Trace, key: Key, carried: set[Name]) -> bool:
    """True where what the instance before left flows into an element.

    A variable that only one side of an IF sets, and that decides about nothing but whether that side runs, does not
    count: the first instance sets it to what every other one would.
    """
    return any(
        origin.name in carried and origin.choice not in trace.choices[origin.name]
        for origin in trace.values[key].origins
    )


def _keeps(trace: Trace, key: Key, kept: frozenset[Name]) -> bool:
    """True for one of these variables that some instances leave as it is."""
    return key[0] in kept and key not in trace.must
