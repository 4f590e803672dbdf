"""Our verdict on ``.mod`` files beside NEURON's: `wrong` is said only where NEURON's tools stop, and wherever they do.

In: files and folders; without any, those of the installed packages and our own. Out: how many files there are of every
pair of verdicts, and each disagreement with both sides' words. What is refused disagrees with nothing.

    python -m validation.verdicts [--sample] [FILE_OR_FOLDER ...]     # exit code 1: there are disagreements
"""

from __future__ import annotations

import sys
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from jxneuron.errors import Finding
from jxneuron.nmodl import check
from jxneuron.nmodl.check import Checked
from validation import mechanisms, oracle
from validation.oracle import Answer

OURS = ("translated", "functions", "refused", "wrong", "failed")
THEIRS = ("builds", "nocmodl stops", "compiler stops")
SAMPLED = 40
TOGETHER = 40  # files that one worker parses
SHOWN = 3  # findings of a file


@dataclass(frozen=True)
class Pair:
    """Both verdicts on one file; ours is ``failed`` where it is no verdict but a fault."""

    file: str
    ours: Checked
    theirs: Answer

    @property
    def builds(self) -> str:
        return f"{self.theirs.stopped} stops" if self.theirs.stopped else "builds"

    @property
    def disagree(self) -> bool:
        allowed = {
            "translated": self.theirs.builds,
            "functions": True,
            "refused": True,
            "wrong": not self.theirs.builds,
        }
        return not allowed.get(self.ours.verdict, False)


def compare(paths: Sequence[Path]) -> list[Pair]:
    """Both verdicts on every file.

    Raises:
        NeuronMissing: NEURON or a C++ compiler is not installed.
    """
    theirs = oracle.ask([oracle.read(path) for path in paths])
    ours = [each for k in range(0, len(paths), TOGETHER) for each in _checked(paths[k : k + TOGETHER])]
    return [Pair(str(path), one, other) for path, one, other in zip(paths, ours, theirs, strict=True)]


def _checked(paths: Sequence[Path]) -> list[Checked]:
    """Our verdicts; one file that makes the translator fail does not cost those of the others."""
    try:
        return check.check(paths)
    except Exception:
        if len(paths) > 1:
            return [each for path in paths for each in _checked([path])]
        last = traceback.format_exc().strip().splitlines()[-1]
        return [Checked(str(paths[0]), "failed", findings=(Finding(paths[0].name, last),))]


def everything() -> list[Path]:
    """The files of the installed packages and our own, once per content."""
    own = check.find_files([Path(__file__).parents[1] / "mod"])
    return list({path.read_bytes(): path for path in reversed([*mechanisms.everything(), *own])}.values())[::-1]


def sample() -> list[Path]:
    """Some of them, from all packages."""
    paths = everything()
    return [paths[k * len(paths) // SAMPLED] for k in range(SAMPLED)]


def show(pairs: Sequence[Pair], console: Console) -> None:
    """Print the counts, then the disagreements."""
    counts = Counter((pair.ours.verdict, pair.builds) for pair in pairs)
    console.print("".join(f"{head:>16}" for head in ("", *THEIRS)))
    for ours in OURS:
        row = [counts[ours, theirs] for theirs in THEIRS]
        if any(row) or ours != "failed":
            console.print(f"{ours:>16}" + "".join(f"{number:16}" for number in row))
    found = [pair for pair in pairs if pair.disagree]
    for pair in found:
        console.print(f"\n[red]{pair.ours.verdict}[/], but [red]{pair.builds}[/]: {escape(pair.file)}", soft_wrap=True)
        check.show_findings(pair.ours.findings[:SHOWN], console)
        for line in pair.theirs.said.splitlines():
            console.print(f"  {pair.theirs.stopped}: {escape(line)}", soft_wrap=True)
    console.print(f"\n{len(pairs)} files, {len(found)} disagreements")


def main(arguments: Sequence[str]) -> int:
    """Compare, print; 0 unless there are disagreements."""
    given = [Path(each) for each in arguments if each != "--sample"]
    paths = check.find_files(given) if given else sample() if "--sample" in arguments else everything()
    pairs = compare(paths)
    show(pairs, Console(highlight=False))
    return int(any(pair.disagree for pair in pairs))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
