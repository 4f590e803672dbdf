"""Ask NEURON's own translator whether it takes a text.

In: NMODL text. Out: ``Answer``: that it stops, its words and the line, and whether what it writes is thread-safe.
The program comes with NEURON and is run for its answer only; nothing that it writes is used.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jxneuron.errors import NeuronMissing

# seconds of computing and kB of memory; for some texts it prints or takes memory without end
LIMITS = "ulimit -t 10; ulimit -v 512000"
SECONDS = 60.0  # for one text, by the clock
MOST = 1 << 16  # characters of its output that are read
LONGEST = 200  # characters of its words
SILENT = ("Translating", "Thread Safe", "Notice", "WARNING", "Warning", "syntax error", "INCLUDEing")
ERROR, AT, IN = "Error: ", " at line ", " in file "


@dataclass(frozen=True)
class Answer:
    """What nocmodl says of a text.

    Attributes:
        stops: why it stops, empty where it takes the text.
        line: where; 0 where it tells no line, or only that it has read everything.
        threadsafe: it says so of what it writes.
        late: it was stopped after ``SECONDS``.
    """

    stops: str = ""
    line: int = 0
    threadsafe: bool = False
    late: bool = False


@cache
def home() -> Path:
    """Return the folder of NEURON's own programs and data.

    Raises:
        NeuronMissing: there is none.
    """
    spec = importlib.util.find_spec("neuron")
    inside = Path(spec.origin).parent / ".data" if spec is not None and spec.origin is not None else None
    program = shutil.which("nocmodl")
    folder = inside if inside is not None and inside.is_dir() else Path(program).parents[1] if program else None
    if folder is None:
        raise NeuronMissing.of("Translating .mod files")
    return folder


def unit_table() -> Path:
    """Return the file of NEURON's unit definitions.

    Raises:
        NeuronMissing: NEURON is not installed.
    """
    return home() / "share" / "nrn" / "lib" / "nrnunits.lib"


def ask(text: str) -> Answer:
    """Run nocmodl on a text.

    Raises:
        NeuronMissing: NEURON is not installed.
    """
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "x.mod").write_bytes(text.encode())
        own = {"MODLUNIT": str(unit_table()), "LD_LIBRARY_PATH": str(home() / "lib")}
        command = ["sh", "-c", f'{LIMITS}; exec "$0" x.mod 2>&1', str(home() / "bin" / "nocmodl")]
        said, code, late = _run(command, folder, {**os.environ, **own})
    return Answer(late=True) if late else _answer(said.decode("ascii", "replace"), code)


def _run(command: list[str], folder: str, env: dict[str, str]) -> tuple[bytes, int, bool]:
    """Run a program without input; return its output up to ``MOST``, its exit code, and whether time ran out."""
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, cwd=folder, env=env, stdin=nothing, stdout=pipe) as child:
        assert child.stdout is not None
        stopped = threading.Event()
        clock = threading.Timer(SECONDS, lambda: (stopped.set(), child.kill()))
        clock.start()
        try:
            said = child.stdout.read(MOST)
            if len(said) == MOST:
                child.kill()
            code = child.wait()
        finally:
            clock.cancel()
    return said, code if len(said) < MOST else 1, stopped.is_set()


def _answer(said: str, code: int) -> Answer:
    lines = [line for line in said.splitlines() if line.strip(" ^\t")]
    if code == 0:
        return Answer(threadsafe=any(line.startswith("Thread Safe") for line in lines))
    if -code in (signal.SIGKILL, signal.SIGXCPU):
        return Answer()  # out of time: not known
    head = lines[: next((k for k, line in enumerate(lines) if ERROR in line), 0) + 1]
    words = [line.strip() for line in head if not line.strip().startswith(SILENT)]
    error = words.pop() if words else ERROR
    what, _, rest = error.removeprefix(ERROR).partition(AT if AT in error else IN)
    source = lines[len(head)].strip() if AT in error and len(lines) > len(head) else ""
    number = rest.partition(IN)[0]
    line = int(number) if number.isdigit() and source else 0
    shown = " ".join([*words, what.strip() or "it ends without a word", *([f"in: {source}"] if line else [])])
    return Answer(shown[:LONGEST] + "..." * (len(shown) > LONGEST), line)
