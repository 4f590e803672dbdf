"""A morphology drawn in the plane.

In: a Morphology. Out: a file. Matplotlib is imported when something is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jxneuron.model.model import Floats
from jxneuron.morphology.tree import Morphology
from jxneuron.pictures import cones

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {1: "#1a1a1a", 2: "#c2571a", 3: "#2a6f97", 4: "#7b2d8b"}
# For all other types in turn
OTHERS = ("#5f8a2e", "#c9971c", "#3aa39a", "#b5446e", "#7a6a55", "#6573c3", "#8fb5c9", "#d98a8a")
WIRE = "#b0b0b0"
# Points: lines are at least so wide, so that thin sections are seen
THIN = 0.5
# The least share of the greatest extent that a direction gets
FLAT = 0.2
# Inches: what both views fit into, and how much the legend takes beside them
WIDE, HIGH, LEGEND = 11.0, 7.5, 2.5


def draw(morphology: Morphology, path: str | Path) -> None:
    """Draw all sections in two views, coloured by type, to scale.

    The first view holds the two directions of greatest extent, the second the third one; y points up where it can.

    Args:
        morphology: the sections.
        path: the picture, its ending says which kind.

    Raises:
        OSError: the picture cannot be written.
        ValueError: there is no such kind of picture.
    """
    from matplotlib.figure import Figure

    middle, half = _extent(morphology)
    across, up, beside = _directions(half)
    figure = Figure(figsize=_page(half[across] + half[beside], half[up]), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True, width_ratios=[half[across], half[beside]])
    colours = _colours(morphology)
    for ax, along in zip(axes, (across, beside), strict=True):
        _view(ax, morphology, colours, along, up)
        ax.set_xlim(middle[along] - half[along], middle[along] + half[along])
        ax.set_ylim(middle[up] - half[up], middle[up] + half[up])
        ax.set_xlabel("xyz"[along] + " (um)")
    axes[0].set_ylabel("xyz"[up] + " (um)")
    axes[0].set_title(f"{morphology.title}: {len(morphology.traces)} sections", loc="left", fontsize=10)
    _legend(figure, morphology, colours)
    figure.savefig(path, dpi=150)


def _extent(morphology: Morphology) -> tuple[Floats, Floats]:
    """Middle, and half of what is shown in each direction; thick ends are inside, and flat cells have some depth."""
    rows = np.concatenate([trace.points for trace in morphology.traces])
    reach = np.abs(rows[:, 3:]) / 2
    low, high = (rows[:, :3] - reach).min(axis=0), (rows[:, :3] + reach).max(axis=0)
    size = (high - low) * 1.05
    return (low + high) / 2, np.maximum(size, max(FLAT * size.max(), 1e-3)) / 2


def _directions(half: Floats) -> tuple[int, int, int]:
    """Across and up in the first view, across in the second."""
    least = int(np.argmin(half[::-1]))
    beside = 2 - least
    up = 1 if beside != 1 else 2
    return 3 - beside - up, up, beside


def _page(across: float, up: float) -> tuple[float, float]:
    """Inches, in the proportions of both views."""
    scale = min(WIDE / across, HIGH / up)
    return max(scale * across, 4.0) + LEGEND, max(scale * up, 2.0) + 0.8


def _colours(morphology: Morphology) -> Mapping[int, str]:
    others = sorted({trace.type for trace in morphology.traces} - set(COLOURS))
    return {**COLOURS, **{type: OTHERS[number % len(OTHERS)] for number, type in enumerate(others)}}


def _view(ax: Axes, morphology: Morphology, colours: Mapping[int, str], across: int, up: int) -> None:
    """Every stretch between two points as its cone is seen."""
    from matplotlib.collections import LineCollection, PolyCollection

    ax.set_aspect("equal", adjustable="box")
    for type in sorted(colours, key=lambda type: (type == 1, type)):
        traces = [trace for trace in morphology.traces if trace.type == type]
        if not traces:
            continue
        steps = np.concatenate([np.stack([trace.points[:-1], trace.points[1:]], axis=1) for trace in traces])
        solid = list(cones.outlines(steps, (across, up)))
        middles = list(steps[:, :, [across, up]])
        for each in (
            LineCollection(middles, linewidths=THIN, colors=colours[type], capstyle="round"),
            PolyCollection(solid, facecolors=colours[type], linewidths=0),
        ):
            ax.add_collection(each, autolim=False)
    for trace in morphology.traces:
        if trace.wire is not None:
            ends = np.stack([np.array(trace.wire), trace.points[0, :3]])
            ax.plot(ends[:, across], ends[:, up], color=WIRE, linewidth=THIN, zorder=0)
    ax.spines[["top", "right"]].set_visible(False)


def _legend(figure: Figure, morphology: Morphology, colours: Mapping[int, str]) -> None:
    from matplotlib.lines import Line2D

    kinds = {trace.stem: colours[trace.type] for trace in morphology.traces}
    handles = [Line2D([], [], color=colour, linewidth=3, label=stem) for stem, colour in kinds.items()]
    if any(trace.wire is not None for trace in morphology.traces):
        handles.append(Line2D([], [], color=WIRE, linewidth=1, label="connection"))
    figure.legend(handles=handles, frameon=False, fontsize=9, loc="outside right upper")
