"""Print a ``MechanismIR`` as the text of one Python module.

In: ``MechanismIR``. Out: the text. Sequential NMODL becomes sequential Python: blocks are functions of what
they read that return what they write; IF becomes ``where`` or ``choose``; loops stay loops. Assignments
that nothing reads are left out.
"""

from __future__ import annotations

from dataclasses import replace

from jxneuron.ions import ion_names
from jxneuron.nmodl.analysis.additive import JUMP
from jxneuron.nmodl.analysis.ir import WATCH, Entry, FieldIR, Function, MechanismIR
from jxneuron.nmodl.codegen.events import print_arguments, print_event_fields, print_event_result, print_group
from jxneuron.nmodl.codegen.expression import HELPERS, choose_python_names, print_number
from jxneuron.nmodl.codegen.function import BodyPrinter, live_after, print_tuple, wrap, wrap_return
from jxneuron.nmodl.codegen.liveness import Scope, exact_of, slope_of
from jxneuron.nmodl.codegen.tables import (
    AGAIN,
    exact_inputs,
    is_built,
    leaves,
    leaves_in_step,
    print_builders,
    print_look_up,
)
from jxneuron.nmodl.frontend.symbols import MATH, USETABLE, CurrentUse, Stream
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.visit import expressions, find_parts, walk
from jxneuron.nmodl.syntax.walk import free_name

EMITTER = 6


def emit(ir: MechanismIR) -> str:
    """Return the generated module."""
    scope = Scope(ir, _name_all(ir))
    for function in ir.functions:
        scope.functions[function.block.name] = _refined(function, scope)
    parts = [_constants(ir, scope)]
    for function in scope.functions.values():
        parts += _function(function, scope)
    parts += [_entry(entry, scope) for entry in ir.entries]
    building = print_builders(scope)
    parts += building.values()
    parts.append(_mechanism(ir, scope, tuple(building)))
    code = "\n\n\n".join(part for part in parts if part)
    gap = "\n\n" if parts[0] else "\n\n\n"
    return f"{_head(ir, code)}{gap}{code}\n"


def _refined(function: Function, scope: Scope) -> Function:
    """Drop the inputs that only feed outputs which nobody reads; callees come first."""
    block = function.block
    live = live_after(function)
    needed = BodyPrinter(scope, function, None).live_before(block.body, live)
    if block.table is not None:
        bounds = (block.table.first, block.table.last)
        needed |= {"tables", *function.outputs}.union(*(scope.variables_in(e) for e in bounds))
    return replace(function, inputs=tuple(n for n in function.inputs if n in needed))


def _name_all(ir: MechanismIR) -> dict[str, str]:
    """Give a Python name to each NMODL name, to each derivative, and to the exact function of each TABLE."""
    names = choose_python_names(_all_names(ir), _event_names(ir))
    taken = {*names.values()}
    for function in ir.functions:
        name = function.block.name
        names[exact_of(name)] = free_name(f"{names[name]}_exact", taken)
        names.update({slope_of(state): free_name(f"{state}_prime", taken) for state in function.states})
    return names


def _event_names(ir: MechanismIR) -> set[str]:
    """Return what the code of a mechanism that takes events needs in addition for itself."""
    return {"w", JUMP, *(entry.name for entry in ir.entries)} if ir.takes_events else set()


def _all_names(ir: MechanismIR) -> set[str]:
    names = {*ir.variables, *ir.constants}
    for function in ir.functions:
        names |= {function.block.name, *function.block.args, *function.block.local_names}
    for entry in ir.entries:
        names |= {*(local.name for local in entry.locals), *([entry.argument] if entry.argument else [])}
        names |= {*entry.arguments}
    for body in (*(f.block.body for f in ir.functions), *(e.body for e in ir.entries)):
        names |= {s.index for s in walk(body) if isinstance(s, sx.For | sx.Compartment) and s.index}
    return names


def _words(code: str) -> set[str]:
    return set("".join(c if c.isalnum() or c == "_" else " " for c in code).split())


def _head(ir: MechanismIR, code: str) -> str:
    words = _words(code)
    used = [name for name in sorted({*HELPERS, *MATH} - {"MECHANISM", "pow", "abs"}, key=str.lower) if name in words]
    lines = [
        f'"""{ir.name}, translated from {ir.source_lines.file}; edit the NMODL text, not this file."""',
        "# ruff: noqa",
        "# fmt: off",
        "# pyright: basic",
        "",
        *wrap("from jxneuron.mech import (", used, ")", bare="from jxneuron.mech import "),
    ]
    return "\n".join(lines)


def _constants(ir: MechanismIR, scope: Scope) -> str:
    lines = [
        f"{scope.name(name)} = {print_number(value)}" for name, value in ir.constants.items() if name in scope.used
    ]
    return "\n".join(lines)


