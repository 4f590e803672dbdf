"""Move every COMPARTMENT to the beginning of its KINETIC block, where nocmodl evaluates it.

In: a block. Out: the same, in this order.

Source: nocmodl's kinetic.cpp.
"""

from __future__ import annotations

from dataclasses import replace

from jxneuron.nmodl.frontend.symbols import Symbols
from jxneuron.nmodl.syntax import nodes as sx


def compartments_first(block: sx.Block, symbols: Symbols) -> sx.Block:
    """Move the COMPARTMENTs of a KINETIC block; other blocks stay."""
    del symbols
    if block.kind != "KINETIC":
        return block
    first = tuple(s for s in block.body if isinstance(s, sx.Compartment))
    return replace(block, body=(*first, *(s for s in block.body if not isinstance(s, sx.Compartment))))
