"""Find the identifiers of an NMODL text with their lines.

In: NMODL text. Out: ``pieces``, which together are the text; ``Tokens``: identifiers outside comments, TITLE and
VERBATIM, in order, and the lines where VERBATIM blocks start. neuron.nmodl's tree has no positions; walking these in
step with the names of the tree gives them back.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

BLOCKS = ("COMMENT", "VERBATIM")
CLOSING = "ENDVERBATIM"
LARGEST_INT = "2147483647"
LONGEST_LINE = 511  # characters, its end not counted
FILE_ENDS = "\x1a\x04"  # ^Z and ^D

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


def normalise_lines(text: str) -> str:
    """Return the text in the lines that nocmodl's reader sees: CR, LF and CRLF end a line, ^Z or ^D the file."""
    for char in FILE_ENDS:
        text = text.partition(char)[0]
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _word_end(text: str, start: int) -> int:
    end = start
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    return end


def _space_end(text: str, start: int) -> int:
    end = start + 1
    while end < len(text) and text[end].isspace():
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


@lru_cache(maxsize=2)
def cut_pieces(text: str) -> tuple[Piece, ...]:
    """Cut NMODL text into pieces without gaps."""
    cut: list[Piece] = []
    at, before, last = 0, "", ""
    while at < len(text):
        if text[at] == ":" and before == "REPRESENTS" and text.endswith(last, 0, at):
            kind, end = "sign", _word_end(text, at + 1)  # of an ontology's term: NCIT:C17145
        else:
            kind, end = _piece(text, at)
        if kind == "name":
            before, last = last, text[at:end]
        cut.append(Piece(kind, at, end))
        at = end
    return tuple(cut)


def _piece(text: str, at: int) -> tuple[Kind, int]:
    char = text[at]
    if char in ":?":
        return "skipped", _line_end(text, at)
    if char.isspace():
        return "skipped", _space_end(text, at)
    if char == '"':
        close = text.find('"', at + 1, _line_end(text, at))
        return "sign", at + 1 if close < 0 else close + 1
    if char.isdigit() or (char == "." and text[at + 1 : at + 2].isdigit()):
        return "number", _number_end(text, at)
    if not (char.isalpha() or char == "_"):
        return "sign", at + 1
    end = _word_end(text, at)
    word = text[at:end]
    if word == "TITLE":
        return "skipped", _line_end(text, at)
    if word not in BLOCKS:
        return "name", end
    return "verbatim" if word == "VERBATIM" else "skipped", _block_end(text, end, f"END{word}")


def _block_end(text: str, start: int, closing: str) -> int:
    """Return the end of the line that begins with the closing word, else the text's (nocmodl's ``inblock``, io.cpp)."""
    at = start
    while at < len(text):
        end = _line_end(text, at)
        if closes(text[at:end], closing):
            return end
        at = end + 1
    return len(text)


def closes(line: str, closing: str) -> bool:
    """True where a line ends the block that ``closing`` (``ENDCOMMENT``, ``ENDVERBATIM``) ends.

    nocmodl begins another line after each character that is not ASCII.
    """
    parts = [line] if line.isascii() else "".join(c if c.isascii() else "\n" for c in line).split("\n")
    starts = [part.lstrip(" \t") for part in parts]
    return any(s.startswith(closing) and not s[len(closing) : len(closing) + 1].isalpha() for s in starts)


def blank_out_comments(text: str) -> str:
    """Return the text with blanks in place of all that is skipped, line by line, and of what follows an ENDVERBATIM.

    An integer that the grammar would keep in 32 bits, and wrap, ends in a point.
    """
    out: list[str] = []
    for piece in cut_pieces(text):
        kept = {"skipped": piece.start, "verbatim": _closed(text, piece)}.get(piece.kind, piece.end)
        out += [text[piece.start : kept], *(c if c.isspace() else " " for c in text[kept : piece.end])]
        if piece.kind == "number":
            out[-1:] = [_unwrapped(text[piece.start : piece.end])]
    return "".join(out)


def _unwrapped(number: str) -> str:
    """Return the number, with a point after an integer that 32 bits do not hold.

    ``3000000000x`` is a number and a name.
    """
    rest = number.lstrip("0123456789")
    digits = number[: len(number) - len(rest)].lstrip("0")
    real = rest[:1] == "." or (rest[:1] in ("e", "E") and rest[1:].lstrip("+-")[:1].isdigit())
    fits = len(digits) < len(LARGEST_INT) or (len(digits) == len(LARGEST_INT) and digits <= LARGEST_INT)
    return number if real or fits else f"{number[: len(number) - len(rest)]}. {rest}".rstrip(" ")


