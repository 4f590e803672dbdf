"""WHILE of NMODL for arrays: each instance turns as often as its own condition says.

In: a condition and a turn, elementwise over instances. Out: what the loop leaves. It runs as a loop that stops when
no instance goes on; its derivative is that of the same turns counted out.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from jxneuron.mech.conditional import choose

# A loop that has turned so often does not end: what it changes is then not a number, and the run says so
LIMIT = 100_000
# A derivative counts out so many turns; where a loop makes more, the derivative is not a number
COUNTED = 200


def unset() -> Any:
    """A variable that was never set, which in C is anything: 0, as an array, so that dividing by it is no error."""
    return jnp.zeros(())


def repeat(going: Callable[..., Any], turn: Callable[..., tuple], carried: tuple, given: tuple) -> tuple:
    """``while (going) turn``.

    Args:
        going: ``(*carried, *given) -> boolean``, (instance,) or ().
        turn: ``(*carried, *given) -> carried`` after one turn.
        carried: what a turn changes: numbers, arrays (instance,) or (), or lists of them.
        given: what it reads besides.

    Returns:
        ``carried`` after the last turn; not a number where the loop does not end.
    """
    return _run(going, turn, _shaped(turn, carried, given), given)


def _shaped(turn: Callable[..., tuple], carried: tuple, given: tuple) -> tuple:
    """Everything carried in one shape, which a turn keeps."""
    leaves = [jnp.asarray(leaf, dtype=float) for leaf in jax.tree.leaves(carried)]
    tree = jax.tree.structure(carried)
    shape = jnp.broadcast_shapes(*(leaf.shape for leaf in leaves))
    full = jax.tree.unflatten(tree, [jnp.broadcast_to(leaf, shape) for leaf in leaves])
    after = jax.eval_shape(lambda c, g: jax.tree.map(jnp.asarray, turn(*c, *g)), full, given)
    wider = jnp.broadcast_shapes(shape, *(leaf.shape for leaf in jax.tree.leaves(after)))
    return jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, wider), full)


def _turned(going: Callable[..., Any], turn: Callable[..., tuple], carried: tuple, given: tuple) -> tuple:
    """One turn of those that go on."""
    count = len(carried)
    return choose(going(*carried, *given), turn, lambda *operands: operands[:count], *carried, *given)


def _ended(going: Callable[..., Any], carried: tuple, given: tuple) -> tuple:
    return jax.tree.map(lambda leaf: jnp.where(going(*carried, *given), jnp.nan, leaf), carried)


@partial(jax.custom_jvp, nondiff_argnums=(0, 1))
def _run(going: Callable[..., Any], turn: Callable[..., tuple], carried: tuple, given: tuple) -> tuple:
    def more(state: tuple[Any, tuple]) -> Any:
        count, carried = state
        return jnp.any(going(*carried, *given)) & (count < LIMIT)

    def once(state: tuple[Any, tuple]) -> tuple[Any, tuple]:
        count, carried = state
        return count + 1, _turned(going, turn, carried, given)

    _, last = lax.while_loop(more, once, (jnp.zeros((), jnp.int32), carried))
    return _ended(going, last, given)


@_run.defjvp
def _derivative(going: Any, turn: Any, primals: tuple, tangents: tuple) -> tuple[tuple, tuple]:
    def counted(carried: tuple, given: tuple) -> tuple:
        def once(carried: tuple, _: None) -> tuple[tuple, None]:
            return _turned(going, turn, carried, given), None

        last, _ = lax.scan(once, carried, None, length=COUNTED)
        return _ended(going, last, given)

    return _run(going, turn, *primals), jax.jvp(counted, primals, tangents)[1]
