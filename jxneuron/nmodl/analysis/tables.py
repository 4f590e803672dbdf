"""Find out when each TABLE is built: NEURON's order of building decides what it holds.

In: Symbols, the blocks in use, the entries. Out: a ``TablePlan`` for each block with a TABLE, and findings.

nocmodl's check function of a TABLE (``table_massage`` in parsact.cpp) fills it where it is new, or where a variable
that DEPEND lists has changed. A thread-safe mechanism calls it before INITIAL and before each step, with the first
instance's values; any other mechanism calls it inside the block itself, so with those of the instance that runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from jxneuron.nmodl.analysis.dataflow import AbstractInterpreter
from jxneuron.nmodl.analysis.ir import Entry
from jxneuron.nmodl.analysis.table_plan import FirstCall, TablePlan
from jxneuron.nmodl.analysis.trace import Key, Trace
from jxneuron.nmodl.frontend.symbols import PSEUDO, Symbols
from jxneuron.nmodl.report import Report
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.algebra import find_names
from jxneuron.nmodl.syntax.walk import find_mentioned

# Entries in the order in which finitialize, and then a step, runs them.
RUN_ORDER = (
    "before_initial", "initial", "after_initial",
    "before_breakpoint", "current", "before_step", "advance", "after_solve",
)  # fmt: skip
IN_INITIAL, IN_STEP = RUN_ORDER[:3], RUN_ORDER[-2:]  # those that only finitialize runs, and those that only a step runs
AT_START, STEPS = RUN_ORDER[:6], ("before_breakpoint", "current", "advance", "after_solve", "before_step")
EVENTS = ("receive", "watch_")
EXACT = "Remove the TABLE statement."
LISTED = "Name it in the TABLE statement, or compute it in a PROCEDURE of its own."


@dataclass
class _History:
    """Reads and writes of the entries, in their order, while every TABLE is only looked up."""

    calls: dict[str, FirstCall] = field(default_factory=dict[str, FirstCall])
    written: dict[str, set[str]] = field(default_factory=dict[str, set[str]])  # by entry
    traces: dict[str, Trace] = field(default_factory=dict[str, Trace])  # by entry

    def is_set_anew(self, keys: Iterable[Key], entries: Iterable[str]) -> bool:
        """True where the entries, in this order, set every element on every path before they read it."""
        left = set(keys)
        for trace in (self.traces[name] for name in entries if name in self.traces):
            if left & trace.exposed.keys():
                return False
            left -= trace.must
        return not left


def plan_tables(
    symbols: Symbols,
    reachable: Mapping[str, sx.Block],
    solvers: Mapping[str, str],
    entries: Iterable[Entry],
    report: Report,
) -> dict[str, TablePlan]:
    """Return the plan of each TABLE, by the name of its block; what cannot be taken over is reported."""
    tabled = {name: block for name, block in reachable.items() if block.table is not None}
    if not tabled:
        return {}
    history = _follow(AbstractInterpreter(symbols, solvers), sorted(entries, key=_run_rank))
    planner = _Planner(symbols, solvers, tabled, history, report)
    return {name: planner.plan(block) for name, block in tabled.items()}


def _run_rank(entry: Entry) -> int:
    return RUN_ORDER.index(entry.name) if entry.name in RUN_ORDER else len(RUN_ORDER)


def _follow(interpreter: AbstractInterpreter, entries: list[Entry]) -> _History:
    """Return what the entries do, executed in this order."""
    history = _History()
    read: set[str] = set()
    written: set[str] = set()
    for entry in entries:
        trace = interpreter.run(entry.body, entry.locals, entry.name, entry.arguments)
        for name, call in interpreter.calls.items():
            before = replace(call, read=call.read | read, written=call.written | written)
            history.calls.setdefault(name, before)
        read |= trace.read.keys()
        history.traces[entry.name] = trace
        history.written[entry.name] = set(trace.written)
        written |= history.written[entry.name]
    return history


class _Planner:
    def __init__(
        self,
        symbols: Symbols,
        solvers: Mapping[str, str],
        tabled: Mapping[str, sx.Block],
        history: _History,
        report: Report,
    ) -> None:
        self.symbols = symbols
        self.solvers = solvers
        self.tabled = tabled
        self.history = history
        self.safe = symbols.file.vectorized
        self.report = report
        self.effects = {
            n: AbstractInterpreter(symbols, solvers).effects(replace(b, table=None)) for n, b in tabled.items()
        }
        in_file = sorted(tabled, key=lambda name: tabled[name].line)
        self.order = {name: k for k, name in enumerate(in_file if self.safe else self._in_order_of_calls())}

    def refuse(self, block: sx.Block, what: str, way_out: str = EXACT) -> None:
        """Report what cannot be taken over, at the line of the TABLE."""
        assert block.table is not None
        self.report.refuse(block.table.line, what, way_out)

    def plan(self, block: sx.Block) -> TablePlan:
        """Return how the TABLE of one block is built."""
        inputs, leaves = self._inputs(block), self._leaves(block)
        self._check_set(block)
        plan = self._safe(block, inputs) if self.safe else self._unsafe(block, inputs)
        call = self.history.calls.get(block.name)
        plan = replace(plan, leaves=leaves, order=self.order[block.name], entry=call.entry if call else "")
        if leaves:
            plan = self._with_leaves(block, plan)
        self._check_nested(block, plan)
        return replace(plan, stays=self._stays(block, plan)) if self.safe else plan

    def _inputs(self, block: sx.Block) -> list[str]:
        """Return the variables on which the table's values and limits depend."""
        assert block.table is not None
        limits = sorted(find_names(block.table.first) | find_names(block.table.last))
        read = dict.fromkeys([*self.effects[block.name].inputs, *limits])
        return [name for name in read if name in self.symbols.variables and name not in PSEUDO]

    def _check_set(self, block: sx.Block) -> None:
        """Refuse a limit that no code sets and that no user can set."""
        assert block.table is not None
        for name in sorted(find_names(block.table.first) | find_names(block.table.last)):
            symbol = self.symbols.variables.get(name)
            hidden = symbol is not None and symbol.place == "field" and symbol.scope in ("instance", "file")
            if hidden and not self._is_changed(name):
                what = f"the limits of the TABLE of {block.name} depend on {name}, which nothing sets"
                self.refuse(block, what, f"Make {name} a PARAMETER with a value.")

    def _leaves(self, block: sx.Block) -> tuple[str, ...]:
        """Return the variables that building sets and the TABLE does not list."""
        return tuple(name for name in self.effects[block.name].outputs if name not in _listed(block))

    # --- thread-safe mechanisms

    def _safe(self, block: sx.Block, inputs: list[str]) -> TablePlan:
        """Return the plan of a TABLE that NEURON builds before INITIAL, and again where INITIAL changes its DEPEND."""
        assert block.table is not None
        for name in inputs:
            if self.symbols.variables[name].place == "pointer":
                self.refuse(block, f"TABLE of {block.name} depends on the POINTER {name}")
        changing = [name for name in inputs if name in block.table.depend and self._is_changed(name)]
        for name in changing:
            if self._is_changed(name, but=("before_initial", "initial")):
                self.refuse(block, f"TABLE of {block.name} depends on {name}, which changes while the model runs")
        return TablePlan("before", again=bool(changing))

    # --- other mechanisms

    def _unsafe(self, block: sx.Block, inputs: list[str]) -> TablePlan:
        """Return the plan of a TABLE that NEURON builds inside its block, with the values of that moment."""
        assert block.table is not None
        moving = [name for name in inputs if self._is_moving(block, name)]
        if not moving:
            return TablePlan("before")
        listed = [name for name in moving if name in block.table.depend]
        settled = [name for name in listed if self._is_settled(block, name)]
        if len(listed) == len(moving) and settled != listed:
            self._check_limits(block, moving)
            if before := sorted(_listed(block) & set(inputs)):
                what = f"{before[0]} in the TABLE of {block.name} is read before it is set"
                self.refuse(block, f"{what}, and DEPEND lists {', '.join(listed)}", f"Set {before[0]} first.")
            return TablePlan("each_call")
        if settled != listed:
            unlisted = ", ".join(name for name in moving if name not in listed)
            way_out = f"List {unlisted} after DEPEND too, or remove the TABLE statement."
            self.refuse(block, f"TABLE of {block.name} depends on {unlisted}, and anew on {', '.join(listed)}", way_out)
        call = self.history.calls.get(block.name)
        if call is not None and not call.certain:
            what = f"TABLE of {block.name} is built from {', '.join(moving)} at its first call"
            self.refuse(
                block,
                f"{what}, in an IF, a WHILE or a solver",
                f"Call {block.name} at the top of INITIAL, or remove the TABLE statement.",
            )
        elif call is not None and call.entry.startswith(EVENTS):
            what = f"TABLE of {block.name} is built from {', '.join(moving)} at its first call, by an event"
            self.refuse(block, what, f"Call {block.name} at the top of INITIAL, or remove the TABLE statement.")
        elif late := self._changed_in_step(block, moving):
            what = f"TABLE of {block.name} is built from {', '.join(late)} at its first call, in the first step"
            self.refuse(block, what, f"Call {block.name} at the top of INITIAL, or remove the TABLE statement.")
        self._check_limits(block, moving)
        return TablePlan("first_call")

    def _changed_in_step(self, block: sx.Block, moving: list[str]) -> list[str]:
        """Return the variables that may change between the building of a TABLE here and its first call in a step.

        A run builds its TABLEs at the end of INITIAL.
        """
        call = self.history.calls.get(block.name)
        if call is None or call.entry not in IN_STEP:
            return []
        fixed = ("diam", "area")
        return [
            name
            for name in moving
            if (self.symbols.variables[name].place != "field" and name not in fixed)
            or name in call.written_here
            or self._is_changed(name, but=(*IN_INITIAL, call.entry))
            or call.entry == "after_solve"
        ]

    def _check_limits(self, block: sx.Block, moving: list[str]) -> None:
        """Refuse limits that depend on when the TABLE is built."""
        assert block.table is not None
        limits = (find_names(block.table.first) | find_names(block.table.last)) & set(moving)
        if limits:
            self.refuse(block, f"the limits of the TABLE of {block.name} depend on {', '.join(sorted(limits))}")

    def _is_moving(self, block: sx.Block, name: str) -> bool:
        """True where the value depends on when the TABLE is built, or for which instance."""
        symbol = self.symbols.variables[name]
        if symbol.place == "env":
            return name == "t" or (name in ("diam", "area") and self._in_depend(block, name))
        if symbol.place != "field" or self._is_changed(name) or self._is_left(block, name):
            return True
        return symbol.scope in ("range", "instance") and self._in_depend(block, name)

    def _in_depend(self, block: sx.Block, name: str) -> bool:
        return block.table is not None and name in block.table.depend

    def _is_left(self, block: sx.Block, name: str) -> bool:
        """True for a variable that building another TABLE sets."""
        return any(name in self._leaves(other) for other in self.tabled.values() if other.name != block.name)

    def _is_settled(self, block: sx.Block, name: str) -> bool:
        """True for a variable that instances share and only INITIAL sets, before the first call."""
        symbol, call = self.symbols.variables[name], self.history.calls.get(block.name)
        if symbol.place != "field" or symbol.scope not in ("global", "file") or call is None or call.entry != "initial":
            return False
        return name in call.written and not self._is_changed(name, but=("initial",))

    def _is_changed(self, name: str, but: tuple[str, ...] = ()) -> bool:
        """True for a variable that an entry other than those in ``but`` may write."""
        return any(name in written for entry, written in self.history.written.items() if entry not in but)

    # --- what building leaves

    def _with_leaves(self, block: sx.Block, plan: TablePlan) -> TablePlan:
        """Return the plan of a TABLE whose building sets variables that it does not list."""
        variables = self.symbols.variables
        outside = [name for name in plan.leaves if variables[name].place != "field"]
        if outside:
            self.refuse(block, f"building the TABLE of {block.name} sets {', '.join(outside)}", LISTED)
        seen = [name for name in plan.leaves if self._is_seen(block, name)]
        if plan.built == "each_call" or plan.again:
            if seen:
                self.refuse(block, f"each building of the TABLE of {block.name} sets {', '.join(seen)}", LISTED)
            return replace(plan, leaves=())
        if self.safe:
            return plan
        call = self.history.calls.get(block.name)
        touched = [n for n in seen if call is not None and n in call.read | call.written]
        if seen and call is not None and not call.certain:
            what = f"building the TABLE of {block.name}, in an IF, a WHILE or a solver, sets {', '.join(seen)}"
            self.refuse(block, what, LISTED)
        elif touched and call is not None and call.entry != "initial":
            what = f"building the TABLE of {block.name} sets {', '.join(touched)}, used before its first call"
            self.refuse(block, what, LISTED)
        elif seen and call is not None and call.entry in IN_STEP:
            if plan.built == "first_call" or any(self._is_changed(name) for name in seen):
                what = f"building the TABLE of {block.name} in the first step sets {', '.join(seen)}"
                self.refuse(block, what, LISTED)
            return replace(plan, in_step=True)
        return replace(plan, built="first_call") if touched else plan

    def _stays(self, block: sx.Block, plan: TablePlan) -> tuple[str, ...]:
        """Return the listed variables whose value from the last abscissa a run, or another TABLE, sees.

        The check function runs the block for each abscissa with the first instance's variables. Where INITIAL does
        not call the block, they keep the values of the last abscissa.
        """
        listed = [name for name in self.effects[block.name].outputs if name in _listed(block) and self._is_field(name)]
        if plan.again and (kept := [name for name in listed if not self._is_set_anew(name, STEPS)]):
            shown = ", ".join(kept)
            what = f"each building of the TABLE of {block.name} leaves {shown} as at the last abscissa"
            self.refuse(block, what, f"Call {block.name} at the top of BREAKPOINT.")
        others = [self.effects[name].inputs for name in self.tabled if name != block.name]
        taken = {name for inputs in others for name in inputs}
        return tuple(name for name in listed if name in taken or not self._is_set_anew(name, AT_START))

    def _is_field(self, name: str) -> bool:
        return self.symbols.variables[name].place == "field"

    def _is_set_anew(self, name: str, entries: Iterable[str]) -> bool:
        """True where the entries, in this order, set a variable before they read it."""
        size = self.symbols.variables[name].size
        keys = {(name, k) for k in range(size)} if size else {(name, -1)}
        return self.history.is_set_anew(keys, entries)

    def _is_seen(self, block: sx.Block, name: str) -> bool:
        """True for a variable that a user, or another block, reads."""
        if self.symbols.variables[name].scope in ("range", "global"):
            return True
        return any(
            name in find_mentioned(other.body) for other in self.symbols.blocks.values() if other.name != block.name
        )

    def _check_nested(self, block: sx.Block, plan: TablePlan) -> None:
        """Refuse a TABLE that is used while another one is built, where the order or what building sets shows."""
        for other in self._tables_inside(block):
            inner = self.order[other.name]
            if self.safe and inner > plan.order:
                what = f"the TABLE of {block.name} is built with that of {other.name}, which follows in the file"
                self.refuse(block, f"{what} (NEURON crashes)", f"Write {other.name} above {block.name}.")
            elif plan.leaves or self._leaves(other):
                what = (
                    f"TABLE of {other.name} is used while the TABLE of {block.name} is built, and building sets others"
                )
                self.refuse(block, what, "Remove one of the two TABLE statements.")

    def _in_order_of_calls(self) -> list[str]:
        """Return the blocks with a TABLE in the order in which their building ends: each after those that it uses."""
        order: dict[str, None] = {}

        def visit(name: str) -> None:
            for other in self._tables_inside(self.tabled[name]):
                visit(other.name)
            order[name] = None

        for name in (*self.history.calls, *self.tabled):
            visit(name)
        return list(order)

    def _tables_inside(self, block: sx.Block) -> list[sx.Block]:
        """Return the other blocks with a TABLE that a block calls, directly or through others."""
        seen: dict[str, None] = {}
        todo = [block.name]
        while todo:
            named = find_mentioned(self.symbols.blocks[todo.pop()].body)
            new = [name for name in named if name in self.symbols.blocks and name not in seen]
            seen.update(dict.fromkeys(new))
            todo += new
        return [self.tabled[name] for name in seen if name in self.tabled and name != block.name]


def _listed(block: sx.Block) -> set[str]:
    """Return the names of the values that the TABLE of a block holds."""
    assert block.table is not None
    return {block.name} if block.kind == "FUNCTION" else set(block.table.names)
