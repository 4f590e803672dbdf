"""Find quotients of plain Python numbers, which Python refuses to divide by 0 where C gives inf or nan.

In: ``MechanismIR``. Out: which names may hold a Python number, not an array, while the generated code runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from jxneuron.nmodl.analysis.ir import MechanismIR
from jxneuron.nmodl.frontend.symbols import MATH, USETABLE
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.algebra import fold
from jxneuron.nmodl.syntax.visit import Body, bodies, expressions, find_parts, unknown

Around = tuple[int, ...]  # the bodies around a statement, by ``id``


@dataclass
class KnownNumbers:
    """Names that may hold a Python number: what was set to one somewhere, on whatever path.

    What an IF or a WHILE sets is an array after it, and a number inside of it at most, unless its condition is known.

    Attributes:
        constants: the named numbers of the file.
        blocks: the parts of the file, by the name of their function.
        names: pairs of the body inside of which it counts, 0 for all, and a name, ``block.name`` where it is local.
    """

    constants: Mapping[str, float]
    blocks: Mapping[str, sx.Block]
    names: set[tuple[int, str]] = field(default_factory=lambda: {(0, USETABLE)})

    def divides_by_zero(self, e: sx.Binary, block: str = "", around: Around = ()) -> bool:
        """True where both sides of a quotient may be Python numbers, and the lower one 0; "": outside of blocks."""
        below = fold(e.right, self.constants)
        may_be_zero = below == 0.0 if below is not None else not _is_positive(e.right)
        return may_be_zero and all(self.is_number(side, block, around) for side in (e.right, e.left))

    def is_number(self, e: sx.Expr, block: str, around: Around) -> bool:
        """True where the value of an expression may be a Python number."""
        match e:
            case sx.Num():
                return True
            case sx.Var():
                key = self.key(e.name, block)
                return e.name in self.constants or any((body, key) in self.names for body in (0, *around))
            case sx.Unary():
                return self.is_number(e.arg, block, around)
            case sx.Binary():
                return self.is_number(e.left, block, around) and self.is_number(e.right, block, around)
            case sx.Call():
                own = e.name in MATH and all(self.is_number(arg, block, around) for arg in e.args)
                return own or (0, f"{e.name}.{e.name}") in self.names
            case sx.LookUp() | sx.Derivative() | sx.Text() | sx.Cast():
                return False
            case _:
                unknown(e)

    def key(self, name: str, block: str) -> str:
        """Return the name of a variable, with its block's where it is local."""
        return f"{block}.{name}" if block and name in _locals(self.blocks[block]) else name

    def follow(self) -> None:
        """Add what the blocks set to numbers, until nothing is new."""
        while not (new := set(self._set_to_numbers())) <= self.names:
            self.names |= new

    def _set_to_numbers(self) -> Iterator[tuple[int, str]]:
        for name, block in self.blocks.items():
            for s, around in self._statements(block.body, name):
                inside = around[-1] if around else 0
                match s:
                    case sx.For():
                        yield inside, self.key(s.index, name)
                    case sx.Assign() if self.is_number(s.value, name, around):
                        yield inside, self.key(s.target.name, name)
                    case _:
                        pass
                for call in find_parts(sx.Call, *expressions(s)):
                    called = self.blocks.get(call.name)
                    pairs = zip(called.args, call.args, strict=False) if called is not None else ()
                    yield from ((0, f"{call.name}.{x}") for x, value in pairs if self.is_number(value, name, around))

    def _statements(self, body: Body, block: str, around: Around = ()) -> Iterator[tuple[sx.Statement, Around]]:
        for s in body:
            yield s, around
            known = isinstance(s, sx.For) or (isinstance(s, sx.If) and self.is_number(s.condition, block, around))
            for inner in bodies(s):
                yield from self._statements(inner, block, around if known else (*around, id(inner)))


def known_numbers(ir: MechanismIR) -> KnownNumbers:
    """Find the names of a mechanism that may hold a Python number."""
    entries = {e.name: sx.Block("ENTRY", e.name, (), e.body, e.locals) for e in ir.entries}
    numbers = KnownNumbers(ir.constants, {**{f.block.name: f.block for f in ir.functions}, **entries})
    numbers.follow()
    return numbers


def _is_positive(e: sx.Expr) -> bool:
    """True where the signs in an expression say that it is never 0: ``1 + exp(x)``."""
    match e:
        case sx.Num():
            return e.value > 0.0
        case sx.Binary(op="+", left=left, right=right):
            sides = (left, right)
            return any(map(_is_positive, sides)) and all(_is_positive(side) or _is_size(side) for side in sides)
        case _:
            return False


def _is_size(e: sx.Expr) -> bool:
    return isinstance(e, sx.Call) and e.name in ("exp", "fabs", "sqrt")


def _locals(block: sx.Block) -> Iterable[str]:
    own = [block.name] if block.kind == "FUNCTION" else []
    return {*block.args, *block.local_names, *own}
