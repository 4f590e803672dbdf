"""``python -m jxneuron.compare``: a model, a case or a folder of cases on the command line, two engines, one table.

Exit code: 0 within (all of a folder), 1 beyond or not a number on either side, 2 usage, 3 not comparable.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from jxneuron import case as cases
from jxneuron.compare import comparison as comparing
from jxneuron.compare import report, suite, suite_report
from jxneuron.errors import JxneuronError, ModelError

SHIPPED = Path(__file__).with_name("cases")
LOCAL = Path("validation", "cases")
USAGE, STOPPED = 2, 130

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def main() -> None:
    """Entry of the command."""
    app(prog_name="python -m jxneuron.compare")


@app.command()
def command(
    model: Annotated[str | None, typer.Argument(help="a .hoc or .py model, or a .toml case")] = None,
    mod: Annotated[list[str] | None, typer.Option(help="folder of .mod files, or a compiled library")] = None,
    cwd: Annotated[str | None, typer.Option(help="folder to run in (default: the model's)")] = None,
    before: Annotated[list[str] | None, typer.Option(help="hoc statement before the model is loaded")] = None,
    load: Annotated[list[str] | None, typer.Option(help="file to load (instead of MODEL)")] = None,
    after: Annotated[list[str] | None, typer.Option(help="hoc statement once the model is loaded")] = None,
    init: Annotated[str | None, typer.Option(help="auto, ours, neuron, or a hoc statement")] = None,
    dt: Annotated[float | None, typer.Option(help="ms")] = None,
    tstop: Annotated[float | None, typer.Option(help="ms")] = None,
    celsius: Annotated[float | None, typer.Option(help="degC")] = None,
    v_init: Annotated[float | None, typer.Option("--v-init", "--v_init", help="mV")] = None,
    record: Annotated[list[str] | None, typer.Option(help="soma(0.5).v, dend[2](0.3).cai, IClamp[0].i")] = None,
    stim: Annotated[list[str] | None, typer.Option(help="'soma(0.5),delay,dur,amp' (ms, ms, nA)")] = None,
    without: Annotated[list[str] | None, typer.Option(help="synapses, events, or a mechanism's name")] = None,
    tolerance: Annotated[float | None, typer.Option(help="mV; needs --why")] = None,
    why: Annotated[str | None, typer.Option(help="why the tolerance is what it is")] = None,
    title: Annotated[str | None, typer.Option(help="how reports call the case")] = None,
    source: Annotated[str | None, typer.Option(help="where the model comes from")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="write the report as JSON")] = None,
    html_file: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="write an HTML report")] = None,
    timeout: Annotated[float, typer.Option(help="seconds for each child process")] = comparing.TIMEOUT,
    diagnose: Annotated[bool, typer.Option("--diagnose", help="say in which variable a difference starts")] = False,
    steps: Annotated[str | None, typer.Option(help="diagnose these steps only: '0,1,400'")] = None,
    suite_folder: Annotated[
        Path | None, typer.Option("--suite", metavar="DIR", help="run all cases of a folder")
    ] = None,
    jobs: Annotated[int | None, typer.Option(help="cases at a time with --suite (default: one for each core)")] = None,
    list_cases: Annotated[bool, typer.Option("--list", help="list the cases at hand")] = False,
    demo: Annotated[bool, typer.Option("--demo", help="compare NEURON's own demo cell (no compiler needed)")] = False,
    show_traceback: Annotated[bool, typer.Option("--traceback", help="show the traceback of an error")] = False,
) -> None:
    """Run a model in NEURON and in jxneuron, and compare what they record."""
    if list_cases:
        raise typer.Exit(_list(Path(model) if model else None))
    texts = dict(cwd=cwd, init=init, why=why, title=title, source=source)
    lists = dict(mod=mod, before=before, load=load, after=after, record=record, stim=stim, without=without)
    numbers = dict(dt=dt, tstop=tstop, celsius=celsius, v_init=v_init, tolerance=tolerance)
    given = {**texts, **lists, **numbers}
    keys = {key: value for key, value in given.items() if value is not None and value != []}
    asked = _Asked([("json", json_file), ("html", html_file)], timeout, show_traceback, diagnose or bool(steps), jobs)
    try:
        if suite_folder is not None:
            code = _suite(suite_folder, model, demo, keys, asked)
        else:
            code = _compare(_case(_model(model, demo), keys), asked, _steps(steps))
    except JxneuronError as error:
        code = _say(error, show_traceback)
    except KeyboardInterrupt:
        print("stopped; nothing was written", file=sys.stderr)
        code = STOPPED
    except Exception as error:
        print("A fault in jxneuron itself (--traceback shows where):", file=sys.stderr)
        code = _say(error, show_traceback, comparing.EXIT["not comparable"])
    raise typer.Exit(code)


@dataclass(frozen=True)
class _Asked:
    """What the command line says besides the case."""

    files: list[tuple[str, Path | None]]
    timeout: float
    trace: bool
    diagnose: bool
    jobs: int | None


def _compare(case: cases.Case, asked: _Asked, steps: Sequence[int] | None) -> int:
    """Run the comparison, print it, write the reports; the exit code."""
    console = Console(highlight=False)
    _check_outputs(asked.files, asked.timeout)
    with _status() as tell:
        result = comparing.compare(case, timeout=asked.timeout, tell=tell, diagnose=asked.diagnose, steps=steps)
    if asked.trace and result.error is not None:
        traceback.print_exception(result.error)
    report.show(result, console)
    if result.both is not None and result.status == "beyond" and result.diagnosis is None and _is_wanted():
        with _status() as tell:
            result = comparing.diagnosed(result, timeout=asked.timeout, tell=tell)
        report.show_diagnosis(result, console)
    return USAGE if _save(result, asked.files, console) else result.exit_code


def _suite(folder: Path, model: str | None, demo: bool, keys: dict[str, Any], asked: _Asked) -> int:
    """Run a folder of cases, print one table, write it; the exit code."""
    if model is not None or demo:
        raise ModelError("--suite takes a folder of cases, and no model besides")
    if asked.jobs is not None and asked.jobs < 1:
        raise ModelError(f"--jobs must be 1 or more, not {asked.jobs}")
    _check_outputs(asked.files, asked.timeout)
    paths, html = suite.find(folder), dict(asked.files)["html"]
    with suite_report.progress() as tell:
        rows = suite.run(
            paths,
            jobs=asked.jobs,
            timeout=asked.timeout,
            diagnose=asked.diagnose,
            pictures=html is not None,
            tell=tell,
            **_case_keys(keys),
        )
    console = Console(highlight=False)
    suite_report.show(rows, console)
    return USAGE if _save(suite_report.Written(rows, folder.name), asked.files, console) else suite.exit_code(rows)


@contextmanager
def _status() -> Iterator[Callable[[str], None]]:
    """A line on the terminal's error stream that says what is going on."""
    with Console(stderr=True).status("starting") as line:
        yield lambda what: line.update(what + " ...")


