"""NEURON runs in children only; one child builds all the small models once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.fixture(scope="session")
def sessions(tmp_path_factory):
    """The folder with a ``.jxn`` and a ``.json`` for each builder in sessions.py."""
    folder = tmp_path_factory.mktemp("sessions")
    done = subprocess.run(
        [sys.executable, str(HERE / "sessions.py"), str(folder)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"the NEURON child failed\n{done.stdout}\n{done.stderr}", pytrace=False)
    return folder
