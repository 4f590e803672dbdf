"""When TABLEs are built, and what that leaves behind: every file of mod/tables in NEURON and here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

import jxneuron as jx

FOLDER = Path(__file__).parents[2] / "mod" / "tables"
FILES = sorted(FOLDER.glob("*.mod"))
NAMES = [path.stem for path in FILES]
# One value for each instance
PLACES = {"v": (-72.0, -40.0, -55.0), "diam": (30.0, 20.0, 10.0), "g": (0.002, 0.004, 0.003)}
SCALE = (2.5, 3.5, 2.5)  # of what has a parameter ``scale`` of RANGE
PARAMETERS = ("tleftp", "trparam", "trdep", "tuparam", "tudep")
SHOWN = {
    "tleftr": "scale",
    "tleftp": "scale",
    "triset": "scale",
    "triagain": "scale",
    "tchain": "q",
    "tbehind": "late",
    "tlefto": "seen",
    "tstay": "ntau",
    "tstayg": "seen",
    "tstaya": "seen",
    "tstayi": "seen",
    "tstepr": "scale",
    "tuncalled": "other",
    "tpart": "other",
}
DT, STEPS = 0.025, 40

IN_NEURON = """
import numpy as np
h.celsius, h.dt = given["celsius"], given["dt"]
for key, value in given["usetable"].items():
    setattr(h, key, value)
sections, out = {}, {}
for name in given["names"]:
    sections[name] = [h.Section(name=f"{name}_{k}") for k in range(3)]
    for k, sec in enumerate(sections[name]):
        sec.nseg, sec.L, sec.diam = 1, 20.0, given["places"]["diam"][k]
        sec.insert(name)
        setattr(sec(0.5), "g_" + name, given["places"]["g"][k])
        if name in given["parameters"]:
            setattr(sec(0.5), "scale_" + name, given["scale"][k])
        sec.v = given["places"]["v"][k]

def value(name, k):
    shown = given["shown"].get(name)
    at = [sections[name][k](0.5).v, getattr(sections[name][k](0.5), "n_" + name), sections[name][k](0.5).ik]
    if shown:
        at.append(getattr(sections[name][k](0.5), shown + "_" + name))
    return at

h.finitialize()
trace = {name: [[value(name, k)] for k in range(3)] for name in sections}
for _ in range(given["steps"]):
    h.fadvance()
    for name in sections:
        for k in range(3):
            trace[name][k].append(value(name, k))
