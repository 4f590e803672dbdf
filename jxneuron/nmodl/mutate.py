"""Write other texts of a mechanism: another name, other constants, other local names.

In: NMODL text. Out: NMODL text. Works on tokens; comments, VERBATIM and layout stay as they are.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from jxneuron.nmodl.frontend.tokens import Piece, cut_pieces, split_c_tokens

CHANGE = 0.03
CODE = (
    "PARAMETER", "CONSTANT", "INITIAL", "BREAKPOINT", "DERIVATIVE", "KINETIC", "LINEAR", "NONLINEAR", "DISCRETE",
    "PROCEDURE", "FUNCTION", "BEFORE", "AFTER", "NET_RECEIVE",
)  # fmt: skip
CALLABLE = ("PROCEDURE", "FUNCTION")
NAMED = ("PROCEDURE", "FUNCTION", "DERIVATIVE", "KINETIC", "LINEAR", "NONLINEAR", "DISCRETE")
HEADS = ("SUFFIX", "POINT_PROCESS", "ARTIFICIAL_CELL")  # what follows them is the name of the mechanism
COUNTS = ("FROM", "TO", "BY", "WITH")  # what follows them bounds a loop, a table or a PARAMETER
WHOLE = {"~": "(", "CONSERVE": "=", "FROM": "{"}  # numbers from a word to a sign, or the end of the line, are whole
# NEURON knows these by name; the mechanism's own are those declared in PARAMETER, ASSIGNED, STATE and LOCAL
GIVEN = {"v", "t", "dt", "celsius", "diam", "area", "secondorder", "FROM", "TO", "START"}


@dataclass(frozen=True)
class Word:
    """A piece that is not skipped, with its place: the block's keyword and the depth of each kind of bracket."""

    piece: Piece
    text: str
    block: str
    braces: int
    parens: int
    squares: int
    unit: bool  # inside the parentheses that follow a number
    whole: bool  # where numbers must be whole: bounds of FROM, counts of a reaction or CONSERVE


def list_constants(text: str) -> list[float]:
    """Return the numbers of a text, each once."""
    return list(dict.fromkeys(_value(word.text) for word in read_words(text) if word.piece.kind == "number"))


def rename(text: str, name: str) -> str:
    """Return the same mechanism under another name."""
    return _replaced(text, lambda word, before: name if before in HEADS else None)


def make_mutant(text: str, seed: int) -> str:
    """Return a text with other constants, other names of its own and another name of the mechanism.

    Each constant is 3 % larger or smaller. Numbers that must be whole (sizes, bounds, counts of a reaction), numbers in
    units, and numbers that something is equal to or not stay. The last choose between branches, of which NMODL lets a
    FUNCTION leave its value unset.

    Args:
        text: the NMODL text.
        seed: chooses the changes; changed names end in its successor.
    """
    rng = random.Random(seed)
    own = _own_names(text)
    compared = _compared(list(read_words(text)))

    def replace(word: Word, before: str) -> str | None:
        if word.piece.kind == "name":
            changed = word.text in own or before in HEADS
            return f"{word.text}_m{seed + 1}" if changed else None
        return _changed(word, rng) if _is_constant(word, before) and word.piece not in compared else None

    return _replaced(text, replace)


def read_words(text: str) -> Iterator[Word]:
    """Yield the pieces that are not skipped, each with its place."""
    block, last = "", ""
    depth = {"{": 0, "(": 0, "[": 0}
    closing = {"}": "{", ")": "(", "]": "["}
    unit, whole = 0, ""
    for piece in cut_pieces(text):
        if piece.kind in ("skipped", "verbatim"):
            whole = "" if "\n" in text[piece.start : piece.end] else whole
            continue
        word = text[piece.start : piece.end]
        if piece.kind == "name" and not depth["{"] and word in (*CODE, "NEURON", "UNITS", "ASSIGNED", "STATE"):
            block = word
        if word in closing:
            depth[closing[word]] -= 1
        if word in WHOLE:
            whole = word
        elif whole and word in WHOLE[whole] and not depth["["]:
            whole = ""
        if word == "(" and (unit or last == "number"):
            unit += 1
        yield Word(piece, word, block, depth["{"], depth["("], depth["["], unit > 0, bool(whole))
        if word == ")" and unit:
            unit -= 1
        if word in depth:
            depth[word] += 1
        last = piece.kind


def _replaced(text: str, replace: Callable[[Word, str], str | None]) -> str:
    """Return the text with some words replaced; ``replace`` sees each word and the one before it, signs left out."""
    out: list[str] = []
    at, before = 0, ""
    for word in read_words(text):
        new = replace(word, before)
        if new is not None:
            out += [text[at : word.piece.start], new]
            at = word.piece.end
        if word.text not in ("-", "+"):
            before = word.text
    return "".join([*out, text[at:]])


def _is_constant(word: Word, before: str) -> bool:
    if word.piece.kind != "number" or word.block not in CODE or not word.braces or word.squares or word.unit:
        return False
    if word.block in ("PARAMETER", "CONSTANT") and (word.parens or before in ("<", ",")):
        return False
    return before not in COUNTS and not word.whole


