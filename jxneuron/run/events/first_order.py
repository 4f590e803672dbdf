"""A value whose derivative is not the one that JAX would take.

JAX drops the rule of a ``custom_jvp`` function once it has taken a derivative backwards. Where another derivative is
taken of that, it differentiates the function's own code, which here would be wrong without a word. What passes through
``first_order`` raises instead.
"""

from __future__ import annotations

from typing import Any, NoReturn

from jax import Array
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from jxneuron.errors import ModelError

_first_order = Primitive("first_order")


def first_order(value: Array) -> Array:
    """Return a value as it is.

    Raises:
        ModelError: a derivative is taken of it.
    """
    return _first_order.bind(value)


def _refuse(primals: Any, tangents: Any) -> NoReturn:
    del primals, tangents
    raise ModelError(
        "a derivative of a gradient through events: take derivatives forwards inside and backwards outside, as "
        "jax.grad(lambda x: jax.jvp(loss, (x,), (direction,))[1]), or forwards twice"
    )


_first_order.def_impl(lambda value: value)
_first_order.def_abstract_eval(lambda value: value)
mlir.register_lowering(_first_order, lambda ctx, value: [value])
batching.primitive_batchers[_first_order] = lambda values, axes: (first_order(values[0]), axes[0])
ad.primitive_jvps[_first_order] = _refuse
