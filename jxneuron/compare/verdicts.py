"""What `verify` found, as a table and as data."""

from __future__ import annotations

import dataclasses
import textwrap
from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from jxneuron.compare.judge import Quantity
from jxneuron.compare.verify import Verdict
from jxneuron.nmodl import check

COLOURS = {"verified": "green", "differs": "red", "refused": "yellow", "not run": "yellow"}
MOST, EXPLAINED = 12, 4  # differing quantities of a file that are shown, and with their inputs; JSON has all


def show(verdicts: Sequence[Verdict], console: Console) -> None:
    """Print a table: per file its verdict and its worst quantity, or every one that differs with its inputs."""
    names = check.short([each.file for each in verdicts])
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("file", "mechanism", "", "worst", "relative", "of allowed", "samples"):
        table.add_column(heading, no_wrap=heading not in ("file", "mechanism"), overflow="fold")
    for name, each in zip(names, verdicts, strict=True):
        verdict = f"[{COLOURS[each.verdict]}]{each.verdict}[/]"
        shown = each.differing[:MOST] or _worst(each)
        table.add_row(escape(name), escape(each.name), verdict, *(_cells(shown[0]) if shown else ()))
        for quantity in shown[1:]:
            table.add_row("", "", "", *_cells(quantity))
    console.print(table)
    for name, each in zip(names, verdicts, strict=True):
        if each.verdict != "verified":
            _show_why(name, each, console)
    counts = Counter(each.verdict for each in verdicts)
    parts = [f"{counts[name]} {name}" for name in COLOURS if counts[name] or name != "not run"]
    console.print(f"\n{len(verdicts)} file{'s' * (len(verdicts) != 1)}: " + ", ".join(parts))


def _worst(verdict: Verdict) -> tuple[Quantity, ...]:
    return tuple(sorted(verdict.quantities, key=lambda each: -each.ratio)[:1])


def _cells(quantity: Quantity) -> tuple[str, ...]:
    samples = str(quantity.samples) + (f" ({quantity.left_out} not finite)" if quantity.left_out else "")
    name = escape(f"{quantity.phase} {quantity.variable}")
    return name, f"{quantity.relative:.1e}", f"{quantity.ratio:.1e}", samples


def _show_why(name: str, verdict: Verdict, console: Console) -> None:
    console.print(f"\n[{COLOURS[verdict.verdict]}]{verdict.verdict}[/] {escape(name)}", soft_wrap=True)
    if verdict.findings:
        check.show_findings(verdict.findings, console)
    elif verdict.why:
        console.print(escape(textwrap.indent(verdict.why, "  ")), soft_wrap=True)
    for quantity in verdict.differing[:EXPLAINED]:
        inputs = ", ".join(f"{name}={value:.6g}" for name, value in quantity.inputs.items())
        console.print(
            f"  {escape(quantity.variable)} ({quantity.phase}): ours {quantity.ours!r}, NEURON {quantity.neuron!r}"
        )
        console.print(Padding(escape(f"at {inputs}"), (0, 0, 0, 4)), style="dim")


def as_data(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """The same for ``--json``."""
    return {"files": [dataclasses.asdict(each) for each in verdicts]}
