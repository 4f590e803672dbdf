"""``python -m jxneuron.morphology FILE... [--plot]``: what is in morphology files.

Exit code: 0, or 1 where a file could not be read or a picture not be written.
"""

from __future__ import annotations

import itertools
import warnings
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from jxneuron.errors import ModelError, MorphologyWarning
from jxneuron.model.model import Note
from jxneuron.morphology import read, summary
from jxneuron.morphology.picture import draw
from jxneuron.morphology.tree import Morphology
from jxneuron.wording import and_more

# Notes of one kind that are written out
SHOWN = 8


app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def main() -> None:
    """Entry of the command."""
    app(prog_name="python -m jxneuron.morphology")


@app.command()
def command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="SWC (.swc) or Neurolucida (.asc) files")],
    plot: Annotated[bool, typer.Option("--plot", help="write a picture of each, NAME.png")] = False,
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="where pictures go; made where it is missing")] = Path("."),
) -> None:
    """Read morphologies as NEURON's Import3d does, and say what is in them."""
    console, bad = Console(), Console(stderr=True)
    failed = False
    pictures: set[Path] = set()
    for file in files:
        try:
            with warnings.catch_warnings(action="ignore", category=MorphologyWarning):
                morphology = read(file)
            _show(console, file, morphology)
            if plot:
                pictures.add(picture := _free(to, file, pictures))
                to.mkdir(parents=True, exist_ok=True)
                draw(morphology, picture)
                console.print(f"  picture: {escape(str(picture))}", soft_wrap=True, highlight=False)
        except (ModelError, OSError) as error:
            failed = True
            bad.print(f"[red]{escape(str(error))}[/red]", soft_wrap=True, highlight=False)
    raise typer.Exit(code=1 if failed else 0)


def _free(folder: Path, file: Path, taken: set[Path]) -> Path:
    """A picture's name that no other one of this run has: cell.png, cell.swc.png, cell.swc-2.png, ..."""
    numbered = (folder / f"{file.name}-{number}.png" for number in itertools.count(2))
    names = itertools.chain([folder / f"{file.stem}.png", folder / f"{file.name}.png"], numbered)
    return next(name for name in names if name not in taken)


def _show(console: Console, file: Path, morphology: Morphology) -> None:
    console.print(f"[bold]{escape(str(file))}[/bold]", soft_wrap=True, highlight=False)
    table = Table()
    heads = ("group", "sections", "points", "tips", "length (um)", "area (um2)", "diam (um)")
    for head in heads:
        table.add_column(head, justify="left" if head == "group" else "right")
    for group, row in summary(morphology).to_dict(orient="index").items():
        counts = [f"{row[name]}" for name in ("sections", "points", "tips")]
        diams = f"{row['least diam']:.3g} to {row['greatest diam']:.3g}"
        style = "bold" if group == "all" else None
        table.add_row(str(group), *counts, f"{row['length']:.1f}", f"{row['area']:.1f}", diams, style=style)
    console.print(table)
    _notes(console, morphology.notes)


def _notes(console: Console, notes: tuple[Note, ...]) -> None:
    for note in notes[:SHOWN]:
        console.print(
            f"  {escape(note.place)}  {escape(note.found)}: {escape(note.done)}", soft_wrap=True, highlight=False
        )
    if len(notes) > SHOWN:
        console.print(f"  {and_more(len(notes), SHOWN)} notes")


if __name__ == "__main__":
    main()
