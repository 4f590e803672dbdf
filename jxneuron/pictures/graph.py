"""A network as a graph: a dot for each cell, an arrow for cells that synapses join.

In: a network or view of one. Out: artists of networkx. Networkx is imported when something is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from jxneuron.errors import JxneuronError, ModelError
from jxneuron.model.model import Floats, Model
from jxneuron.modules import coordinates
from jxneuron.pictures.colours import Colours

SEED = 0  # of the layout of cells that lie nowhere


def draw(ax: Any, module: Any, model: Model, dims: Sequence[int], colours: Colours, look: Any) -> None:
    """Draw the cells of a module as dots, with their numbers, and the synapses between them.

    A cell's dot is in its layer; without layers in the middle of its traced points, where it has any; else where
    networkx's spring layout puts it. Its colour is that of the mean of its compartments' values.

    Raises:
        ModelError: three directions.
        JxneuronError: networkx is not installed.
    """
    if len(dims) != 2:
        raise ModelError('detail = "point" is flat: dims are two of 0, 1, 2')
    nx = networkx()
    found = of(module)
    cell = module._core.rows.cell[module._visible()]
    groups = [np.flatnonzero(cell == each) for each in found]
    at = _places(nx, found, module, model, dims, look)
    options = {"node_size": 150, "node_color": colours.mean(groups), "with_labels": True, "font_size": 8}
    options |= {"edge_color": look.synapse_col, "font_color": "w", **look.morph, **look.networkx}
    nx.draw_networkx(found, at, ax=ax, **options)
    ax.set_axis_off()
    ax.set_aspect("equal", adjustable="datalim")


def networkx() -> Any:
    """The package.

    Raises:
        JxneuronError: it is not installed.
    """
    try:
        import networkx as found
    except ImportError:
        raise JxneuronError("graphs need networkx, which is not installed: pip install networkx") from None
    return found


def of(module: Any) -> Any:
    """A networkx.DiGraph: a node for each cell, by its number; edges with ``synapses``, how many join the two."""
    from jxneuron.pictures.vis import edge_rows

    table = module._core.rows
    graph = networkx().DiGraph()
    graph.add_nodes_from(_cells(module))
    for before, behind in zip(*edge_rows(module), strict=True):
        pair = int(table.cell[before]), int(table.cell[behind])
        if not (graph.has_node(pair[0]) and graph.has_node(pair[1])):
            continue
        count = graph.edges[pair]["synapses"] if graph.has_edge(*pair) else 0
        graph.add_edge(*pair, synapses=count + 1)
    return graph


def _cells(module: Any) -> list[int]:
    """Numbers of the cells of which the module sees something."""
    return list(dict.fromkeys(module._core.rows.cell[module._visible()].tolist()))


def _places(nx: Any, graph: Any, module: Any, model: Model, dims: Sequence[int], look: Any) -> dict[int, Floats]:
    """Where each cell's dot is, um or, from a spring layout, in no unit."""
    table = module._core.rows
    own = all(len(module.model.sections[index].place) >= 2 for index in np.unique(table.section))
    if look.layers is None and not own:
        return nx.spring_layout(graph, seed=SEED)
    found = {}
    for cell in graph:
        sections = np.unique(table.section[table.cell == cell])
        if look.layers is None:
            points = np.concatenate([model.sections[index].place[:, :3] for index in sections])
            found[cell] = points.mean(axis=0)[list(dims)]
        else:
            found[cell] = coordinates.start(model.sections[sections[0]])[list(dims)]
    return found
