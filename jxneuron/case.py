"""A case: which model to compare, how to load it, how to run it, what to record.

In: a .hoc or .py model, a TOML file, or keyword arguments. Out: `Case`, checked, with absolute paths.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import math
import os
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

from jxneuron.errors import ModelError
from jxneuron.model.model import InitMode
from jxneuron.wording import did_you_mean, near_matches

_PLACEHOLDER = re.compile(r"\{(neuron|package:[A-Za-z_][\w.]*)\}")
_RECORD = re.compile(r"^(?P<owner>.+?)(?:\((?P<x>[^()]*)\))?\.(?P<variable>[A-Za-z_]\w*(?:\[\d+\])?)$")
_SEGMENT = re.compile(r"^(?P<owner>.+?)\((?P<x>[^()]*)\)$")
MODES = get_args(InitMode)


@dataclass(frozen=True)
class Stim:
    """A current clamp that a case adds to the model, in both engines."""

    at: str  # segment: "soma(0.5)"
    delay: float  # ms
    dur: float  # ms
    amp: float  # nA


@dataclass(frozen=True)
class Case:
    """What a comparison runs. What is None or empty is the model's own.

    Attributes:
        title: how reports call the case.
        source: where the model comes from (a citation or an address).
        mod: folders of .mod files, or compiled libraries.
        cwd: the folder in which the model is loaded and run.
        before: hoc statements before the files are loaded.
        load: .hoc and .py files, relative to ``cwd``; a .py is run as a script with its folder on the path.
        after: hoc statements once the files are loaded.
        init: ``auto``, ``ours``, ``neuron`` (where our run starts), or the hoc statement that initialises the
            model in both engines (and then ``auto``).
        dt: ms.
        tstop: ms.
        celsius: degC.
        v_init: mV.
        record: variables: ``soma(0.5).v``, ``dend[2](0.3).cai``, ``IClamp[0].i``.
        stim: current clamps to add.
        without: ``synapses``, ``events`` or mechanism names, taken out of both engines.
        tolerance: mV; only together with ``why``.
        why: why this case has its own tolerance.
        file: the TOML file, for messages.
        spikes: record the spike times of every source of events besides; no key of a file, comparisons set it.
    """

    title: str = ""
    source: str = ""
    mod: tuple[str, ...] = ()
    cwd: str = ""
    before: tuple[str, ...] = ()
    load: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    init: str = "auto"
    dt: float | None = None
    tstop: float | None = None
    celsius: float | None = None
    v_init: float | None = None
    record: tuple[str, ...] = ()
    stim: tuple[Stim, ...] = ()
    without: tuple[str, ...] = ()
    tolerance: float | None = None
    why: str = ""
    file: str = ""
    spikes: bool = False

    @property
    def init_mode(self) -> InitMode:
        """Where our run starts from: auto, ours or neuron."""
        return cast(InitMode, self.init) if self.init in MODES else "auto"

    @property
    def init_statement(self) -> str:
        """The hoc statement that initialises the model, "" for its own (stdrun's stdinit())."""
        return "" if self.init in MODES else self.init

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able data; `from_dict` gives the same case again."""
        return dataclasses.asdict(self)


KEYS = tuple(field.name for field in dataclasses.fields(Case) if field.name not in ("file", "spikes"))


def title(path: Path) -> str:
    """A case file's title, without checking the rest of it."""
    return str(_toml(path).get("title", ""))


def from_dict(data: Mapping[str, Any]) -> Case:
    """The case that `Case.to_dict` wrote (no paths are changed, nothing is checked again)."""
    lists = {key: tuple(value) for key, value in data.items() if isinstance(value, list | tuple)}
    return Case(**{**data, **lists, "stim": tuple(Stim(**each) for each in data.get("stim", ()))})


def read(path: str | Path, **keys: Any) -> Case:
    """Read a case from a TOML file, or make one for a .hoc or .py model; ``keys`` override what it says.

    Raises:
        ModelError: the file is missing or damaged, a key is unknown, a value is wrong. One message for all.
    """
    path = Path(path)
    if not os.path.isfile(path):
        raise ModelError(f"{path}: there is no such file")
    if path.suffix == ".toml":
        given = _toml(path)
        return make({**given, **keys}, folder=path.parent, file=str(path), of_file=set(given) - set(keys))
    if path.suffix not in (".hoc", ".py", ".nrn", ".ses"):
        raise ModelError(f"{path}: a model is a .hoc or .py file, a case is a .toml file")
    model = {"title": path.stem, "cwd": str(path.resolve().parent), "load": [path.name]}
    return make({**model, **keys}, folder=Path.cwd(), file="")


def make(
    keys: Mapping[str, Any], *, folder: Path | None = None, file: str = "", of_file: set[str] | None = None
) -> Case:
    """A checked case from its keys.

    Args:
        keys: see `Case`; lists may be given as one string.
        folder: what relative paths are relative to; None is the current folder.
        file: the TOML file, for messages.
        of_file: the keys whose paths are relative to ``folder``, others to the current folder; None is all.
    """
    folder = Path.cwd() if folder is None else folder.resolve()
    place = file or "case"
    problems = _unknown(keys)
    values: dict[str, Any] = {}
    for key in KEYS:
        if keys.get(key) is not None:
            _take(values, key, keys[key], problems)
    _check_whole(values, problems)
    if problems:
        raise ModelError("\n".join(f"{place}: {problem}" for problem in problems))
    for key in ("mod", "cwd"):
        base = folder if of_file is None or key in of_file else Path.cwd()
        if key in values:
            values[key] = _absolute(values[key], base, place)
    values.setdefault("cwd", str(folder if file else Path.cwd()))
    for key in ("before", "load", "after"):
        values[key] = tuple(_expand(each, place) for each in values.get(key, ()))
    values.setdefault("title", Path(file).stem if file else " ".join(values["load"]))
    return _check_files(Case(**values, file=file), place)


def split_record(text: str) -> tuple[str, float | None, str]:
    """``dend[2](0.3).cai`` -> ("dend[2]", 0.3, "cai"); ``IClamp[0].i`` -> ("IClamp[0]", None, "i").

    Raises:
        ModelError: not of one of these forms, or the position is outside 0..1.
    """
    match = _RECORD.match(text.strip())
    if match is None:
        raise ModelError(f"record {text!r}: write it as soma(0.5).v, dend[2](0.3).cai or IClamp[0].i")
    x = match["x"]
    return match["owner"], None if x is None else _position(x, text), match["variable"]


def split_segment(text: str) -> tuple[str, float]:
    """``soma(0.5)`` -> ("soma", 0.5).

    Raises:
        ModelError: not of this form, or the position is outside 0..1.
    """
    match = _SEGMENT.match(text.strip())
    if match is None:
        raise ModelError(f"segment {text!r}: write it as soma(0.5)")
    return match["owner"], _position(match["x"], text)


def installed(package: str) -> Path:
    """The folder of an installed package, found without importing it.

    Raises:
        ModelError: it is not installed.
    """
    top, _, rest = package.partition(".")
    spec = importlib.util.find_spec(top) if top != "__main__" else None
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(f"the package {top} is not installed: pip install {top}")
    return Path(next(iter(spec.submodule_search_locations)), *filter(None, rest.split(".")))


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:  # ValueError: no UTF-8, no TOML, an integer of thousands of digits
        raise ModelError(f"{path}: not a TOML file: {error}") from None
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror}") from None


