"""Forward mode: jvp, linearize and jacfwd, what they take and refuse, and structural zeros there."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import autograd
from autograd import Tensor, grad, hessian, hvp, jacfwd, jacobian, jvp, linearize, value_and_grad, vjp, vmap
from autograd.errors import ArgumentError, DTypeError, ShapeError

RNG = np.random.default_rng(8)
X = np.array([0.3, 1.7, -2.4])
W = RNG.normal(size=(4, 3))


def net(w, x):
    return np.tanh(w @ x) * autograd.softmax(w.sum(axis=1))


def test_closed_forms():
    assert jvp(lambda x: x**3, (2.0,), (1.0,)) == (8.0, 12.0)
    assert jvp(lambda a, b: a * b, (2.0, 3.0), (10.0, 100.0)) == (6.0, 230.0)
    assert_allclose(jvp(np.sin, (X,), (X,))[1], np.cos(X) * X)
    assert_allclose(jacfwd(lambda x: W @ x)(X), W)
    assert_allclose(jacfwd(lambda x: x / x.sum())(X), np.eye(3) / X.sum() - X[:, None] / X.sum() ** 2)
    assert_allclose(jacfwd(lambda w: w @ X)(W), np.einsum("ij,k->ijk", np.eye(4), X))


@pytest.mark.parametrize("argnums", [0, 1, (0, 1), (1, 0), -1])
def test_columns_equal_rows(argnums):
    forward, reverse = jacfwd(net, argnums)(W, X), jacobian(net, argnums)(W, X)
    for a, b in zip(*((J if isinstance(J, tuple) else (J,)) for J in (forward, reverse)), strict=True):
        assert_allclose(a, b, rtol=1e-12, atol=1e-14)


def test_nests_of_inputs_and_outputs():
    def f(p, s):
        return {"y": p["w"] @ p["x"] * s, "z": (p["x"].sum(), p["w"][0])}

    p = {"w": W, "x": X}
    forward, reverse = jacfwd(f, (0, 1))(p, 2.0), jacobian(f, (0, 1))(p, 2.0)
    assert_allclose(forward["y"][0]["w"], reverse["y"][0]["w"])
    assert_allclose(forward["z"][1][0]["w"], reverse["z"][1][0]["w"])
    assert_allclose(forward["z"][0][1], 0.0)
    y, y_dot = jvp(f, (p, 2.0), ({"w": W, "x": 0 * X}, 1.0))
    assert y_dot["y"].shape == (4,)
    assert_allclose(y_dot["y"], W @ X * 2 + W @ X)
    assert_allclose(y_dot["z"][1], W[0])
    assert_allclose(y["z"][1], W[0])


def test_one_recording_for_many_tangents():
    runs = []

    def f(x):
        runs.append(1)
        return np.sin(x) * x

    y, push = linearize(f, X)
    assert_allclose(y, np.sin(X) * X)
    J = np.stack([push(e) for e in np.eye(3)], axis=-1)
    assert_allclose(J, np.diag(np.cos(X) * X + np.sin(X)))
    assert runs == [1]
    y, push, aux = linearize(lambda x: (x * 2, {"twice": x + x}), X, has_aux=True)
    assert_array_equal(aux["twice"], 2 * X)
    assert jvp(lambda x: (x * x, 5), (3.0,), (1.0,), has_aux=True) == (9.0, 6.0, 5)
    J, aux = jacfwd(lambda x: (x * x, x), has_aux=True)(X)
    assert_array_equal(aux, X)
    assert_array_equal(J, np.diag(2 * X))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_dtypes_are_kept(dtype):
    x = X.astype(dtype)
    y, y_dot = jvp(lambda x: np.sin(x) * 2.0, (x,), (np.ones(3),))
    assert y.dtype == y_dot.dtype == jacfwd(lambda x: np.sin(x) * 2.0)(x).dtype == dtype


def test_arrays_for_arrays_and_tensors_for_tensors():
    assert isinstance(jvp(np.sin, (X,), (X,))[0], np.ndarray)
    for y in (jvp(np.sin, (X,), (X,))[1], jacfwd(np.sin)(X)):
        assert isinstance(y, np.ndarray)
        assert y.flags.writeable
    for y in (*jvp(np.sin, (Tensor(X),), (X,)), jacfwd(np.sin)(Tensor(X))):
        assert isinstance(y, Tensor)
        assert not y.requires_grad


def test_results_share_no_memory():
    seed = X.copy()
    _, a = jvp(lambda x: x, (X,), (seed,))
    _, (b, c) = jvp(lambda x: (x + 0, x + 0), (X,), (seed,))
    arrays = [a, b, c, seed, X]
    assert not any(np.shares_memory(p, q) for i, p in enumerate(arrays) for q in arrays[:i])


def test_shapes_without_entries():
    assert jacfwd(lambda x: x * 2)(np.zeros((0, 2))).shape == (0, 2, 0, 2)
    assert jacfwd(lambda x: x.sum())(np.zeros((0, 2))).shape == (0, 2)
    assert jacfwd(lambda x: x[:0])(X).shape == (0, 3)
    assert jacfwd(lambda x: autograd.concatenate([x, x]).reshape(-1))(np.zeros(0)).shape == (0, 0)
    assert jvp(lambda x: x * 2, (np.zeros((0, 2)),), (np.zeros((0, 2)),))[1].shape == (0, 2)


def test_what_does_not_depend():
    assert_array_equal(jacfwd(lambda x: Tensor(np.ones(2)))(X), np.zeros((2, 3)))
    assert_array_equal(jacfwd(lambda x, y: x * 2, 1)(X, X), np.zeros((3, 3)))
    assert_array_equal(jvp(lambda x: x > 0, (X,), (X,))[1], np.zeros(3))
    assert jvp(lambda x: 7.0, (1.0,), (1.0,)) == (7.0, 0.0)
    for transform in (jacfwd, jacobian):  # an index has no slope: zeros of the argument's dtype
        assert transform(autograd.argmax)(X.astype("float32")).dtype == np.float32


# Transforms inside transforms


def test_every_order_of_nesting():
    f = lambda x: (np.sin(x) * x[::-1] ** 2).sum()  # noqa: E731
    v = X[::-1].copy()
    H = jacobian(grad(f))(X)
    assert_allclose(jacfwd(jacfwd(f))(X), H, rtol=1e-12)
    assert_allclose(jacfwd(grad(f))(X), H, rtol=1e-12)
    assert_allclose(jacobian(jacfwd(f))(X), H, rtol=1e-12)
    assert_allclose(hessian(f)(X), H, rtol=1e-12)
    along = grad(f)(X) @ v
    assert_allclose(jvp(f, (X,), (v,))[1], along)
    assert_allclose(grad(lambda x: jvp(f, (x,), (v,))[1])(X), H @ v, rtol=1e-12)
    assert_allclose(jvp(grad(f), (X,), (v,))[1], H @ v, rtol=1e-12)
    assert_allclose(grad(lambda v: jvp(f, (X,), (v,))[1])(v), grad(f)(X), rtol=1e-12)
    assert_allclose(vjp(lambda x: jvp(f, (x,), (v,))[1], X)[1](1.0)[0], H @ v, rtol=1e-12)
    assert_allclose(jvp(lambda x: vjp(f, x)[1](1.0)[0], (X,), (v,))[1], H @ v, rtol=1e-12)
    assert_allclose(jvp(lambda x: jvp(f, (x,), (v,))[1], (X,), (v,))[1], v @ H @ v, rtol=1e-12)
    value, gradient = value_and_grad(lambda x: jvp(f, (x,), (x,))[1])(X)
    assert_allclose(value, grad(f)(X) @ X)
    assert_allclose(gradient, H @ X + grad(f)(X), rtol=1e-12)
    third = jacfwd(jacfwd(jacfwd(f)))(X)
    assert_allclose(third, jacobian(jacobian(grad(f)))(X), rtol=1e-11, atol=1e-13)
    assert_allclose(third, jacobian(jacfwd(grad(f)))(X), rtol=1e-11, atol=1e-13)


def test_perturbations_are_not_confused():
    assert grad(lambda x: x * grad(lambda y: x * y * y)(3.0))(2.0) == 24.0
    assert jvp(lambda x: x * jvp(lambda y: x * y * y, (3.0,), (1.0,))[1], (2.0,), (1.0,))[1] == 24.0
    assert jvp(lambda x: x * grad(lambda y: x * y * y)(3.0), (2.0,), (1.0,))[1] == 24.0
    assert grad(lambda x: x * jvp(lambda y: x * y * y, (3.0,), (1.0,))[1])(2.0) == 24.0
    assert jacfwd(lambda x: x * jacobian(lambda y: x * y * y)(3.0))(2.0) == 24.0
    assert jvp(lambda x: jvp(lambda y: x, (3.0,), (1.0,))[1] * x, (2.0,), (1.0,))[1] == 0.0
    assert jvp(lambda x: x * jvp(lambda y: x + y, (1.0,), (1.0,))[1], (1.0,), (1.0,))[1] == 1.0
    assert grad(lambda x: jvp(lambda y: x * y, (x,), (x,))[1])(3.0) == 6.0
    assert grad(lambda x: linearize(lambda y: y * y * x, x)[1](x))(2.0) == 24.0
    assert vmap(grad(lambda x: x * grad(lambda y: x * y * y)(3.0)))(np.array([2.0, 5.0])).tolist() == [24.0, 60.0]
    assert grad(lambda x: x * vmap(grad(lambda y: x * y * y))(np.array([3.0, 4.0])).sum())(2.0) == 56.0


# Structural zeros


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (lambda x: autograd.where(x > 0, np.sqrt(x), 0.0), 0.0, 0.0),
        (lambda x: autograd.where(x >= 0, x, np.sqrt(-x)), 0.0, 1.0),
        (lambda x: autograd.relu(x) ** 0.5, -1.0, 0.0),
        (lambda x: autograd.where(x > 0, x * np.log(x), 0.0), 0.0, 0.0),
        (lambda x: np.sqrt(x * x)[()] * 0 + x, 1.0, 1.0),
        (lambda x: autograd.maximum(x, 1.0) * np.sqrt(autograd.maximum(x - 5, 0.0)), 2.0, 0.0),
    ],
)
def test_a_structural_zero_carries_nothing_forward_either(f, x, expected):
    with np.errstate(all="ignore"):
        assert jvp(f, (x,), (1.0,))[1] == grad(f)(x) == jacfwd(f)(x) == expected


def test_structural_zeros_of_every_kind_of_rule():
    x = np.array([0.0, 4.0, -1.0])
    with np.errstate(all="ignore"):
        root = lambda x: np.sqrt(x)[1:2]  # noqa: E731
        assert_array_equal(jacfwd(root)(x), [[0.0, 0.25, 0.0]])
        assert_array_equal(jacobian(root)(x), jacfwd(root)(x))
        masked = lambda x: autograd.where(x > 0, np.sqrt(x), 0.0).sum()  # noqa: E731
        assert_array_equal(jacfwd(masked)(x), [0.0, 0.25, 0.0])
        assert_array_equal(hessian(masked)(x), np.diag([0.0, -1 / 32, 0.0]))
        product = lambda x: autograd.where(x > 0, np.log(x), 0.0) @ np.ones((3, 2))  # noqa: E731
        assert_array_equal(jacfwd(product)(x), [[0.0, 0.25, 0.0]] * 2)
        along = jvp(np.sqrt, (x,), (np.array([0.0, 1.0, 0.0]),))[1]
        assert along[1] == 0.25
        assert along[0] == 0.0


def test_arithmetic_that_gives_zero_is_no_structural_zero():
    """√x² at 0: the slope of the root is infinite there, and the 0 it meets is a number like any other."""
    with np.errstate(all="ignore"):
        assert np.isnan(jvp(lambda x: np.sqrt(x) ** 2, (0.0,), (1.0,))[1])
        assert np.isnan(grad(lambda x: np.sqrt(x) ** 2)(0.0))


def test_a_minimum_at_the_edge_keeps_its_curvature():
    f = lambda x: (np.sqrt(x) - 1) ** 2  # noqa: E731
    assert jacfwd(jacfwd(f))(1.0) == jacfwd(grad(f))(1.0) == hessian(f)(1.0) == 0.5


# Errors


REFUSED = [
    (
        lambda: jvp(np.sin, (X,), (X[:2],)),
        ShapeError,
        "in jvp(sin)\n  expected: tangent[0] of shape (3,)\n  got:      shape (2,)\n"
        "  to do:    shape it like its primal",
    ),
    (
        lambda: jvp(np.multiply, (X, X), (X,)),
        ArgumentError,
        "in jvp(multiply)\n  expected: 2 tangents, one for each array\n  got:      1\n"
        "  to do:    nest them like the primals",
    ),
    (
        lambda: jvp(np.sin, (3,), (1,)),
        DTypeError,
        "in jvp(sin)\n  expected: floating argument 0: integers and booleans have no gradient\n"
        "  got:      dtype int64\n"
        "  to do:    write 3.0 instead of 3, or convert with astype(float)",
    ),
    (
        lambda: jacfwd(np.sin, 1)(X),
        ArgumentError,
        "in jacfwd(sin)\n  expected: argnums among the 1 positional arguments\n  got:      1\n"
        "  to do:    count arguments from 0",
    ),
    (
        lambda: jvp(np.sin, X, X),
        ArgumentError,
        "in jvp(sin)\n  expected: primals as a tuple, one for each argument of the function\n"
        "  got:      array([ 0.3, 1.7, -2.4]) of type ndarray\n  to do:    write jvp(f, (x,), (v,))",
    ),
    (
        lambda: jvp(np.sin, (1.0,), 2.0),
        ArgumentError,
        "in jvp(sin)\n  expected: tangents as a tuple, one for each argument of the function\n"
        "  got:      2.0 of type float\n  to do:    write jvp(f, (x,), (v,))",
    ),
    (
        lambda: hvp(np.sum, X, (X,)),
        ArgumentError,
        "in hvp(sum)\n  expected: primals as a tuple, one for each argument of the function\n"
        "  got:      array([ 0.3, 1.7, -2.4]) of type ndarray\n  to do:    write hvp(f, (x,), (v,))",
    ),
]


@pytest.mark.parametrize(("call", "kind", "text"), REFUSED, ids=range(len(REFUSED)))
def test_what_it_refuses(call, kind, text):
    with pytest.raises(kind) as refusal:
        call()
    assert str(refusal.value) == text


JOINED = {
    "stack": lambda x: np.stack([x[0] * x, np.array([1.0, 2.0, 3.0]), np.sin(x)], axis=1),
    "concatenate": lambda x: np.concatenate([x[:1], np.ones(2), x * x[2]]),
    "concatenate rows": lambda x: np.concatenate([np.outer(x, x)[:1], np.ones((2, 3))], axis=0),
    "concatenate flat": lambda x: np.concatenate([np.outer(x, x), x[:1]], axis=None),
    "many": lambda x: np.concatenate([i * x[: i % 3] ** 2 for i in range(12)]),
}


@pytest.mark.parametrize("f", JOINED.values(), ids=JOINED)
def test_joined_arrays_push_all_tangents_at_once(f, monkeypatch):
    def one_by_one(*_):  # n operands would allocate n results
        raise AssertionError("a pullback was transposed")

    x, v = np.array([0.3, 0.6, 1.2]), np.array([1.0, -2.0, 0.5])
    J = jacobian(f, mode="reverse")(x)
    monkeypatch.setattr(autograd.backprop.pushforward, "_transposed", one_by_one)
    np.testing.assert_allclose(jvp(f, (x,), (v,))[1], J @ v, rtol=1e-14)
    np.testing.assert_allclose(jacfwd(f)(x), J, rtol=1e-14)
    monkeypatch.undo()
    np.testing.assert_allclose(jacfwd(jacfwd(f))(x), jacobian(jacobian(f, mode="reverse"))(x), rtol=1e-13, atol=1e-14)


def test_many_joined_arrays_tell_their_shapes_once():
    x = Tensor(np.ones(3), requires_grad=True)
    node = np.concatenate([x * i for i in range(9)]).node
    assert node.shapes is node.shapes  # else each of n messages would ask n operands
