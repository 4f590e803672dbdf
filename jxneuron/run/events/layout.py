"""Where the values of a mechanism are in the rows that events work on (see ``run.events.rows``).

In: Program and the arguments of the mechanisms' functions. Out: Layouts, which hold no arrays of JAX.

A row holds only what NET_RECEIVE uses. What that is shows when it runs once on shapes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jxneuron.errors import ModelError
from jxneuron.ions import ion_variables
from jxneuron.lower.program import Address, Index, Program, Receiver, Slot
from jxneuron.mech.mechanism import Mechanism
from jxneuron.run.environment import Arguments
from jxneuron.run.in_order import GEOMETRY

Variable = tuple[str, str]  # group (p, s or env) and name


@dataclass(frozen=True)
class Column:
    """One variable in a row."""

    group: str  # p, s, env or v
    name: str
    size: int  # 0 for a scalar, n for an array of n
    start: int

    @property
    def stop(self) -> int:
        """The column after its last one."""
        return self.start + max(self.size, 1)

    def of(self, row: Array) -> Array:
        """Return its value in a row, () or (size,)."""
        return row[self.start : self.stop] if self.size else row[self.start]


@dataclass(frozen=True, eq=False)
class Layout:
    """Where in the rows the values of one receiver are."""

    number: int  # index into Program.receivers
    receiver: Receiver
    nodes: Index  # (instance,) -1 for those of an artificial cell
    own: tuple[Column, ...]  # written, and the instance's own
    shared: tuple[Column, ...]  # written, and one for all instances
    read: tuple[Column, ...]  # only read, and the instance's own
    constants: tuple[Variable, ...]  # only read, and one for all instances
    node: Mapping[str, int]  # by name in the code (v, cai): its column in the rows of nodes
    writes_node: frozenset[str]
    writes_weights: bool

    @property
    def slot(self) -> Slot:
        """The slot of the mechanism."""
        return self.receiver.slot

    @property
    def name(self) -> str:
        """The name of the mechanism."""
        return self.receiver.slot.name

    @property
    def mechanism(self) -> Mechanism:
        """The mechanism."""
        return self.receiver.slot.mechanism

    @property
    def moves(self) -> bool:
        """Whether it calls net_move."""
        return "move" in self.mechanism.actions


@dataclass(frozen=True, eq=False)
class Layouts:
    """The Layouts of all ordered receivers, and what they have in common."""

    layouts: tuple[Layout, ...]
    layout_of: Index  # (receiver,) index into ``layouts``, -1 for additive receivers
    node: tuple[tuple[str, str], ...]  # what some of them write at a node: ion and variable, ("", "v") for the voltage
    node_index: tuple[Index, ...]  # for each of ``node`` (n,): the place of a node in its array, -1 for none
    shared_width: int
    secondorder: int

    @property
    def orders(self) -> int:
        """How many orders one event may give: one for each action, and one for the event that net_send pushes out."""
        return max(
            len(layout.mechanism.actions) + layout.moves * layout.mechanism.actions.count("send")
            for layout in self.layouts
        )

    @property
    def writes_weights(self) -> bool:
        """Whether any of them writes weights."""
        return any(layout.writes_weights for layout in self.layouts)

    @property
    def watches(self) -> int:
        """The most WATCH statements of one mechanism."""
        return max(len(layout.mechanism.watches) for layout in self.layouts)

    @property
    def moves(self) -> bool:
        """Whether any of them calls net_move."""
        return any(layout.moves for layout in self.layouts)

    def width(self, kind: str) -> int:
        """Return the columns of the rows ``own`` or ``read``: as many as the longest has."""
        return max(max((column.stop for column in getattr(layout, kind)), default=0) for layout in self.layouts)

    @property
    def weight_width(self) -> int:
        """The most weights of one connection."""
        return max(len(layout.mechanism.weights) for layout in self.layouts)


class _Use(NamedTuple):
    """What NET_RECEIVE and the conditions of WATCH read and write."""

    reads: set[Variable]
    updates: set[str]
    weights: set[str]


class _Noting(dict[str, Any]):
    """A dictionary that notes what is read of it."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.seen: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.seen.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Note a name that is asked for."""
        return self[name] if name in self else default


def lay_out(program: Program, arguments: Mapping[str, Arguments]) -> Layouts:
    """Lay out the rows of all ordered receivers.

    Args:
        program: its ``receivers`` that are not additive.
        arguments: of their mechanisms' functions, by name.

    Raises:
        ModelError: NET_RECEIVE writes a POINTER, or reads one that points to what events change.
    """
    ordered = {k: receiver for k, receiver in enumerate(program.receivers) if not receiver.additive}
    uses = {k: _use(receiver.slot, arguments[receiver.slot.name]) for k, receiver in ordered.items()}
    node = tuple(
        sorted({place for k, use in uses.items() for place in _written_at_nodes(ordered[k].slot, use).values()})
    )
    layouts: list[Layout] = []
    shared_width = 0
    for k, use in uses.items():
        layout = _lay_out_one(program, k, arguments[ordered[k].slot.name], use, node, shared_width)
        shared_width = max([shared_width, *(column.stop for column in layout.shared)])
        layouts.append(layout)
    layout_of = np.full(len(program.receivers), -1)
    layout_of[list(ordered)] = np.arange(len(ordered))
    _check_pointers(program, layouts, uses)
    return Layouts(
        tuple(layouts),
        layout_of,
        node,
        tuple(_node_index(program, *x) for x in node),
        shared_width,
        program.secondorder,
    )


