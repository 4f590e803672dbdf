"""Models that misbehave, each in a child: one clear error with the model's last lines, and nothing left running."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jxneuron import case, errors
from jxneuron.child import process

HOC = "create soma\naccess soma\ninsert hh\ntstop = 1\n"


@pytest.fixture
def run_hoc(tmp_path: Path) -> Any:
    def run(text: str, *, name: str = "model.hoc", timeout: float = 60, **keys: Any) -> process.Finished:
        (tmp_path / name).write_text(text)
        request = {"case": case.read(tmp_path / name, **keys).to_dict(), "kick": False}
        return process.run_python(
            "jxneuron.compare.reference", request, folder=tmp_path / "run", timeout=timeout, what="the model"
        )

    return run


def failure(run_hoc: Any, text: str, **keys: Any) -> str:
    with pytest.raises(errors.ChildFailed) as caught:
        run_hoc(text, **keys)
    message = str(caught.value)
    assert "Traceback" not in message
    assert not (list(Path().glob("answer.json")))
    return message


def test_a_sound_model_gives_an_answer(run_hoc: Any) -> None:
    done = run_hoc(HOC)
    assert done.answer["records"] == ["soma(0.5).v"]
    assert (done.folder / "traces.npz").is_file()


def test_megabytes_of_output_are_kept_in_part(run_hoc: Any) -> None:
    loop = 'for i=0,100000 { print "line ", i, " of what the model has to say" }\n'
    done = run_hoc(HOC + 'print "first words"\n' + loop + 'print "last words"\n')
    assert "first words" in done.output and "last words" in done.output
    assert len(done.output) < 4 * (process.HEAD + process.TAIL)


def test_an_error_names_file_and_line_in_neurons_words(run_hoc: Any) -> None:
    message = failure(run_hoc, HOC + "soma.nonsense = 3\n")
    assert message.splitlines()[0] == "loading model.hoc fails in NEURON"
    assert "nonsense not a section variable" in message and "near line 5" in message


def test_a_python_model_that_raises_names_its_line(run_hoc: Any) -> None:
    message = failure(run_hoc, "from neuron import h\n\nraise ValueError('no morphology')\n", name="model.py")
    assert message.splitlines()[0] == "model.py:3: ValueError: no morphology"


def test_windows_are_not_waited_for(run_hoc: Any) -> None:
    gui = """
load_file("nrngui.hoc")
objref g, b
b = new VBox()
b.intercept(1)
g = new Graph()
g.size(0, 1, -80, 40)
xpanel("buttons")
xbutton("run", "run()")
xpanel()
b.intercept(0)
b.map()
"""
    assert run_hoc(HOC + gui).answer["records"] == ["soma(0.5).v"]


@pytest.mark.parametrize("statement", ["while (1) {}", 'system("sleep 60")'])
def test_a_model_that_never_ends_is_stopped(run_hoc: Any, statement: str) -> None:
    message = failure(run_hoc, f'{HOC}print "still here"\n{statement}\n', timeout=3)
    assert message.splitlines()[0] == "the model did not end within 3 s (--timeout sets the limit)"
    assert "still here" in message


def test_quit_is_told_by_the_missing_result(run_hoc: Any) -> None:
    message = failure(run_hoc, HOC + 'print "good bye"\nquit()\n')
    assert "it called quit() or exit()" in message.splitlines()[0]
    assert "good bye" in message


@pytest.mark.parametrize("leave", ["import sys; sys.exit(0)", "import os; os._exit(0)"])
def test_python_exit_is_no_success(run_hoc: Any, leave: str) -> None:
    assert "exit()" in failure(run_hoc, leave, name="model.py").splitlines()[0]


def test_a_crash_names_its_signal(run_hoc: Any) -> None:
    crash = "import ctypes\nprint('about to crash')\nctypes.string_at(0)\n"
    message = failure(run_hoc, crash, name="model.py")
    assert message.splitlines()[0].startswith("the model crashed: SIGSEGV")
    assert "about to crash" in message


def test_a_pointer_without_target_is_told_where_neuron_crashes(
    run_hoc: Any, tmp_path: Path, mod_library: Callable[..., Path]
) -> None:
    (tmp_path / "lost.mod").write_text("NEURON { SUFFIX lost POINTER p }\nASSIGNED { p }\nINITIAL { p = 1 }\n")
    message = failure(run_hoc, HOC + "insert lost\n", mod=[mod_library(tmp_path)])
    assert message.splitlines()[0].startswith("the model crashed: SIGSEGV")
    assert "POINTER p of lost has no target at soma(0.5)" in message


def test_mod_files_that_no_one_named_are_pointed_to(run_hoc: Any, tmp_path: Path) -> None:
    (tmp_path / "mods").mkdir()
    (tmp_path / "mods" / "lost.mod").write_text("NEURON { SUFFIX lost }\n")
    message = failure(run_hoc, HOC + "insert lost\n")
    assert "lost is not a MECHANISM" in message and "mods holds .mod files: name their folder (mod, --mod)" in message


def test_a_model_without_sections(run_hoc: Any) -> None:
    with pytest.raises(errors.ModelError, match="no sections"):
        run_hoc("x = 3\n")


def test_reading_from_the_terminal_gets_nothing(run_hoc: Any) -> None:
    assert run_hoc(
        "from neuron import h\ns = h.Section(name='soma')\nimport sys\nassert sys.stdin.read() == ''\n", name="m.py"
    )


def test_everything_that_a_child_started_ends_with_it(tmp_path: Path) -> None:
    ended = process.run_command(["sh", "-c", "sleep 300 & echo $!; wait"], cwd=tmp_path, timeout=1)
    assert ended.code is None
    pid = int(ended.output.split()[0])
    for _ in range(50):
        if not _alive(pid):
            return
        time.sleep(0.1)
    pytest.fail(f"process {pid} still runs")


def test_findings_come_back_as_they_were(tmp_path: Path) -> None:
    findings = [errors.Finding("a.mod:3", "POINTER", "use RANGE"), errors.Finding("b.mod:9", "VERBATIM")]
    for kind in (errors.Unsupported, errors.NmodlError):
        data = json.loads(json.dumps(process._as_data(kind(findings))))
        back = process._error(data, "")
        assert type(back) is kind and back.findings == tuple(findings)  # type: ignore[attr-defined]


def test_the_child_has_no_display(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    code = "import os; print(os.environ.get('DISPLAY'))"
    assert process.run_command([sys.executable, "-c", code], cwd=tmp_path, timeout=30).output.strip() == "None"


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
