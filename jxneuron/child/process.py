"""Run a worker module in a fresh process and return its answer.

In: the name of a worker module, a request (JSON), a folder. Out: `Finished`, or the worker's error, raised again.

A worker succeeded if it left `answer.json` (written in one go), whatever its exit code: a model may call quit(), crash
NEURON, print megabytes, wait for a window or never end.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from jxneuron import errors
from jxneuron.files import write_atomically

HEAD, TAIL = 16_000, 64_000  # bytes of a child's output that are kept: the beginning and the end
LAST_LINES = 15
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
Work = Callable[[dict[str, Any], Path], dict[str, Any]]

_START = """\
import importlib.util, sys
sys.path[:] = [place for place in sys.path if place]
if importlib.util.find_spec("jxneuron") is None:
    sys.path.append(sys.argv[1])
module = sys.argv[2]
sys.argv[:] = [module, *sys.argv[3:]]
import importlib
importlib.import_module(module).main()
"""


@dataclass(frozen=True)
class Finished:
    """The result of a child: its answer, its folder (with files it wrote), its output and the seconds it took."""

    answer: dict[str, Any]
    folder: Path
    output: str
    seconds: float


@dataclass(frozen=True)
class Ended:
    """How a process ended. ``code`` is None if the time limit stopped it."""

    code: int | None
    output: str
    seconds: float


class Worker:
    """A running child; `wait` returns `Finished` or raises. Several may run at a time."""

    def __init__(self, module: str, request: Mapping[str, Any], folder: Path, timeout: float, what: str) -> None:
        self.folder, self.what, self.timeout = folder, what, timeout
        (folder / "cwd").mkdir(parents=True, exist_ok=True)
        self.answer = folder / "answer.json"
        self.answer.unlink(missing_ok=True)
        write_atomically(folder / "request.json", json.dumps(dict(request)))
        root = str(Path(errors.__file__).resolve().parent.parent)
        command = [sys.executable, "-c", _START, root, module, str(folder)]
        self._group = _Group(command, cwd=folder / "cwd", env=environment())

    def wait(self) -> Finished:
        """Wait for the end or the time limit.

        Raises:
            ChildFailed: there is no answer; the message says why and ends with the model's last lines of output.
            JxneuronError: the error that the worker reported.
        """
        ended = self._group.wait(self.timeout)
        if not self.answer.is_file():
            raise errors.ChildFailed(_with_output(self._explain(ended), ended.output))
        answer = json.loads(self.answer.read_text())
        if "error" in answer:
            raise _error(answer, ended.output)
        return Finished(answer["done"], self.folder, ended.output, ended.seconds)

    def stop(self) -> None:
        """End the child and every process that it started."""
        self._group.stop()

    def _explain(self, ended: Ended) -> str:
        if ended.code is None:
            return f"{self.what} did not end within {self.timeout:g} s (--timeout sets the limit)"
        if ended.code < 0:
            return f"{self.what} crashed: {_signal_name(-ended.code)}"
        if ended.code == 0:
            return f"{self.what} ended before the run was done: it called quit() or exit()"
        return f"{self.what} ended before the run was done, with exit code {ended.code}"


def run_python(
    module: str, request: Mapping[str, Any], *, folder: Path, timeout: float, what: str = "the model"
) -> Finished:
    """Run ``module``'s main() (see `serve`) in a fresh process group and wait for its answer.

    Args:
        module: a module with ``main()``, which calls `serve`.
        request: the worker's input; JSON.
        folder: the folder of request and answer; the child starts in its empty subfolder ``cwd``.
        timeout: s; then the whole process group is killed.
        what: the subject of error messages.

    Raises:
        ChildFailed: see `Worker.wait`.
    """
    worker = Worker(module, request, folder, timeout, what)
    try:
        return worker.wait()
    finally:
        worker.stop()


def run_command(command: Sequence[str], *, cwd: Path, timeout: float, env: Mapping[str, str] | None = None) -> Ended:
    """Run a program in its own process group, with its output kept up to a limit and no input."""
    group = _Group(command, cwd=cwd, env=dict(env) if env is not None else environment())
    try:
        return group.wait(timeout)
    finally:
        group.stop()


def serve(work: Work) -> None:
    """Run in the worker: read the request, do the work, leave the answer, end without NEURON's own exit."""
    folder = Path(sys.argv[1])
    _line_buffer_c_output()
    try:
        answer: dict[str, Any] = {"done": work(json.loads((folder / "request.json").read_text()), folder)}
    except SystemExit:
        answer = {"error": "ChildFailed", "message": "the model called exit() before the run was done"}
    except BaseException as error:
        answer = _as_data(error)
    write_atomically(folder / "answer.json", json.dumps(answer))
    sys.stdout.flush()
    sys.stderr.flush()
    ctypes.CDLL(None).fflush(None)
    os._exit(0)


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of children: no display, no windows, the same hash seed for both engines."""
    kept = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "NRN_NMODL_PATH")}
    kept |= {"NEURON_MODULE_OPTIONS": "-nogui", "MPLBACKEND": "Agg", "PYTHONHASHSEED": "0"}
    return kept | dict(extra or {})


def last_lines(output: str, count: int = LAST_LINES) -> str:
    """Return the last lines of a child's output that are not empty, indented."""
    plain = _COLOUR.sub("", output)
    lines = [line.rstrip() for line in plain.splitlines() if line.strip()]
    return "\n".join(f"  | {line[:200]}" for line in lines[-count:])


