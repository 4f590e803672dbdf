"""Keep the child in which NEURON's grammar runs: started for the first text, and kept for those that follow.

In: NMODL text. Out: ``syntax.File`` or findings. Importing NEURON takes a third of a second and reading a text a
hundredth, so one child reads all texts of a session. It ends with this process, or after a minute without a text.
"""

from __future__ import annotations

import atexit
import os
import pickle
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from jxneuron.errors import Finding, Findings, NmodlError, Unsupported, require_neuron
from jxneuron.nmodl.frontend.parse import OTHERWISE, parse
from jxneuron.nmodl.frontend.tokens import normalise_lines
from jxneuron.nmodl.syntax import nodes as sx

TEXT_SECONDS = 300.0  # for one text
IDLE_SECONDS = 60.0  # without a text; then the child ends by itself
EXIT_SECONDS = 5.0  # for a child that fails to write why, and to end
HERE = Path(__file__).parent


class ChildDied(Exception):
    """The child gave no answer; the message says why."""


class TooSlow(ChildDied):
    """It was stopped at the time limit."""


class Child:
    """A process that reads one text after the other (see ``worker``)."""

    def __init__(self) -> None:
        self.fresh = True
        self._log = tempfile.TemporaryFile("a+b")
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "jxneuron.nmodl.frontend.worker", str(IDLE_SECONDS)],
            cwd=HERE,  # NEURON would load mechanisms that are compiled in its working folder
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parents[2]), *sys.path[1:]])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )

    def ask(self, text: str, file: str, seconds: float) -> sx.File | Findings:
        """Let the child read a text; whatever keeps it from answering ends it.

        Raises:
            TooSlow: it did not answer within ``seconds``.
            ChildDied: it crashed.
        """
        assert self._process.stdin is not None and self._process.stdout is not None
        self._log.truncate(0)
        late = threading.Event()
        clock = threading.Timer(seconds, self._end_late, [late])
        clock.daemon = True  # else this process would wait for it before it ends
        clock.start()
        try:
            pickle.dump((text, file), self._process.stdin)
            self._process.stdin.flush()
            answer = pickle.load(self._process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError):
            reason = self._last_words()
            self.stop()
            raise (TooSlow(f"(no answer within {seconds:g} s)") if late.is_set() else ChildDied(reason)) from None
        except BaseException:  # Ctrl-C: the answer would be taken for that of the next text
            self.stop()
            raise
        finally:
            clock.cancel()
        self.fresh = False
        return answer

    def runs(self) -> bool:
        """True where it can be asked."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End it and close its pipes and its log; a second call does nothing."""
        self._process.kill()
        with suppress(OSError), self._process:
            pass
        self._log.close()

    def _end_late(self, late: threading.Event) -> None:
        late.set()
        self._process.kill()

    def _last_words(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(EXIT_SECONDS)  # it closes its answers before it writes why
        self._log.seek(0)
        return self._log.read().decode(errors="replace").strip()


_lock = threading.Lock()
_child: Child | None = None


def read_syntax(text: str, file: str) -> sx.File:
    """Parse a text: in this process where NEURON is in it already, else in the child.

    Raises:
        NmodlError: the text is wrong: NEURON's translator does not take it.
        Unsupported: it does, and the grammar does not; or the text is too long.
        NeuronMissing: NEURON, whose grammar is used, is not installed.
    """
    text = normalise_lines(text)
    if "\0" in text:
        raise NmodlError([Finding(file, "not a text file: it holds bytes that are no characters")])
    if not text:
        raise NmodlError([Finding(file, "the file is empty (it does not build in NEURON)")])
    loaded = "neuron" in sys.modules
    require_neuron("Translating .mod files")
    answer = parse(text, file) if loaded else read(text, file)
    if isinstance(answer, Findings):
        raise answer
    return answer


def read(text: str, file: str) -> sx.File | Findings:
    """Parse a text in the child; findings are returned, one of them where the child dies of the text."""
    try:
        with _lock:
            return _answer(text, file)
    except ChildDied as error:
        what = f"the grammar that jxneuron reads with died on this text {str(error)[-200:]}".strip()
    return Unsupported([Finding(file, what, OTHERWISE)])


def _answer(text: str, file: str) -> sx.File | Findings:
    child = _running()
    fresh = child.fresh
    try:
        return child.ask(text, file, TEXT_SECONDS)
    except TooSlow:
        raise
    except ChildDied:
        if fresh:
            raise
        return _answer(text, file)  # it may have died of what came before, or for want of work


def _running() -> Child:
    global _child
    if _child is None or not _child.runs():
        stop()
        _child = Child()
    return _child


@atexit.register
def stop() -> None:
    """End the child; the next text starts another."""
    global _child
    if _child is not None:
        _child.stop()
    _child = None


def _forget() -> None:
    """Forget the child in a fork, which must not write into the pipes of its parent."""
    global _child, _lock
    _child, _lock = None, threading.Lock()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_forget)
