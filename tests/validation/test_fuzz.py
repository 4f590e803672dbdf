"""Edited files: the same ones each time, and none of a fixed sample is read wrongly."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.validation import fuzz_standin
from validation import oracle
from validation.fuzz import inputs, judge
from validation.fuzz.__main__ import app

SAMPLE = {"mod": 30, "swc": 100, "asc": 60, "toml": 200}


@pytest.mark.parametrize("kind", inputs.KINDS)
def test_a_sample_is_read_as_it_must_be(kind: str) -> None:
    found = judge.readings(kind, 0, range(SAMPLE[kind]), workers=2, done=lambda count: None)
    assert [each.number for each in found] == list(range(SAMPLE[kind]))
    assert [each for each in found if each.failed] == []
    done, *others = ("translated", "wrong", "refused") if kind == "mod" else ("read", "refused")
    assert {done} < {each.verdict for each in found} <= {done, *others}


def test_an_input_is_the_same_each_time_and_differs_from_its_original() -> None:
    made = [inputs.make("swc", 3, number) for number in range(50)]
    assert made == [inputs.make("swc", 3, number) for number in range(50)]
    assert made != [inputs.make("swc", 4, number) for number in range(50)]
    originals = dict(inputs.originals("swc"))
    assert sum(each.data != originals[each.original] for each in made) > 45
    assert {len(each.edits) for each in made} == {1, 2, 3}


def test_each_way_to_fail_is_laid_to_its_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "WORKER", "tests.validation.fuzz_standin")
    numbers = range(len(fuzz_standin.WAYS))
    found = judge.readings("toml", 0, numbers, workers=1, done=lambda count: None)
    assert [each.number for each in found] == list(numbers)
    failed = [each.failed for each in found]
    assert failed[0] == failed[6] == ""
    assert [found[0].verdict, found[6].verdict] == ["read", "read"]
    assert failed[1].startswith("KeyError in ")
    assert failed[2] == "reading crashed: SIGABRT (Aborted)"
    assert failed[3].startswith("reading crashed: SIGPROF ")
    assert "in read" in found[3].said
    assert failed[4].startswith("MemoryError in ")
    assert failed[5].startswith("RuntimeWarning in ")


def test_verdicts_are_held_against_those_of_neurons_tools() -> None:
    def judged(verdict: str, answer: oracle.Answer) -> str:
        return judge.judged(judge.Reading(0, verdict), answer).failed

    builds, nocmodl, compiler = oracle.Answer(), oracle.Answer("nocmodl", "x"), oracle.Answer("compiler", "x")
    assert judged("translated", builds) == judged("wrong", nocmodl) == judged("wrong", compiler) == ""
    assert judged("translated", nocmodl) == "translated, although nocmodl stops"
    assert judged("translated", compiler) == "translated, although the C++ compiler stops"
    assert judged("wrong", builds) == "called wrong, although it builds"


def test_the_command_shows_and_keeps_what_failed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(judge, "WORKER", "tests.validation.fuzz_standin")
    one = ["--kind", "toml", "--seed", "0", "--first", "1", "--count", "1", "--keep", str(tmp_path)]
    done = CliRunner().invoke(app, one)
    assert done.exit_code == 1
    assert "python -m validation.fuzz --kind toml --seed 0 --first 1 --count 1" in done.output
    assert "KeyError: 'missing'" in done.output
    assert (tmp_path / "0-1.toml").read_bytes() == inputs.make("toml", 0, 1).data
    assert CliRunner().invoke(app, [*one[:4], "--count", "1"]).exit_code == 0
    assert CliRunner().invoke(app, ["--kind", "hoc"]).exit_code == 2
