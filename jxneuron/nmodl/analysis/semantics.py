"""Check the meaning of blocks: names that nothing defines, and statements that are not taken over.

In: Symbols and the blocks that are used. Out: findings in a ``Report``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping

from jxneuron.nmodl.analysis.declarations import NO_BUILD
from jxneuron.nmodl.analysis.names import FUNCTIONS, locals_of
from jxneuron.nmodl.frontend import verbatim
from jxneuron.nmodl.frontend.methods import method_of
from jxneuron.nmodl.frontend.symbols import (
    C_MACROS,
    MATH,
    OF_C,
    PSEUDO,
    SCOP,
    USETABLE,
    Symbols,
    list_elements,
    states_of,
)
from jxneuron.nmodl.frontend.tokens import split_c_tokens
from jxneuron.nmodl.report import Report
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.algebra import NotLinear, equation_parts, find_names, find_variables, fold
from jxneuron.nmodl.syntax.visit import bodies, expressions, find_parts, find_statements, unknown, walk
from jxneuron.nmodl.syntax.walk import find_mentioned, find_own_names, find_read_names, walk_loops

CALLABLE = ("FUNCTION", "PROCEDURE")
COUNTS = {**MATH, "at_time": 1}  # arguments of NMODL's own functions

HEADER = "include"  # a word of C code at file scope; what a header defines is not known
FLUXES = ("f_flux", "b_flux")
NO_VALUE = ("INITIAL", *sx.RECEIVING, *sx.MOMENTS)


class Checks:
    """Checks of one file.

    Args:
        symbols: names and what they mean, with rewritten blocks.
        reachable: the blocks that are used.
        report: takes the findings.
    """

    def __init__(self, symbols: Symbols, reachable: Mapping[str, sx.Block], report: Report) -> None:
        self.symbols = symbols
        self.reachable = reachable
        self.report = report
        self.refuse = report.refuse
        self.wrong = report.wrong

    def run(self) -> None:
        """Check the file and every block that is used."""
        self._check_head()
        self._check_own_names()
        self._check_one_kinetic()
        for block in self.symbols.blocks.values():
            self._check_names(block)
        for block in self.reachable.values():
            self._check_statements(block)
            self._check_conserved(block)
            self._check_slopes(block)
            self._check_table(block)
            self._check_system(block)
        self._check_pointers()
        self._check_moments()
        self._check_own_data()
        self._check_solved_once()
        self._check_returns()
        self._check_diffusions()
        self._check_order_of_solves()
        self._check_fluxes()

    def _check_head(self) -> None:
        """Report a NEURON block that names no mechanism."""
        file = self.symbols.file
        if not file.suffix.isidentifier():
            self.wrong(0, f"no SUFFIX, and {file.suffix} is no name ({NO_BUILD})")

    def _check_own_names(self) -> None:
        """Refuse units that break the C text, and names that the compiler or C uses itself."""
        for declared in self.symbols.file.declared:
            if '"' in declared.unit or "\\" in declared.unit:
                why = "NEURON's translator writes it into C as is"
                what = f"the unit of {declared.name} holds a quote or a backslash ({why})"
                self.refuse(declared.line, what, "Write a unit without them.")
            if declared.name in PSEUDO:
                self.refuse(declared.line, f"{declared.name} is declared", "Give it another name.")
        for block in self.symbols.file.blocks:
            if block.name in OF_C:
                what = f"{block.kind} {block.name} has the name of a function of C"
                self.refuse(block.line, what, "Give it another name.")
            if block.table is not None and USETABLE in find_read_names(block):
                self.refuse(block.line, f"usetable read under the TABLE of {block.name}", "Read it outside.")

    def _check_one_kinetic(self) -> None:
        """Refuse a second KINETIC block."""
        kinetic = [b for b in self.reachable.values() if b.kind == "KINETIC"]
        for block in kinetic[1:]:
            what = f"a second KINETIC block, {block.name} (NEURON's translator then emits wrong code)"
            self.refuse(block.line, what, "Write all reactions in one block.")

    def _check_fluxes(self) -> None:
        """Refuse fluxes that are read where nocmodl's code for CVODE does not compile."""
        for block in self.symbols.file.blocks:
            for line in stale_fluxes(block.body) if block.kind == "KINETIC" else ():
                what = f"f_flux or b_flux read after the end of IF or FROM in {block.name} (does not build in NEURON)"
                self.refuse(line, what, "Read it straight after its reaction.")

    def _check_solved_once(self) -> None:
        """Refuse a second SOLVE of a block into whose function nocmodl writes the step."""
        solves = [s for block in self.symbols.file.blocks for s in find_statements(sx.Solve, block.body)]
        seen: set[str] = set()
        for s in solves:
            method = method_of(s, self.symbols.blocks)
            if s.block in seen and method is not None and method.inlined:
                what = f"a second SOLVE of {s.block} by {method.name} (NEURON's translator stops there)"
                self.refuse(s.line, what, f"Call {s.block}() there.")
            seen.add(s.block)

    def _check_conserved(self, block: sx.Block) -> None:
        """Refuse two CONSERVEs of one sum: each replaces the equation of a state, and the system becomes singular."""
        states = states_of(block.body, self.symbols)
        seen: set[frozenset[tuple[int, sx.Var]]] = set()
        for s in find_statements(sx.Conserve, block.body):
            terms = frozenset((count, var) for count, var in s.terms if var.name in states)
            if terms in seen:
                what = "CONSERVE of a sum that is conserved already: the system is singular"
                self.refuse(s.line, what, "Leave it out.")
            seen.add(terms)

    def _check_slopes(self, block: sx.Block) -> None:
        """Refuse the equation of an element of an array, for which nocmodl writes C that does not compile."""
        for s in find_statements(sx.Prime, block.body) if block.kind == "DERIVATIVE" else ():
            if s.state.index is not None:
                what = f"{s.state.name}' of an element of an array (what NEURON's translator writes does not compile)"
                self.refuse(s.line, what, "Name each element as a state of its own, or write it as KINETIC.")

    def _check_table(self, block: sx.Block) -> None:
        """Refuse a TABLE without intervals, or whose limits are not from low to high."""
        table = block.table
        if table is None:
            return
        first, last = fold(table.first, self.symbols.constants), fold(table.last, self.symbols.constants)
        if table.count < 1 or (first is not None and last is not None and not first < last):
            what = f"TABLE of {block.name} has no width, or no interval"
            self.refuse(table.line, what, "Give it a range from low to high, and at least one interval.")

    def _check_pointers(self) -> None:
        """Refuse uses of a BBCOREPOINTER: it holds an address, which NMODL cannot read."""
        streams = {stream.name for stream in self.symbols.streams}
        opaque = {name: line for name, line in self.symbols.file.opaque if name not in streams}
        used = {name for block in self.reachable.values() for s in walk(block.body) for name in find_own_names(s)}
        for name in sorted(used & set(opaque)):
            self.refuse(opaque[name], f"BBCOREPOINTER {name}", "Use POINTER, or write in NMODL what it leads to.")

    def _check_moments(self) -> None:
        """Refuse BEFORE and AFTER blocks after which NEURON counts a current twice, or that cannot be joined."""
        moments = [block for block in self.reachable.values() if block.kind in sx.MOMENTS]
        both = [use for use in self.symbols.currents if use.ion and self.symbols.variables[use.name].place == "ion"]
        if moments and both:
            what = (
                f"{moments[0].kind} in a mechanism that READs and WRITEs {both[0].name} (NEURON then counts it twice)"
            )
            self.refuse(moments[0].line, what, "READ the current in another mechanism.")
        for block in moments:
            self._check_joined(block)

    def _check_joined(self, block: sx.Block) -> None:
        """Refuse two blocks of one moment that set what instances share.

        NEURON runs the second block after the first one of all instances. Here they are joined and run together for
        each instance, which is the same where an instance sets only variables of its own.
        """
        written = {name for part in (block, *self._called(block)) for name in _written(part)}
        symbols = [self.symbols.variables[name] for name in sorted(written) if name in self.symbols.variables]
        outside = [symbol.name for symbol in symbols if symbol.place != "field" or symbol.scope in ("global", "file")]
        outside += [use.name for use in self.symbols.currents if use.ion]
        if block.again and outside:
            what = f"a second {block.kind} block in a mechanism that sets {outside[0]}, which instances share"
            self.refuse(block.again[0], what, "Write one block of each kind.")

    def _check_own_data(self) -> None:
        """Refuse BEFORE, AFTER and diffusion blocks that call a function which uses variables of the instance.

        In a mechanism that is not thread-safe a function takes its instance from static memory, which these blocks
        do not set.
        """
        if self.symbols.file.vectorized:
            return
        for block in self.reachable.values():
            if block.kind in sx.MOMENTS or block.kind == sx.DIFFUSION:
                for callee in self._called(block):
                    if own := sorted(name for name in _used(callee) if self._is_of_instance(name)):
                        kind = "LONGITUDINAL_DIFFUSION" if block.kind == sx.DIFFUSION else block.kind
                        why = "NEURON crashes: the mechanism is not thread-safe"
                        what = f"{kind} calls {callee.name}, which uses {own[0]} ({why})"
                        self.refuse(block.line, what, f"Write what {callee.name} does in the block itself.")

    def _called(self, block: sx.Block) -> list[sx.Block]:
        """Return the blocks of the file that a block calls or solves, directly or through others."""
        called: dict[str, None] = {}
        todo = [block]
        while todo:
            names = [
                name for name in find_mentioned(todo.pop().body) if name in self.symbols.blocks and name not in called
            ]
            called.update(dict.fromkeys(names))
            todo += [self.symbols.blocks[name] for name in names]
        return [self.symbols.blocks[name] for name in called]

    def _is_of_instance(self, name: str) -> bool:
        """True for a variable that each instance has for itself, except POINTERs and v, which NEURON finds anywhere."""
        symbol = self.symbols.variables.get(name)
        if symbol is None or symbol.place in ("v", "pointer"):
            return False
        return symbol.place == "ion" or not symbol.uniform

    def _check_names(self, block: sx.Block) -> None:
        """Report names that nothing defines, in every block: C++ compiles those too that nothing calls."""
        if block.kind == "KINETIC" and block.name not in self.reachable:  # nocmodl writes nothing for it
            return
        variables = {*self.symbols.variables} - {*PSEUDO} | {USETABLE}
        known = {*locals_of(block), *variables, *self.symbols.constants, *self.symbols.blocks, *FUNCTIONS}
        known |= {"f_flux", "b_flux"} if block.kind == "KINETIC" else set()
        known |= self.symbols.taken_away
        for s, loops in walk_loops(block.body):
            line = s.line
            called = {part.name for part in find_parts(sx.Call, *expressions(s))}
            for name in sorted(find_own_names(s) - known - loops):
                self._check_undefined(name, line, name in called)
            for what in (what for e in expressions(s) for what in self._wrong_calls(e)):
                self.wrong(line, what)

    def _check_undefined(self, name: str, line: int, called: bool) -> None:
        """Report a name that nothing in the file defines; NEURON's library, and C, may know it."""
        if name in SCOP:
            what = f"{name}, of NEURON's library, is not taken over"
            self.refuse(line, what, "Write in NMODL what it computes.")
        elif name in self.symbols.file.c_names:
            self.refuse(line, f"{name}, which C code defines", verbatim.WAY_OUT)
        elif name in C_MACROS:
            self.refuse(line, f"{name}, a macro of C", "Write its number.")
        elif HEADER in self.symbols.taken_away or not name.isidentifier():
            return
        elif called and not self.symbols.file.vectorized:
            self.refuse(line, f"{name} is not a function of NMODL", "Define it as a FUNCTION of the file.")
        else:
            self.wrong(line, f"{name} is not defined", "Declare it, or correct its name.")

    def _check_statements(self, block: sx.Block) -> None:
        """Refuse statements that are not taken over."""
        own = locals_of(block)
        for s, loops in walk_loops(block.body):
            match s:
                case sx.Refused():
                    self.refuse(s.line, s.what, s.way_out)
                case sx.Assign() if s.target.name not in own:
                    self._check_target(s, loops)
                case sx.If() | sx.While():
                    self._check_inside(block, s)
                case sx.LonDiffuse():
                    self.refuse(s.line, "LONGITUDINAL_DIFFUSION inside IF or FROM", "Write it at the top of the block.")
                case _:
                    pass

    def _check_diffusions(self) -> None:
        """Refuse two LONGITUDINAL_DIFFUSIONs of one state, which NEURON then lets diffuse twice."""
        for block in self.symbols.file.blocks:
            seen: set[str] = set()
            for s in find_statements(sx.LonDiffuse, block.body):
                for name in s.species:
                    if name in seen:
                        self.refuse(s.line, f"a second LONGITUDINAL_DIFFUSION of {name}", "Write one for each state.")
                    seen.add(name)

    def _check_returns(self) -> None:
        """Report a ``return`` of C with a value in a function of nocmodl that has none, or the reverse."""
        for block in self.symbols.file.blocks:
            empty = block.kind in NO_VALUE or (block.kind == "BREAKPOINT" and not self.symbols.currents)
            for s in find_statements(sx.Verbatim, block.body):
                for word, after in itertools.pairwise(split_c_tokens(s.text)):
                    if word == "return" and empty != (after == ";"):
                        what = f"return with{'' if empty else 'out'} a value in {block.kind} ({NO_BUILD})"
                        self.wrong(s.line, what, f"Write return{'' if empty else ' 0'};")

    def _check_order_of_solves(self) -> None:
        """Report orders of SOLVE for which nocmodl's code for CVODE does not compile.

        Its functions ``cvode_interface`` and ``cvode_valid`` decide what it writes.
        """
        counted, once, allowed, written, last = 0, False, True, False, 0
        breakpoint = [b for b in self.symbols.file.blocks if b.kind == "BREAKPOINT"]
        solves = [s for b in breakpoint for s in find_statements(sx.Solve, b.body)]
        for s in (s for s in solves if s.block in self.symbols.blocks):
            kind, method = self.symbols.blocks[s.block].kind, method_of(s, self.symbols.blocks)
            once_a_step = kind == "PROCEDURE" and s.method != ""
            if once_a_step or (kind == "DERIVATIVE" and not s.steady) or (kind == "KINETIC" and method is not None):
                allowed, counted = counted == 0, counted + 1
                written = allowed and not once_a_step
            elif not once:
                once, allowed, last = True, False, s.line
        if written and not allowed:
            what = f"this SOLVE after one that integrates ({NO_BUILD})"
            self.wrong(last, what, "Write it in front, or with METHOD after_cvode.")

    def _wrong_calls(self, e: sx.Expr) -> Iterable[str]:
        """Yield what is wrong about the number of arguments of each call."""
        for call in find_parts(sx.Call, e):
            block = self.symbols.blocks.get(call.name)
            asked = len(block.args) if block is not None and block.kind in CALLABLE else COUNTS.get(call.name)
            if asked is not None and asked != len(call.args):
                asked -= call.name == "nrn_ghk"  # a pass adds the temperature to a call with four
                yield f"{call.name} takes {asked} argument(s), not {len(call.args)}"

    def _check_inside(self, block: sx.Block, s: sx.If | sx.While) -> None:
        """Refuse what the passes left inside IF and loops: only the run decides whether it acts."""
        where = "IF" if isinstance(s, sx.If) else "WHILE, or FROM with bounds that are no numbers"
        for inner in walk((s,)):
            match inner:
                case sx.Conserve() | sx.Compartment():
                    what = f"{type(inner).__name__.upper()} of {block.name} inside {where}"
                    why = "NEURON's translator lets it act on the other reactions all the same"
                    self.refuse(inner.line, f"{what} ({why})", "Write it at the top of the block.")
                case sx.Equation():
                    what = f"an equation of {block.name} inside {where}"
                    self.refuse(inner.line, what, "Write one equation for each state, and IF in a variable of its own.")
                case sx.Reaction():
                    what = f"reactions of {block.name} inside {where}"
                    why = "NEURON's solver knows matrix elements by their order in the first step, and goes astray here"
                    way_out = "Write it outside, with rates that depend on the condition."
                    self.refuse(inner.line, f"{what} ({why})", way_out)
                case sx.Assign() | sx.Prime() | sx.Do() | sx.If() | sx.For() | sx.While() | sx.Break() | sx.Return():
                    pass
                case sx.Solve() | sx.Verbatim() | sx.Refused() | sx.LonDiffuse() | sx.Conductance():
                    pass
                case sx.Send() | sx.Watch():
                    pass
                case _:
                    unknown(inner)

    def _check_system(self, block: sx.Block) -> None:
        """Refuse a LINEAR or NONLINEAR block without one equation for each state, or whose equations are not linear."""
        states = states_of(block.body, self.symbols)
        every = list_elements(states, self.symbols)
        equations = [*find_statements(sx.Equation, block.body)]
        if not equations:
            return
        for s in equations:
            if wrong := [var for var in find_variables(sx.Binary("-", s.left, s.right), states) if var not in every]:
                what = f"{wrong[0].name} in an equation of {block.name}: not one of its elements, by number"
                self.refuse(s.line, what, "Name the element by a number, a DEFINEd name or the index of a FROM.")
                return
        if len(equations) != len(every) or block.kind == "NONLINEAR":
            what = f"{len(equations)} equation(s) for {len(every)} state(s) in {block.kind} {block.name}"
            self.refuse(block.line, what, "Write one equation for each state, array elements counted.")
            return
        for s in equations:
            self._check_linear(block, s, states)

    def _check_linear(self, block: sx.Block, s: sx.Equation, states: tuple[str, ...]) -> None:
        """Refuse an equation of a LINEAR block that is not linear."""
        try:
            equation_parts(s.left, s.right, states)
        except NotLinear:
            what = f"an equation of LINEAR {block.name} is not linear"
            self.refuse(s.line, what, "Write the equation so that it is.")

    def _check_target(self, s: sx.Assign, loops: set[str]) -> None:
        """Refuse assignments of what is not the mechanism's own."""
        name = s.target.name
        symbol = self.symbols.variables.get(name)
        if name in self.symbols.constants:
            self.refuse(s.line, f"{name} is a constant and is assigned", "Make it a PARAMETER.")
        elif symbol is not None and symbol.place == "env":
            self.refuse(s.line, f"{name} belongs to NEURON and is assigned", "Assign a variable of the mechanism.")
        elif name in loops:
            self.refuse(s.line, f"loop index {name} is assigned", "Use another variable.")


