"""Translate C statements that say the same in NMODL: assignments to the mechanism's variables, and IF around them.

In: C text. Out: syntax statements, or None for anything else. Only doubles of the mechanism are understood: no
declarations, no calls, no pointers, no division of whole numbers.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from jxneuron.nmodl.syntax import nodes as sx

_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_TOKEN = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[A-Za-z_]\w*|&&|\|\||[<>=!]=|\S")
LEVELS = (("||",), ("&&",), ("==", "!=", "<", ">", "<=", ">="), ("+", "-"), ("*", "/"))


class _NotPlain(Exception):
    pass


def translate(text: str, hidden: Collection[str], line: int) -> list[sx.Statement] | None:
    """Return the NMODL statements that some C statements mean, None where they are not understood.

    Args:
        text: the C text.
        hidden: names that C knows otherwise: a block's arguments and locals.
        line: of the VERBATIM.
    """
    reader = _Reader(_TOKEN.findall(_COMMENT.sub(" ", text)), hidden, line)
    out: list[sx.Statement] = []
    try:
        while reader.peek():
            out.append(reader.statement())
    except _NotPlain:
        return None
    return out


class _Reader:
    def __init__(self, words: Sequence[str], hidden: Collection[str], line: int) -> None:
        self.words, self.hidden, self.line, self.at = words, hidden, line, 0

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

    def statement(self) -> sx.Statement:
        """Read an assignment, or an ``if``."""
        if self.peek() == "if":
            return self.condition()
        target = self.variable(self.take())
        self.take("=")
        value = self.expression(0)
        self.take(";")
        return sx.Assign(target, value, self.line)

    def condition(self) -> sx.Statement:
        """Read ``if (test) ... else ...``."""
        self.take("if")
        self.take("(")
        test = self.expression(0)
        self.take(")")
        then = self.block()
        otherwise: tuple[sx.Statement, ...] = ()
        if self.peek() == "else":
            self.take("else")
            otherwise = (self.condition(),) if self.peek() == "if" else self.block()
        return sx.If(test, then, otherwise, self.line)

    def block(self) -> tuple[sx.Statement, ...]:
        """Read one statement, or those between braces."""
        if self.peek() != "{":
            return (self.statement(),)
        self.take("{")
        out: list[sx.Statement] = []
        while self.peek() != "}":
            out.append(self.statement())
        self.take("}")
        return tuple(out)

    def expression(self, level: int) -> sx.Expr:
        """Read an expression of operators that bind at least as tightly as ``LEVELS[level]``."""
        if level == len(LEVELS):
            return self.operand()
        left = self.expression(level + 1)
        while self.peek() in LEVELS[level]:
            op, start = self.take(), self.at
            right = self.expression(level + 1)
            if op == "/" and self.at == start + 1 and self.words[start].isdigit():
                right = self.divisor(left, right)
            left = sx.Binary(op, left, right)
        return left

    def divisor(self, left: sx.Expr, right: sx.Expr) -> sx.Expr:
        """Refuse ``1 / 2``, C's division of whole numbers; return the divisor of ``x / 2``, which is floating."""
        if isinstance(left, sx.Num):
            raise _NotPlain
        return right

    def operand(self) -> sx.Expr:
        """Read a number, a variable, a negative operand, or an expression in parentheses."""
        word = self.take()
        if word == "-":
            return sx.Unary("-", self.operand())
        if word == "(":
            inner = self.expression(0)
            self.take(")")
            return inner
        if word[0].isdigit() or word[0] == ".":
            return self.number(word)
        return self.variable(word)

    def number(self, word: str) -> sx.Expr:
        """Read a number."""
        try:
            return sx.Num(float(word))
        except ValueError:
            raise _NotPlain from None

    def variable(self, word: str) -> sx.Var:
        """Read a variable, or an element with a number as its index."""
        if not word.isidentifier() or word.startswith("_") or word in self.hidden or self.peek() == "(":
            raise _NotPlain
        if self.peek() != "[":
            return sx.Var(word)
        self.take("[")
        index = self.take()
        self.take("]")
        if not index.isdigit():
            raise _NotPlain
        return sx.Var(word, sx.Num(float(index)))
