"""A folder of cases, in parallel on the cores: one row each.

In: a folder of ``.toml`` files, or their paths. Out: a `Row` per case, in the files' order, and exit code and JSON for
all of them. A case that breaks is a row with its reason; it stops no other.

The engines run in child processes, so that the threads here only wait, and judge.
"""

from __future__ import annotations

import dataclasses
import importlib.metadata
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jxneuron import case as cases
from jxneuron.child import process
from jxneuron.compare import comparison as comparing
from jxneuron.compare import report
from jxneuron.compare.comparison import Comparison
from jxneuron.compare.metrics import Train, Verdict
from jxneuron.errors import Finding, ModelError
from jxneuron.wording import and_more

Progress = Callable[["Moment"], None]
FAULT = "a fault in jxneuron itself"


@dataclass(frozen=True)
class Row:
    """One case.

    Attributes:
        name: the file's name without ``.toml``.
        title, source: the case's.
        status: ``within``, ``beyond`` or ``not comparable``.
        reason: why it is not within, in one line; "" where it is.
        seconds: wall time of the runs: ``neuron``, ``jxneuron``, ``compile``; None where there was none.
        sizes: of the model and the run.
        ms: how long the run was.
        verdicts: one per record.
        trains: one per recorded source of events.
        findings: all that the comparison reports, the worst first.
        defect: the largest one-step defect, when asked for: ``relative``, ``variable``, ``place``, ``phase``, ``t``.
        picture: the traces of the record that uses the most of its tolerance, SVG; "" without a run.
    """

    name: str
    title: str
    source: str = ""
    status: str = "not comparable"
    reason: str = ""
    seconds: Mapping[str, float | None] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    ms: float | None = None
    verdicts: tuple[Verdict, ...] = ()
    trains: tuple[Train, ...] = ()
    findings: tuple[Finding, ...] = ()
    defect: Mapping[str, Any] | None = None
    picture: str = ""

    @property
    def worst(self) -> Verdict | None:
        """The record that uses the most of its tolerance."""
        return max(self.verdicts, key=used, default=None)

    @property
    def max_dv(self) -> float | None:
        """The largest difference of a voltage record, mV."""
        return max((each.max_abs for each in self.verdicts if each.voltage), default=None)

    @property
    def kick(self) -> float | None:
        """NEURON's own answer to the kick in the voltage records, mV; None where it was not needed."""
        return max((each.kick for each in self.verdicts if each.voltage and each.kick is not None), default=None)

    @property
    def spikes(self) -> int:
        """NEURON's spikes in the record, or of the source of events, that has the most of them."""
        counts = [len(each.spikes_neuron) for each in self.verdicts] + [len(train.neuron) for train in self.trains]
        return max(counts, default=0)

    @property
    def same_spikes(self) -> bool | None:
        """Do all spikes fall in the same steps, and those of sources at the same times? None without a run."""
        if not self.verdicts:
            return None
        return all(each.same_steps for each in self.verdicts) and all(train.within for train in self.trains)

    @property
    def json(self) -> dict[str, Any]:
        """As plain data; numbers that are not numbers are None."""
        worst, finite = self.worst, comparing.finite
        return {
            "name": self.name,
            "title": self.title,
            "source": self.source,
            "status": self.status,
            "reason": self.reason,
            "findings": [dataclasses.asdict(each) for each in self.findings],
            "max_dv": finite(self.max_dv),
            "kick": finite(self.kick),
            "worst_record": None if worst is None else worst.name,
            "of_tolerance": None if worst is None else finite(used(worst)),
            "spikes": self.spikes,
            "same_spikes": self.same_spikes,
            "one_step": self.defect and {**self.defect, "relative": finite(self.defect["relative"])},
            "seconds": {name: self.seconds.get(name) for name in ("neuron", "jxneuron", "compile")},
            "segments": self.sizes.get("segments"),
            "mechanisms": self.sizes.get("mechanisms"),
            "ms": self.ms,
        }


@dataclass(frozen=True)
class Moment:
    """The progress of a suite: how many of how many cases are done, their verdicts, what runs now."""

    done: int
    total: int
    counts: Mapping[str, int]
    running: tuple[str, ...]


def find(folder: str | Path) -> list[Path]:
    """The cases of a folder, by name.

    Raises:
        ModelError: it is no folder, or holds no case, or two cases of one title (a table could not tell them apart).
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ModelError(f"--suite {folder}: " + ("this is a file" if folder.exists() else "there is no such folder"))
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        raise ModelError(f"--suite {folder}: there is no case (*.toml) in this folder")
    titles: dict[str, list[str]] = {}
    for path in paths:
        titles.setdefault(_title(path), []).append(path.name)
    twice = [f"{' and '.join(names)} have the same title, {title!r}" for title, names in titles.items() if names[1:]]
    if twice:
        raise ModelError("\n".join(f"--suite {folder}: {each}" for each in twice))
    return paths


def run(
    paths: Sequence[Path],
    *,
    jobs: int | None = None,
    timeout: float = comparing.TIMEOUT,
    diagnose: bool = False,
    pictures: bool = False,
    tell: Progress = lambda moment: None,
    **keys: Any,
) -> list[Row]:
    """Compare every case; one that breaks is a row that says why.

    Args:
        paths: ``.toml`` files.
        jobs: how many at a time; None is one for each core.
        timeout: s, for each child process.
        diagnose: also compare single steps from NEURON's own state.
        pictures: keep a picture of each case, for HTML.
        tell: is called in this thread, twice a second at least, with the progress of the suite.
        **keys: keys of a case, which override every file's.

    Raises:
        KeyboardInterrupt: the user stopped it; no child runs any more.
    """
    running: dict[Path, None] = {}

    def one(path: Path) -> Row:
        running[path] = None
        try:
            return row(path, timeout=timeout, diagnose=diagnose, pictures=pictures, **keys)
        finally:
            del running[path]

    with ThreadPoolExecutor(jobs or cores()) as pool:
        futures: list[Future[Row]] = []
        try:  # the first cases run, and may be interrupted, before the last is handed in
            futures.extend(pool.submit(one, path) for path in paths)
            _follow(futures, running, tell)
        except BaseException:
            _stop(futures, running)
            raise
    return [future.result() for future in futures]


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def row(path: Path, *, timeout: float, diagnose: bool, pictures: bool, **keys: Any) -> Row:
    """One case's row, whatever happens."""
    try:
        result = comparing.compare(path, timeout=timeout, diagnose=diagnose, **keys)
        return _row(path, result, _picture(result) if pictures else "")
    except ModelError as error:
        findings = tuple(Finding("", line) for line in str(error).splitlines())
        return Row(path.stem, _title(path), reason=_counted([each.found for each in findings]), findings=findings)
    except Exception as error:  # a fault of our own in one case must not hide the others' verdicts
        return Row(path.stem, _title(path), reason=_line(f"{FAULT}: {error!r}"))