def _unknown(keys: Mapping[str, Any]) -> list[str]:
    problems = []
    for key in keys:
        if key not in KEYS:
            problems.append(f"unknown key {key!r}{did_you_mean(key, KEYS, 'the keys are ' + ', '.join(KEYS))}")
    return problems


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ModelError("must be a text")
    return _without_nul(value)


def _texts(value: Any) -> tuple[str, ...]:
    values = [value] if isinstance(value, str | Path) else value
    if not isinstance(values, Sequence) or not all(isinstance(each, str | Path) for each in values):
        raise ModelError("must be a list of texts")
    return tuple(_without_nul(str(each)) for each in values)


def _without_nul(text: str) -> str:
    """No file's name and no hoc statement holds NUL, at which C ends a text."""
    if "\0" in text:
        raise ModelError(f"must not hold a NUL character: {text!r}")
    return text


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ModelError("must be a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ModelError(f"must be a finite number, not {number}")
    return number


def _positive(value: Any) -> float:
    number = _number(value)
    if number <= 0:
        raise ModelError(f"must be greater than 0, not {number:g}")
    return number


def _records(value: Any) -> tuple[str, ...]:
    texts = _texts(value)
    for text in texts:
        split_record(text)
    return tuple(dict.fromkeys(texts))


def _stims(value: Any) -> tuple[Stim, ...]:
    tables = [value] if isinstance(value, Mapping) else value
    if not isinstance(tables, Sequence) or isinstance(tables, str):
        raise ModelError("must be a list of tables {at, delay, dur, amp}")
    return tuple(each if isinstance(each, Stim) else _stim(each) for each in tables)


def _stim(table: Any) -> Stim:
    names = ("at", "delay", "dur", "amp")
    if not isinstance(table, Mapping) or set(table) != set(names):
        raise ModelError("needs exactly the keys at, delay, dur, amp")
    split_segment(_text(table["at"]))
    numbers = {}
    for name in names[1:]:
        try:
            numbers[name] = _number(table[name])
        except ModelError as error:
            raise ModelError(f"{name} {error}") from None
        if name != "amp" and numbers[name] < 0:
            raise ModelError(f"{name} must not be negative")
    return Stim(table["at"], **numbers)


_READERS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("title", "source", "cwd", "init", "why"), _text),
    **dict.fromkeys(("mod", "before", "load", "after", "without"), _texts),
    **dict.fromkeys(("dt", "tstop", "tolerance"), _positive),
    **dict.fromkeys(("celsius", "v_init"), _number),
    "record": _records,
    "stim": _stims,
}


