"""NEURON's own reading of morphology files, taken in child processes."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

FILES = Path(__file__).with_name("files")
# What NEURON reads, and how it cuts the sections; Ra = 1 ohm cm, so that ri is the sum of two halves
READ = """\
import json, sys
from neuron import h
h.load_file("stdlib.hoc")
h.load_file("import3d.hoc")
out, files = sys.argv[1], json.loads(sys.argv[2])

def cut(sections, rule):
    for section in sections:
        section.Ra = 35.4
        if rule == "d_lambda":
            try:
                section.nseg = int((section.L / (0.1 * h.lambda_f(100, sec=section)) + 0.9) / 2) * 2 + 1
            except RuntimeError:
                return None
        else:
            section.nseg = rule
        section.Ra = 1.0
    return {
        "nseg": [section.nseg for section in sections],
        "area": [[segment.area() for segment in section] for section in sections],
        "ri": [[segment.ri() for segment in section] + [section(1).ri()] for section in sections],
        "diam": [[segment.diam for segment in section] for section in sections],
    }

found = {}
for file in files:
    reader = h.Import3d_SWC_read() if file.endswith("swc") else h.Import3d_Neurolucida3()
    reader.quiet = 1
    reader.input(file)
    h.Import3d_GUI(reader, 0).instantiate(None)
    sections = list(h.allsec())
    assert sections, file
    place = {section: index for index, section in enumerate(sections)}
    above = [section.parentseg() for section in sections]
    found[file] = {
        "names": [section.name() for section in sections],
        "L": [section.L for section in sections],
        "parent": [-1 if each is None else place[each.sec] for each in above],
        "parent_x": [0.0 if each is None else each.x for each in above],
        "points": [
            [(s.x3d(i), s.y3d(i), s.z3d(i), s.diam3d(i)) for i in range(s.n3d())] for s in sections
        ],
        "cuts": [cut(sections, rule) for rule in (1, 3, "d_lambda")],
    }
    for section in sections:
        h.delete_section(sec=section)
json.dump(found, open(out, "w"))
"""


@pytest.fixture(scope="session")
def neuron_reads(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Sequence[Path]], dict[str, Any]]:
    """``neuron_reads(files)``: what NEURON makes of each, by path; one child for all."""

    def read(files: Sequence[Path]) -> dict[str, Any]:
        folder = tmp_path_factory.mktemp("neuron")
        out = folder / "found.json"
        command = [sys.executable, "-c", READ, str(out), json.dumps([str(file) for file in files])]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
        if not out.exists():
            pytest.fail(f"NEURON did not read the files\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}", pytrace=False)
        return json.loads(out.read_text())

    return read


def published(package: str) -> list[Path]:
    """The SWC and Neurolucida files of an installed package, one of each content.

    A package that is not installed raises; validation/models.txt names all of them.
    """
    files = [each.locate() for each in importlib.metadata.files(package) or [] if each.suffix in (".swc", ".asc")]
    found = {Path(str(file)).read_bytes(): Path(str(file)) for file in files}
    assert found, f"{package} holds no morphologies"
    return sorted(found.values())
