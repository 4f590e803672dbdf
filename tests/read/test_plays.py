"""Vector.play: where, when and what is played, found out from a session, and its values step by step."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from jxneuron.lower import plays
from jxneuron.lower.program import Address, InputTarget
from jxneuron.model.model import Play, Probe
from jxneuron.run.integrate import clock

HERE = str(Path(__file__).parent)
START = f"""
import sys
sys.path.insert(0, {HERE!r})
from sessions import *
from jxneuron.errors import Unsupported
soma, dend = section("soma"), section("dend", nseg=3)
dend.connect(soma(1))
for each in (soma, dend):
    each.insert("hh")
clamp = h.IClamp(dend(0.9))
def look(strict=True):
    h.finitialize(-65)
    kept = [vector.to_python() for vector in h.List("Vector")]
    model = session.read_model(h, MECHANISMS, strict=strict)
    assert kept == [vector.to_python() for vector in h.List("Vector")]
    return model
def shown(play):
    breaks = None if play.breaks is None else play.breaks.tolist()
    return [play.target.name, play.kind, play.t.tolist(), play.y.tolist(), breaks]
"""


def test_every_form_is_found(neuron_child):
    found = neuron_child(
        START
        + """
late = h.Vector([5, 6.5, 8])
values = [1, 2, 3], [0, 0.5, 1], [0.1, 0.2], [-60, -50, -40], [50, 51, 52, 53]
held = [h.Vector(y) for y in values]
held[0].play(clamp._ref_amp, late)
held[1].play(soma(0.5).hh._ref_gnabar, 0.3)
held[2].play(soma(0.5)._ref_ena, h.Vector([0, 1]), 1)
held[3].play(dend(0.5)._ref_v, late, 1)
times, breaks = h.Vector([0, 1, 1, 2]), h.Vector([1, 2])
held[4].play(soma(0.5)._ref_ek, times, breaks)
idle = h.Vector(7).fill(2)
recorded = h.Vector().record(soma(0.5)._ref_v)
give(sorted(shown(each) for each in look().plays))
"""
    )
    assert found == [
        ["IClamp[0].amp", "step", [5, 6.5, 8], [1, 2, 3], None],
        ["dend(0.5).v", "continuous", [5, 6.5, 8], [-60, -50, -40], None],
        ["soma(0.5).ek", "continuous", [0, 1, 1, 2], [50, 51, 52, 53], [1, 2]],
        ["soma(0.5).gnabar_hh", "step", [0, 0.3, 0.6], [0, 0.5, 1], None],
    ]


def test_what_acts_on_nothing_is_left_out_and_said(neuron_child):
    found = neuron_child(
        START
        + """
h("x = 0")
a = h.Vector([1, 2]); a.play("x = $1", 0.5)
model = look()
give([len(model.plays), [[note.kind, note.place, note.found] for note in model.notes]])
"""
    )
    assert found == [0, [["play", "Vector[0]", "Vector.play acts on no value of the model"]]]


def test_what_cannot_be_placed_is_a_finding(neuron_child):
    found = neuron_child(
        START
        + """
import os
offences = [
    "h('proc twice() { forall gnabar_hh = $1*2 }'); a = h.Vector([0.1, 0.2]); a.play('twice($1)', 0.5)",
    "h('proc both() { forall gnabar_hh = $1 }'); a = h.Vector([0.1, 0.2]); a.play('both($1)', 0.5)",
    "a = h.Vector([6, 7]); a.play(h._ref_celsius, 0.5)",
    "t = h.Vector([3, 4, 5]); a = h.Vector([0.1, 0.2]); a.play(clamp._ref_amp, t, 1)",
    "t = h.Vector([3, 4]); a = h.Vector([0.1, float('nan')]); a.play(clamp._ref_amp, t)",
]
def offend(code):
    exec(code, globals())
    try:
        look()
    except Unsupported as error:
        return [[finding.place, finding.found] for finding in error.findings]
    return []
from jxneuron.read.fork import in_fork
give([in_fork(lambda: offend(code)) for code in offences])
"""
    )
    said = [[(place, what) for place, what in one] for one in found]
    assert [one[0][1] for one in said] == [
        "Vector.play: no variable of the model follows it",
        "Vector.play: more than one variable follows it",
        "Vector.play into celsius is not taken over yet",
        "Vector.play into IClamp[0].amp: 2 values for 3 times, or times that go back",
        "Vector.play into IClamp[0].amp: a value or a time is not a number",
    ]


def test_values_follow_neuron_step_by_step(neuron_child):
    """Random plays of all kinds into clamps: what the clamp's current shows is the value in mid-step."""
    dt, count = 0.1, 60
    rng = np.random.default_rng(1)
    made = []
    for kind in ("step", "continuous", "breaks", "every") * 10:
        size = int(rng.integers(2, 9))
        t = np.sort(rng.choice([rng.uniform(-0.2, 7, size), rng.integers(0, 60, size) * dt, np.full(size, 2.0)]))
        breaks = np.sort(rng.integers(0, size, 2)) if kind == "breaks" else None
        every = float(rng.choice([0.05, 0.1, 0.13, 0.4]))
        made.append((kind, t, rng.normal(size=size), breaks, every))
    given = [[kind, t.tolist(), y.tolist(), None if b is None else b.tolist(), every] for kind, t, y, b, every in made]
    found = neuron_child(
        """
soma, kept, clamps = h.Section(name="soma"), [], []
for kind, t, y, breaks, every in given["made"]:
    clamps.append(h.IClamp(soma(0.5)))
    clamps[-1].delay, clamps[-1].dur = -1e9, 1e10
    y, t = h.Vector(y), h.Vector(t)
    kept += [y, t]
    if kind == "breaks":
        kept.append(h.Vector(breaks))
        y.play(clamps[-1]._ref_amp, t, kept[-1])
    elif kind == "every":
        y.play(clamps[-1]._ref_amp, every)
    else:
        y.play(clamps[-1]._ref_amp, t, int(kind == "continuous"))
h.dt = given["dt"]
h.finitialize(-65)
trace = [[[each.amp for each in clamps], [each.i for each in clamps]]]
for _ in range(given["count"]):
    h.fadvance()
    trace.append([[each.amp for each in clamps], [each.i for each in clamps]])
give(trace)
""",
        made=given,
        dt=dt,
        count=count,
    )
    trace = np.array(found)  # (steps + 1, 2, play)
    times = clock(0.0, dt, count * dt)
    for k, (kind, t, y, breaks, every) in enumerate(made):
        if kind == "every":
            t = np.concatenate([[0.0], np.full(len(y) - 1, every)]).cumsum()
        play = Play(Probe("x", "x", 0), "step" if kind in ("step", "every") else "continuous", t, y, breaks)
        moments = ("half", "end") if play.kind == "step" else ("half", "full", "end")
        targets = [InputTarget(moment, Address("v", np.array([0])), (0,)) for moment in moments]
        samples = plays.sample_plays(targets, [play], 0.0, times.half, times.full)
        value, amp, i = trace[0, 0, k], [], []
        for step in range(count):
            for moment, sample in zip(moments, samples, strict=True):
                value = value if np.isnan(sample[step, 0]) else sample[step, 0]
                if moment == "half":
                    i.append(value)
            amp.append(value)
        np.testing.assert_array_equal(i, trace[1:, 1, k], err_msg=str(made[k]))
        np.testing.assert_array_equal(amp, trace[1:, 0, k], err_msg=str(made[k]))
