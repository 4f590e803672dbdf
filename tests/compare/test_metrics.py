"""The verdict against arithmetic done by hand."""

from __future__ import annotations

import numpy as np
import pytest

from jxneuron.compare import metrics

T = np.array([0.0, 0.1, 0.2, 0.3])
REST = np.full(4, -65.0)


def test_differences_by_hand() -> None:
    verdict = metrics.judge("soma(0.5).v", T, REST, REST + np.array([0.0, 3e-10, 0.0, -4e-10]))
    assert verdict.max_abs == pytest.approx(4e-10, rel=1e-4) and verdict.at == 0.3
    assert verdict.rms == pytest.approx(2.5e-10, rel=1e-4)
    assert verdict.within and not verdict.needs_kick and verdict.first_divergence is None


def test_beyond_rounding_the_kick_decides() -> None:
    ours = REST + np.array([0.0, 1e-12, 3e-8, 0.0])
    alone = metrics.judge("soma(0.5).v", T, REST, ours)
    assert alone.needs_kick and not alone.within and alone.first_divergence == 0.2
    kicked = REST + np.array([1e-12, 4e-10, 0.0, 0.0])
    asked = metrics.judge("soma(0.5).v", T, REST, ours, kicked=kicked)
    assert asked.kick == pytest.approx(4e-10, rel=1e-3) and asked.tolerance == pytest.approx(4e-8, rel=1e-3)
    assert asked.within and asked.first_divergence is None
    insensitive = metrics.judge("soma(0.5).v", T, REST, ours, kicked=REST + 1e-12)
    assert insensitive.tolerance == metrics.FLOOR and not insensitive.within
    implicit = metrics.judge("soma(0.5).v", T, REST, ours, kicked=REST + 5e-11, factor=1000)
    assert implicit.tolerance == pytest.approx(5e-8, rel=1e-2) and implicit.within


def test_other_variables_are_measured_by_their_own_size() -> None:
    cai = np.array([5e-5, 2e-4, 1e-4, 5e-5])
    assert metrics.judge("soma(0.5).cai", T, cai, cai + 1e-13).within
    beyond = metrics.judge("soma(0.5).cai", T, cai, cai + 3e-13)
    assert not beyond.within and beyond.tolerance == pytest.approx(2e-13)
    assert metrics.judge("IClamp[0].i", T, 0 * T, 0 * T).within


def test_a_cases_own_tolerance_is_for_voltages() -> None:
    assert metrics.judge("soma(0.5).v", T, REST, REST + 1e-4, tolerance=1e-3).within
    assert not metrics.judge("soma(0.5).cai", T, REST, REST + 1e-4, tolerance=1e-3).within


def test_spikes_are_upward_crossings_strictly_above() -> None:
    v = np.array([-30.0, -20.0, -19.0, 10.0, -20.0, -25.0, 0.0])
    assert metrics.spike_steps(v).tolist() == [2, 6]
    assert metrics.spike_steps(np.array([0.0, 10.0, -30.0])).tolist() == []


def test_a_spike_one_step_late_is_beyond_whatever_the_tolerance() -> None:
    neuron, ours = np.array([-60.0, 0.0, 0.0, -60.0]), np.array([-60.0, -60.0, 0.0, -60.0])
    verdict = metrics.judge("soma(0.5).v", T, neuron, ours, tolerance=1000.0)
    assert verdict.max_abs < verdict.tolerance and not verdict.within
    assert verdict.spikes_neuron == (0.1,) and verdict.spikes_jxneuron == (0.2,)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("engine", ["NEURON", "jxneuron"])
def test_not_a_number_is_named_with_engine_record_and_time(value: float, engine: str) -> None:
    bad = np.array([-65.0, -65.0, value, value])
    pair = (bad, REST) if engine == "NEURON" else (REST, bad)
    verdict = metrics.judge("soma(0.5).v", T, *pair)
    assert not verdict.within and not verdict.needs_kick
    assert [str(each) for each in verdict.broken] == [f"{engine}: soma(0.5).v is not a number from 0.2 ms on"]
    both = metrics.judge("soma(0.5).v", T, bad, bad)
    assert not both.within and len(both.broken) == 2


def test_moved_is_the_largest_excursion() -> None:
    assert metrics.moved(np.array([[-65.0, -64.5, -65.2], [-70.0, -70.0, -69.9]])) == pytest.approx(0.7)
    assert metrics.moved(np.array([[np.nan, 1.0]])) == 0


def test_spike_times_are_equal_to_the_last_bit_or_within_rounding_or_differ() -> None:
    same = metrics.Train("soma(0.5)", (1.25, 7.5), (1.25, 7.5))
    assert same.equal and same.within and same.first is None
    rounded = metrics.Train("soma(0.5)", (1.25, 7.5), (1.25, 7.5 + 1e-12))
    assert not rounded.equal and rounded.within
    late = metrics.Train("soma(0.5)", (1.25, 7.5, 9.0), (1.25, 7.525, 9.0))
    assert not late.within and late.first == (7.5, 7.525)
    assert metrics.Train("soma(0.5)", (1.25, 7.5), (1.25,)).first == (7.5, None)
    assert metrics.Train("soma(0.5)", (), (1.25,)).first == (None, 1.25)
    assert not metrics.Train("soma(0.5)", (1.25,), (float("nan"),)).within
