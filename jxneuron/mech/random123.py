"""Random numbers of NEURON's Random123 streams (Philox 4x32-10), as ``nrnran123.cpp`` draws them.

A stream has four numbers that stay, its ids and the global index, and one that moves: its sequence, NEURON's
``get_seq()``, which is ``4*counter + which`` and counts the words that were used. The functions here are pure: the
caller moves the sequence on. In: Python numbers, or float64 arrays of one shape or (). Out: the same.

Words, uniform and exponential numbers are NEURON's bit for bit; normal ones to rounding under ``jit``, where a product
and a sum become one operation. Numbers that are drawn are constants to a derivative.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from jxneuron.errors import ModelError
from jxneuron.mech.conditional import where
from jxneuron.mech.functions import all_known, floor, log, sqrt

WORD = 0xFFFFFFFF  # the greatest number of 32 bits
ROUNDS = 10
# Philox 4x32: what each round multiplies by, and what it adds to the key
MULTIPLIERS = 0xD2511F53, 0xCD9E8D57
INCREMENTS = 0x9E3779B9, 0xBB67AE85
SEQUENCE_BITS = 34
# A sequence above is 0, nrnran123.cpp: nrnran123_setseq
GREATEST_SEQUENCE = float(0xFFFFFFFFFF)
STEP = 1.0 / 4294967297.0  # 1/(2^32 + 1)


def random123_ipick(sequence: Any, id1: Any, id2: Any, id3: Any, index: Any) -> Any:
    """Return the word at ``sequence`` of a stream, a whole number of 0 to 2^32 - 1.

    Args:
        sequence: how many words of the stream were used before.
        id1: of the stream, a whole number of 0 to 2^32 - 1.
        id2: likewise.
        id3: likewise.
        index: NEURON's global index, likewise.

    Raises:
        ModelError: JAX runs in float32, which cannot hold a word.
    """
    count, one, two, three, key = _whole(sequence, id1, id2, id3, index)
    block = count >> 2
    # Counters above 32 bits carry into the next word of the counter, where NEURON keeps id3
    words = _philox((block & WORD, (three + (block >> 32)) & WORD, one, two), key)
    return _pick(words, count & 3)


def random123_uniform(sequence: Any, id1: Any, id2: Any, id3: Any, index: Any) -> Any:
    """Return the number between 0 and 1 at ``sequence``, both excluded; see ``random123_ipick``."""
    return (random123_ipick(sequence, id1, id2, id3, index) + 1.0) * STEP


def random123_pair(sequence: Any, id1: Any, id2: Any, id3: Any, index: Any) -> Any:
    """Return where the first pair of numbers begins, at or after ``sequence``, that gives a normal one.

    The stream is moved to 2 beyond; ``random123_normal`` returns the number. See ``random123_ipick``.
    """

    def outside(start: Any) -> Any:
        return _radius(start, id1, id2, id3, index) > 1.0

    if all_known(sequence, id1, id2, id3, index):
        start = sequence
        while outside(start):
            start = start + 2.0
        return start
    shape = jnp.broadcast_shapes(*(jnp.shape(value) for value in (sequence, id1, id2, id3, index)))
    start = jnp.broadcast_to(lax.stop_gradient(jnp.asarray(sequence, dtype=float)), shape)
    ids = [lax.stop_gradient(value) for value in (id1, id2, id3, index)]

    def more(carried: tuple[Any, Any]) -> Any:
        return carried[1].any()

    def next_pair(carried: tuple[Any, Any]) -> tuple[Any, Any]:
        start, rejected = carried
        start = jnp.where(rejected, start + 2.0, start)
        return start, rejected & (_radius(start, *ids) > 1.0)

    return lax.while_loop(more, next_pair, (start, _radius(start, *ids) > 1.0))[0]


def random123_normal(pair: Any, id1: Any, id2: Any, id3: Any, index: Any) -> Any:
    """Return the normal number, of mean 0 and deviation 1, of the pair that ``random123_pair`` returned."""
    first = 2.0 * random123_uniform(pair, id1, id2, id3, index) - 1.0
    radius = _radius(pair, id1, id2, id3, index)
    return first * sqrt((-2.0 * log(radius)) / radius)


def random123_second_normal(pair: Any, id1: Any, id2: Any, id3: Any, index: Any) -> Any:
    """Return the other normal number of a pair, which ``normal`` of hoc's Random hands out next."""
    second = 2.0 * random123_uniform(pair + 1.0, id1, id2, id3, index) - 1.0
    radius = _radius(pair, id1, id2, id3, index)
    return second * sqrt((-2.0 * log(radius)) / radius)


