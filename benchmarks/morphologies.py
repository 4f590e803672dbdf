"""How equal to NEURON are morphologies that are read, how long does that take, and what do other readers make of them?

Reads the SWC and Neurolucida files of bmtk, EModelRunner, dbbs-models and bluepyopt (or files that are named) with
NEURON's Import3d and with jxneuron, each in a process of its own, cuts them into 1 segment, into 3, and by the d_lambda
rule, and compares every segment's area and every axial resistance between neighbours. Other readers take part when
their Python is named:

    python benchmarks/morphologies.py [FILE ...] [--own] [--jaxley PYTHON] [--braincell PYTHON] [--json FILE]
    python benchmarks/morphologies.py --points 100000      # seconds for one large tree, in all readers
    python benchmarks/morphologies.py --lines 10000000     # seconds and memory for files that never seem to end

Seconds are those of reading once more in the same process, where the first time took less than five. Peers are compared
in the total area, which all of them know; a peer that needs more than ``--limit`` seconds for a file is stopped.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import math
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("bmtk", "EModelRunner", "dbbs-models", "bluepyopt")
RULES = (1, 3, "d_lambda")
# Shared by all children: files in, one JSON line for each out
CHILD = """\
import json, signal, sys, time, warnings
warnings.simplefilter("ignore")
files, limit = json.loads(sys.argv[1]), float(sys.argv[2])

def late(*_):
    raise TimeoutError(f"more than {limit:g} s")

signal.signal(signal.SIGALRM, late)

def all_files(read, tell):
    for file in files:
        found = {"file": file}
        try:
            signal.setitimer(signal.ITIMER_REAL, limit)
            for _ in range(3):
                start = time.perf_counter()
                cell = read(file)
                seconds = time.perf_counter() - start
                found["seconds"] = min(seconds, found.get("seconds", seconds))
                if seconds > 5:
                    break
            found.update(tell(cell))
        except BaseException as error:
            found["error"] = f"{type(error).__name__}: {error}".splitlines()[0]
        signal.setitimer(signal.ITIMER_REAL, 0)
        print("@" + json.dumps(found), flush=True)
"""
NEURON = """\
from neuron import h
h.load_file("stdrun.hoc")
h.load_file("import3d.hoc")

def read(file):
    for section in h.allsec():
        h.delete_section(sec=section)
    reader = h.Import3d_SWC_read() if file.endswith("swc") else h.Import3d_Neurolucida3()
    reader.quiet = 1
    reader.input(file)
    h.Import3d_GUI(reader, 0).instantiate(None)

def cut(rule):
    for section in h.allsec():
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
        "nseg": [section.nseg for section in h.allsec()],
        "area": [segment.area() for section in h.allsec() for segment in section],
        "ri": [value for section in h.allsec() for value in [*(each.ri() for each in section), section(1).ri()]],
    }

def tell(_):
    cuts = [cut(rule) for rule in (1, 3, "d_lambda")]
    return {"sections": len(list(h.allsec())), "area": sum(cuts[0]["area"]), "cuts": cuts}

all_files(read, tell)
"""
OURS = """\
import numpy as np
import jxneuron as jx
from jxneuron import morphology
from jxneuron.morphology.lay import to_model

def read(file):
    return (jx.read_swc if file.endswith("swc") else jx.read_asc)(file)

def cut(shape, rule):
    try:
        nseg = morphology.d_lambda_nseg(shape) if rule == "d_lambda" else rule
    except jx.ModelError:
        return None
    model = to_model(shape, nseg, Ra=1.0, cm=1.0, v=-65.0)
    nodes, area, ri = model.nodes, [], []
    for section in model.sections:
        centres = list(section.centres)
        area += nodes.area[centres].tolist()
        halves = np.append(0.0, nodes.half_out[centres]) + np.append(nodes.half_in[centres], 0.0)
        ri += (1 / (1 / halves)).tolist()  # as NEURON shows what it holds as a conductance
    return {"nseg": [section.nseg for section in model.sections], "area": area, "ri": ri}

def tell(cell):
    shape = morphology.to_morphology(cell)
    cuts = [cut(shape, rule) for rule in (1, 3, "d_lambda")]
    points = sum(len(trace.points) for trace in shape.traces)
    return {"sections": len(shape.traces), "points": points, "area": sum(cuts[0]["area"]), "cuts": cuts}

