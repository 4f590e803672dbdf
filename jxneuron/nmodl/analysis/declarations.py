"""Checks of declarations: what NEURON's translator stops at, or writes wrong code for, before any statement runs.

In: ``syntax.File``. Out: findings in a ``Report``.
"""

from __future__ import annotations

import math

from jxneuron.ions import ion_names
from jxneuron.nmodl.frontend import units
from jxneuron.nmodl.frontend.symbols import ENV, MATH, OF_C
from jxneuron.nmodl.report import Report
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.visit import walk

STOPS = "NEURON's translator stops there"
NO_BUILD = "it does not build in NEURON"
C_NAMES = ("y0", "j0")
C_WORDS = (  # those that are in every C++ text that nocmodl writes, and the operators, which no macro may be called
    "and", "and_eq", "bitand", "bitor", "compl", "not", "not_eq", "or", "or_eq", "xor", "xor_eq", "auto", "bool",
    "char", "const", "double", "extern", "for", "int", "nullptr", "return", "static", "static_cast", "template", "void",
)  # fmt: skip
DECLARING = ("PARAMETER", "ASSIGNED", "STATE")
NEURONS = ("v", "dt", "celsius", "area", "diam")  # its own variables, whose names the C++ defines as macros
LARGEST_FLOAT = 3.4028234663852886e38


def check(file: sx.File, report: Report) -> None:
    """Report everything that is declared in a way that NEURON's translator does not take."""
    _twice(file, report)
    _named_as_neurons(file, report)
    _infinite(file, report)
    _units(file, report)
    _ions(file, report)
    _undeclared(file, report)
    _blocks(file, report)
    _tables(file, report)
    _derivatives(file, report)
    _diffusion(file, report)


def _twice(file: sx.File, report: Report) -> None:
    """One name is one thing: of PARAMETER, ASSIGNED and STATE, or a constant."""
    seen: dict[str, sx.Declared] = {}
    declared = [each for each in file.declared if each.block in DECLARING]
    starts = {f"{each.name}0" for each in declared if each.block == "STATE"}
    parameters = {each.name for each in declared if each.block == "PARAMETER"}
    constants = {each.name: each.line for each in file.declared if each.block == "CONSTANT"}
    constants |= {each.name: each.line for each in file.units if each.target is not None}
    for each in declared:
        old = seen.setdefault(each.name, each)
        if old is not each:
            where = f"{old.block} (line {_line(file, old.line)}) and in {each.block}"
            report.wrong(each.line, f"{each.name} is declared in {where} ({STOPS})", "Declare it once.")
        elif each.block == "STATE" and f"{each.name}0" in C_NAMES and f"{each.name}0" not in parameters:
            what = f"STATE {each.name}, whose START value is called as C's function {each.name}0"
            report.wrong(each.line, f"{what} ({NO_BUILD})", f"Give it another name, or make {each.name}0 a PARAMETER.")
        elif each.name in C_WORDS:
            report.wrong(each.line, f"{each.name} is a word of C++ ({NO_BUILD})", "Rename it.")
        elif each.size == sx.NO_ELEMENT:
            report.wrong(each.line, f"{each.name} is an array of no elements ({STOPS})", "Give it a size, 1 or more.")
        elif each.name == "t":
            report.wrong(each.line, f"t is declared ({STOPS})", "Leave it out: t is NEURON's time.")
        elif each.name in constants:
            what = f"{each.name} is a constant (line {_line(file, constants[each.name])}) and declared in {each.block}"
            report.wrong(each.line, f"{what} ({STOPS})", "Declare it once.")
        elif each.block != "PARAMETER" and each.name in starts:
            what = f"{each.name} is the START value of a STATE, and declared in {each.block} ({STOPS})"
            report.wrong(each.line, what, "Make it a PARAMETER, or give it another name.")
        elif each.name in MATH and each.name not in OF_C:
            report.wrong(each.line, f"{each.name} is a function of NMODL and is declared ({STOPS})", "Rename it.")
    for name in C_WORDS:
        if name in constants:
            report.wrong(constants[name], f"constant {name} is a word of C++ ({NO_BUILD})", "Rename it.")
    for name in C_NAMES:
        if name in constants:
            what = f"constant {name}, which is a function of C ({NO_BUILD})"
            report.wrong(constants[name], what, "Give it another name.")
    for name, line in file.pointers:
        if name not in seen:
            report.wrong(line, f"POINTER {name} is not declared ({STOPS})", "Declare it in ASSIGNED.")


