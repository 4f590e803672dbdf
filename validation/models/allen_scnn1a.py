"""A layer 4 cell of mouse visual cortex, from the files of the bmtk package (Allen Cell Types, 472363762).

Builds the "perisomatic" model: the reconstructed dendrites are passive, all channels stand in the soma, and
the reconstructed axon is replaced by two short cylinders.
"""

import importlib.util
import json
from pathlib import Path

from neuron import h


def package_folder(name):
    """Folder of an installed package, without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise SystemExit(f"the package {name} is not installed: pip install --no-deps {name}")
    return Path(spec.origin).parent


FILES = package_folder("bmtk") / "utils" / "scripts" / "bionet"
FIT = json.loads((FILES / "biophysical_neuron_models" / "472363762_fit.json").read_text())


def region(section):
    """The part of the cell that a section belongs to: soma, dend, apic or axon."""
    return section.name().partition("[")[0]


def import_morphology(path):
    """Create the sections of an SWC file at top level."""
    h.load_file("import3d.hoc")
    reader = h.Import3d_SWC_read()
    reader.input(str(path))
    h.Import3d_GUI(reader, False).instantiate(None)


def replace_axon():
    """Two cylinders of 30 x 1 um at the soma, in place of the reconstructed axon."""
    for section in [each for each in h.allsec() if region(each) == "axon"]:
        h.delete_section(sec=section)
    h("create axon[2]")
    for section in h.axon:
        section.L, section.diam = 30, 1
    h.axon[0].connect(h.soma[0](0.5))
    h.axon[1].connect(h.axon[0](1))


def set_membrane():
    """Passive properties, channels and reversal potentials as the fit gives them."""
    passive, conditions = FIT["passive"][0], FIT["conditions"][0]
    capacitance = {each["section"]: each["cm"] for each in passive["cm"]}
    for section in h.allsec():
        section.nseg = 1 + 2 * int(section.L / 40)
        section.Ra = passive["ra"]
        section.cm = capacitance[region(section)]
        section.insert("pas")
        section.e_pas = passive["e_pas"]
        for gene in FIT["genome"]:
            if gene["section"] == region(section):
                if gene["mechanism"]:
                    section.insert(gene["mechanism"])
                setattr(section, gene["name"], gene["value"])
    for reversal in conditions["erev"]:
        for section in h.allsec():
            if region(section) == reversal["section"]:
                section.ena, section.ek = reversal["ena"], reversal["ek"]
    h.celsius, h.v_init = conditions["celsius"], conditions["v_init"]


import_morphology(FILES / "morphologies" / "Scnn1a_473845048_m.swc")
replace_axon()
set_membrane()