all_files(read, tell)
"""
JAXLEY = """\
import jaxley
all_files(
    lambda file: jaxley.read_swc(file, ncomp=1),
    lambda cell: {"sections": int(cell.shape[0]), "area": float(cell.nodes["area"].sum())},
)
"""
BRAINCELL = """\
from braincell import Morphology

def read(file):
    return Morphology.from_swc(file, mode="neuron") if file.endswith("swc") else Morphology.from_asc(file)

all_files(read, lambda cell: {"sections": cell.n_branches, "area": float(str(cell.total_area).split()[0])})
"""
# One large file, which is read with a limit on memory; the interpreter and its libraries take some 150 MB of it
LIMITED = """\
import resource, sys, time, warnings
warnings.simplefilter("ignore")
from jxneuron import ModelError, morphology
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
start = time.perf_counter()
try:
    done = f"{len(morphology.read(sys.argv[1]).traces)} sections"
except ModelError as error:
    done = str(error).rpartition("/")[2]
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"{seconds:7.1f} s  {peak - before:6.0f} MB more than {before:.0f}  {done}")
"""


def published() -> list[str]:
    """The morphologies of the packages, one of each content."""
    found: dict[bytes, str] = {}
    for package in PACKAGES:
        for each in importlib.metadata.files(package) or []:
            if each.suffix in (".swc", ".asc"):
                found[Path(str(each.locate())).read_bytes()] = str(each.locate())
    return sorted(found.values())


def readings(python: str, code: str, files: list[str], limit: float) -> dict[str, Any]:
    """What one reader says of each file, by path."""
    env = {**os.environ, "JAX_PLATFORMS": "cpu", "JAX_ENABLE_X64": "1"}
    if python == sys.executable:
        env["PYTHONPATH"] = str(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        command = [python, "-c", CHILD + code, json.dumps(files), str(limit)]
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    lines = [json.loads(line[1:]) for line in done.stdout.splitlines() if line.startswith("@")]
    if not lines:
        raise SystemExit(f"{python} read nothing\n{done.stderr[-2000:]}")
    return {each["file"]: each for each in lines}


def worst(ours: list[Any], neurons: list[Any], name: str) -> float:
    """The largest relative difference of any value in any cut; infinite where the cuts themselves differ."""
    found = 0.0
    for one, two in zip(ours, neurons, strict=True):
        if two is None:  # a section without length: NEURON's rule divides by zero
            continue
        if one is None or one["nseg"] != two["nseg"]:
            return math.inf
        for a, b in zip(one[name], two[name], strict=True):
            found = max(found, 0.0 if a == b else abs(a - b) / abs(b) if b else math.inf)
    return found


def row(file: str, ours: dict[str, Any], neuron: dict[str, Any], peers: dict[str, Any]) -> list[str]:
    """One line of the table."""
    name = Path(file).name
    cells = [name if len(name) < 40 else f"{name[:30]}...{name[-6:]}"]
    if "error" in neuron or "error" in ours:
        cells += ["", "", ours.get("error", "read"), neuron.get("error", "read"), "", ""]
    else:
        errors = [f"{worst(ours['cuts'], neuron['cuts'], each):.1g}" for each in ("area", "ri")]
        same = "" if ours["sections"] == neuron["sections"] else f" (NEURON {neuron['sections']})"
        cells += [str(ours["points"]), f"{ours['sections']}{same}", *errors]
        cells += [f"{each['seconds']:.3f}" for each in (ours, neuron)]
    for peer in peers.values():
        found = peer[file]
        share = abs(found["area"] / neuron["area"] - 1) if "area" in found and "area" in neuron else math.nan
        cells.append(found.get("error", f"{share:.1e}, {found.get('seconds', 0):.2f} s")[:40])
    return cells


def compare(
    files: list[str], peers: dict[str, tuple[str, str]], limit: float
) -> tuple[list[list[str]], dict[str, Any]]:
    """The table, and all numbers."""
    found = {
        "jxneuron": readings(sys.executable, OURS, files, limit),
        "NEURON": readings(sys.executable, NEURON, files, limit),
    }
    theirs = {name: readings(python, code, files, limit) for name, (python, code) in peers.items()}
    heads = ["file", "points", "sections", "area", "axial", "ours, s", "NEURON, s", *theirs]
    rows = [row(file, found["jxneuron"][file], found["NEURON"][file], theirs) for file in files]
    return [heads, *rows], {**found, **theirs}


def within(found: dict[str, Any], reader: str, tolerance: float = 1e-4) -> str:
    """How many files a reader has within a tolerance of NEURON's total area."""
    shares = []
    for file, each in found[reader].items():
        area = found["NEURON"][file].get("area")
        if area:
            shares.append("area" in each and abs(each["area"] / area - 1) <= tolerance)
    return f"{reader}: total area within {tolerance:g} of NEURON on {sum(shares)} of {len(shares)} files"


