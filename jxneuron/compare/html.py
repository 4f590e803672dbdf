"""The comparison as one HTML file that needs nothing else.

In: a `Comparison`. Out: HTML text with the pictures inside.
"""

from __future__ import annotations

import base64
import datetime
import importlib.metadata
import platform

import jinja2
import numpy as np

from jxneuron.compare import report
from jxneuron.compare.comparison import Comparison
from jxneuron.compare.metrics import Verdict

MOST_PICTURES = 12


def render(comparison: Comparison) -> str:
    """The whole report."""
    diagnosis = comparison.diagnosis
    return template("report.html.jinja").render(
        case=comparison.case,
        status=comparison.status,
        summary=summary(comparison),
        verdicts=[(verdict, report.cells(verdict), report.spike_times(verdict)) for verdict in comparison.verdicts],
        tolerance=report.tolerance_line(comparison),
        trains=report.train_lines(comparison.trains),
        findings=comparison.findings,
        pictures=_pictures(comparison),
        left_out=max(0, len(comparison.verdicts) - MOST_PICTURES),
        cell=_cell(comparison),
        diagnosis="" if diagnosis is None else report.diagnosis_line(diagnosis),
        defect_headers=report.DEFECT_HEADERS,
        defects=[] if diagnosis is None else [report.defect_cells(defect) for defect in diagnosis.beyond],
        facts=_facts(comparison),
        made=made(),
    )


def made() -> str:
    """When a page was written."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")


def template(name: str) -> jinja2.Template:
    """One of our pages."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("jxneuron.compare", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def summary(comparison: Comparison) -> str:
    """One sentence: how far apart, where, and whether spikes fall in the same steps."""
    verdicts = comparison.verdicts
    if any(verdict.broken for verdict in verdicts) or not verdicts:
        return comparison.findings[0].found if comparison.findings else ""
    worst = max(verdicts, key=_excess)
    unit = " mV" if worst.voltage else ""
    apart = f"Largest difference {report.number(worst.max_abs)}{unit} ({worst.name}, at {worst.at:.3f} ms)"
    counted = max(verdicts, key=lambda verdict: len(verdict.spikes_neuron))
    count = len(counted.spikes_neuron)
    if not count:
        return f"{apart}; no spikes."
    where = "all in the same steps" if all(verdict.same_steps for verdict in verdicts) else "not in the same steps"
    return f"{apart}; {count} spike{'s' * (count > 1)}, {where}."


def _excess(verdict: Verdict) -> float:
    """How much of its tolerance a record uses; voltages first when nothing differs."""
    return verdict.max_abs / verdict.tolerance if verdict.tolerance else float(verdict.max_abs > 0)


def _pictures(comparison: Comparison) -> list[str]:
    from jxneuron.compare import figures

    if comparison.both is None:
        return []
    neuron, ours = comparison.both.neuron, comparison.both.jxneuron
    return [
        embed(figures.traces(neuron.t, neuron.records[v.name], ours.records[v.name], v))
        for v in comparison.verdicts[:MOST_PICTURES]
    ]


def _cell(comparison: Comparison) -> str:
    from jxneuron.compare import figures

    if comparison.both is None:
        return ""
    neuron, ours = comparison.both.neuron.middles, comparison.both.jxneuron.middles
    differences = {name: float(np.max(np.abs(ours[name] - neuron[name]))) for name in neuron if name in ours}
    return embed(figures.cell(comparison.both.model, differences))


def embed(svg: str) -> str:
    """A picture as the source of an <img>."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _facts(comparison: Comparison) -> list[tuple[str, list[tuple[str, str]]]]:
    """Titled lists of name and value: the run, the model, the case, the software."""
    case = comparison.case
    run = [("wall time", report.seconds_line(comparison).removeprefix("run: "))] if comparison.verdicts else []
    if comparison.both is not None:
        units = {"dt": " ms", "tstop": " ms", "t": " ms", "celsius": " degC", "v_init": " mV"}
        settings = comparison.both.neuron.answer["settings"]
        names = {"t": "starts at"}
        run += [(names.get(k, k), f"{v:.10g}{units[k]}") for k, v in settings.items() if k in units]
        run.append(("secondorder", str(settings["secondorder"])))
    given = [
        ("files", ", ".join(case.load)),
        ("folder", case.cwd),
        (".mod files", ", ".join(case.mod)),
        ("before", "\n".join(case.before)),
        ("after", "\n".join(case.after)),
        ("initialisation", case.init),
        ("stimuli", "\n".join(f"{s.at}: {s.amp:g} nA from {s.delay:g} ms for {s.dur:g} ms" for s in case.stim)),
        ("without", ", ".join(case.without)),
    ]
    size = [(name, f"{count:,}") for name, count in comparison.sizes.items()]
    titled = [("Run", run), ("Model", size), ("Case", given), ("Software", software())]
    return [(title, [(k, v) for k, v in rows if v]) for title, rows in titled if rows]


def software() -> list[tuple[str, str]]:
    """What ran, and on what; "" where it is not installed."""
    found = [(name, _version(name.lower())) for name in ("NEURON", "jxneuron", "JAX")]
    return [*found, ("Python", platform.python_version()), ("machine", f"{platform.system()} {platform.machine()}")]


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""
