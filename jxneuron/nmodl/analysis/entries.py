"""Form the entries of a mechanism: the code that the runtime calls, as bodies of statements.

In: ``Symbols`` with rewritten blocks, and the solver of each solved block. Out: an ``Entry`` for INITIAL, for the two
halves of BREAKPOINT, for each BEFORE and AFTER block, each diffusing state, NET_RECEIVE, its INITIAL and each WATCH.
Their outputs are added later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Literal

from jxneuron.nmodl.analysis.ir import WATCH, Entry
from jxneuron.nmodl.frontend.methods import advancing
from jxneuron.nmodl.frontend.symbols import Symbols
from jxneuron.nmodl.passes.split_solves import split_solves
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.visit import walk

RECEIVING: dict[sx.BlockKind, tuple[str, str]] = {
    "NET_RECEIVE": ("receive", "NET_RECEIVE."),
    "NET_RECEIVE INITIAL": ("receive_initial", "INITIAL of NET_RECEIVE, once for each connection."),
}


def mechanism_entries(symbols: Symbols, solvers: Mapping[str, str]) -> list[Entry]:
    """Return every entry of a mechanism in the order of its generated code."""
    at_times = [_initial(symbols), *_breakpoint(symbols, solvers), *_moments(symbols), *_diffusions(symbols)]
    return [*at_times, *_receiving(symbols), *_watches(symbols)]


def initial_sends(symbols: Symbols) -> list[Entry]:
    """Return the entry that says what INITIAL asks of the event queue, none where it asks for nothing."""
    sent = _block(symbols, "INITIAL").sent
    entry = replace(_initial(symbols), name="initial_sends", doc="What INITIAL sends, with its arguments.", sent=sent)
    return [entry] if sent else []


def every_element(entry: Entry, symbols: Symbols) -> tuple[sx.Statement, ...]:
    """Return the body of an entry; a diffusion's body is looped over the elements of its state."""
    if not entry.argument:
        return entry.body
    last = max(symbols.variables[entry.state].size - 1, 0)
    return (sx.For(entry.argument, sx.Num(0.0), sx.Num(float(last)), entry.body, 0),)


def _block(symbols: Symbols, name: Literal["INITIAL", "BREAKPOINT"]) -> sx.Block:
    return symbols.blocks.get(name) or sx.Block(name, name, (), ())


def _initial(symbols: Symbols) -> Entry:
    block = _block(symbols, "INITIAL")
    body = (*_starts(symbols), *block.body)
    return Entry("initial", "INITIAL: states at their START values, then the block.", body, block.locals, ())


def _starts(symbols: Symbols) -> Iterator[sx.Statement]:
    for name, symbol in symbols.variables.items():
        if symbol.role != "state" or symbol.place != "field":
            continue
        start = symbols.variables.get(f"{name}0")
        value: sx.Expr = sx.Var(f"{name}0") if start is not None else sx.Num(symbol.value)
        if symbol.size:
            last = sx.Num(float(symbol.size - 1))
            one = sx.Assign(sx.Var(name, sx.Var("k_start")), value, symbol.line)
            yield sx.For("k_start", sx.Num(0.0), last, (one,), symbol.line)
        else:
            yield sx.Assign(sx.Var(name), value, symbol.line)


def _breakpoint(symbols: Symbols, solvers: Mapping[str, str]) -> Iterator[Entry]:
    """Yield the halves of BREAKPOINT: NEURON takes currents at the old v, without SOLVE, then SOLVEs with the new v."""
    block = _block(symbols, "BREAKPOINT")
    solves, rest = split_solves(block.body)
    currents = tuple(use.name for use in symbols.currents)
    if currents:
        doc = "BREAKPOINT without its SOLVE: currents at v."
        yield Entry("current", doc, rest, block.locals, (), currents)
    advance = solves if currents else solves + rest
    if advance:
        doc = "Every SOLVE of BREAKPOINT over dt, with the new v."
        if rest and not currents:
            doc = "BREAKPOINT of a mechanism without currents: SOLVE over dt, then its statements."
        half = any(_takes_dt(symbols.blocks.get(solve.block), solvers) for solve in solves)
        yield Entry("advance", doc, advance, block.locals, (), (), half)


def _receiving(symbols: Symbols) -> Iterator[Entry]:
    weights = next((block.args[:-1] for block in symbols.file.blocks if block.kind == "NET_RECEIVE"), ())
    for kind, (name, doc) in RECEIVING.items():
        block = symbols.blocks.get(kind)
        if block is not None:
            pairs = tuple(zip(weights, block.args[:-1], strict=True))
            targets = {s.target.name for s in walk(block.body) if isinstance(s, sx.Assign)}
            yield Entry(
                name,
                doc,
                block.body,
                block.locals,
                (),
                weights=pairs,
                flag=block.args[-1],
                set_weights=tuple(weight for weight, local in pairs if local in targets),
                sent=block.sent,
            )


def _watches(symbols: Symbols) -> Iterator[Entry]:
    watches = [block for block in symbols.blocks.values() if block.kind == "WATCH"]
    for k, block in enumerate(watches):
        doc = f"WATCH ({symbols.file.source_lines.at(block.line)}): above 0 where its condition holds."
        yield Entry(f"{WATCH}{k + 1}", doc, block.body, block.locals, ())


def _takes_dt(block: sx.Block | None, solvers: Mapping[str, str]) -> bool:
    method = advancing(block, solvers) if block is not None else None
    return method is not None and method.takes_dt


def _moments(symbols: Symbols) -> Iterator[Entry]:
    """Yield BEFORE and AFTER blocks; after each of them NEURON adds the mechanism's currents to its ions once more."""
    again = tuple(sx.Assign(sx.Var(use.name), sx.Var(use.name), 0) for use in symbols.currents if use.ion)
    for kind, name in sx.MOMENTS.items():
        block = symbols.blocks.get(kind)
        if block is not None:
            yield Entry(name, f"{kind}.", block.body + again, block.locals, ())


def _diffusions(symbols: Symbols) -> Iterator[Entry]:
    for name, block in symbols.blocks.items():
        if block.kind == sx.DIFFUSION:
            head = f"{sx.DIFFUSION.lower()}_{block.state}"
            doc = f"{name}: um4/ms and um2."
            yield Entry(head, doc, block.body, block.locals, (), argument=block.args[0], state=block.state)
