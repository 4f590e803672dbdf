"""``--check``: the table, the exit code, the JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from jxneuron.errors import NmodlError, Unsupported
from jxneuron.nmodl import Translation, translate_all
from jxneuron.nmodl.__main__ import main
from jxneuron.nmodl.check import MOST, check, find_files, shorten_paths

ROOT = Path(__file__).resolve().parents[2]
GOOD = "NEURON { SUFFIX fine NONSPECIFIC_CURRENT i }\nASSIGNED { v i }\nBREAKPOINT { i = 1e-5*(v + 60) }\n"
REFUSED = (
    "NEURON { POINT_PROCESS far NONSPECIFIC_CURRENT i }\nASSIGNED { v i }\n"
    "BREAKPOINT { i = 0\nVERBATIM\ni = strtod(0);\nENDVERBATIM\n}\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deep").mkdir()
    (tmp_path / "fine.mod").write_text(GOOD)
    (tmp_path / "deep" / "far.mod").write_text(REFUSED)
    (tmp_path / "deep" / "latin.mod").write_bytes(
        GOOD.replace("fine", "latin").encode() + b"COMMENT\ncaf\xe9\nENDCOMMENT\n"
    )
    (tmp_path / "deep" / "torn.mod").write_text("NEURON { SUFFIX torn\n")
    return tmp_path


def test_each_file_has_a_verdict_and_findings_with_lines(folder: Path):
    found = {Path(each.file).name: each for each in check(find_files([folder]))}
    assert (found["fine.mod"].verdict, found["fine.mod"].name, found["fine.mod"].kind) == (
        "translated",
        "fine",
        "density",
    )
    assert found["latin.mod"].verdict == "translated"
    assert found["torn.mod"].verdict == "wrong"
    assert found["far.mod"].verdict == "refused"
    assert [finding.place for finding in found["far.mod"].findings] == ["far.mod:4"]
    assert found["far.mod"].findings[0].way_out


def test_a_missing_file_is_one_finding_among_others(folder: Path):
    found = check([folder / "none.mod", folder / "fine.mod"])
    assert [each.verdict for each in found] == ["wrong", "translated"]
    assert "No such file" in found[0].findings[0].found


def test_a_folder_without_files_is_said(tmp_path: Path):
    with pytest.raises(NmodlError, match=r"no \.mod file"):
        find_files([tmp_path])


def test_files_given_twice_count_once(folder: Path):
    assert len(find_files([folder, folder / "fine.mod"])) == 4


def test_exit_codes_and_table(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["--check", str(folder / "fine.mod")]) == 0
    assert "1 file: 1 translated, 0 refused" in capsys.readouterr().out
    assert main(["--check", str(folder)]) == 1
    printed = capsys.readouterr().out
    assert "4 files: 2 translated, 1 refused, 1 wrong" in printed
    assert "far.mod:4" in printed


@pytest.mark.parametrize("columns", [80, 45])
def test_what_is_found_is_wrapped_and_indented(folder: Path, capsys, monkeypatch, columns: int):
    monkeypatch.setenv("COLUMNS", str(columns))
    main(["--check", str(folder)])
    printed = capsys.readouterr().out
    assert all(len(line) <= columns and line == line.rstrip() for line in printed.splitlines())
    at = printed.index("  far.mod:4  VERBATIM C code: i = strtod(0);\n")
    way_out, _, _ = printed[at:].partition("\n\n")
    assert " ".join(way_out.split()).endswith("or leave the mechanism out (--without).")
    assert all(line.startswith("    ") for line in way_out.splitlines()[1:])
    assert "translated  density  fine   fine.mod\n" in printed


def test_markup_in_names_and_findings_is_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "a[red]b.mod"
    path.write_text(GOOD.replace("1e-5*(v + 60)", "[bold]"))
    main(["--check", str(path)])
    printed = capsys.readouterr().out
    assert printed.startswith("wrong") and "a[red]b.mod\n" in printed and "[bold]" in printed


def test_names_are_told_apart_by_the_folders_they_do_not_share():
    assert shorten_paths(["/a/b/x.mod", "/a/c/x.mod"]) == ["b/x.mod", "c/x.mod"]
    assert shorten_paths(["/a/b/x.mod"]) == ["x.mod"] and shorten_paths([]) == []


def test_of_a_thousand_findings_some_are_printed_and_all_are_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    lines = [line for k in range(1000) for line in ("VERBATIM", f"a = own({k});", "ENDVERBATIM")]
    path = tmp_path / "many.mod"
    path.write_text("\n".join(["NEURON { SUFFIX many }", "ASSIGNED { v a }", "INITIAL {", *lines, "}"]))
    assert main(["--check", str(path)]) == 1
    printed = capsys.readouterr().out
    assert printed.count("VERBATIM C code") == MOST and f"and {1000 - MOST} more findings" in printed
    assert main(["--check", "--json", str(path)]) == 1
    places = [each["place"] for each in json.loads(capsys.readouterr().out)["files"][0]["findings"]]
    assert places == [f"many.mod:{4 + 3 * k}" for k in range(1000)]


def test_json_holds_every_finding(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["--check", "--json", str(folder)]) == 1
    files = json.loads(capsys.readouterr().out)["files"]
    refused = next(each for each in files if each["verdict"] == "refused")
    assert refused["findings"][0]["place"] == "far.mod:4"
    assert {each["verdict"] for each in files} == {"translated", "refused", "wrong"}


def test_our_own_files_translate(capsys: pytest.CaptureFixture[str]):
    assert main(["--check", str(ROOT / "mod" / "phases")]) == 0, capsys.readouterr().out


def test_no_folder_and_nothing_to_do_is_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["--check", str(tmp_path)]) == 2
    assert "no .mod file" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--mutate", "2"], ["--check", "--mutate", "2"], ["--verify", "--mutate", "-1"]])
def test_mutants_are_verified_or_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    assert main(["none.mod", *arguments]) == 2
    assert "goes with --verify" in capsys.readouterr().err


def test_a_file_of_functions_only_is_no_obstacle(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "fine.mod").write_text(GOOD)
    (tmp_path / "tools.mod").write_text("NEURON { SUFFIX nothing }\nFUNCTION twice(x) { twice = 2*x }\n")
    assert main(["--check", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert re.search(r"^functions +tools.mod$", printed, re.MULTILINE)
    assert printed.endswith("2 files: 1 translated, 1 functions, 0 refused\n")


def test_a_text_of_too_many_names_is_refused_in_one_line_and_one_of_many_comments_is_not():
    statements = "\n".join(f"a = a + {k}*v" for k in range(10_000))
    text = f"NEURON {{ SUFFIX x RANGE a }}\nASSIGNED {{ a v }}\nINITIAL {{ a = 0\n{statements}\n}}\n"
    comments, refused = translate_all([(":\n" * 100_000 + "NEURON { SUFFIX x }\n", "y.mod"), (text, "x.mod")])
    assert isinstance(comments, Translation)
    assert isinstance(refused, Unsupported)
    assert [each.found for each in refused.findings] == [
        "30,010 names and keywords: files with more than 30,000 are not read"
    ]
