"""What a mechanism is: a table of fields, and pure functions.

Generated mechanisms and Python mechanisms have this one form. All functions are elementwise over the instances of the
mechanism: arrays have shape ``(instance,)``, array fields ``(size, instance)``, fields that all share ``()`` or
``(size,)``.

``p``    parameters: every field whose ``storage`` is ``"p"``; never written.
``s``    what the code writes and keeps: every field whose ``storage`` is ``"s"``.
``v``    ``(instance,)`` mV, the voltage of each instance's node.
``env``  ``t`` ms, ``dt`` ms, ``celsius`` degC, ``diam`` um, ``area`` um2, ``length`` um,
         ``Ra`` ohm cm, ``cm`` uF/cm2, ``secondorder`` (a Python int), ``tables`` (what ``tables`` returned, or
         None where the model runs with usetable 0), the ion variables named in ``IonUse.loads`` and the values
         to which ``pointers`` point, all under their NMODL names, and ``function_tables`` (by name
         ``(values, axis, ...)``, see ``FunctionTable``).

A function that takes an event is elementwise too: its arrays have one place for each event, ``(event,)``, or ``()``
for one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from jxneuron.ions import IonNames, ion_names

if TYPE_CHECKING:
    from jax import Array

Values = Mapping[str, Any]  # by name: arrays (instance,), (size, instance), (size,) or ()
Function = Callable[[Values, Values, "Array", Values], Values]  # (p, s, v, env) -> updates
CurrentFunction = Callable[[Values, Values, "Array", Values], tuple[Values, Values]]  # -> currents by name, updates
TableFunction = Callable[[Values, Values], Values]  # (p, env) -> tables by name
ReceiveFunction = Callable[[Values, Values, "Array", Values, Values, Any], "Received"]  # (p, s, v, env, w, flag)
ActionKind = Literal["send", "event", "move"]  # net_send, net_event, net_move


@dataclass(frozen=True)
class Field:
    """One variable of a mechanism.

    Attributes:
        name: NEURON's name without the suffix (``gnabar``, not ``gnabar_hh``).
        role: the NMODL block that declares it.
        scope: NEURON shows ``range`` as ``name_suffix`` of a segment (``.name`` of a point process), ``global`` as
            ``h.name_suffix``; it does not show ``instance`` (an ASSIGNED without RANGE) and ``file`` (LOCAL at file
            scope).
        storage: ``p``, ``s``, or ``none`` for a value that exists inside one function only.
        unit: the NMODL unit, without brackets; "" where the file gives none.
        default: the value in a fresh NEURON process.
        size: 0 for a scalar, n for an array of n.
        lower, upper: limits of a PARAMETER; None where it has none.
        whole: True where the name needs no suffix, as in Python mechanisms (``HH_gNa``).
    """

    name: str
    role: Literal["parameter", "assigned", "state"]
    scope: Literal["range", "global", "instance", "file"]
    storage: Literal["p", "s", "none"]
    unit: str = ""
    default: float = 0.0
    size: int = 0
    lower: float | None = None
    upper: float | None = None
    whole: bool = False

    @property
    def per_instance(self) -> bool:
        """Whether each instance has a value of its own."""
        return self.scope in ("range", "instance")

    def full_name(self, mechanism: str) -> str:
        """Return the name on a segment: NEURON's ``gnabar_hh``; ``HH_gNa`` where the name is whole."""
        return self.name if self.whole else f"{self.name}_{mechanism}"


@dataclass(frozen=True)
class IonUse:
    """``USEION name``: which of ``ename, namei, nameo, iname`` the code sees and changes.

    Attributes:
        name: the ion (``ca``).
        loads: variables that each function finds in ``env``: those that are READ, and every concentration that is
            written. ``iname`` is the ion's total current.
        writes: concentrations (and the reversal potential) that updates may hold, which are then stored in the ion;
            currents that are written are in ``Mechanism.currents``.
        valence: of the VALENCE statement; None without one.
        start: the concentrations, mM, with which a Python mechanism starts; all of a module must agree.
    """

    name: str
    loads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    valence: float | None = None
    start: tuple[tuple[str, float], ...] = ()

    @property
    def names(self) -> IonNames:
        """The names of the ion's variables."""
        return ion_names(self.name)


@dataclass(frozen=True)
class Pointer:
    """POINTER ``name``: for each instance a variable of another mechanism, segment or section.

    Its value is ``env[name]``, (instance,). Where ``writes`` is True, updates may hold a new value under that name,
    which is stored where the POINTER points.

    Attributes:
        name: in the code.
        writes: True where the code assigns to it.
        to: ``model``: what the Model says for each instance; ``voltage``: v of the instance's own node; ``shared``: the
            variable ``name`` of the mechanism ``name`` on the same node, which several mechanisms share.
    """

    name: str
    writes: bool = False
    to: Literal["model", "voltage", "shared"] = "model"


