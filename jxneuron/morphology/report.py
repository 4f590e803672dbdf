"""What a morphology is, in numbers and words.

In: a Morphology or a Cell. Out: pandas tables.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from jxneuron.modules.module import Module
from jxneuron.morphology.cell import to_morphology
from jxneuron.morphology.rules import lengths
from jxneuron.morphology.soma import area_of
from jxneuron.morphology.tree import Morphology

if TYPE_CHECKING:
    import pandas as pd


def report(morphology: Morphology | Module) -> pd.DataFrame:
    """What was assumed, left out, cleaned and changed: kind, place, found, done."""
    import dataclasses

    import pandas as pd

    notes = morphology.notes if isinstance(morphology, Morphology) else morphology.model.notes
    return pd.DataFrame([dataclasses.astuple(note) for note in notes], columns=["kind", "place", "found", "done"])


def summary(morphology: Morphology | Module) -> pd.DataFrame:
    """One row per group and one for all: sections, points, tips, length in um, area in um2, extremes of the diameter.

    Raises:
        ModelError: a section without 3-d points.
    """
    import pandas as pd

    whole = morphology if isinstance(morphology, Morphology) else to_morphology(morphology)
    length = lengths(whole)
    area = area_of(list(whole.traces), single=whole.precision != "float64")
    parents = Counter(trace.parent for trace in whole.traces)
    rows = {}
    for group, members in [*whole.groups.items(), ("all", tuple(range(len(whole.traces))))]:
        diams = np.concatenate([np.abs(whole.traces[index].points[:, 3]) for index in members])
        rows[group] = {
            "sections": len(members),
            "points": len(diams),
            "tips": sum(index not in parents for index in members),
            "length": float(length[list(members)].sum()),
            "area": float(area[list(members)].sum()),
            "least diam": float(diams.min()),
            "greatest diam": float(diams.max()),
        }
    return pd.DataFrame.from_dict(rows, orient="index")
