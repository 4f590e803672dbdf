"""``python -m jxneuron.nmodl --verify``: translated mechanisms against NEURON, at random inputs.

In: ``.mod`` files and folders. Out: a `Verdict` per file. NEURON runs in children, one build per folder and one
child per temperature; ours in a child of its own, compiled once per mechanism. What is compared, and when two values
are equal, is said in `judge`; how the inputs are drawn, in `sampling`.
"""

from __future__ import annotations

import dataclasses
import json
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np

from jxneuron.child import compile_mod, process
from jxneuron.compare import judge, sampling, verify_worker
from jxneuron.compare.judge import Quantity
from jxneuron.compare.verify_events import verify_events
from jxneuron.errors import ChildFailed, Finding, Findings, ModelError, NmodlError
from jxneuron.mech.generated import load as load_mechanism
from jxneuron.mech.generated import load_named
from jxneuron.model import file as model_file
from jxneuron.nmodl import Translation, mutate, translate_all
from jxneuron.nmodl.check import read_text, verdict_on

ROUNDS = len(verify_worker.CELSIUS)
TIMEOUT = 1200.0  # s, for each child
SMALLEST = 40  # samples of a variable, below which nothing is said to be verified
MOST_LINES = 6  # of what nrnivmodl says
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Verdict:
    """One file.

    Attributes:
        file: its path.
        name: of the mechanism, "" where it is not translated.
        verdict: ``verified``, ``differs`` (also where only ours fails), ``not run`` (NEURON refuses the file, stops, or
            gives too few numbers), or why it is not translated: ``functions``, ``refused`` or ``wrong`` as for
            ``nmodl.check.Checked``.
        why: findings, or what NEURON said.
        quantities: the worst sample of each variable and phase.
        findings: why the translator refuses it.
        settings: how many of temperature and dt were run.
    """

    file: str
    name: str
    verdict: str
    why: str = ""
    quantities: tuple[Quantity, ...] = ()
    settings: int = 0
    findings: tuple[Finding, ...] = ()

    @property
    def differing(self) -> tuple[Quantity, ...]:
        """What is more than rounding, the worst first."""
        return tuple(sorted((each for each in self.quantities if each.differs), key=lambda each: -each.badness))


@dataclass(frozen=True)
class Order:
    """A mechanism to verify: the text that NEURON compiles, with a name that nothing else has there."""

    file: str
    text: str
    translation: Translation

    @property
    def name(self) -> str:
        """The mechanism's name in NEURON."""
        return self.translation.name

    @property
    def request(self) -> dict[str, Any]:
        """What the worker gets."""
        return {"name": self.name, "python": self.translation.python, "constants": mutate.list_constants(self.text)}


def verify(paths: Sequence[Path], *, mutants: int = 0, tell: Tell = lambda what: None) -> list[Verdict]:
    """Verify files, folder by folder.

    Args:
        paths: ``.mod`` files.
        mutants: verify this many random mutants of each file besides.
        tell: called with a line that says what is under way.

    Raises:
        NeuronMissing: NEURON or its compiler is not installed.
    """
    found: dict[Path, list[Verdict]] = {}
    texts: dict[Path, str] = {}
    for path in paths:
        try:
            texts[path] = read_text(path)
        except NmodlError as error:
            found[path] = [_refused(str(path), error)]
    for folder in dict.fromkeys(path.parent for path in texts):
        inside = [path for path in texts if path.parent == folder]
        for each in verify_folder(folder, [(str(path), texts[path]) for path in inside], mutants=mutants, tell=tell):
            found.setdefault(Path(each.file.partition(" (mutant")[0]), []).append(each)
    return [verdict for path in dict.fromkeys(paths) for verdict in found[path]]


