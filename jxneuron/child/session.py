"""Make the session of a case in a child process: load, alter, initialise, find what is recorded.

In: a `Case`. Out: NEURON's ``h`` with the model in it, and `Record`s with references into it.

Both engines use these functions, so that they see the same model.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import tempfile
import types
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jxneuron.case import Case, split_record, split_segment
from jxneuron.child import compile_mod
from jxneuron.child.unset_pointers import find_unset_pointers
from jxneuron.errors import ChildFailed, ModelError, require_neuron
from jxneuron.ions import style_arguments
from jxneuron.node_variables import MEMBRANE_CURRENT, OUTSIDE_VOLTAGE
from jxneuron.read.mechanism_types import EXTRACELLULAR, GROUNDED, registered_types
from jxneuron.read.names import REMOVED, is_removed, name_sections
from jxneuron.read.netcons import record_spikes
from jxneuron.wording import did_you_mean, listed

# What cannot be taken out of a model, and what to do instead
NOT_REMOVABLE = {
    "morphology": "every section has one",
    "capacitance": "every section has one",
    "LinearMechanism": "end the object that holds it (hoc: objref NAME, Python: NAME = None) once the model is loaded",
    "NetCon": "leave out what it does with 'events', or its target",
    "gap junctions": "name 'synapses', or their mechanism",
}
KEEP: list[Any] = []  # NEURON objects, which end when Python no longer refers to them
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
        label: NEURON's name of the point process (``IClamp[0]``), "" for a variable of a segment.
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

    Scripts may write files and read them again, so only one process at a time loads models from a folder.

    Returns:
        NEURON's ``h``; the working folder is the case's.

    Raises:
        ChildFailed: a file or statement of the model fails.
        ModelError: it has no sections, or the case names something that does not exist.
        NeuronMissing: NEURON is not installed.
    """
    h = _import_neuron()
    for library in compile_mod.compile_libraries(case.mod):
        if not h.nrn_load_dll(str(library)):
            raise ChildFailed(f"NEURON cannot load {library}")
    h.load_file("stdrun.hoc")
    os.chdir(case.cwd)
    sys.path.insert(0, case.cwd)
    with compile_mod.locked(_lock_file(case.cwd)):
        _run_statements(h, case.before)
        for name in case.load:
            try:
                _load(h, name)
            except Exception:
                for hint in _find_uncompiled(case):
                    print(hint, file=sys.stderr)
                raise
        _run_statements(h, case.after)
    if not find_sections(h):
        raise ModelError(
            "the model has no sections once its files are loaded: those that only local variables of a function held "
            "are gone when it returns"
        )
    _remove(h, case.without)
    _add_stimuli(h, case)
    _apply_settings(h, case)
    if case.spikes:
        KEEP.extend(record_spikes(h))
    return h


def _lock_file(folder: str) -> Path:
    """Return the file whose lock the user's processes take in turn to load models from a folder."""
    name = hashlib.sha256(os.path.realpath(folder).encode()).hexdigest()[:24]
    return Path(tempfile.gettempdir(), f"jxneuron-{os.getuid()}-{name}.lock")


def initialise(h: Any, case: Case) -> bool:
    """Run the case's ``init`` statement, or stdrun's stdinit(), which calls the model's own init().

    CVode and further threads are turned off before and after it.

    Returns:
        Whether it was on: the model as it is would run with variable steps.
    """
    variable = _step_plainly(h)
    for line in find_unset_pointers(h):
        print(line, file=sys.stderr, flush=True)  # the parent shows it if INITIAL crashes
    _run_statements(h, [case.init_statement or "stdinit()"])
    variable |= _step_plainly(h)
    if case.dt is not None:
        h.dt = case.dt
    return variable


