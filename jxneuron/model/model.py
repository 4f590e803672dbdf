"""The immutable Model, which every frontend produces and everything else reads.

Frozen records of read-only numpy arrays, without JAX, pandas or NEURON. Units are NEURON's own, named with each array.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Column = tuple[Ints, NDArray[Any]]  # rows, and the values that they have: (k,) each
InitMode = Literal["auto", "ours", "neuron"]  # where a run starts, see Initial
Slope = Literal["auto", "neuron", "exact"]  # how currents are linearised in v, see lower.build
SourceKind = Literal["voltage", "variable", "instance", "known", "none"]  # of events, see Sources


@dataclass(frozen=True, eq=False)
class Nodes:
    """The nodes; a parent always comes before its children. n nodes.

    A section has ``nseg`` centres, numbered from the end that is attached to its parent, and one end node without area
    at its far end. Each tree has one more node without area, its root (treeset.cpp).
    """

    parent: Ints  # (n,) index of the parent node, -1 at roots
    section: Ints  # (n,) index into Model.sections
    x: Floats  # (n,) position along the section in NEURON's own direction, 0..1
    length: Floats  # (n,) um, of the segment; 0 at end nodes
    diam: Floats  # (n,) um; 0 at end nodes
    area: Floats  # (n,) um2; 100 at end nodes and roots, which is the value NEURON uses there
    half_in: Floats  # (n,) MOhm per (ohm cm): from the border on the parent's side to the segment's centre
    half_out: Floats  # (n,) MOhm per (ohm cm): from the centre to the far border; 0 at end nodes
    Ra: Floats  # (n,) ohm cm, of the node's section
    cm: Floats  # (n,) uF/cm2; 0 at end nodes and roots
    is_end: NDArray[np.bool_]  # (n,) True at zero-area nodes
    rallbranch: Floats  # (n,) factor on the coupling to the parent: the section's rallbranch at its first node, else 1


@dataclass(frozen=True)
class Section:
    """One section. ``centres`` are the node indices of its segments in NEURON's order of x (0 to 1)."""

    name: str  # NEURON's full name: "Cell[0].dend[3]"
    nseg: int
    L: float  # um
    centres: tuple[int, ...]
    node_at_0: int  # node that holds x = 0
    node_at_1: int  # node that holds x = 1
    parent: int  # index into Model.sections, -1 for a root
    parent_x: float  # where on the parent, 0..1
    orientation: int  # 0: its own end 0 is attached to the parent; 1: its own end 1 is
    points: Floats  # (m, 4) x, y, z, diam in um; (0, 4) where the section has no 3-d points
    drawn: Floats | None = None  # (m, 4) as points: where it is drawn instead; does not change lengths and areas

    @property
    def place(self) -> Floats:
        """The points at which the section is drawn, (m, 4) x, y, z, diam in um."""
        return self.points if self.drawn is None else self.drawn


@dataclass(frozen=True)
class Probe:
    """A variable of the model, to record or to act on. ``name`` is as users write it: ``soma(0.5).v``, ``IClamp[0].i``.

    Attributes:
        variable: ``v``; a field with suffix (``gna_hh``) or without for point processes (``i``); an ion variable
            (``cai``, ``ena``, ``ica``).
        node: node index for a segment's variable, -1 for a point process.
        label: the point process ("IClamp[0]"), "" for a segment's variable.
    """

    name: str
    variable: str
    node: int
    label: str = ""


@dataclass(frozen=True, eq=False)
class Placement:
    """All instances of one mechanism, in NEURON's order of instances.

    ``values[name]``, (instance,) or (size, instance), is a range field after the model's own initialisation; there is
    one for every range field that the session can show. ``globals[name]``, float or (size,), is a GLOBAL likewise.
    ``labels`` are NEURON's names of point processes ("IClamp[0]"), empty for density mechanisms.
    ``initial_override`` holds, in the shapes of ``values``, what states start with whatever INITIAL computes; NaN where
    INITIAL's value counts.
    ``function_tables`` are the data of its FUNCTION_TABLEs, ``(values, axis, ...)`` each. ``pointers[name]`` names the
    variable to which a POINTER of each instance points, (instance,); an array holds the nodes to whose voltages it
    points. ``edges``, (instance,), numbers the instances that connect two compartments, among all of the model, in the
    order in which they were connected; their one POINTER is an array. None where the instances connect nothing.
    """

    mechanism: str
    kind: Literal["density", "point", "artificial"]
    node: Ints  # (instance,); -1 for artificial cells
    values: Mapping[str, Floats]
    globals: Mapping[str, Any]
    labels: tuple[str, ...] = ()
    initial_override: Mapping[str, Floats] = field(default_factory=dict[str, Floats])
    function_tables: Mapping[str, tuple[Floats, ...]] = field(default_factory=dict[str, tuple[Floats, ...]])
    pointers: Mapping[str, tuple[Probe, ...] | Ints] = field(default_factory=dict[str, tuple[Probe, ...] | Ints])
    edges: Ints | None = None