def _closed(text: str, piece: Piece) -> int:
    """Return where the ENDVERBATIM of a piece ends."""
    return text.rfind(CLOSING, piece.start, piece.end) + len(CLOSING)


def find_dropped(text: str) -> list[tuple[str, int]]:
    """Return what follows an ENDVERBATIM on its line, and the line."""
    ends = [(_closed(text, piece), piece.end) for piece in cut_pieces(text) if piece.kind == "verbatim"]
    return [(text[at:end].strip(), text.count("\n", 0, at) + 1) for at, end in ends if text[at:end].strip(" \t\r")]


def find_closed_inside(text: str) -> int:
    """Return the line of an ENDVERBATIM within a line of C, where nocmodl sees no end; 0 where there is none."""
    for piece in cut_pieces(text):
        if piece.kind == "verbatim":
            lines = text[piece.start : piece.end].split("\n")
            inside = [n for n, line in enumerate(lines[:-1]) if CLOSING in line]
            if inside:
                return text.count("\n", 0, piece.start) + inside[0] + 1
    return 0


def find_broken_title(text: str) -> int:
    """Return the line of a TITLE that ends the string in which nocmodl writes it, 0 where there is none."""
    for piece in cut_pieces(text):
        title = text[piece.start : piece.end]
        if title.startswith("TITLE") and ('"' in title.replace('""', "") or title.rstrip().endswith("\\")):
            return text.count("\n", 0, piece.start) + 1
    return 0


def find_unclosed(text: str) -> int:
    """Return the line of a COMMENT or VERBATIM that goes on to the end of the text, 0 where there is none."""
    for piece in cut_pieces(text):
        word = next((w for w in BLOCKS if text.startswith(w, piece.start)), "")
        last = text[piece.start : piece.end].rpartition("\n")[2].removeprefix(word)
        if word and piece.kind in ("skipped", "verbatim") and not closes(last, f"END{word}"):
            return text.count("\n", 0, piece.start) + 1
    return 0


def find_too_long(text: str) -> list[tuple[int, int]]:
    """Return lines that nocmodl's reader does not hold, and their lengths; the marks of INCLUDEd text do not count.

    It does hold lines with other characters than ASCII, which it takes in some comments only (``find_foreign``).
    """
    lines = enumerate(text.split("\n"), 1)
    return [(n, len(line)) for n, line in lines if len(line) > LONGEST_LINE and line.isascii() and line[:3] != ":::"]


def find_foreign(text: str) -> tuple[tuple[str, int], ...]:
    """Return the first character that is not ASCII of each line that nocmodl refuses, and the line.

    nocmodl takes them from a COMMENT's second line on.
    """
    refused: dict[int, str] = {}
    line = 1
    for piece in cut_pieces(text) if not text.isascii() else ():
        part = text[piece.start : piece.end]
        if not part.isascii():
            rows = part.split("\n")
            for k, row in enumerate(rows[:1] if part.startswith("COMMENT") else rows):
                strange = next((c for c in row if not c.isascii()), "")
                if strange:
                    refused.setdefault(line + k, strange)
        line += part.count("\n")
    return tuple((character, line) for line, character in refused.items())


def scan(text: str) -> Tokens:
    """Return the identifiers of ``text`` and the first lines of its VERBATIM blocks."""
    names: list[Token] = []
    verbatim: list[int] = []
    line = 1
    for piece in cut_pieces(text):
        if piece.kind == "name":
            names.append(Token(text[piece.start : piece.end], line))
        elif piece.kind == "verbatim":
            verbatim.append(line)
        line += text.count("\n", piece.start, piece.end)
    return Tokens(tuple(names), tuple(verbatim))


def split_c_lines(text: str) -> list[str]:
    """Return the lines of C text as its preprocessor reads it: a comment is a blank, a backslash joins two lines."""
    out: list[str] = []
    at = 0
    while at < len(text):
        if text.startswith("/*", at):
            close = text.find("*/", at + 2)
            out.append(" ")
            at = len(text) if close < 0 else close + 2
        elif text.startswith("//", at):
            at = _line_end(text, at)
        else:
            close = text.find('"', at + 1, _line_end(text, at)) if text[at] == '"' else -1
            end = close + 1 if close > 0 else at + 1
            out.append(text[at:end])
            at = end
    return "".join(out).replace("\\\n", "").split("\n")


def split_c_tokens(text: str) -> tuple[str, ...]:
    """Split C text into words, string literals and single signs; comments are dropped."""
    tokens: list[str] = []
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
            tokens.append(text[at:end])
        else:
            end = max(_word_end(text, at), at + 1)
            tokens.append(text[at:end])
        at = end
    return tuple(tokens)
