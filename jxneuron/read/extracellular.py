"""The mechanism extracellular: layers of space around sections, a live session -> Extracellular.

In: a session and its ``Tree``. Out: ``Extracellular``, and the potentials of its layers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from jxneuron.model.model import Extracellular, Floats, Ints
from jxneuron.node_variables import OUTSIDE_CURRENT, OUTSIDE_SOURCE, OUTSIDE_VOLTAGE
from jxneuron.read.geometry import Tree
from jxneuron.read.mechanism_types import EXTRACELLULAR, is_grounded

LAYERED = ("xraxial", "xg", "xc")


def read_extracellular(tree: Tree) -> Extracellular | None:
    """Read the parameters of every layer; None where no section has the mechanism, or all only tie it to ground."""
    nodes = _nodes(tree)
    if not len(nodes):
        return None
    segments = [tree.segments[node] for node in nodes]
    values = {name: np.array([list(getattr(segment, name)) for segment in segments], np.float64).T for name in LAYERED}
    e = np.array([segment.e_extracellular for segment in segments], np.float64)
    return Extracellular(nodes, **values, e=e)


def read_potentials(h: Any, tree: Tree) -> dict[str, Floats]:
    """Return vext, (layer, node) mV, and i_membrane, (node,) mA/cm2; 0 at nodes without extracellular."""
    nodes = _nodes(tree)
    if not len(nodes):
        return {}
    vext = np.zeros((len(tree.segments[nodes[0]].xg), len(tree.segments)))
    vext[:, nodes] = np.array([_read_vext(h, tree.segments[node], len(vext)) for node in nodes]).T
    current = np.zeros(len(tree.segments))
    centres = nodes[np.isin(nodes, tree.centres)]
    current[centres] = [tree.segments[node].i_membrane for node in centres]
    return {OUTSIDE_VOLTAGE: vext, OUTSIDE_CURRENT: current}


def _read_vext(h: Any, segment: Any, layers: int) -> list[float]:
    """Read every layer by hoc, where ``hoc_ac_`` is a scratch variable: Python shows the first one in place of each."""
    kept, values = h.hoc_ac_, []
    segment.sec.push()
    for layer in range(layers):
        h(f"hoc_ac_ = {OUTSIDE_VOLTAGE}[{layer}]({segment.x!r})")
        values.append(float(h.hoc_ac_))
    h.pop_section()
    h.hoc_ac_ = kept
    return values


def values(h: Any, tree: Tree) -> Iterator[tuple[tuple[str, int, str], float]]:
    """Give the present value of each variable, named as in ``read.variables``."""
    for node in _nodes(tree).tolist():
        segment = tree.segments[node]
        yield from _layers(OUTSIDE_VOLTAGE, node, _read_vext(h, segment, len(segment.xg)))
        if node in tree.centres:
            yield from (((name, node, ""), getattr(segment, name)) for name in (OUTSIDE_CURRENT, OUTSIDE_SOURCE))
            for name in LAYERED:
                yield from _layers(name, node, getattr(segment, name))


def _layers(name: str, node: int, layers: Iterable[float]) -> Iterator[tuple[tuple[str, int, str], float]]:
    yield from (((f"{name}[{k}]", node, ""), value) for k, value in enumerate(layers))


def _nodes(tree: Tree) -> Ints:
    """Return the nodes with extracellular, ascending; none where all sections only tie the outside to ground."""
    holders = [k for k, section in enumerate(tree.members) if section.has_membrane(EXTRACELLULAR)]
    if all(is_grounded(tree.members[k]) for k in holders):
        return np.zeros(0, np.int64)
    return np.flatnonzero(np.isin(tree.nodes.section, holders))