def random123_pick(sequence: Any, id1: Any, id2: Any, id3: Any, index: Any, law: Any, first: Any, second: Any) -> Any:
    """Return the next number of a hoc Random with a Random123 stream, by the law of numbers that it has.

    Args:
        sequence: of the stream; with 0.5 added where ``normal`` has the second number of a pair left, which begins at
            ``sequence``.
        id1: of the stream; see ``random123_ipick``.
        id2: likewise.
        id3: likewise.
        index: likewise.
        law: 0 for no Random, whose number is 0.5; 2 ``uniform``, 3 ``negexp``, 4 ``normal``. 1 is a stream without
            a Random, which nothing picks from.
        first: the lower limit of ``uniform``; the mean of the others.
        second: the width of ``uniform``, the deviation of ``normal``.
    """
    start, ids = _begin(sequence), (id1, id2, id3, index)
    word = random123_uniform(start, *ids)
    pair = random123_pair(start, *ids)
    normal = where(sequence > start, random123_second_normal(start, *ids), random123_normal(pair, *ids))
    drawn = where(law == 3.0, -first * log(word), normal * second + first)
    drawn = where(law == 2.0, first + second * word, drawn)
    return where(law == 0.0, 0.5, drawn)


def random123_picked(sequence: Any, id1: Any, id2: Any, id3: Any, index: Any, law: Any, first: Any, second: Any) -> Any:
    """Return the sequence after ``random123_pick`` with the same arguments."""
    del first, second
    start = _begin(sequence)
    pair = random123_pair(start, id1, id2, id3, index)
    after = where(law == 4.0, where(sequence > start, start + 2.0, pair + 0.5), start + 1.0)
    return where(law == 0.0, sequence, after)


def _begin(sequence: Any) -> Any:
    """Return a sequence without the half that says that a number is left."""
    return floor(sequence) if all_known(sequence) else lax.stop_gradient(jnp.floor(sequence))


def random123_sequence(wanted: Any) -> Any:
    """Return the sequence to which ``random_setseq(stream, wanted)`` sets a stream: 0 where it cannot be ``wanted``."""
    span = float(1 << SEQUENCE_BITS)
    if all_known(wanted):
        return float(int(wanted) % int(span)) if 0.0 <= wanted <= GREATEST_SEQUENCE else 0.0
    inside = (wanted >= 0.0) & (wanted <= GREATEST_SEQUENCE)
    return jnp.where(inside, jnp.fmod(jnp.floor(wanted), span), 0.0)


def _radius(pair: Any, id1: Any, id2: Any, id3: Any, index: Any) -> Any:
    """Return the square of the distance from 0 of the pair's place in the square from -1 to 1."""
    first = 2.0 * random123_uniform(pair, id1, id2, id3, index) - 1.0
    second = 2.0 * random123_uniform(pair + 1.0, id1, id2, id3, index) - 1.0
    return first * first + second * second


def _whole(*values: Any) -> list[Any]:
    """Return the values as Python integers, or as arrays of 64 bits, without derivatives."""
    if all_known(*values):
        return [int(value) for value in values]
    if not jax.config.read("jax_enable_x64"):
        raise ModelError('random numbers need float64: jax.config.update("jax_enable_x64", True)')
    return [lax.stop_gradient(jnp.asarray(value)).astype(jnp.uint64) for value in values]


def _philox(counter: tuple[Any, Any, Any, Any], key: Any) -> tuple[Any, Any, Any, Any]:
    """Return the four words of a counter (Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3)."""
    c0, c1, c2, c3 = counter
    other = key & 0
    for _ in range(ROUNDS):
        left, right = c0 * MULTIPLIERS[0], c2 * MULTIPLIERS[1]
        c0, c1, c2, c3 = (right >> 32) ^ c1 ^ key, right & WORD, (left >> 32) ^ c3 ^ other, left & WORD
        key, other = (key + INCREMENTS[0]) & WORD, (other + INCREMENTS[1]) & WORD
    return c0, c1, c2, c3


def _pick(words: tuple[Any, Any, Any, Any], which: Any) -> Any:
    if isinstance(which, int):
        return float(words[which])
    chosen = words[3]
    for place in (2, 1, 0):
        chosen = jnp.where(which == place, words[place], chosen)
    return chosen.astype(float)
