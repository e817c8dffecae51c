"""The points where formulas break in other engines: kinks, ties, zeros, infinities, and the conventions there."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import autograd
from autograd import Tensor
from autograd.primitives import Primitive, registry
from tests.primitives.sampling import (
    DIFFERENTIABLE,
    ELEMENTWISE,
    Call,
    difference,
    every,
    every_call,
    gradients,
    recorded_gradients,
)

INF, NAN = np.inf, np.nan


def gradient(f: Any, *values: Any) -> Any:
    """Return the gradient of ``f(*values).sum()`` with respect to the first value."""
    leaves = [Tensor(v, requires_grad=True) for v in values]
    f(*leaves).sum().backward()
    return leaves[0].grad.numpy()


def second(f: Any, x: Any) -> Any:
    """Return the gradient of the sum of the gradient."""
    leaf = Tensor(x, requires_grad=True)
    y = f(leaf).sum()
    (first,) = recorded_gradients(y, [leaf], Tensor(1.0))
    return gradients(first.sum(), [leaf], 1.0)[0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@every(ELEMENTWISE)
def test_landmarks_are_finite_and_quiet(primitive: Primitive, dtype: Any) -> None:
    """Value and partial, at every combination of the operands' landmarks; a warning is an error here."""
    for point in itertools.product(*(d.landmarks for d in primitive.domain)):
        leaves = [Tensor(p, requires_grad=True, dtype=dtype) for p in point]
        y = Call(primitive, tuple(leaves), {}, "")(*leaves)
        assert np.isfinite(y.numpy()), point
        for partial in primitive.partials:
            if partial is not None:
                assert np.isfinite(np.asarray(partial(y.node), dtype=float)), point


