"""A stand-in for our engine: NEURON's own run, altered as a test asks, over a tiny hand-made model."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from jxneuron.case import Case
from jxneuron.compare import engines
from jxneuron.model.model import Model
from tests.compare.compare_standin import Alter, tiny_model


@pytest.fixture
def model_file(tmp_path: Path) -> Path:
    """A cell of hh that fires once within 20 ms."""
    path = tmp_path / "cell.hoc"
    path.write_text(
        "create soma, dend\nconnect dend(0), soma(1)\nsoma { L = 20 diam = 20 insert hh }\n"
        "dend { L = 100 diam = 2 nseg = 2 insert pas }\nobjref clamp\nsoma clamp = new IClamp(0.5)\n"
        "{ clamp.del = 1 clamp.dur = 2 clamp.amp = 0.5 }\ntstop = 20\n"
    )
    return path


@pytest.fixture
def standin(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """``standin(alter, model=..., error=...)``: our engine is NEURON's run, altered; or it raises."""

    def install(
        alter: Alter = lambda traces: traces, *, model: Model | None = None, error: Exception | None = None
    ) -> None:
        def run_ours(
            case: Case, folder: Path, *, timeout: float, cancelled: threading.Event | None = None
        ) -> tuple[engines.Traces, Model]:
            if error is not None:
                raise error
            traces = engines.run_neuron(case, folder, timeout=timeout)
            answer = {**traces.answer, "seconds": {"run": 0.1, "compile": 1.0}}
            return alter(dataclasses.replace(traces, answer=answer)), model or tiny_model()

        monkeypatch.setattr(engines, "run_ours", run_ours)

    return install