def _step_plainly(h: Any) -> bool:
    """Make NEURON step in one thread and with fixed steps; return whether CVode was on."""
    cvode, context = h.CVode(), h.ParallelContext()
    variable = bool(cvode.active())
    if context.nthread() > 1:
        context.nthread(1)
    if variable:
        cvode.active(False)
    return variable


def find_sections(h: Any) -> dict[str, Any]:
    """Return the model's sections by their stable names, in NEURON's order."""
    sections = zip(name_sections(h), h.allsec(), strict=True)
    return {name: section for name, section in sections if not is_removed(section)}


def find_records(h: Any, case: Case) -> tuple[Record, ...]:
    """Return what the case records; by default v of the soma and of the farthest tip.

    Raises:
        ModelError: a section, point process or variable does not exist; the message names near ones.
    """
    sections = find_sections(h)
    return tuple(_find_record(h, sections, text) for text in case.record or choose_records(h, sections))


def choose_records(h: Any, sections: Mapping[str, Any]) -> list[str]:
    """Choose v in the middle of the soma (else of the first section) and at the tip farthest from it."""
    soma = next((name for name in sections if "soma" in name.lower()), next(iter(sections)))
    start = sections[soma](0.5)
    texts, farthest = [f"{soma}(0.5).v"], 0.0
    for name, section in sections.items():
        x = 1 - int(section.orientation())
        distance = h.distance(start, section(x))
        if name != soma and not section.children() and farthest < distance < 1e9:
            texts[1:], farthest = [f"{name}({x}).v"], distance
    return texts


def find_section(h: Any, sections: Mapping[str, Any], owner: str) -> tuple[str, Any]:
    """Find a section by its stable name, by NEURON's name, or by the expression for it in the model's script.

    Raises:
        ModelError: there is none; the message names near ones.
    """
    for name in (owner, owner.removesuffix("[0]")):
        if name in sections:
            return name, sections[name]
    target = _evaluate(h, owner)
    for name, section in sections.items():
        if section == target or section.name() == owner:
            return name, section
    raise ModelError(f"there is no section {owner!r}{_hint(owner, sections)}")


def strip_comments(nmodl: str) -> str:
    """Return NMODL without its comments and VERBATIM blocks."""
    return _COMMENT.sub(" ", nmodl)


def _import_neuron() -> Any:
    require_neuron("Running a model in NEURON")
    from neuron import h

    return h


def _run_statements(h: Any, statements: Iterable[str]) -> None:
    for statement in statements:
        try:
            done = h(statement)
        except RuntimeError:
            done = False
        if not done:
            raise ChildFailed(f"the hoc statement fails in NEURON: {statement}")


def _load(h: Any, name: str) -> None:
    """Load one file as a user would: hoc by load_file (xopen for an absolute path), Python as a script."""
    if name.endswith(".py"):
        return _run_script(Path(name).resolve())
    try:
        done = h.xopen(name) if os.path.isabs(name) else h.load_file(1, name)
    except RuntimeError as error:
        raise ChildFailed(f"loading {name} fails in NEURON") from error
    if not done:
        raise ChildFailed(f"loading {name} fails in NEURON")


def _find_uncompiled(case: Case) -> list[str]:
    """Return hints if there are .mod files near a model whose case names none."""
    folder = Path(case.cwd)
    paths = [] if case.mod else [*folder.glob("*.mod"), *folder.glob("*/*.mod")]
    parents = sorted({path.parent for path in paths})
    return [f"{parent} holds .mod files: name their folder (mod, --mod)" for parent in parents]


def _run_script(path: Path) -> None:
    """Run a model's .py as ``__main__``; its globals are kept, since they hold the model's objects."""
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
    sections = find_sections(h)
    for stim in case.stim:
        owner, x = split_segment(stim.at)
        clamp = h.IClamp(find_section(h, sections, owner)[1](x))
        clamp.delay, clamp.dur, clamp.amp = stim.delay, stim.dur, stim.amp
        KEEP.append(clamp)


