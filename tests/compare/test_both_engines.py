"""The whole way: NEURON in one child, import and our run in others, one verdict."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from jxneuron import compare as library
from jxneuron.compare import comparison, engines, report
from jxneuron.compare.__main__ import SHIPPED

pytestmark = pytest.mark.long


@pytest.mark.parametrize("init", ["auto", "ours", "neuron"])
def test_a_cell_of_hh_is_within_rounding(model_file: Path, init: str) -> None:
    result = library.compare(model_file, init=init, record=["soma(0.5).v", "soma(0.5).m_hh", "dend(1).v", "clamp.i"])
    assert result.ok, result.findings
    assert len(result.verdicts[0].spikes_neuron) == 1
    assert result.table["max_abs"].max() < 1e-9
    assert result.both is not None and set(result.both.jxneuron.middles) == {"soma", "dend"}


def test_a_fault_in_one_engine_is_seen(model_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = engines.run_neuron

    def warmer(case: Any, *arguments: Any, **keys: Any) -> engines.Traces:
        return run(dataclasses.replace(case, celsius=6.3001), *arguments, **keys)

    monkeypatch.setattr(engines, "run_neuron", warmer)
    result = library.compare(model_file)
    assert result.exit_code == 1
    verdict = result.verdicts[0]
    assert verdict.kick is not None and verdict.max_abs > 100 * verdict.kick
    assert verdict.first_divergence is not None and verdict.first_divergence < 2


def test_what_is_refused_is_named_and_a_synapse_can_be_taken_out(model_file: Path) -> None:
    synapse = "objref syn, nc\nsoma syn = new ExpSyn(0.5)\nsoma nc = new NetCon(&v(0.5), syn, 0, 1, 1)\n"
    model_file.write_text(f"{model_file.read_text()}{synapse}")
    refused = library.compare(model_file, after=["soma { fstim(1) fstim(0, 0.5, 1, 1, 1) }"])
    assert refused.exit_code == 3 and any("fstim" in str(finding) for finding in refused.findings)
    without = library.compare(model_file, without=["synapses"])
    assert without.ok, without.findings
    assert len(without.verdicts[0].spikes_neuron) == 1


def test_spikes_of_every_source_of_events_are_compared(model_file: Path) -> None:
    synapse = "objref syn, nc\nsoma syn = new ExpSyn(0.5)\nsoma nc = new NetCon(&v(0.5), syn, 0, 1, 0.001)\n"
    model_file.write_text(f"{model_file.read_text()}{synapse}")
    result = library.compare(model_file)
    assert result.ok, result.findings
    (train,) = result.trains
    assert (train.name, len(train.neuron), train.equal) == ("soma(0.5)", 1, True)
    assert report.train_lines(result.trains) == ["1 spike of 1 recorded source of events: equal to the last bit"]
    assert result.both is not None
    ((sources, times),) = result.both.jxneuron.trains
    late = dataclasses.replace(result.both.jxneuron, trains=((sources, times + 0.025),))
    wrong = comparison.judge(
        result.case, dataclasses.replace(result.both, jxneuron=late), timeout=60, tell=lambda what: None
    )
    assert wrong.status == "beyond" and all(verdict.within for verdict in wrong.verdicts)
    assert f"NEURON {times[0]:.10g} ms, jxneuron {times[0] + 0.025:.10g} ms" in report.train_lines(wrong.trains)[1]


def test_a_parameter_that_is_not_a_number_is_named_with_its_place(model_file: Path) -> None:
    path = model_file.with_name("broken.py")
    path.write_text("from neuron import h\nh.load_file('cell.hoc')\nh.dend(0.75).pas.e = float('nan')\n")
    result = library.compare(path)
    assert (
        not result.ok and "e_pas is not a number" in str(result.findings[0]) and "dend(0.75)" in str(result.findings[0])
    )


def test_the_demo_is_within_over_100_ms_with_spikes() -> None:
    result = library.compare(SHIPPED / "demo.toml")
    assert result.ok, result.findings
    assert result.both is not None and result.both.neuron.t[-1] >= 100
    assert len(result.verdicts[0].spikes_neuron) >= 5
