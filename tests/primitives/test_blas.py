"""Sums as products with ones, and products by dot, hold NumPy's own results up to rounding."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose

import autograd
from autograd.primitives.blas import summed, times

rng = np.random.default_rng(0)
ARRAYS = {
    "matrix": rng.standard_normal((5, 4)),
    "column": rng.standard_normal((70_000, 1)),
    "cube": rng.standard_normal((2, 3, 4)),
    "four axes": rng.standard_normal((2, 3, 4, 5)).astype(np.float32),
    "turned": rng.standard_normal((4, 3, 2)).T,
    "every second": rng.standard_normal((6, 8))[::2, ::-2],
    "repeated": np.broadcast_to(rng.standard_normal((3, 1)), (3, 4)),
    "half": rng.standard_normal((5, 4)).astype(np.float16),
    "no rows": np.ones((0, 3)),
    "no columns": np.ones((3, 0)),
    "vector": rng.standard_normal(3),
    "with infinity": np.array([[np.inf, 1.0], [1.0, np.nan]]),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_sums_over_any_axes(name):
    x = ARRAYS[name]
    exact = x.astype(np.float64)
    tolerance = {"rtol": 1e-12, "atol": 1e-12} if x.dtype == np.float64 else {"rtol": 2e-2, "atol": 2e-2}
    axes = [a for n in range(x.ndim + 1) for a in itertools.combinations(range(x.ndim), n)]
    for axis, keepdims in itertools.product(axes, (False, True)):
        got, expected = summed(x, axis, keepdims), exact.sum(axis=axis, keepdims=keepdims)
        assert (got.dtype, got.shape) == (x.dtype, expected.shape)
        assert_allclose(got, expected, **tolerance)


def test_sums_of_tensors_are_recorded():
    x = autograd.Tensor(ARRAYS["cube"], requires_grad=True)
    for y, expected in ((summed(x, (0, 1)), (4,)), (summed(x, (1, 2), keepdims=True), (2, 1, 1))):
        assert y.requires_grad
        assert y.shape == expected


@pytest.mark.parametrize(
    "shapes", [((3, 4), (4, 2)), ((4,), (4, 2)), ((2, 3, 4), (4, 2)), ((0, 4), (4, 2)), ((4,), (4,))]
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_products(shapes, dtype):
    a, b = (np.arange(np.prod(s)).reshape(s).astype(dtype) for s in shapes)
    assert times(a, b).dtype == dtype
    assert_allclose(times(a, b), np.matmul(a, b))
    assert_allclose(times(a.T.copy().T, b), np.matmul(a, b))
