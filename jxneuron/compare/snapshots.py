"""NEURON's own state before and after single steps of a run, in a child process.

In: a request ``{case, around, steps}``. Out: ``model.jxn`` (the model after initialisation), ``<k>.jxn`` (the session
after k steps), and an answer with the chosen steps.

Each chosen step k has the session after k - 1, k and k + 1 steps: the one before serves to settle what a mechanism
keeps where NEURON shows it to nobody. A step in which an event is due gives way to the next one without, unless the
request names it.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from jxneuron import case as cases
from jxneuron.case import Case
from jxneuron.child import process, session
from jxneuron.compare.metrics import THRESHOLD
from jxneuron.errors import ModelError
from jxneuron.importer import read_session
from jxneuron.mech.generated import load_all
from jxneuron.mech.mechanism import Mechanism
from jxneuron.model import file
from jxneuron.model.model import Model
from jxneuron.read.queue import NETCON, SELF
from jxneuron.read.session import read_model

SPREAD = 7  # steps spread evenly over the run
SPIKES = 2  # spikes of the first voltage record whose rising phase is looked at
SOON = 1e-9  # ms, for the rounding of times
MODEL = "model.jxn"


@dataclass(frozen=True, eq=False)
class Snapshots:
    """NEURON's session at some moments of a run.

    Attributes:
        model: after initialisation.
        steps: the chosen steps, counted from 0.
        sessions: the model as it stood after so many steps.
    """

    model: Model
    steps: tuple[int, ...]
    sessions: Mapping[int, Model]


def take(
    case: Case, folder: Path, *, around: Sequence[float] = (), steps: Sequence[int] | None = None, timeout: float
) -> Snapshots:
    """Run a case in NEURON, in a child process, and keep the session around chosen steps.

    Args:
        case: what to run.
        folder: where the files go.
        around: ms, further times to look at (a first divergence).
        steps: the steps to look at and no others, counted from 0; None chooses some.
        timeout: s.

    Raises:
        JxneuronError: as for ``importer.build_model``; a step lies outside of the run.
    """
    request = {"case": case.to_dict(), "around": [float(t) for t in around], "steps": steps and list(steps)}
    done = process.run_python(
        "jxneuron.compare.snapshots", request, folder=folder, timeout=timeout, what="the model in NEURON"
    )
    return read(folder, done.answer["steps"])


def read(folder: Path, steps: Sequence[int]) -> Snapshots:
    """The snapshots that a child left in a folder."""
    numbers = sorted({k + d for k in steps for d in (-1, 0, 1)} - {-1})
    return Snapshots(
        model=file.open(folder / MODEL),
        steps=tuple(steps),
        sessions={k: file.open(folder / f"{k}.jxn") for k in numbers},
    )


def main() -> None:
    """Entry of the child process."""
    process.serve(run)


def run(request: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Load, initialise, step with fadvance, and save the session around the chosen steps.

    Args:
        request: ``case`` (Case.to_dict), ``around``, ms, and ``steps`` or None.
        folder: where the files go.
    """
    case = cases.from_dict(request["case"])
    h = session.prepare(case)
    session.initialise(h, case)
    watched = next((record.pointer for record in session.find_records(h, case) if record.variable == "v"), None)
    model = dataclasses.replace(read_session(h, init="neuron", strict=True), title=case.title)
    file.save(model, folder / MODEL)
    count = max(1, round((h.tstop - h.t) / h.dt))
    if request["steps"]:
        chosen, watched = _inside(request["steps"], count), None
    else:
        chosen = choose(count, [(t - h.t) / h.dt for t in request["around"]])
    return {"steps": _walk(h, model, watched, count, chosen, folder)}


def _inside(steps: Sequence[int], count: int) -> set[int]:
    outside = [k for k in steps if not 0 <= k < count]
    if outside:
        raise ModelError(f"there is no step {outside[0]}: the run has steps 0 to {count - 1}")
    return set(steps)


def _walk(h: Any, model: Model, watched: Any, count: int, chosen: set[int], folder: Path) -> list[int]:
    """Step to the last chosen step, or to the end when spikes choose steps too; those of which all three were saved."""
    mechanisms = load_all(model.sources)
    chosen, spikes, saved = set(chosen), 0, set()
    if watched is None:
        count = min(count, max(chosen) + 1)
    last = 0.0 if watched is None else watched[0]
    for k in range(count + 1):
        v = 0.0 if watched is None else watched[0]
        if last <= THRESHOLD < v and spikes < SPIKES:
            spikes += 1
            chosen.add(k + 1)
        last = v
        if chosen & {k - 1, k, k + 1}:
            _save(h, mechanisms, folder / f"{k}.jxn")
            saved.add(k)
        if k < count:
            if watched is not None and k in chosen and _next_event(h) <= h.t + h.dt + SOON:
                chosen = chosen - {k} | {k + 1}  # the snapshots do not show what is in the queue
            h.fadvance()
    return sorted(k for k in chosen if k + 1 in saved and (k == 0 or k - 1 in saved))


def _next_event(h: Any) -> float:
    """Return when the next event of a NetCon or an instance's own is due, ms; inf where there is none."""
    times, flags = [h.Vector(), h.Vector()], h.Vector()
    h.CVode().event_queue_info(NETCON, times[0], h.List())
    h.CVode().event_queue_info(SELF, times[1], flags, h.List())
    return min([math.inf, *(time for own in times for time in own)])


def choose(count: int, around: Sequence[float]) -> set[int]:
    """Steps to look at in a run of ``count``: its first two, some spread over it, and those ending near ``around``."""
    spread = np.linspace(0, count - 1, SPREAD).round().astype(int)
    near = [int(np.ceil(each)) - back for each in around for back in (1, 2, 3)]
    return {k for k in (0, 1, *spread.tolist(), *near) if 0 <= k < count}


def _save(h: Any, mechanisms: Mapping[str, Mechanism], path: Path) -> None:
    file.save(read_model(h, mechanisms, init_mode="neuron", strict=False, values_only=True), path)
