"""Check declarations: find what NEURON's translator stops at or writes wrong code for, whatever the statements are.

In: ``syntax.File``. Out: findings in a ``Report``.
"""

from __future__ import annotations

import math

from jxneuron.ions import ion_names
from jxneuron.nmodl.frontend import units
from jxneuron.nmodl.frontend.symbols import ENV, MATH, OF_C
from jxneuron.nmodl.report import Report
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.visit import find_statements

STOPS = "NEURON's translator stops there"
NO_BUILD = "it does not build in NEURON"
C_NAMES = ("y0", "j0")
C_WORDS = (  # the words in every C++ text that nocmodl writes, and the operators, which no macro may be named after
    "and", "and_eq", "bitand", "bitor", "compl", "not", "not_eq", "or", "or_eq", "xor", "xor_eq", "auto", "bool",
    "char", "const", "double", "extern", "for", "int", "nullptr", "return", "static", "static_cast", "template", "void",
)  # fmt: skip
DECLARING = ("PARAMETER", "ASSIGNED", "STATE")
NEURONS = ("v", "dt", "celsius", "area", "diam")  # NEURON's variables, whose names the C++ text defines as macros
LARGEST_FLOAT = 3.4028234663852886e38


def check(file: sx.File, report: Report) -> None:
    """Report every declaration that NEURON's translator, or the C++ compiler after it, does not take."""
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
    """Report names that are declared twice, or that mean something else to NMODL or C++."""
    seen: dict[str, sx.Declared] = {}
    declarations = [declared for declared in file.declared if declared.block in DECLARING]
    starts = {f"{declared.name}0" for declared in declarations if declared.block == "STATE"}
    parameters = {declared.name for declared in declarations if declared.block == "PARAMETER"}
    constants = {declared.name: declared.line for declared in file.declared if declared.block == "CONSTANT"}
    constants |= {definition.name: definition.line for definition in file.units if definition.target is not None}
    for declared in declarations:
        name, line = declared.name, declared.line
        old = seen.setdefault(name, declared)
        if old is not declared:
            where = f"{old.block} (line {_line(file, old.line)}) and in {declared.block}"
            report.wrong(line, f"{name} is declared in {where} ({STOPS})", "Declare it once.")
        elif declared.block == "STATE" and f"{name}0" in C_NAMES and f"{name}0" not in parameters:
            what = f"STATE {name}, whose START value has the name of C's function {name}0"
            report.wrong(line, f"{what} ({NO_BUILD})", f"Give it another name, or make {name}0 a PARAMETER.")
        elif name in C_WORDS:
            report.wrong(line, f"{name} is a word of C++ ({NO_BUILD})", "Rename it.")
        elif declared.size == sx.NO_ELEMENT:
            report.wrong(line, f"{name} is an array of no elements ({STOPS})", "Give it a size, 1 or more.")
        elif name == "t":
            report.wrong(line, f"t is declared ({STOPS})", "Leave it out: t is NEURON's time.")
        elif name in constants:
            what = f"{name} is a constant (line {_line(file, constants[name])}) and declared in {declared.block}"
            report.wrong(line, f"{what} ({STOPS})", "Declare it once.")
        elif declared.block != "PARAMETER" and name in starts:
            what = f"{name} is the START value of a STATE, and declared in {declared.block} ({STOPS})"
            report.wrong(line, what, "Make it a PARAMETER, or give it another name.")
        elif name in MATH and name not in OF_C:
            report.wrong(line, f"{name} is a function of NMODL and is declared ({STOPS})", "Rename it.")
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
    """Report constants and blocks with the name of a NEURON variable; C++ calls a FUNCTION by another name."""
    constants = [(declared.name, declared.line) for declared in file.declared if declared.block == "CONSTANT"]
    constants += [(definition.name, definition.line) for definition in file.units if definition.target is not None]
    for name, line in constants:
        if name in (*NEURONS, "secondorder"):
            report.wrong(line, f"{name} is NEURON's own, and a constant ({NO_BUILD})", "Give it another name.")
    for block in file.blocks:
        if block.name == "v" or (block.name in NEURONS and block.kind != "FUNCTION"):
            what = f"{block.kind} {block.name} has the name of NEURON's variable ({NO_BUILD})"
            report.wrong(block.line, what, "Give it another name.")
    for declared in file.declared:
        if declared.block == "STATE" and declared.name == "celsius":
            report.wrong(declared.line, f"celsius is NEURON's own, and a STATE ({NO_BUILD})", "Give it another name.")


def _infinite(file: sx.File, report: Report) -> None:
    """Report numbers that C++ does not take.

    NEURON's translator writes limits as ``float``, and a number that overflows a double as ``inf``. It leaves out the
    values of variables that NEURON or an ion sets.
    """
    dropped = {*ENV, "v", *(name for ion in file.ions for name in (*ion.reads, *ion.writes))}
    for declared in file.declared:
        if declared.block not in DECLARING:
            continue
        if declared.name not in dropped and math.isinf(declared.value or 0.0):
            what = f"the value of {declared.name} is too large for a double ({NO_BUILD})"
            report.wrong(declared.line, what, "Write 1e308, or less.")
        if any(abs(limit or 0.0) > LARGEST_FLOAT for limit in (declared.lower, declared.upper)):
            what = f"a limit of {declared.name} is too large for a float ({NO_BUILD})"
            report.wrong(declared.line, what, "Write 1e38, or less.")


