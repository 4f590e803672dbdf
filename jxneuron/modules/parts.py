"""Compartment, Branch and Cell: modules built by hand."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.mech.mechanism import Mechanism
from jxneuron.model.model import Ints
from jxneuron.modules import build
from jxneuron.modules.build import edge_count
from jxneuron.modules.core import Core
from jxneuron.modules.module import Module
from jxneuron.modules.values import numbers


class Compartment(Module):
    """One cylinder: length 10 um, radius 1 um, axial_resistivity 5000 ohm cm, capacitance 1 uF/cm2, v -70 mV."""

    _levels = ()

    def __init__(self) -> None:
        super().__init__(*_whole(Core.of(build.compartment(), {})))


class Branch(Module):
    """An unbranched cable: NEURON's section.

    Args:
        compartments: one Compartment, repeated ``nseg`` times, or a list; None takes the default Compartment.
        nseg: how often one compartment is repeated.
        ncomp: another name for ``nseg``.

    Raises:
        ModelError: what is no compartment, or ``nseg`` beside a list of another length.
    """

    _levels = ("comp",)

    def __init__(
        self,
        compartments: Compartment | Sequence[Compartment] | None = None,
        nseg: int | None = None,
        *,
        ncomp: int | None = None,
    ) -> None:
        count = _one_of("nseg", nseg, "ncomp", ncomp)
        parts = _repeated(compartments, Compartment, count, "nseg")
        core = Core.of(build.branch([each.model for each in parts]), mechanisms_of(parts))
        take_groups(core, parts, np.split(np.arange(len(parts)), len(parts)))
        super().__init__(*_whole(core))


class Cell(Module):
    """Branches that form a tree.

    Args:
        branches: one Branch, repeated for each of ``parents``, or a list; None takes the default Branch.
        parents: for each branch the index of its parent, -1 for a root; a parent comes before its children. Several
            roots are several trees.
        xyzr: for each branch its traced points, (points, 4): x, y, z, radius in um. They are drawn; areas follow from
            ``length`` and ``radius``.
        parent_x: where on its parent each branch is attached, 0..1: one number or one for each branch.

    Raises:
        ModelError: the branches form no tree, or lengths do not agree.
    """

    _levels = ("branch", "comp")

    def __init__(
        self,
        branches: Branch | Sequence[Branch] | None = None,
        parents: Sequence[int] | None = None,
        xyzr: Sequence[Any] | None = None,
        *,
        parent_x: float | Sequence[float] = 1.0,
    ) -> None:
        if (
            parents is None
            and branches is not None
            and not (isinstance(branches, (list, tuple)) and len(branches) == 1)
        ):
            raise ModelError("parents is needed: for each branch the index of its parent, -1 for a root")
        parents = [-1] if parents is None else _listed("parents", parents)
        parts = _repeated(branches, Branch, len(parents), "parents")
        x = numbers("parent_x", parent_x)
        at = np.broadcast_to(x, (len(parents),)) if x.size in (1, len(parents)) and x.ndim < 2 else None
        if at is None or not ((at >= 0) & (at <= 1)).all():
            raise ModelError(f"parent_x is one location or one for each of {len(parents)} branches, in 0..1")
        model = build.cell([each.model for each in parts], parents, at.tolist(), _points(xyzr, len(parents)))
        core = Core.of(model, mechanisms_of(parts))
        by_branch = np.argsort(core.rows.section, kind="stable")
        take_groups(core, parts, np.split(by_branch, np.cumsum(core.rows.nseg)[:-1]))
        super().__init__(*_whole(core))


def _whole(core: Core) -> tuple[Core, Any]:
    return core, np.arange(len(core.rows.node))


def _one_of(name: str, value: Any, other: str, same: Any) -> Any:
    if value is not None and same is not None and value != same:
        raise ModelError(f"{name} and {other} are two names of one thing: give one of them")
    return value if value is not None else same


def _repeated(given: Any, kind: type[Compartment] | type[Branch], count: int | None, name: str) -> list[Module]:
    """One part repeated, or a list of parts as it is."""
    if given is None or isinstance(given, kind):
        times = 1 if count is None else count
        if isinstance(times, bool) or not isinstance(times, (int, np.integer)) or times < 1:
            raise ModelError(f"{name} = {count!r}: a positive whole number is needed")
        return [kind() if given is None else given] * int(times)
    parts = list(given) if isinstance(given, (list, tuple)) else [given]
    for i, each in enumerate(parts):
        if not isinstance(each, kind):
            raise ModelError(f"part {i} is a {type(each).__name__}, not a {kind.__name__}")
    if not parts:
        raise ModelError(f"an empty list: at least one {kind.__name__} is needed")
    if count not in (None, len(parts)):
        raise ModelError(f"{len(parts)} parts of the kind {kind.__name__} were given, {name} asks for {count}")
    return parts


def mechanisms_of(parts: Sequence[Module]) -> dict[str, Mechanism]:
    """The mechanisms of all parts by name.

    Raises:
        ModelError: one name means different mechanisms.
    """
    found: dict[str, Mechanism] = {}
    for part in {id(each._core): each for each in parts}.values():
        for name, each in part._core.mechanisms.items():
            if found.setdefault(name, each).made_by != each.made_by:
                raise ModelError(f"{name} means different mechanisms in the parts: rename one of them")
    return found


def _listed(what: str, values: Any) -> list[Any]:
    try:
        return [] if isinstance(values, str) else [_plain(each) for each in values]
    except TypeError:
        raise ModelError(f"{what} is a list with one entry for each branch, not {values!r}") from None


def _plain(value: Any) -> Any:
    """The number in an entry of an array of numpy or JAX; anything else as it is."""
    return value.item() if hasattr(value, "item") and np.ndim(value) == 0 else value


def take_groups(core: Core, parts: Sequence[Module], rows: Sequence[Ints]) -> None:
    """Let groups and users' columns of the parts be those of the whole, and warn of what parts cannot hand on.

    Args:
        core: the whole.
        parts: what it was made of.
        rows: for each part the rows of the whole that its own became, in their order.
    """
    for part, where in zip(parts, rows, strict=True):
        for name, members in part._core.groups.items():
            core.groups.setdefault(name, np.zeros(len(core.rows.node), bool))[where[members]] = True
    _take_columns(core, parts, rows)
    held = {"recordings": lambda each: each.model.probes, "stimuli or clamps": lambda each: each._core.inputs}
    held |= {"trainables": lambda each: each._core.trainables}
    held |= {"a written controlled_by_param": lambda each: each.__dict__.get("_written_sharing")}
    left = [
        what for what, has in held.items() if any(has(each) for each in {id(part): part for part in parts}.values())
    ]
    if left:
        warnings.warn(f"the parts have {' and '.join(left)}: the whole begins without, give it its own", stacklevel=3)


def _take_columns(core: Core, parts: Sequence[Module], rows: Sequence[Ints]) -> None:
    first = 0  # the number that the first synapse of the part has in the whole
    moved: dict[tuple[str, str], list[Any]] = {}
    for part, where in zip(parts, rows, strict=True):
        for table, at in (("nodes", where), ("edges", first + np.arange(edge_count(part.model)))):
            for name, column in part._core.columns[table].items():
                moved.setdefault((table, name), []).append(column.set_axis(at[column.index]))
        first += edge_count(part.model)
        core.of_ends = list(dict.fromkeys([*core.of_ends, *part._core.of_ends]))
    if moved:
        import pandas as pd

        for (table, name), columns in moved.items():
            core.columns[table][name] = pd.concat(columns)


def _points(xyzr: Sequence[Any] | None, count: int) -> list[np.ndarray] | None:
    if xyzr is None:
        return None
    if len(_listed("xyzr", xyzr)) != count:
        raise ModelError(f"xyzr holds {len(xyzr)} arrays for {count} branches")
    found = []
    for i, each in enumerate(xyzr):
        points = numbers(f"xyzr[{i}]", each)
        if points.ndim != 2 or points.shape[1] != 4:
            raise ModelError(f"xyzr[{i}] is (points, 4), not {points.shape}")
        if not np.isfinite(points).all():
            raise ModelError(f"xyzr[{i}] holds a value that is not a number")
        found.append(points * [1.0, 1.0, 1.0, 2.0])
    return found