@dataclass(frozen=True, eq=False)
class Ion:
    """One ion, on the nodes that have it, in node order.

    ``initial_override`` holds what concentrations (``inside``, ``outside``) start with whatever NEURON's rules and
    INITIAL blocks say, (instance,) mM; NaN where those count.
    """

    name: str
    charge: float
    node: Ints  # (instance,)
    style: Ints  # (instance,) NEURON's style bits (eion.cpp)
    e: Floats  # (instance,) mV
    inside: Floats  # (instance,) mM
    outside: Floats  # (instance,) mM
    inside0: float  # mM, cai0_ca_ion
    outside0: float  # mM, cao0_ca_ion
    initial_override: Mapping[str, Floats] = field(default_factory=dict[str, Floats])


@dataclass(frozen=True, eq=False)
class Extracellular:
    """The layers of space around the sections that have NEURON's mechanism extracellular. k nodes, l layers.

    Nodes without area are among them: that at the far end of each such section, and the root of a tree whose first
    section has it. NEURON takes xg and xc as 0 there, and ends a layer sealed where a neighbour has none.
    """

    node: Ints  # (k,) ascending
    xraxial: Floats  # (l, k) MOhm/cm, along the section
    xg: Floats  # (l, k) S/cm2, to the next layer; of the last layer to the battery
    xc: Floats  # (l, k) uF/cm2, likewise
    e: Floats  # (k,) mV, of the battery between the last layer and ground


@dataclass(frozen=True, eq=False)
class Initial:
    """State after the model's own initialisation in NEURON.

    ``states[mechanism][variable]`` are the values that NEURON shows for fields of storage ``s``. Concentrations and
    reversals are in ``Model.ions``, ion currents in ``currents[ion]``, (ion instance,) mA/cm2, and i_membrane_, nA,
    where NEURON keeps it, in ``node``, (node,), with vext, (layer, node) mV, and i_membrane of extracellular. ``mode``
    says where a run starts: ``ours`` (from our INITIAL), ``neuron`` (from these values), ``auto`` (from our INITIAL,
    and from these values where the two differ).
    """

    mode: InitMode
    t: float  # ms
    v: Floats  # (node,) mV
    states: Mapping[str, Mapping[str, Floats]]
    currents: Mapping[str, Floats] = field(default_factory=dict[str, Floats])
    node: Mapping[str, Floats] = field(default_factory=dict[str, Floats])


@dataclass(frozen=True)
class Source:
    """The texts of a mechanism: NMODL as NEURON has it, and the Python that runs."""

    mechanism: str
    file: str  # where NEURON says that the NMODL comes from
    nmodl: str
    python: str
    emitter: int  # version of the compiler that wrote the Python


@dataclass(frozen=True, eq=False)
class Play:
    """Vector.play: a variable that follows values over time (vrecord.cpp).

    Attributes:
        target: the variable.
        kind: ``step`` sets ``y[k]`` at ``t[k]``; ``continuous`` draws lines between the points, in every step.
        t: (points,) ms.
        y: (points,) in the target's unit.
        breaks: for ``continuous``, numbers of the points at which NEURON has an event (the play's vector of
            discontinuities), and up to the next of which it draws lines; None where every point has one.
    """

    target: Probe
    kind: Literal["step", "continuous"]
    t: Floats
    y: Floats
    breaks: Ints | None = None


@dataclass(frozen=True)
class Transfer:
    """A variable that takes over the value of another one in every step, once v is solved for (ParallelContext).

    It is how NEURON couples cells by gap junctions (``source_var``, ``target_var``). At initialisation only voltages
    are taken over: any other target starts with the value that the model has.
    """

    source: Probe
    target: Probe


@dataclass(frozen=True, eq=False)
class Sources:
    """What events come from, in the order in which NEURON looks at thresholds in each step (its PreSyns). s sources.

    A source of kind ``voltage`` fires where v of its node passes its threshold, ``variable`` where a variable of a
    mechanism does, ``instance`` where a point process or an artificial cell calls net_event. ``known`` fires at
    the times in ``Events.known`` only; its ``variable`` is its name. ``none``, of NetCons without source, never does.
    """

    kind: tuple[SourceKind, ...]
    node: Ints  # (s,) of a voltage; -1 for the other kinds
    mechanism: tuple[str, ...]  # of a variable or an instance; "" for the other kinds
    variable: tuple[str, ...]  # of a mechanism; the name of a known one; "" for the other kinds
    instance: Ints  # (s,) of the mechanism; -1 for the other kinds
    threshold: Floats  # (s,) mV, or the variable's unit
    gid: Ints  # (s,) -1 where it has none


