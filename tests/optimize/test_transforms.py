"""Transforms against arithmetic: values, way back, gradients, and what they refuse."""

from __future__ import annotations

import math
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxneuron as jx
from jxneuron.optimize import ParamTransform
from jxneuron.optimize.transforms import (
    AffineTransform,
    ChainTransform,
    CustomTransform,
    IdentityTransform,
    LogisticTransform,
    MaskedTransform,
    NegSoftplusTransform,
    SigmoidTransform,
    SoftplusTransform,
    Transform,
)

POINTS = (-30.0, -3.0, -0.2, 0.0, 1.0, 4.0, 30.0)


def sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


STEEP = math.pi / math.sqrt(3.0)
# Name: the transform, its law, its slope
LAWS: dict[str, tuple[Transform, Any, Any]] = {
    "identity": (IdentityTransform(), lambda x: x, lambda x: 1.0),
    "sigmoid": (
        SigmoidTransform(-2.0, 3.0),
        lambda x: -2.0 + 5.0 * sigmoid(x),
        lambda x: 5.0 * sigmoid(x) * sigmoid(-x),
    ),
    "logistic": (
        LogisticTransform(-2.0, 3.0),
        lambda x: -2.0 + 5.0 * sigmoid(STEEP * x),
        lambda x: 5.0 * STEEP * sigmoid(STEEP * x) * sigmoid(-STEEP * x),
    ),
    "softplus": (SoftplusTransform(1.5), lambda x: 1.5 + math.log1p(math.exp(x)), sigmoid),
    "negative softplus": (NegSoftplusTransform(1.5), lambda x: 1.5 - math.log1p(math.exp(-x)), lambda x: sigmoid(-x)),
    "affine": (AffineTransform(-2.0, 0.5), lambda x: -2.0 * x + 0.5, lambda x: -2.0),
    "chain": (
        ChainTransform([AffineTransform(0.1, 1.0), SoftplusTransform(0.0)]),
        lambda x: math.log1p(math.exp(0.1 * x + 1.0)),
        lambda x: 0.1 * sigmoid(0.1 * x + 1.0),
    ),
    "custom": (CustomTransform(jnp.sinh, jnp.arcsinh), math.sinh, math.cosh),
}


