"""The validation cases: those in this folder and the ones that the package ships.

In: TOML files. Out: their paths by name.
"""

from __future__ import annotations

from pathlib import Path

import jxneuron
from jxneuron import case

HERE = Path(__file__).resolve().parent
SHIPPED = Path(jxneuron.__file__).with_name("compare") / "cases"
INITS = ("ours", "neuron")  # where our run starts from; both must agree with NEURON
# The order of the table: whole published cells, cells of our own, then a few constructs each.
ORDER = (
    "allen_scnn1a",
    "emr_sscx",
    "demo",
    "own",
    "balanced",
    "python_cells",
    "prepared",
    "several_cells",
    "electrodes",
    "coupled",
    "played",
    "ring",
    "receivers",
    "clamps",
    "shells",
    "moments",
    "algebra",
    "solvers",
    "tables",
    "tables_exact",
    "oldstyle",
    "passive_tree",
    "hh_cable",
)


def cases() -> dict[str, Path]:
    """Case files by name, in the order of the table."""
    found = {path.stem: path for folder in (SHIPPED, HERE / "cases") for path in sorted(folder.glob("*.toml"))}
    rest = sorted(set(found) - set(ORDER))
    return {name: found[name] for name in (*ORDER, *rest)}


def starts(name: str) -> tuple[str, ...]:
    """Where a case's run starts from: both, or what the case itself says (its model alters states by code)."""
    own = case.read(cases()[name]).init
    return INITS if own == "auto" else (own,)
