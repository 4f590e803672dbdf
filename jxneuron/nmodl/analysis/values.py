"""Calculate with the values of an abstract execution.

In: ``Value`` records. Out: new ones; nothing here knows statements or variables.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from jxneuron.nmodl.syntax.algebra import calculate


class FrameLocal(NamedTuple):
    """A local of one call of a block: an argument, a LOCAL, a loop index, or the value of a FUNCTION.

    ``frame`` numbers the calls, so that two calls of a block have different locals.
    """

    name: str
    frame: int


Name = str | FrameLocal  # a variable of the file, or a local


class Origin(NamedTuple):
    """A variable whose value from before the entry flows into another value.

    ``choice``: the side of an IF that alone sets the other value, where the variable only decides whether that side
    runs, or is the other value itself, kept; 0 elsewhere. The sides of IF number k are k and -k.
    """

    name: Name
    choice: int = 0


@dataclass(frozen=True)
class Value:
    """Everything that an abstract execution knows about a number.

    Attributes:
        uniform: it is the same for every instance.
        degree: how it depends on v: 0 (not at all), 1 (as ``a + b v``) or 2 (in any other way).
        number: the number itself, where it is known before the run.
        origins: the variables whose values from before the entry flow into it.
        initial: it is a shared variable's own value from before the entry, which nothing has set.
        base: the variable to whose value from before the entry something was added to make this one; "" for none.
        added: names of the origins of what was added to ``base``, and of what decided about that.
    """

    uniform: bool = True
    degree: int = 0
    number: float | None = None
    origins: frozenset[Origin] = frozenset()
    initial: bool = False
    base: str = ""
    added: frozenset[Name] = frozenset()


UNKNOWN = Value(uniform=False, degree=2)


def apply_function(arguments: Sequence[Value]) -> Value:
    """Return the value of a function of which nothing is known but its arguments."""
    degree = 2 * any(value.degree for value in arguments)
    return Value(all(value.uniform for value in arguments), degree, None, _all_origins(arguments))


def choose_element(index: Value, elements: Sequence[Value]) -> Value:
    """Return the value of one of several elements, whose index is known only while the model runs."""
    values = [index, *elements]
    degree = 2 if index.degree else max(value.degree for value in values)
    return Value(all(value.uniform for value in values), degree, None, _all_origins(values))


def apply_unary(op: str, value: Value) -> Value:
    """Return the value of ``-x`` or ``!x``."""
    number = None if value.number is None else (-value.number if op == "-" else float(not value.number))
    degree = value.degree if op == "-" else 2 * bool(value.degree)
    return Value(value.uniform, degree, number, value.origins)


def apply_binary(op: str, left: Value, right: Value) -> Value:
    """Return the value of an operation with two operands."""
    number = None
    if left.number is not None and right.number is not None:
        number = calculate(op, left.number, right.number)
    degree = _degree(op, left.degree, right.degree)
    base, added = _sum(op, left, right)
    return Value(left.uniform and right.uniform, degree, number, left.origins | right.origins, base=base, added=added)


def _sum(op: str, left: Value, right: Value) -> tuple[str, frozenset[Name]]:
    """Return the base of a sum, and what was added to it."""
    if left.base and op in "+-" and not right.base:
        return left.base, left.added | _names(right)
    if right.base and op == "+" and not left.base:
        return right.base, right.added | _names(left)
    return "", frozenset()


def _names(value: Value) -> frozenset[Name]:
    return frozenset(origin.name for origin in value.origins)


def _degree(op: str, left: int, right: int) -> int:
    if op in "+-":
        return max(left, right)
    if op == "*":
        return min(left + right, 2)
    if op == "/":
        return left if right == 0 else 2
    return 2 if left or right else 0


def join_sides(condition: Value, then: Value, otherwise: Value, choice: int) -> Value:
    """Return the value after an IF.

    A side that leaves a shared variable alone makes the other side the one that sets it: the origins of the condition,
    and of the value that is kept, then carry the number of that other side.
    """
    sides = (then, otherwise)
    setting = choice if otherwise.initial else -choice if then.initial else 0
    deciding = (condition, *(side for side in sides if side.initial))
    origins = _all_origins([side for side in sides if not side.initial])
    origins |= decided_by(setting, _all_origins(deciding))
    degree = 2 if condition.degree else max(then.degree, otherwise.degree)
    uniform = then.uniform and otherwise.uniform and condition.uniform
    base = then.base if then.base == otherwise.base else ""
    added = then.added | otherwise.added | _names(condition) if base else frozenset[Name]()
    return Value(uniform, degree, None, origins, then.initial and otherwise.initial, base, added)


def decided_by(choice: int, origins: Iterable[Origin]) -> frozenset[Origin]:
    """Return origins of a value that one side of an IF alone sets; those with a side of their own keep it."""
    return frozenset(Origin(origin.name, origin.choice or choice) for origin in origins)


def _all_origins(values: Sequence[Value]) -> frozenset[Origin]:
    return frozenset[Origin]().union(*(value.origins for value in values))