def _remove(h: Any, names: tuple[str, ...]) -> None:
    """Take mechanisms out of the model.

    Raises:
        ModelError: a POINTER loses its target with them; NEURON would crash when it reads it.
    """
    if not names:
        return
    before = find_unset_pointers(h)
    take_out(h, names)
    lost = [line for line in find_unset_pointers(h) if line not in before]
    if lost:
        lines = "\n".join(f"without {' and '.join(map(repr, names))}: {line}" for line in lost)
        raise ModelError(f"{lines}\nleave the mechanisms of these POINTERs out too, or point them to something else")


def take_out(h: Any, without: tuple[str, ...]) -> None:
    """Take synapses, events or mechanisms out of NEURON's model.

    Raises:
        ModelError: there is no such mechanism, or it cannot be taken out.
    """
    density, points = _find_removable(h, 0), _find_removable(h, 1)
    chosen: set[str] = set()
    for name in without:
        if name == "synapses":
            chosen |= {point for point, is_synapse in points.items() if is_synapse}
        elif name in density or name in points:
            chosen.add(name)
        elif name != "events":
            raise ModelError(f"without {name!r}: {_why_not(h, name, [*density, *points])}")
    for section in h.allsec():
        for name in chosen & set(density):
            if name == EXTRACELLULAR:
                _ground(section)
            else:
                section.uninsert(name)
    removed = {point.hname() for name in sorted(chosen & set(points)) for point in _move_away(h, name)}
    _complete_removed(h)
    for connection in h.List("NetCon"):
        ends = {str(connection.syn()), str(connection.pre())}
        if "events" in without or ends & removed:
            connection.active(0)


def _why_not(h: Any, name: str, known: Sequence[str]) -> str:
    """Say why a name of ``without`` cannot be taken out, and what to do."""
    if name in NOT_REMOVABLE:
        return f"{name} cannot be taken out; {NOT_REMOVABLE[name]}"
    if any(type_.name == name for type_ in registered_types(h) if type_.is_ion):
        return "NEURON takes no ion out of a section; name the mechanisms that use it"
    return f"no such mechanism{_hint(name, ['synapses', 'events', *known])}"


def _ground(section: Any) -> None:
    """Make NEURON's extracellular do nothing, since NEURON cannot uninsert it.

    Its potential is tied to ground by the largest conductance that NEURON takes, and every other path is cut.
    """
    if section.has_membrane(EXTRACELLULAR):
        for segment in section:
            for name, value in GROUNDED.items():
                for layer in range(len(getattr(segment, name))):
                    getattr(segment, name)[layer] = value
            segment.e_extracellular = 0.0


def _move_away(h: Any, name: str) -> list[Any]:
    """Move all point processes of a type to the section for what was taken out, and return them."""
    points = list(h.List(name))
    for point in points:
        segment = point.get_segment() if hasattr(point, "get_segment") else None
        if segment is not None:
            point.loc(_removed_section(h)(0.5))
            _level_ion_styles(h, segment.sec)
    return points


def _level_ion_styles(h: Any, section: Any) -> None:
    """Give all segments the ion styles of the first, the only ones that NEURON shows.

    A point process raises the style of an ion on its segment, and its removal does not lower it again.
    """
    for ion in _ions(h, section):
        style = int(h.ion_style(ion, sec=section))
        h.ion_style(ion, *style_arguments(style), sec=section)


def _ions(h: Any, section: Any) -> list[str]:
    """Return ``na_ion``, ...; without psection(), which would load NEURON's reaction-diffusion into the model."""
    return [type_.name for type_ in registered_types(h) if type_.is_ion and section.has_membrane(type_.name)]


def _complete_removed(h: Any) -> None:
    """Insert pas and all ions into the section for what was taken out.

    Otherwise a model's ``forall { e_pas = v + (ina + ik)/g_pas }`` would fail there.
    """
    ions = {ion for section in h.allsec() for ion in _ions(h, section)}
    for section in h.allsec():
        if is_removed(section):
            for name in ("pas", *sorted(ions)):
                section.insert(name)


