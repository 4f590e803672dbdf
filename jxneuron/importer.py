"""The doors for models: where the session's reader, the compiler and the saved file meet.

In: a script, a case, the running session, or a saved file. Out: a Network over one Model.
"""

from __future__ import annotations

import dataclasses
import itertools
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from jxneuron.errors import Finding, JxneuronError, ModelError, NeuronMissing, NmodlError, Unsupported
from jxneuron.model.model import InitMode, Model, Note, Source

if TYPE_CHECKING:
    from jxneuron.case import Case
    from jxneuron.mech.mechanism import Mechanism
    from jxneuron.modules.module import Module
    from jxneuron.modules.network import Network

MODEL_FILE = "model.jxn"


def load(
    path: str | Path,
    *,
    mod: str | Path | Sequence[str | Path] = (),
    cwd: str | Path | None = None,
    before: str | Sequence[str] = (),
    after: str | Sequence[str] = (),
    without: str | Sequence[str] = (),
    init: str = "auto",
    dt: float | None = None,
    celsius: float | None = None,
    v_init: float | None = None,
    strict: bool = True,
    timeout: float = 600.0,
) -> Network:
    """Build a model in NEURON, in a child process, and take it over.

    Args:
        path: a ``.hoc`` or ``.py`` file, or a case (``.toml``).
        mod: folders of ``.mod`` files, or compiled libraries.
        cwd: the folder to stand in; None takes that of ``path``.
        before: hoc statements to run before the file.
        after: hoc statements to run after it.
        without: what to take out of the model in NEURON first: ``synapses``, ``events`` or mechanism names, as
            ``--without`` of the command line does.
        init: where a run starts: ``auto``, ``ours``, ``neuron``, or a hoc statement that initialises the model.
        dt: ms; None takes the model's own.
        celsius: degC; None takes the model's own.
        v_init: mV; None takes the model's own.
        strict: stop at the first import with findings; False leaves out what cannot be taken over and says so in
            ``import_report``.
        timeout: s for the child.

    Raises:
        Unsupported: the model has parts that cannot be taken over yet; all of them at once.
        NmodlError: a ``.mod`` file is wrong.
        ModelError: the file, or what it builds, is wrong.
        ChildFailed: NEURON crashed, quit or ran out of time.
        NeuronMissing: NEURON or its compiler is not installed.
    """
    from jxneuron import case
    from jxneuron.modules.network import Network

    given = {"mod": mod, "before": before, "after": after, "without": without, "init": init}
    numbers = {"dt": dt, "celsius": celsius, "v_init": v_init, "cwd": None if cwd is None else str(cwd)}
    keys = {key: value for key, value in {**given, **numbers}.items() if value not in (None, (), [], "auto")}
    return Network.from_model(build_model(case.read(path, **keys), strict=strict, timeout=timeout))


def from_neuron(*, init: InitMode = "auto", strict: bool = True) -> Network:
    """Take over the model of the running session's ``h``; reads, changes nothing.

    The session should stand initialised (``h.finitialize()`` or the model's own ``init()``), since states, voltages
    and reversal potentials are read as they are.

    Args:
        init: where a run starts: ``auto``, ``ours`` or ``neuron`` (see ``load``).
        strict: as for ``load``.

    Raises:
        ModelError: no NEURON session runs in this process, or it holds no sections.
        Unsupported: the model has parts that cannot be taken over yet; all of them at once.
    """
    from jxneuron.modules.network import Network

    if "neuron" not in sys.modules:
        raise ModelError(
            "no NEURON session runs in this process: import neuron and build a model first, or use jx.load"
        )
    from neuron import h

    return Network.from_model(read_session(h, init=init, strict=strict))


def open(path: str | Path) -> Module:
    """Open a saved module, as the class that it was; needs no NEURON.

    The file holds the Python of its mechanisms, which runs when the model runs: open files of people you trust.

    Raises:
        ModelError: the file is damaged, not one of ours, or of a newer version.
    """
    from jxneuron.model import file
    from jxneuron.modules.network import opened

    return opened(file.open(path))


def mechanism(source: str | Path, *, name: str | None = None) -> Mechanism:
    """Translate a ``.mod`` file or NMODL text.

    Args:
        source: path of a ``.mod`` file, or the text itself.
        name: the name to know it by; None keeps its SUFFIX.

    Raises:
        ModelError: there is no such file, or the name is no identifier.
        NmodlError: the text is wrong.
        Unsupported: it holds constructs that are not taken over; all of them at once.
        NeuronMissing: NEURON, whose parser is needed, is not installed.
    """
    from jxneuron.mech.generated import load as load_source
    from jxneuron.nmodl import translate

    if name is not None and not (isinstance(name, str) and name.isidentifier()):
        raise ModelError(f"name = {name!r}: a mechanism's name is an identifier, as SUFFIX has it")
    text, file = _text(source)
    _require_neuron("Translating NMODL")
    return load_source(translate(text, file=file).python, name)


