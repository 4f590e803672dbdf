"""Drop calls that change nothing when the time step is fixed.

In: a block. Out: the same without ``at_time`` and ``printf`` as statements.
"""

from __future__ import annotations

from dataclasses import replace

from jxneuron.nmodl.frontend.symbols import SILENT, Symbols
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.visit import Body, map_bodies


def drop_silent(block: sx.Block, symbols: Symbols) -> sx.Block:
    """Drop statements that call ``at_time`` or ``printf`` from a block."""
    del symbols
    return replace(block, body=without_silent(block.body))


def without_silent(body: Body) -> Body:
    """Drop statements that call ``at_time`` or ``printf`` from a body and the bodies inside it."""
    out = [s for s in body if not (isinstance(s, sx.Do) and s.call.name in SILENT)]
    return tuple(map_bodies(s, without_silent) for s in out)
