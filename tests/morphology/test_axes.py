"""Principal axes are NEURON's to the last bit: where an outline is symmetric, that decides where its axis starts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from jxneuron.morphology.axes import symmetric_axes

SYMMEIG = """
for name, rows in given.items():
    matrix = h.Matrix(3, 3)
    for i in range(3):
        for j in range(3):
            matrix.setval(i, j, rows[i][j])
    values = list(matrix.symmeig(matrix))
    found[name] = [values, [[matrix.getval(i, j) for j in range(3)] for i in range(3)]]
"""


def _matrices() -> dict[str, list[list[float]]]:
    """Second moments of ellipses, regular ones among them, flat and not."""
    draw = np.random.default_rng(5)
    found = {"none": [[0.0] * 3] * 3}
    for number in range(600):
        angle = np.linspace(0, 2 * np.pi, int(draw.integers(3, 30)), endpoint=False) + draw.random() * (number % 3)
        height = draw.normal(size=len(angle)) if number % 2 else np.zeros(len(angle))
        sides = draw.integers(1, 9, size=2)
        points = np.column_stack([np.cos(angle) * sides[0], np.sin(angle) * sides[1], height])
        centred = points - points.mean(axis=0)
        found[str(number)] = (centred.T @ centred).tolist()
    return found


def test_axes_are_neurons(neuron_tells: Callable[[str, Any], dict[str, Any]]) -> None:
    matrices = _matrices()
    expected = neuron_tells(SYMMEIG, matrices)
    for name, rows in matrices.items():
        values, vectors = symmetric_axes(np.array(rows))
        assert [values, vectors] == expected[name], name
