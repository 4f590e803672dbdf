"""Evaluate expressions while a block is executed abstractly.

In: expressions and a ``Memory``. Out: a ``Value`` for each; reads and writes are noted in the memory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from jxneuron.nmodl.analysis.memory import Memory
from jxneuron.nmodl.analysis.trace import Key
from jxneuron.nmodl.analysis.values import Value, apply_binary, apply_function, apply_unary, choose_element
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.algebra import find_names
from jxneuron.nmodl.syntax.visit import unknown


class Evaluator:
    """Evaluates expressions and variables.

    Args:
        memory: what variables hold.
        call: returns the value of a call inside an expression.
    """

    def __init__(self, memory: Memory, call: Callable[[sx.Call], Value]) -> None:
        self.memory = memory
        self.symbols = memory.symbols
        self._call = call
        self.refuse = memory.refuse

    def expression(self, e: sx.Expr) -> Value:
        """Return the value of an expression."""
        match e:
            case sx.Num():
                return Value(number=e.value)
            case sx.Var():
                return self._variable(e)
            case sx.Unary():
                return apply_unary(e.op, self.expression(e.arg))
            case sx.Binary():
                return apply_binary(e.op, self.expression(e.left), self.expression(e.right))
            case sx.Call():
                return self._call(e)
            case sx.LookUp():
                arguments = [self.expression(argument) for argument in e.args]
                self.read(sx.Var("function_tables"))
                return apply_function(arguments)
            case sx.Derivative():
                value = self.expression(e.state)
                self.refuse("a derivative (y') used in an expression", "Write its right-hand side instead.")
                return apply_function([value])
            case sx.Text():
                self.refuse("a text used as a value", "Hand over a number.")
                return Value()
            case sx.Cast():
                raise AssertionError("a cast is only the index of a variable, where read and write look for it")
            case _:
                unknown(e)

    def _variable(self, var: sx.Var) -> Value:
        """Return the value of a constant, of a scalar or of an element."""
        name, is_local = var.name, self.memory.is_local(var.name)
        if name in self.symbols.constants and not is_local:
            return Value()
        symbol = self.symbols.variables.get(name)
        if var.index is None and not is_local and symbol is not None and symbol.size:
            self.refuse(f"array {name} used without an index", "Name one element of the array.")
        return replace(self.read(var), initial=False)

    def key(self, var: sx.Var) -> Key:
        """Return the element that a variable means, and refuse an index that is not known before the run."""
        name = self.memory.resolve(var.name)
        if var.index is None:
            return name, -1
        index = self.expression(var.index).number
        if index is None or not find_names(var.index) <= self.memory.loops:
            self.memory.excused.add(name)
            what = f"index of {var.name} is not a number known before the run"
            self.refuse(what, "Use a FROM loop or a number as index.")
            return name, 0
        self.memory.check_index(var.name, int(index))
        return name, int(index)

    def read(self, var: sx.Var) -> Value:
        """Return the value of a variable, and note that it was read."""
        running_index = sx.cast_index(var)
        if running_index is None:
            return self.memory.read(self.key(var))
        index = self.expression(running_index)
        return choose_element(index, [self.read(element) for element in self._elements(var)])

    def write(self, var: sx.Var, value: Value) -> None:
        """Set a variable."""
        running_index = sx.cast_index(var)
        if running_index is None:
            self.memory.write(self.key(var), value)
        else:
            self._write_any(self.expression(running_index), self._elements(var), value)

    def _elements(self, var: sx.Var) -> list[sx.Var]:
        """Return the elements that a variable may mean whose index is known only while the model runs."""
        size = self.memory.size(self.memory.resolve(var.name))
        if size <= 0:
            self.memory.check_index(var.name, 0)
        return [sx.Var(var.name, sx.Num(float(k))) for k in range(max(size, 1))]

    def _write_any(self, index: Value, elements: list[sx.Var], value: Value) -> None:
        """Set one of several elements: like an IF around each of them."""
        condition = replace(index, number=None)
        for element in elements:
            self.memory.write_perhaps(self.key(element), value, condition)