def _is_wanted() -> bool:
    """Ask whether to diagnose, where there is somebody to ask."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    return typer.confirm("Look for the variable and the line in which single steps differ?", default=True)


def _steps(text: str | None) -> list[int] | None:
    """``0,1,400`` as numbers."""
    try:
        return None if text is None else [int(each) for each in text.split(",")]
    except ValueError:
        raise ModelError(f"--steps {text!r}: write it as '0,1,400', steps counted from 0") from None


def _save(
    result: comparing.Comparison | suite_report.Written, files: list[tuple[str, Path | None]], console: Console
) -> int:
    """Write the reports; the number of those that could not be written."""
    failed = 0
    for kind, path in files:
        if path is None:
            continue
        try:
            (result.save_json if kind == "json" else result.html)(path)
        except OSError as error:
            print(f"--{kind} {path}: cannot be written: {error.strerror or error}", file=sys.stderr)
            failed += 1
        else:
            console.print(f"{kind.upper()}: {path}", soft_wrap=True)
    return failed


def _case(model: str | None, keys: dict[str, Any]) -> cases.Case:
    keys = _case_keys(keys)
    if model is not None:
        return cases.read(model, **keys)
    if "load" not in keys:
        raise ModelError("nothing to compare: give a .hoc or .py model, a .toml case, or --demo")
    return cases.make(keys)


def _case_keys(keys: dict[str, Any]) -> dict[str, Any]:
    return {**keys, "stim": [_stim(text) for text in keys["stim"]]} if "stim" in keys else keys


def _stim(text: str) -> dict[str, Any]:
    """``soma(0.5),5,95,2`` as a table of a case."""
    at, *numbers = text.rsplit(",", 3)
    try:
        delay, dur, amp = map(float, numbers)
    except ValueError:
        raise ModelError(f"--stim {text!r}: write it as 'soma(0.5),delay,dur,amp' in ms, ms, nA") from None
    return {"at": at, "delay": delay, "dur": dur, "amp": amp}


def _model(model: str | None, demo: bool) -> str | None:
    """The path to compare: the demo, a path, or the name of a case at hand."""
    if demo:
        return str(SHIPPED / "demo.toml")
    if model is not None and not Path(model).exists():
        named = [path for path in _at_hand(None) if path.stem == model]
        return str(named[0]) if named else model
    return model


def _check_outputs(files: list[tuple[str, Path | None]], timeout: float) -> None:
    """Before an hour of running: can the reports be written where they should go?"""
    if not timeout > 0:
        raise ModelError(f"--timeout must be greater than 0, not {timeout:g}")
    for kind, path in files:
        if path is None:
            continue
        folder = path.absolute().parent
        if not folder.is_dir():
            raise ModelError(f"--{kind} {path}: there is no folder {folder}")
        if path.is_dir():
            raise ModelError(f"--{kind} {path}: this is a folder")
        if not os.access(folder, os.W_OK):
            raise ModelError(f"--{kind} {path}: the folder cannot be written to")


def _at_hand(folder: Path | None) -> list[Path]:
    places = [SHIPPED, LOCAL] if folder is None else [folder]
    return [path for place in places for path in sorted(place.glob("*.toml"))]


def _list(folder: Path | None) -> int:
    """Print the cases shipped, those under validation/cases, or those of a folder."""
    console = Console(highlight=False)
    if folder is not None and not folder.is_dir():
        return _say(ModelError(f"--list {folder}: there is no such folder"), False)
    for path in _at_hand(folder):
        try:
            title = cases.title(path)
        except ModelError as error:
            title = f"damaged: {error}"
        console.print(f"{path.stem:24} {title}", markup=False, soft_wrap=True)
    return 0


def _say(error: Exception, trace: bool, code: int = USAGE) -> int:
    if trace:
        traceback.print_exception(error)
    else:
        print(error if isinstance(error, JxneuronError) else repr(error), file=sys.stderr)
    return code


if __name__ == "__main__":
    main()
