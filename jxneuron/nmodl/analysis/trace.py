"""Record an abstract execution: what it read and wrote, and the values that it left.

In: nothing (records only). Out: the records that ``dataflow`` fills and ``order`` and ``analyse`` read.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from jxneuron.nmodl.analysis.values import Name, Value

Key = tuple[Name, int]  # an element of an array; -1 for a scalar


@dataclass
class Trace:
    """The reads and writes of an entry or a block.

    Attributes:
        exposed: elements read before they are written, with the line.
        may: elements that are written, with the line.
        must: elements that are written on every path.
        values: the last value of each element.
        swayed: elements that are written or not depending on v.
        choices: the sides of IFs that surround every write of a variable.
        deciding: names of what decides whether an element is written.
    """

    exposed: dict[Key, int] = field(default_factory=dict[Key, int])
    may: dict[Key, int] = field(default_factory=dict[Key, int])
    must: set[Key] = field(default_factory=set[Key])
    values: dict[Key, Value] = field(default_factory=dict[Key, Value])
    swayed: set[Key] = field(default_factory=set[Key])
    choices: dict[Name, frozenset[int]] = field(default_factory=dict[Name, frozenset[int]])
    deciding: dict[Key, frozenset[Name]] = field(default_factory=dict[Key, frozenset[Name]])

    def copy(self) -> Trace:
        """Return a trace that goes on from here by itself; both note reads and writes in the same place."""
        return replace(self, must=set(self.must), values=dict(self.values))

    @property
    def read(self) -> dict[str, None]:
        """Return the variables of the file of which an element is read before it is written, in that order."""
        return {name: None for name, _ in self.exposed if isinstance(name, str)}

    @property
    def written(self) -> dict[str, None]:
        """Return the variables of the file of which an element may be written, in the order of first writes."""
        return {name: None for name, _ in self.may if isinstance(name, str)}


@dataclass(frozen=True)
class Effects:
    """A block seen from outside, by name: what it needs and what it changes, in order of appearance.

    ``repeated``: what it changes depending on the value before, with the line, so that running it twice shows.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    repeated: tuple[tuple[str, int], ...] = ()