def _compared(everything: list[Word]) -> set[Piece]:
    """Return numbers next to == or !=, those passed as an argument that the called block compares so, and flags."""
    bare = [word for word in everything if word.text not in ("-", "+")]
    beside = {word for k, word in enumerate(bare) if "==" in _around(bare, k) or "!=" in _around(bare, k)}
    names = {word.text for word in beside if word.piece.kind == "name"}
    compared = {word.piece for word in beside} | set(_flags(bare))
    choosing = {
        bare[k + 1].text: {n for n, word in _arguments(bare, k + 2) if word.text in names}
        for k, word in enumerate(bare[:-2])
        if word.text in CALLABLE and not word.braces
    }
    for k, word in enumerate(bare[:-1]):
        if word.braces and bare[k + 1].text == "(":
            compared |= {argument.piece for n, argument in _arguments(bare, k + 1) if n in choosing.get(word.text, ())}
    return compared


def _around(bare: list[Word], k: int) -> tuple[str, str]:
    """Return the two signs before a word and the two after it."""
    before, after = bare[max(k - 2, 0) : k], bare[k + 1 : k + 3]
    return "".join(word.text for word in before), "".join(word.text for word in after)


def _flags(bare: list[Word]) -> Iterator[Piece]:
    """Yield the flags that net_send and WATCH give to events: NET_RECEIVE asks which one has arrived."""
    for k, word in enumerate(bare[:-1]):
        if word.text == "net_send":
            yield from (argument.piece for n, argument in _arguments(bare, k + 1) if n == 1)
        elif word.text == "WATCH":
            after = (each for each in bare[k + 2 :] if each.parens == word.parens and each.text not in "()")
            yield from (flag.piece for flag in itertools.islice(after, 1))


def _arguments(bare: list[Word], start: int) -> Iterator[tuple[int, Word]]:
    """Yield the words between the parentheses that open at ``start``, each with the number of its argument."""
    count, inside = 0, bare[start].parens + 1
    for word in itertools.islice(bare, start + 1, None):
        if word.parens < inside:
            return
        if word.text == "," and word.parens == inside:
            count += 1
        elif word.parens == inside:
            yield count, word


def _changed(word: Word, rng: random.Random) -> str:
    if not _value(word.text):
        return word.text
    return repr(_value(word.text) * (1.0 + rng.choice((-CHANGE, CHANGE))))


def _value(text: str) -> float:
    """Return the value of a number; what NMODL's reader would not take as one counts as 0."""
    try:
        return float(text)
    except ValueError:
        return 0.0


def _own_names(text: str) -> set[str]:
    """Return the names that only this file gives a meaning to, and that nothing but NMODL code uses."""
    everything = list(read_words(text))
    if any(word.text == "INCLUDE" for word in everything):
        return set()
    named = {one.text for before, one in itertools.pairwise(everything) if _names_one(before, one)}
    named |= set(_locals(everything))
    states = {word.text for word in everything if word.block == "STATE" and word.piece.kind == "name"}
    starts = {f"{name}0" for name in states}
    taken = {word.text for word in everything if word.text in starts}
    return named - GIVEN - _shared(everything) - _in_c(text) - taken - {name.removesuffix("0") for name in taken}


def _names_one(before: Word, word: Word) -> bool:
    if word.piece.kind != "name" or not word.text[0].isalpha() or word.text.isupper():
        return False
    if before.text in NAMED and not word.braces:
        return True
    declares = word.block in ("PARAMETER", "ASSIGNED", "STATE", "CONSTANT") and word.braces == 1
    return declares and not word.parens and not word.squares and before.text not in COUNTS


def _locals(everything: list[Word]) -> Iterator[str]:
    listing = False
    for k, word in enumerate(everything):
        if word.text == "LOCAL":
            listing = True
        elif listing and word.piece.kind == "name" and not word.squares:
            yield word.text
            after = [
                next_word
                for next_word in everything[k + 1 : k + 5]
                if not next_word.squares and next_word.text not in "[]"
            ]
            listing = bool(after) and after[0].text == ","


def _shared(everything: list[Word]) -> set[str]:
    """Return names in USEION, POINTER and UNITS: other mechanisms or NEURON know them by these names."""
    shared: set[str] = set()
    listing = False
    for word in everything:
        if word.block == "UNITS" and word.piece.kind == "name":
            shared.add(word.text)
        if word.block == "NEURON" and word.piece.kind == "name":
            if word.text.isupper():
                listing = word.text in ("USEION", "READ", "WRITE", "POINTER", "BBCOREPOINTER", "VALENCE")
            elif listing:
                shared.add(word.text)
    return shared


def _in_c(text: str) -> set[str]:
    return {
        name
        for piece in cut_pieces(text)
        if piece.kind == "verbatim"
        for name in split_c_tokens(text[piece.start : piece.end])
    }