give(trace)
"""


def network(names: list[str], celsius: float) -> jx.Network:
    """Three cells of one compartment for each mechanism, with the same values as in NEURON."""
    cells = [jx.Cell([jx.Branch(nseg=1)], parents=[-1]) for _ in range(3 * len(names))]
    net = jx.Network(cells)
    net.set("L", 20.0)
    net.set("celsius", celsius)
    for k in range(3):
        rows = net.cell(list(range(k, 3 * len(names), 3)))
        rows.set("v", PLACES["v"][k])
        rows.set("diam", PLACES["diam"][k])
    for m, name in enumerate(names):
        net.cell(list(range(3 * m, 3 * m + 3))).insert(jx.mechanism(FOLDER / f"{name}.mod"))
        for k in range(3):
            cell = net.cell(3 * m + k)
            cell.set(f"g_{name}", PLACES["g"][k])
            if name in PARAMETERS:
                cell.set(f"scale_{name}", SCALE[k])
    return net


def recorded(name: str) -> list[str]:
    return ["v", f"n_{name}", "ik", *([f"{SHOWN[name]}_{name}"] if name in SHOWN else [])]


def run(names: list[str], celsius: float, usetable: int = 1) -> dict[str, np.ndarray]:
    """The trace of each mechanism, (instance, step, variable)."""
    net = network(names, celsius)
    for m, name in enumerate(names):
        for k in range(3):
            for variable in recorded(name):
                net.cell(3 * m + k).branch(0).comp(0).record(variable, verbose=False)
        net.set(f"usetable_{name}", usetable)
    rows = iter(np.asarray(jx.integrate(net, t_max=STEPS * DT, delta_t=DT)))
    return {name: np.array([[next(rows) for _ in recorded(name)] for _ in range(3)]).swapaxes(1, 2) for name in names}


def in_neuron(neuron_child: Any, library: Path, celsius: float, usetable: int = 1) -> dict[str, np.ndarray]:
    given = {"names": NAMES, "places": PLACES, "parameters": PARAMETERS, "scale": SCALE, "shown": SHOWN}
    tables = {f"usetable_{name}": usetable for name in NAMES}
    found = neuron_child(IN_NEURON, libraries=[library], celsius=celsius, dt=DT, steps=STEPS, usetable=tables, **given)
    return {name: np.array(values) for name, values in found.items()}


def differences(ours: dict[str, np.ndarray], theirs: dict[str, np.ndarray], name: str) -> np.ndarray:
    """The largest difference of each variable, as a share of its largest value."""
    return np.abs(ours[name] - theirs[name]).max(axis=(0, 1)) / np.abs(theirs[name]).max(axis=(0, 1))


def test_tables_are_built_when_neuron_builds_them(neuron_child, mod_library):
    theirs, ours = in_neuron(neuron_child, mod_library(FOLDER), 33.0), run(NAMES, 33.0)
    errors = {f"{n} {v}": e for n in NAMES for v, e in zip(recorded(n), differences(ours, theirs, n), strict=True)}
    assert {name: error for name, error in errors.items() if not error < 1e-12} == {}


@pytest.mark.long
def test_without_tables_the_exact_code_runs(neuron_child, mod_library):
    theirs = in_neuron(neuron_child, mod_library(FOLDER), 27.0, usetable=0)
    ours = run(NAMES, 27.0, usetable=0)
    assert {name: error for name in NAMES if not (error := differences(ours, theirs, name).max()) < 1e-12} == {}


@pytest.mark.parametrize("key", ["scale_tudep", "scale_trparam", "scale_tuparam", "scale_tgparam"])
@pytest.mark.long
def test_gradients_pass_through_tables(key: str) -> None:
    """Against central differences of our own runs, which equal NEURON's."""
    name = key.removeprefix("scale_")
    net = network([name], 27.0)
    for k in range(3):
        net.cell(k).branch(0).comp(0).record("v", verbose=False)
    if name != "tgparam":
        net.make_trainable(key, verbose=False)
    net.make_trainable("celsius", verbose=False)

    @jax.jit
    @jax.value_and_grad
    def last(params: Any) -> jax.Array:
        return jx.integrate(net, params=params, t_max=1.0, delta_t=0.025)[:, -1].sum()

    params = net.get_parameters()
    _, gradient = last(params)
    for k, entry in enumerate(params):
        (variable, value), step = next(iter(entry.items())), 1e-4
        sides = [[*params[:k], {variable: value + s * step}, *params[k + 1 :]] for s in (-1.0, 1.0)]
        below, above = (float(last(side)[0]) for side in sides)
        assert gradient[k][variable].sum() == pytest.approx((above - below) / (2.0 * step), rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("name", ["tleftg", "tgset"])
def test_an_imported_model_builds_its_tables_anew_at_another_temperature(name, neuron_child, mod_library, tmp_path):
    script = tmp_path / "cell.hoc"
    script.write_text(
        f"create soma\nsoma {{ L = 20 diam = 20 insert pas insert {name} }}\ncelsius = 30\nv_init = -40\n"
    )
    net = jx.load(script, mod=[FOLDER])
    code = """
h.load_file("stdrun.hoc")
h.load_file(given["script"])
h.celsius = given["celsius"]
v = h.Vector().record(h.soma(0.5)._ref_v)
h.finitialize(-40)
h.continuerun(5)
give(list(v))
"""
    for celsius in (30.0, 36.0):
        theirs = neuron_child(code, libraries=[mod_library(FOLDER)], script=str(script), celsius=celsius)
        net.set("celsius", celsius)
        ours = np.asarray(jx.integrate(net, t_max=5.0))[0]
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9)
