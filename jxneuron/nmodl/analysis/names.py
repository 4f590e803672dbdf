"""Check how names are used in every block, called or not: find what does not build in NEURON.

In: ``Symbols`` with the blocks as they were written. Out: findings in a ``Report``.
"""

from __future__ import annotations

from collections.abc import Iterator

from jxneuron.nmodl.analysis.declarations import NO_BUILD, STOPS
from jxneuron.nmodl.frontend.symbols import ENV, EVENTS, MATH, RANDOM, SILENT, Symbols
from jxneuron.nmodl.report import Report
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.algebra import find_names, has_power
from jxneuron.nmodl.syntax.visit import expressions, find_parts, find_statements, parts
from jxneuron.nmodl.syntax.walk import find_own_names, walk_loops

FUNCTIONS = {*MATH, *RANDOM, *SILENT, *EVENTS} - {"flag"}
IN_KINETIC: dict[type[sx.Statement], str] = {
    sx.Conserve: "CONSERVE",
    sx.Compartment: "COMPARTMENT",
    sx.LonDiffuse: "LONGITUDINAL_DIFFUSION",
}
SENDERS = ("INITIAL", *sx.RECEIVING)
# Functions of C that NMODL does not know, and what replaces them; they build where a mechanism is not thread-safe
UNKNOWN = {"abs": "fabs", "fmin": "IF and ELSE", "fmax": "IF and ELSE"}


def is_any_misused(symbols: Symbols, report: Report) -> bool:
    """Report every use of a name as what it is not; True where there is one.

    Later stages make no sense of such a file.
    """
    before, file = report.count, symbols.file
    _arrays(file, report)
    for block in file.blocks:
        _twice(block, report)
        _table(block, symbols, report)
        _ahead(block, file, report)
        own = locals_of(block)
        for s, loops in walk_loops(block.body):
            inside = own | loops
            for var in _variables(s, symbols):
                if var.name not in inside:
                    _variable(var, s, symbols, report)
            for call in _calls(s):
                _call(call, s, symbols, report)
                if file.vectorized and call.name in UNKNOWN and call.name not in symbols.blocks:
                    what = f"{call.name}, to which NEURON's translator hands more arguments than it has ({NO_BUILD})"
                    report.wrong(s.line, what, f"Write {UNKNOWN[call.name]}.")
            _derivatives(s, symbols, report)
            _statement(s, block, inside, symbols, report)
    return report.count > before


def locals_of(block: sx.Block) -> set[str]:
    """Return the names of a block's arguments and LOCALs, and of a FUNCTION's value."""
    names = {*block.args, *block.local_names}
    return names | {block.name} if block.kind == "FUNCTION" else names


def _twice(block: sx.Block, report: Report) -> None:
    """Report names that are two of argument, LOCAL and value."""
    names = [*block.args, *block.local_names]
    names += [block.name] if block.kind == "FUNCTION" else []
    for name in sorted({name for name in names if names.count(name) > 1}):
        what = f"{name} is two things of {block.kind} {block.name}: argument, LOCAL or its value ({NO_BUILD})"
        report.wrong(block.line, what, "Give one of them another name.")


def _arrays(file: sx.File, report: Report) -> None:
    """Report currents, variables of ions and v that are declared as arrays: NEURON has one number for each."""
    single = {"v", *(name for ion in file.ions for name in (*ion.reads, *ion.writes))}
    single |= {name for name, _ in (*file.nonspecific, *file.electrode)}
    for declared in file.declared:
        if declared.size and declared.name in single and declared.block != "LOCAL":
            what = f"{declared.name} is declared as an array, and is one number for NEURON ({NO_BUILD})"
            report.wrong(declared.line, what, "Declare it without a size.")


