"""Large and endless files: memory follows the points that are kept, not the text."""

from __future__ import annotations

import os
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import jxneuron as jx
from jxneuron import morphology as shapes
from jxneuron.morphology import asc_objects, swc_text

CELL = "1 1 0 0 0 5 -1\n2 3 9 0 0 1 1\n3 3 19 0 0 1 2\n"
MB = 2**20


def peak(action: Callable[[], object]) -> int:
    """Bytes that an action holds at most."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.filterwarnings("ignore::jxneuron.MorphologyWarning")
@pytest.mark.parametrize(
    "line", ["# a comment, as long as that of most files", "no point at all: 1 2 3", "", "1 2 3 4 5 6"]
)
def test_lines_that_are_no_points_take_no_memory(tmp_path: Path, line: str) -> None:
    file = tmp_path / "text.swc"
    file.write_text(CELL + f"{line}\n" * 50_000)
    assert peak(lambda: shapes.read(file)) < 2 * MB
    assert len(shapes.read(file).traces) == 2


def test_points_take_some_hundred_bytes_each(tmp_path: Path) -> None:
    """Seven numbers and a line, 64 bytes, and what they become; the text of one is 40 bytes long."""
    file = tmp_path / "points.swc"
    count = 50_000
    rows = (f"{i} 3 {i / 7:.6f} {i / 3:.6f} 0.123456 0.654321 {i - 1}" for i in range(2, count + 1))
    file.write_text("1 1 0 0 0 5 -1\n" + "\n".join(rows))
    shapes.read(file)
    assert peak(lambda: shapes.read(file)) < 900 * count


def _endless(path: Path, lines: Iterator[str]) -> None:
    """Write lines into a pipe until its reader goes."""
    try:
        with open(path, "w") as stream:
            for line in lines:
                stream.write(line)
    except BrokenPipeError:
        pass


def _numbers() -> Iterator[int]:
    number = 1
    while True:
        yield (number := number + 1)


@pytest.mark.parametrize(
    ("ending", "first", "line", "said"),
    [
        ("swc", "1 1 0 0 0 5 -1\n", "{0} 3 {0} 0 0 1 {1}\n", r"endless.swc:5001: more than 5,000 points"),
        ("asc", "((Dendrite)\n", "({0} 0 0 1)\n", r"endless.asc:5002: more than 5,000 points"),
        ("swc", "1 1 0 0 0 5 -1 ", "{0} ", r"endless.swc:1: this is no text file: more than 65536 characters"),
        ("asc", "((Dendrite)\n", "(1 2", r"endless.asc:2: this is no text file: more than 65536 characters"),
    ],
)
def test_a_file_that_never_ends_is_refused_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str, first: str, line: str, said: str
) -> None:
    for module in (swc_text, asc_objects):
        monkeypatch.setattr(module, "MAX_POINTS", 5000)
    path = tmp_path / f"endless.{ending}"
    os.mkfifo(path)

    def lines() -> Iterator[str]:
        yield first
        for number in _numbers():
            yield line.format(number, number - 1)

    writer = threading.Thread(target=_endless, args=(path, lines()), daemon=True)
    writer.start()
    with pytest.raises(jx.ModelError, match=said):
        shapes.read(path)
    writer.join(timeout=30)
    assert not writer.is_alive()
