"""Model -> Program (static, numpy) and Params (a pytree).

In: a checked Model and its mechanisms. Out: a Program, in which every index, order and option of a run is
settled, and the Params on which it runs. Nothing here touches JAX beyond naming pytrees.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jxneuron.errors import ModelError
from jxneuron.mech.mechanism import Field, Mechanism
from jxneuron.model.model import Ion, Model, Placement, Probe

Index = NDArray[np.int64]
Slope = Literal["auto", "neuron", "exact"]

# Bits of an ion's style (eion.cpp): what NEURON does with concentrations and reversal at initialisation
# and in each current phase.
CONCENTRATIONS_INITIALISED = 0o4
REVERSAL_INITIALISED = 0o40
REVERSAL_EACH_STEP = 0o100


class Params(NamedTuple):
    """Everything that a run may be differentiated by. Leaves are arrays; n nodes."""

    Ra: Any  # (n,) ohm cm
    half_in: Any  # (n,) MOhm per (ohm cm)
    half_out: Any  # (n,) MOhm per (ohm cm)
    area: Any  # (n,) um2
    diam: Any  # (n,) um
    length: Any  # (n,) um
    cm: Any  # (n,) uF/cm2
    celsius: Any  # () degC
    v_init: Any  # (n,) mV
    mech: dict[str, dict[str, Any]]  # fields held in p: (instance,), (size, instance) or ()
    start: dict[str, dict[str, Any]]  # fields held in s before INITIAL runs, same shapes
    given: dict[str, dict[str, Any]]  # what some of them start with after it; NaN where INITIAL counts
    function_tables: dict[str, dict[str, tuple[Any, ...]]]  # by mechanism: (values, axis, ...)
    ion: dict[str, dict[str, Any]]  # e mV, inside and outside mM (ion instance,); inside0, outside0 ()


class State(NamedTuple):
    """Everything that changes while the model runs."""

    t: Any  # () ms
    v: Any  # (n,) mV
    mech: dict[str, dict[str, Any]]  # fields held in s
    ion: dict[str, dict[str, Any]]  # e mV; inside, outside mM; current mA/cm2; slope mA/cm2/mV


@dataclass(frozen=True, eq=False)
class IonSlot:
    """One ion species: where it is and which of NEURON's style bits are set there."""

    name: str
    charge: float
    node: Index  # (ion instance,)
    initialises: NDArray[np.bool_]  # concentrations from inside0 and outside0 at initialisation
    nernst_initial: NDArray[np.bool_]  # reversal by Nernst at initialisation
    nernst_step: NDArray[np.bool_]  # reversal by Nernst in each current phase


@dataclass(frozen=True, eq=False)
class Slot:
    """One mechanism in its place in the order of the step."""

    mechanism: Mechanism
    nodes: int  # index into Program.node_sets
    ion_index: Mapping[str, Index | None]  # positions in the ion's arrays; None: the same instances
    use_tables: bool
    exact_slope: bool
    electrode: bool

    @property
    def name(self) -> str:
        """The mechanism's name."""
        return self.mechanism.name


@dataclass(frozen=True)
class Recorder:
    """Where a probe finds its value in a State."""

    name: str
    kind: Literal["v", "ion", "mech", "parameter"]  # "mech": a field held in s; "parameter": one held in p
    owner: str = ""  # ion or mechanism
    variable: str = ""  # e, inside, outside, current; or the field
    index: int = 0  # node or instance
    element: int = -1  # element of an array field


@dataclass(frozen=True)
class Drive:
    """Where samples given to a run act, one after another: a current that is injected, or a state that is held.

    ``current``: nA into nodes, added in the current phase. ``v``: mV, after the voltages are solved. ``mech``: a field
    held in s, after every SOLVE.
    """

    kind: Literal["current", "v", "mech"]
    index: Index  # (k,) nodes, or instances of ``owner``
    owner: str = ""
    variable: str = ""


@dataclass(frozen=True, eq=False)
class Program:
    """What is known before a run. Compared and hashed by content, so that ``jit`` takes it as static."""

    parent: Index  # (n,) parent node, -1 at roots; parents come first
    rallbranch: NDArray[np.float64]  # (n,) factor on the coupling of a section's first node
    continues: NDArray[np.bool_]  # (n,) True where the parent is the previous segment of the same section
    node_sets: tuple[Index, ...]  # distinct sets of nodes that mechanisms stand on
    slots: tuple[Slot, ...]
    ions: tuple[IonSlot, ...]
    recorders: tuple[Recorder, ...]
    secondorder: int
    drives: tuple[Drive, ...] = ()

    def __post_init__(self) -> None:
        if self.secondorder not in (0, 1, 2):
            raise ModelError(f"secondorder is {self.secondorder}; NEURON knows 0, 1 and 2")

    @cached_property
    def fingerprint(self) -> bytes:
        """Equal for programs that run alike in this process; mechanisms count by identity."""
        digest = hashlib.sha256()
        for part in _parts(tuple(vars(self).values())):
            digest.update(part)
        return digest.digest()

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Program) and self.fingerprint == other.fingerprint