def verify_folder(
    beside: Path | None,
    sources: Sequence[tuple[str, str]],
    *,
    mutants: int = 0,
    tell: Tell = lambda what: None,
    python: Mapping[str, str] | None = None,
) -> list[Verdict]:
    """Verify texts with one build.

    Args:
        beside: the folder with the files that they INCLUDE.
        sources: file and NMODL text of each.
        mutants: random mutants of each file besides.
        tell: called with a line that says what is under way.
        python: generated modules to run in place of the translations, by mechanism.
    """
    texts = [(file, text) for file, text in sources]
    for file, text in sources:
        texts += [(f"{file} (mutant {k + 1})", mutate.make_mutant(text, k)) for k in range(mutants)]
    orders, verdicts = _orders(texts)
    with tempfile.TemporaryDirectory(prefix="jxneuron-") as name:
        folder = Path(name)
        tell(f"{len(orders)} mechanisms: compiling")
        built, refused = _build(beside, orders, folder / "mod")
        verdicts |= refused
        orders = [order for order in orders if order.file not in refused]
        notes = {}
        for library, together in built:
            tell(f"{len(together)} mechanisms: NEURON")
            notes |= _notes(beside, library, together, folder)
        tell(f"{len(orders)} mechanisms: comparing")
        given = {order.name: (python or {}).get(order.name, order.translation.python) for order in orders}
        found = _run_ours(given, folder) if orders else {}
        events = _verify_events(built, given, folder, tell)
    verdicts |= {
        order.file: _verdict(order, found.get(order.name, []), events.get(order.name, []), notes[order.name])
        for order in orders
    }
    return [verdicts[file] for file, _ in texts]


def _verify_events(
    built: Sequence[tuple[Path, Sequence[Order]]], python: Mapping[str, str], folder: Path, tell: Tell
) -> dict[str, list[Quantity] | str]:
    """Compare what events do, two mechanisms at a time; by mechanism that receives any."""
    mechanisms = [
        (library, load_mechanism(order.translation.python)) for library, together in built for order in together
    ]
    receiving = [(library, mechanism) for library, mechanism in mechanisms if mechanism.receive is not None]
    if not receiving:
        return {}
    tell(f"{len(receiving)} mechanisms: events")
    with ThreadPoolExecutor(2) as pool:
        found = pool.map(
            lambda one: verify_events(one[1], one[0], folder / "events" / one[1].name, python[one[1].name]), receiving
        )
        return {mechanism.name: quantities for (_, mechanism), quantities in zip(receiving, found, strict=True)}


def _orders(texts: Sequence[tuple[str, str]]) -> tuple[list[Order], dict[str, Verdict]]:
    """What can be translated, each under a name of its own; and the rest, refused."""
    first = translate_all([(text, Path(file).name.partition(" (mutant")[0]) for file, text in texts])
    taken: set[str] = set(BUILT_IN)
    renamed: list[tuple[str, str, str]] = []
    refused: dict[str, Verdict] = {}
    for (file, text), found in zip(texts, first, strict=True):
        if isinstance(found, Findings):
            refused[file] = _refused(file, found)
            continue
        name = found.name
        while name in taken:
            name += "_"
        taken.add(name)
        renamed.append((file, text if name == found.name else mutate.rename(text, name), name))
    again = translate_all([(text, f"{name}.mod") for _, text, name in renamed])  # as the session will call them
    orders = []
    for (file, text, _), found in zip(renamed, again, strict=True):
        if isinstance(found, Findings):
            refused[file] = _refused(file, found)
        else:
            orders.append(Order(file, text, found))
    return orders, refused


def _refused(file: str, error: Findings) -> Verdict:
    return Verdict(file, "", verdict_on(error), "\n".join(map(str, error.findings)), findings=error.findings)


# Mechanisms that every session has, whose names no library may take
BUILT_IN = (
    "hh", "pas", "fastpas", "capacitance", "extracellular", "IClamp", "SEClamp", "VClamp", "AlphaSynapse", "ExpSyn",
    "Exp2Syn", "NetStim", "IntFire1", "IntFire2", "IntFire4", "PointProcessMark", "PatternStim", "APCount",
)  # fmt: skip


