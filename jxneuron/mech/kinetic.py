"""KINETIC and implicit DERIVATIVE blocks: one backward Euler step, vectorised over instances.

In: a function that writes reactions into a ``Kinetic`` (or returns derivatives). Out: the states at the end
of the step. Which entries of the matrix exist is known while tracing, so elimination is unrolled over them.
The iteration is that of NEURON's ``src/scopmath`` (``sparse_thread.hpp``, ``ssimplic_thread.hpp``). Gradients
are those of the implicit solution: the iteration itself is not differentiated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from jxneuron.mech.states import States, arrays, flat, nested

CONVERGED = 1e-6  # sum of |changes|, in the states' own units (scopmath's CONVERGE)
MAX_STEPS = 22  # the last of them is one too many (sparse_thread.hpp)
STEADY_DT = 1e9
STEADY_TRIES = 7
NEWTON_TOLERANCE = 1e-12
NEWTON_STEPS = 50

Species = str | tuple[str, int]


class Kinetic:
    """Collects the flux into each state and the derivative of those fluxes.

    Attributes:
        rhs: what flows into state i, without its storage term.
        matrix: minus the derivative of ``rhs[i]`` by state j, for the entries that exist.
    """

    def __init__(self, names: Sequence[str], values: States, old: States, dt: Any) -> None:
        self.index: dict[Species, int] = {}
        self.values: list[Any] = []
        self.old: list[Any] = []
        for name, value, before in zip(names, values, old, strict=True):
            array = isinstance(value, list | tuple)
            for k, one in enumerate(value if array else [value]):
                self.index[(name, k) if array else name] = len(self.values)
                self.values.append(one)
                self.old.append(before[k] if array else before)
        self.dt = dt
        self.rhs: list[Any] = [0.0] * len(self.values)
        self.matrix: dict[tuple[int, int], Any] = {}
        self.volume: dict[int, Any] = {}
        self.conserved: list[tuple[dict[int, int], Any]] = []
        self.elements = {k for name, k in self.index.items() if isinstance(name, tuple)}

    def compartment(self, volume: Any, *species: Species) -> None:
        """``COMPARTMENT volume {species}``."""
        for name in species:
            self.volume[self.index[name]] = volume

    def reaction(
        self, left: Mapping[Species, int], right: Mapping[Species, int], forward: Any, backward: Any
    ) -> tuple[Any, Any]:
        """``~ left <-> right (forward, backward)``; return ``f_flux, b_flux``."""
        fluxes = []
        sides = ((left, forward, 1.0), (right, backward, -1.0))
        for side, rate, sign in sides:
            fluxes.append(self._product(side, rate))
            for name in side:
                self._slope(self.index[name], self._derivative(side, rate, name), sign, left, right)
        net = fluxes[0] - fluxes[1]
        for name, count in left.items():
            self.rhs[self.index[name]] = self.rhs[self.index[name]] - count * net
        for name, count in right.items():
            self.rhs[self.index[name]] = self.rhs[self.index[name]] + count * net
        return fluxes[0], fluxes[1]

    def flux(self, species: Species, value: Any) -> tuple[Any, Any]:
        """``~ species << (value)``; return ``f_flux, b_flux`` (the second holds the value, as in NEURON)."""
        row = self.index[species]
        self.rhs[row] = self.rhs[row] + value
        return 0.0, value

    def conserve(self, terms: Mapping[Species, int], value: Any) -> None:
        """``CONSERVE terms = value``: takes the place of one state's equation."""
        self.conserved.append(({self.index[name]: count for name, count in terms.items()}, value))

    def _product(self, side: Mapping[Species, int], rate: Any) -> Any:
        for name, count in side.items():
            for _ in range(count):
                rate = rate * self.values[self.index[name]]
        return rate

    def _derivative(self, side: Mapping[Species, int], rate: Any, name: Species) -> Any:
        count = side[name]
        rate = rate * float(count) if count != 1 else rate
        return self._product({other: n - (other == name) for other, n in side.items()}, rate)

    def _slope(
        self, column: int, term: Any, sign: float, left: Mapping[Species, int], right: Mapping[Species, int]
    ) -> None:
        for side, direction in ((left, sign), (right, -sign)):
            for name, count in side.items():
                self._add(self.index[name], column, direction * count * term)

    def _add(self, row: int, column: int, value: Any) -> None:
        key = (row, column)
        self.matrix[key] = self.matrix[key] + value if key in self.matrix else value

    def change(self) -> list[Any]:
        """Return the Newton change of each state towards ``volume*(x - old)/dt = rhs(x)``."""
        matrix, rhs = dict(self.matrix), list(self.rhs)
        rate = 1.0 / self.dt
        for row in range(len(rhs)):
            volume = self.volume.get(row, 1.0)
            rhs[row] = rhs[row] - rate * (self.values[row] - self.old[row]) * volume
            matrix[row, row] = matrix.get((row, row), 0.0) + rate * volume
        taken = self._conservation(matrix, rhs)
        return eliminate(matrix, rhs, taken)

    def _conservation(self, matrix: dict[tuple[int, int], Any], rhs: list[Any]) -> list[int]:
        """Replace one equation per CONSERVE, the first free state of the last terms, as nocmodl chooses."""
        taken: list[int] = []
        for terms, value in reversed(self.conserved):
            row = next(k for k in reversed(list(terms)) if k not in taken and k not in self.elements)
            taken.append(row)
            for column in range(len(rhs)):
                matrix.pop((row, column), None)
            rhs[row] = value
            for column, count in terms.items():
                weight = count * self.volume.get(column, 1.0)
                matrix[row, column] = weight
                rhs[row] = rhs[row] - self.values[column] * weight
        return taken


