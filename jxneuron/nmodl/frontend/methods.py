"""List every METHOD of SOLVE, and what the compiler has to know about it.

In: nothing (records only). Out: one table; the solvers that it names are functions of ``jxneuron.mech.solvers``.

Source: nocmodl's solve.cpp and deriv.cpp.
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
        other_times: the solver evaluates the block at times other than t.
        newton: Newton's iteration: the block needs one equation for each state, and a SOLVE of it that names no METHOD
            uses this one where another SOLVE does.
        steady: SOLVE may say STEADYSTATE. By derivimplicit NEURON then moves 1e-9 ms, and fails with two instances.
        inlined: nocmodl writes the step into the function of the block: calling the block by name takes one more step,
            and a second SOLVE does not translate.
        fallback: the method that nocmodl uses where it cannot form the terms ``a + b*y`` of every equation.
    """

    name: str
    solves: sx.BlockKind
    solver: str = ""
    takes_dt: bool = False
    repeats: bool = False
    other_times: bool = False
    newton: bool = False
    steady: bool = False
    inlined: bool = False
    fallback: str = ""


METHODS = (
    Method("cnexp", "DERIVATIVE", inlined=True, fallback="derivimplicit"),
    Method("derivimplicit", "DERIVATIVE", "derivimplicit", takes_dt=True, repeats=True, newton=True),
    Method("euler", "DERIVATIVE", "euler", takes_dt=True),
    Method("runge", "DERIVATIVE", "runge", takes_dt=True, repeats=True, other_times=True),
    Method("", "DERIVATIVE", "unadvanced", takes_dt=True),
    Method("sparse", "KINETIC", "sparse", takes_dt=True, repeats=True, steady=True),
    Method("", "LINEAR", "linear"),
    Method("", "NONLINEAR", "nonlinear", repeats=True),
    Method("", "PROCEDURE"),
    Method("after_cvode", "PROCEDURE"),
    Method("cvode_t", "PROCEDURE"),
    Method("cvode_v", "PROCEDURE"),
)
SOLVED = tuple(dict.fromkeys(method.solves for method in METHODS))
BY_SOLVER = {method.solver: method for method in METHODS if method.solver}
OF_KIND = {"KINETIC": "sparse", "LINEAR": "linear", "NONLINEAR": "nonlinear"}  # the only solver of such a block


def methods_of(kind: sx.BlockKind) -> dict[str, Method]:
    """Return the methods that solve a kind of block, by name."""
    return {method.name: method for method in METHODS if method.solves == kind}


def method_of(solve: sx.Solve, blocks: Mapping[str, sx.Block]) -> Method | None:
    """Return the method that a SOLVE names; None where there is no such block, or no such method for it."""
    block = blocks.get(solve.block)
    return methods_of(block.kind).get(solve.method) if block is not None else None


def advancing(block: sx.Block, solvers: Mapping[str, str]) -> Method | None:
    """Return the method whose solver evaluates a block; None where the block's own code advances its states.

    Args:
        block: a block that something SOLVEs.
        solvers: the solver that evaluates a DERIVATIVE or NONLINEAR block, by the name of the block.
    """
    return BY_SOLVER.get(solvers.get(block.name, OF_KIND.get(block.kind, "")))
