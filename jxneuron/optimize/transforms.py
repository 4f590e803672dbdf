"""Bijections between the real line, where an optimiser moves, and the range in which a parameter makes sense.

In: values of any shape, traced or not. Out: values of the same shape. ``forward`` leads into the range, ``inverse``
back out of it. Bounds, scales and masks may have the values' shape; what is wrong with them is said when the
transform is made. A value outside the range is refused by ``inverse``; under ``jit``, where it cannot be looked at, it
gives nan.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.core import Tracer

from jxneuron.errors import ModelError
from jxneuron.wording import did_you_mean


class Transform(ABC):
    """A differentiable bijection, value by value."""

    def __call__(self, x: Any) -> Any:
        """As ``forward``."""
        return self.forward(x)

    @abstractmethod
    def forward(self, x: Any) -> Any:
        """From the real line into the range."""

    @abstractmethod
    def inverse(self, y: Any) -> Any:
        """From the range onto the real line.

        Raises:
            ModelError: a value lies outside the range, or on a bound that is reached at infinity only.
        """


class IdentityTransform(Transform):
    """``y = x``."""

    def forward(self, x: Any) -> Any:
        """``x``."""
        return x

    def inverse(self, y: Any) -> Any:
        """``y``."""
        return y


class SigmoidTransform(Transform):
    """``y = lower + (upper - lower)/(1 + exp(-x))``, between two bounds.

    Args:
        lower: in the parameter's unit.
        upper: above ``lower``.

    Raises:
        ModelError: a bound is not a number, or ``lower`` is not below ``upper``.
    """

    def __init__(self, lower: Any, upper: Any) -> None:
        self.lower, self.upper = _bound("lower", lower), _bound("upper", upper)
        if _any(lambda low, high: low >= high, self.lower, self.upper):
            raise ModelError(f"{type(self).__name__}: lower = {lower} must lie below upper = {upper}")

    def forward(self, x: Any) -> Array:
        """Into the inside of (lower, upper)."""
        return self.lower + (self.upper - self.lower) * jax.nn.sigmoid(jnp.asarray(x))

    def inverse(self, y: Any) -> Array:
        """``log((y - lower)/(upper - y))``.

        Raises:
            ModelError: a value is not between the bounds.
        """
        _refuse(self, y, lambda value, low, high: ~((low < value) & (value < high)), self.lower, self.upper)
        return jnp.log((y - self.lower) / (self.upper - y))


class LogisticTransform(SigmoidTransform):
    """``y = lower + (upper - lower)/(1 + exp(-x pi/sqrt 3))``: a uniform y is an x of variance 1.

    Args:
        lower: in the parameter's unit.
        upper: above ``lower``.

    Raises:
        ModelError: a bound is not a number, or ``lower`` is not below ``upper``.
    """

    _STEEPNESS = float(np.pi / np.sqrt(3.0))

    def forward(self, x: Any) -> Array:
        """Into the inside of (lower, upper)."""
        return super().forward(jnp.asarray(x) * self._STEEPNESS)

    def inverse(self, y: Any) -> Array:
        """``log((y - lower)/(upper - y)) sqrt(3)/pi``.

        Raises:
            ModelError: a value is not between the bounds.
        """
        return super().inverse(y) / self._STEEPNESS


class SoftplusTransform(Transform):
    """``y = lower + log(1 + exp(x))``, above a bound; far above it ``y`` is ``lower + x``.

    Args:
        lower: in the parameter's unit.

    Raises:
        ModelError: the bound is not a number.
    """

    def __init__(self, lower: Any) -> None:
        self.lower = _bound("lower", lower)

    def forward(self, x: Any) -> Array:
        """Into (lower, inf)."""
        return self.lower + jax.nn.softplus(jnp.asarray(x))

    def inverse(self, y: Any) -> Array:
        """``log(exp(y - lower) - 1)``, without overflow.

        Raises:
            ModelError: a value is not above the bound.
        """
        _refuse(self, y, lambda value, low: ~(low < value), self.lower)
        return _log_expm1(y - self.lower)


class NegSoftplusTransform(Transform):
    """``y = upper - log(1 + exp(-x))``, below a bound; far below it ``y`` is ``upper + x``.

    Args:
        upper: in the parameter's unit.

    Raises:
        ModelError: the bound is not a number.
    """

    def __init__(self, upper: Any) -> None:
        self.upper = _bound("upper", upper)

    def forward(self, x: Any) -> Array:
        """Into (-inf, upper)."""
        return self.upper - jax.nn.softplus(-jnp.asarray(x))

    def inverse(self, y: Any) -> Array:
        """``-log(exp(upper - y) - 1)``, without overflow.

        Raises:
            ModelError: a value is not below the bound.
        """
        _refuse(self, y, lambda value, high: ~(value < high), self.upper)
        return -_log_expm1(self.upper - y)


class AffineTransform(Transform):
    """``y = scale x + shift``.

    Args:
        scale: not 0.
        shift: in the parameter's unit.

    Raises:
        ModelError: ``scale`` is 0, or either is not a number.
    """

    def __init__(self, scale: Any, shift: Any) -> None:
        self.scale, self.shift = _bound("scale", scale), _bound("shift", shift)
        if _any(lambda value: value == 0.0, self.scale):
            raise ModelError(f"AffineTransform: scale = {scale}: 0 cannot be inverted")

    def forward(self, x: Any) -> Array:
        """``scale x + shift``."""
        return self.scale * jnp.asarray(x) + self.shift

    def inverse(self, y: Any) -> Array:
        """``(y - shift)/scale``."""
        return (jnp.asarray(y) - self.shift) / self.scale


class ChainTransform(Transform):
    """One transform after another: ``forward`` applies the first one first.

    Args:
        transforms: at least one.

    Raises:
        ModelError: there is none, or one is no Transform.
    """

    def __init__(self, transforms: Sequence[Transform]) -> None:
        self.transforms = tuple(transforms)
        if not self.transforms:
            raise ModelError("ChainTransform: there is no transform in it")
        for each in self.transforms:
            _require_transform("ChainTransform", each)

    def forward(self, x: Any) -> Any:
        """The first transform's ``forward``, then the second's, ..."""
        for each in self.transforms:
            x = each.forward(x)
        return x

    def inverse(self, y: Any) -> Any:
        """The last transform's ``inverse`` first.

        Raises:
            ModelError: a value lies outside the range of one of them.
        """
        for each in reversed(self.transforms):
            y = each.inverse(y)
        return y


class MaskedTransform(Transform):
    """A transform for some values; the others stay what they are.

    Args:
        mask: booleans of the values' shape, True where to transform.
        transform: of those.

    Raises:
        ModelError: the mask is not boolean, or ``transform`` is no Transform.
    """

    def __init__(self, mask: Any, transform: Transform) -> None:
        _require_transform("MaskedTransform", transform)
        self.mask, self.transform = jnp.asarray(mask), transform
        if self.mask.dtype != np.bool_:
            raise ModelError(f"MaskedTransform: the mask holds {self.mask.dtype}, not booleans")

    def forward(self, x: Any) -> Array:
        """Where the mask is True the transform's ``forward``."""
        return self._where(self.transform.forward, x, jnp.zeros_like(x))

    def inverse(self, y: Any) -> Array:
        """Where the mask is True the transform's ``inverse``.

        Raises:
            ModelError: a value to transform lies outside the range.
        """
        return self._where(self.transform.inverse, y, self.transform.forward(jnp.zeros_like(y)))

    def _where(self, function: Callable[[Any], Any], values: Any, harmless: Any) -> Array:
        """The function never sees the other values: nan there would come back through the gradient."""
        return jnp.where(self.mask, function(jnp.where(self.mask, values, harmless)), values)


