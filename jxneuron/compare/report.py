"""The comparison on a terminal.

In: a `Comparison`. Out: rich tables and lines, the most important first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from jxneuron.compare import metrics
from jxneuron.compare.comparison import Comparison
from jxneuron.errors import Finding
from jxneuron.wording import and_more, listed

if TYPE_CHECKING:
    from jxneuron.compare.diagnose import Defect, Diagnosis

COLOURS = {"within": "green", "beyond": "red", "not comparable": "yellow"}
MOST_FINDINGS = 30
MOST_DEFECTS = 20
MOST_AMPLIFIED = 5
MOST_TRAINS = 4
DEFECT_HEADERS = ("variable", "where", "phase", "relative", "|d|", "t", "computed by")


def show(comparison: Comparison, console: Console) -> None:
    """Print status, records, times, sizes and findings."""
    colour = COLOURS[comparison.status]
    console.print(f"[bold {colour}]{comparison.status}[/]  [bold]{escape(comparison.case.title)}[/]", soft_wrap=True)
    if comparison.case.source:
        console.print(f"[dim]{escape(comparison.case.source)}[/]")
    first = sum(len(verdict.broken) for verdict in comparison.verdicts)
    _show_findings(comparison.findings[:first], console)
    if comparison.verdicts:
        console.print(_records(comparison))
        for line in (*spike_lines(comparison), *closing_lines(comparison)):
            console.print(escape(line), soft_wrap=True)
    if comparison.diagnosis is not None:
        show_diagnosis(comparison, console)
    elif comparison.status == "beyond":
        console.print("--diagnose finds the variable, the compartment and the line in which single steps differ")
    _show_findings(comparison.findings[first:], console)


def _records(comparison: Comparison) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("record", overflow="fold")
    for header in ("max |d|", "RMS", "kick", "tolerance", "spikes", "first beyond"):
        table.add_column(header, justify="right")
    for verdict in comparison.verdicts:
        style = "" if verdict.within else "red"
        table.add_row(*(escape(cell) for cell in cells(verdict)), style=style)
    return table


def show_diagnosis(comparison: Comparison, console: Console) -> None:
    """Print what single steps show, the largest defect first."""
    diagnosis = comparison.diagnosis
    if diagnosis is None:
        return _show_findings(comparison.findings, console)
    console.print(escape(diagnosis_line(diagnosis)), soft_wrap=True)
    if not diagnosis.beyond:
        return
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for header in DEFECT_HEADERS:
        table.add_column(header, overflow="fold", justify="right" if header in ("relative", "|d|", "t") else "left")
    for defect in diagnosis.beyond[:MOST_DEFECTS]:
        table.add_row(*(escape(cell) for cell in defect_cells(defect)))
    console.print(table)


def diagnosis_line(diagnosis: Diagnosis) -> str:
    """What lock-step found, in one sentence."""
    worst, count = diagnosis.worst, len(diagnosis.steps)
    start = f"one step from NEURON's own state, {count} step{'s' * (count > 1)} of the run: "
    initial = sum(defect.phase == "initial" for defect in diagnosis.beyond)
    wrong = len(diagnosis.beyond) - initial
    after = f"; INITIAL leaves {initial} otherwise than NEURON's initialisation" if initial else ""
    after += _amplified(diagnosis) + _undefined(diagnosis)
    if wrong:
        variables = "variables differ" if wrong > 1 else "variable differs"
        return f"{start}{wrong} {variables} by more than 1e-9 of the largest value{after}"
    where = f"{worst.name} in {worst.place}" if worst.place else worst.name
    return f"{start}no variable differs by more than {number(worst.relative)} of its largest value ({where}){after}"


def _amplified(diagnosis: Diagnosis) -> str:
    """The variables whose last digits decide their value."""
    if not diagnosis.amplified:
        return ""
    first = diagnosis.amplified[0]
    names = ", ".join(dict.fromkeys(defect.name for defect in diagnosis.amplified[:MOST_AMPLIFIED]))
    more = ", ..." if len(diagnosis.amplified) > MOST_AMPLIFIED else ""
    return (
        f"; {names}{more}: rounding decides the value ({first.name}: {number(first.absolute)} apart in one step; its "
        f"rounding is {number(first.rounding)})"
    )


def _undefined(diagnosis: Diagnosis) -> str:
    """Where NEURON has no number to compare with."""
    if not diagnosis.undefined:
        return ""
    first, more = diagnosis.undefined[0], len(diagnosis.undefined) - 1
    others = f", and for {more} more variable{'s' * (more > 1)}" if more else ""
    where = f" in {first.place}" if first.place else ""
    return f"; NEURON itself gives {first.neuron} for {first.name}{where}, ours {first.ours:.6g}{others}"


def defect_cells(defect: Defect) -> tuple[str, ...]:
    """One defect as texts: variable, place, phase, relative and absolute size, time, line of code."""
    size, apart = number(defect.relative), number(defect.absolute)
    if not math.isfinite(defect.ours):
        apart = f"ours: {defect.ours}"
    return (defect.name, defect.place, defect.phase, size, apart, f"{defect.t:.3f} ms", defect.line)


def cells(verdict: metrics.Verdict) -> tuple[str, ...]:
    """One record as texts: name, max, RMS, kick, tolerance, spikes, first time beyond."""
    return (
        verdict.name,
        number(verdict.max_abs),
        number(verdict.rms),
        "-" if verdict.kick is None else number(verdict.kick),
        number(verdict.tolerance),
        spikes(verdict),
        "-" if verdict.first_divergence is None else f"{verdict.first_divergence:.3f} ms",
    )


def number(value: float) -> str:
    """A difference as it is read: 3.1e-11, 0, nan."""
    return "0" if value == 0 else f"{value:.2g}"


def spikes(verdict: metrics.Verdict) -> str:
    """``6 = 6`` when spikes fall in the same steps; the two counts, and where they part, when not."""
    if not verdict.voltage:
        return "-"
    theirs, ours = verdict.spikes_neuron, verdict.spikes_jxneuron
    if verdict.same_steps:
        return f"{len(theirs)} = {len(ours)}"
    pairs = zip(theirs, ours, strict=False)
    apart = next(((a, b) for a, b in pairs if a != b), None)
    return f"{len(theirs)} / {len(ours)}" + (f", {apart[0]:.3f} / {apart[1]:.3f} ms" if apart else "")


def spike_times(verdict: metrics.Verdict, most: int = 12) -> str:
    """NEURON's spike times, ms."""
    return listed([f"{t:.3f}" for t in verdict.spikes_neuron], most)


