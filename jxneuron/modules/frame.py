"""Frames: what ``nodes`` and ``edges`` hand out, and what a user may write into them.

In: a plain table and what to do with a new column. Out: a DataFrame that is a copy, so that nothing written into it
changes a value of the module: such a write raises instead of being lost.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import pandas as pd

from jxneuron.errors import ModelError
from jxneuron.model.model import Ints
from jxneuron.modules.core import Core

# Which rows share one value of a trainable parameter: equal numbers share
SHARING = "controlled_by_param"
# Tells a Frame what its owner does with a new column: name and values
Keep = Callable[[str, Any], None]


class Frame(pd.DataFrame):
    """A copy of a table of a module; whatever pandas makes of it is plain.

    A new column (``cell.nodes["dist"] = cell.distance()``) is remembered by the module, and ``controlled_by_param`` by
    the module or view; columns that exist are changed by ``set`` only.
    """

    _keep: Keep | None = None
    _table = "nodes"
    _fixed: Collection[str] = ()  # columns that the module holds

    @property
    def _constructor(self) -> type[pd.DataFrame]:  # type: ignore[override]
        return pd.DataFrame

    def __setitem__(self, key: Any, value: Any) -> None:
        """Remember a new column.

        Raises:
            ModelError: a column that the module holds already.
        """
        if self._keep is None:
            super().__setitem__(key, value)
            return
        if not isinstance(key, str) or key in self._fixed:
            raise ModelError(
                f"{self._table} is a copy, in which {key!r} would change nothing: change the module with "
                f"set({key!r}, ...), or write into {self._table}.copy()"
            )
        super().__setitem__(key, value)
        self._keep(key, self[key].to_numpy())


def framed(table: pd.DataFrame, name: str, keys: Ints, sharing: Any, core: Core, keep: Keep) -> Frame:
    """A table with the user's own columns, and with that which says what is shared.

    Args:
        table: as the module is.
        name: ``nodes`` or ``edges``.
        keys: (row,) numbers of the rows in the whole module.
        sharing: (row,) equal where rows share a trainable parameter.
        core: remembers the user's columns; rows that they lack have NaN.
        keep: what to do with a new column: ``keep(name, values)``.
    """
    own = {each: values.reindex(keys).to_numpy() for each, values in core.columns[name].items() if each not in table}
    found = Frame(table.assign(**own, **{SHARING: sharing}))
    found._table, found._keep, found._fixed = name, keep, set(table)
    return found


def remember(core: Core, table: str, keys: Ints, column: str, values: Any) -> None:
    """Keep some rows of a user's column; those that were given before stay."""
    new, old = pd.Series(values, index=keys), core.columns[table].get(column)
    core.columns[table] = {**core.columns[table], column: new if old is None else new.combine_first(old)}
