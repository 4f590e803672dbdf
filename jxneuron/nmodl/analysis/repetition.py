"""Find the variables that show how often a solver evaluates a block.

In: the Trace of a block. Out: the variables whose value after several evaluations is not that after one.

Newton's iteration, ``sparse`` and ``runge`` evaluate a block with one set of states after another. The last evaluation
alone gives what all of them do where each evaluation sets the same variables to the same values: neither the states
nor what an evaluation before it left may decide about that.
"""

from __future__ import annotations

from collections.abc import Collection

from jxneuron.nmodl.analysis.trace import Key, Trace
from jxneuron.nmodl.analysis.values import FrameLocal, Name


def repeated(trace: Trace, states: Collection[str]) -> tuple[tuple[str, int], ...]:
    """Return the variables that a second evaluation with other states sets to something else, with the line."""
    carried = {key[0] for key in trace.exposed if key in trace.may and key[0] not in states}
    lines: dict[str, int] = {}
    for key, line in trace.may.items():
        name = key[0]
        if name in states or isinstance(name, FrameLocal):
            continue
        if name in carried and _flows(trace, name):
            lines.setdefault(name, trace.exposed.get(key, line))
        elif key not in trace.must and _is_left(trace, key, states, carried):
            lines.setdefault(name, line)
    return tuple(lines.items())


def _flows(trace: Trace, name: str) -> bool:
    """True where what an evaluation leaves flows into the next.

    A variable that only one side of an IF sets, and that decides about nothing but whether that side runs, does not
    count: the first evaluation sets it to what every other one would.
    """
    return any(
        origin.name == name and origin.choice not in trace.choices[name]
        for key in trace.may
        if isinstance(key[0], str)
        for origin in trace.values[key].origins
    )


def _is_left(trace: Trace, key: Key, states: Collection[str], carried: Collection[Name]) -> bool:
    """True for an element that keeps what an evaluation with other states set, since the last one may not set it."""
    deciding = trace.deciding.get(key, frozenset())
    depends = any(origin.name in states for origin in trace.values[key].origins)
    return not deciding.isdisjoint(states) or (depends and not deciding.isdisjoint(carried))
