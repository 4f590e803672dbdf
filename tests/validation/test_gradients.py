"""Gradients are those of NEURON: Richardson differences of NEURON's own runs against one reverse pass of ours."""

from __future__ import annotations

import numpy as np
import pytest

from validation import gradients

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found() -> gradients.Gradients:
    return gradients.compare()


def test_the_traces_are_the_same(found):
    assert found.trace < 1e-9


def test_no_gradient_is_zero(found):
    """Before, on and after the spike every parameter moves the voltage: by more than a microvolt per part in 1e3."""
    assert len(found.keys) == 16
    assert np.abs(found.neuron).min() > 1e-3, dict(zip(found.keys, np.abs(found.neuron).min(axis=1), strict=True))


def test_gradients_are_those_of_neuron(found):
    worst = dict(zip(found.keys, found.relative.max(axis=1), strict=True))
    assert {key: value for key, value in worst.items() if not value < 1e-6} == {}
