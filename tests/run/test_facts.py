"""The facts about NEURON's step that bite, each in a small model that shows it, run in both."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from jxneuron.model import file
from jxneuron.model.model import Model
from jxneuron.modules.simulate import run_model
from tests.run.conftest import demo_library

PHASES = Path(__file__).parents[2] / "mod" / "phases"

# Runs in a NEURON child: builds the model, saves it as it is after finitialize, runs it and returns its Vectors.
RUN = """
from jxneuron.importer import read_session
from jxneuron.model import file

h.load_file("stdrun.hoc")
keep = {"h": h}
exec(given["model"], keep)
vectors = [h.Vector().record(eval(place, keep)) for place in given["pointers"]]
h.finitialize(h.v_init)
for init, path in given["paths"].items():
    file.save(read_session(h, init=init, strict=True, record=given["records"]), path)
for _ in range(given["steps"]):
    h.fadvance()
give([vector.to_python() for vector in vectors])
"""

ONE = """
s = h.Section(name="s")
s.L = s.diam = 20
s.nseg = 3
s.insert("hh")
clamp = h.IClamp(s(0.5))
clamp.delay, clamp.dur, clamp.amp = 1, 10, 0.4
"""

PLAYED = """
late, ramp = h.Vector([0.5, 1.515, 2.03, 3.0]), h.Vector([0.1, 0.7, -0.2, 0.4])
ramp.play(clamp._ref_amp, late{})
clamp.delay, clamp.dur = 0, 100
"""

# What it shows: the model, and what to record.
FACTS = {
    "BREAKPOINT runs at v + 0.001 and then at v": (
        ONE + "s.insert('twice')\n",
        ["s(0.5).count_twice", "s(0.5).largest_twice", "s(0.5).i_twice"],
    ),
    "a mechanism without currents runs its BREAKPOINT once, after its states": (
        ONE + "s.insert('quiet')\n",
        ["s(0.5).count_quiet", "s(0.5).seen_quiet", "s(0.5).m_quiet"],
    ),
    "concentration writers run in reverse order of registration": (
        ONE + "s.insert('pool_a')\ns.insert('pool_b')\n",
        ["s(0.5).aai", "s(0.5).bbi", "s(0.5).start_pool_a", "s(0.5).start_pool_b"],
    ),
    "a reversal potential is one step behind its concentration": (
        ONE + "s.insert('kpool')\n",
        ["s(0.5).ek", "s(0.5).ko", "s(0.5).v"],
    ),
    "a mechanism may write the reversal potential itself": (
        # Twice initialised: what INITIAL finds is what the run before it left.
        ONE + "s.insert('setter')\nh.finitialize(-65)\n",
        ["s(0.5).ek", "s(0.5).before_setter", "s(0.5).ik"],
    ),
    "a read concentration overwrites a reversal set by hand": (
        ONE + "s.insert('cachan')\nfor seg in s: seg.eca = 77\n",
        ["s(0.5).eca", "s(0.5).v", "s(0.5).ica"],
    ),
    "a written concentration overwrites values set by hand": (
        ONE + "s.insert('cadifpmp')\nh.cai0_ca_ion = 2e-4\nfor seg in s: seg.cai = 3e-3\n",
        ["s(0.5).cai", "s(0.5).eca"],
    ),
    "ion_style chosen by the user": (
        ONE + "s.insert('kpool')\ns.ek = -60\ns.push()\nh.ion_style('k_ion', 3, 1, 0, 0, 0)\nh.pop_section()\n",
        ["s(0.5).ek", "s(0.5).ko"],
    ),
    "an edge of IClamp falls on the summed half steps": (
        ONE + "clamp.delay, clamp.dur = 2.0125, 1.0\n",
        ["IClamp[0].i", "s(0.5).v"],
    ),
    "a value played in the second half of a step is recorded one step later": (
        ONE + PLAYED.format(""),
        ["IClamp[0].amp", "IClamp[0].i", "s(0.5).v"],
    ),
    "a line that ends in the second half of a step": (
        ONE + PLAYED.format(", 1"),
        ["IClamp[0].amp", "IClamp[0].i", "s(0.5).v"],
    ),
    "tables, and their end beyond the range": (
        ONE + "h.v_init = 130\n",
        ["s(0.5).v", "s(0.5).m_hh"],
    ),
    "ion currents follow the voltage with secondorder 2": (
        ONE + "h.secondorder = 2\n",
        ["s(0.5).ina", "s(0.5).ik", "s(0.5).v"],
    ),
    "reactions take the last COMPARTMENT of a state, diffusion the first": (
        ONE + "s.insert('walled')\ns(0.1).diam = 10\n",
        ["s(0.1).c_walled", "s(0.5).c_walled"],
    ),
    "recorded currents with secondorder 0": (
        ONE,
        ["s(0.5).ina", "s(0.5).ik", "s(0.5).il_hh", "s(0.5).gna_hh"],
    ),
}


def pointer(record: str) -> str:
    place, variable = record.rsplit(".", 1)
    return f"clamp._ref_{variable}" if place == "IClamp[0]" else f"{place}._ref_{variable}"


@pytest.mark.parametrize("fact", FACTS)
def test_fact(fact, neuron_child, mod_library, tmp_path):
    """From our INITIAL and from NEURON's state."""
    code, records = FACTS[fact]
    libraries = [mod_library(PHASES), demo_library()]
    paths = {init: str(tmp_path / init) for init in ("ours", "neuron")}
    recorded = neuron_child(
        RUN,
        libraries=libraries,
        model=code,
        records=records,
        pointers=[pointer(record) for record in records],
        steps=240,
        paths=paths,
    )
    for init, path in paths.items():
        model = file.open(path)
        ours = run_model(model, t_stop=240 * model.settings.dt).records
        for name, theirs in zip(records, np.array(recorded), strict=True):
            assert np.isfinite(theirs).all() and np.isfinite(ours[name]).all()
            scale = np.max(np.abs(theirs))
            difference = np.max(np.abs(ours[name] - theirs))
            assert difference <= 1e-9 * scale, f"{name} from {init}: {difference:.3g} of {scale:.3g}"


def test_the_records_of_a_fact_are_not_all_constant(neuron_child, mod_library, tmp_path):
    """The twin of the test above: with one pool's order or one reversal changed, the same check fails."""
    code, records = FACTS["a reversal potential is one step behind its concentration"]
    recorded = neuron_child(
        RUN,
        libraries=[mod_library(PHASES)],
        model=code,
        records=records,
        pointers=[pointer(record) for record in records],
        steps=100,
        paths={"ours": str(tmp_path / "model")},
    )
    model = file.open(tmp_path / "model")
    changed = run_model(without_nernst(model), t_stop=100 * model.settings.dt).records["s(0.5).ek"]
    assert np.max(np.abs(changed - np.array(recorded)[0])) > 1e-3


def without_nernst(model: Model) -> Model:
    ions = tuple(dataclasses.replace(ion, style=ion.style & 0o77) for ion in model.ions)
    return dataclasses.replace(model, ions=ions)
