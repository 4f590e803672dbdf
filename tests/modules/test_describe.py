"""What modules say of themselves."""

from __future__ import annotations

import numpy as np

import jxneuron as jx
from jxneuron.channels import K, Na


def made() -> jx.Cell:
    cell = jx.Cell([jx.Branch(nseg=4), jx.Branch(nseg=2)], parents=[-1, 0])
    cell.insert("hh")
    cell.branch(1).insert("pas")
    cell.branch(1).add_to_group("tip")
    cell.branch(0).loc(0.5).record("v", verbose=False)
    cell.branch(0).loc(0.1).stimulate(np.zeros(5), verbose=False)
    cell.branch(0).comp([0, 1]).stimulate(np.zeros(5), verbose=False)
    cell.branch("all").make_trainable("gnabar_hh", verbose=False)
    return cell


def test_a_line_says_what_there_is():
    assert repr(jx.Compartment()) == "Compartment(1 cell, 1 branch, 1 compartment; no mechanisms)"
    runs = "1 recording, 3 stimuli, 2 trainable parameters"
    assert repr(made()) == f"Cell(1 cell, 2 branches, 6 compartments; hh, pas; {runs})"
    branch = Na(), K()
    cell = jx.Compartment()
    for each in branch:
        cell.insert(each)
    assert repr(cell) == "Compartment(1 cell, 1 branch, 1 compartment; Na, K)"


def test_a_view_says_what_is_in_it():
    cell = made()
    assert repr(cell.branch(0).comp(0)) == (
        "View of Cell(1 cell, 1 branch, 1 compartment; hh; 2 stimuli, 1 trainable parameter)"
    )
    assert repr(cell.tip) == "View of Cell(1 cell, 1 branch, 2 compartments; hh, pas; 1 trainable parameter)"


def test_a_notebook_gets_a_table():
    cell = made()
    cell.branch(0).clamp("v", np.zeros(5), verbose=False)
    shown = cell.tip._repr_html_()
    assert shown.startswith("<table>") and shown.count("<tr>") == 4
    for words in ("View of Cell", "2 compartments", "hh, pas", "tip", "1 trainable parameter"):
        assert words in shown
    assert "4 clamps" in cell._repr_html_()
