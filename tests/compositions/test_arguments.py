"""NumPy's arguments beyond axis and keepdims, in NumPy's order and by its names; methods of ufuncs and of arrays."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import autograd
from autograd import Tensor
from autograd.errors import ArgumentError, AutogradError

X = np.array([[1.0, 2.5, 3.0], [4.0, 0.5, 6.0]])
W = np.array([[True, False, True], [True, True, True]])

CALLS = {
    "sum where": lambda x: np.sum(x, where=W),
    "sum by place": lambda x: np.sum(x, 0, None, None, True),
    "sum dtype": lambda x: np.sum(x, 1, np.float32),
    "sum initial": lambda x: np.sum(x, axis=1, initial=2.0, where=W, keepdims=True),
    "sum by name": lambda x: np.sum(a=x, axis=0),
    "prod": lambda x: np.prod(x, axis=0, initial=2.0, where=W),
    "mean where": lambda x: np.mean(x, axis=1, where=W),
    "mean dtype": lambda x: np.mean(x, dtype=np.float32),
    "max initial": lambda x: np.max(x, axis=0, initial=3.5),
    "min where": lambda x: np.min(x, axis=1, initial=5.0, where=W),
    "amax": lambda x: np.amax(x, axis=1),
    "amin": lambda x: np.amin(x, 0),
    "var by place": lambda x: np.var(x, 1, None, None, 1, True),
    "var correction": lambda x: np.var(x, correction=1),
    "var where": lambda x: np.var(x, axis=1, where=W, ddof=1),
    "var mean": lambda x: np.var(x, axis=1, mean=np.mean(x, axis=1, keepdims=True)),
    "std correction": lambda x: np.std(x, axis=0, correction=1),
    "std where": lambda x: np.std(x, where=W, dtype=np.float32),
    "nanmean where": lambda x: np.nanmean(x, axis=0, where=W),
    "nansum initial": lambda x: np.nansum(x, initial=1.0),
    "nanmax initial": lambda x: np.nanmax(x, axis=1, initial=3.5),
    "cumsum dtype": lambda x: np.cumsum(x, 0, np.float32),
    "reshape F": lambda x: np.reshape(x, (3, 2), "F"),
    "reshape A": lambda x: np.reshape(x, (3, -1), order="A"),
    "copy order": lambda x: np.copy(x, order="F"),
    "astype": lambda x: np.astype(x, np.float32, copy=False),
    "concatenate flat": lambda x: np.concatenate([x, x[0]], axis=None),
    "concatenate dtype": lambda x: np.concatenate((x, x), dtype=np.float32),
    "concat": lambda x: np.concat([x, x], axis=1),
    "stack dtype": lambda x: np.stack([x, x], axis=-1, dtype=np.float32),
    "vstack dtype": lambda x: np.vstack([x, x], dtype=np.float32),
    "block nested": lambda x: np.block([[x, np.ones((2, 1))], [np.ones((1, 3)), 2.0]]),
    "trace": lambda x: np.trace(x, 1, dtype=np.float32),
    "quantiles": lambda x: np.quantile(x, [0.2, 0.5], axis=1),
    "percentiles": lambda x: np.percentile(x, ((20, 80), (50, 60)), axis=(0, 1), keepdims=True),
    "quantile weights": lambda x: np.quantile(x, 0.3, axis=0, weights=[1.0, 2.0], method="inverted_cdf"),
    "quantile all weights": lambda x: np.quantile(x, [0.3, 0.9], weights=W * 1.0, method="inverted_cdf"),
    "gradient of axes": lambda x: np.gradient(x, 2.0, [0.0, 1.0, 4.0], edge_order=1)[1],
    "trapezoid places": lambda x: np.trapezoid(x, X * X + np.arange(3), axis=1),
    "histogram weights": lambda x: np.histogram(X, bins=[0.0, 2.0, 5.0, 9.0], weights=x)[0],
    "histogram density": lambda x: np.histogram(X, bins=3, weights=x, density=True)[0],
    "insert by a mask": lambda x: np.insert(x, np.array([True, False, True]), 7.0, axis=1),
    "insert two at a list of one": lambda x: np.insert(x, [1], [7.0, 8.0], axis=1),
    "bincount": lambda x: np.bincount([1, 0, 1], weights=x[0], minlength=4),
    "choose": lambda x: np.choose([0, 1, 1], [x[0], x[1]]),
    "add.reduce": np.add.reduce,
    "add.reduce where": lambda x: np.add.reduce(x, axis=1, where=W),
    "add.accumulate": lambda x: np.add.accumulate(x, axis=1),
    "multiply.accumulate": np.multiply.accumulate,
    "maximum.accumulate": lambda x: np.maximum.accumulate(x, axis=1),
    "minimum.accumulate": np.minimum.accumulate,
    "logaddexp.accumulate": np.logaddexp.accumulate,
    "logaddexp.reduce": np.logaddexp.reduce,
    "fmax.reduce": lambda x: np.fmax.reduce(x, axis=1),
    "multiply.outer": lambda x: np.multiply.outer(x, np.arange(2.0)),
    "subtract.outer": lambda x: np.subtract.outer(X[0], x),
    "methods": lambda x: x.sum(axis=0, where=W) + x.cumsum(0)[1] + x.take([0, 2, 1]) + x.repeat(1, axis=0)[0],
    "compress method": lambda x: x.compress([True, False, True], axis=1),
    "flatten method": lambda x: x.flatten("F"),
    "diagonal method": lambda x: x.diagonal().cumprod(),
    "trace method": lambda x: x.trace(1),
}  # fmt: skip


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_call_gives_what_numpy_gives_and_records(call):
    y, plain = call(Tensor(X, requires_grad=True)), np.asarray(call(X))
    assert isinstance(y, Tensor)
    assert y.requires_grad
    assert (y.shape, y.dtype) == (plain.shape, plain.dtype)
    assert_allclose(y.numpy(), plain, rtol=1e-6 if plain.dtype == np.float32 else 1e-12)
    if plain.dtype == np.float64:
        autograd.gradcheck(call, X)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.max(x, where=W),
        lambda x: np.var(x, ddof=1, correction=1),
        lambda x: np.quantile(x, 1.5),
        lambda x: np.quantile(x, 0.5, method="best"),
        lambda x: np.quantile(x, 0.5, weights=W * 1.0),
        lambda x: np.pad(x, -1),
        lambda x: np.pad(x, 1, mode=lambda *a: None),
        lambda x: np.diff(x, n=-1),
        lambda x: np.split(x, 4),
        lambda x: np.gradient(x, 1.0, 2.0, 3.0),
        lambda x: np.gradient(x[:1], axis=0),
        lambda x: np.average(x, weights=[1.0, 2.0]),
        lambda x: np.sort(x, order="name"),
        lambda x: np.choose([0, 2], [x[0, :2], x[1, :2]]),
        lambda x: np.astype(x, np.float32, copy=True).astype(int, casting="safe"),
        np.cumulative_sum,
        lambda x: np.diag(x[None]),
        lambda x: x.reshape(3, 2, order="B"),
    ],
)
def test_a_call_that_makes_no_sense_is_explained(call):
    with pytest.raises(ArgumentError):
        call(Tensor(X, requires_grad=True))


def test_quantiles_move_with_q():
    q = Tensor(0.3, requires_grad=True)
    autograd.quantile([0.0, 1.0, 3.0, 4.0], q).backward()
    assert_allclose(q.grad.numpy(), 3.0)  # (n − 1) times the gap that it lies in


def test_a_nan_is_a_quantile_of_everything():
    x = np.array([1.0, np.nan, 2.0])
    assert np.isnan(np.median(Tensor(x)).item())
    assert np.isnan(np.nanmedian(Tensor(x * np.nan)).item())
    for empty in (np.nanmean, np.nanmax, np.nanmin, np.nanvar):
        assert np.isnan(empty(Tensor(x * np.nan)).item())


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        (lambda x: autograd.sum(x, dim=0, keepdim=True), lambda x: np.sum(x, axis=0, keepdims=True)),
        (lambda x: x.std(dim=1, correction=1), lambda x: np.std(x, axis=1, ddof=1)),
        (lambda x: x.max(dim=1, initial=5.0), lambda x: np.max(x, axis=1, initial=5.0)),
        (lambda x: autograd.cumsum(x, dim=-1), lambda x: np.cumsum(x, axis=-1)),
        (lambda x: autograd.stack([x, x], dim=1), lambda x: np.stack([x, x], axis=1)),
        (lambda x: x.argmax(dim=1, keepdim=True), lambda x: np.argmax(x, axis=1, keepdims=True)),
        (lambda x: autograd.argmin(x, dim=0), lambda x: np.argmin(x, axis=0)),
        (lambda x: autograd.logsumexp(x, dim=1), lambda x: np.log(np.exp(x).sum(1))),
        (lambda x: autograd.linalg.vector_norm(x, 3, 0), lambda x: (x**3).sum(0) ** (1 / 3)),
        (lambda x: autograd.linalg.vector_norm(x, 1, dim=1, keepdim=True), lambda x: x.sum(1, keepdims=True)),
        (lambda x: autograd.linalg.matrix_norm(x, 1, (0, 1)), lambda x: x.sum(0).max()),
    ],
)
def test_pytorchs_words_for_an_axis_are_understood(said, plain):
    assert_allclose(said(Tensor(X)).numpy(), plain(X), rtol=1e-14)


@pytest.mark.parametrize(
    "said",
    [
        lambda x: autograd.sum(x, axis=0, dim=1),
        lambda x: autograd.cumsum(x, axis=0, dim=1),
        lambda x: autograd.argmax(x, axis=0, dim=1),
        lambda x: autograd.exp(x, dim=0),
        lambda x: autograd.sum(x, dims=0),
    ],
)
def test_two_words_for_one_axis_or_one_too_many_are_refused(said):
    with pytest.raises(ArgumentError, match="dim"):
        said(Tensor(X))


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (np.sum, 1), (np.prod, 1), (np.max, 1), (np.nansum, 1), (autograd.mean, 1), (autograd.logsumexp, 1),
        (autograd.softmax, 0), (autograd.log_softmax, 0), (autograd.var, 0), (autograd.cumulative_max, 1),
        (autograd.logcumsumexp, 1), (autograd.median, 1), (autograd.linalg.vector_norm, 1), (autograd.linalg.norm, 1),
    ],
)  # fmt: skip
def test_a_number_has_the_axes_0_and_minus_1(f, slope, axis):
    x = Tensor(3.0, requires_grad=True)
    y = f(x, axis=axis)
    assert y.shape == ()
    y.backward()
    assert x.grad.item() == slope
    with pytest.raises(AutogradError):
        f(x, axis=1)


def test_cumsum_of_a_number_is_a_row_as_in_numpy():
    assert np.cumsum(Tensor(3.0), axis=0).shape == np.cumsum(np.array(3.0), axis=0).shape == (1,)


def test_append_puts_a_list_of_tensors_together():
    a, b = Tensor(1.0, requires_grad=True), Tensor(2.0, requires_grad=True)
    y = np.append([a, a], b)
    assert_allclose(y.numpy(), [1.0, 1.0, 2.0])
    y.sum().backward()
    assert (a.grad.item(), b.grad.item()) == (2.0, 1.0)


def test_scatter_add_refuses_an_index_larger_than_its_source():
    with pytest.raises(ArgumentError, match="an entry of src"):
        autograd.scatter_add(np.zeros((2, 3)), 0, np.zeros((2, 3), int), np.ones((1, 3)))


def test_ldexp_at_whole_exponents_is_exact_and_at_others_has_a_derivative():
    x, e = Tensor(np.array([1.5, -2.0]), requires_grad=True), Tensor(np.array([0.5, 3.0]), requires_grad=True)
    assert np.ldexp(x, np.array([1000, -3])).numpy().tolist() == np.ldexp([1.5, -2.0], [1000, -3]).tolist()
    y = np.ldexp(x, e)
    y.sum().backward()
    assert_allclose(e.grad.numpy(), y.numpy() * np.log(2), rtol=1e-14)
    assert_allclose(x.grad.numpy(), 2.0 ** e.numpy(), rtol=1e-14)
