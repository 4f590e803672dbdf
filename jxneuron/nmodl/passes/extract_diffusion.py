"""Give each state that diffuses along the cable a block that says how fast.

In: KINETIC blocks with LONGITUDINAL_DIFFUSION and COMPARTMENT at their top. Out: these without
LONGITUDINAL_DIFFUSION, and after each of them the blocks of its diffusing states.
"""

from __future__ import annotations

from dataclasses import replace

from jxneuron.nmodl.frontend.symbols import Symbols
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.visit import Body, rename


def extract_diffusion(symbols: Symbols) -> Symbols:
    """Take LONGITUDINAL_DIFFUSION out of KINETIC blocks: each of its states gets a block of its own.

    The block sets ``coefficient`` and ``volume``; its argument is the element of an array state.
    """
    blocks: list[sx.Block] = []
    for block in symbols.blocks.values():
        diffusions = [s for s in block.body if isinstance(s, sx.LonDiffuse)] if block.kind == "KINETIC" else []
        blocks.append(replace(block, body=tuple(s for s in block.body if s not in diffusions)))
        blocks += [_diffusion(s, state, block) for s in diffusions for state in s.species]
    return replace(symbols, blocks={block.name: block for block in blocks})


def _diffusion(s: sx.LonDiffuse, state: str, block: sx.Block) -> sx.Block:
    element = s.index or "k"
    body = (sx.Assign(sx.Var("coefficient"), s.rate, s.line), *_volume(state, block, element, s.line))
    results = (sx.Local("coefficient"), sx.Local("volume"))
    return sx.Block(sx.DIFFUSION, f"{sx.DIFFUSION} {state}", (element,), body, results, line=s.line, state=state)


def _volume(state: str, block: sx.Block, element: str, line: int) -> Body:
    """Set the volume to that of the state's first COMPARTMENT; its reactions take that of the last one."""
    for wall in block.body:
        if isinstance(wall, sx.Compartment) and state in wall.species:
            body = (sx.Assign(sx.Var("volume"), wall.volume, line),)
            return rename(body, {wall.index: element} if wall.index else {})
    return (sx.Assign(sx.Var("volume"), sx.Num(1.0), line),)
