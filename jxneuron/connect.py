"""Connect the compartments of a network by synapses: one by one, all to all, at random, by a matrix.

In: views of a module and a synapse. Out: more rows in its ``edges``. JAX runs only to check a new synapse once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.model.model import Ints
from jxneuron.modules import edges
from jxneuron.modules.core import Core
from jxneuron.modules.selection import Selection

__all__ = ["connect", "connectivity_matrix_connect", "fully_connect", "sparse_connect"]


def connect(pre: Any, post: Any, synapse: Any) -> None:
    """Connect compartments pairwise: the first of ``pre`` to the first of ``post``, and so on.

    Args:
        pre: a view or a list of views; ``net.section("dend[3]").loc(1.0)`` reads the voltage of NEURON's end node.
        post: likewise, with as many compartments; a synapse at the end of a section goes to the nearest compartment.
        synapse: a ``Synapse``, or a translated POINT_PROCESS with one POINTER, through which it reads the presynaptic
            voltage; or the name of one that the module has already.

    Raises:
        ModelError: the views are of different modules or have different numbers of compartments, or ``synapse`` is no
            synapse. The module is unchanged.
    """
    core, before, after = _checked(pre, post)
    sources, targets = _nodes(core, before, ends=True), _nodes(core, after, ends=False)
    if len(sources) != len(targets):
        raise ModelError(
            f"connect: pre has {len(sources)} compartments and post {len(targets)}, but they are connected in pairs; "
            "fully_connect connects every cell of pre to every cell of post"
        )
    _add(core, synapse, sources, targets)


def fully_connect(
    pre: Any, post: Any, synapse: Any, random_post_comp: bool = False, *, seed: int | None = None
) -> None:
    """Connect every cell of ``pre`` to every cell of ``post``; a cell that is in both is connected to itself too.

    Args:
        pre: a view or a list of views; synapses begin at the first compartment of every cell in it.
        post: likewise; they end at the first compartment of every cell in it.
        synapse: as for ``connect``.
        random_post_comp: draw the compartment of the view in which a synapse ends, for every synapse anew.
        seed: seed of the draw.

    Raises:
        ModelError: as ``connect``; a draw without seed.
    """
    core, before, after = _checked(pre, post)
    shape = len(_by_cell(core, before)), len(_by_cell(core, after))
    _connect_cells(core, before, after, np.ones(shape, bool), synapse, _generator(random_post_comp, seed))


def sparse_connect(pre: Any, post: Any, synapse: Any, p: float, random_post_comp: bool = False, *, seed: int) -> None:
    """Connect every cell of ``pre`` to every cell of ``post`` with probability ``p``, independently for every pair.

    Args:
        pre: as for ``fully_connect``.
        post: as for ``fully_connect``.
        synapse: as for ``connect``.
        p: 0..1; 1 connects all, and no pair is connected twice.
        random_post_comp: as for ``fully_connect``.
        seed: seed of the draw (numpy's default generator); the same seed gives the same synapses.

    Raises:
        ModelError: as ``connect``; ``p`` outside 0..1.
    """
    if not (isinstance(p, (int, float, np.number)) and 0.0 <= float(p) <= 1.0):
        raise ModelError(f"p = {p!r}: a probability lies in 0..1")
    core, before, after = _checked(pre, post)
    shape = len(_by_cell(core, before)), len(_by_cell(core, after))
    generator = _generator(True, seed)
    drawn = np.asarray(generator.random(shape) < p)
    _connect_cells(core, before, after, drawn, synapse, generator if random_post_comp else None)


def connectivity_matrix_connect(
    pre: Any,
    post: Any,
    synapse: Any,
    connectivity_matrix: Any,
    random_post_comp: bool = False,
    *,
    seed: int | None = None,
) -> None:
    """Connect the pairs of cells that a matrix chooses.

    Args:
        pre: as for ``fully_connect``.
        post: as for ``fully_connect``.
        synapse: as for ``connect``.
        connectivity_matrix: (cells of pre, cells of post), booleans, or 0 and 1.
        random_post_comp: as for ``fully_connect``.
        seed: of the draw.

    Raises:
        ModelError: as ``connect``; a matrix of another shape, or of weights; a draw without seed.
    """
    core, before, after = _checked(pre, post)
    shape = len(_by_cell(core, before)), len(_by_cell(core, after))
    matrix = np.asarray(connectivity_matrix)
    if matrix.shape != shape:
        raise ModelError(f"connectivity_matrix is (cells of pre, cells of post) = {shape}, not {matrix.shape}")
    if matrix.dtype != bool and not np.isin(matrix, (0, 1)).all():
        raise ModelError(
            "connectivity_matrix says which cells are connected, True or False; set the weights afterwards, for "
            'instance net.IonotropicSynapse.set("IonotropicSynapse_gS", weights[matrix > 0])'
        )
    _connect_cells(core, before, after, matrix.astype(bool), synapse, _generator(random_post_comp, seed))


def _checked(pre: Any, post: Any) -> tuple[Core, list[Selection], list[Selection]]:
    """Return the module that all views see, and the views of both sides.

    Raises:
        ModelError: something is no view, or the views are of different modules.
    """
    before, after = (list(side) if isinstance(side, (list, tuple)) else [side] for side in (pre, post))
    views = [*before, *after]
    wrong = [type(view).__name__ for view in views if not isinstance(view, Selection)]
    if wrong or not before or not after:
        raise ModelError(f"pre and post are views, or lists of views, not {wrong[0] if wrong else 'empty lists'}")
    core = views[0]._core
    if any(view._core is not core for view in views):
        raise ModelError("pre and post are views of different modules: put their cells into one Network first")
    if "branch" not in views[0].base._levels:
        raise ModelError(f"synapses connect compartments of a Network or Cell, not of a {type(views[0].base).__name__}")
    return core, before, after


def _nodes(core: Core, views: Sequence[Selection], *, ends: bool) -> Ints:
    """Return the nodes of views one after another; with ``ends`` a view of a section's end gives its end node."""
    nodes = [view._ends if ends and view._ends is not None else core.rows.node[view._visible()] for view in views]
    return np.concatenate(nodes).astype(np.int64)


def _by_cell(core: Core, views: Sequence[Selection]) -> list[Ints]:
    """Return the rows of views by cell, in the order in which the cells first appear."""
    rows = np.concatenate([view._visible() for view in views])
    cells = core.rows.cell[rows]
    _, first, inverse = np.unique(cells, return_index=True, return_inverse=True)
    order = np.argsort(inverse, kind="stable")
    parts = np.split(rows[order], np.cumsum(np.bincount(inverse))[:-1]) if len(rows) else []
    return [parts[k] for k in np.argsort(first)]


def _connect_cells(
    core: Core, pre: list[Selection], post: list[Selection], wanted: Any, synapse: Any, generator: Any
) -> None:
    """Connect the pairs of cells that a matrix chooses, row by row.

    Args:
        core: their module.
        pre: views in which the synapses begin.
        post: views in which they end.
        wanted: (cells of pre, cells of post) booleans.
        synapse: the synapse.
        generator: draws the compartment in which a synapse ends; None takes the first of the cell.
    """
    before, after = _by_cell(core, pre), _by_cell(core, post)
    source, target = np.nonzero(wanted)
    first = np.array([rows[0] for rows in before], np.int64)
    if generator is None:
        last = np.array([rows[0] for rows in after], np.int64)[target]
    else:
        sizes = np.array([len(rows) for rows in after], np.int64)
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        last = np.concatenate([*after])[starts[target] + generator.integers(0, sizes[target])]
    _add(core, synapse, core.rows.node[first[source]], core.rows.node[last])


def _generator(needed: bool, seed: Any) -> Any:
    """Return a random generator, or None where nothing is drawn.

    Raises:
        ModelError: there is no seed.
    """
    if not needed:
        return None
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise ModelError(f"seed = {seed!r}: a random draw needs a seed, a whole number, so that it can be repeated")
    return np.random.default_rng(int(seed))


def _add(core: Core, synapse: Any, pre: Ints, post: Ints) -> None:
    mechanism = edges.synapse(core, synapse)
    if len(pre):
        edges.add(core, mechanism, pre, post)


class _Callable(ModuleType):
    """Makes the module callable: once imported, ``jx.connect`` is this module, and a call of it calls `connect`."""

    def __call__(self, *args: Any, **keys: Any) -> None:
        return connect(*args, **keys)


sys.modules[__name__].__class__ = _Callable