def _doc(function: Function, scope: Scope) -> str:
    block = function.block
    return f'    """{block.kind} {block.name} ({scope.ir.source_lines.at(block.line)})."""'


def _function(function: Function, scope: Scope) -> list[str]:
    """Return the text of a block's function; a TABLE makes two, the exact one and the look-up."""
    name = scope.name(function.block.name)
    if function.block.table is None:
        return [_plain(function, scope, name)]
    inputs = exact_inputs(function, scope)
    exact = _plain(function, scope, scope.name(exact_of(function.block.name)), inputs)
    return [exact, print_look_up(function, scope, name, inputs)]


def _plain(function: Function, scope: Scope, name: str, inputs: tuple[str, ...] | None = None) -> str:
    block = function.block
    inputs = function.inputs if inputs is None else inputs
    form = function.form
    head = {"kinetic": ["k"], "linear": ["k"]}.get(form, [])
    states = () if form == "linear" else function.states
    args = [*head, *map(scope.name, (*states, *block.args, *inputs))]
    outputs = list(function.outputs)
    returned = ([block.name] if block.kind == "FUNCTION" else []) + outputs
    live = live_after(function)
    body = BodyPrinter(scope, function, {*states, *block.args, *inputs})
    lines = body.print_body(block.body, live, "    ")
    names = [scope.name(n) for n in returned]
    if form == "slopes":
        primes = print_tuple([scope.name(slope_of(n)) for n in function.states])
        last = wrap_return(f"    return {primes}, {print_tuple(names)}")
    elif form in ("kinetic", "linear"):
        last = wrap("    return (", names, ")") if len(names) > 1 else [f"    return {print_tuple(names)}"]
    else:
        last = wrap_return(f"    return {', '.join(names)}" if names else "    return None")
    head_lines = wrap(f"def {name}(", args, "):")
    return "\n".join([*head_lines, _doc(function, scope), *body.print_preamble("    "), *lines, *last])


def _entry(entry: Entry, scope: Scope) -> str:
    shown = Function(sx.Block("ENTRY", entry.name, (), entry.body, entry.locals), (), ())
    body = BodyPrinter(scope, shown, None)
    live = {*entry.outputs, *entry.currents, *entry.results}
    lines = body.print_body(entry.body, live, "    ")
    needed = [name for name in body.needed(entry.body, live) if name != entry.argument]
    loads = [*print_arguments(entry, scope, needed), *_loads(entry, scope, needed, body)]
    updates = _dictionary(scope, entry.outputs)
    if entry.flag or entry.sent:
        last = print_event_result(entry, scope)
    elif entry.name.startswith(WATCH):
        last = [f"    return {scope.name(sx.CONDITION)}"]
    elif entry.name == "current":
        handed = [_dictionary(scope, entry.currents), updates]
        shapes = [f"shaped(v, s, {values})" for values in handed]
        last = wrap("    return (", shapes, ")", bare="    return ")
    elif entry.argument:
        last = [f"    return {scope.name('coefficient')}, {scope.name('volume')}"]
    else:
        pairs = [f'"{n}": {scope.name(n)}' for n in entry.outputs]
        last = wrap("    return shaped(v, s, {", pairs, "})")
    args = ", ".join(["p, s, v, env", *([scope.name(entry.argument)] if entry.argument else [])])
    args = "p, s, env, w" if entry.name == JUMP else f"{args}, w, flag" if entry.flag else args
    return "\n".join([f"def {entry.name}({args}):", f'    """{entry.doc}"""', *loads, *lines, *last])


def _dictionary(scope: Scope, names: tuple[str, ...]) -> str:
    return "{" + ", ".join(f'"{n}": {scope.name(n)}' for n in names) + "}"


def _loads(entry: Entry, scope: Scope, needed: list[str], body: BodyPrinter) -> list[str]:
    """Fetch what the entry reads from where the model holds it."""
    lines: list[str] = []
    rank = {"p": 0, "s": 1, "env": 2, "none": 3}
    places = {name: scope.holder(name) for name in needed if name not in entry.arguments}
    order = list(scope.ir.variables)
    for name in sorted(places, key=lambda n: (rank.get(places[n], 9), order.index(n) if n in order else 0)):
        where, own = places[name], scope.name(name)
        if where == "":
            continue
        if entry.name == JUMP and name in entry.outputs:
            lines.append(f"    {own} = 0.0")
            continue
        if name == "dt" and entry.half:
            lines.append(f'    {own} = 0.5 * env["dt"] if env["secondorder"] else env["dt"]')
        elif name == USETABLE and where == "env":
            lines.append(f'    {own} = 0.0 if env["tables"] is None else 1.0')
        elif where == "none":
            lines.append(f"    {own} = {body.zero(name)}")
        elif name in body.assigned_arrays or (name in scope.ir.variables and scope.ir.variables[name].size):
            lines.append(f'    {own} = list({where}["{name}"])')
        else:
            lines.append(f'    {own} = {where}["{name}"]')
    for name in sorted(body.assigned_arrays - set(needed)):
        lines.append(f"    {scope.name(name)} = {body.zero(name)}")
    return lines


