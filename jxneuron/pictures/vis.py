"""The picture of a module: its cells in full or as dots, with their synapses.

In: a module or view and a Look. Out: matplotlib axes. The module stays as it is.
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.model.model import Floats, Ints, Model
from jxneuron.modules import coordinates, layout
from jxneuron.pictures import canvas, graph, places
from jxneuron.pictures.colours import colours

LAYERS = {"within_layer_offset": 500.0, "between_layer_offset": 1500.0, "vertical_layers": False}


@dataclass(frozen=True, eq=False)
class Look:
    """How a module is drawn; see ``Module.vis`` for each."""

    dims: Sequence[int]
    type: str
    detail: str
    layers: Sequence[int] | None
    morph: Mapping[str, Any]
    synapse_col: Any
    synapse_lines: Mapping[str, Any]
    synapse_dots: Mapping[str, Any]
    networkx: Mapping[str, Any]
    layer: Mapping[str, Any] = field(default_factory=dict)


def vis(module: Any, ax: Any, look: Look, shown: Mapping[str, Any], colorbar: bool) -> Any:
    """Draw a module; see ``Module.vis``.

    Raises:
        ModelError: an argument that means nothing.
        KeyError: a colour that is neither a colour nor a column.
    """
    canvas.pyplot()
    dims = canvas.checked(look.dims)
    if look.detail not in ("full", "point"):
        raise ModelError(f"detail = {look.detail!r}: full or point")
    found = colours(module, **shown)
    model = _in_layers(module, places.placed(module.model, trees(module.base)), look)
    ax = canvas.axes(ax, dims)
    if look.detail == "point":
        graph.draw(ax, module, model, dims, found, look)
    else:
        _warn_of_heaps(model, trees(module))
        canvas.draw(ax, shape(module, model, look.type), dims, look.type, found, look.morph)
        _synapses(ax, module, model, dims, look)
    if colorbar:
        canvas.explain(ax, found)
    return ax


def shape(module: Any, model: Model, type: str) -> places.Shape:
    """The compartments of a module where a Model with coordinates has them; of ``comp`` each as wide as its diam."""
    nodes = module._core.rows.node[module._visible()]
    found = places.shape_of(model, nodes)
    if type != "comp":
        return found
    wide = [
        np.column_stack([line[:, :3], np.full(len(line), diam)])
        for line, diam in zip(found.lines, model.nodes.diam[nodes], strict=True)
    ]
    return dataclasses.replace(found, lines=wide)


def trees(module: Any) -> list[list[int]]:
    """The sections of each cell of which the module sees something, whole cells."""
    table, visible = module._core.rows, module._visible()
    section, first = np.unique(table.section, return_index=True)
    cell = table.cell[first]
    return [section[cell == each].tolist() for each in dict.fromkeys(table.cell[visible].tolist())]


def _in_layers(module: Any, model: Model, look: Look) -> Model:
    """The Model with the cells of the module in layers, where these are asked for."""
    if look.layers is None:
        return model
    unknown = sorted(set(look.layer) - set(LAYERS))
    if unknown:
        raise ModelError(f"layer_kwargs: {unknown[0]!r} is none of {', '.join(LAYERS)}")
    options = {**LAYERS, **look.layer}
    cells = trees(module)
    at = layout.in_layers(
        look.layers,
        len(cells),
        options["within_layer_offset"],
        options["between_layer_offset"],
        options["vertical_layers"],
    )
    for members, place in zip(cells, at, strict=True):
        shift = place - coordinates.start(model.sections[members[0]])
        model = coordinates.mapped(model, members, lambda xyz, shift=shift: xyz + shift)
    return model


def _warn_of_heaps(model: Model, cells: Sequence[Sequence[int]]) -> None:
    starts = np.array([coordinates.start(model.sections[members[0]]) for members in cells])
    if len(starts) > 1 and (starts == starts[0]).all():
        warnings.warn(
            "all cells start at one place and hide one another: move them (move, move_to, arrange_in_layers), or "
            "give vis layers=",
            stacklevel=4,
        )


def edge_rows(module: Any) -> tuple[Ints, Ints]:
    """Rows of ``nodes`` of the whole module before and after each synapse between compartments, (synapses,) each."""
    edges = getattr(module, "edges", None)
    if edges is None or not len(edges):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    pre, post = (edges[f"global_{side}_comp_index"].to_numpy(np.int64) for side in ("pre", "post"))
    somewhere = (pre >= 0) & (post >= 0)  # artificial cells are nowhere
    return pre[somewhere], post[somewhere]


def _synapses(ax: Any, module: Any, model: Model, dims: Sequence[int], look: Look) -> None:
    """A line from where each synapse listens to where it acts, with a dot where it acts."""
    before, behind = edge_rows(module)
    if not len(before):
        return
    node = module._core.rows.node
    ends = [coordinates.centres(model, node[rows])[:, list(dims)] for rows in (before, behind)]
    _joined(ax, np.stack(ends, axis=1), look)
    options = {"s": 2 * canvas.DOT, "zorder": 4, **look.synapse_dots}
    ax.scatter(*ends[1].T, **({} if "c" in options else {"color": look.synapse_col}), **options)


def _joined(ax: Any, lines: Floats, look: Look) -> None:
    from matplotlib.collections import LineCollection
    from mpl_toolkits.mplot3d.art3d import Line3DCollection

    options = {"linewidths": 0.8, "zorder": 3, **look.synapse_lines}
    kind = LineCollection if lines.shape[2] == 2 else Line3DCollection
    found = canvas.collection(kind, list(lines), "colors", look.synapse_col, options)
    ax.add_collection(found, autolim=False) if lines.shape[2] == 2 else ax.add_collection3d(found)
