"""Turn symbols into a ``MechanismIR``: check them, choose solvers, and decide where each value is kept.

In: ``Symbols`` with rewritten blocks. Out: ``MechanismIR``, and findings in a ``Report``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from jxneuron.nmodl.analysis import conductance
from jxneuron.nmodl.analysis.additive import jumps
from jxneuron.nmodl.analysis.dataflow import AbstractInterpreter
from jxneuron.nmodl.analysis.entries import every_element, initial_sends, mechanism_entries
from jxneuron.nmodl.analysis.events import check_events
from jxneuron.nmodl.analysis.ir import Entry, FieldIR, Form, Function, Kind, MechanismIR, Storage
from jxneuron.nmodl.analysis.order import Order, find_order, is_shared
from jxneuron.nmodl.analysis.semantics import CALLABLE, Checks
from jxneuron.nmodl.analysis.table_plan import TablePlan
from jxneuron.nmodl.analysis.tables import plan_tables
from jxneuron.nmodl.analysis.trace import Effects, Trace
from jxneuron.nmodl.frontend.methods import SOLVED, Method, advancing, method_of, methods_of
from jxneuron.nmodl.frontend.symbols import Place, Symbols, states_of
from jxneuron.nmodl.report import Report
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.algebra import NotLinear, linear_parts
from jxneuron.nmodl.syntax.visit import find_statements, rename_own
from jxneuron.nmodl.syntax.walk import find_mentioned, find_read_names, free_name

KINDS: dict[str, Kind] = {"SUFFIX": "density", "POINT_PROCESS": "point", "ARTIFICIAL_CELL": "artificial"}


def analyse(symbols: Symbols, report: Report) -> MechanismIR:
    """Check rewritten blocks and prepare them for code generation.

    Raises:
        NmodlError: names that are not defined, units that are not known.
        Unsupported: constructs that are not taken over.
    """
    return _Analysis(symbols, report).result()


class _Analysis:
    def __init__(self, symbols: Symbols, report: Report) -> None:
        self.symbols = symbols
        self.report = report
        self._refuse = report.refuse
        self.reachable = self._reachable()
        self.solvers = dict(self._solvers())
        self.plans: dict[str, TablePlan] = {}
        for what, line in symbols.file.notes:
            report.note(what, line)

    # --- what is used

    def _reachable(self) -> dict[str, sx.Block]:
        """Return the blocks that an entry calls or solves and those whose TABLE sets what is seen, callees first."""
        order: dict[str, sx.Block] = {}
        visiting: list[str] = []

        def visit(name: str) -> None:
            block = self.symbols.blocks.get(name)
            if block is None or name in order or name in visiting:
                return
            visiting.append(name)
            for other in find_mentioned(block.body):
                visit(other)
            visiting.pop()
            order[name] = block

        for name, block in self.symbols.blocks.items():
            if block.kind in sx.ENTRIES or self._is_built_uncalled(block):
                visit(name)
        unused = [n for n, b in self.symbols.blocks.items() if n not in order and b.kind in CALLABLE]
        if unused:
            self.report.note(f"not called from INITIAL or BREAKPOINT, left out: {', '.join(unused)}")
        return order

    def _is_built_uncalled(self, block: sx.Block) -> bool:
        """True for a TABLE of a thread-safe mechanism that sets what is seen: NEURON builds it, called or not."""
        if block.table is None or not self.symbols.file.vectorized:
            return False
        written = (self.symbols.variables.get(s.target.name) for s in find_statements(sx.Assign, block.body))
        return any(symbol is not None and symbol.scope in ("range", "global") for symbol in written)

    def _solves(self) -> list[sx.Solve]:
        return [s for b in self.reachable.values() for s in find_statements(sx.Solve, b.body)]

    def _solvers(self) -> Iterable[tuple[str, str]]:
        """Yield each DERIVATIVE or NONLINEAR block that a solver evaluates, with the name of the solver."""
        chosen: dict[str, Method] = {}
        solves = self._solves()
        named = [(solve.block, method_of(solve, self.symbols.blocks)) for solve in solves]
        newton = {block: method for block, method in named if method is not None and method.newton}
        for solve in solves:
            block = self.symbols.blocks.get(solve.block)
            if block is None or not self._is_method_known(solve, block):
                continue
            method = methods_of(block.kind)[solve.method]
            method = method if method.name else newton.get(block.name, method)
            first = chosen.setdefault(block.name, method)
            if first != method:
                what = f"{block.name} is solved by {first.name} and by {method.name}"
                self._refuse(solve.line, what, "SOLVE it once, by one method.")
            if block.kind == "NONLINEAR":
                yield block.name, method.solver
            if block.kind != "DERIVATIVE":
                continue
            if not method.name:
                self.report.note(f"SOLVE {block.name} has no METHOD: NEURON never advances its states")
            if method.fallback and not self._has_terms(block):
                method = methods_of(block.kind)[method.fallback]
            if method.solver:
                yield block.name, method.solver
            if method.newton:
                self._check_count(block)

    def _check_count(self, block: sx.Block) -> None:
        """Refuse a number of equations other than that of states; nocmodl counts equations on both sides of an IF."""
        count = len([*find_statements(sx.Prime, block.body)])
        elements = sum(max(self.symbols.variables[n].size, 1) for n in states_of(block.body, self.symbols))
        if count != elements:
            what = f"{count} equations for {elements} states in {block.name}, which derivimplicit solves"
            self._refuse(block.line, what, "Write one equation for each state, and IF in a variable of its own.")

    def _is_method_known(self, solve: sx.Solve, block: sx.Block) -> bool:
        """Refuse a SOLVE of a block, or by a method, that is not taken over."""
        shown = f"SOLVE {solve.block}{f' METHOD {solve.method}' if solve.method else ''}"
        if block.kind not in SOLVED:
            self._refuse(solve.line, f"{shown}: {block.kind} block", "Write it as DERIVATIVE or KINETIC.")
            return False
        method = method_of(solve, self.symbols.blocks)
        if solve.steady and not (method is not None and method.steady):
            way_out = "Use STEADYSTATE sparse with a KINETIC block, or set the states."
            self._refuse(solve.line, f"SOLVE {solve.block} STEADYSTATE {solve.method}", way_out)
            return False
        if method is None:
            known = " or ".join(name for name in methods_of(block.kind) if name) or "no METHOD"
            what = shown if solve.method else f"{shown} without METHOD (it does not build in NEURON)"
            self._refuse(solve.line, what, f"Use {known}.")
            return False
        return True

    def _has_terms(self, block: sx.Block) -> bool:
        """True where every equation that is not refused shows the terms of ``a + b*y``."""
        has_terms = True
        for s in find_statements(sx.Prime, block.body):
            try:
                linear_parts(s.value, s.state)
            except NotLinear as error:
                if error.polynomial:
                    self._refuse(s.line, f"cnexp with a polynomial in {s.state.name}", "Use METHOD derivimplicit.")
                else:
                    has_terms = False
        return has_terms

    # --- what the runtime relies on

    def _check_conductance(self, linear: bool) -> None:
        """Refuse CONDUCTANCE where what it names is not the slope of the currents."""
        block = self.symbols.blocks.get("BREAKPOINT")
        named = conductance.find_hints(block)
        if block is None or not named or not self.symbols.file.vectorized:  # elsewhere NEURON ignores the statement
            return
        if not linear or not conductance.are_slopes(block, [use.name for use in self.symbols.currents]):
            what = f"CONDUCTANCE {', '.join(s.slope.name for s in named)}: {conductance.NOT_THE_SLOPE}"
            self._refuse(named[0].line, what, conductance.WAY_OUT)

    # --- the result

    def result(self) -> MechanismIR:
        """Run the checks and executions one after another, and put the mechanism together."""
        Checks(self.symbols, self.reachable, self.report).run()
        entries = mechanism_entries(self.symbols, self.solvers)
        self.plans = plan_tables(self.symbols, self.reachable, self.solvers, entries, self.report)
        entries += initial_sends(self.symbols)
        interpreter = AbstractInterpreter(self.symbols, self.solvers, self.plans, self.report)
        traces = [interpreter.run(every_element(e, self.symbols), e.locals, e.name, e.arguments) for e in entries]
        self._note_early_states()
        check_events(entries, traces, self.symbols, self.report)
        order = find_order(entries, traces, self.symbols)
        for name in interpreter.unset.keys() & order.needed:
            self._refuse(*interpreter.unset[name])
        self._check_order(entries, order)
        self._check_sends(order)
        linear = self._linear(entries, traces, order)
        self._check_conductance(linear)
        effects = self._effects(order)
        self.report.raise_if_any()
        storage = self._storage(traces, order)
        streams = tuple(stream for stream in self.symbols.streams if storage[stream.name] == "s")
        undrawn = [stream for stream in self.symbols.streams if storage[stream.name] == "p"]
        for name in (name for stream in undrawn for name in (stream.name, stream.ids, stream.law)):
            storage.pop(name, None)
        functions = self._functions(effects, storage)
        entries = [self._with_outputs(e, t, storage) for e, t in zip(entries, traces, strict=True)]
        entries += jumps(entries, traces, storage)
        file = self.symbols.file
        return MechanismIR(
            name=file.suffix,
            kind=KINDS[file.kind],
            source_lines=file.source_lines,
            fields=tuple(FieldIR(self.symbols.variables[name], where) for name, where in storage.items()),
            ions=file.ions,
            variables=self.symbols.variables,
            constants=self.symbols.constants,
            currents=self.symbols.currents,
            functions=functions,
            entries=tuple(entries),
            linear_in_v=linear,
            sequential=tuple(name for name in order.sequential if name != "initial_sends"),
            streams=streams,
        )

    def _check_sends(self, order: Order) -> None:
        """Refuse an INITIAL that sends, where what it sends depends on what the instance before left."""
        if "initial_sends" in order.sequential:
            what = "net_send in an INITIAL that depends on what the instance before left"
            self._refuse(self.symbols.blocks["INITIAL"].line, what, "Declare it RANGE.")

    def _note_early_states(self) -> None:
        """Note states that INITIAL reads before it sets them."""
        block = self.symbols.blocks.get("INITIAL")
        if block is None or any(find_statements(sx.Solve, block.body)):  # a SOLVE reads every state
            return
        trace = AbstractInterpreter(self.symbols, self.solvers, self.plans).run(block.body, block.locals)
        states = {n for n, s in self.symbols.variables.items() if (s.role, s.place) == ("state", "field")}
        for (name, k), line in trace.exposed.items():
            if name in states and (name, k) in trace.may:
                self.report.note(f"{name} is read before INITIAL sets it: as its START value, {name}0", line)

    def _check_order(self, entries: list[Entry], order: Order) -> None:
        """Refuse coefficients of a diffusion that depend on what the instance before left."""
        for entry in entries:
            if entry.argument and entry.name in order.sequential:
                what = f"{entry.doc.partition(':')[0]} depends on what the instance before left"
                line = next(iter(entry.body)).line if entry.body else 0
                self._refuse(line, what, "Declare it RANGE.")

    def _storage(self, traces: list[Trace], order: Order) -> dict[str, Storage]:
        """Return where each field is kept."""
        written = {name for trace in traces for name in trace.written}
        written |= {name for plan in self.plans.values() for name in (*plan.leaves, *plan.stays)}
        exposed = {name for trace in traces for name in trace.read}
        storage: dict[str, Storage] = {}
        for name, symbol in self.symbols.variables.items():
            if symbol.place != "field":
                continue
            if name not in written:
                storage[name] = "p"
            elif name in order.instance_dependent and name not in order.needed:
                storage[name] = "none"
            elif symbol.scope in ("range", "global") or name in exposed:
                storage[name] = "s"
            else:
                storage[name] = "none"
        return storage

    def _with_outputs(self, entry: Entry, trace: Trace, storage: dict[str, Storage]) -> Entry:
        if entry.name == "initial_sends":
            return entry
        out = tuple(
            name
            for name in trace.written
            if storage.get(name) == "s"
            or (name not in storage and self.symbols.variables[name].stores)
            or (name == "v" and entry.flag)
        )
        return replace(entry, outputs=out)

    def _linear(self, entries: list[Entry], traces: list[Trace], order: Order) -> bool:
        """True where running BREAKPOINT once, with the exact derivative, leaves what NEURON's two runs leave.

        In thread-safe mechanisms with CONDUCTANCE NEURON itself runs it once; in others it ignores the statement.
        """
        currents = [(e, t) for e, t in zip(entries, traces, strict=True) if e.name == "current"]
        if not currents:
            return False
        entry, trace = currents[0]
        values = [trace.values.get((name, -1)) for name in entry.currents]
        if not all(value is not None and value.degree <= 1 for value in values):
            return False
        once = self.symbols.file.vectorized and bool(conductance.find_hints(self.symbols.blocks.get("BREAKPOINT")))
        return once or not (entry.name in order.sequential or self._repeats(trace, order))

    def _repeats(self, trace: Trace, order: Order) -> bool:
        """True where what the run at v + 0.001 leaves shows after the run at v."""
        repeated = {key for key in trace.may if key in trace.exposed and not is_shared(key[0], self.symbols)}
        return bool(repeated) or any(key[0] in order.live for key in trace.swayed - trace.must)

    def _effects(self, order: Order) -> dict[str, Effects]:
        """Return what each block needs and changes, and refuse what depends on how often a solver evaluates it."""
        interpreter = AbstractInterpreter(self.symbols, self.solvers, self.plans, again=True)
        blocks = [b for b in self.reachable.values() if b.kind not in sx.ENTRIES]
        effects = {b.name: interpreter.effects(b) for b in blocks}
        for block in blocks:
            self._check_iterated(block, effects[block.name], order)
        return effects

    def _functions(self, effects: dict[str, Effects], storage: dict[str, Storage]) -> tuple[Function, ...]:
        """Return each block, except the entries, with the inputs and outputs of its function."""
        blocks = [self.reachable[name] for name in effects]
        readers: dict[str, set[str]] = {}
        for block in self.reachable.values():
            own = effects[block.name].inputs if block.name in effects else ()
            for name in {*find_read_names(block), *own, *_handed_on(block, effects)}:
                readers.setdefault(name, set()).add(block.name)
        functions: list[Function] = []
        for block in blocks:
            own = effects[block.name]
            own = replace(own, inputs=self._sorted(own.inputs))
            callers = self._callers(block.name)
            outputs = tuple(n for n in own.outputs if self._is_returned(n, storage, readers.get(n, set()) & callers))
            functions.append(self._function(block, own, outputs))
        return tuple(functions)

    def _check_iterated(self, block: sx.Block, effects: Effects, order: Order) -> None:
        """Refuse what depends on how often, or when, a solver evaluates a block."""
        method = advancing(block, self.solvers)
        if method is not None and method.repeats:
            for name, line in effects.repeated:
                if name in order.needed or self.symbols.variables[name].stores:
                    what = f"{name} depends on how often {method.solver} evaluates {block.name}"
                    self._refuse(line, what, "Set it in BREAKPOINT, before or after SOLVE.")
        if method is not None and method.other_times and "t" in effects.inputs:
            what = f"t in {block.name}, which {method.name} evaluates at other times"
            self._refuse(block.line, what, "Use METHOD derivimplicit.")

    def _sorted(self, names: Iterable[str]) -> tuple[str, ...]:
        """Sort names: v first, then the mechanism's own as they are declared, NEURON's last."""
        order = list(self.symbols.variables)
        rank: dict[Place, int] = {"v": 0, "field": 1, "ion": 2, "pointer": 3, "env": 4}
        known = self.symbols.variables
        return tuple(sorted(names, key=lambda n: (rank[known[n].place], order.index(n)) if n in known else (9, 0)))

    def _callers(self, name: str) -> set[str]:
        """Return the blocks that call or solve ``name``, directly or through others."""
        callers: set[str] = set()
        new = {name}
        while new:
            new = {n for n, b in self.reachable.items() if n not in callers and new & set(find_mentioned(b.body))}
            callers |= new
        return callers - {name}

    def _is_returned(self, name: str, storage: dict[str, Storage], readers: set[str]) -> bool:
        """True for an output that outlives the entry, or that one of the callers reads."""
        if storage.get(name) == "none":
            return bool(readers) or name in {use.name for use in self.symbols.currents}
        return True

    def _function(self, block: sx.Block, effects: Effects, outputs: tuple[str, ...]) -> Function:
        """Return a block as a function with these outputs."""
        states = states_of(block.body, self.symbols)
        form: Form = "plain"
        linear = False
        if block.kind == "KINETIC":
            form, linear = "kinetic", self._linear_kinetic(block, states)
        elif block.kind == "LINEAR":
            form = "linear"
        elif block.kind in ("DERIVATIVE", "NONLINEAR"):
            form = "slopes" if block.name in self.solvers else "cnexp"
        if block.table is not None and block.table.names:
            first = [name for name in block.table.names if name in outputs]
            outputs = (*first, *(name for name in outputs if name not in first))
        inputs = effects.inputs
        if form in ("kinetic", "slopes", "linear"):
            inputs = tuple(name for name in inputs if name not in states)
            outputs = tuple(name for name in outputs if name not in states)
        else:
            states = ()
        functions = self.symbols.blocks.keys() - {block.name}  # an argument may be called like a FUNCTION
        block = self._renamed(block, {*effects.inputs, *effects.outputs, *functions})
        method, plan = advancing(block, self.solvers), self.plans.get(block.name)
        return Function(block, inputs, outputs, states, form, linear, method, plan)

    def _renamed(self, block: sx.Block, outside: set[str]) -> sx.Block:
        """Give another name to arguments and locals that hide a variable or function which the block also needs."""
        taken = {*self.symbols.variables, *self.symbols.blocks, *block.args, *block.local_names}
        hidden = {n: free_name(f"{n}_local", taken) for n in (*block.args, *block.local_names) if n in outside}
        return rename_own(block, hidden)

    def _linear_kinetic(self, block: sx.Block, states: tuple[str, ...]) -> bool:
        """True where no side with a state has a second factor, which is nocmodl's own rule."""
        reactions = [s for s in find_statements(sx.Reaction, block.body) if s.op != "<<"]
        sides = [side for s in reactions for side in (s.left, s.right)]
        return not any(any(var.name in states for _, var in side) and sum(n for n, _ in side) > 1 for side in sides)


def _handed_on(block: sx.Block, effects: Mapping[str, Effects]) -> set[str]:
    """Return what one of the blocks that a block calls sets, and another one reads."""
    called = [effects[name] for name in find_mentioned(block.body) if name in effects]
    return {name for one in called for other in called if one is not other for name in {*one.outputs} & {*other.inputs}}
