"""The data of FUNCTION_TABLEs, which a session does not list.

In: a live session and a mechanism. Out: ``(values, axis, ...)`` of each table. NEURON lets a table be called, so its
axes are derived from the values of the function (functabl.cpp): an axis is one of the session's Vectors, or equal steps
from one number to another. The data must give the function's own values between the abscissae and beyond them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from jxneuron.errors import Finding
from jxneuron.mech.mechanism import FunctionTable, Mechanism
from jxneuron.model.model import Floats

SHARES = (0.5, 0.3, 0.77)
# Arguments at which a function is called to see where it changes, and values of its other arguments meanwhile
SCAN = sorted({sign * x for x in (*np.geomspace(1e-6, 1e9, 301).tolist(), *range(0, 301)) for sign in (-1.0, 1.0)})
OTHERS = (0.1234, -50.4321, 12.345, 100.777, 1e9, -1e9)
PLACES = 40  # random places at which data and function must agree
NEAR = 1e-11  # how well, relative to the largest value
MOST = 20_001  # steps that a table may have


class TableData(NamedTuple):
    """``(values, axis, ...)`` by table, and findings about tables whose data cannot be known."""

    data: dict[str, tuple[Floats, ...]]
    findings: list[Finding]


def read_function_tables(h: Any, mechanism: Mechanism, instances: Sequence[Any]) -> TableData:
    """Read the data of each of a mechanism's tables.

    Args:
        h: the session.
        mechanism: the mechanism that declares them.
        instances: its point processes; not used for a density mechanism.
    """
    data: dict[str, tuple[Floats, ...]] = {}
    findings = []
    for table in mechanism.function_tables:
        place = f"{table.name}_{mechanism.name}"
        call = getattr(instances[0], table.name) if mechanism.kind == "point" else getattr(h, place)
        try:
            data[table.name] = _read_data(h, table, call)
        except RuntimeError:
            findings.append(Finding(place, "FUNCTION_TABLE without data", _way_out(mechanism, table, instances)))
        except LookupError:
            what = "the data of this FUNCTION_TABLE cannot be found in the session"
            findings.append(Finding(place, what, _way_out(mechanism, table, instances)))
    return TableData(data, findings)


def _way_out(mechanism: Mechanism, table: FunctionTable, instances: Sequence[Any]) -> str:
    """Return the statement that gives a table its data: Vectors for one argument, equal steps for more."""
    point = mechanism.kind == "point"
    name = f"{instances[0]}.table_{table.name}" if point else f"table_{table.name}_{mechanism.name}"
    axes = ", size, lowest, highest" * table.arguments
    arguments = "values, abscissae" if table.arguments == 1 else f"values._ref_x[0]{axes}"
    return f"h.{name}({arguments}) gives it data, where values{' and abscissae' * (table.arguments == 1)} are h.Vectors"


def _read_data(h: Any, table: FunctionTable, call: Callable[..., float]) -> tuple[Floats, ...]:
    """Return the values and axes of one table.

    Raises:
        RuntimeError: NEURON has no data.
        LookupError: no axis explains the function.
    """
    call(*[0.0] * table.arguments)
    axes = []
    for k in range(table.arguments):
        axes.append(_find_vector_axis(h, call) if table.arguments == 1 else None)
        axes[k] = _find_uniform_axis(call, k, table.arguments) if axes[k] is None else axes[k]
    if all(len(axis) == 1 for axis in axes):
        return (np.array(call(*[0.0] * table.arguments)),)
    grid = np.array([call(*map(float, at)) for at in itertools.product(*axes)]).reshape([len(axis) for axis in axes])
    if len(axes) > 1:
        _require_same(call, grid, axes)
    return grid, *axes


def _require_same(call: Callable[..., float], grid: Floats, axes: Sequence[Floats]) -> None:
    """Compare a table of several axes with the function at random places.

    Raises:
        LookupError: they differ.
    """
    places = np.random.default_rng(0).uniform(0, 1, (PLACES, len(axes)))
    for shares in places:
        x = [float(axis[0] + share * (axis[-1] - axis[0])) for share, axis in zip(shares, axes, strict=True)]
        value = grid
        for axis, at in zip(axes, x, strict=True):
            value = _interpolate(axis, value, at)
        if not abs(value - call(*x)) <= NEAR * np.max(np.abs(grid)):
            raise LookupError("no equal steps")


def _interpolate(axis: Floats, values: Floats, x: float) -> Any:
    """Interpolate along the first axis of ``values``."""
    if len(axis) == 1:
        return values[0]
    k = int(np.clip(np.searchsorted(axis, x, side="right") - 1, 0, len(axis) - 2))
    share = (x - axis[k]) / (axis[k + 1] - axis[k])
    return (1.0 - share) * values[k] + share * values[k + 1]


def _find_vector_axis(h: Any, call: Callable[..., float]) -> Floats | None:
    for axis in _increasing_vectors(h):
        if _interpolates(axis, np.array([call(x) for x in axis]), call):
            return axis
    return None


def _find_uniform_axis(call: Callable[..., float], k: int, count: int) -> Floats:
    """Return equal steps along the k-th argument, with values of the others at which it matters.

    Raises:
        LookupError: no number of equal steps gives the function's values.
    """

    def along(x: float, others: float) -> float:
        return call(*(x if i == k else others for i in range(count)))

    for others in OTHERS if count > 1 else (0.0,):
        first, last = _find_edges(partial(along, others=others))
        if first < last:
            return _find_steps(partial(along, others=others), _round_edge(first), _round_edge(last))
    return np.zeros(1)


def _find_edges(along: Callable[[float], float]) -> tuple[float, float]:
    """Return the two arguments beyond which the function is constant; the same number twice if it never changes."""
    moved = [x for x in SCAN if along(x) not in (along(SCAN[0]), along(SCAN[-1]))]
    if not moved and along(SCAN[0]) == along(SCAN[-1]):
        return 0.0, 0.0
    inside = moved or [next(x for x in SCAN if along(x) != along(SCAN[0]))]
    return _find_edge(along, SCAN[0], inside[0]), _find_edge(along, SCAN[-1], inside[-1])


def _find_edge(along: Callable[[float], float], outside: float, inside: float) -> float:
    """Return where the function leaves its outermost value, by bisection."""
    value = along(outside)
    for _ in range(200):
        middle = (outside + inside) / 2
        if middle in (outside, inside):
            break
        outside, inside = (middle, inside) if along(middle) == value else (outside, middle)
    return outside


def _round_edge(edge: float) -> list[float]:
    """Return numbers of few digits near an edge: a function that is nearly flat there shows its edge to few digits."""
    return list(dict.fromkeys(round(float(f"{edge:.{digits}g}"), 12) for digits in (3, 4, 6, 9)))


def _find_steps(along: Callable[[float], float], firsts: list[float], lasts: list[float]) -> Floats:
    """Return the axis with the smallest number of equal steps that gives the function."""
    for first, last in itertools.product(firsts, lasts):
        axis = _try_steps(along, first, last) if first < last else None
        if axis is not None:
            return axis
    raise LookupError("no equal steps")


def _try_steps(along: Callable[[float], float], first: float, last: float) -> Floats | None:
    size = max(abs(along(first + share * (last - first))) for share in np.linspace(0, 1, 101))
    tests = [first + share * (last - first) for share in np.random.default_rng(1).uniform(0, 1, PLACES)]
    for count in range(2, MOST):
        step = (last - first) / (count - 1)
        if all(abs(_interpolate_steps(along, first, step, x) - along(x)) <= NEAR * size for x in tests):
            return np.linspace(first, last, count)
    return None


def _interpolate_steps(along: Callable[[float], float], first: float, step: float, x: float) -> float:
    k = int((x - first) / step)
    share = (x - first) / step - k
    return (1.0 - share) * along(first + k * step) + share * along(first + (k + 1) * step)


def _increasing_vectors(h: Any) -> Iterator[Floats]:
    """Give every increasing Vector once, the longest first: a shorter one may leave out points of a straight line."""
    seen = set()
    vectors = [np.array(vector) for vector in h.List("Vector")]
    for axis in sorted(vectors, key=len, reverse=True):
        if len(axis) > 1 and axis.tobytes() not in seen and np.isfinite(axis).all() and (np.diff(axis) > 0).all():
            seen.add(axis.tobytes())
            yield axis


def _interpolates(axis: Floats, values: Floats, call: Callable[[float], float]) -> bool:
    """Return whether the function has these values: linear between the abscissae, and constant beyond them."""
    beyond = [axis[0] - 1.0, axis[-1] + 1.0, *(x for x in SCAN if not axis[0] <= x <= axis[-1])]
    if any(call(x) != (values[0] if x < axis[0] else values[-1]) for x in beyond):
        return False
    return all(_same(call(x), (1.0 - share) * values[k] + share * values[k + 1]) for k, x, share in _between(axis))


def _between(axis: Floats) -> Iterator[tuple[int, float, float]]:
    """Give points between two abscissae, with the share of the way as NEURON computes it."""
    for k in range(len(axis) - 1):
        for share in SHARES:
            x = axis[k] + share * (axis[k + 1] - axis[k])
            if axis[k] < x < axis[k + 1]:
                yield k, float(x), float((x - axis[k]) / (axis[k + 1] - axis[k]))


def _same(a: float, b: float) -> bool:
    return abs(a - b) <= 4 * np.finfo(float).eps * abs(a)
