"""Print syntax as NMODL text, to look at it and to state what a pass does.

In: blocks, statements, expressions. Out: text that reads back as the same syntax, lines aside, as long as NMODL has
words for it. It has none for BREAK and RETURN, which only C code says, for an index that is cast to ``int``, for the
look-up inside a FUNCTION_TABLE, for the condition of a WATCH as a block, and for a refusal, which is printed as a
comment.
"""

from __future__ import annotations

from collections.abc import Iterable

from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.visit import Body, unknown

INDENT = "    "
LEVELS = (("||",), ("&&",), ("<", ">", "<=", ">=", "==", "!="), ("+", "-"), ("*", "/"), ("^",))
LEVEL = {op: level for level, ops in enumerate(LEVELS) for op in ops}
ATOM = len(LEVELS)


def unparse(blocks: Iterable[sx.Block]) -> str:
    """Return the text of some blocks, one after the other."""
    every = [*blocks]
    inner = next((block for block in every if block.kind == "NET_RECEIVE INITIAL"), None)
    outer = any(block.kind == "NET_RECEIVE" for block in every)
    shown = [block for block in every if not (outer and block is inner)]
    return "\n".join(unparse_block(block, inner if block.kind == "NET_RECEIVE" else None) for block in shown)


def unparse_block(block: sx.Block, inner: sx.Block | None = None) -> str:
    """Return the text of one block, which ends with a line break; ``inner`` is the INITIAL of a NET_RECEIVE."""
    named = block.name not in ("", block.kind) and not block.name.startswith(block.kind)
    head = block.name if not named else f"{block.kind} {block.name}"
    names = block.args[:-1] if block.kind in sx.RECEIVING else block.args  # ``flag`` is not written
    args = f"({', '.join(names)})" if names or block.kind in ("FUNCTION", "PROCEDURE") else ""
    initial = _braces("INITIAL", _lines(inner)).split("\n") if inner is not None else []
    return _braces(f"{head}{args}", [*_declared(block), *initial, *unparse_body(block.body)]) + "\n"


def _lines(block: sx.Block) -> list[str]:
    return [*_declared(block), *unparse_body(block.body)]


def _declared(block: sx.Block) -> list[str]:
    lines = [f"LOCAL {', '.join(map(_local, block.locals))}"] if block.locals else []
    return [*lines, *([_table(block.table)] if block.table is not None else [])]


def unparse_body(body: Body) -> list[str]:
    """Return the lines of some statements."""
    return [line for s in body for line in _statement(s).split("\n")]


def _braces(head: str, lines: list[str]) -> str:
    return "\n".join([f"{head} {{", *(f"{INDENT}{line}" for line in lines), "}"])


def _local(local: sx.Local) -> str:
    return f"{local.name}[{local.size}]" if local.size else local.name


def _table(table: sx.Table) -> str:
    names = f" {', '.join(table.names)}" if table.names else ""
    depend = f" DEPEND {', '.join(table.depend)}" if table.depend else ""
    return f"TABLE{names}{depend} FROM {_text(table.first)} TO {_text(table.last)} WITH {table.count}"