class CustomTransform(Transform):
    """Two functions that undo one another; that they do is the user's word.

    Args:
        forward_fn: from the real line into the range, differentiable by JAX.
        inverse_fn: back.
    """

    def __init__(self, forward_fn: Callable[[Any], Any], inverse_fn: Callable[[Any], Any]) -> None:
        self.forward_fn, self.inverse_fn = forward_fn, inverse_fn

    def forward(self, x: Any) -> Any:
        """``forward_fn(x)``."""
        return self.forward_fn(x)

    def inverse(self, y: Any) -> Any:
        """``inverse_fn(y)``."""
        return self.inverse_fn(y)


class ParamTransform:
    """Transforms for a whole pytree of parameters, as ``get_parameters`` returns it.

    Args:
        tf_dict: a pytree of Transforms of the form of the parameters (``[{"radius": SoftplusTransform(0)}, ...]``);
            or a dictionary by name, ``{"radius": ...}``, for every entry of that name; or one Transform for all.

    Raises:
        ModelError: something in it is no Transform.
    """

    def __init__(self, tf_dict: Any) -> None:
        self.tf_dict = tf_dict
        for each in jax.tree.leaves(tf_dict, is_leaf=_is_transform):
            _require_transform("ParamTransform", each)

    def forward(self, params: Any) -> Any:
        """Every value from the real line into its range; the form stays.

        Raises:
            ModelError: the parameters have another form than the transforms; says where.
        """
        return self._apply("forward", params)

    def inverse(self, params: Any) -> Any:
        """Every value from its range onto the real line; the form stays.

        Raises:
            ModelError: the parameters have another form than the transforms, or a value lies outside its range.
        """
        return self._apply("inverse", params)

    def _apply(self, direction: str, params: Any) -> Any:
        paths, form = jax.tree_util.tree_flatten_with_path(params)
        transforms = self._transforms(params, len(paths))
        moved = []
        for (path, value), each in zip(paths, transforms, strict=True):
            try:
                moved.append(getattr(each, direction)(value))
            except ModelError as error:
                raise ModelError(f"params{jax.tree_util.keystr(path)}: {error}") from None
        return jax.tree.unflatten(form, moved)

    def _transforms(self, params: Any, count: int) -> list[Transform]:
        """One for each leaf of ``params``."""
        given = self.tf_dict
        if isinstance(given, Transform):
            return [given] * count
        if isinstance(given, Mapping) and not isinstance(params, Mapping):
            given = [{name: self._named(given, name) for name in entry} for entry in params]
        expected = jax.tree.structure(params)
        found = jax.tree.structure(given, is_leaf=_is_transform)
        if found != expected:
            raise ModelError(_difference(given, params))
        return jax.tree.leaves(given, is_leaf=_is_transform)

    def _named(self, given: Mapping[str, Transform], name: str) -> Transform:
        if name not in given:
            raise ModelError(f"there is no transform for {name}{did_you_mean(name, given)}")
        return given[name]