def spike_lines(comparison: Comparison) -> list[str]:
    """The spike times of each record that spikes, and how the spikes of the sources of events compare."""
    spiking = [verdict for verdict in comparison.verdicts if verdict.spikes_neuron]
    lines = [f"spikes of {verdict.name} (ms): {spike_times(verdict)}" for verdict in spiking[:4]]
    return lines + train_lines(comparison.trains)


def train_lines(trains: Sequence[metrics.Train]) -> list[str]:
    """How the spikes of the sources of events compare, in one line, and one for each of the first that differ."""
    if not trains:
        return []
    count, differing = sum(len(train.neuron) for train in trains), [train for train in trains if not train.within]
    sources = f"{count} spike{'s' * (count != 1)} of {len(trains)} recorded source{'s' * (len(trains) > 1)} of events"
    if differing:
        return [f"{sources}: {len(differing)} differ", *(f"  {difference(train)}" for train in differing[:MOST_TRAINS])]
    exactly = "to the last bit" if all(train.equal for train in trains) else f"within {metrics.SAME_SPIKE:g} ms"
    return [f"{sources}: equal {exactly}"]


def difference(train: metrics.Train) -> str:
    """Where the spikes of a source begin to differ."""
    theirs, ours = (f"{t:.10g} ms" if t is not None else "none more" for t in train.first or (None, None))
    counts = f"{len(train.neuron)} / {len(train.jxneuron)}"
    return f"{train.name}: {counts}, the first that differs: NEURON {theirs}, jxneuron {ours}"


def closing_lines(comparison: Comparison) -> list[str]:
    """Tolerance, times, sizes."""
    return [tolerance_line(comparison), seconds_line(comparison), sizes_line(comparison)]


def tolerance_line(comparison: Comparison) -> str:
    """What counted as equal, and why."""
    if comparison.case.tolerance is not None:
        return f"tolerance {comparison.case.tolerance:g} mV, the case's own: {comparison.case.why}"
    kicked = any(verdict.kick is not None for verdict in comparison.verdicts)
    rule = "within: max |d| <= 1e-9 mV (other variables: 1e-9 of their largest value)"
    if not kicked:
        return rule
    return f"{rule}, or {comparison.factor:g} x NEURON's own answer to a kick of 1e-12 mV"


def seconds_line(comparison: Comparison) -> str:
    """Wall time of both runs and time per step."""
    neuron, ours, compiling = (comparison.seconds.get(name) for name in ("neuron", "jxneuron", "compile"))
    steps = max(1, comparison.sizes.get("steps", 1))
    parts = [f"{name} {s:.2f} s ({1e6 * s / steps:.0f} us a step)" for name, s in _runs(neuron, ours)]
    if compiling is not None:
        parts.append(f"compile {compiling:.1f} s")
    return "run: " + ", ".join(parts)


def sizes_line(comparison: Comparison) -> str:
    """Model size and number of steps."""
    return "model: " + ", ".join(f"{count} {name}" for name, count in comparison.sizes.items())


def _runs(neuron: float | None, ours: float | None) -> list[tuple[str, float]]:
    return [(name, s) for name, s in (("NEURON", neuron), ("jxneuron", ours)) if s is not None]


def _show_findings(findings: tuple[Finding, ...], console: Console) -> None:
    for finding in findings[:MOST_FINDINGS]:
        console.print(f"[yellow]![/] {escape(str(finding))}", soft_wrap=True)
    if len(findings) > MOST_FINDINGS:
        console.print(f"[dim]{and_more(len(findings), MOST_FINDINGS)} (--json, --html show all)[/]")
