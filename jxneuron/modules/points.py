"""Point processes that connect nothing, as an import has them: IClamp, SEClamp, a model's own.

In: a module and names. Out: their table, a view of some of them, a Model without some. numpy and pandas only.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.mech.mechanism import Mechanism
from jxneuron.model.find import placement_of
from jxneuron.model.model import Model, Placement, Play
from jxneuron.modules import columns, wires
from jxneuron.modules.core import Core, Input, Trainable
from jxneuron.modules.select import chosen
from jxneuron.modules.values import numbers
from jxneuron.wording import did_you_mean

if TYPE_CHECKING:
    import pandas as pd

# What delete_stimuli and delete_clamps take away
STIMULI, CLAMPS = ("IClamp",), ("SEClamp", "VClamp")
# What NEURON's Python calls a variable whose own name is a keyword
OTHER_NAMES = {"delay": "del"}


def placed(model: Model) -> list[Placement]:
    """The placements of point processes that connect nothing."""
    return [each for each in model.placements if each.kind == "point" and each.edges is None]


def names(model: Model) -> list[str]:
    """Mechanisms of them."""
    return [each.mechanism for each in placed(model)]


def labels_in(module: Any, name: str | None = None) -> tuple[str, ...]:
    """NEURON's names of those in the compartments of a module, by mechanism and number.

    Args:
        module: a module or view.
        name: of one mechanism, or of one of them (``IClamp[0]``); None takes all.
    """
    return tuple(
        each.labels[k]
        for each in placed(module.model)
        for k in _in_order(each)
        if module._among(each)[k] and name in (None, each.mechanism, each.labels[k])
    )


def _in_order(placement: Placement) -> np.ndarray:
    """Its instances by NEURON's numbers of them; NEURON runs them by node."""
    numbers = [int(label.rpartition("[")[2].removesuffix("]")) for label in placement.labels]
    return np.argsort(numbers)


def labels_among(module: Any, mechanisms: Sequence[str]) -> tuple[str, ...]:
    """Those of some mechanisms in the compartments of a module."""
    return tuple(label for name in mechanisms for label in labels_in(module, name))


def required(module: Any, name: str) -> tuple[str, ...]:
    """As ``labels_in``.

    Raises:
        ModelError: there are such, but none in these compartments.
    """
    found = labels_in(module, name)
    if not found:
        elsewhere = ", ".join(labels_in(module.base, name)[:3])
        raise ModelError(f"{name} is in none of these compartments; elsewhere: {elsewhere} (see .base.points)")
    return found


def others_that_inject(module: Any) -> tuple[str, ...]:
    """Those with an ELECTRODE_CURRENT that no verb of a module takes away by itself."""
    known, mechanisms = {*STIMULI, *CLAMPS}, module._core.mechanisms
    inject = [name for name in names(module.model) if any(each.electrode for each in mechanisms[name].currents)]
    return tuple(label for name in inject if name not in known for label in labels_in(module, name))


def table(module: Any) -> pd.DataFrame:
    """One row for each: ``label``, ``mechanism``, ``section``, ``x``, then variables, NaN where it has none such."""
    import pandas as pd

    core, found = module._core, []
    for each in placed(core.model):
        order = _in_order(each)
        here = order[module._among(each)[order]]
        nodes = each.node[here]
        part: dict[str, Any] = {
            "label": np.array(each.labels, object)[here],
            "mechanism": each.mechanism,
            "section": [core.model.sections[k].name for k in core.model.nodes.section[nodes]],
            "x": core.model.nodes.x[nodes],
        }
        for name, values in _shown(each, core.mechanisms[each.mechanism]):
            part[name] = values[here]
        found.append(pd.DataFrame(part))
    empty = pd.DataFrame({name: [] for name in ("label", "mechanism", "section", "x")})
    return pd.concat(found, ignore_index=True) if found else empty


def _shown(placement: Placement, mechanism: Mechanism) -> Iterator[tuple[str, np.ndarray]]:
    for field in mechanism.fields:
        if field.storage != "none" and field.scope == "range":
            yield from columns.elements(placement, field)


