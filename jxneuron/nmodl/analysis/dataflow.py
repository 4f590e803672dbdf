"""What a block reads and writes: abstract execution of sequential code.

In: ``Symbols`` with simplified blocks. Out: a ``Trace`` per entry or block. Loops are unrolled and arrays
followed element by element, calls are entered, both sides of an IF are followed and joined. A value is
known by what matters later: whether it is the same for every instance, how it depends on v, and which
values from before the entry flow into it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from jxneuron.nmodl.analysis.methods import advancing
from jxneuron.nmodl.analysis.repetition import repeated
from jxneuron.nmodl.analysis.table_plan import FirstCall, TablePlan
from jxneuron.nmodl.analysis.trace import Effects, Key, Origin, Trace, Value
from jxneuron.nmodl.frontend.statements import MANUAL
from jxneuron.nmodl.frontend.symbols import EVENTS, MATH, RANDOM, Symbols, states_of
from jxneuron.nmodl.report import Report
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.algebra import arithmetic
from jxneuron.nmodl.syntax.algebra import names as names_in
from jxneuron.nmodl.syntax.visit import expressions, unknown, walk

MAX_TURNS = 10_000
SOLVED_FOR = (sx.Prime, sx.Reaction, sx.Compartment, sx.Conserve, sx.Equation, sx.Do, sx.Solve)


class AbstractInterpreter:
    """Executes blocks abstractly.

    Args:
        symbols: names, with simplified blocks.
        solvers: what steps a DERIVATIVE block, for those that are not solved by cnexp.
        plans: how each TABLE is built; None follows the look-ups only.
        report: takes what cannot be taken over; None where another execution reports it.
        again: True to follow what one evaluation of a block leaves for the next, by the same instance; otherwise what
            one instance leaves for the next.

    Attributes:
        calls: the first call of each block with a TABLE in the last run.
        excused: names of which a finding was made that explains all others about them.
        unset: a finding about each local that is read before it is set, which counts where something needs its value.
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
        self.again = again
        self.solvers = solvers
        self.plans = plans
        self.calls: dict[str, FirstCall] = {}
        self.entry = ""
        self.undecided = 0
        self.report = report if report is not None else Report(symbols.file)
        self.before: dict[str, Value] = {}
        self.trace = Trace()
        self.stack: list[str] = []
        self.locals: list[dict[str, str]] = [{}]
        self.frames = 0
        self.line = 0
        self.turning: set[str] = set()
        self.sizes: dict[str, int] = {}
        self.unset: dict[str, tuple[int, str, str]] = {}
        self.choices: tuple[int, ...] = ()
        self.branches = 0
        self.solved: frozenset[Origin] = frozenset()
        self.valueless: set[str] = set()
        self.excused = {name for s in symbols.file.refused for name in s.names}

    # --- entries

    def run(self, body: tuple[sx.Statement, ...], locals: Iterable[sx.Local] = (), entry: str = "") -> Trace:
        """Execute the body of an entry with its locals."""
        self.trace = Trace()
        self.calls, self.entry = {}, entry
        self.locals = [self.frame(locals)]
        self.body(body)
        return self.trace

    def effects(self, block: sx.Block) -> Effects:
        """Execute one block with unknown arguments."""
        self.trace = Trace()
        self.locals = [{}]
        unknown = Value(uniform=False, degree=2)
        self.enter(block, [unknown] * len(block.args), block.line)
        trace = self.trace
        inputs = {name: None for name, _ in trace.exposed}
        inputs.update({name: None for name, k in trace.may if (name, k) not in trace.must})
        for name, symbol in self.symbols.variables.items():
            written = [key for key in trace.may if key[0] == name]
            if symbol.size and written and len(set(written) & trace.must) < symbol.size:
                inputs[name] = None
        return Effects(
            tuple(name for name in inputs if "." not in name),
            tuple(dict.fromkeys(name for name, _ in trace.may if "." not in name)),
            repeated(trace, states_of(block.body, self.symbols)),
        )

    def frame(self, locals: Iterable[sx.Local]) -> dict[str, str]:
        """Names of locals that no other frame has."""
        self.frames += 1
        made = {}
        for local in locals:
            made[local.name] = f"{self.frames}.{local.name}"
            self.sizes[made[local.name]] = local.size
        return made

    def refuse(self, what: str, way_out: str = "") -> None:
        """Note what cannot be taken over, at the present line."""
        self.report.refuse(self.line, what, way_out)

    # --- values

    def key(self, var: sx.Var) -> Key:
        """The element that a variable means."""
        name = self.locals[-1].get(var.name, var.name)
        if var.index is None:
            return name, -1
        index = self.expression(var.index).number
        if index is None or not names_in(var.index) <= self.turning:
            self.excused.add(name)
            self.refuse(
                f"index of {var.name} is not a number known before the run", "Use a FROM loop or a number as index."
            )
            return name, 0
        self.within(name, var.name, int(index))
        return name, int(index)

    def size(self, name: str) -> int:
        """The size of a variable or of a local, 0 for a scalar."""
        symbol = self.symbols.variables.get(name)
        return self.sizes.get(name, symbol.size if symbol is not None else 0)

    def every_element(self, var: sx.Var) -> list[sx.Var]:
        """The elements that a variable may mean whose index is known only while the model runs."""
        name = self.locals[-1].get(var.name, var.name)
        size = self.size(name)
        if size <= 0:
            self.within(name, var.name, 0)
        return [sx.Var(var.name, sx.Num(float(k))) for k in range(max(size, 1))]

    def within(self, name: str, shown: str, index: int) -> None:
        """Refuse an element that an array does not have, which C takes from the memory beside it."""
        size = self.size(name)
        known = name in self.sizes or name in self.symbols.variables
        if name in self.excused or size == sx.NO_ELEMENT or not known:
            return
        if not 0 <= index < size:
            self.excused.update({name} if "." in name else ())
            what = f"{shown}[{index}]: {f'the elements are 0 to {size - 1}' if size else f'{shown} is no array'}"
            self.refuse(what, "Name an element that there is.")

    def was_set(self, key: Key, what: str) -> bool:
        """False where C leaves a local or a FUNCTION's value as the memory was; noted where it is some paths only."""
        if key in self.trace.may and key not in self.trace.must:
            note = f"{what} is not set on every path; where it is not, NEURON takes what the memory holds, jxneuron 0"
            self.report.note(note, self.line)
        return key in self.trace.may

    def read(self, var: sx.Var) -> Value:
        """The value of a variable, noting that it was read."""
        running = sx.cast_index(var)
        if running is not None:
            return self.read_any(self.expression(running), self.every_element(var))
        key = self.key(var)
        trace = self.trace
        if key[0] in self.excused:
            return Value()
        if "." in key[0] and not self.was_set(key, var.name):
            return self.unset_local(key[0], var.name)
        if key not in trace.must and "." not in key[0]:
            trace.exposed.setdefault(key, self.line)
        if key not in trace.values:
            trace.values[key] = self.entry_value(key[0])
        return trace.values[key]

    def read_any(self, index: Value, elements: list[sx.Var]) -> Value:
        """The value of one of several elements."""
        values = [index, *(self.read(var) for var in elements)]
        degree = 2 if index.degree else max(value.degree for value in values)
        origins = frozenset().union(*(value.origins for value in values))
        return Value(all(value.uniform for value in values), degree, None, origins)

    def unset_local(self, key: str, shown: str) -> Value:
        """A local that was never set: no obstacle where nothing needs what it feeds."""
        what = f"{shown} is read before it is set (NEURON takes what the memory holds)"
        self.unset.setdefault(key, (self.line, what, "Set it first."))
        return Value(origins=frozenset([Origin(key)]))

    def entry_value(self, name: str) -> Value:
        """What a variable holds before the entry: always the same object, which tells that it was not written."""
        if name not in self.before:
            self.before[name] = self._entry_value(name)
        return self.before[name]

    def _entry_value(self, name: str) -> Value:
        symbol = self.symbols.variables.get(name)
        if symbol is None:
            return Value()
        if symbol.place == "v":
            return Value(uniform=False, degree=1)
        passed_on = self.again or (symbol.place == "field" and symbol.scope in ("global", "file"))
        origins = frozenset([Origin(name)]) if self.again or symbol.place == "field" else frozenset()
        return Value(uniform=symbol.uniform, origins=origins, initial=passed_on)

    def write(self, var: sx.Var, value: Value) -> None:
        """Set a variable."""
        running = sx.cast_index(var)
        if running is not None:
            self.write_any(self.expression(running), self.every_element(var), value)
            return
        key = self.key(var)
        if key[0] in self.excused or not ("." in key[0] or key[0] in self.symbols.variables):
            return
        self.trace.may.setdefault(key, self.line)
        self.trace.must.add(key)
        around = frozenset(self.choices)
        self.trace.choices[key[0]] = self.trace.choices.get(key[0], around) & around
        self.trace.values[key] = replace(value, initial=False)

    def write_any(self, index: Value, elements: list[sx.Var], value: Value) -> None:
        """Set one of several elements: like an IF around each of them."""
        condition, before = replace(index, number=None), self.trace
        for var in elements:
            self.trace = before.copy()
            self.write(var, value)
            then, self.trace = self.trace, before
            self.join(condition, then, before.copy())

    def expression(self, e: sx.Expr) -> Value:
        """The value of an expression."""
        match e:
            case sx.Num():
                return Value(number=e.value)
            case sx.Var():
                return self.variable(e)
            case sx.Unary():
                return self.unary(e)
            case sx.Binary():
                return self.binary(e)
            case sx.Call():
                return self.called_value(e)
            case sx.LookUp():
                args = [self.expression(arg) for arg in e.args]
                self.read(sx.Var("function_tables"))
                return self.mixed(args)
            case sx.Derivative():
                value = self.expression(e.state)
                self.refuse("a derivative (y') used in an expression", "Write its right-hand side instead.")
                return self.mixed([value])
            case sx.Text():
                self.refuse("a text used as a value", "Hand over a number.")
                return Value()
            case sx.Cast():
                raise AssertionError("a cast is the index of a variable, which read and write take apart")
            case _:
                unknown(e)

    def called_value(self, e: sx.Call) -> Value:
        """The value of a call inside an expression."""
        value = self.call(e)
        block = self.symbols.blocks.get(e.name)
        if block is not None and block.kind == "PROCEDURE":
            self.refuse(f"PROCEDURE {e.name} used as a value", "Make it a FUNCTION, or call it by itself.")
        if e.name in self.valueless:
            self.refuse(f"FUNCTION {e.name} does not set its value", f"Assign {e.name} in it, or call it by itself.")
        return value

    def scalar(self, e: sx.Var) -> Value:
        """The value of a variable without index."""
        symbol = self.symbols.variables.get(e.name)
        if e.name not in self.locals[-1] and symbol is not None and symbol.size:
            self.refuse(f"array {e.name} used without an index", "Name one element of the array.")
        return replace(self.read(e), initial=False)

    def variable(self, e: sx.Var) -> Value:
        """The value of a constant, of a variable or of an element."""
        if e.name in self.symbols.constants and e.name not in self.locals[-1]:
            return Value()
        return replace(self.read(e), initial=False) if e.index is not None else self.scalar(e)

    def unary(self, e: sx.Unary) -> Value:
        """The value of ``-x`` or ``!x``."""
        inner = self.expression(e.arg)
        number = None if inner.number is None else (-inner.number if e.op == "-" else float(not inner.number))
        return Value(inner.uniform, inner.degree if e.op == "-" else 2 * bool(inner.degree), number, inner.origins)

    def binary(self, e: sx.Binary) -> Value:
        """The value of an operation."""
        left, right = self.expression(e.left), self.expression(e.right)
        if e.op in "+-":
            degree = max(left.degree, right.degree)
        elif e.op == "*":
            degree = min(left.degree + right.degree, 2)
        elif e.op == "/":
            degree = left.degree if right.degree == 0 else 2
        else:
            degree = 2 if left.degree or right.degree else 0
        number = None
        if left.number is not None and right.number is not None:
            number = arithmetic(e.op, left.number, right.number)
        return Value(left.uniform and right.uniform, degree, number, left.origins | right.origins)

    # --- calls

    def call(self, e: sx.Call) -> Value:
        """The value of a call."""
        args = [self.expression(arg) for arg in e.args]
        block = self.symbols.blocks.get(e.name)
        if block is not None and block.kind in ("FUNCTION", "PROCEDURE"):
            return self.user_call(block, args)
        if e.name not in MATH:
            self.unknown_call(e.name)
        elif len(args) != MATH[e.name]:
            self.refuse(f"{e.name} takes {MATH[e.name]} argument(s), {len(args)} given")
        return self.mixed(args)

    def mixed(self, args: list[Value]) -> Value:
        """What a function of which nothing is known makes of its arguments."""
        origins = frozenset().union(*(value.origins for value in args))
        return Value(all(value.uniform for value in args), 2 * any(value.degree for value in args), None, origins)

    def unknown_call(self, name: str) -> None:
        """Refuse a function that is not known."""
        if name in EVENTS:
            self.refuse(f"{name} (events)", MANUAL)
        elif name in RANDOM:
            self.refuse(f"random numbers ({name})", "Replace it by a deterministic value.")
        elif self.is_declared(name) or not name.isidentifier():
            self.refuse(f"{name} is not a function that is known here", "Define it as a FUNCTION of the file.")

    def is_declared(self, name: str) -> bool:
        """False for a name that the checks miss, and of which nothing more needs to be said."""
        known = (self.locals[-1], self.symbols.variables, self.symbols.constants, self.symbols.blocks)
        return any(name in names for names in known)

    def user_call(self, block: sx.Block, args: list[Value]) -> Value:
        """Enter a function of the file."""
        if block.name in self.stack:
            self.refuse(f"{block.name} calls itself", "Write the recursion as a loop.")
            return Value(uniform=False, degree=2)
        if len(args) != len(block.args):
            self.refuse(f"{block.name} takes {len(block.args)} argument(s), {len(args)} given")
        line = self.line
        result = self.enter(block, args, line)
        self.line = line
        return result

    def enter(self, block: sx.Block, args: list[Value], line: int) -> Value:
        """Run a block in a frame of its own; a TABLE joins its lookup with the exact code."""
        self.stack.append(block.name)
        names = [*block.args]
        if block.kind == "FUNCTION":
            names.append(block.name)
        if block.kind == "KINETIC":
            names += ["f_flux", "b_flux"]
        self.locals.append(self.frame([*block.locals, *map(sx.Local, names)]))
        missing = [Value()] * len(block.args)
        for name, value in zip(block.args, [*args, *missing], strict=False):
            self.write(sx.Var(name), value)
        if block.table is not None:
            self.line = block.table.line
            self.table(block, args)
        else:
            self.solved_body(block)
        result = self.result(block) if block.kind == "FUNCTION" else Value()
        self.locals.pop()
        self.stack.pop()
        self.line = line
        return result

    def result(self, block: sx.Block) -> Value:
        """The value of a FUNCTION, which its body may have left unset."""
        if self.key(sx.Var(block.name))[0] in self.excused:
            return Value()
        if self.key(sx.Var(block.name)) in self.trace.may:
            self.line = block.line
            return self.read(sx.Var(block.name))
        self.valueless.add(block.name)
        return Value()

    def table(self, block: sx.Block, args: list[Value]) -> None:
        """Join the lookup of a TABLE with its exact code."""
        assert block.table is not None
        is_first = block.name not in self.calls
        if is_first:
            read, written = ({name for name, _ in keys} for keys in (self.trace.exposed, self.trace.may))
            self.calls[block.name] = FirstCall(self.entry, not self.undecided, frozenset(read), frozenset(written))
        for bound in (block.table.first, block.table.last):
            self.expression(bound)
        self.read(sx.Var("tables"))
        before, exact = self.trace, None
        self.branches += 1
        choice = self.branches
        if self.plans is not None:
            self.trace = before.copy()
            self.solved_body(block)
            exact = self.trace
            self.leave_alone(block.table, exact, -choice)
        self.trace = before.copy()
        outer, self.choices = self.choices, (*self.choices, -choice)
        self.look_up(block, args[0] if args else Value(), exact, is_first)
        looked, self.choices = self.trace, outer
        self.trace = before
        self.join(Value(), exact or looked, looked, choice)

    def leave_alone(self, table: sx.Table, exact: Trace, choice: int) -> None:
        """Note where what a TABLE lists but never computes flows: a look-up sets it to what it was at the building."""
        kept = {name for name in table.names if self.is_kept(name, exact)}
        for key, value in exact.values.items():
            if not value.initial and any(origin.name in kept for origin in value.origins):
                origins = (
                    origin._replace(choice=origin.choice or choice * (origin.name in kept)) for origin in value.origins
                )
                exact.values[key] = replace(value, origins=frozenset(origins))

    def is_kept(self, name: str, trace: Trace) -> bool:
        """True for a variable no element of which was set yet."""
        keys = (self.key(sx.Var(name, index)) for index in self.indices(name))
        return all((trace.values.get(key) or self.entry_value(name)).initial for key in keys)

    def look_up(self, block: sx.Block, x: Value, exact: Trace | None, is_first: bool) -> None:
        """Set what a TABLE holds and, at its first call, what building it leaves behind."""
        plan = self.plans.get(block.name) if self.plans is not None else None
        own = plan is not None and plan.built == "each_call"
        for name in (block.table.names if block.table is not None else ()) or (block.name,):
            for index in self.indices(name):
                var = sx.Var(name, index)
                known = exact.values.get(self.key(var), Value()) if exact is not None else Value()
                uniform = x.uniform and (known.uniform or not own)
                side = self.choices[-1] * known.initial
                origins = frozenset(origin._replace(choice=origin.choice or side) for origin in known.origins)
                self.write(var, Value(uniform, 2 if x.degree else 0, None, origins))
        if plan is not None and is_first and plan.built == "first_call" and plan.entry == self.entry:
            for name in plan.leaves:
                for index in self.indices(name):
                    self.write(sx.Var(name, index), Value(uniform=False))

    def solved_body(self, block: sx.Block) -> None:
        """A block's body; solvers read every state first and write it last."""
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
        """One index per element, or None for a scalar."""
        size = self.symbols.variables[name].size if name in self.symbols.variables else 0
        return [sx.Num(float(k)) for k in range(size)] if size else [None]

    # --- statements

    def body(self, statements: tuple[sx.Statement, ...]) -> None:
        """Execute statements in order."""
        for statement in statements:
            self.line = getattr(statement, "line", 0) or self.line
            self.statement(statement)

    def statement(self, s: sx.Statement) -> None:
        """Handle one statement."""
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
            case sx.Verbatim() | sx.Return():
                raise AssertionError(f"{s} is left over from the passes")
            case sx.Break() | sx.LonDiffuse() | sx.Conductance():
                pass
            case _:
                unknown(s)

    def refused(self, s: sx.Refused) -> None:
        """Note a construct that is refused; what it may set causes no further findings."""
        self.refuse(s.what, s.way_out)
        names = {*s.names, *(self.stack[-1:] if "return" in s.names else ())}
        self.excused |= {self.locals[-1].get(name, name) for name in names - self.turning}

    def branch(self, s: sx.If) -> None:
        """An IF."""
        condition = self.expression(s.condition)
        if condition.number is not None:
            self.body(s.then if condition.number else s.otherwise)
            return
        if any(isinstance(inner, SOLVED_FOR) for inner in walk((*s.then, *s.otherwise))):
            self.solved_by(condition)
        self.branches += 1
        choice, before = self.branches, self.trace
        self.undecided += 1
        then = self.side(s.then, choice)
        self.trace = before
        otherwise = self.side(s.otherwise, -choice)
        self.trace = before
        self.undecided -= 1
        self.join(condition, then, otherwise, choice)

    def side(self, body: tuple[sx.Statement, ...], choice: int) -> Trace:
        """What one side of an IF leaves."""
        self.trace = self.trace.copy()
        outer, self.choices = self.choices, (*self.choices, choice)
        self.body(body)
        self.choices = outer
        return self.trace

    def join(self, condition: Value, then: Trace, otherwise: Trace, choice: int = 0) -> None:
        """Go on with what either side may have left behind; ``choice``: the number of the IF."""
        self.trace.must = then.must & otherwise.must
        for key in {**then.values, **otherwise.values}:
            a = then.values.get(key) or self.entry_value(key[0])
            b = otherwise.values.get(key) or self.entry_value(key[0])
            self.trace.values[key] = a if a is b else self.joined(condition, a, b, choice)
            if a is not b and key not in self.trace.must:
                self.trace.swayed.update({key} if condition.degree else ())
                before = self.trace.deciding.get(key, frozenset())
                self.trace.deciding[key] = before | {origin.name for origin in condition.origins}

    def joined(self, condition: Value, a: Value, b: Value, choice: int) -> Value:
        """One value out of the two sides of an IF; a side that leaves a shared variable alone counts as a choice."""
        once = choice if b.initial else -choice if a.initial else 0
        kept = [each for value in (condition, *(side for side in (a, b) if side.initial)) for each in value.origins]
        origins = frozenset().union(*(value.origins for value in (a, b) if not value.initial))
        origins |= {Origin(each.name, each.choice or once) for each in kept}
        degree = 2 if condition.degree else max(a.degree, b.degree)
        uniform = a.uniform and b.uniform and condition.uniform
        return Value(uniform, degree, None, origins, a.initial and b.initial)

    def loop(self, s: sx.For) -> None:
        """A FROM loop."""
        first, last = self.expression(s.first).number, self.expression(s.last).number
        if first is None or last is None:
            self.refuse("FROM with bounds that differ from call to call", "Use numbers or DEFINEd names as bounds.")
            first = last = 0.0
        if last - first > MAX_TURNS:
            self.refuse(f"FROM loop of {last - first + 1:g} turns", f"Use at most {MAX_TURNS} turns.")
            last = first
        outer, self.turning = self.turning, self.turning | {s.index}
        for turn in range(int(first), int(last) + 1, s.step):
            self.locals[-1].setdefault(s.index, f"{self.frames}.{s.index}")
            self.write(sx.Var(s.index), Value(number=float(turn)))
            self.body(s.body)
        self.turning = outer

    def turns(self, s: sx.While) -> None:
        """A WHILE loop: no turn, or several, each seeing what the one before may have left."""
        for _ in range(3):
            for inner in walk(s.body):
                if isinstance(inner, sx.Assign) and inner.target.index is None:
                    key = self.key(inner.target)
                    known = self.trace.values.get(key)
                    if known is not None:
                        self.trace.values[key] = replace(known, number=None)
            condition = self.solved_by(self.expression(s.condition))
            before = self.trace
            self.undecided += 1
            self.trace = before.copy()
            self.body(s.body)
            after = self.trace
            self.trace = before
            self.undecided -= 1
            self.join(replace(condition, number=None), after, before.copy())

    def prime(self, s: sx.Prime) -> None:
        """An equation of a DERIVATIVE block."""
        value = self.solved_by(self.expression(s.value))
        self.read(s.state)
        if self.stack and self.stack[-1] not in self.solvers:
            self.read(sx.Var("dt"))
            before = self.read(s.state).origins
            self.write(s.state, Value(False, 2 if value.degree else 0, origins=value.origins | before))

    def solved_by(self, value: Value) -> Value:
        """Note that a value flows into the states which the present block solves for."""
        self.solved |= value.origins
        return value

    def solve(self, s: sx.Solve) -> None:
        """A SOLVE."""
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
        line = self.line
        repeated = block.kind in ("KINETIC", "NONLINEAR") or block.name in self.solvers
        self.undecided += repeated
        self.enter(block, [], line)
        self.undecided -= repeated

    def reaction(self, s: sx.Reaction) -> None:
        """A reaction."""
        for rate in s.rates:
            self.solved_by(self.expression(rate))
        for _, var in (*s.left, *s.right):
            self.solved_by(self.read(var))
        for name in ("f_flux", "b_flux"):
            self.write(sx.Var(name), Value(uniform=False, degree=2, origins=self.solved))

    def compartment(self, s: sx.Compartment) -> None:
        """A COMPARTMENT."""
        outer, self.turning = self.turning, self.turning | {s.index or ""}
        for name in s.species:
            size = self.symbols.variables[name].size if name in self.symbols.variables else 0
            for k in range(size if s.index else 1):
                if s.index:
                    self.locals[-1].setdefault(s.index, f"{self.frames}.{s.index}")
                    self.write(sx.Var(s.index), Value(number=float(k)))
                self.solved_by(self.expression(s.volume))
        self.turning = outer

    def equation(self, s: sx.Equation) -> None:
        """An equation of a LINEAR block."""
        states = states_of((s,), self.symbols)

        def others(e: sx.Expr) -> None:
            if isinstance(e, sx.Var) and e.name not in states:
                self.solved_by(self.expression(e))
            elif isinstance(e, sx.Call):
                self.solved_by(self.call(e))
            elif not isinstance(e, sx.Var):
                for part in expressions(e):
                    others(part)

        others(s.left)
        others(s.right)
