"""What a body still needs: liveness of names, backwards through its statements.

In: a body and the names read after it. Out: the names it needs before, and which statements matter.
"""

from __future__ import annotations

from functools import cached_property

from jxneuron.nmodl.analysis.ir import Function, MechanismIR
from jxneuron.nmodl.codegen.expression import Printer
from jxneuron.nmodl.codegen.known_numbers import known_numbers
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.visit import expressions, parts, unknown, walk


def unset(size: int) -> str:
    """The text of a variable, or of an array, that was never set."""
    return f"[unset()] * {size}" if size else "unset()"


def _plain_call(call: sx.Call, args: list[str]) -> str:
    return f"{call.name}({', '.join(args)})"


def slope_of(name: str) -> str:
    """The name of a state's derivative, as NMODL writes it; no variable can have it."""
    return f"{name}'"


def exact_of(name: str) -> str:
    """The name of the function that a TABLE is built of; no block can have it."""
    return f"{name} exact"


class Scope:
    """Names of one mechanism: how Python calls them and where their values are."""

    def __init__(self, ir: MechanismIR, names: dict[str, str]) -> None:
        self.ir = ir
        self.names = names
        self.functions: dict[str, Function] = {f.block.name: f for f in ir.functions}
        self.storage = {f.symbol.name: f.storage for f in ir.fields}
        self.numbers = known_numbers(ir)
        self.printer = Printer(names, _plain_call, self.numbers.divides_by_zero)

    def name(self, name: str) -> str:
        """The Python name of an NMODL name."""
        return self.names.get(name, name)

    def holder(self, name: str) -> str:
        """``p``, ``s``, ``env``, ``none``, or "" for the entry's own argument v."""
        symbol = self.ir.variables.get(name)
        if symbol is None:
            return "none"
        if symbol.place == "v":
            return ""
        if symbol.place == "env":
            return "env"
        if symbol.place in ("ion", "pointer"):
            return "env" if symbol.loads else "none"
        return self.storage[name]

    def zero(self, name: str) -> str:
        """The text of an unset value."""
        symbol = self.ir.variables.get(name)
        return unset(symbol.size if symbol is not None else 0)

    @cached_property
    def used(self) -> set[str]:
        """Constants and variables that any body names."""
        bodies = [f.block.body for f in self.ir.functions] + [e.body for e in self.ir.entries]
        names: set[str] = set()
        for body in bodies:
            for s in walk(body):
                for e in expressions(s):
                    names |= self.every_name(e)
        for function in self.ir.functions:
            if function.block.table is not None:
                names |= self.every_name(function.block.table.first) | self.every_name(function.block.table.last)
        return names

    def every_name(self, e: sx.Expr) -> set[str]:
        """Variables inside an expression."""
        names = set()
        for part in parts(e):
            if isinstance(part, sx.Var):
                names.add(part.name)
        return names

    def variables_in(self, e: sx.Expr) -> list[str]:
        """Variables inside an expression, constants left out."""
        return [name for name in sorted(self.every_name(e)) if name not in self.ir.constants]

    def called(self, body: tuple[sx.Statement, ...]) -> list[str]:
        """Functions of the file that a body calls or solves."""
        names: dict[str, None] = {}
        for s in walk(body):
            if isinstance(s, sx.Solve):
                names[s.block] = None
            for e in expressions(s):
                names.update({p.name: None for p in parts(e) if isinstance(p, sx.Call)})
        return [name for name in names if name in self.functions]