def plays_table(plays: Sequence[Play]) -> pd.DataFrame:
    """One row for each Vector.play: ``target``, ``kind``, how many ``points``, from when to when, ms."""
    import pandas as pd

    return pd.DataFrame({
        "target": [each.target.name for each in plays],
        "kind": [each.kind for each in plays],
        "points": [len(each.t) for each in plays],
        "begins": [float(each.t[0]) for each in plays],
        "ends": [float(each.t[-1]) for each in plays],
    })  # fmt: skip


def remove(core: Core, labels: tuple[str, ...]) -> None:
    """Delete some, with what is recorded of them and played into them.

    Raises:
        ModelError: one of them is trained, something points at it, or events lead to it or come from it. The module is
            unchanged.
    """
    if not labels:
        return
    gone = set(labels)
    refuse_references(core, gone)
    leads = gone & set(wires.target_labels(core.model))
    if leads:
        label = min(leads)
        raise ModelError(f"events lead to {label}: delete them, net.{label.partition('[')[0]}.delete()")
    keep = {each.mechanism: np.array([label not in gone for label in each.labels]) for each in placed(core.model)}
    left = [_reduced(each, keep.get(each.mechanism)) for each in core.model.placements]
    empty = {each.mechanism for each in left if each.mechanism in keep and not len(each.node)}
    events = wires.without_instances(core.model, keep).events
    core.trainables[:] = [_trainable_left(each, keep) for each in core.trainables]
    core.inputs[:] = [each for each in (_input_left(core, one, keep) for one in core.inputs) if len(each.nodes)]
    core.model = dataclasses.replace(
        core.model,
        events=events,
        placements=tuple(each for each in left if each.mechanism not in empty),
        sources=tuple(each for each in core.model.sources if each.mechanism not in empty),
        probes=tuple(each for each in core.model.probes if each.label not in gone),
        plays=tuple(each for each in core.model.plays if each.target.label not in gone),
        transfers=tuple(each for each in core.model.transfers if each.target.label not in gone),
    )
    core.mechanisms = {name: each for name, each in core.mechanisms.items() if name not in empty}


def refuse_references(core: Core, gone: set[str]) -> None:
    """Refuse to delete what is trained, pointed at, or transferred.

    Raises:
        ModelError: one of these is. The module is unchanged.
    """
    for each in core.trainables:
        if each.column.kind == "edge":
            labels = placement_of(core.model, each.column.owner).labels
            if any(labels[k] in gone for k in each.nodes):
                raise ModelError(f"{each.column.key} of one of them is trained: call delete_trainables() first")
        if each.column.kind == "point" and each.column.key.rpartition(".")[0] in gone:
            raise ModelError(f"{each.column.key} is trained: call delete_trainables() first")
    for each in core.model.placements:
        for name, shown in each.pointers.items():
            if not isinstance(shown, np.ndarray) and any(probe.label in gone for probe in shown):
                raise ModelError(f"{name} of {each.mechanism} points at one of {', '.join(sorted(gone))}")
    for each in core.model.transfers:
        if each.source.label in gone and each.target.label not in gone:
            raise ModelError(f"{each.source.name} is transferred to {each.target.name}")


def _reduced(placement: Placement, keep: np.ndarray | None) -> Placement:
    if keep is None or keep.all():
        return placement
    at = np.flatnonzero(keep)
    return dataclasses.replace(
        placement,
        node=placement.node[at],
        values={key: each[..., at] for key, each in placement.values.items()},
        initial_override={key: each[..., at] for key, each in placement.initial_override.items()},
        labels=tuple(placement.labels[k] for k in at),
        pointers={key: _some(each, at) for key, each in placement.pointers.items()},
    )


def _some(shown: Any, at: np.ndarray) -> Any:
    return shown[at] if isinstance(shown, np.ndarray) else tuple(shown[k] for k in at)


def _trainable_left(each: Trainable, keep: Mapping[str, np.ndarray]) -> Trainable:
    if each.column.kind == "edge" and each.column.owner in keep:
        return dataclasses.replace(each, nodes=(np.cumsum(keep[each.column.owner]) - 1)[each.nodes])
    if each.column.kind != "point":
        return each
    index = int(np.cumsum(keep[each.column.owner])[each.column.index]) - 1
    return dataclasses.replace(each, column=dataclasses.replace(each.column, index=index))


