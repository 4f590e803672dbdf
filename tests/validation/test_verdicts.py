"""Nothing is called wrong that NEURON's tools take, nothing is translated that they do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from jxneuron.errors import Finding
from jxneuron.nmodl import check
from jxneuron.nmodl.check import Checked
from validation import oracle, verdicts
from validation.oracle import Answer
from validation.verdicts import Pair

STOPS = Answer("compiler", "x.cpp:1: error: no")


def pair(ours: str, theirs: Answer) -> Pair:
    return Pair("x.mod", Checked("x.mod", ours, findings=(Finding("x.mod:2", "why"),)), theirs)


def test_the_sample_has_no_disagreement() -> None:
    paths = verdicts.sample()
    assert len(set(paths)) == 40
    pairs = verdicts.compare(paths)
    assert [each for each in pairs if each.disagree] == []
    assert {each.ours.verdict for each in pairs} == {"translated", "refused"}


def test_what_is_a_disagreement() -> None:
    found = {
        (ours, theirs.builds): pair(ours, theirs).disagree for ours in verdicts.OURS for theirs in (Answer(), STOPS)
    }
    assert found == {
        ("translated", True): False,
        ("translated", False): True,
        ("refused", True): False,
        ("refused", False): False,
        ("wrong", True): True,
        ("wrong", False): False,
        ("functions", True): False,
        ("functions", False): False,
        ("failed", True): True,
        ("failed", False): True,
    }


def test_both_sides_are_shown_and_counted(monkeypatch, capsys) -> None:
    pairs = [pair("translated", STOPS), pair("wrong", Answer()), pair("refused", Answer())]
    verdicts.show(pairs, Console(width=100, color_system=None))
    out = capsys.readouterr().out
    assert "translated, but compiler stops: x.mod\n  x.mod:2  why\n  compiler: x.cpp:1: error: no\n" in out
    assert "wrong, but builds: x.mod" in out
    assert out.endswith("3 files, 2 disagreements\n")


def test_the_exit_code_tells_of_disagreements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.mod").write_text("NEURON { SUFFIX x }\n")
    assert verdicts.main([str(tmp_path)]) == 0
    monkeypatch.setattr(oracle, "ask", lambda sources: [STOPS for _ in sources])
    assert verdicts.main([str(tmp_path)]) == 1


def test_a_fault_is_shown_and_costs_only_its_own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "bad", "two"):
        (tmp_path / f"{name}.mod").write_text(f"NEURON {{ SUFFIX {name} }}\n")
    checked = check.check

    def failing(paths: list[Path]) -> list[Checked]:
        if any(path.stem == "bad" for path in paths):
            raise KeyError("bad")
        return checked(paths)

    monkeypatch.setattr(check, "check", failing)
    found = {Path(each.file).stem: each.ours for each in verdicts.compare(sorted(tmp_path.iterdir()))}
    assert {name: each.verdict for name, each in found.items()} == {
        "one": "translated",
        "bad": "failed",
        "two": "translated",
    }
    assert found["bad"].findings[0].found == "KeyError: 'bad'"
