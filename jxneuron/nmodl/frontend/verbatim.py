"""Translate C code in VERBATIM that says something simple.

In: the C text, and the block that contains it. Out: the statements it means, or None. Only whole forms are
understood: one other token, and the text is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from jxneuron.nmodl.frontend import c_code
from jxneuron.nmodl.frontend.tokens import split_c_lines, split_c_tokens
from jxneuron.nmodl.syntax import nodes as sx

ION = "_ion_"
LOCAL = "_l"
C_TYPES = ("double", "float", "int", "long", "unsigned", "char", "short")
CVODE_ERROR = ("if", "(", "cvode_active_", ")", "{", "hoc_execerror", "(")
DIRECTIVES = ("include", "if", "ifdef", "ifndef", "else", "elif", "endif", "pragma", "")
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
    return tuple(dict.fromkeys(word.removeprefix(LOCAL) for word in names))


def _is_set(words: Sequence[str], k: int) -> bool:
    before, after = words[k - 1] if k else "", [*words[k + 1 :], "", ""]
    two = "".join(words[max(k - 2, 0) : k])
    if words[k] == "return" or before in C_TYPES or two in ("++", "--") or (before == "&" and two != "&&"):
        return True
    if after[0] == "[" and "]" in after:
        after = after[after.index("]") + 1 :]
    return (after[0] == "=" and after[1] != "=") or after[0] + after[1] in ("+=", "-=", "*=", "/=", "++", "--")


def declares_only(text: str, names: Collection[str]) -> bool:
    """True for C code at file scope of which NMODL sees nothing: preprocessor lines and ``extern ...;``.

    Args:
        text: the C text.
        names: of the NMODL text, which a macro might change.
    """
    kept = _without_directives(text, names)
    statements = _split(split_c_tokens(kept)) if kept is not None else None
    return statements is not None and all(s[0] == "extern" and "{" not in s and "=" not in s for s in statements)


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
        directive, *rest = line.lstrip(" \t#").split() or [""]
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


def translate(s: sx.Verbatim, block: sx.Block, ions: Mapping[str, float]) -> list[sx.Statement] | None:
    """Return the statements that the C code of one VERBATIM means in its block, None where it is not understood.

    Args:
        s: the VERBATIM.
        block: the block that contains it.
        ions: up to which line each ion variable's copy equals the ion's own (``passes.translate_verbatim.ion_copies``).
    """
    kept = _without_directives(s.text, None)
    words = split_c_tokens(s.text)
    if not words or (kept is not None and not kept.strip()) or _only_for_cvode(words):
        return []
    if words == ("break", ";"):
        return [sx.Break(s.line)]
    if words[0] == "return":
        return _return(words, block, s.line)
    out: list[sx.Statement] = []
    for one in _split(words) or [()]:
        meaning = _plain(one, block, ions, s.line)
        if meaning is None:
            return c_code.translate(s.text, {*block.args, *block.local_names, block.name}, s.line)
        out += meaning
    return out


def _only_for_cvode(words: Sequence[str]) -> bool:
    """True for ``if (cvode_active_) { hoc_execerror("...", "..."); }``."""
    if tuple(words[: len(CVODE_ERROR)]) != CVODE_ERROR or tuple(words[-3:]) != (")", ";", "}"):
        return False
    inside = words[len(CVODE_ERROR) : -3]
    return all(word == "," or word.startswith('"') or word == "0" for word in inside)


def _split(words: Sequence[str]) -> list[tuple[str, ...]] | None:
    """Split statements at their semicolons, which are left out; None where the last one lacks it."""
    if words and words[-1] != ";":
        return None
    parts: list[tuple[str, ...]] = []
    start = 0
    for k, word in enumerate(words):
        if word == ";":
            parts.append(tuple(words[start:k]))
            start = k + 1
    return [one for one in parts if one]


def _return(words: Sequence[str], block: sx.Block, line: int) -> list[sx.Statement] | None:
    """Translate ``return;`` and ``return 0;``, and in a FUNCTION ``return value;``."""
    value = _operand(tuple(words[1:-1]), {*block.args, *block.local_names, block.name})
    if words[-1] != ";" or block.kind in ("BREAKPOINT", "KINETIC", "LINEAR"):
        return None
    if block.kind == "FUNCTION":
        return None if value is None else [sx.Assign(sx.Var(block.name), value, line), sx.Return(line)]
    return [sx.Return(line)] if len(words) == 2 or value == sx.Num(0.0) else None


def _operand(words: tuple[str, ...], own: set[str]) -> sx.Expr | None:
    """Translate a number or a name of NMODL, with a sign; C calls the block's own names ``_lname``."""
    if words[:1] == ("-",):
        inner = _operand(words[1:], own)
        return None if inner is None else sx.Unary("-", inner)
    if len(words) == 1 and words[0].isidentifier():
        name = words[0].removeprefix(LOCAL)
        if words[0].startswith(LOCAL) and name in own:
            return sx.Var(name)
        return None if words[0] in own else sx.Var(words[0])
    try:
        return sx.Num(float("".join(words)))
    except ValueError:
        return None


def _plain(words: tuple[str, ...], block: sx.Block, ions: Mapping[str, float], line: int) -> list[sx.Statement] | None:
    """Translate ``printf(...)`` of texts and names to nothing, and ``name = _ion_name`` to the ion's value."""
    if words[:2] in (("printf", "("), ("fprintf", "(")) and words[-1] == ")":
        inside = words[2:-1]
        return [] if all(w == "," or w.startswith('"') or w.isidentifier() for w in inside) else None
    if len(words) != 3 or words[1] != "=" or not words[2].startswith(ION) or words[0] in block.local_names:
        return None
    ion = words[2].removeprefix(ION)
    if not line < ions.get(ion, -1) or not words[0].isidentifier():
        return None
    return [] if words[0] == ion else [sx.Assign(sx.Var(words[0]), sx.Var(ion), line)]
