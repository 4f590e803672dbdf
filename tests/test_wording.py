"""Near matches of a name, and lists that are cut short."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from jxneuron.wording import and_more, did_you_mean, listed, near_matches

PACKAGE = Path(__file__).resolve().parents[1] / "jxneuron"


@pytest.mark.parametrize(
    ("names", "shown", "text"),
    [
        ([], 1, ""),
        (["a"], 1, "a"),
        (["a", "b"], 1, "a and 1 more"),
        (["a", "b"], 2, "a, b"),
        (["a", "b", "c", "d"], 2, "a, b and 2 more"),
    ],
)
def test_a_list_is_cut_short_and_says_so(names: list[str], shown: int, text: str) -> None:
    assert listed(names, shown) == text
    assert text.endswith(and_more(len(names), shown))


def test_near_names_are_suggested_once_and_the_nearest_first() -> None:
    assert near_matches("some", ["soma", "dend", "some0", "soma"]) == ["some0", "soma"]
    assert did_you_mean("some", ["soma", "dend"]) == "; did you mean soma?"


def test_without_a_near_name_the_message_ends_or_says_something_else() -> None:
    assert did_you_mean("xyz", ["soma"]) == ""
    assert did_you_mean("xyz", ["soma"], "there are soma") == "; there are soma"


def test_no_other_module_looks_for_near_names() -> None:
    users = [path.name for path in PACKAGE.rglob("*.py") if "difflib" in _imports(path)]
    assert users == ["wording.py"]


def _imports(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text()))
    return {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
