"""Describe a mechanism as code generation needs it: the intermediate representation.

In: nothing (records only). Out: ``MechanismIR``, from which ``codegen`` writes Python.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jxneuron.nmodl.analysis.table_plan import TablePlan
from jxneuron.nmodl.frontend.methods import Method
from jxneuron.nmodl.frontend.symbols import CurrentUse, Symbol
from jxneuron.nmodl.syntax import nodes as sx

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
    """``initial``, ``current``, ``advance``, a BEFORE or AFTER block, or the coefficients of a diffusion.

    Attributes:
        doc: the docstring of its function.
        outputs: variables that it returns.
        currents: currents that it computes.
        half: it needs half of dt where ``secondorder`` is not 0.
        argument: for a diffusion, the name of the index of the element.
        state: for a diffusion, the state that diffuses.
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


@dataclass(frozen=True)
class MechanismIR:
    """A mechanism; in ``functions`` a block comes after those that it calls."""

    name: str
    kind: Literal["density", "point"]
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
