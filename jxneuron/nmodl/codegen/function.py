"""Print statements as lines of Python.

In: a body of syntax statements and the names that are read after it. Out: lines. Liveness decides what an
IF must hand on, what a call must return into, and which assignments are left out.
"""

from __future__ import annotations

from jxneuron.nmodl.analysis.ir import Function
from jxneuron.nmodl.codegen.expression import Printer
from jxneuron.nmodl.codegen.liveness import Liveness, Scope, slope_of, unset
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.algebra import equation_parts, fold, linear_parts
from jxneuron.nmodl.syntax.visit import expressions, find_statements, unknown, walk

WIDTH = 100
SAFE_CALLS = ("fabs", "fmin", "fmax")


def print_tuple(names: list[str]) -> str:
    """Return the text of a tuple of these names."""
    return f"({names[0]},)" if len(names) == 1 else f"({', '.join(names)})"


def wrap(head: str, items: list[str], tail: str, bare: str | None = None, note: str = "") -> list[str]:
    """Return ``head items tail`` on one line, or the items on lines of their own where it is too long.

    Args:
        head: what comes before the items, with its indentation.
        items: the texts between the commas.
        tail: what closes the head.
        bare: what comes before the items on one line, which then has no tail.
        note: a comment at the end of the first line.
    """
    line = f"{bare}{', '.join(items)}" if bare is not None else f"{head}{', '.join(items)}{tail}"
    if len(line) <= WIDTH:
        return [line + note]
    indent = head[: len(head) - len(head.lstrip())]
    lines, row = [head + note], ""
    for item in items:
        if row and len(indent) + 4 + len(row) + len(item) + 2 > WIDTH:
            lines.append(f"{indent}    {row.rstrip()}")
            row = ""
        row += f"{item}, "
    lines.append(f"{indent}    {row.rstrip()}")
    return [*lines, indent + tail]


def wrap_return(line: str) -> list[str]:
    """Return the lines of a return statement, in brackets where it is too long."""
    if len(line) <= WIDTH or not line.lstrip().startswith("return "):
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    return wrap(f"{indent}return (", line.strip()[len("return ") :].split(", "), ")")


def live_after(function: Function) -> set[str]:
    """Return the names that are read after the body of a function."""
    live = {*function.outputs, *([function.block.name] if function.block.kind == "FUNCTION" else [])}
    return live | {slope_of(name) for name in function.states} if function.form == "slopes" else live


def right_sides(s: sx.Statement) -> list[sx.Expr]:
    """Return the expressions that an assignment or a condition reads."""
    return [s.value] if isinstance(s, sx.Assign) else expressions(s)


