"""POINTERs: which variable each instance's pointer shows.

In: a live session. Out: for each POINTER a Probe per instance. A mark that is written through a pointer, in a copy of
the session, shows where it leads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from jxneuron.errors import Finding
from jxneuron.mech.mechanism import Mechanism
from jxneuron.model.model import Placement, Probe
from jxneuron.read import points
from jxneuron.read.geometry import Tree
from jxneuron.read.probing import Spot, in_copy, marked, marks
from jxneuron.wording import listed

UNSET = "setpointer, or h.setpointer(target._ref_x, name, mechanism), gives it one"
WAY_OUT = "point to a variable of a mechanism, a voltage or a concentration of the model"


def read_pointers(
    h: Any,
    tree: Tree,
    placements: Sequence[Placement],
    mechanisms: Mapping[str, Mechanism],
    values: Callable[[], Iterable[tuple[Spot, float]]],
    name: Callable[[Spot], str],
    findings: list[Finding],
) -> dict[str, dict[str, tuple[Probe, ...]]]:
    """By mechanism and POINTER, (instance,); a pointer without a target in the model becomes a finding.

    Args:
        h: the session.
        tree: its sections.
        placements: its mechanisms.
        mechanisms: their translations.
        values: gives every value of the model and where it stands.
        name: what users call a variable.
        findings: grows.
    """
    used = [
        (placement, pointer.name) for placement in placements for pointer in mechanisms[placement.mechanism].pointers
    ]
    if not used:
        return {}
    every = [points.instances(h, tree, placement) for placement, _ in used]
    targets = in_copy(lambda: _followed(list(zip(every, (pointer for _, pointer in used), strict=True)), values))
    found: dict[str, dict[str, tuple[Probe, ...]]] = {}
    for (placement, pointer), spots in zip(used, targets, strict=True):
        wrong = _wrong(placement, pointer, spots, name)
        findings += wrong
        if not wrong:
            probes = tuple(Probe(name(tuple(spot)), *spot) for spot in spots)
            found.setdefault(placement.mechanism, {})[pointer] = probes
    return found


def _wrong(placement: Placement, pointer: str, spots: Sequence[Any], name: Callable[[Spot], str]) -> list[Finding]:
    """One finding for the instances without target, one for those whose target is not part of the model."""
    result = []
    for state, what, way_out in (
        ("unset", f"POINTER {pointer} has no target", UNSET),
        ("elsewhere", f"POINTER {pointer} shows a variable that is not part of the model", WAY_OUT),
    ):
        bad = [i for i, spot in enumerate(spots) if spot == state]
        if bad:
            nodes = placement.node.tolist()
            labels = placement.labels or [name((placement.mechanism, node, "")) for node in nodes]
            result.append(Finding(listed([labels[i] for i in bad]), what, way_out))
    return result


def _followed(
    used: Sequence[tuple[Sequence[Any], str]], values: Callable[[], Iterable[tuple[Spot, float]]]
) -> list[list[Any]]:
    """In the copy: each pointer's spot, ``unset`` or ``elsewhere``. Of pointers to one target the last mark counts."""
    mark = iter(marks(sum(len(instances) for instances, _ in used)).tolist())
    known = [[_mark(instance, pointer, next(mark)) for instance in instances] for instances, pointer in used]
    read = [
        [getattr(instance, pointer) if is_set else None for instance, is_set in zip(instances, flags, strict=True)]
        for (instances, pointer), flags in zip(used, known, strict=True)
    ]
    where = marked(values(), {value for row in read for value in row if value is not None})
    return [[_spot(value, where) for value in row] for row in read]


def _mark(instance: Any, pointer: str, value: float) -> bool:
    try:
        setattr(instance, pointer, value)
    except Exception:  # NEURON has several words for a pointer that leads nowhere
        return False
    return True


def _spot(value: float | None, where: Mapping[float, Sequence[Spot]]) -> Any:
    if value is None:
        return "unset"
    return where[value][0] if len(where[value]) == 1 else "elsewhere"
