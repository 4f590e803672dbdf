"""Selection: which compartments a module sees, and every way to see fewer of them.

In: a Core and rows. Out: views, by number, location, name and group.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.model import find
from jxneuron.model.model import Ints, Model
from jxneuron.modules import assigning, columns, describe, edges, edit, points
from jxneuron.modules.core import Core
from jxneuron.modules.select import chosen, locations, ranks
from jxneuron.wording import did_you_mean

if TYPE_CHECKING:
    from jxneuron.modules.module import SectionView, View

LEVELS = ("cell", "branch", "comp")


class Selection:
    """Compartments of a Core.

    Args:
        core: shared with every view.
        rows: (row,) the compartments that this module sees.
        by: what gets a trainable parameter of its own: ``module``, ``cell``, ``branch`` or ``comp``.
        ends: for each row the zero-area node to record the voltage of, -1 for the compartment itself.
    """

    def __init__(self, core: Core, rows: Ints, by: str = "module", ends: Ints | None = None) -> None:
        self._core = core
        self._rows = rows
        self._by = by
        self._ends = ends
        self._made_of = core.rows

    @property
    def model(self) -> Model:
        """The frozen Model of the module and of all its views."""
        return self._core.model

    @property
    def base(self) -> Selection:
        """The whole module that a view was taken of."""
        return self

    def __repr__(self) -> str:
        return describe.line(self)

    def _repr_html_(self) -> str:
        return describe.html(self)

    def _counts(self) -> tuple[int, int, int]:
        rows = self._visible()
        table = self._core.rows
        return len(np.unique(table.cell[rows])), len(np.unique(table.section[rows])), len(rows)

    def _before_size(self) -> list[str]:
        """What a module says of itself before its size."""
        return []

    @property
    def shape(self) -> tuple[int, ...]:
        """How many cells, branches and compartments: what the class can be indexed by."""
        return self._counts()[-len(self._levels) :] if self._levels else self._counts()[-1:]

    _levels: tuple[str, ...] = LEVELS

    def __enter__(self) -> Self:
        """``with net.cell(0) as cell:`` gives the view a name."""
        return self

    def __exit__(self, *raised: object) -> None:
        """Nothing to undo."""

    def __len__(self) -> int:
        """The number of the topmost parts: cells of a network, branches of a cell, compartments of a branch."""
        return self.shape[0]

    def _visible(self) -> Ints:
        """The rows of this module.

        Raises:
            ModelError: a view of a module that has been cut into other compartments since.
        """
        if self._made_of is not self._core.rows:
            raise ModelError("this view was taken before the module was cut into other compartments: take it anew")
        return self._rows

    @property
    def _local(self) -> dict[str, Ints]:
        """Numbers of cell, branch and compartment counted within this view, (row,) each."""
        return {level: self._numbers(level) for level in LEVELS}

    def _numbers(self, level: str) -> Ints:
        """As ``_local``, of one level; counted once for the rows as they are."""
        held = self.__dict__.setdefault("_counted", {})
        if held.get("rows") is not self._rows:
            held.clear()
            held["rows"] = self._rows
        if level not in held:
            table, rows = self._core.rows, self._rows
            outer, inner = {
                "cell": (None, table.cell),
                "branch": (table.cell, table.section),
                "comp": (table.section, table.comp),
            }[level]
            held[level] = ranks(None if outer is None else outer[rows], inner[rows])
        return held[level]

    def _view(self, rows: Ints, by: str, ends: Ints | None = None) -> View:
        raise NotImplementedError

    def _section_view(self, rows: Ints, index: int) -> SectionView:
        raise NotImplementedError

    def _at(self, level: str, index: Any) -> View:
        rows = self._visible()
        numbers = self._numbers(level)
        count = int(numbers.max(initial=-1)) + 1
        wanted = np.zeros(count, bool)
        wanted[chosen(index, count, level)] = True
        return self._view(rows[wanted[numbers]], level)

    def cell(self, index: Any) -> View:
        """The cells of that number: an integer, a list, a slice, a boolean mask or ``"all"``."""
        return self._at("cell", index)

    def branch(self, index: Any) -> View:
        """The branches of that number in each cell of this module."""
        return self._at("branch", index)

    def comp(self, index: Any) -> View:
        """The compartments of that number in each branch of this module."""
        return self._at("comp", index)

    def loc(self, at: Any) -> View:
        """The compartments that hold those locations, 0..1, in each branch of this module.

        Raises:
            ModelError: a location outside 0..1.
        """
        rows, table = self._visible(), self._core.rows
        section, comp = table.section[rows], table.comp[rows]
        nseg = table.nseg[section]
        held = np.zeros(len(rows), bool)
        for count in np.unique(nseg):
            wanted = np.zeros(count, bool)
            wanted[locations(at, int(count))] = True
            here = nseg == count
            held[here] = wanted[comp[here]]
        return self._view(rows[held], "comp")

    def section(self, name: str) -> SectionView:
        """The section that NEURON calls so: ``dend[3]``, ``Cell[0].soma[0]``.

        Raises:
            ModelError: there is none; names near matches.
        """
        index = find.section(self.model, name)
        rows = self._visible()
        return self._section_view(rows[self._core.rows.section[rows] == index], index)

    def at(self, name: str) -> View:
        """The place that NEURON calls so: ``Cell[0].dend[3](0.5)``.

        Raises:
            ModelError: there is no such section, or x lies outside 0..1.
        """
        owner, _, rest = name.rpartition("(")
        try:
            x = float(rest.removesuffix(")"))
        except ValueError:
            raise ModelError(f"{name!r}: a place is written section(x)") from None
        return self.section(owner).loc(x)

    def __getitem__(self, index: Any) -> View:
        """``net[0, 2, 1]`` is ``net.cell(0).branch(2).comp(1)``."""
        view: Any = self
        given = index if isinstance(index, tuple) else (index,)
        if len(given) > len(self._levels):
            raise IndexError(f"a {type(self).__name__} is indexed by {', '.join(self._levels) or 'nothing'}")
        for level, each in zip(self._levels, given, strict=False):
            view = view._at(level, each)
        return view

    def __iter__(self) -> Iterator[View]:
        """The topmost parts one by one."""
        level = self._levels[0] if self._levels else "comp"
        return (self._at(level, k) for k in range(self.shape[0]))

    @property
    def cells(self) -> Iterator[View]:
        """Each cell in turn."""
        return (self.cell(k) for k in range(int(self._numbers("cell").max(initial=-1)) + 1))

    @property
    def branches(self) -> Iterator[View]:
        """Each branch in turn."""
        rows = self._visible()
        section = self._core.rows.section[rows]
        return (self._view(rows[section == each], "branch") for each in dict.fromkeys(section.tolist()))

    @property
    def comps(self) -> Iterator[View]:
        """Each compartment in turn."""
        rows = self._visible()
        return (self._view(rows[k : k + 1], "comp") for k in range(len(rows)))

    def _require_compartments(self, what: str) -> None:
        """What is asked of compartments; a view of synapses refuses it."""

    def _edge_numbers(self) -> Ints:
        """Numbers of the synapses of this module."""
        raise NotImplementedError

    def _synapses_named(self, name: str) -> View:
        raise NotImplementedError

    def edge(self, index: Any) -> View:
        """The synapses of that number among those of this module."""
        raise NotImplementedError

    def select(self, nodes: Any = None, edges: Any = None) -> View:
        """The compartments with those numbers in ``nodes`` of this module, or the synapses with those in ``edges``.

        Raises:
            ModelError: both, or neither.
        """
        if (nodes is None) == (edges is None):
            raise ModelError("select takes numbers of nodes or numbers of edges")
        if nodes is None:
            return self.edge(edges)
        visible, rows = self._visible(), nodes
        return self._view(visible[chosen(rows, len(visible), "comp")], "comp")

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse what would change nothing; classes of users may have attributes that their bodies declare."""
        if not name.startswith("_") and not assigning.is_declared(type(self), name):
            raise AttributeError(assigning.refusal(self, name, value))
        super().__setattr__(name, value)

    def __setitem__(self, index: Any, value: Any) -> None:
        """Refuse what a module does not have: a view is taken first, then changed with ``set``."""
        raise TypeError(
            f"[{index!r}] = ... changes no module: take a view, module[...], and call .set(key, value) of it"
        )

    def __getattr__(self, name: str) -> Any:
        core = self.__dict__.get("_core")
        if core is None or name.startswith("_"):
            raise AttributeError(name)
        if name in edges.types(core.model):
            return self._synapses_named(name)
        if name in points.names(core.model):
            labels = points.labels_in(self, name)
            if not labels:
                raise AttributeError(f"{name} is in none of these compartments; see .base.points")
            return points.PointView(self, name, labels)
        if name in core.groups:
            rows = self._visible()
            return self._view(rows[core.groups[name][rows]], "module")
        stem = edit.stem_rows(core, name)
        if stem is not None:
            rows = self._visible()
            return self._view(rows[stem[rows]], "module")
        keys = columns.names(core.model, core.mechanisms)
        if name in keys:
            raise AttributeError(
                f"{name} is a parameter or state: read it with .get({name!r}) or .nodes, change it with .set"
            )
        known = [
            *core.groups,
            *(each.mechanism for each in core.model.placements if each.kind != "density"),
            *edit.stems(core),
            *(each for each in dir(type(self)) if not each.startswith("_")),
            *keys,
        ]
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}{did_you_mean(name, known)}")
