"""NET_RECEIVE at random events: a few instances of one mechanism, in NEURON and here, compared after every step.

In: a mechanism and the library in which NEURON finds it. Out: one `Quantity` per variable, in phase ``events``.

Each instance has parameters, weights and times of its own (`event_model`). The events are in the queue when the run
starts, so that import, INITIAL of NET_RECEIVE, deliveries, self events, WATCH and what they send take part. Two traces
are equal as in a comparison of models (`metrics`); spikes that the instances send are compared besides.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from jxneuron.case import Case, split_record
from jxneuron.compare import engines, event_model, metrics
from jxneuron.compare.judge import FARTHEST, Quantity
from jxneuron.errors import ChildFailed, JxneuronError
from jxneuron.importer import build_model
from jxneuron.mech.mechanism import Mechanism

INSTANCES = 4
TIMEOUT = 300.0  # s, for each child
PHASE = "events"


def verify_events(
    mechanism: Mechanism, library: Path, folder: Path, python: str, seed: int = 1
) -> list[Quantity] | str:
    """Compare one mechanism.

    Args:
        mechanism: as it is called in the library.
        library: the compiled library.
        folder: for the files of this run; made here.
        python: the generated module that ours runs.
        seed: of everything random.

    Returns:
        The quantities, or why there are none.
    """
    try:
        case, neuron = _run_neuron(mechanism, library, folder, seed)
        model = build_model(case, timeout=TIMEOUT)
        sources = tuple(
            dataclasses.replace(source, python=python) if source.mechanism == mechanism.name else source
            for source in model.sources
        )
        ours = engines.run_imported(dataclasses.replace(model, sources=sources), folder / "ours", timeout=TIMEOUT)
        kicked = engines.run_kicked(case, timeout=TIMEOUT) if _differ(neuron, ours) else None
    except JxneuronError as error:
        return f"events cannot be compared:\n{error}"
    quantities = [_quantity(name, neuron, ours, kicked) for name in neuron.records]
    return [*quantities, *_spikes(neuron, ours)]


def _run_neuron(mechanism: Mechanism, library: Path, folder: Path, seed: int) -> tuple[Case, engines.Traces]:
    """Run NEURON; from mild values where it stops at the random ones."""
    try:
        return _run_instances(mechanism, library, folder / "random", mild=False, seed=seed)
    except ChildFailed:
        return _run_instances(mechanism, library, folder / "mild", mild=True, seed=seed)


def _run_instances(
    mechanism: Mechanism, library: Path, folder: Path, *, mild: bool, seed: int
) -> tuple[Case, engines.Traces]:
    folder.mkdir(parents=True)
    request = {"python": mechanism.text, "count": INSTANCES, "mild": mild, "seed": seed}
    (folder / event_model.REQUEST).write_text(json.dumps(request))
    case = _case(mechanism, library, folder)
    return case, engines.run_neuron(case, folder / "neuron", timeout=TIMEOUT)


def _case(mechanism: Mechanism, library: Path, folder: Path) -> Case:
    """The case of the instances: every variable that NEURON shows and that changes is recorded."""
    fields = [field for field in mechanism.fields_in("s") if field.scope == "range"]
    names = [f"{field.name}[{k}]" for field in fields for k in range(field.size)]
    names += [field.name for field in fields if not field.size]
    records = [f"{mechanism.name}[{k}].{name}" for k in range(INSTANCES) for name in names]
    if mechanism.kind == "point":
        records += [f"s{k}(0.5).v" for k in range(INSTANCES)]
    return Case(
        title=f"events of {mechanism.name}",
        mod=(str(library),),
        cwd=str(folder),
        load=(str(event_model.__file__),),
        init="finitialize()",
        dt=event_model.DT,
        tstop=event_model.TSTOP,
        record=tuple(records),
        spikes=True,
    )


def _differ(neuron: engines.Traces, ours: engines.Traces) -> bool:
    """Is any difference more than rounding, so that NEURON's own sensitivity decides?"""
    return any(_quantity(name, neuron, ours, None).differs for name in neuron.records)


def _quantity(name: str, neuron: engines.Traces, ours: engines.Traces, kicked: engines.Traces | None) -> Quantity:
    """One record, up to where both stop being numbers or v leaves its range; a number in one engine only differs."""
    theirs, mine = neuron.records[name], ours.records[name]
    finite = np.isfinite(theirs)
    v = neuron.records.get(f"s{_instance(name)}(0.5).v", np.zeros(1))
    sound = finite & (np.abs(v) <= FARTHEST)
    count = len(theirs) if sound.all() else int(np.argmin(sound))
    apart = np.flatnonzero(finite[: count + 1] != np.isfinite(mine[: count + 1]))
    if len(apart):
        return _at(name, neuron, ours, int(apart[0]), count, math.inf)
    answer = None if kicked is None else kicked.records[name][:count]
    verdict = metrics.judge(name, neuron.t[:count], theirs[:count], mine[:count], kicked=answer)
    worst = int(np.argmax(np.abs(theirs[:count] - mine[:count])))
    ratio = verdict.max_abs / verdict.tolerance if verdict.tolerance else math.inf if verdict.max_abs else 0.0
    return _at(name, neuron, ours, worst, count, ratio)


def _at(name: str, neuron: engines.Traces, ours: engines.Traces, k: int, count: int, ratio: float) -> Quantity:
    """What one record shows at sample ``k``, where it differs the most."""
    theirs, mine = float(neuron.records[name][k]), float(ours.records[name][k])
    largest = float(np.max(np.abs(neuron.records[name][:count]), initial=0.0))
    apart = abs(theirs - mine)
    variable = split_record(name)[2]
    inputs = {"instance": float(_instance(name)), "t": float(neuron.t[k])}
    left_out = len(neuron.t) - count
    return Quantity(
        PHASE, variable, ratio, apart / largest if largest else apart, mine, theirs, count, count, left_out, inputs
    )


def _instance(name: str) -> str:
    """Return the number of the instance that a record belongs to."""
    owner, x, _ = split_record(name)
    return owner.removeprefix("s") if x is not None else owner.partition("[")[2].removesuffix("]")


def _spikes(neuron: engines.Traces, ours: engines.Traces) -> Iterator[Quantity]:
    """What each instance sends, at the first spike that differs, else at the last one."""
    for k, ((_, theirs), (_, mine)) in enumerate(zip(neuron.trains, ours.trains, strict=True)):
        train = metrics.Train("spikes", tuple(theirs.tolist()), tuple(mine.tolist()))
        count = len(theirs)
        pair = train.first or ((theirs[-1], mine[-1]) if count else (0.0, 0.0))
        of_neuron, own = (math.nan if t is None else float(t) for t in pair)
        ratio, inputs = (math.inf if train.first else 0.0), {"instance": float(k), "t": of_neuron}
        yield Quantity(PHASE, "spikes", ratio, abs(own - of_neuron), own, of_neuron, count, count, 0, inputs)
