"""What colour each compartment has.

In: a module and what the user asked for. Out: colours by row, and what a colour bar or a legend says of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.ions import ion_variables
from jxneuron.mech.mechanism import Mechanism
from jxneuron.model.model import Floats, Model
from jxneuron.modules import columns
from jxneuron.wording import did_you_mean

# Compartments that do not have the column; those that are in a group, or have a mechanism
ABSENT, PRESENT = "#c9c9c9", "#c1440e"
UNITS = {
    "v": "mV", "length": "um", "L": "um", "radius": "um", "diam": "um", "area": "um2", "capacitance": "uF/cm2",
    "cm": "uF/cm2", "axial_resistivity": "ohm cm", "Ra": "ohm cm",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Colours:
    """Colours of compartments.

    Attributes:
        rows: one colour for all, or (rows, 4) RGBA.
        bar: for a colour bar, what matplotlib calls a mappable.
        label: what the colour bar says: name and unit.
        names: for a legend, name -> colour.
        values: (rows,) the numbers that the colours of a colour bar show, NaN where there is none.
    """

    rows: Any
    bar: Any = None
    label: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    values: Floats | None = None

    def mean(self, groups: Any) -> Any:
        """One colour for all, or one for the mean of each group of rows, (groups, 4)."""
        if not isinstance(self.rows, np.ndarray):
            return self.rows
        if self.bar is None or self.values is None:
            return np.array([self.rows[each].mean(axis=0) for each in groups])
        held = [self.values[each][np.isfinite(self.values[each])] for each in groups]
        means = [each.mean() if len(each) else np.nan for each in held]
        return self.bar.to_rgba(np.ma.masked_invalid(means))

    def of(self, row: Any) -> Any:
        """Colours of what belongs to those rows."""
        return self.rows[row] if isinstance(self.rows, np.ndarray) else self.rows


def colours(module: Any, col: Any, by: Any, cmap: Any, vmin: float | None, vmax: float | None) -> Colours:
    """Colours as asked for.

    Args:
        module: whose rows are coloured.
        col: a colour, one for each row, or the name of a column.
        by: the name of a column, or one number for each row; None leaves it to ``col``.
        cmap: matplotlib's name of a colour map, or one.
        vmin: the value at its lower end; None takes the least.
        vmax: the value at its upper end; None takes the greatest.

    Raises:
        KeyError: neither a colour nor a column; names near matches.
        ModelError: a wrong number of colours or values.
    """
    from matplotlib.colors import is_color_like, to_rgba_array

    count = len(module._visible())
    if by is None:
        if is_color_like(col):
            return Colours(col)
        if not isinstance(col, str):
            if len(col) != count:
                raise ModelError(f"{len(col)} colours for {count} compartments: give one, or one for each")
            return Colours(to_rgba_array(col))
        by = col
    if not isinstance(by, str):
        values = np.asarray(by, float)
        if values.shape != (count,):
            raise ModelError(f"color_by: values of shape {values.shape} for {count} compartments")
        return mapped(values, "", cmap, vmin, vmax)
    values, unit = column(module, by)
    if values.dtype == bool:
        rows = to_rgba_array([PRESENT if held else ABSENT for held in values])
        return Colours(rows, names={by: PRESENT, "others": ABSENT})
    return mapped(values, f"{by} ({unit})" if unit else by, cmap, vmin, vmax)


def mapped(values: Floats, label: str, cmap: Any, vmin: float | None, vmax: float | None) -> Colours:
    """Numbers, NaN where there is none, through a colour map."""
    import matplotlib
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    known = values[np.isfinite(values)]
    low, high = (known.min(), known.max()) if len(known) else (0.0, 1.0)
    norm = Normalize(low if vmin is None else vmin, high if vmax is None else vmax)
    chosen = matplotlib.colormaps[cmap] if isinstance(cmap, str) else cmap
    bar = ScalarMappable(norm, chosen.with_extremes(bad=ABSENT))
    return Colours(np.asarray(bar.to_rgba(np.ma.masked_invalid(values))), bar, label, values=values)


def column(module: Any, key: str) -> tuple[np.ndarray, str]:
    """Values of a column or state, (rows,) with NaN where there is none, and its unit.

    States of mechanisms are those that a run starts with.

    Raises:
        KeyError: there is no such column; names near matches.
    """
    core, table = module._core, module.nodes
    known = [name for name in table if not name.endswith("_index") and name != "section"]
    if key not in table or key == "section":
        try:
            found = columns.find(core.model, core.mechanisms, key)
        except KeyError:
            raise KeyError(f"{key!r} is neither a colour nor a column or state{did_you_mean(key, known)}") from None
    else:
        found = _state(core, key)
        if found is None:
            values = table[key].to_numpy()
            return values if values.dtype == bool else values.astype(float), unit_of(core.model, core.mechanisms, key)
    values = np.full(len(core.model.nodes.parent), np.nan)
    held = found.nodes if len(found.nodes) else core.rows.node
    values[held] = module.base._present(found, held) if found.state else columns.read(core.model, found)
    return values[core.rows.node[module._visible()]], unit_of(core.model, core.mechanisms, key)


def _state(core: Any, key: str) -> Any:
    """The column of a mechanism's state, which INITIAL computes; None for what is known without a run."""
    try:
        found = columns.find(core.model, core.mechanisms, key)
    except KeyError:
        return None
    return found if found.state and found.kind == "range" else None


def unit_of(model: Model, mechanisms: Mapping[str, Mechanism], key: str) -> str:
    """The unit of a column, "" where it has none or none is known."""
    if key in UNITS:
        return UNITS[key]
    for ion in model.ions:
        ours = ion_variables(ion.name).get(key)
        if ours:
            return {"e": "mV", "current": "mA/cm2"}.get(ours, "mM")
    for placement in model.placements:
        for each in mechanisms[placement.mechanism].fields:
            if each.storage != "none" and columns.column_name(placement, each) == key:
                return each.unit if each.unit != "1" else ""
    return ""