def _text(source: str | Path) -> tuple[str, str]:
    from jxneuron.nmodl.check import read_text

    if isinstance(source, str) and "\n" in source:
        return source, "text"
    path = Path(source)
    if not path.is_file():
        raise ModelError(f"{path}: there is no such .mod file")
    return read_text(path), path.name


def build_model(case: Case, *, strict: bool = True, timeout: float = 600.0) -> Model:
    """Build a case's model in a child process and read it there.

    Raises:
        JxneuronError: as for ``load``.
    """
    from jxneuron.child import process
    from jxneuron.model import file

    _require_neuron("Building a model from a script")
    build_libraries(case)
    with tempfile.TemporaryDirectory(prefix="jxneuron-") as folder:
        request = {"case": case.to_dict(), "strict": strict}
        process.run_python("jxneuron.importer_worker", request, folder=Path(folder), timeout=timeout, what="the model")
        return file.open(Path(folder) / MODEL_FILE)


def build_libraries(case: Case) -> None:
    """Compile a case's ``.mod`` folders (once for all children); what is wrong in a file is told with its line.

    Raises:
        NmodlError: the build failed and our own reading of the files says why, ``file.mod:line``.
        ModelError: the build failed for another reason; ends with nrnivmodl's output.
        NeuronMissing: NEURON, g++ or make is not installed.
    """
    from jxneuron.child import build

    twice = _same_names([path for folder in case.mod for path in sorted(Path(folder).glob("*.mod"))])
    if twice:
        raise NmodlError(twice)
    try:
        build.libraries(case.mod)
    except ModelError as failure:
        findings = _wrong_files([path for folder in case.mod for path in sorted(Path(folder).glob("*.mod"))])
        if findings:
            raise NmodlError(findings) from failure
        raise


def _same_names(paths: Sequence[Path]) -> list[Finding]:
    """Mechanisms that two files define: NEURON takes only one."""
    from jxneuron.nmodl.check import read_text
    from jxneuron.nmodl.frontend.tokens import scan

    known: dict[str, Path] = {}
    findings = []
    for path in paths:
        words = [each.text for each in scan(read_text(path)).names]
        for word, name in itertools.pairwise(words):
            if word in ("SUFFIX", "POINT_PROCESS", "ARTIFICIAL_CELL") and name != "nothing":
                if known.setdefault(name, path) != path:
                    findings.append(
                        Finding(str(path), f"{word} {name} is also in {known[name]}", "leave one of them out")
                    )
                break
    return findings


def _wrong_files(paths: Sequence[Path]) -> list[Finding]:
    from jxneuron.nmodl import translate_all

    results = translate_all([_text(path) for path in paths])
    return [finding for result in results if isinstance(result, NmodlError) for finding in result.findings]


def _require_neuron(what: str) -> None:
    from importlib.util import find_spec

    if "neuron" not in sys.modules and find_spec("neuron") is None:
        raise NeuronMissing(f"{what} needs NEURON, which is not installed: pip install neuron")


def read_session(h: Any, *, init: InitMode, strict: bool, record: Sequence[str] = ()) -> Model:
    """Read a session that stands initialised; in the process in which NEURON runs.

    Raises:
        Unsupported: with every finding at once, unless ``strict`` is False.
    """
    from jxneuron.mech.generated import load_all
    from jxneuron.model.check import check
    from jxneuron.read import live

    if init not in get_args(InitMode):
        raise ModelError(f"init is {init!r}; a session takes {', '.join(get_args(InitMode))}")
    texts = live.sources(h)
    sources, refused = _translate(texts)
    findings = [*live.unsupported(h), *refused]
    if findings and strict:
        raise Unsupported(findings)
    mechanisms = load_all(sources)
    model = live.read(h, mechanisms, init_mode=init, strict=strict, record=record)
    notes = tuple(Note("left out", finding.place, finding.found, "left out of the model") for finding in findings)
    model = dataclasses.replace(model, sources=tuple(sources), notes=(*model.notes, *notes))
    check(model)
    return model


def _translate(texts: Sequence[tuple[str, str, str]]) -> tuple[list[Source], list[Finding]]:
    """Translate every mechanism in use; what is refused comes back as findings."""
    from jxneuron.nmodl import translate_all

    sources, refused = [], []
    results = translate_all([(text, Path(file).name) for _, file, text in texts])
    for (name, file, text), result in zip(texts, results, strict=True):
        if isinstance(result, (Unsupported, NmodlError)):
            refused.extend(result.findings)
        elif isinstance(result, JxneuronError):
            refused.append(Finding(file, str(result)))
        elif isinstance(result, BaseException):
            raise result
        else:
            sources.append(Source(name, file, text, result.python, result.emitter))
    return sources, refused
