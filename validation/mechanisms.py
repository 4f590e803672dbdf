"""The mechanisms that other people published, translated and compared with NEURON.

In: the ``.mod`` files of NEURON itself and of the packages in ``models.txt``. Out: a `Verdict` per file.

    python -m validation.mechanisms [--sample]     # minutes; the sample is what CI runs
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from jxneuron.case import installed
from jxneuron.compare import verdicts
from jxneuron.compare.verify import Verdict, verify
from jxneuron.nmodl.check import find_files

FOLDERS = {
    "NEURON": ("neuron", ".data/share/modfile"),
    "bmtk": ("bmtk", "utils/scripts/bionet/mechanisms/modfiles"),
    "EModelRunner": ("emodelrunner", "../examples"),
    "dbbs-catalogue": ("dbbs_catalogue", "mods/neuron"),
}
# A table, a point process, and one mechanism for each way to solve and to use an ion.
SAMPLE = (
    "NEURON/hh.mod",
    "NEURON/svclmp.mod",
    "bmtk/NaV.mod",
    "EModelRunner/thalamus_sample_dir/mechanisms/TC_ITGHK_Des98.mod",
    "EModelRunner/thalamus_sample_dir/mechanisms/TC_cadecay.mod",
    "dbbs-catalogue/Kca1_1__0.mod",
)


def folder(package: str) -> Path:
    """Where a package keeps its ``.mod`` files.

    Raises:
        ModelError: it is not installed (pip install --no-deps -r validation/models.txt).
    """
    name, inside = FOLDERS[package]
    return (installed(name) / inside).resolve()


def everything() -> list[Path]:
    """All files: 159 of them."""
    return find_files([folder(package) for package in FOLDERS])


def sampled() -> list[Verdict]:
    """The verdicts on the sample, from one build."""
    with tempfile.TemporaryDirectory(prefix="jxneuron-") as name:
        copies = []
        for each in SAMPLE:
            package, _, inside = each.partition("/")
            copies.append(Path(name) / Path(inside).name)
            copies[-1].write_bytes((folder(package) / inside).read_bytes())
        return verify(copies)


def main(arguments: Sequence[str]) -> int:
    """Verify, print the table; 0 unless a file differs from NEURON."""
    with Console(stderr=True).status("starting") as line:
        tell = lambda what: line.update(what + " ...")  # noqa: E731
        found = sampled() if "--sample" in arguments else verify(everything(), tell=tell)
    verdicts.show(found, Console(highlight=False))
    return int(any(each.verdict == "differs" for each in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
