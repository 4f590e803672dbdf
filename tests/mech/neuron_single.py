"""Run in a child: NEURON's own numbers for single mechanisms in single compartments.

In: a JSON file (argument 1): libraries to load and, per mechanism, voltages and values. Out: a JSON file
(argument 2): what NEURON holds after finitialize and after one fadvance.
"""

from __future__ import annotations

import json
import sys


def read(holder, name: str, size: int):
    """The value of a variable, or a list for an array."""
    value = getattr(holder, name)
    return [float(value[k]) for k in range(size)] if size else float(value)


def record(h, holders, sections, case):
    """All variables of a mechanism, its ions, and v, per instance."""
    suffix = "" if case["kind"] == "point" else "_" + case["name"]
    out = {name: [read(x, name + suffix, size) for x in holders] for name, size in case["record"].items()}
    out |= {f"ion {name}": [float(getattr(sec(0.5), name)) for sec in sections] for name in case["ions"]}
    out |= {name: float(getattr(h, f"{name}_{case['name']}")) for name in case["globals"]}
    return out | {"v": [float(sec(0.5).v) for sec in sections], "t": float(h.t)}


def build(h, case):
    """One section per voltage with the mechanism and its values."""
    sections, holders = [], []
    suffix = "" if case["kind"] == "point" else "_" + case["name"]
    for k in range(len(case["v"])):
        sec = h.Section(name=f"s{k}")
        sec.L, sec.diam, sec.nseg = 20.0, case["diam"][k], 1
        for other in case["beside"]:
            sec.insert(other)
        if case["kind"] == "point":
            holders.append(getattr(h, case["name"])(sec(0.5)))
        else:
            sec.insert(case["name"])
            holders.append(sec(0.5))
        for name, values in case["values"].items():
            if isinstance(values[k], list):
                for j, one in enumerate(values[k]):
                    getattr(holders[k], name + suffix)[j] = one
            else:
                setattr(holders[k], name + suffix, values[k])
        for name, values in case["ion_values"].items():
            setattr(sec(0.5), name, values[k])
        sections.append(sec)
    return sections, holders


def run(h, case):
    """finitialize at the given voltages, then one step."""
    sections, holders = build(h, case)
    h.celsius, h.dt = case["celsius"], case["dt"]
    h.secondorder = case["secondorder"]
    if case["usetable"] is not None:
        setattr(h, f"usetable_{case['name']}", case["usetable"])
    for sec, v in zip(sections, case["v"], strict=True):
        sec.v = v
    h.finitialize()
    out = {"area": [float(sec(0.5).area()) for sec in sections], "initial": record(h, holders, sections, case)}
    h.fadvance()
    out["step"] = record(h, holders, sections, case)
    del holders
    for sec in sections:
        h.delete_section(sec=sec)
    return out


def main(source: str, target: str) -> None:
    """Run every case."""
    with open(source, encoding="utf-8") as file:
        job = json.load(file)
    from neuron import h

    for library in job["libraries"]:
        h.nrn_load_dll(library)
    results = [run(h, case) for case in job["cases"]]
    with open(target, "w", encoding="utf-8") as file:
        json.dump(results, file)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