def _parts(value: Any) -> Iterator[bytes]:
    """Everything a record holds, as bytes that differ where the content does."""
    if isinstance(value, np.ndarray):
        yield f"{value.dtype.str}{value.shape}".encode()
        yield np.ascontiguousarray(value).tobytes()
    elif isinstance(value, Mechanism):
        yield f"mechanism {id(value)}".encode()
    elif isinstance(value, tuple):
        yield f"({len(value)}".encode()
        for each in value:
            yield from _parts(each)
    elif isinstance(value, Mapping):
        yield from _parts(tuple(sorted(value.items())))
    elif is_dataclass(value):
        yield type(value).__name__.encode()
        yield from _parts(tuple(getattr(value, each.name) for each in fields(value)))
    else:
        yield repr(value).encode() + b";"


def lower(model: Model, mechanisms: Mapping[str, Mechanism], *, slope: Slope | None = None) -> tuple[Program, Params]:
    """Settle everything static about a model.

    Args:
        model: a checked Model.
        mechanisms: the Mechanism of each placement, by its name.
        slope: how currents are linearised in v; None takes the model's own (``auto``: NEURON's quotient, the
            derivative where a current is proved linear; ``neuron``: the quotient everywhere; ``exact``: the
            derivative everywhere).

    Returns:
        The Program and the Params of the model as it stands.
    """
    sets = _NodeSets()
    ions = {ion.name: ion for ion in model.ions}
    slots = tuple(
        _slot(placement, mechanisms[placement.mechanism], ions, sets, model, slope or model.settings.slope)
        for placement in model.placements
    )
    program = Program(
        parent=model.nodes.parent,
        rallbranch=model.nodes.rallbranch,
        continues=_continues(model),
        node_sets=tuple(sets.found),
        slots=slots,
        ions=tuple(_ion_slot(ion) for ion in model.ions),
        recorders=tuple(recorder(probe, model, mechanisms) for probe in model.probes),
        secondorder=model.settings.secondorder,
    )
    return program, _params(model, mechanisms)


class _NodeSets:
    """Collects the distinct index sets, so that a step gathers and scatters once per set."""

    def __init__(self) -> None:
        self.found: list[Index] = []

    def number(self, nodes: Index) -> int:
        for k, known in enumerate(self.found):
            if np.array_equal(known, nodes):
                return k
        self.found.append(nodes)
        return len(self.found) - 1


def _slot(
    placement: Placement, mechanism: Mechanism, ions: Mapping[str, Ion], sets: _NodeSets, model: Model, slope: Slope
) -> Slot:
    return Slot(
        mechanism=mechanism,
        nodes=sets.number(placement.node),
        ion_index={use.name: _positions(placement, ions[use.name]) for use in mechanism.ions},
        use_tables=mechanism.tables is not None and model.settings.tables.get(mechanism.name, True),
        exact_slope=slope == "exact" or (slope == "auto" and mechanism.linear_in_v),
        electrode=any(current.electrode for current in mechanism.currents),
    )


def _positions(placement: Placement, ion: Ion) -> Index | None:
    """Where each instance finds its ion; None when the two stand on the same nodes in the same order."""
    if np.array_equal(placement.node, ion.node):
        return None
    order = np.argsort(ion.node)
    found = order[np.searchsorted(ion.node[order], placement.node).clip(max=len(order) - 1)]
    if not np.array_equal(ion.node[found], placement.node):
        raise ModelError(f"{placement.mechanism} uses ion {ion.name} on nodes where the model has none")
    return found


def _ion_slot(ion: Ion) -> IonSlot:
    return IonSlot(
        name=ion.name,
        charge=ion.charge,
        node=ion.node,
        initialises=(ion.style & CONCENTRATIONS_INITIALISED) != 0,
        nernst_initial=(ion.style & REVERSAL_INITIALISED) != 0,
        nernst_step=(ion.style & REVERSAL_EACH_STEP) != 0,
    )


def _continues(model: Model) -> NDArray[np.bool_]:
    """Nodes whose parent is the previous segment of their own section."""
    result = np.zeros(len(model.nodes.parent), bool)
    for section in model.sections:
        path = list(section.centres[:: -1 if section.orientation else 1])
        path.append(section.node_at_0 if section.orientation else section.node_at_1)
        result[path[1:]] = True
    return result


