"""Print TABLEs as Python: the look-up of each, and the functions that build them.

In: Functions with a ``TablePlan``. Out: text.

Source: nocmodl's ``table_massage`` (parsact.cpp), which writes the same look-up.
"""

from __future__ import annotations

from jxneuron.nmodl.analysis.ir import Function
from jxneuron.nmodl.analysis.table_plan import Building
from jxneuron.nmodl.codegen.function import BodyPrinter, live_after, print_tuple, wrap, wrap_return
from jxneuron.nmodl.codegen.liveness import Scope, exact_of

AGAIN = "tables_again"


def exact_inputs(function: Function, scope: Scope) -> tuple[str, ...]:
    """Return the inputs that the code under a TABLE reads, without those of the look-up alone."""
    needed = BodyPrinter(scope, function, None).live_before(function.block.body, live_after(function))
    return tuple(n for n in function.inputs if n in needed)


def is_built(function: Function, how: Building) -> bool:
    """True for a function whose TABLE holds something and is built in this way."""
    return function.plan is not None and function.plan.built == how and bool(_columns(function))


def leaves(scope: Scope) -> list[str]:
    """Return the fields that building TABLEs before INITIAL sets, and that nothing sets anew before they are seen."""
    return _kept(scope, in_step=False)


def leaves_in_step(scope: Scope) -> list[str]:
    """Return the fields that building TABLEs in the first step sets in addition to those that the TABLEs list."""
    return _kept(scope, in_step=True)


def _kept(scope: Scope, *, in_step: bool) -> list[str]:
    built = [f for f in scope.functions.values() if is_built(f, "before") and f.plan and f.plan.in_step == in_step]
    left = {name: None for f in built for name in (*(() if f.plan and f.plan.again else _left(f)), *_stays(f))}
    return [name for name in left if scope.storage.get(name) == "s"]


# --- looking up


def print_look_up(function: Function, scope: Scope, name: str, exact: tuple[str, ...]) -> str:
    """Return the function of a block with a TABLE.

    Where the TABLE is used, the function returns interpolated values, as what nocmodl's parsact.cpp writes does;
    elsewhere it returns what the exact code computes.
    """
    block, table = function.block, function.block.table
    assert table is not None
    args = [scope.name(n) for n in (*block.args, *function.inputs)]
    values = ", ".join(scope.name(n) for n in _returned(function))
    lines = [
        *wrap(f"def {name}(", args, "):"),
        f'    """{block.kind} {block.name}, by its TABLE ({scope.ir.source_lines.at(table.line)})."""',
        "    if tables is None:",
        *wrap(
            f"        return {scope.name(exact_of(block.name))}(", [scope.name(n) for n in (*block.args, *exact)], ")"
        ),
        *(_first_call(function, scope, exact) if is_built(function, "first_call") else []),
        *_lookup(function, scope, exact),
        *wrap_return(f"    return {values}"),
    ]
    return "\n".join(lines)


def _lookup(function: Function, scope: Scope, exact: tuple[str, ...]) -> list[str]:
    columns = _columns(function)
    if not columns:
        return ["    del tables"]
    block = function.block
    assert block.table is not None
    targets = print_tuple([scope.name(n) for n in columns])[1:-1]
    x = scope.name(block.args[0]) if block.args else "0.0"
    sizes = tuple(scope.ir.variables[n].size if n in scope.ir.variables else 0 for n in columns)
    args = [x, *_bounds(function, scope), *([str(sizes)] if any(sizes) else [])]
    if is_built(function, "each_call"):
        return wrap(f"    {targets} = interpolate(", [_exact_lambda(function, scope, x, exact), *args], ")")
    return [f'    {targets} = lookup(tables["{block.name}"], {", ".join(args)})']


def _first_call(function: Function, scope: Scope, exact: tuple[str, ...]) -> list[str]:
    """Build a TABLE at its first call and keep what building it sets."""
    name = function.block.name
    values = f"first_instance({print_tuple([scope.name(n) for n in exact])})"
    left = _left(function)
    return [
        f'    if "{name}" not in tables:',
        *_build(function, scope, exact, values, "        ", keep=bool(left)),
        *(f"        {scope.name(n)} = tables.leave(left_behind[{k}], {scope.name(n)})" for k, n in enumerate(left)),
    ]


# --- building


def print_builders(scope: Scope) -> dict[str, str]:
    """Return the functions that build TABLEs outside their calls, by name."""
    functions = [f for f in scope.functions.values() if f.plan is not None and _columns(f)]
    early = [f for f in functions if is_built(f, "before")]
    again = [f for f in early if f.plan is not None and f.plan.again]
    out: dict[str, str] = {}
    if functions:
        out["tables"] = _builder("tables", "Every TABLE at the present parameters.", early, scope)
    if again:
        out[AGAIN] = _builder(AGAIN, "The TABLEs that depend on what INITIAL sets.", again, scope)
    return out


def _builder(name: str, doc: str, functions: list[Function], scope: Scope) -> str:
    needed: dict[str, None] = {}
    lines: list[str] = []
    for function in sorted(functions, key=_order):
        inputs = exact_inputs(function, scope)
        needed.update(dict.fromkeys(n for n in inputs if n != "tables"))
        table = function.block.table
        assert table is not None
        for bound in (table.first, table.last):
            needed.update(dict.fromkeys(scope.variables_in(bound)))
        lines += _built(function, scope, inputs)
    loads = [f"    {scope.name(n)} = {_input(n, scope)}" for n in needed]
    return "\n".join([
        f"def {name}(p, env):",
        f'    """{doc}"""',
        *loads,
        "    tables = {}",
        *lines,
        "    return tables",
    ])  # fmt: skip


