"""Where the variables of a Model are in a State.

In: a Model, its mechanisms, and Probes that name variables. Out: Recorders; the Addresses on which plays, transfers and
POINTERs act.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.ions import ion_variables
from jxneuron.lower.program import Address, Index, InputTarget, Phase, PointerTarget, Recorder, Transfer
from jxneuron.mech.mechanism import Field, Mechanism, Pointer
from jxneuron.model.find import placement_of
from jxneuron.model.model import Model, Placement, Play, Probe
from jxneuron.node_variables import NODE_VARIABLES


def find_recorder(probe: Probe, model: Model, mechanisms: Mapping[str, Mechanism]) -> Recorder:
    """Find the value that a Probe names.

    Raises:
        ModelError: the model has no such variable there.
    """
    if probe.label:
        return _point_recorder(probe, model, mechanisms)
    if probe.variable == "v":
        return Recorder(probe.name, "v", index=probe.node)
    variable, element = split_element(probe.variable)
    if variable in NODE_VARIABLES:
        return Recorder(probe.name, "node", variable=variable, index=probe.node, element=element)
    if probe.node < 0:
        return _global_recorder(probe, model, mechanisms)
    return _ion_recorder(probe, model) or _range_recorder(probe, model, mechanisms)


def _point_recorder(probe: Probe, model: Model, mechanisms: Mapping[str, Mechanism]) -> Recorder:
    for placement in model.placements:
        if probe.label in placement.labels:
            name = probe.variable.partition("[")[0]
            field = mechanisms[placement.mechanism].by_name.get(name)
            if field is None or field.storage == "none":
                raise ModelError(f"{probe.name}: {placement.mechanism} keeps no variable {name}")
            return _field_recorder(probe, placement, field, placement.labels.index(probe.label))
    raise ModelError(f"{probe.name}: the model has no point process {probe.label}")


def _field_recorder(probe: Probe, placement: Placement, field: Field, index: int) -> Recorder:
    kind = "parameter" if field.storage == "p" else "mech"
    return Recorder(probe.name, kind, placement.mechanism, field.name, index, split_element(probe.variable)[1])


def split_element(variable: str) -> tuple[str, int]:
    """Return a variable's name without its index, and the index, -1 without one: ``x[2]`` gives x and 2."""
    name, _, element = variable.rstrip("]").partition("[")
    return name, int(element) if element else -1


def _global_recorder(probe: Probe, model: Model, mechanisms: Mapping[str, Mechanism]) -> Recorder:
    for placement in model.placements:
        name = probe.variable.partition("[")[0].removesuffix("_" + placement.mechanism)
        field = mechanisms[placement.mechanism].by_name.get(name)
        if field is not None and field.scope == "global" and probe.variable.startswith(f"{name}_"):
            return _field_recorder(probe, placement, field, 0)
    raise ModelError(f"{probe.name}: no mechanism of the model has the GLOBAL {probe.variable}")


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
        field = _field_called(variable, mechanisms[placement.mechanism])
        at = np.flatnonzero(placement.node == probe.node) if field else _NOWHERE
        if field and at.size and field.storage != "none":
            return _field_recorder(probe, placement, field, int(at[0]))
    raise ModelError(f"{probe.name}: no mechanism there has the variable {probe.variable}")


_NOWHERE = np.zeros(0, np.int64)


def _field_called(variable: str, mechanism: Mechanism) -> Field | None:
    field = mechanism.by_name.get(variable.removesuffix("_" + mechanism.name)) or mechanism.by_name.get(variable)
    return field if field and field.full_name(mechanism.name) == variable else None


Key = tuple[Any, ...]  # kind, owner, variable and element of an Address


def addresses_of(
    probes: Sequence[Probe], model: Model, mechanisms: Mapping[str, Mechanism]
) -> tuple[tuple[Index, Address], ...]:
    """Return where the variables of some Probes are: the numbers of the Probes, and the Address of their values.

    Raises:
        ModelError: the model has no such variable.
    """
    groups: dict[Key, list[tuple[int, int]]] = {}
    for k, probe in enumerate(probes):
        recorder = find_recorder(probe, model, mechanisms)
        kind = "mech" if recorder.kind == "parameter" else recorder.kind
        key = (kind, recorder.owner, recorder.variable, recorder.element)
        groups.setdefault(key, []).append((k, recorder.index))
    pairs = {key: np.array(members).T for key, members in groups.items()}
    return tuple((numbers, address_of(key, index, mechanisms)) for key, (numbers, index) in pairs.items())


def address_of(key: Key, index: Index, mechanisms: Mapping[str, Mechanism]) -> Address:
    """Return the Address of the values of one variable, whose key says which."""
    kind, owner, variable, element = key
    shared = kind == "mech" and not mechanisms[owner].by_name[variable].per_instance
    return Address(kind, index, owner, variable, element, shared)


def pointer_targets(
    placement: Placement, model: Model, mechanisms: Mapping[str, Mechanism]
) -> tuple[PointerTarget, ...]:
    """Resolve the POINTERs of a mechanism.

    Raises:
        ModelError: a POINTER has no target; several instances write one variable; an instance reads what another
            instance of the same mechanism computes in the same phase.
    """
    mechanism = mechanisms[placement.mechanism]
    result: list[PointerTarget] = []
    for pointer in mechanism.pointers:
        probes = placement.pointers.get(pointer.name, ())
        address = _address_here(pointer, placement, model, mechanisms)
        if address is not None:
            result.append(PointerTarget(pointer.name, ((np.arange(len(placement.node)), address),)))
            continue
        assert not isinstance(probes, np.ndarray)
        if len(probes) != len(placement.node):
            raise ModelError(f"POINTER {pointer.name} of {mechanism.name} has no target")
        parts = addresses_of(probes, model, mechanisms)
        for numbers, address in parts:
            _check_order(mechanism, pointer, numbers, address, probes)
        result.append(PointerTarget(pointer.name, parts))
    return tuple(result)


