"""Let every block run to its end: what follows a RETURN is left out.

In: a block with RETURN, which C code in VERBATIM may hold. Out: the same without; what followed an IF that may return
is at the end of the side that does not. A RETURN inside a loop becomes Refused.
"""

from __future__ import annotations

from dataclasses import replace

from jxneuron.nmodl.frontend import verbatim
from jxneuron.nmodl.frontend.symbols import Symbols
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.visit import Body, find_statements


def early_return(block: sx.Block, symbols: Symbols) -> sx.Block:
    """Take RETURN out of a block."""
    del symbols
    return replace(block, body=without_return(block.body))


def without_return(body: Body, rest: Body = ()) -> Body:
    """Return ``body`` and then ``rest``, up to the first Return: what follows an IF that may return moves into it."""
    whole = (*body, *rest)
    for k, s in enumerate(whole):
        if not any(find_statements(sx.Return, (s,))):
            continue
        match s:
            case sx.Return():
                return whole[:k]
            case sx.If():
                then, otherwise = (without_return(side, whole[k + 1 :]) for side in (s.then, s.otherwise))
                return (*whole[:k], replace(s, then=then, otherwise=otherwise))
            case _:
                names = tuple(lost.target.name for lost in find_statements(sx.Assign, whole[k:]))
                return (*whole[:k], sx.Refused("return inside a loop", verbatim.WAY_OUT, s.line, (*names, "return")))
    return whole
