"""The pictures of a comparison: traces over each other, their difference, the cell coloured by it.

In: traces, verdicts, the model's sections. Out: SVG texts.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import Colormap, LinearSegmentedColormap, LogNorm
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import LogLocator, NullFormatter
from numpy.typing import NDArray

from jxneuron.compare import layout
from jxneuron.compare.metrics import FLOOR, Verdict
from jxneuron.model.model import Model

Floats = NDArray[np.float64]

NEURON_COLOUR, OURS_COLOUR, LIMIT_COLOUR, QUIET = "#9db8d2", "#c1440e", "#b3261e", "#8a8f98"
UNKNOWN_COLOUR = "#c9ccd1"
SMALLEST = 1e-8  # of what counts as rounding: what zero is drawn as on a log axis
MOST_POINTS = 3000  # per curve; more are drawn as the extremes of bins
_STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["Helvetica", "Arial", "Liberation Sans", "DejaVu Sans"],
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": "#333",
    "xtick.color": "#555",
    "ytick.color": "#555",
    "svg.fonttype": "path",
    "svg.hashsalt": "jxneuron",
}


def traces(t: Floats, neuron: Floats, ours: Floats, verdict: Verdict) -> str:
    """Both engines' traces of one record, and their difference on a log axis below."""
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(8.6, 4.2), layout="constrained")
        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        _overlay(top, t, neuron, ours, verdict)
        _difference(bottom, t, np.abs(ours - neuron), verdict)
        top.set_xlim(t[0], t[-1])
        return _svg(figure)


def cell(model: Model, differences: Mapping[str, float]) -> str:
    """The cell, each section coloured by the largest difference of v in its middle.

    Args:
        model: for the 3-d points; a cell without them is drawn as a scheme.
        differences: mV, by section; sections that are missing are grey.
    """
    with matplotlib.rc_context(_STYLE):
        drawn = layout.lay_out(model)
        figure = Figure(figsize=(8.6, 5.6 if drawn.is_scheme else 7.2), layout="constrained")
        axes = figure.subplots()
        _sections(figure, axes, drawn, [differences.get(s.name, np.nan) for s in model.sections])
        _sites(axes, model, drawn)
        return _svg(figure)


def _overlay(axes: Axes, t: Floats, neuron: Floats, ours: Floats, verdict: Verdict) -> None:
    axes.plot(*_thin(t, neuron), color=NEURON_COLOUR, lw=3.6, solid_capstyle="round", label="NEURON")
    axes.plot(*_thin(t, ours), color=OURS_COLOUR, lw=1.1, label="jxneuron")
    axes.set_ylabel("mV" if verdict.voltage else verdict.name.rsplit(".", 1)[-1])
    axes.legend(frameon=False, ncols=2, loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0.1)
    axes.set_title(verdict.name, loc="left", fontsize=10, fontweight="bold", color="#222")
    axes.ticklabel_format(axis="y", style="sci", scilimits=(-3, 4), useMathText=True)
    axes.margins(y=0.08)


def _difference(axes: Axes, t: Floats, difference: Floats, verdict: Verdict) -> None:
    smallest = SMALLEST * (verdict.floor or FLOOR)
    x, y = _highest(t, np.maximum(difference, smallest))
    axes.semilogy(x, y, color="#444", lw=0.9)
    axes.axhline(verdict.tolerance, color=LIMIT_COLOUR, lw=1, ls="--")
    axes.annotate(
        "tolerance",
        (1, verdict.tolerance),
        xycoords=("axes fraction", "data"),
        xytext=(0, 3),
        textcoords="offset points",
        ha="right",
        color=LIMIT_COLOUR,
        fontsize=8,
    )
    most = np.max(difference[np.isfinite(difference)], initial=smallest)
    axes.set_ylim(10 * smallest, 20 * max(float(most), verdict.tolerance, 10 * smallest))
    axes.yaxis.set_major_locator(LogLocator(numticks=6))
    axes.set_xlabel("ms")
    axes.set_ylabel("|difference|")


