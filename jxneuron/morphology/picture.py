"""A morphology drawn in the plane.

In: a Morphology. Out: a file. Matplotlib is imported when something is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jxneuron.morphology.tree import Morphology, Trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {1: "#1a1a1a", 2: "#c2571a", 3: "#2a6f97", 4: "#7b2d8b"}
OTHER, WIRE = "#6b7a3a", "#b0b0b0"
# Widths of lines, points: at least so that thin ones are seen, at most so that thick ones hide nothing
THIN, THICK = 0.5, 6.0


def draw(morphology: Morphology, path: str | Path) -> None:
    """Draw all sections from the front and from the side, coloured by type, as wide as they are.

    Args:
        morphology: the sections.
        path: the picture, its ending says which kind.
    """
    from matplotlib.figure import Figure

    middle, half = _extent(morphology)
    figure = Figure(figsize=_page(half), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True, width_ratios=[half[0], half[2]])
    for ax, across in zip(axes, (0, 2), strict=True):
        _view(ax, morphology.traces, across)
        ax.set_xlim(middle[across] - half[across], middle[across] + half[across])
        ax.set_ylim(middle[1] - half[1], middle[1] + half[1])
        ax.set_xlabel("xyz"[across] + " (um)")
    axes[0].set_ylabel("y (um)")
    axes[0].set_title(f"{morphology.title}: {len(morphology.traces)} sections", loc="left", fontsize=10)
    _legend(figure, morphology)
    figure.savefig(path, dpi=150)


def _extent(morphology: Morphology) -> tuple[np.ndarray, np.ndarray]:
    """Middle, and half of what is shown in each direction; thick ends are inside, and flat cells have some depth."""
    rows = np.concatenate([trace.points for trace in morphology.traces])
    reach = np.abs(rows[:, 3:]) / 2
    low, high = (rows[:, :3] - reach).min(axis=0), (rows[:, :3] + reach).max(axis=0)
    size = (high - low) * 1.05
    return (low + high) / 2, np.maximum(size, max(0.2 * size.max(), 1e-3)) / 2


def _page(half: np.ndarray) -> tuple[float, float]:
    """Inches, in the proportions of both views."""
    scale = min(11.0 / (half[0] + half[2]), 7.5 / half[1])
    return max(scale * (half[0] + half[2]), 4.0) + 2.5, max(scale * half[1], 2.0) + 0.8


def _view(ax: Axes, traces: Iterable[Trace], across: int) -> None:
    from matplotlib.collections import LineCollection

    ax.set_aspect("equal", adjustable="box")
    for trace in traces:
        flat = trace.points[:, [across, 1]]
        width = np.abs(trace.points[:, 3])
        lines = LineCollection(
            list(np.stack([flat[:-1], flat[1:]], axis=1)),
            linewidths=np.clip((width[:-1] + width[1:]) / 2, THIN, THICK),
            colors=COLOURS.get(trace.type, OTHER),
            capstyle="round",
            zorder=3 if trace.type == 1 else 2,
        )
        ax.add_collection(lines, autolim=False)
        if trace.wire is not None:
            ends = np.stack([np.array(trace.wire)[[across, 1]], flat[0]], axis=1)
            ax.plot(*ends, color=WIRE, linewidth=THIN, zorder=1)
    ax.spines[["top", "right"]].set_visible(False)


def _legend(figure: Figure, morphology: Morphology) -> None:
    from matplotlib.lines import Line2D

    kinds = {trace.stem: COLOURS.get(trace.type, OTHER) for trace in morphology.traces}
    handles = [Line2D([], [], color=colour, linewidth=3, label=stem) for stem, colour in kinds.items()]
    if any(trace.wire is not None for trace in morphology.traces):
        handles.append(Line2D([], [], color=WIRE, linewidth=1, label="connection"))
    figure.legend(handles=handles, frameon=False, fontsize=9, loc="outside right upper")
