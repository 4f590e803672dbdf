"""What is bound to the places of compartments stops them from being cut or put together."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import jxneuron as jx
from jxneuron.model.model import Extracellular, Probe, Transfer

ONE = np.ones((2, 1))
BOUND = {
    "extracellular": {"extracellular": Extracellular(np.array([1]), ONE, ONE, ONE, np.zeros(1))},
    "gap junctions": {"transfers": (Transfer(Probe("a", "v", 1), Probe("b", "v", 2)),)},
}


@pytest.mark.parametrize("what", BOUND)
def test_they_are_neither_cut_nor_put_together(what):
    cell = jx.Cell([jx.Branch(jx.Compartment(), 2)], parents=[-1])
    cell._core.model = dataclasses.replace(cell.model, **BOUND[what])
    with pytest.raises(jx.ModelError, match=what):
        jx.Network([cell, cell])
    with pytest.raises(jx.ModelError, match=what):
        cell.branch(0).set_ncomp(3)
