"""``python -m jxneuron.nmodl FILE...``: print the Python that stands for NMODL files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from jxneuron.errors import Finding, JxneuronError, NmodlError
from jxneuron.nmodl import translate


def read_text(path: Path) -> str:
    """Read a ``.mod`` file.

    Raises:
        NmodlError: where it is missing or not text (NMODL's comments may be in Latin-1).
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NmodlError([Finding(str(path), f"cannot be read: {error.strerror}")]) from None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def main(arguments: list[str] | None = None) -> int:
    """Translate the files and print them; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m jxneuron.nmodl", description=__doc__)
    parser.add_argument("file", nargs="+", type=Path, help="NMODL files")
    parser.add_argument("--print", action="store_true", help="print the generated Python (the default)")
    failed = 0
    for path in parser.parse_args(arguments).file:
        try:
            found = translate(read_text(path), file=path.name)
        except JxneuronError as error:
            print(error, file=sys.stderr)
            failed = 1
            continue
        print(found.python, end="")
        for note in found.notes:
            print(f"{path.name}: {note}", file=sys.stderr)
    return failed


if __name__ == "__main__":
    sys.exit(main())