def _statement(s: sx.Statement) -> str:
    match s:
        case sx.Assign():
            return f"{_text(s.target)} = {_text(s.value)}"
        case sx.Prime():
            index = "" if s.state.index is None else f"[{_text(s.state.index)}]"
            return f"{s.state.name}'{index} = {_text(s.value)}"
        case sx.Do():
            return _text(s.call)
        case sx.If():
            text = _braces(f"IF ({_text(s.condition)})", unparse_body(s.then))
            return f"{text} {_braces('ELSE', unparse_body(s.otherwise))}" if s.otherwise else text
        case sx.For():
            step = f" BY {s.step}" if s.step != 1 else ""
            return _braces(f"FROM {s.index} = {_text(s.first)} TO {_text(s.last)}{step}", unparse_body(s.body))
        case sx.While():
            return _braces(f"WHILE ({_text(s.condition)})", unparse_body(s.body))
        case sx.Break():
            return "BREAK"
        case sx.Return():
            return "RETURN"
        case sx.Solve():
            word = "STEADYSTATE" if s.steady else "METHOD"
            return f"SOLVE {s.block}{f' {word} {s.method}' if s.method else ''}"
        case sx.Verbatim():
            return f"VERBATIM\n{s.text.strip()}\nENDVERBATIM"
        case sx.Reaction():
            rates = ", ".join(_in(rate, LEVEL["*"]) for rate in s.rates)  # nocmodl reads a bare sum otherwise
            return f"~ {_terms(s.left)} {s.op}{f' {_terms(s.right)}' if s.right else ''} ({rates})"
        case sx.Compartment():
            return f"COMPARTMENT {_of_species(s.index, s.volume, s.species)}"
        case sx.LonDiffuse():
            return (
                f"LONGITUDINAL_DIFFUSION {f'{s.index}, ' if s.index else ''}{_text(s.rate)} {{{' '.join(s.species)}}}"
            )
        case sx.Conserve():
            return f"CONSERVE {_terms(s.terms)} = {_text(s.value)}"
        case sx.Equation():
            return f"~ {_text(s.left)} = {_text(s.right)}"
        case sx.Conductance():
            return f"CONDUCTANCE {_text(s.slope)}"
        case sx.Send():
            return f"net_{s.kind}({_delay(s.time)}, {_text(s.flag)})" if s.flag else f"net_{s.kind}({_text(s.time)})"
        case sx.Watch():
            return f"WATCH ({_condition(s.value)}) {_text(s.flag)}"
        case sx.Refused():
            return f": refused: {s.what}"
        case _:
            unknown(s)


def _delay(time: sx.Expr) -> str:
    """Return the delay of a net_send: its time without the ``t +`` that is written before it."""
    assert isinstance(time, sx.Binary)
    if time.op == "+" and time.left == sx.Var("t"):
        return _in(time.right, LEVEL["*"])
    return f"{_delay(time.left)} {time.op} {_in(time.right, LEVEL[time.op] + 1)}"


def _condition(value: sx.Expr) -> str:
    """Return the condition of a WATCH that is true where the value is above 0."""
    op, difference = ("<", value.arg) if isinstance(value, sx.Unary) else (">", value)
    assert isinstance(difference, sx.Binary)
    return f"{_in(difference.left, LEVEL['+'])} {op} {_in(difference.right, LEVEL['+'])}"


def _of_species(index: str | None, value: sx.Expr, species: tuple[str, ...]) -> str:
    return f"{f'{index}, ' if index else ''}{_text(value)} {{{' '.join(species)}}}"


def _terms(terms: tuple[tuple[int, sx.Var], ...]) -> str:
    return " + ".join(f"{f'{count} ' if count != 1 else ''}{_text(var)}" for count, var in terms)


def _text(e: sx.Expr) -> str:
    return _value(e)[0]


def _value(e: sx.Expr) -> tuple[str, int]:
    """Return the text of an expression and how tightly it binds."""
    match e:
        case sx.Num():
            return _number(e.value), ATOM if e.value >= 0 else 0
        case sx.Var():
            return e.name if e.index is None else f"{e.name}[{_text(e.index)}]", ATOM
        case sx.Call():
            return f"{e.name}({', '.join(_text(arg) for arg in e.args)})", ATOM
        case sx.LookUp():
            return f"FUNCTION_TABLE {e.table}({', '.join(_text(arg) for arg in e.args)})", ATOM
        case sx.Derivative():
            return f"{e.state.name}'", ATOM
        case sx.Text():
            return e.text, ATOM
        case sx.Cast():
            return f"int({_text(e.arg)})", ATOM
        case sx.Unary():
            return f"{e.op}{_in(e.arg, ATOM)}", 0
        case sx.Binary():
            op = "/" if e.op == sx.QUOTIENT else e.op
            level = LEVEL[op]
            return f"{_in(e.left, ATOM if op == '^' else level)} {op} {_in(e.right, level + 1)}", level
        case _:
            unknown(e)


def _in(e: sx.Expr, level: int) -> str:
    text, own = _value(e)
    return text if own >= level else f"({text})"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e16 else repr(value)