def eliminate(matrix: Mapping[tuple[int, int], Any], rhs: Sequence[Any], last: Sequence[int] = ()) -> list[Any]:
    """Solve ``matrix @ x = rhs`` by Gauss elimination over the entries that exist, diagonal pivots.

    Args:
        matrix: entries by (row, column), each ``(instance,)`` or ``()``.
        rhs: one value per row.
        last: rows to eliminate last (conservation rows, whose pivots fill up first).
    """
    rows = {k: {j: a for (i, j), a in matrix.items() if i == k} for k in range(len(rhs))}
    values, order, left = list(rhs), [], set(range(len(rhs)))
    while left:
        pivot = min(left, key=lambda k: (k in last, len(rows[k]), k))
        left.remove(pivot)
        order.append(pivot)
        for row in left:
            if pivot in rows[row]:
                factor = rows[row].pop(pivot) / rows[pivot][pivot]
                values[row] = values[row] - factor * values[pivot]
                for column, entry in rows[pivot].items():
                    if column != pivot:
                        rows[row][column] = (
                            rows[row][column] - factor * entry if column in rows[row] else -(factor * entry)
                        )
    solution: dict[int, Any] = {}
    for pivot in reversed(order):
        total = values[pivot]
        for column, entry in rows[pivot].items():
            if column != pivot:
                total = total - entry * solution[column]
        solution[pivot] = total / rows[pivot][pivot]
    return [solution[k] for k in range(len(rhs))]


Reactions = Callable[..., Sequence[Any]]
Change = Callable[[list[Any], list[Any], Any], list[Any]]


def _still(values: Any) -> Any:
    return jax.tree.map(lambda x: jax.lax.stop_gradient(x) if isinstance(x, jax.Array) else x, values)


def _iterate(
    change: Callable[[list[Any]], list[Any]], start: list[Any], clip: bool, done: Callable[..., Any], limit: int
) -> list[Any]:
    """Newton's iteration, each instance for itself until ``done``; values only, no derivative."""

    def step(carry: Any) -> Any:
        x, active, count = carry
        delta = change(x)
        moved = [a + d for a, d in zip(x, delta, strict=True)]
        if clip:
            moved = [jnp.where(a < 0.0, 0.0, a) for a in moved]
        x = [jnp.where(active, b, a) for a, b in zip(x, moved, strict=True)]
        return x, active & ~done(x, delta), count + 1

    def going(carry: Any) -> Any:
        return jnp.any(carry[1]) & (carry[2] < limit)

    active = jnp.ones(start[0].shape, dtype=bool)
    return jax.lax.while_loop(going, step, (start, active, 0))[0]


