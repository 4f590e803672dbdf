"""Bring a case to life inside a child process: load, alter, initialise, find what is recorded.

In: a `Case`. Out: NEURON's ``h`` with the model in it, and `Record`s that point into it.

Both engines go through these functions, so that they see the same model.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import sys
import tempfile
import types
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jxneuron.case import Case, split_record, split_segment
from jxneuron.child import build, targets
from jxneuron.errors import ChildFailed, ModelError, NeuronMissing
from jxneuron.ions import style_arguments
from jxneuron.read import kinds
from jxneuron.read.names import REMOVED, section_names
from jxneuron.wording import did_you_mean, listed

# What every model has, or what no name can take out of it, and what to do instead
STAYING = {
    "morphology": "every section has one",
    "capacitance": "every section has one",
    "LinearMechanism": "end the object that holds it (hoc: objref NAME, Python: NAME = None) once the model is loaded",
    "NetCon": "leave out what it does with 'events', or its target",
    "gap junctions": "name 'synapses', or their mechanism",
}
KEEP: list[Any] = []  # NEURON objects that end when Python forgets them
_STEP = re.compile(r"^([A-Za-z_]\w*)((?:\[\d+\])*)$")
_POINTER = re.compile(r"\bPOINTER\b")
_COMMENT = re.compile(r"\bCOMMENT\b.*?\bENDCOMMENT\b|\bVERBATIM\b.*?\bENDVERBATIM\b|[:?][^\n]*", re.DOTALL)


@dataclass(frozen=True, eq=False)
class Record:
    """A variable to record.

    Attributes:
        name: as the user wrote it.
        variable: ``v``, ``cai``, ``m_hh``, or a field of a point process.
        section: stable name of the section, "" for a point process.
        segment: NEURON's segment, None for a point process.
        label: NEURON's name of the point process (``IClamp[0]``), "" for a segment's variable.
        pointer: NEURON's reference to the value.
    """

    name: str
    variable: str
    section: str
    segment: Any
    label: str
    pointer: Any


def prepare(case: Case) -> Any:
    """Load the case's model into NEURON, which must not be imported yet, and apply the case's changes.

    Scripts may write files and read them again, so that only one process at a time loads from a folder.

    Returns:
        NEURON's ``h``; the working folder is the case's.

    Raises:
        ChildFailed: a file or statement of the model fails.
        ModelError: it has no sections, or the case names something that does not exist.
        NeuronMissing: NEURON is not installed.
    """
    h = _neuron()
    for library in build.libraries(case.mod):
        if not h.nrn_load_dll(str(library)):
            raise ChildFailed(f"NEURON cannot load {library}")
    h.load_file("stdrun.hoc")
    os.chdir(case.cwd)
    sys.path.insert(0, case.cwd)
    with build.locked(_turn(case.cwd)):
        _statements(h, case.before)
        for name in case.load:
            try:
                _load(h, name)
            except Exception:
                for hint in _uncompiled(case):
                    print(hint, file=sys.stderr)
                raise
        _statements(h, case.after)
    if not sections(h):
        raise ModelError("the model has no sections once its files are loaded")
    _without(h, case.without)
    _add_stimuli(h, case)
    _apply_settings(h, case)
    return h


def _turn(folder: str) -> Path:
    """The file that stands for a folder in which this user's processes load models one after the other."""
    name = hashlib.sha256(os.path.realpath(folder).encode()).hexdigest()[:24]
    return Path(tempfile.gettempdir(), f"jxneuron-{os.getuid()}-{name}.lock")


def initialise(h: Any, case: Case) -> None:
    """Run the case's ``init`` statement, or stdrun's stdinit(), which calls the model's own init()."""
    for lost in targets.unset(h):
        print(lost, file=sys.stderr, flush=True)  # shown where INITIAL then crashes
    _statements(h, [case.init_statement or "stdinit()"])
    if case.dt is not None:
        h.dt = case.dt


def sections(h: Any) -> dict[str, Any]:
    """Sections by their stable names, in NEURON's order, without the one that holds what was taken out."""
    named = dict(zip(section_names(h), h.allsec(), strict=True))
    named.pop(REMOVED, None)
    return named


def records(h: Any, case: Case) -> tuple[Record, ...]:
    """What the case records; by default v of the soma and of the farthest tip.

    Raises:
        ModelError: a section, point process or variable does not exist; the message names near ones.
    """
    named = sections(h)
    return tuple(_record(h, named, text) for text in case.record or default_records(named, h))


def default_records(named: dict[str, Any], h: Any) -> list[str]:
    """The voltage in the middle of the soma (else of the first section) and at the tip farthest from it."""
    soma = next((name for name in named if "soma" in name.lower()), next(iter(named)))
    start = named[soma](0.5)
    texts, farthest = [f"{soma}(0.5).v"], 0.0
    for name, section in named.items():
        x = 1 - int(section.orientation())
        distance = h.distance(start, section(x))
        if name != soma and not section.children() and farthest < distance < 1e9:
            texts[1:], farthest = [f"{name}({x}).v"], distance
    return texts


