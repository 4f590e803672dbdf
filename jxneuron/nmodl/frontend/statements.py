"""Copy blocks, statements and expressions of ``neuron.nmodl`` into frozen syntax.

In: nodes of its tree, in the order of the source. Out: ``syntax`` statements, with the line each was written on.
"""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import Any

from jxneuron.nmodl.frontend.tokens import Tokens, scan, split_c_tokens
from jxneuron.nmodl.frontend.verbatim import find_assigned
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.algebra import fold
from jxneuron.nmodl.syntax.visit import rename, unknown
from jxneuron.nmodl.syntax.walk import free_name

MANUAL = "Write it in NMODL without this construct, or leave the mechanism out (--without)."
IGNORED = {"Model", "LineComment", "BlockComment", "UnitState", "IndependentBlock", "ThreadSafe", "OntologyStatement"}


class Statements:
    """Walks blocks in the order of the source and copies them."""

    def __init__(self, source_lines: sx.SourceLines, tokens: Tokens) -> None:
        self.source_lines = source_lines
        self.tokens = tokens
        self.cursor = -1
        self.verbatim = 0
        self.c_names: set[str] = set()
        self.first: int | None = None
        self.defines: dict[str, int] = {}
        self.locals: list[sx.Local] = []
        self.scopes: list[dict[str, str]] = []
        self.table: sx.Table | None = None
        self.initials: list[sx.Block] = []  # INITIAL blocks inside NET_RECEIVE
        self.known = frozenset(token.text for token in tokens.names)

    # --- lines

    def at(self, name: str) -> int:
        """Advance to the next identifier ``name``; return its line."""
        names = self.tokens.names
        for k in range(self.cursor + 1, len(names)):
            if names[k].text == name:
                self.cursor = k
                break
        line = names[self.cursor].line if 0 <= self.cursor < len(names) else 1
        if self.first is None:
            self.first = line
        return line

    def keyword(self, *words: str) -> int:
        """Advance to the next of ``words`` (a block's keyword); return its line."""
        names = self.tokens.names
        for k in range(self.cursor + 1, len(names)):
            if names[k].text in words:
                self.cursor = k
                return names[k].line
        return names[self.cursor].line if 0 <= self.cursor < len(names) else 1

    # --- names and sizes

    def skip_verbatim(self, node: Any) -> None:
        """Step over the VERBATIM blocks inside a refused block, to keep their count."""
        text = nmodl_text(node)
        self.verbatim += len(scan(text).verbatim)

    def verbatim_statement(self, node: Any) -> sx.Verbatim:
        """Copy one VERBATIM, with the line on which it begins."""
        lines = self.tokens.verbatim
        line = lines[self.verbatim] if self.verbatim < len(lines) else 1
        self.verbatim += 1
        text = self.text(node.statement)
        self.c_names.update(split_c_tokens(text))
        return sx.Verbatim(text, line)

    def sized(self, node: Any) -> tuple[str, int]:
        """Return a name and the size that it is declared with: 0 for one number, ``NO_ELEMENT`` for ``x[0]``."""
        if node.get_node_type_name() == "IndexedName":
            return self.text(node.name), self.integer(node.length) or sx.NO_ELEMENT
        return self.text(node), 0

    def integer(self, node: Any) -> int:
        """Return a whole number, or the value of a DEFINEd name."""
        text = nmodl_text(node).strip()
        return self.defines[text] if text in self.defines else int(float(text))

    @staticmethod
    def text(node: Any) -> str:
        """Return the text of a name or of another leaf of the tree."""
        return node.get_node_name() if not hasattr(node, "eval") else str(node.eval())

    # --- blocks and statements

    def block(self, node: Any, kind: sx.BlockKind) -> sx.Block:
        """Copy one block, with its arguments, LOCALs and TABLE."""
        line = self.keyword(kind.split()[0])
        name = self.text(node.name) if hasattr(node, "name") else kind
        if hasattr(node, "name"):
            self.at(name)
        elif " " in kind:
            node = node.bablock
        args: list[str] = []
        for a in getattr(node, "parameters", ()):
            args.append(self.text(a.name))
            self.at(args[-1])
        self.locals, self.table = [], None
        body = self.statements(node.statement_block)
        return sx.Block(kind, name, tuple(args), body, tuple(self.locals), self.table, line)

    def net_receive(self, node: Any) -> list[sx.Block]:
        """Copy NET_RECEIVE, to whose arguments nocmodl adds ``flag``, and the INITIAL inside it."""
        self.initials = []
        block = self.block(node, "NET_RECEIVE")
        args = (*block.args, "flag")
        return [replace(block, args=args), *(replace(initial, args=args) for initial in self.initials)]

    def inner_initial(self, node: Any) -> list[sx.Statement]:
        """Copy an INITIAL inside NET_RECEIVE, which nocmodl writes into a function of its own."""
        line = self.keyword("INITIAL")
        outside = self.locals, self.scopes, self.table
        self.locals, self.scopes, self.table = [], [], None
        body = self.statements(node.statement_block)
        kind: sx.BlockKind = "NET_RECEIVE INITIAL"
        self.initials.append(sx.Block(kind, kind, (), body, tuple(self.locals), self.table, line))
        self.locals, self.scopes, self.table = outside
        return []

    def joined(self, first: sx.Block, node: Any, kind: str) -> sx.Block:
        """Append a second block of this kind to the first; return a block of another kind unchanged."""
        if first.kind != kind:
            return first
        line = self.keyword(kind.split()[0])
        node = node.bablock if " " in kind else node
        hidden = {name: free_name(f"{name}_first", self.known) for name in first.local_names}
        self.locals = [replace(local, name=hidden[local.name]) for local in first.locals]
        self.scopes = [{}]
        body = self.statements(node.statement_block)
        self.scopes = []
        again = (*first.again, line)
        return replace(first, body=(*rename(first.body, hidden), *body), locals=tuple(self.locals), again=again)

    def function_table(self, node: Any) -> sx.Block:
        """Return a FUNCTION_TABLE as a FUNCTION that looks its value up."""
        line, name = self.keyword("FUNCTION_TABLE"), self.text(node.name)
        self.at(name)
        args = tuple(self.text(a.name) for a in node.parameters)
        for arg in args:
            self.at(arg)
        look_up = sx.LookUp(name, tuple(sx.Var(arg) for arg in args))
        return sx.Block("FUNCTION", name, args, (sx.Assign(sx.Var(name), look_up, line),), line=line)

    def statements(self, block: Any) -> tuple[sx.Statement, ...]:
        """Copy the statements between two braces."""
        out: list[sx.Statement] = []
        self.scopes.append({})
        for node in block.statements:
            out += self.statement(node)
        self.scopes.pop()
        return tuple(out)

    def statement(self, node: Any) -> list[sx.Statement]:
        """Copy one statement; a kind without a method becomes Refused."""
        kind = node.get_node_type_name()
        if kind in IGNORED:
            return []
        outer, self.first = self.first, None
        try:
            convert = getattr(self, f"on_{kind}", None)
            if convert is None:
                return [sx.Refused(f"{kind} statement", MANUAL, self.at(""), _made(nmodl_text(node)))]
            return convert(node)
        finally:
            self.first = outer

    @property
    def line(self) -> int:
        """Return the line of the first name of the present statement."""
        return self.first if self.first is not None else self.at("")

    def on_ExpressionStatement(self, node: Any) -> list[sx.Statement]:
        inner = unwrap(node.expression)
        kind = inner.get_node_type_name()
        if kind == "SolveBlock":
            return [self.solve(inner)]
        if kind == "DiffEqExpression":
            return [self.prime(inner.expression)]
        if kind in ("LinEquation", "NonLinEquation"):
            left, right = self.expression(inner.lhs), self.expression(inner.rhs)
            return [sx.Equation(left, right, self.line)]
        if kind == "FunctionCall":
            call = self.expression(inner)
            assert isinstance(call, sx.Call)
            return [sent(call, inner, self.line) or sx.Do(call, self.line)]
        if kind == "InitialBlock":
            return self.inner_initial(inner)
        if kind == "BinaryExpression" and inner.op.eval() == "=":
            target = self.expression(inner.lhs)
            value = self.expression(inner.rhs)
            if isinstance(target, sx.Var):
                return [sx.Assign(target, value, self.line)]
        if kind == "StatementBlock":
            return list(self.statements(inner))
        what = "FOR_NETCONS" if kind == "ForNetcon" else f"{kind} used as a statement"
        return [sx.Refused(what, MANUAL, self.line, find_assigned(nmodl_text(node)))]

    def solve(self, node: Any) -> sx.Statement:
        """Copy a SOLVE."""
        name = self.text(node.block_name)
        self.at(name)
        method = node.method or node.steadystate
        word = self.text(method) if method is not None else ""
        if word:
            self.at(word)
        return sx.Solve(name, word, node.steadystate is not None, self.line)

    def prime(self, node: Any) -> sx.Statement:
        """Copy ``state' = value``; refuse derivatives of a higher order."""
        left = node.lhs.name if node.lhs.get_node_type_name() == "VarName" else node.lhs
        index = None
        if left.get_node_type_name() == "IndexedName":
            prime, length = left.name, left.length
        else:
            prime, length = left, getattr(node.lhs, "index", None)
        name = self.text(prime)
        self.at(name)
        if length is not None:
            index = divide_as_c(self.expression(length))
        order = int(prime.order.eval()) if hasattr(prime, "order") else 1
        value = self.expression(node.rhs)
        if order != 1:
            what = f"derivative of order {order} of {name}"
            return sx.Refused(what, "Write it as first-order equations.", self.line, (name,))
        return sx.Prime(sx.Var(name, index), value, self.line)

    def on_LocalListStatement(self, node: Any) -> list[sx.Statement]:
        for v in node.variables:
            name, size = self.sized(v.name)
            self.at(name)
            if len(self.scopes) > 1:  # seen inside these braces only
                self.scopes[-1][name] = free_name(f"{name}_within{len(self.locals)}", self.known)
            own = self.own_name(name)
            self.locals.append(sx.Local(own, size))
        return []

    def own_name(self, name: str) -> str:
        """Return the name that a variable has here: a LOCAL of inner braces hides others of its name."""
        return next((scope[name] for scope in reversed(self.scopes) if name in scope), name)

    def on_TableStatement(self, node: Any) -> list[sx.Statement]:
        names = tuple(self.text(v) for v in node.table_vars)
        depend = tuple(self.text(v) for v in node.depend_vars)
        line = self.keyword("TABLE")
        first, last = self.expression(getattr(node, "from")), self.expression(node.to)
        self.table = sx.Table(names, depend, first, last, self.integer(getattr(node, "with")), line)
        return []

    def on_IfStatement(self, node: Any) -> list[sx.Statement]:
        condition = self.expression(node.condition)
        line = self.line
        then = self.statements(node.statement_block)
        chain = [(self.condition_line(e), self.statements(e.statement_block)) for e in node.elseifs]
        otherwise = self.statements(node.elses.statement_block) if node.elses is not None else ()
        for (other, at), body in reversed(chain):
            otherwise = (sx.If(other, body, otherwise, at),)
        return [sx.If(condition, then, otherwise, line)]

    def condition_line(self, node: Any) -> tuple[sx.Expr, int]:
        """Copy the condition of an ELSE IF, with its line."""
        self.first = None
        return self.expression(node.condition), self.line

    def on_FromStatement(self, node: Any) -> list[sx.Statement]:
        name = self.text(node.name)
        line = self.at(name)
        first, last = divide_as_c(self.expression(getattr(node, "from"))), divide_as_c(self.expression(node.to))
        step = fold(self.expression(node.increment), {}) if node.increment is not None else 1.0
        if step is None or int(step) < 1:
            what, lost = "FROM with a BY that is no number above 0", find_assigned(nmodl_text(node))
            return [sx.Refused(what, "Write the step as a number.", line, lost)]
        return [sx.For(name, first, last, self.statements(node.statement_block), line, int(step))]

    def on_WhileStatement(self, node: Any) -> list[sx.Statement]:
        condition = self.expression(node.condition)
        line = self.line
        return [sx.While(condition, self.statements(node.statement_block), line)]

    def on_WatchStatement(self, node: Any) -> list[sx.Statement]:
        return [self.watch(one) for one in node.statements]

    def watch(self, node: Any) -> sx.Watch:
        """Copy one condition of a WATCH."""
        self.first = None
        condition = self.expression(node.expression)
        assert isinstance(condition, sx.Binary)
        value: sx.Expr = sx.Binary("-", condition.left, condition.right)
        value = sx.Unary("-", value) if condition.op == "<" else value
        return sx.Watch(value, self.expression(node.value), self.line)

    def on_Verbatim(self, node: Any) -> list[sx.Statement]:
        return [self.verbatim_statement(node)]

    def on_ProtectStatement(self, node: Any) -> list[sx.Statement]:
        return self.on_ExpressionStatement(node)

    def on_MutexLock(self, node: Any) -> list[sx.Statement]:
        del node
        return []

    on_MutexUnlock = on_MutexLock

    def on_ReactionStatement(self, node: Any) -> list[sx.Statement]:
        left = self.side(node.reaction1)
        right = self.side(node.reaction2) if node.reaction2 is not None else ()
        rates = [self.expression(e) for e in (node.expression1, node.expression2) if e is not None]
        op = {"<-->": "<->", "-->": "->"}.get(node.op.eval(), str(node.op.eval()))
        out: list[sx.Statement] = [sx.Reaction(left, op, right, tuple(rates), self.line)]
        if op == "<->" and any(_bare_sum(e) for e in (node.expression1, node.expression2)):
            what = "a rate that is a sum (NEURON's translator multiplies its last term only by the species)"
            out.append(sx.Refused(what, "Put the sum into parentheses of its own.", self.line))
        return out

    def side(self, node: Any) -> tuple[tuple[int, sx.Var], ...]:
        """Copy the terms of one side of a reaction, or of a CONSERVE: how many of which species."""
        node = unwrap(node)
        if node.get_node_type_name() == "BinaryExpression":
            return self.side(node.lhs) + self.side(node.rhs)
        if node.get_node_type_name() == "ReactVarName":
            count = int(node.value.eval()) if node.value is not None else 1
            var = self.expression(node.name)
        else:
            count, var = 1, self.expression(node)
        assert isinstance(var, sx.Var)
        return ((count, var),)

    def on_Compartment(self, node: Any) -> list[sx.Statement]:
        index = self.text(node.index_name) if node.index_name is not None else None
        if index:
            self.at(index)
        volume = self.expression(node.volume)
        line = self.line
        species = tuple(self.text(s) for s in node.species)
        return [sx.Compartment(index, volume, species, line)]

    def on_Conserve(self, node: Any) -> list[sx.Statement]:
        terms = self.side(node.react)
        return [sx.Conserve(terms, self.expression(node.expr), self.line)]

    def on_LonDiffuse(self, node: Any) -> list[sx.Statement]:
        index = self.text(node.index_name) if node.index_name is not None else None
        if index:
            self.at(index)
        rate = self.expression(node.rate)
        line = self.line
        return [sx.LonDiffuse(index, rate, tuple(self.text(s) for s in node.species), line)]

    def on_ConductanceHint(self, node: Any) -> list[sx.Statement]:
        name = self.text(node.conductance)
        return [sx.Conductance(sx.Var(name), self.at(name))]

    # --- expressions

    def expression(self, node: Any) -> sx.Expr:
        """Copy an expression; a kind that the syntax does not have becomes a call of its name."""
        node = unwrap(node)
        kind = node.get_node_type_name()
        if kind in ("Double", "Float", "Integer", "DoubleUnit"):
            return self.number(node)
        if kind == "VarName":
            var = self.expression(node.name)
            if node.index is not None and isinstance(var, sx.Var):
                return sx.Var(var.name, divide_as_c(self.expression(node.index)))
            return var
        if kind == "IndexedName":
            name = self.text(node.name)
            self.at(name)
            return sx.Var(self.own_name(name), divide_as_c(self.expression(node.length)))
        if kind == "Name":
            return self.name(node)
        if kind == "PrimeName":
            self.at(self.text(node))
            return sx.Derivative(sx.Var(self.text(node)))
        if kind == "BinaryExpression":
            left = self.expression(node.lhs)
            return sx.Binary(node.op.eval(), left, self.expression(node.rhs))
        if kind == "UnaryExpression":
            return sx.Unary(node.op.eval(), self.expression(node.expression))
        if kind == "FunctionCall":
            name = self.text(node.name)
            self.at(name)
            return sx.Call(name, tuple(self.expression(a) for a in node.arguments))
        if kind == "String":
            return sx.Text(self.text(node))
        return sx.Call(kind)

    def name(self, node: Any) -> sx.Expr:
        """Copy a variable; a DEFINEd name becomes its number."""
        name = self.text(node)
        self.at(name)
        return sx.Num(float(self.defines[name])) if name in self.defines else sx.Var(self.own_name(name))

    def number(self, node: Any) -> sx.Expr:
        """Copy a number, without its unit."""
        if node.get_node_type_name() == "DoubleUnit":
            node = node.value
        macro = getattr(node, "macro", None)
        if macro is not None:
            return self.name(macro)
        return sx.Num(float(nmodl_text(node)))


