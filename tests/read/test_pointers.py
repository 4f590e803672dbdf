"""POINTERs of a session: where each instance's leads, and what is said where it leads nowhere."""

from __future__ import annotations

from pathlib import Path

MOD = Path(__file__).parents[2] / "validation" / "models" / "constructs"
START = """
from jxneuron import nmodl
from jxneuron.mech import builtin
from jxneuron.mech.generated import load
from jxneuron.read import session
from jxneuron.errors import Unsupported
names = {"GapEnd": "gapend", "kremote": "kremote", "regulate": "regulate"}
texts = {name: open(given["mod"] + f"/{file}.mod").read() for name, file in names.items()}
mechanisms = {name: load(nmodl.translate(text, file=name).python) for name, text in texts.items()}
mechanisms |= {"hh": builtin.get("hh"), "pas": builtin.get("pas")}
soma, dend = h.Section(name="soma"), h.Section(name="dend")
dend.connect(soma(1))
dend.nseg = 3
soma.insert("hh")
for name in ("pas", "kremote", "regulate"):
    dend.insert(name)
gaps = [h.GapEnd(soma(0.5)), h.GapEnd(dend(0.9))]
def look():
    model = session.read_model(h, mechanisms)
    return {each.mechanism: {name: [probe.name for probe in probes] for name, probes in each.pointers.items()}
            for each in model.placements if each.pointers}
"""


def test_each_instance_leads_somewhere(neuron_child, mod_library):
    found = neuron_child(
        START
        + """
h.setpointer(dend(1)._ref_v, "vother", gaps[0])
h.setpointer(soma(0.5)._ref_v, "vother", gaps[1])
for k, segment in enumerate(dend):
    h.setpointer(soma(0.5)._ref_ina if k == 1 else soma(0.5).hh._ref_m, "signal", segment.kremote)
    h.setpointer(segment._ref_g_pas, "conductance", segment.regulate)
h.finitialize(-65)
before = [segment.v for segment in dend.allseg()], dend(0.5).g_pas, soma(0.5).m_hh
result = look()
give([result, before == ([segment.v for segment in dend.allseg()], dend(0.5).g_pas, soma(0.5).m_hh)])
""",
        libraries=[mod_library(MOD)],
        mod=str(MOD),
    )
    pointers, untouched = found
    assert untouched
    assert pointers["GapEnd"]["vother"] == ["dend(1).v", "soma(0.5).v"]
    assert pointers["kremote"]["signal"] == ["soma(0.5).m_hh", "soma(0.5).ina", "soma(0.5).m_hh"]
    assert pointers["regulate"]["conductance"] == [f"dend({x}).g_pas" for x in ("0.166667", "0.5", "0.833333")]


def test_pointers_that_lead_nowhere_are_named(neuron_child, mod_library):
    found = neuron_child(
        START
        + """
h("free = 3")
h.setpointer(h._ref_free, "vother", gaps[0])
h.setpointer(soma(0.5)._ref_v, "vother", gaps[1])
for segment in dend:
    h.setpointer(segment._ref_g_pas, "conductance", segment.regulate)
try:
    look()
except Unsupported as error:
    give([[finding.place, finding.found] for finding in error.findings])
""",
        libraries=[mod_library(MOD)],
        mod=str(MOD),
    )
    assert found == [
        ["GapEnd[0]", "POINTER vother shows a variable that is not part of the model"],
        ["dend(0.166667).kremote and 2 more", "POINTER signal has no target"],
    ]
