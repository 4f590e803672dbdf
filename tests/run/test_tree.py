"""The tree solver against the full matrix, forwards and backwards."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxneuron.run.tree import HinesMatrix, dense, eliminate, matvec, solve, transpose

SHAPES = {
    "one node": [-1],
    "two roots": [-1, -1],
    "cable": [-1, 0, 1, 2, 3],
    "star": [-1, 0, 0, 0, 0],
    "root in the middle": [-1, 0, 1, -1, 3, 1],
}


def random_tree(seed: int, n: int) -> list[int]:
    rng = np.random.default_rng(seed)
    return [-1, *(int(rng.integers(i)) for i in range(1, n))]


TREES = {**SHAPES, **{f"random {n}": random_tree(n, n) for n in (7, 60)}}


def system(parents: list[int]) -> tuple[np.ndarray, HinesMatrix, jax.Array]:
    """A diagonally dominant system without symmetry."""
    parent = np.array(parents)
    rng = np.random.default_rng(len(parents))
    a, b = (np.where(parent < 0, 0.0, -rng.uniform(0.1, 2.0, len(parent))) for _ in range(2))
    d = np.abs(a) + np.abs(b) + rng.uniform(0.5, 1.0, len(parent))
    np.add.at(d, np.maximum(parent, 0), np.abs(a) + np.abs(b))
    matrix = HinesMatrix(*(jnp.asarray(x) for x in (a, b, d)))
    return parent, matrix, jnp.asarray(rng.normal(size=len(parent)))


@pytest.fixture(params=list(TREES.values()), ids=list(TREES))
def case(request):
    return system(request.param)


def test_matvec_is_the_dense_product(case):
    parent, m, x = case
    np.testing.assert_allclose(matvec(parent, m, x), dense(parent, m) @ x, rtol=1e-13, atol=1e-14)


def test_transpose_exchanges_rows_and_columns(case):
    parent, m, _ = case
    np.testing.assert_array_equal(dense(parent, transpose(m)), dense(parent, m).T)


def test_solve_equals_dense_solve(case):
    parent, m, rhs = case
    expected = np.linalg.solve(dense(parent, m), rhs)
    np.testing.assert_allclose(solve(parent, m, rhs), expected, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(eliminate(parent, m, rhs), expected, rtol=1e-12, atol=1e-14)


def dense_solve(parent, m, rhs):
    n = len(parent)
    child = np.flatnonzero(parent >= 0)
    full = jnp.zeros((n, n)).at[np.arange(n), np.arange(n)].set(m.d)
    full = full.at[parent[child], child].add(m.a[child]).at[child, parent[child]].add(m.b[child])
    return jnp.linalg.solve(full, rhs)


def on_tree(parent, m):
    """Off-diagonals do not exist at roots."""
    return HinesMatrix(jnp.where(parent < 0, 0.0, m.a), jnp.where(parent < 0, 0.0, m.b), m.d)


def test_reverse_gradient_equals_the_dense_one(case):
    parent, m, rhs = case
    weight = jnp.cos(jnp.arange(len(parent), dtype=float))
    ours = jax.grad(lambda m, y: weight @ solve(parent, on_tree(parent, m), y), argnums=(0, 1))(m, rhs)
    twin = jax.grad(lambda m, y: weight @ dense_solve(parent, on_tree(parent, m), y), argnums=(0, 1))(m, rhs)
    for name, got, expected in zip("abdy", [*ours[0], ours[1]], [*twin[0], twin[1]], strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-12, err_msg=name)


def test_forward_derivative_equals_finite_difference(case):
    parent, m, rhs = case
    direction = jax.tree.map(lambda x: jnp.sin(jnp.arange(len(parent), dtype=float) + x), (m, rhs))
    direction = (on_tree(parent, direction[0]), direction[1])
    _, tangent = jax.jvp(lambda m, y: solve(parent, m, y), (m, rhs), direction)
    h = 1e-6

    def moved(sign):
        m2, y2 = jax.tree.map(lambda x, d: x + sign * h * d, (m, rhs), direction)
        return np.linalg.solve(dense(parent, m2), y2)

    np.testing.assert_allclose(tangent, (moved(1) - moved(-1)) / (2 * h), rtol=1e-6, atol=1e-8)


def test_vmap_solves_each_system(case):
    parent, m, rhs = case
    batch = jnp.stack([rhs, 2.0 * rhs, rhs + 1.0])
    many = jax.vmap(lambda y: solve(parent, m, y))(batch)
    for got, y in zip(many, batch, strict=True):
        np.testing.assert_allclose(got, solve(parent, m, y), rtol=1e-13, atol=1e-15)