def _difference(given: Any, params: Any) -> str:
    """Where transforms and parameters part."""
    if not (isinstance(given, list | tuple) and isinstance(params, list | tuple)):
        return f"transforms of the form {jax.tree.structure(given)} do not fit {jax.tree.structure(params)}"
    if len(given) != len(params):
        return f"there are {len(given)} entries of transforms, {len(params)} of parameters"
    for k, (ours, theirs) in enumerate(zip(given, params, strict=True)):
        if isinstance(ours, Mapping) and isinstance(theirs, Mapping) and set(ours) != set(theirs):
            names = ", ".join(theirs)
            return f"transforms[{k}] is for {', '.join(ours)}, params[{k}] holds {names}{did_you_mean(names, ours)}"
    return f"transforms of the form {jax.tree.structure(given)} do not fit {jax.tree.structure(params)}"


def _is_transform(value: Any) -> bool:
    return isinstance(value, Transform)


def _require_transform(where: str, value: Any) -> None:
    if not _is_transform(value):
        raise ModelError(f"{where}: {value!r} is no Transform")


def _bound(name: str, value: Any) -> Array:
    found = jnp.asarray(value, float)
    if _any(lambda each: ~np.isfinite(each), found):
        raise ModelError(f"{name} = {value} must be a finite number")
    return found


def _any(test: Callable[..., Any], *values: Any) -> bool:
    """Whether a test holds anywhere; what is traced is not looked at."""
    if any(isinstance(each, Tracer) for each in values):
        return False
    return bool(np.any(test(*(np.asarray(each) for each in values))))


def _refuse(transform: Transform, values: Any, outside: Callable[..., Any], *bounds: Any) -> None:
    if _any(outside, values, *bounds):
        bad = np.asarray(values)[
            np.broadcast_to(outside(np.asarray(values), *map(np.asarray, bounds)), np.shape(values))
        ]
        limits = ", ".join(str(each) for each in bounds)
        raise ModelError(f"{bad.flat[0]} lies outside the range of {type(transform).__name__}({limits})")


def _log_expm1(z: Any) -> Array:
    """``log(exp(z) - 1)`` as ``z + log(1 - exp(-z))``, which does not overflow."""
    return z + jnp.log(-jnp.expm1(-z))
