"""Translate C statements, and the NMODL between them, that say the same in NMODL.

In: pieces of C text, one of which may open braces that a later one closes, and what their names mean. Out: syntax
statements, or None for anything else. Understood are assignments of numbers, ``if``, ``switch``, loops, ``return``,
variables, the mathematical functions of NMODL, calls of its FUNCTIONs and PROCEDUREs, random numbers drawn through a
POINTER, and messages; not other pointers, or division of whole numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

from jxneuron.nmodl.frontend.c_draws import DRAWS, IS_SET, POINTER, SET_SEQUENCE, Draws
from jxneuron.nmodl.frontend.c_values import Typed, find_known, read_number
from jxneuron.nmodl.frontend.c_words import Names, NotPlain, Word, split_into_words
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.visit import find_parts, find_statements, rename
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
TYPES = ("double", "int")
NO_NUMBER = sx.Binary("-", sx.Num(float("inf")), sx.Num(float("inf")))
LEVELS = (("||",), ("&&",), ("==", "!="), ("<", ">", "<=", ">="), ("+", "-"), ("*", "/"))
UNUSABLE, NO_VECTOR = "unusable ", "vector "  # in the place of the name of a LOCAL
# An ASSIGNED that C code takes for the address of a Vector; "" for its name
VECTORS = (
    ("*", "reinterpret_cast", "<", "IvocVect", "*", "*", ">", "(", "&", "", ")"),
    ("*", "(", "(", "IvocVect", "*", "*", ")", "(", "&", "", ")", ")"),
    ("*", "(", "(", "void", "*", "*", ")", "(", "&", "", ")", ")"),
)
TESTS = tuple(op for level in LEVELS[:4] for op in level)


def translate(pieces: Sequence[sx.Statement], names: Names) -> list[sx.Statement] | None:
    """Return the NMODL statements that C code means, with the NMODL between its pieces; None where it says more.

    Args:
        pieces: statements, VERBATIM among them.
        names: what names mean in the C code.
    """
    out: list[sx.Statement] = []
    try:
        reader = _Reader([*split_into_words(pieces)], names)
        while not reader.at_end():
            out += reader.statement()
    except NotPlain:
        return None
    names.locals += reader.locals
    return out


class _Reader(Draws):
    def __init__(self, words: Sequence[Word], names: Names) -> None:
        super().__init__(words, names)
        self.own = {*names.block.args, *names.block.local_names, names.block.name, *names.loops}
        self.before: list[sx.Statement] = []  # assignments inside a test
        self.test = -1  # where the test begins that may hold one
        self.declared: list[dict[str, str]] = [{}]  # for each pair of braces, its variables
        self.locals: list[str] = []
        self.whole: set[str] = set()  # the LOCALs of whole C variables

    # --- statements

    def statement(self) -> list[sx.Statement]:
        """Read one statement, or those between braces; of NMODL, one with the names that C variables have there."""
        if self.at_end():
            raise NotPlain
        what = self.words[self.at].what
        if not isinstance(what, str):
            self.at += 1
            return [*rename((what,), {word: own for inner in self.declared for word, own in inner.items()})]
        match what:
            case ";":
                self.take()
                return []
            case "while" | "for" | "do":
                return self.loop()
            case "break":
                self.take()
                self.take(";")
                return [sx.Break(self.line)]
            case "hoc_execerror":
                return self.stopped()
            case "{":
                return self.block()
            case "if":
                return self.condition()
            case "switch":
                return self.switch()
            case "return":
                return self.returned()
            case "double" | "int" | "const" if self.peek(1) != "*":
                return self.declaration()
            case "double" | "int" | "void" | "IvocVect":
                return self.other_declaration()
            case "extern":
                return self.declared_elsewhere()
            case "printf" | "fprintf":
                return self.message()
            case _:
                done = self.simple()
                self.take(";")
                return done

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

    def simple(self) -> list[sx.Statement]:
        """Read an assignment, a step by 1, or a call."""
        word = self.take()
        if word in ("++", "--"):
            return self.stepped(self.variable(self.take()), word)
        if word == SET_SEQUENCE:
            return [sx.Do(self.set_sequence(), self.line)]
        if word in self.names.functions and self.peek() == "(":
            return [sx.Do(self.call_of_block(word), self.line)]
        target = self.variable(word)
        op = self.take("=", "+=", "-=", "*=", "/=", "++", "--")
        if op in ("++", "--"):
            return self.stepped(target, op)
        if op == "=":
            return self.set_to(target)
        value = self.expression(0)
        if target.name in self.whole and not (value.whole and op != "/="):  # C cuts it
            raise NotPlain
        return [sx.Assign(target, sx.Binary(op[0], target, value.e), self.line)]

    def set_to(self, target: sx.Var) -> list[sx.Statement]:
        """Read the right side of an assignment, which may be ``test ? a : b``."""
        value = self.expression(0)
        if self.peek() != "?":
            kept = self.stored(target, value)
            return [] if kept == target else [sx.Assign(target, kept, self.line)]
        self.take("?")
        then = self.stored(target, self.expression(0))
        self.take(":")
        otherwise = self.stored(target, self.expression(0))
        sides = [(sx.Assign(target, side, self.line),) for side in (then, otherwise)]
        return [sx.If(value.e, sides[0], sides[1], self.line)]

    def stored(self, target: sx.Var, value: Typed) -> sx.Expr:
        """Return what an assignment stores."""
        if target.name in self.whole and not value.whole:  # C cuts it
            raise NotPlain
        return value.e

    def stepped(self, target: sx.Var, op: str) -> list[sx.Statement]:
        """Return ``x++`` or ``x--``."""
        return [sx.Assign(target, sx.Binary(op[0], target, sx.Num(1.0)), self.line)]

    def loop(self) -> list[sx.Statement]:
        """Read ``while (test) turn``, ``for (first; test; step) turn`` or ``do turn while (test);``."""
        kind, first, step = self.take(), [], []
        if kind == "do":
            first = self.statement()
            self.take("while")
        self.take("(")
        if kind == "for":
            first = [] if self.peek() == ";" else self.simple()
            self.take(";")
        test, line = self.expression(0).e, self.line
        if kind == "for":
            self.take(";")
            step = [] if self.peek() == ")" else self.simple()
        self.take(")")
        if kind != "do":
            return [*first, sx.While(test, (*self.statement(), *step), line)]
        self.take(";")
        if any(find_statements(sx.Break, first)):
            raise NotPlain
        return [*first, sx.While(test, tuple(first), line)]

    def stopped(self) -> list[sx.Statement]:
        """Read ``hoc_execerror(...)``, which ends the run: the FUNCTION has no value."""
        if self.names.block.kind != "FUNCTION":
            raise NotPlain
        while self.take() != ";":
            pass
        return [sx.Assign(sx.Var(self.names.block.name), NO_NUMBER, self.line), sx.Return(self.line)]

    def condition(self) -> list[sx.Statement]:
        """Read ``if (test) ... else ...``, of which a side is left out that never runs at fixed steps."""
        self.take("if")
        self.take("(")
        alone = self.peek(3) == ")" and self.takes("_nt", "!=", "nrn_threads")  # there is one thread
        if alone or self.is_no_vector():
            known, test, before = False, sx.Num(0.0), list[sx.Statement]()
        else:
            self.test = self.at
            test = self.expression(0).e
            before, self.before, self.test = self.before, [], -1
            known = find_known(test)
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
            raise NotPlain
        self.take("{")
        cases: list[tuple[sx.Expr, list[sx.Statement]]] = []
        while self.peek() != "}":
            self.take("case")
            number = read_number(self.take())
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
                raise NotPlain
            if depth == 0 and word in (";", "}"):
                return []

    def returned(self) -> list[sx.Statement]:
        """Read ``return``, in a FUNCTION with a value, elsewhere without one or with 0."""
        self.take("return")
        block = self.names.block
        if block.kind in NO_RETURN:
            raise NotPlain
        if block.kind == "FUNCTION" and self.peek() != ";":
            assigned = self.set_to(sx.Var(block.name))
            self.take(";")
            return [*assigned, sx.Return(self.line)]
        value = None if self.peek() == ";" else self.expression(0).e
        self.take(";")
        if block.kind == "FUNCTION" or value not in (None, sx.Num(0.0)):
            raise NotPlain
        return [sx.Return(self.line)]

    def declaration(self) -> list[sx.Statement]:
        """Read ``double a, b = 1;`` or ``int k;``."""
        self.takes("const")
        kind = self.take(*TYPES)
        out: list[sx.Statement] = []
        while True:
            word = self.take()
            if not word.isidentifier() or word.startswith("_"):
                raise NotPlain
            own = free_name(f"{word}_in_c", {*self.names.taken, *self.own, *self.names.locals, *self.locals})
            self.locals.append(own)
            self.whole |= {own} if kind == "int" else set()
            if self.takes("="):
                out += self.set_to(sx.Var(own))
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
                raise NotPlain
            self.declared[-1][word] = UNUSABLE
            if self.peek() == "=":
                self.take("=")
                self.vector(word)
            if self.take(",", ";") == ";":
                return []

    def vector(self, word: str) -> None:
        """Read the address of a Vector that hoc may have handed over: an ASSIGNED holds it, and it is 0 here."""
        for form in VECTORS:
            if all(word in (self.peek(k), "") for k, word in enumerate(form)):
                self.at += len(form)
                self.declared[-1][word] = NO_VECTOR
                return
        raise NotPlain

    def is_no_vector(self) -> bool:
        """True for a test of whether there is a Vector, which is stepped over: ``vv``, or ``auto* vv = ...``."""
        if self.takes("auto", "*"):
            word = self.take()
            self.take("=")
            self.vector(word)
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
                raise NotPlain
            if self.take(",", ")") == ")":
                self.take(";")
                return []

    # --- expressions

    def expression(self, level: int) -> Typed:
        """Read an expression of operators that bind at least as tightly as ``LEVELS[level]``."""
        if level == len(LEVELS):
            return self.operand()
        left = self.expression(level + 1)
        while self.peek() in LEVELS[level]:
            op = self.take()
            right = self.expression(level + 1)
            whole = left.whole and right.whole
            if op == "/" and whole:  # C cuts the quotient
                raise NotPlain
            left = Typed(sx.Binary(op, left.e, right.e), whole or op in TESTS)
        return left

    def operand(self) -> Typed:
        """Read a number, a variable, a call, a sign and its operand, or an expression in parentheses."""
        word = self.take()
        if word in ("-", "!"):
            inner = self.operand()
            return Typed(sx.Unary(word, inner.e), inner.whole or word == "!")
        if word == "+":
            return self.operand()
        if word == "(":
            if self.peek() == "double":
                self.take("double")
                self.take(")")
                return Typed(self.operand().e)
            inner = self.assigned() if self.test == self.at - 1 else self.expression(0)
            self.take(")")
            return inner
        if word[0].isdigit() or word[0] == ".":
            return read_number(word)
        if word == CVODE:
            return Typed(sx.Num(0.0), whole=True)
        if word.startswith(POINTER):
            self.at -= 1
            return Typed(sx.Call(IS_SET, (self.stream(),)), whole=True)
        if self.peek() == "(":
            return Typed(self.draw(word) if word in DRAWS else self.call(word), word == "nrnran123_ipick")
        return self.element(word)

    def element(self, word: str) -> Typed:
        """Read a variable; the index of a loop is a whole number."""
        var = self.variable(word)
        return Typed(var, var.index is None and (var.name in self.names.loops or var.name in self.whole))

    def assigned(self) -> Typed:
        """Read what begins a test: an assignment, whose value counts, or any other expression."""
        start, self.test = self.at, -1
        word = self.take()
        if word.isidentifier() and self.peek() != "(":
            target = self.variable(word)
            if self.peek() == "=":
                self.take("=")
                self.before.append(sx.Assign(target, self.expression(0).e, self.line))
                return Typed(target)
        self.at = start
        return self.expression(0)

    def call(self, word: str) -> sx.Call:
        """Read a call of a mathematical function, or of a FUNCTION of the file."""
        if word in self.names.functions and word not in self.names.procedures:
            return self.call_of_block(word)
        if word not in FUNCTIONS or word in self.names.functions:
            raise NotPlain
        self.take("(")
        args = self.arguments()
        if len(args) != FUNCTIONS[word]:
            raise NotPlain
        return sx.Call(word, args)

    def call_of_block(self, word: str) -> sx.Call:
        """Read a call of a FUNCTION or PROCEDURE of the file, which is handed the arguments of the thread."""
        self.take("(")
        first = self.peek()
        if first in THREAD:
            self.take()
        elif self.names.vectorized:  # does not build
            raise NotPlain
        args = self.arguments()
        if len(args) != self.names.functions[word] or (first in THREAD and bool(args) != (first == THREAD[1])):
            raise NotPlain
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
            raise NotPlain
        if declared is not None:
            return sx.Var(declared)
        if word == ARGUMENTS and self.names.block.kind in sx.RECEIVING:
            return self.weight()
        if word.startswith(ION):
            return self.ion(word.removeprefix(ION))
        name = word.removeprefix(LOCAL)
        if word.startswith(LOCAL) and name in self.own:
            return sx.Var(name)
        if not word.isidentifier() or word.startswith("_") or self.peek() == "(":
            raise NotPlain
        if word in self.own or word in self.names.pointers:
            raise NotPlain
        return sx.Var(word) if self.peek() != "[" else sx.Var(word, self.index())

    def weight(self) -> sx.Var:
        """Read an argument of NET_RECEIVE."""
        weights, k = self.names.block.args[:-1], self.index()
        if not isinstance(k, sx.Num) or k.value >= len(weights):
            raise NotPlain
        return sx.Var(weights[int(k.value)])

    def ion(self, name: str) -> sx.Var:
        """Read an ion's own variable, where the mechanism's copy has the same value."""
        if not self.line < self.names.ions.get(name, -1):
            raise NotPlain
        return sx.Var(name)

    def index(self) -> sx.Num | sx.Var:
        """Read the index of an element: a number, or that of a loop."""
        self.take("[")
        word = self.take()
        index = read_number(word) if word.isdigit() else self.element(word)
        self.take("]")
        if not index.whole or not isinstance(index.e, sx.Num | sx.Var):
            raise NotPlain
        return index.e