def _address_here(
    pointer: Pointer, placement: Placement, model: Model, mechanisms: Mapping[str, Mechanism]
) -> Address | None:
    """Return the Address of a POINTER that needs no Probes: voltages, or a shared variable on the instance's node."""
    nodes = placement.pointers.get(pointer.name)
    if pointer.to == "voltage":
        return Address("v", placement.node)
    if isinstance(nodes, np.ndarray):
        return Address("v", nodes)
    if pointer.to == "model":
        return None
    holder = placement_of(model, pointer.name)
    index = np.searchsorted(holder.node, placement.node)
    return Address("mech", index, pointer.name, pointer.name)


def _check_order(
    mechanism: Mechanism, pointer: Pointer, numbers: Index, address: Address, probes: Sequence[Probe]
) -> None:
    """Refuse a POINTER for which the order of instances counts: NEURON runs them one by one, ours run at once."""
    _, first, count = np.unique(address.index, return_index=True, return_counts=True)
    if pointer.writes and (count > 1).any():
        name = probes[int(numbers[first[count > 1][0]])].name
        raise ModelError(f"several instances of {mechanism.name} write {name} through POINTER {pointer.name}")
    own = address.kind == "mech" and address.owner == mechanism.name
    if own and mechanism.by_name[address.variable].storage == "s":
        name = probes[int(numbers[0])].name
        raise ModelError(
            f"POINTER {pointer.name} of {mechanism.name} points to {name}, which the same mechanism computes: whether "
            "an instance sees the value before or after depends on their order"
        )


def play_targets(plays: Sequence[Play], model: Model, mechanisms: Mapping[str, Mechanism]) -> tuple[InputTarget, ...]:
    """Return where and when played values are written: in phase ``half``, lines also in ``full``, both in ``end``.

    Raises:
        ModelError: the model has no such variable, or two vectors are played into one.
    """
    targets: list[InputTarget] = []
    phases: Mapping[str, tuple[Phase, ...]] = {"step": ("half", "end"), "continuous": ("half", "full", "end")}
    for kind in phases:
        numbers = np.array([k for k, play in enumerate(plays) if play.kind == kind], np.int64)
        for members, address in addresses_of([plays[int(k)].target for k in numbers], model, mechanisms):
            targets += [_play_target(phase, address, numbers[members]) for phase in phases[kind]]
    _check_played_once(plays)
    return tuple(targets)


def _play_target(phase: Phase, address: Address, numbers: Index) -> InputTarget:
    return InputTarget(phase, address, tuple(int(k) for k in numbers))


def _check_played_once(plays: Sequence[Play]) -> None:
    seen: set[tuple[str, str, int]] = set()
    for play in plays:
        variable = _variable(play.target)
        if variable in seen:
            raise ModelError(f"{play.target.name}: two vectors are played into it")
        seen.add(variable)


def uses(model: Model, variable: str) -> bool:
    """Return whether something records, plays, transfers or points to a variable."""
    pointed = [
        probe
        for placement in model.placements
        for probes in placement.pointers.values()
        if not isinstance(probes, np.ndarray)
        for probe in probes
    ]
    acting = [*(one.target for one in model.plays), *(one.source for one in model.transfers)]
    return any(probe.variable == variable for probe in (*model.probes, *acting, *pointed))


def find_transfers(model: Model, mechanisms: Mapping[str, Mechanism]) -> tuple[Transfer, ...]:
    """Return where transferred values are read and written, one Transfer for each pair of Addresses.

    Raises:
        ModelError: the model has no such variable; a variable is a target twice, or both source and target, so that
            the order of the transfers counts.
    """
    _check_transfers(model)
    result: list[Transfer] = []
    for numbers, source in addresses_of([one.source for one in model.transfers], model, mechanisms):
        targets = [model.transfers[int(k)].target for k in numbers]
        for members, target in addresses_of(targets, model, mechanisms):
            result.append(Transfer(dataclasses.replace(source, index=source.index[members]), target))
            if source.kind == "v" and model.extracellular is not None:  # a gap's current flows between the insides
                result[-1] = dataclasses.replace(
                    result[-1], source=dataclasses.replace(result[-1].source, kind="inside")
                )
    return tuple(result)


def _check_transfers(model: Model) -> None:
    sources = {_variable(one.source) for one in model.transfers}
    seen: set[tuple[str, str, int]] = set()
    for one in model.transfers:
        variable = _variable(one.target)
        if variable in seen:
            raise ModelError(f"{one.target.name}: two variables are transferred to it")
        if variable in sources:
            raise ModelError(f"{one.target.name}: it is both source and target of a transfer")
        seen.add(variable)


def _variable(probe: Probe) -> tuple[str, str, int]:
    return probe.variable, probe.label, probe.node


def varying_fields(addresses: Iterable[Address], mechanisms: Mapping[str, Mechanism]) -> dict[str, tuple[str, ...]]:
    """Return, by mechanism, the fields of storage ``p`` at some addresses: a run keeps them in the State."""
    fields: dict[str, dict[str, None]] = {}
    for address in addresses:
        if address.kind == "mech" and mechanisms[address.owner].by_name[address.variable].storage == "p":
            fields.setdefault(address.owner, {})[address.variable] = None
    return {owner: tuple(names) for owner, names in fields.items()}
