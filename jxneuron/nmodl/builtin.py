"""Translate and package NEURON's own mechanisms: ``python -m jxneuron.nmodl.builtin``.

In: the NMODL texts that the installed NEURON carries. Out: one generated module each in ``mech/builtin``.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from jxneuron.child.process import run_command
from jxneuron.errors import ChildFailed
from jxneuron.nmodl import translate_all

TIME_LIMIT = 120.0  # s
NAMES = ("hh", "pas", "IClamp", "SEClamp", "VClamp", "ExpSyn", "Exp2Syn", "APCount", "IntFire1", "IntFire2", "IntFire4")
FOLDER = Path(__file__).parents[1] / "mech" / "builtin"

READ = """
import json, os, sys
from neuron import h
texts = {}
for kind in (0, 1):
    types = h.MechanismType(kind)
    for k in range(int(types.count())):
        types.select(k)
        name = h.ref("")
        types.selected(name)
        if name[0] in sys.argv[2:]:
            texts[name[0]] = [types.code(), os.path.basename(types.file())]
with open(sys.argv[1], "w") as out:
    json.dump(texts, out)
"""


def read_sources() -> dict[str, tuple[str, str]]:
    """Ask NEURON in a child process for the NMODL text and the file name of each of ``NAMES``.

    Raises:
        ChildFailed: where NEURON gives no answer.
    """
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "texts.json"
        command = [sys.executable, "-c", READ, str(target), *NAMES]
        ended = run_command(command, cwd=Path(folder), timeout=TIME_LIMIT)
        if not target.exists():
            raise ChildFailed(f"NEURON did not hand out its mechanisms\n{ended.output}")
        texts = json.loads(target.read_text(encoding="utf-8"))
    return {name: tuple(texts[name]) for name in NAMES}


def generate() -> dict[str, str]:
    """Return the generated module of each of ``NAMES``.

    Raises:
        ChildFailed: NEURON gives no answer.
        NmodlError: a text is not translated; so are ``Unsupported`` and ``NeuronMissing``.
    """
    results = translate_all(list(read_sources().values()))
    out: dict[str, str] = {}
    for name, result in zip(NAMES, results, strict=True):
        if isinstance(result, Exception):
            raise result
        out[name] = result.python
    return out


def main() -> None:
    """Write the packaged modules anew."""
    for name, python in generate().items():
        (FOLDER / f"{name.lower()}.py").write_text(python, encoding="utf-8")


if __name__ == "__main__":
    main()