def sent(call: sx.Call, node: Any, line: int) -> sx.Send | None:
    """Return what a call asks of the queue; None for any other call."""
    kind = sx.SENDING.get(call.name)
    if kind is None or len(call.args) != (2 if kind == "send" else 1):
        return None
    if kind != "send":
        return sx.Send(kind, call.args[0], line=line)
    return sx.Send(kind, _after_t(call.args[0], node.arguments[0]), call.args[1], line)


def _after_t(e: sx.Expr, node: Any) -> sx.Expr:
    """Return the sum that C reads where ``t +`` is written before the text of an expression."""
    while node.get_node_type_name() == "WrappedExpression":
        node = node.expression
    if isinstance(e, sx.Binary) and node.get_node_type_name() == "BinaryExpression" and e.op not in ("*", "/", "^"):
        return replace(e, left=_after_t(e.left, node.lhs))
    return sx.Binary("+", sx.Var("t"), e)


def _made(text: str) -> tuple[str, ...]:
    """Return the names that a statement of an unknown kind may set; ``LAG x BY y`` makes ``lag_x_y``."""
    words = text.split()
    lag = (f"lag_{words[1]}_{words[3]}",) if words[:1] == ["LAG"] and words[2:3] == ["BY"] else ()
    return (*lag, *find_assigned(text))


