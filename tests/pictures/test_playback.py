"""A film shows each recorded value in its compartment at its time."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import colormaps
from matplotlib import pyplot as plt
from PIL import Image

import jxneuron as jx
from jxneuron.errors import ModelError


def recorded() -> tuple[jx.Cell, np.ndarray]:
    """Three compartments of four are recorded; values say which row and time they are of."""
    cell = jx.Cell([jx.Branch(nseg=2)] * 2, parents=[-1, 0])
    cell.branch(1).record("v", verbose=False)
    cell.branch(0).comp(1).record("v", verbose=False)
    return cell, np.arange(3)[:, None] * 10.0 + np.arange(11)


@pytest.mark.parametrize("type", ["line", "scatter", "morph"])
def test_frames_have_the_colours_of_their_values(type):
    cell, traces = recorded()
    film = jx.playback(cell, traces, type=type, delta_t=0.5, ms_per_frame=2.0)
    film._func(4)
    ax = film._fig.axes[0]
    colours = np.asarray(ax.collections[0].get_facecolor() if type != "line" else ax.collections[0].get_color(), float)
    # rows of nodes 1, 2, 3 are records 2, 0, 1; values go from 0 to 30
    np.testing.assert_allclose(colours[1:], colormaps["viridis"](np.array([24, 4, 14]) / 30))
    assert len(set(colours[0][:3])) == 1
    assert ax.get_title("left") == "2.00 ms"
    assert list(film.new_frame_seq()) == [0, 4, 8]
    assert film._fig.axes[1].get_ylabel() == "v (mV)"
    film._draw_was_started = True  # matplotlib warns of films that nobody looked at
    plt.close("all")


def test_files(tmp_path):
    cell, traces = recorded()
    jx.playback(cell, traces, tmp_path / "film.gif", ms_per_frame=0.1, delta_t=0.05, dpi=40)
    with Image.open(tmp_path / "film.gif") as film:
        assert getattr(film, "n_frames") == 6  # noqa: B009
    jx.playback(cell.branch(1), traces, tmp_path / "film.html", ms_per_frame=0.25, delta_t=0.05, dpi=40)
    text = (tmp_path / "film.html").read_text()
    assert text.count("data:image/png;base64") == 3
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"state": "m_hh"}, "recorded in none"),
        ({"traces": np.zeros((2, 5))}, r"traces are \(3, time\)"),
        ({"ms_per_frame": 0.0}, "must be positive"),
    ],
)
def test_what_cannot_be_shown_is_said(change, message):
    cell, traces = recorded()
    with pytest.raises(ModelError, match=message):
        jx.playback(cell, **{"traces": traces, **change})