@dataclass(frozen=True)
class Stream:
    """A stream of random numbers that each instance has for itself; ``mech.random123`` draws them.

    Attributes:
        name: in the code, and of the field of storage ``s`` with its sequence, (instance,).
        ids: the field of storage ``p`` with its three ids and NEURON's global index, (4, instance).
        law: for a POINTER to a stream, the field of storage ``p`` with the law of its numbers, (3, instance); see
            ``mech.random123.random123_pick``. "" for RANDOM.
        place: which of the mechanism's POINTERs and BBCOREPOINTERs it is, in the order of their declarations.
    """

    name: str
    ids: str
    law: str = ""
    place: int = 0


@dataclass(frozen=True)
class FunctionTable:
    """FUNCTION_TABLE ``name``: a function of ``arguments`` variables that the user supplies as data.

    ``env["function_tables"][name]`` is ``(values, axis, ...)``: ``values`` has one dimension for each axis, each
    axis holds the increasing abscissae of one argument; a constant is ``(values,)`` with ``values`` of shape ().
    """

    name: str
    arguments: int = 1


@dataclass(frozen=True)
class Current:
    """A current that BREAKPOINT sets: mA/cm2 (density) or nA (point process).

    ``ion`` is None for NONSPECIFIC_CURRENT. ``electrode`` is True for ELECTRODE_CURRENT, which is positive inward.
    """

    name: str
    ion: str | None = None
    electrode: bool = False


@dataclass(frozen=True, eq=False)
class Diffusion:
    """LONGITUDINAL_DIFFUSION of one state: between the segments of a tree, after every mechanism's SOLVEs.

    Attributes:
        state: the field that diffuses, or the concentration of an ion.
        coefficient: ``(p, s, v, env, k) -> (coefficient, volume)``, (instance,) each, as ldifus.cpp takes them: um4/ms
            (diffusion constant times cross-section) and um2 (COMPARTMENT's volume per length). The int ``k`` is the
            element of an array state.
        size: 0 for a scalar state, n for an array of n.
    """

    state: str
    coefficient: Callable[[Values, Values, Array, Values, int], tuple[Any, Any]]
    size: int = 0


class Action(NamedTuple):
    """What one place in the code asks of the queue; its kind is in ``Mechanism.actions``."""

    when: Any  # (event,) bool: whether this event comes past that place
    time: Any  # (event,) ms, when it is to happen
    flag: Any  # (event,) the flag of a self event; 0 for net_event


class Armed(NamedTuple):
    """What one WATCH statement asks for."""

    when: Any  # (event,) bool: whether this event comes past the statement
    flag: Any  # (event,) the flag of the event that it sends once its condition becomes true


class Received(NamedTuple):
    """What NET_RECEIVE leaves for one event.

    Attributes:
        updates: fields of ``s``, variables of ``IonUse.writes``, POINTERs, and ``v`` where the code sets it.
        weights: the weights that the code writes, by name.
        actions: one for each of ``Mechanism.actions``, in the order of the code.
        armed: one for each of ``Mechanism.watches``.
    """

    updates: Values
    weights: Values
    actions: tuple[Action, ...] = ()
    armed: tuple[Armed, ...] = ()