def _order(function: Function) -> int:
    assert function.plan is not None
    return function.plan.order


def _built(function: Function, scope: Scope, inputs: tuple[str, ...]) -> list[str]:
    return [*_filled(function, scope, inputs), *_last_row(function, scope)]


def _last_row(function: Function, scope: Scope) -> list[str]:
    """Return the lines that keep what TABLE lists as the last abscissa leaves it."""
    lines: list[str] = []
    column = 0
    for name in _columns(function):
        size = scope.ir.variables[name].size if name in scope.ir.variables else 0
        columns = f"{column}:{column + size}" if size else f"{column}"
        value = f'tables["{function.block.name}"][-1, {columns}]'
        column += size or 1
        if name not in _stays(function):
            continue
        if _is_read(name, function, scope):
            lines.append(f"    {scope.name(name)} = {f'list({value})' if size else value}")
            value = scope.name(name)
        if scope.storage.get(name) == "s":
            lines.append(f'    tables["{name}"] = {value}')
    return lines


def _filled(function: Function, scope: Scope, inputs: tuple[str, ...]) -> list[str]:
    left = [
        (k, n) for k, n in enumerate(_left(function)) if scope.storage.get(n) == "s" or _is_read(n, function, scope)
    ]
    if left or _carried(function, inputs):
        values = print_tuple([scope.name(n) for n in inputs])
        return [
            *_build(function, scope, inputs, values, "    ", keep=bool(left)),
            *(f"    {scope.name(n)} = left_behind[{k}]" for k, n in left),
            *(f'    tables["{n}"] = {scope.name(n)}' for _, n in left if scope.storage.get(n) == "s"),
        ]
    x = scope.name(function.block.args[0]) if function.block.args else "x"
    args = [_exact_lambda(function, scope, x, inputs), *_bounds(function, scope)]
    return wrap(f'    tables["{function.block.name}"] = tabulate(', args, ")")


def _is_read(name: str, function: Function, scope: Scope) -> bool:
    """True where the code under another TABLE reads it."""
    others = [f for f in scope.functions.values() if _columns(f) and f is not function]
    return any(name in exact_inputs(other, scope) for other in others)


def _build(
    function: Function, scope: Scope, inputs: tuple[str, ...], values: str, indent: str, *, keep: bool
) -> list[str]:
    """Return the lines of a call of ``build_table``."""
    name = function.block.name
    carried = _carried(function, inputs)
    args = [scope.name(exact_of(name)), values, *_bounds(function, scope), str(len(_columns(function)))]
    args += [str(carried)] if carried else []
    return wrap(f'{indent}tables["{name}"], {"left_behind" if keep else "_"} = build_table(', args, ")")


def _carried(function: Function, inputs: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """Return which inputs are an output at the abscissa before: pairs of the number of the input and of the output."""
    outputs = _returned(function)
    return tuple((k, outputs.index(name)) for k, name in enumerate(inputs) if name in outputs)


def _exact_lambda(function: Function, scope: Scope, x: str, inputs: tuple[str, ...]) -> str:
    """Return the text of a function of the abscissa that returns what the table holds."""
    exact, columns = scope.name(exact_of(function.block.name)), _columns(function)
    call = f"{exact}({', '.join([*([x] if function.block.args else []), *map(scope.name, inputs)])})"
    outputs = _returned(function)
    if len(columns) == 1:
        call = f"({call}[0],)" if len(outputs) > 1 else f"({call},)"
    elif len(columns) < len(outputs):
        call = f"{call}[:{len(columns)}]"
    return f"lambda {x}: {call}"


def _returned(function: Function) -> list[str]:
    return [*([function.block.name] if function.block.kind == "FUNCTION" else []), *function.outputs]


def _columns(function: Function) -> list[str]:
    """Return the names of what a table holds, as far as anything reads it."""
    table = function.block.table
    if table is None:
        return []
    if function.block.kind == "FUNCTION":
        return [function.block.name]
    return [name for name in table.names if name in function.outputs]


def _left(function: Function) -> list[str]:
    """Return what building a table also sets, as far as anything reads it, in the order of what the code returns."""
    leaves = function.plan.leaves if function.plan is not None else ()
    return [name for name in _returned(function)[len(_columns(function)) :] if name in leaves]


def _stays(function: Function) -> tuple[str, ...]:
    """Return the names that a TABLE lists and whose values building leaves as the last abscissa does."""
    return function.plan.stays if function.plan is not None else ()


def _bounds(function: Function, scope: Scope) -> list[str]:
    table = function.block.table
    assert table is not None
    return [scope.printer.text(table.first), scope.printer.text(table.last), str(table.count)]


def _input(name: str, scope: Scope) -> str:
    """Return the text of a value while tables are built: that of the first instance, as NEURON takes it."""
    where = scope.holder(name)
    symbol = scope.ir.variables.get(name)
    if where in ("none", "") or symbol is None or symbol.place in ("ion", "pointer"):
        return scope.zero(name)
    where = "env" if where == "env" else "p"
    text = f'{where}["{name}"]' if symbol.uniform else f'{where}["{name}"][..., 0]'
    return f"list({text})" if symbol.size else text
