"""Where sections go on paper, worked out by hand."""

from __future__ import annotations

import dataclasses

import numpy as np

from jxneuron.compare import figures, layout, metrics
from tests.compare.compare_standin import tiny_model


def test_a_projection_takes_the_two_widest_axes() -> None:
    drawn = layout.lay_out(tiny_model())
    assert not drawn.is_scheme
    assert drawn.position(0, 0.5) == (0.0, 10.0)
    assert drawn.position(1, 0.5) == (30.0, 60.0)  # two parts of 50 um each: half way is their common point
    assert [line.tolist() for _, line, _ in drawn.lines][2] == [[30, 60], [30, 110]]


def test_without_points_children_stand_on_their_parents() -> None:
    drawn = layout.lay_out(tiny_model(points=False))
    assert drawn.is_scheme
    assert drawn.position(0, 1.0)[1] == 20 and drawn.position(1, 0.0)[1] == 20 and drawn.position(1, 1.0)[1] == 120


def test_a_stub_without_points_starts_at_its_parent() -> None:
    model = tiny_model()
    stub = dataclasses.replace(model.sections[1], name="axon", L=30.0, parent_x=0.5, points=np.zeros((0, 4)))
    drawn = layout.lay_out(dataclasses.replace(model, sections=(*model.sections, stub)))
    assert not drawn.is_scheme
    x, y = drawn.position(2, 0.0)
    assert (x, y) == (0.0, 10.0)
    assert np.hypot(drawn.position(2, 1.0)[0] - x, drawn.position(2, 1.0)[1] - y) == 30.0


def test_a_section_attached_by_its_end_1_is_drawn_from_there() -> None:
    model = tiny_model(points=False)
    turned = dataclasses.replace(model.sections[1], orientation=1)
    drawn = layout.lay_out(dataclasses.replace(model, sections=(model.sections[0], turned)))
    assert drawn.position(1, 1.0)[1] == 20 and drawn.position(1, 0.0)[1] == 120


def test_thinning_keeps_every_peak() -> None:
    t = np.arange(100_000.0)
    y = np.zeros_like(t)
    y[[7, 51_234, 99_998]] = [1.0, -2.0, 3.0]
    x, kept = figures._thin(t, y)
    assert len(x) <= figures.MOST_POINTS + 100 and (np.diff(x) >= 0).all()
    assert {1.0, -2.0, 3.0} <= set(kept)
    assert figures._highest(t, y)[1].max() == 3.0


def test_pictures_of_traces_that_stop_being_numbers() -> None:
    t = np.linspace(0, 1, 11)
    bad = np.where(t > 0.5, np.nan, -65.0)
    verdict = metrics.judge("soma(0.5).v", t, bad, np.full(11, -65.0))
    assert "</svg>" in figures.traces(t, bad, np.full(11, -65.0), verdict)
    assert "</svg>" in figures.cell(tiny_model(), {"soma": float("nan")})
