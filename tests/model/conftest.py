"""A small model written by hand: no NEURON in these tests."""

from __future__ import annotations

import numpy as np
import pytest

from jxneuron.model.model import (
    Initial,
    Ion,
    Model,
    Nodes,
    Note,
    Placement,
    Probe,
    Section,
    Settings,
    Source,
)


def floats(*values):
    return np.array(values, np.float64)


def ints(*values):
    return np.array(values, np.int64)


def make():
    """A soma of one segment and a dendrite of two on its far end, of two cells' worth of names.

    Nodes: 0 root, 1 soma centre, 2 soma end, 3 and 4 dendrite centres, 5 dendrite end.
    """
    nodes = Nodes(
        parent=ints(-1, 0, 1, 2, 3, 4),
        section=ints(0, 0, 0, 1, 1, 1),
        x=floats(0, 0.5, 1, 0.25, 0.75, 1),
        length=floats(0, 20, 0, 50, 50, 0),
        diam=floats(0, 20, 0, 2, 1, 0),
        area=floats(100, 400 * np.pi, 100, 100 * np.pi, 50 * np.pi, 100),
        half_in=floats(0, 0.1, 0, 0.2, 0.3, 0),
        half_out=floats(0, 0.1, 0, 0.2, 0.3, 0),
        Ra=np.full(6, 100.0),
        cm=floats(0, 1, 0, 1, 1, 0),
        is_end=np.array([True, False, True, False, False, True]),
        rallbranch=np.ones(6),
    )
    sections = (
        Section("Cell[0].soma[0]", 1, 20.0, (1,), 0, 2, -1, 0.0, 0, np.zeros((0, 4))),
        Section("Cell[0].dend[3]", 2, 100.0, (3, 4), 2, 5, 0, 1.0, 0, np.array([[0, 0, 0, 2], [100, 0, 0, 1.5]])),
    )
    diffusion = Placement(
        "cadif",
        "density",
        ints(3, 4),
        {"ca": floats(1, 2, 3, 4, 5, 6).reshape(3, 2), "k": floats(0.1, 0.2)},
        {"vol": floats(1, 2, 3), "q": 2.0},
    )
    hh = Placement(
        "hh", "density", ints(1, 3, 4), {"gnabar": floats(0.12, 0.1, 1 / 3), "m": floats(0.05, 0.05, 0.05)}, {}
    )
    clamp = Placement("IClamp", "point", ints(1, 5), {"amp": floats(0.1, 0.2)}, {}, ("IClamp[0]", "IClamp[4]"))
    return Model(
        nodes=nodes,
        sections=sections,
        placements=(diffusion, clamp, hh),
        ions=(
            Ion(
                "na",
                1.0,
                ints(1, 3, 4),
                np.full(3, 8),
                np.full(3, 50.0),
                np.full(3, 10.0),
                np.full(3, 140.0),
                10.0,
                140.0,
            ),
        ),
        sources=(Source("hh", "hh.mod", "TITLE hh\n: µ\n", "MECHANISM = None\n", 3),),
        settings=Settings(dt=0.0125, tables={"hh": False}),
        initial=Initial("auto", 0.0, np.full(6, -65.0), {"hh": {"m": floats(0.05, 0.05, 0.05)}, "cadif": {}}),
        probes=(Probe("soma.v", "v", 1), Probe("IClamp[4].amp", "amp", -1, "IClamp[4]")),
        groups={"dend": (1,), "soma": (0,)},
        notes=(Note("initial", "soma", "found", "done"),),
        title="small",
    )


@pytest.fixture
def model():
    return make()
