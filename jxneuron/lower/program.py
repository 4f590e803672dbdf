"""The records of a run: Program (static, numpy), Params and State (pytrees).

``lower.build`` makes a Program and Params, ``run.initialise`` a State. Nothing here uses JAX: NamedTuples and
dictionaries are pytrees.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from jxneuron.errors import ModelError
from jxneuron.mech.mechanism import Diffusion, Mechanism

Index = NDArray[np.int64]
VoltageMethod = Literal["implicit", "explicit", "exponential"]  # how the voltage moves, see run.voltage
Phase = Literal["half", "current", "solved", "full", "clamped", "end"]


class Params(NamedTuple):
    """Everything that a run can be differentiated by. Leaves are arrays. n nodes."""

    Ra: Any  # (n,) ohm cm
    half_in: Any  # (n,) MOhm per (ohm cm)
    half_out: Any  # (n,) MOhm per (ohm cm)
    area: Any  # (n,) um2
    diam: Any  # (n,) um
    length: Any  # (n,) um
    cm: Any  # (n,) uF/cm2
    celsius: Any  # () degC
    v_init: Any  # (n,) mV
    mech: dict[str, dict[str, Any]]  # fields of storage p: (instance,), (size, instance) or ()
    start: dict[str, dict[str, Any]]  # fields of storage s before INITIAL, same shapes
    initial_override: dict[str, dict[str, Any]]  # of storage s, same shapes; NaN where INITIAL counts
    function_tables: dict[str, dict[str, tuple[Any, ...]]]  # by mechanism: (values, axis, ...)
    # By ion: e mV, inside and outside mM, (ion instance,); inside0 and outside0 mM, (); initial_override_inside and
    # initial_override_outside mM, (ion instance,), NaN where NEURON's rules and INITIAL count
    ion: dict[str, dict[str, Any]]
    # Of extracellular: xraxial MOhm/cm, xg S/cm2, xc uF/cm2, (layer, n); e mV, (n,); 0 where there is none
    outside: dict[str, Any] = {}  # noqa: RUF012
    weights: dict[str, Any] = {}  # noqa: RUF012 - by mechanism that receives: (connections onto it, weights of one)
    threshold: Any = ()  # (source,) mV or the variable's unit


class State(NamedTuple):
    """Everything that changes during a run. n nodes."""

    t: Any  # () ms
    v: Any  # (n,) mV
    mech: dict[str, dict[str, Any]]  # fields of storage s, and varying ones (Slot.varying)
    ion: dict[str, dict[str, Any]]  # (ion instance,) e mV; inside, outside mM; current mA/cm2; slope (mA/cm2)/mV
    # Variables of nodes besides v, where they are used: i_membrane_ nA, (n,); of extracellular: vext mV, (layer, n),
    # i_membrane mA/cm2 and e_extracellular mV, (n,)
    node: dict[str, Any] = {}  # noqa: RUF012
    events: EventState | None = None  # None where the model has no events


class Route(NamedTuple):
    """Connections sorted by source and, within a source, by delay; at equal delays in the order of NetCons. c of them.

    Connections that are not active are left out.
    """

    row: Any  # (source + 1,) the first connection of each source
    delay: Any  # (c + 1,) ms; the last is inf
    receiver: Any  # (c,) index into Program.receivers
    instance: Any  # (c,) of that mechanism
    weight_row: Any  # (c,) row of Params.weights of that mechanism


class Wiring(NamedTuple):
    """Which connections there are: an argument of a run, so that neither compiling nor the Program grows with them.

    Nothing is differentiated by it.
    """

    additive: dict[str, Route]  # onto each receiver whose events only add, by its name
    ordered: Route | None  # onto all other receivers
    known_time: Any  # (k + 1,) ms, spikes that are known before the run, by time; the last is inf
    known_source: Any  # (k,)
    recorded: Any  # (source,) bool, whether its spikes go into the Log
    queue: Queue | None  # self events that are pending when a run starts at the model's initialisation


class Flight(NamedTuple):
    """Spikes on their way along a Route; each is a window into its source's connections. S places."""

    time: Any  # (S,) ms, when it was sent
    next: Any  # (S,) ms, the earliest arrival to come; inf where nothing is left
    cursor: Any  # (S,) int32, the connection of that arrival
    stop: Any  # (S,) int32, the first connection that is not of its source
    sent: Any  # (S,) int32, what orders events of equal time
    tail: Any  # () int32, spikes sent so far: the next goes to place tail % S


class Queue(NamedTuple):
    """Self events, and events that could not be delivered at once. P places."""

    time: Any  # (P,) ms; inf where the place is free
    receiver: Any  # (P,) int32, index into Program.receivers
    instance: Any  # (P,) int32
    connection: Any  # (P,) int32 of the ordered Route, whose weights it sees; -1 for none, -2 - k for that of WATCH k
    flag: Any  # (P,)
    sent: Any  # (P,) int32, as in Flight