def find_section(h: Any, named: dict[str, Any], owner: str) -> tuple[str, Any]:
    """A section by its stable name, by NEURON's name, or as one would write it in the model's script.

    Raises:
        ModelError: there is none; the message names near ones.
    """
    alone = owner.removesuffix("[0]")
    for name in (owner, alone):
        if name in named:
            return name, named[name]
    found = _walk(h, owner)
    for name, section in named.items():
        if section == found or section.name() == owner:
            return name, section
    raise ModelError(f"there is no section {owner!r}{_hint(owner, named)}")


def plain_code(nmodl: str) -> str:
    """NMODL without its comments and VERBATIM blocks."""
    return _COMMENT.sub(" ", nmodl)


def _neuron() -> Any:
    if importlib.util.find_spec("neuron") is None:
        raise NeuronMissing("Running a model in NEURON needs NEURON: pip install neuron")
    from neuron import h

    return h


def _statements(h: Any, statements: Iterable[str]) -> None:
    for statement in statements:
        try:
            done = h(statement)
        except RuntimeError:
            done = False
        if not done:
            raise ChildFailed(f"the hoc statement fails in NEURON: {statement}")


def _load(h: Any, name: str) -> None:
    """Load one file as its user would: hoc by load_file (xopen for an absolute path), Python as a script."""
    if name.endswith(".py"):
        return _run_script(Path(name).resolve())
    try:
        done = h.xopen(name) if os.path.isabs(name) else h.load_file(1, name)
    except RuntimeError as error:
        raise ChildFailed(f"loading {name} fails in NEURON") from error
    if not done:
        raise ChildFailed(f"loading {name} fails in NEURON")


def _uncompiled(case: Case) -> list[str]:
    """A hint where .mod files stand near a model whose case names none."""
    folder = Path(case.cwd)
    near = [] if case.mod else [*folder.glob("*.mod"), *folder.glob("*/*.mod")]
    return [
        f"{each} holds .mod files: name their folder (mod, --mod)" for each in sorted({path.parent for path in near})
    ]


def _run_script(path: Path) -> None:
    """Run a model's .py as ``__main__``; its globals stay, as they hold the model's objects."""
    module = types.ModuleType("__main__")
    module.__file__ = str(path)
    sys.modules["__main__"] = module
    sys.path.insert(0, str(path.parent))
    sys.argv[:] = [str(path)]
    KEEP.append(module)
    exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)


def _apply_settings(h: Any, case: Case) -> None:
    if case.dt is not None:
        h.dt, h.steps_per_ms = case.dt, 1 / case.dt
    for name in ("celsius", "v_init", "tstop"):
        value = getattr(case, name)
        if value is not None:
            setattr(h, name, value)


def _add_stimuli(h: Any, case: Case) -> None:
    named = sections(h)
    for stim in case.stim:
        owner, x = split_segment(stim.at)
        clamp = h.IClamp(find_section(h, named, owner)[1](x))
        clamp.delay, clamp.dur, clamp.amp = stim.delay, stim.dur, stim.amp
        KEEP.append(clamp)


def _without(h: Any, names: tuple[str, ...]) -> None:
    """Take mechanisms out of the model, and refuse a POINTER whose target went with them: NEURON would crash on it."""
    before = set(targets.unset(h)) if names else set()
    take_out(h, names)
    lost = [each for each in targets.unset(h) if each not in before] if names else []
    if lost:
        shown = "\n".join(f"without {' and '.join(map(repr, names))}: {each}" for each in lost)
        raise ModelError(f"{shown}\nleave the mechanisms of these POINTERs out too, or point them to something else")


def take_out(h: Any, without: tuple[str, ...]) -> None:
    """Take synapses, events or mechanisms out of the model that stands in NEURON."""
    density, point = _mechanisms(h, 0), _mechanisms(h, 1)
    wanted: set[str] = set()
    for name in without:
        if name == "synapses":
            wanted |= {each for each, is_synapse in point.items() if is_synapse}
        elif name in density or name in point:
            wanted.add(name)
        elif name != "events":
            raise ModelError(f"without {name!r}: {_not_taken_out(h, name, [*density, *point])}")
    for section in h.allsec():
        for name in wanted & set(density):
            if name == kinds.EXTRACELLULAR:
                _ground(section)
            else:
                section.uninsert(name)
    removed = {pp.hname() for name in sorted(wanted & set(point)) for pp in _move_away(h, name)}
    _furnish_removed(h)
    for connection in h.List("NetCon"):
        ends = {str(connection.syn()), str(connection.pre())}
        if "events" in without or ends & removed:
            connection.active(0)


def _not_taken_out(h: Any, name: str, known: Sequence[str]) -> str:
    """Why a name of ``without`` cannot be taken out, and what to do."""
    if name in STAYING:
        return f"{name} cannot be taken out; {STAYING[name]}"
    if any(kind.name == name for kind in kinds.registered(h) if kind.is_ion):
        return "NEURON takes no ion out of a section; name the mechanisms that use it"
    return f"no such mechanism{_hint(name, ['synapses', 'events', *known])}"


