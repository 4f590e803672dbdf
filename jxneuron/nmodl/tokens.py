"""Identifiers of an NMODL text with their lines.

In: NMODL text. Out: ``pieces``, which together are the text; ``Tokens``: identifiers outside comments, TITLE and
VERBATIM, in order, and the lines where VERBATIM blocks start. neuron.nmodl's tree has no positions; walking these in
step with the names of the tree gives them back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

SKIPPED = {"COMMENT": "ENDCOMMENT", "VERBATIM": "ENDVERBATIM"}


Kind = Literal["name", "number", "sign", "verbatim", "skipped"]


class Piece(NamedTuple):
    """A part of a text; ``skipped`` are comments, TITLE lines and white space."""

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True)
class Token:
    """An identifier and its line."""

    text: str
    line: int


@dataclass(frozen=True)
class Tokens:
    """Identifiers and first lines of VERBATIM blocks."""

    names: tuple[Token, ...]
    verbatim: tuple[int, ...]


def _word_end(text: str, start: int) -> int:
    end = start
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    return end


def _number_end(text: str, start: int) -> int:
    end = start
    while end < len(text) and (
        text[end].isalnum() or text[end] == "." or (text[end] in "+-" and text[end - 1] in "eE")
    ):
        end += 1
    return end


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def pieces(text: str) -> Iterator[Piece]:
    """Cut NMODL text into pieces without gaps."""
    at = 0
    while at < len(text):
        kind, end = _piece(text, at)
        yield Piece(kind, at, end)
        at = end


def _piece(text: str, at: int) -> tuple[Kind, int]:
    char = text[at]
    if char in ":?":
        return "skipped", _line_end(text, at)
    if char.isspace():
        return "skipped", at + 1
    if char.isdigit() or (char == "." and text[at + 1 : at + 2].isdigit()):
        return "number", _number_end(text, at)
    if not (char.isalpha() or char == "_"):
        return "sign", at + 1
    end = _word_end(text, at)
    word = text[at:end]
    if word == "TITLE":
        return "skipped", _line_end(text, at)
    if word not in SKIPPED:
        return "name", end
    close = text.find(SKIPPED[word], end)
    end = len(text) if close < 0 else close + len(SKIPPED[word])
    return "verbatim" if word == "VERBATIM" else "skipped", end


def scan(text: str) -> Tokens:
    """Return the identifiers of ``text`` and the first lines of its VERBATIM blocks."""
    names: list[Token] = []
    verbatim: list[int] = []
    line = 1
    for piece in pieces(text):
        if piece.kind == "name":
            names.append(Token(text[piece.start : piece.end], line))
        elif piece.kind == "verbatim":
            verbatim.append(line)
        line += text.count("\n", piece.start, piece.end)
    return Tokens(tuple(names), tuple(verbatim))


def c_tokens(text: str) -> tuple[str, ...]:
    """Split C text into words, string literals and single signs; comments are dropped."""
    found: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char.isspace():
            end = at + 1
        elif text.startswith("/*", at):
            close = text.find("*/", at + 2)
            end = len(text) if close < 0 else close + 2
        elif text.startswith("//", at):
            end = _line_end(text, at)
        elif char == '"':
            close = text.find('"', at + 1)
            end = len(text) if close < 0 else close + 1
            found.append(text[at:end])
        else:
            end = max(_word_end(text, at), at + 1)
            found.append(text[at:end])
        at = end
    return tuple(found)
