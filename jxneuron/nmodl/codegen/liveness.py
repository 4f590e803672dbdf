"""Find what a body still needs: liveness of names, backwards through its statements.

In: a body and the names read after it. Out: the names it needs before, and which statements matter.
"""

from __future__ import annotations

from functools import cached_property

from jxneuron.nmodl.analysis.ir import Function, MechanismIR
from jxneuron.nmodl.codegen.expression import Printer
from jxneuron.nmodl.codegen.known_numbers import known_numbers
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.visit import expressions, find_parts, find_statements, parts, unknown, walk


def unset(size: int) -> str:
    """Return the text of a variable, or of an array of this size, that was never set."""
    return f"[unset()] * {size}" if size else "unset()"


def _plain_call(call: sx.Call, args: list[str]) -> str:
    return f"{call.name}({', '.join(args)})"


def slope_of(name: str) -> str:
    """Return the name of a state's derivative, as NMODL writes it; no variable can have it."""
    return f"{name}'"


def exact_of(name: str) -> str:
    """Return the name of the function that a TABLE is built of; no block can have it."""
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
        """Return the Python name of an NMODL name."""
        return self.names.get(name, name)

    def holder(self, name: str) -> str:
        """Say where a variable is kept: ``p``, ``s``, ``env``, ``none``, or "" for the entry's own argument v."""
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
        """Return the text of an unset value."""
        symbol = self.ir.variables.get(name)
        return unset(symbol.size if symbol is not None else 0)

    @cached_property
    def used(self) -> set[str]:
        """Return the constants and variables that any body names."""
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
        """Return the variables inside an expression."""
        return {part.name for part in find_parts(sx.Var, e)}

    def variables_in(self, e: sx.Expr) -> list[str]:
        """Return the variables inside an expression, constants left out, in order of names."""
        return [name for name in sorted(self.every_name(e)) if name not in self.ir.constants]

    def called(self, body: tuple[sx.Statement, ...]) -> list[str]:
        """Return the functions of the file that a body calls or solves, in order of appearance."""
        names: dict[str, None] = {}
        for s in walk(body):
            if isinstance(s, sx.Solve):
                names[s.block] = None
            names.update({call.name: None for call in find_parts(sx.Call, *expressions(s))})
        return [name for name in names if name in self.functions]


