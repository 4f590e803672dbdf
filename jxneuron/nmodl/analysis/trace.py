"""What an abstract execution leaves: values, and what was read and written.

In: nothing (records only). Out: the records that ``effects`` fills and ``order`` and ``analyse`` read.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

Key = tuple[str, int]


class Origin(NamedTuple):
    """A variable whose value from before the entry flows into another value.

    ``choice``: the side of an IF which alone sets the other one, where the variable only decides whether it does, or is
    the other one itself, kept; 0 elsewhere. Sides are numbered k and -k.
    """

    name: str
    choice: int = 0


@dataclass(frozen=True)
class Value:
    """``degree`` in v: 0, 1 or 2 (anything else); ``origins``: what flows into it from before the entry."""

    uniform: bool = True
    degree: int = 0
    number: float | None = None
    origins: frozenset[Origin] = frozenset()
    initial: bool = False


@dataclass
class Trace:
    """What an entry or a block reads and writes.

    Attributes:
        exposed: elements read before they are written, with the line.
        may: elements that are written, with the line.
        must: elements that are written on every path.
        values: the last value of each element.
        swayed: elements that are written or not depending on v.
        choices: the sides of IFs that surround every write of a variable.
        deciding: what decides whether an element is written, by name.
    """

    exposed: dict[Key, int] = field(default_factory=dict)
    may: dict[Key, int] = field(default_factory=dict)
    must: set[Key] = field(default_factory=set)
    values: dict[Key, Value] = field(default_factory=dict)
    swayed: set[Key] = field(default_factory=set)
    choices: dict[str, frozenset[int]] = field(default_factory=dict)
    deciding: dict[Key, frozenset[str]] = field(default_factory=dict)

    def copy(self) -> Trace:
        """A trace that goes on from here by itself."""
        return replace(self, must=set(self.must), values=dict(self.values))


@dataclass(frozen=True)
class Effects:
    """A block seen from outside, by name: what it needs and what it changes, in order of appearance.

    ``repeated``: what it changes depending on the value before, with the line, so that running it twice shows.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    repeated: tuple[tuple[str, int], ...] = ()
