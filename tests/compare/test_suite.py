"""A folder of cases: one table, whatever its cases do; bad folders; an interrupt that leaves nothing behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from jxneuron.case import Case
from jxneuron.child import process
from jxneuron.compare import engines, suite, suite_report
from jxneuron.compare.__main__ import app
from jxneuron.errors import Finding, Unsupported
from tests.compare.compare_standin import shifted

KEYS = "name title source status reason findings max_dv kick worst_record of_tolerance spikes same_spikes one_step"


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setenv("COLUMNS", "160")
    return lambda *arguments: CliRunner().invoke(app, [str(each) for each in arguments])


@pytest.fixture
def folder(tmp_path: Path, model_file: Path) -> Path:
    """Two cases that run, one whose model quits, one that never ends, one damaged, one with a wrong key."""
    cases = tmp_path / "cases"
    cases.mkdir()
    load = f'cwd = "{model_file.parent}"\nload = ["{model_file.name}"]\n'
    (cases / "a_cell.toml").write_text(f'title = "A cell"\n{load}')
    (cases / "b_short.toml").write_text(f'title = "The same, shorter"\ntstop = 4\n{load}')
    (cases / "c_quits.toml").write_text('title = "Quits"\nbefore = ["create soma", "quit()"]\n')
    (cases / "d_hangs.toml").write_text('title = "Hangs"\nbefore = ["create soma", "while (1) {}"]\n')
    (cases / "e_damaged.toml").write_text('title = "no end')
    (cases / "f_wrong.toml").write_text('title = "Wrong key"\ntolerence = 1\nbefore = ["create soma"]\n')
    return cases


def test_one_table_with_every_case_and_its_reason(command: Any, standin: Any, folder: Path, tmp_path: Path) -> None:
    standin()
    table, page = tmp_path / "t.json", tmp_path / "t.html"
    done = command("--suite", folder, "--timeout", "6", "--json", table, "--html", page, "--jobs", "3")
    assert done.exit_code == 3, done.output
    rows = {row["name"]: row for row in json.loads(table.read_text())["cases"]}
    assert list(rows) == ["a_cell", "b_short", "c_quits", "d_hangs", "e_damaged", "f_wrong"]
    assert [row["status"] for row in rows.values()] == ["within"] * 2 + ["not comparable"] * 4
    first = rows["a_cell"]
    assert list(first)[: len(KEYS.split())] == KEYS.split()
    assert (first["title"], first["max_dv"], first["of_tolerance"], first["reason"]) == ("A cell", 0, 0, "")
    assert (first["spikes"], first["same_spikes"], first["ms"], first["one_step"]) == (1, True, 20, None)
    assert first["seconds"]["neuron"] > 0 and first["segments"] == 3
    reasons = {
        "c_quits": "called quit()",
        "d_hangs": "did not end within 6 s",
        "e_damaged": "not a TOML file",
        "f_wrong": "did you mean tolerance",
    }
    text = page.read_text()
    for name, reason in reasons.items():
        assert reason in rows[name]["reason"] and "\n" not in rows[name]["reason"]
        assert re.search(f"! {name}: .*{re.escape(reason)}", done.output)
    assert text.count("data:image/svg+xml;base64,") == 2 and "did not end within 6 s" in text
    assert "6 cases: 2 within, 4 not comparable" in done.output and "Traceback" not in done.output


def test_a_case_beyond_names_its_record(command: Any, standin: Any, folder: Path) -> None:
    standin(shifted(1e-6, after=3.0))
    for name in ("c_quits", "d_hangs", "e_damaged", "f_wrong"):
        (folder / f"{name}.toml").unlink()
    done = command("--suite", folder)
    assert done.exit_code == 1
    assert re.search(r"! a_cell: \w+\([\d.]+\)\.v: differs by 1e-06, tolerance .* from 3 ms on", done.output), (
        done.output
    )


def test_one_case_that_fails_leaves_the_others_children_alone(
    standin: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The import of one case is refused, which ends its own NEURON, while another case's NEURON runs."""
    standin()
    runs = engines.run_ours

    def refuses(case: Case, *arguments: Any, **keys: Any) -> Any:
        if case.title == "Hangs":
            time.sleep(0.3)
            raise Unsupported([Finding("a.mod:7", "POINTER", "set it"), Finding("b.mod:1", "WATCH <x>")])
        return runs(case, *arguments, **keys)

    monkeypatch.setattr(engines, "run_ours", refuses)
    rows = suite.run([folder / "d_hangs.toml", folder / "a_cell.toml"], jobs=2, timeout=60)
    assert [row.reason for row in rows] == ["a.mod:7: POINTER; set it (and 1 more)", ""]
    assert [each["place"] for each in rows[0].json["findings"]] == ["a.mod:7", "b.mod:1"]
    page = suite_report.render(rows, "cases")
    assert page.count('<ul class="findings">') == 1 and "<b>b.mod:1</b>  WATCH &lt;x&gt;" in page
    assert rows[1].status == "within"


