"""The process in which NEURON's grammar runs.

In: a pickle of ``[(text, file), ...]`` (first argument). Out: in the folder of the second argument one pickle
per text, ``0.pickle`` and so on: a ``syntax.File`` or the exception. A missing file means that the parser
took this process down with it.
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path


def main(source: str, folder: str) -> None:
    """Parse every text of ``source``."""
    from jxneuron.errors import Findings
    from jxneuron.files import write_atomically
    from jxneuron.nmodl.parse import parse

    for number, (text, file) in enumerate(pickle.loads(Path(source).read_bytes())):
        try:
            found = parse(text, file)
        except Findings as error:
            found = error
        write_atomically(Path(folder) / f"{number}.pickle", pickle.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
