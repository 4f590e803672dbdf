"""The cache folder, and files that are replaced whole or not at all."""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import Any

import pytest

from jxneuron import files

ROOT = Path(__file__).resolve().parents[1]


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.json"
    files.write_atomically(path, "old")

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        files.write_atomically(path, "new")
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_a_block_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "model.jxn"
    files.write_atomically(path, b"old")
    with pytest.raises(ZeroDivisionError), files.replacing(path) as stream:
        stream.write(b"ne")
        stream.write(bytes(1 // 0))
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_text_is_written_as_utf8_and_an_existing_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "table.md"
    for text in ("first", "µm, 25 °C"):
        files.write_atomically(path, text)
    assert path.read_bytes() == "µm, 25 °C".encode()


def test_a_missing_folder_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        files.write_atomically(tmp_path / "missing" / "x", "")


def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JXNEURON_CACHE", "/somewhere/else")
    assert files.cache_folder() == Path("/somewhere/else")
    monkeypatch.delenv("JXNEURON_CACHE")
    assert files.cache_folder().name == "jxneuron" and files.cache_folder().is_absolute()


def _names(path: Path) -> set[str]:
    """Every identifier, attribute and string constant of a module."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    names |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return names | {str(node.value) for node in nodes if isinstance(node, ast.Constant)}


@pytest.mark.parametrize("word", ["JXNEURON_CACHE", "user_cache_dir", "mkstemp", "NamedTemporaryFile"])
def test_no_other_module_knows_the_rule(word: str) -> None:
    modules = (ROOT / "jxneuron").rglob("*.py")
    assert [path.name for path in modules if path.name != "files.py" and word in _names(path)] == []
