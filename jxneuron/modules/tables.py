"""The tables that users look at, as plain pandas.

In: a Core and the rows to show. Out: DataFrames that are copies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from jxneuron.ions import ion_variables
from jxneuron.model import find
from jxneuron.model.model import Ints, Placement
from jxneuron.modules import build, columns, edges, points
from jxneuron.modules.core import Core
from jxneuron.wording import did_you_mean

if TYPE_CHECKING:
    import pandas as pd

# Columns of ``nodes`` that are no parameters
FIXED = (
    *(f"{kind}{level}_index" for kind in ("", "local_", "global_") for level in ("cell", "branch", "comp")),
    *("section", "x", "area"),
)


def nodes(core: Core, rows: Ints, local: Mapping[str, Ints]) -> pd.DataFrame:
    """One row per compartment.

    Columns: ``cell_index, branch_index, comp_index`` (counted over the whole module; also as ``global_cell_index`` and
    so on), the same with ``local_`` (within the view), ``section`` and ``x`` (NEURON's), geometry (um, ohm cm, uF/cm2,
    um2), ``v`` mV, one boolean for each mechanism, ``usetable_`` of those with a TABLE, parameters and states with NaN
    where a compartment has none.
    """
    import pandas as pd

    model, table = core.model, core.rows
    at = table.node[rows]
    counted = {"cell": table.cell[rows], "branch": table.section[rows], "comp": rows}
    found: dict[str, Any] = {
        **{f"{level}_index": values for level, values in counted.items()},
        **{f"local_{level}_index": local[level] for level in counted},
        **{f"global_{level}_index": values for level, values in counted.items()},
        "section": np.array([section.name for section in model.sections], object)[table.section[rows]],
        "x": model.nodes.x[at],
        "length": model.nodes.length[at],
        "radius": model.nodes.diam[at] / 2.0,
        "axial_resistivity": model.nodes.Ra[at],
        "capacitance": model.nodes.cm[at],
        "area": model.nodes.area[at],
        "v": build.voltages(model)[at],
    }
    found |= {name: members[rows] for name, members in core.groups.items()}
    for placement in model.placements:
        if placement.kind == "density":
            here = np.isin(at, placement.node)
            found[placement.mechanism] = here
            if core.mechanisms[placement.mechanism].tables is not None:
                used = float(columns.uses_tables(model, placement.mechanism))
                found[f"{columns.USETABLE}{placement.mechanism}"] = np.where(here, used, np.nan)
            found |= _fields(core, placement, at)
    for ion in model.ions:
        for name, ours in ion_variables(ion.name).items():
            if ours != "current":
                found[name] = _spread(getattr(ion, ours), ion.node, at)
    return pd.DataFrame(found)


def _fields(core: Core, placement: Placement, at: Ints) -> dict[str, np.ndarray]:
    found = {}
    for field in core.mechanisms[placement.mechanism].fields:
        if field.storage != "none" and field.scope == "range":
            for name, values in columns.elements(placement, field):
                found[name] = _spread(values, placement.node, at)
    return found


def _spread(values: np.ndarray, nodes: Ints, at: Ints) -> np.ndarray:
    """Values by node as values by row, NaN where a row has none."""
    full = np.full(int(max(at.max(initial=0), nodes.max(initial=0))) + 1, np.nan)
    full[nodes] = values
    return full[at]


def show(
    core: Core, table: pd.DataFrame, param_names: Any, indices: bool, params: bool, states: bool, channel_names: Any
) -> pd.DataFrame:
    """Chosen columns of ``nodes``, or of ``edges``.

    Raises:
        KeyError: a name that is no column; names near matches.
    """
    from jxneuron.modules.frame import reading

    synaptic = "type_ind" in table
    state_names = {"v", *_names(core, "s", synaptic)}
    mechanisms = [each.mechanism for each in _placements(core, synaptic)]
    index_names = [
        name for name in table if name.endswith("_index") or name in ("section", "x", *edges.INDICES, *edges.ENDS)
    ]
    wanted = [name for name in table if _wanted(name, index_names, state_names, (indices, params, states))]
    if channel_names is not None:
        chosen = [channel_names] if isinstance(channel_names, str) else list(channel_names)
        _known(chosen, mechanisms)
        own = {
            name for each in chosen for name in (each, f"{columns.USETABLE}{each}", *_names(core, "ps", synaptic, each))
        }
        wanted = [name for name in wanted if name in own or name in index_names]
    if param_names is not None:
        asked = [param_names] if isinstance(param_names, str) else list(param_names)
        _known(asked, list(table))
        wanted = [name for name in wanted if name in asked or name in index_names]
    return reading(table.loc[:, wanted], "show(...)", "change values with set(key, value)")


def _wanted(name: str, index_names: list[str], state_names: set[str], asked: tuple[bool, bool, bool]) -> bool:
    indices, params, states = asked
    if name in index_names:
        return indices
    return states if name in state_names else params


def _known(names: list[str], known: list[str]) -> None:
    for name in names:
        if name not in known:
            raise KeyError(f"{name!r} is no column here{did_you_mean(name, known)}")


def _placements(core: Core, synaptic: bool) -> list[Placement]:
    wanted = [each for each in core.model.placements if each.kind == "density"]
    return [find.placement_of(core.model, name) for name in edges.types(core.model)] if synaptic else wanted


def _names(core: Core, held: str, synaptic: bool, owner: str | None = None) -> list[str]:
    return [
        field.full_name(placement.mechanism)
        for placement in _placements(core, synaptic)
        if owner in (None, placement.mechanism)
        for field in core.mechanisms[placement.mechanism].fields
        if field.storage in held and field.scope == "range"
    ]


def recordings(core: Core) -> pd.DataFrame:
    """One row per record: ``rec_index`` is the row of ``nodes``, of ``edges`` for what belongs to a synapse.

    It is -1 for end nodes and other point processes.
    """
    import pandas as pd

    from jxneuron.modules.frame import reading

    model = core.model
    row_of = np.full(len(model.nodes.parent), -1)
    row_of[core.rows.node] = np.arange(len(core.rows.node))
    edge_of = edges.by_label(model)
    shown = edges.shown_by_label(core)
    rows = [int(row_of[each.node]) if each.node >= 0 else edge_of.get(each.label, -1) for each in model.probes]
    columns = {
        "rec_index": rows,
        "state": [shown.get((each.label, each.variable), each.variable) for each in model.probes],
        "name": [each.name for each in model.probes],
    }
    return reading(pd.DataFrame(columns), "recordings", "call record(state) and delete_recordings()")


def for_points(module: Any) -> pd.DataFrame:
    """``points`` of a module."""
    from jxneuron.modules.frame import reading

    return reading(points.table(module), "points", 'write set("IClamp[0].amp", value)')


def for_plays(module: Any) -> pd.DataFrame:
    """``plays`` of a module."""
    from jxneuron.modules.frame import reading

    plays = [each for each in module.model.plays if module._played_here(each)]
    return reading(points.plays_table(plays), "plays", "call delete_plays(target)")