class Log(NamedTuple):
    """The spikes of the recorded sources in the order in which they fired. L places."""

    time: Any  # (L,) ms
    source: Any  # (L,) int32
    count: Any  # () int32, also of those that found no place


class Lost(NamedTuple):
    """How many events found no place, by what was too small."""

    spikes: Any  # () int32
    queue: Any  # () int32
    agenda: Any  # () int32, events whose derivatives found no place
    source: Any  # () int32, of the first spike that was lost; -1 for none
    time: Any  # () ms, of the first loss; inf for none
    stopped: Any  # () int32, what NEURON stops at: an event sent or moved into the past, net_move without an event
    endless: Any  # () int32, half steps in which events did not end
    receiver: Any  # () int32, index into Program.receivers of the first instance that did either; -1 for none
    instance: Any  # () int32, of that mechanism


class EventState(NamedTuple):
    """What of the events changes during a run."""

    additive: dict[str, Flight]  # by receiver
    passing: dict[str, dict[str, Any]]  # by receiver and field, see run.events.additive; {} between runs
    ordered: Flight | None
    queue: Queue | None
    above: Any  # (source,) bool, whether a voltage or variable was above its threshold when NEURON last looked
    watch: dict[str, Any]  # by receiver with WATCH statements: (instance, 4 * statements), see run.events.watch
    moving: dict[str, Any]  # by receiver with net_move: (instance, 4), see run.events.queue
    weights: dict[str, Any]  # by receiver that writes weights: (connections onto it, weights of one)
    known: Any  # () int32, how many of the known spikes were sent
    sent: Any  # () int32, events sent so far
    log: Log | None
    lost: Lost


@dataclass(frozen=True, eq=False)
class IonSlot:
    """One ion: the nodes where it is, and which bits of NEURON's ion style are set there."""

    name: str
    charge: float
    node: Index  # (ion instance,)
    initialises: NDArray[np.bool_]  # concentrations become inside0 and outside0 at initialisation
    nernst_initial: NDArray[np.bool_]  # reversal by Nernst at initialisation
    nernst_step: NDArray[np.bool_]  # reversal by Nernst in each current phase


@dataclass(frozen=True, eq=False)
class Address:
    """Where k values are in a State: voltages, a variable of an ion, or a field of a mechanism."""

    kind: Literal["v", "inside", "node", "ion", "mech"]  # "inside": v + vext of the first layer, only to read
    index: Index  # (k,) nodes, or instances of ``owner``
    owner: str = ""  # ion or mechanism
    variable: str = ""  # of State.node; e, inside, outside, current of an ion; or the field
    element: int = -1  # of an array field, or the layer of vext; -1 for a scalar
    shared: bool = False  # one value for all instances (GLOBAL)


@dataclass(frozen=True, eq=False)
class PointerTarget:
    """The variables to which a POINTER of a mechanism points: parts of its instances share an Address."""

    name: str
    parts: tuple[tuple[Index, Address], ...]  # instances, and the Address of their values


@dataclass(frozen=True, eq=False)
class Slot:
    """One mechanism in the run order."""

    mechanism: Mechanism
    nodes: int  # index into Program.node_sets
    ion_index: Mapping[str, Index | None]  # positions in the ion's arrays; None: the same instances
    use_tables: bool  # usetable_<suffix>, where it has TABLEs
    exact_slope: bool  # linearise its currents by the derivative, not by NEURON's quotient
    electrode: bool  # its currents are ELECTRODE_CURRENTs
    pointers: tuple[PointerTarget, ...] = ()
    varying: tuple[str, ...] = ()  # fields of storage p that a play or a POINTER reaches: they are in the State

    @property
    def name(self) -> str:
        """The mechanism's name."""
        return self.mechanism.name


@dataclass(frozen=True)
class Recorder:
    """Where the value of one Probe is: in the State, or in Params."""

    name: str
    kind: Literal["v", "node", "ion", "mech", "parameter"]  # "mech": a field in the State; "parameter": one in Params
    owner: str = ""  # ion or mechanism
    variable: str = ""  # of State.node; e, inside, outside, current of an ion; or the field
    index: int = 0  # node or instance
    element: int = -1  # of an array field, or the layer of vext; -1 for a scalar


@dataclass(frozen=True, eq=False)
class InputTarget:
    """Where, and in which phase of each step, the samples of an input or of plays act.

    ``current``: nA, added to the right-hand side of nodes. In the other phases samples replace values: ``half`` before
    the currents, ``solved`` once the voltages are solved for, ``full`` before the states advance, ``clamped`` at the
    end of the step, ``end`` after its records, where NEURON delivers the events of the second half. A sample of a play
    that is NaN leaves the old value.
    """

    phase: Phase
    address: Address
    plays: tuple[int, ...] = ()  # numbers of Model.plays that give the samples