class Liveness:
    """Liveness in the body of one function; its form decides what reactions and derivatives write."""

    def __init__(self, scope: Scope, function: Function) -> None:
        self.scope = scope
        self.function = function

    def reads(self, e: sx.Expr | None) -> set[str]:
        """Variables that an expression needs, those of the functions it calls too."""
        names: set[str] = set()
        for part in parts(e) if e is not None else ():
            if isinstance(part, sx.Var) and part.name not in self.scope.ir.constants:
                names.add(part.name)
            elif isinstance(part, sx.Call) and part.name in self.scope.functions:
                names |= set(self.scope.functions[part.name].inputs)
            elif isinstance(part, sx.LookUp):
                names.add("function_tables")
        return names

    def call_outputs(self, e: sx.Expr) -> list[str]:
        """What the calls inside an expression write."""
        outputs: list[str] = []
        for part in parts(e):
            if isinstance(part, sx.Call) and part.name in self.scope.functions:
                outputs += self.scope.functions[part.name].outputs
        return outputs

    def live_before(self, body: tuple[sx.Statement, ...], live: set[str]) -> set[str]:
        """Return the names needed before a body, from those read after it."""
        for s in reversed(body):
            live = self.live_one(s, live)
        return live

    def live_one(self, s: sx.Statement, live: set[str]) -> set[str]:
        """Names needed before one statement."""
        if not self.needs(s, live):
            return live
        if isinstance(s, sx.Assign):
            written = {s.target.name} if s.target.index is None else set()
            effects = set(self.call_outputs(s.value))
            kept = (live - written) - effects
            return (
                kept
                | self.reads(s.value)
                | ({s.target.name} if s.target.index is not None else set())
                | (self.reads(s.target.index))
            )
        if isinstance(s, sx.Do):
            return (live - set(self.call_outputs(s.call))) | self.reads(s.call)
        if isinstance(s, sx.If):
            return self.reads(s.condition) | self.live_before(s.then, live) | self.live_before(s.otherwise, live)
        if isinstance(s, sx.For):
            inner = self.live_before(s.body, live | self.live_before(s.body, live))
            return (live | inner) - {s.index}
        if isinstance(s, sx.While):
            around = live | self.reads(s.condition)
            return around | self.live_before(s.body, around | self.live_before(s.body, around))
        if isinstance(s, sx.Solve):
            function = self.scope.functions[s.block]
            written = {*function.outputs, *function.states}
            return (live - written) | set(self.solve_reads(function))
        if isinstance(s, sx.Prime):
            written = self.prime_target(s)
            kept = live - {written} if s.state.index is None else live | {written}
            own = {s.state.name, "dt"} if self.function.form == "cnexp" else set()
            return kept | self.reads(s.value) | self.reads(s.state.index) | own
        return (live - {"f_flux", "b_flux"} if isinstance(s, sx.Reaction) else live) | self.other_reads(s)

    def solve_reads(self, function: Function) -> list[str]:
        """What a SOLVE of this function reads."""
        method = function.method
        if method is None or function.form == "linear":
            return list(function.inputs)
        step = ["dt", "secondorder"] if method.takes_dt else []
        return [*function.states, *step, *function.inputs]

    def other_reads(self, s: sx.Statement) -> set[str]:
        """What reactions, compartments, conservations and equations read besides the states in ``k``."""
        states = set(self.function.states)
        if isinstance(s, sx.Reaction):
            names = set().union(*(self.reads(rate) for rate in s.rates))
            for _, var in (*s.left, *s.right):
                names |= self.reads(var.index) | (set() if var.name in states else {var.name})
            return names
        if isinstance(s, sx.Compartment):
            return self.reads(s.volume) - {s.index} if set(s.species) & states else set()
        if isinstance(s, sx.Conserve):
            return self.reads(s.value)
        if isinstance(s, sx.Equation):
            return (self.reads(s.left) | self.reads(s.right)) - states
        raise AssertionError(f"{type(s).__name__} has no effect, and is not asked what it reads")

    def prime_target(self, s: sx.Prime) -> str:
        """The name that an equation sets."""
        return s.state.name if self.function.form == "cnexp" else slope_of(s.state.name)

    def written(self, body: tuple[sx.Statement, ...]) -> list[str]:
        """Names that a body may write, in order."""
        names: dict[str, None] = {}
        for s in body:
            match s:
                case sx.Assign():
                    names.update(dict.fromkeys([*self.call_outputs(s.value), s.target.name]))
                case sx.Do():
                    names.update(dict.fromkeys(self.call_outputs(s.call)))
                case sx.If():
                    names.update(dict.fromkeys(self.call_outputs(s.condition)))
                    names.update(dict.fromkeys([*self.written(s.then), *self.written(s.otherwise)]))
                case sx.For() | sx.While():
                    names.update(dict.fromkeys(self.written(s.body)))
                case sx.Solve():
                    function = self.scope.functions[s.block]
                    names.update(dict.fromkeys([*function.states, *function.outputs]))
                case sx.Prime():
                    names[self.prime_target(s)] = None
                case sx.Reaction():
                    names.update({"f_flux": None, "b_flux": None})
                case sx.Break() | sx.Return() | sx.Verbatim() | sx.Refused() | sx.LonDiffuse() | sx.Conductance():
                    pass
                case sx.Compartment() | sx.Conserve() | sx.Equation():
                    pass
                case _:
                    unknown(s)
        return list(names)

    def needs(self, s: sx.Statement, live: set[str]) -> bool:
        """True where the statement sets something that is read later."""
        if isinstance(s, sx.Reaction | sx.Compartment | sx.Conserve | sx.Equation):
            return True
        if isinstance(s, sx.For) and any(isinstance(x, sx.Reaction) for x in walk(s.body)):
            return True
        return bool(set(self.written((s,))) & live)

    def needed(self, body: tuple[sx.Statement, ...], live: set[str]) -> list[str]:
        """What an entry has to load, in order of names."""
        return sorted(self.live_before(body, live))
