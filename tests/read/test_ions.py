"""The style of an ion after every order of mechanisms that use it, as NEURON and as a module of ours keep it."""

from __future__ import annotations

import itertools
import operator
from functools import reduce
from pathlib import Path

import numpy as np
import pytest

import jxneuron as jx
from jxneuron.ions import ion_names, ion_variables, promote, style_arguments
from jxneuron.mech.mechanism import IonUse, Mechanism
from jxneuron.modules import edit

HERE = Path(__file__).parent
USES = {
    "hh": IonUse("na", ("ena",)),
    "nareversal": IonUse("na", (), ("ena",)),
    "naoutside": IonUse("na", ("nao",), ("nao",)),
    "castore": IonUse("ca", ("cai",), ("cai",)),
    "capoint": IonUse("ca", ("eca", "cai")),
}
FAMILIES = (("hh", "nareversal", "naoutside"), ("castore", "capoint"))
ORDERS = [
    order
    for family in FAMILIES
    for count in range(1, len(family) + 1)
    for order in itertools.permutations(family, count)
]
STYLES = """
def style(order, ion):
    one = h.Section()
    kept = [h.capoint(one(0.5)) if name == "capoint" else one.insert(name) for name in order]
    return int(h.ion_style(f"{ion}_ion", sec=one))
give([style(order, ion) for order, ion in given["orders"]])
"""


def inserted(order: tuple[str, ...]) -> int:
    """The style that a compartment of ours has after these mechanisms."""
    model = jx.Compartment().model
    for name in order:
        model = edit.insert(model, Mechanism(name, "density", ions=(USES[name],)), np.zeros(1, np.int64))
    return int(model.ions[0].style[0])


def test_each_order_gives_neurons_style_by_the_rule_and_in_a_module(neuron_child, mod_library) -> None:
    orders = [(order, USES[order[0]].name) for order in ORDERS]
    styles = dict(zip(ORDERS, neuron_child(STYLES, libraries=[mod_library(HERE / "mod")], orders=orders), strict=True))
    assert {order: reduce(promote, (USES[name] for name in order), 0) for order in ORDERS} == styles
    assert {order: inserted(order) for order in ORDERS} == styles
    assert reduce(operator.or_, styles.values()) == 0o777  # no bit is left out


@pytest.mark.parametrize(("style", "arguments"), [(0o527, (3, 2, 0, 1, 1)), (0o61, (1, 2, 1, 0, 0)), (0, (0,) * 5)])
def test_the_arguments_of_ion_style_leave_out_who_writes(style: int, arguments: tuple[int, ...]) -> None:
    assert style_arguments(style) == arguments


def test_names_of_variables_are_those_of_nmodl() -> None:
    assert ion_names("ca") == ("eca", "cai", "cao", "ica")
    assert ion_variables("ca") == {"eca": "e", "cai": "inside", "cao": "outside", "ica": "current"}


@pytest.mark.parametrize(
    ("writes", "expected"), [((), False), (("ena",), False), (("nai",), True), (("ena", "nao"), True)]
)
def test_only_a_concentration_makes_a_writer(writes: tuple[str, ...], expected: bool) -> None:
    assert Mechanism("x", "density", ions=(IonUse("na", (), writes),)).writes_concentration is expected
