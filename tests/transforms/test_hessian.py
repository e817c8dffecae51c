"""hessian and hvp: closed forms, nests, exact minima, and both inside the other transforms."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import autograd
from autograd import Tensor, checkpoint, grad, gradgradcheck, hessian, hvp, jacfwd, jacobian, jvp, vmap
from autograd.errors import GraphError

X = np.array([0.3, 1.7, -2.4])
M = np.array([[2.0, 0.5, 0.0], [-1.0, 3.0, 0.2], [0.4, 0.0, 1.0]])


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def rosenbrock_hessian(x):
    n = len(x)
    H = np.zeros((n, n))
    for i in range(n - 1):
        H[i, i] += 1200 * x[i] ** 2 - 400 * x[i + 1] + 2
        H[i + 1, i + 1] += 200
        H[i, i + 1] = H[i + 1, i] = -400 * x[i]
    return H


def test_rosenbrock():
    x = np.linspace(-1, 2, 20)
    assert_allclose(hessian(rosenbrock)(x), rosenbrock_hessian(x), rtol=1e-12, atol=1e-10)
    minimum = np.ones(20)
    assert_array_equal(grad(rosenbrock)(minimum), np.zeros(20))
    assert_array_equal(hessian(rosenbrock)(minimum), rosenbrock_hessian(minimum))
    v = np.sin(x)
    assert_allclose(hvp(rosenbrock, (x,), (v,)), rosenbrock_hessian(x) @ v, rtol=1e-12)


@pytest.mark.parametrize(
    ("f", "x", "H"),
    [
        (lambda x: x @ M @ x, X, M + M.T),
        (lambda x: (x**3).sum(), X, np.diag(6 * X)),
        (lambda x: x.prod(), np.array([0.0, 2.0, 3.0]), [[0, 3, 2], [3, 0, 0], [2, 0, 0]]),
        (lambda x: x[0], X, np.zeros((3, 3))),
        (lambda x: autograd.relu(x).sum(), X, np.zeros((3, 3))),
        (lambda x: (autograd.relu(x) ** 2).sum(), X, np.diag([2.0, 2.0, 0.0])),
        (lambda x: np.exp(x).sum() ** 0.5 ** 2, np.zeros(1), [[0.0625]]),
        (lambda x: x**2, np.float64(3.0), 2.0),
        (lambda x: (np.sqrt(x) - 1) ** 2, 1.0, 0.5),
        (lambda x: x**4, 0.0, 0.0),
        (lambda x: x ** 2.0, 0.0, 2.0),
        (autograd.logsumexp, np.zeros(2), [[0.25, -0.25], [-0.25, 0.25]]),
    ],
)  # fmt: skip
def test_closed_forms(f, x, H):
    assert_allclose(hessian(f)(x), H, rtol=1e-12, atol=1e-14)


def test_a_hessian_of_a_network_against_differences_of_its_gradient():
    rng = np.random.default_rng(0)
    inputs, targets = rng.normal(size=(6, 3)), rng.integers(0, 2, 6)

    def loss(p):
        hidden = np.tanh(inputs @ p["w"] + p["b"])
        return autograd.cross_entropy(hidden @ p["v"], targets)

    p = {"w": rng.normal(size=(3, 4)), "b": rng.normal(size=4), "v": rng.normal(size=(4, 2))}
    H = hessian(loss)(p)
    assert H["w"]["v"].shape == (3, 4, 4, 2)
    for a, b in np.ndindex(3, 3):
        names = list(p)
        block, mirror = H[names[a]][names[b]], H[names[b]][names[a]]
        assert_allclose(
            np.moveaxis(block, tuple(range(p[names[a]].ndim)), tuple(range(-p[names[a]].ndim, 0))), mirror, atol=1e-14
        )
    assert gradgradcheck(loss, p)
    v = {name: np.ones_like(value) for name, value in p.items()}
    product = hvp(loss, (p,), (v,))
    assert_allclose(product["b"], sum(H["b"][n].reshape(4, -1).sum(axis=1) for n in p), rtol=1e-10)


def test_several_arguments():
    f = lambda a, b: (a * a * b).sum()  # noqa: E731
    (aa, ab), (ba, bb) = hessian(f, (0, 1))(X, X)
    assert_array_equal(aa, np.diag(2 * X))
    assert_array_equal(ab, np.diag(2 * X))
    assert_array_equal(ba, ab)
    assert_array_equal(bb, np.zeros((3, 3)))
    of_a, of_b = hvp(f, (X, X), (np.ones(3), np.zeros(3)))
    assert_array_equal(of_a, 2 * X)
    assert_array_equal(of_b, 2 * X)
    assert hessian(lambda a, b: np.sum(a) * 2.0 + 0 * b, 1)(1.0, 2.0) == 0.0


def test_inside_the_other_transforms():
    f = lambda x: (np.sin(x) * x[::-1]).sum()  # noqa: E731
    batch = np.stack([X, X[::-1], 2 * X])
    assert_allclose(vmap(hessian(f))(batch), [hessian(f)(x) for x in batch], rtol=1e-12)
    assert_allclose(vmap(lambda x, v: hvp(f, (x,), (v,)))(batch, batch), [hessian(f)(x) @ x for x in batch], rtol=1e-11)
    assert_allclose(hessian(checkpoint(f))(X), hessian(f)(X), rtol=1e-12)
    trace = lambda x: np.trace(np.eye(3)) * hessian(f)(x)[[0, 1, 2], [0, 1, 2]].sum() / 3  # noqa: E731
    laplacian = lambda x: -(np.sin(x) * x[::-1]).sum() + 2 * np.cos(x[1]) - 0  # noqa: E731
    assert_allclose(trace(X), laplacian(X), rtol=1e-12)
    assert_allclose(grad(trace)(X), jacfwd(trace)(X), rtol=1e-12)
    assert_allclose(jvp(hessian(f), (X,), (X,))[1], jacobian(hessian(f))(X) @ X, rtol=1e-11)
    assert_allclose(hessian(hessian(lambda x: x**4))(3.0), 24.0)
    assert_allclose(
        hessian(lambda x: vmap(lambda a: a**3 * x[0])(x).sum())(X), hessian(lambda x: (x**3 * x[0]).sum())(X)
    )


def test_nested_gradients_of_high_order():
    f = np.sin
    for order in range(1, 7):
        f = grad(f)
        assert f(0.7) == pytest.approx(np.sin(0.7 + order * np.pi / 2), rel=1e-12)


def test_create_graph_gives_the_same():
    x = Tensor(X, requires_grad=True)
    rosenbrock(x).backward(create_graph=True)
    first = x.grad
    rows = []
    for k in range(3):
        x.grad = None
        first[k].backward()
        rows.append(x.grad.numpy())
    assert_allclose(rows, rosenbrock_hessian(X), rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_shape_and_dtype(dtype):
    x = np.ones((2, 3), dtype)
    H = hessian(lambda x: (x**2).sum())(x)
    assert H.shape == (2, 3, 2, 3)
    assert H.dtype == dtype
    assert isinstance(hessian(lambda x: (x**2).sum())(Tensor(x)), Tensor)


def test_only_a_single_number_has_a_hessian():
    with pytest.raises(GraphError, match="expected: a single number to differentiate\n  got:      shape"):
        hessian(lambda x: x * x)(X)
