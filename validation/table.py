"""The README's table of validated models, from the kept results.

In: ``results.json``. Out: Markdown, printed, or with ``--write`` put between the marks in README.md.

    python -m validation.table [--write]
"""

from __future__ import annotations

import sys
from typing import Any

from jxneuron.child.process import write_atomically
from validation.listing import HERE, INITS
from validation.results import stored

README = HERE.parent / "README.md"
BEGIN, END = "<!-- validated models: python -m validation.table --write -->", "<!-- end of the table -->"
HEAD = """\
| model | segments | mechanisms | ms | spikes | largest difference, mV | NEURON's own answer to 1e-12 mV, mV | verdict |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |"""


def table() -> str:
    """Markdown, one row per case, and a line with NEURON's version."""
    results = stored()
    rows = [_row(result) for result in results["cases"].values()]
    return "\n".join([HEAD, *rows, "", f"NEURON {results['neuron']}, x86_64 Linux, float64, fixed step 0.025 ms."])


def in_readme(readme: str) -> str:
    """What stands between the marks of a README."""
    return readme.split(BEGIN)[1].split(END)[0].strip()


def _row(result: dict[str, Any]) -> str:
    verdicts = {result["status"][init] for init in INITS}
    kick = "not needed" if result["kick"] is None else f"{result['kick']:.1e}"
    cells = [
        f"{result['title']}",
        result["segments"],
        result["mechanisms"],
        f"{result['ms']:g}",
        result["spikes"],
        f"{result['max_abs']:.1e}",
        kick,
        verdicts.pop() if len(verdicts) == 1 else ", ".join(f"{k}: {v}" for k, v in result["status"].items()),
    ]
    return "| " + " | ".join(map(str, cells)) + " |"


def write() -> None:
    """Put the table into README.md."""
    text = README.read_text()
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    write_atomically(README, f"{before}{BEGIN}\n{table()}\n{END}{after}")


if __name__ == "__main__":
    write() if "--write" in sys.argv[1:] else print(table())
