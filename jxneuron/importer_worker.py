"""The child that builds a model in NEURON and reads it (run by ``importer.build_model``)."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from jxneuron.case import from_dict
from jxneuron.child import process, script
from jxneuron.importer import MODEL_FILE, read_session
from jxneuron.model import file


def main() -> None:
    """Serve one request."""
    process.serve(_work)


def _work(request: dict[str, Any], folder: Path) -> dict[str, Any]:
    case = from_dict(request["case"])
    h = script.prepare(case)
    script.initialise(h, case)
    records = script.records(h, case)
    model = read_session(h, init=case.init_mode, strict=request["strict"], record=[_place(each) for each in records])
    named = zip(model.probes, records, strict=True)
    model = dataclasses.replace(model, probes=tuple(dataclasses.replace(probe, name=r.name) for probe, r in named))
    file.save(dataclasses.replace(model, title=case.title), folder / MODEL_FILE)
    return {}


def _place(record: script.Record) -> str:
    """The record by the names of the Model; a case may name sections as its script does."""
    owner = record.label or f"{record.section}({record.segment.x!r})"
    return f"{owner}.{record.variable}"