def stale_fluxes(body: tuple[sx.Statement, ...]) -> Iterator[int]:
    """Yield the lines that read ``f_flux`` or ``b_flux`` after braces that hold reactions.

    nocmodl's code for the step of CVode loses those braces, and does not compile.
    """
    stale = False
    for s in body:
        if stale and not bodies(s) and not isinstance(s, sx.LonDiffuse):
            read = {e.name for e in find_parts(sx.Var, *expressions(s))}
            if read & {*FLUXES}:
                yield s.line
        if any(find_statements(sx.Reaction, (s,))):
            stale = not isinstance(s, sx.Reaction)
        for inner in bodies(s):
            yield from stale_fluxes(inner)


def _written(block: sx.Block) -> set[str]:
    """Return the names from outside that a block sets."""
    return {s.target.name for s in find_statements(sx.Assign, block.body)} - locals_of(block)


def _used(block: sx.Block) -> set[str]:
    """Return the names from outside that a block reads or writes, including those of its TABLE."""
    table = block.table
    tabled: set[str] = set()
    if table is not None:
        tabled = {*table.names, *table.depend, *find_names(table.first), *find_names(table.last)}
    return (tabled | _written(block) | {name for s in walk(block.body) for name in find_own_names(s)}) - locals_of(
        block
    )
