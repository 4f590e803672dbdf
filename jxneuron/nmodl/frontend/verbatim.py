"""Translate C code in VERBATIM that says something simple.

In: the C text, and the block that contains it. Out: the statements it means, or None. Only whole forms are
understood: one other token, and the text is refused.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence

from jxneuron.nmodl.frontend import c_code
from jxneuron.nmodl.frontend.c_words import Names
from jxneuron.nmodl.frontend.tokens import split_c_lines, split_c_tokens
from jxneuron.nmodl.syntax import nodes as sx

C_TYPES = ("double", "float", "int", "long", "unsigned", "char", "short")
DIRECTIVES = ("include", "if", "ifdef", "ifndef", "else", "elif", "endif", "pragma", "")
WITH_SEMICOLON = ("struct", "union", "enum", "class", "typedef", "=")  # what ends with ``};``
MACROS = ("define", "undef")
WAY_OUT = "Write in NMODL what it computes (assignments, IF, FROM), or leave the mechanism out (--without)."


def quote_c(text: str) -> str:
    """Return the beginning of C code, as a finding shows it."""
    shown = " ".join(text.split())
    return f"VERBATIM C code: {shown[:60]}{'...' if len(shown) > 60 else ''}"


def refuse(s: sx.Verbatim) -> sx.Refused:
    """Return the refusal of C code that is not understood."""
    return sx.Refused(quote_c(s.text), WAY_OUT, s.line, find_assigned(s.text))


def find_assigned(text: str) -> tuple[str, ...]:
    """Return the names that C or NMODL code sets, declares or hands on by address; ``return`` where it returns."""
    words = split_c_tokens(text)
    names = [word for k, word in enumerate(words) if word.isidentifier() and _is_set(words, k)]
    return tuple(dict.fromkeys(word.removeprefix(c_code.LOCAL) for word in names))


def _is_set(words: Sequence[str], k: int) -> bool:
    before, after = words[k - 1] if k else "", [*words[k + 1 :], "", ""]
    two = "".join(words[max(k - 2, 0) : k])
    if words[k] == "return" or before in C_TYPES or two in ("++", "--") or (before == "&" and two != "&&"):
        return True
    if after[0] == "[" and "]" in after:
        after = after[after.index("]") + 1 :]
    return (after[0] == "=" and after[1] != "=") or after[0] + after[1] in ("+=", "-=", "*=", "/=", "++", "--")


def declares_only(text: str, names: Collection[str]) -> bool:
    """True for C code at file scope of which NMODL sees nothing.

    Preprocessor lines, declarations, and definitions that do nothing by themselves: only other C code can use what they
    define, or NMODL by its name, which ``analysis.semantics`` refuses.

    Args:
        text: the C text.
        names: of the NMODL text, which a macro might change.
    """
    kept = _without_directives(text, names)
    items = _split_items(split_c_tokens(kept)) if kept is not None else None
    return items is not None and all(_is_idle(item, names) for item in items)


def _split_items(words: Sequence[str]) -> list[tuple[str, ...]] | None:
    """Split declarations and definitions at file scope; None where the last one has no end."""
    items: list[tuple[str, ...]] = []
    start = depth = 0
    for k, word in enumerate(words):
        depth += {"{": 1, "}": -1}.get(word, 0)
        if depth == 0 and (word == ";" or (word == "}" and _is_body(words[start:k]))):
            items.append(tuple(words[start : k + 1]))
            start = k + 1
    return items if start == len(words) and depth == 0 else None


def _is_body(item: Sequence[str]) -> bool:
    """True where the brace that ends a definition is that of a function, after which no semicolon comes."""
    return "{" in item and {*item[: item.index("{")]}.isdisjoint(WITH_SEMICOLON)


def _is_idle(item: Sequence[str], names: Collection[str]) -> bool:
    """True for a declaration or definition that calls nothing when the library is loaded, and hides no NMODL name."""
    if item[0] == "extern" and "{" not in item and "=" not in item:
        return True
    depths = itertools.accumulate({"(": 1, "{": 1, ")": -1, "}": -1}.get(word, 0) for word in item)
    outside = [word for word, depth in zip(item, depths, strict=True) if depth == 0]
    if "=" not in outside:
        return {*outside}.isdisjoint(names)
    first = item.index("=")
    called = any(word == "(" and item[k - 1].isidentifier() for k, word in enumerate(item) if k > first)
    return not called and {*outside[: outside.index("=")]}.isdisjoint(names)


def _without_directives(text: str, names: Collection[str] | None) -> str | None:
    """Return what is left without preprocessor lines; None where one of them changes what is left.

    A macro does, unless ``names`` says that nothing else has its name.
    """
    kept: list[str] = []
    depth, dead = 0, 0  # how many conditions are open, and which of them is ``#if 0``
    ended: set[int] = set()  # those that have had their ``#else``
    for line in split_c_lines(text):
        if not line.lstrip().startswith("#"):
            kept += [] if dead else [line]
            continue
        words = line.lstrip(" \t#")
        directive = "".join(itertools.takewhile(str.isalpha, words))
        rest = words[len(directive) :].split()
        depth += {"if": 1, "ifdef": 1, "ifndef": 1, "endif": -1}.get(directive, 0)
        if directive in ("if", "ifdef", "ifndef"):
            ended.discard(depth)
        if not _is_whole(directive, rest, depth, ended):
            return None
        if depth < 0 or not (directive in DIRECTIVES or (directive in MACROS and _own_macro(rest, names))):
            return None
        if directive == "else":
            ended.add(depth)
        if directive == "if" and rest == ["0"] and not dead:
            dead = depth
        elif dead and (depth < dead or (depth == dead and directive in ("else", "elif"))):
            dead = 0
    return "\n".join(kept) if depth == 0 else None


def _is_whole(directive: str, rest: Sequence[str], depth: int, ended: Collection[int]) -> bool:
    """True where a preprocessor line has what the compiler asks of it, as far as the text shows that."""
    if directive == "include":
        name = "".join(rest)
        return len(name) > 2 and name[0] + name[-1] in ("<>", '""')
    if directive in ("else", "elif"):
        return depth > 0 and depth not in ended and (directive == "else" or bool(rest))
    if directive in ("ifdef", "ifndef"):
        return bool(rest) and rest[0].isidentifier()
    return directive != "if" or bool(rest)


def _own_macro(rest: Sequence[str], names: Collection[str] | None) -> bool:
    """True for a macro in capitals that neither NMODL nor what nocmodl writes has a name for."""
    name = rest[0].partition("(")[0] if rest else ""
    return (
        names is not None
        and name.isupper()
        and not name.startswith(("_", "NODE", "EXTRACELLULAR", "NRN"))
        and name not in names
    )


def translate(s: sx.Verbatim, names: Names) -> list[sx.Statement] | None:
    """Return the statements that the C code of one VERBATIM means in its block, None where it is not understood.

    Args:
        s: the VERBATIM.
        names: what the names in it mean.
    """
    kept = _without_directives(s.text, None)
    words = split_c_tokens(s.text)
    if not words or (kept is not None and not kept.strip()):
        return []
    return [sx.Break(s.line)] if words == ("break", ";") else c_code.translate((s,), names)


def find_ion_sets(text: str) -> set[str]:
    """Return what C code sets, except to the ion's own value: ``cai = _ion_cai;``."""
    words = split_c_tokens(text)
    copied = [words[k + 1 : k + 4] == ("=", f"{c_code.ION}{word}", ";") for k, word in enumerate(words)]
    return {word for k, word in enumerate(words) if _is_set(words, k) and not copied[k]}
