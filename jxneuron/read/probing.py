"""Finding out by experiment what a session does not tell, without touching it.

In: a live session. Out: what an experiment on a copy of the whole process found. The copy (``fork``) may set, step and
initialise as it likes: the session itself stays as it was.
"""

from __future__ import annotations

import json
import os
import select
import signal
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.ions import ion_names
from jxneuron.mech.mechanism import Mechanism
from jxneuron.model.model import Floats, Ion, Placement
from jxneuron.read import ions, points
from jxneuron.read.geometry import Tree

TIMEOUT = 300.0  # s
# Where a value stands: variable, node (-1 for none) and point process ("" for none)
Spot = tuple[str, int, str]


def in_copy(experiment: Callable[[], Any]) -> Any:
    """What an experiment returns (JSON values), done in a copy of this process.

    Raises:
        ModelError: the copy failed or ran out of time.
    """
    receiver, sender = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the copy calls nothing of what else has threads here
        child = os.fork()
    if not child:
        _answer(experiment, sender)
    os.close(sender)
    try:
        text = _received(receiver, child)
    finally:
        os.close(receiver)
        os.waitpid(child, 0)
    found = json.loads(text) if text else {"failed": "NEURON ended the process"}
    if "failed" in found:
        raise ModelError(f"what the session plays and points to cannot be found out: {found['failed']}")
    return found["found"]


def _answer(experiment: Callable[[], Any], sender: int) -> None:
    """Run in the copy; ends it, whatever happens."""
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        try:
            answer = {"found": experiment()}
        except BaseException as error:
            answer = {"failed": f"{type(error).__name__}: {error}"}
        with os.fdopen(sender, "w") as stream:
            json.dump(answer, stream)
    finally:
        os._exit(0)


def _received(receiver: int, child: int) -> str:
    parts, end = [], time.monotonic() + TIMEOUT
    while True:
        ready, _, _ = select.select([receiver], [], [], max(end - time.monotonic(), 0.0))
        if not ready:
            os.kill(child, signal.SIGKILL)
            raise ModelError(f"what the session plays and points to was not found out within {TIMEOUT:g} s")
        part = os.read(receiver, 1 << 16)
        if not part:
            return b"".join(parts).decode()
        parts.append(part)


def spots(
    tree: Tree, placements: Iterable[Placement], species: Iterable[Ion], mechanisms: Mapping[str, Mechanism], h: Any
) -> Iterator[tuple[Spot, float]]:
    """Every value that the session shows now, and where it stands."""
    yield ("celsius", -1, ""), h.celsius
    for node, segment in enumerate(tree.segments):
        yield ("v", node, ""), segment.v
    for node in tree.centres.tolist():
        segment = tree.segments[node]
        yield from (
            (("cm", node, ""), segment.cm),
            (("diam", node, ""), segment.diam),
            (("Ra", node, ""), segment.sec.Ra),
        )
    for placement in placements:
        yield from _of_placement(tree, placement, mechanisms[placement.mechanism], h)
    for ion in species:
        for variable in ion_names(ion.name):
            for node, value in zip(ion.node.tolist(), ions.column(tree, ion.node, variable), strict=True):
                yield (variable, node, ""), value


def _of_placement(tree: Tree, placement: Placement, mechanism: Mechanism, h: Any) -> Iterator[tuple[Spot, float]]:
    suffix = "" if placement.labels else f"_{placement.mechanism}"
    for name, values in points.shown(h, tree, placement, mechanism).items():
        for k, row in enumerate(np.atleast_2d(values)):
            variable = name + suffix + (f"[{k}]" if values.ndim == 2 else "")
            for i, value in enumerate(row):
                yield _spot(placement, variable, i), value
    for name, value in points.read_globals(h, mechanism).items():
        for k, one in enumerate(np.atleast_1d(value)):
            element = f"[{k}]" if np.ndim(value) else ""
            yield (f"{name}_{mechanism.name}{element}", -1, ""), one


def _spot(placement: Placement, variable: str, instance: int) -> Spot:
    if placement.labels:
        return variable, -1, placement.labels[instance]
    return variable, int(placement.node[instance]), ""


def marked(found: Iterable[tuple[Spot, float]], marks: Iterable[float]) -> dict[float, list[Spot]]:
    """Where each of some marks stands."""
    wanted: dict[float, list[Spot]] = {mark: [] for mark in marks}
    for spot, value in found:
        if value in wanted:
            wanted[float(value)].append(spot)
    return wanted


def marks(count: int) -> Floats:
    """Numbers that no model holds by chance, all different."""
    return np.asarray(0.7391826 + np.arange(1, count + 1) * 2.0**-30, np.float64)
