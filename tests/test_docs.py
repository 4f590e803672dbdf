"""Every page of docs/ is true: its code runs, block after block, and prints what the page shows.

A page is run in one child process of its own, in an empty folder with ``docs`` and ``validation`` of the repository
beside it. The text block that follows a block of Python is what that block prints, without spaces at the ends of lines.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md") if path.name != "README.md")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
TIMEOUT = 300
RUN = """\
import contextlib, io, json, sys
page, blocks = json.loads(sys.stdin.read())
space = {"__name__": "__main__"}
for line, code in blocks:
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        exec(compile("\\n" * line + code, page, "exec"), space)
    print(json.dumps(shown.getvalue()))
"""


@dataclass(frozen=True)
class Block:
    """A block of Python and, where the page shows it, what it prints."""

    line: int
    code: str
    shown: str | None


def blocks_of(text: str) -> list[Block]:
    """The blocks of Python of a page; a text block with nothing but blank lines before it shows the output."""
    fences = list(FENCE.finditer(text))
    found = []
    for fence, after in zip(fences, [*fences, None][1:], strict=True):
        if fence[1] == "python":
            follows = after is not None and after[1] == "text" and not text[fence.end() : after.start()].strip()
            line = text[: fence.start()].count("\n") + 1
            found.append(Block(line, fence[2], after[2] if follows and after is not None else None))
    return found


def differences(page: str, text: str, folder: Path) -> list[str]:
    """Run a page; each block that printed something else than the page shows.

    Raises:
        AssertionError: a block failed, with its traceback.
    """
    blocks = blocks_of(text)
    for name in ("docs", "validation"):
        (folder / name).symlink_to(ROOT / name)
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        input=json.dumps([page, [(block.line, block.code) for block in blocks]]),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed = [json.loads(line) for line in done.stdout.splitlines()]
    return [
        f"{page}:{block.line + 1} prints\n{found}and the page shows\n{block.shown}"
        for block, found in zip(blocks, printed, strict=True)
        if block.shown is not None and _lines(block.shown) != _lines(found)
    ]


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip().splitlines()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_code_of_a_page_runs_and_prints_what_is_shown(page: Path, tmp_path: Path) -> None:
    text = page.read_text()
    blocks = blocks_of(text)
    assert page.parent != DOCS or any(block.shown for block in blocks), "a page for users without shown output"
    assert not blocks or any(block.shown or "assert " in block.code for block in blocks), "code that proves nothing"
    assert not blocks or differences(page.name, text, tmp_path) == []


def test_a_wrong_page_is_found_out(tmp_path: Path) -> None:
    page = "```python\nx = 1\nprint(x)\n```\n\n```text\n1\n```\n\n```python\nprint(x + 1)\n```\n\n```text\n3\n```\n"
    (tmp_path / "a").mkdir()
    assert differences("a.md", page, tmp_path / "a") == ["a.md:11 prints\n2\nand the page shows\n3\n"]
    (tmp_path / "b").mkdir()
    with pytest.raises(AssertionError, match=r'"b.md", line 2(.|\n)*ZeroDivisionError'):
        differences("b.md", "```python\n1 / 0\n```\n", tmp_path / "b")


@pytest.mark.parametrize(
    "page", [*PAGES, DOCS / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"], ids=lambda page: page.name
)
def test_links_lead_to_files(page: Path) -> None:
    prose = re.sub(r"`[^`\n]*`", "", FENCE.sub("", page.read_text()))
    links = re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", prose)
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_index_lists_every_page_and_the_readme_leads_to_it() -> None:
    listed = set(re.findall(r"\]\(([\w/-]+\.md)\)", (DOCS / "README.md").read_text()))
    assert listed == {page.relative_to(DOCS).as_posix() for page in PAGES}
    assert "(docs/README.md)" in (ROOT / "README.md").read_text()