def _build(
    beside: Path | None, orders: Sequence[Order], work: Path
) -> tuple[list[tuple[Path, Sequence[Order]]], dict[str, Verdict]]:
    """Compile the orders together; where NEURON refuses, each half by itself, down to those that it refuses."""
    if not orders:
        return [], {}
    _stage(beside, orders, work)
    try:
        return [(compile_mod.compile_folders([work]), orders)], {}
    except ModelError as error:
        if len(orders) == 1:
            why = f"nrnivmodl refuses it:\n{_reason(str(error))}"
            return [], {orders[0].file: Verdict(orders[0].file, orders[0].name, "not run", why)}
    middle = len(orders) // 2
    (first, refused), (second, also) = (
        _build(beside, part, work / name) for name, part in (("a", orders[:middle]), ("b", orders[middle:]))
    )
    return [*first, *second], {**refused, **also}


def _reason(output: str) -> str:
    """The lines in which nrnivmodl or the compiler says what is wrong, else its last ones."""
    lines = output.splitlines()
    errors = [line for line in lines if "error" in line.lower() and "make" not in line]
    return "\n".join(errors[:MOST_LINES] or lines[-MOST_LINES:])


def _stage(beside: Path | None, orders: Sequence[Order], folder: Path) -> None:
    folder.mkdir(parents=True)
    for path in sorted(beside.iterdir()) if beside else ():
        if path.suffix in compile_mod.SIDE_FILES:
            (folder / path.name).write_bytes(path.read_bytes())
    for order in orders:
        (folder / f"{order.name}.mod").write_text(order.text)
    mechanisms = load_named({order.name: order.translation.python for order in orders})
    for name, text in sampling.drivers(mechanisms).items():
        (folder / name).write_text(text)


def _notes(
    beside: Path | None, library: Path, orders: Sequence[Order], folder: Path
) -> dict[str, list[dict[str, Any]]]:
    """What NEURON said of each mechanism; where it cannot load them together, of each half by itself.

    A mechanism's name may be a variable of another one's ion (SUFFIX ``cai`` beside USEION ``ca``).
    """
    try:
        return _run_neuron(library, orders, folder)
    except ChildFailed as error:
        if len(orders) == 1:
            return {orders[0].name: [{"settings": 0, "failed": f"NEURON cannot load it:\n{error}"}] * ROUNDS}
    notes: dict[str, list[dict[str, Any]]] = {}
    middle = len(orders) // 2
    for half in (orders[:middle], orders[middle:]):
        built, _ = _build(beside, half, Path(tempfile.mkdtemp(dir=folder)) / "mod")
        for part, together in built:
            notes |= _notes(beside, part, together, folder)
    return notes


