"""Network: what users hold of a whole model. A thin skin over one frozen Model."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from jxneuron.errors import Float64Error
from jxneuron.model import file, find
from jxneuron.model.model import Model, Note, Section

if TYPE_CHECKING:
    import pandas as pd


class Network:
    """A model imported from NEURON or opened from a file.

    Attributes:
        model: the frozen Model behind it.
    """

    def __init__(self, model: Model) -> None:
        self.model = model

    def __repr__(self) -> str:
        segments = sum(section.nseg for section in self.model.sections)
        names = ", ".join(placement.mechanism for placement in self.model.placements) or "no mechanisms"
        return f"Network({len(self.model.sections)} sections, {segments} segments; {names})"

    @property
    def sections(self) -> tuple[str, ...]:
        """NEURON's names of all sections, in NEURON's order."""
        return tuple(section.name for section in self.model.sections)

    def section(self, name: str) -> Section:
        """The section of that name.

        Raises:
            ModelError: there is none; names near matches.
        """
        return self.model.sections[find.section(self.model, name)]

    @property
    def import_report(self) -> pd.DataFrame:
        """What the import found and did, and what a run takes from NEURON's state: kind, place, found, done."""
        import pandas as pd

        from jxneuron.modules.simulate import start_notes

        try:
            started = start_notes(self.model)
        except Float64Error as error:
            started = (Note("initial state", "all", str(error), "our INITIAL was not compared with NEURON's"),)
        notes = (*self.model.notes, *started)
        return pd.DataFrame([dataclasses.astuple(note) for note in notes], columns=["kind", "place", "found", "done"])

    @property
    def recordings(self) -> tuple[str, ...]:
        """Names of what ``integrate`` returns, row by row."""
        return tuple(probe.name for probe in self.model.probes)

    def record(self, name: str) -> None:
        """Record one more variable by NEURON's name: ``soma(0.5).v``, ``dend[2](0.3).cai``, ``IClamp[0].i``.

        Raises:
            ModelError: the model has no such variable; names near matches.
        """
        self.model = dataclasses.replace(self.model, probes=(*self.model.probes, find.probe(self.model, name)))

    def delete_recordings(self) -> None:
        """Record nothing."""
        self.model = dataclasses.replace(self.model, probes=())

    def save(self, path: str | Path) -> None:
        """Write one file that ``jx.open`` reads on a machine without NEURON.

        Raises:
            ModelError: the file cannot be written.
        """
        file.save(self.model, path)
