"""Every variable that a session shows, with its name and its present value.

In: a live session, its tree, mechanisms and ions. Out: `Session`, which the readers of plays and POINTERs share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from jxneuron.ions import ion_names
from jxneuron.mech.mechanism import Mechanism
from jxneuron.model.model import Floats, Ion, Placement
from jxneuron.node_variables import MEMBRANE_CURRENT
from jxneuron.read import extracellular, ions, placements
from jxneuron.read.geometry import Tree

GEOMETRY = ("cm", "diam", "Ra")

# A variable of the model: its name, its node (-1 for none) and its point process ("" for none), as in a Probe
Variable = tuple[str, int, str]


@dataclass(frozen=True, eq=False)
class Session:
    """A live session as far as it is read.

    Attributes:
        h: NEURON's ``h``.
        tree: its sections as nodes.
        mechanisms: the translations of its mechanisms, by name.
        placements: its mechanisms with the values of every instance.
        ions: its ions.
    """

    h: Any
    tree: Tree
    mechanisms: Mapping[str, Mechanism]
    placements: tuple[Placement, ...] = ()
    ions: tuple[Ion, ...] = ()

    def values(self) -> Iterator[tuple[Variable, float]]:
        """Give the present value of every variable."""
        yield ("celsius", -1, ""), self.h.celsius
        yield from self._segment_values()
        for placement in self.placements:
            yield from self._mechanism_values(placement)
        for ion in self.ions:
            for name in ion_names(ion.name):
                for node, value in zip(ion.node.tolist(), ions.read_column(self.tree, ion.node, name), strict=True):
                    yield (name, node, ""), value

    def name(self, variable: Variable) -> str:
        """Return a variable as users write it: ``soma(0.5).v``, ``IClamp[0].amp``."""
        name, node, label = variable
        if label:
            return f"{label}.{name}"
        return name if node < 0 else f"{self.tree.place(node)}.{name}"

    def is_instance_variable(self, variable: Variable) -> bool:
        """Return whether a variable has a value at each node or point process, and is not a section's geometry."""
        name, node, label = variable
        return bool(label) or (node >= 0 and name not in GEOMETRY)

    def setter(self) -> Callable[[Variable, float], None]:
        """Return a function that sets a variable in NEURON: only for experiments in a fork."""
        points = {
            label: point
            for placement in self.placements
            if placement.labels
            for label, point in zip(
                placement.labels, placements.find_instances(self.h, self.tree, placement), strict=True
            )
        }

        def set_value(variable: Variable, value: float) -> None:
            name, node, label = variable
            owner = points[label] if label else self.tree.segments[node]
            field, _, element = name.rstrip("]").partition("[")
            if element:
                getattr(owner, field)[int(element)] = value
            else:
                setattr(owner, field, value)

        return set_value

    def _segment_values(self) -> Iterator[tuple[Variable, float]]:
        for node, segment in enumerate(self.tree.segments):
            yield ("v", node, ""), segment.v
        for name, values in read_node_variables(self).items():
            if name == MEMBRANE_CURRENT:
                yield from (((name, node, ""), value) for node, value in enumerate(values.tolist()))
        yield from extracellular.values(self.h, self.tree)
        for node in self.tree.centres.tolist():
            segment = self.tree.segments[node]
            yield ("cm", node, ""), segment.cm
            yield ("diam", node, ""), segment.diam
            yield ("Ra", node, ""), segment.sec.Ra

    def _mechanism_values(self, placement: Placement) -> Iterator[tuple[Variable, float]]:
        mechanism = self.mechanisms[placement.mechanism]
        suffix = "" if placement.labels else f"_{placement.mechanism}"
        for name, values in placements.read_values(self.h, self.tree, placement, mechanism).items():
            for k, row in enumerate(np.atleast_2d(values)):
                full_name = name + suffix + (f"[{k}]" if values.ndim == 2 else "")
                for instance, value in enumerate(row):
                    yield _variable_of(placement, full_name, instance), value
        for name, values in placements.read_globals(self.h, mechanism).items():
            for k, value in enumerate(np.atleast_1d(values)):
                element = f"[{k}]" if np.ndim(values) else ""
                yield (f"{name}_{mechanism.name}{element}", -1, ""), value


def _variable_of(placement: Placement, name: str, instance: int) -> Variable:
    if placement.labels:
        return name, -1, placement.labels[instance]
    return name, int(placement.node[instance]), ""


def read_node_variables(session: Session) -> dict[str, Floats]:
    """Return what NEURON keeps of nodes besides v: i_membrane_, (node,) nA, where use_fast_imem is on.

    Of extracellular: vext, (layer, node) mV, and i_membrane, (node,) mA/cm2; 0 where there is none.
    """
    shown = {}
    if session.h.CVode().use_fast_imem():
        shown[MEMBRANE_CURRENT] = np.array([segment.i_membrane_ for segment in session.tree.segments])
    return {**shown, **extracellular.read_potentials(session.h, session.tree)}