def stop_all(family: object = None) -> None:
    """End every running child, or those of one family (after one failed, or the user pressed Ctrl-C)."""
    for group in list(_RUNNING):
        if family is None or group.family is family:
            group.stop()


def join(family: object) -> None:
    """Make children that this thread starts from now on members of a family (see `stop_all`)."""
    _THREAD.family = family


class _Group:
    """A process group, and a thread that keeps the beginning and the end of its output."""

    def __init__(self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> None:
        self._start = time.monotonic()
        self._process = subprocess.Popen(
            list(command),
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.family = getattr(_THREAD, "family", None)
        _RUNNING.add(self)
        self._head, self._tail, self._cut = bytearray(), bytearray(), False
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True)
        self._reader.start()

    def wait(self, timeout: float) -> Ended:
        try:
            code: int | None = self._process.wait(max(0.0, self._start + timeout - time.monotonic()))
        except subprocess.TimeoutExpired:
            code = None
        self.stop()
        self._reader.join(timeout=5)
        return Ended(code, self._output(), time.monotonic() - self._start)

    def stop(self) -> None:
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        self._process.wait()
        _RUNNING.discard(self)

    def _read(self, pipe: IO[bytes]) -> None:
        with pipe:
            while chunk := os.read(pipe.fileno(), 65536):
                room = HEAD - len(self._head)
                self._head += chunk[:room]
                self._tail += chunk[max(room, 0) :]
                if len(self._tail) > 2 * TAIL:
                    self._cut = True
                    del self._tail[:-TAIL]

    def _output(self) -> str:
        between = b"\n[... output left out ...]\n" if self._cut else b""
        return bytes(self._head + between + self._tail).decode(errors="replace")


_RUNNING: set[_Group] = set()
_THREAD = threading.local()


def _as_data(error: BaseException) -> dict[str, Any]:
    """Return an error as JSON, so that the parent can raise the same one."""
    if isinstance(error, errors.Findings):
        data: dict[str, Any] = {"findings": [[f.place, f.found, f.way_out] for f in error.findings]}
    else:
        data = {"message": str(error)}
    ours = isinstance(error, errors.JxneuronError)
    data["error"] = type(error).__name__ if ours else "ChildFailed"
    if not ours:
        data["message"] = f"{_place(error)}{type(error).__name__}: {error}"
    data["traceback"] = "".join(traceback.format_exception(error))
    return data


def _place(error: BaseException) -> str:
    """Return ``file.py:12: `` of the innermost frame that is not in jxneuron."""
    frames = traceback.extract_tb(error.__traceback__)
    outside = [f for f in frames if f"jxneuron{os.sep}" not in f.filename and not f.filename.startswith("<")]
    return f"{Path(outside[-1].filename).name}:{outside[-1].lineno}: " if outside else ""


def _error(answer: Mapping[str, Any], output: str) -> errors.JxneuronError:
    """Return the worker's error; that of a failed child ends with the last lines that the model printed."""
    kind = getattr(errors, answer["error"], errors.ChildFailed)
    if "findings" in answer:
        error = kind(errors.Finding(*fields) for fields in answer["findings"])
    elif kind is errors.ChildFailed:
        error = kind(_with_output(answer["message"], output))
    else:
        error = kind(answer["message"])
    if "traceback" in answer:
        error.add_note("In the child process:\n" + answer["traceback"])
    return error


def _with_output(message: str, output: str) -> str:
    lines = last_lines(output)
    return f"{message}\nIts last lines of output:\n{lines}" if lines else message


def _signal_name(number: int) -> str:
    try:
        return f"{signal.Signals(number).name} ({signal.strsignal(number)})"
    except ValueError:
        return f"signal {number}"


def _line_buffer_c_output() -> None:
    """Make C's stdout, to which NEURON prints, write each line at once: in a pipe a crash would lose the last ones."""
    libc = ctypes.CDLL(None)
    for name in ("stdout", "__stdoutp"):
        try:
            stream = ctypes.c_void_p.in_dll(libc, name)
        except ValueError:
            continue
        libc.setvbuf(stream, None, 1, 0)  # _IOLBF
        return