def test_keys_of_the_command_line_go_to_every_case(standin: Any, folder: Path) -> None:
    standin()
    rows = suite.run([folder / "a_cell.toml", folder / "b_short.toml"], timeout=60, tstop=2.0)
    assert [row.ms for row in rows] == [2.0, 2.0] and suite.exit_code(rows) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "there is no such folder"),
        (["EMPTY"], "there is no case (*.toml) in this folder"),
        (["TWICE"], "a.toml and b.toml have the same title, 'cell'"),
        (["FILE"], "this is a file"),
        (["CASES", "model.hoc"], "takes a folder of cases, and no model"),
        (["CASES", "--jobs", "0"], "--jobs must be 1 or more"),
        (["CASES", "--json", "nowhere/t.json"], "there is no folder"),
        (["CASES", "--html", "/dev/fd/t.html"], "cannot be written"),
    ],
)
def test_usage_errors(
    command: Any, standin: Any, folder: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    standin()
    for name in ("c_quits", "d_hangs", "e_damaged", "f_wrong"):
        (folder / f"{name}.toml").unlink()
    (tmp_path / "empty").mkdir()
    (tmp_path / "twice").mkdir()
    for name in "ab":
        (tmp_path / "twice" / f"{name}.toml").write_text('title = "cell"\n')
    places = {"EMPTY": tmp_path / "empty", "TWICE": tmp_path / "twice", "FILE": folder / "a_cell.toml", "CASES": folder}
    done = command("--suite", *(places.get(each, each) for each in arguments))
    assert done.exit_code == 2, done.output
    assert message in done.output + done.stderr and "Traceback" not in done.output + done.stderr


def test_an_interrupt_leaves_no_table_and_no_child(tmp_path: Path) -> None:
    """Two cases that never end; the marker in their environment finds every process of theirs."""
    for name in "ab":
        (tmp_path / f"{name}.toml").write_text(f'title = "{name}"\nbefore = ["create soma", "while (1) {{}}"]\n')
    table, marker = tmp_path / "t.json", f"JXNEURON_SUITE_TEST={tmp_path}"
    # Where the tests run in the background of a shell, they and their children are deaf to an interrupt
    hearing = (
        "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
        "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    )
    suite_of = ["-m", "jxneuron.compare", "--suite", str(tmp_path), "--json", str(table), "--jobs", "2"]
    started = subprocess.Popen(
        [sys.executable, "-c", hearing, *suite_of],
        env={**os.environ, marker.split("=")[0]: marker.split("=")[1]},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        _until(lambda: len(_processes(marker)) >= 4)
        started.send_signal(signal.SIGINT)
        _, said = started.communicate(timeout=30)
    finally:
        started.kill()
    assert started.returncode == 130 and "stopped; nothing was written" in said and "Traceback" not in said
    assert not list(tmp_path.glob("*t.json*"))
    _until(lambda: not _processes(marker))


def test_an_interrupt_while_cases_are_handed_in_ends_those_that_run(
    monkeypatch: pytest.MonkeyPatch, folder: Path, tmp_path: Path
) -> None:
    codes: list[int | None] = []
    hand_in = ThreadPoolExecutor.submit

    def endless(path: Path, **keys: Any) -> suite.Row:
        command = [sys.executable, "-c", "while True: pass"]
        codes.append(process.run_command(command, cwd=tmp_path, timeout=20).code)
        return suite.Row(path.stem, "")

    def submit(pool: ThreadPoolExecutor, *given: Any) -> Any:
        if given[-1].stem == "b_short":
            _until(lambda: bool(process._RUNNING))
            raise KeyboardInterrupt
        return hand_in(pool, *given)

    monkeypatch.setattr(suite, "row", endless)
    monkeypatch.setattr(ThreadPoolExecutor, "submit", submit)
    with pytest.raises(KeyboardInterrupt):
        suite.run([folder / "a_cell.toml", folder / "b_short.toml"], jobs=2)
    assert codes == [-signal.SIGKILL]


def _until(is_so: Callable[[], bool]) -> None:
    limit = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < limit, "not within a minute"
        time.sleep(0.1)


def _processes(marker: str) -> list[int]:
    """Processes that have this in their environment."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if marker.encode() in (place / "environ").read_bytes():
                found.append(int(place.name))
        except OSError:
            continue
    return found
