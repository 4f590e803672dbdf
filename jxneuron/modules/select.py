"""Indices as users write them -> rows.

In: an index (an integer, a list, a slice, ``"all"``, a boolean mask) and the numbering that it counts in. Out: the
selected rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.model.model import Ints
from jxneuron.modules.values import numbers


def chosen(index: Any, count: int, what: str) -> Ints:
    """The numbers that an index names, ascending or as given.

    Args:
        index: an integer, a list, a range, a slice, ``"all"``, ``None`` (nothing) or a boolean mask of ``count``.
        count: how many there are.
        what: "cell", "branch", "comp", "edge": for the message.

    Raises:
        IndexError: a number beyond the last one.
        TypeError: what is no index.
    """
    if isinstance(index, str):
        if index != "all":
            raise TypeError(f"{what}({index!r}): an index is a number, a list, a slice, a boolean mask or 'all'")
        return np.arange(count)
    if isinstance(index, slice):
        return np.arange(count)[index]
    found = np.asarray([] if index is None else index)
    if found.dtype == bool:
        if found.shape != (count,):
            raise IndexError(f"{what}: the mask has {found.size} entries for {count} of them")
        return np.flatnonzero(found)
    if found.size and not np.issubdtype(found.dtype, np.integer):
        raise TypeError(f"{what}({index!r}): an index is a number, a list, a slice, a boolean mask or 'all'")
    found = found.astype(np.int64).reshape(-1)
    wrong = found[(found < -count) | (found >= count)]
    if wrong.size:
        last = f"0 to {count - 1}" if count else "none"
        raise IndexError(f"{what}({wrong[0]}): there is no such {what} here; there are {last}")
    return np.where(found < 0, found + count, found)


def ranks(outer: Ints | None, inner: Ints) -> Ints:
    """Consecutive numbers of ``inner`` within each value of ``outer``; both sorted by outer, then inner.

    Without ``outer`` they count over all.
    """
    if not len(inner):
        return np.zeros(0, np.int64)
    total = np.zeros(len(inner), np.int64)
    changes = inner[1:] != inner[:-1]
    if outer is None:
        changes.cumsum(out=total[1:])
        return total
    fresh = outer[1:] != outer[:-1]
    (changes | fresh).cumsum(out=total[1:])
    starts = np.flatnonzero(fresh) + 1
    if not len(starts):
        return total
    counts = np.diff(starts, prepend=0, append=len(inner))
    return total - np.repeat(total[[0, *starts.tolist()]], counts)


def locations(at: Any, nseg: int) -> Ints:
    """The compartment that holds each location of a section: ``int(nseg*x)``, the last one at 1.

    Raises:
        ModelError: a location outside 0..1.
    """
    every = isinstance(at, str) and at == "all"
    x = (np.arange(nseg) + 0.5) / nseg if every else np.atleast_1d(numbers(f"loc({at!r})", at))
    if not ((x >= 0.0) & (x <= 1.0)).all():
        raise ModelError(f"loc({at}): a location lies in 0..1")
    return np.minimum((nseg * x).astype(np.int64), nseg - 1)
