"""The child in which NEURON's grammar runs: kept from text to text, replaced once it is gone, never left behind."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jxneuron import nmodl
from jxneuron.errors import NeuronMissing, Unsupported
from jxneuron.nmodl.frontend import grammar, nocmodl
from jxneuron.nmodl.frontend.parse import parse
from jxneuron.nmodl.syntax import nodes as sx

TEXT = "NEURON { SUFFIX x RANGE a }\nASSIGNED { a }\nINITIAL { a = 1 }\n"


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    grammar.stop()
    yield
    grammar.stop()


def pid() -> int:
    assert grammar._child is not None
    return grammar._child._process.pid


def test_one_child_reads_all_texts():
    assert isinstance(grammar.read(TEXT, "x.mod"), sx.File)
    first = pid()
    grammar.read("nonsense", "y.mod")
    assert grammar.read(TEXT, "x.mod") == grammar.read(TEXT, "x.mod")
    assert pid() == first


def test_a_child_that_is_gone_is_replaced():
    """While it waited for a text, or in the middle of one: it may have died of an earlier text."""
    grammar.read(TEXT, "x.mod")
    first = grammar._child
    assert first is not None
    os.kill(pid(), signal.SIGKILL)
    while first.runs():
        time.sleep(0.01)
    assert isinstance(grammar.read(TEXT, "x.mod"), sx.File)
    os.kill(pid(), signal.SIGSTOP)
    os.kill(pid(), signal.SIGKILL)
    assert isinstance(grammar.read(TEXT, "x.mod"), sx.File)


def test_a_text_that_the_child_dies_of_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    results = nmodl.translate_all([(TEXT + ": died", "died.mod"), ("\0", "other.mod")])
    assert "died.mod  the grammar that jxneuron reads with died on this text" in str(results[0])
    assert isinstance(results[0], Unsupported) and "other.mod" in str(results[1])


def test_a_text_that_takes_too_long_is_named_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as patch:
        patch.setattr(grammar, "TEXT_SECONDS", 0.0)
        assert "slow.mod  the grammar that jxneuron reads with died on this text (no answer within 0 s)" in str(
            grammar.read(TEXT, "slow.mod")
        )
    assert isinstance(grammar.read(TEXT, "x.mod"), sx.File)


def test_the_last_words_of_a_child_are_in_the_finding(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """It closes its answers some time before it says why."""
    talker = tmp_path / "talker"
    talker.write_text("#!/bin/sh\nexec 1>&-\nsleep 0.5\necho 'Stack overflow' >&2\nexit 1\n")
    talker.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(talker))
    assert str(grammar.read(TEXT, "x.mod")).endswith(f"died on this text Stack overflow  {grammar.OTHERWISE}")


def test_without_neuron_no_child_is_asked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(NeuronMissing, match=r"Translating \.mod files needs NEURON"):
        grammar.read_syntax(TEXT, "x.mod")
    assert grammar._child is None


SESSION = """\
import os, sys
from jxneuron.nmodl.frontend import grammar, nocmodl
from jxneuron.nmodl.frontend.parse import parse
text = sys.argv[1]
first = grammar.read(text, "x.mod")
print(grammar._child._process.pid)
if os.fork() == 0:
    assert grammar.read(text, "x.mod") == first
    print(grammar._child._process.pid)
    sys.stdout.flush()
    os._exit(0)
assert os.wait()[1] == 0 and grammar.read(text, "x.mod") == first
print(grammar._child._process.pid)
sys.stdout.flush()
os._exit(0)
"""


def test_a_fork_has_its_own_and_none_outlives_its_process():
    """They end although nothing tells them to: nothing is left at the other end of their pipes."""
    done = subprocess.run([sys.executable, "-c", SESSION, TEXT], capture_output=True, text=True, check=True, timeout=60)
    ours, forked, after = map(int, done.stdout.split())
    assert ours == after != forked
    limit = time.monotonic() + 30
    while any(_runs(number) for number in (ours, forked)):
        assert time.monotonic() < limit, "still there after 30 s"
        time.sleep(0.05)


def _runs(number: int) -> bool:
    """Whether a process does more than wait for its parent to take notice of its end."""
    try:
        return bool(Path(f"/proc/{number}/cmdline").read_bytes())
    except OSError:
        return False


def test_a_translator_that_does_not_answer_is_stopped_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that sleeps uses no computing time, so that only the clock stops it."""
    program = tmp_path / "bin" / "nocmodl"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexec sleep 30\n")
    program.chmod(0o755)
    monkeypatch.setattr(nocmodl, "home", lambda: tmp_path)
    monkeypatch.setattr(nocmodl, "SECONDS", 0.2)
    with pytest.raises(Unsupported, match=r"x\.mod  NEURON's translator did not answer within 0\.2 s"):
        parse("NEURON { SUFFIX x }\n", "x.mod")
