"""The child that builds a model in NEURON and reads it (run by ``importer.build_model``)."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from jxneuron.case import from_dict
from jxneuron.child import process, session
from jxneuron.importer import MODEL_FILE, read_session
from jxneuron.model import file
from jxneuron.read.session import fixed_step_note


def main() -> None:
    """Serve one request."""
    process.serve(_work)


def _work(request: dict[str, Any], folder: Path) -> dict[str, Any]:
    case = from_dict(request["case"])
    h = session.prepare(case)
    variable_steps = session.initialise(h, case)
    records = session.find_records(h, case)
    names = [_stable_name(record) for record in records]
    model = read_session(h, init=case.init_mode, strict=request["strict"], record=names)
    probes = tuple(
        dataclasses.replace(probe, name=record.name) for probe, record in zip(model.probes, records, strict=True)
    )
    notes = (*model.notes, *([fixed_step_note(h)] if variable_steps else []))
    model = dataclasses.replace(model, probes=probes, notes=notes)
    file.save(dataclasses.replace(model, title=case.title), folder / MODEL_FILE)
    return {}


def _stable_name(record: session.Record) -> str:
    """Return a record in the names of the Model; a case may use those of its script."""
    owner = record.label or f"{record.section}({record.segment.x!r})"
    return f"{owner}.{record.variable}"
