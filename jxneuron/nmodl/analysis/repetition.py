"""What shows how often a solver evaluates a block.

In: the Trace of a block. Out: the variables whose value after several evaluations is not that after one.

Newton's iteration, ``sparse`` and ``runge`` evaluate a block with one set of states after another. The last evaluation
alone gives what all of them do where each evaluation sets the same variables to the same values: neither the states
nor what an evaluation before it left may decide about that.
"""

from __future__ import annotations

from collections.abc import Collection

from jxneuron.nmodl.analysis.trace import Key, Trace


def repeated(trace: Trace, states: Collection[str]) -> tuple[tuple[str, int], ...]:
    """Name what a second evaluation with other states changes, or what changes it, with the line."""
    carried = {key[0] for key in trace.exposed if key in trace.may and key[0] not in states}
    found: dict[str, int] = {}
    for key, line in trace.may.items():
        if key[0] in states or "." in key[0]:
            continue
        if key[0] in carried and _flows(trace, key[0]):
            found.setdefault(key[0], trace.exposed.get(key, line))
        elif key not in trace.must and _is_left(trace, key, states, carried):
            found.setdefault(key[0], line)
    return tuple(found.items())


def _flows(trace: Trace, name: str) -> bool:
    """True where what an evaluation leaves flows into the next.

    A variable that one side of an IF alone sets, and that decides about nothing but that side, is no matter: the first
    evaluation sets what every other one would set.
    """
    return any(
        origin.name == name and origin.choice not in trace.choices[name]
        for key in trace.may
        if "." not in key[0]
        for origin in trace.values[key].origins
    )


def _is_left(trace: Trace, key: Key, states: Collection[str], carried: Collection[str]) -> bool:
    """True for an element that holds what an evaluation with other states set, because the last one does not set it."""
    deciding = trace.deciding.get(key, frozenset())
    depends = any(origin.name in states for origin in trace.values[key].origins)
    return not deciding.isdisjoint(states) or (depends and not deciding.isdisjoint(carried))
