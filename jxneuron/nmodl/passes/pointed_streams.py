"""Take a POINTER through which C code draws random numbers for a stream of each instance.

In: blocks that draw through POINTERs and BBCOREPOINTERs. Out: the same, and each such name is a stream like one of
RANDOM, with a variable for the law of its numbers: a hoc Random has one of its own. A variable that only says whether
the pointer leads to a stream without a Random (``usingR123``) is a question about that law.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from jxneuron.nmodl.frontend.symbols import Stream, Symbol, Symbols
from jxneuron.nmodl.frontend.tokens import split_c_tokens
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.visit import Body, expressions, find_parts, find_statements, map_expressions, map_parts, walk
from jxneuron.nmodl.syntax.walk import free_name

IS_OWN = "random_is_own"
DRAWS = ("random_pick", "random_dpick", "random_uniform", "random_negexp", "random_normal", "random_ipick")
NEW_STREAM = ("nrnran123_newstream", "nrnran123_newstream3")
NUMBERS = 3  # of a law: which one, and its two parameters


def pointed_streams(symbols: Symbols) -> Symbols:
    """Make streams of the pointers through which blocks draw."""
    lines = dict(sorted((*symbols.file.pointers, *symbols.file.opaque), key=lambda declared: declared[1]))
    known = {stream.name for stream in symbols.streams}
    names = [name for name in dict.fromkeys(_drawn_from(symbols)) if name in lines and name not in known]
    if not names:
        return symbols
    variables = dict(symbols.variables)
    streams: list[Stream] = []
    for name in names:
        taken = {*variables, *symbols.constants, *symbols.blocks}
        stream = Stream(
            name, free_name(f"{name}_ids", taken), free_name(f"{name}_law", taken), [*lines].index(name), lines[name]
        )
        variables[name] = Symbol(name, "field", line=stream.line)
        variables[stream.ids] = Symbol(stream.ids, "field", size=4, line=stream.line)
        variables[stream.law] = Symbol(stream.law, "field", size=NUMBERS, line=stream.line)
        streams.append(stream)
    flags = dict(_flags(symbols, names))
    blocks = {name: replace(block, body=_asked(block.body, flags)) for name, block in symbols.blocks.items()}
    return replace(symbols, variables=variables, blocks=blocks, streams=(*symbols.streams, *streams))


def _drawn_from(symbols: Symbols) -> Iterator[str]:
    for block in symbols.blocks.values():
        for s in walk(block.body):
            for call in find_parts(sx.Call, *expressions(s)):
                if call.name in DRAWS and call.args and isinstance(call.args[0], sx.Var):
                    yield call.args[0].name


def _flags(symbols: Symbols, names: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the variables that only say whether a pointer leads to a stream of its own, with that pointer.

    Nothing but C code that hands over a stream sets them: to 1 after it made one, to 0 elsewhere.
    """
    pieces = [split_c_tokens(s.text) for block in symbols.file.blocks for s in find_statements(sx.Verbatim, block.body)]
    assigned = {s.target.name for block in symbols.blocks.values() for s in find_statements(sx.Assign, block.body)}
    for name, symbol in symbols.variables.items():
        if symbol.place != "field" or symbol.scope != "instance" or name in assigned:
            continue
        setting = [words for words in pieces if _values(words, name)]
        pointers = {word.removeprefix("_p_") for words in setting for word in words if word.startswith("_p_")}
        if setting and len(pointers) == 1 and pointers <= {*names} and all(_says(words, name) for words in setting):
            yield name, pointers.pop()


def _values(words: tuple[str, ...], name: str) -> list[tuple[int, str]]:
    """Return where C code sets a variable, and to what: "" unless it is ``name = value;``."""
    return [
        (k, words[k + 2] if words[k + 1 : k + 4 : 2] == ("=", ";") else "")
        for k, word in enumerate(words)
        if word == name and (words[k + 1 : k + 2] == ("=",) and words[k + 2 : k + 3] != ("=",))
    ]


def _says(words: tuple[str, ...], name: str) -> bool:
    """True where the variable is 1 once the code has made a stream, and 0 where it does not."""
    made = [k for k, word in enumerate(words) if word in NEW_STREAM]
    values = _values(words, name)
    ones = [k for k, value in values if value == "1"]
    return bool(made) and len(ones) == 1 and made[-1] < ones[0] and all(value in ("0", "1") for _, value in values)


def _asked(body: Body, flags: Mapping[str, str]) -> Body:
    """Replace the flags by what they say."""

    def asked(e: sx.Expr) -> sx.Expr:
        if isinstance(e, sx.Var) and e.name in flags:
            return sx.Call(IS_OWN, (sx.Var(flags[e.name]),))
        return map_parts(e, asked)

    return map_expressions(body, asked) if flags else body
