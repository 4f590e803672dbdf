"""Compare translated mechanisms with NEURON, one instance per voltage.

In: NMODL texts and the library compiled from them. Out: the largest difference of each variable after
INITIAL and after one step, relative to its largest value.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np

from jxneuron.mech.mechanism import Mechanism

DT = 0.025
ZERO = 1e-6
HERE = Path(__file__).parent
VOLTAGES = np.array(
    [*np.linspace(-120.0, 60.0, 37), -38.0, -17.0, -64.4, -66.0, -27.0, -154.9, -40.0, -48.0, -69.0, -63.123, 47.11]
)


@dataclass(frozen=True)
class Setting:
    """Under what the mechanism is compared."""

    celsius: float = 6.3
    secondorder: int = 0
    usetable: int | None = None
    beside: tuple[str, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)


def random_values(mechanism: Mechanism, rng: np.random.Generator, count: int) -> dict[str, np.ndarray]:
    """RANGE parameters around their defaults, inside their limits."""
    out = {}
    for one in mechanism.fields:
        if one.role != "parameter" or one.scope != "range":
            continue
        shape = (count, one.size) if one.size else (count,)
        scale = one.default if one.default else 0.01
        out[one.name] = scale * rng.uniform(0.8, 1.2, shape)
    return out


def job(mechanism: Mechanism, setting: Setting) -> dict[str, Any]:
    """The child's order for one comparison."""
    rng = np.random.default_rng(zlib.crc32(mechanism.name.encode()))
    count = len(VOLTAGES)
    values = random_values(mechanism, rng, count) | setting.values
    ions = {}
    ion_values = {}
    for use in mechanism.ions:
        for name in (*use.loads, *use.writes, *(c.name for c in mechanism.currents if c.ion == use.name)):
            ions[name] = None
            if name == f"{use.name}i" and name in use.loads and name not in use.writes:
                ion_values[name] = (1e-4 * rng.uniform(0.1, 10.0, count)).tolist()
    return {
        "name": mechanism.name,
        "kind": mechanism.kind,
        "v": VOLTAGES.tolist(),
        "diam": rng.uniform(0.5, 20.0, count).tolist(),
        "values": {name: np.asarray(value).tolist() for name, value in values.items()},
        "ion_values": ion_values,
        "record": {f.name: f.size for f in mechanism.fields if f.scope == "range" and f.storage != "none"},
        "globals": [f.name for f in mechanism.fields if f.scope == "global" and f.storage == "p" and not f.size],
        "ions": list(ions),
        "celsius": setting.celsius,
        "dt": DT,
        "secondorder": setting.secondorder,
        "usetable": setting.usetable if mechanism.tables is not None else None,
        "beside": list(setting.beside),
    }


def run_neuron(jobs: list[dict[str, Any]], libraries: list[str], folder: Path) -> list[dict[str, Any]]:
    """Run all comparisons in one child."""
    source, target = folder / "job.json", folder / "result.json"
    source.write_text(json.dumps({"libraries": libraries, "cases": jobs}), encoding="utf-8")
    command = [sys.executable, str(HERE / "neuron_single.py"), str(source), str(target)]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert target.exists(), ran.stdout + ran.stderr
    return json.loads(target.read_text(encoding="utf-8"))


def _array(value: Any) -> Any:
    return jnp.asarray(np.asarray(value, dtype=float).T)


class Ours:
    """The translated mechanism on the child's numbers."""

    def __init__(self, mechanism: Mechanism, order: dict[str, Any], found: dict[str, Any]) -> None:
        self.mechanism, self.order, self.found = mechanism, order, found
        count = len(order["v"])
        given = order["values"]
        held = {}
        for f in mechanism.fields:
            shape = ((f.size,) if f.size else ()) + ((count,) if f.per_instance else ())
            held[f.name] = _array(given[f.name]) if f.name in given else jnp.full(shape, f.default)
        for name in order["globals"]:
            held[name] = jnp.asarray(found["initial"][name])
        self.p = {f.name: held[f.name] for f in mechanism.fields_in("p")}
        self.s = {f.name: held[f.name] for f in mechanism.fields_in("s")}
        self.ion: dict[str, Any] = {}

    def env(self, t: float, ions: dict[str, Any]) -> dict[str, Any]:
        env = {
            "t": jnp.asarray(t),
            "dt": jnp.asarray(DT),
            "celsius": jnp.asarray(self.order["celsius"]),
            "diam": _array(self.order["diam"]),
            "area": _array(self.found["area"]),
            "secondorder": self.order["secondorder"],
        }
        env |= ions
        tables = self.mechanism.tables
        env["tables"] = tables(self.p, env) if tables is not None and self.order["usetable"] != 0 else None
        return env

    def update(self, new: dict[str, Any]) -> None:
        for name, value in new.items():
            assert name in self.s or any(name in use.writes for use in self.mechanism.ions), name
            if name in self.s:
                assert value.shape == self.s[name].shape, name
                self.s = self.s | {name: value}
            else:
                self.ion[name] = value

    def ions_before(self, after: dict[str, Any]) -> dict[str, Any]:
        """Ion variables that an entry sees: what NEURON holds, or what we have written."""
        names = [name for use in self.mechanism.ions for name in use.loads]
        return {name: self.ion.get(name, _array(after[f"ion {name}"])) for name in names}

    def currents(self, v: Any, env: dict[str, Any]) -> dict[str, Any]:
        assert self.mechanism.current is not None
        out: dict[str, Any] = {}
        for at in (v + 0.001, v):
            found, new = self.mechanism.current(self.p, self.s, at, env)
            out = dict(found)
            self.update(dict(new))
        return out


