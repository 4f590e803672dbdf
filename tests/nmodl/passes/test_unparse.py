"""What is unparsed reads back as the same syntax."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jxneuron.nmodl.frontend.grammar import read_syntax
from jxneuron.nmodl.frontend.include import expand, read_text
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.unparse import unparse, unparse_body
from jxneuron.nmodl.syntax.visit import expressions
from tests.nmodl.passes.equations import block, read

FILES = sorted((Path(__file__).parents[3] / "mod").rglob("*.mod"))


def bare(value: Any) -> Any:
    """Syntax without lines, and C code without the blanks around it."""
    if isinstance(value, tuple):
        return tuple(bare(one) for one in value)
    if isinstance(value, sx.Verbatim):
        return replace(value, text=" ".join(value.text.split()), line=0)
    if hasattr(value, "__dataclass_fields__"):
        inside = {name: bare(getattr(value, name)) for name in value.__dataclass_fields__}
        places = {name: type(inside[name])() for name in ("line", "again") if name in inside}
        return replace(value, **{**inside, **places})
    return value


def written(blocks: Sequence[sx.Block]) -> list[sx.Block]:
    """Blocks that a text can hold; a FUNCTION_TABLE is one line, not a block."""
    return [block for block in blocks if not any(isinstance(e, sx.LookUp) for s in block.body for e in expressions(s))]


def test_every_file_reads_back():
    for path in FILES:
        blocks = written(read_syntax(expand(read_text(path), path), path.name).blocks)
        again = read_syntax("NEURON { SUFFIX x }\n" + unparse(blocks), path.name).blocks
        assert bare(tuple(blocks)) == bare(again), path.name


@pytest.mark.parametrize(
    "text",
    [
        "a = b - (c - d)",
        "a = b - c - d",
        "a = b / (c * d)",
        "a = b / c * d",
        "a = (b + c) * d ^ 2",
        "a = (b ^ c) ^ d",
        "a = (-b) * c",
        "a = -(b * c)",
        "a = -(-b)",
        "a = !(b < c)",
        "a = (b < c) * d",
        "a = b < c && (c < d || d == 1)",
        "a = b < c && c < d || d != 1",
        "a = x[2 * (b - 1)]",
        "a = 1e-11 + 2.5 + 100000",
        "WHILE (a < 3) {\n    a = a + 1\n}",
        "FROM k = 0 TO 3 BY 2 {\n    x[k] = 0\n}",
        "IF (a) {\n    b = 1\n} ELSE {\n    IF (c) {\n        b = 2\n    }\n}",
    ],
)
def test_text_stays_as_it_is_with_the_brackets_that_count(text):
    assert "\n".join(unparse_body(read(block("PROCEDURE p()", text)).blocks["p"].body)) == text


def test_reactions_stay_as_they_are():
    text = "~ 2 m + n <-> s[1] (p, (q + 1))\n~ m -> (p)\n~ n << (a * b)\nCONSERVE m + 3 n = 1"
    assert "\n".join(unparse_body(read(block("KINETIC k", text)).blocks["k"].body)) == text