@dataclass(frozen=True, eq=False)
class Transfer:
    """Variables that take over the values of others, in the same order."""

    source: Address  # (k,)
    target: Address  # (k,)


@dataclass(frozen=True, eq=False)
class Diffuser:
    """A state that diffuses between instances of its mechanism."""

    slot: int  # index into Program.slots
    diffusion: Diffusion
    parent: Index  # (instance,) the neighbour towards the root, -1 where there is none; parents come first
    ion: tuple[str, str] | None = None  # the ion and its variable, where the state is a concentration


@dataclass(frozen=True, eq=False)
class Detector:
    """Sources that fire when the values at an Address pass their thresholds."""

    source: Index  # (k,) numbers of sources
    address: Address  # (k,)


@dataclass(frozen=True, eq=False)
class Receiver:
    """A mechanism that receives events."""

    slot: Slot
    additive: bool  # its events only add (Mechanism.jump)
    source: Index  # (instance,) the source that an instance is through net_event, -1 for none


@dataclass(frozen=True)
class Capacity:
    """How many events a run has room for; a run that needs more loses some, and says so (``Lost``)."""

    spikes: int = 64  # places of a Flight
    queue: int = 64
    agenda: int = 64  # events of ordered receivers that are sorted at once
    log: int = 0  # recorded spikes


@dataclass(frozen=True, eq=False)
class Cells:
    """The nodes of some cells, which all have c compartments and e nodes without area."""

    centres: Index  # (cell, c)
    ends: Index  # (cell, e)


@dataclass(frozen=True, eq=False)
class Program:
    """Everything that is known before a run. Compared and hashed by content, so that ``jit`` takes it as static."""

    parent: Index  # (n,) parent node, -1 at roots; parents come first
    rallbranch: NDArray[np.float64]  # (n,) factor on the coupling of a section's first node
    continues: NDArray[np.bool_]  # (n,) True where the parent is the previous segment of the same section
    is_end: NDArray[np.bool_]  # (n,) True at nodes without area
    node_sets: tuple[Index, ...]  # the distinct sets of nodes on which mechanisms are
    slots: tuple[Slot, ...]  # in run order
    ions: tuple[IonSlot, ...]
    recorders: tuple[Recorder, ...]
    secondorder: int
    input_targets: tuple[InputTarget, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    diffusers: tuple[Diffuser, ...] = ()
    method: VoltageMethod = "implicit"
    cables: tuple[Cells, ...] = ()  # every cell once, for the method "exponential"
    detectors: tuple[Detector, ...] = ()
    receivers: tuple[Receiver, ...] = ()
    capacity: Capacity = Capacity()
    keeps_membrane_current: bool = False  # i_membrane_ of every node is in the State
    outside: NDArray[np.bool_] | None = None  # (n,) True at nodes with extracellular; None where no node has it

    @property
    def tells_electrodes(self) -> bool:
        """Whether the ELECTRODE_CURRENTs of each node are kept apart from its other currents."""
        return self.keeps_membrane_current or self.outside is not None

    def __post_init__(self) -> None:
        if self.secondorder not in (0, 1, 2):
            raise ModelError(f"secondorder is {self.secondorder}; NEURON knows 0, 1 and 2")

    @cached_property
    def fingerprint(self) -> bytes:
        """A hash that is equal for Programs that run alike in this process; mechanisms count by identity."""
        digest = hashlib.sha256()
        for part in _parts(tuple(vars(self).values())):
            digest.update(part)
        return digest.digest()

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Program) and self.fingerprint == other.fingerprint


def _parts(value: Any) -> Iterator[bytes]:
    """Yield everything that a record holds, as bytes that differ where the content does."""
    if isinstance(value, np.ndarray):
        array = cast(NDArray[Any], value)
        yield f"{array.dtype.str}{array.shape}".encode()
        yield np.ascontiguousarray(array).tobytes()
    elif isinstance(value, Mechanism):
        yield f"mechanism {id(value)}".encode()
    elif isinstance(value, tuple):
        items = cast(tuple[Any, ...], value)
        yield f"({len(items)}".encode()
        for item in items:
            yield from _parts(item)
    elif isinstance(value, Mapping):
        yield from _parts(tuple(sorted(cast(Mapping[str, Any], value).items())))
    elif is_dataclass(value):
        yield type(value).__name__.encode()
        yield from _parts(tuple(getattr(value, field.name) for field in fields(value)))
    else:
        yield repr(value).encode() + b";"
