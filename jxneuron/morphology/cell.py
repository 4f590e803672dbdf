"""Morphology files -> Cells, and Cells -> morphologies.

In: a path, a Morphology or a Cell. Out: a Cell with NEURON's names, or a Morphology. No JAX until the Cell runs.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from jxneuron.errors import ModelError, MorphologyWarning
from jxneuron.model.model import Floats, Model, Section
from jxneuron.modules import build
from jxneuron.modules.core import Core
from jxneuron.modules.module import Module
from jxneuron.modules.parts import Cell
from jxneuron.morphology import rules
from jxneuron.morphology.asc import asc
from jxneuron.morphology.lay import to_model
from jxneuron.morphology.soma import SomaRule, with_soma
from jxneuron.morphology.surgery import cut_long
from jxneuron.morphology.swc import swc
from jxneuron.morphology.tree import ASSUMED, PRECISIONS, Morphology, Precision, Trace, stem_of
from jxneuron.wording import and_more

Nseg = int | ArrayLike | Mapping[str, int] | Callable[[Trace, float], int]
READERS = {".swc": swc, ".asc": asc}
# Assumptions that a warning writes out
SHOWN = 5


def read_swc(
    path: str | Path,
    *,
    nseg: Nseg = 1,
    d_lambda: float | None = None,
    max_branch_len: float | None = None,
    soma: SomaRule = "neuron",
    precision: Precision = "neuron",
    Ra: float | None = None,
    cm: float | None = None,
    ncomp: Nseg | None = None,
) -> Cell:
    """A Cell from an SWC file, as NEURON's Import3d reads it; NEURON is not needed.

    Sections, their order and names (``soma[0]``, ``dend[12]``), connections, 3-d points, lengths, areas and axial
    resistances are NEURON's. Groups come from types, under both names that NEURON has: ``soma`` and ``somatic``,
    ``axon`` and ``axonal``, ``dend`` and ``basal``, ``apic`` and ``apical``, ``dend_5`` and ``dendritic_5``. What was
    assumed where the file left something open is warned of, and stands in ``morphology.report(cell)``.

    Args:
        path: the file.
        nseg: compartments per section: one number; one per section; ``{"dend": 3, "apic[2]": 9}``, others get 1; or a
            function of a section (``Trace``) and its length in um.
        d_lambda: instead of ``nseg``, the d_lambda rule at 100 Hz with ``Ra`` and ``cm``: 0.1 is usual.
        max_branch_len: um; longer sections are cut into equal ones. NEURON does nothing of the kind.
        soma: ``neuron``; ``sphere`` replaces the soma by one sphere of the same area.
        precision: ``neuron`` keeps points as ``instantiate(None)`` or a hoc template does (eight digits, then float32),
            ``python`` as ``instantiate(a Python object)`` does (float32), ``float64`` as the file says.
        Ra: ohm cm. None: that of every new compartment, 5000; with ``d_lambda`` NEURON's 35.4.
        cm: uF/cm2. None: 1.
        ncomp: another name for ``nseg``.

    Warns:
        MorphologyWarning: the file left something open; what was assumed.

    Raises:
        ModelError: with file and line, where the file means nothing; or an argument that is out of range.
    """
    morphology = _read(path, ".swc", precision)
    _warn(morphology)
    return to_cell(
        morphology,
        nseg=_one_of(nseg, ncomp),
        d_lambda=d_lambda,
        max_branch_len=max_branch_len,
        soma=soma,
        Ra=Ra,
        cm=cm,
    )


def read_asc(
    path: str | Path,
    *,
    nseg: Nseg = 1,
    d_lambda: float | None = None,
    max_branch_len: float | None = None,
    soma: SomaRule = "neuron",
    precision: Precision = "neuron",
    Ra: float | None = None,
    cm: float | None = None,
    ncomp: Nseg | None = None,
) -> Cell:
    """A Cell from a Neurolucida file (V3 text), as NEURON's Import3d reads it; NEURON is not needed.

    Arguments, errors and what comes back are those of ``read_swc``.
    """
    morphology = _read(path, ".asc", precision)
    _warn(morphology)
    return to_cell(
        morphology,
        nseg=_one_of(nseg, ncomp),
        d_lambda=d_lambda,
        max_branch_len=max_branch_len,
        soma=soma,
        Ra=Ra,
        cm=cm,
    )


def _one_of(nseg: Nseg, ncomp: Nseg | None) -> Nseg:
    if ncomp is None:
        return nseg
    if not (isinstance(nseg, int) and nseg == 1):
        raise ModelError("nseg and ncomp are two names of one thing: give one of them")
    return ncomp


def read(path: str | Path, *, format: str | None = None, precision: Precision = "neuron") -> Morphology:
    """A Morphology from a file, to be edited before it becomes a Cell.

    Args:
        path: the file.
        format: ``.swc`` or ``.asc``; None takes the file's ending.
        precision: see ``read_swc``.

    Warns:
        MorphologyWarning: the file left something open; what was assumed.

    Raises:
        ModelError: with file and line, where the file means nothing; or another ending.
    """
    morphology = _read(path, (format or Path(path).suffix).lower(), precision)
    _warn(morphology)
    return morphology


def _read(path: str | Path, ending: str, precision: Precision) -> Morphology:
    if precision not in PRECISIONS:
        raise ModelError(f"precision = {precision!r}: one of {', '.join(PRECISIONS)}")
    if ending not in READERS:
        raise ModelError(f"{path}: the ending of a morphology file is {' or '.join(READERS)}, not {ending!r}")
    return READERS[ending](path, precision=precision)


def _warn(morphology: Morphology) -> None:
    """Say what was assumed, at the line that called the caller of this."""
    assumed = [note for note in morphology.notes if note.kind == ASSUMED]
    if assumed:
        lines = [f"{note.place}: {note.found}: {note.done}" for note in assumed[:SHOWN]]
        more = [f"{and_more(len(assumed), SHOWN)} (morphology.report lists all)"] if len(assumed) > SHOWN else []
        warnings.warn("\n".join(["the file leaves something open:", *lines, *more]), MorphologyWarning, stacklevel=3)


def to_cell(
    morphology: Morphology,
    *,
    nseg: Nseg = 1,
    d_lambda: float | None = None,
    max_branch_len: float | None = None,
    soma: SomaRule = "neuron",
    Ra: float | None = None,
    cm: float | None = None,
) -> Cell:
    """A Cell from a Morphology; see ``read_swc`` for the arguments.

    Raises:
        ModelError: an argument that is out of range.
    """
    changed = with_soma(morphology, soma)
    if max_branch_len is not None:
        changed = cut_long(changed, max_branch_len)
    if Ra is None:
        Ra = build.NEW["Ra"] if d_lambda is None else rules.NEURON_RA
    cm = build.NEW["cm"] if cm is None else cm
    for name, value in (("Ra", Ra), ("cm", cm)):
        rules.require_positive(name, value)
    if d_lambda is None:
        counts = rules.nseg_of(changed, nseg)
    elif isinstance(nseg, int) and nseg == 1:
        counts = rules.d_lambda_nseg(changed, d_lambda, Ra=Ra, cm=cm)
    else:
        raise ModelError("nseg and d_lambda are two ways to say one thing: give one of them")
    return cell_of(to_model(changed, counts, Ra=Ra, cm=cm, v=build.NEW_V))


def cell_of(model: Model) -> Cell:
    """A Cell over a whole Model."""
    cell = Cell.__new__(Cell)
    core = Core.of(model, {})
    Module.__init__(cell, core, np.arange(len(core.rows.node)))
    return cell


def to_morphology(module: Module) -> Morphology:
    """The Morphology of a whole Cell or Network: its sections, without mechanisms and segments.

    Args:
        module: a whole module; its sections need 3-d points.

    Raises:
        ModelError: a view, or a section without points.
    """
    model = module.base.model
    if len(module.base._core.rows.node) != len(module._visible()):
        raise ModelError("a whole cell has a morphology, a view of it has not")
    without = [section.name for section in model.sections if len(section.place) < 2]
    if without:
        raise ModelError(f"{without[0]} has no 3-d points: only sections that were read or given points have a shape")
    ranks = _ranks(model)
    traces = [_trace(section, rank) for section, rank in zip(model.sections, ranks, strict=True)]
    return Morphology(tuple(traces), model.notes, model.title)


def _trace(section: Section, rank: int) -> Trace:
    stem = section.name.rpartition(".")[2].partition("[")[0]
    types = {stem_of(number): number for number in (1, 2, 3, 4)}
    points = section.place[::-1] if section.orientation else section.place
    return Trace(section.name, types.get(stem, _number(stem)), points, section.parent, section.parent_x, rank=rank)


def _ranks(model: Model) -> list[int]:
    """Places of sections in a file that gives siblings NEURON's order: depth first, the last sibling first."""
    children: list[list[int]] = [[] for _ in model.sections]
    order = sorted(range(len(model.sections)), key=lambda index: model.sections[index].centres[0])
    for index in order:
        if model.sections[index].parent >= 0:
            children[model.sections[index].parent].append(index)
    waiting = [index for index in reversed(order) if model.sections[index].parent < 0]
    ranks = [0] * len(order)
    for rank in range(len(order)):
        index = waiting.pop()
        ranks[index] = rank
        waiting.extend(children[index])
    return ranks


def _number(stem: str) -> int:
    head, _, number = stem.rpartition("_")
    if not number.isdigit() or head not in ("dend", "minus"):
        return 0
    return int(number) * (1 if head == "dend" else -1)


def distances(module: Any, origin: str = "soma[0]", x: float = 0.5, *, straight: bool = False) -> Floats:
    """How far each compartment's centre is from a place, um, in the order of ``nodes``; NaN in other trees.

    Args:
        module: a cell or a view of it.
        origin: section from which is measured.
        x: where on it, 0..1.
        straight: through space, between 3-d points, instead of along the sections as ``h.distance`` does.

    Raises:
        ModelError: there is no such section; with ``straight``, a section without 3-d points.
    """
    from jxneuron.morphology import way

    model = module.model
    nodes = module._core.rows.node[module._visible()]
    measure = way.straight if straight else way.along
    return measure(model, nodes, origin, x)
