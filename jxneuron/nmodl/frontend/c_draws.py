"""Calls of C code that draw random numbers through a POINTER.

In: words. Out: calls of NMODL.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from jxneuron.nmodl.frontend.c_values import Typed
from jxneuron.nmodl.frontend.c_words import Names, NotPlain, Word, Words
from jxneuron.nmodl.syntax import nodes as sx

POINTER = "_p_"
CAST = ("Rand", "nrnran123_State", "void")
# Functions of NEURON that draw from a stream, what NMODL's own are called, and how many more arguments they take
DRAWS = {
    "nrn_random_pick": ("random_pick", (0,)),
    "nrnran123_dblpick": ("random_dpick", (0,)),
    "nrnran123_uniform": ("random_uniform", (0, 2)),
    "nrnran123_negexp": ("random_negexp", (0, 1)),
    "nrnran123_normal": ("random_normal", (0, 2)),
    "nrnran123_ipick": ("random_ipick", (0,)),
}
SET_SEQUENCE = "nrnran123_setseq"
IS_SET = "random_is_set"


class Draws(Words, ABC):
    """Reads such calls; ``expression`` reads their other arguments."""

    def __init__(self, words: Sequence[Word], names: Names) -> None:
        super().__init__(words)
        self.names = names

    @abstractmethod
    def expression(self, level: int) -> Typed:
        """Read an expression."""

    def draw(self, word: str) -> sx.Call:
        """Read a call of a function that draws."""
        own, counts = DRAWS[word]
        stream, more = self.arguments_of_stream()
        if len(more) not in counts:
            raise NotPlain
        return sx.Call(own, (stream, *(value.e for value in more)))

    def set_sequence(self) -> sx.Call:
        """Read ``nrnran123_setseq(stream, n, which)`` with numbers."""
        stream, more = self.arguments_of_stream()
        numbers = [value.e.value for value in more if isinstance(value.e, sx.Num) and value.whole]
        if len(numbers) != 2 or len(more) != 2 or not 0 <= numbers[1] < 4:
            raise NotPlain
        return sx.Call("random_setseq", (stream, sx.Num(4.0 * numbers[0] + numbers[1])))

    def arguments_of_stream(self) -> tuple[sx.Var, list[Typed]]:
        """Read a stream and the arguments after it, in parentheses."""
        self.take("(")
        stream = self.stream()
        more: list[Typed] = []
        while self.takes(","):
            more.append(self.expression(0))
        self.take(")")
        return stream, more

    def stream(self) -> sx.Var:
        """Read a POINTER to a stream, with or without a cast."""
        if not self.takes("RANDCAST") and self.takes("("):
            self.take(*CAST)
            self.take("*")
            self.take(")")
        word = self.take()
        name = word.removeprefix(POINTER)
        if not word.startswith(POINTER) or name not in self.names.pointers:
            raise NotPlain
        return sx.Var(name)
