"""The text of a Neurolucida file -> tokens.

In: a path. Out: tokens, one line of text at a time. They are cut as NEURON's Import3d cuts them (``lex`` in
read_nlcda3.hoc); a whole point in one line is one token, which is what makes large files quick.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from jxneuron.errors import ModelError
from jxneuron.morphology.swc_text import text_lines

_N = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
# Kinds by the names of their groups; one that begins with a word stands before labels, which it would be too
TOKEN = re.compile(
    rf"\s*(?:(?P<point>\(\s*({_N})\s+({_N})\s+({_N})\s+({_N})\s*(?:[A-Za-z_]\w*\s*)?\))|(?P<number>{_N})"
    r"|(?P<bracket>[(),|<>])|(?P<comment>;)|(?P<set>(?:set|Set|SET)(?!\w))"
    r'|"(?P<string>[^"]*)"|(?P<label>[A-Za-z0-9_]+)|(?P<odd>\S))',
    re.ASCII,
)
END = "the end of the file"


class Token(NamedTuple):
    """One token.

    Attributes:
        kind: ``point``, ``number``, a bracket itself, ``set``, ``string``, ``label``, ``odd``, ``end``.
        value: the numbers of a point, a number, else the text.
        line: of the file, from 1.
    """

    kind: str
    value: Any
    line: int

    def __str__(self) -> str:
        if self.kind == "end":
            return END
        text = "( {:g} {:g} {:g} {:g} )".format(*self.value) if self.kind == "point" else self.value
        return f"{text!r}" if isinstance(text, str) else f"{text:g}"


class Tokens:
    """A file's tokens, of which the next three can be seen."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rest = _tokens(path)
        self.end = Token("end", "", 0)
        self.ahead: list[Token] = []
        self.open: list[Token] = []

    def peek(self, distance: int = 0) -> Token:
        """A token that comes, 0 the next one."""
        while len(self.ahead) <= distance:
            token = next(self.rest, None)
            if token is None:
                token = self.end
            else:
                self.end = Token("end", "", token.line)
            self.ahead.append(token)
        return self.ahead[distance]

    def kind(self, distance: int = 0) -> str:
        """Kind of a token that comes."""
        return self.peek(distance).kind

    def take(self, kind: str | None = None) -> Token:
        """The next token.

        Raises:
            ModelError: it is of another kind, or the file ends.
        """
        token = self.peek()
        if token.kind == "end" or (kind is not None and token.kind != kind):
            what = kind if kind is None or len(kind) > 1 else repr(kind)
            raise self.error(f"{what or 'more'} is needed here, not {token}")
        if token.kind == "(":
            self.open.append(token)
        elif token.kind == ")" and self.open:
            self.open.pop()
        return self.ahead.pop(0)

    def drop(self, kind: str) -> bool:
        """Take the next token if it is of this kind."""
        return self.kind() == kind and bool(self.take())

    def skip_list(self) -> Token:
        """Take a whole list, whatever stands in it; returns its opening bracket."""
        opening = self.take("(")
        depth = len(self.open)
        while len(self.open) >= depth:
            self.take()
        return opening

    def error(self, found: str) -> ModelError:
        """What is wrong at the next token; at the end of the file, which bracket is open."""
        token = self.peek()
        if token.kind == "end" and self.open:
            found = f"the file ends inside the bracket that opens in line {self.open[-1].line}"
        return ModelError(f"{self.path}:{token.line}: {found}" if token.line else f"{self.path}: {found}")


def _tokens(path: Path) -> Iterator[Token]:
    for number, line in text_lines(path):
        at = 0
        while match := TOKEN.match(line, at):
            at, kind = match.end(), match.lastgroup
            if kind == "comment":
                break
            if kind == "point":
                yield Token("point", tuple(map(float, match.group(2, 3, 4, 5))), number)
            elif kind == "number":
                yield Token("number", float(match["number"]), number)
            elif kind == "bracket":
                yield Token(match["bracket"], match["bracket"], number)
            else:
                yield Token(str(kind), match[str(kind)], number)
