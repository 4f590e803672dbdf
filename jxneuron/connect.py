"""Connect the compartments of a network by synapses: one by one, all to all, at random, by a matrix.

In: views of a module and a graded synapse; with ``events``, what sends and what receives. Out: more rows in its
``edges``. JAX runs only to check a new synapse once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.model.model import Ints
from jxneuron.modules import edges, sending, wires
from jxneuron.modules.core import Core
from jxneuron.modules.module import EdgeView
from jxneuron.modules.points import PointView
from jxneuron.modules.selection import Selection
from jxneuron.modules.sending import nodes_of

__all__ = [
    "connect",
    "connect_events",
    "connectivity_matrix_connect",
    "fully_connect",
    "fully_connect_events",
    "sparse_connect",
    "sparse_connect_events",
]


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
    sources, targets = nodes_of(core, before, ends=True), nodes_of(core, after, ends=False)
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
    _require_probability(p)
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


def connect_events(
    pre: Any, post: Any, mechanism: Any = None, *, weight: Any, delay: Any = wires.DELAY, threshold: Any = None
) -> Any:
    """Connect what sends events to what receives them, one by one; where one side is single, it to all of the other.

    Each connection is NEURON's NetCon. An event is sent when the voltage of its source rises above the threshold, and
    arrives ``delay`` later at the NET_RECEIVE of its target.

    Args:
        pre: a view of compartments, whose voltages are looked at (connections from one place share its threshold), or a
            list of views; ``jx.NetStim`` or ``jx.VecStim``, or a list of them; or a view of synapses whose mechanism
            sends events itself (net_event).
        post: a view of compartments or a list of views, in which a new point process is placed for each connection; or,
            without ``mechanism``, a view of synapses that there are (``net.ExpSyn.edge([0, 0, 3])``), so that several
            connections lead to one.
        mechanism: what is placed: ``"ExpSyn"``, ``"Exp2Syn"``, or a translated POINT_PROCESS with a NET_RECEIVE.
        weight: first argument of NET_RECEIVE, in its unit (uS for ExpSyn): one, or (connections,); all arguments:
            (connections, arguments) or (1, arguments).
        delay: ms, one or (connections,); NEURON's 1 ms.
        threshold: mV, one or (connections,); None takes that of the place if events come from there already, else
            NEURON's 10 mV.

    Returns:
        A view of the new connections; ``net.<mechanism>`` is one of all of its kind.

    Raises:
        ModelError: other numbers of senders and receivers; nothing that sends, or receives; a negative delay, a value
            that is not a number, or two thresholds of one place. The module is unchanged.
    """
    base, core = _module_of(pre, post)
    before, after = _senders(core, pre), _receivers(core, post, mechanism)
    size = max(len(before.place), len(after.place))
    if {len(before.place), len(after.place)} - {1, size}:
        raise ModelError(
            f"connect_events: pre has {len(before.place)} places and post {len(after.place)}, but they are connected "
            "in pairs, or one to all; fully_connect_events connects all to all"
        )
    every = np.zeros(size, np.int64)
    before = before.take(every) if len(before.place) == 1 else before
    after = after.take(every) if len(after.place) == 1 else after
    return _connect_events(base, core, before, after, (weight, delay, threshold))


def fully_connect_events(
    pre: Any,
    post: Any,
    mechanism: Any,
    *,
    weight: Any,
    delay: Any = wires.DELAY,
    threshold: Any = None,
    random_post_comp: bool = False,
    seed: int | None = None,
) -> Any:
    """Connect every cell of ``pre``, or every artificial cell, to every cell of ``post`` by events.

    Args:
        pre: as for ``fully_connect``; or NetStims and VecStims.
        post: as for ``fully_connect``.
        mechanism: as for ``connect_events``.
        weight: as for ``connect_events``; connections are in the order of ``pre``, and then of ``post``.
        delay: likewise.
        threshold: likewise.
        random_post_comp: as for ``fully_connect``.
        seed: of the draw.

    Returns:
        A view of the new connections.

    Raises:
        ModelError: as ``connect_events``; a draw without seed.
    """
    chosen = _drawn_pairs(pre, post, mechanism, 1.0, _generator(random_post_comp, seed), random_post_comp)
    return _connect_events(*chosen, (weight, delay, threshold))


def sparse_connect_events(
    pre: Any,
    post: Any,
    mechanism: Any,
    p: float,
    *,
    weight: Any,
    delay: Any = wires.DELAY,
    threshold: Any = None,
    random_post_comp: bool = False,
    seed: int,
) -> Any:
    """Connect as ``fully_connect_events``, each pair with probability ``p``.

    Args:
        pre: as for ``fully_connect_events``.
        post: likewise.
        mechanism: likewise.
        p: 0..1.
        weight: likewise; one value, as the number of connections is drawn: ``set`` gives each its own afterwards.
        delay: likewise.
        threshold: likewise.
        random_post_comp: as for ``fully_connect``.
        seed: of the draws; the pairs are those of ``sparse_connect``.

    Returns:
        A view of the new connections.

    Raises:
        ModelError: as ``connect_events``; ``p`` outside 0..1.
    """
    _require_probability(p)
    chosen = _drawn_pairs(pre, post, mechanism, p, _generator(True, seed), random_post_comp)
    return _connect_events(*chosen, (weight, delay, threshold))


def _connect_events(base: Any, core: Core, pre: sending.Senders, post: sending.Receivers, values: Any) -> Any:
    return base._edge_view(sending.connect(core, pre, post, *values), "module")


def _drawn_pairs(
    pre: Any, post: Any, mechanism: Any, p: float, generator: Any, random_post_comp: bool
) -> tuple[Any, Core, sending.Senders, sending.Receivers]:
    """Return module, senders and receivers: of cells the pairs that are drawn, with all of them at p = 1."""
    base, core = _module_of(pre, post)
    _require_compartments(_listed(post))
    if isinstance(_listed(pre)[0], Selection):
        _require_compartments(_listed(pre))
        first = core.rows.node[[rows[0] for rows in _by_cell(core, _listed(pre))]]
        before = sending.Senders("voltage", np.asarray(first, np.int64))
    else:
        before = _senders(core, pre)
    after = _by_cell(core, _listed(post))
    shape = len(before.place), len(after)
    wanted = np.ones(shape, bool) if p == 1.0 and generator is None else generator.random(shape) < p
    source, target = np.nonzero(wanted)
    last = _last(core, after, target, generator if random_post_comp else None)
    return base, core, before.take(source), sending.Receivers(sending.receiver(core, mechanism), last, is_new=True)


def _listed(side: Any) -> list[Any]:
    return list(side) if isinstance(side, (list, tuple)) else [side]


def _module_of(pre: Any, post: Any) -> tuple[Any, Core]:
    """Return the module that all views see, and its Core.

    Raises:
        ModelError: something is neither view nor artificial cell, or the views are of different modules.
    """
    stimulators = [each for each in _listed(pre) if isinstance(each, sending.Stimulator)]
    views = [each for each in (*_listed(pre), *_listed(post)) if each not in stimulators]
    views = [each._module if isinstance(each, PointView) else each for each in views]
    wrong = [type(view).__name__ for view in views if not isinstance(view, Selection)]
    if wrong or not _listed(pre) or not _listed(post):
        what = wrong[0] if wrong else "empty lists"
        raise ModelError(f"pre and post are views, pre also NetStims and VecStims, or lists of them, not {what}")
    if any(view._core is not views[0]._core for view in views):
        raise ModelError("pre and post are views of different modules: put their cells into one Network first")
    if stimulators and len(stimulators) < len(_listed(pre)):
        raise ModelError("pre is made of views, or of NetStims and VecStims, not of both")
    return views[0].base, views[0]._core


def _senders(core: Core, pre: Any) -> sending.Senders:
    sides = _listed(pre)
    if isinstance(sides[0], sending.Stimulator):
        return sending.stimulators(sides)
    if len(sides) == 1 and _shows_instances(sides[0]):
        return sending.sending_instances(core, *sending.instances_of(core, sides[0]))
    _require_compartments(sides)
    return sending.Senders("voltage", nodes_of(core, sides, ends=True))


def _receivers(core: Core, post: Any, mechanism: Any) -> sending.Receivers:
    sides = _listed(post)
    if len(sides) == 1 and _shows_instances(sides[0]):
        if mechanism is not None:
            raise ModelError("connect_events: post is a view of synapses, so that no mechanism is placed: leave it out")
        return sending.receiving_instances(core, *sending.instances_of(core, sides[0]))
    _require_compartments(sides)
    if mechanism is None:
        raise ModelError('connect_events: which mechanism receives? mechanism = "ExpSyn", or post = a view of synapses')
    return sending.Receivers(sending.receiver(core, mechanism), nodes_of(core, sides, ends=False), is_new=True)


def _shows_instances(view: Any) -> bool:
    return isinstance(view, (PointView, EdgeView))


def _require_compartments(views: Sequence[Any]) -> None:
    if any(_shows_instances(view) for view in views):
        raise ModelError("one view of synapses, or views of compartments: not several, and not both")


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
    _add(core, synapse, core.rows.node[first[source]], _last(core, after, target, generator))


def _last(core: Core, cells: Sequence[Ints], target: Ints, generator: Any) -> Ints:
    """Return the nodes in which synapses end, (k,): the first of each cell, or what a generator draws of it."""
    if generator is None:
        return core.rows.node[np.array([rows[0] for rows in cells], np.int64)[target]]
    sizes = np.array([len(rows) for rows in cells], np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    return core.rows.node[np.concatenate([*cells])[starts[target] + generator.integers(0, sizes[target])]]


def _require_probability(p: Any) -> None:
    if not (isinstance(p, (int, float, np.number)) and 0.0 <= float(p) <= 1.0):
        raise ModelError(f"p = {p!r}: a probability lies in 0..1")


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
