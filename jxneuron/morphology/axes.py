"""Principal axes of a symmetric 3 x 3 matrix, step by step as NEURON's ``Matrix.symmeig`` finds them.

In: a matrix. Out: eigenvalues and their vectors, in no order. Where an outline is symmetric, rounding decides which of
its points is the farthest, so the steps stand in NEURON's order: NEURON takes a solver for any real matrix (reduction
to Hessenberg form, Francis' double QR steps, back substitution; Golub and Van Loan, Matrix Computations, 7.4 to 7.6).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence

from jxneuron.model.model import Floats

Matrix = list[list[float]]
SMALLEST = sys.float_info.min
EPS = sys.float_info.epsilon
# QR steps for one matrix
STEPS = 120


def symmetric_axes(matrix: Floats) -> tuple[list[float], Matrix]:
    """Eigenvalues, and the matrix whose columns are their vectors, of length 1.

    Args:
        matrix: (3, 3), symmetric.
    """
    scale = max(abs(float(value)) for value in matrix.ravel())
    if scale < SMALLEST:
        return [0.0] * 3, _identity()
    t = [[float(value) / scale for value in row] for row in matrix]
    u = _hessenberg(t)
    _triangular(t, u)
    t = [[value * scale for value in row] for row in t]
    return [t[i][i] for i in range(3)], _vectors(t, u)


def _total(values: Iterable[float]) -> float:
    """Added one after another; Python's ``sum`` compensates rounding from 3.12 on."""
    total = 0.0
    for value in values:
        total += value
    return total


def _identity() -> Matrix:
    return [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]


def _reflection(v: Sequence[float]) -> tuple[list[float], float, float]:
    """The reflection that turns v into (beta, 0, ...): its vector without the leading 1, its factor, beta."""
    tail = _total(value * value for value in v[1:])
    if tail <= SMALLEST:
        return [0.0] * (len(v) - 1), 0.0, v[0]
    beta = math.sqrt(v[0] * v[0] + tail)
    beta = -beta if v[0] >= 0 else beta
    return [value / (v[0] - beta) for value in v[1:]], (beta - v[0]) / beta, beta


def _from_left(m: Matrix, row: int, columns: range, essential: list[float], tau: float) -> None:
    """Reflect rows from ``row`` on, in some columns."""
    for j in columns:
        share = _total(e * m[row + 1 + k][j] for k, e in enumerate(essential)) + m[row][j]
        m[row][j] -= tau * share
        for k, e in enumerate(essential):
            m[row + 1 + k][j] -= tau * e * share


def _from_right(m: Matrix, rows: range, column: int, essential: list[float], tau: float) -> None:
    """Reflect columns from ``column`` on, in some rows."""
    for i in rows:
        share = _total(m[i][column + 1 + k] * e for k, e in enumerate(essential)) + m[i][column]
        m[i][column] -= tau * share
        for k, e in enumerate(essential):
            m[i][column + 1 + k] -= tau * share * e


def _hessenberg(t: Matrix) -> Matrix:
    """Nothing below the subdiagonal; changes t, returns the reflection."""
    essential, tau, beta = _reflection([t[1][0], t[2][0]])
    t[1][0], t[2][0] = beta, 0.0
    u = _identity()
    if tau:
        _from_left(t, 1, range(1, 3), essential, tau)
        _from_right(t, range(3), 1, essential, tau)
        _from_left(u, 1, range(1, 3), essential, tau)
    return u


def _triangular(t: Matrix, u: Matrix) -> None:
    """Nothing below the diagonal; changes both."""
    norm = _total(abs(t[i][j]) for j in range(3) for i in range(min(3, j + 2)))
    least = max(norm * EPS * EPS, SMALLEST)
    last = 2
    for _ in range(STEPS):
        if last <= 0:
            return
        first = last
        while first > 0:
            beside = abs(t[first - 1][first - 1]) + abs(t[first][first])
            if abs(t[first][first - 1]) <= max(beside * EPS, least):
                break
            first -= 1
        if first == last:
            t[last][last - 1] = 0.0
            last -= 1
        elif first == last - 1:
            _split(t, u, last)
            last -= 2
        else:
            _double_step(t, u)


def _split(t: Matrix, u: Matrix, last: int) -> None:
    """Turn a 2 x 2 block into a triangle."""
    above = last - 1
    p = 0.5 * (t[above][above] - t[last][last])
    z = math.sqrt(abs(p * p + t[last][above] * t[above][last]))
    c, s = _rotation(p + z if p >= 0 else p - z, t[last][above])
    for j in range(above, 3):
        t[above][j], t[last][j] = c * t[above][j] - s * t[last][j], s * t[above][j] + c * t[last][j]
    for rows in (t[: last + 1], u):
        for row in rows:
            row[above], row[last] = c * row[above] - s * row[last], s * row[above] + c * row[last]
    t[last][above] = 0.0
    if last > 1:
        t[above][above - 1] = 0.0


def _rotation(x: float, z: float) -> tuple[float, float]:
    """Cosine and sine of the rotation that turns (x, z) into (r, 0)."""
    if z == 0.0:
        return (-1.0 if x < 0 else 1.0), 0.0
    if x == 0.0:
        return 0.0, 1.0 if z < 0 else -1.0
    if abs(x) > abs(z):
        t = z / x
        c = 1.0 / math.copysign(math.sqrt(1.0 + t * t), x)
        return c, -t * c
    t = x / z
    s = -1.0 / math.copysign(math.sqrt(1.0 + t * t), z)
    return -t * s, s


def _double_step(t: Matrix, u: Matrix) -> None:
    """Francis' step on the whole matrix."""
    r, s = t[2][2] - t[0][0], t[1][1] - t[0][0]
    product = t[2][1] * t[1][2]
    v = [(r * s - product) / t[1][0] + t[0][1], t[1][1] - t[0][0] - r - s, t[2][1]]
    essential, tau, beta = _reflection(v)
    if beta != 0.0:
        _from_left(t, 0, range(3), essential, tau)
        _from_right(t, range(3), 0, essential, tau)
        _from_right(u, range(3), 0, essential, tau)
    essential, tau, beta = _reflection([t[1][0], t[2][0]])
    if beta != 0.0:
        t[1][0] = beta
        _from_left(t, 1, range(1, 3), essential, tau)
        _from_right(t, range(3), 1, essential, tau)
        _from_right(u, range(3), 1, essential, tau)
    t[2][0] = 0.0


def _vectors(t: Matrix, u: Matrix) -> Matrix:
    """Vectors of a triangle, turned back and made of length 1 by a division of complex numbers, as NEURON does it."""
    norm = _total(abs(t[i][j]) for i in range(3) for j in range(max(i - 1, 0), 3))
    values = [t[i][i] for i in range(3)]
    for n in (2, 1, 0):
        t[n][n] = 1.0
        for i in range(n - 1, -1, -1):
            r = _total(t[i][k] * t[k][n] for k in range(i + 1, n + 1))
            w = values[i] - values[n]
            t[i][n] = -r / (w or EPS * norm)
    columns = []
    for j in range(3):
        column = [_total(u[i][k] * t[k][j] for k in range(j + 1)) for i in range(3)]
        length = math.sqrt(_total(value * value for value in column))
        columns.append([value * length / (length * length) for value in column])
    return [[column[i] for column in columns] for i in range(3)]
