"""Print expressions as Python text.

In: syntax expressions and the Python name of each NMODL name. Out: text with the brackets that Python's
precedence asks for.
"""

from __future__ import annotations

import keyword
import math
from collections.abc import Callable, Iterable

from jxneuron.nmodl.frontend.symbols import MATH
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.visit import unknown

LEVEL = {"|": 1, "&": 2, "<": 3, ">": 3, "<=": 3, ">=": 3, "==": 3, "!=": 3, "+": 4, "-": 4, "*": 5, "/": 5}
COMPARISONS = ("<", ">", "<=", ">=", "==", "!=")
LOGIC = {"&&": "&", "||": "|"}
UNARY, ATOM = 6, 9
HELPERS = (
    "build_table", "choose", "where", "cnexp", "derivimplicit", "divide", "euler", "first_instance", "function_table",
    "FunctionTable", "interpolate", "linear", "lookup",
    "negate", "nonlinear", "number", "power", "repeat", "runge", "shaped", "sparse", "steadystate",
    "tabulate", "unadvanced", "unset", "element_at", "with_element",
    "random123_ipick", "random123_uniform", "random123_pair", "random123_normal", "random123_sequence",
    "random123_pick", "random123_picked", "Stream",
    "received", "sent_at",
    "Action", "Armed", "Current", "Diffusion", "Field", "IonUse", "Mechanism", "Pointer", "MECHANISM",
)  # fmt: skip
OWN = (
    "p", "s", "env", "initial", "current", "advance", "k", "list", "range", "then", "otherwise", "found", "going",
    "turn", "left_behind",
)  # fmt: skip
RESERVED = frozenset([*HELPERS, *OWN, *MATH])


def choose_python_names(names: Iterable[str], needed: Iterable[str] = ()) -> dict[str, str]:
    """Give each NMODL name a Python name: its own unless Python or the generated code needs it, or it is ``needed``."""
    taken = set(names)
    reserved = RESERVED.union(needed)
    out: dict[str, str] = {}
    for name in sorted(taken):
        new = name
        while keyword.iskeyword(new) or new in reserved or (new != name and new in taken):
            new += "_"
        out[name] = new
    return out


def print_number(value: float) -> str:
    """Return a Python float, short where that is exact; one that is too large is inf, as in C."""
    if math.isinf(value):
        return "1e999" if value > 0.0 else "-1e999"
    short = f"{value:g}".replace("e+0", "e").replace("e-0", "e-").replace("e+", "e")
    return short if "e" in short and float(short) == value else repr(float(value))


class Printer:
    """Prints expressions; ``call`` prints a call of a function of the file.

    ``divides_by_zero`` tells a quotient that Python refuses, where C gives inf or nan.
    """

    def __init__(
        self,
        names: dict[str, str],
        call: Callable[[sx.Call, list[str]], str],
        divides_by_zero: Callable[[sx.Binary], bool] = lambda e: False,
    ) -> None:
        self.names = names
        self.user_call = call
        self.divides_by_zero = divides_by_zero

    def name(self, name: str) -> str:
        """Return the Python name of an NMODL name."""
        return self.names.get(name, name)

    def text(self, expr: sx.Expr) -> str:
        """Return the text of a number."""
        return self._value(expr)[0]

    def _value(self, e: sx.Expr) -> tuple[str, int]:
        match e:
            case sx.Num():
                return print_number(e.value), ATOM if e.value >= 0 else UNARY
            case sx.Var():
                return self.var(e), ATOM
            case sx.Call():
                return self._call(e), ATOM
            case sx.LookUp():
                args = [f'function_tables["{e.table}"]', *(self.text(arg) for arg in e.args)]
                return f"function_table({', '.join(args)})", ATOM
            case sx.Unary(op="-"):
                return "-" + self._in(e.arg, UNARY), UNARY
            case sx.Binary(op="/") if self.divides_by_zero(e):
                return f"divide({self.text(e.left)}, {self.text(e.right)})", ATOM
            case sx.Binary(op="+" | "-" | "*" | "/" as op):
                left, right = self._in(e.left, LEVEL[op]), self._in(e.right, LEVEL[op] + 1)
                return f"{left} {op} {right}", LEVEL[op]
            case sx.Binary(op="^"):
                return f"power({self.text(e.left)}, {self.text(e.right)})", ATOM
            case sx.Unary() | sx.Binary():
                return f"number({self.condition(e)})", ATOM
            case sx.Derivative() | sx.Text() | sx.Cast():
                raise AssertionError(f"{type(e).__name__} has no value of its own, and is refused as one")
            case _:
                unknown(e)

    def _in(self, e: sx.Expr, level: int) -> str:
        text, own = self._value(e)
        return text if own >= level else f"({text})"

    def condition(self, e: sx.Expr) -> str:
        """Return the text of a boolean."""
        return self._condition(e)[0]

    def _condition(self, e: sx.Expr) -> tuple[str, int]:
        match e:
            case sx.Binary(op=op) if op in COMPARISONS:
                level = LEVEL[op]
                return f"{self._in(e.left, level + 1)} {op} {self._in(e.right, level + 1)}", level
            case sx.Binary(op=op) if op in LOGIC:
                sides = [self._condition(side) for side in (e.left, e.right)]
                texts = [text if own == ATOM else f"({text})" for text, own in sides]
                return f" {LOGIC[op]} ".join(texts), LEVEL[LOGIC[op]]
            case sx.Unary(op="!"):
                return f"negate({self.condition(e.arg)})", ATOM
            case _:
                return f"{self._in(e, LEVEL['+'])} != 0.0", LEVEL["!="]

    def var(self, var: sx.Var) -> str:
        """Return the text of a variable, or of an element of an array."""
        name = self.name(var.name)
        running = sx.cast_index(var)
        if running is not None:
            return f"element_at({name}, {self.text(running)})"
        return name if var.index is None else f"{name}[{self.index(var.index)}]"

    def index(self, e: sx.Expr) -> str:
        """Return the text of an index, in which whole numbers stay whole."""
        return self._index(e)[0]

    def _index(self, e: sx.Expr) -> tuple[str, int]:
        match e:
            case sx.Num():
                return str(int(e.value)), ATOM if e.value >= 0 else UNARY
            case sx.Binary(op=sx.QUOTIENT):
                return f"int({self._whole(e.left, LEVEL['/'])} / {self._whole(e.right, LEVEL['/'] + 1)})", ATOM
            case sx.Binary(op="+" | "-" | "*" as op):
                return f"{self._whole(e.left, LEVEL[op])} {op} {self._whole(e.right, LEVEL[op] + 1)}", LEVEL[op]
            case sx.Unary(op="-"):
                return "-" + self._whole(e.arg, UNARY), UNARY
            case _:
                return self._value(e)

    def _whole(self, e: sx.Expr, level: int) -> str:
        text, own = self._index(e)
        return text if own >= level else f"({text})"

    def _call(self, e: sx.Call) -> str:
        args = [self.text(arg) for arg in e.args]
        if e.name in MATH:
            own = {"pow": "power", "abs": "fabs"}.get(e.name, e.name.replace(".", "_"))
            return f"{own}({', '.join(args)})"
        return self.user_call(e, args)
