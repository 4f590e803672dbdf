"""What was recorded, played back over the morphology.

In: a module and what ``integrate`` returned. Out: an animation of matplotlib, and a file if one is asked for.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from jxneuron.errors import JxneuronError, ModelError
from jxneuron.model.model import Floats, Ints
from jxneuron.pictures import canvas, colours, places, vis

MOST_FRAMES = 200


def playback(
    module: Any,
    traces: Any,
    path: str | Path | None = None,
    *,
    state: str = "v",
    delta_t: float | None = None,
    ms_per_frame: float | None = None,
    fps: float = 25.0,
    dims: Any = (0, 1),
    type: str = "line",
    cmap: Any = "viridis",
    vmin: float | None = None,
    vmax: float | None = None,
    dpi: float = 100.0,
    **options: Any,
) -> Any:
    """Film a recorded state over the morphology: ``cell.record("v")``, run, ``jx.playback(cell, traces, "cell.gif")``.

    Compartments that were not recorded are grey. In a notebook ``HTML(playback(...).to_jshtml())`` shows a player.

    Args:
        module: what is drawn, whole or a view; what has no coordinates is laid out for the picture.
        traces: what ``integrate`` returned, (num_recordings, num_steps + 1), rows as in ``module.recordings``.
        path: ``.gif``, ``.html`` (a player that needs no other file), or what matplotlib can write (``.mp4``).
        state: which of the recorded states.
        delta_t: ms between the columns of ``traces``; None takes that of the module.
        ms_per_frame: ms of the model that a frame goes on; None makes at most 200 frames.
        fps: frames per second.
        dims: which of x, y, z (0, 1, 2) go across and up; three of them film in space.
        type: as in ``vis``.
        cmap: the colour map.
        vmin: the value at its lower end; None takes the least of all times.
        vmax: the value at its upper end; None takes the greatest.
        dpi: dots per inch of the file.
        options: what matplotlib's collection takes, as ``morph_plot_kwargs`` of ``vis``.

    Returns:
        ``matplotlib.animation.FuncAnimation``.

    Raises:
        ModelError: the state was recorded in none of these compartments, or traces are not those of the module.
        JxneuronError: matplotlib is not installed, or cannot write such a file.
    """
    plt = canvas.pyplot()
    from matplotlib.animation import FuncAnimation

    values = by_row(module, traces, state)
    step = module.model.settings.dt if delta_t is None else float(delta_t)
    shown = frames(values.shape[1], step, ms_per_frame)
    known = values[np.isfinite(values)]
    unit = colours.unit_of(module.model, module._core.mechanisms, state)
    limits = (known.min() if vmin is None else vmin, known.max() if vmax is None else vmax)
    first = colours.mapped(values[:, 0], f"{state} ({unit})" if unit else state, cmap, *limits)
    chosen = canvas.checked(dims)
    ax = canvas.axes(None, chosen)
    figure: Any = ax.figure
    model = places.placed(module.model, vis.trees(module.base))
    shape = vis.shape(module, model, type)
    drawn = canvas.draw(ax, shape, chosen, type, first, options)
    canvas.explain(ax, first)
    row = canvas.rows_of(shape, type, len(chosen) == 3)

    def show(k: int) -> tuple[Any, ...]:
        seen = first.bar.to_rgba(np.ma.masked_invalid(values[row, k]))
        drawn.set_color(seen)
        ax.set_title(f"{k * step:.2f} ms", loc="left", fontsize=10)
        return (drawn,)

    show(0)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # placing texts takes as long as drawing, and they stay where they are
    film = FuncAnimation(figure, show, frames=shown.tolist(), interval=1000.0 / fps)
    if path is not None:
        _write(film, Path(path), fps, dpi)
        plt.close(figure)
    return film


def by_row(module: Any, traces: Any, state: str) -> Floats:
    """Values of a state in each compartment of a module, (rows, time); NaN where it was not recorded.

    Raises:
        ModelError: it was recorded in none of them, or traces are not those of the module.
    """
    table, found = module.recordings, np.asarray(traces, float)
    if found.ndim != 2 or len(found) != len(table):
        raise ModelError(f"traces are ({len(table)}, time), a row for each recording, not {found.shape}")
    row_of = {int(row): k for k, row in enumerate(module._visible())}
    values = np.full((len(row_of), found.shape[1]), np.nan)
    for k, (row, name) in enumerate(zip(table["rec_index"], table["state"], strict=True)):
        if name == state and int(row) in row_of:
            values[row_of[int(row)]] = found[k]
    if np.isnan(values).all():
        raise ModelError(f"{state} was recorded in none of these compartments: module.record({state!r}), then run")
    return values


def frames(count: int, step: float, ms_per_frame: float | None) -> Ints:
    """Which samples become frames.

    Raises:
        ModelError: a time that is not positive.
    """
    if ms_per_frame is None:
        every = -(-count // MOST_FRAMES)
    elif ms_per_frame > 0:
        every = max(1, round(ms_per_frame / step))
    else:
        raise ModelError(f"ms_per_frame = {ms_per_frame}: it must be positive")
    return np.arange(0, count, every)


def _write(film: Any, path: Path, fps: float, dpi: float) -> None:
    if path.suffix == ".html":
        film._fig.set_dpi(dpi)
        path.write_text(f"<!DOCTYPE html><meta charset='utf-8'><title>{path.stem}</title>{film.to_jshtml(fps=fps)}")
        return
    from matplotlib import animation

    if path.suffix != ".gif" and not animation.writers.is_available("ffmpeg"):
        raise JxneuronError(f"{path.name}: .gif and .html can be written here; anything else needs ffmpeg")
    writer = animation.PillowWriter(fps=fps) if path.suffix == ".gif" else None  # type: ignore[arg-type]
    film.save(path, writer=writer, fps=None if writer else fps, dpi=dpi)