def _run_neuron(library: Path, orders: Sequence[Order], folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Every round in a fresh process, two at a time; by mechanism, what each said."""
    with ThreadPoolExecutor(2) as pool:
        rounds = list(pool.map(lambda k: _whole_round(library, orders, k, folder / f"round{k}"), range(ROUNDS)))
    return {order.name: [answers[order.name] for answers in rounds] for order in orders}


def _whole_round(library: Path, orders: Sequence[Order], number: int, folder: Path) -> dict[str, dict[str, Any]]:
    """Run one round; a child that crashes is started again after the mechanism on which it crashed."""
    answers: dict[str, dict[str, Any]] = {}
    while left := [order for order in orders if order.name not in answers]:
        answers |= _round(library, left, number, folder)
    return answers


def _round(library: Path, orders: Sequence[Order], number: int, folder: Path) -> dict[str, dict[str, Any]]:
    """One child; when NEURON crashes, what was done until then and the mechanism that it crashed on."""
    request = {"library": str(library), "orders": [order.request for order in orders], "round": number}
    try:
        done = process.run_python(
            "jxneuron.compare.verify_worker", request, folder=folder, timeout=TIMEOUT, what="NEURON"
        )
        return done.answer
    except ChildFailed as error:
        progress = folder / verify_worker.PROGRESS
        if not progress.is_file():
            raise
        reached = json.loads(progress.read_text())
        progress.unlink()
        return {**reached["done"], reached["under way"]: {"settings": 0, "failed": str(error)}}


def _run_ours(python: Mapping[str, str], folder: Path) -> dict[str, list[Quantity] | str]:
    """Compare in a child, where JAX may be set to float64; by mechanism, or why it cannot be compared."""
    request = {"folder": str(folder), "python": dict(python)}
    done = process.run_python(
        "jxneuron.compare.verify", request, folder=folder / "ours", timeout=3 * TIMEOUT, what="the comparison"
    )
    return {
        name: found if isinstance(found, str) else [Quantity(**each) for each in found]
        for name, found in done.answer.items()
    }


def main() -> None:
    """Entry of our child process."""
    process.serve(_work)


def _work(request: dict[str, Any], folder: Path) -> dict[str, Any]:
    jax.config.update("jax_enable_x64", True)
    found: dict[str, Any] = {}
    for name in request["python"]:
        try:
            quantities = judge.worst(list(_mechanism(name, request["python"], Path(request["folder"]))))
            found[name] = [dataclasses.asdict(each) for each in quantities]
        except Exception as error:  # one mechanism that breaks ours must not hide the verdict on the others
            found[name] = f"NEURON runs it, ours fails:\n  | {type(error).__name__}: {error}\n  | {_line(error)}"
        jax.clear_caches()
    return found


def _line(error: Exception) -> str:
    """The line of generated Python that fails, which names the line of NMODL; else the innermost one."""
    frames = traceback.extract_tb(error.__traceback__)
    generated = [frame for frame in frames if Path(frame.filename).parent.name == "python"]
    frame = (generated or frames)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}: {frame.line}"


def _mechanism(name: str, python: Mapping[str, str], folder: Path) -> Iterator[Quantity]:
    """All settings of one mechanism; Programs with tables and without."""
    programs: dict[Any, judge.Programs] = {}
    for path in sorted(folder.glob(f"round*/{name}.?.jxn")):
        model = model_file.open(path)
        with np.load(path.with_suffix(".npz")) as arrays:
            key = tuple(model.settings.tables.items())
            programs[key], found = judge.measure(model, dict(arrays), python, programs.get(key))
        yield from found


def _verdict(
    order: Order, found: list[Quantity] | str, events: list[Quantity] | str, notes: Sequence[Mapping[str, Any]]
) -> Verdict:
    count = sum(note["settings"] for note in notes)
    failed = "\n".join(dict.fromkeys(note["failed"] for note in notes if note["failed"]))
    quantities = () if isinstance(found, str) else tuple(found)
    quantities += () if isinstance(events, str) else tuple(judge.worst(events))
    mechanism = load_mechanism(order.translation.python)
    if count < sum(len(verify_worker.settings(number, mechanism)) for number in range(ROUNDS)):
        return Verdict(order.file, order.name, "not run", failed, quantities, count)
    if isinstance(found, str):
        return Verdict(order.file, order.name, "differs", found, settings=count)
    few = events if isinstance(events, str) else next(_too_few(quantities), "")
    verdict = "differs" if any(each.differs for each in quantities) else "not run" if few else "verified"
    return Verdict(order.file, order.name, verdict, few or failed, quantities, count)


def _too_few(quantities: Sequence[Quantity]) -> Iterator[str]:
    """What proves too little: hardly a sample that could be compared, or that is a number."""
    for each in quantities:
        if each.samples < SMALLEST <= each.samples + each.left_out:
            yield f"{each.variable} could be compared in {each.samples} samples only: rounding makes the others"
        elif each.variable == "current" and each.finite < SMALLEST:
            yield f"NEURON's current is a number in {each.finite} samples only"


if __name__ == "__main__":
    main()
