"""Say when a TABLE is built, and from what (records only)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Building = Literal["before", "first_call", "each_call"]


@dataclass(frozen=True)
class TablePlan:
    """How one TABLE of a mechanism is built.

    Attributes:
        built: ``before``: from values that no code changes, or before INITIAL; ``first_call``: at its first call, from
            the first instance's values of that moment; ``each_call``: anew for each instance, from its own values.
        entry: the entry with the first call, "" where there is none.
        again: it is built once more after INITIAL, which changes what its DEPEND lists.
        leaves: variables that building sets and TABLE does not list, in the order of the code.
        stays: variables that TABLE lists and that keep the last abscissa's values until a step calls the block.
        in_step: True where the first step builds it, so that what it leaves is not there at the start.
        order: its place among the TABLEs of the mechanism.
    """

    built: Building
    entry: str = ""
    again: bool = False
    leaves: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()
    in_step: bool = False
    order: int = 0


@dataclass(frozen=True)
class FirstCall:
    """The first call of a block with a TABLE.

    Attributes:
        entry: the entry that makes it.
        certain: it is made whatever the values are, and not where a solver repeats it.
        read: variables read before it, since the beginning of the run, that nothing had set.
        written: variables written before it.
        written_here: those that the same entry point writes before it.
    """

    entry: str
    certain: bool
    read: frozenset[str]
    written: frozenset[str]
    written_here: frozenset[str]
