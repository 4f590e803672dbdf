"""Which part of the package may import which: one table for the test of imports and for the map of the parts.

``python tests/boundaries.py`` writes the map into docs/developers/architecture.md anew.
"""

from __future__ import annotations

from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "developers" / "architecture.md"
BEGIN, END = "<!-- imports: begin -->\n", "<!-- imports: end -->\n"
PARTS = {
    "model",
    "read",
    "nmodl",
    "mech",
    "lower",
    "run",
    "modules",
    "optimize",
    "compare",
    "child",
    "case",
    "importer",
    "morphology",
    "pictures",
}
HEAVY = {"neuron", "pandas", "matplotlib", "typer"}

# What must not be loaded once all modules of a part are imported.
FORBIDDEN = {
    "units": {f"jxneuron.{part}" for part in PARTS} | HEAVY | {"jax"},
    "errors": {f"jxneuron.{part}" for part in PARTS} | HEAVY | {"jax"},
    "ions": {f"jxneuron.{part}" for part in PARTS} | HEAVY | {"jax", "numpy"},
    "node_variables": {f"jxneuron.{part}" for part in PARTS} | HEAVY | {"jax", "numpy"},
    "wording": {f"jxneuron.{part}" for part in PARTS} | HEAVY | {"jax", "numpy"},
    "files": {f"jxneuron.{part}" for part in PARTS} | HEAVY | {"jax"},
    "model": {f"jxneuron.{part}" for part in PARTS - {"model"}} | HEAVY | {"jax"},
    "read": {f"jxneuron.{part}" for part in PARTS - {"read", "model", "mech"}} | HEAVY,
    "nmodl": {f"jxneuron.{part}" for part in PARTS - {"nmodl", "child"}} | HEAVY | {"jax"},
    "mech": {f"jxneuron.{part}" for part in PARTS - {"mech"}} | HEAVY,
    "lower": {f"jxneuron.{part}" for part in PARTS - {"lower", "model", "mech"}} | HEAVY,
    "run": {f"jxneuron.{part}" for part in PARTS - {"run", "lower", "model", "mech"}} | HEAVY,
    "optimize": {f"jxneuron.{part}" for part in PARTS - {"optimize", "model"}} | HEAVY,
    "morphology": {f"jxneuron.{part}" for part in PARTS & {"read", "nmodl", "compare", "child", "case", "importer"}}
    | HEAVY - {"pandas"},
    "pictures": {f"jxneuron.{part}" for part in PARTS & {"read", "nmodl", "compare", "child", "case", "importer"}}
    | HEAVY - {"pandas"}
    | {"networkx"},
    "case": {f"jxneuron.{part}" for part in PARTS - {"case", "model"}} | HEAVY | {"jax"},
    "child": {f"jxneuron.{part}" for part in PARTS & {"lower", "run", "modules", "compare", "importer"}} | HEAVY,
}
# The folders of the compiler in the order of its stages, and what of jxneuron.nmodl each may import
COMPILER: dict[str, tuple[str, ...]] = {
    "syntax": (),
    "frontend": ("syntax", "report"),
    "passes": ("syntax", "frontend"),
    "analysis": ("syntax", "frontend", "passes", "report"),
    "codegen": ("syntax", "frontend", "analysis"),
}


def map_of_imports() -> str:
    """The map as the page shows it."""
    rows = [f"| `{part}` | {_listed((PARTS | HEAVY) - {part} - _parts(part))} |" for part in FORBIDDEN]
    stages = [f"| `jxneuron/nmodl/{folder}/` | {_listed(known, in_order=True)} |" for folder, known in COMPILER.items()]
    return "\n".join(["| part | may load |", "| --- | --- |", *rows, *stages]) + "\n"


def _parts(part: str) -> set[str]:
    return {name.removeprefix("jxneuron.") for name in FORBIDDEN[part]}


def _listed(names: set[str] | tuple[str, ...], in_order: bool = False) -> str:
    return ", ".join(f"`{name}`" for name in (names if in_order else sorted(names))) or "none"


def main() -> None:
    """Write the map into its page, between its two marks."""
    text = PAGE.read_text()
    head, _, rest = text.partition(BEGIN)
    PAGE.write_text(head + BEGIN + map_of_imports() + END + rest.partition(END)[2])


if __name__ == "__main__":
    main()