@dataclass(frozen=True, eq=False)
class Connections:
    """The NetCons that have a target, in the order of their creation. c connections."""

    source: Ints  # (c,) index into Sources
    mechanism: Ints  # (c,) index into ``targets``
    instance: Ints  # (c,) of that mechanism
    delay: Floats  # (c,) ms
    active: NDArray[np.bool_]  # (c,) False: it delivers nothing
    targets: tuple[str, ...]  # mechanisms that receive
    weights: Mapping[str, Floats]  # by mechanism: (connections onto it, weights of one), as arguments of NET_RECEIVE

    @property
    def weight_row(self) -> Ints:
        """The row of each connection in the weights of its mechanism, (c,)."""
        result = np.zeros(len(self.source), np.int64)
        for k in range(len(self.targets)):
            own = self.mechanism == k
            result[own] = np.arange(int(own.sum()))
        return result


@dataclass(frozen=True, eq=False)
class KnownSpikes:
    """Spikes whose times are known before the run. k spikes, sorted by time."""

    source: Ints  # (k,) index into Sources
    time: Floats  # (k,) ms

    @classmethod
    def sort(cls, source: Ints, time: Floats) -> KnownSpikes:
        """Sort spikes by time; those of equal time stay in their order."""
        order = np.argsort(time, kind="stable")
        return cls(source[order], time[order])


@dataclass(frozen=True, eq=False)
class PendingEvents:
    """What NEURON's queue holds after the model's own initialisation, in the order in which it is delivered.

    ``connection`` counts Connections: an event on its way to a target, with flag 0. It is -1 for a self event, which
    ``target`` (index into ``mechanisms``) and ``instance`` receive with ``flag``. Those that are ``resent`` come from
    the INITIAL blocks of mechanisms, so that a run which starts from these sends them itself.
    """

    time: Floats  # (k,) ms
    connection: Ints  # (k,)
    target: Ints  # (k,)
    instance: Ints  # (k,)
    flag: Floats  # (k,)
    mechanisms: tuple[str, ...]
    resent: NDArray[np.bool_]  # (k,)


@dataclass(frozen=True, eq=False)
class Events:
    """Everything about events. ``recorded`` counts Sources whose spikes a run keeps, by the name of the record."""

    sources: Sources
    connections: Connections
    known: KnownSpikes
    pending: PendingEvents
    recorded: Mapping[str, Ints] = field(default_factory=dict[str, Ints])


@dataclass(frozen=True)
class Settings:
    """How the model runs by default."""

    dt: float = 0.025  # ms
    celsius: float = 6.3  # degC
    v_init: float = -65.0  # mV
    tstop: float = 5.0  # ms
    secondorder: int = 0
    slope: Slope = "auto"
    tables: Mapping[str, bool] = field(default_factory=dict[str, bool])  # by mechanism: usetable_<suffix>


@dataclass(frozen=True)
class Note:
    """One line of the import report."""

    kind: str
    place: str
    found: str
    done: str


@dataclass(frozen=True, eq=False)
class Additions:
    """What a module has and no run needs: its class, groups, and users' own columns of compartments and synapses.

    Attributes:
        kind: ``Compartment``, ``Branch``, ``Cell`` or ``Network``.
        groups: by name, (row,) booleans; rows as in ``nodes``.
        columns: of ``nodes`` and of ``edges``, by name: the rows and their values, (k,) each.
        sharing: of ``nodes`` and of ``edges``: likewise a ``controlled_by_param`` that was written.
        of_ends: side (``pre``, ``post``) and name of the columns of ``nodes`` that ``edges`` shows.
    """

    kind: str
    groups: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict[str, NDArray[np.bool_]])
    columns: Mapping[str, Mapping[str, Column]] = field(default_factory=dict[str, Mapping[str, Column]])
    sharing: Mapping[str, Column] = field(default_factory=dict[str, Column])
    of_ends: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, eq=False)
class Model:
    """A whole model, ready to be lowered.

    ``placements`` have NEURON's run order: ``pas``, then mechanisms that write a concentration in reverse order of
    registration, then the others in order of registration; artificial cells are last. Ions have the order of
    registration. ``imported`` and
    ``additions`` are in saved files only: an edited model as it came from NEURON, which decides what a run takes from
    NEURON's state; and what its module has and a Model has not.
    """

    nodes: Nodes
    sections: tuple[Section, ...]
    placements: tuple[Placement, ...]
    ions: tuple[Ion, ...]
    sources: tuple[Source, ...]
    settings: Settings
    initial: Initial | None = None
    probes: tuple[Probe, ...] = ()
    groups: Mapping[str, tuple[int, ...]] = field(default_factory=dict[str, tuple[int, ...]])  # SectionLists: sections
    notes: tuple[Note, ...] = ()
    title: str = ""
    v_init: Floats | None = None  # (node,) mV, where compartments start from voltages of their own
    plays: tuple[Play, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    extracellular: Extracellular | None = None
    events: Events | None = None  # None where nothing sends, receives or records an event
    imported: Model | None = None
    additions: Additions | None = None