def differences(mechanism: Mechanism, order: dict[str, Any], found: dict[str, Any]) -> dict[str, float]:
    """Relative difference of every variable: after INITIAL, its currents, and after one step."""
    ours = Ours(mechanism, order, found)
    v = _array(order["v"])
    start = found["initial"]
    written = {name for use in mechanism.ions for name in use.writes}
    before = {n: _array(order["ion_values"].get(n, start[f"ion {n}"])) for use in mechanism.ions for n in use.loads}
    defaults = {"cai": 5e-5, "cao": 2.0, "nai": 10.0, "ki": 54.4}
    before |= {n: jnp.full(v.shape, defaults.get(n, 1.0)) for n in written if n in before}
    assert mechanism.initial is not None
    ours.update(dict(mechanism.initial(ours.p, ours.s, v, ours.env(0.0, before))))
    out: dict[str, float] = {}
    names = [f.name for f in mechanism.fields_in("s") if f.scope == "range"]
    if mechanism.current is not None:
        _own(out, "initial", ours, start, names, mechanism)
        # i of the mechanism itself and every ion current
        currents = ours.currents(v, ours.env(0.0, ours.ions_before(start)))
        _compare_currents(out, "initial", currents, start, mechanism, order)
        _compare(out, "initial", ours, start, names)
    else:
        _compare(out, "initial", ours, start, names)
    step = found["step"]
    middle = 0.5 * DT
    if mechanism.current is not None:
        currents = ours.currents(v, ours.env(middle, ours.ions_before(start)))
        if order["secondorder"] != 2:  # NEURON then corrects the ions' currents with the change of v
            _compare_currents(out, "step", currents, step, mechanism, order)
    if mechanism.advance is not None:
        seen = ours.ions_before(start) | {
            n: _array(step[f"ion {n}"]) for use in mechanism.ions for n in use.loads if n.startswith(("i", "e"))
        }
        env = ours.env(step["t"], seen)
        ours.update(dict(mechanism.advance(ours.p, ours.s, _array(step["v"]), env)))
    _compare(out, "step", ours, step, names)
    return out


def _own(out, label, ours, start, names, mechanism) -> None:
    """States straight after INITIAL (BREAKPOINT does not change them)."""
    for f in mechanism.fields:
        if f.role == "state" and f.name in ours.s and f.name in names:
            out[f"{label} {f.name}"] = relative(ours.s[f.name], start[f.name])


def _compare(out, label, ours, reference, names) -> None:
    for name in names:
        out[f"{label} {name}"] = relative(ours.s[name], reference[name])
    for name, value in ours.ion.items():
        out[f"{label} ion {name}"] = relative(value, reference[f"ion {name}"])


def _compare_currents(out, label, currents, reference, mechanism, order) -> None:
    area = 1.0 if mechanism.kind == "density" else None
    for use in mechanism.currents:
        if use.ion is not None and area is not None and not order["beside"]:
            out[f"{label} ion {use.name}"] = relative(currents[use.name], reference[f"ion {use.name}"])


def relative(ours: Any, neuron: Any) -> float:
    """Largest difference over the largest value; nan in the same places is equal."""
    a, b = np.asarray(ours, dtype=float), np.asarray(neuron, dtype=float).T
    if not np.array_equal(np.isnan(a), np.isnan(b)):
        return float("inf")
    good = ~np.isnan(b)
    if not good.any():
        return 0.0
    difference = np.abs(a - b)[good]
    scale = np.abs(b)[good]
    # each value against itself, against the largest only where it is all but zero
    return float(np.max(difference / np.maximum(scale, ZERO * max(scale.max(), 1e-300))))
