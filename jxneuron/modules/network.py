"""Network: cells side by side, built by hand, imported from NEURON or opened from a file."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from jxneuron.errors import Float64Error, ModelError
from jxneuron.lower.program import Capacity
from jxneuron.mech.generated import load_all
from jxneuron.model.model import Model, Note
from jxneuron.modules import build, edges, saving
from jxneuron.modules.core import Core
from jxneuron.modules.module import Module
from jxneuron.modules.parts import Branch, Cell, Compartment, mechanisms_of, take_groups

if TYPE_CHECKING:
    import pandas as pd

Kind = TypeVar("Kind", bound=Module)


class Network(Module):
    """Cells, which may differ in everything.

    Args:
        cells: one Cell or several.

    Raises:
        ModelError: what is no Cell, or cells that disagree about a value that a whole module has one of.
    """

    _levels = ("cell", "branch", "comp")

    def __init__(self, cells: Cell | Sequence[Cell]) -> None:
        parts: list[Any] = list(cells) if isinstance(cells, (list, tuple)) else [cells]
        wrong = [type(each).__name__ for each in parts if not isinstance(each, Cell)]
        if wrong or not parts:
            raise ModelError(f"a Network is made of Cells, not of {wrong[0] if wrong else 'nothing'}")
        core = Core.of(build.network([each.model for each in parts]), mechanisms_of(parts))
        sizes = [len(each._core.rows.node) for each in parts]
        take_groups(core, parts, np.split(np.arange(sum(sizes)), np.cumsum(sizes)[:-1]))
        super().__init__(core, np.arange(len(core.rows.node)))

    @classmethod
    def from_model(cls, model: Model) -> Network:
        """Over a whole Model, whatever it was saved from."""
        return _over(model, cls)

    @property
    def sections(self) -> tuple[str, ...]:
        """NEURON's names of all sections, in NEURON's order."""
        return tuple(section.name for section in self.model.sections)

    @property
    def events_capacity(self) -> dict[str, int]:
        """How many places runs have at least, where that is more than they take by themselves.

        ``spikes``: spikes on their way at one time; ``queue``: events that synapses send themselves; ``agenda``:
        ordered events that are due in one half step; ``log``: spikes that are recorded. A run that needs more is
        repeated with more, which is then kept here; within ``jax.jit`` or ``jax.grad`` it cannot be repeated, and
        nothing is a number after the first event without a place: assign what is needed before.

        Raises:
            ModelError: another name, or no whole number above 0.
        """
        return dict(self._core.events_capacity)

    @events_capacity.setter
    def events_capacity(self, places: Mapping[str, int]) -> None:
        names = [field.name for field in dataclasses.fields(Capacity)]
        for name, count in places.items():
            if name not in names:
                raise ModelError(f"events_capacity[{name!r}]: there are {', '.join(names)}")
            if isinstance(count, bool) or not isinstance(count, int) or count < 1:
                raise ModelError(f"events_capacity[{name!r}] = {count!r}: it must be a whole number above 0")
        self._core.events_capacity = dict(places)

    @property
    def import_report(self) -> pd.DataFrame:
        """What the import found and did, and what a run takes from NEURON's state: kind, place, found, done."""
        import pandas as pd

        from jxneuron.modules.frame import reading
        from jxneuron.modules.simulate import start_notes

        try:
            started = start_notes(self._core.imported or self.model)
        except Float64Error as error:
            started = (Note("initial state", "all", str(error), "our INITIAL was not compared with NEURON's"),)
        notes = (*self.model.notes, *started)
        rows = [dataclasses.astuple(note) for note in notes]
        return reading(pd.DataFrame(rows, columns=["kind", "place", "found", "done"]), "import_report")


def opened(model: Model) -> Module:
    """Over the Model of a file, as a module of the class that was saved."""
    if model.additions is None:
        return Network.from_model(model)
    module = _over(model, _CLASSES[model.additions.kind])
    saving.take(module, model.additions)
    return module


def _over(model: Model, kind: type[Kind]) -> Kind:
    mechanisms = load_all(model.sources)
    core = Core.of(edges.recognised(model, mechanisms), mechanisms)
    module = kind.__new__(kind)
    Module.__init__(module, core, np.arange(len(core.rows.node)))
    return module


_CLASSES: dict[str, type[Module]] = {each.__name__: each for each in (Compartment, Branch, Cell, Network)}
