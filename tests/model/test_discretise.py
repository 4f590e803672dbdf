"""Areas and resistances against arithmetic; against NEURON they stand in tests/read."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from jxneuron.model import discretise


def test_a_cylinder():
    found = discretise.stylised(30.0, [2.0, 1.0, 4.0])
    np.testing.assert_allclose(found.area, [math.pi * d * 10 for d in (2, 1, 4)], rtol=1e-15)
    # 1 um of length in 1 um2 of a medium of 1 ohm cm has 0.01 MOhm
    np.testing.assert_allclose(found.half_in, [0.01 * 5 / (math.pi * d * d / 4) for d in (2, 1, 4)], rtol=1e-15)
    np.testing.assert_array_equal(found.half_in, found.half_out)


def test_points_along_a_cylinder_give_the_cylinder():
    arc = [0.0, 3.0, 3.0, 17.0, 30.0]
    found, expected = discretise.from_points(arc, [2.0] * 5, 3), discretise.stylised(30.0, [2.0] * 3)
    for ours, cylinder in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, cylinder, rtol=1e-14)


def test_a_cone_has_the_area_and_resistance_of_a_cone():
    length, thick, thin = 40.0, 4.0, 1.0
    found = discretise.from_points([0.0, length], [thick, thin], 1)
    slant = math.hypot(length, (thick - thin) / 2)
    np.testing.assert_allclose(found.area, math.pi * (thick + thin) / 2 * slant, rtol=1e-14)
    # the resistance of a cone is that of length / (pi d1 d2 / 4), half by half
    middle = (thick + thin) / 2
    np.testing.assert_allclose(found.half_in, 0.01 * 20 / (math.pi * thick * middle / 4), rtol=1e-14)
    np.testing.assert_allclose(found.half_out, 0.01 * 20 / (math.pi * thin * middle / 4), rtol=1e-14)
    np.testing.assert_allclose(found.diam, middle, rtol=1e-15)


def test_segments_of_one_section_share_its_area():
    arc, diam = [0.0, 7.0, 19.0, 31.0], [1.0, 3.0, 2.0, 0.5]
    whole = discretise.from_points(arc, diam, 1)
    cut = discretise.from_points(arc, diam, 7)
    np.testing.assert_allclose(cut.area.sum(), whole.area[0], rtol=1e-14)
    total = (cut.half_in + cut.half_out).sum()
    np.testing.assert_allclose(total, (whole.half_in + whole.half_out)[0], rtol=1e-14)


def test_spines_add_their_area():
    plain = discretise.from_points([0.0, 10.0, 20.0], [1.0, 2.0, 1.0], 2)
    spiny = discretise.from_points([0.0, 10.0, 20.0], [1.0, -2.0, -1.0], 2, spine_area=0.5)
    np.testing.assert_allclose(spiny.area - plain.area, [0.0, 1.0], atol=1e-13)


def test_arcs_take_differences_in_float32():
    points = np.array([[0.1, 0.2, 0.3], [10.123456789, 3.3, 1.7], [21.987654321, 4.4, 2.9]])
    single = points.astype(np.float32)
    expected = [0.0]
    for a, b in pairwise(single):
        expected.append(expected[-1] + math.sqrt(sum(float(y - x) ** 2 for x, y in zip(a, b, strict=True))))
    np.testing.assert_array_equal(discretise.arcs(points), expected)
    double = np.append(0, np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1)))
    assert abs(discretise.arcs(points)[-1] / double[-1] - 1) > 1e-10
