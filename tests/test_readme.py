"""The README is true: its example runs, its commands exist, its links lead somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()


def test_the_python_example_runs(tmp_path: Path) -> None:
    """In a folder of its own that has validation/ beside it; the cable's far end must have fired."""
    (tmp_path / "validation").symlink_to(ROOT / "validation")
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert blocks
    check = (
        "\nassert v_middle.shape == v_far.shape == m.shape == (4401,), v_middle.shape"
        "\nassert v_far.max() > 30 and 0.9 < m.max() < 1"
        "\nassert list(net.recordings['name']) == ['axon(0.5).v', 'axon(1).v', 'axon(0.9).m_hh']"
        "\nassert (jx.integrate(again)[1] == v_far).all()"
        "\nat = lambda g: jx.integrate(cell, [{'gnabar_hh': jax.numpy.array([g])}])[0, 200]"
        "\nslope, found = (at(0.12 + 1e-6) - at(0.12 - 1e-6)) / 2e-6, gradient[0]['gnabar_hh'][0]"
        "\nassert abs(slope) > 1 and abs(found - slope) < 1e-6 * abs(slope), (found, slope)"
    )
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(blocks) + check],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("link", re.findall(r"\]\((?!https?:)([^)]+)\)", README))
def test_a_link_leads_to_a_file(link: str) -> None:
    assert (ROOT / link).exists()


def test_commands_are_targets_of_the_makefile() -> None:
    named = set(re.findall(r"`?make ([a-z]+)`?", README + (ROOT / "CONTRIBUTING.md").read_text())) - {"sure"}
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert named >= {"demo", "test", "slow", "validate", "clean"} and named <= targets


def test_flags_exist() -> None:
    """Every flag of the comparison that the README names is one that the command knows."""
    section = README.split("## Compare your own model")[1].split("## ")[0]
    flags = set(re.findall(r"(--[a-z]+)", section))
    done = subprocess.run(
        [sys.executable, "-m", "jxneuron.compare", "--help"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "300", "NO_COLOR": "1"},
        check=False,
    )
    assert done.returncode == 0
    assert flags >= {"--mod", "--tstop", "--html", "--json"}
    assert {flag for flag in flags if flag not in done.stdout} == set()
