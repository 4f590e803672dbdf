"""A module as a Model that a file can hold, and what of it the way back needs.

In: a module, or the Model of a file. Out: a Model with Additions, or what a new Core gets of them.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.model.model import Additions, Ints, Model
from jxneuron.modules import edit
from jxneuron.modules.core import Core

if TYPE_CHECKING:
    import pandas as pd

# What the start of a run depends on
_STARTS_FROM = ("nodes", "placements", "ions", "sources", "settings", "initial", "v_init")


def saveable(module: Any) -> Model:
    """Return the Model of a whole module, if a file can hold everything in it.

    Raises:
        ModelError: a view; hand-written mechanisms, stimuli or trainables, which a file does not hold.
    """
    core = module._core
    if module.base is not module:
        raise ModelError("save takes a whole module, and this is a view: save its .base")
    texts = {each.mechanism for each in core.model.sources}
    hand = [each.mechanism for each in core.model.placements if each.mechanism not in texts]
    wrong = [f"hand-written mechanisms ({', '.join(hand)})"] if hand else []
    wrong += ["stimuli or clamps"] if core.inputs else []
    wrong += ["trainables"] if core.trainables else []
    if wrong:
        raise ModelError(f"a saved model cannot hold {' and '.join(wrong)}: pickle the module instead")
    model = edit.in_run_order(core.model, core.mechanisms)
    imported = core.imported if _is_edited_import(core) else None
    return dataclasses.replace(model, imported=imported, additions=_additions(module))


def _is_edited_import(core: Core) -> bool:
    """Whether what NEURON's initialisation gave belongs to another model than the present one."""
    before, now = core.imported, core.model
    if before is None or now.initial is None:
        return False
    return any(getattr(before, part) is not getattr(now, part) for part in _STARTS_FROM)


def _additions(module: Any) -> Additions:
    core = module._core
    written = {table: module._written_sharing_of(table) for table in core.columns}
    return Additions(
        kind=next(each.__name__ for each in type(module).__mro__ if each.__module__.startswith("jxneuron.")),
        groups=dict(core.groups),
        columns={
            table: {name: _arrays(f"column {name!r} of {table}", each) for name, each in held.items()}
            for table, held in core.columns.items()
        },
        sharing={
            table: _arrays(f"controlled_by_param of {table}", each)
            for table, each in written.items()
            if each is not None
        },
        of_ends=tuple(core.of_ends),
    )


def _arrays(what: str, column: pd.Series) -> tuple[Ints, np.ndarray]:
    """A column as its rows and their values; rows without a value are left out where numbers cannot say so.

    Raises:
        ModelError: it holds other things than numbers, truth values and text.
    """
    if column.to_numpy().dtype == object:
        column = column.dropna().infer_objects()
    values = column.to_numpy()
    if values.dtype == object and all(isinstance(each, str) for each in values):
        values = values.astype(str)
    if values.dtype == object:
        kind = next(type(each).__name__ for each in values if not isinstance(each, str))
        raise ModelError(f"{what} holds a {kind}: a file holds numbers, truth values and text; pickle the module")
    return column.index.to_numpy(np.int64), values


def take(module: Any, additions: Additions) -> None:
    """Let a new module have what a saved one had beside its Model."""
    core = module._core
    core.groups = dict(additions.groups)
    core.of_ends = list(additions.of_ends)
    core.columns = {
        table: {name: _series(each) for name, each in additions.columns.get(table, {}).items()}
        for table in core.columns
    }
    for table, each in additions.sharing.items():
        module._write_sharing(table, _series(each))


def _series(arrays: tuple[Ints, np.ndarray]) -> pd.Series:
    import pandas as pd

    rows, values = arrays
    return pd.Series(values, index=rows)
