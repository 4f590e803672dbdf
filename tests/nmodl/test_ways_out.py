"""Every way out that a finding of the translator names can be taken: what is written so is translated.

What is advised also builds in NEURON.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from jxneuron.errors import Findings
from jxneuron.nmodl import Translation, translate_all
from tests.nmodl.ways_out import TAKEN, Way
from validation.oracle import Source, ask

NMODL = Path(__file__).parents[2] / "jxneuron" / "nmodl"
# Where the way out comes in the calls that make a finding
PLACES = {"Finding": 2, "wrong": 2, "_refuse": 2, "Refused": 1, "refuse": -1}
# What no text above takes, and why
ELSEWHERE = {
    "Write it in NMODL without this construct": "it names no construct to write instead",
    "Call its functions from hoc, in NEURON.": "nothing is to be changed",
    "Put it into ": "a file beside the text: tests/nmodl/test_translate.py",
    "Remove one of the INCLUDE statements.": "a file beside the text: tests/nmodl/test_translate.py",
    "Write it in another way.": "NEURON's translator or its grammar fails without a word of what",
    "Write a unit without them.": "nothing else is to be changed",
    "Name one element of the array.": "the array without index is named before",
    "Name it in the TABLE statement, or compute it": "two ways, of which the file's meaning decides",
    "Split the mechanism, or leave it out (--without).": "thousands of lines: tests/nmodl/test_check_command.py",
    "Correct it until nrnivmodl takes the file.": "NEURON's translator says what is wrong",
}


@pytest.fixture(scope="module")
def results() -> Iterator[dict[Way, tuple[object, object]]]:
    texts = [(text, "x.mod") for way in TAKEN for text in (way.text, way.after)]
    found = iter(translate_all(texts))
    yield {way: (next(found), next(found)) for way in TAKEN}


@pytest.mark.parametrize("way", TAKEN, ids=lambda way: way.way_out)
def test_the_way_out_leads_out(results: dict[Way, tuple[object, object]], way: Way):
    before, after = results[way]
    assert isinstance(before, Findings)
    assert any(each.way_out.startswith(way.way_out) for each in before.findings), before
    assert isinstance(after, Translation), after


@pytest.mark.slow
def test_what_it_leads_to_builds_in_neuron():
    answers = ask([Source("x.mod", way.after.encode()) for way in TAKEN])
    assert [(way.way_out, each.said) for way, each in zip(TAKEN, answers, strict=True) if not each.builds] == []


def test_every_way_out_is_taken():
    """Whoever writes a finding with a new way out adds a text that takes it."""
    named = set(ways_out())
    assert len(named) >= 50
    known = (*(way.way_out for way in TAKEN), *ELSEWHERE)
    assert [text for text in sorted(named) if not covers(text, known)] == []


def test_every_reason_to_take_none_is_needed():
    assert [each for each in ELSEWHERE if not any(covers(text, [each]) for text in ways_out())] == []


def covers(text: str, known: Iterable[str]) -> bool:
    """Whether a way out is known; of one that ends in what depends on the file only the beginning is here."""
    return any(text.startswith(each) or (each.startswith(text) and text) for each in known)


def ways_out() -> Iterator[str]:
    """The beginning of each way out that the sources hold, up to what depends on the file."""
    trees = {path: ast.parse(path.read_text()) for path in sorted(NMODL.rglob("*.py"))}
    constants = {
        target.id: node.value.value
        for tree in trees.values()
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for tree in trees.values():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Assign)
                and isinstance(node.targets[0], ast.Name)
                and node.targets[0].id == "way_out"
            ):
                yield from beginning(node.value, constants)
            name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
            if isinstance(node, ast.Call) and name in PLACES and len(node.args) > max(PLACES[name], 1):
                if len(node.args) > 2 or getattr(node.args[0], "id", "") != "block":  # else a block, and what was found
                    yield from beginning(node.args[PLACES[name]], constants)


def beginning(argument: ast.expr, constants: dict[str, str]) -> Iterator[str]:
    if isinstance(argument, ast.Constant) and argument.value:
        yield str(argument.value)
    elif isinstance(argument, ast.JoinedStr):
        yield argument.values[0].value if isinstance(argument.values[0], ast.Constant) else ""  # pyright: ignore
    elif isinstance(argument, ast.IfExp):
        yield from beginning(argument.body, constants)
        yield from beginning(argument.orelse, constants)
    elif isinstance(argument, ast.Name | ast.Attribute):
        name = argument.id if isinstance(argument, ast.Name) else argument.attr
        yield from [constants[name]] if name in constants else []
