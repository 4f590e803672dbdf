"""Have edited files read, and say which readings failed.

In: kind, seed, numbers. Out: a `Reading` for each input; its ``failed`` says what is wrong with it, if anything.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from jxneuron.child.process import Worker
from jxneuron.errors import ChildFailed
from validation import oracle
from validation.fuzz import inputs

BATCH = 100  # inputs of one process
BATCH_SECONDS = 1800.0
WORKER = "validation.fuzz.worker"
ENDED, TOO_LONG = "reading crashed", "SIGPROF"  # as Worker words it


@dataclass(frozen=True)
class Reading:
    """What came of one input.

    Attributes:
        number: of the input.
        verdict: ``read``, ``refused``; of NMODL ``translated``, ``refused``, ``wrong``; empty where none came.
        failed: what is wrong with that, in words that are the same for all failures of one kind; empty: nothing.
        said: the traceback, the last words of the process, or those of NEURON's tools.
        seconds: of the processor.
    """

    number: int
    verdict: str
    failed: str = ""
    said: str = ""
    seconds: float = 0.0


def readings(kind: str, seed: int, numbers: range, workers: int, done: Callable[[int], None]) -> list[Reading]:
    """Read all inputs, a batch for each worker at a time; ``done`` gets the number of inputs of each batch."""
    batches = [numbers[start : start + BATCH] for start in range(0, len(numbers), BATCH)]
    with ThreadPoolExecutor(workers) as pool:
        found = []
        for each in pool.map(partial(_batch, kind, seed), batches):
            found += each
            done(len(each))
    return found


def _batch(kind: str, seed: int, numbers: range) -> list[Reading]:
    found = list(_read(kind, seed, numbers))
    if kind != "mod":
        return found
    found = [_alone(seed, each) if _crashed(each) else each for each in found]
    return _asked(seed, found)


def _read(kind: str, seed: int, numbers: range, alone: bool = False) -> Iterator[Reading]:
    """Read in one process; where an input ends it, go on in another one behind that input."""
    first = numbers.start
    while first < numbers.stop:
        request = {"kind": kind, "seed": seed, "first": first, "stop": numbers.stop, "alone": alone}
        with tempfile.TemporaryDirectory(prefix="jxneuron-") as name:
            said = _run(request, Path(name))
            lines = (Path(name) / "read.jsonl").read_text().splitlines()
        for number, line in enumerate(lines, first):
            yield _reading(number, json.loads(line))
        first += len(lines)
        if first < numbers.stop:
            yield Reading(first, "", said.partition("\n")[0], said)
            first += 1


def _run(request: dict, folder: Path) -> str:
    """Run a worker to its end; what it said where that came early."""
    worker = Worker(WORKER, request, folder, BATCH_SECONDS, "reading")
    try:
        worker.wait()
    except ChildFailed as error:
        if not (folder / "read.jsonl").is_file():
            raise
        return str(error)
    finally:
        worker.stop()
    return ""


def _reading(number: int, line: dict) -> Reading:
    return Reading(number, line["verdict"], line["raised"], line["traceback"], line["seconds"])


def _crashed(reading: Reading) -> bool:
    return reading.failed.startswith(ENDED) and TOO_LONG not in reading.failed


def _alone(seed: int, reading: Reading) -> Reading:
    """Read NMODL again as a user's process does, which outlives a grammar that crashes."""
    return next(_read("mod", seed, range(reading.number, reading.number + 1), alone=True))


def _asked(seed: int, found: Sequence[Reading]) -> list[Reading]:
    """Hold what was called right or wrong against NEURON's tools."""
    open_ = [each for each in found if each.verdict in ("translated", "wrong")]
    sources = [oracle.Source("input.mod", inputs.make("mod", seed, each.number).data) for each in open_]
    answers = oracle.ask(sources, workers=1)
    held = {each.number: judged(each, answer) for each, answer in zip(open_, answers, strict=True)}
    return [held.get(each.number, each) for each in found]


def judged(reading: Reading, answer: oracle.Answer) -> Reading:
    """The reading of NMODL, failed where NEURON's tools say otherwise; what is refused is neither right nor wrong."""
    if reading.verdict == "translated" and not answer.builds:
        who = {"nocmodl": "nocmodl", "compiler": "the C++ compiler"}[answer.stopped]
        return replace(reading, failed=f"translated, although {who} stops", said=answer.said)
    if reading.verdict == "wrong" and answer.builds:
        return replace(reading, failed="called wrong, although it builds")
    return reading