def exit_code(rows: Sequence[Row]) -> int:
    """0 all within; 1 one is beyond; 3 none is beyond, but one is not comparable."""
    found = {each.status for each in rows}
    return next((comparing.EXIT[status] for status in ("beyond", "not comparable") if status in found), 0)


def as_data(rows: Sequence[Row]) -> dict[str, Any]:
    """The table for ``--json``."""
    versions = {name: _version(name) for name in ("neuron", "jxneuron")}
    return {**versions, "cases": [each.json for each in rows]}


def used(verdict: Verdict) -> float:
    """How much of its tolerance a record uses; infinite where it is not within for another reason."""
    if verdict.broken or not verdict.same_steps:
        return float("inf")
    return verdict.max_abs / verdict.tolerance if verdict.tolerance else float("inf") if verdict.max_abs else 0.0


def _follow(futures: Sequence[Future[Row]], running: Mapping[Path, None], tell: Progress) -> None:
    left = set(futures)
    while left:
        _, left = wait(left, timeout=0.5, return_when=FIRST_COMPLETED)
        ended = [future.result().status for future in futures if future not in left]
        tell(Moment(len(ended), len(futures), Counter(ended), tuple(path.stem for path in list(running))))


def _stop(futures: Sequence[Future[Row]], running: Mapping[Path, None]) -> None:
    """End all children, also those that a case starts before it sees that another has been ended."""
    for future in futures:
        future.cancel()
    while wait(futures, timeout=0.1).not_done or running:
        process.stop_all()


def _row(path: Path, result: Comparison, picture: str) -> Row:
    return Row(
        name=path.stem,
        title=result.case.title,
        source=result.case.source,
        status=result.status,
        reason="" if result.ok else _line(_reason(result)),
        seconds=result.seconds,
        sizes=result.sizes,
        ms=None if result.both is None else round(float(result.both.neuron.t[-1]), 3),
        verdicts=result.verdicts,
        trains=result.trains,
        findings=result.findings,
        defect=_defect(result),
        picture=picture,
    )


def _reason(result: Comparison) -> str:
    """The record that is beyond and, where known, the first variable that a single step gets wrong."""
    if result.status == "not comparable" or any(each.broken for each in result.verdicts) or not result.verdicts:
        return _first(result.findings)
    worst = max(result.verdicts, key=used)
    apart = next((train for train in result.trains if not train.within), None)
    if apart is not None:
        text = report.difference(apart)
    elif not worst.same_steps:
        text = f"{worst.name}: spikes are not in the same steps"
    else:
        text = f"{worst.name}: differs by {worst.max_abs:.2g}, tolerance {worst.tolerance:.2g}"
    if worst.first_divergence is not None:
        text += f", from {worst.first_divergence:.6g} ms on"
    if result.diagnosis is not None and result.diagnosis.beyond:
        first = result.diagnosis.defects[0]
        text += f"; first in a step: {first.name} ({first.phase}) in {first.place or 'all instances'}"
    return text


def _first(findings: Sequence[Finding]) -> str:
    return _counted([_short(each) for each in findings])


def _short(finding: Finding) -> str:
    text = f"{finding.place}: {finding.found}".splitlines()[0]
    return f"{text}; {finding.way_out.splitlines()[0]}" if finding.way_out else text


def _counted(reasons: Sequence[str]) -> str:
    """The first, and how many more there are."""
    more = f" ({and_more(len(reasons), 1)})" if reasons[1:] else ""
    return reasons[0] + more if reasons else "no reason is known"


def _defect(result: Comparison) -> dict[str, Any] | None:
    if result.diagnosis is None:
        return None
    worst = result.diagnosis.worst
    names = {"variable": worst.name, "place": worst.place, "phase": worst.phase, "t": worst.t}
    return {"relative": worst.relative, **names}


_DRAWING = threading.Lock()  # matplotlib's settings are those of the process


def _picture(result: Comparison) -> str:
    from jxneuron.compare import figures

    if result.both is None or not result.verdicts:
        return ""
    verdict = max(result.verdicts, key=used)
    neuron, ours = result.both.neuron, result.both.jxneuron
    with _DRAWING:
        return figures.traces(neuron.t, neuron.records[verdict.name], ours.records[verdict.name], verdict)


def _title(path: Path) -> str:
    """The case's title; a file without one, or damaged, goes by its name."""
    try:
        return cases.title(path) or path.stem
    except (ModelError, OSError):
        return path.stem


def _line(text: str) -> str:
    return " ".join(text.split())


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""
