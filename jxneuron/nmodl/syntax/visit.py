"""Visit the parts of each kind of syntax, as the types of its fields say.

In: a statement or an expression. Out: what it holds, or the same with its parts changed. The kinds are those of
``syntax.Statement`` and ``syntax.Expr``; any other raises, and so does a function that asks ``unknown`` about a kind
for which it has no branch.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Never, NoReturn, TypeVar, get_args, get_type_hints

from jxneuron.nmodl.syntax import nodes as sx

Node = TypeVar("Node", bound=sx.Statement | sx.Expr)
Kind = TypeVar("Kind", bound=sx.Statement)
Part = TypeVar("Part", bound=sx.Expr)
Body = tuple[sx.Statement, ...]
ONE, SEVERAL, COUNTED, BODY, PLAIN = "one", "several", "counted", "body", ""
ROLES: dict[Any, str] = {
    sx.Expr: ONE,
    sx.Expr | None: ONE,
    sx.Var: ONE,
    sx.Call: ONE,
    tuple[sx.Expr, ...]: SEVERAL,
    tuple[tuple[int, sx.Var], ...]: COUNTED,
    tuple[sx.Statement, ...]: BODY,
    **dict.fromkeys([str, int, float, bool, str | None, tuple[str, ...]], PLAIN),
}


def roles(kind: type) -> dict[str, str]:
    """Return which fields of a kind hold expressions or statements, in the order of the source.

    Raises:
        KeyError: a field has a type that is not known here.
    """
    return {name: role for name, hint in get_type_hints(kind).items() if (role := ROLES[hint])}


FIELDS = {kind: roles(kind) for kind in (*get_args(sx.Expr), *get_args(sx.Statement))}


def unknown(node: Never) -> NoReturn:
    """Stop at a kind of syntax for which the calling function has no branch.

    Raises:
        TypeError: always; it names the kind and the function.
    """
    _stop(node, _caller())


def _caller() -> str:
    """Return the name of the function that called the caller of this one."""
    return inspect.stack(0)[2].frame.f_code.co_qualname


def _stop(node: Any, function: str) -> NoReturn:
    raise TypeError(f"{function} does not know {type(node).__name__}, a kind of syntax")


def _fields(node: Any, function: str) -> dict[str, str]:
    fields = FIELDS.get(type(node))
    return fields if fields is not None else _stop(node, function)


def expressions(node: sx.Statement | sx.Expr) -> list[sx.Expr]:
    """Return the expressions of a statement, or of an expression; not those inside them, nor those of bodies."""
    out: list[sx.Expr] = []
    for name, role in _fields(node, "expressions").items():
        out += _listed(getattr(node, name), role)
    return out


def _listed(value: Any, role: str) -> list[sx.Expr]:
    if role == ONE:
        return [] if value is None else [value]
    if role == SEVERAL:
        return [*value]
    return [var for _, var in value] if role == COUNTED else []


def bodies(s: sx.Statement) -> list[Body]:
    """Return the bodies inside a statement, both sides of an IF even where one is empty."""
    return [getattr(s, name) for name, role in _fields(s, "bodies").items() if role == BODY]


def leaf(s: sx.Statement) -> sx.Statement:
    """Return a statement that holds no others.

    Raises:
        TypeError: it holds some, for which the calling function has no branch.
    """
    if bodies(s):
        _stop(s, _caller())
    return s


def parts(e: sx.Expr) -> Iterator[sx.Expr]:
    """Yield an expression and everything inside it."""
    yield e
    for inner in expressions(e):
        yield from parts(inner)


def walk(body: Iterable[sx.Statement]) -> Iterator[sx.Statement]:
    """Yield every statement, those inside IF and loops too."""
    for s in body:
        yield s
        for inner in bodies(s):
            yield from walk(inner)


def find_statements(kind: type[Kind], body: Iterable[sx.Statement]) -> Iterator[Kind]:
    """Yield the statements of one kind, those inside IF and loops too."""
    return (s for s in walk(body) if isinstance(s, kind))


def find_parts(kind: type[Part], *exprs: sx.Expr) -> Iterator[Part]:
    """Yield the parts of one kind of some expressions."""
    return (part for e in exprs for part in parts(e) if isinstance(part, kind))


def map_parts(node: Node, change: Callable[[sx.Expr], sx.Expr]) -> Node:
    """Change the expressions of a statement, or of an expression; the same object where nothing changes."""

    def changed(value: Any, role: str) -> Any:
        if role == SEVERAL:
            return tuple(change(e) for e in value)
        if role == COUNTED:
            return tuple((count, change(var)) for count, var in value)
        return change(value) if role == ONE and value is not None else value

    return _rebuilt(node, changed, "map_parts")


def map_bodies(s: Node, change: Callable[[Body], Body]) -> Node:
    """Change the bodies inside a statement; the same object where nothing changes."""
    return _rebuilt(s, lambda value, role: change(value) if role == BODY else value, "map_bodies")


def _rebuilt(node: Node, changed: Callable[[Any, str], Any], function: str) -> Node:
    fields = _fields(node, function)
    old = {name: getattr(node, name) for name in fields}
    new = {name: changed(value, fields[name]) for name, value in old.items()}
    return node if old == new else replace(node, **new)


def map_expressions(body: Body, change: Callable[[sx.Expr], sx.Expr]) -> Body:
    """Apply ``change`` to every expression of a body, and to the index of each FROM as a variable."""

    def one(s: sx.Statement) -> sx.Statement:
        s = map_bodies(map_parts(s, change), lambda inner: map_expressions(inner, change))
        if not isinstance(s, sx.For):
            return s
        index = change(sx.Var(s.index))
        return replace(s, index=index.name) if isinstance(index, sx.Var) else s

    return tuple(one(s) for s in body)


def rename(body: Body, names: Mapping[str, str]) -> Body:
    """Rename variables in a body."""

    def expr(e: sx.Expr) -> sx.Expr:
        e = map_parts(e, expr)
        return replace(e, name=names.get(e.name, e.name)) if isinstance(e, sx.Var) else e

    return map_expressions(body, expr)


def rename_own(block: sx.Block, names: Mapping[str, str]) -> sx.Block:
    """Rename arguments and LOCALs of a block, with every use of them."""
    return replace(
        block,
        args=tuple(names.get(name, name) for name in block.args),
        locals=tuple(replace(local, name=names.get(local.name, local.name)) for local in block.locals),
        body=rename(block.body, names),
    )
