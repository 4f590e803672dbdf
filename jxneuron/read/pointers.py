"""POINTERs: the variable that the pointer of each instance refers to.

In: a session whose mechanisms and ions are read. Out: for each POINTER a Probe per instance. A mark that is written
through a pointer in a fork shows where it leads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from jxneuron.errors import Finding
from jxneuron.model.model import Placement, Probe
from jxneuron.read import placements
from jxneuron.read.fork import find_marks, in_fork, make_marks
from jxneuron.read.variables import Session, Variable
from jxneuron.wording import listed

UNSET = "setpointer, or h.setpointer(target._ref_x, name, mechanism), gives it one"
WAY_OUT = "point to a variable of a mechanism, a voltage or a concentration of the model"


class PointerTargets(NamedTuple):
    """Targets by mechanism and POINTER, (instance,), and what was found wrong."""

    targets: dict[str, dict[str, tuple[Probe, ...]]]
    findings: list[Finding]


def read_pointers(session: Session) -> PointerTargets:
    """Find the target of every pointer; one without a target in the model becomes a finding."""
    used = [
        (placement, pointer.name)
        for placement in session.placements
        for pointer in session.mechanisms[placement.mechanism].pointers
    ]
    targets: dict[str, dict[str, tuple[Probe, ...]]] = {}
    findings: list[Finding] = []
    for (placement, pointer), variables in zip(used, _find_targets(session, used), strict=True):
        wrong = _complain(session, placement, pointer, variables)
        findings += wrong
        if not wrong:
            probes = tuple(Probe(session.name(tuple(variable)), *variable) for variable in variables)
            targets.setdefault(placement.mechanism, {})[pointer] = probes
    return PointerTargets(targets, findings)


def _complain(session: Session, placement: Placement, pointer: str, variables: Sequence[Any]) -> list[Finding]:
    """Return one finding for the instances without target, one for those whose target is not part of the model."""
    nodes = placement.node.tolist()
    labels = placement.labels or [session.name((placement.mechanism, node, "")) for node in nodes]
    findings = []
    for state, what, way_out in (
        ("unset", f"POINTER {pointer} has no target", UNSET),
        ("elsewhere", f"POINTER {pointer} shows a variable that is not part of the model", WAY_OUT),
    ):
        wrong = [label for label, variable in zip(labels, variables, strict=True) if variable == state]
        if wrong:
            findings.append(Finding(listed(wrong), what, way_out))
    return findings


def _find_targets(session: Session, used: Sequence[tuple[Placement, str]]) -> list[list[Any]]:
    """Return for each instance the variable that its pointer refers to, ``unset`` or ``elsewhere``."""
    if not used:
        return []
    instances = [placements.find_instances(session.h, session.tree, placement) for placement, _ in used]
    pointers = list(zip(instances, (pointer for _, pointer in used), strict=True))
    return in_fork(lambda: _follow(session, pointers))


def _follow(session: Session, pointers: Sequence[tuple[Sequence[Any], str]]) -> list[list[Any]]:
    """Run in the fork. Of several pointers to one target the mark of the last one counts for all."""
    marks = iter(make_marks(sum(len(instances) for instances, _ in pointers)).tolist())
    is_set = [[_write(instance, pointer, next(marks)) for instance in instances] for instances, pointer in pointers]
    values = [
        [getattr(instance, pointer) if known else None for instance, known in zip(instances, row, strict=True)]
        for (instances, pointer), row in zip(pointers, is_set, strict=True)
    ]
    marked = find_marks(session.values(), {value for row in values for value in row if value is not None})
    return [[_target(value, marked) for value in row] for row in values]


def _write(instance: Any, pointer: str, value: float) -> bool:
    """Write through a pointer, and return whether it has a target."""
    try:
        setattr(instance, pointer, value)
    except Exception:  # NEURON raises errors of several kinds for a pointer that leads nowhere
        return False
    return True


def _target(value: float | None, marked: Mapping[float, Sequence[Variable]]) -> Any:
    if value is None:
        return "unset"
    return marked[value][0] if len(marked[value]) == 1 else "elsewhere"
