"""Jacobians: shapes, chunks, nests, and Hessians against closed forms."""

import sys

import numpy as np
import pytest

import autograd
from autograd import Tensor, grad, jacobian
from autograd.errors import ArgumentError, GraphError

X = np.array([1.0, 2.0, -0.5])


def test_the_identity_owns_its_memory():
    J = jacobian(lambda x: x)(X)
    assert J.flags.writeable
    assert np.array_equal(J, np.eye(3))


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0,)])
def test_the_shape_is_that_of_output_and_input(shape):
    x = np.full(shape, 0.5)
    assert np.shape(jacobian(lambda x: x * x)(x)) == shape + shape
    assert np.shape(jacobian(lambda x: x * np.ones((4, *shape)))(x)) == (4, *shape, *shape)
    assert np.shape(jacobian(autograd.sum)(x)) == shape


def test_a_number_by_a_number_is_a_number():
    assert type(jacobian(lambda x: x * x)(3.0)) is np.float64


def test_an_output_without_entries():
    assert jacobian(lambda x: x[:0])(X).shape == (0, 3)


def test_arguments_and_outputs_nest():
    def f(p, q):
        return {"y": p["a"] * q, "z": [p["a"].sum()]}

    J = jacobian(f, argnums=(0, 1))({"a": X}, 2.0)
    assert np.array_equal(J["y"][0]["a"], 2 * np.eye(3))
    assert np.array_equal(J["y"][1], X)
    assert np.array_equal(J["z"][0][0]["a"], np.ones(3))
    assert J["z"][0][1] == 0.0


@pytest.mark.parametrize("chunk_size", [1, 2, 3, 100])
def test_chunks_give_the_same(chunk_size):
    def f(x):
        return autograd.stack([x * x.sum(), x.tanh()])

    for x in (X, Tensor(X)):
        whole, chunked = jacobian(f)(x), jacobian(f, chunk_size=chunk_size)(x)
        assert type(chunked) is type(whole)
        assert np.array_equal(np.asarray(whole), np.asarray(chunked))


@pytest.mark.parametrize("chunk_size", [0, -1])
def test_chunks_of_nothing_are_refused(chunk_size):
    with pytest.raises(ArgumentError, match="chunk_size of at least 1"):
        jacobian(lambda x: x, chunk_size=chunk_size)


def test_the_budget_splits_the_rows_by_itself(monkeypatch):
    expected = jacobian(lambda x: x * x.sum())(X)
    monkeypatch.setattr(sys.modules["autograd.transforms.jacobian"], "BUDGET", 50)  # the name is the function's too
    assert np.array_equal(jacobian(lambda x: x * x.sum())(X), expected)


def test_an_output_that_does_not_depend():
    assert np.array_equal(jacobian(lambda x: Tensor([1.0, 2.0]))(X), np.zeros((2, 3)))
    with pytest.raises(GraphError, match="depends on argument 0"):
        jacobian(lambda x: Tensor([1.0, 2.0]), unused="error")(X)


def test_a_plain_array_as_output_is_refused():
    with pytest.raises(GraphError, match="output to be a tensor computed from the arguments"):
        jacobian(lambda x: np.sin(x.numpy()))(X)
    with pytest.raises(GraphError, match=r"output\['z'\] to be a tensor"):
        jacobian(lambda x: {"y": x, "z": 3.0})(X)


def test_aux():
    J, aux = jacobian(lambda x: (x * x, x.sum()), has_aux=True)(X)
    assert np.array_equal(J, np.diag(2 * X))
    assert aux == X.sum()


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def rosenbrock_hessian(x):
    n = len(x)
    H = np.diag(-400 * x[:-1], 1) + np.diag(-400 * x[:-1], -1)
    diagonal = np.full(n, 200.0)
    diagonal[0] = 1200 * x[0] ** 2 - 400 * x[1] + 2
    diagonal[1:-1] += 1200 * x[1:-1] ** 2 - 400 * x[2:] + 2
    return H + np.diag(diagonal)


HESSIANS = {
    "quadratic": (
        lambda x: x @ (np.arange(9.0).reshape(3, 3) @ x),
        lambda x: np.array([[0, 4, 8], [4, 8, 12], [8, 12, 16]]),
    ),
    "rosenbrock": (rosenbrock, rosenbrock_hessian),
    "logsumexp": (
        autograd.logsumexp,
        lambda x: np.diag(np.exp(x) / np.exp(x).sum()) - np.outer(np.exp(x), np.exp(x)) / np.exp(x).sum() ** 2,
    ),
    "cubes": (lambda x: (x**3).sum(), lambda x: np.diag(6 * x)),
    "product": (
        autograd.prod,
        lambda x: np.array([[0, x[2], x[1]], [x[2], 0, x[0]], [x[1], x[0], 0]]),
    ),
    "norm squared": (lambda x: autograd.sqrt((x * x).sum()) ** 2, lambda x: 2 * np.eye(3)),
}


@pytest.mark.parametrize(("f", "closed"), HESSIANS.values(), ids=HESSIANS)
def test_hessians_against_closed_forms(f, closed):
    expected = closed(X)
    for H in (jacobian(grad(f))(X), jacobian(jacobian(f))(X), jacobian(grad(f))(Tensor(X)).numpy()):
        np.testing.assert_allclose(H, expected, rtol=1e-10, atol=1e-10)


def test_third_derivatives():
    T = jacobian(jacobian(grad(lambda x: (x**4).sum() + x[0] * x[1] * x[2])))(X)
    expected = np.zeros((3, 3, 3))
    for i in range(3):
        expected[i, i, i] = 24 * X[i]
    for i, j, k in [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]:
        expected[i, j, k] = 1.0
    np.testing.assert_allclose(T, expected, rtol=1e-12, atol=1e-12)


def test_the_gradient_of_a_jacobian():
    g = grad(lambda x: (jacobian(lambda y: y**3)(x) ** 2).sum())(X)  # Σ 9x⁴
    np.testing.assert_allclose(g, 36 * X**3, rtol=1e-12)
