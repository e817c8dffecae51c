"""custom_gradient and custom_root: derivatives that the user says, at every order and inside the other transforms."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import autograd
from autograd import (
    Tensor,
    checkpoint,
    custom_gradient,
    custom_root,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jvp,
    vmap,
)
from autograd.errors import ArgumentError, DTypeError, GraphError, ShapeError

X = np.array([0.3, 1.7, -2.4])

rounded = custom_gradient(np.round, lambda y_bar, y, x: y_bar)
clipped = custom_gradient(lambda x: x, lambda y_bar, y, x: np.clip(y_bar, -1, 1))
product = custom_gradient(lambda a, b: a * b, lambda y_bar, y, a, b: (y_bar * b, y_bar * a))


def test_straight_through():
    assert_array_equal(rounded(X), np.round(X))
    assert_array_equal(grad(lambda x: (rounded(x) * x).sum())(X), np.round(X) + X)
    assert_array_equal(jacobian(rounded)(X), np.eye(3))


def test_clipping_a_gradient():
    assert_array_equal(grad(lambda x: (clipped(x) * [0.5, 20.0, -30.0]).sum())(X), [0.5, 1.0, -1.0])


def test_it_is_the_function_that_it_replaces():
    y = product(Tensor(X, requires_grad=True), 2.0)
    assert isinstance(y, Tensor)
    assert y.node.primitive.name == "<lambda>"
    assert not product(X, 2.0).requires_grad

    @lambda f: custom_gradient(f, lambda y_bar, y, x: y_bar)
    def documented(x):
        """What it does."""
        return x

    assert (documented.__name__, documented.__doc__) == ("documented", "What it does.")


def test_every_transform_reads_it():
    f = lambda a, b: (product(a, b) ** 2).sum()  # noqa: E731
    plain = lambda a, b: ((a * b) ** 2).sum()  # noqa: E731
    b = X[::-1].copy()
    for argnum in (0, 1):
        assert_allclose(grad(f, argnum)(X, b), grad(plain, argnum)(X, b), rtol=1e-13)
        assert_allclose(hessian(f, argnum)(X, b), hessian(plain, argnum)(X, b), rtol=1e-12)
        assert_allclose(jacfwd(product, argnum)(X, b), jacobian(product, argnum)(X, b), rtol=1e-13)
    assert_allclose(jvp(product, (X, b), (b, X))[1], b * b + X * X, rtol=1e-13)
    assert_allclose(hvp(lambda a: f(a, b), (X,), (b,)), hvp(lambda a: plain(a, b), (X,), (b,)), rtol=1e-12)
    assert_allclose(vmap(grad(f), in_axes=(0, None))(np.stack([X, b]), b), [grad(plain)(X, b), grad(plain)(b, b)])
    assert_allclose(vmap(jacfwd(product), in_axes=(None, 0))(X, np.stack([X, b])), [np.diag(X), np.diag(b)])
    assert_allclose(grad(checkpoint(f))(X, b), grad(plain)(X, b), rtol=1e-13)
    third = grad(lambda a: (grad(lambda a: (grad(f)(a, b) ** 2).sum())(a)).sum())(X)
    assert_allclose(third, 8 * b**4, rtol=1e-12)


def test_nothing_flows_where_it_says_none():
    half = custom_gradient(lambda a, b: a * b, lambda y_bar, y, a, b: (y_bar * b, None))
    assert_array_equal(grad(lambda a, b: half(a, b).sum(), 1)(X, X), np.zeros(3))
    assert_array_equal(jacobian(half, 1)(X, X), np.zeros((3, 3)))
    assert_array_equal(jacfwd(half, 1)(X, X), np.zeros((3, 3)))
    assert_array_equal(jacfwd(custom_gradient(lambda x: x * 2, lambda g, y, x: None))(X), np.zeros((3, 3)))


def test_empty_stacks():
    cut = custom_gradient(lambda x: x[:0], lambda y_bar, y, x: x * 0)
    assert jacobian(cut)(X).shape == (0, 3)
    assert jacfwd(cut)(X).shape == (0, 3)


def test_a_pullback_that_takes_other_arguments_is_refused_before_anything_is_computed():
    with pytest.raises(ArgumentError) as refused:
        custom_gradient(lambda x: x, lambda g, x: g)(X)
    assert refused.value.got == "too many positional arguments"
    assert refused.value.remedy == "take 3: the cotangent, the output, and each argument"
    with pytest.raises(ArgumentError, match="pass a function"):
        custom_gradient(lambda x: x, None)(X)


def test_what_custom_gradient_refuses():
    wrong = custom_gradient(lambda x: x, lambda y_bar, y, x: y_bar[:2])
    with pytest.raises(ShapeError) as refusal:
        grad(lambda x: wrong(x).sum())(X)
    assert str(refusal.value) == (
        "in custom_gradient(<lambda>)\n"
        "  expected: a cotangent of shape (3,) for argument 0\n"
        "  got:      shape (2,)\n"
        "  to do:    return one cotangent for each argument, each shaped like its argument"
    )


@pytest.mark.parametrize("transform", [jacfwd, lambda f: lambda x: jvp(f, (x,), (x,)), lambda f: jacobian(jacfwd(f))])
def test_a_pullback_of_plain_numbers_cannot_be_transposed(transform):
    """Forward mode transposes the pullback: a plain array would be a silent zero."""
    plain = custom_gradient(
        lambda x: x * x, lambda y_bar, y, x: 2 * autograd.tensor.raw(y_bar) * autograd.tensor.raw(x)
    )
    assert_allclose(grad(lambda x: plain(x).sum())(X), 2 * X)
    with pytest.raises(GraphError) as refusal:
        transform(lambda x: plain(x).sum())(X)
    assert str(refusal.value) == (
        "in custom_gradient(<lambda>)\n"
        "  expected: a pullback that can itself be differentiated, for forward mode and higher orders\n"
        "  got:      one that returned a plain array for a tensor y_bar\n"
        "  to do:    compute it from y_bar with operators and NumPy functions"
    )


def test_a_tall_jacobian_needs_no_derivative_of_a_pullback():
    raw = autograd.tensor.raw
    spread = custom_gradient(lambda x: x * np.ones(20), lambda y_bar, y, x: raw(y_bar).sum())
    assert_array_equal(jacobian(spread)(3.0), np.ones(20))


# Implicit functions


def solve_cube(a):
    return np.cbrt(autograd.tensor.raw(a))


cube_root = custom_root(lambda x, a: x**3 - a, solve_cube)


def test_a_root_at_three_orders():
    assert cube_root(8.0).item() == 2.0
    assert grad(cube_root)(8.0) == pytest.approx(8.0 ** (-2 / 3) / 3)
    assert grad(grad(cube_root))(8.0) == pytest.approx(-2 / 9 * 8.0 ** (-5 / 3))
    assert grad(grad(grad(cube_root)))(8.0) == pytest.approx(10 / 27 * 8.0 ** (-8 / 3))
    assert hessian(cube_root)(8.0) == pytest.approx(-2 / 9 * 8.0 ** (-5 / 3))
    assert jvp(cube_root, (8.0,), (3.0,))[1] == pytest.approx(8.0 ** (-2 / 3))
    assert jacfwd(cube_root)(8.0) == pytest.approx(8.0 ** (-2 / 3) / 3)


def test_a_solver_may_return_pythons_number():
    root = custom_root(lambda x, a: x**3 - a, lambda a: float(a) ** (1 / 3))
    assert grad(root)(8.0) == pytest.approx(8.0 ** (-2 / 3) / 3)
    with pytest.raises(DTypeError, match="dtype object from None"):
        custom_root(lambda x, a: x - a, lambda a: None)(8.0)


def test_roots_of_a_batch():
    a = np.array([1.0, 8.0, 27.0])
    assert_allclose(vmap(cube_root)(a), [1.0, 2.0, 3.0])
    assert_allclose(vmap(grad(cube_root))(a), a ** (-2 / 3) / 3)
    assert_allclose(vmap(grad(grad(cube_root)))(a), -2 / 9 * a ** (-5 / 3))
    assert_allclose(cube_root(Tensor(a)).numpy(), [1.0, 2.0, 3.0])
    assert_allclose(jacobian(cube_root)(a), np.diag(a ** (-2 / 3) / 3))


M = np.array([[3.0, 1.0, 0.2], [1.0, 2.0, -0.3], [0.2, -0.3, 4.0]])


def minimise(m, b):
    return np.linalg.solve(autograd.tensor.raw(m), autograd.tensor.raw(b))


argmin = custom_root(grad(lambda x, m, b: x @ m @ x / 2 - b @ x), minimise)


def test_an_argmin_is_differentiated_through_its_optimality():
    """x* = M⁻¹b for symmetric M: ∂x*/∂b = M⁻¹, and ∂²(x*·x*)/∂b² = 2 M⁻¹M⁻ᵀ."""
    inverse = np.linalg.inv(M)
    assert_allclose(jacobian(argmin, 1)(M, X), inverse, rtol=1e-12)
    assert_allclose(jacfwd(argmin, 1)(M, X), inverse, rtol=1e-12)
    assert_allclose(hessian(lambda b: (argmin(M, b) ** 2).sum())(X), 2 * inverse @ inverse.T, rtol=1e-11)
    symmetric = lambda m: argmin((m + m.mT) / 2, X)  # noqa: E731
    plain = lambda m: autograd.solve((m + m.mT) / 2, X)  # noqa: E731
    assert_allclose(jacobian(symmetric)(M), jacobian(plain)(M), rtol=1e-10, atol=1e-13)
    second = hessian(lambda m: (symmetric(m) ** 2).sum())(M)
    assert_allclose(second, hessian(lambda m: (plain(m) ** 2).sum())(M), rtol=1e-8, atol=1e-10)


def test_a_residual_whose_jacobian_is_not_symmetric():
    skew = np.array([[2.0, 1.0, 0.0], [-1.0, 2.0, 0.5], [0.3, 0.0, 1.0]])
    root = custom_root(lambda x, b: skew @ x - b, lambda b: np.linalg.solve(skew, autograd.tensor.raw(b)))
    assert_allclose(jacobian(root)(X), np.linalg.inv(skew), rtol=1e-12)
    assert_allclose(jacfwd(root)(X), np.linalg.inv(skew), rtol=1e-12)


def test_a_minimum_found_by_iteration_gives_the_gradient_of_the_minimum():
    """Ridge regression: the solver is a plain loop, and its result has the closed form's derivative."""
    rng = np.random.default_rng(0)
    A, t = rng.normal(size=(20, 3)), rng.normal(size=20)

    def descend(penalty):
        x = np.zeros(3)
        for _ in range(2000):
            x = x - 0.02 * (A.T @ (A @ x - t) + autograd.tensor.raw(penalty) * x)
        return x

    ridge = custom_root(grad(lambda x, penalty: ((A @ x - t) ** 2).sum() / 2 + penalty * (x * x).sum() / 2), descend)
    closed = lambda penalty: autograd.solve(A.T @ A + penalty * np.eye(3), A.T @ t)  # noqa: E731
    assert_allclose(jacobian(ridge)(0.7), jacobian(closed)(0.7), rtol=1e-9)
    assert_allclose(jacobian(jacobian(ridge))(0.7), jacobian(jacobian(closed))(0.7), rtol=1e-8)
    assert_allclose(vmap(jacobian(ridge))(np.array([0.1, 0.7])), [jacobian(closed)(p) for p in (0.1, 0.7)], rtol=1e-8)


def test_roots_inside_roots():
    """a^(1/9) as a cube root of a cube root, and by a residual that itself has a root in it."""
    ninth = custom_root(lambda x, a: x**3 - cube_root(a), lambda a: np.cbrt(solve_cube(a)))
    assert grad(ninth)(5.0) == pytest.approx(5.0 ** (-8 / 9) / 9)
    assert grad(grad(ninth))(5.0) == pytest.approx(-8 / 81 * 5.0 ** (-17 / 9))
    assert grad(lambda a: cube_root(cube_root(a)))(5.0) == pytest.approx(5.0 ** (-8 / 9) / 9)


def test_a_root_that_does_not_depend_on_a_parameter():
    root = custom_root(lambda x, a, b: x - a, lambda a, b: a)
    assert grad(root, (0, 1))(2.0, 3.0) == (1.0, 0.0)
    assert jacfwd(root, (0, 1))(2.0, 3.0) == (1.0, 0.0)
