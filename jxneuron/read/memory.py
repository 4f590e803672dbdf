"""What NEURON keeps in memory and does not show: to which stream of random numbers a POINTER leads.

In: NEURON's own objects. Out: addresses, and streams with their ids. The layouts are those of NEURON 9 (``ocdata.h``,
``section.h``, ``generic_data_handle.hpp``, ``ivocrand.cpp``, ``nrnran123.cpp``); a stream proves itself, since the last
of its numbers are Philox's of its counter. To be called in a fork: where a layout is another one, reading may end the
process.
"""

from __future__ import annotations

import ctypes
import struct
from typing import Any, NamedTuple

from jxneuron.mech.random123 import random123_ipick

WORD = 8
OBJECT_OF_PYTHON, THIS_POINTER = 16, 8  # PyHocObject.ho_, Object.u.this_pointer
PROP_OF_POINT, PROP_OF_DENSITY = 16, 24  # Point_process.prop, NPyMechObj.prop_
TYPE_OF_PROP, DATA_OF_PROP = 16, 24  # Prop._type, Prop.dparam
DATUM, VALUE, KIND = 40, 16, 24  # sizeof(generic_data_handle), its m_container and m_type
TYPES_BEFORE = ("PKd", "Pd", "Pi", "P13Point_process")  # of what comes before the POINTERs: areas, ions, the process
MOST_BEFORE = 64
RANDOM_123 = 4  # Rand.type_


class RandomStream(NamedTuple):
    """The present of a stream: its three ids, and its sequence."""

    ids: tuple[int, int, int]
    sequence: float


class Drawing(NamedTuple):
    """A hoc Random: its stream, None where its numbers are of another generator, and what its law keeps."""

    stream: RandomStream | None
    numbers: tuple[float, ...]  # the first words of the law, as doubles
    left: bool  # whether the law says that it has a number left


def address_of(thing: Any) -> int:
    """Return the address of what a hoc object stands for: a Random, a point process."""
    return _word(_word(id(thing) + OBJECT_OF_PYTHON) + THIS_POINTER)


def pointer_of(instance: Any, place: int, type_number: int, is_density: bool) -> int:
    """Return where a POINTER of an instance leads, 0 for nowhere.

    Args:
        instance: NEURON's object: a point process, an artificial cell, or a mechanism of a segment.
        place: of the POINTER among those of its mechanism.
        type_number: NEURON's number of the mechanism.
        is_density: whether it is a density mechanism.

    Raises:
        LookupError: memory is not laid out as in NEURON 9.
    """
    prop = _word(id(instance) + PROP_OF_DENSITY) if is_density else _word(address_of(instance) + PROP_OF_POINT)
    if struct.unpack("<h", ctypes.string_at(prop + TYPE_OF_PROP, 2))[0] != type_number:
        raise LookupError("an instance of another mechanism")
    data = _word(prop + DATA_OF_PROP)
    before = next(k for k in range(MOST_BEFORE) if _type_name(data + k * DATUM) not in TYPES_BEFORE)
    return _word(data + (before + place) * DATUM + VALUE)


def _type_name(datum: int) -> str:
    """Return the C++ name of the type that a datum holds, "" for none."""
    type_info = _word(datum + KIND)
    return ctypes.string_at(_word(type_info + WORD)).decode(errors="replace").lstrip("*") if type_info else ""


def stream_at(address: int, index: int) -> RandomStream | None:
    """Return the stream at an address, None where there is none.

    Args:
        address: of an ``nrnran123_State``.
        index: NEURON's global index.
    """
    counter, id3, id1, id2, *words = struct.unpack("<8I", ctypes.string_at(address, 32))
    which = ctypes.string_at(address + 32, 1)[0]
    if which > 3:
        return None
    begin = 4.0 * counter
    expected = [random123_ipick(begin + k, id1, id2, id3, index) for k in range(4)]
    return RandomStream((id1, id2, id3), begin + which) if expected == words else None


def random_at(address: int, index: int) -> Drawing:
    """Return the hoc Random at an address."""
    generator, law, type_ = _word(address), _word(address + WORD), _word(address + 2 * WORD) & 0xFFFFFFFF
    stream = stream_at(_word(generator + WORD), index) if type_ == RANDOM_123 else None
    kept = ctypes.string_at(law + 2 * WORD, 5 * WORD)
    return Drawing(stream, struct.unpack("<5d", kept), kept[0] == 1)


def _word(address: int) -> int:
    return struct.unpack("<Q", ctypes.string_at(address, WORD))[0]


def set_sequence(address: int, sequence: float, index: int) -> None:
    """Set the sequence of the stream at an address, as ``nrnran123_setseq`` does."""
    stream = struct.unpack("<3I", ctypes.string_at(address + 4, 12))
    counter, which = divmod(int(sequence), 4)
    id3, id1, id2 = stream
    words = [int(random123_ipick(4.0 * counter + k, id1, id2, id3, index)) for k in range(4)]
    ctypes.memmove(address, struct.pack("<I", counter), 4)
    ctypes.memmove(address + 16, struct.pack("<4IB", *words, which), 17)


def set_left(address: int, number: float | None) -> None:
    """Set which number the law ``normal`` of the hoc Random at an address has left, None for none."""
    kept = _word(address + WORD) + 2 * WORD
    ctypes.memmove(kept, bytes([number is not None]), 1)
    ctypes.memmove(kept + WORD, struct.pack("<d", number or 0.0), WORD)


def state_of_random(address: int) -> bytes:
    """Return what changes when the hoc Random at an address draws, whatever its generator."""
    generator, type_ = _word(address), _word(address + 2 * WORD) & 0xFFFFFFFF
    if type_ == RANDOM_123:
        return ctypes.string_at(_word(generator + WORD), 33)
    return ctypes.string_at(generator, 5 * WORD)
