"""What a KINETIC block is to its solvers: a matrix and a right-hand side.

In: a function that writes reactions into a ``Kinetic``. Out: the change of the states in one Newton step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jxneuron.mech.solvers.backward_euler import eliminate
from jxneuron.mech.states import States, nested

Species = str | tuple[str, int]
Reactions = Callable[..., Sequence[Any]]


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


def kinetic_change(reactions: Reactions, names: Sequence[str], states: States) -> Any:
    """Return ``(x, old, inputs, dt) -> change of x``, for ``backward_euler``."""

    def change(x: list[Any], old: list[Any], inputs: Any, dt: Any) -> list[Any]:
        k = Kinetic(names, nested(x, states), nested(old, states), dt)
        reactions(k, *nested(x, states), *inputs)
        return k.change()

    return change
