"""The course's own numbers, item by item (course.md), computed with plain Tensor operations."""

import numpy as np
import pytest

import autograd
from autograd import Parameter, Tensor, grad, jacobian, no_grad


def test_item_3_the_chain_rule_on_z_times_x_plus_y():
    x, y, z = (Tensor(v, requires_grad=True) for v in (-2.0, 5.0, -4.0))
    q = (x + y).retain_grad()
    f = z * q
    f.backward()
    assert (q.item(), f.item()) == (3.0, -12.0)
    assert [t.grad.item() for t in (z, q, x, y)] == [3.0, -4.0, -4.0, -4.0]


def test_item_4_linear_regression_at_one_point():
    x, y = Tensor(1.0, requires_grad=True), Tensor(2.0, requires_grad=True)
    w, b = Parameter(5.0), Parameter(1.0)
    v3 = (x * w).retain_grad()
    v5 = (v3 + b).retain_grad()
    v7 = (v5 - y).retain_grad()
    loss = (v7**2).retain_grad()
    loss.backward()
    assert [v.item() for v in (v3, v5, v7, loss)] == [5.0, 6.0, 4.0, 16.0]
    assert [v.grad.item() for v in (loss, v7, v5, v3)] == [1.0, 8.0, 8.0, 8.0]
    assert [v.grad.item() for v in (w, b, x, y)] == [8.0, 8.0, 40.0, -8.0]


GRADIENTS = {
    "w1": 0.000438568, "w2": 0.000877135, "w3": 0.000497713, "w4": 0.000995425,
    "w5": 0.082167041, "w6": 0.082667628, "w7": -0.022602540, "w8": -0.022740242,
    "b1": 0.018725609, "b2": 0.100400325,
}  # fmt: skip


def test_item_5_the_sigmoid_network():
    starts = [0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55]
    w = {f"w{i}": Parameter(start) for i, start in enumerate(starts, 1)}
    b1, b2 = Parameter(0.35), Parameter(0.60)
    i1, i2 = 0.05, 0.10
    h1 = autograd.sigmoid(w["w1"] * i1 + w["w2"] * i2 + b1).retain_grad()
    h2 = autograd.sigmoid(w["w3"] * i1 + w["w4"] * i2 + b1)
    o1 = autograd.sigmoid(w["w5"] * h1 + w["w6"] * h2 + b2)
    o2 = autograd.sigmoid(w["w7"] * h1 + w["w8"] * h2 + b2)
    E = 0.5 * ((o1 - 0.01) ** 2 + (o2 - 0.99) ** 2)
    E.backward()
    values = [v.item() for v in (h1, h2, o1, o2, E)]
    assert values == pytest.approx([0.593269992, 0.596884378, 0.751365070, 0.772928465, 0.298371109], abs=5e-10)
    found = {name: t.grad.item() for name, t in (w | {"b1": b1, "b2": b2}).items()}
    assert found == pytest.approx(GRADIENTS, abs=5.001e-10)
    assert h1.grad.item() == pytest.approx(0.036350306, abs=5e-10)
    assert h1.grad.item() == pytest.approx(0.055399425 - 0.019049118, abs=2e-9)
    with no_grad():
        w["w5"] -= 0.5 * w["w5"].grad
    assert w["w5"].item() == pytest.approx(0.35891648, abs=5e-9)


def test_item_5_the_same_network_in_matrices():
    W1, W2 = Parameter([[0.15, 0.20], [0.25, 0.30]]), Parameter([[0.40, 0.45], [0.50, 0.55]])
    b1, b2 = Parameter(0.35), Parameter(0.60)
    h = autograd.sigmoid(W1 @ np.array([0.05, 0.10]) + b1)
    o = autograd.sigmoid(W2 @ h + b2)
    (0.5 * ((o - np.array([0.01, 0.99])) ** 2).sum()).backward()
    found = [*W1.grad.numpy().ravel(), *W2.grad.numpy().ravel(), b1.grad.item(), b2.grad.item()]
    assert found == pytest.approx(list(GRADIENTS.values()), abs=5.001e-10)


def test_item_2_the_general_form_is_a_product_of_jacobians():
    """P^j = Σ P^i · J^{j→i}: a chain of vector functions, and a path that splits and joins."""
    rng = np.random.default_rng(1)
    A, B, x = rng.normal(size=(4, 3)), rng.normal(size=(2, 4)), rng.normal(size=3)
    h = np.tanh(A @ x)
    D = np.diag(1 - h * h)
    np.testing.assert_allclose(jacobian(lambda x: B @ autograd.tanh(A @ x))(x), B @ D @ A, rtol=1e-12)
    split = jacobian(lambda x: B @ (autograd.tanh(A @ x) + (A @ x) ** 2))(x)
    np.testing.assert_allclose(split, B @ (D + np.diag(2 * A @ x)) @ A, rtol=1e-12)


