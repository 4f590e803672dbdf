"""The README's picture: one record in both simulators, and their difference.

In: a case, run now. Out: ``docs/comparison.png``.

    python -m validation.picture [NAME]
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from jxneuron.compare import Comparison, compare
from validation.listing import HERE, cases

FILE = HERE.parent / "docs" / "comparison.png"
NEURON, OURS = "#9db8d2", "#c1440e"


def draw(run: Comparison, path: Path) -> None:
    """Draw the first record of a comparison; differences of exactly 0 stand at the axis."""
    if run.both is None:
        raise SystemExit("\n".join(str(finding) for finding in run.findings))
    verdict, t = run.verdicts[0], run.both.neuron.t
    theirs, ours = run.both.neuron.records[verdict.name], run.both.jxneuron.records[verdict.name]
    with matplotlib.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(8, 4.4), layout="constrained")
        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        top.plot(t, theirs, color=NEURON, linewidth=4, label="NEURON")
        top.plot(t, ours, color=OURS, linewidth=1, label="jxneuron")
        top.set(ylabel=f"{verdict.name}, mV", title=run.case.title, xlim=(t[0], t[-1]))
        top.legend(frameon=False, loc="upper right")
        difference = np.abs(ours - theirs)
        bottom.semilogy(t, np.where(difference > 0, difference, np.nan), color=OURS, linewidth=0.8)
        bottom.axhline(verdict.tolerance, color="#8a8f98", linestyle="--", linewidth=0.8)
        bottom.annotate("tolerance", (t[-1], verdict.tolerance), ha="right", va="bottom", color="#555555")
        bottom.set(ylabel="|difference|, mV", xlabel="ms", ylim=(1e-16, 30 * verdict.tolerance))
        figure.savefig(path, dpi=110, metadata={"Software": ""})


if __name__ == "__main__":
    draw(compare(cases()[sys.argv[1] if sys.argv[1:] else "allen_scnn1a"]), FILE)
    print(FILE.relative_to(HERE.parent))
