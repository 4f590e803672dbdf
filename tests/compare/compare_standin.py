"""Pieces of a stand-in for our engine: a tiny hand-made model, and alterations of NEURON's traces."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from jxneuron.compare import engines
from jxneuron.model.model import Model, Nodes, Placement, Probe, Section, Settings, Source

Alter = Callable[[engines.Traces], engines.Traces]


def tiny_model(*, points: bool = True, nmodl: str = "", clamp: bool = False) -> Model:
    """A soma of one segment and a dendrite of two; nodes: root, soma, soma's end, two centres, dend's end."""
    six = np.zeros(6)
    nodes = Nodes(
        parent=np.array([-1, 0, 1, 2, 3, 4]),
        section=np.array([0, 0, 0, 1, 1, 1]),
        x=np.array([0.0, 0.5, 1.0, 0.25, 0.75, 1.0]),
        length=np.array([0.0, 20, 0, 50, 50, 0]),
        diam=np.array([0.0, 20, 0, 2, 2, 0]),
        area=six,
        half_in=six,
        half_out=six,
        Ra=six,
        cm=six,
        is_end=np.array([True, False, True, False, False, True]),
        rallbranch=six,
    )
    soma = np.array([[0.0, 0, 0, 20], [0, 20, 0, 20]]) if points else np.zeros((0, 4))
    dend = np.array([[0.0, 20, 0, 2], [30, 60, 0, 2], [30, 110, 0, 1]]) if points else np.zeros((0, 4))
    sections = (
        Section("soma", 1, 20.0, (1,), 0, 2, -1, 0.0, 0, soma),
        Section("dend", 2, 100.0, (3, 4), 2, 5, 0, 1.0, 0, dend),
    )
    clamps = (Placement("SEClamp", "point", np.array([1]), {}, {}, ("SEClamp[0]",)),) if clamp else ()
    return Model(
        nodes=nodes,
        sections=sections,
        placements=clamps,
        ions=(),
        sources=(Source("m", "m.mod", nmodl, "", 1),),
        settings=Settings(),
        probes=(Probe("soma(0.5).v", "v", 1),),
    )


def shifted(by: float, *, after: float = 0.0) -> Alter:
    """Every record raised by this much from a time on."""

    def alter(traces: engines.Traces) -> engines.Traces:
        step = by * (traces.t >= after)
        records = {name: values + step for name, values in traces.records.items()}
        return dataclasses.replace(traces, records=records)

    return alter
