"""Split C code, and the NMODL between its pieces, into words.

In: a body of a block with VERBATIM. Out: the tokens of C and the statements of NMODL that the preprocessor leaves where
NEURON compiles a mechanism for itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from jxneuron.nmodl.syntax import nodes as sx

COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
TOKEN = re.compile(
    r'"(?:[^"\\\n]|\\.)*"|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[A-Za-z_]\w*|&&|\|\||[<>=!]=|\+\+|--|[-+*/]=|\S'
)
DEFINED, NOT_DEFINED = ("NRN_VERSION_GTEQ_8_2_0",), ("CORENEURON_BUILD", "NRNBBCORE")


class NotPlain(Exception):
    """The code is not understood."""


@dataclass
class Names:
    """What names mean to the C code of one block.

    Attributes:
        block: the block.
        functions: by name, how many arguments each FUNCTION of the file takes; PROCEDUREs likewise.
        procedures: which of them are PROCEDUREs.
        vectorized: its functions are handed the arguments of the thread.
        ions: up to which line each ion variable's copy equals the ion's own.
        loops: indices of the FROM loops around the C code, which are whole numbers.
        taken: names of the file.
        pointers: POINTERs and BBCOREPOINTERs.
        locals: names of the variables that the C code declares; ``translate`` adds to them.
    """

    block: sx.Block
    functions: Mapping[str, int] = field(default_factory=dict[str, int])
    procedures: frozenset[str] = frozenset()
    vectorized: bool = True
    ions: Mapping[str, float] = field(default_factory=dict[str, float])
    loops: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()
    pointers: Collection[str] = ()
    locals: list[str] = field(default_factory=list[str])


class Word(NamedTuple):
    """A token of C, or a statement of NMODL, with its line."""

    what: str | sx.Statement
    line: int


def split_into_words(body: Sequence[sx.Statement]) -> Iterator[Word]:
    """Yield the tokens and the NMODL statements that the preprocessor leaves.

    Raises:
        NotPlain: a line of the preprocessor that is not understood.
    """
    active: list[bool] = []
    for s in body:
        if not isinstance(s, sx.Verbatim):
            if all(active):
                yield Word(s, getattr(s, "line", 0))
            continue
        for row in COMMENT.sub(" ", s.text).splitlines():
            if row.lstrip().startswith("#"):
                _preprocess(row.strip(" \t#").split(), active)
            elif all(active):
                yield from (Word(token, s.line) for token in TOKEN.findall(row))
    if active:
        raise NotPlain


def _preprocess(words: Sequence[str], active: list[bool]) -> None:
    """Follow one line of the preprocessor."""
    directive, *rest = words or [""]
    if directive == "endif" and active:
        active.pop()
    elif directive == "else" and active:
        active[-1] = not active[-1]
    elif directive in ("if", "ifdef", "ifndef"):
        active.append(_is_compiled(directive, " ".join(rest)))
    else:
        raise NotPlain


def _is_compiled(directive: str, condition: str) -> bool:
    if directive == "if":
        negated, name = condition.startswith("!"), condition.lstrip("! ")
        if name in ("0", "1"):
            return (name == "1") != negated
        if name not in NOT_DEFINED:
            raise NotPlain
        return negated
    if condition not in (*DEFINED, *NOT_DEFINED):
        raise NotPlain
    return (condition in DEFINED) == (directive == "ifdef")


class Words:
    """Words that are read one after another.

    Attributes:
        at: which one comes next.
        line: of the last one.
    """

    def __init__(self, words: Sequence[Word]) -> None:
        self.words, self.line, self.at = words, 0, 0

    def at_end(self) -> bool:
        """Whether everything is read."""
        return self.at == len(self.words)

    def peek(self, ahead: int = 0) -> str:
        """Return a word that comes, "" for a statement of NMODL and at the end; each ``take`` changes it."""
        k = self.at + ahead
        what = self.words[k].what if k < len(self.words) else ""
        return what if isinstance(what, str) else ""

    def take(self, *expected: str) -> str:
        """Return the next word and step over it; stop where it is none of those expected."""
        word = self.peek()
        if not word or (expected and word not in expected):
            raise NotPlain
        self.line = self.words[self.at].line
        self.at += 1
        return word

    def takes(self, *words: str) -> bool:
        """Step over these words, if they come next."""
        if any(self.peek(k) != word for k, word in enumerate(words)):
            return False
        for word in words:
            self.take(word)
        return True
