"""Compare every case with NEURON, from both initial states, and keep the outcome for the table.

In: the cases. Out: ``results.json``: by initial state, what ``python -m jxneuron.compare --suite --json`` writes, with
the one-step defects of each case's first.

    python -m validation.results [NAME ...]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from jxneuron.compare import suite
from jxneuron.files import write_atomically
from validation.listing import HERE, INITS, cases, starts

FILE = HERE / "results.json"


def stored() -> dict[str, Any]:
    """The kept results: by initial state, the suite's data."""
    return json.loads(FILE.read_text()) if FILE.exists() else {}


def rows(init: str) -> dict[str, dict[str, Any]]:
    """The kept rows of one initial state, by name."""
    return {row["name"]: row for row in stored().get(init, {}).get("cases", ())}


def main(names: list[str]) -> int:
    """Run the named cases (all by default) from each initial state and keep what came out."""
    results, code = {}, 0
    for init in INITS:
        found = [
            row
            for is_first in (True, False)
            for row in suite.run(_paths(names, init, is_first), init=init, diagnose=is_first)
        ]
        code = max(code, suite.exit_code(found))
        data = suite.as_data(found)
        both = {**rows(init), **{row["name"]: row for row in data["cases"]}}
        results[init] = {**data, "cases": [both[name] for name in cases() if name in both]}
        for row in found:
            print(f"{init:6} {row.name:24} {row.status} {row.reason}", flush=True)
    write_atomically(FILE, json.dumps(results, indent=1) + "\n")
    return code


def _paths(names: list[str], init: str, is_first: bool) -> list[Path]:
    """The cases that run from this state, as their first or as their second."""
    return [
        cases()[name] for name in names or cases() if init in starts(name) and (init == starts(name)[0]) == is_first
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
