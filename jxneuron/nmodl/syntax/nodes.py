"""Define the frozen syntax of one NMODL file.

In: nothing (records only). Out: the records that every later stage reads and rewrites. Each statement
carries the line of the source it came from; expressions do not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from jxneuron.errors import Finding


@dataclass(frozen=True)
class Num:
    """A number; NMODL's integers are doubles."""

    value: float


@dataclass(frozen=True)
class Var:
    """A variable, or one element of an array."""

    name: str
    index: Expr | None = None


FileKind = Literal["SUFFIX", "POINT_PROCESS", "ARTIFICIAL_CELL"]  # the word before the mechanism's name
DeclaringBlock = Literal["PARAMETER", "ASSIGNED", "STATE", "CONSTANT", "LOCAL"]  # LOCAL: at file scope
Moment = Literal["BEFORE INITIAL", "AFTER INITIAL", "BEFORE BREAKPOINT", "AFTER SOLVE", "BEFORE STEP"]
BlockKind = (
    Moment
    | Literal["INITIAL", "BREAKPOINT", "DERIVATIVE", "KINETIC", "LINEAR", "NONLINEAR", "FUNCTION", "PROCEDURE"]
    | Literal["LONGITUDINAL_DIFFUSION", "NET_RECEIVE", "NET_RECEIVE INITIAL", "WATCH", "ENTRY"]
)
# Blocks that NEURON runs at moments of their own, and what ``mech.mechanism`` calls them
MOMENTS: dict[Moment, str] = {
    "BEFORE INITIAL": "before_initial",
    "AFTER INITIAL": "after_initial",
    "BEFORE BREAKPOINT": "before_breakpoint",
    "AFTER SOLVE": "after_solve",
    "BEFORE STEP": "before_step",
}
QUOTIENT = "//"  # of an index or a loop's bound
NO_ELEMENT = -1  # the size of an array that is declared with none
DIFFUSION: Literal["LONGITUDINAL_DIFFUSION"] = "LONGITUDINAL_DIFFUSION"
RECEIVING: tuple[BlockKind, ...] = ("NET_RECEIVE", "NET_RECEIVE INITIAL")  # both have weights and ``flag``
# What NEURON runs by itself; everything else is called from there
ENTRIES: tuple[BlockKind, ...] = ("INITIAL", "BREAKPOINT", *MOMENTS, DIFFUSION, *RECEIVING, "WATCH")
CONDITION = "condition"  # the LOCAL that holds the value of a WATCH
SENDING = {"net_send": "send", "net_event": "event", "net_move": "move"}  # what ``mech.mechanism`` calls them


@dataclass(frozen=True)
class Call:
    """A function and its arguments."""

    name: str
    args: tuple[Expr, ...] = ()


@dataclass(frozen=True)
class LookUp:
    """The value that the data of a FUNCTION_TABLE have at its arguments: the whole body of that FUNCTION."""

    table: str
    args: tuple[Expr, ...]


@dataclass(frozen=True)
class Derivative:
    """``state'`` as a value."""

    state: Var


@dataclass(frozen=True)
class Text:
    """A text between quotes, which only a function of C takes."""

    text: str


@dataclass(frozen=True)
class Cast:
    """An index that is known only while the model runs: C cuts the value towards zero."""

    arg: Expr


@dataclass(frozen=True)
class Unary:
    """``op`` is ``-`` or ``!``."""

    op: str
    arg: Expr


@dataclass(frozen=True)
class Binary:
    """``op`` is one of ``+ - * / ^ < > <= >= == != && ||``, or ``//`` of whole numbers, cut towards zero as in C."""

    op: str
    left: Expr
    right: Expr


Expr = Num | Var | Call | LookUp | Derivative | Text | Cast | Unary | Binary


def cast_index(var: Var) -> Expr | None:
    """Return the value that C casts to the index of an element, None where the index is known before the run."""
    return var.index.arg if isinstance(var.index, Cast) else None


@dataclass(frozen=True)
class Assign:
    """``target = value``."""

    target: Var
    value: Expr
    line: int = 0


