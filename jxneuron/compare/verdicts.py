"""What `verify` found, as text and as data.

Per file and kind of quantity (INITIAL, currents, slopes, ion writes, step) the worst sample with what it was given;
what differs, with all that it was given.
"""

from __future__ import annotations

import dataclasses
import math
import textwrap
from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from jxneuron.compare.judge import Quantity
from jxneuron.compare.verify import Verdict
from jxneuron.nmodl import check

COLOURS = {"verified": "green", "differs": "red", "refused": "yellow", "not run": "yellow"}
COLOURS |= {"functions": "green", "wrong": "red"}
SELDOM = ("not run", "functions", "wrong")  # counted only where there are any
KINDS = ("INITIAL", "currents", "slopes", "ions", "step", "events")
HEAD = ("", "worst", "relative", "/allowed", "compared", "at (--json: every input)")
MOST, EXPLAINED = 12, 4  # differing quantities of a file that are shown, and with all their inputs; JSON has all
WIDEST = 18  # a variable's name that still keeps the columns in line


def kind(quantity: Quantity) -> str:
    """One of ``KINDS``."""
    if quantity.phase == "events":
        return "events"
    if "_ion." in quantity.variable:
        return "ions"
    if quantity.phase == "current":
        return "slopes" if quantity.variable == "slope" else "currents"
    return "INITIAL" if quantity.phase == "initial" else "step"


def worst(verdict: Verdict) -> list[Quantity]:
    """Of each kind that the mechanism has the worst quantity, in the order of ``KINDS``."""
    found: dict[str, Quantity] = {}
    for each in sorted(verdict.quantities, key=lambda one: -one.badness):
        if each.samples:
            found.setdefault(kind(each), each)
    return [found[name] for name in KINDS if name in found]


def show(verdicts: Sequence[Verdict], console: Console) -> None:
    """Print each file's verdict and worst quantities, or why there are none; then the count."""
    names = check.shorten_paths([each.file for each in verdicts])
    shown = [_shown(each) for each in verdicts]
    width = min(max([len(HEAD[1]), *(len(each.variable) for rows in shown for each in rows)]), WIDEST)
    if any(shown):
        _print_line(_columns(*HEAD, width), console, "dim")
    for name, each, rows in zip(names, verdicts, shown, strict=True):
        mechanism = f" ({escape(each.name)})" if each.name else ""
        console.print(f"[{COLOURS[each.verdict]}]{each.verdict}[/] {escape(name)}{mechanism}", soft_wrap=True)
        for row in rows:
            _print_line(_line(row, width), console)
        if each.verdict != "verified":
            _show_why(each, console)
    counts = Counter(each.verdict for each in verdicts)
    parts = [f"{counts[name]} {name}" for name in COLOURS if counts[name] or name not in SELDOM]
    console.print(f"\n{len(verdicts)} file{'s' * (len(verdicts) != 1)}: " + ", ".join(parts))


def _shown(verdict: Verdict) -> list[Quantity]:
    """What differs, the worst first, then the worst of each other kind."""
    differing = list(verdict.differing[:MOST])
    kinds = {kind(each) for each in differing}
    return differing + [each for each in worst(verdict) if kind(each) not in kinds]


def _line(quantity: Quantity, width: int) -> str:
    compared = f"{quantity.samples}/{quantity.samples + quantity.left_out}"
    numbers = f"{quantity.relative:.1e}", f"{quantity.ratio:.1e}"
    return _columns(kind(quantity), quantity.variable, *numbers, compared, _inputs(quantity, " "), width)


def _columns(kind: str, variable: str, relative: str, ratio: str, compared: str, at: str, width: int) -> str:
    return f"  {kind:<8} {variable:<{width}} {relative:>8} {ratio:>8} {compared:>8}  {at}"


def _inputs(quantity: Quantity, between: str = ", ") -> str:
    return between.join(f"{name}={value:.6g}" for name, value in quantity.inputs.items())


def _print_line(text: str, console: Console, style: str = "") -> None:
    """Print what fits into one line."""
    line = Text(text, style)
    line.truncate(console.width, overflow="ellipsis")
    console.print(line)


def _show_why(verdict: Verdict, console: Console) -> None:
    if verdict.findings:
        check.show_findings(verdict.findings, console)
    elif verdict.why:
        console.print(escape(textwrap.indent(verdict.why, "  ")), soft_wrap=True)
    for quantity in verdict.differing[:EXPLAINED]:
        console.print(
            f"  {escape(quantity.variable)} ({quantity.phase}): ours {quantity.ours!r}, NEURON {quantity.neuron!r}"
        )
        console.print(Padding(escape(f"at {_inputs(quantity)}"), (0, 0, 0, 4)), style="dim")


def as_data(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """The same for ``--json``, with every quantity; numbers that JSON does not know are text."""
    return {"files": [_plain(dataclasses.asdict(each)) for each in verdicts]}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