@dataclass(frozen=True, eq=False)
class Mechanism:
    """A channel, pump, point process or artificial cell.

    Attributes:
        name: the SUFFIX or the name of the POINT_PROCESS.
        kind: ``density``, ``point``, or ``artificial`` for an ARTIFICIAL_CELL, which has no node: its ``v`` is 0.
        currents: in the order in which NEURON adds them.
        initial: ``(p, s, v, env) -> updates``: set STATEs to their START values, then run INITIAL. Updates are fields
            of ``s`` and variables of ``IonUse.writes``.
        current: ``(p, s, v, env) -> (currents by name, updates)``: run BREAKPOINT without its SOLVEs. None where the
            mechanism has no currents; its BREAKPOINT statements are then in ``advance``.
        advance: ``(p, s, v, env) -> updates``: run every SOLVE over one dt with the new v. None where there is
            nothing to run.
        tables: ``(p, env) -> {name: array}``: build the TABLEs that NEURON builds before INITIAL. ``p`` here holds
            the fields of both storages as they start, ``env`` holds ``t``, ``dt``, ``celsius``, ``area``, ``diam``. The
            result has also what building leaves in fields, under their names. None without TABLE.
        tables_again: likewise for the TABLEs that are built once more after INITIAL, with ``s`` as INITIAL left it.
        first_call: True where a TABLE is built by its first call; ``env["tables"]`` is then a ``FirstCallTables``.
        leaves: fields that building the TABLEs sets; where each instance has its own value, the first instance's.
        leaves_in_step: those that it sets in the first step instead, where NEURON builds the TABLEs then.
        pointers: the POINTERs that the code reads or writes.
        function_tables: the FUNCTION_TABLEs that the code calls.
        streams: the streams that the code draws random numbers from.
        before_step: ``(p, s, v, env) -> updates``: run BEFORE STEP; None without it. ``before_breakpoint``,
            ``after_solve``, ``before_initial`` and ``after_initial`` likewise.
        diffusion: LONGITUDINAL_DIFFUSION of its states, in NEURON's order; see ``Diffusion``.
        linear_in_v: True where each current is proved linear in v, and running BREAKPOINT once leaves the same values
            as running it twice.
        weights: the arguments of NET_RECEIVE, the first of which is NetCon.weight[0].
        receive: ``(p, s, v, env, w, flag) -> Received``: run NET_RECEIVE for an event. ``w`` holds the weights of its
            connection by name, ``env["t"]`` is its time, ``flag`` is 0 for an event of a connection. None where the
            mechanism receives nothing.
        receive_initial: likewise for the INITIAL of NET_RECEIVE, which runs once for each connection. None where there
            is none: all weights but the first are then 0.
        jump: ``(p, s, env, w) -> {field: increment}``, for a mechanism that only adds to fields of ``s`` what depends
            on its weights, on ``p`` and on fields of ``s`` that only INITIAL sets; such events need no order. None for
            any other.
        actions: what ``receive`` may ask of the queue, one for each place in the code, in its order.
        initial_actions: likewise what ``initial`` asks for, which is net_send only.
        initial_sends: ``(p, s, v, env) -> tuple[Action, ...]``, with the arguments of ``initial``; None without them.
        watches: for each WATCH statement ``(p, s, v, env) -> (instance,)``, which is above 0 where its condition
            holds.
        sequential: names of the functions that run for one instance after another in NEURON's order: there an instance
            reads what the one before left in fields that all share. The other functions take all instances at once.
        initial_override: by field, the value with which it starts a run whatever ``initial`` computes; a module may
            set another one.
        shared: the mechanisms whose fields this one shares with others; they are on every node where it is.
        text: the generated Python; "" for a Python mechanism.
        made_by: a function, and the arguments with which it makes this mechanism again.
    """

    name: str
    kind: Literal["density", "point", "artificial"]
    fields: tuple[Field, ...] = ()
    ions: tuple[IonUse, ...] = ()
    currents: tuple[Current, ...] = ()
    initial: Function | None = None
    current: CurrentFunction | None = None
    advance: Function | None = None
    tables: TableFunction | None = None
    tables_again: TableFunction | None = None
    first_call: bool = False
    leaves: tuple[str, ...] = ()
    leaves_in_step: tuple[str, ...] = ()
    pointers: tuple[Pointer, ...] = ()
    function_tables: tuple[FunctionTable, ...] = ()
    streams: tuple[Stream, ...] = ()
    before_initial: Function | None = None
    after_initial: Function | None = None
    before_breakpoint: Function | None = None
    after_solve: Function | None = None
    before_step: Function | None = None
    diffusion: tuple[Diffusion, ...] = ()
    linear_in_v: bool = False
    weights: tuple[str, ...] = ()
    receive: ReceiveFunction | None = None
    receive_initial: ReceiveFunction | None = None
    jump: Callable[[Values, Values, Values, Values], Values] | None = None
    actions: tuple[ActionKind, ...] = ()
    initial_actions: tuple[ActionKind, ...] = ()
    initial_sends: Callable[[Values, Values, Array, Values], tuple[Action, ...]] | None = None
    watches: tuple[Callable[[Values, Values, Array, Values], Array], ...] = ()
    sequential: tuple[str, ...] = ()
    initial_override: Mapping[str, float] = field(default_factory=dict)
    shared: tuple[Mechanism, ...] = ()
    text: str = ""
    made_by: tuple[Callable[..., Any], tuple[Any, ...]] | None = None

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """Let pickle store what the mechanism is made of: its functions are made again in each process."""
        if self.made_by is None:
            raise TypeError(f"mechanism {self.name} was made of functions, which cannot be pickled")
        return self.made_by

    def __deepcopy__(self, memo: dict[int, Any]) -> Mechanism:
        return self

    @property
    def by_name(self) -> dict[str, Field]:
        """The fields by their names in NMODL."""
        return {field.name: field for field in self.fields}

    def fields_in(self, where: Literal["p", "s"]) -> tuple[Field, ...]:
        """Return the fields of storage ``p``, or of storage ``s``."""
        return tuple(field for field in self.fields if field.storage == where)

    @property
    def receives(self) -> bool:
        """Whether it takes events."""
        return self.receive is not None or self.jump is not None

    @property
    def only_shares(self) -> bool:
        """Whether it only holds a field that other mechanisms share."""
        return not (self.currents or self.initial or self.current or self.advance)

    @property
    def writes_concentration(self) -> bool:
        """Whether the code writes a concentration; a reversal potential does not count."""
        return any(name in use.names.concentrations for use in self.ions for name in use.writes)