def large(count: int, folder: str) -> str:
    """A tree of ``count`` points in branches of 20."""
    draw, ends, number = random.Random(1), [(1, (0.0, 0.0, 0.0))], 1
    rows = ["1 1 0 0 0 8 -1"]
    while number < count:
        at, place = ends[draw.randrange(max(len(ends) - 200, 0), len(ends))]
        for _ in range(min(20, count - number)):
            number += 1
            x, y, z = place = tuple(value + draw.gauss(0, 3) for value in place)
            rows.append(f"{number} 3 {x:.4f} {y:.4f} {z:.4f} {draw.uniform(0.2, 1):.4f} {at}")
            at = number
        ends.append((at, place))
    path = Path(folder) / f"tree_of_{count}_points.swc"
    path.write_text("\n".join(rows) + "\n")
    return str(path)


def endless(count: int, folder: str) -> Iterator[tuple[str, Path]]:
    """Files of ``count`` lines, one after another: points, comments, noise."""
    path = Path(folder) / "lines.swc"
    kinds = {"points": "{0} 3 {0} 0.5 0.25 1 {1}\n", "comments": "# a comment {0} {1}\n", "noise": "noise {0} {1}\n"}
    for kind, line in kinds.items():
        with open(path, "w") as stream:
            stream.write("1 1 0 0 0 8 -1\n2 3 9 0 0 1 1\n3 3 19 0 0 1 2\n")
            stream.writelines(line.format(number, number - 1) for number in range(4, count + 1))
        yield kind, path


def memory(count: int, megabytes: int = 1024) -> None:
    """Seconds and memory for files of so many lines, read with a limit on memory."""
    limit = megabytes * 2**20
    with tempfile.TemporaryDirectory() as folder:
        for kind, path in endless(count, folder):
            done = subprocess.run(
                [sys.executable, "-c", LIMITED, str(path)],
                env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
                capture_output=True,
                text=True,
                check=False,
            )
            size = path.stat().st_size / 2**20
            print(f"{count:,} lines of {kind:8} ({size:.0f} MB) {done.stdout.strip() or done.stderr[-300:]}")


def main() -> None:
    """Measure once and print a table in Markdown."""
    parser = argparse.ArgumentParser(description="Morphologies beside NEURON's Import3d and other readers.")
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.add_argument("--own", action="store_true", help="the files of tests/morphology too")
    parser.add_argument("--jaxley", metavar="PYTHON", help="an interpreter that has Jaxley")
    parser.add_argument("--braincell", metavar="PYTHON", help="an interpreter that has BrainCell")
    parser.add_argument("--limit", type=float, default=300.0, help="seconds for one file in one reader")
    parser.add_argument("--points", type=int, help="one large tree instead of files")
    parser.add_argument("--lines", type=int, help="memory for files of so many lines instead of files")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    if given.lines:
        memory(given.lines)
        return
    codes = {"jaxley": JAXLEY, "braincell": BRAINCELL}
    peers = {name: (getattr(given, name), code) for name, code in codes.items() if getattr(given, name)}
    with tempfile.TemporaryDirectory() as folder:
        files = [large(given.points, folder)] if given.points else [str(Path(file).resolve()) for file in given.files]
        files = files or published()
        if given.own:
            files += sorted(map(str, (ROOT / "tests" / "morphology" / "files").glob("[sa][ws]c/*")))
        table, found = compare(files, peers, given.limit)
    print("\n".join("| " + " | ".join(cells) + " |" for cells in [table[0], ["---"] * len(table[0]), *table[1:]]))
    for reader in found:
        if reader != "NEURON":
            print(within(found, reader))
    if given.json:
        for each in (found["jxneuron"], found["NEURON"]):
            for numbers in each.values():
                numbers.pop("cuts", None)
        given.json.write_text(json.dumps({"seconds at": time.time(), **found}, indent=1))


if __name__ == "__main__":
    main()