def _table(block: sx.Block, symbols: Symbols, report: Report) -> None:
    """Report names of a TABLE that are not variables of the file: it is built outside of its block."""
    table = block.table
    if table is None:
        return
    own = (*block.args, *block.local_names)
    known = {*symbols.variables, *symbols.constants, *symbols.file.c_names}
    limits = {var.name for var in find_parts(sx.Var, table.first, table.last)}
    for name in sorted({*table.names, *table.depend, *limits}):
        what = f"{name} in the TABLE of {block.name}"
        if name in own:
            report.wrong(table.line, f"{what} is an argument or a LOCAL ({NO_BUILD})", "Declare a variable for it.")
        elif name in symbols.blocks:
            report.wrong(table.line, f"{what} is a {symbols.blocks[name].kind} ({NO_BUILD})", "Name a variable.")
        elif name not in known:
            report.wrong(table.line, f"{what} is not defined ({NO_BUILD})", "Declare it.")
        elif name in table.depend and name in symbols.variables and symbols.variables[name].size:
            report.wrong(table.line, f"{what} is an array in DEPEND ({NO_BUILD})", "Declare a variable for it.")
        elif table.names.count(name) > 1:
            report.wrong(table.line, f"{what} is listed twice ({NO_BUILD})", "Name it once.")


def _ahead(block: sx.Block, file: sx.File, report: Report) -> None:
    """Report uses of a LOCAL at file scope in a line before its own: C++ does not know it there.

    nocmodl writes nothing for a KINETIC block that nothing SOLVEs, so that one is left out.
    """
    solved = {s.block for other in file.blocks for s in find_statements(sx.Solve, other.body)}
    if block.kind == "KINETIC" and block.name not in solved:
        return
    lines = {local.name: local.line for local in reversed(file.declared) if local.block == "LOCAL"}
    used = [(s.line, find_own_names(s) - loops) for s, loops in walk_loops(block.body)]
    if block.table is not None:
        bounds = find_names(block.table.first) | find_names(block.table.last)
        used.append((block.table.line, {*block.table.names, *block.table.depend} | bounds))
    for line, used_names in used:
        for name in sorted(used_names & {*lines} - locals_of(block)):
            if 0 < line < lines[name]:
                what = f"{name} is used before the LOCAL that declares it ({NO_BUILD})"
                report.wrong(line, what, "Move the LOCAL to the beginning of the file.")


def _variables(s: sx.Statement, symbols: Symbols) -> Iterator[sx.Var]:
    """Yield the variables in a statement's expressions, except what is handed over whole to a function of C."""
    for e in expressions(s):
        whole: set[int] = set()
        for part in parts(e):
            match part:
                case sx.Call() if part.name not in symbols.blocks and part.name not in MATH:
                    whole |= {id(arg) for arg in part.args}
                case sx.Derivative():
                    whole.add(id(part.state))
                case sx.Var() if id(part) not in whole:
                    yield part
                case _:
                    pass


def _calls(s: sx.Statement) -> Iterator[sx.Call]:
    return find_parts(sx.Call, *expressions(s))


def _call(call: sx.Call, s: sx.Statement, symbols: Symbols, report: Report) -> None:
    if call.name in symbols.blocks and any(isinstance(arg, sx.Text) for arg in call.args):
        report.wrong(s.line, f"a text handed over to {call.name} ({NO_BUILD})", "Hand over a number.")
    if isinstance(s, sx.Assign) and s.value is call and call.name in symbols.blocks:
        if symbols.blocks[call.name].kind == "PROCEDURE":
            report.note(f"PROCEDURE {call.name} has no value: {s.target.name} becomes 0, as in NEURON", s.line)


def _derivatives(s: sx.Statement, symbols: Symbols, report: Report) -> None:
    for name in (part.state.name for part in find_parts(sx.Derivative, *expressions(s))):
        if not _is_state(name, symbols):
            what = f"{name}' although {name} is no STATE ({NO_BUILD})"
            report.wrong(s.line, what, "Declare it in STATE.")


def _variable(var: sx.Var, s: sx.Statement, symbols: Symbols, report: Report) -> None:
    name, line = var.name, s.line
    block, symbol = symbols.blocks.get(name), symbols.variables.get(name)
    if block is not None and block.kind not in sx.ENTRIES:
        what = f"{name} is a {block.kind} and is used as a variable ({NO_BUILD})"
        report.wrong(line, what, "Call it, or give the variable another name.")
    elif symbol is None and name in FUNCTIONS:
        report.wrong(line, f"{name} is a function and is used as a variable ({NO_BUILD})", "Call it.")
    elif symbol is not None and symbol.place in ("field", "ion") and bool(symbol.size) != (var.index is not None):
        shown = f"{name}[{int(var.index.value)}]" if isinstance(var.index, sx.Num) else f"{name}[...]"
        what = f"{name} is an array, and used without an index" if symbol.size else f"{shown}: {name} is no array"
        way_out = "Write which element is meant." if symbol.size else "Leave the index out, or declare its size."
        report.wrong(line, f"{what} ({NO_BUILD})", way_out)