@every_call([p for p in DIFFERENTIABLE if p.kind != "elementwise"])
def test_landmarks_of_whole_arrays(call: Call) -> None:
    """All entries equal to one landmark: ties everywhere, no spread, no product."""
    drawn = set(call.wanted) - call.fixed
    for landmark in call.primitive.domain[0].landmarks:
        filled = [np.full_like(o, landmark)[()] if i in drawn else o for i, o in enumerate(call.operands)]
        leaves = Call(call.primitive, tuple(filled), call.static, "").leaves()
        y = call(*leaves)
        assert np.isfinite(y.numpy()).all()
        for i in call.wanted:
            rule = call.primitive.pullbacks[0 if call.primitive.variadic else i]
            extra = (i,) if call.primitive.variadic else ()
            message = rule(y.node, np.ones(y.shape, y.dtype)[()], (), *extra)  # type: ignore[misc]
            assert np.isfinite(message).all()


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (autograd.relu, 0.0, 0.0),
        (autograd.absolute, 0.0, 0.0),
        (autograd.sign, 0.0, 0.0),
        (autograd.step, 0.0, 0.0),
        (lambda x: autograd.maximum(x, 0.0), 0.0, 0.5),
        (lambda x: np.maximum(0, x), 0.0, 0.5),
        (lambda x: autograd.minimum(x, 0.0), 0.0, 0.5),
        (lambda x: autograd.maximum(x, x), 3.0, 1.0),
        (lambda x: autograd.clip(x, -1, 1), 1.0, 1.0),
        (lambda x: autograd.clip(x, -1, 1), -1.0, 1.0),
        (lambda x: autograd.clip(x, -1, 1), 1.5, 0.0),
        (lambda low: autograd.clip(-1.0, low, 1), -1.0, 0.0),
        (lambda low: autograd.clip(-1.5, low, 1), -1.0, 1.0),
        (lambda high: autograd.clip(1.5, -1, high), 1.0, 1.0),
        (lambda high: autograd.clip(0.0, 2.0, high), 1.0, 1.0),  # NumPy: the upper bound wins where they cross
        (lambda low: autograd.clip(0.0, low, 1.0), 2.0, 0.0),
        (autograd.max, [2.0, 1.0, 2.0], [0.5, 0.0, 0.5]),
        (autograd.min, [1.0, 1.0, 1.0, 2.0], [1 / 3, 1 / 3, 1 / 3, 0.0]),
        (lambda x: autograd.max(x, axis=1), [[1.0, 1.0], [0.0, 2.0]], [[0.5, 0.5], [0.0, 1.0]]),
        (autograd.std, [2.0, 2.0, 2.0], [0.0, 0.0, 0.0]),
        (autograd.var, [2.0, 2.0, 2.0], [0.0, 0.0, 0.0]),
        (autograd.sigmoid, [1000.0, -1000.0, 0.0], [0.0, 0.0, 0.25]),
        (autograd.tanh, [1000.0, -1000.0, 0.0], [0.0, 0.0, 1.0]),
        (lambda x: x**0, [0.0, 2.0], [0.0, 0.0]),
        (lambda x: x**1, [0.0, 2.0], [1.0, 1.0]),
        (lambda x: x**2, [0.0, -2.0], [0.0, -4.0]),
        (lambda x: x**3, [0.0, -2.0], [0.0, 12.0]),
        (lambda x: x**0.0, [0.0, 2.0], [0.0, 0.0]),
        (lambda x: x**1.5, 0.0, 0.0),
        (lambda x: x**-1, [2.0, -2.0], [-0.25, -0.25]),
        (lambda y: 0.0**y, [0.0, 1.0, 2.0], [0.0, 0.0, 0.0]),
        (autograd.logsumexp, [1e4, 1e4], [0.5, 0.5]),
        (autograd.logsumexp, [1e16, 1e16], [0.5, 0.5]),  # ln 2 is lost in the value, and must not be in the shares
        (autograd.logsumexp, [-1e4, -1e4], [0.5, 0.5]),
        (autograd.logsumexp, [-INF, 0.0], [0.0, 1.0]),
        (autograd.logsumexp, [-INF, -INF], [0.0, 0.0]),
        (autograd.logsumexp, [1.0, INF, 1e4, -INF], [0.0, 1.0, 0.0, 0.0]),
        (lambda x: autograd.logsumexp(x, axis=1).sum(), [[INF, INF], [0.0, 0.0]], [[0.5, 0.5], [0.5, 0.5]]),
        (lambda x: autograd.fmax(x, [1.0, 1.0, NAN, NAN]).sum(), [1.0, NAN, 1.0, NAN], [0.5, 0.0, 1.0, 0.5]),
        (lambda x: autograd.fmin([1.0, 1.0, NAN, NAN], x).sum(), [1.0, NAN, 1.0, NAN], [0.5, 0.0, 1.0, 0.5]),
        (lambda x: autograd.softmax(x)[0], [1e4, -1e4], [0.0, 0.0]),
        (lambda x: autograd.softmax(x)[1], [-INF, 0.0, 0.0], [0.0, 0.25, -0.25]),
        (lambda x: autograd.log_softmax(x)[1], [1e4, -1e4], [-1.0, 1.0]),
        (lambda x: autograd.log_softmax(x)[1], [-INF, 0.0, 0.0], [0.0, 0.5, -0.5]),
        (lambda x: autograd.cross_entropy(x, np.array([1])), [[1e4, -1e4, 0.0]], [[1.0, -1.0, 0.0]]),
        (lambda x: autograd.cross_entropy(x, np.array([0])), [[1e4, -1e4, 0.0]], [[0.0, 0.0, 0.0]]),
        (lambda x: autograd.cross_entropy(x, np.array([[1.0, 0.0]])), [[0.0, -INF]], [[0.0, 0.0]]),
        (autograd.prod, [2.0, 3.0, 4.0], [12.0, 8.0, 6.0]),
        (autograd.prod, [0.0, 3.0, 4.0], [12.0, 0.0, 0.0]),
        (autograd.prod, [0.0, 3.0, 0.0], [0.0, 0.0, 0.0]),
        (autograd.prod, [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
        (autograd.mean, 3.0, 1.0),
        (lambda x: autograd.where(True, x, 1.0), 3.0, 1.0),
    ],
)  # fmt: skip
def test_conventions(f: Any, x: Any, expected: Any) -> None:
    assert_allclose(gradient(f, x), expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (lambda x: autograd.maximum(x, 0.0) ** 2, [-1.0, 2.0], [0.0, 2.0]),
        (lambda x: x**0, [0.0, 2.0], [0.0, 0.0]),
        (lambda x: x**1, [0.0, 2.0], [0.0, 0.0]),
        (lambda x: x**2, [0.0, 2.0], [2.0, 2.0]),
        (lambda x: x**3, [0.0, 2.0], [0.0, 12.0]),
        (np.square, [0.0, 2.0], [2.0, 2.0]),
        (autograd.relu, [-1.0, 0.0, 1.0], [0.0, 0.0, 0.0]),
        (autograd.sigmoid, [1000.0, -1000.0, 0.0], [0.0, 0.0, 0.0]),
        (autograd.tanh, [1000.0, -1000.0, 0.0], [0.0, 0.0, 0.0]),
        (autograd.logsumexp, [-INF, 0.0], [0.0, 0.0]),
        (lambda x: autograd.clip(x, -1, 1) ** 2, [-1.0, 0.0, 2.0], [2.0, 2.0, 0.0]),
    ],
)  # fmt: skip
def test_conventions_of_second_order(f: Any, x: Any, expected: Any) -> None:
    assert_array_equal(second(f, x), expected)