class BodyPrinter(Liveness):
    """Prints the body of one function.

    Args:
        scope: the names of the mechanism.
        function: whose body it is; its form decides what reactions and derivatives become.
        arguments: their names, None for an entry (which loads what it needs).
    """

    def __init__(self, scope: Scope, function: Function, arguments: set[str] | None) -> None:
        super().__init__(scope, function)
        self.arguments = arguments
        self.around: tuple[int, ...] = ()
        self.printer = Printer(scope.names, self.call_text, self.divides_by_zero)
        self.before_lines: list[str] = []
        self.temporaries = 0
        self.start: list[str] = []
        self.assigned_arrays = {
            s.target.name for s in find_statements(sx.Assign, function.block.body) if s.target.index is not None
        }

    # --- lines

    def print_body(self, body: tuple[sx.Statement, ...], live: set[str], indent: str) -> list[str]:
        """Return the lines of a body.

        Args:
            body: its statements; those that set nothing live are left out.
            live: the names that are read after it.
            indent: the blanks before each line.
        """
        if not self.start:
            self.start = sorted(self.live_before(body, live))
        after = [live]
        for s in reversed(body):
            after.append(self.live_one(s, after[-1]))
        after.reverse()
        around, self.around = self.around, (*self.around, id(body))
        out: list[str] = []
        for s, rest in zip(body, after[1:], strict=True):
            if self.needs(s, rest):
                self.before_lines = []
                own = self.print_statement(s, rest, indent)
                out += [f"{indent}{line}" for line in self.before_lines] + own
                self.before_lines = []
        self.around = around
        return out

    def divides_by_zero(self, e: sx.Binary) -> bool:
        """True for a quotient, here, of Python numbers of which the lower one may be 0."""
        return self.scope.numbers.divides_by_zero(e, self.function.block.name, self.around)

    def print_preamble(self, indent: str) -> list[str]:
        """Return the first lines of a function: copies of the arrays that it changes, zeros for what it reads unset."""
        arguments = self.arguments or set()
        out: list[str] = []
        for name in sorted(self.assigned_arrays & arguments):
            out.append(f"{indent}{self.scope.name(name)} = list({self.scope.name(name)})")
        for name in sorted((set(self.start) | self.assigned_arrays) - arguments):
            out.append(f"{indent}{self.scope.name(name)} = {self.zero(name)}")
        return out

    def zero(self, name: str) -> str:
        """Return the text of an unset value; a LOCAL array says its own size."""
        for local in self.function.block.locals:
            if local.name == name and local.size:
                return unset(local.size)
        return self.scope.zero(name.removesuffix("'") if name in self.slopes() else name)

    def slopes(self) -> list[str]:
        """Return the names that the equations of a block set where a solver evaluates it."""
        return [slope_of(name) for name in self.function.states] if self.function.form == "slopes" else []

    def print_source(self, s: sx.Statement) -> str:
        """Return the comment that names the source line."""
        return f"  # {self.scope.ir.source_lines.at(s.line)}" if s.line else ""

    def print_statement(self, s: sx.Statement, live: set[str], indent: str) -> list[str]:
        """Return the lines of one statement."""
        match s:
            case sx.If():
                return self.print_if(s, live, indent)
            case sx.For():
                return self.print_from(s, live, indent)
            case sx.While():
                return self.print_while(s, live, indent)
            case sx.Assign():
                return self.print_assign(s, indent) if s.value != s.target else []
            case sx.Do():
                return self.print_call([], s.call, indent, self.print_source(s))
            case sx.Solve():
                return self.print_solve(s, indent)
            case sx.Prime():
                return self.print_prime(s, indent)
            case sx.Compartment() | sx.Conserve() | sx.Equation() | sx.Reaction():
                return self.print_kinetic(s, live, indent)
            case sx.Send() | sx.Watch():
                raise AssertionError(f"the passes left {s}")
            case sx.Break() | sx.Return() | sx.Verbatim() | sx.Refused() | sx.LonDiffuse() | sx.Conductance():
                raise AssertionError(f"{type(s).__name__} has no effect, and has no line of its own")
            case _:
                unknown(s)

    def print_assign(self, s: sx.Assign, indent: str) -> list[str]:
        """Return the lines of an assignment."""
        if isinstance(s.value, sx.Call) and s.target.index is None and self.call_outputs(s.value):
            function = self.scope.functions.get(s.value.name)
            if function is not None and function.outputs and not any(self.call_outputs(a) for a in s.value.args):
                return self.print_call([self.printer.var(s.target)], s.value, indent, self.print_source(s))
        running = sx.cast_index(s.target)
        if running is not None:
            name, index, value = self.scope.name(s.target.name), self.printer.text(running), self.printer.text(s.value)
            return [f"{indent}{name} = with_element({name}, {index}, {value}){self.print_source(s)}"]
        return [f"{indent}{self.printer.var(s.target)} = {self.printer.text(s.value)}{self.print_source(s)}"]

    def print_call(self, targets: list[str], call: sx.Call, indent: str, note: str) -> list[str]:
        """Return the lines of a call that has its own statement."""
        function = self.scope.functions[call.name]
        if not targets and function.block.kind == "FUNCTION":
            targets = ["_"]
        names = targets + [self.scope.name(n) for n in function.outputs]
        args = [self.printer.text(arg) for arg in call.args] + [self.scope.name(n) for n in function.inputs]
        return wrap(f"{indent}{', '.join(names)} = {self.scope.name(call.name)}(", args, ")", note=note)

    def call_text(self, call: sx.Call, args: list[str]) -> str:
        """Return the text of a call inside an expression; what it changes besides is fetched on a line before."""
        function = self.scope.functions[call.name]
        text = f"{self.scope.name(call.name)}({', '.join([*args, *map(self.scope.name, function.inputs)])})"
        if not function.outputs:
            return text
        self.temporaries += 1
        temporary = f"{call.name}_{self.temporaries}"
        outputs = ", ".join([temporary, *map(self.scope.name, function.outputs)])
        self.before_lines.append(f"{outputs} = {text}")
        return temporary

    def print_solve(self, s: sx.Solve, indent: str) -> list[str]:
        """Return the lines of a SOLVE."""
        function = self.scope.functions[s.block]
        if function.method is None:
            return self.print_call([], sx.Call(s.block), indent, self.print_source(s))
        method = function.method.solver
        states = [self.scope.name(n) for n in function.states]
        shown = print_tuple([f'"{n}"' for n in function.states])
        inputs = print_tuple([self.scope.name(n) for n in function.inputs])
        outputs = print_tuple([self.scope.name(n) for n in function.outputs]) if function.outputs else "_"
        name = self.scope.name(s.block)
        if function.form == "slopes":
            args = [name, print_tuple(states), inputs, *(("dt", "secondorder") if function.method.takes_dt else ())]
        elif function.form == "linear":
            args = [name, self.print_sizes(function.states), inputs]
        else:
            args = [name, shown, print_tuple(states), inputs, "dt", "secondorder", f"linear={function.linear}"]
            method = "steadystate" if s.steady else method
        return wrap(f"{indent}{print_tuple(states)}, {outputs} = {method}(", args, ")", note=self.print_source(s))

    def print_sizes(self, states: tuple[str, ...]) -> str:
        """Return the text of a tuple of states, those of arrays with their sizes."""
        sizes = [(name, self.scope.ir.variables[name].size) for name in states]
        return print_tuple([f'("{name}", {size})' if size else f'"{name}"' for name, size in sizes])

    def print_prime(self, s: sx.Prime, indent: str) -> list[str]:
        """Return the line of an equation of a DERIVATIVE block."""
        target = self.scope.name(self.prime_target(s))
        if s.state.index is not None:
            target += f"[{self.printer.index(s.state.index)}]"
        if self.function.form != "cnexp":
            return [f"{indent}{target} = {self.printer.text(s.value)}{self.print_source(s)}"]
        a, b = linear_parts(s.value, s.state)
        if b is None:
            return [f"{indent}{target} = {target} + dt * ({self.printer.text(s.value)}){self.print_source(s)}"]
        constant = self.printer.text(a) if a is not None else "0.0"
        return [f"{indent}{target} = cnexp({target}, {constant}, {self.printer.text(b)}, dt){self.print_source(s)}"]

    # --- IF and FROM

    def print_if(self, s: sx.If, live: set[str], indent: str) -> list[str]:
        """Return the lines of an IF."""
        outputs = [n for n in [*self.written(s.then), *self.written(s.otherwise)] if n in live]
        outputs = list(dict.fromkeys(outputs))
        if len(outputs) == 1:
            merged = self.find_sides(s, outputs[0])
            if merged is not None:
                return self.print_merged(s, outputs[0], indent)
        elif self.is_separable(s) and all(self.safe(s, n) for n in outputs):
            return [line for n in outputs for line in self.print_merged(s, n, indent)]
        condition = self.printer.condition(s.condition)
        args = sorted(self.live_before(s.then, set(outputs)) | self.live_before(s.otherwise, set(outputs)))
        names = [self.scope.name(n) for n in args]
        out = [f"{indent}{line}" for line in self.before_lines]
        self.before_lines = []
        if not outputs:  # what its condition calls is all that it does
            return out
        for label, body in (("then", s.then), ("otherwise", s.otherwise)):
            out += wrap(f"{indent}def {label}(", names, "):", note=self.print_source(s) if label == "then" else "")
            arrays = {x.target.name for x in find_statements(sx.Assign, body) if x.target.index is not None}
            out += [
                f"{indent}    {self.scope.name(n)} = list({self.scope.name(n)})" for n in sorted(arrays & set(args))
            ]
            out += self.print_body(body, set(outputs), indent + "    ")
            out += [f"{indent}    return {', '.join(self.scope.name(n) for n in outputs)}", ""]
        targets = ", ".join(self.scope.name(n) for n in outputs)
        return out + wrap(f"{indent}{targets} = choose(", [condition, "then", "otherwise", *names], ")",
                             note=self.print_source(s))  # fmt: skip

    def find_sides(self, s: sx.If, name: str) -> tuple[sx.Expr | sx.If, sx.Expr | sx.If] | None:
        """Return what both branches assign to ``name``, where each does so in one statement; else None."""
        if self.call_outputs(s.condition) or not (self.is_separable(s) or set(self.written((s,))) == {name}):
            return None
        sides: list[sx.Expr | sx.If] = []
        for body in (s.then, s.otherwise):
            match [x for x in body if name in self.written((x,))]:
                case []:
                    sides.append(sx.Var(name))
                case [sx.Assign() as only] if only.target.index is None and not self.call_outputs(only.value):
                    sides.append(only.value)
                case [sx.If() as only] if self.find_sides(only, name) is not None:
                    sides.append(only)
                case _:
                    return None
        return sides[0], sides[1]

    def is_separable(self, s: sx.If) -> bool:
        """True where nothing inside reads what the IF writes, so that each variable can be merged alone."""
        written = set(self.written((s,)))
        inside = list(walk((s,)))
        if not all(isinstance(x, sx.Assign | sx.If) for x in inside):
            return False
        return not written & set().union(*(self.reads(e) for x in inside for e in right_sides(x)))

    def print_merged(self, s: sx.If, name: str, indent: str) -> list[str]:
        """Return the lines of one variable after an IF: ``where`` if both sides are always finite, else ``choose``."""
        sides = self.find_sides(s, name)
        assert sides is not None
        target = f"{indent}{self.scope.name(name)} = "
        text = self.selection(s, name)
        if len(target) + len(text) <= WIDTH or self.safe(s, name):
            return [f"{target}{text}{self.print_source(s)}"]
        args = self.selection_args(s, name)
        inner = [f"{indent}    {part}," for part in self.selection_parts(s, name)]
        rest = [f"{indent}    {', '.join(args)},"] if args else []
        return [f"{target}choose({self.print_source(s)}", *inner, *rest, f"{indent})"]

    def selection(self, s: sx.If, name: str) -> str:
        """Return the text of one variable after an IF."""
        if self.safe(s, name):
            return f"where({', '.join([self.printer.condition(s.condition), *self.side_texts(s, name)])})"
        return f"choose({', '.join([*self.selection_parts(s, name), *self.selection_args(s, name)])})"

    def selection_args(self, s: sx.If, name: str) -> list[str]:
        """Return the Python names that the sides of an IF read."""
        needed = self.live_before(s.then, {name}) | self.live_before(s.otherwise, {name})
        return [self.scope.name(n) for n in sorted(needed)]

    def selection_parts(self, s: sx.If, name: str) -> list[str]:
        """Return the texts of the condition, and of the sides as lambdas."""
        head = ", ".join(self.selection_args(s, name))
        texts = self.side_texts(s, name)
        lambdas = [f"lambda {head}: {text}" if head else f"lambda: {text}" for text in texts]
        return [self.printer.condition(s.condition), *lambdas]

    def side_texts(self, s: sx.If, name: str) -> list[str]:
        """Return the texts of what both sides of an IF assign to ``name``."""
        sides = self.find_sides(s, name)
        assert sides is not None
        return [self.selection(side, name) if isinstance(side, sx.If) else self.printer.text(side) for side in sides]

    def safe(self, s: sx.If, name: str) -> bool:
        """True where neither side can be infinite, nor its derivative, for finite operands."""
        sides = self.find_sides(s, name)
        if sides is None:
            return False
        return all(self.safe(x, name) if isinstance(x, sx.If) else self.finite(x) for x in sides)

    def finite(self, e: sx.Expr) -> bool:
        """True for a value that is finite with its derivative."""
        match e:
            case sx.Num() | sx.Var():
                return True
            case sx.Unary():
                return e.op == "-" and self.finite(e.arg)
            case sx.Call():
                return e.name in SAFE_CALLS and all(self.finite(arg) for arg in e.args)
            case sx.Binary(op="/"):
                return self.finite(e.left) and bool(fold(e.right, {}))
            case sx.Binary():
                return e.op in "+-*" and self.finite(e.left) and self.finite(e.right)
            case sx.LookUp() | sx.Derivative() | sx.Text() | sx.Cast():
                return False
            case _:
                unknown(e)

    def print_from(self, s: sx.For, live: set[str], indent: str) -> list[str]:
        """Return the lines of a FROM loop."""
        first, last = fold(s.first, {}), fold(s.last, {})
        if first is not None and last is not None:
            bounds = f"{int(last) + 1}" if first == 0 else f"{int(first)}, {int(last) + 1}"
        else:
            bounds = f"{self.printer.index(s.first)}, {self.printer.index(s.last)} + 1"
        if s.step != 1:
            bounds = f"{bounds if ', ' in bounds else f'0, {bounds}'}, {s.step}"
        inner = live | self.live_before(s.body, live | self.live_before(s.body, live))
        lines = self.print_body(s.body, inner, indent + "    ")
        return [f"{indent}for {self.scope.name(s.index)} in range({bounds}):{self.print_source(s)}", *lines]

    def print_while(self, s: sx.While, live: set[str], indent: str) -> list[str]:
        """Return the lines of a WHILE loop: it carries what a turn changes, and passes what a turn only reads."""
        inside = self.live_one(s, live)
        carried = [n for n in self.written(s.body) if n in inside]
        inputs = sorted(inside & (self.reads(s.condition) | self.live_before(s.body, set(carried))) - set(carried))
        names = [self.scope.name(n) for n in (*carried, *inputs)]
        after = ", ".join(self.scope.name(n) for n in carried)
        arrays = sorted(self.assigned_arrays & set(carried))
        fixed = print_tuple(names[len(carried) :]) if inputs else "()"
        return [
            *wrap(f"{indent}def going(", names, "):", note=self.print_source(s)),
            f"{indent}    return {self.printer.condition(s.condition)}",
            "",
            *wrap(f"{indent}def turn(", names, "):"),
            *(f"{indent}    {self.scope.name(n)} = list({self.scope.name(n)})" for n in arrays),
            *self.print_body(s.body, set(carried), indent + "    "),
            f"{indent}    return ({after},)",
            "",
            f"{indent}({after},) = repeat(going, turn, ({after},), {fixed})",
        ]

    # --- KINETIC and LINEAR

    def print_kinetic(
        self, s: sx.Compartment | sx.Conserve | sx.Equation | sx.Reaction, live: set[str], indent: str
    ) -> list[str]:
        """Return the lines of a statement of a KINETIC or LINEAR block."""
        match s:
            case sx.Compartment():
                return self.print_compartment(s, indent)
            case sx.Conserve():
                value = self.printer.text(s.value)
                return wrap(f"{indent}k.conserve(", [self.side(s.terms), value], ")", note=self.print_source(s))
            case sx.Equation():
                coefficients, value = equation_parts(s.left, s.right, self.function.states)
                shown = ", ".join(f"{self.species(var)}: {self.printer.text(e)}" for var, e in coefficients.items())
                return [f"{indent}k.equation({{{shown}}}, {self.printer.text(value)}){self.print_source(s)}"]
            case sx.Reaction():
                return self.print_reaction(s, live, indent)
            case _:
                unknown(s)

    def print_reaction(self, s: sx.Reaction, live: set[str], indent: str) -> list[str]:
        """Return the lines of a reaction; they keep its fluxes where something reads them."""
        target = "f_flux, b_flux = " if {"f_flux", "b_flux"} & live else ""
        if s.op == "<<":
            args = [self.species(s.left[0][1]), self.printer.text(s.rates[0])]
            return wrap(f"{indent}{target}k.flux(", args, ")", note=self.print_source(s))
        rates = [self.rate(s, 0), self.rate(s, 1)]
        args = [self.side(s.left), self.side(s.right), *rates]
        return wrap(f"{indent}{target}k.reaction(", args, ")", note=self.print_source(s))

    def rate(self, s: sx.Reaction, k: int) -> str:
        """Return the rate of one direction, times the species of its side that are not solved for.

        Args:
            s: the reaction.
            k: 0 for the forward direction, 1 for the backward one.
        """
        if k >= len(s.rates):
            return "0.0"
        rate = s.rates[k]
        for count, var in reversed((s.left, s.right)[k]):
            if var.name not in self.function.states:
                for _ in range(count):
                    rate = sx.Binary("*", rate, var)
        return self.printer.text(rate)

    def side(self, terms: tuple[tuple[int, sx.Var], ...]) -> str:
        """Return the text of one side of a reaction: how many of each state take part."""
        counts: dict[str, int] = {}
        for count, var in terms:
            if var.name in self.function.states:
                shown = self.species(var)
                counts[shown] = counts.get(shown, 0) + count
        return "{" + ", ".join(f"{name}: {count}" for name, count in counts.items()) + "}"

    def species(self, var: sx.Var) -> str:
        """Return the key of a state in ``mech.solvers.reactions.Kinetic``."""
        return f'"{var.name}"' if var.index is None else f'("{var.name}", {self.printer.index(var.index)})'

    def print_compartment(self, s: sx.Compartment, indent: str) -> list[str]:
        """Return the lines of a COMPARTMENT."""
        species = [name for name in s.species if name in self.function.states]
        if not species:
            return []
        volume = self.printer.text(s.volume)
        if s.index is None:
            names = [self.species(sx.Var(n)) for n in species]
            return wrap(f"{indent}k.compartment(", [volume, *names], ")", note=self.print_source(s))
        size = self.scope.ir.variables[species[0]].size
        index = self.scope.name(s.index)
        names = ", ".join(f'("{n}", {index})' for n in species)
        return [
            f"{indent}for {index} in range({size}):{self.print_source(s)}",
            f"{indent}    k.compartment({volume}, {names})",
        ]