def _small_sum(x: list[Any], delta: list[Any]) -> Any:
    del x
    total = jnp.abs(delta[0])
    for one in delta[1:]:
        total = total + jnp.abs(one)
    return total <= CONVERGED


def _small_ratio(x: list[Any], delta: list[Any]) -> Any:
    small = jnp.ones(x[0].shape, dtype=bool)
    for a, d in zip(x, delta, strict=True):
        small = small & (jnp.abs(d) <= NEWTON_TOLERANCE * jnp.abs(a))
    return small


def _implicit(change: Change, x: list[Any], inputs: Any, dt: Any) -> list[Any]:
    """Give the solution ``x`` the derivative of the implicit equation: that of one more Newton step."""
    delta = change(x, inputs, dt)
    return [a + (d - jax.lax.stop_gradient(d)) for a, d in zip(x, delta, strict=True)]


def _backward_euler(
    change: Any, old: list[Any], inputs: Any, dt: Any, *, linear: bool, clip: bool, done: Callable[..., Any], limit: int
) -> list[Any]:
    if linear:
        delta = change(old, old, inputs, dt)
        return [a + d for a, d in zip(old, delta, strict=True)]
    still, fixed, held = _still(old), _still(inputs), _still(dt)
    x = _iterate(lambda x: change(x, still, fixed, held), still, clip, done, limit)
    return _implicit(lambda x, i, h: change(x, old, i, h), x, inputs, dt)


def _kinetic_change(reactions: Reactions, names: Sequence[str], states: States) -> Any:
    def change(x: list[Any], old: list[Any], inputs: Any, dt: Any) -> list[Any]:
        k = Kinetic(names, nested(x, states), nested(old, states), dt)
        reactions(k, *nested(x, states), *inputs)
        return k.change()

    return change


def sparse(
    reactions: Reactions,
    names: Sequence[str],
    states: States,
    inputs: Sequence[Any],
    dt: Any,
    secondorder: int,
    *,
    linear: bool,
) -> tuple[list[Any], Sequence[Any]]:
    """``SOLVE block METHOD sparse``: advance ``states`` by ``dt``.

    Args:
        reactions: ``(k, *states, *inputs) -> values that the block's statements set``.
        names: names of ``states``.
        states: ``(instance,)`` each, array states as lists.
        inputs: what the block reads besides its states.
        dt: ms; half a step where ``secondorder`` is not 0.
        secondorder: where it is not 0, the states are extrapolated by ``dt*y'``.
        linear: True where each rate multiplies one state, so that one solve is exact. Otherwise Newton's
            iteration sets negative states to 0 at each iterate, as NEURON does.

    Returns:
        The states, and what ``reactions`` returned at the solution.
    """
    old = arrays(flat(states), inputs)
    change = _kinetic_change(reactions, names, states)
    x = _backward_euler(change, old, inputs, dt, linear=linear, clip=True, done=_small_sum, limit=MAX_STEPS)
    written = reactions(Kinetic(names, nested(x, states), nested(old, states), dt), *nested(x, states), *inputs)
    if secondorder:
        x = [a + (a - b) for a, b in zip(x, old, strict=True)]
    return nested(x, states), written


def steadystate(
    reactions: Reactions,
    names: Sequence[str],
    states: States,
    inputs: Sequence[Any],
    dt: Any,
    secondorder: int,
    *,
    linear: bool,
) -> tuple[list[Any], Sequence[Any]]:
    """``SOLVE block STEADYSTATE sparse``: one step of 1e9 ms, after a linear one where it is not linear."""
    change = _kinetic_change(reactions, names, states)
    x = arrays(flat(states), inputs)
    if not linear:
        x = _linear_tries(change, x, inputs)
    old = x
    x = _backward_euler(change, old, inputs, STEADY_DT, linear=False, clip=True, done=_small_sum, limit=MAX_STEPS)
    written = reactions(Kinetic(names, nested(x, states), nested(old, states), STEADY_DT), *nested(x, states), *inputs)
    if secondorder:
        x = [a + dt * ((a - b) / STEADY_DT) for a, b in zip(x, old, strict=True)]
    return nested(x, states), written