def _input_left(core: Core, each: Input, keep: Mapping[str, np.ndarray]) -> Input:
    """Return what is left of a clamp of synapses."""
    if each.key == "i":
        return each
    column = columns.find(core.model, core.mechanisms, each.key)
    if column.kind != "edge" or column.owner not in keep:
        return each
    stays = keep[column.owner][each.nodes]
    nodes = (np.cumsum(keep[column.owner]) - 1)[each.nodes[stays]]
    return dataclasses.replace(each, nodes=nodes, values=each.values[stays])


class PointView:
    """Some point processes of one mechanism: ``net.IClamp``, ``net.IClamp[0]``.

    Args:
        module: the module or view that they were taken of.
        mechanism: its name.
        labels: NEURON's names of them.
    """

    def __init__(self, module: Any, mechanism: str, labels: tuple[str, ...]) -> None:
        self._module = module
        self._mechanism = mechanism
        self._labels = labels

    @property
    def table(self) -> pd.DataFrame:
        """Their rows of ``points``."""
        every = self._module.base.points.copy()
        return every[every["label"].isin(self._labels)].dropna(axis="columns", how="all").reset_index(drop=True)

    def __repr__(self) -> str:
        return f"{', '.join(self._labels)}\n{self.table.to_string(index=False)}"

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, index: Any) -> PointView:
        """``net.IClamp[3]`` is NEURON's IClamp[3]; a list, a slice or a boolean mask takes these in their order.

        Raises:
            IndexError: there is no such one here.
        """
        if isinstance(index, (int, np.integer)) and not isinstance(index, bool):
            label = f"{self._mechanism}[{index}]"
            if label not in self._labels:
                raise IndexError(f"{label} is not here; there are {', '.join(self._labels)}")
            return PointView(self._module, self._mechanism, (label,))
        at = chosen(index, len(self._labels), self._mechanism)
        return PointView(self._module, self._mechanism, tuple(self._labels[k] for k in at))

    def __iter__(self) -> Iterator[PointView]:
        """One by one."""
        return (PointView(self._module, self._mechanism, (label,)) for label in self._labels)

    def set(self, key: str, value: Any) -> None:
        """Give a variable a value, one number or one for each of them.

        Raises:
            KeyError: there is no such variable; names near matches.
            ModelError: a wrong number of values, or a value that no run could take. The module is unchanged.
        """
        core = self._module._core
        values = numbers(f"set({key!r})", value)
        if values.shape not in ((), (1,), (len(self),)):
            raise ModelError(
                f"set({key!r}): {values.shape} values for {len(self)} of {self._mechanism}: one, or one each"
            )
        before = core.model
        try:
            for name, each in zip(self._keys(key), np.broadcast_to(values, (len(self),)), strict=True):
                self._module.base.set(name, each)
        except Exception:
            core.model = before
            raise

    def get(self, key: str) -> np.ndarray:
        """Present values, (k,).

        Raises:
            KeyError: there is no such variable; names near matches.
        """
        return np.array([self._module.base.get(name) for name in self._keys(key)])

    def record(self, key: str, verbose: bool = True) -> None:
        """Record a variable of each: ``i``."""
        for name in self._keys(key):
            self._module.base.record(name, verbose=verbose)

    def delete(self) -> None:
        """Delete them, with what is recorded of them and played into them.

        Raises:
            ModelError: one of them is trained, or something points at it. The module is unchanged.
        """
        remove(self._module._core, self._labels)

    def _keys(self, key: str) -> list[str]:
        known = set(labels_in(self._module.base, self._mechanism))
        gone = [label for label in self._labels if label not in known]
        if gone:
            raise ModelError(f"{gone[0]} was deleted since this view was taken: take it anew")
        fields = self._module._core.mechanisms[self._mechanism].by_name
        name = OTHER_NAMES.get(key, key)
        if name not in fields:
            raise KeyError(f"{key!r} is no variable of {self._mechanism}{did_you_mean(key, fields)}")
        return [f"{label}.{name}" for label in self._labels]

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_"):
            raise AttributeError(f".{name} = ... would change nothing: write .set({name!r}, ...)")
        super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise AttributeError(f"{self._mechanism} has no attribute {name!r}: a variable is read with .get({name!r})")
