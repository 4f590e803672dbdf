"""The order of mechanisms, as an import and a module that inserted the same ones have it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import jxneuron as jx
from jxneuron.mech.mechanism import IonUse, Mechanism
from jxneuron.mech.run_order import run_order
from jxneuron.modules import edit


def mechanism(name: str, *writes: str) -> Mechanism:
    return Mechanism(name, "density", ions=(IonUse("ca", ("cai",), writes),) if writes else ())


MECHANISMS = {
    each.name: each
    for each in (
        mechanism("pas"),
        mechanism("zseen"),
        mechanism("aseen"),
        mechanism("reversal", "eca"),
        mechanism("pool", "cai"),
        mechanism("tank", "cao", "eca"),
    )
}


@pytest.mark.parametrize(
    ("registered", "expected"),
    [
        # As NEURON's own turns show, see "Order of mechanisms" in docs/developers/neuron-semantics.md
        (("aseen", "pool", "tank", "zseen"), ["tank", "pool", "aseen", "zseen"]),
        (("zseen", "pool", "pas"), ["pas", "pool", "zseen"]),
        (("reversal", "zseen", "tank"), ["tank", "reversal", "zseen"]),
        ((), []),
    ],
)
def test_writers_of_a_concentration_come_after_pas_the_last_one_first(registered, expected) -> None:
    assert run_order(registered, MECHANISMS) == expected


@pytest.mark.parametrize("registered", [*itertools.permutations(MECHANISMS)][::97])
def test_a_module_runs_what_it_inserted_in_the_same_order(registered) -> None:
    model = jx.Compartment().model
    for name in registered:
        model = edit.insert(model, MECHANISMS[name], np.zeros(1, np.int64))
    placements = edit.in_run_order(model, MECHANISMS).placements
    assert [placement.mechanism for placement in placements] == run_order(registered, MECHANISMS)
