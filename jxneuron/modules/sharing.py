"""Sharing: which rows of a module's tables have one trainable parameter in common, and the tables that say so.

In: a Core and rows. Out: Frames, and for each row what it is controlled by. No JAX.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from jxneuron.model.model import Ints
from jxneuron.modules.selection import Selection

if TYPE_CHECKING:
    import pandas as pd

    from jxneuron.modules.frame import Frame


class Sharing(Selection):
    """A module whose ``nodes`` and ``edges`` have a column ``controlled_by_param``.

    It follows from how the view was taken (see ``make_trainable``), unless the user wrote it.
    """

    def _controlled_by(self, table: str, keys: Ints) -> Any:
        """(row,) equal where rows share a parameter; ``keys`` are the numbers of rows in the whole module."""
        written = self._written_sharing_of(table)
        if written is not None:
            return written.reindex(keys).to_numpy()
        rows = self._core.rows
        if table == "edges":
            return keys if self._by == "edge" else np.zeros(len(keys), np.int64)
        numbers = {"module": np.zeros(len(keys), np.int64), "cell": rows.cell[keys], "branch": rows.section[keys]}
        return numbers.get(self._by, keys)

    def _framed(self, name: str, table: pd.DataFrame, keys: Ints) -> Frame:
        from jxneuron.modules.frame import framed

        keep = partial(self._keep_column, name, keys)
        return framed(table, name, keys, self._controlled_by(name, keys), self._core, keep)

    def _keep_column(self, table: str, keys: Ints, column: str, values: Any) -> None:
        import pandas as pd

        from jxneuron.modules.frame import SHARING, remember

        if column != SHARING:
            remember(self._core, table, keys, column, values)
            return
        self._write_sharing(table, pd.Series(values, index=keys))

    def _written_sharing_of(self, table: str) -> Any:
        """What the user wrote into ``controlled_by_param``, by row; None where they did not, or rows changed since."""
        numbering, column = self.__dict__.get("_written_sharing", {}).get(table, (None, None))
        return column if numbering == self._numbering(table) else None

    def _write_sharing(self, table: str, column: Any) -> None:
        written = self.__dict__.get("_written_sharing", {})
        self._written_sharing = {**written, table: (self._numbering(table), column)}

    def _numbering(self, table: str) -> int:
        """Equal while the rows of a table have their numbers."""
        return self._core.deletions if table == "edges" else self._core.cuts
