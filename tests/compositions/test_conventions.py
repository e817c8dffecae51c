"""Points where a formula breaks, writing into tensors, sets with ties, and many equal indices."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import autograd
from autograd import Tensor, grad, hessian, vmap
from autograd.errors import GraphError, NoDerivativeError
from autograd.primitives.along_axis import accumulate


def brute_cumprod(x):
    """Return the gradient of the sum of running products, product by product."""
    return [sum(np.prod(np.delete(x[: i + 1], j)) for i in range(j, len(x))) for j in range(len(x))]


@pytest.mark.parametrize("zeros", [[], [0], [2], [1, 3], [0, 1, 4]])
def test_cumprod_is_exact_with_zeros(zeros):
    x = np.array([1.5, -2.0, 3.0, 0.5, 4.0])
    x[zeros] = 0.0
    assert_allclose(grad(lambda v: np.cumprod(v).sum())(x), brute_cumprod(x), rtol=1e-14)
    H = hessian(lambda v: np.cumprod(v).sum())(x)
    for j in range(5):
        step = np.eye(5)[j] * 1e-3
        difference = (np.array(brute_cumprod(x + step)) - brute_cumprod(x - step)) / 2e-3
        assert_allclose(H[j], difference, atol=1e-10)  # linear in each factor: the difference is exact


def test_cumprod_does_not_divide_by_what_underflows():
    x = np.full(400, 0.1)
    found = grad(lambda v: np.cumprod(v)[:3].sum())(x)
    assert_allclose(found[:4], [1 + 0.1 + 0.01, 0.1 + 0.01, 0.01, 0.0])


@pytest.mark.parametrize("shape", [(2000,), (3, 700), (700, 3)])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_long_scans_in_both_ways_of_computing_them(shape, dtype):
    x = np.random.default_rng(0).uniform(0.9, 1.1, shape).astype(dtype)
    x64 = x.astype(float)
    for axis in range(len(shape)):
        found = grad(lambda v, a=axis: np.cumprod(v, axis=a).sum())(x)
        assert found.dtype == dtype
        if dtype == np.float64:
            y = np.cumprod(x64, axis=axis)
            expected = np.flip(np.cumsum(np.flip(y, axis), axis=axis), axis) / x64
            assert_allclose(found, expected, rtol=1e-9)


def test_running_extremes_share_ties_among_the_entries_so_far():
    x = np.array([1.0, 1.0, 0.0, 1.0, 2.0])
    thirds = [1 + 1 / 2 + 1 / 2 + 1 / 3, 1 / 2 + 1 / 2 + 1 / 3, 0, 1 / 3, 1]
    assert_allclose(grad(lambda v: np.maximum.accumulate(v).sum())(x), thirds)
    assert_allclose(grad(lambda v: np.minimum.accumulate(v).sum())(-x), thirds)
    assert_allclose(grad(lambda v: autograd.cumulative_max(v)[3])(x), grad(lambda v: v[:4].max())(x))


def test_logcumsumexp_with_nothing_at_first_and_far_apart():
    x = np.array([-np.inf, -np.inf, 1.0, -np.inf, 2.0])
    assert_allclose(
        grad(lambda v: autograd.logcumsumexp(v)[-1])(x)[2:], np.exp([-1.0, -np.inf, 0.0]) / (1 + np.exp(-1))
    )
    assert_allclose(grad(lambda v: autograd.logcumsumexp(v).sum())(np.array([-1000.0, 0.0, 1000.0])), [1, 1, 1])


def test_a_spread_of_nothing_has_the_derivative_zero():
    x = np.array([2.0, 2.0, 7.0, np.nan])
    assert_array_equal(grad(lambda v: np.std(v, where=[True, True, False, False]))(x), np.zeros(4))
    assert_array_equal(grad(lambda v: np.nanstd(v[[0, 1, 3]]))(x), np.zeros(4))
    assert_array_equal(grad(lambda v: np.nansum(v * v))(x), [4.0, 4.0, 14.0, 0.0])


def test_equal_entries_are_sorted_in_their_order():
    x, weights = np.array([2.0, 1.0, 2.0, 1.0]), np.array([1.0, 2.0, 3.0, 4.0])
    assert_array_equal(grad(lambda v: (np.sort(v) * weights).sum())(x), [3.0, 1.0, 4.0, 2.0])


# Writing

WRITES = {
    "put": lambda y, v: np.put(y, [0, -1, 0], v[:2]),
    "put wrap": lambda y, v: np.put(y, [7, 1], v, mode="wrap"),
    "put method": lambda y, v: y.put([1, 2], v),
    "put_along_axis": lambda y, v: np.put_along_axis(y, np.array([[1], [0]]), v[:2].reshape(2, 1), 1),
    "put_along_axis flat": lambda y, v: np.put_along_axis(y, np.array([4, 2]), v[:2], None),
    "fill_diagonal": lambda y, v: np.fill_diagonal(y, v[:2]),
    "place": lambda y, v: np.place(y, np.array([[1, 0, 1], [1, 1, 0]]), v),
    "putmask": lambda y, v: np.putmask(y, np.array([[1, 0, 1], [1, 1, 0]]) > 0, v),
    "copyto": np.copyto,
    "copyto where": lambda y, v: np.copyto(y, v, where=np.array([True, False, True])),
    "fill": lambda y, v: y.fill(v[1]),
    "add.at": lambda y, v: np.add.at(y, ([0, 0, 1], [1, 1, 2]), v),
    "subtract.at": lambda y, v: np.subtract.at(y, [1, 1], v),
}  # fmt: skip


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_writing_into_a_tensor_is_writing_into_an_array(write):
    x, v = np.array([[1.0, 2.5, 3.0], [4.0, 0.5, 6.0]]), np.array([10.0, 20.0, 30.0])

    def written(x, v):
        y = x * 1
        write(y, v)
        return y

    expected = x.copy()
    write(expected, v)
    y = written(Tensor(x, requires_grad=True), Tensor(v, requires_grad=True))
    assert y.requires_grad
    assert_array_equal(y.numpy(), expected)
    autograd.gradcheck(written, x, v)
    with pytest.raises(GraphError):
        write(Tensor(x, requires_grad=True), v)
    leaf = Tensor(x, requires_grad=True)
    with autograd.no_grad():
        write(leaf, v)
    assert_array_equal(leaf.numpy(), expected)


def test_other_ufuncs_have_no_at():
    with pytest.raises(NoDerivativeError):
        np.multiply.at(Tensor([1.0, 2.0], requires_grad=True) * 1, [0], 2.0)


# Sets and values


def test_sets_with_ties():
    a, b = np.array([3.0, 1.0, 3.0, 2.0]), np.array([2.0, 5.0, 2.0])
    for function in (np.union1d, np.intersect1d, np.setdiff1d, np.setxor1d):
        assert_array_equal(function(Tensor(a, requires_grad=True), b).numpy(), function(a, b))
    assert_array_equal(grad(lambda v: np.unique(v).sum())(a), [1.0, 1.0, 0.0, 1.0])
    for found, expected in zip(np.unique_all(Tensor(a)), np.unique_all(a), strict=True):
        assert_array_equal(found.numpy(), expected)
    zeros = np.array([0.0, 1.0, 0.0, 2.0, 0.0])
    for trim in ("fb", "f", "b"):
        assert_array_equal(np.trim_zeros(Tensor(zeros), trim).numpy(), np.trim_zeros(zeros, trim))


def test_what_a_value_decides_is_refused_for_a_whole_batch():
    for function in (np.nonzero, np.unique, lambda v: np.searchsorted(v, 0.5), np.argwhere):
        with pytest.raises(GraphError):
            vmap(function)(np.eye(3))


def test_each_example_may_choose_for_itself():
    x, i = np.arange(6.0).reshape(2, 3), np.array([[2, 0], [1, 1]])
    assert_array_equal(vmap(np.take)(x, i), [[2.0, 0.0], [4.0, 4.0]])
    assert_array_equal(vmap(lambda v: np.take_along_axis(v, np.argsort(-v), 0))(x), x[:, ::-1])
    assert_array_equal(vmap(np.median)(x), [1.0, 4.0])


# Indices that name a place many times


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("shape", [(5000,), (5000, 3), (3000, 2, 2), (10, 3), (0, 3)])
def test_rows_are_added_up_as_by_add_at(shape, dtype):
    random = np.random.default_rng(0)
    rows, values = random.integers(0, 7, shape[0]), random.integers(-3, 4, shape).astype(dtype)
    expected = np.zeros((9, *shape[1:]), dtype)
    np.add.at(expected, rows, values)
    assert_array_equal(accumulate(rows, values, 9), expected, strict=True)


@pytest.mark.parametrize("index", [
    np.random.default_rng(1).integers(-40, 40, 4000),
    (slice(None), np.random.default_rng(1).integers(-50, 50, 300)),
    (np.random.default_rng(1).integers(0, 40, 3000), np.random.default_rng(2).integers(0, 50, 3000)),
    (slice(1, None, 2), np.random.default_rng(1).integers(0, 50, (20, 5))),
])  # fmt: skip
def test_many_repeated_indices(index):
    x = np.random.default_rng(0).normal(size=(40, 50))
    weights = np.random.default_rng(3).normal(size=x[index].shape)
    expected = np.zeros_like(x)
    np.add.at(expected, index, weights)
    assert_allclose(grad(lambda v: (v[index] * weights).sum())(x), expected, atol=1e-12)
    wide = vmap(grad(lambda v: (v[index] * weights).sum()))(np.stack([x, x]))
    assert_allclose(wide, np.stack([expected, expected]), atol=1e-12)


@pytest.mark.parametrize("ord", [-0.5, -1, -2, -3.5])
def test_a_norm_of_negative_order_is_0_with_derivative_0_where_an_entry_is_0(ord):
    for x in (np.zeros(3), np.array([1.0, 0.0, -2.0])):
        assert np.linalg.norm(Tensor(x), ord).item() == 0
        assert_array_equal(grad(lambda v: np.linalg.norm(v, ord))(x), np.zeros(3))
    x = np.array([1.0, -3.0, 2.0])
    size = (abs(x) ** ord).sum() ** (1 / ord)
    assert_allclose(grad(lambda v: np.linalg.norm(v, ord))(x), np.sign(x) * (abs(x) / size) ** (ord - 1), rtol=1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_matrix_symmetric_up_to_rounding_counts_as_symmetric(dtype):
    a = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -0.5], [0.5, -0.5, 2.0]], dtype)
    rounded = a.copy()
    rounded[0, 1] = np.nextafter(rounded[0, 1], dtype(9))
    for f in (lambda v: np.linalg.cholesky(v).sum(), lambda v: np.linalg.eigvalsh(v)[0]):
        expected = grad(f)(a)
        assert_allclose(expected, expected.T, rtol=1e-6)
        assert_allclose(grad(f)(rounded), expected, rtol=1e-5)


def test_lstsq_takes_stacks():
    rng = np.random.default_rng(0)
    a, b, row = rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 4, 5)), rng.normal(size=(2, 4))
    for right in (b, row):
        found = autograd.linalg.lstsq(a, right)
        for i in range(2):
            for part, expected in zip(found[:2], np.linalg.lstsq(a[i], right[i])[:2], strict=True):
                assert_allclose(part.numpy()[i], expected, rtol=1e-12)
        assert autograd.gradcheck(lambda x, y: autograd.linalg.lstsq(x, y)[0].sum(), a, right)


POINTS = np.random.default_rng(1).normal(size=(20, 2))


@pytest.mark.parametrize(
    ("sample", "same"),
    [
        (POINTS, POINTS),
        (Tensor(POINTS), POINTS),
        ([POINTS[:, 0], POINTS[:, 1]], [POINTS[:, 0], POINTS[:, 1]]),
        ([Tensor(POINTS[:, 0]), POINTS[:, 1]], [POINTS[:, 0], POINTS[:, 1]]),
        (POINTS[:, 0], POINTS[:, 0]),
        (list(POINTS[:, 0]), list(POINTS[:, 0])),
    ],
    ids=["rows", "tensor", "list of axes", "list of tensors", "one axis", "list of numbers"],
)
def test_a_sample_of_points_is_read_as_numpy_reads_it(sample, same):
    count, edges = autograd.histogramdd(sample, 3)
    expected, ends = np.histogramdd(same, 3)
    assert_array_equal(count.numpy(), expected)
    for found, end in zip(edges, ends, strict=True):
        assert_allclose(found.numpy(), end)
    with pytest.raises(autograd.ArgumentError, match="at most two axes"):
        autograd.histogramdd(np.zeros((2, 2, 2)))


def test_an_array_is_one_block():
    assert_array_equal(autograd.block(POINTS).numpy(), POINTS)
    assert autograd.block(0.5).item() == 0.5
    assert autograd.block([POINTS, POINTS]).shape == (20, 4)


def test_the_imaginary_part_is_0_whatever_the_number():
    for x in (np.array([np.nan, np.inf, 1.0]), np.array([True, False])):
        assert_array_equal(autograd.imag(x).numpy(), np.imag(x))
        assert autograd.imag(x).dtype == np.imag(x).dtype
    assert_array_equal(grad(lambda x: np.imag(x).sum())(np.array([np.inf, 1.0])), [0.0, 0.0])


@pytest.mark.parametrize("y", [np.array([[1, 2, 3], [4, 5, 7]]), np.array([True, False]), np.zeros(0), np.ones(1)])
def test_the_area_under_whole_numbers_and_under_nothing(y):
    assert_allclose(autograd.trapezoid(y).numpy(), np.trapezoid(y))
    assert autograd.trapezoid(y).dtype == np.trapezoid(y).dtype


@pytest.mark.parametrize("function", [autograd.polyder, autograd.polyint])
def test_a_table_is_no_polynomial(function):
    with pytest.raises(autograd.ArgumentError, match="coefficients have one axis"):
        function(POINTS)
