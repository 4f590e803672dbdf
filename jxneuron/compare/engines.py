"""Run a case in both engines, each in a process of its own, at the same time.

In: a `Case`. Out: `Both`: the two sets of traces on one time axis, and the imported model.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jxneuron.case import Case
from jxneuron.child import process
from jxneuron.compare import metrics
from jxneuron.errors import ChildFailed, NonFinite
from jxneuron.importer import build_libraries, build_model
from jxneuron.model.model import Model

Tell = Callable[[str], None]
SAME_TIME = 1e-6  # ms; both engines add up dt/2, so their clocks agree to rounding


@dataclass(frozen=True, eq=False)
class Traces:
    """One engine's run. k samples: after initialisation and after each step."""

    t: NDArray[np.float64]  # (k,) ms
    records: dict[str, NDArray[np.float64]]  # name: (k,)
    middles: dict[str, NDArray[np.float64]]  # section: (k,) mV
    answer: dict[str, Any]
    trains: tuple[tuple[tuple[int, ...], NDArray[np.float64]], ...] = ()  # numbers of sources; their spikes, ms


@dataclass(frozen=True, eq=False)
class Both:
    """The two engines' runs of a case."""

    neuron: Traces
    jxneuron: Traces
    model: Model


def run_both(case: Case, *, timeout: float, tell: Tell) -> Both:
    """Build the .mod files, then run NEURON beside import and our run.

    Args:
        case: what to run.
        timeout: s, for each of NEURON's run, the import and our run.
        tell: is called with what is going on.

    Raises:
        ChildFailed, ModelError, Unsupported, NmodlError, NeuronMissing: from either side; the other is ended.
    """
    if case.mod:
        tell("compiling .mod files")
    build_libraries(case)
    tell("running NEURON and jxneuron")
    cancelled = threading.Event()
    pool = ThreadPoolExecutor(2, initializer=process.join, initargs=(cancelled,))
    with tempfile.TemporaryDirectory(prefix="jxneuron-") as name, pool:
        neuron = pool.submit(run_neuron, case, Path(name) / "neuron", timeout=timeout)
        ours = pool.submit(run_ours, case, Path(name) / "ours", timeout=timeout, cancelled=cancelled)
        try:
            futures: list[Future[Any]] = [neuron, ours]
            wait(futures, return_when=FIRST_EXCEPTION)
            error = _first_error(*futures)
            if isinstance(error, NonFinite):
                error = _not_a_number(error, neuron.result())
        except BaseException as stopped:
            error = stopped
        if error is not None:
            cancelled.set()
            process.stop_all(cancelled)
            raise error
        both = Both(neuron.result(), *ours.result())
    _check_clocks(both)
    return both


def run_neuron(case: Case, folder: Path, *, timeout: float, kick: bool = False) -> Traces:
    """NEURON's run of the case; with ``kick``, every v is raised by 1e-12 mV after initialisation."""
    request = {"case": case.to_dict(), "kick": kick}
    done = process.run_python(
        "jxneuron.compare.reference", request, folder=folder, timeout=timeout, what="the model in NEURON"
    )
    return _traces(done)


def run_kicked(case: Case, *, timeout: float) -> Traces:
    """NEURON once more, kicked: how far rounding alone may move this model."""
    with tempfile.TemporaryDirectory(prefix="jxneuron-") as name:
        return run_neuron(case, Path(name), timeout=timeout, kick=True)


def run_ours(
    case: Case, folder: Path, *, timeout: float, cancelled: threading.Event | None = None
) -> tuple[Traces, Model]:
    """Import the model, save it, and run the saved model in a process without NEURON."""
    model = build_model(case, timeout=timeout)
    if cancelled is not None and cancelled.is_set():
        raise ChildFailed("NEURON's run failed")
    return run_imported(model, folder, timeout=timeout), model


def run_imported(model: Model, folder: Path, *, timeout: float) -> Traces:
    """Save a model in a folder and run it in a process without NEURON."""
    from jxneuron.model import file

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "model.jxn"
    file.save(model, path)
    done = process.run_python(
        "jxneuron.compare.ours",
        {"model": str(path)},
        folder=folder / "run",
        timeout=timeout,
        what="our run of the model",
    )
    return _traces(done)


def _traces(done: process.Finished) -> Traces:
    with np.load(done.folder / "traces.npz") as stored:
        records = dict(zip(done.answer["records"], stored["records"], strict=True))
        middles = dict(zip(done.answer["middles"], stored["middles"], strict=True))
        groups, counts = [], [0]
        for own, count in done.answer["trains"]:
            groups.append(tuple(own))
            counts.append(count)
        spikes = np.split(stored["spikes"], np.cumsum(counts)[1:-1]) if groups else []
        return Traces(stored["t"], records, middles, done.answer, tuple(zip(groups, spikes, strict=True)))


def _first_error(*futures: Future[Any]) -> BaseException | None:
    errors = [future.exception() for future in futures if future.done()]
    return next((error for error in errors if error is not None), None)


def _not_a_number(ours: NonFinite, neuron: Traces) -> NonFinite:
    """Our run stopped being numbers; say whether NEURON's did too."""
    verdicts = [metrics.judge(name, neuron.t, trace, trace) for name, trace in neuron.records.items()]
    theirs = [str(verdict.broken[0]) for verdict in verdicts if verdict.broken]
    return NonFinite("; ".join([f"jxneuron: {ours}", *(theirs or ["NEURON's records are numbers"])]))


def _check_clocks(both: Both) -> None:
    a, b = both.neuron.t, both.jxneuron.t
    if a.shape != b.shape or np.max(np.abs(a - b), initial=0.0) > SAME_TIME:
        raise ChildFailed(
            f"the engines' clocks differ: NEURON took {len(a) - 1} steps to {a[-1]:.6g} ms, "
            f"jxneuron {len(b) - 1} steps to {b[-1]:.6g} ms"
        )
    missing = set(both.neuron.records) - set(both.jxneuron.records)
    if missing:
        raise ChildFailed(f"our run has no record of {', '.join(sorted(missing))}")
