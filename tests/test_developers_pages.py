"""Every file and every function that a page for developers names exists.

A name is what stands in backticks: a path from the root of the repository (``jxneuron/run/step.py``), a path and a
name in that file (``jxneuron/run/step.py:step``), or a module (``jxneuron.run.step``). The module of a command
(``python -m jxneuron.compare``) is one wherever it stands.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs" / "developers").glob("*.md"))]
FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`([^`\n]+)`")
FILES = r"[\w.-]+\.(?:py|mod|md|toml|hoc|txt|json|html|png)"
PATH = re.compile(rf"((?:[\w.-]+/)+(?:[\w.-]*)|{FILES}|Makefile)(?::([\w.]+))?(?:\(\))?")
MODULE = re.compile(r"(?:jxneuron|validation)(?:\.\w+)+")
COMMAND = re.compile(r"python -m ((?:jxneuron|validation)[\w.]*)")
OF_NEURON = ("src/",)  # NEURON's own sources


def wrong_names(page: str, text: str) -> list[str]:
    """One line for each name that leads nowhere: page, line, name, and what is missing."""
    return [f"{page}:{line}  {name}  {why}" for line, name in _names(text) if (why := _missing(name))]


def _names(text: str) -> Iterator[tuple[int, str]]:
    prose = FENCE.sub(lambda fence: "\n" * fence[0].count("\n"), text)
    for number, line in enumerate(prose.splitlines(), 1):
        yield from ((number, name) for name in SPAN.findall(line))
        yield from ((number, command) for command in COMMAND.findall(line))


def _missing(name: str) -> str:
    """What there is not; empty where the name is right, or names no file."""
    if MODULE.fullmatch(name):
        return "" if _is_module(name) else "no such module, nor a name in one"
    match = PATH.fullmatch(name)
    if match is None or name.startswith(OF_NEURON) or not _is_ours(match[1]):
        return ""
    path, inside = match[1], match[2]
    if not _exists(path):
        return "no such file"
    return f"no {inside} in this file" if inside and inside not in _defined(ROOT / path) else ""


def _is_ours(path: str) -> bool:
    """Whether it is the path of a file at all: ``1/dt`` is none."""
    return path == "Makefile" or bool(re.search(rf"{FILES}$|/$", path)) or (ROOT / path.partition("/")[0]).is_dir()


def _exists(path: str) -> bool:
    return (ROOT / path).exists()


def _is_module(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    if path.is_dir() or path.with_suffix(".py").is_file():
        return True
    module, _, last = name.rpartition(".")
    home = ROOT / module.replace(".", "/")
    files = [home.with_suffix(".py"), home / "__init__.py"]
    return any(last in _defined(file) for file in files if file.is_file())


@cache
def _defined(path: Path) -> frozenset[str]:
    """Names that a module defines, and ``Class.member``."""
    return frozenset(_definitions(ast.parse(path.read_text()).body)) if path.suffix == ".py" else frozenset()


def _definitions(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        if isinstance(node, ast.ClassDef):
            yield from (f"{node.name}.{member}" for member in _definitions(node.body))
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        yield from (target.id for target in targets if isinstance(target, ast.Name))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_names_exists(page: Path) -> None:
    assert wrong_names(page.relative_to(ROOT).as_posix(), page.read_text()) == []


def test_a_wrong_name_is_one_line() -> None:
    text = (
        "See `jxneuron/run/stepp.py`,\n`jxneuron/run/step.py:stepp` and `jxneuron/run/step.py:step`.\n"
        "```\n`a/b.py`\n```\n"
        "`jxneuron.run.stepp`, `jxneuron.run.step`, `jxneuron.run.step.Clock`, `Clock.half`, `1/dt`, `src/nocmodl/`,\n"
        "`gone.py`, `jxneuron/run/step.py:Clock.half`, `jxneuron/run/step.py:Clock.quarter`, `docs/gone/`\n"
        "    python -m jxneuron.compared --demo"
    )
    assert wrong_names("page.md", text) == [
        "page.md:1  jxneuron/run/stepp.py  no such file",
        "page.md:2  jxneuron/run/step.py:stepp  no stepp in this file",
        "page.md:6  jxneuron.run.stepp  no such module, nor a name in one",
        "page.md:7  gone.py  no such file",
        "page.md:7  jxneuron/run/step.py:Clock.quarter  no Clock.quarter in this file",
        "page.md:7  docs/gone/  no such file",
        "page.md:8  jxneuron.compared  no such module, nor a name in one",
    ]


def test_the_pages_name_something() -> None:
    named = [name for page in PAGES for _, name in _names(page.read_text()) if PATH.fullmatch(name)]
    assert len(named) > 50


def test_the_glossary_has_each_term_once() -> None:
    text = (ROOT / "docs" / "developers" / "glossary.md").read_text()
    terms = [term for term in re.findall(r"^\| (.+?) \|", text, re.MULTILINE) if term not in ("term", "---")]
    assert len(terms) > 50
    assert [term for term in terms if terms.count(term) > 1] == []
