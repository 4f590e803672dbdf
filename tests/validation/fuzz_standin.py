"""A worker that reads in the ways in which reading can fail: one way for each number."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from validation.fuzz import worker

WAYS = ("read", "raises", "crashes", "hangs", "fills", "warns", "read")
done: list[str] = []


def read(path: Path) -> str:
    way = WAYS[int(path.read_text())]
    if way == "raises":
        return {}["missing"]
    if way == "crashes":
        os.abort()
    while way == "hangs":
        pass
    if way == "fills":
        done.append("x" * 2 * worker.MEMORY)
    if way == "warns":
        done.append(str(np.float64(1e308) * np.float64(10)))
    return way


def main() -> None:
    worker.SECONDS = 0.3
    worker.READERS["toml"] = read
    worker.inputs.make = lambda kind, seed, number: worker.inputs.Input(kind, seed, number, "", (), b"%d" % number)
    worker.main()
