"""Build the Program and the Params of a Model.

In: a checked Model and its mechanisms. Out: a Program, which fixes every index, order and option of a run; the Params
that the run takes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jxneuron.errors import ModelError
from jxneuron.ions import ADVANCE_REVERSAL, INITIALISE_CONCENTRATIONS, INITIALISE_REVERSAL
from jxneuron.lower import addresses, wiring
from jxneuron.lower.diffusion import find_diffusers
from jxneuron.lower.program import (
    Address,
    Cells,
    Index,
    IonSlot,
    Params,
    PointerTarget,
    Program,
    Recorder,
    Slot,
    VoltageMethod,
)
from jxneuron.lower.streams import with_streams
from jxneuron.mech.mechanism import Field, Mechanism
from jxneuron.model.find import roots
from jxneuron.model.model import Ion, Model, Placement, Slope
from jxneuron.node_variables import MEMBRANE_CURRENT

# The most values that the full matrices of the exponential method may have together (128 MB)
DENSE = 4000**2


def build_program(
    model: Model,
    mechanisms: Mapping[str, Mechanism],
    *,
    slope: Slope | None = None,
    method: VoltageMethod = "implicit",
) -> tuple[Program, Params]:
    """Build the Program of a Model, and its Params.

    Args:
        model: a checked Model.
        mechanisms: the Mechanism of each placement, by its name.
        slope: how currents are linearised in v. ``auto``: by NEURON's quotient, by the derivative where a current is
            proved linear; ``neuron``: by the quotient everywhere; ``exact``: by the derivative everywhere. None takes
            the model's own.
        method: how the voltage moves over a step (see ``run.voltage``).

    Returns:
        The Program, and the Params with the present values of the Model.

    Raises:
        ModelError: the step, or the voltage method, cannot run this model.
    """
    keeps_membrane_current = addresses.uses(model, MEMBRANE_CURRENT)
    if method != "implicit":
        _check_method(model, method, keeps_membrane_current)
    sets = _NodeSets()
    ions = {ion.name: ion for ion in model.ions}
    input_targets = addresses.play_targets(model.plays, model, mechanisms)
    pointer_targets = {
        placement.mechanism: addresses.pointer_targets(placement, model, mechanisms) for placement in model.placements
    }
    detectors, transfers = wiring.detectors(model, mechanisms), addresses.find_transfers(model, mechanisms)
    read = [*(detector.address for detector in detectors), *(one.source for one in transfers)]
    written = [*(target.address for target in input_targets), *(one.target for one in transfers)]
    varying = _varying_fields(model, mechanisms, pointer_targets, read, written)
    slots = tuple(
        dataclasses.replace(
            _slot(placement, mechanisms[placement.mechanism], ions, sets, model, slope or model.settings.slope),
            pointers=pointer_targets[placement.mechanism],
            varying=varying.get(placement.mechanism, ()),
        )
        for placement in model.placements
    )
    program = Program(
        parent=model.nodes.parent,
        rallbranch=model.nodes.rallbranch,
        continues=_continues(model),
        is_end=model.nodes.is_end,
        node_sets=tuple(sets.sets),
        slots=slots,
        ions=tuple(_ion_slot(ion) for ion in model.ions),
        recorders=tuple(
            _in_state(addresses.find_recorder(probe, model, mechanisms), varying) for probe in model.probes
        ),
        secondorder=model.settings.secondorder,
        input_targets=input_targets,
        transfers=transfers,
        diffusers=find_diffusers(model, mechanisms),
        method=method,
        cables=_cables(model) if method == "exponential" else (),
        keeps_membrane_current=keeps_membrane_current,
        outside=_outside(model),
        detectors=detectors,
        receivers=wiring.receivers(model, slots),
        capacity=wiring.capacity(model, mechanisms),
    )
    return program, _params(model, mechanisms)


def _outside(model: Model) -> NDArray[np.bool_] | None:
    """Mark the nodes with extracellular, (n,); None where no node has it."""
    if model.extracellular is None:
        return None
    return np.isin(np.arange(len(model.nodes.parent)), model.extracellular.node)


def _outside_values(model: Model) -> dict[str, Any]:
    """Spread the parameters of extracellular over all nodes, 0 where there is none."""
    if model.extracellular is None:
        return {}
    values = {name: getattr(model.extracellular, name) for name in ("xraxial", "xg", "xc", "e")}
    spread = {name: np.zeros((*value.shape[:-1], len(model.nodes.parent))) for name, value in values.items()}
    for name, value in values.items():
        spread[name][..., model.extracellular.node] = value
    return spread


def _check_method(model: Model, method: VoltageMethod, keeps_membrane_current: bool) -> None:
    """Refuse what the explicit and exponential methods cannot do: they divide by cm, and have no second order.

    NEURON computes i_membrane_ from the balance of the implicit method.

    Raises:
        ModelError: a compartment without capacitance, ``secondorder``, or a use of i_membrane_.
    """
    if model.extracellular is not None:
        raise ModelError(f"extracellular belongs to the implicit method, not to {method}: use bwd_euler")
    if keeps_membrane_current:
        raise ModelError(f"{MEMBRANE_CURRENT} belongs to the implicit method, not to {method}: use bwd_euler")
    centre = ~model.nodes.is_end
    if (model.nodes.cm[centre] <= 0).any():
        raise ModelError(f"the {method} method needs cm > 0 in every compartment: use bwd_euler")
    if model.settings.secondorder:
        raise ModelError(f"secondorder = {model.settings.secondorder} belongs to the implicit method, not to {method}")


def _cables(model: Model) -> tuple[Cells, ...]:
    """Group the cells that have equal numbers of compartments and of nodes without area.

    Raises:
        ModelError: too many compartments for full matrices.
    """
    nodes = model.nodes
    root = roots(nodes.parent)
    groups: dict[tuple[int, int], list[tuple[Index, Index]]] = {}
    for members in np.split(np.argsort(root, kind="stable"), np.flatnonzero(np.diff(np.sort(root))) + 1):
        ends = nodes.is_end[members]
        groups.setdefault((int((~ends).sum()), int(ends.sum())), []).append((members[~ends], members[ends]))
    size = sum(len(cells) * centres**2 for (centres, _), cells in groups.items())
    if size > DENSE:
        raise ModelError(
            f"exp_euler needs a full matrix for each cell, here {8e-6 * size:.0f} MB, and at most "
            f"{8e-6 * DENSE:.0f} MB: use bwd_euler"
        )
    return tuple(
        Cells(np.stack([centres for centres, _ in cells]), np.stack([ends for _, ends in cells]))
        for cells in groups.values()
    )


def _varying_fields(
    model: Model,
    mechanisms: Mapping[str, Mechanism],
    pointer_targets: Mapping[str, tuple[PointerTarget, ...]],
    read: Iterable[Address],
    written: Iterable[Address],
) -> dict[str, tuple[str, ...]]:
    """Return the varying fields by mechanism: of storage ``p``, and reached by a POINTER or among the Addresses.

    Raises:
        ModelError: a TABLE may depend on a field that the run changes.
    """
    read, written = list(read), list(written)
    for name, targets in pointer_targets.items():
        writers = {pointer.name for pointer in mechanisms[name].pointers if pointer.writes}
        for target in targets:
            (written if target.name in writers else read).extend(address for _, address in target.parts)
    for name, fields in addresses.varying_fields(written, mechanisms).items():
        if mechanisms[name].tables is not None and model.settings.tables.get(name, True):
            raise ModelError(
                f"{fields[0]} of {name} changes during the run, and a TABLE of {name} may depend on it: "
                f"set usetable_{name} to 0"
            )
    return addresses.varying_fields([*read, *written], mechanisms)


def _in_state(recorder: Recorder, varying: Mapping[str, tuple[str, ...]]) -> Recorder:
    """Let a Recorder of a varying field read the State, where the field then is."""
    varies = recorder.variable in varying.get(recorder.owner, ())
    return dataclasses.replace(recorder, kind="mech") if varies else recorder


class _NodeSets:
    """Numbers the distinct sets of nodes, so that a step gathers and scatters once per set."""

    def __init__(self) -> None:
        self.sets: list[Index] = []

    def number(self, nodes: Index) -> int:
        for k, known in enumerate(self.sets):
            if np.array_equal(known, nodes):
                return k
        self.sets.append(nodes)
        return len(self.sets) - 1


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
    """Return each instance's position in the ion's arrays; None where both have the same nodes in the same order."""
    if np.array_equal(placement.node, ion.node):
        return None
    order = np.argsort(ion.node)
    positions = order[np.searchsorted(ion.node[order], placement.node).clip(max=len(order) - 1)]
    if not np.array_equal(ion.node[positions], placement.node):
        raise ModelError(f"{placement.mechanism} uses ion {ion.name} on nodes where the model has none")
    return positions


def _ion_slot(ion: Ion) -> IonSlot:
    return IonSlot(
        name=ion.name,
        charge=ion.charge,
        node=ion.node,
        initialises=(ion.style & INITIALISE_CONCENTRATIONS) != 0,
        nernst_initial=(ion.style & INITIALISE_REVERSAL) != 0,
        nernst_step=(ion.style & ADVANCE_REVERSAL) != 0,
    )


def _continues(model: Model) -> NDArray[np.bool_]:
    """Mark the nodes whose parent is the previous segment of their own section, (n,)."""
    result = np.zeros(len(model.nodes.parent), bool)
    for section in model.sections:
        path = list(section.centres[:: -1 if section.orientation else 1])
        path.append(section.node_at_0 if section.orientation else section.node_at_1)
        result[path[1:]] = True
    return result


def _params(model: Model, mechanisms: Mapping[str, Mechanism]) -> Params:
    nodes = model.nodes
    placed = {placement.mechanism: placement for placement in with_streams(model, mechanisms)}
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
        mech={name: _values(mechanisms[name].fields_in("p"), placement) for name, placement in placed.items()},
        start={name: _values(mechanisms[name].fields_in("s"), placement) for name, placement in placed.items()},
        initial_override={
            name: _initial_override(mechanisms[name].fields_in("s"), placement) for name, placement in placed.items()
        },
        function_tables={name: dict(placement.function_tables) for name, placement in placed.items()},
        ion={ion.name: _ion_values(ion) for ion in model.ions},
        outside=_outside_values(model),
        weights=wiring.weights(model, mechanisms),
        threshold=wiring.thresholds(model),
    )


def _values(fields: tuple[Field, ...], placement: Placement) -> dict[str, Any]:
    """Return the Model's value of each field where it has one, else the value in a fresh NEURON process."""
    return {field.name: _value(field, placement) for field in fields}


def _initial_override(fields: tuple[Field, ...], placement: Placement) -> dict[str, Any]:
    """Return the initial override of every field, NaN for none: so a first override does not trace the run anew."""
    return {
        field.name: placement.initial_override.get(field.name, np.full_like(_value(field, placement), np.nan))
        for field in fields
        if field.scope in ("range", "global")
    }


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
        **{
            f"initial_override_{name}": ion.initial_override.get(name, np.full(len(ion.node), np.nan))
            for name in ("inside", "outside")
        },
    }
