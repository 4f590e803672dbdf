"""Translate NMODL files, or show, check or verify the translation: ``python -m jxneuron.nmodl FILE...``.

Exit code: 0 all translated (all verified), 1 any refused (any that differs), 2 usage.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from jxneuron.errors import JxneuronError
from jxneuron.nmodl import translate
from jxneuron.nmodl.check import as_data, check, find_files, read_text, show
from jxneuron.nmodl.compiler import show_stages

USAGE = 2


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line asks; return the exit code."""
    options = _parser().parse_args(arguments)
    if options.mutate < 0 or (options.mutate and not options.verify):
        print("--mutate takes a number of mutants, 0 or more, and goes with --verify", file=sys.stderr)
        return USAGE
    try:
        paths = find_files(options.file)
        if options.verify:
            return _verify(paths, options.mutate, options.json)
        if options.check:
            return _check(paths, options.json)
        if options.stages:
            return _stages(paths)
        return _print(paths)
    except JxneuronError as error:
        print(error, file=sys.stderr)
        return USAGE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m jxneuron.nmodl", description="Translate NMODL files.")
    parser.add_argument("file", nargs="+", type=Path, help="NMODL files, or folders of them")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--print", action="store_true", help="print the generated Python (the default)")
    what.add_argument("--check", action="store_true", help="a table of what can be translated and why the rest cannot")
    what.add_argument("--verify", action="store_true", help="compare each mechanism with NEURON at random inputs")
    what.add_argument("--stages", action="store_true", help="print the blocks as NMODL after each pass of the compiler")
    parser.add_argument("--mutate", type=int, default=0, metavar="N", help="verify N mutants of each file besides")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser


def _print(paths: list[Path]) -> int:
    failed = 0
    for path in paths:
        try:
            translation = translate(read_text(path), file=path.name)
        except JxneuronError as error:
            print(error, file=sys.stderr)
            failed = 1
            continue
        print(translation.python, end="")
        for note in translation.notes:
            print(f"{path.name}: {note}", file=sys.stderr)
    return failed


def _stages(paths: list[Path]) -> int:
    failed = 0
    for path in paths:
        try:
            print("\n".join(show_stages(read_text(path), path.name)))
        except JxneuronError as error:
            print(error, file=sys.stderr)
            failed = 1
    return failed


def _check(paths: list[Path], as_json: bool) -> int:
    checked = check(paths)
    if as_json:
        _dump(as_data(checked))
    else:
        show(checked, _console())
    return int(any(file.verdict not in ("translated", "functions") for file in checked))


def _verify(paths: list[Path], mutants: int, as_json: bool) -> int:
    from jxneuron.compare import verdicts, verify

    with _console(stderr=True).status("starting") as line:
        verified = verify.verify(paths, mutants=mutants, tell=lambda what: line.update(what + " ..."))
    if as_json:
        _dump(verdicts.as_data(verified))
    else:
        verdicts.show(verified, _console())
    return int(any(mechanism.verdict not in ("verified", "functions") for mechanism in verified))


def _console(stderr: bool = False) -> Any:
    from rich.console import Console

    return Console(highlight=False, stderr=stderr)


def _dump(data: Any) -> None:
    print(json.dumps(data, indent=1))


if __name__ == "__main__":
    sys.exit(main())