def _params(model: Model, mechanisms: Mapping[str, Mechanism]) -> Params:
    nodes = model.nodes
    placed = {placement.mechanism: placement for placement in model.placements}
    return Params(
        Ra=nodes.Ra,
        half_in=nodes.half_in,
        half_out=nodes.half_out,
        area=nodes.area,
        diam=nodes.diam,
        length=nodes.length,
        cm=nodes.cm,
        celsius=np.float64(model.settings.celsius),
        v_init=np.full(len(nodes.parent), model.settings.v_init) if model.v_init is None else model.v_init,
        mech={name: _values(mechanisms[name].held("p"), place) for name, place in placed.items()},
        start={name: _values(mechanisms[name].held("s"), place) for name, place in placed.items()},
        given={name: dict(place.given) for name, place in placed.items()},
        function_tables={name: dict(place.function_tables) for name, place in placed.items()},
        ion={ion.name: _ion_values(ion) for ion in model.ions},
    )


def _values(fields: tuple[Field, ...], placement: Placement) -> dict[str, Any]:
    """The session's value of each field where it shows one, else the value of a fresh process."""
    return {field.name: _value(field, placement) for field in fields}


def _value(field: Field, placement: Placement) -> NDArray[np.float64]:
    shape = (field.size,) if field.size else ()
    if field.per_instance:
        value = placement.values.get(field.name, field.default)
        value = np.asarray(value, float)
        return np.broadcast_to(value, (*shape, len(placement.node))).copy()
    value = placement.globals.get(field.name, field.default) if field.scope == "global" else field.default
    return np.broadcast_to(np.asarray(value, float), shape).copy()


def _ion_values(ion: Ion) -> dict[str, Any]:
    return {
        "e": ion.e,
        "inside": ion.inside,
        "outside": ion.outside,
        "inside0": np.float64(ion.inside0),
        "outside0": np.float64(ion.outside0),
    }


def recorder(probe: Probe, model: Model, mechanisms: Mapping[str, Mechanism]) -> Recorder:
    """Find the value that a probe names.

    Raises:
        ModelError: the model has no such variable there.
    """
    if probe.label:
        return _point_recorder(probe, model, mechanisms)
    if probe.variable == "v":
        return Recorder(probe.name, "v", index=probe.node)
    return _ion_recorder(probe, model) or _range_recorder(probe, model, mechanisms)


def _point_recorder(probe: Probe, model: Model, mechanisms: Mapping[str, Mechanism]) -> Recorder:
    for placement in model.placements:
        if probe.label in placement.labels:
            name = probe.variable.partition("[")[0]
            field = mechanisms[placement.mechanism].by_name.get(name)
            if field is None or field.held == "none":
                raise ModelError(f"{probe.name}: {placement.mechanism} keeps no variable {name}")
            return _field_recorder(probe, placement, field, placement.labels.index(probe.label))
    raise ModelError(f"{probe.name}: the model has no point process {probe.label}")


def _field_recorder(probe: Probe, placement: Placement, field: Field, index: int) -> Recorder:
    element = probe.variable.partition("[")[2].rstrip("]")
    kind = "parameter" if field.held == "p" else "mech"
    return Recorder(probe.name, kind, placement.mechanism, field.name, index, int(element) if element else -1)


def ion_variables(name: str) -> dict[str, str]:
    """NMODL's names of an ion's variables -> ours: ``{"eca": "e", "cai": "inside", ...}``."""
    return {f"e{name}": "e", f"{name}i": "inside", f"{name}o": "outside", f"i{name}": "current"}


def _ion_recorder(probe: Probe, model: Model) -> Recorder | None:
    for ion in model.ions:
        variable = ion_variables(ion.name).get(probe.variable)
        at = np.flatnonzero(ion.node == probe.node)
        if variable and at.size:
            return Recorder(probe.name, "ion", ion.name, variable, int(at[0]))
    return None


def _range_recorder(probe: Probe, model: Model, mechanisms: Mapping[str, Mechanism]) -> Recorder:
    variable = probe.variable.partition("[")[0]
    for placement in model.placements:
        name = variable.removesuffix("_" + placement.mechanism)
        at = np.flatnonzero(placement.node == probe.node)
        field = mechanisms[placement.mechanism].by_name.get(name) if name != variable else None
        if field and at.size and field.held != "none":
            return _field_recorder(probe, placement, field, int(at[0]))
    raise ModelError(f"{probe.name}: no mechanism there has the variable {probe.variable}")
