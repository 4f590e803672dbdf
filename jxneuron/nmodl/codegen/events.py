"""What takes events, as Python text.

In: the entries of a MechanismIR that have weights, a flag or something to send. Out: the lines with which their
functions begin and end, and what the mechanism says of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from jxneuron.nmodl.analysis.additive import JUMP
from jxneuron.nmodl.analysis.ir import WATCH, Entry, MechanismIR
from jxneuron.nmodl.codegen.function import WIDTH
from jxneuron.nmodl.codegen.liveness import Scope
from jxneuron.nmodl.syntax import nodes as sx

FUNCTIONS = ("receive", "receive_initial", JUMP, "initial_sends")


def print_group(name: str, items: Sequence[str]) -> list[str]:
    """Return the lines of a field of the mechanism that holds several items, none where there are none."""
    return [f"    {name}=(", *(f"        {item}," for item in items), "    ),"] if items else []


def print_arguments(entry: Entry, scope: Scope, needed: Collection[str]) -> list[str]:
    """Return the lines that fetch the weights and the flag of an event."""
    lines = [f'    {scope.name(local)} = w["{weight}"]' for weight, local in entry.weights if local in needed]
    flag = scope.name(entry.flag)
    return [*lines, *([f"    {flag} = flag"] if entry.flag in needed and flag != "flag" else [])]


def print_event_result(entry: Entry, scope: Scope) -> list[str]:
    """Return the lines in which a function hands back what an event does."""
    updates = [f'"{name}": {scope.name(name)}' for name in entry.outputs]
    actions = [_action(sent, scope) for sent in entry.sent if sent.kind != "watch"]
    if entry.name == JUMP:
        return ["    return shaped(", f'        w["{entry.weights[0][0]}"], {{}},', *_part("{}", updates), "    )"]
    if not entry.flag:
        return ["    return sent_at(", "        v,", *_part("()", actions), "    )"]
    local = dict(entry.weights)
    weights = [f'"{weight}": {scope.name(local[weight])}' for weight in entry.set_weights]
    armed = [_armed(sent, scope) for sent in entry.sent if sent.kind == "watch"]
    asked = [*_part("()", actions), *_part("()", armed)] if entry.sent else []
    return ["    return received(", "        v, s, w,", *_part("{}", updates), *_part("{}", weights), *asked, "    )"]


def print_event_fields(ir: MechanismIR) -> list[str]:
    """Return the fields of the mechanism that say how it takes events."""
    entries = {entry.name: entry for entry in ir.entries}
    sent = {name: entry.sent for name, entry in entries.items()}
    receive = entries.get("receive")
    return [
        *print_group("weights", [f'"{weight}"' for weight, _ in receive.weights] if receive is not None else []),
        *(f"    {name}={name}," for name in FUNCTIONS if name in entries),
        *print_group("actions", [f'"{one.kind}"' for one in sent.get("receive", ()) if one.kind != "watch"]),
        *print_group("initial_actions", [f'"{one.kind}"' for one in sent.get("initial_sends", ())]),
        *print_group("watches", [name for name in entries if name.startswith(WATCH)]),
    ]


def _action(sent: sx.Sent, scope: Scope) -> str:
    return f"Action({scope.name(sent.when)} != 0.0, {scope.name(sent.time)}, {scope.name(sent.flag) or '0.0'})"


def _armed(sent: sx.Sent, scope: Scope) -> str:
    return f"Armed({scope.name(sent.when)} != 0.0, {scope.name(sent.flag)})"


def _part(brackets: str, items: Sequence[str]) -> list[str]:
    """Return the lines of a dictionary or a tuple among the arguments of a call."""
    opening, closing = brackets
    comma = "," if brackets == "()" and len(items) == 1 else ""
    line = f"        {opening}{', '.join(items)}{comma}{closing},"
    if len(line) <= WIDTH:
        return [line]
    return [f"        {opening}", *(f"            {item}," for item in items), f"        {closing},"]
