"""What is drawn is where arithmetic says, as wide, and of the colour of its value."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import colormaps
from matplotlib import pyplot as plt
from matplotlib.collections import LineCollection, PathCollection, PolyCollection

import jxneuron as jx
from jxneuron.channels import HH
from jxneuron.errors import JxneuronError, ModelError
from jxneuron.pictures import cones

POINTS = [[[0, 0, 0, 2], [10, 0, 0, 1]], [[10, 0, 0, 1], [10, 20, 0, 0.5], [10, 20, 30, 0.5]]]


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    plt.close("all")


def pair() -> jx.Cell:
    """Two branches with traced points, 2 and 3 compartments."""
    return jx.Cell([jx.Branch(nseg=2), jx.Branch(nseg=3)], parents=[-1, 0], xyzr=POINTS)


def only(ax: Any, kind: type) -> Any:
    found = [each for each in ax.collections if isinstance(each, kind)]
    assert len(found) == 1
    return found[0]


def vertices(collection: Any) -> list[np.ndarray]:
    return [path.vertices for path in collection.get_paths()]


@pytest.mark.parametrize("dims", [(0, 1), (2, 1), (1, 0)])
def test_lines_join_the_traced_points_cut_into_compartments(dims):
    lines = vertices(only(pair().vis(dims=dims), LineCollection))
    # the second branch is 50 um long: its compartments end at 50/3 and 100/3
    third = 50 / 3
    expected = [
        [[0, 0, 0], [5, 0, 0]],
        [[5, 0, 0], [10, 0, 0]],
        [[10, 0, 0], [10, third, 0]],
        [[10, third, 0], [10, 20, 0], [10, 20, 2 * third - 20]],
        [[10, 20, 2 * third - 20], [10, 20, 30]],
    ]
    for found, points in zip(lines, expected, strict=True):
        np.testing.assert_allclose(found, np.array(points)[:, dims], atol=1e-9)


def test_a_view_draws_its_own_compartments():
    lines = vertices(only(pair().branch(0).comp(1).vis(), LineCollection))
    np.testing.assert_allclose(lines, [[[5, 0], [10, 0]]])


def test_dots_are_traced_points_and_middles_of_compartments_without_one():
    cell = pair()
    dots = only(cell.vis(type="scatter", color_by=np.arange(5.0)), PathCollection)
    np.testing.assert_allclose(dots.get_offsets(), [[0, 0], [10, 0], [10, 0], [10, 20], [10, 20]], atol=1e-9)
    values = dots.get_facecolors()
    np.testing.assert_allclose(values, colormaps["viridis"](np.array([0, 1, 2, 3, 4]) / 4))
    dots = only(jx.Branch(nseg=3).vis(type="scatter"), PathCollection)
    np.testing.assert_allclose(dots.get_offsets(), [[0, 0], [15, 0], [30, 0]], atol=1e-9)


def test_solid_branches_are_as_thick_as_their_points_and_taper():
    first = vertices(only(pair().branch(0).vis(type="morph"), PolyCollection))
    for found, (start, stop, wide, thin) in zip(first, [(0, 5, 2, 1.5), (5, 10, 1.5, 1)], strict=True):
        corners = hull(np.round(found, 9))
        np.testing.assert_allclose(corners, [(start, -wide), (stop, -thin), (stop, thin), (start, wide)], atol=1e-9)


def test_compartments_are_as_thick_as_their_radius():
    cell = pair()
    cell.set("radius", [3, 4, 1, 1, 1])
    found = vertices(only(cell.branch(0).vis(type="comp"), PolyCollection))
    np.testing.assert_allclose([np.abs(each[:, 1]).max() for each in found], [3, 4])


def hull(points: np.ndarray) -> np.ndarray:
    """Convex hull by turning left (Andrew), counterclockwise."""

    def chain(ordered: np.ndarray) -> list[np.ndarray]:
        found: list[np.ndarray] = []
        for p in ordered:
            while len(found) > 1:
                (ax, ay), (bx, by) = found[-1] - found[-2], p - found[-2]
                if ax * by - ay * bx > 0:
                    break
                found.pop()
            found.append(p)
        return found[:-1]

    ordered = points[np.lexsort(points.T[::-1])]
    return np.array(chain(ordered) + chain(ordered[::-1]))


def area(corners: np.ndarray) -> float:
    x, y = corners.T
    return abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


@pytest.mark.parametrize("seed", range(12))
def test_outlines_are_the_shadow_of_the_solid(seed):
    """Against the convex hull of many points on both rims."""
    draw = np.random.default_rng(seed)
    steps = np.append(draw.uniform(-10, 10, (1, 2, 3)), draw.uniform(0.5, 12, (1, 2, 1)), axis=2)
    if seed == 0:
        steps[0, 1, :2] = steps[0, 0, :2]  # seen end on
    faces = cones.mantles(steps)[0]
    rims = [faces[:, 0], faces[:, 3]]
    for end, rim in enumerate(rims):
        away = rim - steps[0, end, :3]
        np.testing.assert_allclose(np.linalg.norm(away, axis=1), steps[0, end, 3] / 2)
        np.testing.assert_allclose(away @ (steps[0, 1, :3] - steps[0, 0, :3]), 0, atol=1e-9)
    fine = []
    for rim, end in zip(rims, steps[0], strict=True):
        first, second = rim[0] - end[:3], rim[len(rim) // 4] - end[:3]
        angle = np.linspace(0, 2 * np.pi, 2000)[:, None]
        fine.append(end[:3] + np.cos(angle) * first + np.sin(angle) * second)
    shadow = hull(np.concatenate(fine)[:, :2])
    found = cones.outlines(steps, (0, 1))[0]
    assert area(hull(found)) == pytest.approx(area(shadow), rel=0.03)
    assert area(hull(np.concatenate([shadow, found]))) == pytest.approx(area(shadow), rel=1e-5)


def test_space_has_three_directions():
    ax = pair().vis(dims=(0, 1, 2), type="line")
    assert ax.name == "3d"
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_zlabel()) == ("x (um)", "y (um)", "z (um)")
    ax = pair().vis(dims=(2, 1, 0), type="morph", col="radius")
    faces = len(ax.collections[0].get_facecolor())
    assert faces == 6 * cones.CIRCLE  # the fourth compartment bends
    assert ax.get_xlim()[1] > 29


def test_what_has_no_coordinates_is_laid_out_for_the_picture_only():
    cell = jx.Cell(jx.Branch(nseg=2), parents=[-1, 0, 0])
    model = cell.model
    lines = vertices(only(cell.branch(2).vis(), LineCollection))
    assert cell.model is model
    cell.compute_xyz()
    xyzr = cell.xyzr[2][:, :2]
    np.testing.assert_allclose([lines[0][0], lines[1][-1]], xyzr)
    np.testing.assert_allclose(lines[0][-1], xyzr.mean(axis=0))


def test_a_column_colours_by_its_values_with_a_bar_and_its_unit():
    cell = pair()
    cell.insert("pas")
    cell.branch(1).insert("hh")
    cell.set("radius", [1, 2, 3, 4, 5])
    ax = cell.vis(col="radius", cmap="plasma")
    np.testing.assert_allclose(only(ax, LineCollection).get_colors(), colormaps["plasma"](np.arange(5) / 4))
    assert ax.figure.axes[1].get_ylabel() == "radius (um)"
    assert cell.vis(col="gnabar_hh").figure.axes[1].get_ylabel() == "gnabar_hh (S/cm2)"
    assert cell.vis(color="Ra").figure.axes[1].get_ylabel() == "Ra (ohm cm)"
    assert cell.vis(col="ena").figure.axes[1].get_ylabel() == "ena (mV)"
    ax = cell.vis(col="v", vmin=-80, vmax=-60)
    np.testing.assert_allclose(only(ax, LineCollection).get_colors(), [colormaps["viridis"](0.5)] * 5)


def test_absent_is_grey_and_membership_has_a_legend():
    cell = pair()
    cell.branch(1).insert(HH())
    cell.branch(1).comp(0).add_to_group("proximal")
    drawn = only(cell.vis(col="HH_gNa"), LineCollection).get_colors()
    grey = np.array([0xC9, 0xC9, 0xC9, 255]) / 255
    np.testing.assert_allclose(drawn[:2], [grey, grey])
    assert not np.allclose(drawn[2], grey)
    ax = cell.vis(col="proximal")
    drawn = only(ax, LineCollection).get_colors()
    np.testing.assert_allclose(drawn[[0, 1, 3, 4]], [grey] * 4)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["proximal", "others"]


def test_states_are_those_that_a_run_starts_with():
    cell = jx.Branch(nseg=2)
    cell.insert("hh")
    cell.set("v", [-65.0, -40.0])
    ax = cell.vis(col="m_hh")
    low, high = ax.figure.axes[1].get_ylim()
    alpha, beta = 1.0, 4 * np.exp(-25 / 18)
    assert high == pytest.approx(alpha / (alpha + beta), rel=1e-3)  # at -40 mV; INITIAL uses a table
    alpha, beta = 2.5 / np.expm1(2.5), 4.0
    assert low == pytest.approx(alpha / (alpha + beta), rel=1e-3)


def test_colours_one_by_one_and_options_under_any_name():
    cell = pair()
    drawn = only(cell.vis(col=["r", "g", "b", "k", "w"], morph_plot_kwargs={"lw": 3}), LineCollection)
    np.testing.assert_allclose(drawn.get_colors()[1], [0, 0.5, 0, 1])
    assert drawn.get_linewidths() == [3]
    drawn = only(cell.vis(type="morph", morph_plot_kwargs={"edgecolor": "none", "linewidth": 2}), PolyCollection)
    assert (len(drawn.get_edgecolors()), drawn.get_linewidths()) == (0, [2])


def test_axes_that_are_given_are_drawn_into():
    _, ax = plt.subplots()
    cell = pair()
    assert cell.vis(ax) is ax and cell.branch(1).vis(ax, "r") is ax
    assert [len(each.get_paths()) for each in ax.collections] == [5, 3]
    assert ax.get_aspect() == 1
    assert ax.dataLim.bounds == (0, 0, 10, 20)


class Wired(jx.Network):
    """A network with synapses from compartment 1 of the first cell to 7 and to 5 of all."""

    edges = pd.DataFrame({"global_pre_comp_index": [1, 1], "global_post_comp_index": [7, 5]})  # pyright: ignore[reportAssignmentType]


def test_layers_move_the_picture_and_not_the_cells():
    net = Wired([pair(), pair(), pair()])
    model = net.model
    kwargs = {"within_layer_offset": 40.0, "between_layer_offset": 300.0, "vertical_layers": True}
    ax = net.vis(layers=[1, 2], layer_kwargs=kwargs, synapse_col="g")
    assert net.model is model
    cells, synapses = (each for each in ax.collections if isinstance(each, LineCollection))
    starts = [line[0] for line in vertices(cells)[::5]]
    np.testing.assert_allclose(starts, [[0, 300], [-20, 0], [20, 0]])
    # compartment 1 ends at x = 10, so its middle is 7.5; 7 is the first third of a dendrite at x = 10
    np.testing.assert_allclose(vertices(synapses), [[[7.5, 300], [-10, 25 / 3]], [[7.5, 300], [-17.5, 0]]], atol=1e-9)
    np.testing.assert_allclose(np.asarray(synapses.get_colors(), float), [[0, 0.5, 0, 1]])
    dots = only(ax, PathCollection)
    np.testing.assert_allclose(dots.get_offsets(), [[-10, 25 / 3], [-17.5, 0]], atol=1e-9)


def test_a_graph_has_a_dot_for_each_cell_and_an_arrow_for_each_pair():
    net = Wired([pair(), pair(), pair()])
    net.cell(1).set("radius", 3.0)
    ax = net.vis(detail="point", layers=[1, 2], col="radius")
    dots = only(ax, PathCollection)
    np.testing.assert_allclose(dots.get_offsets(), [[0, 0], [1500, -250], [1500, 250]])
    np.testing.assert_allclose(dots.get_facecolors(), colormaps["viridis"]([0.0, 1.0, 0.0]))
    assert len(ax.patches) == 1 and [text.get_text() for text in ax.texts] == ["0", "1", "2"]
    net.move_to([0, 100, 200], 0, 0)
    dots = only(net.vis(detail="point"), PathCollection)
    np.testing.assert_allclose(np.diff(dots.get_offsets(), axis=0), [[100, 0], [100, 0]])


def test_cells_that_hide_one_another_are_warned_of():
    with pytest.warns(UserWarning, match="hide one another"):
        jx.Network([pair(), pair()]).vis()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"type": "lines"}, ModelError, "line, scatter, morph, comp"),
        ({"col": "radios"}, KeyError, "did you mean radius"),
        ({"dims": (0, 0)}, ModelError, "two or three of"),
        ({"ax": "full"}, ModelError, "axes of matplotlib"),
        ({"color_by": [1, 2]}, ModelError, r"\(2,\) for 5 compartments"),
        ({"col": ["r", "g"]}, ModelError, "2 colours for 5"),
        ({"detail": "graph"}, ModelError, "full or point"),
        ({"layers": [2]}, ModelError, "hold 2 cells, the module has 1"),
        ({"layers": [1], "layer_kwargs": {"offset": 3}}, ModelError, "'offset' is none of"),
        ({"detail": "point", "dims": (0, 1, 2)}, ModelError, "is flat"),
    ],
)
def test_what_means_nothing_is_said(options, error, message):
    with pytest.raises(error, match=message):
        pair().vis(**options)


@pytest.mark.parametrize(("package", "detail"), [("matplotlib", "full"), ("networkx", "point")])
def test_a_missing_package_is_named(monkeypatch, package, detail):
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] == package:
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(JxneuronError, match=f"{package}, which is not installed"):
        pair().vis(detail=detail)
