"""The only place where artists of cells are made, in the plane and in space.

In: axes, a Shape, colours. Out: one collection of matplotlib. Matplotlib is imported when something is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from jxneuron.errors import JxneuronError, ModelError
from jxneuron.model.model import Floats
from jxneuron.pictures import cones
from jxneuron.pictures.colours import Colours
from jxneuron.pictures.places import Shape

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TYPES = ("line", "scatter", "morph", "comp")
# Points: outlines are at least so wide, so that thin branches are seen; dots, points squared
THIN, DOT = 0.5, 9.0
INCHES = (4.5, 4.0)


def pyplot() -> Any:
    """matplotlib.pyplot.

    Raises:
        JxneuronError: it is not installed.
    """
    try:
        from matplotlib import pyplot as found
    except ImportError:
        raise JxneuronError("pictures need matplotlib, which is not installed: pip install matplotlib") from None
    return found


def checked(dims: Any) -> list[int]:
    """Which of x, y, z are drawn, two or three of them.

    Raises:
        ModelError: others than 0, 1, 2, one of them twice, or another number of them.
    """
    found = [int(each) for each in dims]
    if len(found) not in (2, 3) or len(set(found)) != len(found) or not set(found) <= {0, 1, 2}:
        raise ModelError(f"dims = {dims!r}: two or three of 0 (x), 1 (y), 2 (z)")
    return found


def axes(ax: Any, dims: Sequence[int]) -> Axes:
    """The axes to draw into, made where none are given.

    Raises:
        ModelError: what is given are no axes, or have another number of directions.
    """
    plt = pyplot()
    space = len(dims) == 3
    if ax is None:
        _, ax = plt.subplots(figsize=INCHES, layout="constrained", subplot_kw={"projection": "3d" if space else None})
        if not space:
            ax.spines[["top", "right"]].set_visible(False)
    if not hasattr(ax, "add_collection"):
        raise ModelError(f"ax = {ax!r}: axes of matplotlib are needed, or None")
    if (ax.name == "3d") != space:
        raise ModelError(f"dims = {tuple(dims)} do not go with axes that are {'3-d' if ax.name == '3d' else 'flat'}")
    return ax


def draw(ax: Axes, shape: Shape, dims: Sequence[int], type: str, colours: Colours, options: Mapping[str, Any]) -> Any:
    """Draw compartments.

    Args:
        ax: where.
        shape: what; for ``comp`` its lines are as wide as their compartments.
        dims: which of x, y, z.
        type: one of TYPES.
        colours: by row.
        options: what matplotlib's collection, or ``scatter``, takes beside.

    Returns:
        the collection; its elements belong to the rows that ``rows_of`` gives.

    Raises:
        ModelError: another type.
    """
    if type not in TYPES:
        raise ModelError(f"type = {type!r}: one of {', '.join(TYPES)}")
    points = np.concatenate([np.concatenate(shape.lines), shape.points])
    if type == "scatter":
        found = _dots(ax, shape, dims, colours, options)
    else:
        found = (_lines if type == "line" else _solids)(shape, dims, colours, options)
        ax.add_collection(found, autolim=False) if len(dims) == 2 else ax.add_collection3d(found)  # type: ignore[attr-defined]
    _show(ax, points, dims, type)
    return found


def rows_of(shape: Shape, type: str, space: bool) -> Any:
    """The compartment of each element of what ``draw`` made."""
    if type == "line":
        return np.arange(len(shape.lines))
    if type == "scatter":
        return shape.row
    row = shape.steps()[1]
    return np.repeat(row, cones.CIRCLE) if space else row


def _dots(ax: Axes, shape: Shape, dims: Sequence[int], colours: Colours, options: Mapping[str, Any]) -> Any:
    chosen = {"s": DOT, "linewidths": 0, **options}
    given = {} if {"c", "color"} & set(options) else {"color": colours.of(shape.row)}
    return ax.scatter(*shape.points[:, list(dims)].T, **given, **chosen)


def _lines(shape: Shape, dims: Sequence[int], colours: Colours, options: Mapping[str, Any]) -> Any:
    from matplotlib.collections import LineCollection
    from mpl_toolkits.mplot3d.art3d import Line3DCollection

    kind = LineCollection if len(dims) == 2 else Line3DCollection
    chosen = {"capstyle": "round", "joinstyle": "round", **options}
    return collection(kind, [line[:, list(dims)] for line in shape.lines], "colors", colours.rows, chosen)


def _solids(shape: Shape, dims: Sequence[int], colours: Colours, options: Mapping[str, Any]) -> Any:
    from matplotlib.collections import PolyCollection
    from mpl_toolkits.mplot3d.art3d import Poly3DCollection

    steps, row = shape.steps()
    chosen = {"edgecolors": "face", "linewidths": THIN, **options}
    if len(dims) == 2:
        return collection(PolyCollection, list(cones.outlines(steps, dims)), "facecolors", colours.of(row), chosen)
    faces = cones.mantles(steps)[..., list(dims)].reshape(-1, 4, 3)
    of_faces = colours.of(np.repeat(row, cones.CIRCLE))
    return collection(Poly3DCollection, list(faces), "facecolors", of_faces, {"linewidths": 0, **options})


# matplotlib has several names for one property; one that the user gives replaces ours
ALIASES = ({"linewidths", "linewidth", "lw"}, {"edgecolors", "edgecolor", "ec"}, {"colors", "color"},
           {"facecolors", "facecolor", "fc"})  # fmt: skip


def collection(kind: Any, verts: list[Floats], name: str, colours: Any, options: Mapping[str, Any]) -> Any:
    """A collection with our defaults, but what the user says under any of its names."""
    given = {name: colours, **options}
    for names in ALIASES:
        several = [each for each in given if each in names]
        for each in several[:-1]:
            del given[each]
    return kind(verts, **given)


def _show(ax: Any, points: Floats, dims: Sequence[int], type: str) -> None:
    """Let the picture hold everything, to scale, with units at the axes."""
    reach = np.abs(points[:, 3:]) / 2 if type in ("morph", "comp") else 0.0
    corners = np.concatenate([points[:, :3] - reach, points[:, :3] + reach])[:, list(dims)]
    labels = [f"{'xyz'[each]} (um)" for each in dims]
    if len(dims) == 3:
        ax.auto_scale_xyz(*corners.T)
        ax.set(xlabel=labels[0], ylabel=labels[1], zlabel=labels[2], aspect="equal")
        return
    ax.update_datalim(corners)
    ax.autoscale_view()
    ax.set_aspect("equal", adjustable="datalim")
    ax.set(xlabel=labels[0], ylabel=labels[1])


def explain(ax: Axes, colours: Colours) -> None:
    """Add the colour bar or the legend that the colours call for."""
    from matplotlib.lines import Line2D

    if colours.bar is not None:
        ax.figure.colorbar(colours.bar, ax=ax, label=colours.label)
    if colours.names:
        handles = [Line2D([], [], color=colour, linewidth=3, label=name) for name, colour in colours.names.items()]
        ax.legend(handles=handles, frameon=False, fontsize=9)
