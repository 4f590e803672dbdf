"""Every METHOD of SOLVE, and what the compiler has to know of it.

In: nothing (records only). Out: one table; its solvers are functions of ``jxneuron.mech.solvers``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jxneuron.nmodl.syntax import nodes as sx


@dataclass(frozen=True)
class Method:
    """One METHOD.

    Attributes:
        name: as SOLVE gives it, empty where it gives none.
        solves: kind of block.
        solver: the function that advances the states of the block; empty where the block's own code does.
        takes_dt: the solver takes dt, half of it where ``secondorder`` is not 0.
        repeats: the solver evaluates the block several times.
    """

    name: str
    solves: str
    solver: str = ""
    takes_dt: bool = False
    repeats: bool = False


METHODS = (
    Method("cnexp", "DERIVATIVE"),
    Method("derivimplicit", "DERIVATIVE", "derivimplicit", takes_dt=True, repeats=True),
    Method("euler", "DERIVATIVE", "euler", takes_dt=True),
    Method("runge", "DERIVATIVE", "runge", takes_dt=True, repeats=True),
    Method("", "DERIVATIVE", "unadvanced", takes_dt=True),
    Method("sparse", "KINETIC", "sparse", takes_dt=True, repeats=True),
    Method("", "LINEAR", "linear"),
    Method("", "NONLINEAR", "nonlinear", repeats=True),
    Method("", "PROCEDURE"),
    Method("after_cvode", "PROCEDURE"),
    Method("cvode_t", "PROCEDURE"),
    Method("cvode_v", "PROCEDURE"),
)
SOLVED = tuple(dict.fromkeys(method.solves for method in METHODS))
BY_SOLVER = {method.solver: method for method in METHODS if method.solver}
STEADY = ("KINETIC", "sparse")  # by derivimplicit NEURON moves 1e-9 ms, and fails where there are two instances
OF_KIND = {"KINETIC": "sparse", "LINEAR": "linear", "NONLINEAR": "nonlinear"}  # the only solver of such a block


def methods_of(kind: str) -> dict[str, Method]:
    """The methods by which a kind of block is solved, by name."""
    return {method.name: method for method in METHODS if method.solves == kind}


def advancing(block: sx.Block, solvers: Mapping[str, str]) -> Method | None:
    """Return the method whose solver evaluates a block; None where the block's own code advances its states.

    Args:
        block: a block that something SOLVEs.
        solvers: by which solver a DERIVATIVE or NONLINEAR block is evaluated, by its name.
    """
    return BY_SOLVER.get(solvers.get(block.name, OF_KIND.get(block.kind, "")))
