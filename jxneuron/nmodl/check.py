"""``--check``: which files can be translated, and why the others cannot.

In: files and folders. Out: one `Checked` per file, a table, JSON.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from jxneuron.errors import Finding, Findings, NmodlError
from jxneuron.nmodl import include, translate_all

MOST = 25  # findings of one file that the table shows; JSON has all


@dataclass(frozen=True)
class Checked:
    """One file: ``verdict`` is ``translated``, ``refused`` (not taken over) or ``wrong`` (not NMODL)."""

    file: str
    verdict: str
    name: str = ""
    kind: str = ""
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def read_text(path: Path) -> str:
    """Read a ``.mod`` file and what it includes.

    Raises:
        NmodlError: where a file is missing.
    """
    return include.expand(include.read_text(path), path)


def find(paths: Iterable[Path]) -> list[Path]:
    """The files given, and all ``.mod`` files below the folders given, each once.

    Raises:
        NmodlError: a folder holds none.
    """
    found: dict[Path, None] = {}
    for path in paths:
        inside = sorted(path.rglob("*.mod")) if path.is_dir() else [path]
        if not inside:
            raise NmodlError([Finding(str(path), "there is no .mod file in this folder")])
        found |= dict.fromkeys(inside)
    return list(found)


def check(paths: Sequence[Path]) -> list[Checked]:
    """Translate every file with one worker.

    Raises:
        NeuronMissing: NEURON, whose grammar is used, is not installed.
    """
    texts = [_text(path) for path in paths]
    good = [(text, path.name) for text, path in zip(texts, paths, strict=True) if isinstance(text, str)]
    results = iter(translate_all(good))
    return [
        _checked(path, next(results) if isinstance(text, str) else text)
        for text, path in zip(texts, paths, strict=True)
    ]


def _text(path: Path) -> str | NmodlError:
    try:
        return read_text(path)
    except NmodlError as error:
        return error


def _checked(path: Path, found: Any) -> Checked:
    if isinstance(found, Findings):
        verdict = "wrong" if isinstance(found, NmodlError) else "refused"
        return Checked(str(path), verdict, findings=found.findings)
    return Checked(str(path), "translated", found.name, found.kind, found.notes)


def show(checked: Sequence[Checked], console: Console) -> None:
    """Print the table, the findings, and the count."""
    table = Table("file", "mechanism", "kind", "", box=None, pad_edge=False)
    for each in checked:
        colour = "green" if each.verdict == "translated" else "red"
        table.add_row(escape(Path(each.file).name), escape(each.name), each.kind, f"[{colour}]{each.verdict}[/]")
        for finding in each.findings[:MOST]:
            table.add_row(f"  {escape(finding.place)}", "", "", escape(f"{finding.found}. {finding.way_out}".rstrip()))
        if len(each.findings) > MOST:
            table.add_row("", "", "", f"and {len(each.findings) - MOST} more findings (--json shows all)")
        for note in each.notes:
            table.add_row("", "", "", f"[dim]{escape(note)}[/]")
    console.print(table)
    good = sum(each.verdict == "translated" for each in checked)
    console.print(f"{len(checked)} files: {good} translated, {len(checked) - good} refused")


def as_data(checked: Sequence[Checked]) -> dict[str, Any]:
    """The same for ``--json``."""
    return {"files": [dataclasses.asdict(each) for each in checked]}
