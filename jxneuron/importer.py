"""The functions that bring in models and mechanisms; here the session's reader, the compiler and saved files meet.

In: a script, a case, the running session, or a saved file. Out: a Network over one Model.
"""

from __future__ import annotations

import dataclasses
import itertools
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from jxneuron.errors import Finding, JxneuronError, ModelError, NmodlError, Unsupported, require_neuron
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
    """Build a model in NEURON, in a child process, and import it.

    Args:
        path: a ``.hoc`` or ``.py`` file, or a case (``.toml``).
        mod: folders of ``.mod`` files, or compiled libraries.
        cwd: the working folder; None takes that of ``path``.
        before: hoc statements to run before the file.
        after: hoc statements to run after it.
        without: what to take out of the model in NEURON first: ``synapses``, ``events`` or names of mechanisms, like
            ``--without`` on the command line.
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

    texts = {"mod": mod, "before": before, "after": after, "without": without, "init": init}
    numbers = {"dt": dt, "celsius": celsius, "v_init": v_init, "cwd": None if cwd is None else str(cwd)}
    keys = {key: value for key, value in {**texts, **numbers}.items() if value not in (None, (), [], "auto")}
    return Network.from_model(build_model(case.read(path, **keys), strict=strict, timeout=timeout))


def from_neuron(*, init: InitMode = "auto", strict: bool = True) -> Network:
    """Import the model of the running session's ``h``; the session is read and not changed.

    Initialise the session first (``h.finitialize()`` or the model's own ``init()``): states, voltages and reversal
    potentials are read as they are.

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
    """Open a saved module, as an object of its class; needs no NEURON.

    The file holds the Python of its mechanisms, which runs when the model runs: open only files of people you trust.

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
        name: a name for it; None keeps its SUFFIX.

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
    text, file = _read_source(source)
    require_neuron("Translating NMODL")
    return load_source(translate(text, file=file).python, name)


def _read_source(source: str | Path) -> tuple[str, str]:
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

    require_neuron("Building a model from a script")
    build_libraries(case)
    with tempfile.TemporaryDirectory(prefix="jxneuron-") as folder:
        request = {"case": case.to_dict(), "strict": strict}
        process.run_python("jxneuron.importer_worker", request, folder=Path(folder), timeout=timeout, what="the model")
        return file.open(Path(folder) / MODEL_FILE)


def build_libraries(case: Case) -> None:
    """Compile a case's ``.mod`` folders, once for all children.

    Raises:
        NmodlError: two files define one mechanism, or the build failed and our own compiler sees why; the findings
            say where, as ``file.mod:line``.
        ModelError: the build failed for another reason; the message ends with nrnivmodl's output.
        NeuronMissing: NEURON, g++ or make is not installed.
    """
    from jxneuron.child import compile_mod

    paths = [path for folder in case.mod for path in sorted(Path(folder).glob("*.mod"))]
    if doubles := _find_doubles(paths):
        raise NmodlError(doubles)
    try:
        compile_mod.compile_libraries(case.mod)
    except ModelError as failure:
        if findings := _find_errors(paths):
            raise NmodlError(findings) from failure
        raise


def _find_doubles(paths: Sequence[Path]) -> list[Finding]:
    """Find mechanisms that two files define, which NEURON does not allow."""
    from jxneuron.nmodl.check import read_text
    from jxneuron.nmodl.frontend.tokens import scan

    known: dict[str, Path] = {}
    findings = []
    for path in paths:
        words = [token.text for token in scan(read_text(path)).names]
        for word, name in itertools.pairwise(words):
            if word in ("SUFFIX", "POINT_PROCESS", "ARTIFICIAL_CELL") and name != "nothing":
                if known.setdefault(name, path) != path:
                    findings.append(
                        Finding(str(path), f"{word} {name} is also in {known[name]}", "leave one of them out")
                    )
                break
    return findings


def _find_errors(paths: Sequence[Path]) -> list[Finding]:
    from jxneuron.nmodl import translate_all

    results = translate_all([_read_source(path) for path in paths])
    return [finding for result in results if isinstance(result, NmodlError) for finding in result.findings]


def read_session(h: Any, *, init: InitMode, strict: bool, record: Sequence[str] = ()) -> Model:
    """Read an initialised session, in the process in which NEURON runs.

    Args:
        h: the session's ``neuron.h``.
        init: where a run starts, see ``load``.
        strict: as for ``load``.
        record: variables to record: ``soma(0.5).v``, ``IClamp[0].i``.

    Raises:
        ModelError: there is no section, or a record names nothing of the model.
        Unsupported: the model has parts that cannot be taken over, and ``strict`` is True; all findings at once.
    """
    from jxneuron.mech.generated import load_all
    from jxneuron.model.check import check
    from jxneuron.read.foretold import find_unreached, foretell
    from jxneuron.read.netcons import read_netcons
    from jxneuron.read.session import read_model, used_sources
    from jxneuron.read.unsupported import find_unsupported

    if init not in get_args(InitMode):
        raise ModelError(f"init is {init!r}; a session takes {', '.join(get_args(InitMode))}")
    netcons = read_netcons(h)
    translated = _translate(used_sources(h, netcons))
    unreached = find_unreached(h, translated.refused, netcons)
    foretold = foretell(h, _foretellable(unreached, translated.sources), netcons)
    refused = [f for name, own in translated.refused.items() if name not in foretold.mechanisms for f in own]
    findings = [*find_unsupported(h, netcons), *refused, *foretold.findings]
    if findings and strict:
        raise Unsupported(findings)
    mechanisms = load_all(translated.sources)
    model = read_model(
        h,
        mechanisms,
        init_mode=init,
        strict=strict,
        record=record,
        left_out=translated.refused,
        netcons=netcons,
        foretold=foretold,
    )
    notes = tuple(Note("left out", finding.place, finding.found, "left out of the model") for finding in findings)
    model = dataclasses.replace(model, sources=translated.sources, notes=(*model.notes, *notes))
    check(model)
    return model


class _Translated(NamedTuple):
    """The sources of the mechanisms that are translated, and the names of the others with what was found in them."""

    sources: tuple[Source, ...]
    refused: dict[str, tuple[Finding, ...]]


def _foretellable(unreached: Sequence[tuple[str, str]], sources: Sequence[Source]) -> list[str]:
    """Return those mechanisms whose NMODL names neither dt nor a POINTER; C may draw random numbers through one."""
    from jxneuron.nmodl.frontend.tokens import scan

    names: list[str] = []
    others = any("law=" in source.python for source in sources)  # which may draw from the same Random
    for name, text in unreached:
        if others and "nrn_random" in text:
            continue
        words = [token.text for token in scan(text).names]
        pointers = {words[k + 1] for k, word in enumerate(words[:-1]) if word in ("POINTER", "EXTERNAL")}
        names += [name] if "dt" not in words and all(words.count(each) <= 2 for each in pointers) else []
    return names


def _translate(texts: Sequence[tuple[str, str, str]]) -> _Translated:
    """Translate every mechanism in use, (name, file, NMODL text) each."""
    from jxneuron.nmodl import translate_all

    sources: list[Source] = []
    refused: dict[str, tuple[Finding, ...]] = {}
    results = translate_all([(text, Path(file).name) for _, file, text in texts])
    for (name, file, text), result in zip(texts, results, strict=True):
        if isinstance(result, (Unsupported, NmodlError)):
            refused[name] = tuple(result.findings)
        elif isinstance(result, JxneuronError):
            refused[name] = (Finding(file, str(result)),)
        elif isinstance(result, BaseException):
            raise result
        else:
            sources.append(Source(name, file, text, result.python, result.emitter))
    return _Translated(tuple(sources), refused)