@dataclass(frozen=True)
class Prime:
    """``state' = value``."""

    state: Var
    value: Expr
    line: int = 0


@dataclass(frozen=True)
class Do:
    """A call whose value is not used."""

    call: Call
    line: int = 0


@dataclass(frozen=True)
class If:
    """Both sides of an IF."""

    condition: Expr
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...] = ()
    line: int = 0


@dataclass(frozen=True)
class For:
    """``FROM index = first TO last BY step``, the last included."""

    index: str
    first: Expr
    last: Expr
    body: tuple[Statement, ...]
    line: int = 0
    step: int = 1


@dataclass(frozen=True)
class While:
    """``WHILE (condition)``; also a FROM whose bounds are known while the model runs only."""

    condition: Expr
    body: tuple[Statement, ...]
    line: int = 0


@dataclass(frozen=True)
class Break:
    """Leaves the loop."""

    line: int = 0


@dataclass(frozen=True)
class Return:
    """Leaves the block."""

    line: int = 0


@dataclass(frozen=True)
class Solve:
    """``method`` is empty where the file gives none; ``steady`` for STEADYSTATE."""

    block: str
    method: str = ""
    steady: bool = False
    line: int = 0


@dataclass(frozen=True)
class Verbatim:
    """C code."""

    text: str
    line: int = 0


@dataclass(frozen=True)
class Reaction:
    """``~ left op right (rates)``; a side is ``((count, species), ...)``, ``op`` is ``<->``, ``->`` or ``<<``."""

    left: tuple[tuple[int, Var], ...]
    op: str
    right: tuple[tuple[int, Var], ...]
    rates: tuple[Expr, ...]
    line: int = 0


@dataclass(frozen=True)
class LonDiffuse:
    """``LONGITUDINAL_DIFFUSION [index,] rate {species}``."""

    index: str | None
    rate: Expr
    species: tuple[str, ...]
    line: int = 0


@dataclass(frozen=True)
class Compartment:
    """``COMPARTMENT index, volume {species}``."""

    index: str | None
    volume: Expr
    species: tuple[str, ...]
    line: int = 0


@dataclass(frozen=True)
class Conserve:
    """``CONSERVE terms = value``."""

    terms: tuple[tuple[int, Var], ...]
    value: Expr
    line: int = 0


@dataclass(frozen=True)
class Equation:
    """``~ left = right`` of a LINEAR block."""

    left: Expr
    right: Expr
    line: int = 0


@dataclass(frozen=True)
class Conductance:
    """``CONDUCTANCE slope``: NEURON takes the variable for the slope of a current."""

    slope: Var
    line: int = 0


@dataclass(frozen=True)
class Send:
    """``net_send``, ``net_event`` or ``net_move``.

    Attributes:
        kind: ``send``, ``event`` or ``move``.
        time: when it is to happen, in ms from the start of the run: nocmodl writes ``t +`` before the text of
            net_send's first argument.
        flag: of a net_send.
    """

    kind: str
    time: Expr
    flag: Expr | None = None
    line: int = 0


@dataclass(frozen=True)
class Watch:
    """``WATCH (left > right) flag``: ``value`` is above 0 where the condition holds."""

    value: Expr
    flag: Expr
    line: int = 0


@dataclass(frozen=True)
class Refused:
    """A statement that is not taken over: what it is, the way out, and the names that it may define or set."""

    what: str
    way_out: str
    line: int = 0
    names: tuple[str, ...] = ()


Statement = (
    Assign
    | Prime
    | Do
    | If
    | For
    | While
    | Break
    | Return
    | Solve
    | Verbatim
    | Reaction
    | Compartment
    | LonDiffuse
    | Conserve
    | Equation
    | Conductance
    | Send
    | Watch
    | Refused
)


@dataclass(frozen=True)
class Table:
    """``TABLE names DEPEND depend FROM first TO last WITH count``; no names in a FUNCTION."""

    names: tuple[str, ...]
    depend: tuple[str, ...]
    first: Expr
    last: Expr
    count: int
    line: int = 0


