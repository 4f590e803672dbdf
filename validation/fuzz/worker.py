"""Read edited files, one after the other, in a process with limits of time and memory.

In: ``{kind, seed, first, stop, alone}``. Out: a line of JSON for each input in ``read.jsonl``, written once it has been
read, so that the first one that has no line is the one that ended the process. ``alone`` reads NMODL as a
user's process does, with the grammar in a process of its own.
"""

from __future__ import annotations

import faulthandler
import json
import os
import re
import resource
import signal
import traceback
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from jxneuron import case
from jxneuron.child import process
from jxneuron.errors import JxneuronError, MorphologyWarning, NeuronMissing, NmodlError
from validation.fuzz import inputs

SECONDS = 10.0  # of the processor, for one input
SWALLOWED = "the grammar's tree cannot be read"  # what is said instead of a traceback from there
MEMORY = 2 * 2**30  # bytes, beyond what the process has when it starts to read


def main() -> None:
    process.serve(work)


def work(request: dict[str, Any], folder: Path) -> dict[str, Any]:
    os.environ["JXNEURON_CACHE"] = str(folder / "cache")  # what is made of edited files is not kept
    if request["kind"] == "mod" and not request["alone"]:
        import neuron  # noqa: F401  the grammar then runs in this process, which is much faster
    read = READERS[request["kind"]]
    inside = folder / "cwd" / "cases"
    inside.mkdir()
    (folder / "cwd" / "models").symlink_to(inputs.ROOT / "validation" / "models")
    inputs.originals(request["kind"])
    _limit_memory()
    faulthandler.register(signal.SIGPROF, chain=True)
    with (folder / "read.jsonl").open("w") as out:
        for number in range(request["first"], request["stop"]):
            made = inputs.make(request["kind"], request["seed"], number)
            path = inside / f"input.{made.kind}"
            path.write_bytes(made.data)
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            print(json.dumps(_outcome(read, path)), file=out, flush=True)
            signal.setitimer(signal.ITIMER_PROF, 0)
    return {}


def _outcome(read: Any, path: Path) -> dict[str, Any]:
    """What came of one file: a verdict, or the place and words of an exception that is none of ours."""
    start = _seconds()
    found: dict[str, Any] = {"verdict": "", "raised": "", "traceback": ""}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", MorphologyWarning)
            found["verdict"] = read(path)
    except NeuronMissing:
        raise
    except JxneuronError as error:
        found["verdict"] = "wrong" if isinstance(error, NmodlError) else "refused"
        if SWALLOWED in str(error):
            found["raised"] = found["traceback"] = str(error)
    except Exception as error:
        found["raised"] = f"{type(error).__name__} in {_place(error)}"
        found["traceback"] = "".join(traceback.format_exception(error))
    found["seconds"] = _seconds() - start
    if found["seconds"] > SECONDS:
        found["raised"] = f"took more than {SECONDS:g} s"
    return found


def _seconds() -> float:
    """Time of the processor for this process and those that it has waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _place(error: BaseException) -> str:
    """The innermost function of ours on the way to the error."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if f"jxneuron{os.sep}" in frame.filename] or list(frames)
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno} {ours[-1].name}"


def _limit_memory() -> None:
    """Only Linux tells how much address space a process has, and limits it."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return
    size = re.search(r"VmSize:\s*(\d+) kB", status.read_text())
    if size is not None:
        most = int(size[1]) * 1024 + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _mod(path: Path) -> str:
    from jxneuron.nmodl import translate
    from jxneuron.nmodl.check import read_text

    found = translate(read_text(path), file=path.name)
    compile(found.python, path.name, "exec")
    return "translated"


def _cell(path: Path) -> str:
    """A Cell, and its table of finite numbers."""
    from jxneuron import morphology as shapes

    cell = (shapes.read_swc if path.suffix == ".swc" else shapes.read_asc)(path)
    shapes.report(cell)
    table = shapes.summary(cell).to_numpy(dtype=float)
    if not np.isfinite(table).all():
        raise ArithmeticError("the summary holds a value that is no finite number")
    return "read"


def _case(path: Path) -> str:
    """A case as reports list it, then all of it, through JSON and back."""
    case.title(path)
    found = case.read(path)
    if case.from_dict(json.loads(json.dumps(found.to_dict()))) != found:
        raise ValueError("the case that comes back from JSON is another one")
    for each in found.record:
        case.split_record(each)
    return "read"


READERS = {"mod": _mod, "swc": _cell, "asc": _cell, "toml": _case}
