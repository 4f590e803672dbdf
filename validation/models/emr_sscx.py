"""A layer 4 pyramidal cell of rat somatosensory cortex, from the example in the EModelRunner package.

The electrical model cADpyr_L4UPC on the example's morphology, with channels in all of the cell, parameters that
depend on the distance from the soma, and twenty stochastic synapses.
"""

import importlib.util
import json
import math
from pathlib import Path

from neuron import h

SPEC = importlib.util.find_spec("emodelrunner")
if SPEC is None or SPEC.origin is None:
    raise SystemExit("the package EModelRunner is not installed: pip install --no-deps EModelRunner")
EXAMPLE = Path(SPEC.origin).parents[1] / "examples" / "sscx_sample_dir"
RECIPE = json.loads((EXAMPLE / "config" / "params" / "pyr.json").read_text())
FITTED = json.loads((EXAMPLE / "config" / "params" / "final.json").read_text())["cADpyr_L4UPC"]["params"]
REGIONS = {
    "all": ("soma", "dend", "apic", "axon"),
    "allact": ("soma", "dend", "apic", "axon"),
    "somadend": ("soma", "dend", "apic"),
    "somaxon": ("soma", "axon"),
    "somatic": ("soma",),
    "basal": ("dend",),
    "apical": ("apic",),
    "axonal": ("axon",),
    "myelinated": (),
}


def sections(group):
    """Sections of a group of the recipe."""
    return [each for each in h.allsec() if each.name().partition("[")[0] in REGIONS[group]]


def import_morphology():
    """Create the sections of the example's Neurolucida file at top level; a stub stands for the axon."""
    h.load_file("import3d.hoc")
    reader = h.Import3d_Neurolucida3()
    reader.quiet = 1
    reader.input(str(next((EXAMPLE / "morphology").glob("*.asc"))))
    h.Import3d_GUI(reader, False).instantiate(None)
    for section in sections("axonal"):
        h.delete_section(sec=section)
    h("create axon[2]")
    for section in h.axon:
        section.L, section.diam = 30, 1
    h.axon[0].connect(h.soma[0](0.5))
    h.axon[1].connect(h.axon[0](1))


def scaled(value, distribution, distance):
    """A parameter at a distance (um) from the soma."""
    if distribution == "exp":
        return value * (-0.8696 + 2.087 * math.exp(0.0031 * distance))
    if distribution == "decay":
        return value * math.exp(FITTED["constant.distribution_decay"] * distance)
    return value


def set_parameter(group, entry):
    """One entry of the recipe; a range of values stands for the fitted one."""
    name, value = entry["name"], entry["val"]
    if isinstance(value, list):
        value = FITTED[f"{name}.{group}"]
    for section in sections(group):
        if name == "Ra":
            section.Ra = value
            continue
        for segment in section:
            distance = h.distance(h.soma[0](0.5), segment)
            setattr(segment, name, scaled(value, entry.get("dist"), distance))


def set_membrane():
    """Mechanisms first, then their parameters, each group in the recipe's order."""
    for section in h.allsec():
        section.nseg = 1 + 2 * int(section.L / 40)
    for group, entry in RECIPE["mechanisms"].items():
        for section in sections(group):
            for mechanism in entry["mech"]:
                section.insert(mechanism)
    for group, entries in RECIPE["parameters"].items():
        if group in REGIONS:
            for entry in entries:
                set_parameter(group, entry)
    h.celsius, h.v_init = 34, -80


def add_synapses(number=20):
    """Synapses on the basal dendrites in turn, excitatory and inhibitory, each driven by five spikes."""
    dendrites = sections("basal")
    made = []
    for index in range(number):
        kind = h.ProbAMPANMDA_EMS if index % 2 else h.ProbGABAAB_EMS
        synapse = kind(dendrites[index % len(dendrites)](0.5))
        synapse.setRNG(1, index, 7)
        drive = h.NetStim()
        drive.start, drive.interval, drive.number, drive.noise = 20 + 3 * index, 10, 5, 0
        connection = h.NetCon(drive, synapse)
        connection.weight[0], connection.delay = 0.7, 1
        made += [synapse, drive, connection]
    return made


import_morphology()
set_membrane()
synapses = add_synapses()