@pytest.mark.parametrize("name", LAWS)
def test_a_transform_is_its_law(name: str) -> None:
    transform, law, slope = LAWS[name]
    values = jnp.array(POINTS)
    np.testing.assert_allclose(transform.forward(values), [law(x) for x in POINTS], rtol=1e-13)
    np.testing.assert_array_equal(transform(values), transform.forward(values))
    slopes = jax.vmap(jax.grad(transform.forward))(values)
    np.testing.assert_allclose(slopes, [slope(x) for x in POINTS], rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", LAWS)
def test_inverse_undoes_forward_and_has_the_inverse_slope(name: str) -> None:
    transform, law, slope = LAWS[name]
    inner = [x for x in POINTS if abs(x) < 10]
    back = transform.inverse(jnp.array([law(x) for x in inner]))
    np.testing.assert_allclose(back, inner, rtol=1e-12, atol=1e-13)
    slopes = [float(jax.grad(transform.inverse)(law(x))) for x in inner]
    np.testing.assert_allclose(slopes, [1.0 / slope(x) for x in inner], rtol=1e-10)


def test_softplus_far_from_its_bound_neither_overflows_nor_loses_digits() -> None:
    assert float(SoftplusTransform(0.0).forward(1000.0)) == 1000.0
    assert float(SoftplusTransform(0.0).inverse(1000.0)) == 1000.0
    assert float(SoftplusTransform(0.0).inverse(1e-12)) == pytest.approx(math.log(math.expm1(1e-12)), rel=1e-14)
    assert float(NegSoftplusTransform(0.0).inverse(-1000.0)) == -1000.0
    assert float(jax.grad(SoftplusTransform(0.0).inverse)(1000.0)) == 1.0


def test_bounds_may_be_one_for_each_value() -> None:
    transform = SigmoidTransform(np.array([0.0, -1.0]), np.array([1.0, 1.0]))
    assert transform.forward(jnp.zeros(2)).tolist() == [0.5, 0.0]


def test_a_mask_leaves_the_other_values_and_their_gradients_alone() -> None:
    masked = MaskedTransform(np.array([True, False]), SigmoidTransform(0.0, 1.0))
    assert masked.forward(jnp.array([0.0, 7.0])).tolist() == [0.5, 7.0]
    assert masked.inverse(jnp.array([0.5, 7.0])).tolist() == [0.0, 7.0]
    assert jax.grad(lambda y: masked.inverse(y).sum())(jnp.array([0.5, 7.0])).tolist() == [4.0, 1.0]
    overflows = MaskedTransform(np.array([True, False]), CustomTransform(jnp.exp, jnp.log))
    assert jax.grad(lambda x: overflows.forward(x).sum())(jnp.array([0.0, 1e4])).tolist() == [1.0, 1.0]


PARAMS = [{"gnabar_hh": jnp.array([0.12])}, {"radius": jnp.array([1.0, 2.0])}, {"gnabar_hh": jnp.array([0.05])}]
BY_PLACE = [
    {"gnabar_hh": SigmoidTransform(0.0, 0.2)},
    {"radius": SoftplusTransform(0.1)},
    {"gnabar_hh": SigmoidTransform(0.0, 0.1)},
]


def test_param_transform_goes_through_get_parameters_entry_by_entry() -> None:
    transform = ParamTransform(BY_PLACE)
    free = transform.inverse(PARAMS)
    assert [list(each) for each in free] == [["gnabar_hh"], ["radius"], ["gnabar_hh"]]
    assert float(free[0]["gnabar_hh"][0]) == pytest.approx(math.log(0.12 / 0.08), rel=1e-13)
    np.testing.assert_allclose(free[1]["radius"], [math.log(math.expm1(0.9)), math.log(math.expm1(1.9))], rtol=1e-13)
    assert free[2]["gnabar_hh"].tolist() == [0.0]
    back = jax.jit(transform.forward)(free)
    for ours, theirs in zip(jax.tree.leaves(back), jax.tree.leaves(PARAMS), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-13)


def test_param_transform_by_name_and_one_for_all() -> None:
    by_name = ParamTransform({"gnabar_hh": SigmoidTransform(0.0, 0.2), "radius": SoftplusTransform(0.1)})
    free = by_name.inverse(PARAMS)
    assert float(free[2]["gnabar_hh"][0]) == pytest.approx(math.log(0.05 / 0.15), rel=1e-13)
    doubled = ParamTransform(AffineTransform(2.0, 0.0)).forward(PARAMS)
    assert doubled[1]["radius"].tolist() == [2.0, 4.0]
    assert float(ParamTransform(SigmoidTransform(0.0, 1.0)).forward(jnp.array(0.0))) == 0.5


def test_gradients_come_through_a_pytree() -> None:
    """d/dx of (a + b)^2 is 2 (a + b) times each slope."""
    transform = ParamTransform(BY_PLACE)
    free = jax.tree.map(jnp.zeros_like, PARAMS)

    def loss(free: Any) -> Any:
        params = transform.forward(free)
        return (params[0]["gnabar_hh"].sum() + params[1]["radius"].sum()) ** 2

    total = 0.1 + 2 * (0.1 + math.log(2.0))
    slopes = jax.grad(loss)(free)
    assert slopes[0]["gnabar_hh"].tolist() == [pytest.approx(2 * total * 0.2 / 4, rel=1e-13)]
    assert slopes[1]["radius"].tolist() == [pytest.approx(2 * total / 2, rel=1e-13)] * 2
    assert slopes[2]["gnabar_hh"].tolist() == [0.0]


WRONG: dict[str, tuple[Any, str]] = {
    "bounds that meet": (lambda: SigmoidTransform(1.0, 1.0), "lower = 1.0 must lie below upper = 1.0"),
    "one of several": (lambda: LogisticTransform(np.array([0.0, 2.0]), 1.0), "LogisticTransform: lower = .* below"),
    "an infinite bound": (lambda: SoftplusTransform(-np.inf), "lower = -inf must be a finite number"),
    "nothing to undo": (lambda: AffineTransform(0.0, 1.0), "0 cannot be inverted"),
    "an empty chain": (lambda: ChainTransform([]), "no transform in it"),
    "a chain of functions": (lambda: ChainTransform(cast(Any, [jnp.exp])), "is no Transform"),
    "a mask of numbers": (lambda: MaskedTransform(np.array([0, 1]), IdentityTransform()), "int64, not booleans"),
    "no transform": (lambda: ParamTransform([{"radius": 3.0}]), "3.0 is no Transform"),
    "a value above": (lambda: SigmoidTransform(0.0, 1.0).inverse(jnp.array([0.5, 1.5])), "1.5 lies outside"),
    "a value on a bound": (
        lambda: SoftplusTransform(2.0).inverse(2.0),
        r"2.0 lies outside .* SoftplusTransform\(2.0\)",
    ),
    "a value over": (lambda: NegSoftplusTransform(2.0).inverse(2.5), "2.5 lies outside"),
    "a value that is none": (lambda: SigmoidTransform(0.0, 1.0).inverse(jnp.nan), "nan lies outside"),
    "a value in a pytree": (
        lambda: ParamTransform(BY_PLACE).inverse([*PARAMS[:2], {"gnabar_hh": jnp.array([0.3])}]),
        r"params\[2\]\['gnabar_hh'\]: 0.3 lies outside the range of SigmoidTransform\(0.0, 0.1\)",
    ),
    "an unknown name": (
        lambda: ParamTransform({"gnabar": IdentityTransform()}).forward(PARAMS),
        "no transform for gnabar_hh; did you mean gnabar",
    ),
    "a wrong name in a list": (
        lambda: ParamTransform([{"radios": IdentityTransform()}]).forward([{"radius": 1.0}]),
        r"transforms\[0\] is for radios, params\[0\] holds radius; did you mean radios",
    ),
    "too few": (lambda: ParamTransform(BY_PLACE[:2]).forward(PARAMS), "2 entries of transforms, 3 of parameters"),
    "another form": (lambda: ParamTransform(BY_PLACE).forward(1.0), "do not fit"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said(name: str) -> None:
    make, message = WRONG[name]
    with pytest.raises(jx.ModelError, match=message):
        make()


def test_under_jit_a_value_outside_gives_nan() -> None:
    assert np.isnan(jax.jit(SigmoidTransform(0.0, 1.0).inverse)(1.5))
