"""Say of each name of a file what it is and where its value lives.

In: ``syntax.File``. Out: ``Symbols``.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from jxneuron.ions import ion_names
from jxneuron.nmodl.frontend import units
from jxneuron.nmodl.report import Report
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.visit import bodies, find_parts, find_statements, unknown, walk
from jxneuron.nmodl.syntax.walk import free_name

ENV = ("t", "dt", "celsius", "diam", "area")
USETABLE = "usetable"
PSEUDO = ("secondorder", "tables", "function_tables", USETABLE)
MATH = {
    "exp": 1, "log": 1, "log10": 1, "sqrt": 1, "sin": 1, "cos": 1, "tan": 1, "asin": 1, "acos": 1,
    "atan": 1, "atan2": 2, "sinh": 1, "cosh": 1, "tanh": 1, "fabs": 1, "abs": 1, "floor": 1, "ceil": 1,
    "fmod": 2, "pow": 2, "fmin": 2, "fmax": 2, "erf": 1, "nrn_ghk": 5, "hyperbol": 3, "revhyperbol": 3,
    "sigmoid": 4, "revsigmoid": 4, "harmonic": 4, "gauss": 3,
    # of mech.random123, under names that no NMODL text can hold
    "random123.ipick": 5, "random123.uniform": 5, "random123.pair": 5, "random123.normal": 5, "random123.sequence": 1,
    "random123.pick": 8, "random123.picked": 8,
}  # fmt: skip
# Functions of C: nocmodl does not know them, and hands them the arguments of thread-safe functions in addition
OF_C = ("abs", "fmin", "fmax")
# Names that nocmodl knows, and that are not taken over
SCOP = (
    "threshold", "squarewave", "sawtooth", "revsawtooth", "ramp", "pulse", "perpulse", "step", "perstep", "stepforce",
    "schedule", "force", "deflate", "expfit", "derivs", "spline", "boundary", "romberg", "legendre", "invert",
    "factorial", "poisson", "error", "prterr", "nrn_pointing", "nrn_random_play",
)  # fmt: skip
SILENT = ("at_time", "printf", "fprintf")
EVENTS = ("net_send", "net_event", "net_move", "state_discontinuity", "flag")
RANDOM = (
    "scop_random", "normrand", "exprand", "poisrand", "set_seed", "random_setseq", "random_setids", "random_uniform",
    "random_negexp", "random_normal", "random_ipick", "random_dpick",
)  # fmt: skip
C_NUMBERS = {
    "M_E": math.e, "M_LOG2E": 1.4426950408889634, "M_LOG10E": 0.4342944819032518, "M_LN2": 0.6931471805599453,
    "M_LN10": 2.302585092994046, "M_PI": math.pi, "M_PI_2": math.pi / 2, "M_PI_4": math.pi / 4,
    "M_1_PI": 1 / math.pi, "M_2_PI": 2 / math.pi, "M_2_SQRTPI": 1.1283791670955126, "M_SQRT2": 2**0.5,
    "M_SQRT1_2": 0.5**0.5,
}  # fmt: skip
C_MACROS = ("INFINITY", "NAN", "HUGE_VAL", "RAND_MAX")

Place = Literal["field", "v", "env", "ion", "pointer"]


@dataclass(frozen=True)
class Symbol:
    """One variable.

    Attributes:
        place: ``field`` of the mechanism, the voltage ``v``, NEURON's own (``env``), an ion's variable, or what a
            POINTER shows.
        scope: as in ``mech.mechanism.Field``.
        loads, stores: an ion variable that is copied in before, and back after, each entry.
    """

    name: str
    place: Place
    role: Literal["parameter", "assigned", "state"] = "assigned"
    scope: Literal["range", "global", "instance", "file"] = "instance"
    unit: str = ""
    size: int = 0
    value: float = 0.0
    lower: float | None = None
    upper: float | None = None
    loads: bool = False
    stores: bool = False
    line: int = 0

    @property
    def uniform(self) -> bool:
        """True where all instances share the value from outside."""
        return self.name in ("t", "dt", "celsius", *PSEUDO) if self.place == "env" else self.scope in ("global", "file")


@dataclass(frozen=True)
class CurrentUse:
    """A current that BREAKPOINT sets."""

    name: str
    ion: str | None = None
    electrode: bool = False
    line: int = 0


@dataclass(frozen=True)
class Stream:
    """A stream of random numbers of each instance.

    Attributes:
        name: in the code; the variable of that name holds its sequence.
        ids: the variable that holds its ids and NEURON's global index, an array of 4.
        law: for a POINTER to a stream, the variable that holds the law of its numbers, an array of 3; else "".
        place: which POINTER of the file it is, in their order.
    """

    name: str
    ids: str
    law: str = ""
    place: int = 0
    line: int = 0


@dataclass(frozen=True)
class Symbols:
    """Every name of the file."""

    file: sx.File
    variables: dict[str, Symbol]
    constants: dict[str, float]
    blocks: dict[str, sx.Block]
    currents: tuple[CurrentUse, ...]
    streams: tuple[Stream, ...] = ()

    @property
    def taken_away(self) -> frozenset[str]:
        """Return the names that refused constructs may define or set.

        Findings about them would only follow from the refusal.
        """
        inside = (s for block in self.blocks.values() for s in find_statements(sx.Refused, block.body))
        return frozenset(name for s in (*self.file.refused, *inside) for name in s.names)


def resolve(file: sx.File, report: Report) -> Symbols:
    """Say what each declared name is; report units that are not known.

    Args:
        file: the syntax of the file.
        report: takes what is wrong.
    """
    constants = _constants(file, report)
    ions = _ion_symbols(file)
    currents = _currents(file)
    variables: dict[str, Symbol] = {name: Symbol(name, "env") for name in (*PSEUDO, *ENV)}
    variables["v"] = Symbol("v", "v")
    ranges = {name for name, _ in file.ranges} | {name for name, _ in (*file.nonspecific, *file.electrode)}
    shared = {name for name, _ in file.globals}
    for declared in file.declared:
        if declared.block == "CONSTANT":
            continue
        symbol = _symbol(declared, ions, ranges, shared)
        old = variables.get(declared.name)
        variables[declared.name] = symbol if old is None or old.role == "assigned" else _joined(old, symbol)
    for name, symbol in ions.items():
        variables.setdefault(name, symbol)
    for name, line in file.pointers:
        unit = variables[name].unit if name in variables else ""
        variables[name] = Symbol(name, "pointer", unit=unit, loads=True, stores=True, line=line)
    for use in currents:
        variables.setdefault(use.name, Symbol(use.name, "field", scope="range", line=use.line))
    for name, line in file.globals if file.threadsafe else ():
        if name in _assigned(file):  # declared so, as a variable of each thread
            variables.setdefault(name, Symbol(name, "field", scope="file", line=line))
    constants = {name: value for name, value in C_NUMBERS.items() if name not in variables} | constants
    blocks = {block.name: block for block in file.blocks}
    streams = _streams(file, {*variables, *constants, *blocks})
    for stream in streams:
        variables[stream.name] = Symbol(stream.name, "field", line=stream.line)
        variables[stream.ids] = Symbol(stream.ids, "field", size=4, line=stream.line)
    return Symbols(file, variables, constants, blocks, currents, streams)


def _streams(file: sx.File, taken: Collection[str]) -> tuple[Stream, ...]:
    return tuple(Stream(name, free_name(f"{name}_ids", taken), line=line) for name, line in file.random)


def _assigned(file: sx.File) -> set[str]:
    """Return the names that a block assigns outside of its own arguments and LOCALs."""
    return {
        s.target.name
        for block in file.blocks
        for s in walk(block.body)
        if isinstance(s, sx.Assign) and s.target.name not in {*block.args, *block.local_names}
    }


def _joined(old: Symbol, new: Symbol) -> Symbol:
    """Return which symbol counts for a name declared twice (a PARAMETER that is also a STATE's START value)."""
    return old if new.role == "assigned" else new


def _symbol(declared: sx.Declared, ions: dict[str, Symbol], ranges: set[str], shared: set[str]) -> Symbol:
    name, role = declared.name, declared.block.lower()
    if name == "v":
        return Symbol(name, "v", line=declared.line)
    if name in ENV:
        return Symbol(name, "env", line=declared.line)
    ion = ions.get(name)
    if ion is not None and ion.place == "ion":
        kind = "state" if role == "state" else "assigned"
        return Symbol(name, "ion", kind, unit=declared.unit, loads=ion.loads, stores=ion.stores, line=declared.line)
    scope = "instance"
    if role == "local":
        scope = "file"
    elif name in ranges or role == "state":
        scope = "range"
    elif name in shared or role == "parameter":
        scope = "global"
    return Symbol(
        name,
        "field",
        "state" if role == "state" else "parameter" if role == "parameter" else "assigned",
        scope,
        declared.unit,
        declared.size,
        float(f"{declared.value or 0.0:g}"),  # nocmodl writes six digits of it into the C++ text
        declared.lower,
        declared.upper,
        line=declared.line,
    )


def _ion_symbols(file: sx.File) -> dict[str, Symbol]:
    """Return the ion variables: those READ, and written concentrations and reversals.

    A current that is only written is the mechanism's own.
    """
    symbols: dict[str, Symbol] = {}
    for ion in file.ions:
        names = ion_names(ion.name)
        for name in ion.reads:
            symbols[name] = Symbol(name, "ion", loads=True, line=ion.line)
        for name in ion.writes:
            if name in names.concentrations:
                symbols[name] = Symbol(name, "ion", loads=True, stores=True, line=ion.line)
            elif name == names.e:
                symbols[name] = Symbol(name, "ion", loads=name in ion.reads, stores=True, line=ion.line)
            elif name == names.current and name not in symbols:
                symbols[name] = Symbol(name, "field", scope="instance", line=ion.line)
    return symbols


def _currents(file: sx.File) -> tuple[CurrentUse, ...]:
    uses = [CurrentUse(name, line=line) for name, line in file.nonspecific]
    uses += [CurrentUse(name, electrode=True, line=line) for name, line in file.electrode]
    names = {ion.name: ion_names(ion.name) for ion in file.ions}
    writers = [ion for ion in file.ions if names[ion.name].current in ion.writes]
    uses += [CurrentUse(names[ion.name].current, ion.name, line=ion.line) for ion in writers]
    return tuple(sorted(uses, key=lambda use: use.line))


def _constants(file: sx.File, report: Report) -> dict[str, float]:
    """Return the values of CONSTANT and of UNITS.

    nocmodl looks units up in UNITS only, and there none beside a number (parse1.ypp).
    """
    own: dict[str, units.Unit] = {}
    constants: dict[str, float] = {d.name: d.value or 0.0 for d in file.declared if d.block == "CONSTANT"}
    for definition in file.units:
        if definition.target is not None and definition.value is not None:
            constants[definition.name] = definition.value
            continue
        try:
            unit = units.evaluate(definition.text, own)
            if definition.target is None:
                own[definition.name] = unit
            else:
                constants[definition.name] = units.divide_units(unit, units.evaluate(definition.target, own))
        except units.UnitError as error:
            report.wrong(definition.line, str(error), "Correct it, or define it in UNITS.")
            constants.setdefault(definition.name, 1.0)
    return constants


def list_elements(states: Iterable[str], symbols: Symbols) -> list[sx.Var]:
    """Return the states, each array as its elements."""
    sizes = [(name, symbols.variables[name].size) for name in states]
    return [
        sx.Var(name, sx.Num(float(k)) if size else None) for name, size in sizes for k in range(size if size else 1)
    ]


def states_of(body: tuple[sx.Statement, ...], symbols: Symbols) -> tuple[str, ...]:
    """Return the states that a DERIVATIVE, KINETIC or LINEAR body solves for, in order of appearance."""
    solved = dict.fromkeys(name for s in _outside_while(body) for name in _solved_for(s))
    variables = symbols.variables
    return tuple(name for name in solved if name in variables and variables[name].role == "state")


def _solved_for(s: sx.Statement) -> list[str]:
    """Return the names for which the solver of a statement's block solves it."""
    match s:
        case sx.Prime():
            return [s.state.name]
        case sx.Reaction():
            return [var.name for _, var in (*s.left, *s.right)]
        case sx.Conserve():
            return [var.name for _, var in s.terms]
        case sx.Equation():
            return [e.name for side in (s.left, s.right) for e in find_parts(sx.Var, side)]
        case sx.Assign() | sx.Do() | sx.If() | sx.For() | sx.While() | sx.Break() | sx.Return() | sx.Solve():
            return []
        case sx.Verbatim() | sx.Refused() | sx.Compartment() | sx.LonDiffuse() | sx.Conductance():
            return []
        case sx.Send() | sx.Watch():
            return []
        case _:
            unknown(s)


def _outside_while(body: tuple[sx.Statement, ...]) -> Iterator[sx.Statement]:
    for s in body:
        yield s
        for inner in () if isinstance(s, sx.While) else bodies(s):
            yield from _outside_while(inner)
