"""Assignments to attributes of a module, which would change nothing: what to write instead.

In: a module, the name and the value. Out: the text of an error. numpy only.
"""

from __future__ import annotations

from typing import Any

from jxneuron.modules import columns, edit
from jxneuron.wording import did_you_mean

# What NEURON has as variables and a module as something else -> what to write
INSTEAD = {
    "dt": "a run takes it: jx.integrate(module, delta_t=...)",
    "delta_t": "a run takes it: jx.integrate(module, delta_t=...)",
    "tstop": "a run takes it: jx.integrate(module, t_max=...)",
    "t_max": "a run takes it: jx.integrate(module, t_max=...)",
    "secondorder": 'a run takes it: jx.integrate(module, solver="crank_nicolson") is NEURON\'s secondorder = 2',
    "v_init": 'write .set("v", ...)',
    "nseg": "write .set_nseg(...)",
    "ncomp": "write .set_ncomp(...)",
    "xyzr": "write .move(...), .move_to(...), .rotate(...) or .compute_xyz()",
    "nodes": "change values with .set(key, ...); a column of your own is written .nodes[name] = ...",
    "edges": "change values with .set(key, ...); a column of your own is written .edges[name] = ...",
}


def is_declared(kind: type, name: str) -> bool:
    """Whether a property of ours takes the attribute, or a class of the user's own, which inherits, has it."""
    if isinstance(ours := getattr(kind, name, None), property) and ours.fset is not None:
        return True
    own = [each for each in kind.__mro__ if each.__module__.partition(".")[0] not in ("jxneuron", "builtins")]
    return any(name in vars(each) or name in vars(each).get("__annotations__", {}) for each in own)


def refusal(module: Any, name: str, value: Any) -> str:
    """Why the attribute cannot be assigned, and what to write instead."""
    core = module._core
    if name in INSTEAD:
        why = INSTEAD[name]
    elif name in columns.names(core.model, core.mechanisms):
        why = f"write .set({name!r}, {_short(value)})"
    elif name in core.groups or edit.stem_rows(core, name) is not None:
        why = f"it is a group of compartments: write .{name}.set(key, ...)"
    elif hasattr(type(module), name):
        why = f"{name} belongs to every module and cannot be replaced"
    else:
        why = _unknown(module, name, value)
    return f".{name} = {_short(value)} would change nothing: {why}"


def _unknown(module: Any, name: str, value: Any) -> str:
    """For a name that means nothing here: a key that lacks its mechanism, one that is near, or how to declare it."""
    core = module._core
    hint = columns.absent_mechanism(core.mechanisms, name)
    if hint:
        return f'insert("{hint}") first, then write .set({name!r}, {_short(value)})'
    near = did_you_mean(name, columns.names(core.model, core.mechanisms))
    if near:
        return f"values are changed with .set(key, value){near}"
    return (
        "values are changed with .set(key, value); a class of your own may have the attribute if its body declares it "
        f"({name}: object)"
    )


def _short(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) < 30 and "\n" not in shown else "..."
