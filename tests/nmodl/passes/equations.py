"""What a pass does, as equations of two texts: NMODL before, NMODL after.

In: the name of a pass and NMODL text. Out: the text that the pass leaves, after the passes that it needs.
"""

from __future__ import annotations

from textwrap import dedent, indent

from jxneuron.nmodl.frontend.grammar import read_syntax
from jxneuron.nmodl.frontend.symbols import Symbols, resolve
from jxneuron.nmodl.passes import PIPELINE, run_passes
from jxneuron.nmodl.report import Report
from jxneuron.nmodl.syntax.unparse import unparse

HEAD = """
NEURON { SUFFIX x  USEION ca READ cai, ica WRITE ica  RANGE a, b }
DEFINE SIZE 3
PARAMETER { p = 1  q = 2 }
ASSIGNED { v t dt celsius cai ica a b c d x[4] y[3] }
STATE { m n s[3] }
"""


def read(text: str) -> Symbols:
    """The blocks of a text, and what their names are in a file that declares those of ``HEAD``."""
    file = read_syntax(HEAD + dedent(text), "x.mod")
    return resolve(file, Report(file))


def needed(name: str) -> set[str]:
    """A pass and all that must have run before it."""
    own = next(one for one in PIPELINE if one.name == name)
    return {name}.union(*(needed(other) for other in own.needs))


def after(name: str, text: str) -> str:
    """The blocks of a text after a pass and those that it needs."""
    passes = [one for one in PIPELINE if one.name in needed(name)]
    return unparse(run_passes(read(text), passes).blocks.values())


def check(name: str, before: str, expected: str, head: str = "PROCEDURE p()") -> None:
    """Compare the body that a pass leaves in a block with the expected one."""
    assert after(name, block(head, before)) == block(head, expected)


def block(head: str, body: str) -> str:
    """A block of a body, indented as the unparser does."""
    lines = indent(dedent(body).strip("\n").rstrip(), "    ")
    return f"{head} {{\n{lines}\n}}\n" if lines else f"{head} {{\n}}\n"
