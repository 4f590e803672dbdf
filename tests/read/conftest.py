"""NEURON runs in children only; one child builds all the small models once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def run_child(arguments, folder):
    """Run a Python script or ``-c`` code that uses NEURON, in an empty folder; its stdout."""
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{ROOT}:{HERE}", "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def sessions(tmp_path_factory):
    """The folder with a ``.jxn`` and a ``.json`` for each builder in sessions.py."""
    folder = tmp_path_factory.mktemp("sessions")
    run_child([HERE / "sessions.py", folder], folder)
    return folder


@pytest.fixture
def child(tmp_path):
    """Run code in a NEURON child; it prints one JSON value as its last line."""

    def run(code):
        return json.loads(run_child(["-c", code], tmp_path).splitlines()[-1])

    return run
