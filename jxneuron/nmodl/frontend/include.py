"""Paste INCLUDEd files into a text, and find the way back from a line to the file it came from.

In: NMODL text and the folder of its file. Out: the text as NEURON holds it, each included file between the marks
``:::INCLUDE`` and ``:::end INCLUDE``; and ``SourceLines`` of such a text, wherever it came from.

Source: nocmodl's ``include_file`` (io.cpp).
"""

from __future__ import annotations

import os
from pathlib import Path

from jxneuron.errors import Finding, NmodlError
from jxneuron.nmodl.frontend.tokens import cut_pieces, normalise_lines
from jxneuron.nmodl.syntax.nodes import SourceLines

BEGIN, REALPATH, END = ":::INCLUDE", ":::realpath", ":::end INCLUDE"
DEEPEST = 20


def read_text(path: Path) -> str:
    """Read a file of NMODL in the lines that nocmodl sees; its comments may be in Latin-1.

    Raises:
        NmodlError: where it is missing.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NmodlError([Finding(str(path), f"cannot be read: {error.strerror}")]) from None
    try:
        return normalise_lines(data.decode("utf-8"))
    except UnicodeDecodeError:
        return normalise_lines(data.decode("latin-1"))


def expand(text: str, path: Path, top: Path | None = None, depth: int = 0) -> str:
    """Paste what the text of the file ``path`` includes; ``top`` is the ``.mod`` file's folder, its own by default.

    Raises:
        NmodlError: a file that cannot be opened, or that includes itself.
    """
    top = top or path.parent
    out: list[str] = []
    done = 0
    for piece in cut_pieces(text):
        if piece.kind != "name" or text[piece.start : piece.end] != "INCLUDE" or piece.start < done:
            continue
        quoted = text[piece.end :].partition("\n")[0]
        name = quoted.partition('"')[2].partition('"')[0]
        place = f"{path.name}:{text.count(chr(10), 0, piece.start) + 1}"
        pasted = _open(name, path.parent, top, place, depth)
        out += [text[done : piece.start], f'{BEGIN} "{name}"\n{pasted}\n{END} {name}']
        done = piece.end + quoted.find('"') + len(name) + 2
    return "".join([*out, text[done:]])


def _open(name: str, beside: Path, top: Path, place: str, depth: int) -> str:
    if depth == DEEPEST:
        raise NmodlError([Finding(place, f'INCLUDE "{name}" includes itself', "Remove one of the INCLUDE statements.")])
    included = search(name, beside, top)
    if included is None:
        raise NmodlError([Finding(place, f'INCLUDE "{name}": there is no such file', f"Put it into {top}.")])
    return expand(read_text(included), included, top, depth + 1)


def search(name: str, beside: Path, top: Path) -> Path | None:
    """Return the file that an INCLUDE means, searched in NEURON's order; None where there is none.

    Args:
        name: the file as INCLUDE names it.
        beside: the folder of the file that includes it.
        top: the folder of the ``.mod`` file; after it comes the one above, then those of ``MODL_INCLUDE``.
    """
    more = filter(None, os.environ.get("MODL_INCLUDE", "").split(":"))
    folders = [beside, top, top / "..", *(top / extra for extra in more)]
    return next((folder / name for folder in folders if name and (folder / name).is_file()), None)


def source_lines(text: str, file: str) -> SourceLines:
    """Say where each line of a text came from."""
    if BEGIN not in text:
        return SourceLines(file)
    origins: list[tuple[str, int]] = []
    names, counts = [file], [0]
    for line in text.split("\n"):
        if line.startswith(END) and len(names) > 1:
            names.pop()
            counts.pop()
        elif not line.startswith(REALPATH):
            counts[-1] += 1
        origins.append((names[-1], counts[-1]))
        if line.startswith(BEGIN):
            names.append(line[len(BEGIN) :].strip().strip('"'))
            counts.append(0)
    return SourceLines(file, tuple(origins))
