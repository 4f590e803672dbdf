"""Sizes that a reader can take in: no file of the package over 500 lines, no function over 60."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "jxneuron"
GENERATED = PACKAGE / "mech" / "builtin"
LONGEST_FILE, LONGEST_FUNCTION = 500, 60


def oversized(path: Path) -> Iterator[str]:
    """One line for the file and for each of its functions that is too long, docstrings of functions not counted."""
    text = path.read_text(encoding="utf-8")
    if (lines := text.count("\n")) > LONGEST_FILE:
        yield f"{path.name}: {lines} lines, at most {LONGEST_FILE}"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (lines := length(node)) > LONGEST_FUNCTION:
            yield f"{path.name}:{node.lineno} {node.name}: {lines} lines, at most {LONGEST_FUNCTION}"


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from ``def`` to the end, without the docstring."""
    docstring = function.body[0] if ast.get_docstring(function) is not None else None
    return size_of(function) - (size_of(docstring) if docstring is not None else 0)


def size_of(node: ast.stmt) -> int:
    """Lines of a statement."""
    assert node.end_lineno is not None
    return node.end_lineno - node.lineno + 1


def test_no_file_and_no_function_is_too_long() -> None:
    written = [path for path in sorted(PACKAGE.rglob("*.py")) if GENERATED not in path.parents]
    assert len(written) > 100
    assert [line for path in written for line in oversized(path)] == []


def test_what_is_too_long_is_named_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "long.py"
    document = '    """Say.\n\n' + "    more\n" * 70 + '    """\n'
    short = f"def short():\n{document}" + "    pass\n" * 59
    path.write_text(short + "def long():\n" + "    pass\n" * 60 + "x = 1\n" * (500 - 133 - 61))
    assert list(oversized(path)) == ["long.py:134 long: 61 lines, at most 60"]
    path.write_text(path.read_text() + "x = 1\n")
    assert list(oversized(path)) == ["long.py: 501 lines, at most 500", "long.py:134 long: 61 lines, at most 60"]
