"""Runs in a child process: builds small models in NEURON, reads each, and writes down what NEURON says of it.

Usage: ``python sessions.py FOLDER``. For each builder it writes ``NAME.jxn`` (the Model as read) and ``NAME.json``
(NEURON's own numbers, one row per node).
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import Any

from neuron import h

from jxneuron.mech.mechanism import Field, IonUse, Mechanism
from jxneuron.model import file
from jxneuron.read import session
from jxneuron.read.names import name_sections as name_sections
from jxneuron.read.unsupported import find_unsupported as find_unsupported


def fields(role, held, names):
    return tuple(Field(name, role, "range", held) for name in names.split())


HH = Mechanism(
    "hh",
    "density",
    fields("parameter", "p", "gnabar gkbar gl el")
    + fields("assigned", "s", "gna gk il")
    + fields("state", "s", "m h n"),
    ions=(IonUse("na", ("ena",)), IonUse("k", ("ek",))),
)
PAS = Mechanism("pas", "density", fields("parameter", "p", "g e") + fields("assigned", "s", "i"))
ICLAMP = Mechanism("IClamp", "point", fields("parameter", "p", "del dur amp") + fields("assigned", "s", "i"))
SECLAMP = Mechanism(
    "SEClamp",
    "point",
    fields("parameter", "p", "rs dur1 amp1 dur2 amp2 dur3 amp3") + fields("assigned", "s", "i vc"),
)
RECEIVE: Any = len  # says that a mechanism takes events; nothing calls it
EXPSYN = Mechanism(
    "ExpSyn",
    "point",
    fields("parameter", "p", "tau e") + fields("state", "s", "g"),
    weights=("weight",),
    receive=RECEIVE,
)
NETSTIM = Mechanism(
    "NetStim",
    "artificial",
    fields("parameter", "p", "interval number start noise"),
    weights=("w",),
    receive=RECEIVE,
    initial_actions=("send",),
)
MECHANISMS = {each.name: each for each in (HH, PAS, ICLAMP, SECLAMP, EXPSYN, NETSTIM)}


def section(name, nseg=3, L=50.0, diam=2.0, Ra=100.0, cell=None):
    made = h.Section(name=name, cell=cell) if cell else h.Section(name=name)
    made.nseg, made.L, made.diam, made.Ra = nseg, L, diam, Ra
    return made


def draw_points(made, points):
    made.pt3dclear()
    for point in points:
        made.pt3dadd(*point)


def stylised():
    soma, dend = section("soma", 1, 20, 20), section("dend", 5)
    dend.connect(soma(1))
    for i, segment in enumerate(dend):
        segment.diam = 1 + 0.37 * i
        segment.cm = 0.7 + 0.1 * i
    return [soma, dend]


def tapering():
    one = section("one", 4)
    draw_points(
        one,
        [(0.1, 0.2, 0.3, 1.1), (10.123456789, 3.3, 1.7, 2.2), (21.987654321, 4.4, 2.9, 0.7), (40, 9, 9, 3)],
    )
    jump = section("jump", 3)
    draw_points(jump, [(0, 0, 0, 4), (10, 0, 0, 4), (10, 0, 0, 1), (30.3, 0.1, 0, 1.7)])
    jump.connect(one(1))
    return [one, jump]


def spines():
    h.setSpineArea(0.83)
    one = section("one", 4)
    draw_points(one, [(0, 0, 0, 2), (7, 1, 0, -2), (13, 1, 0, 1.5), (22, 0, 3, -1.1)])
    return [one]


def reversed_sections():
    a, b, c, d = (section(name, n) for name, n in (("a", 3), ("b", 4), ("c", 2), ("d", 3)))
    draw_points(c, [(0, 0, 0, 1), (5, 0, 0, 2), (33, 0, 0, 0.5)])
    b.connect(a(1), 1)  # b's own end 1 sits on a
    c.connect(b(0), 1)  # at b's far end, again by its end 1
    d.connect(b(1), 0)  # at the end by which b is attached: on a's end node
    e = section("e", 2)
    e.connect(b(0.25), 0)
    return [a, b, c, d, e]


def interior():
    parent, odd = section("parent", 2), section("odd", 3)
    made = [parent, odd]
    for i, (on, x) in enumerate([(parent, 0.5), (parent, 0.49), (odd, 1 / 3), (odd, 2 / 3), (odd, 0.999), (odd, 0.5)]):
        child = section(f"child[{i}]", 1 + i % 3)
        child.connect(on(x), i % 2)
        made.append(child)
    return made


def child_at_zero():
    root, one, two, three = (section(name, 2) for name in ("root", "one", "two", "three"))
    one.connect(root(0))
    two.connect(one(0))
    three.connect(two(1))
    four = section("four", 1)
    four.connect(three(0), 1)  # at three's attached end: two's end node
    return [root, one, two, three, four]


def rall():
    made = stylised()
    extra = section("extra", 3)
    extra.connect(made[0](0.5))
    made[1].rallbranch, extra.rallbranch = 3, 2.5
    return [*made, extra]


def roots():
    made = []
    for i in range(3):
        soma, dend = section(f"soma[{i}]", 1 + i), section(f"dend[{i}]", 3 - i)
        dend.connect(soma(1))
        made += [soma, dend]
    return made


def shaped():
    made = stylised()
    h.define_shape()
    return made


def resized():
    made = tapering()
    made[0].L = 77.7
    made[0].nseg = 7
    made[1](0.5).diam = 3.3
    made[1].nseg = 5
    return made


def grown(seed):
    draw = random.Random(seed)
    made = []
    for i in range(40):
        one = section(f"s[{i}]", draw.randint(1, 6), draw.uniform(3, 200), draw.uniform(0.3, 9), draw.uniform(30, 200))
        if draw.random() < 0.4:
            at = [0.0, 0.0, 0.0]
            for _ in range(draw.randint(2, 12)):
                one.pt3dadd(*at, draw.uniform(0.1, 6))
                at = [x + draw.uniform(-3, 10) for x in at]
        else:
            for segment in one:
                segment.diam = draw.uniform(0.2, 4)
        for segment in one:
            segment.cm = draw.uniform(0.5, 2)
        if made and draw.random() < 0.93:
            one.connect(draw.choice(made)(draw.choice([0, 1, 0.5, draw.random()])), draw.choice([0, 0, 1]))
        made.append(one)
    return made


BUILDERS = {
    "stylised": stylised,
    "tapering": tapering,
    "spines": spines,
    "reversed": reversed_sections,
    "interior": interior,
    "child_at_zero": child_at_zero,
    "rall": rall,
    "roots": roots,
    "shaped": shaped,
    "resized": resized,
    "grown_1": lambda: grown(1),
    "grown_2": lambda: grown(2),
}


def with_mechanisms(made):
    """hh everywhere, pas in every second section; every value of its own; clamps at ends and inside."""
    draw = random.Random(5)
    for i, one in enumerate(made):
        one.insert("hh")
        if i % 2 == 0:
            one.insert("pas")
        for segment in one:
            segment.hh.gnabar = draw.uniform(0.1, 0.2)
            segment.hh.el = draw.uniform(-60, -50)
            if i % 2 == 0:
                segment.pas.g = draw.uniform(1e-4, 1e-3)
    kept = []
    last = made[-1]
    for k, x in enumerate([0, 0.5, 1, 0.5, 0.5, 1]):
        clamp = h.IClamp(last(x))
        clamp.delay, clamp.dur, clamp.amp = k, 1 + k, 0.01 * k
        kept.append(clamp)
    return kept


def neurons_rows(made):
    """One row per node, as NEURON numbers them: its own place, area, resistance, coupling and RANGE values."""
    rows = {}
    for one in made:
        attached, far = (1, 0) if one.orientation() else (0, 1)
        before = one(attached).node_index()
        if one.parentseg() is None:
            rows[before] = {
                "parent": -1,
                "section": one.name(),
                "x": attached,
                "end": True,
                "v": one(attached).v,
            }
        segments = list(reversed(list(one))) if one.orientation() else list(one)
        for segment in segments:
            rows[segment.node_index()] = {
                "parent": before,
                "section": one.name(),
                "x": segment.x,
                "end": False,
                "v": segment.v,
                "area": segment.area(),
                "ri": segment.ri(),
                "diam": segment.diam,
                "cm": segment.cm,
                "a": h.fmatrix(segment.x, 1, sec=one),
                "b": h.fmatrix(segment.x, 3, sec=one),
                "gnabar": segment.hh.gnabar,
                "el": segment.hh.el,
                "m": segment.hh.m,
                "g_pas": segment.pas.g if one.has_membrane("pas") else None,
                "ena": segment.ena,
                "points": [[p.hname(), p.amp, getattr(p, "del")] for p in segment.point_processes()],
            }
            before = segment.node_index()
        end = one(far)
        rows[end.node_index()] = {
            "parent": before,
            "section": one.name(),
            "x": far,
            "end": True,
            "ri": end.ri(),
            "v": end.v,
            "points": [[p.hname(), p.amp, getattr(p, "del")] for p in end.point_processes()],
        }
    return [rows[i] for i in sorted(rows)]


def main(folder):
    for name, build in BUILDERS.items():
        h.setSpineArea(0)
        made = build()
        kept = with_mechanisms(made)
        h.finitialize(-65)
        h.fadvance()
        model = session.read_model(h, MECHANISMS)
        file.save(model, folder / f"{name}.jxn")
        (folder / f"{name}.json").write_text(json.dumps(neurons_rows(made)))
        del kept, made


if __name__ == "__main__":
    main(Path(sys.argv[1]))
