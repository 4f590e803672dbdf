"""Compare every case with NEURON, from both initial states, and keep the outcome for the table.

In: the cases. Out: ``results.json``.

    python -m validation.results [NAME ...]
"""

from __future__ import annotations

import importlib.metadata
import json
import sys
from pathlib import Path
from typing import Any

from jxneuron.child.process import write_atomically
from jxneuron.compare import Comparison, compare
from validation.listing import HERE, INITS, cases

FILE = HERE / "results.json"


def stored() -> dict[str, Any]:
    """The kept results: ``neuron`` (version) and ``cases`` by name."""
    return json.loads(FILE.read_text()) if FILE.exists() else {"neuron": "", "cases": {}}


def outcome(path: Path) -> dict[str, Any]:
    """One row of the table: both runs of a case. Numbers of the run that starts from our own INITIAL."""
    runs = {init: compare(path, init=init) for init in INITS}
    first = runs[INITS[0]]
    voltages = [each for each in first.json["records"] if each["name"].endswith(".v")]
    return {
        "title": first.case.title,
        "source": first.case.source,
        "status": {init: run.status for init, run in runs.items()},
        "segments": first.sizes.get("segments"),
        "mechanisms": first.sizes.get("mechanisms"),
        "ms": _duration(first),
        "spikes": max((len(each["spikes_neuron"]) for each in voltages), default=0),
        "max_abs": max((each["max_abs"] for each in voltages if each["max_abs"] is not None), default=None),
        "kick": max((each["kick"] for each in voltages if each["kick"] is not None), default=None),
    }


def _duration(run: Comparison) -> float | None:
    return None if run.both is None else round(float(run.both.neuron.t[-1]), 3)


def main(names: list[str]) -> None:
    """Run the named cases (all by default) and keep what came out."""
    results = stored()
    for name in names or cases():
        results["cases"][name] = outcome(cases()[name])
        print(name, results["cases"][name]["status"], results["cases"][name]["max_abs"], flush=True)
    kept = {name: results["cases"][name] for name in cases() if name in results["cases"]}
    text = json.dumps({"neuron": importlib.metadata.version("neuron"), "cases": kept}, indent=1)
    write_atomically(FILE, text + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
