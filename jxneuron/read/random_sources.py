"""What an instance draws its random numbers from: a RANDOM variable, a stream in C code, a hoc Random.

In: NEURON's own objects. Out: ``Source`` objects with one face, and what is wrong with a POINTER. All but RANDOM read
NEURON's memory: to be made and used in a fork.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np

from jxneuron.mech.random123 import random123_pick, random123_picked, random123_second_normal
from jxneuron.read import memory

NONE, OWN, UNIFORM, NEGEXP, NORMAL = 0.0, 1.0, 2.0, 3.0, 4.0  # laws, see mech.random123.random123_pick
TESTED = 8  # numbers that a law has to reproduce
UNKNOWN_POINTER = "leads to something else than a stream of Random123 numbers"
OTHER_GENERATOR = "leads to a Random of another generator than Random123"
OTHER_LAW = "leads to a Random that draws by another law than uniform, negexp and normal"


class Present(NamedTuple):
    """What a source is now: ids and global index, sequence, law with its two numbers, address of what it draws from."""

    ids: tuple[float, ...]
    sequence: float
    law: tuple[float, ...] = (OWN, 0.0, 0.0)
    address: int = 0


class Source(Protocol):
    """Something to draw from."""

    def present(self) -> Present:
        """Return what it is now."""
        ...

    def set(self, sequence: float) -> None:
        """Set its sequence."""
        ...

    def draw(self) -> float | None:
        """Draw a uniform number; None where that is not possible."""
        ...


class Unusable(Exception):
    """A POINTER does not lead to a stream that can be taken over; the message says why."""


class Declared:
    """A RANDOM variable, which NEURON shows."""

    def __init__(self, variable: Any, index: int) -> None:
        self._variable, self._index = variable, index

    def present(self) -> Present:
        """Return what it is now."""
        return Present((*self._variable.get_ids(), float(self._index)), self._variable.get_seq())

    def set(self, sequence: float) -> None:
        """Set its sequence."""
        self._variable.set_seq(sequence)

    def draw(self) -> float:
        """Draw a uniform number."""
        return self._variable.uniform()


class Nothing:
    """A POINTER that leads nowhere."""

    def present(self) -> Present:
        """Return what it is now."""
        return Present((0.0,) * 4, 0.0, (NONE, 0.0, 0.0))

    def set(self, sequence: float) -> None:
        """Do nothing."""

    def draw(self) -> None:
        """Draw nothing."""


class OwnStream:
    """A stream that C code has made."""

    def __init__(self, address: int, index: int) -> None:
        self._address, self._index = address, index

    def present(self) -> Present:
        """Return what it is now."""
        stream = memory.stream_at(self._address, self._index)
        if stream is None:
            raise Unusable(UNKNOWN_POINTER)
        return Present((*map(float, stream.ids), float(self._index)), stream.sequence, address=self._address)

    def set(self, sequence: float) -> None:
        """Set its sequence."""
        memory.set_sequence(self._address, sequence, self._index)

    def draw(self) -> None:
        """Draw nothing: what it would draw is known by its words."""


class HocRandom:
    """A hoc Random with a Random123 stream."""

    def __init__(self, random: Any, address: int, index: int) -> None:
        self._random, self._address, self._index = random, address, index
        self._law = self._find_law()

    def present(self) -> Present:
        """Return what it is now; a number that ``normal`` has left shows as half a step of the sequence."""
        drawing = memory.random_at(self._address, self._index)
        if drawing.stream is None:
            raise Unusable(OTHER_GENERATOR)
        half = drawing.left and self._law[0] == NORMAL
        sequence = drawing.stream.sequence - 1.5 if half else drawing.stream.sequence
        return Present((*map(float, drawing.stream.ids), float(self._index)), sequence, self._law, self._address)

    def set(self, sequence: float) -> None:
        """Set its sequence."""
        whole = float(np.floor(sequence))
        left = self._law[0] == NORMAL and whole != sequence
        self._random.seq(whole + 2.0 if left else whole)
        if self._law[0] == NORMAL:
            stream = memory.random_at(self._address, self._index).stream
            second = None
            if left and stream is not None:
                id1, id2, id3 = map(float, stream.ids)
                second = random123_second_normal(whole, id1, id2, id3, float(self._index))
            memory.set_left(self._address, second)

    def draw(self) -> None:
        """Draw nothing: its law was found out by what it draws."""

    def _find_law(self) -> tuple[float, ...]:
        """Return the law, and its numbers, that gives what the Random draws."""
        drawing = memory.random_at(self._address, self._index)
        if drawing.stream is None:
            raise Unusable(OTHER_GENERATOR)
        kept = drawing.numbers
        laws = ((UNIFORM, kept[0], kept[2]), (NEGEXP, kept[0], 0.0), (NORMAL, kept[2], kept[4]))
        sequence = drawing.stream.sequence
        drawn = [self._random.repick() for _ in range(TESTED)]
        for law in laws:
            self._law = law
            half = drawing.left and law[0] == NORMAL
            if _follow((*drawing.stream.ids, self._index), sequence - 1.5 if half else sequence, law) == drawn:
                self.set(sequence - 1.5 if half else sequence)
                return law
        raise Unusable(OTHER_LAW)


def _follow(ids: tuple[int, ...], sequence: float, law: tuple[float, ...]) -> list[float]:
    """Return the numbers that a Random draws by a law."""
    numbers: list[float] = []
    for _ in range(TESTED):
        stream = (sequence, *map(float, ids), *law)
        numbers.append(random123_pick(*stream))
        sequence = random123_picked(*stream)
    return numbers


def source_at(address: int, randoms: Mapping[int, Any], index: int) -> Source:
    """Return what a POINTER leads to.

    Args:
        address: where it leads.
        randoms: every hoc Random of the session, by its address.
        index: NEURON's global index.

    Raises:
        Unusable: it is nothing that can be taken over.
    """
    if not address:
        return Nothing()
    if address in randoms:
        return HocRandom(randoms[address], address, index)
    source = OwnStream(address, index)
    source.present()
    return source
