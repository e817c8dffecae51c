"""A path that is not taken carries nothing, whatever its slope; a zero that arithmetic gave is a number like others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import autograd
from autograd import Tensor
from autograd.backprop.pullback import sweep
from tests.primitives.sampling import gradients, identity, recorded_gradients

INF, NAN = np.inf, np.nan


@pytest.fixture(autouse=True)
def _quiet_values() -> Any:
    """NumPy rightly warns about the values of the branches not taken; these tests are about gradients."""
    with np.errstate(all="ignore"):
        yield


def gradient(f: Any, x: Any) -> Any:
    leaf = Tensor(x, requires_grad=True)
    f(leaf).sum().backward()
    return leaf.grad.numpy()


def _safe_log(p: Any) -> Any:
    return autograd.where(p > 0, p * np.log(p), 0.0)


def _relu_of_row_norms(x: Any) -> Any:
    return np.sqrt((x * x).sum(axis=1))


TAKEN = [
    ("root of the branch not taken", lambda x: autograd.where(x > 0, x, np.sqrt(-x)), [4.0, -4.0], [1.0, -0.25]),
    ("both branches singular", lambda x: autograd.where(x > 0, np.log(x), 1 / x), [2.0, -2.0], [0.5, -0.25]),
    ("at the singular point", lambda x: autograd.where(x > 0, np.sqrt(x), 0.0), [0.0, 4.0], [0.0, 0.25]),
    ("x/0 masked", lambda x: autograd.where([True, False], x / np.array([2.0, 0.0]), 1.0), [1.0, 1.0], [0.5, 0.0]),
    ("0/0 masked", lambda x: autograd.where(x != 0, x / x, 1.0), [0.0, 3.0], [0.0, 0.0]),
    ("entropy at 0", _safe_log, [0.0, 1.0], [0.0, 1.0]),
    ("power after relu", lambda x: autograd.relu(x) ** 0.5, [-1.0, 4.0], [0.0, 0.25]),
    ("power after maximum", lambda x: autograd.maximum(x, 0.0) ** 0.5, [-1.0, 4.0], [0.0, 0.25]),
    ("root after clip", lambda x: np.sqrt(autograd.clip(x, 0.0, None)), [-1.0, 4.0], [0.0, 0.25]),
    ("root after minimum", lambda x: np.sqrt(-autograd.minimum(x, 0.0)), [-4.0, 1.0], [-0.25, 0.0]),
    ("nested choices", lambda x: autograd.where(x > 1, x, autograd.where(x > 0, x * x, np.sqrt(-x))),
     [2.0, 0.5, -4.0], [1.0, 1.0, -0.25]),
    ("indexed away", lambda x: np.sqrt(x)[1:], [0.0, 4.0], [0.0, 0.25]),
    ("masked away", lambda x: np.log(x)[np.array([False, True])], [-1.0, 4.0], [0.0, 0.25]),
    ("overwritten", lambda x: _overwritten(np.sqrt(x)), [0.0, 4.0], [0.0, 0.25]),
    ("cut by concatenate", lambda x: autograd.concatenate([np.sqrt(x), x])[1:], [0.0, 4.0], [1.0, 1.25]),
    ("norm of a row not used", lambda x: _relu_of_row_norms(x)[1], [[0.0, 0.0], [3.0, 4.0]], [[0.0, 0.0], [0.6, 0.8]]),
    ("norm of a masked row", lambda x: autograd.where(np.array([False, True]), _relu_of_row_norms(x), 0.0),
     [[0.0, 0.0], [3.0, 4.0]], [[0.0, 0.0], [0.6, 0.8]]),
    ("maximum of a row not used", lambda x: autograd.max(np.sqrt(x), axis=1)[1], [[0.0, 0.0], [1.0, 4.0]],
     [[0.0, 0.0], [0.0, 0.25]]),
    ("the entry that is not the maximum", lambda x: autograd.max(np.sqrt(x)), [0.0, 4.0], [0.0, 0.25]),
    ("logsumexp of a row not used", lambda x: autograd.logsumexp(np.log(x), axis=1)[1], [[0.0, 0.0], [1.0, 3.0]],
     [[0.0, 0.0], [0.25, 0.25]]),
    ("deviation of a row not used", lambda x: autograd.std(1 / x, axis=1)[1], [[0.0, 1.0], [1.0, 0.5]],
     [[0.0, 0.0], [0.5, -2.0]]),
    ("product of a row not used", lambda x: autograd.prod(1 / x, axis=1)[1], [[0.0, 1.0], [1.0, 2.0]],
     [[0.0, 0.0], [-0.5, -0.25]]),
    ("softmax of a row not used", lambda x: autograd.softmax(np.log(x))[1, 0], [[0.0, 0.0], [1.0, 3.0]],
     [[0.0, 0.0], [0.1875, -0.0625]]),
    ("log_softmax of a row not used", lambda x: autograd.log_softmax(np.log(x))[1, 0], [[0.0, -1.0], [1.0, 3.0]],
     [[0.0, 0.0], [0.75, -0.25]]),
    ("loss of a row not used", lambda x: autograd.cross_entropy(np.log(x), np.array([0, 0]), reduction="none")[1],
     [[0.0, -1.0], [1.0, 3.0]], [[0.0, 0.0], [-0.75, 0.25]]),
    ("squared error not used", lambda x: autograd.mse(np.sqrt(x), np.zeros(2), reduction="none")[1], [0.0, 4.0],
     [0.0, 1.0]),
    ("maximum that is NaN, not used", lambda x: autograd.max(np.sqrt(x), axis=1)[1], [[-1.0, 0.0], [1.0, 4.0]],
     [[0.0, 0.0], [0.0, 0.25]]),
    ("jumps have no slope to multiply", lambda x: autograd.sign(np.sqrt(x)) + autograd.step(np.log(x)), [0.0, 4.0],
     [0.0, 0.0]),
]  # fmt: skip


def _overwritten(t: Any) -> Any:
    t[0] = 7.0
    return t


@pytest.mark.parametrize(("f", "x", "expected"), [c[1:] for c in TAKEN], ids=[c[0] for c in TAKEN])
def test_a_path_not_taken_carries_nothing(f: Any, x: Any, expected: Any) -> None:
    assert_allclose(gradient(f, x), expected, atol=0)


@pytest.mark.parametrize(("f", "x", "expected"), [c[1:] for c in TAKEN], ids=[c[0] for c in TAKEN])
def test_nor_in_a_jacobian(f: Any, x: Any, expected: Any) -> None:
    """Behind the leading axes of an identity seed, whose own zeros are structural too."""
    leaf = Tensor(x, requires_grad=True)
    y = f(leaf)
    (rows,) = gradients(y, [leaf], identity(y.shape), y.shape)
    assert_allclose(rows.sum(axis=tuple(range(y.ndim))), expected, atol=0)


@pytest.mark.parametrize(("f", "x", "expected"), [c[1:] for c in TAKEN], ids=[c[0] for c in TAKEN])
def test_nor_in_float32(f: Any, x: Any, expected: Any) -> None:
    leaf = Tensor(x, requires_grad=True, dtype=np.float32)
    f(leaf).sum().backward()
    assert leaf.grad.dtype == np.float32
    assert_allclose(leaf.grad.numpy(), expected, rtol=1e-6)


@pytest.mark.parametrize(("f", "x", "expected"), [c[1:] for c in TAKEN], ids=[c[0] for c in TAKEN])
def test_nor_in_a_recorded_sweep(f: Any, x: Any, expected: Any) -> None:
    """The first gradient is the same when it is recorded; its own derivative has no NaN where no path was taken."""
    leaf = Tensor(x, requires_grad=True)
    (first,) = recorded_gradients(f(leaf).sum(), [leaf], Tensor(1.0))
    assert_allclose(first.numpy(), expected, atol=0)
    (second,) = gradients(first.sum(), [leaf], 1.0)
    assert np.isfinite(second).all()
    assert_allclose(second[np.asarray(expected) == 0], 0.0, atol=1e-12)


@pytest.mark.parametrize("bad", [INF, -INF, NAN])
@pytest.mark.parametrize(
    "product",
    [
        lambda w, x: x @ w,
        lambda w, x: autograd.linear(x, w.T),
        lambda w, x: autograd.einsum("ij,jk->ik", x, w),
    ],
    ids=["matmul", "linear", "einsum"],
)
def test_a_masked_row_of_a_product_carries_nothing(product: Any, bad: float) -> None:
    """∂/∂W of the rows that are used, although another row of x is infinite or NaN."""
    x = np.array([[1.0, 2.0], [bad, 3.0], [4.0, 5.0]])
    w = Tensor([[1.0, -1.0], [0.5, 2.0]], requires_grad=True)
    used = np.array([[True], [False], [True]])
    autograd.where(used, product(w, x), 0.0).sum().backward()
    assert_array_equal(w.grad.numpy(), [[5.0, 5.0], [7.0, 7.0]])


@pytest.mark.parametrize("bad", [INF, NAN])
def test_a_masked_column_of_a_product_carries_nothing(bad: float) -> None:
    w = np.array([[1.0, bad], [0.5, 2.0]])
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    (x @ w)[:, 0].sum().backward()
    assert_array_equal(x.grad.numpy(), [[1.0, 0.5], [1.0, 0.5]])


def test_a_path_that_is_taken_once_is_taken() -> None:
    """Where one of two uses is masked, the slope of the other counts, infinite or not."""

    def f(x: Any) -> Any:
        root = np.sqrt(x)
        return autograd.where([False, False], root, 1.0) + autograd.where([True, False], root, 0.0)

    assert_array_equal(gradient(f, [0.0, 0.0]), [INF, 0.0])


def test_zeros_of_the_seed_are_structural() -> None:
    x = Tensor([0.0, 4.0], requires_grad=True)
    np.sqrt(x).backward(np.array([0.0, 1.0]))
    assert_array_equal(x.grad.numpy(), [0.0, 0.25])


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: np.sqrt(x) ** 2, 0.0),
        (lambda x: np.square(np.sqrt(x)), 0.0),
        (lambda x: 0.0 * np.sqrt(x), 0.0),
        (lambda x: np.sqrt(x) * np.sqrt(x), 0.0),
        (lambda x: autograd.cos(np.sqrt(x)), 0.0),
        (lambda x: np.sqrt(x * x), 0.0),
        (lambda x: autograd.where(x >= 0, np.sqrt(x) ** 2, 1.0), 0.0),
    ],
)
def test_an_arithmetic_zero_is_not_structural(f: Any, x: float) -> None:
    """0·∞ is not known to be 0: no number is made up."""
    assert np.isnan(gradient(f, x))


def test_only_the_entry_without_an_answer_is_nan() -> None:
    assert_array_equal(gradient(lambda x: np.sqrt(x) ** 2, [0.0, 4.0]), [NAN, 1.0])


def test_the_contribution_goes_on_depending_on_the_cotangent() -> None:
    """f = (√x − 1)² at 1: the slope is 0 by arithmetic there, and f″ = ½ all the same."""
    for others in ([], [0.0, -3.0]):  # alone, and with neighbours that force the careful sweep
        x = Tensor([1.0, *others], requires_grad=True)
        f = (autograd.where(x > 0, np.sqrt(x), 1.0) - 1) ** 2
        (first,) = recorded_gradients(f.sum(), [x], Tensor(1.0))
        assert first.numpy()[0] == 0.0
        (second,) = gradients(first[0], [x], 1.0)
        assert_array_equal(second, [0.5, *[0.0] * len(others)])


def test_a_hessian_of_a_guarded_root() -> None:
    x = Tensor([4.0, -4.0, 0.0], requires_grad=True)
    y = autograd.where(x > 0, x * np.sqrt(x), -x * np.sqrt(-x)).sum()
    (first,) = recorded_gradients(y, [x], Tensor(1.0))
    assert_allclose(first.numpy()[:2], [3.0, -3.0])
    for i in range(2):
        (row,) = gradients(first[i], [x], 1.0)
        assert_allclose(row, [[0.375, 0, 0], [0, 0.375, 0]][i])


def test_messages_of_the_careful_sweep_are_observed_once() -> None:
    """Whoever watches sees the messages of the sweep that counted, as plain arrays."""
    x = Tensor([0.0, 4.0], requires_grad=True)
    y = autograd.where(x > 0, np.sqrt(x), 0.0).sum()
    seen: list[tuple[str, Any]] = []
    sweep({y.node: np.float64(1)}, observe=lambda node, i, y_bar, message: seen.append((node.primitive.name, message)))
    assert [name for name, _ in seen] == ["sum", "where", "sqrt"]
    assert_array_equal(seen[-1][1], [0.0, 0.25])


def test_a_nan_that_reaches_the_loss_stays() -> None:
    """Silence would be worse: what the loss really depends on is NaN in the gradient as well."""
    assert np.isnan(gradient(lambda x: x * np.array([1.0, NAN]), [1.0, 1.0])[1])
    assert np.isnan(gradient(lambda x: np.log(x) * x, [-1.0])).all()


def test_the_careful_sweep_is_left_out_only_where_no_zero_can_be_structural(monkeypatch) -> None:
    """A graph without a choice, an index or a zero in its seed has none: then the NaN is the answer."""
    from autograd.backprop import pullback

    asked = []
    monkeypatch.setattr(pullback, "_has_nan", lambda cotangents: asked.append(1) or False)
    x = Tensor([1.0, 2.0], requires_grad=True)
    np.tanh(x * x).sum().backward()
    assert not asked
    for graph in (lambda: x[0] * 1.0, lambda: np.where(x > 1, x, 0.0).sum(), lambda: np.max(x)):
        graph().backward()
        assert asked.pop()
    (x * x).backward(np.array([1.0, 0.0]))
    assert asked.pop()