@pytest.mark.parametrize(
    ("function", "at", "printed"),
    [
        ("sigmoid", 10.0, 0.0), ("sigmoid", -10.0, 0.0), ("sigmoid", 0.0, 0.25),
        ("tanh", 10.0, 0.0), ("tanh", -10.0, 0.0), ("tanh", 0.0, 1.0),
        ("relu", 10.0, 1.0), ("relu", -10.0, 0.0), ("relu", 0.0, 0.0),
    ],
)  # fmt: skip
def test_item_13_the_derivative_tables(function, at, printed):
    assert grad(getattr(autograd, function))(at) == pytest.approx(printed, abs=5e-5)


def test_item_13_leaky_relu():
    def leaky(x):
        return autograd.where(x > 0, x, 0.01 * x)

    assert (grad(leaky)(3.0), grad(leaky)(-3.0)) == (1.0, 0.01)


def test_item_15_the_mean_squared_error():
    assert autograd.mse([0.2, 0.7], [0.0, 1.0]).item() == pytest.approx(0.065, abs=1e-15)
    g = grad(lambda o: autograd.mse(o, np.array([0.0, 1.0])))(np.array([0.2, 0.7]))
    assert g == pytest.approx([0.2, -0.3], abs=1e-15)


def test_item_17_gradient_descent_on_w_squared():
    w, seen = Parameter(5.0), []
    for _ in range(4):
        w.zero_grad()
        (w**2).backward()
        with no_grad():
            w -= 0.1 * w.grad
        seen.append(w.item())
    assert seen == pytest.approx([4.0, 3.2, 2.56, 2.048], rel=1e-15)


def test_item_20_the_two_layer_equations():
    """Document 003: tanh, then sigmoid with cross-entropy; columns are the m examples."""
    rng = np.random.default_rng(0)
    m = 7
    X, Y = rng.normal(size=(3, m)), rng.integers(0, 2, size=(1, m)).astype(float)
    W1, b1 = Parameter(rng.normal(size=(4, 3))), Parameter(rng.normal(size=(4, 1)))
    W2, b2 = Parameter(rng.normal(size=(1, 4))), Parameter(rng.normal(size=(1, 1)))
    Z1 = (W1 @ X + b1).retain_grad()
    A1 = autograd.tanh(Z1)
    Z2 = (W2 @ A1 + b2).retain_grad()
    A2 = autograd.sigmoid(Z2)
    loss = -(Y * autograd.log(A2) + (1 - Y) * autograd.log(1 - A2)).sum() / m
    loss.backward()

    a1, a2 = A1.numpy(), A2.numpy()
    dZ2 = a2 - Y
    dZ1 = (W2.numpy().T @ dZ2) * (1 - a1**2)
    equations = [
        (W2, dZ2 @ a1.T / m), (b2, dZ2.sum(axis=1, keepdims=True) / m),
        (W1, dZ1 @ X.T / m), (b1, dZ1.sum(axis=1, keepdims=True) / m),
        (Z2, dZ2 / m), (Z1, dZ1 / m),
    ]  # fmt: skip
    for tensor, printed in equations:
        np.testing.assert_allclose(tensor.grad.numpy(), printed, rtol=1e-12, atol=1e-15)

    one_by_one = np.zeros((4, 3))  # the loop over the examples is the same
    for i in range(m):
        one_by_one += np.outer(dZ1[:, i], X[:, i]) / m
    np.testing.assert_allclose(W1.grad.numpy(), one_by_one, rtol=1e-12)


def test_item_21_with_zero_weights_the_symmetry_never_breaks():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(2, 5)), rng.integers(0, 2, size=(1, 5)).astype(float)
    W1, W2 = Parameter(np.zeros((4, 2))), Parameter(np.full((1, 4), 0.5))
    for _ in range(3):
        W1.zero_grad(), W2.zero_grad()
        autograd.mse(autograd.sigmoid(W2 @ autograd.sigmoid(W1 @ X)), Y).backward()
        assert np.ptp(W1.grad.numpy(), axis=0).tolist() == [0.0, 0.0]
        with no_grad():
            W1 -= 0.5 * W1.grad
            W2 -= 0.5 * W2.grad


def test_item_7_layers_without_a_non_linearity_collapse_to_one_matrix():
    rng = np.random.default_rng(0)
    A, B, C = rng.normal(size=(4, 3)), rng.normal(size=(5, 4)), rng.normal(size=(2, 5))
    np.testing.assert_allclose(jacobian(lambda x: C @ (B @ (A @ x)))(rng.normal(size=3)), C @ B @ A, rtol=1e-12)
