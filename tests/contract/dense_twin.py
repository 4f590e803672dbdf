"""An honest twin of a passive tree: full matrices, built from nothing but lengths, radii and who hangs where.

Each compartment has a capacitance and a leak; a place where branches meet has neither. Half a compartment is a
resistor of ``Ra (L/2) / (pi r^2)``. A step is backward Euler.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Branch:
    """One branch, values per compartment: um, um, ohm cm, uF/cm2; g (S/cm2) and e (mV) of a leak."""

    length: Sequence[float]
    radius: Sequence[float]
    parent: int = -1
    parent_x: float = 1.0
    Ra: float = 100.0
    cm: Sequence[float] | None = None
    g: Sequence[float] | None = None
    e: Sequence[float] | None = None


@dataclass
class Twin:
    """Matrices in nA, mV, ms, uS: ``capacity v' = -conductance v + source + injected``."""

    branches: Sequence[Branch]
    capacity: np.ndarray = field(init=False)
    conductance: np.ndarray = field(init=False)
    source: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.first = np.cumsum([0, *(len(each.length) for each in self.branches)])
        self.count = int(self.first[-1])
        joints = 2 * len(self.branches)  # near and far end of each branch; a near end may be another branch's node
        size = self.count + joints
        self.conductance = np.zeros((size, size))
        self.capacity, self.source = np.zeros(size), np.zeros(size)
        for index, branch in enumerate(self.branches):
            self._wire(index, branch)
        used = np.abs(self.conductance).sum(axis=1) > 0
        self.conductance[~used, ~used] = 1.0

    def near(self, index: int) -> int:
        """The node that a branch starts from."""
        branch = self.branches[index]
        if branch.parent < 0:
            return self.count + 2 * index
        if branch.parent_x == 1.0:
            return self.count + 2 * branch.parent + 1
        if branch.parent_x == 0.0:
            return self.near(branch.parent)
        return int(self.first[branch.parent] + int(branch.parent_x * len(self.branches[branch.parent].length)))

    def _wire(self, index: int, branch: Branch) -> None:
        halves = [
            branch.Ra * 1e4 * (length / 2) * 1e-6 / (np.pi * radius**2)  # MOhm: ohm cm = 1e4 ohm um
            for length, radius in zip(branch.length, branch.radius, strict=True)
        ]
        own = list(range(self.first[index], self.first[index + 1]))
        path = [self.near(index), *own, self.count + 2 * index + 1]
        resistances = [halves[0], *(a + b for a, b in itertools.pairwise(halves)), halves[-1]]
        for a, b, resistance in zip(path[:-1], path[1:], resistances, strict=True):
            for one, other in ((a, b), (b, a)):
                self.conductance[one, one] += 1 / resistance
                self.conductance[one, other] -= 1 / resistance
        for k, node in enumerate(own):
            area = 2 * np.pi * branch.radius[k] * branch.length[k]  # um2
            g, e = (values[k] if values is not None else 0.0 for values in (branch.g, branch.e))
            self.capacity[node] = (1.0 if branch.cm is None else branch.cm[k]) * area * 1e-5  # nF
            self.conductance[node, node] += g * area * 1e-2  # uS: S/cm2 um2 = 1e-8 S = 1e-2 uS
            self.source[node] += g * e * area * 1e-2

    def run(
        self, v: Sequence[float], steps: int, dt: float, injected: np.ndarray | None = None, held: dict | None = None
    ) -> np.ndarray:
        """Voltages of all compartments, (compartments, steps + 1).

        ``injected`` (compartments, steps) nA acts in step k; ``held`` maps a compartment to what it is after step k.
        """
        size = len(self.capacity)
        now: np.ndarray = np.zeros(size)
        now[: self.count] = v
        matrix = np.diag(self.capacity / dt) + self.conductance
        rows: list[np.ndarray] = [now[: self.count].copy()]
        for k in range(steps):
            right = self.capacity / dt * now + self.source
            if injected is not None:
                right[: self.count] += injected[:, k]
            now = np.linalg.solve(matrix, right)
            for row, values in (held or {}).items():
                now[row] = values[k]
            rows.append(now[: self.count].copy())
        return np.array(rows).T