def _take(values: dict[str, Any], key: str, value: Any, problems: list[str]) -> None:
    try:
        values[key] = _READERS[key](value)
    except ModelError as error:
        problems.append(f"{key}: {error}")


def _check_whole(values: dict[str, Any], problems: list[str]) -> None:
    if "tolerance" in values and not values.get("why", "").strip():
        problems.append("a tolerance of its own needs a 'why', which the report prints")
    if not (values.get("load") or values.get("before") or values.get("after")):
        problems.append("nothing to load: 'load' (or 'before', 'after') is missing")
    if "init" in values and not values["init"].strip():
        problems.append("init is empty: auto, ours, neuron or a hoc statement")
    near = near_matches(values.get("init", ""), MODES, cutoff=0.7)
    if near and near[0] != values["init"]:
        problems.append(f"init {values['init']!r}: did you mean {near[0]}?")


def _check_files(case: Case, place: str) -> Case:
    if not os.path.isdir(case.cwd):  # unlike Path, os.path takes a name that is too long for one of no file
        raise ModelError(f"{place}: cwd {case.cwd}: there is no such folder")
    for each in case.mod:
        if not os.path.exists(each):
            raise ModelError(f"{place}: mod {each}: there is no such folder of .mod files")
    for name in case.load:
        path = Path(case.cwd) / name
        if not os.path.isfile(path):
            raise ModelError(f"{place}: load: there is no file {path}")
    return case


def _position(text: str, whole: str) -> float:
    try:
        x = float(text)
    except ValueError:
        raise ModelError(f"{whole!r}: {text!r} is not a position between 0 and 1") from None
    if not 0 <= x <= 1:
        raise ModelError(f"{whole!r}: position {text} is outside 0..1")
    return x


def _expand(text: str, place: str) -> str:
    """``{neuron}`` and ``{package:NAME}`` become the folder of the installed package."""

    def folder(match: re.Match[str]) -> str:
        try:
            return str(installed(match[1].removeprefix("package:")))
        except ModelError as error:
            raise ModelError(f"{place}: {error}") from None

    return _PLACEHOLDER.sub(folder, text)


def _absolute(value: Any, base: Path, place: str) -> Any:
    if isinstance(value, tuple):
        return tuple(_absolute(each, base, place) for each in value)
    path = Path(_expand(value, place))
    try:
        return str((base / path.expanduser()).resolve())
    except RuntimeError as error:  # no such user, or symbolic links that lead round
        raise ModelError(f"{place}: {path}: {error}") from None
