"""The table of passes: each once, after what it needs; what a pass removes never comes back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from jxneuron.nmodl.__main__ import main
from jxneuron.nmodl.frontend.grammar import read_syntax
from jxneuron.nmodl.frontend.include import expand, read_text
from jxneuron.nmodl.frontend.symbols import resolve
from jxneuron.nmodl.passes import PIPELINE, misplaced, stages
from jxneuron.nmodl.report import Report
from jxneuron.nmodl.syntax.visit import walk

FILES = sorted((Path(__file__).parents[2] / "mod").rglob("*.mod"))


def test_every_pass_is_registered_once_and_after_those_that_it_needs():
    assert misplaced(PIPELINE) == []


def test_a_pass_that_is_registered_twice_is_named():
    assert misplaced([*PIPELINE, PIPELINE[0]]) == [f"{PIPELINE[0].name} is registered twice"]


@pytest.mark.parametrize("one", [one for one in PIPELINE if one.needs], ids=lambda one: one.name)
def test_a_pass_out_of_its_order_is_named(one):
    others = [other for other in PIPELINE if other is not one]
    assert misplaced([one, *others])[: len(one.needs)] == [
        f"{one.name} needs {name}, which does not come before it" for name in one.needs
    ]


@pytest.mark.parametrize("one", PIPELINE, ids=lambda one: one.name)
def test_a_pass_is_in_the_file_that_is_called_like_it(one):
    assert one.rewrite.__module__ == f"jxneuron.nmodl.passes.{one.name}"


def test_what_a_pass_removes_is_gone_from_then_on():
    for path in FILES:
        file = read_syntax(expand(read_text(path), path), path.name)
        gone: tuple[type, ...] = ()
        for one, symbols in stages(resolve(file, Report(file))):
            gone += one.removes
            left = [s for block in symbols.blocks.values() for s in walk(block.body) if isinstance(s, gone)]
            assert left == [], (path.name, one.name)


def test_a_pass_that_runs_twice_changes_nothing_more():
    """But the two that name something anew: a FROM's counter and a cast."""
    for path in FILES:
        file = read_syntax(expand(read_text(path), path), path.name)
        for one, symbols in stages(resolve(file, Report(file))):
            if one.name not in ("called_derivatives", "cast_indices"):
                assert one.rewrite(symbols) == replace(symbols), (path.name, one.name)


@pytest.mark.parametrize("one", PIPELINE, ids=lambda one: one.name)
def test_a_pass_has_tests_of_its_own(one):
    assert (Path(__file__).parent / "passes" / f"test_{one.name}.py").is_file()


def test_the_command_prints_what_each_pass_changes(capsys, tmp_path):
    path = tmp_path / "x.mod"
    path.write_text('NEURON { SUFFIX x }\nASSIGNED { a }\nINITIAL {\nprintf("a")\nFROM a = 0 TO 1 { }\n}\n')
    assert main(["--stages", str(path)]) == 0
    printed = capsys.readouterr().out
    written = 'INITIAL {\n    printf("a")\n    FROM a = 0 TO 1 {\n    }\n}\n'
    assert printed.startswith(f": x.mod as it is written\n\n{written}")
    places = [printed.index(f"\n: {one.name}: {one.leaves}\n") for one in PIPELINE]
    assert places == sorted(places)
    assert ": scope_indices: " in printed and "FROM a_index1 = 0 TO 1" in printed
    assert printed.endswith(": nothing changes\n\n")


def test_a_wrong_file_has_no_stages(capsys, tmp_path):
    path = tmp_path / "x.mod"
    path.write_text("NEURON { SUFFIX x }\nINITIAL { a = = 1 }\n")
    assert main(["--stages", str(path)]) == 1
    assert "x.mod:2  " in capsys.readouterr().err
