"""Channels of the ChannelBuilder: their NMODL text runs as NEURON runs them; what has none is refused by its reason."""

from __future__ import annotations

import numpy as np

from jxneuron.model import file
from jxneuron.modules.simulate import prepare, start
from jxneuron.run import integrate

CHANNELS = """
from jxneuron.importer import read_session
from jxneuron.model import file
h.load_file("stdrun.hoc")

def channel(name, ion="NonSpecific", iv_type=0, gmax=0.0, erev=0.0):
    made = h.KSChan(0)
    made.name(name)
    made.ion(ion)
    made.iv_type(iv_type)
    made.gmax(gmax)
    made.erev(erev)
    return made

def functions(transition, type_, first, second):
    transition.type(type_)
    for k, (form, *values) in enumerate((first, second)):
        transition.set_f(k, form, h.Vector(values))

rectifier = channel("rectifier", "k", 1, 0.036)
rectifier.add_hhstate("n")
rectifier.gate(0).power(4)
functions(rectifier.trans(0), 0, (3, 0.1, 0.1, -55), (2, 0.125, -0.0125, -65))
sodium = channel("sodium", "na", 0, 0.12)
sodium.add_hhstate("m"), sodium.add_hhstate("q")
sodium.gate(0).power(3)
functions(sodium.trans(0), 0, (3, 1, 0.1, -40), (2, 4, -0.05555555555555555, -65))
functions(sodium.trans(1), 1, (4, 1, 0.15, -60), (5 + 1, 0.3, -60, 2, 0.4, 1))
slow = channel("slow", "NonSpecific", 0, 0.0004, -20)
slow.add_hhstate("b")
slow.gate(0).power(5)
functions(slow.trans(0), 1, (5, 0.2, -50, 1.5, 0.6, 2), (6, 0.2, -50, 1.5, 0.6, 2))
closed = slow.add_ksstate(None, "C1")
middle = slow.add_ksstate(slow.gate(1), "C2")
opened = slow.add_ksstate(slow.gate(1), "O")
middle.frac(0.3), opened.frac(1)
functions(slow.add_transition(closed, middle), 0, (2, 0.8, 0.04, -50), (1, 0.5))
functions(slow.add_transition(middle, opened), 1, (4, 1, -0.2, -45), (1, 3))
"""
MODEL = """
soma = h.Section(name="soma")
soma.L = soma.diam = 20
soma.nseg = 2
for name in ("rectifier", "sodium", "slow", "pas"): soma.insert(name)
soma(0.75).rectifier.gmax = 0.02
h.celsius = 15
clamp = h.IClamp(soma(0.25))
clamp.delay, clamp.dur, clamp.amp = 0.5, 5, 0.6
names = ["soma(0.25).v", "soma(0.75).n_rectifier", "soma(0.25).q_sodium", "soma(0.25).O_slow", "soma(0.25).C2_slow",
         "soma(0.25).b_slow", "soma(0.25).i_slow", "soma(0.25).g_sodium", "soma(0.75).ik"]
records = [h.Vector().record(getattr(soma(0.75 if "0.75" in name else 0.25), "_ref_" + name.split(").")[1]))
           for name in names]
h.finitialize(-65)
file.save(read_session(h, init="ours", strict=True, record=names), given["path"])
h.continuerun(8)
give([list(record) for record in records])
"""


def test_they_run_as_in_neuron(neuron_child, tmp_path):
    path = tmp_path / "channels.jxn"
    theirs = np.array(neuron_child(CHANNELS + MODEL, path=str(path)))
    simulation = prepare(file.open(path))
    dt = np.float64(0.025)
    state, _ = start(simulation, 0.025, "neuron")  # NEURON's INITIAL of several states is right to 1e-9 only
    times = integrate.clock(0.0, 0.025, 8.0)
    ours = np.asarray(integrate.run(simulation.program, simulation.params, state, dt, times)[1])
    begun = integrate.start(simulation.program, simulation.params, dt, np.float64(0.0))
    for name, values in state.mech["slow"].items():
        np.testing.assert_allclose(begun.mech["slow"][name], values, rtol=1e-8)
    assert np.ptp(theirs[0]) > 60 and (np.ptp(theirs, axis=1) > 1e-4).all()
    assert (np.abs(ours - theirs).max(axis=1) <= 1e-9 * np.maximum(1.0, np.abs(theirs).max(axis=1))).all()
    assert {source.mechanism: source.file for source in simulation.model.sources}["slow"] == "KSChan[2]"


REFUSED = {
    "made = channel('odd', 'k', 2)": "Goldman, Hodgkin and Katz",
    "made = h.KSChan(1); made.name('odd')": "a point process",
    "made = channel('odd'); made.add_hhstate('n'); made.trans(0).set_f(0, 7, h.Vector([0, 1]), -100, 50)": "table",
    "made = channel('odd'); made.add_hhstate('n'); functions(made.trans(0), 0, (1, 1), (1, 1)); "
    "made.usetable(1)": "table",
    "made = channel('odd'); one, two = made.add_ksstate(None, 'C'), None; two = made.add_ksstate(made.gate(0), 'O'); "
    "move = made.add_transition(one, two); move.type(3, 'nai'); move.set_f(0, 1, h.Vector([1])); "
    "move.set_f(1, 1, h.Vector([1]))": "ligand",
}


def test_what_has_no_text_is_refused_by_its_reason(neuron_child):
    found = neuron_child(
        CHANNELS
        + """
import os
from jxneuron.read import channel_builder
reasons = []
for code in given["codes"]:
    receiver, sender = os.pipe()
    if not os.fork():
        exec(code)
        os.write(sender, channel_builder.why_not(made).encode())
        os._exit(0)
    os.wait()
    os.close(sender)
    reasons.append(os.read(receiver, 1000).decode())
give(reasons)
""",
        codes=list(REFUSED),
    )
    assert [expected in reason for expected, reason in zip(REFUSED.values(), found, strict=True)] == [True] * len(found)
