"""A comparison: run a case in both engines, judge every record, say whether they are equal.

In: a path, or a `Case`. Out: `Comparison`, with its table, JSON and HTML report.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from jxneuron import case as cases
from jxneuron.case import Case
from jxneuron.child.session import strip_comments
from jxneuron.compare import engines, metrics, ties
from jxneuron.errors import ChildFailed, Finding, Findings, JxneuronError, NeuronMissing, NonFinite
from jxneuron.files import write_atomically
from jxneuron.model.model import Model

if TYPE_CHECKING:
    import pandas as pd

    from jxneuron.compare.diagnose import Defect, Diagnosis

TIMEOUT = 600.0  # s
EXIT = {"within": 0, "beyond": 1, "not comparable": 3}
_DERIVIMPLICIT = re.compile(r"\bMETHOD\s+derivimplicit\b")


@dataclass(frozen=True, eq=False)
class Comparison:
    """What came out.

    Attributes:
        case: what was run.
        status: ``within``, ``beyond`` or ``not comparable``.
        verdicts: one per record.
        trains: one per recorded source of events.
        findings: what the reader must know, the worst first: not a number, clamped records, why not comparable.
        both: the traces and the model; None when there was no run to compare.
        error: why it is not comparable.
        seconds: wall time of the two runs' steps (``neuron``, ``jxneuron``) and of compiling ours (``compile``).
        sizes: of the model and the run.
        factor: how many times NEURON's own answer to the kick is within.
        diagnosis: where single steps differ, when that was asked for.
    """

    case: Case
    status: Literal["within", "beyond", "not comparable"]
    verdicts: tuple[metrics.Verdict, ...] = ()
    trains: tuple[metrics.Train, ...] = ()
    findings: tuple[Finding, ...] = ()
    both: engines.Both | None = None
    error: JxneuronError | None = None
    seconds: dict[str, float | None] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    factor: float = metrics.KICK_FACTOR
    diagnosis: Diagnosis | None = None

    @property
    def ok(self) -> bool:
        """Are both engines equal within the tolerance?"""
        return self.status == "within"

    @property
    def exit_code(self) -> int:
        """0 within, 1 beyond, 3 not comparable."""
        return EXIT[self.status]

    @property
    def table(self) -> pd.DataFrame:
        """One row per record, the columns of the JSON report and the tolerance."""
        import pandas as pd

        rows = [_row(v) | {"tolerance": v.tolerance, "within": v.within} for v in self.verdicts]
        return pd.DataFrame(rows).set_index("name") if rows else pd.DataFrame()

    @property
    def json(self) -> dict[str, Any]:
        """The report as plain data; numbers that are not numbers are None."""
        report: dict[str, Any] = {
            "case": self.case.title,
            "status": self.status,
            "records": [_row(verdict) for verdict in self.verdicts],
            "trains": [{**dataclasses.asdict(train), "within": train.within} for train in self.trains],
            "findings": [dataclasses.asdict(finding) for finding in self.findings],
            "seconds": {name: self.seconds.get(name) for name in ("neuron", "jxneuron", "compile")},
            "sizes": dict(self.sizes),
        }
        if self.diagnosis is not None:
            report["defects"] = [_plain(defect) for defect in self.diagnosis.defects]
        return report

    def save_json(self, path: str | Path) -> None:
        """Write the JSON report in one go."""
        write_atomically(Path(path), json.dumps(self.json, indent=1, allow_nan=False) + "\n")

    def html(self, path: str | Path) -> None:
        """Write the HTML report, one file with everything in it."""
        from jxneuron.compare import html

        write_atomically(Path(path), html.render(self))


def compare(
    path_or_case: str | Path | Case,
    *,
    timeout: float = TIMEOUT,
    tell: Callable[[str], None] = lambda what: None,
    diagnose: bool = False,
    steps: Sequence[int] | None = None,
    **keys: Any,
) -> Comparison:
    """Run a model in NEURON and in jxneuron and compare what they record.

    Args:
        path_or_case: a .hoc or .py model, a .toml case, or a `Case`.
        timeout: s, for each child process.
        tell: is called with what is going on.
        diagnose: also compare single steps from NEURON's own state (see `jxneuron.compare.diagnose`).
        steps: which steps that looks at, counted from 0; None chooses some.
        **keys: keys of a case (see `jxneuron.case.Case`); they override the file's.

    Returns:
        The comparison. A model that fails or cannot be imported gives the status ``not comparable``, with
        the reason in ``findings`` and ``error``.

    Raises:
        ModelError: the case itself is wrong.
    """
    case = dataclasses.replace(_case(path_or_case, keys), spikes=True)
    try:
        both = engines.run_both(case, timeout=timeout, tell=tell)
        result = judge(case, both, timeout=timeout, tell=tell)
    except NonFinite as error:
        result = Comparison(case, "beyond", findings=_reasons(error), error=error)
    except JxneuronError as error:
        return Comparison(case, "not comparable", findings=_reasons(error), error=error)
    return diagnosed(result, steps=steps, timeout=timeout, tell=tell) if diagnose else result


def diagnosed(
    result: Comparison, *, steps: Sequence[int] | None = None, timeout: float, tell: Callable[[str], None]
) -> Comparison:
    """The same comparison with its diagnosis; one that fails is a finding."""
    from jxneuron.compare.diagnose import diagnose

    tell("comparing single steps from NEURON's own state")
    apart = [verdict.first_divergence for verdict in result.verdicts if verdict.first_divergence is not None]
    try:
        diagnosis = diagnose(result.case, around=sorted(apart)[:1], steps=steps, timeout=timeout)
    except JxneuronError as error:
        reasons = tuple(Finding(f"diagnosis: {each.place}", each.found, each.way_out) for each in _reasons(error))
        return dataclasses.replace(result, findings=(*result.findings, *reasons))
    return dataclasses.replace(result, diagnosis=diagnosis)


def judge(case: Case, both: engines.Both, *, timeout: float, tell: Callable[[str], None]) -> Comparison:
    """Judge every record; where a difference is more than rounding, ask NEURON how sensitive the model is."""
    factor = metrics.DERIVIMPLICIT_FACTOR if uses_derivimplicit(both.model) else metrics.KICK_FACTOR
    verdicts = _verdicts(case, both, None, factor)
    if any(verdict.needs_kick for verdict in verdicts):
        tell("running NEURON once more, kicked by 1e-12 mV")
        kicked = engines.run_kicked(case, timeout=timeout)
        verdicts = _verdicts(case, both, kicked, factor)
    broken = [Finding(each.record, str(each)) for verdict in verdicts for each in verdict.broken]
    trains = _trains(both)
    status = "within" if all(each.within for each in (*verdicts, *trains)) else "beyond"
    still = [] if broken or any(train.neuron or train.jxneuron for train in trains) else _nothing_moved(both)
    return Comparison(
        case=case,
        status="not comparable" if still else status,
        verdicts=verdicts,
        trains=trains,
        findings=(*broken, *still, *_ties(both, trains), *_clamped(both.model), *_notes(both)),
        both=both,
        seconds=_seconds(both),
        sizes=_sizes(both),
        factor=factor,
    )


def uses_derivimplicit(model: Model) -> bool:
    """Does a mechanism in use solve by derivimplicit (which iterates, so that rounding counts for more)?"""
    return any(_DERIVIMPLICIT.search(strip_comments(source.nmodl)) for source in model.sources)


def _case(path_or_case: str | Path | Case, keys: dict[str, Any]) -> Case:
    if not isinstance(path_or_case, Case):
        return cases.read(path_or_case, **keys)
    if not keys:
        return path_or_case
    given = {key: value for key, value in path_or_case.to_dict().items() if key in cases.KEYS and value}
    return cases.make({**given, **keys})


def _verdicts(
    case: Case, both: engines.Both, kicked: engines.Traces | None, factor: float
) -> tuple[metrics.Verdict, ...]:
    return tuple(
        metrics.judge(
            name,
            both.neuron.t,
            trace,
            both.jxneuron.records[name],
            kicked=None if kicked is None else kicked.records[name],
            factor=factor,
            tolerance=case.tolerance,
        )
        for name, trace in both.neuron.records.items()
    )


def _trains(both: engines.Both) -> tuple[metrics.Train, ...]:
    """The spikes of each record of the model, in both engines; both number the sources alike."""
    names = () if both.model.events is None else tuple(both.model.events.recorded)
    theirs = {k: times for sources, times in both.neuron.trains for k in sources}
    return tuple(
        metrics.Train(name, tuple(sorted(theirs[sources[0]].tolist())), tuple(ours.tolist()))
        for name, (sources, ours) in zip(names, both.jxneuron.trains, strict=True)
    )


def _ties(both: engines.Both, trains: Sequence[metrics.Train]) -> list[Finding]:
    """Where spikes differ: whether events reach one target at the same time, which NEURON may take in another order."""
    if all(train.within for train in trains):
        return []
    times = {k: ours for sources, ours in both.jxneuron.trains for k in sources if len(sources) == 1}
    count, first = ties.find_ties(both.model, times)
    if not count:
        return []
    what = f"{count} pairs of events arrive at the same time, and their order matters there"
    return [
        Finding(
            first,
            what,
            "NEURON's order of equal times depends on what else its queue holds: give them "
            "delays that differ, and compare again",
        )
    ]


def _nothing_moved(both: engines.Both) -> list[Finding]:
    """A comparison of a model at rest proves nothing."""
    voltages = [trace for name, trace in both.neuron.records.items() if name.endswith(".v")]
    voltages += both.neuron.middles.values()
    size = metrics.moved(np.array(voltages))
    if size >= metrics.MOVED:
        return []
    found = f"nothing moved by {metrics.MOVED:g} mV (the most was {size:.2g} mV), which proves nothing"
    return [Finding("the run", found, "add a stimulus ('soma(0.5),5,50,0.5') or run longer (tstop)")]


def _clamped(model: Model) -> list[Finding]:
    """Voltage records at a node that a clamp holds."""
    clamps = {
        int(node): label
        for placement in model.placements
        if placement.mechanism in ("SEClamp", "VClamp")
        for node, label in zip(placement.node, placement.labels, strict=True)
    }
    return [
        Finding(
            probe.name,
            f"{clamps[probe.node]} holds this voltage, so that no mechanism can move it",
            f"record {clamps[probe.node]}.i and the gates instead",
        )
        for probe in model.probes
        if probe.variable == "v" and not probe.label and probe.node in clamps
    ]


def _notes(both: engines.Both) -> list[Finding]:
    """What the import and the start of our run want known: left out, taken from NEURON."""
    notes = [*map(dataclasses.asdict, both.model.notes), *both.jxneuron.answer.get("notes", ())]
    return [Finding(note["place"], f"{note['kind']}: {note['found']}", note["done"]) for note in notes]


def _reasons(error: JxneuronError) -> tuple[Finding, ...]:
    if isinstance(error, Findings):
        return error.findings
    places = {ChildFailed: "child process", NeuronMissing: "installation", NonFinite: "not a number"}
    return (Finding(places.get(type(error), "model"), str(error)),)


def _seconds(both: engines.Both) -> dict[str, float | None]:
    ours = both.jxneuron.answer["seconds"]
    return {
        "neuron": both.neuron.answer["seconds"],
        "jxneuron": ours.get("run"),
        "compile": ours.get("compile"),
    }


def _sizes(both: engines.Both) -> dict[str, int]:
    model = both.model
    return {
        **both.neuron.answer["sizes"],
        "nodes": len(model.nodes.parent),
        "mechanisms": len(model.placements),
        "instances": sum(len(placement.node) for placement in model.placements),
        "steps": len(both.neuron.t) - 1,
    }


def _row(verdict: metrics.Verdict) -> dict[str, Any]:
    return {
        "name": verdict.name,
        "max_abs": finite(verdict.max_abs),
        "rms": finite(verdict.rms),
        "kick": finite(verdict.kick),
        "spikes_neuron": list(verdict.spikes_neuron),
        "spikes_jxneuron": list(verdict.spikes_jxneuron),
        "first_divergence_ms": verdict.first_divergence,
    }


def _plain(defect: Defect) -> dict[str, Any]:
    values = dataclasses.asdict(defect)
    return {key: finite(value) if isinstance(value, float) else value for key, value in values.items()}


def finite(value: float | None) -> float | None:
    """The number, or None where it is none."""
    return value if value is not None and np.isfinite(value) else None
