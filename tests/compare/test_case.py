"""Cases: every wrong key and value is one clear message; paths and placeholders."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jxneuron import case
from jxneuron.errors import ModelError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.hoc").write_text("create soma\n")
    (tmp_path / "mods").mkdir()
    return tmp_path


def make(folder: Path, **keys: Any) -> case.Case:
    return case.make({"load": ["model.hoc"], "cwd": str(folder), **keys})


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"tolerence": 1e-6}, "unknown key 'tolerence'; did you mean tolerance"),
        ({"xyzzy": 1}, "unknown key 'xyzzy'; the keys are title, "),
        ({"dt": math.nan}, "dt: must be a finite number, not nan"),
        ({"dt": -0.1}, "dt: must be greater than 0, not -0.1"),
        ({"dt": "0.1"}, "dt: must be a number"),
        ({"tstop": 0}, "tstop: must be greater than 0, not 0"),
        ({"celsius": math.inf}, "celsius: must be a finite number, not inf"),
        ({"dt": 10**400}, "dt: must be a finite number, not inf"),
        ({"stim": [{"at": "soma(0.5)", "delay": 10**400, "dur": 1, "amp": 1}]}, "stim: delay must be a finite number"),
        ({"v_init": True}, "v_init: must be a number"),
        ({"title": 3}, "title: must be a text"),
        ({"mod": [3]}, "mod: must be a list of texts"),
        ({"record": ["soma(1.5).v"]}, "record: 'soma(1.5).v': position 1.5 is outside 0..1"),
        ({"record": ["soma(nan).v"]}, "record: 'soma(nan).v': position nan is outside 0..1"),
        ({"record": ["soma(x).v"]}, "record: 'soma(x).v': 'x' is not a position between 0 and 1"),
        ({"record": ["soma"]}, "record: record 'soma': write it as"),
        ({"stim": [{"at": "soma(-0.1)", "delay": 0, "dur": 1, "amp": 1}]}, "position -0.1 is outside 0..1"),
        ({"stim": [{"at": "soma", "delay": 0, "dur": 1, "amp": 1}]}, "write it as soma(0.5)"),
        ({"stim": [{"at": "soma(0.5)", "delay": 0, "dur": 1}]}, "needs exactly the keys at, delay, dur, amp"),
        ({"stim": [{"at": "soma(0.5)", "delay": 0, "dur": 1, "amp": math.nan}]}, "amp must be a finite number"),
        ({"stim": [{"at": "soma(0.5)", "delay": -1, "dur": 1, "amp": 1}]}, "delay must not be negative"),
        ({"tolerance": 1e-6}, "a tolerance of its own needs a 'why'"),
        ({"init": " "}, "init is empty"),
        ({"load": []}, "nothing to load"),
        ({"load": ["other.hoc"]}, "load: there is no file"),
        ({"cwd": "/does/not/exist"}, "there is no such folder"),
        ({"cwd": "x" * 300}, "there is no such folder"),
        ({"cwd": "x\0"}, "cwd: must not hold a NUL character"),
        ({"mod": ["x" * 300]}, "there is no such folder of .mod files"),
        ({"mod": ["x\0"]}, "mod: must not hold a NUL character"),
        ({"mod": ["~no_one_has_this_name/x"]}, "~no_one_has_this_name/x: Could not determine home directory"),
        ({"load": ["x" * 300]}, "load: there is no file"),
        ({"mod": ["{package:no_such_package_here}/mod"]}, "the package no_such_package_here is not installed"),
        ({"mod": ["{package:__main__}/mod"]}, "the package __main__ is not installed"),
    ],
)
def test_wrong_values_are_told(folder: Path, keys: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError) as caught:
        make(folder, **keys)
    assert message in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_all_problems_at_once(folder: Path) -> None:
    with pytest.raises(ModelError) as caught:
        make(folder, dt=-1, tstop=math.nan, colour="red")
    assert len(str(caught.value).splitlines()) == 3


def test_a_file_is_named_in_its_messages(folder: Path) -> None:
    (folder / "bad.toml").write_text('load = ["model.hoc"]\ntstopp = 3\n')
    with pytest.raises(ModelError, match=r"bad\.toml: unknown key 'tstopp'; did you mean tstop"):
        case.read(folder / "bad.toml")
    (folder / "broken.toml").write_bytes(b"load = [\xff")
    with pytest.raises(ModelError, match=r"broken\.toml: not a TOML file"):
        case.read(folder / "broken.toml")
    with pytest.raises(ModelError, match="there is no such file"):
        case.read(folder / "none.toml")
    with pytest.raises(ModelError, match=r"a model is a \.hoc or \.py file"):
        case.read(_touch(folder / "model.txt"))


@pytest.mark.parametrize("text", ["dt = 1" + "0" * 5000, "mod = " + "[" * 3000, "dt = 1\ndt = 2", "\ufeff", "\0"])
def test_what_is_no_toml_is_told(folder: Path, text: str) -> None:
    (folder / "broken.toml").write_text(text)
    with pytest.raises(ModelError, match=r"broken\.toml: not a TOML file: "):
        case.read(folder / "broken.toml")
    with pytest.raises(ModelError, match=r"broken\.toml: not a TOML file: "):
        case.title(folder / "broken.toml")


def test_paths_of_a_file_are_relative_to_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "case.toml").write_text('mod = ["mods"]\nload = ["model.hoc"]\n')
    elsewhere = folder / "elsewhere"
    (elsewhere / "more").mkdir(parents=True)
    monkeypatch.chdir(elsewhere)
    found = case.read(folder / "case.toml")
    assert found.mod == (str(folder / "mods"),) and found.cwd == str(folder) and found.title == "case"
    assert case.read(folder / "case.toml", mod=["more"]).mod == (str(elsewhere / "more"),)


def test_a_model_runs_in_its_own_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    found = case.read(f"{folder.name}/model.hoc", mod=[f"{folder.name}/mods"])
    assert found.cwd == str(folder) and found.load == ("model.hoc",) and found.mod == (str(folder / "mods"),)
    assert found.tolerance is None and found.dt is None and found.init_mode == "auto"


def test_placeholders_find_packages_without_importing_them(folder: Path) -> None:
    import sys

    found = make(folder, mod=["{package:numpy}/core", "{package:matplotlib.testing}"])
    assert found.mod[0] == str(Path(np.__file__).parent / "core")
    assert found.mod[1].endswith("matplotlib/testing")
    assert "neuron" not in sys.modules
    assert make(folder, mod=["{neuron}/.data"]).mod[0].endswith("neuron/.data") and "neuron" not in sys.modules


@pytest.mark.parametrize(
    ("init", "mode", "statement"),
    [("ours", "ours", ""), ("neuron", "neuron", ""), ("auto", "auto", ""), ("myinit(3)", "auto", "myinit(3)")],
)
def test_init(folder: Path, init: str, mode: str, statement: str) -> None:
    found = make(folder, init=init)
    assert (found.init_mode, found.init_statement) == (mode, statement)


def test_a_case_survives_json(folder: Path) -> None:
    import json

    stim = [{"at": "soma(0.5)", "delay": 1, "dur": 2, "amp": 0.5}]
    found = make(folder, stim=stim, record=["soma(0.5).v"], tolerance=1e-3, why="because", dt=0.1)
    assert case.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_records_and_segments_are_split() -> None:
    assert case.split_record("Cell[0].dend[2](0.3).cai") == ("Cell[0].dend[2]", 0.3, "cai")
    assert case.split_record("IClamp[0].i") == ("IClamp[0]", None, "i")
    assert case.split_segment("dend[2](1)") == ("dend[2]", 1.0)


def _touch(path: Path) -> Path:
    path.touch()
    return path
