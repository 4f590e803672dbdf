"""The Makefile's own messages: what is missing, and what to do."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import FIRST

ROOT = Path(__file__).resolve().parents[1]


def make(target: str, folder: Path, tools: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a target where only bash, make, rm and the given programs (name: script) exist."""
    found = folder / "bin"
    found.mkdir()
    for name in ("bash", "make", "rm", "touch"):
        path = shutil.which(name)
        assert path is not None
        (found / name).symlink_to(path)
    for name, script in tools.items():
        (found / name).write_text(f"#!{found}/bash\n{script}\n")
        (found / name).chmod(0o755)
    (folder / "Makefile").write_text((ROOT / "Makefile").read_text())
    (folder / "pyproject.toml").write_text("")
    (folder / "validation").mkdir()
    (folder / "validation" / "models.txt").write_text("")
    command = [str(found / "make"), "--no-print-directory", target]
    return subprocess.run(command, cwd=folder, env={"PATH": str(found)}, capture_output=True, text=True, check=False)


def test_a_missing_compiler_is_named_before_anything_is_installed(tmp_path: Path) -> None:
    done = make("test", tmp_path, {"python3": "echo installed >> ran"})
    assert done.returncode != 0
    assert "g++ is missing" in done.stderr and "apt-get install g++" in done.stderr
    assert not (tmp_path / "ran").exists()


def test_an_unsuitable_python_is_named(tmp_path: Path) -> None:
    done = make("demo", tmp_path, {"python3": "exit 1"})
    assert done.returncode != 0
    assert "needs Python 3.11, 3.12 or 3.13" in done.stderr


def test_a_python_without_venv_is_named(tmp_path: Path) -> None:
    """Debian's python3 without python3-venv: the version is right, ensurepip and virtualenv are not there."""
    done = make("demo", tmp_path, {"python3": '[[ "$2" == *version_info* ]]'})
    assert done.returncode != 0
    assert "python3 cannot make a virtual environment" in done.stderr and "python3-venv" in done.stderr


@pytest.mark.parametrize("target", ["demo", "test"])
def test_the_first_suitable_python_is_taken(target: str, tmp_path: Path) -> None:
    """python3 is too old, python3.12 makes the environment; its pip is the next thing that runs."""
    new = 'echo "python3.12 $*" >> ran; if [[ "$2" == venv ]]; then touch made; fi; [[ "$2" != pip ]]'
    done = make(target, tmp_path, {"python3": "exit 1", "python3.12": new, "g++": "exit 0"})
    assert done.returncode != 0, "the environment made here is empty"
    assert "python3.12 -m venv .venv" in (tmp_path / "ran").read_text()


def test_an_unknown_part_is_answered_with_those_that_there_are(tmp_path: Path) -> None:
    for part in ("mech", "nmodl"):
        (tmp_path / "tests" / part).mkdir(parents=True)
        (tmp_path / "tests" / part / "test_one.py").touch()
    done = make("quick", tmp_path, {"python3": "echo installed >> ran"})
    assert done.returncode != 0 and "make quick PART=... with one of: mech nmodl" in done.stderr
    assert not (tmp_path / "ran").exists()


def test_the_files_that_begin_are_there() -> None:
    assert [name for name in FIRST if not (ROOT / "tests" / name).is_file()] == []
