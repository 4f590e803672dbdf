"""Samples that know how far apart they are: what ``step_current`` makes, so that a run of other steps can refuse it.

In: values with time as their last axis, and ms between samples. Out: arrays that keep it where it stays true (slices,
sums, products, stacks of several) and are plain arrays where it does not. numpy; JAX where values are traced.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Iterable
from typing import Any

import numpy as np

from jxneuron.errors import ModelError

# What joins or repeats arrays along their axes, each sample staying one
_JOINING = (
    *(np.concatenate, np.stack, np.vstack, np.hstack, np.append, np.pad, np.tile, np.broadcast_to, np.atleast_2d),
)
_SAME = 1e-9  # two steps that differ by less than this share are one


class Waveform(np.ndarray):
    """An array of samples, (..., time); ``delta_t`` is ms between them, None where that is not known.

    It goes through ``jit``, ``grad`` and ``vmap`` with its ``delta_t``.
    """

    delta_t: float | None

    def __new__(cls, values: Any, delta_t: float | None) -> Waveform:
        """Over values, without a copy of them."""
        _register()
        found = np.asarray(values).view(cls)
        found.delta_t = delta_t
        return found

    def __array_finalize__(self, other: Any) -> None:
        same = other is not None and other.shape[-1:] == self.shape[-1:]
        self.delta_t = getattr(other, "delta_t", None) if same else None

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **kwargs: Any) -> Any:
        target = {} if out is None else {"out": tuple(_plain_array(each) for each in out)}
        found = getattr(ufunc, method)(*(_plain_array(each) for each in inputs), **target, **kwargs)
        if out is not None:
            return out[0] if len(out) == 1 else out
        keeps = method == "__call__" and isinstance(found, np.ndarray) and found.dtype.kind == "f"
        return _as(found, common(inputs)) if keeps and found.shape[-1:] == self.shape[-1:] else found

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        found = super().__array_function__(function, types, args, kwargs)
        if not isinstance(found, np.ndarray):
            return found
        return _as(found, common(args) if function in _JOINING else getattr(found, "delta_t", None))

    def __getitem__(self, key: Any) -> Any:
        """A slice of the time axis keeps or multiplies ``delta_t``; single samples are plain."""
        found = super().__getitem__(key)
        return _as(found, _after(self, key)) if isinstance(found, np.ndarray) else found

    @property
    def T(self) -> np.ndarray:
        """Time is not the last axis of what is turned: it is plain."""
        return self.transpose()

    def transpose(self, *axes: Any) -> np.ndarray:
        """As ``T``."""
        return np.asarray(self).transpose(*axes) if self.ndim > 1 else self

    def swapaxes(self, axis1: Any, axis2: Any) -> np.ndarray:
        """As ``T``."""
        return np.asarray(self).swapaxes(axis1, axis2)

    def __reduce__(self) -> Any:
        return Waveform, (np.array(self), self.delta_t)

    def __deepcopy__(self, memo: Any) -> Waveform:
        return Waveform(np.array(self), self.delta_t)


class TracedWaveform:
    """A Waveform whose values JAX traces; whatever it does not do itself, the values do.

    Args:
        values: (..., time), a JAX array.
        delta_t: ms.
    """

    def __init__(self, values: Any, delta_t: float | None) -> None:
        _register()
        self.values = values
        self.delta_t = delta_t

    def __jax_array__(self) -> Any:
        return self.values

    def __array__(self, *args: Any, **kwargs: Any) -> np.ndarray:
        return np.asarray(self.values, *args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "values":
            raise AttributeError(name)
        return getattr(self.values, name)

    def __getitem__(self, key: Any) -> Any:
        return _traced(self.values[key], _after(self, key))

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.values}, delta_t={self.delta_t})"

    def __neg__(self) -> Any:
        return _traced(-self.values, self.delta_t)


def _operated(name: str, swapped: bool) -> Any:
    operation = getattr(operator, name)

    def operate(self: TracedWaveform, other: Any) -> Any:
        theirs = plain(other)
        found = operation(theirs, self.values) if swapped else operation(self.values, theirs)
        keeps = found.shape[-1:] == self.values.shape[-1:] and found.dtype != bool
        return _traced(found, common([self, other]) if keeps else None)

    return operate


for _name in ("add", "sub", "mul", "truediv", "pow"):
    setattr(TracedWaveform, f"__{_name}__", _operated(_name, swapped=False))
    setattr(TracedWaveform, f"__r{_name}__", _operated(_name, swapped=True))
for _name in ("lt", "le", "gt", "ge"):
    setattr(TracedWaveform, f"__{_name}__", _operated(_name, swapped=False))


def waveform(values: Any, delta_t: float | None) -> Any:
    """Samples with what is known of them; values may be traced."""
    return Waveform(values, delta_t) if isinstance(values, np.ndarray) else TracedWaveform(values, delta_t)


def plain(values: Any) -> Any:
    """The values alone."""
    return values.values if isinstance(values, TracedWaveform) else _plain_array(values)


def delta_t_of(values: Any) -> float | None:
    """Ms between samples, where it is known; of a list, what its parts agree on.

    Raises:
        ModelError: they do not.
    """
    return common(values) if isinstance(values, (list, tuple)) else getattr(values, "delta_t", None)


def same_step(one: float, other: float) -> bool:
    """Whether two steps, ms, are one."""
    return abs(one - other) <= _SAME * abs(other)


def common(parts: Iterable[Any]) -> float | None:
    """The ``delta_t`` of all Waveforms among some parts, lists of them included.

    Raises:
        ModelError: they differ.
    """
    known = [step for step in (delta_t_of(each) for each in parts) if step is not None]
    wrong = [step for step in known if not same_step(step, known[0])]
    if wrong:
        raise ModelError(
            f"these waveforms have samples every {known[0]:g} ms and every {wrong[0]:g} ms: make them alike"
        )
    return known[0] if known else None


def _plain_array(value: Any) -> Any:
    return np.asarray(value) if isinstance(value, Waveform) else value


def _as(found: np.ndarray, delta_t: float | None) -> np.ndarray:
    return np.asarray(found) if delta_t is None else Waveform(found, delta_t)


def _traced(found: Any, delta_t: float | None) -> Any:
    return found if delta_t is None else TracedWaveform(found, delta_t)


def _after(samples: Any, key: Any) -> float | None:
    """Ms between samples once they were indexed; None where the last axis is no longer that of time."""
    if samples.delta_t is None:
        return None
    parts = list(key) if isinstance(key, tuple) else [key]
    used = sum(part is not None and part is not Ellipsis for part in parts)
    rest = [slice(None)] * (samples.ndim - used)
    at = next((k for k, part in enumerate(parts) if part is Ellipsis), None)
    parts = [*parts, *rest] if at is None else [*parts[:at], *rest, *parts[at + 1 :]]
    if not parts or not isinstance(parts[-1], slice) or any(np.ndim(part) > 1 for part in parts):
        return None
    return samples.delta_t * abs(parts[-1].step or 1)


_registered: list[bool] = []


def _register() -> None:
    """Tell JAX, once it is there, what a Waveform consists of."""
    if _registered or "jax" not in sys.modules:
        return
    from jax.tree_util import register_pytree_node

    _registered.append(True)
    register_pytree_node(Waveform, lambda each: ((np.asarray(each),), each.delta_t), _rebuilt)
    register_pytree_node(TracedWaveform, lambda each: ((each.values,), each.delta_t), _rebuilt)


def _rebuilt(delta_t: float | None, values: tuple[Any]) -> Any:
    return waveform(values[0], delta_t)
