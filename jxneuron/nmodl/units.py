"""Constants of a UNITS block.

In: unit expressions (``k-mole``, ``1-10 um2/ms``). Out: factors in NEURON's base units. The table is
NEURON's own ``nrnunits.lib`` (CODATA 2018), read from the installed wheel without importing it. A unit is
a number and the powers of the base units; ``-`` and blanks multiply, everything behind ``/`` divides.
"""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jxneuron.errors import NeuronMissing

BASES = 10


class UnitError(ValueError):
    """A unit that the table does not know."""


@dataclass(frozen=True)
class Unit:
    """A factor and the powers of the base units."""

    factor: float
    powers: tuple[int, ...] = (0,) * BASES

    def times(self, other: Unit, power: int) -> Unit:
        """Multiply by a power of another unit."""
        factor = self.factor
        for _ in range(abs(power)):
            factor = factor * other.factor if power > 0 else factor / other.factor
        return Unit(factor, tuple(a + power * b for a, b in zip(self.powers, other.powers, strict=True)))


@functools.cache
def library() -> tuple[dict[str, str], dict[str, str]]:
    """Return NEURON's unit definitions and its prefixes, as texts."""
    spec = importlib.util.find_spec("neuron")
    if spec is None or spec.origin is None:
        raise NeuronMissing("NEURON's unit table is needed to translate UNITS; install neuron")
    folder = Path(spec.origin).parent / ".data" / "share" / "nrn" / "lib"
    names: dict[str, str] = {}
    prefixes: dict[str, str] = {}
    for line in (folder / "nrnunits.lib").read_text(encoding="utf-8").splitlines():
        words = line.split()
        if not words or words[0] == "/":
            continue
        if words[0].startswith("/"):
            if words[0].endswith("-") and len(words) == 2:
                prefixes[words[0][1:-1]] = words[1]
            continue
        names.setdefault(words[0], " ".join(w for w in words[1:] if w != "fuzz"))
    return names, prefixes


def evaluate(text: str, own: Mapping[str, Unit]) -> Unit:
    """Return the unit that ``text`` means; ``own`` holds the names that the file defines itself.

    Raises:
        UnitError: where a name is unknown.
    """
    result, sign = Unit(1.0), 1
    for word in _split(text):
        if word == "/":
            sign = -1
        elif word[0].isdigit() or word[0] == ".":
            result = result.times(Unit(_number(word)), sign)
        else:
            name, power = _power(word)
            result = result.times(_lookup(name, own), sign * power)
    return result


def _split(text: str) -> list[str]:
    """Split into numbers, names and ``/``; a number keeps its exponent (``1-10``) and fraction."""
    words: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        end = at + 1
        if char == "/":
            words.append(char)
        elif char.isdigit() or char == ".":
            while end < len(text) and (text[end].isdigit() or text[end] in ".|" or _exponent(text, end)):
                end += 1
            words.append(text[at:end])
        elif char.isalpha() or char in "_%$":
            while end < len(text) and (text[end].isalnum() or text[end] in "_%$"):
                end += 1
            words.append(text[at:end])
        at = end
    return words


def _exponent(text: str, at: int) -> bool:
    if text[at] in "+-":
        return text[at + 1 : at + 2].isdigit()
    return text[at] in "eE" and (text[at + 1 : at + 2].isdigit() or text[at + 1 : at + 2] in ("+", "-"))


def _number(word: str) -> float:
    top, _, bottom = word.partition("|")
    if bottom:
        return _number(top) / _number(bottom)
    for sign in "+-":
        head, found, tail = word.partition(sign)
        if found and head and head[-1] not in "eE":
            return float(f"{head}e{sign}{tail}")
    return float(word)


def _power(word: str) -> tuple[str, int]:
    name = word.rstrip("0123456789")
    return (name, int(word[len(name) :])) if name != word else (word, 1)


def _lookup(name: str, own: Mapping[str, Unit]) -> Unit:
    if name in own:
        return own[name]
    found = _known(name)
    if found is not None:
        return found
    _, prefixes = library()
    for prefix in sorted(prefixes, key=len, reverse=True):
        rest = name[len(prefix) :]
        if name == prefix:
            return Unit(_prefix(prefix))
        if name.startswith(prefix) and rest:
            inner = own.get(rest) or _known(rest) or (own.get(rest[:-1]) if rest.endswith("s") else None)
            if inner is not None:
                return inner.times(Unit(_prefix(prefix)), 1)
    raise UnitError(name)


def _prefix(prefix: str) -> float:
    _, prefixes = library()
    text = prefixes[prefix]
    return _prefix(text) if text in prefixes else float(text)


@functools.cache
def _known(name: str) -> Unit | None:
    names, _ = library()
    for candidate in (name, name[:-1] if name.endswith("s") and len(name) > 2 else name):
        text = names.get(candidate)
        if text is None:
            continue
        if len(text) == 3 and text[0] == text[2] == "*":
            position = "abcdefghij".index(text[1])
            return Unit(1.0, tuple(int(k == position) for k in range(BASES)))
        return evaluate(text, {})
    return None