def _named_as_neurons(file: sx.File, report: Report) -> None:
    """NEURON's variables are no constants, and no blocks but FUNCTIONs, which are called by another name."""
    constants = [(each.name, each.line) for each in file.declared if each.block == "CONSTANT"]
    constants += [(each.name, each.line) for each in file.units if each.target is not None]
    for name, line in constants:
        if name in (*NEURONS, "secondorder"):
            report.wrong(line, f"{name} is NEURON's own, and a constant ({NO_BUILD})", "Give it another name.")
    for block in file.blocks:
        if block.name == "v" or (block.name in NEURONS and block.kind != "FUNCTION"):
            what = f"{block.kind} {block.name} is called like NEURON's variable ({NO_BUILD})"
            report.wrong(block.line, what, "Give it another name.")
    for each in file.declared:
        if each.block == "STATE" and each.name == "celsius":
            report.wrong(each.line, f"celsius is NEURON's own, and a STATE ({NO_BUILD})", "Give it another name.")


def _infinite(file: sx.File, report: Report) -> None:
    """Numbers that C++ does not take.

    NEURON's translator writes limits as ``float``, and what overflows a double as ``inf``; it leaves out the values of
    what NEURON or an ion sets.
    """
    dropped = {*ENV, "v", *(name for ion in file.ions for name in (*ion.reads, *ion.writes))}
    for each in file.declared:
        if each.block not in DECLARING:
            continue
        if each.name not in dropped and math.isinf(each.value or 0.0):
            what = f"the value of {each.name} is too large for a double ({NO_BUILD})"
            report.wrong(each.line, what, "Write 1e308, or less.")
        if any(abs(limit or 0.0) > LARGEST_FLOAT for limit in (each.lower, each.upper)):
            what = f"a limit of {each.name} is too large for a float ({NO_BUILD})"
            report.wrong(each.line, what, "Write 1e38, or less.")


def _line(file: sx.File, line: int) -> str:
    return file.source_lines.at(line).rpartition(":")[2]


def _units(file: sx.File, report: Report) -> None:
    """A unit has one meaning, in the file and beside NEURON's own table."""
    seen: dict[str, sx.UnitDefinition] = {}
    constants: set[str] = set()
    for each in file.units:
        if each.target is not None:
            if each.name in constants:
                report.wrong(
                    each.line, f"constant {each.name} is defined twice (it does not build in NEURON)", "Define it once."
                )
            constants.add(each.name)
            continue
        old = seen.setdefault(each.name, each)
        if old is not each:
            what = f"unit ({each.name}) is defined twice, as ({old.text}) and as ({each.text}) ({STOPS})"
            report.wrong(each.line, what, "Define it once.")
        elif each.name in units.library():
            what = f"unit ({each.name}) = ({each.text}) is in NEURON's own table already ({STOPS})"
            report.wrong(each.line, what, "Leave the line out, or define another name.")


def _ions(file: sx.File, report: Report) -> None:
    seen: set[str] = set()
    for ion in file.ions:
        if ion.name in seen:
            what = f"a second USEION {ion.name} ({STOPS})"
            report.wrong(ion.line, what, "READ and WRITE all of its variables in one statement.")
        seen.add(ion.name)
        if ion.writes.count(f"i{ion.name}") > 1:
            what = f"the current i{ion.name} is written twice in USEION {ion.name} ({NO_BUILD})"
            report.wrong(ion.line, what, "WRITE it once.")
        for name in (*ion.reads, *ion.writes):
            if name not in ion_names(ion.name):
                known = ", ".join(ion_names(ion.name))
                report.wrong(ion.line, f"{name} is no variable of the ion {ion.name} ({STOPS})", f"There are {known}.")


