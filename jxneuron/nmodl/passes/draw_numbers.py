"""Turn the random numbers of RANDOM streams into FUNCTIONs of the file.

In: blocks that call ``random_uniform(stream)`` and the like. Out: blocks that call a FUNCTION without the stream, which
computes the number from the stream's ids and its sequence and moves the sequence on; ``random_setseq`` sets the
sequence. ``random_setids`` is Refused where ``random_setseq`` does not follow at once: NEURON then goes on with up to
four numbers of the old ids.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from jxneuron.nmodl.frontend.c_draws import IS_SET
from jxneuron.nmodl.frontend.symbols import Stream, Symbols
from jxneuron.nmodl.passes.pointed_streams import IS_OWN
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.visit import Body, map_bodies, map_parts
from jxneuron.nmodl.syntax.walk import free_name

# The distributions, with the numbers of arguments after the stream that nrnran123.h takes, and the names of those
ARGUMENTS = {
    "random_uniform": {0: (), 2: ("low", "high")},
    "random_dpick": {0: ()},
    "random_ipick": {0: ()},
    "random_negexp": {0: (), 1: ("mean",)},
    "random_normal": {0: (), 2: ("mean", "deviation")},
    "random_pick": {0: ()},
}
SET_SEQUENCE, SET_IDS = "random_setseq", "random_setids"
STALE = "random_setids without random_setseq of the same stream right after it"
WHY = "NEURON draws up to four numbers of the old ids first"


def draw_numbers(symbols: Symbols) -> Symbols:
    """Replace the calls on RANDOM streams in every block, and add the FUNCTIONs that draw."""
    draws = _Draws({stream.name: stream for stream in symbols.streams}, {*symbols.variables, *symbols.blocks})
    blocks = {name: replace(block, body=draws.body(block.body)) for name, block in symbols.blocks.items()}
    return replace(symbols, blocks=blocks | draws.functions)


class _Draws:
    """Rewrites bodies; ``functions`` holds the FUNCTIONs that they then need."""

    def __init__(self, streams: Mapping[str, Stream], taken: Collection[str]) -> None:
        self.streams, self.taken = streams, taken
        self.functions: dict[str, sx.Block] = {}

    def body(self, body: Body) -> Body:
        out: list[sx.Statement] = []
        todo = list(body)
        while todo:
            s = todo.pop(0)
            call = s.call if isinstance(s, sx.Do) else None
            stream = self.stream_of(call)
            if call is None or stream is None or call.name not in (SET_SEQUENCE, SET_IDS):
                out.append(map_bodies(map_parts(s, self.drawn), self.body))
            elif call.name == SET_SEQUENCE:
                out.append(self.set_sequence(call, _line(s)))
            elif todo and self.sets_sequence(todo[0], stream):
                out += self.set_ids(call, stream, _line(s))
            else:
                out.append(sx.Refused(f"{STALE} ({WHY})", "Call random_setseq right after it.", _line(s)))
        return tuple(out)

    def stream_of(self, call: sx.Call | None) -> Stream | None:
        first = call.args[0] if call is not None and call.args else None
        return self.streams.get(first.name) if isinstance(first, sx.Var) else None

    def sets_sequence(self, s: sx.Statement, stream: Stream) -> bool:
        return isinstance(s, sx.Do) and s.call.name == SET_SEQUENCE and self.stream_of(s.call) == stream

    def set_sequence(self, call: sx.Call, line: int) -> sx.Statement:
        target, *values = call.args
        assert isinstance(target, sx.Var)
        value = sx.Call("random123.sequence", tuple(self.drawn(value) for value in values))
        return sx.Assign(target, value, line)

    def set_ids(self, call: sx.Call, stream: Stream, line: int) -> list[sx.Statement]:
        values = [sx.Call("floor", (self.drawn(value),)) for value in call.args[1:]]
        ids = [sx.Var(stream.ids, sx.Num(float(k))) for k in range(len(values))]
        return [sx.Assign(target, value, line) for target, value in zip(ids, values, strict=True)]

    def drawn(self, e: sx.Expr) -> sx.Expr:
        """An expression with its draws as calls of FUNCTIONs."""
        e = map_parts(e, self.drawn)
        if not isinstance(e, sx.Call):
            return e
        stream = self.stream_of(e)
        if stream is not None and e.name in (IS_SET, IS_OWN):
            return _question(e.name, stream)
        rest = e.args[1:]
        names = ARGUMENTS.get(e.name, {}).get(len(rest))
        if stream is None or names is None:
            return e
        return sx.Call(self.function(e.name, stream, names), rest)

    def function(self, distribution: str, stream: Stream, names: tuple[str, ...]) -> str:
        """Return the name of the FUNCTION that draws, which is added where it is new."""
        what = "_".join([distribution, *(["of"] if names else []), stream.name])
        name = free_name(what, self.taken)
        if name not in self.functions:
            hidden = {stream.name, stream.ids, name}
            args = tuple(free_name(argument, hidden) for argument in names)
            self.functions[name] = _drawing(distribution, name, stream, args, free_name("pair", {*hidden, *args}))
        return name


def _drawing(distribution: str, name: str, stream: Stream, args: tuple[str, ...], pair: str) -> sx.Block:
    """The FUNCTION of one distribution, as nrnran123.cpp computes it."""
    own, sequence, line = sx.Var(name), sx.Var(stream.name), stream.line
    values = [sx.Var(arg) for arg in args]
    if distribution == "random_normal":
        body = [
            sx.Assign(sx.Var(pair), _word("pair", sequence, stream), line),
            sx.Assign(sequence, sx.Binary("+", sx.Var(pair), sx.Num(2.0)), line),
            sx.Assign(own, _word("normal", sx.Var(pair), stream), line),
        ]
        scaled = sx.Binary("+", values[0], sx.Binary("*", own, values[1])) if values else own
    elif distribution == "random_pick":
        body = [
            sx.Assign(own, _picked("pick", stream), line),
            sx.Assign(sequence, _picked("picked", stream), line),
        ]
        scaled = own
    else:
        kind = "ipick" if distribution == "random_ipick" else "uniform"
        body = [
            sx.Assign(own, _word(kind, sequence, stream), line),
            sx.Assign(sequence, sx.Binary("+", sequence, sx.Num(1.0)), line),
        ]
        scaled = _scaled(distribution, own, values)
    if scaled != own:
        body.append(sx.Assign(own, scaled, line))
    locals = (sx.Local(pair),) if distribution == "random_normal" else ()
    return sx.Block("FUNCTION", name, args, tuple(body), locals, line=line)


def _scaled(distribution: str, own: sx.Expr, values: list[sx.Var]) -> sx.Expr:
    if distribution == "random_negexp":
        negexp = sx.Unary("-", sx.Call("log", (own,)))
        return sx.Binary("*", negexp, values[0]) if values else negexp
    if not values:
        return own
    low, high = values
    return sx.Binary("+", low, sx.Binary("*", own, sx.Binary("-", high, low)))


def _word(kind: str, sequence: sx.Expr, stream: Stream) -> sx.Expr:
    ids = (sx.Var(stream.ids, sx.Num(float(k))) for k in range(4))
    return sx.Call(f"random123.{kind}", (sequence, *ids))


def _picked(kind: str, stream: Stream) -> sx.Expr:
    word = _word(kind, sx.Var(stream.name), stream)
    assert isinstance(word, sx.Call)
    return sx.Call(word.name, (*word.args, *(sx.Var(stream.law, sx.Num(float(k))) for k in range(3))))


def _question(name: str, stream: Stream) -> sx.Expr:
    """Whether a pointer leads to a stream, or to one without a Random; RANDOM always does."""
    if not stream.law:
        return sx.Num(1.0)
    law = sx.Var(stream.law, sx.Num(0.0))
    return sx.Binary("!=", law, sx.Num(0.0)) if name == IS_SET else sx.Binary("==", law, sx.Num(1.0))


def _line(s: sx.Statement) -> int:
    return getattr(s, "line", 0)
