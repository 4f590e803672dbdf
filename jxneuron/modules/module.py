"""Module: the verbs that every class and every view has.

In: a Core and the rows that this module sees. Out: edits of the Core; each makes a new frozen Model, so that one that
fails leaves the module as it was. No JAX until something runs.
"""

from __future__ import annotations

import copy
import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.model import file, find
from jxneuron.model.model import Ints
from jxneuron.modules import columns, edit, tables
from jxneuron.modules.core import Input, Trainable
from jxneuron.modules.selection import Selection

if TYPE_CHECKING:
    import pandas as pd


class Module(Selection):
    """Compartments and what is known of them; see Compartment, Branch, Cell and Network."""

    @property
    def base(self) -> Module:
        """The whole module that a view was taken of."""
        return self

    def _view(self, rows: Ints, by: str, ends: Ints | None = None) -> View:
        return View(self.base, rows, by, ends)

    def _section_view(self, rows: Ints, index: int) -> SectionView:
        return SectionView(self.base, rows, "branch", None, index)

    # Editing

    def set(self, key: str, value: Any) -> None:
        """Give a parameter or a state a value on these compartments.

        Args:
            key: ``radius``, ``length``, ``axial_resistivity``, ``capacitance``, ``v``, NEURON's names for them
                (``diam``, ``L``, ``Ra``, ``cm``), a mechanism's variable (``gnabar_hh``), an ion's (``ena``), a GLOBAL
                or ``celsius`` on the whole module. Units as in ``nodes``.
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

    def _nodes_with(self, column: columns.Column) -> Ints:
        """The nodes of this view that have the column, in the order of its rows."""
        rows = self._visible()
        if column.whole:
            if len(rows) != len(self._core.rows.node):
                raise ModelError(f"{column.key} is one value for the whole module: say so on the module, not on a view")
            return column.nodes
        nodes = self._core.rows.node[rows]
        held = nodes[np.isin(nodes, column.nodes)]
        if not len(held):
            raise ModelError(f"{column.key}: none of these compartments has it; insert {column.owner} there first")
        return held

    def insert(self, mechanism: Any) -> None:
        """Add a mechanism on these compartments, with its defaults; where it is already, nothing changes.

        Args:
            mechanism: a name that is packaged (``"hh"``, ``"pas"``) or that the module knows, a translated mechanism
                (``jx.mechanism``), or a ``Channel``.

        Raises:
            ModelError: no such mechanism, a point process, or another mechanism of that name stands in the module.
        """
        core = self._core
        found = edit.mechanism(core, mechanism)
        core.model = edit.insert(core.model, found, self._core.rows.node[self._visible()])
        core.mechanisms = {**core.mechanisms, found.name: found}

    def delete_channel(self, mechanism: Any) -> None:
        """Take a mechanism off these compartments.

        Raises:
            ModelError: none of them has it.
        """
        core = self._core
        core.model = edit.uninsert(core.model, edit.name_of(mechanism), core.rows.node[self._visible()])

    def set_ncomp(self, ncomp: int) -> None:
        """Cut each of these branches into ``ncomp`` compartments, as NEURON does when ``nseg`` changes.

        Raises:
            ModelError: ``ncomp`` is no positive whole number, or recordings, stimuli or trainables refer to the branch.
        """
        edit.set_nseg(self._core, self._visible(), ncomp)
        self._made_of = self._core.rows
        self._rows = self._rows_after_cut()
        self.__dict__.pop("_local", None)

    set_nseg = set_ncomp

    def _rows_after_cut(self) -> Ints:
        return np.arange(len(self._core.rows.node))

    def add_to_group(self, name: str) -> None:
        """Let these compartments be found as ``module.<name>``.

        Raises:
            ModelError: on a whole module, or for a name that is taken or no identifier.
        """
        rows = self._visible()
        if len(rows) == len(self._core.rows.node) and not isinstance(self, View):
            raise ModelError(f"add_to_group({name!r}) takes a view: a whole module needs no group")
        if not name.isidentifier() or hasattr(type(self), name):
            raise ModelError(f"{name!r} cannot name a group: it is no identifier, or already means something else")
        members = self._core.groups.get(name, np.zeros(len(self._core.rows.node), bool)).copy()
        members[rows] = True
        self._core.groups[name] = members

    @property
    def group_nodes(self) -> dict[str, pd.DataFrame]:
        """``nodes`` of each group."""
        return {name: getattr(self, name).nodes for name in self._core.groups}

    # Training

    def make_trainable(self, key: str, init_val: Any = None, verbose: bool = True) -> None:
        """Let ``get_parameters`` return this parameter or state.

        One value is shared by the whole view, by each cell of ``.cell(...)``, by each branch of ``.branch(...)``, or
        stands for each compartment of ``.comp(...)`` and ``.loc(...)``.

        Args:
            key: as for ``set``; also states (``v``, ``m_hh``): what the run starts from.
            init_val: one number, or one for each new parameter; None takes the mean of present values.
            verbose: print how many parameters were added.

        Raises:
            KeyError: there is no such key.
            ModelError: a wrong number of values.
        """
        core = self._core
        column = columns.find(core.model, core.mechanisms, key)
        nodes = self._nodes_with(column)
        group = self._group_of(nodes) if not column.whole else np.zeros(0, np.int64)
        count = int(group.max(initial=0)) + 1
        core.trainables.append(
            Trainable(column, nodes, group, self._start_values(key, column, nodes, group, count, init_val))
        )
        if verbose:
            total = sum(len(each.values) for each in core.trainables)
            print(f"Number of newly added trainable parameters: {count}. Total number of trainable parameters: {total}")

    def _group_of(self, nodes: Ints) -> Ints:
        rows = self._visible()
        held = rows[np.isin(self._core.rows.node[rows], nodes)]
        table = self._core.rows
        numbers = {"module": np.zeros(len(held), np.int64), "cell": table.cell[held], "branch": table.section[held]}
        return np.unique(numbers.get(self._by, np.arange(len(held))), return_inverse=True)[1]

    def _start_values(self, key: str, column: Any, nodes: Ints, group: Ints, count: int, init_val: Any) -> Any:
        if init_val is None:
            values = np.atleast_1d(self._present(column, nodes) if column.state else self.get(key))
            if column.whole:
                return values[:1].astype(float)
            return np.bincount(group, values, count) / np.bincount(group, minlength=count)
        given = np.asarray(init_val, float)
        if given.ndim > 1 or (given.ndim == 1 and len(given) != count):
            raise ModelError(
                f"make_trainable({key!r}): {count} parameters are created, init_val has {given.size} values"
            )
        return np.broadcast_to(given, (count,)).copy()

    def _present(self, column: Any, nodes: Ints) -> Any:
        """What a state starts with: INITIAL's value where none was set."""
        from jxneuron.modules import running

        return running.initial_values(self._core, column, nodes)

    def get_parameters(self) -> list[dict[str, Any]]:
        """What is trained, ``{key: (groups,) array}`` each: what ``integrate`` takes as ``params``."""
        from jxneuron.modules import trainable

        return trainable.get_parameters(self._core)

    @property
    def trainable_params(self) -> list[dict[str, Any]]:
        """As ``get_parameters``."""
        return self.get_parameters()

    def write_trainables(self, params: Any) -> None:
        """Make trained values the module's own.

        Raises:
            ModelError: not of the form of ``get_parameters``, or a value that no run could take.
        """
        from jxneuron.modules import trainable

        trainable.write(self._core, params)

    def data_set(self, key: str, value: Any, param_state: Any) -> list[dict[str, Any]]:
        """As ``set`` inside ``jit`` and ``grad``: returns a ``param_state`` for ``integrate``, touches nothing.

        Args:
            key: as for ``set``.
            value: one number or one for each compartment that has the key; may be traced.
            param_state: what an earlier ``data_set`` returned, or None.
        """
        from jxneuron.modules import trainable

        column = columns.find(self.model, self._core.mechanisms, key)
        return trainable.data_set(self._core, self._nodes_with(column), column, value, param_state)

    def get_all_parameters(self, pstate: Any = ()) -> Any:
        """Every parameter, values of a pstate in place, and the axial couplings derived from them."""
        from jxneuron.modules import running

        return running.get_all_parameters(self._core, pstate)

    def get_all_states(self, pstate: Any = (), all_params: Any = None, delta_t: float = 0.025) -> Any:
        """The full initial state, currents included, under the names of ``nodes``."""
        from jxneuron.modules import running

        return running.get_all_states(self._core, all_params or self.get_all_parameters(pstate), delta_t)

    def delete_trainables(self) -> None:
        """Train nothing."""
        self._core.trainables.clear()

    @property
    def num_trainable_params(self) -> int:
        """How many numbers ``get_parameters`` holds."""
        return sum(len(each.values) for each in self._core.trainables)

    # Inputs and records

    def record(self, state: str = "v", verbose: bool = True) -> None:
        """Record a state, a current or a concentration on each of these compartments.

        Args:
            state: ``v``, ``m_hh``, ``ina``, ``cai``, a mechanism's current; or NEURON's whole name on the whole
                module: ``soma(0.5).v``, ``IClamp[0].i``.
            verbose: print how many were added.

        Raises:
            KeyError: there is no such state; names near matches.
            ModelError: none of these compartments has it.
        """
        probes = edit.probes(self._core, state, self._visible(), self._ends)
        known = {(each.variable, each.node, each.label) for each in self.model.probes}
        new = [each for each in probes if (each.variable, each.node, each.label) not in known]
        self._core.model = dataclasses.replace(self.model, probes=(*self.model.probes, *new))
        if verbose:
            print(f"Added {len(new)} recordings. See `.recordings` for details.")

    def delete_recordings(self) -> None:
        """Record nothing on these compartments."""
        nodes = set(self._core.rows.node[self._visible()].tolist())
        keep = [] if self.base is self else [each for each in self.model.probes if each.node not in nodes]
        self._core.model = dataclasses.replace(self.model, probes=tuple(keep))

    def stimulate(self, current: Any, verbose: bool = True) -> None:
        """Inject current into each of these compartments.

        Args:
            current: nA, (time,) or (rows, time); sample k acts in the step from t_k to t_(k+1).
            verbose: print how many were added.

        Raises:
            ModelError: a wrong shape, or not a number.
        """
        self._add_input("i", current, verbose)

    def clamp(self, state_name: str, state_array: Any, verbose: bool = True) -> None:
        """Hold a state at given values: after step k it is sample k.

        Args:
            state_name: ``v`` or a mechanism's state.
            state_array: (time,) or (rows, time), in the state's unit.
            verbose: print how many were added.

        Raises:
            KeyError: there is no such state.
            ModelError: a wrong shape, or not a number.
        """
        column = columns.find(self.model, self._core.mechanisms, state_name)
        if not column.state:
            raise ModelError(f"{state_name} is a parameter: set it, or clamp a state")
        self._add_input(state_name, state_array, verbose)

    def data_stimulate(self, current: Any, data_stimuli: Any = None) -> list[Input]:
        """As ``stimulate`` for one run: returns ``data_stimuli`` for ``integrate``, touches nothing; may be traced."""
        return [*(data_stimuli or []), self._data_input("i", current)]

    def data_clamp(self, state_name: str, state_array: Any, data_clamps: Any = None) -> list[Input]:
        """As ``clamp`` for one run: returns ``data_clamps`` for ``integrate``, touches nothing; may be traced."""
        return [*(data_clamps or []), self._data_input(state_name, state_array)]

    def _data_input(self, key: str, values: Any) -> Input:
        nodes = self._input_nodes(key)
        return Input(key, nodes, edit.traced_samples(key, values, len(nodes)))

    def _add_input(self, key: str, values: Any, verbose: bool) -> None:
        nodes = self._input_nodes(key)
        self._core.inputs.append(Input(key, nodes, edit.samples(key, values, len(nodes))))
        if verbose:
            print(f"Added {len(nodes)} external_states. See `.externals` for details.")

    def _input_nodes(self, key: str) -> Ints:
        rows = self._visible()
        if key == "i":
            return self._core.rows.node[rows]
        return self._nodes_with(columns.find(self.model, self._core.mechanisms, key))

    def delete_stimuli(self) -> None:
        """Remove the injected currents of these compartments."""
        self._delete_inputs(lambda key: key == "i")

    def delete_clamps(self, state_name: str | None = None) -> None:
        """Remove the clamps of these compartments, of one state or of all."""
        self._delete_inputs(lambda key: key != "i" and state_name in (None, key))

    def _delete_inputs(self, matches: Any) -> None:
        nodes = self._core.rows.node[self._visible()]
        self._core.inputs[:] = [
            kept
            for each in self._core.inputs
            for kept in ([edit.outside(each, nodes)] if matches(each.key) else [each])
            if len(kept.nodes)
        ]

    # Tables

    @property
    def nodes(self) -> pd.DataFrame:
        """One row per compartment: indices, geometry (um, ohm cm, uF/cm2), ``v`` (mV), mechanisms, parameters, states.

        A copy: change values with ``set``.
        """
        return tables.nodes(self._core, self._visible(), self._local)

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
    def recordings(self) -> pd.DataFrame:
        """The rows that ``integrate`` returns: ``state``, ``rec_index`` (row of ``nodes``, -1 beside it), ``name``."""
        return tables.recordings(self._core)

    @property
    def externals(self) -> dict[str, Any]:
        """Injected currents (``i``, nA) and clamped states: (inputs, time) each."""
        return edit.externals(self._core)

    # Whole modules

    def save(self, path: Any) -> None:
        """Write one file that ``jx.open`` reads on a machine without NEURON.

        Raises:
            ModelError: the file cannot be written, or a hand-written mechanism stands in the module.
        """
        file.save(edit.saveable(self._core), path)

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

    def set_ncomp(self, ncomp: int) -> None:
        """As Module.set_ncomp, on these branches."""
        self._sections_before_cut = np.unique(self._core.rows.section[self._visible()])
        super().set_ncomp(ncomp)
        self._base._made_of = self._core.rows
        self._base._rows = np.arange(len(self._core.rows.node))
        self._base.__dict__.pop("_local", None)


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
    if type(value).__module__.startswith("jax") and hasattr(value, "aval") and not hasattr(value, "addressable_shards"):
        raise TypeError(f"set({key!r}) under jit or grad: use data_set, which changes no module")
    try:
        found = np.asarray(value, float)
    except (TypeError, ValueError):
        raise ModelError(f"set({key!r}): {value!r} is no number") from None
    expected = () if column.whole else (count,)
    if found.shape not in ((), (1,), expected):
        raise ModelError(f"set({key!r}): {found.shape} values for {count} compartments: give one, or one for each")
    return found.reshape(()) if column.whole and found.size == 1 else np.broadcast_to(found, expected)
