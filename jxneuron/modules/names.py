"""What hand-written mechanisms name must mean one thing in a module.

In: a Core and a mechanism that is about to be inserted. Out: nothing, or one ModelError; the module is unchanged.
"""

from __future__ import annotations

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.ions import ion_variables
from jxneuron.mech.mechanism import Mechanism
from jxneuron.model.model import Ints
from jxneuron.modules import columns
from jxneuron.modules.core import Core


def refuse_clashes(core: Core, mechanism: Mechanism) -> None:
    """A parameter, state or current must not be called as one of another mechanism, of an ion or of a compartment.

    Raises:
        ModelError: naming what clashes with what.
    """
    taken = _owners(core, {mechanism.name, *(each.name for each in mechanism.shared)})
    for each in (*mechanism.shared, mechanism):
        names = [field.full_name(each.name) for field in each.fields if field.storage != "none"]
        wrong = [name for name in names if name in taken]
        if wrong:
            raise ModelError(
                f"{mechanism.name} calls a variable {wrong[0]}, which is already {taken[wrong[0]]} in this module: "
                "rename one of them (change_name, current_name)"
            )
    for holder in mechanism.shared:
        known = core.mechanisms.get(holder.name)
        if known is not None and known.fields[0].storage != holder.fields[0].storage:
            raise ModelError(
                f"{holder.name} is a parameter of one mechanism and a state of another: rename one of them"
            )


def _owners(core: Core, without: set[str]) -> dict[str, str]:
    """Every name in use -> what it is."""
    reserved = dict.fromkeys(
        ["radius", "length", "axial_resistivity", "capacitance", "v", "i", "diam", "L", "Ra", "cm", "area", "celsius"],
        "a property of compartments",
    )
    found = {**reserved, **{name: "a group" for name in core.groups}}
    for ion in core.model.ions:
        found |= dict.fromkeys(ion_variables(ion.name), f"a variable of the ion {ion.name}")
    for placement in core.model.placements:
        if placement.mechanism not in without:
            found[placement.mechanism] = "a mechanism"
            for field in core.mechanisms[placement.mechanism].fields:
                found[columns.column_name(placement, field)] = f"a variable of {placement.mechanism}"
    return found


def refuse_other_start(core: Core, mechanism: Mechanism, nodes: Ints) -> None:
    """Refuse to insert a mechanism whose shared fields have other values here than its own defaults.

    Raises:
        ModelError: some of the compartments have another value.
    """
    for placement in core.model.placements:
        for holder in mechanism.shared:
            if holder.name == placement.mechanism:
                here = placement.values[holder.name][np.isin(placement.node, nodes)]
                _require_equal(mechanism, holder.name, here, holder.fields[0].default)
    for use in mechanism.ions:
        for ion in core.model.ions:
            if ion.name == use.name:
                ours = dict(zip(use.names.concentrations, (ion.inside0, ion.outside0), strict=True))
                for name, value in use.start:
                    _require_equal(mechanism, name, np.atleast_1d(ours[name]), value)


def _require_equal(mechanism: Mechanism, name: str, here: np.ndarray, default: float) -> None:
    if (here != default).any():
        raise ModelError(
            f"{mechanism.name} shares {name}, which is {here[here != default][0]:g} here, while its own default is "
            f"{default:g}: insert all mechanisms that share it, then set it; or give the class that default"
        )
