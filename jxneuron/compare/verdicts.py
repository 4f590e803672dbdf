"""What `verify` found, as a table and as data."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from jxneuron.compare.judge import Quantity
from jxneuron.compare.verify import Verdict

COLOURS = {"verified": "green", "differs": "red", "refused": "yellow", "not run": "yellow"}
MOST = 12  # differing quantities, and inputs of each, that the table shows; JSON has all


def show(verdicts: Sequence[Verdict], console: Console) -> None:
    """Print a table: per file its verdict and its worst quantity, or every one that differs with its inputs."""
    table = Table(Column("file", overflow="fold"), "mechanism", "", box=None, pad_edge=False)
    for heading in ("worst", "relative", "of allowed", "samples"):
        table.add_column(heading, no_wrap=True)
    for each in verdicts:
        verdict = f"[{COLOURS[each.verdict]}]{each.verdict}[/]"
        shown = each.differing[:MOST] or _worst(each)
        table.add_row(escape(each.file), escape(each.name), verdict, *(_cells(shown[0]) if shown else ()))
        for quantity in shown[1:]:
            table.add_row("", "", "", *_cells(quantity))
    console.print(table)
    for each in verdicts:
        _show_why(each, console)
    counts = Counter(each.verdict for each in verdicts)
    console.print(f"{len(verdicts)} files: " + ", ".join(f"{counts[name]} {name}" for name in COLOURS))


def _worst(verdict: Verdict) -> tuple[Quantity, ...]:
    return tuple(sorted(verdict.quantities, key=lambda each: -each.ratio)[:1])


def _cells(quantity: Quantity) -> tuple[str, ...]:
    samples = str(quantity.samples) + (f" ({quantity.left_out} not finite)" if quantity.left_out else "")
    name = escape(f"{quantity.phase} {quantity.variable}")
    return name, f"{quantity.relative:.1e}", f"{quantity.ratio:.1e}", samples


def _show_why(verdict: Verdict, console: Console) -> None:
    if verdict.why and verdict.verdict != "verified":
        console.print(f"\n{verdict.file}: {verdict.verdict}\n{verdict.why}", markup=False)
    for quantity in verdict.differing[:MOST]:
        console.print(f"\n{verdict.file}: {quantity.phase} {quantity.variable}", markup=False)
        console.print(f"  ours {quantity.ours!r}, NEURON {quantity.neuron!r}, at", markup=False)
        console.print(
            "  " + ", ".join(f"{name} = {value:.6g}" for name, value in quantity.inputs.items()), markup=False
        )


def as_data(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """The same for ``--json``."""
    return {"files": [dataclasses.asdict(each) for each in verdicts]}
