"""The README's table of validated models, from the kept results.

In: ``results.json``. Out: Markdown, printed, or with ``--write`` put between the marks in README.md.

    python -m validation.table [--write]
"""

from __future__ import annotations

import sys
from typing import Any

from jxneuron.files import write_atomically
from validation import results
from validation.listing import HERE, INITS, cases, starts

README = HERE.parent / "README.md"
BEGIN, END = "<!-- validated models: python -m validation.table --write -->", "<!-- end of the table -->"
HEAD = """\
| model | segments | mechanisms | ms | spikes | max \\|dV\\|, mV | kick, mV | one step | NEURON, s | ours, s | verdict |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |"""


def table() -> str:
    """Markdown, one row per case, and a line with NEURON's version."""
    kept = {init: results.rows(init) for init in INITS}
    rows = [_row([kept[init][name] for init in starts(name)]) for name in cases()]
    version = results.stored()[INITS[0]]["neuron"]
    return "\n".join([HEAD, *rows, "", f"NEURON {version}, x86_64 Linux, float64, fixed step 0.025 ms."])


def in_readme(readme: str) -> str:
    """What stands between the marks of a README."""
    return readme.split(BEGIN)[1].split(END)[0].strip()


def _row(runs: list[dict[str, Any]]) -> str:
    """One case: the numbers of the first start, the verdict on all."""
    first = runs[0]
    verdicts = dict.fromkeys(run["status"] for run in runs)
    cells = [
        first["title"],
        first["segments"],
        first["mechanisms"],
        f"{first['ms']:g}",
        first["spikes"] if first["same_spikes"] else f"{first['spikes']} differ",
        _number(first["max_dv"]),
        _number(first["kick"]),
        _number((first["one_step"] or {}).get("relative")),
        *(f"{first['seconds'][engine]:.2f}" for engine in ("neuron", "jxneuron")),
        " / ".join(verdicts),
    ]
    return "| " + " | ".join(map(str, cells)) + " |"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1e}"


def write() -> None:
    """Put the table into README.md."""
    text = README.read_text()
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    write_atomically(README, f"{before}{BEGIN}\n{table()}\n{END}{after}")


if __name__ == "__main__":
    write() if "--write" in sys.argv[1:] else print(table())