@pytest.mark.parametrize(
    "x", [[2.0, 3.0, 4.0, 5.0], [0.0, 3.0, 4.0, 5.0], [0.0, 3.0, 0.0, 5.0], [0.0, 0.0, 4.0, 0.0], [0.0] * 4]
)
def test_every_derivative_of_a_product_with_zeros(x: list[float]) -> None:
    """First, second and third order of ``Πx``: the products of those that are left."""
    leaf = Tensor(x, requires_grad=True)
    (first,) = recorded_gradients(leaf.prod(), [leaf], Tensor(1.0))
    for i in range(4):
        assert first.numpy()[i] == np.prod(np.delete(x, i))
        (row,) = recorded_gradients(first[i], [leaf], Tensor(1.0))
        for j in range(4):
            assert row.numpy()[j] == (np.prod(np.delete(x, [i, j])) if i != j else 0.0)
            (third,) = gradients(row[j], [leaf], 1.0)
            expected = [np.prod(np.delete(x, [i, j, k])) if len({i, j, k}) == 3 else 0.0 for k in range(4)]
            assert_array_equal(third, expected)


def test_mixed_derivative_of_a_power_at_exponent_zero() -> None:
    """``∂²(aᵇ)/∂a∂b = aᵇ⁻¹(1 + b·ln a)``, which is 1/a where b = 0."""
    a, b = Tensor(2.0, requires_grad=True), Tensor(0.0, requires_grad=True)
    of_a, _ = recorded_gradients(a**b, [a, b], Tensor(1.0))
    assert_allclose(gradients(of_a, [a, b], 1.0)[1], 0.5)


def test_infinite_slopes_are_infinite() -> None:
    """At the end of its domain a root has no finite slope, and none is made up."""
    assert gradient(np.sqrt, 0.0) == INF
    assert gradient(lambda x: x**0.5, 0.0) == INF
    with pytest.warns(RuntimeWarning, match="divide by zero"):  # NumPy's own, about the value
        assert gradient(np.log, 0.0) == INF


def test_a_constant_array_has_no_spread_although_its_mean_rounds() -> None:
    x = np.full(3, 0.1)
    assert x.mean() != 0.1  # what makes this hard
    assert_allclose(gradient(autograd.std, x), 0.0, atol=1e-12)


@pytest.mark.parametrize("name", ["var", "std"])
def test_one_entry_without_freedom_is_nan_not_an_exception(name: str) -> None:
    x = Tensor([1.0], requires_grad=True)
    with np.errstate(all="ignore"), pytest.warns(RuntimeWarning, match="Degrees of freedom"):
        y = getattr(x, name)(ddof=1)
    y.backward()
    assert np.isnan(x.grad.numpy()).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_log_softmax_is_as_exact_far_from_zero(dtype: Any) -> None:
    x = np.array([0.0, 1.0, 2.0], dtype)
    shifted = autograd.log_softmax(Tensor(x + dtype(8192))).numpy()
    assert_allclose(shifted, autograd.log_softmax(Tensor(x)).numpy(), rtol=4 * np.finfo(dtype).eps)


def test_logsumexp_of_the_extremes() -> None:
    for x, expected in [
        ([1e4, 1e4], 1e4 + np.log(2)), ([-1e4, -1e4], -1e4 + np.log(2)), ([-INF, -INF], -INF), ([-INF, 0.0], 0.0),
        ([INF, 0.0], INF), ([], -INF),
    ]:  # fmt: skip
        for dtype in (np.float32, np.float64):
            y = autograd.logsumexp(Tensor(x, dtype=dtype))
            assert y.dtype == dtype
            assert_allclose(y.numpy(), expected, rtol=1e-6)


def test_softmax_and_losses_of_huge_logits() -> None:
    assert_array_equal(autograd.softmax(Tensor([1e4, -1e4, 1e4])).numpy(), [0.5, 0.0, 0.5])
    logits = Tensor([[1e4, -1e4, 0.0]])
    assert autograd.cross_entropy(logits, np.array([1])).item() == 2e4
    assert autograd.cross_entropy(logits, np.array([0])).item() == 0.0
    assert autograd.cross_entropy(Tensor([[0.0, -INF]]), np.array([0])).item() == 0.0


def test_std_and_friends_away_from_their_convention() -> None:
    """The convention holds at the point alone: right beside it the slope is the real one."""
    x = np.array([1.0, 1.0 + 1e-6])
    numeric = difference(np.std, x, step=1e-8)
    assert_allclose(gradient(autograd.std, x), numeric, rtol=1e-5)


def test_registry_holds_what_the_first_issue_names() -> None:
    names = """add subtract multiply divide power negative absolute square sqrt reciprocal exp expm1 log log1p
        sin cos tan arcsin arccos arctan tanh sinh cosh sigmoid relu maximum minimum where clip sign step
        sum mean prod max min var std logsumexp reshape transpose swapaxes moveaxis squeeze expand_dims broadcast_to
        concatenate stack getitem matmul einsum linear softmax log_softmax cross_entropy mse
        greater greater_equal less less_equal equal not_equal argmax"""
    assert set(names.split()) <= set(registry)
