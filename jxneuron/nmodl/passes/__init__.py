"""List the rewrites between names and analysis, in the order in which they run.

In: ``Symbols`` with the blocks as they were read. Out: ``Symbols`` with blocks that mean the same and hold fewer kinds
of syntax. What cannot be rewritten becomes ``Refused``, which the analysis reports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import wraps

from jxneuron.nmodl.frontend.symbols import Symbols
from jxneuron.nmodl.passes.break_to_if import break_to_if
from jxneuron.nmodl.passes.called_derivatives import called_derivatives
from jxneuron.nmodl.passes.cast_indices import cast_indices
from jxneuron.nmodl.passes.compartments_first import compartments_first
from jxneuron.nmodl.passes.complete_calls import complete_calls
from jxneuron.nmodl.passes.draw_numbers import draw_numbers
from jxneuron.nmodl.passes.drop_silent import drop_silent
from jxneuron.nmodl.passes.dynamic_for import dynamic_for
from jxneuron.nmodl.passes.early_return import early_return
from jxneuron.nmodl.passes.extract_diffusion import extract_diffusion
from jxneuron.nmodl.passes.extract_events import extract_events
from jxneuron.nmodl.passes.nonlinear_residuals import nonlinear_residuals
from jxneuron.nmodl.passes.order_effects import order_effects
from jxneuron.nmodl.passes.pointed_streams import pointed_streams
from jxneuron.nmodl.passes.scope_indices import scope_indices
from jxneuron.nmodl.passes.translate_verbatim import translate_verbatim
from jxneuron.nmodl.passes.unroll import unroll
from jxneuron.nmodl.syntax import nodes as sx

Rewrite = Callable[[Symbols], Symbols]


@dataclass(frozen=True)
class Pass:
    """One rewrite of all blocks.

    Attributes:
        rewrite: the function; its name is the name of the pass.
        leaves: what holds afterwards, until the last pass.
        needs: names of passes that must have run, since this one relies on what they leave.
        removes: kinds of syntax that no block holds afterwards.
    """

    rewrite: Rewrite
    leaves: str
    needs: tuple[str, ...] = ()
    removes: tuple[type, ...] = ()

    @property
    def name(self) -> str:
        """Return the name of its function."""
        return self.rewrite.__name__


def per_block(rewrite: Callable[[sx.Block, Symbols], sx.Block]) -> Rewrite:
    """Make a pass of a function that rewrites one block."""

    @wraps(rewrite)
    def rewrite_all(symbols: Symbols) -> Symbols:
        return replace(symbols, blocks={name: rewrite(block, symbols) for name, block in symbols.blocks.items()})

    return rewrite_all


PIPELINE = (
    Pass(extract_diffusion, "each diffusing state of a KINETIC block has a block with its coefficient and volume"),
    Pass(translate_verbatim, "C code is NMODL, or refused", removes=(sx.Verbatim,)),
    Pass(
        per_block(scope_indices),
        "no loop index is called like a variable, argument, LOCAL or outer index",
        needs=("translate_verbatim",),  # C code knows an index by its name in the text
    ),
    Pass(per_block(drop_silent), "no statement is a call of at_time or printf"),
    Pass(
        per_block(early_return),
        "every block runs to its end",
        needs=("translate_verbatim",),  # C code may return
        removes=(sx.Return,),
    ),
    Pass(
        pointed_streams,
        "a POINTER through which blocks draw random numbers is a stream",
        needs=("translate_verbatim",),  # C code alone draws so
    ),
    Pass(
        draw_numbers, "a random number is the value of a FUNCTION that moves its stream on", needs=("pointed_streams",)
    ),
    Pass(
        order_effects,
        "the calls of an expression that change variables can run before the rest of it",
        needs=("translate_verbatim", "draw_numbers"),  # C code may call them; a draw changes its stream
    ),
    Pass(
        per_block(complete_calls),
        "at_time is a condition on t and dt; nrn_ghk has the temperature; no PROCEDURE is assigned",
    ),
    Pass(
        per_block(dynamic_for),
        "the bounds of a FROM are numbers, or names whose numbers the analysis knows",
        needs=("scope_indices", "translate_verbatim"),  # C code may set a bound
    ),
    Pass(
        per_block(break_to_if),
        "every loop runs to its last turn",
        needs=("translate_verbatim", "dynamic_for"),  # C code may break; the new WHILE loops may be left as well
    ),
    Pass(per_block(compartments_first), "a KINETIC block begins with its COMPARTMENTs"),
    Pass(
        per_block(unroll),
        "equations, reactions under a constant IF, and what sends, are outside loops whose bounds are numbers",
        needs=("scope_indices", "dynamic_for", "break_to_if"),
    ),
    Pass(
        extract_events,
        "LOCALs hold what a block asks of the event queue; the condition of each WATCH has a block",
        needs=("early_return", "break_to_if", "unroll"),
        removes=(sx.Send, sx.Watch),
    ),
    Pass(
        per_block(cast_indices),
        "an index that only the run knows is cast to a whole number, as in C",
        needs=("unroll", "dynamic_for", "extract_diffusion"),
    ),
    Pass(
        called_derivatives,
        "no block calls a DERIVATIVE that is solved: the call is a SOLVE, or that of a PROCEDURE",
        needs=("translate_verbatim", "early_return", "break_to_if"),  # the PROCEDURE copies a finished block
    ),
    Pass(
        per_block(nonlinear_residuals),
        "a NONLINEAR block sets what is left of each equation, as the slope of a state",
        needs=("unroll",),  # equations are counted at the top of the block
    ),
)


def stages(symbols: Symbols, pipeline: Sequence[Pass] = PIPELINE) -> Iterator[tuple[Pass, Symbols]]:
    """Run the passes; yield each with what it leaves."""
    for one in pipeline:
        symbols = one.rewrite(symbols)
        yield one, symbols


def run_passes(symbols: Symbols, pipeline: Sequence[Pass] = PIPELINE) -> Symbols:
    """Run the passes and return what the last one leaves."""
    for one in pipeline:
        symbols = one.rewrite(symbols)
    return symbols


def misplaced(pipeline: Sequence[Pass]) -> list[str]:
    """Return, in one line each, which passes are registered twice, or do not follow a pass that they need."""
    errors: list[str] = []
    earlier: list[str] = []
    for one in pipeline:
        if one.name in earlier:
            errors.append(f"{one.name} is registered twice")
        errors += [
            f"{one.name} needs {name}, which does not come before it" for name in one.needs if name not in earlier
        ]
        earlier.append(one.name)
    return errors