def _statement(s: sx.Statement, block: sx.Block, own: set[str], symbols: Symbols, report: Report) -> None:
    match s:
        case sx.Assign() if s.target.name in ENV and s.target.name not in own:
            what = f"{s.target.name} belongs to NEURON and is assigned ({STOPS})"
            report.wrong(s.line, what, "Assign a variable of the mechanism.")
        case sx.Solve() if s.block not in {*symbols.blocks, *symbols.taken_away}:
            report.wrong(s.line, f"SOLVE {s.block}: there is no such block ({STOPS})", "SOLVE a block of this file.")
        case sx.Solve() if s.block == block.name and block.kind == "DERIVATIVE":
            report.wrong(s.line, f"{block.name} solves itself ({NO_BUILD})", "Write the recursion as a loop.")
        case sx.Prime() if block.kind == "DERIVATIVE":
            _slope(s, symbols, report)
        case sx.Conserve():
            _conserve(s, symbols, report)
        case sx.LonDiffuse():
            for name in s.species:
                if name in own or not _is_state(name, symbols):
                    what = f"LONGITUDINAL_DIFFUSION of {name}, which is no STATE ({STOPS})"
                    report.wrong(s.line, what, "Name a STATE.")
        case _:
            pass
    if type(s) in IN_KINETIC and block.kind != "KINETIC":
        what = f"{IN_KINETIC[type(s)]} in {block.kind} {block.name} ({STOPS})"
        report.wrong(block.line, what, "Write it in a KINETIC block.")
    _event(s, block, symbols, report)


def _conserve(s: sx.Conserve, symbols: Symbols, report: Report) -> None:
    """Report terms of a CONSERVE that are no states, and a CONSERVE of elements alone."""
    for _, var in s.terms:
        if not _is_state(var.name, symbols):
            report.wrong(s.line, f"{var.name} in CONSERVE is no STATE ({STOPS})", "CONSERVE a sum of states.")
    if all(var.index is not None for _, var in s.terms):
        report.wrong(s.line, f"CONSERVE of nothing but elements of arrays ({STOPS})", "Name a state among them.")


def _event(s: sx.Statement, block: sx.Block, symbols: Symbols, report: Report) -> None:
    """Report what sends or watches where NEURON's translator does not take it."""
    if isinstance(s, sx.Send) and block.kind not in (SENDERS if s.kind == "send" else sx.RECEIVING):
        where = "INITIAL or NET_RECEIVE" if s.kind == "send" else "NET_RECEIVE"
        report.wrong(s.line, f"net_{s.kind} in {block.kind} {block.name} ({STOPS})", f"Send from {where}.")
    if isinstance(s, sx.Send) and not any(kind == "NET_RECEIVE" for kind in symbols.blocks):
        report.wrong(s.line, f"net_{s.kind} without a NET_RECEIVE ({STOPS})", "Write a NET_RECEIVE that takes it.")
    if isinstance(s, sx.Do) and s.call.name in sx.SENDING:
        count = 2 if s.call.name == "net_send" else 1
        report.wrong(s.line, f"{s.call.name} takes {count} argument(s) ({NO_BUILD})", "Correct the arguments.")
    if isinstance(s, sx.Watch) and block.kind not in sx.RECEIVING:
        report.wrong(s.line, f"WATCH in {block.kind} {block.name} ({STOPS})", "Write it in NET_RECEIVE.")


def _slope(s: sx.Prime, symbols: Symbols, report: Report) -> None:
    name = s.state.name
    if not _is_state(name, symbols):
        report.wrong(s.line, f"{name}' although {name} is no STATE ({STOPS})", "Declare it in STATE.")
    if has_power(s.value):
        report.wrong(s.line, f"^ in the equation of {name}' ({STOPS})", "Use pow or a product.")


def _is_state(name: str, symbols: Symbols) -> bool:
    return name in symbols.variables and symbols.variables[name].role == "state"
