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


def _indexer(kind: type, name: str) -> Any:
    """``loc``, ``iloc``, ``at`` or ``iat`` of a class of pandas, but that it asks its owner before it writes.

    What it reads of a module's table and is a Series (a row, ``nodes.loc[0]``) refuses writes too.
    """
    return property(lambda owner: _reading(owner, name, getattr(kind, name).fget(owner)))


def _reading(owner: Any, name: str, indexer: Any) -> Any:
    kind = type(indexer)

    def write(self: Any, key: Any, value: Any) -> None:
        owner._refuse(f".{name}[{_shown(key)}] = ...", key[-1] if isinstance(key, tuple) else None)
        kind.__setitem__(self, key, value)

    def read(self: Any, key: Any) -> Any:
        return owner._part(kind.__getitem__(self, key), f".{name}[{_shown(key)}]")

    return type(kind.__name__, (kind,), {"__setitem__": write, "__getitem__": read})(indexer.name, owner)


def _shown(key: Any) -> str:
    parts = key if isinstance(key, tuple) else (key,)
    return ", ".join(repr(each) if isinstance(each, (str, int)) else "..." for each in parts)


class Table(pd.DataFrame):
    """A copy of a table of a module, for reading: a write raises, whichever way pandas offers it.

    Whatever pandas makes of it is plain, ``copy()`` too.
    """

    _called = ""  # the table's name; "" in what is no copy of a module's table
    _instead = ""  # what changes the module

    @property
    def _constructor(self) -> type[pd.DataFrame]:  # type: ignore[override]
        return pd.DataFrame

    def _refuse(self, what: str, column: Any = None) -> None:
        if self._called:
            instead = self._advice(column)
            raise ModelError(
                f"{self._called} is a copy, in which {what} would change nothing: {instead}{', or ' if instead else ''}"
                f"write into {self._called}.copy()"
            )

    def _advice(self, column: Any) -> str:
        return self._instead

    def __setitem__(self, key: Any, value: Any) -> None:
        self._refuse(f"[{key!r}] = ...", key)
        super().__setitem__(key, value)

    def __delitem__(self, key: Any) -> None:
        self._refuse(f"del [{key!r}]", key)
        super().__delitem__(key)

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_"):
            self._refuse(f".{name} = ...", name)
        super().__setattr__(name, value)

    def __getitem__(self, key: Any) -> Any:
        """A column by its name refuses writes too."""
        return self._part(super().__getitem__(key), f"[{key!r}]", key)

    def _part(self, found: Any, where: str, column: Any = None) -> Any:
        """A Series out of a module's table refuses writes; whatever else pandas makes of it is plain."""
        return Line(found, self, where, column) if self._called and type(found) is pd.Series else found

    def insert(self, loc: int, column: Any, value: Any, *args: Any, **kwargs: Any) -> None:
        """Refused, as every write."""
        self._refuse(f".insert({loc}, {column!r}, ...)")
        super().insert(loc, column, value, *args, **kwargs)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Refused, as every write."""
        self._refuse(".update(...)")
        super().update(*args, **kwargs)

    def _update_inplace(self, result: Any, *args: Any) -> None:
        self._refuse("a change in place")
        super()._update_inplace(result, *args)  # type: ignore[misc]

    @property
    def values(self) -> Any:
        """All values as one array, read-only."""
        found = super().values
        found.flags.writeable = found.flags.writeable and not self._called
        return found

    loc = _indexer(pd.DataFrame, "loc")
    iloc = _indexer(pd.DataFrame, "iloc")
    at = _indexer(pd.DataFrame, "at")
    iat = _indexer(pd.DataFrame, "iat")


class Line(pd.Series):
    """A column or a row of a Table, for reading; whatever pandas makes of it is plain.

    Args:
        values: the Series.
        table: whose it is; None refuses nothing.
        reached: how, ``['radius']`` or ``.loc[0]``.
        column: its name where it is a column.
    """

    _table: Table | None = None
    _reached = ""
    _column: Any = None

    def __init__(self, values: Any, table: Table | None = None, reached: str = "", column: Any = None) -> None:
        super().__init__(values)
        self._table, self._reached, self._column = table, reached, column

    @property
    def _constructor(self) -> type[pd.Series]:  # type: ignore[override]
        return pd.Series

    def _refuse(self, what: str, column: Any = None) -> None:
        if self._table is not None:
            self._table._refuse(f"{self._reached}{what}", self._column or column)

    def _part(self, found: Any, where: str) -> Any:
        """What is read of it is plain."""
        del where
        return found

    def __setitem__(self, key: Any, value: Any) -> None:
        self._refuse(f"[{key!r}] = ...", key)
        super().__setitem__(key, value)

    def update(self, other: Any) -> None:
        """Refused, as every write."""
        self._refuse(".update(...)")
        super().update(other)

    def _update_inplace(self, result: Any, *args: Any) -> None:
        self._refuse(", changed in place,")
        super()._update_inplace(result, *args)  # type: ignore[misc]

    def _inplace_method(self, other: Any, op: Any) -> Any:
        """``table[name] += 1`` is a new column, which the table takes or refuses."""
        return op(self, other)

    loc = _indexer(pd.Series, "loc")
    iloc = _indexer(pd.Series, "iloc")
    at = _indexer(pd.Series, "at")
    iat = _indexer(pd.Series, "iat")


class Frame(Table):
    """A Table that takes new columns.

    A new column (``cell.nodes["dist"] = cell.distance()``) is remembered by the module, and ``controlled_by_param`` by
    the module or view; columns that exist are changed by ``set`` only.
    """

    _keep: Keep | None = None
    _fixed: Collection[str] = ()  # columns that the module holds

    def _refuse(self, what: str, column: Any = None) -> None:
        if self._keep is not None:
            super()._refuse(what, column)

    def _advice(self, column: Any) -> str:
        if not isinstance(column, str) or column not in self:
            return "change values with set(key, ...), write a column of your own as a whole"
        if column in self._fixed:
            return f"change values with set({column!r}, ...)"
        return f"write the whole column, {self._called}[{column!r}] = ..."

    def __setitem__(self, key: Any, value: Any) -> None:
        """Remember a new column.

        Raises:
            ModelError: a column that the module holds already.
        """
        if self._keep is None or not isinstance(key, str) or key in self._fixed:
            super().__setitem__(key, value)
            return
        plain = self.copy()
        plain[key] = value
        self._keep(key, plain[key].to_numpy())
        pd.DataFrame.__setitem__(self, key, plain[key])


def reading(table: pd.DataFrame, name: str, instead: str = "") -> Table:
    """A table that refuses writes.

    Args:
        table: what it shows.
        name: what users call it.
        instead: what they write to change the module.
    """
    found = Table(table)
    found._called, found._instead = name, instead
    return found


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
    found._called, found._keep, found._fixed = name, keep, set(table)
    return found


def remember(core: Core, table: str, keys: Ints, column: str, values: Any) -> None:
    """Keep some rows of a user's column; those that were given before stay."""
    new, old = pd.Series(values, index=keys), core.columns[table].get(column)
    core.columns[table] = {**core.columns[table], column: new if old is None else new.combine_first(old)}
