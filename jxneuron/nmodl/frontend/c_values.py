"""Values of C expressions: what they are in NMODL, and whether C takes them for whole numbers.

In: words and expressions. Out: expressions of syntax.
"""

from __future__ import annotations

from typing import NamedTuple

from jxneuron.nmodl.frontend.c_words import NotPlain
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.algebra import fold


class Typed(NamedTuple):
    """An expression, and whether C takes it for a whole number."""

    e: sx.Expr
    whole: bool = False


def read_number(word: str) -> Typed:
    """Read a number; C takes one that begins with 0 for an octal."""
    whole = word.isdigit()
    if whole and word[0] == "0" and len(word) > 1:
        raise NotPlain
    try:
        return Typed(sx.Num(float(word)), whole)
    except ValueError:
        raise NotPlain from None


def find_known(test: sx.Expr) -> bool | None:
    """Return what a condition is before the run, None where only the run knows."""
    if isinstance(test, sx.Binary) and test.op in ("&&", "||"):
        sides = [find_known(test.left), find_known(test.right)]
        decided = test.op == "||"
        return decided if decided in sides else (not decided if None not in sides else None)
    number = fold(test, {})
    return None if number is None else bool(number)
