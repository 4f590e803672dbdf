"""Put the calls that change variables into C++'s order: operands from left to right, and no more than are asked for.

In: blocks. Out: blocks in which code generation may run the calls of an expression before the rest of it, in their
order. ``a && f()`` calls f only where a is true, WHILE evaluates its condition again before each turn, and what is on
the left of a call is read before it: such parts become LOCALs of their own. C++ leaves open which of the arguments of a
call comes first: where that shows, the statement becomes Refused.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace

from jxneuron.nmodl.frontend.symbols import Symbols
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.algebra import find_names
from jxneuron.nmodl.syntax.visit import Body, expressions, find_parts, find_statements, map_bodies, map_parts, walk
from jxneuron.nmodl.syntax.walk import find_own_names

LOGIC = ("&&", "||")
COMPARISONS = ("<", ">", "<=", ">=", "==", "!=")
EQUATIONS = (sx.Prime, sx.Reaction, sx.Conserve, sx.Equation, sx.Compartment, sx.LonDiffuse)
WAY_OUT = "Call one of them before, into a LOCAL."


def order_effects(symbols: Symbols) -> Symbols:
    """Order the calls of every block in which a call changes variables."""
    changed = changed_by_calls(symbols)

    def ordered(block: sx.Block) -> sx.Block:
        taken = {*symbols.variables, *symbols.blocks, *block.args, *block.local_names}
        taken |= {name for s in walk(block.body) for name in find_own_names(s)}
        order = _Order(changed, (name for k in itertools.count(1) if (name := f"before_{k}") not in taken))
        body = order.order_body(block.body)
        return replace(block, body=body, locals=(*block.locals, *map(sx.Local, order.made)))

    return replace(symbols, blocks={name: ordered(block) for name, block in symbols.blocks.items()})


def changed_by_calls(symbols: Symbols) -> dict[str, frozenset[str]]:
    """Return the names of the variables that each FUNCTION and PROCEDURE changes outside of itself."""
    called = {name: block for name, block in symbols.blocks.items() if block.kind in ("FUNCTION", "PROCEDURE")}
    own = {name: _changed(block) for name, block in called.items()}
    inner = {name: _mentioned(block) & called.keys() for name, block in called.items()}
    while True:
        more = {name: own[name].union(*(own[other] for other in inner[name])) for name in own}
        if more == own:
            return {name: changed for name, changed in own.items() if changed}
        own = more


def _changed(block: sx.Block) -> frozenset[str]:
    """Return the variables from outside that a block itself changes, and the blocks that it solves."""
    hidden = {block.name, *block.args, *block.local_names}
    tabled = block.table.names if block.table is not None and block.kind == "PROCEDURE" else ()
    solved = {s.block for s in find_statements(sx.Solve, block.body)}
    assigned = {s.target.name for s in find_statements(sx.Assign, block.body)} - hidden
    return frozenset([*assigned, *tabled, *solved])


def _mentioned(block: sx.Block) -> set[str]:
    """Return the functions that a block calls."""
    return {call.name for s in walk(block.body) for call in find_parts(sx.Call, *expressions(s))}


class _Order:
    """Rewrites the bodies of one block.

    Args:
        changed: the variables that each FUNCTION and PROCEDURE changes.
        free: names for LOCALs.
    """

    def __init__(self, changed: Mapping[str, frozenset[str]], free: Iterator[str]) -> None:
        self.changed, self.free = changed, free
        self.made: list[str] = []
        self.before: list[sx.Statement] = []
        self.line = 0

    def order_body(self, body: Body) -> Body:
        """Order the calls of a body; refuse a statement in which the order of arguments shows."""
        out: list[sx.Statement] = []
        for s in body:
            s = map_bodies(s, self.order_body)
            exprs = expressions(s)
            if not any(self.changes(e) for e in exprs):
                out.append(s)
            elif any(self.is_open(e) for e in exprs):
                what = "two arguments of one call, of which one changes what the other sets or reads"
                lost = tuple(inner.target.name for inner in find_statements(sx.Assign, (s,)))
                out.append(sx.Refused(f"{what} (C++ leaves open which comes first)", WAY_OUT, s.line, lost))
            else:
                out += self.order_statement(s)
        return tuple(out)

    def order_statement(self, s: sx.Statement) -> list[sx.Statement]:
        """Return what replaces one statement."""
        self.before, self.line = [], s.line
        if isinstance(s, sx.While):
            going = sx.Var(self.add_local())
            ask = self.assign(s.condition, going)
            return [*ask, sx.While(going, (*s.body, *ask), s.line)]
        if isinstance(s, EQUATIONS) or not any(self.is_delicate(e) for e in expressions(s)):
            return [s]
        s = map_parts(s, lambda e: self.take_apart(e) if self.is_delicate(e) else e)
        return [*self.before, s]

    def assign(self, e: sx.Expr, target: sx.Var) -> list[sx.Statement]:
        """Return the statements that set a variable to a value."""
        value = self.take_apart(e) if self.is_delicate(e) else e
        made, self.before = self.before, []
        return [*made, sx.Assign(target, value, self.line)]

    # --- what shows

    def changes(self, e: sx.Expr) -> frozenset[str]:
        """Return the variables that the calls of an expression change."""
        called = [call.name for call in find_parts(sx.Call, e)]
        return frozenset(variable for name in called for variable in self.changed.get(name, ()))

    def meets(self, one: sx.Expr, other: sx.Expr) -> bool:
        """True where one part changes what the other one reads or changes."""
        reads_one, reads_other = self.reads(one), self.reads(other)
        changes_one, changes_other = self.changes(one), self.changes(other)
        return not (changes_one.isdisjoint(reads_other | changes_other) and changes_other.isdisjoint(reads_one))

    def reads(self, e: sx.Expr) -> frozenset[str]:
        """Return the names in an expression."""
        return frozenset(find_names(e))

    def is_open(self, e: sx.Expr) -> bool:
        """True where the order of arguments shows."""
        pairs = (pair for call in find_parts(sx.Call, e) for pair in itertools.combinations(call.args, 2))
        return any(self.meets(one, other) for one, other in pairs)

    def is_delicate(self, e: sx.Expr) -> bool:
        """True where the calls of an expression cannot run before the rest of it, in their order."""
        for part in find_parts(sx.Binary, e):
            changed = self.changes(part.right)
            if changed and (part.op in LOGIC or not changed.isdisjoint(self.reads(part.left))):
                return True
        return False

    # --- parts as statements

    def add_local(self) -> str:
        """Return the name of a new LOCAL."""
        self.made.append(next(self.free))
        return self.made[-1]

    def take_apart(self, e: sx.Expr) -> sx.Expr:
        """Return what is left of an expression once the statements in ``before`` have run."""
        match e:
            case sx.Binary() if e.op in LOGIC and self.changes(e.right):
                return self.ask(e)
            case sx.Binary() if self.changes(e.right):
                left = self.take_apart(e.left)
                if not self.changes(e.right).isdisjoint(self.reads(left)):
                    left = self.keep(left)
                return sx.Binary(e.op, left, self.take_apart(e.right))
            case sx.Call() if e.name in self.changed:
                return self.keep(map_parts(e, self.take_apart))
            case _:
                return map_parts(e, self.take_apart)

    def keep(self, e: sx.Expr) -> sx.Expr:
        """Set a LOCAL to a value; a number stays."""
        if isinstance(e, sx.Num):
            return e
        kept = sx.Var(self.add_local())
        self.before.append(sx.Assign(kept, e, self.line))
        return kept

    def ask(self, e: sx.Binary) -> sx.Expr:
        """Evaluate the right side of && and || only where the left one does not decide."""
        decided = sx.Var(self.add_local())
        left = self.take_apart(e.left)
        self.before.append(sx.Assign(decided, _truth(left), self.line))
        outer, self.before = self.before, []
        right = self.take_apart(e.right)
        inner = (*self.before, sx.Assign(decided, _truth(right), self.line))
        asked = decided if e.op == "&&" else sx.Unary("!", decided)
        self.before = [*outer, sx.If(asked, inner, (), self.line)]
        return decided


def _truth(e: sx.Expr) -> sx.Expr:
    """Return 1 where a value is not 0, as && and || of C do."""
    if isinstance(e, sx.Binary) and e.op in (*COMPARISONS, *LOGIC):
        return e
    return sx.Binary("!=", e, sx.Num(0.0))
