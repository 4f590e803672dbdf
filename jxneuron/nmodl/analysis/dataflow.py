"""Execute blocks abstractly, to find out what they read and write.

In: ``Symbols`` with simplified blocks. Out: a ``Trace`` per entry or block. Loops are unrolled and arrays
followed element by element, calls are entered, both sides of an IF are followed and joined. Of a value the execution
knows what matters later: whether it is the same for every instance, how it depends on v, and which values from before
the entry flow into it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from jxneuron.nmodl.analysis.evaluate import Evaluator
from jxneuron.nmodl.analysis.memory import Memory
from jxneuron.nmodl.analysis.repetition import repeated
from jxneuron.nmodl.analysis.table_plan import FirstCall, TablePlan
from jxneuron.nmodl.analysis.trace import Effects, Trace
from jxneuron.nmodl.analysis.values import UNKNOWN, Name, Origin, Value, apply_function, decided_by
from jxneuron.nmodl.frontend.methods import advancing
from jxneuron.nmodl.frontend.statements import MANUAL
from jxneuron.nmodl.frontend.symbols import EVENTS, MATH, RANDOM, Symbols, states_of
from jxneuron.nmodl.report import Report
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.visit import expressions, find_statements, unknown, walk

MAX_TURNS = 10_000
SOLVED_FOR = (sx.Prime, sx.Reaction, sx.Compartment, sx.Conserve, sx.Equation, sx.Do, sx.Solve)


class AbstractInterpreter:
    """Executes blocks abstractly.

    Args:
        symbols: names, with simplified blocks.
        solvers: the solver that evaluates a DERIVATIVE or NONLINEAR block, by the name of the block; a DERIVATIVE
            that cnexp solves is not among them.
        plans: how each TABLE is built; None follows the look-ups only.
        report: takes what cannot be taken over; None where another execution reports it.
        again: True to follow what one evaluation of a block leaves for the next, by the same instance; otherwise what
            one instance leaves for the next.

    Attributes:
        calls: the first call of each block with a TABLE in the last run.
    """

    def __init__(
        self,
        symbols: Symbols,
        solvers: Mapping[str, str],
        plans: Mapping[str, TablePlan] | None = None,
        report: Report | None = None,
        again: bool = False,
    ) -> None:
        self.symbols = symbols
        self.solvers = solvers
        self.plans = plans
        self.calls: dict[str, FirstCall] = {}
        self.entry = ""
        self.undecided = 0
        self.stack: list[str] = []
        self.branches = 0
        self.solved: frozenset[Origin] = frozenset()
        self.valueless: set[str] = set()
        self.memory = Memory(symbols, report if report is not None else Report(symbols.file), again)
        self.refuse = self.memory.refuse
        values = Evaluator(self.memory, self.called_value)
        self.expression, self.key, self.read, self.write = values.expression, values.key, values.read, values.write

    @property
    def unset(self) -> dict[Name, tuple[int, str, str]]:
        """Return a finding about each local that is read unset; it counts where something needs its value."""
        return self.memory.unset

    # --- entries

    def run(
        self,
        body: tuple[sx.Statement, ...],
        locals: Iterable[sx.Local] = (),
        entry: str = "",
        arguments: Iterable[str] = (),
    ) -> Trace:
        """Execute the body of an entry with its locals; its arguments differ from event to event."""
        self.calls, self.entry = {}, entry
        self.memory.start([*locals, *map(sx.Local, arguments)])
        for name in arguments:
            self.write(sx.Var(name), Value(uniform=False))
        self.body(body)
        return self.memory.trace

    def effects(self, block: sx.Block) -> Effects:
        """Execute one block with unknown arguments."""
        self.memory.start()
        self.enter(block, [UNKNOWN] * len(block.args), block.line)
        trace = self.memory.trace
        inputs = trace.read
        inputs.update({name: None for name, k in trace.may if isinstance(name, str) and (name, k) not in trace.must})
        for name, symbol in self.symbols.variables.items():
            written = [key for key in trace.may if key[0] == name]
            if symbol.size and written and len(set(written) & trace.must) < symbol.size:
                inputs[name] = None
        return Effects(tuple(inputs), tuple(trace.written), repeated(trace, states_of(block.body, self.symbols)))

    # --- calls

    def called_value(self, e: sx.Call) -> Value:
        """Return the value of a call inside an expression."""
        value = self.call(e)
        block = self.symbols.blocks.get(e.name)
        if block is not None and block.kind == "PROCEDURE":
            self.refuse(f"PROCEDURE {e.name} used as a value", "Make it a FUNCTION, or call it by itself.")
        if e.name in self.valueless:
            self.refuse(f"FUNCTION {e.name} does not set its value", f"Assign {e.name} in it, or call it by itself.")
        return value

    def call(self, e: sx.Call) -> Value:
        """Return the value of a call."""
        args = [self.expression(arg) for arg in e.args]
        block = self.symbols.blocks.get(e.name)
        if block is not None and block.kind in ("FUNCTION", "PROCEDURE"):
            return self.user_call(block, args)
        if e.name not in MATH:
            self.unknown_call(e.name)
        elif len(args) != MATH[e.name]:
            self.refuse(f"{e.name} takes {MATH[e.name]} argument(s), not {len(args)}")
        return apply_function(args)

    def unknown_call(self, name: str) -> None:
        """Refuse a function that is not known."""
        if name in EVENTS:
            self.refuse(f"{name} (events)", MANUAL)
        elif name in RANDOM:
            self.refuse(f"random numbers ({name})", "Replace it by a deterministic value.")
        elif self.is_declared(name) or not name.isidentifier():
            self.refuse(f"{name} is not a function that is known here", "Define it as a FUNCTION of the file.")

    def is_declared(self, name: str) -> bool:
        """True for a name that the file declares; the checks of names report every other."""
        known = (self.symbols.variables, self.symbols.constants, self.symbols.blocks)
        return self.memory.is_local(name) or any(name in names for names in known)

    def user_call(self, block: sx.Block, args: list[Value]) -> Value:
        """Enter a function of the file."""
        if block.name in self.stack:
            self.refuse(f"{block.name} calls itself", "Write the recursion as a loop.")
            return UNKNOWN
        if len(args) != len(block.args):
            self.refuse(f"{block.name} takes {len(block.args)} argument(s), not {len(args)}")
        line = self.memory.line
        result = self.enter(block, args, line)
        self.memory.line = line
        return result

    def enter(self, block: sx.Block, args: list[Value], line: int) -> Value:
        """Execute a block in a frame of its own, and return the value of a FUNCTION."""
        self.stack.append(block.name)
        names = [*block.args]
        if block.kind == "FUNCTION":
            names.append(block.name)
        if block.kind == "KINETIC":
            names += ["f_flux", "b_flux"]
        self.memory.push([*block.locals, *map(sx.Local, names)])
        missing = [Value()] * len(block.args)
        for name, value in zip(block.args, [*args, *missing], strict=False):
            self.write(sx.Var(name), value)
        if block.table is not None:
            self.memory.line = block.table.line
            self.table(block, args)
        else:
            self.solved_body(block)
        result = self.result(block) if block.kind == "FUNCTION" else Value()
        self.memory.pop()
        self.stack.pop()
        self.memory.line = line
        return result

    def result(self, block: sx.Block) -> Value:
        """Return the value of a FUNCTION, which its body may have left unset."""
        if self.key(sx.Var(block.name))[0] in self.memory.excused:
            return Value()
        if self.key(sx.Var(block.name)) in self.memory.trace.may:
            self.memory.line = block.line
            return self.read(sx.Var(block.name))
        self.valueless.add(block.name)
        return Value()

    def table(self, block: sx.Block, args: list[Value]) -> None:
        """Execute a block with a TABLE: its look-up, joined with its exact code where the plans are known."""
        assert block.table is not None
        is_first = block.name not in self.calls
        if is_first:
            read, written = frozenset(self.memory.trace.read), frozenset(self.memory.trace.written)
            self.calls[block.name] = FirstCall(self.entry, not self.undecided, read, written, written)
        for bound in (block.table.first, block.table.last):
            self.expression(bound)
        self.read(sx.Var("tables"))
        before, exact = self.memory.trace, None
        self.branches += 1
        choice = self.branches
        if self.plans is not None:
            self.memory.trace = before.copy()
            self.solved_body(block)
            exact = self.memory.trace
            self.leave_alone(block.table, exact, -choice)
        self.memory.trace = before.copy()
        outer, self.memory.choices = self.memory.choices, (*self.memory.choices, -choice)
        self.look_up(block, args[0] if args else Value(), exact, is_first)
        looked_up, self.memory.choices = self.memory.trace, outer
        self.memory.trace = before
        self.memory.join(Value(), exact or looked_up, looked_up, choice)

    def leave_alone(self, table: sx.Table, exact: Trace, choice: int) -> None:
        """Note where variables flow that a TABLE lists but never computes.

        A look-up, which is the side ``choice``, sets them to what they were at the building.
        """
        kept = {name for name in table.names if self.is_kept(name, exact)}
        for key, value in exact.values.items():
            changed = {origin for origin in value.origins if origin.name in kept}
            if changed and not value.initial:
                exact.values[key] = replace(value, origins=value.origins - changed | decided_by(choice, changed))

    def is_kept(self, name: str, trace: Trace) -> bool:
        """True for a variable of which nothing has set an element."""
        keys = (self.key(sx.Var(name, index)) for index in self.indices(name))
        return all((trace.values.get(key) or self.memory.entry_value(name)).initial for key in keys)

    def look_up(self, block: sx.Block, x: Value, exact: Trace | None, is_first: bool) -> None:
        """Set the variables that a TABLE lists and, at its first call, those that building it leaves changed."""
        plan = self.plans.get(block.name) if self.plans is not None else None
        per_instance = plan is not None and plan.built == "each_call"
        for name in (block.table.names if block.table is not None else ()) or (block.name,):
            for index in self.indices(name):
                var = sx.Var(name, index)
                known = exact.values.get(self.key(var), Value()) if exact is not None else Value()
                uniform = x.uniform and (known.uniform or not per_instance)
                origins = decided_by(self.memory.choices[-1], known.origins) if known.initial else known.origins
                self.write(var, Value(uniform, 2 if x.degree else 0, None, origins))
        if plan is not None and is_first and plan.built == "first_call" and plan.entry == self.entry:
            for name in plan.leaves:
                for index in self.indices(name):
                    self.write(sx.Var(name, index), Value(uniform=False))

    def solved_body(self, block: sx.Block) -> None:
        """Execute the body of a block; a solver reads every state before it and writes every state after it."""
        if block.name not in self.solvers and block.kind not in ("KINETIC", "LINEAR"):
            self.body(block.body)
            return
        states = states_of(block.body, self.symbols)
        elements = [sx.Var(n, i) for n in states for i in self.indices(n)]
        outer, self.solved = self.solved, frozenset()
        if block.kind != "LINEAR":
            for var in elements:
                self.solved_by(self.read(var))
        self.body(block.body)
        for var in elements:
            self.write(var, Value(uniform=False, degree=2, origins=self.solved))
        self.solved |= outer

    def indices(self, name: str) -> list[sx.Expr | None]:
        """Return one index per element, or one None for a scalar."""
        size = self.symbols.variables[name].size if name in self.symbols.variables else 0
        return [sx.Num(float(k)) for k in range(size)] if size else [None]

    # --- statements

    def body(self, statements: tuple[sx.Statement, ...]) -> None:
        """Execute statements in order."""
        for statement in statements:
            self.memory.line = statement.line or self.memory.line
            self.statement(statement)

    def statement(self, s: sx.Statement) -> None:
        """Execute one statement."""
        match s:
            case sx.Assign():
                self.write(s.target, self.expression(s.value))
            case sx.Do():
                self.call(s.call)
            case sx.If():
                self.branch(s)
            case sx.For():
                self.loop(s)
            case sx.While():
                self.turns(s)
            case sx.Prime():
                self.prime(s)
            case sx.Solve():
                self.solve(s)
            case sx.Reaction():
                self.reaction(s)
            case sx.Compartment():
                self.compartment(s)
            case sx.Conserve():
                for _, var in s.terms:
                    self.solved_by(self.read(var))
                self.solved_by(self.expression(s.value))
            case sx.Equation():
                self.equation(s)
            case sx.Refused():
                self.refused(s)
            case sx.Verbatim() | sx.Return() | sx.Send() | sx.Watch():
                raise AssertionError(f"the passes left {s}")
            case sx.Break() | sx.LonDiffuse() | sx.Conductance():
                pass
            case _:
                unknown(s)

    def refused(self, s: sx.Refused) -> None:
        """Report a construct that is refused; what it may set causes no further findings."""
        self.refuse(s.what, s.way_out)
        names = {*s.names, *(self.stack[-1:] if "return" in s.names else ())}
        self.memory.excused |= {self.memory.resolve(name) for name in names - self.memory.loops}

    def branch(self, s: sx.If) -> None:
        """Execute both sides of an IF, or the one that a known condition selects."""
        condition = self.expression(s.condition)
        if condition.number is not None:
            self.body(s.then if condition.number else s.otherwise)
            return
        if any(isinstance(inner, SOLVED_FOR) for inner in walk((*s.then, *s.otherwise))):
            self.solved_by(condition)
        self.branches += 1
        choice, before = self.branches, self.memory.trace
        self.undecided += 1
        then = self.side(s.then, choice)
        self.memory.trace = before
        otherwise = self.side(s.otherwise, -choice)
        self.memory.trace = before
        self.undecided -= 1
        self.memory.join(condition, then, otherwise, choice)

    def side(self, body: tuple[sx.Statement, ...], choice: int) -> Trace:
        """Return what one side of an IF leaves."""
        self.memory.trace = self.memory.trace.copy()
        outer, self.memory.choices = self.memory.choices, (*self.memory.choices, choice)
        self.body(body)
        self.memory.choices = outer
        return self.memory.trace

    def loop(self, s: sx.For) -> None:
        """Execute every turn of a FROM loop."""
        first, last = self.expression(s.first).number, self.expression(s.last).number
        if first is None or last is None:
            self.refuse("FROM with bounds that differ from call to call", "Use numbers or DEFINEd names as bounds.")
            first = last = 0.0
        if last - first > MAX_TURNS:
            self.refuse(f"FROM loop of {last - first + 1:g} turns", f"Use at most {MAX_TURNS} turns.")
            last = first
        outer, self.memory.loops = self.memory.loops, self.memory.loops | {s.index}
        for turn in range(int(first), int(last) + 1, s.step):
            self.memory.declare(s.index)
            self.write(sx.Var(s.index), Value(number=float(turn)))
            self.body(s.body)
        self.memory.loops = outer

    def turns(self, s: sx.While) -> None:
        """Execute a WHILE loop: no turn, or several of which one sees what the one before may have left."""
        for _ in range(3):
            targets = [inner.target for inner in find_statements(sx.Assign, s.body)]
            for target in (target for target in targets if target.index is None):
                key = self.key(target)
                known = self.memory.trace.values.get(key)
                if known is not None:
                    self.memory.trace.values[key] = replace(known, number=None)
            condition = self.solved_by(self.expression(s.condition))
            before = self.memory.trace
            self.undecided += 1
            self.memory.trace = before.copy()
            self.body(s.body)
            after = self.memory.trace
            self.memory.trace = before
            self.undecided -= 1
            self.memory.join(replace(condition, number=None), after, before.copy())

    def prime(self, s: sx.Prime) -> None:
        """Execute an equation of a DERIVATIVE block."""
        value = self.solved_by(self.expression(s.value))
        self.read(s.state)
        if self.stack and self.stack[-1] not in self.solvers:
            self.read(sx.Var("dt"))
            before = self.read(s.state).origins
            self.write(s.state, Value(False, 2 if value.degree else 0, origins=value.origins | before))

    def solved_by(self, value: Value) -> Value:
        """Note that a value flows into the states that the present block solves for."""
        self.solved |= value.origins
        return value

    def solve(self, s: sx.Solve) -> None:
        """Execute a SOLVE."""
        block = self.symbols.blocks.get(s.block)
        if block is None:
            return
        if block.name in self.stack:
            self.refuse(f"{block.name} solves itself", "Write the recursion as a loop.")
            return
        method = advancing(block, self.solvers)
        if method is not None and method.takes_dt:
            self.read(sx.Var("dt"))
            self.read(sx.Var("secondorder"))
        if s.steady:
            for name in states_of(block.body, self.symbols):
                for i in self.indices(name):
                    self.read(sx.Var(name, i))
        line = self.memory.line
        repeated = block.kind in ("KINETIC", "NONLINEAR") or block.name in self.solvers
        self.undecided += repeated
        self.enter(block, [], line)
        self.undecided -= repeated

    def reaction(self, s: sx.Reaction) -> None:
        """Execute a reaction."""
        for rate in s.rates:
            self.solved_by(self.expression(rate))
        for _, var in (*s.left, *s.right):
            self.solved_by(self.read(var))
        for name in ("f_flux", "b_flux"):
            self.write(sx.Var(name), Value(uniform=False, degree=2, origins=self.solved))

    def compartment(self, s: sx.Compartment) -> None:
        """Execute a COMPARTMENT, with its index at the number of every element."""
        outer, self.memory.loops = self.memory.loops, self.memory.loops | {s.index or ""}
        for name in s.species:
            size = self.symbols.variables[name].size if name in self.symbols.variables else 0
            for k in range(size if s.index else 1):
                if s.index:
                    self.memory.declare(s.index)
                    self.write(sx.Var(s.index), Value(number=float(k)))
                self.solved_by(self.expression(s.volume))
        self.memory.loops = outer

    def equation(self, s: sx.Equation) -> None:
        """Execute an equation of a LINEAR or NONLINEAR block: everything in it except states flows into its states."""
        states = states_of((s,), self.symbols)

        def read_other_parts(e: sx.Expr) -> None:
            match e:
                case sx.Var():
                    if e.name not in states:
                        self.solved_by(self.expression(e))
                case sx.Call():
                    self.solved_by(self.call(e))
                case _:
                    for part in expressions(e):
                        read_other_parts(part)

        read_other_parts(s.left)
        read_other_parts(s.right)
