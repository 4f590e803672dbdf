"""What the emitter needs to know of a mechanism.

In: nothing (records only). Out: ``MechanismIR``, frozen; text is made from it once, by ``emit``.
"""

from __future__ import annotations

from dataclasses import dataclass

from jxneuron.nmodl.analysis.table_plan import TablePlan
from jxneuron.nmodl.frontend.symbols import CurrentUse, Symbol
from jxneuron.nmodl.syntax import nodes as sx


@dataclass(frozen=True)
class FieldIR:
    """A field and where it is held."""

    symbol: Symbol
    held: str


@dataclass(frozen=True)
class Function:
    """A block as a Python function.

    Attributes:
        outputs: what it returns besides a FUNCTION's value.
        states: states of a block that a solver evaluates.
        form: ``plain``, ``cnexp``, ``slopes`` (the equations of a DERIVATIVE), ``kinetic`` or ``linear``.
        linear: for ``kinetic``: one solve is exact.
        solver: for ``slopes``: the function of ``mech`` that steps them.
        plan: how its TABLE is built.
    """

    block: sx.Block
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    states: tuple[str, ...] = ()
    form: str = "plain"
    linear: bool = False
    solver: str = ""
    plan: TablePlan | None = None


@dataclass(frozen=True)
class Entry:
    """``initial``, ``current``, ``advance``, a BEFORE or AFTER block, or the coefficients of a diffusion.

    A body, its locals, and what it hands out. ``argument``: of a diffusion, the name of its state's element.
    """

    name: str
    doc: str
    body: tuple[sx.Statement, ...]
    locals: tuple[str, ...]
    outputs: tuple[str, ...]
    currents: tuple[str, ...] = ()
    half: bool = False
    argument: str = ""


def diffusing(entry: Entry) -> str:
    """The state of a diffusion."""
    return entry.name.removeprefix(sx.DIFFUSION.lower() + "_")


@dataclass(frozen=True)
class MechanismIR:
    """``functions`` stand in the order in which they call each other, callees first."""

    name: str
    kind: str
    places: sx.Places
    fields: tuple[FieldIR, ...]
    ions: tuple[sx.Ion, ...]
    variables: dict[str, Symbol]
    constants: dict[str, float]
    currents: tuple[CurrentUse, ...]
    functions: tuple[Function, ...]
    entries: tuple[Entry, ...]
    linear_in_v: bool
    sequential: tuple[str, ...] = ()
