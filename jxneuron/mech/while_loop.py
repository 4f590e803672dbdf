"""WHILE of NMODL for arrays: each instance repeats the body as long as its own condition holds.

In: a condition and a body, elementwise over instances. Out: the variables after the loop. The loop ends when no
instance's condition holds any more. Its derivative is that of a fixed number of conditional turns, as JAX cannot
differentiate a loop of unknown length in reverse mode.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from jxneuron.mech.conditional import choose

# A loop that is still going after so many turns is taken for endless: its variables are then not numbers
LIMIT = 100_000
# The turns that a derivative computes; where a loop makes more, the derivative is not a number
COUNTED = 200


def unset() -> Any:
    """Return the value of a variable that the code never set: 0, as an array, which can be divided by."""
    return jnp.zeros(())


def repeat(going: Callable[..., Any], turn: Callable[..., tuple], carried: tuple, inputs: tuple) -> tuple:
    """Run ``while (going) turn``.

    Args:
        going: ``(*carried, *inputs) -> boolean``, (instance,) or ().
        turn: ``(*carried, *inputs) -> carried`` after one turn.
        carried: the variables that a turn changes: numbers, arrays (instance,) or (), or lists of them.
        inputs: the other values that it reads.

    Returns:
        ``carried`` after the last turn; where the loop does not end, not a number.
    """
    return _run(going, turn, _shaped(going, turn, carried, inputs), inputs)


def _shaped(going: Callable[..., Any], turn: Callable[..., tuple], carried: tuple, inputs: tuple) -> tuple:
    """Broadcast all variables to one shape, which neither the condition nor a turn changes."""
    leaves = [jnp.asarray(leaf, dtype=float) for leaf in jax.tree.leaves(carried)]
    tree = jax.tree.structure(carried)
    shape = jnp.broadcast_shapes(*(leaf.shape for leaf in leaves))
    full = jax.tree.unflatten(tree, [jnp.broadcast_to(leaf, shape) for leaf in leaves])
    after = jax.eval_shape(lambda c, i: jax.tree.map(jnp.asarray, turn(*c, *i)), full, inputs)
    asked = jax.eval_shape(lambda c, i: jnp.asarray(going(*c, *i)), full, inputs)
    wider = jnp.broadcast_shapes(shape, asked.shape, *(leaf.shape for leaf in jax.tree.leaves(after)))
    return jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, wider), full)


def _turned(going: Callable[..., Any], turn: Callable[..., tuple], carried: tuple, inputs: tuple) -> tuple:
    """Make one turn in those instances whose condition holds."""
    count = len(carried)
    return choose(going(*carried, *inputs), turn, lambda *operands: operands[:count], *carried, *inputs)


def _ended(going: Callable[..., Any], carried: tuple, inputs: tuple) -> tuple:
    return jax.tree.map(lambda leaf: jnp.where(going(*carried, *inputs), jnp.nan, leaf), carried)


@partial(jax.custom_jvp, nondiff_argnums=(0, 1))
def _run(going: Callable[..., Any], turn: Callable[..., tuple], carried: tuple, inputs: tuple) -> tuple:
    def more(state: tuple[Any, tuple]) -> Any:
        count, carried = state
        return jnp.any(going(*carried, *inputs)) & (count < LIMIT)

    def once(state: tuple[Any, tuple]) -> tuple[Any, tuple]:
        count, carried = state
        return count + 1, _turned(going, turn, carried, inputs)

    _, last = lax.while_loop(more, once, (jnp.zeros((), jnp.int32), carried))
    return _ended(going, last, inputs)


@_run.defjvp
def _derivative(going: Any, turn: Any, primals: tuple, tangents: tuple) -> tuple[tuple, tuple]:
    def counted(carried: tuple, inputs: tuple) -> tuple:
        def once(carried: tuple, _: None) -> tuple[tuple, None]:
            return _turned(going, turn, carried, inputs), None

        last, _ = lax.scan(once, carried, None, length=COUNTED)
        return _ended(going, last, inputs)

    return _run(going, turn, *primals), jax.jvp(counted, primals, tangents)[1]
