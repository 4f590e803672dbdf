"""What an abstract execution leaves: values, and what was read and written.

In: nothing (records only). Out: the records that ``effects`` fills and ``order`` and ``analyse`` read.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Key = tuple[str, int]


@dataclass(frozen=True)
class Value:
    """``degree`` in v: 0, 1 or 2 (anything else); ``origins``: entry values that flow into it."""

    uniform: bool = True
    degree: int = 0
    number: float | None = None
    origins: frozenset[str] = frozenset()
    initial: bool = False


@dataclass
class Trace:
    """``exposed``: elements read before written (with the line); ``may``, ``must``: elements written.

    ``swayed``: elements that are written or not depending on v.
    """

    exposed: dict[Key, int] = field(default_factory=dict)
    may: dict[Key, int] = field(default_factory=dict)
    must: set[Key] = field(default_factory=set)
    values: dict[Key, Value] = field(default_factory=dict)
    swayed: set[Key] = field(default_factory=set)

    def copy(self) -> Trace:
        """A trace that goes on from here by itself."""
        return Trace(self.exposed, self.may, set(self.must), dict(self.values), self.swayed)


@dataclass(frozen=True)
class Effects:
    """A block seen from outside, by name: what it needs and what it changes, in order of appearance.

    ``repeated``: what it changes depending on the value before, with the line, so that running it twice shows.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    repeated: tuple[tuple[str, int], ...] = ()
