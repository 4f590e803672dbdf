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
# What NEURON has: sections, points, and segments by three rules; Ra = 1 ohm cm, so that ri is the sum of two halves
DESCRIBE = """\
import json, sys
from neuron import h
h.load_file("stdrun.hoc")
h.load_file("import3d.hoc")

def load(file):
    reader = h.Import3d_SWC_read() if file.endswith("swc") else h.Import3d_Neurolucida3()
    reader.quiet = 1
    reader.input(file)
    h.Import3d_GUI(reader, 0).instantiate(None)
    assert list(h.allsec()), file

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

def describe():
    sections = list(h.allsec())
    place = {section: index for index, section in enumerate(sections)}
    above = [section.parentseg() for section in sections]
    return {
        "names": [section.name() for section in sections],
        "L": [section.L for section in sections],
        "parent": [-1 if each is None else place[each.sec] for each in above],
        "parent_x": [0.0 if each is None else each.x for each in above],
        "points": [
            [(s.x3d(i), s.y3d(i), s.z3d(i), s.diam3d(i)) for i in range(s.n3d())] for s in sections
        ],
        "cuts": [cut(sections, rule) for rule in (1, 3, "d_lambda")],
    }

def forget():
    for section in h.allsec():
        h.delete_section(sec=section)

given, found = json.loads(sys.argv[2]), {}
"""
READ = """
for file in given:
    load(file)
    found[file] = describe()
    forget()
"""
HAND_BACK = """
with open(sys.argv[1], "w") as stream:
    json.dump(found, stream)
"""


@pytest.fixture(scope="session")
def neuron_tells(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Any], dict[str, Any]]:
    """``neuron_tells(code, given)``: what the code puts into ``found``; it may ``load``, ``describe``, ``forget``."""

    def tell(code: str, given: Any) -> dict[str, Any]:
        folder = tmp_path_factory.mktemp("neuron")
        out = folder / "found.json"
        command = [sys.executable, "-c", DESCRIBE + code + HAND_BACK, str(out), json.dumps(given)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
        if not out.exists():
            pytest.fail(f"NEURON gave nothing\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}", pytrace=False)
        return json.loads(out.read_text())

    return tell


@pytest.fixture(scope="session")
def neuron_reads(
    neuron_tells: Callable[[str, Any], dict[str, Any]],
) -> Callable[[Sequence[Path]], dict[str, Any]]:
    """``neuron_reads(files)``: what NEURON makes of each, by path; one child for all."""
    return lambda files: neuron_tells(READ, [str(file) for file in files])


def published(package: str) -> list[Path]:
    """The SWC and Neurolucida files of an installed package, one of each content.

    A package that is not installed raises; validation/models.txt names all of them.
    """
    files = [each.locate() for each in importlib.metadata.files(package) or [] if each.suffix in (".swc", ".asc")]
    found = {Path(str(file)).read_bytes(): Path(str(file)) for file in files}
    assert found, f"{package} holds no morphologies"
    return sorted(found.values())
