"""``python -m validation.fuzz --seed S --count N``: read edited files, and show each reading that failed.

Exit code: 0, or 1 where any failed.
"""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from jxneuron.errors import JxneuronError
from validation.fuzz import inputs, judge

MOST_LINES = 60  # of an edited file that are shown
app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def command(
    seed: Annotated[int, typer.Option(help="of the edits")] = 0,
    count: Annotated[int, typer.Option(min=1, help="inputs of each kind")] = 100,
    kind: Annotated[list[str] | None, typer.Option(help="mod, swc, asc, toml; all where left out")] = None,
    first: Annotated[int, typer.Option(min=0, help="number of the first input")] = 0,
    keep: Annotated[Path | None, typer.Option(metavar="FOLDER", help="where edited files that failed go")] = None,
    workers: Annotated[int, typer.Option(min=1, help="processes at a time")] = 2,
) -> None:
    """Read edited files as a user's are read; show each that failed, and the count."""
    kinds = tuple(kind or inputs.KINDS)
    unknown = sorted(set(kinds) - set(inputs.KINDS))
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}: the kinds are {', '.join(inputs.KINDS)}")
    console = Console(highlight=False, soft_wrap=True)
    try:
        failed = [_of_kind(each, seed, range(first, first + count), workers, keep, console) for each in kinds]
    except JxneuronError as error:
        console.print(f"[red]{escape(str(error))}[/]")
        raise typer.Exit(2) from None
    raise typer.Exit(int(any(failed)))


def _of_kind(kind: str, seed: int, numbers: range, workers: int, keep: Path | None, console: Console) -> int:
    """Read the inputs of one kind, show what failed; how many."""
    start = time.monotonic()
    with Console(stderr=True).status(f"{kind}: 0") as line:
        count = Counter[str]()

        def done(more: int) -> None:
            count["done"] += more
            line.update(f"{kind}: {count['done']} of {len(numbers)}")

        found = judge.readings(kind, seed, numbers, workers, done)
    failed = [each for each in found if each.failed]
    for each in failed:
        _show(inputs.make(kind, seed, each.number), each, keep, console)
    verdicts = Counter(each.verdict or "no verdict" for each in found)
    parts = ", ".join(f"{number} {verdict}" for verdict, number in sorted(verdicts.items()))
    slowest = max(found, key=lambda each: each.seconds)
    console.print(
        f"[bold]{kind}[/]: {len(found)} inputs in {time.monotonic() - start:.0f} s: {parts}; "
        f"{len(failed)} failed; slowest: {slowest.seconds:.2f} s (number {slowest.number})"
    )
    for what, number in Counter(each.failed for each in failed).most_common():
        console.print(f"  {number:5}  {escape(what)}")
    return len(failed)


def _show(made: inputs.Input, reading: judge.Reading, keep: Path | None, console: Console) -> None:
    """How to get the input again, what was done to which file, what failed, and the text."""
    again = f"python -m validation.fuzz --kind {made.kind} --seed {made.seed} --first {made.number} --count 1"
    console.print(f"[red]{escape(reading.failed)}[/]\n  {again}\n  {escape(made.original)}")
    for edit in made.edits:
        console.print(f"    {edit}", markup=False)
    console.print(reading.said.rstrip(), markup=False)
    lines = made.data.decode(errors="backslashreplace").splitlines()
    shown = [f"  | {line}" for line in lines[:MOST_LINES]]
    more = [f"  | and {len(lines) - MOST_LINES} lines more"] if len(lines) > MOST_LINES else []
    console.print("\n".join([*shown, *more]) + "\n", markup=False)
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        (keep / f"{made.seed}-{made.number}.{made.kind}").write_bytes(made.data)


if __name__ == "__main__":
    app(prog_name="python -m validation.fuzz")
