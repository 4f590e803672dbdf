"""Morphologies without NEURON: files in, Cells out, sections cut and joined in between.

``read_swc`` and ``read_asc`` make a Cell in one call. ``read`` gives a ``Morphology``, which the functions here change,
and ``to_cell`` makes a Cell of it.
"""

from __future__ import annotations

from jxneuron.morphology.cell import distances, read, read_asc, read_swc, to_cell, to_morphology
from jxneuron.morphology.report import report, summary
from jxneuron.morphology.rules import d_lambda_nseg, every_40_um, lengths
from jxneuron.morphology.soma import with_soma
from jxneuron.morphology.surgery import attach, clean, cut_long, delete_subtree, join, replace_axon, split, subtree
from jxneuron.morphology.tree import Morphology, Trace
from jxneuron.morphology.write import write_swc

__all__ = [
    "Morphology",
    "Trace",
    "attach",
    "clean",
    "cut_long",
    "d_lambda_nseg",
    "delete_subtree",
    "distances",
    "every_40_um",
    "join",
    "lengths",
    "read",
    "read_asc",
    "read_swc",
    "replace_axon",
    "report",
    "split",
    "subtree",
    "summary",
    "to_cell",
    "to_morphology",
    "with_soma",
    "write_swc",
]
