"""The line of generated code that computes a variable, and what is solved together with it.

In: a mechanism's generated Python. Out: the line, with its ``# file.mod:47``; names.
"""

from __future__ import annotations

import ast
from functools import cache

ENTRY = {  # the function that a phase calls, in the order of a step
    "initial": "initial",
    "before breakpoint": "before_breakpoint",
    "currents": "current",
    "states": "advance",
    "after solve": "after_solve",
    "before step": "before_step",
}


def line(python: str, phase: str, variable: str) -> str:
    """The line that last assigns a variable in a phase, looked for in the functions that the phase calls.

    Args:
        python: the generated module.
        phase: of ``ENTRY``; of several, ``states, after solve``, the last that assigns the variable counts.
        variable: the field's name.

    Returns:
        The line without its indent; "" where nothing assigns the variable.
    """
    found = _statement(python, phase, variable)
    return "" if found is None else python.splitlines()[found.lineno - 1].strip()


def together(python: str, phase: str, variable: str) -> frozenset[str]:
    """The variables that one call solves for at once, as in ``(C, O), _ = sparse(...)``; else the variable alone.

    Args:
        python: the generated module.
        phase: as in `line`.
        variable: the field's name.
    """
    found = _statement(python, phase, variable)
    if found is None or not isinstance(found.value, ast.Call):
        return frozenset({variable})
    return frozenset({variable}) | _targets(found)


@cache
def _statement(python: str, phase: str, variable: str) -> ast.Assign | None:
    functions = _functions(python)
    for each in reversed(phase.split(", ")):
        entry = functions.get(ENTRY.get(each, ""))
        found = None if entry is None else _last(functions, entry, variable, frozenset())
        if found is not None:
            return found
    return None


@cache
def _functions(python: str) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in ast.parse(python).body if isinstance(node, ast.FunctionDef)}


def _last(
    functions: dict[str, ast.FunctionDef], inside: ast.FunctionDef, variable: str, seen: frozenset[str]
) -> ast.Assign | None:
    """The last assignment in a function, or in the function whose result it takes over."""
    assigned = [node for node in ast.walk(inside) if isinstance(node, ast.Assign) and variable in _targets(node)]
    if not assigned:
        return None
    last = max(assigned, key=lambda node: node.lineno)
    for name in _called(last.value, inside):
        if name in functions and name not in seen and _returns(functions[name], variable):
            deeper = _last(functions, functions[name], variable, seen | {name})
            if deeper is not None:
                return deeper
    return last


def _returns(function: ast.FunctionDef, variable: str) -> bool:
    returned = [node.value for node in ast.walk(function) if isinstance(node, ast.Return) and node.value is not None]
    names = [name for value in returned for name in ast.walk(value)]
    return any(isinstance(name, ast.Name) and name.id == variable for name in names)


def _targets(node: ast.Assign) -> frozenset[str]:
    """The names that are assigned, whole or in an element."""
    targets = [name for target in node.targets for name in ast.walk(target)]
    return frozenset(each.id for each in targets if isinstance(each, ast.Name))


def _called(value: ast.expr, inside: ast.FunctionDef) -> list[str]:
    """Functions whose result a value may be: called, handed to a solver, or tabulated by this very function."""
    names = [node.id for node in ast.walk(value) if isinstance(node, ast.Name)]
    if "lookup" in names:
        names += [node.value.func.id for node in ast.walk(inside) if _is_return_of_call(node)]  # type: ignore[attr-defined]
    return names


def _is_return_of_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Return) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name)
