"""States at rest: INITIAL counts again wherever a value was set.

In: a Core and instances of its mechanisms. Out: the Core with a new Model. What a run starts from is computed when it
starts, from its own parameters and voltages, so that gradients pass through it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.model.model import Floats, Model, Placement
from jxneuron.modules.build import voltages
from jxneuron.modules.core import Core


def init_states(core: Core, at: Mapping[str, np.ndarray], *, whole: bool) -> None:
    """Forget the states that were set, and show in tables what INITIAL computes at the present ``v``.

    Args:
        core: what to change.
        at: of which instances of each mechanism, (instance,) booleans.
        whole: whether these are all.

    Raises:
        ModelError: some of a model whose start is taken from NEURON. The Core is unchanged.
    """
    from jxneuron.modules import running

    model = dataclasses.replace(
        _with_own_start(core, whole), placements=tuple(_forgotten(each, at) for each in core.model.placements)
    )
    fresh = dataclasses.replace(core, model=model, prepared={})
    held = running.get_all_states(fresh, running.get_all_parameters(fresh, ()), model.settings.dt).state.mech
    core.model = dataclasses.replace(model, placements=tuple(_shown(core, each, held, at) for each in model.placements))


def _with_own_start(core: Core, whole: bool) -> Model:
    """An imported model starts by INITIAL, from the voltages that it has."""
    model = core.model
    if model.initial is None or model.initial.mode == "ours":
        return model
    if not whole:
        raise ModelError(
            "init_states: this import starts from NEURON's state where that differs from INITIAL, in all compartments "
            "or in none: say it on the whole module"
        )
    return dataclasses.replace(
        model, v_init=voltages(model), initial=dataclasses.replace(model.initial, mode="ours", v=voltages(model))
    )


def _forgotten(placement: Placement, at: Mapping[str, np.ndarray]) -> Placement:
    here = at[placement.mechanism]
    given = {name: np.where(here, np.nan, values) for name, values in placement.initial_override.items()}
    return dataclasses.replace(
        placement, initial_override={name: values for name, values in given.items() if not np.isnan(values).all()}
    )


def _shown(
    core: Core, placement: Placement, held: dict[str, dict[str, Floats]], at: Mapping[str, np.ndarray]
) -> Placement:
    here = at[placement.mechanism]
    states = [each.name for each in core.mechanisms[placement.mechanism].fields if each.role == "state"]
    values = {
        name: np.where(here, np.asarray(held[placement.mechanism][name], np.float64), placement.values[name])
        for name in states
        if name in placement.values and name in held[placement.mechanism]
    }
    return dataclasses.replace(placement, values={**placement.values, **values})