def unwrap(node: Any) -> Any:
    """Return an expression without the wrappers and parentheses around it."""
    while node.get_node_type_name() in ("WrappedExpression", "ParenExpression"):
        node = node.expression
    return node


def _bare_sum(node: Any) -> bool:
    """True for a rate that binds less tightly than a product and has no parentheses of its own."""
    while node.get_node_type_name() == "WrappedExpression":
        node = node.expression
    return node.get_node_type_name() == "BinaryExpression" and node.op.eval() not in ("*", "/", "^")


def divide_as_c(e: sx.Expr) -> sx.Expr:
    """Return an index, or a loop's bound, with C's division of whole numbers."""
    match e:
        case sx.Unary():
            return replace(e, arg=divide_as_c(e.arg))
        case sx.Binary():
            return sx.Binary(sx.QUOTIENT if e.op == "/" else e.op, divide_as_c(e.left), divide_as_c(e.right))
        case sx.Num() | sx.Var() | sx.Call() | sx.LookUp() | sx.Derivative() | sx.Text() | sx.Cast():
            return e
        case _:
            unknown(e)


def nmodl_text(node: Any) -> str:
    """Return a node of NEURON's tree as NMODL text."""
    return import_grammar().to_nmodl(node)


def import_grammar() -> Any:
    """Import ``neuron.nmodl``, which has no types and starts NEURON in this process."""
    return importlib.import_module("neuron.nmodl")