def _ground(section: Any) -> None:
    """Let NEURON's extracellular do nothing, since NEURON cannot uninsert it.

    Its potential is tied to ground by the largest conductance that NEURON takes, and every other path is cut.
    """
    if section.has_membrane(kinds.EXTRACELLULAR):
        for segment in section:
            for name, value in kinds.GROUNDED.items():
                for layer in range(len(getattr(segment, name))):
                    getattr(segment, name)[layer] = value
            segment.e_extracellular = 0.0


def _move_away(h: Any, name: str) -> list[Any]:
    """Move all point processes of a kind to the section for what was taken out."""
    every = list(h.List(name))
    for process in every:
        segment = process.get_segment() if hasattr(process, "get_segment") else None
        if segment is not None:
            process.loc(_removed(h)(0.5))
            _level_ion_styles(h, segment.sec)
    return every


def _level_ion_styles(h: Any, section: Any) -> None:
    """Give all segments the ion styles of the first, the only ones that NEURON shows.

    A point process raises the style of an ion where it stands, and its removal does not lower it again.
    """
    for ion in _ions(h, section):
        style = int(h.ion_style(ion, sec=section))
        h.ion_style(ion, *style_arguments(style), sec=section)


def _ions(h: Any, section: Any) -> list[str]:
    """``na_ion``, ...: not by psection(), which would load NEURON's reaction-diffusion into the model."""
    return [kind.name for kind in kinds.registered(h) if kind.is_ion and section.has_membrane(kind.name)]


def _furnish_removed(h: Any) -> None:
    """Let a model's ``forall { e_pas = v + (ina + ik)/g_pas }`` pass over the section for what was taken out."""
    ions = {ion for section in h.allsec() for ion in _ions(h, section)}
    for section in h.allsec():
        if section.name() == REMOVED:
            for name in ("pas", *sorted(ions)):
                section.insert(name)


def _removed(h: Any) -> Any:
    for section in h.allsec():
        if section.name() == REMOVED:
            return section
    KEEP.append(h.Section(name=REMOVED))
    return KEEP[-1]


def _mechanisms(h: Any, kind: int) -> dict[str, bool]:
    """Names of the density (0) or point (1) mechanisms that can be taken out; True for synapses and gap junctions."""
    types_, text = h.MechanismType(kind), h.ref("")
    found = {}
    for i in range(int(types_.count())):
        types_.select(i)
        types_.selected(text)
        if text[0] not in STAYING and (kind == 1 or not types_.is_ion()):
            found[text[0]] = kind == 1 and _is_synapse(types_, i)
    return found


def _is_synapse(types_: Any, i: int) -> bool:
    """Does it receive events, or look at another compartment through a POINTER?"""
    if types_.is_artificial(i):
        return False
    return bool(types_.is_netcon_target(i)) or bool(_POINTER.search(plain_code(types_.code() or "")))


def _record(h: Any, named: dict[str, Any], text: str) -> Record:
    owner, x, variable = split_record(text)
    if x is None:
        return _point_record(h, text, owner, variable)
    name, section = find_section(h, named, owner)
    segment = section(x)
    try:
        pointer = _pointer(segment, variable, text)
    except (AttributeError, NameError, LookupError, RuntimeError):
        known = ["v", *(field.name() for mechanism in segment for field in mechanism)]
        raise ModelError(f"record {text!r}: no {variable!r} there{_hint(variable, known)}") from None
    return Record(text, variable, name, segment, "", pointer)


def _point_record(h: Any, text: str, owner: str, variable: str) -> Record:
    process = _walk(h, owner)
    if not hasattr(process, "hname"):
        raise ModelError(f"record {text!r}: there is no point process {owner!r}; a section needs its position")
    try:
        pointer = _pointer(process, variable, text)
    except (AttributeError, NameError, LookupError, RuntimeError):
        raise ModelError(f"record {text!r}: {process.hname()} has no {variable!r}") from None
    return Record(text, variable, "", None, process.hname(), pointer)


def _pointer(owner: Any, variable: str, text: str) -> Any:
    """NEURON's reference to a variable or to one element of an array."""
    name, _, element = variable.rstrip("]").partition("[")
    pointer = getattr(owner, f"_ref_{name}")
    if not hasattr(getattr(owner, name), "__getitem__"):
        if element:
            raise ModelError(f"record {text!r}: {name} is not an array")
        return pointer
    if not element:
        raise ModelError(f"record {text!r}: {name} is an array; record one element: {name}[0]")
    return pointer[int(element)]


def _walk(h: Any, path: str) -> Any:
    """``L5PC.soma[0]`` as hoc or the model's Python script would find it; None where there is nothing."""
    steps = [_STEP.match(part) for part in path.split(".")]
    if not all(steps):
        return None
    for start in (h, *KEEP):
        try:
            found = start
            for step in steps:
                assert step is not None
                found = getattr(found, step[1])
                for index in re.findall(r"\d+", step[2]):
                    found = found[int(index)]
            return found
        except (AttributeError, LookupError, TypeError, RuntimeError):
            continue
    return None


def _hint(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: near names, else the first of those that are known."""
    return did_you_mean(name, known, f"there are {listed(list(known), 8)}")
