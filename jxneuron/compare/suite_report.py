"""A suite on a terminal, and as one HTML file.

In: `suite.Row`s. Out: a table and the reasons below it; a page with the pictures inside.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from jxneuron.compare import html, report, suite
from jxneuron.compare.suite import Moment, Row
from jxneuron.compare.suite import Progress as Tell
from jxneuron.files import write_atomically

HEADERS = ("spikes", "max |dV|", "kick", "of limit", "one step", "NEURON", "jxneuron")
SOMETIMES = ("kick", "one step")  # left out on a terminal where no case has one
EXPLAINED = """\
max |dV|: over the recorded voltages, mV. kick: NEURON's own answer to 1e-12 mV, measured where a difference exceeds
1e-9. of limit: how much of its tolerance the worst record uses. one step: the largest difference of any variable after
one step from NEURON's own state, relative to its largest value (--diagnose). NEURON, jxneuron: wall time of the steps,
while other cases ran beside."""


def show(rows: Sequence[Row], console: Console) -> None:
    """Print the table, why cases are not within, and how many are."""
    texts = [cells(row) for row in rows]
    shown = [k for k, header in enumerate(HEADERS) if header not in SOMETIMES or any(each[k] for each in texts)]
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 1, 0, 0))
    table.add_column("case", overflow="fold", min_width=10)
    for k in shown:
        table.add_column(HEADERS[k], justify="right", no_wrap=True)
    table.add_column("", min_width=max(len(word) for row in rows for word in row.status.split()))
    for row, text in zip(rows, texts, strict=True):
        verdict = f"[{report.COLOURS[row.status]}]{row.status}[/]"
        table.add_row(row.name, *(escape(text[k]) for k in shown), verdict)
    console.print(table)
    for row in rows:
        if row.reason:
            console.print(f"[{report.COLOURS[row.status]}]![/] {row.name}: {escape(row.reason)}", soft_wrap=True)
    console.print(counts(rows))


def cells(row: Row) -> tuple[str, ...]:
    """One case as texts, under `HEADERS`."""
    worst = row.json["of_tolerance"]
    return (
        _spikes(row),
        _number(row.max_dv),
        _number(row.kick),
        "" if not row.verdicts else "beyond" if worst is None else _number(worst),
        "" if row.defect is None else _number(row.defect["relative"]),
        *(_seconds(row.seconds.get(name)) for name in ("neuron", "jxneuron")),
    )


def counts(rows: Sequence[Row]) -> str:
    """``12 cases: 11 within, 1 beyond``."""
    found = Counter(row.status for row in rows)
    parts = [f"{found[status]} {status}" for status in report.COLOURS if found[status]]
    return f"{len(rows)} case{'s' * (len(rows) != 1)}: " + ", ".join(parts)


@contextmanager
def progress() -> Iterator[Tell]:
    """A bar on the terminal's error stream; what it gives is the ``tell`` of `suite.run`."""
    columns = (BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def tell(moment: Moment) -> None:
            bar.update(task, completed=moment.done, total=moment.total, description=_under_way(moment))

        yield tell


def render(rows: Sequence[Row], title: str) -> str:
    """The page."""
    worst = "within" if all(row.status == "within" for row in rows) else "beyond"
    return html.template("suite.html.jinja").render(
        title=title,
        status=worst,
        summary=counts(rows) + ".",
        headers=HEADERS,
        explained=EXPLAINED,
        rows=[(row, cells(row)) for row in rows],
        details=[(row, [report.cells(each) for each in row.verdicts], _picture(row)) for row in rows],
        software=", ".join(f"{name} {version}" for name, version in html.software() if version),
        made=html.made(),
    )


@dataclass(frozen=True)
class Written:
    """What files hold: the rows, and what the page is called."""

    rows: Sequence[Row]
    title: str

    def save_json(self, path: Path) -> None:
        """Write the table as JSON in one go."""
        write_atomically(path, json.dumps(suite.as_data(self.rows), indent=1, allow_nan=False) + "\n")

    def html(self, path: Path) -> None:
        """Write the page in one go."""
        write_atomically(path, render(self.rows, self.title))


def _picture(row: Row) -> str:
    return html.embed(row.picture) if row.picture else ""


def _under_way(moment: Moment) -> str:
    done = [f"[{report.COLOURS[status]}]{count} {status}[/]" for status, count in moment.counts.items()]
    return " ".join([*done, "[dim]" + escape(", ".join(moment.running)) + "[/]"])


def _spikes(row: Row) -> str:
    if row.same_spikes is None:
        return ""
    return f"{row.spikes}" if row.same_spikes else f"{row.spikes} differ"


def _number(value: float | None) -> str:
    return "" if value is None else report.number(value)


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f} s"