def _mechanism(ir: MechanismIR, scope: Scope, building: tuple[str, ...]) -> str:
    entries = {entry.name for entry in ir.entries}
    lines = [
        "MECHANISM = Mechanism(",
        f'    name="{ir.name}",',
        f'    kind="{ir.kind}",',
        *print_group("fields", [_field(field) for field in ir.fields]),
        *print_group("ions", [_ion(ir, k) for k in range(len(ir.ions))]),
        *print_group("currents", [_current(use) for use in ir.currents]),
        *print_group("pointers", [_pointer(name, writes) for name, writes in _pointers(ir, scope)]),
        *print_group("diffusion", [_diffusion(ir, entry) for entry in ir.entries if entry.argument]),
        *print_group("streams", [_stream(stream) for stream in ir.streams]),
        *print_group("function_tables", [f'FunctionTable("{name}", {count})' for name, count in _function_tables(ir)]),
        *(f"    {name}={name if name in entries else None}," for name in ("initial", "current", "advance")),
        *print_event_fields(ir),
        *(f"    {name}={name}," for name in sx.MOMENTS.values() if name in entries),
        f"    tables={'tables' if 'tables' in building else None},",
        *([f"    {AGAIN}={AGAIN},"] if AGAIN in building else []),
        *(["    first_call=True,"] if any(is_built(f, "first_call") for f in scope.functions.values()) else []),
        *print_group("leaves", [f'"{name}"' for name in leaves(scope)]),
        *print_group("leaves_in_step", [f'"{name}"' for name in leaves_in_step(scope)]),
        f"    linear_in_v={ir.linear_in_v},",
        *([f"    sequential={ir.sequential!r},".replace("'", '"')] if ir.sequential else []),
        ")",
    ]
    return "\n".join(lines)


def _pointers(ir: MechanismIR, scope: Scope) -> list[tuple[str, bool]]:
    """Return the POINTERs that the code uses, and whether it writes through them."""
    names = [name for name in scope.used if name in ir.variables and ir.variables[name].place == "pointer"]
    written = {name for entry in ir.entries for name in entry.outputs}
    return [(name, name in written) for name in sorted(names)]


def _pointer(name: str, writes: bool) -> str:
    return f'Pointer("{name}"{", writes=True" if writes else ""})'


def _stream(stream: Stream) -> str:
    law = f', law="{stream.law}", place={stream.place}' if stream.law else ""
    return f'Stream("{stream.name}", "{stream.ids}"{law})'


def _diffusion(ir: MechanismIR, entry: Entry) -> str:
    size = ir.variables[entry.state].size
    return f'Diffusion("{entry.state}", {entry.name}{f", size={size}" if size else ""})'


def _function_tables(ir: MechanismIR) -> list[tuple[str, int]]:
    """Return the FUNCTION_TABLEs that are called, with the number of their arguments."""
    counts: dict[str, int] = {}
    for function in ir.functions:
        for s in walk(function.block.body):
            counts |= {look_up.table: len(look_up.args) for look_up in find_parts(sx.LookUp, *expressions(s))}
    return list(counts.items())


def _field(field: FieldIR) -> str:
    symbol = field.symbol
    parts = [_quoted(part) for part in (symbol.name, symbol.role, symbol.scope, field.storage)]
    text = [f"unit={_quoted(symbol.unit)}"] if symbol.unit else []
    text += [f"default={print_number(symbol.value)}"] if symbol.value else []
    text += [f"size={symbol.size}"] if symbol.size else []
    text += [f"{n}={print_number(v)}" for n, v in (("lower", symbol.lower), ("upper", symbol.upper)) if v is not None]
    return f"Field({', '.join(parts + text)})"


def _quoted(text: str) -> str:
    """Return a text between double quotes where it holds none; a unit may hold both kinds."""
    return repr(text) if "'" in text or '"' in text else repr(text).replace("'", '"')


def _ion(ir: MechanismIR, k: int) -> str:
    ion = ir.ions[k]
    loads = tuple(n for n in dict.fromkeys((*ion.reads, *ion.writes)) if ir.variables[n].loads)
    writes = tuple(n for n in ion.writes if n != ion_names(ion.name).current)
    text = [f'"{ion.name}"']
    text += [f"loads={loads!r}"] if loads else []
    text += [f"writes={writes!r}"] if writes else []
    text += [f"valence={print_number(ion.valence)}"] if ion.valence is not None else []
    return f"IonUse({', '.join(text)})".replace("'", '"')


def _current(use: CurrentUse) -> str:
    text = [f'"{use.name}"']
    text += [f'ion="{use.ion}"'] if use.ion else []
    text += ["electrode=True"] if use.electrode else []
    return f"Current({', '.join(text)})"
