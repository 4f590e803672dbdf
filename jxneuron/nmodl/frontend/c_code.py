"""Translate C statements that say the same in NMODL.

In: C text, and what its names mean there. Out: syntax statements, or None for anything else. Understood are assignments
to doubles, ``if``, ``switch``, ``return``, ``double`` variables, the mathematical functions of NMODL, calls of its
FUNCTIONs and PROCEDUREs, and messages; not pointers, loops, or division of whole numbers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.algebra import fold
from jxneuron.nmodl.syntax.visit import find_parts
from jxneuron.nmodl.syntax.walk import free_name

ION = "_ion_"
LOCAL = "_l"
ARGUMENTS = "_args"  # the weights, in NET_RECEIVE
THREAD = ("_threadargs_", "_threadargscomma_")  # what nocmodl hands on to each function of the file
CVODE = "cvode_active_"  # 0 at fixed steps
FUNCTIONS = {
    "exp": 1, "log": 1, "log10": 1, "sqrt": 1, "sin": 1, "cos": 1, "tan": 1, "asin": 1, "acos": 1, "atan": 1,
    "sinh": 1, "cosh": 1, "tanh": 1, "fabs": 1, "floor": 1, "ceil": 1, "erf": 1, "atan2": 2, "fmod": 2, "pow": 2,
    "fmin": 2, "fmax": 2,
}  # fmt: skip
NO_RETURN = ("BREAKPOINT", "KINETIC", "LINEAR")  # their statements are part of a longer function
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_TOKEN = re.compile(
    r'"(?:\\.|[^"\\])*"|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[A-Za-z_]\w*|&&|\|\||[<>=!+\-*/]=|\+\+|--|\S'
)
LEVELS = (("||",), ("&&",), ("==", "!="), ("<", ">", "<=", ">="), ("+", "-"), ("*", "/"))
UNUSABLE, NO_VECTOR = "unusable ", "vector "  # in the place of the name of a LOCAL
# An ASSIGNED that C code takes for the address of a Vector; "" for its name
VECTORS = (
    ("*", "reinterpret_cast", "<", "IvocVect", "*", "*", ">", "(", "&", "", ")"),
    ("*", "(", "(", "IvocVect", "*", "*", ")", "(", "&", "", ")", ")"),
    ("*", "(", "(", "void", "*", "*", ")", "(", "&", "", ")", ")"),
)
TESTS = tuple(op for level in LEVELS[:4] for op in level)


class _NotPlain(Exception):
    pass


class _Typed(NamedTuple):
    """An expression, and whether C takes it for a whole number."""

    e: sx.Expr
    whole: bool = False


@dataclass
class Names:
    """What names mean to the C code of one block.

    Attributes:
        block: the block.
        functions: by name, how many arguments each FUNCTION of the file takes; PROCEDUREs likewise.
        procedures: which of them are PROCEDUREs.
        vectorized: its functions are handed the arguments of the thread.
        ions: up to which line each ion variable's copy equals the ion's own.
        loops: indices of the FROM loops around the C code, which are whole numbers.
        taken: names of the file.
        locals: names of the variables that the C code declares; ``translate`` adds to them.
    """

    block: sx.Block
    functions: Mapping[str, int] = field(default_factory=dict[str, int])
    procedures: frozenset[str] = frozenset()
    vectorized: bool = True
    ions: Mapping[str, float] = field(default_factory=dict[str, float])
    loops: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()
    locals: list[str] = field(default_factory=list[str])


def translate(text: str, names: Names, line: int) -> list[sx.Statement] | None:
    """Return the NMODL statements that some C statements mean, None where they are not understood.

    Args:
        text: the C text.
        names: what its names mean.
        line: of the VERBATIM.
    """
    reader = _Reader(_TOKEN.findall(_COMMENT.sub(" ", text)), names, line)
    out: list[sx.Statement] = []
    try:
        while reader.peek():
            out += reader.statement()
    except _NotPlain:
        return None
    names.locals += reader.locals
    return out


class _Reader:
    def __init__(self, words: Sequence[str], names: Names, line: int) -> None:
        self.words, self.names, self.line, self.at = words, names, line, 0
        self.own = {*names.block.args, *names.block.local_names, names.block.name, *names.loops}
        self.before: list[sx.Statement] = []  # assignments inside a test
        self.test = -1  # where the test begins that may hold one
        self.declared: list[dict[str, str]] = [{}]  # for each pair of braces, its variables
        self.locals: list[str] = []

    def peek(self) -> str:
        """Return the word that comes next, "" at the end; it is a method since it changes with every ``take``."""
        return self.words[self.at] if self.at < len(self.words) else ""

    def take(self, *expected: str) -> str:
        """Return the next word and step over it; stop where it is none of those expected."""
        word = self.peek()
        if not word or (expected and word not in expected):
            raise _NotPlain
        self.at += 1
        return word

    # --- statements

    def statement(self) -> list[sx.Statement]:
        """Read one statement, or those between braces."""
        match self.peek():
            case ";":
                self.take()
                return []
            case "{":
                return self.block()
            case "if":
                return self.condition()
            case "switch":
                return self.switch()
            case "return":
                return self.returned()
            case "double" if self.words[self.at + 1 : self.at + 2] != ["*"]:
                return self.declaration()
            case "double" | "int" | "void" | "IvocVect":
                return self.other_declaration()
            case "extern":
                return self.declared_elsewhere()
            case "printf" | "fprintf":
                return self.message()
            case "++" | "--":
                step = self.take()
                return self.stepped(self.variable(self.take()), step)
            case _:
                return self.assignment()

    def block(self) -> list[sx.Statement]:
        """Read the statements between braces."""
        self.take("{")
        self.declared.append({})
        out: list[sx.Statement] = []
        while self.peek() != "}":
            out += self.statement()
        self.take("}")
        self.declared.pop()
        return out

    def assignment(self) -> list[sx.Statement]:
        """Read an assignment, or a call."""
        word = self.take()
        if word in self.names.functions and self.peek() == "(":
            call = sx.Do(self.call_of_block(word), self.line)
            self.take(";")
            return [call]
        target = self.variable(word)
        op = self.take("=", "+=", "-=", "*=", "/=", "++", "--")
        if op in ("++", "--"):
            return self.stepped(target, op)
        value = self.expression(0).e
        self.take(";")
        if op == "=":
            return [] if value == target else [sx.Assign(target, value, self.line)]
        return [sx.Assign(target, sx.Binary(op[0], target, value), self.line)]

    def stepped(self, target: sx.Var, op: str) -> list[sx.Statement]:
        """Return ``x++`` or ``x--``."""
        self.take(";")
        return [sx.Assign(target, sx.Binary(op[0], target, sx.Num(1.0)), self.line)]

    def condition(self) -> list[sx.Statement]:
        """Read ``if (test) ... else ...``, of which a side is left out that never runs at fixed steps."""
        self.take("if")
        self.take("(")
        if self.is_no_vector():
            known, test, before = False, sx.Num(0.0), list[sx.Statement]()
        else:
            self.test = self.at
            test = self.expression(0).e
            before, self.before, self.test = self.before, [], -1
            known = _known(test)
        self.take(")")
        then = self.skipped() if known is False else self.statement()
        otherwise: list[sx.Statement] = []
        if self.peek() == "else":
            self.take("else")
            otherwise = self.skipped() if known is True else self.statement()
        if known is not None:
            return [*before, *(then if known else otherwise)]
        return [*before, sx.If(test, tuple(then), tuple(otherwise), self.line)]

    def switch(self) -> list[sx.Statement]:
        """Read ``switch (x) { case 0: ... break; ... }``, whose cases all end with ``break``."""
        self.take("switch")
        self.take("(")
        value = self.expression(0)
        self.take(")")
        if not (value.whole and isinstance(value.e, sx.Var)):
            raise _NotPlain
        self.take("{")
        cases: list[tuple[sx.Expr, list[sx.Statement]]] = []
        while self.peek() != "}":
            self.take("case")
            number = _number(self.take())
            self.take(":")
            cases.append((sx.Binary("==", value.e, number.e), self.case()))
        self.take("}")
        out: list[sx.Statement] = []
        for test, body in reversed(cases):
            out = [sx.If(test, tuple(body), tuple(out), self.line)]
        return out

    def case(self) -> list[sx.Statement]:
        """Read the statements of a case."""
        out: list[sx.Statement] = []
        while self.peek() not in ("break", "}"):
            out += self.statement()
        if self.peek() == "break":
            self.take("break")
            self.take(";")
        return out

    def skipped(self) -> list[sx.Statement]:
        """Step over a statement, or over what is between braces."""
        depth = 0
        while True:
            word = self.take()
            depth += {"{": 1, "}": -1}.get(word, 0)
            if depth == 0 and word == "if":  # an else might be its own
                raise _NotPlain
            if depth == 0 and word in (";", "}"):
                return []

    def returned(self) -> list[sx.Statement]:
        """Read ``return``, in a FUNCTION with a value, elsewhere without one or with 0."""
        self.take("return")
        value = None if self.peek() == ";" else self.expression(0).e
        self.take(";")
        block = self.names.block
        if block.kind in NO_RETURN:
            raise _NotPlain
        if block.kind == "FUNCTION" and value is not None:
            own = sx.Var(block.name)
            return [*([] if value == own else [sx.Assign(own, value, self.line)]), sx.Return(self.line)]
        if block.kind == "FUNCTION" or value not in (None, sx.Num(0.0)):
            raise _NotPlain
        return [sx.Return(self.line)]

    def declaration(self) -> list[sx.Statement]:
        """Read ``double a, b = 1;``."""
        self.take("double")
        out: list[sx.Statement] = []
        while True:
            word = self.take()
            if not word.isidentifier() or word.startswith("_"):
                raise _NotPlain
            own = free_name(f"{word}_in_c", {*self.names.taken, *self.own, *self.names.locals, *self.locals})
            self.locals.append(own)
            if self.peek() == "=":
                self.take("=")
                out.append(sx.Assign(sx.Var(own), self.expression(0).e, self.line))
            self.declared[-1][word] = own
            if self.take(",", ";") == ";":
                return out

    def other_declaration(self) -> list[sx.Statement]:
        """Step over ``int k; double* x;``, of which nothing may be used, and over a pointer to a Vector."""
        self.take()
        while True:
            if self.peek() == "*":
                self.take()
            word = self.take()
            if not word.isidentifier() or word.startswith("_"):
                raise _NotPlain
            self.declared[-1][word] = UNUSABLE
            if self.peek() == "=":
                self.take("=")
                self.vector(word)
            if self.take(",", ";") == ";":
                return []

    def vector(self, word: str) -> None:
        """Read the address of a Vector that hoc may have handed over: an ASSIGNED holds it, and it is 0 here."""
        for form in VECTORS:
            words = self.words[self.at : self.at + len(form)]
            if len(words) == len(form) and all(a in (b, "") for a, b in zip(form, words, strict=True)):
                self.at += len(form)
                self.declared[-1][word] = NO_VECTOR
                return
        raise _NotPlain

    def is_no_vector(self) -> bool:
        """True for a test of whether there is a Vector, which is stepped over: ``vv``, or ``auto* vv = ...``."""
        if self.words[self.at : self.at + 2] == ["auto", "*"]:
            self.at += 4
            if self.words[self.at - 1] != "=":
                raise _NotPlain
            self.vector(self.words[self.at - 2])
            return True
        known = next((inner[self.peek()] for inner in reversed(self.declared) if self.peek() in inner), "")
        self.at += known == NO_VECTOR
        return known == NO_VECTOR

    def declared_elsewhere(self) -> list[sx.Statement]:
        """Step over ``extern int cvode_active_;``."""
        for word in ("extern", "int", CVODE, ";"):
            self.take(word)
        return []

    def message(self) -> list[sx.Statement]:
        """Step over ``printf`` or ``fprintf`` of texts and values."""
        self.take()
        self.take("(")
        while True:
            if self.peek().startswith('"') or self.peek() in ("stderr", "stdout"):
                self.take()
            elif any(call.name not in FUNCTIONS for call in find_parts(sx.Call, self.expression(0).e)):
                raise _NotPlain
            if self.take(",", ")") == ")":
                self.take(";")
                return []

    # --- expressions

    def expression(self, level: int) -> _Typed:
        """Read an expression of operators that bind at least as tightly as ``LEVELS[level]``."""
        if level == len(LEVELS):
            return self.operand()
        left = self.expression(level + 1)
        while self.peek() in LEVELS[level]:
            op = self.take()
            right = self.expression(level + 1)
            whole = left.whole and right.whole
            if op == "/" and whole:  # C cuts the quotient
                raise _NotPlain
            left = _Typed(sx.Binary(op, left.e, right.e), whole or op in TESTS)
        return left

    def operand(self) -> _Typed:
        """Read a number, a variable, a call, a sign and its operand, or an expression in parentheses."""
        word = self.take()
        if word in ("-", "!"):
            inner = self.operand()
            return _Typed(sx.Unary(word, inner.e), inner.whole or word == "!")
        if word == "+":
            return self.operand()
        if word == "(":
            if self.peek() == "double":
                self.take("double")
                self.take(")")
                return _Typed(self.operand().e)
            inner = self.assigned() if self.test == self.at - 1 else self.expression(0)
            self.take(")")
            return inner
        if word[0].isdigit() or word[0] == ".":
            return _number(word)
        if word == CVODE:
            return _Typed(sx.Num(0.0), whole=True)
        if self.peek() == "(":
            return _Typed(self.call(word))
        return self.element(word)

    def element(self, word: str) -> _Typed:
        """Read a variable; the index of a loop is a whole number."""
        var = self.variable(word)
        return _Typed(var, var.index is None and var.name in self.names.loops)

    def assigned(self) -> _Typed:
        """Read what begins a test: an assignment, whose value counts, or any other expression."""
        start, self.test = self.at, -1
        word = self.take()
        if word.isidentifier() and self.peek() != "(":
            target = self.variable(word)
            if self.peek() == "=":
                self.take("=")
                self.before.append(sx.Assign(target, self.expression(0).e, self.line))
                return _Typed(target)
        self.at = start
        return self.expression(0)

    def call(self, word: str) -> sx.Call:
        """Read a call of a mathematical function, or of a FUNCTION of the file."""
        if word in self.names.functions and word not in self.names.procedures:
            return self.call_of_block(word)
        if word not in FUNCTIONS or word in self.names.functions:
            raise _NotPlain
        self.take("(")
        args = self.arguments()
        if len(args) != FUNCTIONS[word]:
            raise _NotPlain
        return sx.Call(word, args)

    def call_of_block(self, word: str) -> sx.Call:
        """Read a call of a FUNCTION or PROCEDURE of the file, which is handed the arguments of the thread."""
        self.take("(")
        first = self.peek()
        if first in THREAD:
            self.take()
        elif self.names.vectorized:  # does not build
            raise _NotPlain
        args = self.arguments()
        if len(args) != self.names.functions[word] or (first in THREAD and bool(args) != (first == THREAD[1])):
            raise _NotPlain
        return sx.Call(word, args)

    def arguments(self) -> tuple[sx.Expr, ...]:
        """Read the arguments of a call, up to its closing parenthesis."""
        out: list[sx.Expr] = []
        while self.peek() != ")":
            out.append(self.expression(0).e)
            if self.peek() != ")":
                self.take(",")
        self.take(")")
        return tuple(out)

    def variable(self, word: str) -> sx.Var:
        """Read a variable, or an element with a number as its index."""
        declared = next((inner[word] for inner in reversed(self.declared) if word in inner), None)
        if declared in (UNUSABLE, NO_VECTOR):
            raise _NotPlain
        if declared is not None:
            return sx.Var(declared)
        if word == ARGUMENTS and self.names.block.kind in sx.RECEIVING:
            return self.weight()
        if word.startswith(ION):
            return self.ion(word.removeprefix(ION))
        name = word.removeprefix(LOCAL)
        if word.startswith(LOCAL) and name in self.own:
            return sx.Var(name)
        if not word.isidentifier() or word.startswith("_") or word in self.own or self.peek() == "(":
            raise _NotPlain
        return sx.Var(word) if self.peek() != "[" else sx.Var(word, self.index())

    def weight(self) -> sx.Var:
        """Read an argument of NET_RECEIVE."""
        weights, k = self.names.block.args[:-1], self.index()
        if not isinstance(k, sx.Num) or k.value >= len(weights):
            raise _NotPlain
        return sx.Var(weights[int(k.value)])

    def ion(self, name: str) -> sx.Var:
        """Read an ion's own variable, where the mechanism's copy has the same value."""
        if not self.line < self.names.ions.get(name, -1):
            raise _NotPlain
        return sx.Var(name)

    def index(self) -> sx.Num | sx.Var:
        """Read the index of an element: a number, or that of a loop."""
        self.take("[")
        word = self.take()
        index = _number(word) if word.isdigit() else self.element(word)
        self.take("]")
        if not index.whole or not isinstance(index.e, sx.Num | sx.Var):
            raise _NotPlain
        return index.e


def _number(word: str) -> _Typed:
    """Read a number; C takes one that begins with 0 for an octal."""
    whole = word.isdigit()
    if whole and word[0] == "0" and len(word) > 1:
        raise _NotPlain
    try:
        return _Typed(sx.Num(float(word)), whole)
    except ValueError:
        raise _NotPlain from None


def _known(test: sx.Expr) -> bool | None:
    """Return what a condition is before the run, None where only the run knows."""
    if isinstance(test, sx.Binary) and test.op in ("&&", "||"):
        sides = [_known(test.left), _known(test.right)]
        decided = test.op == "||"
        return decided if decided in sides else (not decided if None not in sides else None)
    number = fold(test, {})
    return None if number is None else bool(number)
