"""Tell which files can be translated, and why the others cannot: ``--check``.

In: files and folders. Out: one `Checked` per file, a table, JSON.
"""

from __future__ import annotations

import dataclasses
import os
import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from jxneuron.errors import Finding, Findings, NmodlError, NoMechanism
from jxneuron.nmodl import Translation, translate_all
from jxneuron.nmodl.frontend import include
from jxneuron.wording import and_more

COLOURS = {"translated": "green", "functions": "green", "refused": "yellow", "wrong": "red"}
MOST = 25  # findings of one file that the table shows; JSON has all
NARROWEST = 40  # columns that lines are wrapped at even where the terminal has fewer


@dataclass(frozen=True)
class Checked:
    """One file.

    ``verdict`` is ``translated``, ``functions`` (``SUFFIX nothing``: no mechanism), ``refused`` (not taken over) or
    ``wrong`` (it does not build in NEURON).
    """

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


def find_files(paths: Iterable[Path]) -> list[Path]:
    """List the files given, and all ``.mod`` files below the folders given, each once.

    Raises:
        NmodlError: a folder holds none.
    """
    files: dict[Path, None] = {}
    for path in paths:
        inside = sorted(path.rglob("*.mod")) if path.is_dir() else [path]
        if not inside:
            raise NmodlError([Finding(str(path), "there is no .mod file in this folder")])
        files |= dict.fromkeys(inside)
    return list(files)


def check(paths: Sequence[Path]) -> list[Checked]:
    """Translate every file.

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


def _checked(path: Path, result: Translation | Findings) -> Checked:
    if isinstance(result, Findings):
        verdict = verdict_on(result)
        return Checked(str(path), verdict, findings=() if verdict == "functions" else result.findings)
    return Checked(str(path), "translated", result.name, result.kind, result.notes)


def verdict_on(error: Findings) -> str:
    """Return the verdict on a file that is not translated, as ``Checked`` describes it."""
    if isinstance(error, NoMechanism):
        return "functions"
    return "wrong" if isinstance(error, NmodlError) else "refused"


def show(checked: Sequence[Checked], console: Console) -> None:
    """Print a line for each file, the findings by file, and the count."""
    names = shorten_paths([result.file for result in checked])
    width = max((len(result.name) for result in checked), default=0)
    for name, result in zip(names, checked, strict=True):
        mechanism = escape(f"{result.kind:<7}  {result.name:<{width}}")
        console.print(f"{_coloured(result.verdict, 10)}  {mechanism}  {escape(name)}".rstrip(), soft_wrap=True)
    for name, result in zip(names, checked, strict=True):
        if result.findings or result.notes:
            console.print(f"\n{_coloured(result.verdict)} {escape(name)}", soft_wrap=True)
            show_findings(result.findings, console, notes=result.notes)
    counts = Counter(result.verdict for result in checked)
    parts = [
        f"{counts[verdict]} {verdict}" for verdict in COLOURS if counts[verdict] or verdict in ("translated", "refused")
    ]
    console.print(f"\n{len(checked)} file{'s' * (len(checked) != 1)}: " + ", ".join(parts))


def _coloured(verdict: str, width: int = 0) -> str:
    return f"[{COLOURS[verdict]}]{verdict:<{width}}[/]"


def show_findings(findings: Sequence[Finding], console: Console, notes: Sequence[str] = ()) -> None:
    """Print findings of one file: place and what was found, below it the way out; then notes."""
    for finding in findings[:MOST]:
        _print_wrapped(f"{finding.place}  {finding.found}", console)
        if finding.way_out:
            _print_wrapped(finding.way_out, console, "dim", first="    ")
    if len(findings) > MOST:
        console.print(f"  {and_more(len(findings), MOST)} findings (--json shows all)")
    for note in notes:
        _print_wrapped(f"note  {note}", console, "dim")


def _print_wrapped(text: str, console: Console, style: str = "", first: str = "  ") -> None:
    """Print text in lines that fit, all but the first indented further."""
    wrapper = textwrap.TextWrapper(
        max(console.width, NARROWEST),
        initial_indent=first,
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    for line in (line for part in text.splitlines() for line in wrapper.wrap(part)):
        console.print(Text(line, style), soft_wrap=True)


def shorten_paths(files: Sequence[str]) -> list[str]:
    """Return paths without the folder that all have in common."""
    folders = [os.path.dirname(os.path.abspath(file)) for file in files]
    common = os.path.commonpath(folders) if folders else ""
    return [os.path.relpath(os.path.abspath(file), common) for file in files]


def as_data(checked: Sequence[Checked]) -> dict[str, Any]:
    """Return what ``--json`` prints: one record per file, with the fields of ``Checked``."""
    return {"files": [dataclasses.asdict(result) for result in checked]}
