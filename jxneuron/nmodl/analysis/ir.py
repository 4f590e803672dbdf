"""Describe a mechanism as code generation needs it: the intermediate representation.

In: nothing (records only). Out: ``MechanismIR``, from which ``codegen`` writes Python.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jxneuron.nmodl.analysis.table_plan import TablePlan
from jxneuron.nmodl.frontend.methods import Method
from jxneuron.nmodl.frontend.symbols import CurrentUse, Stream, Symbol
from jxneuron.nmodl.syntax import nodes as sx

DIFFUSED = ("coefficient", "volume")  # the locals that hold the coefficients of a diffusion
WATCH = "watch_"  # and a number: the function of a WATCH
Kind = Literal["density", "point", "artificial"]
Storage = Literal["p", "s", "none"]
Form = Literal["plain", "cnexp", "slopes", "kinetic", "linear"]


@dataclass(frozen=True)
class FieldIR:
    """A field and where it is kept: ``p``, ``s`` or ``none``."""

    symbol: Symbol
    storage: Storage


@dataclass(frozen=True)
class Function:
    """A block as a Python function.

    Attributes:
        outputs: what it returns in addition to a FUNCTION's value.
        states: states of a block that a solver evaluates.
        form: ``plain``, ``cnexp``, ``slopes`` (the equations of a DERIVATIVE), ``kinetic`` or ``linear``.
        linear: for ``kinetic``: one solve is exact.
        method: the METHOD whose solver evaluates the block; None where its own code advances its states.
        plan: how its TABLE is built.
    """

    block: sx.Block
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    states: tuple[str, ...] = ()
    form: Form = "plain"
    linear: bool = False
    method: Method | None = None
    plan: TablePlan | None = None


@dataclass(frozen=True)
class Entry:
    """``initial``, ``current``, ``advance``, a BEFORE or AFTER block, what diffuses, or what takes events.

    Attributes:
        doc: the docstring of its function.
        outputs: variables that it returns.
        currents: currents that it computes.
        half: it needs half of dt where ``secondorder`` is not 0.
        argument: for a diffusion, the name of the index of the element.
        state: for a diffusion, the state that diffuses.
        weights: for what takes an event, the weights of its connection and the local that holds each one.
        flag: likewise the local that holds the flag; "" elsewhere.
        set_weights: weights that the body may set.
        sent: what it asks of the event queue.
    """

    name: str
    doc: str
    body: tuple[sx.Statement, ...]
    locals: tuple[sx.Local, ...]
    outputs: tuple[str, ...]
    currents: tuple[str, ...] = ()
    half: bool = False
    argument: str = ""
    state: str = ""
    weights: tuple[tuple[str, str], ...] = ()
    flag: str = ""
    set_weights: tuple[str, ...] = ()
    sent: tuple[sx.Sent, ...] = ()

    @property
    def arguments(self) -> tuple[str, ...]:
        """Return the LOCALs that an event sets."""
        return (*(local for _, local in self.weights), self.flag) if self.flag else ()

    @property
    def results(self) -> tuple[str, ...]:
        """Return the LOCALs that the entry returns."""
        if self.argument:
            return DIFFUSED
        if self.name.startswith(WATCH):
            return (sx.CONDITION,)
        weights = tuple(local for weight, local in self.weights if weight in self.set_weights)
        return (*weights, *(name for sent in self.sent for name in (sent.when, sent.time, sent.flag) if name))


@dataclass(frozen=True)
class MechanismIR:
    """A mechanism; in ``functions`` a block comes after those that it calls."""

    name: str
    kind: Kind
    source_lines: sx.SourceLines
    fields: tuple[FieldIR, ...]
    ions: tuple[sx.Ion, ...]
    variables: dict[str, Symbol]
    constants: dict[str, float]
    currents: tuple[CurrentUse, ...]
    functions: tuple[Function, ...]
    entries: tuple[Entry, ...]
    linear_in_v: bool
    sequential: tuple[str, ...] = ()
    streams: tuple[Stream, ...] = ()

    @property
    def takes_events(self) -> bool:
        """True where it has a NET_RECEIVE."""
        return any(entry.flag for entry in self.entries)
