"""The command: exit codes, messages and files, with NEURON's own run (altered) standing in for ours."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from jxneuron import compare as library
from jxneuron.compare import __main__, diagnose
from jxneuron.compare.__main__ import app
from jxneuron.compare.diagnose import Defect, Diagnosis
from jxneuron.errors import Finding, NonFinite, Unsupported
from tests.compare.compare_standin import shifted, tiny_model


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setenv("COLUMNS", "160")
    return lambda *arguments: CliRunner().invoke(app, [str(each) for each in arguments])


def test_equal_traces_are_within(command: Any, standin: Any, model_file: Path, tmp_path: Path) -> None:
    standin()
    report, page = tmp_path / "r.json", tmp_path / "r.html"
    done = command(model_file, "--json", report, "--html", page)
    assert done.exit_code == 0, done.output
    assert re.search(r"soma\(0\.5\)\.v +0 +0 +- +1e-09 +1 = 1", done.output)
    data = json.loads(report.read_text())
    assert list(data) == ["case", "status", "records", "trains", "findings", "seconds", "sizes"]
    assert (data["case"], data["status"], data["findings"]) == ("cell", "within", [])
    wanted = ["name", "max_abs", "rms", "kick", "spikes_neuron", "spikes_jxneuron", "first_divergence_ms"]
    assert [list(record) for record in data["records"]] == [wanted, wanted]
    assert [record["name"] for record in data["records"]] == ["soma(0.5).v", "dend(1).v"]
    assert len(data["records"][0]["spikes_neuron"]) == 1 and data["records"][0]["kick"] is None
    assert list(data["seconds"]) == ["neuron", "jxneuron", "compile"] and data["sizes"]["steps"] == 800
    text = page.read_text()
    assert text.count("data:image/svg+xml;base64,") == 3
    assert not re.search(r"(src|href)=\"?(http|/)", text)


def test_a_planted_fault_is_seen(command: Any, standin: Any, model_file: Path, tmp_path: Path) -> None:
    standin(shifted(1e-6, after=5.0))
    done = command(model_file, "--json", tmp_path / "r.json")
    assert done.exit_code == 1
    assert "beyond" in done.output and "100 x NEURON's own answer to a kick" in done.output
    record = json.loads((tmp_path / "r.json").read_text())["records"][0]
    assert record["max_abs"] == pytest.approx(1e-6, rel=1e-6) and record["first_divergence_ms"] == pytest.approx(5.0)
    assert 1e-13 < record["kick"] < 1e-9


def test_a_case_beyond_offers_its_diagnosis(
    command: Any, standin: Any, model_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    standin(shifted(1e-6, after=5.0))
    defect = Defect("hh", "m", "soma(0.5)", "states", 3e-4, 2e-4, 0.6, 0.6002, 40, 1.025, "m = wrong")
    asked: list[Any] = []

    def diagnosis(case: Any, **keys: Any) -> Diagnosis:
        asked.append(keys)
        return Diagnosis((defect,), defect, (0, 40))

    monkeypatch.setattr(diagnose, "diagnose", diagnosis)
    silent = command(model_file)
    assert "--diagnose finds the variable" in silent.output and not asked
    monkeypatch.setattr(__main__, "_is_wanted", lambda: True)
    done = command(model_file)
    assert done.exit_code == 1 and "m = wrong" in done.output and len(asked) == 1
    assert asked[0]["around"] == pytest.approx([5.0])
    chosen = command(model_file, "--steps", "7,40")
    assert "m = wrong" in chosen.output and list(asked[1]["steps"]) == [7, 40]
    assert command(model_file, "--steps", "first").exit_code == 2


def test_rounding_is_within_without_a_kick(standin: Any, model_file: Path) -> None:
    standin(shifted(5e-10))
    result = library.compare(model_file)
    assert result.ok and result.table["kick"].isna().all()
    assert result.table.loc["soma(0.5).v", "max_abs"] == pytest.approx(5e-10, rel=1e-3)


def test_a_cases_own_tolerance_prints_why(command: Any, standin: Any, model_file: Path) -> None:
    standin(shifted(1e-5))
    done = command(model_file, "--tolerance", "1e-4", "--why", "chaotic network")
    assert done.exit_code == 0 and "1e-04 mV, the case's own: chaotic network" in done.output.replace("0.0001", "1e-04")


def test_not_a_number_in_neuron_comes_first(command: Any, standin: Any, tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text(
        "from neuron import h\nsoma = h.Section(name='soma')\nsoma.insert('pas')\n"
        "soma(0.5).pas.e = float('nan')\nh.tstop = 1\n"
    )
    standin()
    done = command(path, "--json", tmp_path / "r.json")
    assert done.exit_code == 1
    data = json.loads((tmp_path / "r.json").read_text())
    assert data["status"] == "beyond" and data["records"][0]["max_abs"] is None
    assert data["findings"][0]["found"] == "NEURON: soma(0.5).v is not a number from 0.025 ms on"


def test_not_a_number_in_ours(command: Any, standin: Any, model_file: Path) -> None:
    standin(error=NonFinite("not a number at step 3 (t = 0.075 ms): m of mechanism hh in soma(0.5)"))
    done = command(model_file)
    assert done.exit_code == 1
    assert "jxneuron: not a number at step 3" in done.output and "NEURON's records are numbers" in done.output


def test_a_refused_import_lists_every_finding(command: Any, standin: Any, model_file: Path, tmp_path: Path) -> None:
    findings = [Finding("soma(0.5)", "ExpSyn", "--without synapses"), Finding("a.mod:7", "POINTER")]
    standin(error=Unsupported(findings))
    done = command(model_file, "--json", tmp_path / "r.json", "--html", tmp_path / "r.html")
    assert done.exit_code == 3
    assert "a.mod:7" in done.output and "--without synapses" in done.output and "Traceback" not in done.output
    data = json.loads((tmp_path / "r.json").read_text())
    assert data["status"] == "not comparable" and len(data["findings"]) == 2 and data["records"] == []
    assert "a.mod:7" in (tmp_path / "r.html").read_text()


def test_a_model_at_rest_proves_nothing(command: Any, standin: Any, tmp_path: Path) -> None:
    path = tmp_path / "still.hoc"
    path.write_text("create soma\naccess soma\ninsert pas\ne_pas = -65\ntstop = 2\n")
    standin()
    done = command(path)
    assert done.exit_code == 3 and "nothing moved by 1 mV" in done.output


def test_a_clamped_voltage_draws_a_warning(standin: Any, model_file: Path) -> None:
    standin(model=tiny_model(clamp=True))
    result = library.compare(model_file)
    assert result.ok
    assert [(f.place, f.found) for f in result.findings] == [
        ("soma(0.5).v", "SEClamp[0] holds this voltage, so that no mechanism can move it")
    ]


@pytest.mark.parametrize(
    ("nmodl", "factor"),
    [
        ("BREAKPOINT { SOLVE states METHOD derivimplicit }", 1000),
        ("BREAKPOINT { SOLVE states METHOD cnexp } : METHOD derivimplicit", 100),
        ("COMMENT\nMETHOD derivimplicit\nENDCOMMENT\nBREAKPOINT { SOLVE s METHOD sparse }", 100),
    ],
)
def test_derivimplicit_widens_the_tolerance(standin: Any, model_file: Path, nmodl: str, factor: float) -> None:
    standin(shifted(1e-6), model=tiny_model(nmodl=nmodl))
    result = library.compare(model_file)
    row = result.table.loc["soma(0.5).v"]
    assert row["tolerance"] == pytest.approx(max(1e-9, factor * row["kick"]))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("quit()", "it called quit() or exit()"),
        ("while (1) {}", "did not end within 4 s"),
        ("soma.nonsense = 1", "nonsense not a section variable"),
    ],
)
def test_a_failing_model_is_not_comparable(
    command: Any, standin: Any, model_file: Path, tmp_path: Path, text: str, message: str
) -> None:
    standin()
    model_file.write_text(model_file.read_text() + text + "\n")
    done = command(model_file, "--json", tmp_path / "r.json", "--timeout", "4")
    assert done.exit_code == 3 and message in done.output and "Traceback" not in done.output
    assert json.loads((tmp_path / "r.json").read_text())["status"] == "not comparable"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "nothing to compare"),
        (["nowhere.hoc"], "nowhere.hoc: there is no such file"),
        (["MODEL", "--dt", "nan"], "dt: must be a finite number, not nan"),
        (["MODEL", "--dt", "x"], "Invalid value for '--dt'"),
        (["MODEL", "--record", "soma(2).v"], "position 2 is outside 0..1"),
        (["MODEL", "--stim", "soma(0.5),1,2"], "write it as 'soma(0.5),delay,dur,amp'"),
        (["MODEL", "--tolerance", "1e-3"], "needs a 'why'"),
        (["MODEL", "--mod", "nowhere"], "there is no such folder of .mod files"),
        (["MODEL", "--json", "nowhere/r.json"], "there is no folder"),
        (["MODEL", "--html", "."], "this is a folder"),
        (["MODEL", "--timeout", "0"], "--timeout must be greater than 0"),
        (["MODEL", "--colour"], "No such option"),
    ],
)
def test_usage_errors(command: Any, model_file: Path, arguments: list[str], message: str) -> None:
    done = command(*(model_file if each == "MODEL" else each for each in arguments))
    assert done.exit_code == 2, done.output
    assert message in done.output + done.stderr and "Traceback" not in done.output + done.stderr


def test_a_missing_compiler_is_one_message(
    command: Any, standin: Any, model_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    standin()
    (tmp_path / "x.mod").write_text("NEURON { SUFFIX x }\n")
    monkeypatch.setenv("JXNEURON_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    done = command(model_file, "--mod", tmp_path)
    assert done.exit_code == 3 and "needs g++ and make" in done.output


def test_a_report_that_cannot_be_written_is_one_message(command: Any, standin: Any, model_file: Path) -> None:
    """/dev/fd lets no file be made in it, whoever asks."""
    standin()
    done = command(model_file, "--json", "/dev/fd/report.json")
    assert done.exit_code == 2, done.output
    assert "--json /dev/fd/report.json: " in done.output + done.stderr
    assert "cannot be written" in done.output + done.stderr and "Traceback" not in done.output + done.stderr


def test_traceback_is_shown_when_asked_for(command: Any, standin: Any, model_file: Path) -> None:
    standin()
    model_file.write_text("quit()\n")
    done = command(model_file, "--traceback")
    assert done.exit_code == 3 and "Traceback" in done.output + done.stderr


def test_a_fault_of_our_own_is_no_success(command: Any, standin: Any, model_file: Path) -> None:
    standin(error=IndexError("list index out of range"))
    done = command(model_file)
    assert done.exit_code == 3 and "IndexError('list index out of range')" in done.output + done.stderr
    assert "Traceback" not in done.output + done.stderr


def test_list_shows_the_demo(command: Any) -> None:
    done = command("--list")
    assert done.exit_code == 0 and "demo" in done.output


def test_flags_override_a_case(standin: Any, model_file: Path) -> None:
    standin()
    toml = model_file.with_suffix(".toml")
    toml.write_text(f'title = "from a file"\nload = ["{model_file.name}"]\ntstop = 3\nrecord = ["soma(0.5).v"]\n')
    result = library.compare(toml, tstop=4.0)
    assert result.case.title == "from a file" and result.sizes["steps"] == 160
    assert list(result.table.index) == ["soma(0.5).v"] and np.isfinite(result.table["max_abs"]).all()
