"""How long do building, indexing, editing, running and differentiating a module take, beside Jaxley?

The same script runs in two processes, one with ``import jxneuron as jx``, one with ``import jaxley as jx``: a random
tree of 163 branches of 3 compartments (489), ``HH`` and ``Leak`` everywhere, a step current, 20 ms at 0.025 ms in
float64, and the gradient of the mean of the recorded voltage by three parameters. The processes run one after the
other, and the better of several repeats counts for what can be repeated.

    python benchmarks/modules_against_jaxley.py PYTHON_WITH_JAXLEY [--branches 163] [--repeats 3] [--json FILE]

Prints seconds and their ratio (Jaxley's over ours). Both start without any compiled function kept on disk. Traces
agree to the order of the step only, since the two step gates and voltages in another order: their largest difference
and the times of the first spike are printed too.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

MEASURE = """
import json, sys, time
package, out = sys.argv[1], sys.argv[5]
branches, repeats, t_max = int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
seconds = {}

def timed(name, call, count=1):
    best, found = None, None
    for _ in range(count):
        began = time.perf_counter()
        found = call()
        took = time.perf_counter() - began
        best = took if best is None else min(best, took)
    seconds[name] = best
    return found

def load():
    import importlib
    import jax
    jax.config.update("jax_enable_x64", True)
    return jax, importlib.import_module(package), importlib.import_module(package + ".channels")

jax, jx, channels = timed("import", load)
import numpy as np

draw = np.random.default_rng(0)
parents = [-1] + [int(draw.integers(max(0, i - 8), i)) for i in range(1, branches)]

def build():
    branch = jx.Branch(jx.Compartment(), ncomp=3)
    return jx.Cell([branch] * branches, parents)

timed("build the cell, first", build)
cell = timed("build the cell, again", build, repeats)
timed("index a compartment", lambda: cell.branch(5).comp(1), 20)

def dress():
    cell.insert(channels.HH())
    cell.insert(channels.Leak())
    cell.set("length", 20.0)
    cell.set("radius", 0.5)
    cell.set("axial_resistivity", 150.0)
    cell.set("v", -65.0)
    cell.branch(0).set("radius", 8.0)
    cell.branch([1, 2]).set("HH_gNa", 0.1)

timed("insert and set", dress)
cell.branch(0).comp(1).record("v", verbose=False)
cell.branch(branches - 1).comp(2).record("v", verbose=False)
steps = round(t_max / 0.025)
current = np.zeros(steps + 1)
current[40 : steps // 2] = 0.5
cell.branch(0).comp(1).stimulate(current, verbose=False)

def run():
    return np.asarray(jx.integrate(cell, delta_t=0.025, t_max=t_max))

traces = timed("first run", run)
timed("second run of the same call", run)
jitted = jax.jit(lambda params: jx.integrate(cell, params, delta_t=0.025, t_max=t_max))
timed("compile under jit, and run", lambda: np.asarray(jitted([])))
timed("run, compiled", lambda: np.asarray(jitted([])), repeats)
for key in ("HH_gNa", "radius", "axial_resistivity"):
    cell.make_trainable(key, verbose=False)
params = cell.get_parameters()
gradient = jax.jit(jax.value_and_grad(lambda params: jx.integrate(cell, params, delta_t=0.025, t_max=t_max)[0].mean()))
timed("compile the gradient, and run", lambda: jax.block_until_ready(gradient(params)))
timed("gradient, compiled", lambda: jax.block_until_ready(gradient(params)), repeats)
above = np.flatnonzero((traces[0, 1:] > 0) & (traces[0, :-1] <= 0))
json.dump({"seconds": seconds, "version": getattr(jx, "__version__", "?"), "traces": traces[:, : steps + 1].tolist(),
           "spikes": ((above + 1) * 0.025).tolist(), "compartments": 3 * branches}, open(out, "w"))
"""


def measured(python: str, package: str, options: argparse.Namespace) -> dict[str, Any]:
    """What one process prints; JAX keeps nothing on disk."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("JAX_")}
    environment |= {"JAX_PLATFORMS": "cpu"}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.json"
        if package == "jxneuron":
            environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[1])
        given = [package, str(options.branches), str(options.repeats), str(options.t_max), str(out)]
        done = subprocess.run([python, "-c", MEASURE, *given], env=environment, cwd=folder, check=False)
        if done.returncode:
            raise SystemExit(f"{package} failed in {python}")
        return json.loads(out.read_text())


def report(ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    """A table of both, and their ratio."""
    lines = [f"{ours['compartments']} compartments; jxneuron {ours['version']}, Jaxley {theirs['version']}, seconds"]
    lines.append(f"{'':32}{'jxneuron':>12}{'Jaxley':>12}{'ratio':>10}")
    for name, seconds in ours["seconds"].items():
        other = theirs["seconds"][name]
        lines.append(f"{name:32}{seconds:12.5f}{other:12.5f}{other / seconds:10.1f}")
    worst = max(
        abs(a - b)
        for one, two in zip(ours["traces"], theirs["traces"], strict=True)
        for a, b in zip(one, two, strict=False)
    )
    lines.append(
        f"largest difference of the traces {worst:.3g} mV; spikes at {ours['spikes']} and {theirs['spikes']} ms"
    )
    return "\n".join(lines)


def main() -> None:
    """Measure both, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("python", help="a Python that can import jaxley")
    parser.add_argument("--branches", type=int, default=163)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--t-max", dest="t_max", type=float, default=20.0, help="ms")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = {
        "jxneuron": measured(sys.executable, "jxneuron", options),
        "jaxley": measured(options.python, "jaxley", options),
    }
    print(report(found["jxneuron"], found["jaxley"]))
    if options.json:
        options.json.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
