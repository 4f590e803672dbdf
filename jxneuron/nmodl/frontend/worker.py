"""Run NEURON's grammar in a process of its own (its other side: ``grammar``).

In: pickles of ``(text, file)`` on standard input, and how many seconds to wait for the next (the first argument).
Out: for each a pickle on standard output, a ``syntax.File`` or the exception. It ends where its input does.
"""

from __future__ import annotations

import os
import pickle
import select
import sys


def main(idle: float) -> None:
    """Parse texts until none comes."""
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # what NEURON prints is no answer
        from jxneuron.errors import Findings
        from jxneuron.nmodl.frontend.parse import parse

        while select.select([sys.stdin.buffer], [], [], idle)[0]:
            try:
                text, file = pickle.load(sys.stdin.buffer)
            except EOFError:
                return
            try:
                answer = parse(text, file)
            except Findings as error:
                answer = error
            pickle.dump(answer, answers)
            answers.flush()


if __name__ == "__main__":
    main(float(sys.argv[1]))