def _sections(figure: Figure, axes: Axes, drawn: layout.Layout, differences: list[float]) -> None:
    values = np.array(differences)
    known = values[np.isfinite(values)]
    low, high = _decades(known)
    parts = [(line, width, values[i]) for i, line, width in drawn.lines]
    lines = LineCollection(
        [line for line, _, _ in parts],
        linewidths=[width for _, width, _ in parts],
        norm=LogNorm(low, high),
        cmap=_visible("viridis_r"),
        capstyle="round",
    )
    lines.set_array(np.ma.masked_invalid([np.clip(value, low, high) for _, _, value in parts]))
    axes.add_collection(LineCollection(drawn.connectors, colors=UNKNOWN_COLOUR, linewidths=0.7, zorder=0))
    axes.add_collection(lines)
    axes.margins(0.08)
    axes.autoscale_view()
    if not drawn.is_scheme:
        axes.set_aspect("equal")
    elif not drawn.width:
        axes.set_xlim(-1, 1)
    axes.set_axis_off()
    bar = figure.colorbar(
        lines, ax=axes, location="bottom", shrink=0.5, pad=0.02, aspect=40, anchor=(0.5, 1.0), panchor=False
    )
    bar.set_label("largest |dV| in the section's middle (mV)")
    bar.outline.set_visible(False)
    bar.minorformatter = NullFormatter()
    _scale_bar(axes, drawn)


def _sites(axes: Axes, model: Model, drawn: layout.Layout) -> None:
    """A ring at each recorded place."""
    seen: set[tuple[int, float]] = set()
    for probe in model.probes:
        place = (int(model.nodes.section[probe.node]), float(model.nodes.x[probe.node]))
        if probe.label or place in seen:
            continue
        seen.add(place)
        x, y = drawn.position(*place)
        axes.plot([x], [y], "o", ms=9, mfc="none", mec="#222", mew=1.1, clip_on=False)
        axes.annotate(
            probe.name.rsplit(".", 1)[0],
            (x, y),
            xytext=(8, 5),
            textcoords="offset points",
            fontsize=8,
            path_effects=[withStroke(linewidth=2.5, foreground="white")],
        )


def _scale_bar(axes: Axes, drawn: layout.Layout) -> None:
    x0, (y0, y1) = axes.get_xlim()[0], axes.get_ylim()
    length = _round_length((y1 - y0) / 5)
    axes.plot([x0, x0], [y0, y0 + length], color="#222", lw=1.5, clip_on=False)
    axes.annotate(
        f"{length:g} um", (x0, y0 + length / 2), xytext=(5, 0), textcoords="offset points", va="center", fontsize=8
    )


def _visible(name: str) -> Colormap:
    """A colour map without its palest end, which thin lines on white would not show."""
    colours = matplotlib.colormaps[name](np.linspace(0.1, 1, 256))
    return LinearSegmentedColormap.from_list(name, colours).with_extremes(bad=UNKNOWN_COLOUR)


def _round_length(about: float) -> float:
    """The nearest of 1, 2, 5, 10, ... below."""
    if about <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(about))
    return float(max(step * power for step in (1, 2, 5) if step * power <= about))


def _decades(values: Floats) -> tuple[float, float]:
    """Powers of ten around the values; zeros count as 1e-16."""
    positive = np.maximum(values[values > 0], 1e-16)
    if not positive.size:
        return 1e-16, 1e-15
    low, high = 10.0 ** np.floor(np.log10(positive.min())), 10.0 ** np.ceil(np.log10(positive.max()))
    return low, max(high, 10 * low)


def _thin(t: Floats, y: Floats) -> tuple[Floats, Floats]:
    """At most MOST_POINTS points that keep every peak: the extremes of each bin."""
    size = -(-len(t) // (MOST_POINTS // 2))
    if size <= 2:
        return t, y
    count = len(t) // size
    bins = y[: count * size].reshape(count, size)
    pair = np.sort(np.stack([bins.argmin(axis=1), bins.argmax(axis=1)], axis=1), axis=1)
    index = np.concatenate([(pair + np.arange(count)[:, None] * size).ravel(), np.arange(count * size, len(t))])
    return t[index], y[index]


def _highest(t: Floats, y: Floats) -> tuple[Floats, Floats]:
    """At most MOST_POINTS points: the highest of each bin."""
    starts = np.arange(0, len(t), -(-len(t) // MOST_POINTS))
    return t[starts], np.maximum.reduceat(y, starts)


def _svg(figure: Figure) -> str:
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None}, transparent=True)
    return file.getvalue()
