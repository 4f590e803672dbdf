"""Evaluate the constants of a UNITS block.

In: unit expressions (``k-mole``, ``1-10 um2/ms``). Out: factors in NEURON's base units. The table is NEURON's own
``nrnunits.lib`` (CODATA 2018), read from the installed wheel without importing it; the reading follows
``src/modlunit/units.cpp``: a number in front (``1-10`` is 1e-10, ``1|3`` a third), then names between ``-``, blanks
and powers of one digit; everything after the first ``/`` divides.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass

from jxneuron.nmodl.frontend.nocmodl import unit_table

BASES = 10
# In the order in which units.cpp tries them
PREFIXES = {
    "atto": 1e-18, "femto": 1e-15, "pico": 1e-12, "nano": 1e-9, "micro": 1e-6, "milli": 1e-3, "centi": 1e-2,
    "deci": 1e-1, "deka": 1e1, "hecta": 1e2, "hecto": 1e2, "kilo": 1e3, "mega": 1e6, "meg": 1e6, "giga": 1e9,
    "tera": 1e12,
}  # fmt: skip
_NUMBER = re.compile(r"\s*([0-9.]*)([+-]?)([0-9]*)(\|?)")
_DIGITS = re.compile(r"[0-9]*\.?[0-9]*")
_WORD = re.compile(r"([^1-9\s/-]*)([1-9\s/-])")


class UnitError(ValueError):
    """A unit that the table does not know, or a factor that is no number."""


@dataclass(frozen=True)
class Unit:
    """A factor and the powers of the base units."""

    factor: float
    powers: tuple[int, ...] = (0,) * BASES

    def times(self, other: Unit, power: int, prefix: float = 1.0) -> Unit:
        """Multiply by a power of another unit, each time with its prefix."""
        factor = self.factor
        for _ in range(abs(power)):
            factor = factor * (other.factor * prefix) if power > 0 else factor / (other.factor * prefix)
        return Unit(factor, tuple(a + power * b for a, b in zip(self.powers, other.powers, strict=True)))


@functools.cache
def read_library() -> dict[str, str]:
    """Return NEURON's unit definitions as texts, from its ``nrnunits.lib``."""
    names: dict[str, str] = {}
    for line in unit_table().read_text(encoding="utf-8").splitlines():
        words = line.split()
        if words and not words[0].startswith("/"):
            names.setdefault(words[0], " ".join(w for w in words[1:] if w != "fuzz"))
    return names


def evaluate(text: str, own: Mapping[str, Unit]) -> Unit:
    """Return the unit that ``text`` means; ``own`` holds the names that the file defines itself.

    Raises:
        UnitError: where a name is unknown.
    """
    number, rest = _number(text + "\n")
    result, sign = Unit(number or 1.0), 1
    for word, end in _WORD.findall(rest):
        if word:
            unit, prefix = _lookup(word, own)
            power = int(end) if end in "23456789" else 1
            result = result.times(unit, sign * power, prefix)
        if end == "/":
            sign = -1
    return result


def _number(text: str) -> tuple[float, str]:
    """Return the number in front, 0 where there is none, and the rest of the text."""
    match = _NUMBER.match(text)
    assert match is not None
    digits, sign, exponent, bar = match.groups()
    read = _DIGITS.match(digits)  # as C's atof, which stops at a second point
    first = read.group() if read is not None else ""
    value = float(first) if first.strip(".") else 0.0
    value = float(f"{first}e{sign}{exponent}") if value and exponent and first == digits else value
    rest = text[match.end() :]
    if bar:
        bottom, rest = _number(rest)
        value = divide_units(Unit(value), Unit(bottom))
    return value, rest


def divide_units(above: Unit, below: Unit) -> float:
    """Return the factor of one unit in another; nocmodl does not ask whether they are of one kind.

    Raises:
        UnitError: where it is not finite.
    """
    if below.factor == 0.0:
        raise UnitError("a unit is divided by 0 (it does not build in NEURON)")
    return above.factor / below.factor


def _lookup(name: str, own: Mapping[str, Unit]) -> tuple[Unit, float]:
    """Return the unit of a name, and the product of the prefixes before it.

    The name itself comes first, then the name without a prefix, then without the s of a plural (units.cpp).
    """
    prefix = 1.0
    while True:
        unit = own.get(name) or _known(name) if name else Unit(1.0)
        if unit is not None:
            return unit, prefix
        head = next((prefix_name for prefix_name in PREFIXES if name.startswith(prefix_name)), "")
        if head:
            name, prefix = name.removeprefix(head), prefix * PREFIXES[head]
        elif len(name) > 1 and name.endswith("s"):
            name = name[:-1]
        else:
            raise UnitError(f"unknown unit {name}")


@functools.cache
def _known(name: str) -> Unit | None:
    text = read_library().get(name)
    if text is None:
        return None
    if len(text) == 3 and text[0] == text[2] == "*":
        position = "abcdefghij".index(text[1])
        return Unit(1.0, tuple(int(k == position) for k in range(BASES)))
    return evaluate(text, {})