def _line(file: sx.File, line: int) -> str:
    return file.source_lines.at(line).rpartition(":")[2]


def _units(file: sx.File, report: Report) -> None:
    """Report units and constants that are defined twice, in the file or in NEURON's own table."""
    seen: dict[str, sx.UnitDefinition] = {}
    constants: set[str] = set()
    for definition in file.units:
        if definition.target is not None:
            if definition.name in constants:
                report.wrong(
                    definition.line,
                    f"constant {definition.name} is defined twice (it does not build in NEURON)",
                    "Define it once.",
                )
            constants.add(definition.name)
            continue
        old = seen.setdefault(definition.name, definition)
        if old is not definition:
            what = f"unit ({definition.name}) is defined twice, as ({old.text}) and as ({definition.text}) ({STOPS})"
            report.wrong(definition.line, what, "Define it once.")
        elif definition.name in units.read_library():
            what = f"unit ({definition.name}) = ({definition.text}) is in NEURON's own table already ({STOPS})"
            report.wrong(definition.line, what, "Leave the line out, or define another name.")


def _ions(file: sx.File, report: Report) -> None:
    """Report ions, and variables of theirs, that are named twice or do not exist."""
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
    """Report currents and variables of ions that nothing declares; a current may be a LOCAL of BREAKPOINT."""
    declared = {declared.name for declared in file.declared if declared.block in DECLARING}
    declared |= {name for block in file.blocks if block.kind == "BREAKPOINT" for name in block.local_names}
    constants = {declared.name for declared in file.declared if declared.block == "CONSTANT"}
    named = [(name, ion.line) for ion in file.ions for name in (*ion.reads, *ion.writes)]
    for name, line in (*named, *file.nonspecific, *file.electrode):
        if name in constants:
            report.wrong(line, f"{name} is declared in CONSTANT ({STOPS})", "Declare it in ASSIGNED.")
        elif name not in declared:
            report.wrong(line, f"{name} is not declared ({NO_BUILD})", "Declare it in ASSIGNED.")


def _blocks(file: sx.File, report: Report) -> None:
    """Report blocks whose name is taken."""
    variables = {declared.name: declared.block for declared in file.declared if declared.block in DECLARING}
    variables |= {name: "RANGE" for name, _ in file.ranges if name not in variables}
    seen: set[str] = set()
    for block in file.blocks:
        if block.name in seen and block.kind in sx.ENTRIES:
            report.wrong(block.line, f"a second {block.kind} block", "Write one block of each kind.")
        elif block.name in seen:
            report.wrong(block.line, f"a second block {block.name} ({STOPS})", "Give it another name.")
        elif block.name in variables:
            what = f"{block.kind} {block.name} has the name of a variable in {variables[block.name]} ({STOPS})"
            report.wrong(block.line, what, "Give it another name.")
        elif block.name in C_WORDS:
            report.wrong(block.line, f"{block.kind} {block.name} is a word of C++ ({NO_BUILD})", "Rename it.")
        elif block.name in MATH and block.name not in OF_C:
            report.wrong(block.line, f"{block.kind} {block.name} is a function of NMODL ({STOPS})", "Rename it.")
        seen.add(block.name)


def _tables(file: sx.File, report: Report) -> None:
    """Report TABLEs in the wrong kind of block, and names that they may not or must list."""
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
            report.wrong(table.line, f"{what} ({STOPS})", "List after TABLE the names of what it is to hold.")


def _derivatives(file: sx.File, report: Report) -> None:
    """Report a second DERIVATIVE block, and one without an equation."""
    blocks = [block for block in file.blocks if block.kind == "DERIVATIVE"]
    for block in blocks[1:]:
        what = f"a second DERIVATIVE block, {block.name} (NEURON's translator takes all memory and does not end)"
        report.wrong(block.line, what, "Write all equations in one block, or advance the others in a PROCEDURE.")
    for block in blocks:
        if not any(find_statements(sx.Prime, block.body)):
            report.wrong(block.line, f"DERIVATIVE {block.name} without an equation ({STOPS})", "Make it a PROCEDURE.")


def _diffusion(file: sx.File, report: Report) -> None:
    """Report states that diffuse and have no COMPARTMENT."""
    states = {declared.name for declared in file.declared if declared.block == "STATE"}
    for block in file.blocks:
        inside = {name for s in find_statements(sx.Compartment, block.body) for name in s.species}
        for s in find_statements(sx.LonDiffuse, block.body):
            for name in s.species:
                if name in states and name not in inside:
                    what = f"LONGITUDINAL_DIFFUSION of {name}, which has no COMPARTMENT ({STOPS})"
                    report.wrong(s.line, what, "Write COMPARTMENT 1 {...}, or its volume, above it.")
