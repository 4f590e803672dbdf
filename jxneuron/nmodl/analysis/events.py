"""Check what takes events: find what it sees of v and of ions, and what is not taken over.

In: the entries of a mechanism and their traces. Out: findings in a ``Report``.

nocmodl's NET_RECEIVE copies v, and ion concentrations, from the node where its own text names them, and back at its
end; only a concentration that is a STATE goes back to its ion. Elsewhere the mechanism's copy is what it was before.
"""

from __future__ import annotations

from collections.abc import Sequence

from jxneuron.nmodl.analysis.declarations import NO_BUILD
from jxneuron.nmodl.analysis.ir import WATCH, Entry
from jxneuron.nmodl.analysis.trace import Trace
from jxneuron.nmodl.frontend.symbols import Symbols
from jxneuron.nmodl.report import Report
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.visit import find_statements, walk
from jxneuron.nmodl.syntax.walk import find_own_names

OF_NODE = ("v", "area", "diam")  # what an artificial cell has not
STEPS = ("current", "advance", "before_breakpoint", "after_solve", "before_step", "before_initial", "after_initial")


def check_events(entries: Sequence[Entry], traces: Sequence[Trace], symbols: Symbols, report: Report) -> None:
    """Report what NET_RECEIVE, its INITIAL, a WATCH or an artificial cell may not do."""
    artificial = symbols.file.kind == "ARTIFICIAL_CELL"
    for block in symbols.blocks.values():
        _check_sending(block, report)
    for block in symbols.file.blocks:
        _check_watched(block, report)
    for entry, trace in zip(entries, traces, strict=True):
        if artificial:
            _check_artificial(entry, trace, symbols, report)
        elif entry.name == "receive":
            _check_copies(entry, trace, _named(symbols), symbols, report)
        elif entry.name == "receive_initial":
            _check_copies(entry, trace, set(), symbols, report)
        elif entry.name.startswith(WATCH):
            _check_copies(entry, trace, {"v"}, symbols, report)


def _named(symbols: Symbols) -> set[str]:
    """Return the names in the text of NET_RECEIVE, that of its INITIAL included."""
    bodies = [block.body for block in symbols.file.blocks if block.kind in sx.RECEIVING]
    inside = [s for body in bodies for s in walk(body)]
    return {name for s in inside for name in find_own_names(s)}


def _check_copies(entry: Entry, trace: Trace, copied: set[str], symbols: Symbols, report: Report) -> None:
    """Refuse v and ions of which the block sees the copy of an earlier moment, and ions to which nothing goes back."""
    where = "WATCH" if entry.name.startswith(WATCH) else entry.doc.partition(",")[0].rstrip(".")
    for name in (*trace.read, *trace.written):
        symbol = symbols.variables.get(name)
        if symbol is None or symbol.place not in ("v", "ion"):
            continue
        line = _line(trace, name)
        if name not in copied:
            what = f"{name} in what {where} calls, or in it: NEURON takes what it was when the mechanism last ran"
            report.refuse(line, what, f"Name {name} in the text of NET_RECEIVE, and hand it over as an argument.")
        elif symbol.place == "ion" and name in trace.written and symbol.role != "state":
            what = f"{name} is set in {where} and is no STATE (NEURON does not hand it on to the ion)"
            report.refuse(line, what, f"Declare {name} in STATE.")


def _check_artificial(entry: Entry, trace: Trace, symbols: Symbols, report: Report) -> None:
    """Refuse blocks of an artificial cell that NEURON does not run, and what belongs to a node."""
    if entry.name in STEPS and entry.body:
        what = f"{entry.doc.partition(':')[0]} in an ARTIFICIAL_CELL (NEURON does not run it)"
        report.refuse(getattr(entry.body[0], "line", 0), what, "Leave it out, or make it a POINT_PROCESS.")
        return
    for name in (*trace.read, *trace.written):
        symbol = symbols.variables.get(name)
        if name in OF_NODE or (symbol is not None and symbol.place in ("ion", "pointer")):
            what = f"{name} in an ARTIFICIAL_CELL, which has no node"
            report.refuse(_line(trace, name), what, "Make it a POINT_PROCESS.")


def _line(trace: Trace, name: str) -> int:
    lines = [line for keys in (trace.exposed, trace.may) for (other, _), line in keys.items() if other == name]
    return lines[0] if lines else 0


def _check_sending(block: sx.Block, report: Report) -> None:
    """Refuse what is sent from the INITIAL of NET_RECEIVE."""
    if block.kind == "NET_RECEIVE INITIAL" and block.sent:
        what = "an event sent from the INITIAL of NET_RECEIVE"
        report.refuse(block.line, what, "Send it from the INITIAL block of the mechanism.")


def _check_watched(block: sx.Block, report: Report) -> None:
    """Report conditions of WATCH that name what is known inside NET_RECEIVE only, and WATCH in its INITIAL."""
    own = {*block.args, *block.local_names}
    for s in find_statements(sx.Watch, block.body):
        if block.kind == "NET_RECEIVE INITIAL":
            report.wrong(s.line, f"WATCH in the INITIAL of NET_RECEIVE ({NO_BUILD})", "Write it in NET_RECEIVE.")
        for name in sorted(find_own_names(sx.Assign(sx.Var(""), s.value)) & own):
            what = f"{name} in the condition of a WATCH is an argument or a LOCAL ({NO_BUILD})"
            report.wrong(s.line, what, "Declare a variable for it.")
