"""Translate NMODL stage by stage: text in, text out.

Each stage is a folder: ``frontend`` (1 and 2), ``passes`` (3), ``analysis`` (2 and 4) and ``codegen`` (5). All of them
read and make ``syntax``. ``python -m jxneuron.nmodl --stages FILE`` prints what each pass of stage 3 leaves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jxneuron.errors import Finding, Findings, NmodlError, NoMechanism
from jxneuron.nmodl import store
from jxneuron.nmodl.analysis import declarations, names
from jxneuron.nmodl.analysis.analyse import analyse
from jxneuron.nmodl.codegen.module import EMITTER, emit
from jxneuron.nmodl.frontend.grammar import read_syntax
from jxneuron.nmodl.frontend.symbols import Symbols, resolve
from jxneuron.nmodl.passes import run_passes, stages
from jxneuron.nmodl.report import Report
from jxneuron.nmodl.store import Translation
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.unparse import unparse

NOTHING = "SUFFIX nothing: functions only, no mechanism to translate"


def translate(text: str, *, file: str) -> Translation:
    """Translate the text of one ``.mod`` file, or return what is stored of it.

    Args:
        text: the NMODL text.
        file: its name in messages and in the generated code.

    Raises:
        NmodlError: the text is wrong; all findings at once, each ``file.mod:line``.
        Unsupported: it is right, but uses what is not taken over; all findings at once.
        NoMechanism: it holds functions only, which is an Unsupported too.
        NeuronMissing: NEURON, whose grammar is used, is not installed.
    """
    # Stage 0. In: the text. Out: the translation of the same text by the same compiler, where one is stored.
    key = store.key(text, file)
    stored = store.get(key)
    if stored is not None:
        return stored
    translation = compile_text(text, file)
    store.put(key, translation)
    return translation


def compile_text(text: str, file: str) -> Translation:
    """Run stages 1 to 5; errors as ``translate``."""
    # Stage 1. In: text. Out: its syntax, a tree of frozen nodes that know their lines.
    tree = read_syntax(text, file)
    # Stage 2. In: syntax. Out: what each name is. Wrong declarations and misused names are reported.
    report = Report(tree)
    symbols = resolve_names(tree, report)
    # Stage 3. In: blocks as they were written. Out: blocks that mean the same and hold fewer kinds of syntax.
    symbols = run_passes(symbols)
    # Stage 4. In: those. Out: what code generation needs to know; whatever is not taken over is raised, all at once.
    mechanism = analyse(symbols, report)
    # Stage 5. In: that. Out: the text of a Python module.
    return Translation(mechanism.name, mechanism.kind, emit(mechanism), EMITTER, report.notes)


def resolve_names(tree: sx.File, report: Report) -> Symbols:
    """Find out what each name is, and raise what no later stage makes sense of."""
    if tree.suffix == "nothing":
        nothing = Finding(tree.name, NOTHING, "Call its functions from hoc, in NEURON.")
        raise NmodlError([*tree.stops, nothing]) if tree.stops else NoMechanism([nothing])
    symbols = resolve(tree, report)
    declarations.check(tree, report)
    if names.is_any_misused(symbols, report):
        report.raise_if_any()
    return symbols


def translate_all(sources: Sequence[tuple[str, str]]) -> list[Translation | Findings]:
    """Translate many ``(text, file)``; what ``translate`` raises of a file takes the place of its translation."""
    results: list[Translation | Findings] = []
    for text, file in sources:
        try:
            results.append(translate(text, file=file))
        except Findings as error:
            results.append(error)
    return results


def show_stages(text: str, file: str) -> Iterator[str]:
    """Yield the blocks of a file as NMODL: as written, then what each pass changes; errors as ``translate``."""
    tree = read_syntax(text, file)
    before = resolve_names(tree, Report(tree))
    yield f": {file} as it is written\n\n{unparse(before.blocks.values())}"
    for one, after in stages(before):
        changed = [block for name, block in after.blocks.items() if before.blocks.get(name) != block]
        yield f": {one.name}: {one.leaves}\n"
        yield unparse(changed) if changed else ": nothing changes\n"
        before = after