def _linear_tries(change: Any, x: list[Any], inputs: Any) -> list[Any]:
    """Up to seven linear steps, until no state is below -1e-6; such states restart from 0."""
    active = jnp.ones(x[0].shape, dtype=bool)
    for _ in range(STEADY_TRIES):
        delta = change(x, x, inputs, STEADY_DT)
        moved = [jnp.where(active, a + d, a) for a, d in zip(x, delta, strict=True)]
        low = jnp.zeros(active.shape, dtype=bool)
        for a in moved:
            low = low | (a < -1e-6)
        x = [jnp.where(a < -1e-6, 0.0, a) for a in moved]
        active = active & low
    return x


def derivimplicit(
    derivatives: Callable[..., tuple[Sequence[Any], Sequence[Any]]],
    states: States,
    inputs: Sequence[Any],
    dt: Any,
    secondorder: int,
) -> tuple[list[Any], Sequence[Any]]:
    """``SOLVE block METHOD derivimplicit``: backward Euler, Newton with exact derivatives to 1e-12.

    Args:
        derivatives: ``(*states, *inputs) -> (y' of each state, values that the block's statements set)``.
        states: ``(instance,)`` each, array states as lists.
        inputs: what the block reads besides its states.
        dt: ms; half a step where ``secondorder`` is not 0.
        secondorder: where it is not 0, the states are extrapolated by ``dt*y'``.
    """
    old = arrays(flat(states), inputs)

    def change(x: list[Any], old: list[Any], inputs: Any, dt: Any) -> list[Any]:
        def slopes(*x: Any) -> list[Any]:
            found = flat(derivatives(*nested(x, states), *inputs)[0])
            return [jnp.broadcast_to(jnp.asarray(one, dtype=x[0].dtype), x[0].shape) for one in found]

        rhs = [dt * f - (a - b) for f, a, b in zip(slopes(*x), x, old, strict=True)]
        matrix: dict[tuple[int, int], Any] = {}
        for column, one in enumerate(x):
            ones = [jnp.ones_like(one) if k == column else jnp.zeros_like(a) for k, a in enumerate(x)]
            for row, slope in enumerate(jax.jvp(slopes, tuple(x), tuple(ones))[1]):
                matrix[row, column] = float(row == column) - dt * slope
        return eliminate(matrix, rhs)

    x = _backward_euler(change, old, inputs, dt, linear=False, clip=False, done=_small_ratio, limit=NEWTON_STEPS)
    slopes, written = derivatives(*nested(x, states), *inputs)
    if secondorder:
        x = [a + dt * f for a, f in zip(x, flat(slopes), strict=True)]
    return nested(x, states), written


class Linear:
    """Collects the equations of a LINEAR block."""

    def __init__(self) -> None:
        self.rows: list[tuple[Mapping[Species, Any], Any]] = []

    def equation(self, coefficients: Mapping[Species, Any], value: Any) -> None:
        """``~ sum of coefficient*state = value``."""
        self.rows.append((coefficients, value))


def linear(
    equations: Reactions, names: Sequence[str | tuple[str, int]], inputs: Sequence[Any]
) -> tuple[list[Any], Sequence[Any]]:
    """``SOLVE`` of a LINEAR block: elimination with row pivots, as scopmath's ``simeq``.

    Args:
        equations: ``(k, *inputs) -> values that the block's statements set``.
        names: of the states, an array's with its size.
        inputs: what the block reads.
    """
    k = Linear()
    written = equations(k, *inputs)
    form: list[Any] = [each if isinstance(each, str) else [(each[0], j) for j in range(each[1])] for each in names]
    every = [species for each in form for species in (each if isinstance(each, list) else [each])]
    entries = [row.get(species, 0.0) for row, _ in k.rows for species in every] + [value for _, value in k.rows]
    found = arrays(entries, inputs)
    size = len(k.rows)
    matrix = jnp.stack(found[: size * size], axis=-1).reshape((*found[0].shape, size, size))
    rhs = jnp.stack(found[size * size :], axis=-1)
    solution = jnp.linalg.solve(matrix, rhs[..., None])[..., 0]
    return nested([solution[..., j] for j in range(size)], form), written