def _undeclared(file: sx.File, report: Report) -> None:
    """NEURON's translator declares neither the variables of ions nor currents; a current may be BREAKPOINT's own."""
    declared = {each.name for each in file.declared if each.block in DECLARING}
    declared |= {name for block in file.blocks if block.kind == "BREAKPOINT" for name in block.local_names}
    constants = {each.name for each in file.declared if each.block == "CONSTANT"}
    named = [(name, ion.line) for ion in file.ions for name in (*ion.reads, *ion.writes)]
    for name, line in (*named, *file.nonspecific, *file.electrode):
        if name in constants:
            report.wrong(line, f"{name} is declared in CONSTANT ({STOPS})", "Declare it in ASSIGNED.")
        elif name not in declared:
            report.wrong(line, f"{name} is not declared ({NO_BUILD})", "Declare it in ASSIGNED.")


def _blocks(file: sx.File, report: Report) -> None:
    variables = {each.name: each.block for each in file.declared if each.block in DECLARING}
    variables |= {name: "RANGE" for name, _ in file.ranges if name not in variables}
    seen: set[str] = set()
    for block in file.blocks:
        if block.name in seen and block.kind in sx.ENTRIES:
            report.wrong(block.line, f"a second {block.kind} block", "Write one block of each kind.")
        elif block.name in seen:
            report.wrong(block.line, f"a second block {block.name} ({STOPS})", "Give it another name.")
        elif block.name in variables:
            what = f"{block.kind} {block.name} is called like a name in {variables[block.name]} ({STOPS})"
            report.wrong(block.line, what, "Give it another name.")
        elif block.name in C_WORDS:
            report.wrong(block.line, f"{block.kind} {block.name} is a word of C++ ({NO_BUILD})", "Rename it.")
        elif block.name in MATH and block.name not in OF_C:
            report.wrong(block.line, f"{block.kind} {block.name} is a function of NMODL ({STOPS})", "Rename it.")
        seen.add(block.name)


def _tables(file: sx.File, report: Report) -> None:
    for block in file.blocks:
        table = block.table
        if table is None:
            continue
        if block.kind not in ("FUNCTION", "PROCEDURE"):
            what = f"TABLE in {block.kind}"
            report.wrong(table.line, f"{what} ({STOPS})", "Use it in a FUNCTION or PROCEDURE.")
        elif len(block.args) != 1:
            what = f"TABLE of {block.name}, which has {len(block.args)} arguments"
            report.wrong(table.line, f"{what} ({STOPS})", "Give the block one argument, the table's abscissa.")
        elif block.kind == "FUNCTION" and table.names:
            what = f"TABLE of the FUNCTION {block.name} with names"
            report.wrong(table.line, f"{what} ({STOPS})", "Write TABLE without names: it holds the FUNCTION's value.")
        elif block.kind == "PROCEDURE" and not table.names:
            what = f"TABLE of the PROCEDURE {block.name} without names"
            report.wrong(table.line, f"{what} ({STOPS})", "Name behind TABLE what the table is to hold.")


def _derivatives(file: sx.File, report: Report) -> None:
    found = [block for block in file.blocks if block.kind == "DERIVATIVE"]
    for block in found[1:]:
        what = f"a second DERIVATIVE block, {block.name} (NEURON's translator takes all memory and does not end)"
        report.wrong(block.line, what, "Write all equations in one block, or advance the others in a PROCEDURE.")
    for block in found:
        if not any(isinstance(s, sx.Prime) for s in walk(block.body)):
            report.wrong(block.line, f"DERIVATIVE {block.name} without an equation ({STOPS})", "Make it a PROCEDURE.")


def _diffusion(file: sx.File, report: Report) -> None:
    states = {each.name for each in file.declared if each.block == "STATE"}
    for block in file.blocks:
        inside = {name for s in walk(block.body) if isinstance(s, sx.Compartment) for name in s.species}
        for s in walk(block.body):
            for name in s.species if isinstance(s, sx.LonDiffuse) else ():
                if name in states and name not in inside:
                    what = f"LONGITUDINAL_DIFFUSION of {name}, which has no COMPARTMENT ({STOPS})"
                    report.wrong(s.line, what, "Write COMPARTMENT 1 {...}, or its volume, above it.")