class Liveness:
    """Liveness in the body of one function; its form decides what reactions and derivatives write."""

    def __init__(self, scope: Scope, function: Function) -> None:
        self.scope = scope
        self.function = function

    def reads(self, e: sx.Expr | None) -> set[str]:
        """Return the variables that an expression needs, those of the functions it calls too."""
        names: set[str] = set()
        for part in parts(e) if e is not None else ():
            match part:
                case sx.Var() if part.name not in self.scope.ir.constants:
                    names.add(part.name)
                case sx.Call() if part.name in self.scope.functions:
                    names |= set(self.scope.functions[part.name].inputs)
                case sx.LookUp():
                    names.add("function_tables")
                case _:
                    pass
        return names

    def call_outputs(self, e: sx.Expr) -> list[str]:
        """Return the variables that the calls inside an expression write."""
        functions = self.scope.functions
        called = [functions[call.name] for call in find_parts(sx.Call, e) if call.name in functions]
        return [name for function in called for name in function.outputs]

    def live_before(self, body: tuple[sx.Statement, ...], live: set[str]) -> set[str]:
        """Return the names needed before a body, from those read after it."""
        for s in reversed(body):
            live = self.live_one(s, live)
        return live

    def live_one(self, s: sx.Statement, live: set[str]) -> set[str]:
        """Return the names needed before one statement, from those read after it."""
        if not self.needs(s, live):
            return live
        match s:
            case sx.Assign():
                return self._before_assign(s, live)
            case sx.Do():
                return (live - set(self.call_outputs(s.call))) | self.reads(s.call)
            case sx.If():
                return self.reads(s.condition) | self.live_before(s.then, live) | self.live_before(s.otherwise, live)
            case sx.For():
                return (live | self._before_turns(s.body, live)) - {s.index}
            case sx.While():
                around = live | self.reads(s.condition)
                return around | self._before_turns(s.body, around)
            case sx.Solve():
                function = self.scope.functions[s.block]
                return (live - {*function.outputs, *function.states}) | set(self.solve_reads(function))
            case sx.Prime():
                return self._before_prime(s, live)
            case sx.Reaction():
                return (live - {"f_flux", "b_flux"}) | self._before_reaction(s)
            case sx.Compartment():
                has_states = not set(s.species).isdisjoint(self.function.states)
                return live | (self.reads(s.volume) - {s.index} if has_states else set[str]())
            case sx.Conserve():
                return live | self.reads(s.value)
            case sx.Equation():
                return live | ((self.reads(s.left) | self.reads(s.right)) - set(self.function.states))
            case sx.Break() | sx.Return() | sx.Verbatim() | sx.Refused() | sx.LonDiffuse() | sx.Conductance():
                raise AssertionError(f"{type(s).__name__} has no effect, and is not asked what it reads")
            case sx.Send() | sx.Watch():
                raise AssertionError(f"the passes left {s}")
            case _:
                unknown(s)

    def _before_turns(self, body: tuple[sx.Statement, ...], live: set[str]) -> set[str]:
        """Return the names needed before a turn of a loop, where another turn may follow."""
        return self.live_before(body, live | self.live_before(body, live))

    def _before_assign(self, s: sx.Assign, live: set[str]) -> set[str]:
        """Return the names needed before an assignment; one element that is set leaves its array needed."""
        kept = live if s.target.index is not None else live - {s.target.name}
        needed = (kept - set(self.call_outputs(s.value))) | self.reads(s.value) | self.reads(s.target.index)
        return needed if s.target.index is None else needed | {s.target.name}

    def _before_prime(self, s: sx.Prime, live: set[str]) -> set[str]:
        """Return the names needed before an equation; cnexp advances the state from its value by dt."""
        target = self.prime_target(s)
        kept = live - {target} if s.state.index is None else live | {target}
        needed = kept | self.reads(s.value) | self.reads(s.state.index)
        return needed | {s.state.name, "dt"} if self.function.form == "cnexp" else needed

    def _before_reaction(self, s: sx.Reaction) -> set[str]:
        """Return what a reaction reads: its rates, indices, and species that are not among the states in ``k``."""
        sides = [var for _, var in (*s.left, *s.right)]
        read = {name for e in (*s.rates, *(var.index for var in sides)) for name in self.reads(e)}
        return read | ({var.name for var in sides} - set(self.function.states))

    def solve_reads(self, function: Function) -> list[str]:
        """Return the variables that a SOLVE of this function reads."""
        method = function.method
        if method is None or function.form == "linear":
            return list(function.inputs)
        step = ["dt", "secondorder"] if method.takes_dt else []
        return [*function.states, *step, *function.inputs]

    def prime_target(self, s: sx.Prime) -> str:
        """Return the name that an equation sets."""
        return s.state.name if self.function.form == "cnexp" else slope_of(s.state.name)

    def written(self, body: tuple[sx.Statement, ...]) -> list[str]:
        """Return the names that a body may write, in order."""
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
                case sx.Send() | sx.Watch():
                    raise AssertionError(f"the passes left {s}")
                case sx.Compartment() | sx.Conserve() | sx.Equation():
                    pass
                case _:
                    unknown(s)
        return list(names)

    def needs(self, s: sx.Statement, live: set[str]) -> bool:
        """True where the statement sets something that is read later."""
        if isinstance(s, sx.Reaction | sx.Compartment | sx.Conserve | sx.Equation):
            return True
        if isinstance(s, sx.For) and any(find_statements(sx.Reaction, s.body)):
            return True
        return bool(set(self.written((s,))) & live)

    def needed(self, body: tuple[sx.Statement, ...], live: set[str]) -> list[str]:
        """Return the names that an entry has to load, in order of names."""
        return sorted(self.live_before(body, live))