@dataclass(frozen=True)
class Local:
    """A LOCAL of a block; ``size`` is 0 for one number."""

    name: str
    size: int = 0


@dataclass(frozen=True)
class Sent:
    """The LOCALs in which a block leaves what one place in it asks of the queue.

    Attributes:
        kind: ``send``, ``event`` or ``move``, or ``watch``.
        when: is not 0 where the block comes past that place.
        time: when it is to happen; "" for a WATCH.
        flag: of the event; "" for a net_event and a net_move.
    """

    kind: str
    when: str
    time: str = ""
    flag: str = ""


@dataclass(frozen=True)
class Block:
    """One block of statements.

    Attributes:
        kind: the NMODL keyword (``PROCEDURE``, ``INITIAL``, ...); ``ENTRY`` for the statements of an entry.
        again: lines of blocks that joined it.
        state: what diffuses, in the block that says how fast.
        sent: what it asks of the queue, in the order of the text.
    """

    kind: BlockKind
    name: str
    args: tuple[str, ...]
    body: tuple[Statement, ...]
    locals: tuple[Local, ...] = ()
    table: Table | None = None
    line: int = 0
    again: tuple[int, ...] = ()
    state: str = ""
    sent: tuple[Sent, ...] = ()

    @property
    def local_names(self) -> tuple[str, ...]:
        """Return the names of its LOCALs."""
        return tuple(local.name for local in self.locals)


@dataclass(frozen=True)
class Declared:
    """One name of PARAMETER, ASSIGNED, STATE, CONSTANT or a LOCAL at file scope."""

    name: str
    block: DeclaringBlock
    unit: str = ""
    size: int = 0
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    line: int = 0


@dataclass(frozen=True)
class Ion:
    """A USEION statement."""

    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    valence: float | None = None
    line: int = 0


@dataclass(frozen=True)
class UnitDefinition:
    """``(name) = (text)`` or, with ``target``, the constant ``name = (text) (target)``."""

    name: str
    text: str
    target: str | None = None
    value: float | None = None
    line: int = 0


@dataclass(frozen=True)
class SourceLines:
    """Where the lines of a text came from; ``lines`` is empty where all are those of ``file``."""

    file: str
    lines: tuple[tuple[str, int], ...] = ()

    def at(self, line: int) -> str:
        """Return ``file.mod:line``."""
        name, own = self.lines[line - 1] if 0 < line <= len(self.lines) else (self.file, line)
        return f"{name}:{own}"


@dataclass(frozen=True)
class File:
    """What one ``.mod`` file says, in its own order.

    Attributes:
        threadsafe: it says THREADSAFE.
        c_names: the words of its VERBATIM blocks.
        opaque: BBCOREPOINTERs.
        random: names of RANDOM, each of which declares a stream of random numbers.
        notes: what nocmodl makes of the text that a user may not expect, with its line.
        stops: why nocmodl does not take the text.
        vectorized: nocmodl calls the mechanism thread-safe.
    """

    source_lines: SourceLines
    suffix: str = ""
    kind: FileKind = "SUFFIX"
    ranges: tuple[tuple[str, int], ...] = ()
    globals: tuple[tuple[str, int], ...] = ()
    nonspecific: tuple[tuple[str, int], ...] = ()
    electrode: tuple[tuple[str, int], ...] = ()
    pointers: tuple[tuple[str, int], ...] = ()
    opaque: tuple[tuple[str, int], ...] = ()
    random: tuple[tuple[str, int], ...] = ()
    ions: tuple[Ion, ...] = ()
    units: tuple[UnitDefinition, ...] = ()
    declared: tuple[Declared, ...] = ()
    blocks: tuple[Block, ...] = ()
    refused: tuple[Refused, ...] = ()
    defines: tuple[tuple[str, int], ...] = field(default=())
    threadsafe: bool = False
    c_names: frozenset[str] = frozenset()
    notes: tuple[tuple[str, int], ...] = ()
    stops: tuple[Finding, ...] = ()
    vectorized: bool = False

    @property
    def name(self) -> str:
        """Return the file's name in messages."""
        return self.source_lines.file
