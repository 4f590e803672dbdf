"""Module: the verbs that every class and every view has.

In: a Core and the rows that this module sees. Out: edits of the Core; each makes a new frozen Model, so that one that
fails leaves the module as it was. No JAX until something runs.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.model import file, find
from jxneuron.model.model import Ints, Placement, Play, Probe
from jxneuron.modules import columns, describe, edges, edit, points, saving, tables
from jxneuron.modules.spatial import Spatial
from jxneuron.modules.stepping import Stepping
from jxneuron.modules.values import is_traced, numbers
from jxneuron.wording import did_you_mean

if TYPE_CHECKING:
    import pandas as pd


class Module(Stepping, Spatial):
    """Compartments and what is known of them; see Compartment, Branch, Cell and Network."""

    @property
    def base(self) -> Module:
        """The whole module that a view was taken of."""
        return self

    def _view(self, rows: Ints, by: str, ends: Ints | None = None) -> View:
        return View(self.base, rows, by, ends)

    def _section_view(self, rows: Ints, index: int) -> SectionView:
        return SectionView(self.base, rows, "branch", None, index)

    def _edge_view(self, numbers: Ints, by: str) -> EdgeView:
        return EdgeView(self.base, numbers, by)

    # Editing

    def set(self, key: str, value: Any) -> None:
        """Give a parameter or a state a value on these compartments.

        Args:
            key: ``radius``, ``length``, ``axial_resistivity``, ``capacitance``, ``v``, NEURON's names for them
                (``diam``, ``L``, ``Ra``, ``cm``), a mechanism's variable (``gnabar_hh``), an ion's (``ena``); on the
                whole module a GLOBAL, ``celsius``, and ``usetable_hh`` (1: the rates of hh come from its TABLEs, 0:
                they are computed). Units as in ``nodes``.
            value: one number, or one for each compartment that has the key.

        Raises:
            KeyError: there is no such key; names near matches.
            ModelError: a wrong length or a value that no run could take. The module is unchanged.
        """
        core = self._core
        column = columns.find(core.model, core.mechanisms, key)
        nodes = self._nodes_with(column)
        core.model = columns.write(core.model, column, nodes, _values(key, value, column, len(nodes)))

    def get(self, key: str) -> Any:
        """Present values on the compartments that have the key, (k,); () where there is one for the whole module.

        Raises:
            KeyError: there is no such key; names near matches.
        """
        core = self._core
        column = columns.find(core.model, core.mechanisms, key)
        values = columns.read(core.model, column)
        return values if column.whole else values[..., np.searchsorted(column.nodes, self._nodes_with(column))]

    def insert(self, mechanism: Any) -> None:
        """Add a mechanism on these compartments, with its defaults; where it is already, nothing changes.

        Args:
            mechanism: a name that is packaged (``"hh"``, ``"pas"``) or that the module knows, a translated mechanism
                (``jx.mechanism``), or a ``Channel``.

        Raises:
            ModelError: no such mechanism, a point process, or the module has another mechanism of that name.
        """
        self._require_compartments("insert")
        core = self._core
        found = edit.mechanism(core, mechanism)
        edit.insert_with_shared(core, found, core.rows.node[self._visible()])

    def delete_channel(self, mechanism: Any) -> None:
        """Take a mechanism off these compartments, or delete the synapses of a type between them, or point processes.

        What is recorded, clamped and played of what is deleted goes with it; synapses that stay are numbered anew.

        Args:
            mechanism: itself or its name; of point processes also NEURON's name of one (``IClamp[0]``, see ``points``).

        Raises:
            ModelError: none of them has it; what is trained or pointed at. The module is unchanged.
        """
        core, name = self._core, edit.name_of(mechanism)
        if name in self.synapse_names:
            edges.remove(core, self._synapses_named(name)._edge_numbers())
            return
        self._require_compartments(f"delete({name!r})")
        if points.labels_in(self.base, name):
            points.remove(core, points.required(self, name))
            return
        core.model = edit.uninsert(core.model, name, core.rows.node[self._visible()])

    delete = delete_channel

    def set_ncomp(self, ncomp: int, initialize: bool = True) -> None:
        """Cut each of these branches into ``ncomp`` compartments, as NEURON does when ``nseg`` changes.

        Args:
            ncomp: 1 to 32767.
            initialize: accepted; a run makes itself ready.

        Raises:
            ModelError: ``ncomp`` is no positive whole number, or recordings, stimuli or trainables refer to the branch.
        """
        del initialize
        self._require_compartments("set_ncomp")
        edit.set_nseg(self._core, self._visible(), ncomp)
        self._made_of = self._core.rows
        self._rows = self._rows_after_cut()

    def set_nseg(self, nseg: int) -> None:
        """As ``set_ncomp``."""
        self.set_ncomp(nseg)

    def _rows_after_cut(self) -> Ints:
        return np.arange(len(self._core.rows.node))

    def add_to_group(self, name: str) -> None:
        """Let these compartments be found as ``module.<name>``.

        Raises:
            ModelError: on a whole module, or for a name that is taken or no identifier.
        """
        self._require_compartments("add_to_group")
        rows = self._visible()
        if len(rows) == len(self._core.rows.node) and not isinstance(self, View):
            raise ModelError(f"add_to_group({name!r}) takes a view: a whole module needs no group")
        if not isinstance(name, str) or not name.isidentifier() or self._means_something(name):
            raise ModelError(f"{name!r} cannot name a group: it is no identifier, or already means something else")
        members = self._core.groups.get(name, np.zeros(len(self._core.rows.node), bool)).copy()
        members[rows] = True
        self._core.groups[name] = members

    def _means_something(self, name: str) -> bool:
        core = self._core
        mechanisms = [each.mechanism for each in core.model.placements]
        taken = name in mechanisms or name in columns.names(core.model, core.mechanisms) or name in tables.FIXED
        return taken or hasattr(type(self), name)

    @property
    def group_nodes(self) -> dict[str, pd.DataFrame]:
        """``nodes`` of each group."""
        return {name: getattr(self, name).nodes for name in self._core.groups}

    # Tables

    @property
    def nodes(self) -> pd.DataFrame:
        """One row per compartment: indices, geometry (um, ohm cm, uF/cm2), ``v`` (mV), mechanisms, parameters, states.

        A copy: change values with ``set``. A new column is remembered; ``controlled_by_param`` says which rows share a
        trainable parameter, and may be changed (see ``make_trainable``).
        """
        rows = self._visible()
        return self._framed("nodes", tables.nodes(self._core, rows, self._local), rows)

    def show(
        self,
        param_names: Any = None,
        *,
        indices: bool = True,
        params: bool = True,
        states: bool = True,
        channel_names: Any = None,
    ) -> pd.DataFrame:
        """Chosen columns of ``nodes``.

        Args:
            param_names: one name or several; None takes all.
            indices: show the index columns.
            params: show parameters.
            states: show states.
            channel_names: only what belongs to these mechanisms.
        """
        return tables.show(self._core, self.nodes, param_names, indices, params, states, channel_names)

    @property
    def points(self) -> pd.DataFrame:
        """Point processes of an import in these compartments, stimuli among them; synapses are in ``edges``.

        One row each: ``label`` (NEURON's name), ``mechanism``, ``section``, ``x``, then its variables.
        ``module.IClamp`` is a view of those of one mechanism, with ``set``, ``get``, ``record`` and ``delete``.
        """
        return tables.for_points(self)

    @property
    def plays(self) -> pd.DataFrame:
        """What an import plays into variables (Vector.play).

        One row each: ``target``, ``kind``, how many ``points``, ``begins`` and ``ends`` in ms.
        """
        return tables.for_plays(self)

    def delete_plays(self, target: str | None = None) -> None:
        """Play nothing into variables of these compartments.

        Args:
            target: of one variable, as ``plays`` calls it; None takes all.

        Raises:
            KeyError: nothing is played into such a variable here; names near matches.
        """
        self._require_compartments("delete_plays")
        here = [each for each in self.model.plays if self._played_here(each)]
        if target is not None and target not in (each.target.name for each in here):
            known = [each.target.name for each in here]
            raise KeyError(f"nothing is played into {target!r} here{did_you_mean(target, known)}")
        gone = {id(each) for each in here if target in (None, each.target.name)}
        kept = tuple(each for each in self.model.plays if id(each) not in gone)
        self._core.model = dataclasses.replace(self.model, plays=kept)

    def _played_here(self, play: Play) -> bool:
        return self.base is self or self._recorded_here(play.target)

    @property
    def recordings(self) -> pd.DataFrame:
        """The rows that ``integrate`` returns: ``state``, ``rec_index`` (row of ``nodes``, -1 beside it), ``name``."""
        return tables.recordings(self._core)

    @property
    def externals(self) -> dict[str, Any]:
        """Injected currents (``i``, nA) and clamped states: (inputs, time) each, read-only.

        An import's own stimuli are point processes: see ``points``, and ``plays`` for what is played into them.
        """
        return edit.externals(self._core)

    # Whole modules

    def save(self, path: Any) -> None:
        """Write one file that ``jx.open`` reads on a machine without NEURON, as a module of the same class.

        It holds groups and columns of ``nodes`` and ``edges`` too.

        Raises:
            ModelError: the file cannot be written; a view; something that no file holds: hand-written mechanisms,
                stimuli, clamps, trainables.
        """
        file.save(saving.saveable(self), path)

    def copy(self) -> Module:
        """A module of its own with the same contents."""
        return copy.deepcopy(self)


class View(Module):
    """Some rows of a module; holds their numbers and no copy."""

    def __init__(self, base: Module, rows: Ints, by: str, ends: Ints | None = None) -> None:
        super().__init__(base._core, rows, by, ends)
        self._base = base
        self._levels = _levels_below(base._levels, by)

    @property
    def base(self) -> Module:
        """The whole module that this view was taken of."""
        return self._base

    def _rows_after_cut(self) -> Ints:
        return np.flatnonzero(np.isin(self._core.rows.section, self._sections_before_cut))

    def set_ncomp(self, ncomp: int, initialize: bool = True) -> None:
        """As Module.set_ncomp, on these branches."""
        self._sections_before_cut = np.unique(self._core.rows.section[self._visible()])
        super().set_ncomp(ncomp, initialize)
        self._base._made_of = self._core.rows
        self._base._rows = np.arange(len(self._core.rows.node))


class EdgeView(View):
    """Some synapses of a module; ``pre`` and ``post`` are the compartments that they connect.

    Every verb takes parameters and states of these synapses. Those of compartments are refused.

    Args:
        base: the whole module.
        numbers: (edge,) rows of its ``edges``.
        by: ``edge`` where each synapse gets trainable parameters of its own, ``module`` where they are shared.
    """

    def __init__(self, base: Module, numbers: Ints, by: str) -> None:
        every, at = edges.edges_of(base.model), base._core.rows.of_node
        nodes = np.concatenate([every.pre[numbers], every.post[numbers]])
        rows = np.unique(at[nodes[nodes >= 0]])
        super().__init__(base, rows, by)
        self._numbers_of_edges = numbers
        self._deletions = base._core.deletions

    def delete(self, mechanism: Any = None) -> None:
        """Delete these synapses, or those of one type among them; see ``delete_channel``.

        Raises:
            ModelError: some of them are trained, or none is of that type. The module is unchanged.
        """
        if mechanism is not None:
            self.delete_channel(mechanism)
        else:
            edges.remove(self._core, self._edge_numbers())

    def _edge_numbers(self) -> Ints:
        self._visible()
        if self._deletions != self._core.deletions:
            raise ModelError("this view was taken before synapses were deleted or numbered anew: take it anew")
        return self._numbers_of_edges

    @property
    def pre(self) -> View:
        """The compartments whose voltages these synapses read."""
        return self._side(edges.edges_of(self.model).pre)

    @property
    def post(self) -> View:
        """The compartments into which the currents of these synapses flow."""
        return self._side(edges.edges_of(self.model).post)

    def _side(self, nodes: Ints) -> View:
        here = nodes[self._edge_numbers()]
        return View(self.base, np.unique(self._core.rows.of_node[here[here >= 0]]), "comp")

    def _require_compartments(self, what: str) -> None:
        raise ModelError(f"{what}: these are synapses; their compartments are .pre and .post")

    def _view(self, rows: Ints, by: str, ends: Ints | None = None) -> View:
        self._require_compartments("cell, branch, comp, loc, groups")
        return super()._view(rows, by, ends)

    def _section_view(self, rows: Ints, index: int) -> SectionView:
        self._require_compartments("section")
        return super()._section_view(rows, index)

    def _nodes_with(self, column: columns.Column) -> Ints:
        if not column.of_synapses:
            self._require_compartments(column.key)
        return super()._nodes_with(column)

    @property
    def shape(self) -> tuple[int, ...]:
        """How many synapses there are."""
        return (len(self._numbers_of_edges),)

    def _before_size(self) -> list[str]:
        return [describe.many(len(self._numbers_of_edges), "synapse")]

    def __getitem__(self, index: Any) -> EdgeView:
        """As ``edge(index)``."""
        return self.edge(index)

    def __iter__(self) -> Iterator[View]:
        """The synapses one by one."""
        return (self.edge(k) for k in range(len(self._numbers_of_edges)))

    def show(
        self,
        param_names: Any = None,
        *,
        indices: bool = True,
        params: bool = True,
        states: bool = True,
        channel_names: Any = None,
    ) -> pd.DataFrame:
        """Chosen columns of ``edges``; arguments as for modules, ``channel_names`` means types of synapses."""
        table = self.edges.dropna(axis="columns", how="all")
        return tables.show(self._core, table, param_names, indices, params, states, channel_names)

    def delete_recordings(self) -> None:
        """Record nothing of these synapses."""
        super().delete_recordings()

    def _recorded_here(self, probe: Probe) -> bool:
        return probe.node < 0 and super()._recorded_here(probe)

    def delete_clamps(self, state_name: str | None = None) -> None:
        """Remove the clamps of these synapses, of one state or of all."""
        if state_name is not None and columns.find(self.model, self._core.mechanisms, state_name).kind != "edge":
            self._require_compartments(f"delete_clamps({state_name!r})")
        for name in [state_name] if state_name else self.synapse_state_names:
            super().delete_clamps(name)

    def _among(self, placement: Placement) -> np.ndarray:
        if not columns.connects(self.model, placement):
            return np.zeros(len(placement.node), bool)
        return np.isin(np.arange(len(placement.node)), edges.instances_of(self.model, placement, self._edge_numbers()))

    def _is_whole(self) -> bool:
        return False

    def _means_synapses(self) -> bool:
        return True


class SectionView(View):
    """One section by NEURON's name, whose ``loc(0.0)`` and ``loc(1.0)`` are NEURON's end nodes."""

    def __init__(self, base: Module, rows: Ints, by: str, ends: Ints | None, index: int) -> None:
        super().__init__(base, rows, by, ends)
        self._index = index

    def loc(self, at: Any) -> View:
        """The compartments that hold those locations, 0..1.

        At 0 and 1 a recording of ``v`` is that of NEURON's end node there; membrane mechanisms, stimuli and every
        other verb go to the nearest compartment.

        Raises:
            ModelError: a location outside 0..1.
        """
        view = super().loc(at)
        if np.ndim(at) == 0 and not isinstance(at, str) and float(at) in (0.0, 1.0):
            view._ends = np.array([find.node_at(self.model.sections[self._index], float(at))])
        return view


def _levels_below(levels: tuple[str, ...], by: str) -> tuple[str, ...]:
    return levels[levels.index(by) + 1 :] if by in levels else levels


def _values(key: str, value: Any, column: columns.Column, count: int) -> Any:
    """What was given as numbers, of the right length.

    Raises:
        ModelError: not numbers, or a wrong number of them.
        TypeError: a traced value.
    """
    if is_traced(value):
        raise TypeError(f"set({key!r}) under jit or grad: use data_set, which changes no module")
    switch = column.kind == "table" and isinstance(value, (bool, np.bool_))
    found = numbers(f"set({key!r})", int(value) if switch else value)
    expected = () if column.whole else (count,)
    if found.shape not in ((), (1,), expected):
        what = f"{count} {column.holders}"
        raise ModelError(f"set({key!r}): {found.shape} values for {what}: give one, or one for each")
    return found.reshape(()) if column.whole and found.size == 1 else np.broadcast_to(found, expected)
