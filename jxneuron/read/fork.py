"""Experiments that find out what a session does not tell, without touching it.

In: a live session. Out: the result of an experiment in a copy of the whole process. The copy (``fork``) may set, step
and initialise as it likes: the session itself stays as it was.
"""

from __future__ import annotations

import json
import os
import select
import signal
import time
import warnings
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.model.model import Floats
from jxneuron.read.variables import Variable

TIME_LIMIT = 300.0  # s


def in_fork(experiment: Callable[[], Any], *, time_limit: float = TIME_LIMIT) -> Any:
    """Run an experiment in a fork of this process and return its result (JSON values).

    Raises:
        ModelError: the fork failed or ran out of time.
    """
    receiver, sender = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python warns of threads; the fork calls nothing that they use
        child = os.fork()
    if not child:
        _answer(experiment, sender)
    os.close(sender)
    try:
        text = _receive(receiver, child, time_limit)
    finally:
        os.close(receiver)
        os.waitpid(child, 0)
    answer = json.loads(text) if text else {"failed": "NEURON ended the process"}
    if "failed" in answer:
        raise ModelError(f"what the session does not show cannot be found out: {answer['failed']}")
    return answer["result"]


def _answer(experiment: Callable[[], Any], sender: int) -> None:
    """Run the experiment, write its result to the pipe and end the fork, whatever happens."""
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        try:
            answer = {"result": experiment()}
        except BaseException as error:
            answer = {"failed": f"{type(error).__name__}: {error}"}
        with os.fdopen(sender, "w") as stream:
            json.dump(answer, stream)
    finally:
        os._exit(0)


def _receive(receiver: int, child: int, time_limit: float) -> str:
    parts, end = [], time.monotonic() + time_limit
    while True:
        ready, _, _ = select.select([receiver], [], [], max(end - time.monotonic(), 0.0))
        if not ready:
            os.kill(child, signal.SIGKILL)
            raise ModelError(f"what the session does not show was not found out within {time_limit:g} s")
        part = os.read(receiver, 1 << 16)
        if not part:
            return b"".join(parts).decode()
        parts.append(part)


def make_marks(count: int) -> Floats:
    """Return numbers that occur in no model by chance, all different."""
    return np.asarray(0.7391826 + np.arange(1, count + 1) * 2.0**-30, np.float64)


def find_marks(values: Iterable[tuple[Variable, float]], marks: Iterable[float]) -> dict[float, list[Variable]]:
    """Return the variables whose value is a mark, by mark."""
    marked: dict[float, list[Variable]] = {mark: [] for mark in marks}
    for variable, value in values:
        if value in marked:
            marked[float(value)].append(variable)
    return marked