def is_per_instance(mechanism: Mechanism, group: str, name: str) -> bool:
    """Return whether a value of ``p``, ``s`` or ``env`` is one for each instance."""
    if group != "env":
        return mechanism.by_name[name].per_instance
    ions = {variable for use in mechanism.ions for variable in use.loads}
    return name in {*GEOMETRY, *ions, *(pointer.name for pointer in mechanism.pointers)}


def _use(slot: Slot, arguments: Arguments) -> _Use:
    """Run NET_RECEIVE once on shapes, to see what it reads and writes."""
    mechanism = slot.mechanism
    groups = {"p": arguments.p, "s": arguments.s, "env": arguments.env}
    noting = {group: _Noting(_of_one(mechanism, group, values)) for group, values in groups.items()}
    written: list[set[str]] = []

    def call() -> None:
        assert mechanism.receive is not None
        p, s, env, zero = noting["p"], noting["s"], noting["env"], jnp.zeros(())
        received = mechanism.receive(p, s, zero, env, dict.fromkeys(mechanism.weights, zero), zero)
        written.extend([set(received.updates), set(received.weights)])
        for condition in mechanism.watches:
            condition(p, s, zero, env)

    jax.eval_shape(call)
    return _Use({(group, name) for group, values in noting.items() for name in values.seen}, *written)


def _of_one(mechanism: Mechanism, group: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values of the shapes that one instance has."""
    return {
        name: jnp.zeros(jnp.shape(x)[:-1]) if is_per_instance(mechanism, group, name) else x
        for name, x in values.items()
    }


def _written_at_nodes(slot: Slot, use: _Use) -> dict[str, tuple[str, str]]:
    """Return the ion and the variable, ("", "v") for the voltage, of what NET_RECEIVE writes at a node, by name."""
    places = _ion_places(slot.mechanism)
    places["v"] = ("", "v")
    return {name: places[name] for name in use.updates if name in places}


def _ion_places(mechanism: Mechanism) -> dict[str, tuple[str, str]]:
    """Return the ion and our name of its variables, by their names in the code."""
    return {
        name: (ion.name, ion_variables(ion.name)[name]) for ion in mechanism.ions for name in (*ion.loads, *ion.writes)
    }


def _lay_out_one(
    program: Program, number: int, arguments: Arguments, use: _Use, node: tuple[tuple[str, str], ...], shared: int
) -> Layout:
    """Lay out the rows of one receiver; ``shared`` columns of shared values are taken."""
    receiver = program.receivers[number]
    mechanism = receiver.slot.mechanism
    nodes = program.node_sets[receiver.slot.nodes]
    at_node = {name: node.index(place) for name, place in _ion_places(mechanism).items() if place in node}
    if mechanism.kind != "artificial" and ("", "v") in node:
        at_node["v"] = node.index(("", "v"))
    written = {("s", name) for name in use.updates if name in arguments.s}
    fixed = {("env", name) for name in ("t", "secondorder", *at_node)}
    read = sorted(x for x in use.reads - written - fixed if not (x[0] == "env" and x[1] in at_node))
    if mechanism.kind != "artificial" and "v" not in at_node:
        read.append(("v", "v"))

    def columns(names: Iterable[Variable], start: int = 0) -> tuple[Column, ...]:
        placed: list[Column] = []
        for group, name in names:
            size = 0 if group in ("env", "v") else mechanism.by_name[name].size
            placed.append(Column(group, name, size, placed[-1].stop if placed else start))
        return tuple(placed)

    def one_each(variable: Variable) -> bool:
        return variable[0] == "v" or is_per_instance(mechanism, *variable)

    return Layout(
        number=number,
        receiver=receiver,
        nodes=nodes,
        own=columns(sorted(x for x in written if one_each(x))),
        shared=columns(sorted(x for x in written if not one_each(x)), shared),
        read=columns(x for x in read if one_each(x)),
        constants=tuple(x for x in read if not one_each(x)),
        node=at_node,
        writes_node=frozenset(name for name in use.updates if name in at_node),
        writes_weights=bool(use.weights),
    )


def _node_index(program: Program, ion: str, variable: str) -> Index:
    """Return for each node the place of its value in the array of a variable, (n,), -1 where it has none."""
    if not ion:
        return np.arange(len(program.parent))
    index = np.full(len(program.parent), -1)
    nodes = next(slot.node for slot in program.ions if slot.name == ion)
    index[nodes] = np.arange(len(nodes))
    return index


def _check_pointers(program: Program, layouts: Iterable[Layout], uses: Mapping[int, _Use]) -> None:
    """Refuse POINTERs whose values change while the events of a pass are served."""
    receives = {receiver.slot.name for receiver in program.receivers}
    for layout in layouts:
        for target in layout.slot.pointers:
            use = uses[layout.number]
            if target.name in use.updates:
                raise ModelError(f"NET_RECEIVE of {layout.name} writes the POINTER {target.name}: not supported")
            if ("env", target.name) in use.reads and any(_may_change(x, receives) for _, x in target.parts):
                raise ModelError(
                    f"NET_RECEIVE of {layout.name} reads through the POINTER {target.name} what other events change: "
                    "not supported"
                )


def _may_change(address: Address, receives: set[str]) -> bool:
    return address.kind == "mech" and address.owner in receives