def _removed_section(h: Any) -> Any:
    for section in h.allsec():
        if is_removed(section):
            return section
    KEEP.append(h.Section(name=REMOVED))
    return KEEP[-1]


def _find_removable(h: Any, kind: int) -> dict[str, bool]:
    """Return the density (0) or point (1) mechanisms that can be taken out, True for synapses and gap junctions."""
    types, name = h.MechanismType(kind), h.ref("")
    removable = {}
    for i in range(int(types.count())):
        types.select(i)
        types.selected(name)
        if name[0] not in NOT_REMOVABLE and (kind == 1 or not types.is_ion()):
            removable[name[0]] = kind == 1 and _is_synapse(types, i)
    return removable


def _is_synapse(types: Any, i: int) -> bool:
    """Return whether it receives events, or reads another compartment through a POINTER."""
    if types.is_artificial(i):
        return False
    return bool(types.is_netcon_target(i)) or bool(_POINTER.search(strip_comments(types.code() or "")))


def _find_record(h: Any, sections: Mapping[str, Any], text: str) -> Record:
    owner, x, variable = split_record(text)
    if x is None:
        return _find_point_record(h, text, owner, variable)
    name, section = find_section(h, sections, owner)
    segment = section(x)
    if variable == MEMBRANE_CURRENT:
        h.CVode().use_fast_imem(1)
    try:
        pointer = _reference(segment, variable, text)
    except (AttributeError, NameError, LookupError, RuntimeError):
        known = ["v", *(field.name() for mechanism in segment for field in mechanism)]
        raise ModelError(f"record {text!r}: no {variable!r} there{_hint(variable, known)}") from None
    return Record(text, variable, name, segment, "", pointer)


def _find_point_record(h: Any, text: str, owner: str, variable: str) -> Record:
    process = _evaluate(h, owner)
    if not hasattr(process, "hname"):
        raise ModelError(f"record {text!r}: there is no point process {owner!r}; a section needs its position")
    try:
        pointer = _reference(process, variable, text)
    except (AttributeError, NameError, LookupError, RuntimeError):
        raise ModelError(f"record {text!r}: {process.hname()} has no {variable!r}") from None
    return Record(text, variable, "", None, process.hname(), pointer)


def _reference(owner: Any, variable: str, text: str) -> Any:
    """Return NEURON's reference to a variable or to one element of an array."""
    name, _, element = variable.rstrip("]").partition("[")
    if name == OUTSIDE_VOLTAGE and element not in ("", "0"):
        raise ModelError(f"record {text!r}: NEURON's Python shows {name}[0] in its place; compare that layer")
    pointer = getattr(owner, f"_ref_{name}")
    if not hasattr(getattr(owner, name), "__getitem__"):
        if element:
            raise ModelError(f"record {text!r}: {name} is not an array")
        return pointer
    if not element:
        raise ModelError(f"record {text!r}: {name} is an array; record one element: {name}[0]")
    return pointer[int(element)]


def _evaluate(h: Any, path: str) -> Any:
    """Evaluate ``L5PC.soma[0]`` as hoc or the model's Python script would; None if it names nothing."""
    steps = [_STEP.match(part) for part in path.split(".")]
    if not all(steps):
        return None
    for start in (h, *KEEP):
        try:
            value = start
            for step in steps:
                assert step is not None
                value = getattr(value, step[1])
                for index in re.findall(r"\d+", step[2]):
                    value = value[int(index)]
            return value
        except (AttributeError, LookupError, TypeError, RuntimeError):
            continue
    return None


def _hint(name: str, known: Iterable[str]) -> str:
    """Return the end of a message about an unknown name: near names, else the first of those that are known."""
    return did_you_mean(name, known, f"there are {listed(list(known), 8)}")
